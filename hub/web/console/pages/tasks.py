"""Tasks by hand: what an officer enters, changes or removes where the hub cannot; and deliveries that are late."""

import asyncio
from typing import Final
from uuid import UUID

from aiohttp import web

from hub.commands.tasks import drop_task, finish_task
from hub.locale import N_
from hub.queries.late import late_deliveries
from hub.queries.package import public_edition
from hub.queries.tasks import OpenTask, counted, open_task, open_tasks
from hub.rules.access import EVERYWHERE, Permission
from hub.sheets.downloads import FORMS, stem
from hub.store.deciding import DecisionRefusedError
from hub.web.console import asking
from hub.web.console.forms import FORM
from hub.web.console.rendering import back, page
from hub.web.console.viewer import VIEWER
from hub.web.console.words import DELIVERIES, TASKS, tone
from hub.web.routes import get, post
from hub.web.site import SITE

#: Tasks on a page.
PAGE: Final = 200
NOTICES: Final = {"done": N_("Noted as done."), "dropped": N_("Noted as not needed any more.")}


async def tasks(request: web.Request) -> web.Response:
    """What is to be done, the most urgent first."""
    viewer, engine = request[VIEWER], request.app[SITE].engine
    destination, state = asking.word(request, "destination"), asking.one_of(request, "state", ("overdue",))
    places = await counted(engine.store, engine.zone, scope=viewer.scope())
    chosen = [each.overdue if state else each.open for each in places if destination in ("", each.destination)]
    found = await open_tasks(
        engine.store, engine.zone, destination=destination or None, scope=viewer.scope(), overdue=bool(state),
        limit=PAGE,
    )  # fmt: skip
    return page(
        request, "tasks.html", notices=NOTICES, found=found, count=sum(each.count for each in chosen),
        places=[each.destination for each in places if each.destination], words=TASKS,
        destination=destination, state=state, may_operate=viewer.may(Permission.OPERATE),
    )  # fmt: skip


async def package(request: web.Request) -> web.Response:
    """What is entered for a task, as a file. Raises HTTPNotFound for what is not public or has no such file."""
    viewer, engine = request[VIEWER], request.app[SITE].engine
    task = await _task(request)
    if not task.content_id:
        raise web.HTTPNotFound
    item = await public_edition(engine.store, UUID(task.content_id))
    viewer.demand(Permission.READ, item.member)
    form = FORMS.get(request.match_info["format"])
    if form is None or not form.suits(item):
        raise web.HTTPNotFound
    body = await asyncio.to_thread(form.make, item, engine.zone)
    name = f"{stem(item)}.{request.match_info['format']}"
    headers = {"Content-Type": form.content_type, "Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, headers=headers)


async def finish(request: web.Request) -> web.Response:
    """An officer did it."""
    task = await _task(request)
    await finish_task(request.app[SITE].engine, task.id, who=request[VIEWER].who, why=_why(request))
    return back(request, "/tasks", done="done")


async def drop(request: web.Request) -> web.Response:
    """It is not needed any more."""
    task = await _task(request)
    await drop_task(request.app[SITE].engine, task.id, who=request[VIEWER].who, why=_why(request))
    return back(request, "/tasks", done="dropped")


async def late(request: web.Request) -> web.Response:
    """What should have arrived long ago, and what it waits for."""
    store, zone = request.app[SITE].engine.store, request.app[SITE].engine.zone
    found = await late_deliveries(store, scope=request[VIEWER].scope(), limit=PAGE)
    return page(request, "late.html", found=found, zone=zone, words=DELIVERIES, tone=tone)


async def _task(request: web.Request) -> OpenTask:
    """The open task of the path, within what the person may touch."""
    viewer, engine = request[VIEWER], request.app[SITE].engine
    scope = viewer.scope(Permission.OPERATE) if request.method == "POST" else viewer.scope()
    number = request.match_info["task"]
    known = number.isascii() and number.isdigit() and len(number) < 19
    task = await open_task(engine.store, engine.zone, int(number), scope=scope) if known else None
    if task is not None:
        return task
    if scope == EVERYWHERE and known:
        raise DecisionRefusedError(
            f"task {number[:20]} is not open",
            sentence="Việc này không còn mở: đã có người làm xong, hoặc không còn cần. Xem lại danh sách việc.",
        )
    raise web.HTTPNotFound


def _why(request: web.Request) -> str:
    return request[FORM].text("why")[:1_000]


ROUTES = (
    get("/tasks", tasks, Permission.READ),
    get("/tasks/{task}/package.{format}", package, Permission.READ),
    post("/tasks/{task}/done", finish, Permission.OPERATE),
    post("/tasks/{task}/drop", drop, Permission.OPERATE),
    get("/late", late, Permission.READ),
)
