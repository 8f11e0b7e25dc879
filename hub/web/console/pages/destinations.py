"""Destinations: what waits for each and why, its last calls, where it differs from the hub, and what can be done."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote
from uuid import UUID

from aiohttp import web

from connectors.base import Reconcilable
from hub.commands.differences import accept_differences, decide_difference
from hub.commands.free import free
from hub.commands.pause import pause, resume
from hub.commands.reconcile import reconcile, stop_reconciliation
from hub.engine import DestinationInForce
from hub.locale import N_
from hub.queries.dead import Chosen, freeable
from hub.queries.destinations import Hour, calls, destinations, failing, waiting
from hub.queries.differences import Differences, differences
from hub.rules.access import EVERYWHERE, Permission
from hub.rules.reconciliation import DifferenceKind
from hub.store import reconciling
from hub.web.console import technical, words
from hub.web.console.charts import Chart, chart
from hub.web.console.forms import FORM
from hub.web.console.rendering import back, page, texts_of
from hub.web.console.viewer import VIEWER
from hub.web.routes import get, post
from hub.web.site import SITE

#: Differences that are shown of one destination.
SHOWN: Final = 100
NOTICES: Final = {
    "paused": N_("The destination is paused. Its work waits, nothing is dropped."),
    "resumed": N_("The destination goes on; what failed is tried afresh."),
    "freed": N_("What was refused or set aside is sent again."),
    "nothing": N_("There was nothing to send again."),
    "reconciling": N_("The comparison has begun and goes on in the background."),
    "stopped": N_("The comparison was stopped."),
    "accepted": N_("Accepted. Compare with acting on it to have it sent."),
    "left": N_("Left as it is, until either side changes."),
}


async def listing(request: web.Request) -> web.Response:
    """All destinations, those that need somebody first."""
    viewer, engine = request[VIEWER], request.app[SITE].engine
    lines = await destinations(engine.store, scope=viewer.scope())
    return page(
        request, "destinations.html", notices=NOTICES, lines=lines, places=engine.destinations, rate=rate,
        technical=technical, words=words,
    )  # fmt: skip


async def one(request: web.Request) -> web.Response:
    """Everything about one destination."""
    viewer, engine, name = request[VIEWER], request.app[SITE].engine, request.match_info["name"]
    store, scope = engine.store, viewer.scope()
    found = await destinations(store, scope=scope, name=name)
    if not found:
        raise web.HTTPNotFound
    place = engine.destinations.get(name)
    whole = scope == EVERYWHERE  # a comparison is about everybody's matter
    hours = await calls(store, name, scope=scope)
    found_out = await differences(store, name, limit=SHOWN) if whole else Differences()
    return page(
        request, "destination.html", notices=NOTICES, line=found[0], place=place, waiting=await waiting(
            store, name, scope=scope), failing=await failing(store, name, scope=scope), hours=hours,
        chart=_drawn(request, hours), compares=place is not None and isinstance(place.destination, Reconcilable),
        run=await reconciling.latest(store, name) if whole else None, differences=found_out.first,
        more=found_out.count - len(found_out.first), kinds=found_out.undecided,
        rate=rate, whole=whole, may=viewer.scope(Permission.OPERATE) == EVERYWHERE,
        may_free=viewer.may(Permission.OPERATE), technical=technical, words=words,
    )  # fmt: skip


def rate(place: DestinationInForce) -> str:
    """Calls a second at most."""
    return f"{1 / place.interval.total_seconds():g}"


def _drawn(request: web.Request, hours: Sequence[Hour]) -> Chart:
    texts = texts_of(request)
    zone = request.app[SITE].engine.zone
    points = [(hour.begins.astimezone(zone).strftime("%H:%M"), sum(hour.outcomes.values())) for hour in hours]
    said = texts("Calls an hour for 24 hours, %(n)s in all", n=sum(count for _, count in points))
    return chart(texts("Calls an hour; this hour"), points, said)


# ------------------------------------------------------------------------------------------------------ what is done


async def _demand(request: web.Request) -> tuple[str, str]:
    """The destination and who acts. What is done to a whole destination is done to everybody's matter."""
    viewer, name = request[VIEWER], request.match_info["name"]
    if not await destinations(request.app[SITE].engine.store, scope=viewer.scope(), name=name):
        raise web.HTTPNotFound
    if viewer.scope(Permission.OPERATE) != EVERYWHERE:
        raise web.HTTPForbidden
    return name, viewer.who


def _back(request: web.Request, name: str, done: str) -> web.Response:
    return back(request, f"/destinations/{quote(name)}", done=done)


async def pause_destination(request: web.Request) -> web.Response:
    name, who = await _demand(request)
    await pause(request.app[SITE].engine, "destination", name, who=who, why=request[FORM].text("why")[:1000])
    return _back(request, name, "paused")


async def resume_destination(request: web.Request) -> web.Response:
    name, who = await _demand(request)
    await resume(request.app[SITE].engine, "destination", name, who=who, why=request[FORM].text("why")[:1000])
    return _back(request, name, "resumed")


async def free_destination(request: web.Request) -> web.Response:
    """Send again what was refused or set aside there; of whom the viewer may not touch, nothing."""
    viewer, engine, name = request[VIEWER], request.app[SITE].engine, request.match_info["name"]
    chosen = Chosen(destination=name, code=request[FORM].text("code"))
    ids = await freeable(engine.store, scope=viewer.scope(Permission.OPERATE), chosen=chosen)
    freed = await free(engine, ids, who=viewer.who) if ids else 0
    return _back(request, name, "freed" if freed else "nothing")


async def compare(request: web.Request) -> web.Response:
    name, who = await _demand(request)
    await reconcile(request.app[SITE].engine, name, apply=request[FORM].flag("apply"), who=who)
    return _back(request, name, "reconciling")


async def stop_comparing(request: web.Request) -> web.Response:
    name, who = await _demand(request)
    await stop_reconciliation(request.app[SITE].engine, name, who=who)
    return _back(request, name, "stopped")


async def decide(request: web.Request) -> web.Response:
    """Accept a difference, or leave it; all of one kind where the form names a kind."""
    name, who = await _demand(request)
    engine, form = request.app[SITE].engine, request[FORM]
    why, accept = form.text("why")[:1000], form.flag("accept")
    if kind := form.text("kind"):
        if kind not in set(DifferenceKind):
            raise web.HTTPBadRequest
        await accept_differences(engine, name, [DifferenceKind(kind)], who=who, why=why)
        return _back(request, name, "accepted")
    try:
        owner = UUID(form.text("owner")) if form.text("owner") else None
    except ValueError:
        raise web.HTTPBadRequest from None
    await decide_difference(engine, name, form.text("key"), accept=accept, owner=owner, who=who, why=why)
    return _back(request, name, "accepted" if accept else "left")


ROUTES = (
    get("/destinations", listing, Permission.READ),
    get("/destinations/{name}", one, Permission.READ),
    post("/destinations/{name}/pause", pause_destination, Permission.OPERATE),
    post("/destinations/{name}/resume", resume_destination, Permission.OPERATE),
    post("/destinations/{name}/free", free_destination, Permission.OPERATE),
    post("/destinations/{name}/reconcile", compare, Permission.OPERATE),
    post("/destinations/{name}/stop", stop_comparing, Permission.OPERATE),
    post("/destinations/{name}/decide", decide, Permission.OPERATE),
)
