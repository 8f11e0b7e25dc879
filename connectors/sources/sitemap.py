"""Sitemaps: what a site tells search engines about its pages; the way to the news of a site without any list.

fetch     the sitemap, or an index and then those of its sitemaps that changed, one each poll (sitemapround.py)
split     connectors/parse/pages/sitemaps.py; addresses of other hosts, excluded ones and old ones are left out
normalise a place with a title (news extension) is an item; without one it is called after its address, until its page
          is read
walk      all sitemaps that changed since a day
"""

import asyncio
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fnmatch import translate
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, cast
from urllib.parse import unquote, urlsplit

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
    Unchanged,
)
from connectors.errors import HubError, RejectedError, ThrottledError
from connectors.outcomes import CameBack
from connectors.parse.dates import parse_date
from connectors.parse.entry import Entry, Text
from connectors.parse.feeds.reader import read_feed
from connectors.parse.item import make_item
from connectors.parse.pages.sitemaps import ADDRESSES_LIMIT, Place, Sitemap, form_of, read_sitemap, unzipped
from connectors.parse.url import same_host
from connectors.sitemapround import SEEN_LIMIT, WALK_LIMIT, Itinerary

if TYPE_CHECKING:
    from connectors.http import Http

_ACCEPT: Final = "application/xml, text/xml, application/gzip;q=0.9, text/plain;q=0.8, */*;q=0.5"
#: What is wrong with one sitemap of an index and not with the site: the others are read.
_ITS_OWN_FAULT: Final = frozenset({
    CameBack.NOT_FOUND, CameBack.GONE, CameBack.FORBIDDEN, CameBack.UNAUTHORISED, CameBack.BAD_REQUEST,
    CameBack.TOO_LARGE, CameBack.BOMB, CameBack.REDIRECTS, CameBack.SERVER_ERROR, "robots_disallowed",
})  # fmt: skip
#: Sitemaps that fail one after the other before the poll ends.
_FAILURES: Final = 3
_SIGNS: Final = re.compile(r"[-_+.\s]+")
#: The number of an article at the end of its address; a year or a day is shorter.
_NUMBER: Final = re.compile(r"(?: [a-z]{0,4}\d{5,20})+$")

Glob = Annotated[str, Field(min_length=1, max_length=200)]


class Config(ConnectorConfig):
    """Settings of a sitemap."""

    lists_only: ClassVar[bool] = True

    include: tuple[Glob, ...] = Field(
        default=(), max_length=50, description="paths that are taken, like `/tin-tuc/*`; left out: all"
    )
    exclude: tuple[Glob, ...] = Field(default=(), max_length=50, description="paths that are not taken")
    newer_than: int | None = Field(
        default=30, ge=1, le=36_500, description="days; what changed before them is left to `hub backfill`"
    )
    max_pages: int = Field(default=20, ge=1, le=SEEN_LIMIT, description="sitemaps of an index read in one round")
    max_items: int = Field(default=2_000, ge=1, le=ADDRESSES_LIMIT, description="places of one sitemap that are read")


class Connector:
    """A sitemap, or an index of them."""

    def __init__(self, context: SourceContext, config: Config) -> None:
        self.context = context
        self.config = config

    async def fetch(self, http: "Http", cursor: Cursor) -> Capture | Unchanged:
        """Get the sitemap unless it is unchanged; of an index the next one that changed."""
        way = Itinerary.of(cursor)
        if way.begins:
            answer = await http.page(self.context.url, cursor=cursor, accept=_ACCEPT)
            if isinstance(answer, Unchanged):
                return answer
            way = replace(way.fresh(), since="", validators=answer.cursor)
            return await self._placed(answer, self.context.url, way, self.config.max_pages)
        return await self._next(http, way, self.config.max_pages)

    async def walk(self, http: "Http", cursor: Cursor, since: date) -> Capture:
        """The sitemap, or the next one of an index, with everything that changed since that day."""
        way = Itinerary.of(cursor)
        if not way.begins:
            return await self._next(http, way, WALK_LIMIT)
        way = Itinerary(since=since.isoformat())
        answer = await http.page(self.context.url, accept=_ACCEPT)
        assert isinstance(answer, Capture)  # nothing was asked conditionally
        return await self._placed(answer, self.context.url, way, WALK_LIMIT)

    async def _next(self, http: "Http", way: Itinerary, most: int) -> Capture:
        """The next sitemap of the queue that can be read, else the index, which goes on or ends the round."""
        for _ in range(_FAILURES):
            address, way = way.popped(self.context.url)
            if not address:
                break
            try:
                answer = await http.page(address, accept=_ACCEPT)
            except HubError as error:
                if isinstance(error, ThrottledError) or error.code not in _ITS_OWN_FAULT:
                    raise
                way = replace(way.read(address), missed=way.missed + 1)
                if error.code == CameBack.SERVER_ERROR:
                    way = way.unfinished()
                continue
            assert isinstance(answer, Capture)
            return await self._placed(answer, address, way, most)
        answer = await http.page(self.context.url, accept=_ACCEPT)
        assert isinstance(answer, Capture)
        return await self._placed(answer, self.context.url, way, most)

    async def _placed(self, capture: Capture, address: str, way: Itinerary, most: int) -> Capture:
        """The capture with a cursor that says what is read next."""
        root = address == self.context.url
        way = way.read(address)
        sitemap = await asyncio.to_thread(_looked_at, capture)
        if sitemap is None:  # an error page: split says so
            way = way.unfinished()
        elif sitemap.form == "sitemapindex":
            children = [c for c in sitemap.children if same_host(c.address, self.context.url)]
            if not root:
                way = way.with_inner(children, self.context.url)
            elif not way.queue:
                way = self._without_old(way, capture).with_index(children, address, capture.fetched_at)
        elif root and way.at:  # it was an index when the round began
            way = replace(way, rest=0)
        on = bool(way.queue or way.rest) and way.pages < most
        if not on:
            way = replace(way, rest=way.rest + len(way.queue), queue=())
        cursor = way.cursor(on=on)
        moved_to = capture.hints.moved_to if root else ""
        return replace(capture, cursor=cursor, hints=replace(capture.hints, more=on, moved_to=moved_to))

    def _without_old(self, way: Itinerary, capture: Capture) -> Itinerary:
        """In a first round, sitemaps older than `newer_than` are not even asked for."""
        if way.mark or way.since or self.config.newer_than is None:
            return way
        return replace(way, mark=(capture.fetched_at - timedelta(days=self.config.newer_than)).isoformat())

    # ------------------------------------------------------------------------------------------------ bytes to items

    def split(self, capture: Capture, known: Container[bytes], now: datetime) -> Split:
        """Read the places; an index has none. Raises RejectedError as connectors/parse/pages/sitemaps.py does."""
        body = unzipped(capture.body)
        if form_of(body, capture.content_type) == "feed":
            return self._of_feed(replace(capture, body=body), known, now)
        sitemap = read_sitemap(body, url=capture.url, content_type=capture.content_type, known=known)
        wanted, others = self._wanted(sitemap, capture, now)
        read = wanted[: self.config.max_items]
        kept = {place.address: place for place in reversed(read)}.values()
        left = {place.fingerprint for place in sitemap.places} - {place.fingerprint for place in read}
        return Split(
            format=sitemap.form,
            records=[self._record(place, now) for place in sorted(kept, key=lambda place: place.number)],
            fallen=[*_left_out(sitemap, others, len(wanted) - len(read)), *_told(capture)],
            fingerprints=[mark for mark in sitemap.fingerprints if mark not in left],
            truncated=sitemap.cut_off,
            incremental=True,
        )

    def _wanted(self, sitemap: Sitemap, capture: Capture, now: datetime) -> tuple[list[Place], int]:
        """The places that are taken, newest first, and how many addresses belong to other hosts."""
        floor = self._floor(capture, now)
        own = [place for place in sitemap.places if same_host(place.address, self.context.url)]
        taken = [(place, self._changed(place)) for place in own if self._takes(place.address)]
        dated = [(at.timestamp() if at else 0.0, place) for place, at in taken if at is None or at >= floor]
        dated.sort(key=lambda one: -one[0])
        strange = sum(not same_host(child.address, self.context.url) for child in sitemap.children)
        return [place for _, place in dated], len(sitemap.places) - len(own) + strange

    def _floor(self, capture: Capture, now: datetime) -> datetime:
        since = capture.cursor.get("since", "")
        if since and (day := parse_date(since, timezone=self.context.timezone)):
            return day
        if self.config.newer_than is None:
            return datetime.min.replace(tzinfo=UTC)
        return now - timedelta(days=self.config.newer_than)

    def _changed(self, place: Place) -> datetime | None:
        dates = (parse_date(text, timezone=self.context.timezone) for text in (place.published, place.lastmod))
        return max((at for at in dates if at), default=None)

    def _takes(self, address: str) -> bool:
        parts = urlsplit(address)
        path = unquote(parts.path) + (f"?{parts.query}" if parts.query else "")
        included = not self.config.include or any(_glob(one).match(path) for one in self.config.include)
        return included and not any(_glob(one).match(path) for one in self.config.exclude)

    def _record(self, place: Place, now: datetime) -> Record:
        entry: Entry = {"link": place.address}
        if place.title:
            entry["title"] = Text(place.title)
        if place.language:
            entry["language"] = place.language
        if place.keywords:
            entry["categories"] = list(place.keywords)
        if place.image:
            entry["image"] = place.image
        if place.published:
            entry["published"] = parse_date(place.published, now=now, timezone=self.context.timezone)
            entry["published_raw"] = place.published
        if place.lastmod:
            entry["updated"] = parse_date(place.lastmod, now=now, timezone=self.context.timezone)
            entry["updated_raw"] = place.lastmod
        return Record(
            pointer=f"url {place.number}", fingerprint=place.fingerprint, fields=cast(Mapping[str, object], entry)
        )

    def _of_feed(self, capture: Capture, known: Container[bytes], now: datetime) -> Split:
        """RSS or Atom in place of a sitemap, as the protocol allows."""
        feed = read_feed(
            capture.body, url=capture.url, now=now, content_type=capture.content_type, headers=capture.headers,
            known=known, timezone=self.context.timezone, limit=self.config.max_items,
        )  # fmt: skip
        records = [one for one in feed.split.records if self._takes(str(one.fields.get("link", "")))]
        return replace(feed.split, records=records, incremental=True)

    def normalise(self, record: Record, capture: Capture) -> Normalised:
        """Clean every field. Raises RejectedError: `no_identity`, `no_text`."""
        entry = cast(Entry, record.fields)
        if "title" in entry or "id" in entry:
            return make_item(entry, self.context, base=capture.url, pointer=record.pointer)
        named = cast(Entry, {**entry, "title": Text(title_of(entry.get("link", "")), False)})
        made = make_item(named, self.context, base=capture.url, pointer=record.pointer)
        remarks = list(made.remarks)
        remarks.append("title_from_address")
        return replace(made, remarks=tuple(remarks))


def title_of(address: str) -> str:
    """What the last part of an address says: `/tin/hop-bao-thang-11-8812.html` is `Hop bao thang 11`."""
    parts = [part for part in unquote(urlsplit(address).path).split("/") if part]
    last = re.sub(r"\.[a-z]{2,5}$", "", parts[-1]) if parts else ""
    words = _NUMBER.sub("", _SIGNS.sub(" ", last).strip())
    return (words[:1].upper() + words[1:]) or address


@lru_cache(maxsize=256)
def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern))


def _looked_at(capture: Capture) -> Sitemap | None:
    """An index whole, of other sitemaps the form alone; None for what is none. What is wrong with it `split` says."""
    try:
        body = unzipped(capture.body)
        form = form_of(body, capture.content_type)
        if form != "sitemapindex":
            return Sitemap(form=form) if form else None
        return read_sitemap(body, url=capture.url, content_type=capture.content_type)
    except RejectedError:
        return None


def _left_out(sitemap: Sitemap, others: int, beyond: int) -> Iterator[Fallen]:
    """What the sitemap names and is not taken, each kind once with its number."""
    if sitemap.bad:
        yield Fallen(pointer="broken addresses", code="no_link", detail=f"{sitemap.bad} addresses that are none")
    if others:
        yield Fallen(pointer="other hosts", code="foreign_host", detail=f"{others} addresses of other hosts")
    if more := beyond + max(0, sitemap.total - ADDRESSES_LIMIT):
        yield Fallen(pointer="the oldest", code="too_many", detail=f"{more} addresses beyond what is read")


def _told(capture: Capture) -> Iterator[Fallen]:
    """What a round through an index left out, at its end."""
    cursor = capture.cursor
    if "pages" in cursor:
        return
    if "loops" in cursor:
        detail = f"{cursor['loops']} times an index leads back to itself"
        yield Fallen(pointer="loops", code="sitemap_loop", detail=detail)
    if "missed" in cursor:
        yield Fallen(pointer="unread sitemaps", code="sitemap_unread", detail=f"{cursor['missed']} sitemaps")
    if "rest" in cursor:
        yield Fallen(pointer="the other sitemaps", code="too_many_sitemaps", detail=f"{cursor['rest']} sitemaps")
