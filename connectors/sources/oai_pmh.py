"""OAI-PMH 2.0: records of a library, archive or repository, with Dublin Core.

fetch     a round (connectors/rounds.py) of ListRecords from the last response date on, along resumption tokens;
          an expired token begins the window again
split     connectors/parse/data/oai.py: whole records cut out and parsed one by one, deleted ones are tombstones
normalise connectors/parse/item.py
"""

import re
from collections.abc import Container, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field

from connectors.base import (
    Capture,
    ConnectorConfig,
    Cursor,
    Fallen,
    Normalised,
    Record,
    SourceContext,
    Split,
    Tombstone,
    Unchanged,
)
from connectors.errors import RejectedError
from connectors.parse.data.oai import (
    TOKEN_EXPIRED,
    BrokenRecordError,
    DublinCore,
    Glance,
    glance,
    granularity,
    read_answer,
    refuse,
)
from connectors.parse.dates import parse_date
from connectors.parse.entry import Entry, Link, Text
from connectors.parse.feeds.people import distinct, person
from connectors.parse.item import make_item
from connectors.parse.url import with_parameters
from connectors.rounds import WALK_LIMIT, Page, Round, in_gmt, unreadable

if TYPE_CHECKING:
    from connectors.http import Http

ACCEPT: Final = "text/xml, application/xml;q=0.9, */*;q=0.5"
#: Days of one window of a walk: an expired token costs no more than this.
WINDOW: Final = timedelta(days=90)
_DAYS: Final = "YYYY-MM-DD"

_MARKUP: Final = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>|&(?:#\d+|\w+);")
_FILE: Final = re.compile(r"(?i)\.(pdf|docx?|xlsx?|pptx?|odt|ods|rtf|zip|rar|7z)(?:$|[?#])")
#: Codes of ISO 639-2, which Dublin Core prefers, as the web writes languages.
_LANGUAGES: Final = {"vie": "vi", "vnm": "vi", "eng": "en", "fre": "fr", "fra": "fr", "rus": "ru", "chi": "zh",
                     "zho": "zh", "khm": "km", "lao": "lo"}  # fmt: skip


class Config(ConnectorConfig):
    """Keys of an OAI-PMH source."""

    prefix: str = Field(default="oai_dc", pattern=r"^[A-Za-z0-9_.!~*'()-]{1,100}$")  #: metadataPrefix: oai_dc, qdc …
    set: str = Field(default="", max_length=300)  #: setSpec of a part of the repository; empty: all of it
    max_pages: int = Field(
        default=50, ge=1, le=10_000
    )  #: parts read one after the other, then a rest until the next poll
    max_items: int = Field(default=2_000, ge=1, le=10_000)  #: records of one part that are read


class Connector:
    """A repository at its base address, without parameters."""

    def __init__(self, context: SourceContext, config: Config) -> None:
        self.context = context
        self.config = config

    async def fetch(self, http: "Http", cursor: Cursor) -> Capture | Unchanged:
        """Get the next part of the round. Once, the repository is asked how exact its dates are."""
        standing = Round.of(cursor)
        exactness = cursor.get("granularity") or await self._granularity(http)
        start, exact = standing.window, exactness not in ("", _DAYS)  # every repository understands days
        since = "" if start is None else in_gmt(start) if exact else f"{start.astimezone(UTC):%Y-%m-%d}"
        capture, seen, place = await self._part(http, standing.place, since)
        standing = replace(standing, place=place)
        page = None
        if seen.ends_well:
            # What changes while the parts are read belongs to the next round.
            answered = parse_date(seen.response_date, timezone="UTC") if not standing.pages else None
            page = Page(shows=("after", place), newest=answered, next=seen.token)
        capture = standing.after(
            replace(capture, cursor={}), page, asked=capture.url, max_pages=self.config.max_pages, ordered=False
        )
        kept = {"granularity": exactness} if exactness else {}
        return replace(capture, cursor={**capture.cursor, **kept})

    async def walk(self, http: "Http", cursor: Cursor, since: date) -> Capture:
        """The next part of the history, window by window, the newest window first."""
        until = _day(cursor.get("until", "")) or http.now().date()
        start = max(since, until - WINDOW)
        token, pages = cursor.get("token", ""), int(cursor.get("pages", "0")) + 1
        last_day = until.isoformat() if "until" in cursor else ""
        capture, seen, place = await self._part(http, token, start.isoformat(), last_day)
        again = _kept(cursor, "again")
        if token and not place:  # the window was begun again
            if again:
                raise refuse("oai_token_expired")
            again = {"again": "1"}
        if not seen.ends_well:
            raise unreadable(self.context.url)
        if seen.token and seen.token != place:
            following = {**_kept(cursor, "until"), **again, "token": seen.token}
        else:
            following = {"until": start.isoformat()} if start > since else {}
        if not following or pages >= WALK_LIMIT:
            return replace(capture, cursor={})
        hints = replace(capture.hints, more=True)
        return replace(capture, cursor={**following, "pages": str(pages)}, hints=hints)

    async def _granularity(self, http: "Http") -> str:
        answer = await http.get(with_parameters(self.context.url, [("verb", "Identify")]), accept=ACCEPT)
        assert isinstance(answer, Capture)  # nothing was asked on a condition
        return granularity(answer.body)

    async def _part(self, http: "Http", token: str, since: str, until: str = "") -> tuple[Capture, Glance, str]:
        """The part behind a token, or the first one of the window when the repository forgot the token; and the token
        that was good.
        """
        if token:
            try:
                capture = await self._list(http, [("resumptionToken", token)])
                seen = glance(capture.body)
                if seen.error != TOKEN_EXPIRED:
                    return capture, seen, token
            except RejectedError as error:
                if error.code != "bad_request":  # some say it so
                    raise
        window = [("set", self.config.set), ("from", since), ("until", until)]
        capture = await self._list(http, [("metadataPrefix", self.config.prefix), *window])
        return capture, glance(capture.body), ""

    async def _list(self, http: "Http", asked: list[tuple[str, str]]) -> Capture:
        capture = await http.get(with_parameters(self.context.url, [("verb", "ListRecords"), *asked]), accept=ACCEPT)
        assert isinstance(capture, Capture)  # nothing was asked on a condition
        return capture

    def split(self, capture: Capture, known: Container[bytes], now: datetime) -> Split:
        """Cut and parse one part; codes of RejectedError are listed in connectors/parse/data/oai.py."""
        answer = read_answer(capture.body, capture.content_type)
        limit, total = self.config.max_items, len(answer.pieces)
        marks = answer.fingerprints()[:limit]
        read: list[Record] = []
        gone: list[Tombstone] = []
        fallen: list[Fallen] = []
        for place, mark in enumerate(marks):
            pointer = f"record {place + 1}"
            if mark in known:
                continue
            try:
                record = answer.record(place)
            except BrokenRecordError as error:
                fallen.append(Fallen(pointer=pointer, code="bad_xml", detail=str(error), fingerprint=mark))
                continue
            if record.deleted:
                at = parse_date(record.datestamp, now=now, timezone="UTC")
                gone.append(Tombstone(pointer=pointer, guid=record.identifier, at=at, fingerprint=mark))
            else:
                fields = cast(Mapping[str, Any], self._entry(record, now))
                read.append(Record(pointer=pointer, fingerprint=mark, fields=fields))
        if total > limit:
            detail = f"{total} records, of which {limit} are read"
            fallen.append(Fallen(pointer=f"record {limit + 1} to {total}", code="too_many", detail=detail))
        asked = dict(parse_qsl(urlsplit(capture.url).query))
        part = not total or bool(answer.token) or not asked.keys().isdisjoint({"from", "resumptionToken"})
        return Split(
            format="oai_pmh", records=tuple(read), tombstones=tuple(gone), fallen=tuple(fallen),
            fingerprints=tuple(marks), truncated=answer.cut_short, incremental=part,
            document_date=parse_date(answer.response_date, now=now, timezone="UTC"),
        )  # fmt: skip

    def normalise(self, record: Record, capture: Capture) -> Normalised:
        """Clean every field. Raises RejectedError: `no_identity`, `no_text`."""
        return make_item(cast(Entry, record.fields), self.context, base=capture.url, pointer=record.pointer)

    def _entry(self, record: DublinCore, now: datetime) -> Entry:
        language = self.context.language
        entry: Entry = {"id": record.identifier}
        if titles := record.all("title", language):
            entry["title"] = _text(titles[0])
        if descriptions := record.all("description", language):
            entry["summary"] = _text("\n".join(descriptions))
        addresses = [text for text in record.all("identifier") if text.startswith(("http://", "https://"))]
        files = [text for text in (*addresses, *record.all("relation")) if _is_file(text)]
        if pages := [text for text in addresses if text not in files] or addresses:
            entry["link"] = pages[0]
        entry["enclosures"] = [Link(file, "enclosure") for file in files]
        entry["authors"] = distinct(map(person, record.all("creator")))
        entry["contributors"] = distinct(map(person, record.all("contributor")))
        entry["categories"] = record.all("subject")
        _set_dates(entry, record, now, self.context.timezone)
        if languages := record.all("language"):
            code = languages[0].lower()
            entry["language"] = _LANGUAGES.get(
                code[:3] if code[2:3].isalpha() else code, code if len(code) <= 8 else ""
            )
        if rights := record.all("rights"):
            entry["rights"] = _text(rights[0])
        return entry


def _set_dates(entry: Entry, record: DublinCore, now: datetime, timezone: str) -> None:
    """The earliest of several dates is that of the work, the others are those of the repository."""
    if stated := record.all("date"):
        read = [(moment, text) for text in stated if (moment := parse_date(text, now=now, timezone=timezone))]
        entry["published"], entry["published_raw"] = min(read) if read else (None, stated[0])
        if not read and all(re.fullmatch(r"\d{4}(-\d{2})?", text) for text in stated):
            del entry["published"], entry["published_raw"]  # a year alone is right and no day
    entry["updated_raw"] = record.datestamp
    entry["updated"] = parse_date(record.datestamp, now=now, timezone="UTC")


def _text(value: str) -> Text:
    return Text(value, html=_MARKUP.search(value) is not None)


def _is_file(value: str) -> bool:
    return value.startswith(("http://", "https://")) and _FILE.search(value) is not None


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _kept(cursor: Cursor, *keys: str) -> dict[str, str]:
    return {key: cursor[key] for key in keys if key in cursor}
