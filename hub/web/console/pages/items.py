"""All items: search, filters, and the way to each one."""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from aiohttp import web

from hub.locale import N_
from hub.queries.items import STATES, ItemsChoice, ListedItem, Place, items, midnight, shelves, state_of
from hub.queries.search import Audience, parse, search
from hub.queries.search import Place as Found
from hub.queries.trace import named
from hub.rules.access import Permission
from hub.web.console import asking
from hub.web.console.rendering import back, link, page
from hub.web.console.viewer import VIEWER
from hub.web.console.words import EDITIONS, ITEMS, KINDS, tone
from hub.web.routes import get
from hub.web.site import SITE

PAGE: Final = 50
#: Beginnings of what is the address or the id of one item, and no words.
_NAMES: Final = ("http://", "https://", "urn:")
NOTICES: Final = {"unknown": N_("There is no item of this address or id.")}


async def listing(request: web.Request) -> web.Response:
    """Items, the last changed first. An address or an id leads to its item at once."""
    viewer, engine = request[VIEWER], request.app[SITE].engine
    words = asking.word(request, "q")
    if words.startswith(_NAMES) or _is_id(words):
        return await _named(request, words)
    if words:
        return await _search(request, words)
    choice = ItemsChoice(
        member=asking.word(request, "member"), kind=asking.one_of(request, "kind", KINDS),
        source=asking.word(request, "source"), state=state_of(asking.one_of(request, "state", STATES)),
        begin=asking.day(request, "begin"), end=asking.day(request, "end"),
    )  # fmt: skip
    found = await items(
        engine.store, engine.zone, scope=viewer.scope(), screen=viewer.scope(Permission.SCREEN), choice=choice,
        after=_place(request), limit=PAGE + 1,
    )  # fmt: skip
    return page(
        request, "items.html", notices=NOTICES, found=found[:PAGE], hits=None, choice=choice, words=words,
        older=_older(request, found) if len(found) > PAGE else "", kinds=KINDS, states=ITEMS, tone=tone,
        known=await shelves(engine.store, scope=viewer.scope()),
    )  # fmt: skip


async def _search(request: web.Request, words: str) -> web.Response:
    """What these words find, best first; unit, kind and days narrow it."""
    viewer, engine = request[VIEWER], request.app[SITE].engine
    choice = ItemsChoice(
        member=asking.word(request, "member"), kind=asking.one_of(request, "kind", KINDS),
        begin=asking.day(request, "begin"), end=asking.day(request, "end"),
    )  # fmt: skip
    found = await search(
        engine.store, parse(words), audience=Audience.OFFICE, scope=viewer.scope(), kind=choice.kind,
        member=choice.member, since=midnight(choice.begin, engine.zone),
        until=midnight(choice.end + timedelta(days=1), engine.zone) if choice.end and choice.end < date.max else None,
        limit=PAGE, after=Found.of(asking.word(request, "after")),
    )  # fmt: skip
    asked = {name: value for name, value in request.query.items() if name not in ("after", "done")}
    return page(
        request, "items.html", notices=NOTICES, found=(), hits=found, choice=choice, words=words,
        older=link(request, "/items", **asked, after=str(found.after)) if found.after else "", kinds=KINDS,
        states=ITEMS, editions=EDITIONS, tone=tone, known=await shelves(engine.store, scope=viewer.scope()),
    )  # fmt: skip


async def _named(request: web.Request, name: str) -> web.Response:
    """To the item of an address or an id; to the list, which says so, where there is none that may be seen."""
    found = await named(request.app[SITE].engine.store, name)
    seen = [content_id for content_id, member in found if request[VIEWER].may(Permission.READ, member)]
    if not seen:
        return back(request, "/items", done="unknown")
    return back(request, f"/items/{seen[0]}")


def _is_id(words: str) -> bool:
    try:
        UUID(words)
    except ValueError:
        return False
    return True


def _place(request: web.Request) -> Place | None:
    """Where the page before ended; None for the beginning, and for what names no place."""
    changed_at, _, content_id = asking.word(request, "after").partition("-")
    if not (changed_at.isascii() and changed_at.isdigit() and len(changed_at) < 18 and _is_id(content_id)):
        return None
    return Place(changed_at=int(changed_at), content_id=content_id)


def _older(request: web.Request, found: list[ListedItem]) -> str:
    place = found[PAGE - 1].place
    asked = {name: value for name, value in request.query.items() if name not in ("after", "done")}
    return link(request, "/items", **asked, after=f"{place.changed_at}-{place.content_id}")


ROUTES = (get("/items", listing, Permission.READ),)
