"""Members: the roster as a tree, and how what each publishes is."""

from typing import Final

from aiohttp import web

from hub.queries.daily import daily
from hub.queries.members import members
from hub.queries.sources import conditions
from hub.rules.access import Permission
from hub.rules.health import RANK, Condition
from hub.web.console import technical, words
from hub.web.console.asking import one_of, word
from hub.web.console.pages.sources import drawn
from hub.web.console.rendering import page
from hub.web.console.viewer import VIEWER
from hub.web.routes import get
from hub.web.site import SITE

#: What a list may be narrowed to.
ONLY: Final = ("gaps", "troubles", "ended")


async def listing(request: web.Request) -> web.Response:
    """The tree; a filter leaves out those it is not about, and shows the others without their place."""
    viewer, engine = request[VIEWER], request.app[SITE].engine
    every = await members(engine.store, engine.zone, scope=viewer.scope())
    level, only = one_of(request, "level", technical.LEVELS), one_of(request, "only", ONLY)
    text = word(request, "text").casefold()
    shown = [
        line
        for line in every
        if level in ("", line.kind)
        and text in f"{line.code} {line.name}".casefold()
        and (only != "gaps" or line.gaps)
        and (only != "troubles" or any(RANK[each.health.condition] < RANK[Condition.PAUSED] for each in line.sources))
        and (only != "ended" or not line.in_force)
    ]
    return page(
        request, "members.html", lines=shown, total=len(every), level=level, only=only, text=word(request, "text"),
        conditions=conditions, tree=not (level or only or text), names={line.code: line.name for line in every},
        technical=technical, words=words,
    )  # fmt: skip


async def one(request: web.Request) -> web.Response:
    """One organisation."""
    viewer, engine, code = request[VIEWER], request.app[SITE].engine, request.match_info["code"]
    every = await members(engine.store, engine.zone, scope=viewer.scope())
    line = next((each for each in every if each.code == code), None)
    if line is None:
        raise web.HTTPNotFound
    days = await daily(engine.store, engine.zone, "member", code)
    return page(
        request, "member.html", line=line, below=[each for each in every if each.parent == code],
        names={each.code: each.name for each in every}, days=days, chart=drawn(request, days),
        rhythm=technical.rhythm, volume=technical.volume, technical=technical, words=words,
    )  # fmt: skip


ROUTES = (
    get("/members", listing, Permission.READ),
    get("/members/{code}", one, Permission.READ),
)
