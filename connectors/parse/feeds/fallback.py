"""feedparser, for documents that the fast path does not understand: ill-formed XML, unknown roots, rare constructs.

It gets bytes only (given a string it would open files and addresses), in UTF-8, without DOCTYPE. It cleans nothing
for us: its result is as hostile as the fast path's and has the same shape.
"""

import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import feedparser
import feedparser.mixin

from connectors.errors import RejectedError
from connectors.parse.dates import parse_date
from connectors.parse.entry import Entry, Link, Person, Text
from connectors.parse.feeds.people import distinct, person
from connectors.parse.feeds.relative import join
from connectors.parse.refusals import refuse

# At every start tag it resolves the address of the feed against itself, a sixth of its time; the answer is remembered.
feedparser.mixin.make_safe_absolute_uri = lru_cache(maxsize=256)(feedparser.mixin.make_safe_absolute_uri)


def read(data: bytes, base: str, language: str, now: datetime, timezone: str) -> tuple[str, Entry, list[Entry]]:
    """Parse `data` (UTF-8); return the format ("" when it is no feed), what describes the feed, and its entries.

    Raises RejectedError(code="bad_xml") for a document that feedparser itself fails at.
    """
    parsed = _parsed(data, base)
    format = str(parsed.get("version") or "")
    feed = _entry(parsed.feed, base, now, timezone)
    language = feed.get("language", language)
    entries = []
    for raw in parsed.entries:
        entry = _entry(raw, base, now, timezone)
        if language:
            entry.setdefault("language", language)
        entries.append(entry)
    return format, feed, entries


def read_each(
    documents: Iterable[bytes], base: str, language: str, now: datetime, timezone: str
) -> tuple[str, Entry, list[Entry | None]]:
    """Parse documents of one record each; None stands for one that feedparser fails at.

    Raises RejectedError(code="bad_xml") when it fails at all of them.
    """
    format, feed, entries = "", Entry(), list[Entry | None]()
    for data in documents:
        try:
            found, described, read_here = read(data, base, language, now, timezone)
        except RejectedError:
            entries.append(None)
        else:
            format, feed = format or found, feed or described
            entries.append(read_here[0] if read_here else None)
    if not any(entries):
        raise refuse("bad_xml")
    return format, feed, entries


def _parsed(data: bytes, base: str) -> feedparser.FeedParserDict:
    try:
        return feedparser.parse(
            io.BytesIO(data),
            response_headers={"content-type": "application/xml; charset=utf-8", "content-location": base},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except MemoryError:
        raise
    except Exception as error:
        # It fails in many ways at what nobody foresaw: KeyError, TypeError, IndexError, UnicodeEncodeError (fuzzing).
        raise refuse("bad_xml") from error


def _entry(said: Mapping[str, Any], base: str, now: datetime, timezone: str) -> Entry:
    # A plain dictionary: feedparser's looks for other names of each key, and for `published` where `updated` is asked.
    raw = dict(said)
    entry: Entry = {"base": base}
    if not raw:
        return entry
    if identity := _string(raw, "id"):
        entry["id"] = identity
    if link := _string(raw, "link"):
        entry["link"] = join(base, link)
    if title := _text(raw, "title", base):
        entry["title"] = title
    if (summary := _text(raw, "summary", base)) or (summary := _text(raw, "subtitle", base)):
        entry["summary"] = summary
    contents = [_detail(one, base) for one in raw.get("content") or () if isinstance(one, dict)]
    if found := next((one for one in contents if one.value), None):
        entry["content"] = found
    if rights := _text(raw, "rights", base):
        entry["rights"] = rights
    if date := _string(raw, "published"):
        entry["published_raw"] = date
        entry["published"] = parse_date(date, now=now, timezone=timezone)
    if date := _string(raw, "updated"):
        entry["updated_raw"] = date
        entry["updated"] = parse_date(date, now=now, timezone=timezone)
    authors = [one for detail in raw.get("authors") or () for one in _people(detail)]
    authors = authors or list(_people(raw.get("author_detail") or raw.get("author") or ""))
    if authors := distinct(authors):
        entry["authors"] = authors
    contributors = distinct(one for detail in raw.get("contributors") or () for one in _people(detail))
    if contributors:
        entry["contributors"] = contributors
    terms = [str(tag.get("term") or "").strip() for tag in raw.get("tags") or () if isinstance(tag, dict)]
    if terms := [term for term in dict.fromkeys(terms) if term]:
        entry["categories"] = terms
    links = [_link(one, base) for one in raw.get("links") or () if isinstance(one, dict)]
    if links := [link for link in links if link.href]:
        entry["links"] = links
    media = [
        _link({**one, "rel": "enclosure"}, base) for one in raw.get("media_content") or () if isinstance(one, dict)
    ]
    files = {link.href: link for link in links + media if link.rel == "enclosure" and link.href}
    if files:
        entry["enclosures"] = list(files.values())
    if image := _image(raw) or next((link.href for link in files.values() if link.type.startswith("image/")), ""):
        entry["image"] = join(base, image)
    if comments := _string(raw, "comments"):
        entry["comments"] = join(base, comments)
    if language := _string(raw, "language"):
        entry["language"] = language
    source = raw.get("source")
    if isinstance(source, dict) and (name := _string(source, "title")):
        entry["source_title"] = name
    return entry


def _string(raw: Mapping[str, Any], key: str) -> str:
    value = raw.get(key)
    return value.strip() if isinstance(value, str) else ""


def _text(raw: Mapping[str, Any], key: str, base: str) -> Text | None:
    detail = raw.get(f"{key}_detail")
    text = _detail(detail, base) if isinstance(detail, dict) else Text(_string(raw, key), True, base)
    return text if text.value else None


def _detail(detail: Mapping[str, Any], base: str) -> Text:
    kind = str(detail.get("type") or "text/html")
    # feedparser calls a text of RSS plain when it saw no markup; only Atom's word can be taken for it.
    return Text(_string(detail, "value"), "html" in kind or "xml" in kind, str(detail.get("base") or base))


def _people(detail: Any) -> list[Person]:
    if isinstance(detail, dict):
        name, email, url = (_string(detail, key) for key in ("name", "email", "href"))
        return [Person(name, email, url)] if email or url else [person(name)]
    return [person(detail)] if isinstance(detail, str) else []


def _link(link: Mapping[str, Any], base: str) -> Link:
    href = _string(link, "href") or _string(link, "url")
    length = _string(link, "length") or _string(link, "filesize")
    rel = _string(link, "rel") or "alternate"
    return Link(join(base, href) if href else "", rel, _string(link, "type"), _string(link, "title"), length)


def _image(raw: Mapping[str, Any]) -> str:
    image = raw.get("image")
    if isinstance(image, dict) and (href := _string(image, "href") or _string(image, "url")):
        return href
    for one in raw.get("media_thumbnail") or ():
        if isinstance(one, dict) and (href := _string(one, "url")):
            return href
    return _string(raw, "logo") or _string(raw, "icon")
