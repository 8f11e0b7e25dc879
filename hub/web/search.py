"""The search in what is public, as a page for people."""

import asyncio
from datetime import date, datetime, time, timedelta
from typing import Final

from aiohttp import web

from hub.queries.search import Audience, Place, parse, search
from hub.store import publishing
from hub.web import pages
from hub.web.answers import answer
from hub.web.site import SITE, Site
from schemas.item import Kind

#: Hits of one page.
SEARCH_PAGE: Final = 20
#: Searches that are answered at once in this process; more wait, so that other pages are not slow for them.
AT_ONCE: Final = 4

SEARCHING = web.AppKey("searching", asyncio.Semaphore)


async def page(request: web.Request) -> web.Response:
    """What was found, or the form alone. Filters that name nothing are left out, not an error."""
    site = request.app[SITE]
    asked = pages.Asked(
        words=request.query.get("q", "").strip()[:500], kind=_kind(request),
        member=request.query.get("member", "")[:64], since=_day(request, "from"),
        until=_day(request, "to"),
    )  # fmt: skip
    after = Place.of(request.query.get("after", ""))
    if "after" in request.query and after is None:
        raise web.HTTPNotFound
    found = None
    if asked.words:
        async with request.app[SEARCHING]:
            found = await search(
                site.engine.store, parse(asked.words), audience=Audience.PUBLIC, kind=asked.kind, member=asked.member,
                since=_begin(site, asked.since), until=_begin(site, asked.until, days=1), limit=SEARCH_PAGE,
                after=after,
            )  # fmt: skip
    shelves = await publishing.shelves(site.engine.store, list(Kind))
    return answer(request, pages.search(site, asked, found, shelves, further=after is not None), pages.HTML)


def _kind(request: web.Request) -> str:
    kind = request.query.get("kind", "")
    return kind if kind in set(Kind) else ""


def _day(request: web.Request, name: str) -> date | None:
    try:
        return date.fromisoformat(request.query.get(name, ""))
    except ValueError:
        return None


def _begin(site: Site, day: date | None, *, days: int = 0) -> datetime | None:
    """When a day begins here, or the one so many days later; None where the calendar ends."""
    try:
        return datetime.combine(day + timedelta(days=days), time(), site.engine.zone) if day else None
    except OverflowError:
        return None
