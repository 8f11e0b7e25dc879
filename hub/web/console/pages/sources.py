"""Sources: how each is and whose turn it is, what it sent last, and what can be done about it."""

from collections.abc import Sequence
from datetime import date
from typing import Final
from urllib.parse import quote

from aiohttp import web

from connectors.base import Walker
from hub.commands.add_source import is_ours, remove_source
from hub.commands.backfill import backfill, stop_backfill
from hub.commands.decide_run import discard_run, release_run
from hub.commands.pause import pause, resume
from hub.commands.poll import poll
from hub.commands.replay import replay
from hub.locale import N_
from hub.preview import preview_capture
from hub.queries import captures as captured
from hub.queries.daily import DAYS, Day, daily
from hub.queries.sources import Wanted, conditions, owner, sources
from hub.queries.subscriptions import subscriptions
from hub.rules.access import Permission
from hub.rules.gaps import Side
from hub.rules.health import Condition
from hub.settings.load import SOURCES_DIR
from hub.store import walks
from hub.web.console import technical, words
from hub.web.console.asking import number, one_of, word
from hub.web.console.charts import Chart, chart
from hub.web.console.forms import FORM
from hub.web.console.rendering import back, link, page, texts_of
from hub.web.console.viewer import VIEWER
from hub.web.routes import get, post
from hub.web.site import SITE

#: Sources of one page, and items of a preview.
PAGE: Final = 100
SHOWN: Final = 20
NOTICES: Final = {
    "paused": N_("The source is paused. What it published meanwhile is fetched when it goes on."),
    "resumed": N_("The source goes on and is asked at once."),
    "asked": N_("The source is asked now. Look again in a minute."),
    "replayed": N_("What is kept of the source is read again."),
    "released": N_("The run goes on."),
    "discarded": N_("The run was thrown away. What the site shows next is judged anew."),
    "backfill": N_("The backfill has begun and goes on in the background."),
    "stopped": N_("The backfill was stopped. What it brought stays."),
    "removed": N_("The source was removed. What it brought stays."),
    "added": N_("The source was added and is asked at once. Its first items appear here in a minute."),
    "written": N_("The entry was written. It is in force when the processes start next; every machine needs the file."),
}


async def listing(request: web.Request) -> web.Response:
    """All sources, worst first."""
    viewer, engine = request[VIEWER], request.app[SITE].engine
    scope = viewer.scope()
    every = await sources(engine.store, engine.zone, scope=scope)
    wanted = Wanted(
        member=word(request, "member"), condition=one_of(request, "condition", set(Condition)),
        side=one_of(request, "side", set(Side)), text=word(request, "text"),
    )  # fmt: skip
    shown = [line for line in every if wanted.takes(line)]
    first = number(request, "from", len(shown))
    older = ""
    if first + PAGE < len(shown):
        chosen = {"condition": wanted.condition, "side": wanted.side, "member": wanted.member, "text": wanted.text}
        older = link(request, "/sources", **chosen, **{"from": first + PAGE})
    members = sorted({(line.member, line.member_name) for line in every}, key=lambda each: each[1])
    return page(
        request, "sources.html", notices=NOTICES, lines=shown[first : first + PAGE], many=len(shown), wanted=wanted,
        members=members, older=older,
        counts=conditions(every), total=len(every), may_add=viewer.may(Permission.OPERATE),
        rhythm=technical.rhythm, volume=technical.volume, technical=technical, words=words,
    )  # fmt: skip


async def one(request: web.Request) -> web.Response:
    """Everything about one source."""
    viewer, engine, name = request[VIEWER], request.app[SITE].engine, request.match_info["name"]
    found = await sources(engine.store, engine.zone, scope=viewer.scope(), name=name)
    if not found:
        raise web.HTTPNotFound
    line, store = found[0], engine.store
    ours = is_ours(engine.register.folder, name)
    days = await daily(store, engine.zone, "source", name)
    return page(
        request, "source.html", notices=NOTICES, line=line, captures=await captured.captures(store, name),
        rejected=await captured.rejected(store, source=name), walk=next(iter(await walks.progress(store, name)), None),
        subscriptions=await subscriptions(store, name), days=days, chart=drawn(request, days),
        file=f"{SOURCES_DIR}/{name}.toml" if ours else engine.register.settings.provenance.files.get(name, ""),
        walks=_shows_history(request, name), ours=ours,
        may=viewer.may(Permission.OPERATE, line.member), newest=await captured.newest_read(store, name),
        rhythm=technical.rhythm, volume=technical.volume, technical=technical, words=words,
    )  # fmt: skip


def drawn(request: web.Request, days: Sequence[Day]) -> Chart:
    """New items by day, as bars."""
    texts = texts_of(request)
    total = sum(each.items for each in days)
    said = texts("New items a day for %(days)s days, %(n)s in all", days=DAYS, n=total)
    return chart(texts("New items a day; today"), [(each.day.strftime("%d/%m"), each.items) for each in days], said)


def _shows_history(request: web.Request, name: str) -> bool:
    known = request.app[SITE].engine.sources.get(name)
    return known is not None and isinstance(known.source, Walker)


async def preview(request: web.Request) -> web.Response:
    """What today's mapping makes of the newest capture that is kept."""
    engine, name = request.app[SITE].engine, request.match_info["name"]
    await _demand(request, name)
    capture = await captured.newest_read(engine.store, name)
    found = await preview_capture(engine, name, capture) if capture is not None else None
    return page(request, "source_preview.html", name=name, found=found, capture=capture, shown=SHOWN)


# ------------------------------------------------------------------------------------------------------ what is done


async def _demand(request: web.Request, name: str) -> str:
    """Who does it; raises for a source that there is not, or that is another's."""
    viewer = request[VIEWER]
    member = await owner(request.app[SITE].engine.store, name)
    if member is None:
        raise web.HTTPNotFound
    viewer.demand(Permission.OPERATE, member)
    return viewer.who


def _back(request: web.Request, name: str, done: str) -> web.Response:
    return back(request, f"/sources/{quote(name)}", done=done)


async def pause_source(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    who = await _demand(request, name)
    await pause(request.app[SITE].engine, "source", name, who=who, why=request[FORM].text("why")[:1000])
    return _back(request, name, "paused")


async def resume_source(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    who = await _demand(request, name)
    await resume(request.app[SITE].engine, "source", name, who=who, why=request[FORM].text("why")[:1000])
    return _back(request, name, "resumed")


async def poll_source(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    await poll(request.app[SITE].engine, name, who=await _demand(request, name))
    return _back(request, name, "asked")


async def replay_source(request: web.Request) -> web.Response:
    """All of it, or the capture that the form names, which must be of this source."""
    name, engine = request.match_info["name"], request.app[SITE].engine
    who = await _demand(request, name)
    capture = request[FORM].number("capture")
    if capture is None:
        await replay(engine, source=name, who=who)
    else:
        await _of_this_source(request, name, capture)
        await replay(engine, capture=capture, who=who)
    return _back(request, name, "replayed")


async def _of_this_source(request: web.Request, name: str, capture: int | None) -> int:
    found = await captured.capture(request.app[SITE].engine.store, capture or 0)
    if found is None or found.source != name:
        raise web.HTTPNotFound
    return found.id


async def release(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    who, form = await _demand(request, name), request[FORM]
    capture = await _of_this_source(request, name, form.number("capture"))
    await release_run(request.app[SITE].engine, capture, who=who, why=form.text("why")[:1000])
    return _back(request, name, "released")


async def discard(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    who, form = await _demand(request, name), request[FORM]
    capture = await _of_this_source(request, name, form.number("capture"))
    await discard_run(request.app[SITE].engine, capture, who=who, why=form.text("why")[:1000])
    return _back(request, name, "discarded")


async def begin_backfill(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    who = await _demand(request, name)
    try:
        since = date.fromisoformat(request[FORM].text("since"))
    except ValueError:
        raise web.HTTPBadRequest from None
    await backfill(request.app[SITE].engine, name, since, who=who)
    return _back(request, name, "backfill")


async def end_backfill(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    await stop_backfill(request.app[SITE].engine, name, who=await _demand(request, name))
    return _back(request, name, "stopped")


async def remove(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    who = await _demand(request, name)
    await remove_source(request.app[SITE].engine, name, who=who, why=request[FORM].text("why")[:1000])
    return back(request, "/sources", done="removed")


ROUTES = (
    get("/sources", listing, Permission.READ),
    get("/sources/{name}", one, Permission.READ),
    get("/sources/{name}/preview", preview, Permission.OPERATE),
    post("/sources/{name}/pause", pause_source, Permission.OPERATE),
    post("/sources/{name}/resume", resume_source, Permission.OPERATE),
    post("/sources/{name}/poll", poll_source, Permission.OPERATE),
    post("/sources/{name}/replay", replay_source, Permission.OPERATE),
    post("/sources/{name}/release", release, Permission.OPERATE),
    post("/sources/{name}/discard", discard, Permission.OPERATE),
    post("/sources/{name}/backfill", begin_backfill, Permission.OPERATE),
    post("/sources/{name}/stop-backfill", end_backfill, Permission.OPERATE),
    post("/sources/{name}/remove", remove, Permission.OPERATE),
)
