"""Reading what was received: cut, parse, sanitise, digest. Pure work that may burn time and memory.

    Job      a capture: Source.split, Source.normalise, digest, identity keys ─> Reading
             the page of one item: its teaser, completed by what stands there ─> Reading
    FileJob  an attachment: what it really is, and its text ─> FileFacts
    BodyJob  bytes that nobody could read ─> the rules of the secrecy screen that hit them
    KeptTextsJob  editions that are kept ─> what the screens of today say of each
    PlaceJob  one place of a page ─> the texts that stand there

It runs in a child process (hub/reader.py) that ends when it takes too long; the event loop never parses. What only
the page of an article or a file needs is imported when one comes: most children never see any.

What crosses the pipe for every capture and every item has no slots: pickle takes such objects apart and puts them
together without asking Python, in less than half of the time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from connectors.base import Capture, Fallen, Normalised, SourceContext, Tombstone
from connectors.errors import Fault, RejectedError, TransientError
from connectors.parse.announcements import with_announced
from connectors.parse.charset import decode
from connectors.registry import source_connector
from hub.packing import unpack
from hub.pieces import Pieces, unpacked
from hub.rules import wholeness
from hub.rules.change import digest
from hub.rules.identity import Keys, keys_of
from hub.rules.indexing import Indexed, indexed
from hub.rules.screen.screen import FileText
from hub.screened import (
    CLEAN,
    KeptText,
    Screened,
    Screening,
    recognisable,
    screened,
    screened_again,
    stray_rules,
    without_text,
)
from schemas.item import Attachment, ItemBase

if TYPE_CHECKING:
    from connectors.parse.entry import Entry
    from connectors.parse.files.file import FileFacts
    from connectors.parse.pages.page import PageConfig


#: Code of a record that a connector refuses for a mark of secrecy in its number.
SECRECY_MARK = "secrecy_mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaser:
    """An item as its list has it, whose own page is read."""

    item: ItemBase
    pointer: str
    remarks: tuple[str, ...]
    files: Mapping[str, Attachment]  #: attachments as they were found, by address
    no_page: str = ""  #: why there is no page; the teaser must do
    gone: bool = False  #: the page is gone for good
    before: ItemBase | None = None  #: what was made of its page when that could last be read
    texts: Sequence[str] = ()  #: of its files, where it announces procedures: their list mostly stands there
    layers: Sequence[FileText] = ()  #: the text layers of its files, for the screens
    marked: tuple[str, ...] = ()  #: rules of the secrecy screen that hit files of it, which were not kept


@dataclass(frozen=True, slots=True, kw_only=True)
class FileJob:
    """A file to be read in a child."""

    body: bytes
    name: str
    declared: str  #: Content-Type as received
    screening: "Screening | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedFile:
    """A file that may be kept nowhere."""

    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyJob:
    """Bytes that could not be read as what they should be, and are kept all the same: may they be?"""

    body: bytes
    screening: Screening


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTextsJob:
    """Editions to be screened anew, each by the contacts of its own member."""

    texts: tuple[KeptText, ...]
    screening: Screening


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a child needs to read one capture: it shares nothing with us."""

    connector: str
    context: SourceContext
    config: Any  #: the connector's own Config
    capture: Capture
    packed: bytes | None = None  #: its bytes as they are kept (hub/packing.py); None: the capture has them itself
    known: frozenset[bytes]
    page: "PageConfig | None" = None  #: where things stand on the page of an item
    about: Teaser | None = None  #: the capture is the page of this item
    screening: Screening | None = None  #: None: nothing of it is kept or shown
    index: "Index | None" = None  #: None: no entries of the search's index are wanted
    clean: bytes = b""  #: fingerprints of pieces that stood in a clean body of this source before (hub/pieces.py)


@dataclass(frozen=True, kw_only=True)
class Index:
    """Whose items these are, for their entries in the index of the search."""

    member: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceJob:
    """What stands in one place of a page."""

    capture: Capture
    selector: str


AnyJob = Job | FileJob | BodyJob | KeptTextsJob | PlaceJob


@dataclass(frozen=True, kw_only=True)
class Read:
    """One record that became an item."""

    pointer: str
    fingerprint: bytes
    item: ItemBase
    digest: str
    keys: Keys
    remarks: tuple[str, ...]
    screened: Screened = CLEAN
    indexed: Indexed | None = None  #: its entry in the index of the search
    body: str = ""  #: the item as it is kept, where its entry was made: JSON of schemas.item.Item


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A capture as items."""

    format: str
    read: Sequence[Read]
    tombstones: Sequence[Tombstone]
    fallen: Sequence[Fallen]
    fingerprints: Sequence[bytes]
    document_date: datetime | None
    ttl: float | None
    truncated: bool
    incremental: bool = False  #: what is missing says nothing
    hub: str = ""  #: WebSub hub that the feed names
    topic: str = ""  #: address under which that hub knows it
    stray: tuple[str, ...] = ()  #: rules of the secrecy screen that hit the body, though none of its records
    clean: bytes = b""  #: fingerprints of its pieces, where no rule of the secrecy screen hit the body


class ReadingTooHardError(TransientError):
    """A capture could not be read within its limits of time and memory."""

    code = "body_too_hard"
    fault = Fault.MEMBER


def perform(job: "AnyJob") -> "Reading | FileFacts | MarkedFile | tuple[str, ...] | tuple[Screened, ...]":
    """Do one job. Raises RejectedError when the body is not this source's format."""
    if isinstance(job, Job):
        return read(job)
    if isinstance(job, BodyJob):
        return stray_rules(job.body, job.screening)
    if isinstance(job, KeptTextsJob):
        return tuple(screened_again(text, job.screening) for text in job.texts)
    if isinstance(job, PlaceJob):
        from connectors.parse.pages.place import texts_at

        return texts_at(job.capture.body, job.selector, url=job.capture.url, content_type=job.capture.content_type)
    from connectors.parse.files.file import read_file

    facts = read_file(job.body, name=job.name, declared=job.declared)
    rules = stray_rules(facts.text.encode(), job.screening)
    return MarkedFile(rules=rules) if rules else facts


def _opened(job: Job) -> Job:
    """The job with the bytes as they were received: unpacking them here leaves the event loop alone."""
    if job.packed is None:
        return job
    return replace(job, capture=replace(job.capture, body=unpack(job.packed)), packed=None)


def read(job: Job) -> Reading:
    """Read one capture. Raises RejectedError when the body is not this source's format."""
    job = _opened(job)
    if job.about is not None:
        return _read_page(job, job.about)
    source = source_connector(job.connector).Connector(job.context, job.config)
    split = source.split(job.capture, job.known, job.capture.fetched_at)
    done: list[Read] = []
    fallen = list(split.fallen)
    for record in split.records:
        try:
            normalised = source.normalise(record, job.capture)
        except RejectedError as error:
            fallen.append(
                Fallen(pointer=error.pointer or record.pointer, code=error.code, detail=str(error),
                       fingerprint=record.fingerprint)
            )  # fmt: skip
            continue
        item = _tagged(normalised.item, job.context.tags)
        levels = record.fields.get("levels") if job.screening else None
        done.append(
            _read(job, record.pointer, record.fingerprint, item, normalised.remarks,
                  screened(item, job.screening, levels=levels if isinstance(levels, Mapping) else None))
        )  # fmt: skip
    pieces = Pieces.where_cut(job.capture.body, split) if job.screening is not None else Pieces()
    is_purged = any(one.screened.purge for one in done)
    stray = _strays(job, fallen, pieces) if not is_purged else ()
    if stray and job.screening is not None and not job.screening.recognises:
        # All of it is held; who lets one go on names it by its fingerprint.
        done = [replace(one, screened=recognisable(one.screened, one.item, job.screening)) for one in done]
    return Reading(
        format=split.format, read=done, tombstones=split.tombstones, fallen=fallen, fingerprints=split.fingerprints,
        document_date=split.document_date, ttl=split.ttl, truncated=split.truncated,
        incremental=split.incremental, hub=split.hub, topic=split.topic,
        stray=stray, clean=b"" if stray or is_purged else pieces.packed(),
    )  # fmt: skip


def _strays(job: Job, fallen: Sequence[Fallen], pieces: Pieces) -> tuple[str, ...]:
    """The purging rules that hit the body though none of its records; some connectors refuse such a record by name."""
    if job.screening is not None and any(one.code == SECRECY_MARK for one in fallen):
        return ("number_suffix",)
    return stray_rules(pieces.unseen(job.capture.body, unpacked(job.clean)), job.screening)


def _read(
    job: Job, pointer: str, fingerprint: bytes, item: ItemBase, remarks: tuple[str, ...], found: Screened
) -> Read:  # fmt: skip
    """What goes back to the parent; of what is to be purged only the names."""
    keys = keys_of(item)
    if found.purge:
        return Read(pointer=pointer, fingerprint=fingerprint, item=without_text(item), digest="", keys=keys,
                    remarks=(), screened=found)  # fmt: skip
    index, entry, body = job.index, None, ""
    if index is not None:
        said = item.model_dump(mode="json")
        entry = indexed(item, member=index.member, member_name=index.name, body=said)
        body = orjson.dumps(said).decode()
    return Read(
        pointer=pointer, fingerprint=fingerprint, item=item, digest=digest(item).hex(), keys=keys, remarks=remarks,
        screened=found, indexed=entry, body=body,
    )  # fmt: skip


def _read_page(job: Job, teaser: Teaser) -> Reading:
    """One item: its teaser, completed by its own page; by what stood there before, where the page says nothing now."""
    context = job.context
    if teaser.gone:
        gone = Tombstone(pointer="page", guid=teaser.item.guid)
        return Reading(
            format="page", read=(), tombstones=(gone,), fallen=(), fingerprints=(), document_date=None, ttl=None,
            truncated=False, incremental=True,
        )  # fmt: skip
    made, reason = _completed(job, teaser)
    item, remarks = with_announced(made.item, made.remarks, teaser.texts)
    item = _tagged(_with_files(item, teaser.files), context.tags)
    if reason and reason != wholeness.NOT_ASKED:
        remarks = (*remarks, f"without_page:{reason}")
    found = screened(
        item, job.screening, files=teaser.layers, marked=teaser.marked, teaser=teaser.item,
        beside={"page": decode(job.capture.body, job.capture.content_type)[0]} if job.capture.body else None,
    )  # fmt: skip
    done = _read(job, teaser.pointer, b"", item, remarks, found)
    return Reading(
        format="page", read=(done,), tombstones=(), fallen=(), fingerprints=(), document_date=None, ttl=None,
        truncated=False, incremental=True,
    )  # fmt: skip


def _completed(job: Job, teaser: Teaser) -> tuple[Normalised, str]:
    """The item, and why its page did not complete it, if it did not."""
    from connectors.parse.pages.page import PageConfig, complete, read_page

    capture, context, before = job.capture, job.context, teaser.before
    listed = Normalised(item=teaser.item, remarks=teaser.remarks)
    reason = teaser.no_page
    if not reason and wholeness.leads_elsewhere(teaser.item.url, capture.url):
        reason = wholeness.ELSEWHERE
    if not reason:
        try:
            page = read_page(
                capture.body, url=capture.url, content_type=capture.content_type, config=job.page or PageConfig(),
                context=context, now=capture.fetched_at,
            )  # fmt: skip
            made = complete(listed, page, context, url=capture.url)
            if before is None or not wholeness.is_poorer(before, made.item):
                return made, ""
            reason = wholeness.POORER
        except RejectedError as error:
            reason = error.code
    if before is None or reason == wholeness.NOT_ASKED:
        return listed, reason
    return complete(listed, _as_page(before), context, url=before.url), reason


def _as_page(item: ItemBase) -> "Entry":
    """What an earlier page said, as if it stood there again."""
    from connectors.parse.entry import Entry, Link, Person, Text

    return Entry(
        link=item.url, title=Text(item.title, html=False), summary=Text(item.summary, html=False),
        content=Text(item.content_html), authors=[Person(one.name, one.email, one.url) for one in item.authors],
        enclosures=[
            Link(one.url, "enclosure", one.type, one.title, "" if one.length is None else str(one.length))
            for one in item.attachments
        ],
        published=item.published, updated=item.updated, image=item.image, language=item.language,
    )  # fmt: skip


def _with_files(item: ItemBase, files: Mapping[str, Attachment]) -> ItemBase:
    """The item with what was found in its attachments: type and size as they are, not as they were declared."""
    if not files:
        return item
    found = tuple(
        one.model_copy(update={"type": kept.type, "length": kept.length, "sha256": kept.sha256})
        if (kept := files.get(one.url))
        else one
        for one in item.attachments
    )
    return item.model_copy(update={"attachments": found})


def _tagged(item: ItemBase, tags: tuple[str, ...]) -> ItemBase:
    """The item with the tags that the settings give to everything of its source."""
    more = tuple(tag for tag in tags if tag not in item.tags)
    return item.model_copy(update={"tags": item.tags + more}) if more else item
