"""Set aside: what was refused, parked, held or could not be read; whose fault it is, and how it goes on.

/aside                    deliveries          ?part=runs|captures|records  the other lists
/aside/{capture}          the facts of a capture; its bytes for technicians, once they were read and screened
"""

from dataclasses import replace
from typing import Any, Final

from aiohttp import web

from hub.broker.base import DEAD
from hub.commands.decide_run import discard_run, release_run
from hub.commands.free import free
from hub.commands.replay import replay
from hub.locale import N_
from hub.preview import withheld
from hub.queries import captures as captured
from hub.queries.dead import Chosen, aside, dead_captures, dead_deliveries, freeable, rejected_records
from hub.rules.access import EVERYWHERE, Permission
from hub.store.captures import kept
from hub.store.deciding import DecisionRefusedError
from hub.web.console import technical, words
from hub.web.console.asking import number, one_of, word
from hub.web.console.forms import FORM
from hub.web.console.rendering import back, link, page
from hub.web.console.viewer import VIEWER
from hub.web.routes import get, post
from hub.web.site import SITE

#: Rows of one page.
PAGE: Final = 50
#: In the order of urgency: a held run keeps all that follows it waiting.
PARTS: Final = {
    "runs": N_("Held runs"), "deliveries": N_("Refused deliveries"), "captures": N_("Unread captures"),
    "records": N_("Records that fell out"),
}  # fmt: skip
NOTICES: Final = {
    "freed": N_("What was chosen is sent again."),
    "nothing": N_("Nothing of it waits any more."),
    "released": N_("The run goes on."),
    "discarded": N_("The run was thrown away. What the site shows next is judged anew."),
    "replayed": N_("What was chosen is read again."),
}


async def listing(request: web.Request) -> web.Response:
    """One of the four lists."""
    viewer, engine = request[VIEWER], request.app[SITE].engine
    store, scope = engine.store, viewer.scope(Permission.OPERATE)
    part = one_of(request, "part", PARTS) or "deliveries"
    counts = await aside(store, scope=scope)
    chosen = Chosen(
        destination=word(request, "destination"), source=word(request, "source"), code=word(request, "code"),
        state=one_of(request, "state", ("dead", "rejected")), untold=word(request, "untold") != "no",
        before=number(request, "before") or None,
    )  # fmt: skip
    return page(
        request, "aside.html", notices=NOTICES, part=part, chosen=chosen, counts=counts,
        many={"deliveries": counts.deliveries, "runs": counts.runs, "captures": counts.captures,
              "records": counts.records},
        whole=scope == EVERYWHERE, unreadable=await engine.broker.depth(DEAD) if scope == EVERYWHERE else None,
        parts=PARTS, technical=technical, words=words, **await _rows(request, part, chosen),
    )  # fmt: skip


async def _rows(request: web.Request, part: str, chosen: Chosen) -> dict[str, Any]:
    store, scope = request.app[SITE].engine.store, request[VIEWER].scope(Permission.OPERATE)
    limit = PAGE + 1
    match part:
        case "deliveries":
            wanted = replace(chosen, state="")
            rows: list[Any] = list(await dead_deliveries(store, scope=scope, chosen=wanted, limit=limit))
        case "records":
            rows = list(await rejected_records(store, scope=scope, chosen=chosen, limit=limit))
        case _:
            states = ("held",) if part == "runs" else (chosen.state,) if chosen.state else ("dead", "rejected")
            rows = [
                row
                for state in states
                for row in await dead_captures(
                    store, scope=scope, chosen=Chosen(source=chosen.source, state=state, before=chosen.before),
                    limit=limit,
                )
            ]  # fmt: skip
            rows.sort(key=lambda row: -row.id)
    older = ""
    if len(rows) > PAGE:
        older = link(
            request, "/aside", part=part, destination=chosen.destination, source=chosen.source, code=chosen.code,
            state=chosen.state, untold="" if chosen.untold else "no", before=rows[PAGE - 1].id,
        )  # fmt: skip
    return {"rows": rows[:PAGE], "older": older}


async def capture(request: web.Request) -> web.Response:
    """The facts of one capture."""
    found = await _capture(request)
    engine, viewer = request.app[SITE].engine, request[VIEWER]
    return page(
        request, "capture.html", notices=NOTICES, found=found, technical=technical, words=words,
        rejected=await captured.rejected(engine.store, capture=found.id),
        may=viewer.may(Permission.OPERATE, found.member),
    )  # fmt: skip


async def _capture(request: web.Request) -> captured.CaptureFacts:
    text = request.match_info["capture"]
    scope = request[VIEWER].scope(Permission.OPERATE)
    known = await captured.capture(request.app[SITE].engine.store, int(text), scope=scope)
    if known is None:
        raise web.HTTPNotFound
    return known


async def raw(request: web.Request) -> web.Response:
    """The bytes, to take away: a browser never shows them as a page of ours."""
    found, engine = await _capture(request), request.app[SITE].engine
    body = await kept(engine.store, found.id)
    if body is None:
        raise web.HTTPNotFound
    if not request[VIEWER].may(Permission.SCREEN, found.member) and await withheld(engine, found):
        raise DecisionRefusedError(
            f"capture {found.id} has a text that a screen holds", code="screened",
            sentence="Bản gốc này có nội dung phải tạm giữ để kiểm tra bí mật nhà nước hoặc dữ liệu cá nhân; chỉ người"
            " trực được xem.",
        )  # fmt: skip
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f'attachment; filename="{found.source}-{found.id}.bin"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return web.Response(body=body.body, headers=headers)


async def send_again(request: web.Request) -> web.Response:
    """Free the deliveries that are ticked, or all of a destination and a code."""
    viewer, engine, form = request[VIEWER], request.app[SITE].engine, request[FORM]
    scope = viewer.scope(Permission.OPERATE)
    ids = [int(each) for each in form.all("delivery") if each.isascii() and each.isdigit() and len(each) < 19]
    if form.flag("every"):
        chosen = Chosen(destination=form.text("destination"), code=form.text("code"))
        wanted = await freeable(engine.store, scope=scope, chosen=chosen)
    else:
        wanted = await freeable(engine.store, scope=scope, ids=ids)
    freed = await free(engine, wanted, who=viewer.who) if wanted else 0
    return back(request, "/aside", done="freed" if freed else "nothing")


async def read_again(request: web.Request) -> web.Response:
    """Replay the captures that are ticked, with today's mapping."""
    return await _each(request, "replayed", _replay)


async def release(request: web.Request) -> web.Response:
    """Let the runs that are ticked go on."""
    return await _each(request, "released", _release)


async def discard(request: web.Request) -> web.Response:
    """Throw the runs that are ticked away."""
    return await _each(request, "discarded", _discard)


async def _replay(request: web.Request, number: int) -> None:
    await replay(request.app[SITE].engine, capture=number, who=request[VIEWER].who)


async def _release(request: web.Request, number: int) -> None:
    await release_run(request.app[SITE].engine, number, who=request[VIEWER].who, why=request[FORM].text("why")[:1000])


async def _discard(request: web.Request, number: int) -> None:
    await discard_run(request.app[SITE].engine, number, who=request[VIEWER].who, why=request[FORM].text("why")[:1000])


async def _each(request: web.Request, done: str, act: Any) -> web.Response:
    """Do it with each capture that the form names; one that somebody else decided meanwhile stops nothing."""
    viewer, store = request[VIEWER], request.app[SITE].engine.store
    count, refused = 0, None
    for text in request[FORM].all("capture")[:PAGE]:
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise web.HTTPBadRequest
        known = await captured.capture(store, int(text), scope=viewer.scope())
        if known is None:
            raise web.HTTPNotFound
        viewer.demand(Permission.OPERATE, known.member)
        try:
            await act(request, known.id)
            count += 1
        except DecisionRefusedError as error:
            refused = error
    if not count and refused is not None:
        raise refused
    return back(request, "/aside", done=done if count else "nothing", part="runs" if done != "replayed" else "captures")


ROUTES = (
    get("/aside", listing, Permission.OPERATE),
    post("/aside/free", send_again, Permission.OPERATE),
    post("/aside/replay", read_again, Permission.OPERATE),
    post("/aside/release", release, Permission.OPERATE),
    post("/aside/discard", discard, Permission.OPERATE),
    get("/aside/{capture:[0-9]{1,18}}", capture, Permission.OPERATE),
    get("/aside/{capture:[0-9]{1,18}}/raw", raw, Permission.OPERATE),
)
