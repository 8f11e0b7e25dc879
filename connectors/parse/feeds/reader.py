"""Reads a feed of any format: RSS 0.9x to 2.0, RDF, Atom 0.3 and 1.0, JSON Feed; RSS dates are read from here too.

    bytes -> JSON   -> jsonfeed
          -> XML    -> cut at record borders, known pieces left out -> lxml -> xmlfeed          (the fast path)
                    -> not well-formed: mended, closed where it was cut off -> the fast path again
                    -> still not understood: fallback (feedparser)
          -> neither: refused by name (refusals)

Pure: same bytes, same result. It may be called with anything; it returns a Feed or raises RejectedError.
"""

import re
from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

import orjson
from lxml import etree

from connectors.base import Fallen, Record, Split, Tombstone
from connectors.errors import RejectedError
from connectors.parse import records, xml
from connectors.parse.charset import decode
from connectors.parse.entry import Entry
from connectors.parse.feeds import channel, jsonfeed, xmlfeed
from connectors.parse.feeds.relative import join
from connectors.parse.feeds.xmlfeed import Reading
from connectors.parse.feeds.xmltext import NotUnderstoodError
from connectors.parse.html import plain
from connectors.parse.lifting import Lifted, lift
from connectors.parse.refusals import refuse, what_came
from connectors.parse.text import clean_text
from connectors.parse.url import web_url
from connectors.websub import advertised

#: Largest body that is read, in bytes.
BODY_LIMIT: Final = 8 * 1024 * 1024
#: Records of one body that are read; the rest falls as one, with the code `too_many`.
RECORD_LIMIT: Final = 500

_CHANNEL = re.compile(rb"<(channel)(?=[\s/>])[^>]*>", re.IGNORECASE)
_XML = re.compile(rb"xml:(?:base|lang)")  # takes less than half the time of looking for one and the other
_PAGES: Final = frozenset(b"html head body script style meta title center form div p h1 h2".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed as read."""

    split: Split
    info: Entry  #: what the document says about the feed itself
    encoding: str
    reader: str  #: which path read it: `json`, `fast` or `feedparser`


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """What the caller wants to know, and what it knows."""

    base: str
    language: str
    link: str  #: Link header of the answer
    known: Container[bytes]
    now: datetime
    timezone: str
    limit: int


def read_feed(
    body: bytes, *, url: str, now: datetime, content_type: str = "", headers: Mapping[str, str] | None = None,
    known: Container[bytes] = frozenset(), timezone: str = "Asia/Ho_Chi_Minh", limit: int = RECORD_LIMIT,
) -> Feed:  # fmt: skip
    """Read a feed that was fetched from `url`; records whose fingerprint is in `known` are left out.

    `headers` are in lower case; `content-location`, `content-language` and `link` count. Dates later than the day
    after `now` are refused, dates without a zone belong to `timezone`.

    Raises RejectedError with one of the codes of connectors/parse/refusals.py when this is no feed.
    """
    headers = headers or {}
    language = headers.get("content-language", "").partition(",")[0].strip()
    location = headers.get("content-location", "")
    base = web_url(join(url, location)) if location else ""
    task = _Task(
        base=base or url, language=language, link=headers.get("link", ""), known=known, now=now, timezone=timezone,
        limit=limit,
    )  # fmt: skip
    if len(body) > BODY_LIMIT:
        raise refuse("too_large")
    start = body[:1_000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start and not body.strip():
        raise refuse("empty_body")
    if start[:1] in (b"{", b"["):
        return _read_json(body, content_type, task)
    feed = _read_xml(body, content_type, task)
    if feed is None:
        raise what_came(decode(body[:100_000], content_type)[0])
    return feed


# --------------------------------------------------------------------------------------------------------- XML


def _read_xml(body: bytes, content_type: str, task: _Task) -> Feed | None:
    """Read an XML feed by the first way that understands it; None when it is no feed."""
    document = xml.document(body, content_type, trusting=True)
    name = _record_name(document.root) if document else b""
    tried, misnamed = b"", False
    if document and name:
        try:
            return _read_fast(document, document.data, name, task)
        except (xml.NotWellFormedError, NotUnderstoodError) as error:
            tried, misnamed = document.data.rstrip(), xml.is_misnamed(error)
            document = xml.document(body, content_type)
    if document is None or document.root.lower() in _PAGES:
        return None
    data = xml.mend(document.data, document.entities)
    if name:
        data, truncated = _with_end(data, document.root, name)
        if data != tried:  # else it would fail again
            try:
                return _read_fast(document, data, name, task, truncated=truncated)
            except (xml.NotWellFormedError, NotUnderstoodError) as error:
                misnamed = xml.is_misnamed(error)
        if misnamed:
            with suppress(xml.NotWellFormedError, NotUnderstoodError):
                return _read_fast(document, data, name, task, parse=xml.parse_misnamed, truncated=truncated)
    return _read_tolerant(document, data, name, task)


def _record_name(root: bytes) -> bytes:
    """Name of the records under a root, as written; b"" for a root that is not one of ours."""
    prefix, _, local = root.rpartition(b":")
    if local.lower() in (b"rss", b"rdf"):
        return b"item"
    if local.lower() == b"feed":
        return (prefix + b":" if prefix else b"") + b"entry"
    return b""


def _with_end(data: bytes, root: bytes, name: bytes) -> tuple[bytes, bool]:
    """Drop junk behind the end of a document; where the end is missing, put it behind the last complete record. The
    flag says that the document was cut off.
    """
    end = data.rfind(b"</" + root)
    if end >= 0:
        return data[: data.find(b">", end) + 1 or len(data)], False
    spans = records.cut(data, name).spans
    return (_closed(data, spans[-1][1], root) if spans else data), True


def _closed(data: bytes, end: int | None, root: bytes) -> bytes:
    """The document up to `end`, with the enclosing elements closed."""
    head = data[:end]
    opened = _CHANNEL.search(head)
    if opened and b"</" + opened.group(1) not in head:
        head += b"</" + opened.group(1) + b">"
    return head + b"</" + root + b">"


def _read_fast(
    document: xml.Document, data: bytes, name: bytes, task: _Task, *,
    parse: Callable[[bytes], etree._Element] = xml.parse, truncated: bool = False,
    lift: Callable[[bytes], Lifted] = lift,
) -> Feed:  # fmt: skip
    """Read with lxml; the document's `data`, perhaps mended. Raises NotWellFormedError or NotUnderstoodError."""
    marked = records.Marks(data, _context)
    found = records.cut(data, name, (lambda start, end: marked.of(start, end) in task.known) if task.known else None)
    total, spans = len(found.spans), found.spans[: task.limit]
    marks = [marked.of(start, end) for start, end in spans]
    known = [span for span, mark in zip(spans, marks, strict=True) if mark in task.known]
    wanted = [i for i, mark in enumerate(marks) if mark not in task.known]
    lifted = lift(records.without(data, [*known, *found.spans[task.limit :]]))
    outline = xmlfeed.outline(parse(lifted.data), task.base)
    elements = outline.records
    if found.open or len(elements) != len(wanted):
        # The cutter was fooled (upper-case tags, prefixes): fingerprints are taken from the parsed elements instead.
        lifted, spans = Lifted(data), ()
        outline = xmlfeed.outline(parse(data), task.base)
        total, elements = len(outline.records), outline.records[: task.limit]
        marks = [records.fingerprint(etree.tostring(one, with_tail=False)) for one in elements]
        wanted = [i for i, mark in enumerate(marks) if mark not in task.known]
        elements = [elements[i] for i in wanted]
    special = {mark.group() for mark in _XML.finditer(lifted.data)}
    reading = Reading(
        now=task.now, timezone=task.timezone, atom=outline.format.startswith("atom"),
        bases=b"xml:base" in special, languages=b"xml:lang" in special,
        rdf=outline.format in ("rss10", "rss090"), texts=lifted.texts,
    )  # fmt: skip
    slots = xmlfeed.slots(*outline.channel)
    info = xmlfeed.read(slots, outline.base, outline.language or task.language, reading)
    language = info.get("language", "")
    word = "entry" if reading.atom else "item"
    read = [
        Record(
            pointer=f"{word} {i + 1}",
            fingerprint=marks[i],
            fields=cast("Mapping[str, Any]", xmlfeed.read_entry(element, outline.base, language, reading)),
        )
        for i, element in zip(wanted, elements, strict=True)
    ]
    if xmlfeed.holds_lifted(outline, reading):
        return _read_fast(document, data, name, task, parse=parse, truncated=truncated, lift=Lifted)
    return _feed(
        outline.format, info, read, marks, total, task,
        encoding=document.encoding, reader="fast", ttl=channel.ttl(slots), truncated=truncated or document.cut_short,
        tombstones=channel.tombstones(slots, task.now, task.timezone), word=word, spans=spans, data=data,
    )  # fmt: skip


def _context(head: bytes) -> bytes:
    """The tags around all records, before which `head` stands: a changed namespace or xml:base changes what each of
    them means.
    """
    opened = _CHANNEL.search(head)
    return head[: head.find(b">") + 1] + (opened.group() if opened else b"")


# ------------------------------------------------------------------------------------------------ other readers


def _read_tolerant(document: xml.Document, data: bytes, name: bytes, task: _Task) -> Feed | None:
    """Read with feedparser; None when it finds no feed either."""
    from connectors.parse.feeds import fallback  # feedparser takes longer to import than such a feed to read

    xml.check_for_tolerant_parser(data)
    found = records.cut(data, name) if name else records.Cut((), open=False)
    closed = b"</" + document.root in data
    beyond = found.spans[task.limit :]
    read_part = _closed(data, beyond[0][0], document.root) if beyond else data
    reading = (task.base, task.language, task.now, task.timezone)
    pieces: list[bytes] = []
    entries: Sequence[Entry | None]
    try:
        format, info, entries = fallback.read(read_part, *reading)
    except RejectedError:  # one record can be the end of feedparser: the others are read without it
        pieces = [data[start:end] for start, end in found.spans[: task.limit]]
        head = data[: found.spans[0][0]] if pieces else data
        format, info, entries = fallback.read_each(
            (_closed(head + one, None, document.root) for one in pieces), *reading
        )
    if not format and not entries and document.root.lower() != b"channel":  # an empty CDF channel has no version
        return None
    if found.open and not closed and not beyond and not pieces:
        entries = entries[:-1]  # the record that was cut off
    marks = [
        _entry_mark(entry) if entry is not None else records.fingerprint(pieces[i])
        for i, entry in enumerate(entries[: task.limit])
    ]
    word = "entry" if format.startswith("atom") else "item"
    read: list[Record] = []
    fallen: list[Fallen] = []
    for i, (entry, mark) in enumerate(zip(entries, marks, strict=False)):
        pointer = f"{word} {i + 1}"
        if mark in task.known:
            continue
        if entry is None:
            detail = "not even the tolerant parser reads it"
            fallen.append(Fallen(pointer=pointer, code="bad_xml", detail=detail, fingerprint=mark))
        else:
            read.append(Record(pointer=pointer, fingerprint=mark, fields=cast(Mapping[str, Any], entry)))
    return _feed(
        format or "unknown", info, read, marks, len(entries) + len(beyond), task, fallen=fallen,
        encoding=document.encoding, reader="feedparser", truncated=document.cut_short or not closed, word=word,
    )  # fmt: skip


def _entry_mark(entry: Entry) -> bytes:
    """Fingerprint of a parsed entry; parsed dates stay out, for they depend on the time of reading."""
    said = sorted((key, value) for key, value in entry.items() if key not in ("published", "updated"))
    return records.fingerprint(repr(said).encode("utf-8", "replace"))


def _read_json(body: bytes, content_type: str, task: _Task) -> Feed:
    document, truncated = jsonfeed.load(body, content_type)
    info = jsonfeed.read_feed(document, task.base)
    items: list[Any] = document["items"]
    marks = [records.fingerprint(orjson.dumps(item, option=orjson.OPT_SORT_KEYS)) for item in items[: task.limit]]
    read, fallen = [], []
    for i, item in enumerate(items[: task.limit]):
        if marks[i] in task.known:
            continue
        if isinstance(item, dict):
            entry = jsonfeed.read_item(item, info, task.now, task.timezone, task.language)
            fields = cast(Mapping[str, Any], entry)
            read.append(Record(pointer=f"item {i + 1}", fingerprint=marks[i], fields=fields))
        else:
            detail = f"an item that is a {type(item).__name__}"
            fallen.append(Fallen(pointer=f"item {i + 1}", code="bad_json", detail=detail, fingerprint=marks[i]))
    version = "json11" if str(document.get("version", "")).rstrip("/").endswith("1.1") else "json1"
    return _feed(
        version, info, read, marks, len(items), task,
        encoding="utf-8", reader="json", truncated=truncated, word="item", fallen=fallen,
    )  # fmt: skip


def _feed(
    format: str, info: Entry, read: Sequence[Record], marks: Sequence[bytes], total: int, task: _Task, *, encoding: str,
    reader: str, word: str, ttl: float | None = None, truncated: bool = False,
    tombstones: Sequence[Tombstone] = (), fallen: Sequence[Fallen] = (), spans: Sequence[tuple[int, int]] = (),
    data: bytes = b"",
) -> Feed:  # fmt: skip
    too_many: tuple[Fallen, ...] = ()
    if total > task.limit:
        # Their fingerprints are not kept: they were not read, so they must not count as known.
        detail = f"{total} records, of which {task.limit} are read"
        too_many = (Fallen(pointer=f"{word} {task.limit + 1} to {total}", code="too_many", detail=detail),)
    title = info.get("title")
    pushed = advertised(task.link, info.get("links", ()), task.base)
    split = Split(
        format=format,
        title=(plain(title.value) if title.html else clean_text(title.value)) if title else "",
        home=web_url(info.get("link", ""), task.base),
        records=tuple(read),
        tombstones=tuple(tombstones),
        fallen=(*fallen, *too_many),
        fingerprints=tuple(marks),
        spans=spans,
        data=data,
        ttl=ttl,
        document_date=info.get("updated") or info.get("published"),
        truncated=truncated,
        hub=pushed.hub,
        topic=pushed.topic,
    )
    return Feed(split=split, info=info, encoding=encoding, reader=reader)
