"""The public list and its parts, by kind, member and tag: as feeds, and as pages for people."""

import asyncio
import re
from dataclasses import dataclass
from uuid import UUID

import orjson
from aiohttp import web

from hub.store import publishing
from hub.store.instants import moment
from hub.store.publishing import Place, PublicEdition, Selection
from hub.web import pages
from hub.web.answers import answer
from hub.web.feeds import FORMATS, FeedPage
from hub.web.site import PARTS, SITE, Site, place_word
from schemas.edition import PublishedItem
from schemas.item import Kind

#: Entries of one page of a feed, and of a page for people.
FEED_PAGE, LIST_PAGE = 50, 30
#: Characters of HTML after which a page of a feed ends, though it has fewer entries: articles may be very long.
FEED_PAGE_TEXT = 4_000_000
DESCRIPTION = "Tin, bài, thông báo, văn bản và thủ tục hành chính đã được ban biên tập duyệt."

_PLACE = re.compile(r"(\d{1,17})-(\d{1,17})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the public list that somebody asked for."""

    part: str  #: all, kind, member or tag
    name: str  #: as it stands in addresses
    label: str  #: as people call it; empty for the whole
    selection: Selection


async def feed(request: web.Request) -> web.Response:
    """One page of a feed; `before` goes on where another page ended."""
    site = request.app[SITE]
    asked = await _part(site, request.match_info["part"], request.match_info.get("name", ""))
    ending = request.match_info["format"]
    written = FORMATS[ending]
    after = _place(request)
    async with site.texts():
        found = await publishing.public_list(site.engine.store, asked.selection, limit=FEED_PAGE + 1, after=after)
        entries = _bounded(found[:FEED_PAGE])
        first = site.base + site.feed(asked.part, asked.name, ending)
        updated = max((entry.public_at for entry in entries), default=None)
        page = FeedPage(
            title=f"{asked.label} – {site.name}" if asked.label else site.name,
            description=DESCRIPTION,
            author=site.name,
            home=site.base + site.list(asked.part, asked.name),
            items=f"{site.base}/items/",
            address=f"{first}?before={place_word(after)}" if after else first,
            first=first,
            next=f"{first}?before={_behind(entries, after)}" if len(entries) < len(found) else "",
            language="vi",
            updated=updated,
            entries=entries,
        )
        # Writing cleans up to fifty articles: beside the loop, which has other work.
        body = await asyncio.to_thread(written.write, page)
    # An item that loses a tag leaves that tag's list without a trace in it.
    changed = await publishing.newest_change(site.engine.store) if asked.part == "tag" else updated
    response = answer(request, body, written.content_type, changed=changed or site.started)
    response.headers["Access-Control-Allow-Origin"] = "*"  # public, and read by pages of other sites
    return response


async def listing(request: web.Request) -> web.Response:
    """The front page: what is new, all of it or one part, and where to subscribe."""
    site = request.app[SITE]
    part, name = next(((part, request.query[part]) for part in PARTS if request.query.get(part)), ("all", ""))
    asked = await _part(site, part, name)
    after = _place(request)
    found = await publishing.public_list(site.engine.store, asked.selection, limit=LIST_PAGE + 1, after=after)
    entries = found[:LIST_PAGE]
    body = pages.listing(
        site,
        pages.Listing(
            part=asked.part,
            name=asked.name,
            label=asked.label,
            items=[(entry.edition, entry.public_at) for entry in entries if isinstance(entry.edition, PublishedItem)],
            shelves=await publishing.shelves(site.engine.store, list(Kind)),
            further=after is not None,
            older=site.list(asked.part, asked.name, _behind(entries, after)) if len(entries) < len(found) else "",
        ),
    )
    return answer(request, body, pages.HTML)


async def _part(site: Site, part: str, name: str) -> Part:
    """What these words of an address mean. Raises HTTPNotFound for a kind or member that there is not."""
    if len(name) > publishing.TAG_LIMIT or not name.isprintable():
        raise web.HTTPNotFound
    match part:
        case "all":
            return Part(part=part, name="", label="", selection=Selection())
        case "kind" if name in set(Kind):
            return Part(part=part, name=name, label=pages.KINDS[Kind(name)], selection=Selection(kind=name))
        case "member":
            label = await publishing.member_name(site.engine.store, name)
            if label is not None:
                return Part(part=part, name=name, label=label or name, selection=Selection(member=name))
        case "tag":
            # A tag that nobody uses today may be used tomorrow: its feed is empty, not missing.
            return Part(part=part, name=name, label=f"#{name}", selection=Selection(tag=name))
    raise web.HTTPNotFound


def _place(request: web.Request) -> Place | None:
    """The `before` of a link to a further page. Anything else is no page of ours: HTTPNotFound."""
    word = request.query.get("before")
    if word is None:
        return None
    found = _PLACE.fullmatch(word)
    if found is None:
        raise web.HTTPNotFound
    return Place(began=moment(int(found[1])), place=moment(int(found[2])), content_id=UUID(found[3]))


def _behind(entries: list[PublicEdition], after: Place | None) -> str:
    """The `before` that goes on behind the last of these entries."""
    last = entries[-1]
    began = after.began if after else entries[0].public_at
    return place_word(Place(began=began, place=last.place, content_id=last.edition.content_id))


def _bounded(entries: list[PublicEdition]) -> list[PublicEdition]:
    """As many as make a page of bounded size; at least one."""
    size = 0
    for count, entry in enumerate(entries):
        if isinstance(entry.edition, PublishedItem):
            size += len(entry.edition.content_html) + len(orjson.dumps(entry.edition.details))
        if size > FEED_PAGE_TEXT and count:
            return entries[:count]
    return entries
