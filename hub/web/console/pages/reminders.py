"""Reminders: prepared, sent, stopped, settled. People prepare and send them; they stop by themselves."""

import io
import zipfile
from collections.abc import Sequence
from typing import Final

from aiohttp import web

from hub.commands.stop_urging import stop_reminder
from hub.commands.urge import Prepared, Sent, prepare_reminders, send_reminders
from hub.locale import N_
from hub.mailing.urging import papers
from hub.queries.reminders import reminders
from hub.rules.access import Permission
from hub.rules.urging import Doubt, Step
from hub.store.states import ReminderState
from hub.web.console import reporting
from hub.web.console.asking import one_of
from hub.web.console.forms import FORM
from hub.web.console.rendering import back, page, texts_of
from hub.web.console.viewer import VIEWER
from hub.web.routes import get, post
from hub.web.site import SITE

#: Reminders that are shown, newest first.
MOST: Final = 500
NOTICES: Final = {"stopped": N_("The reminder was stopped. Nobody gets it.")}


async def listing(request: web.Request) -> web.Response:
    """Reminders in one state, the newest first."""
    return await _page(request)


async def prepare(request: web.Request) -> web.Response:
    """Write a reminder for every gap that may be urged."""
    viewer, engine = request[VIEWER], request.app[SITE].engine
    step = Step(request[FORM].text("step")) if request[FORM].text("step") in set(Step) else Step.NOTICE
    prepared = await prepare_reminders(engine, step=step, who=viewer.who, scope=viewer.scope(Permission.URGE))
    return await _page(request, prepared=prepared)


async def send(request: web.Request) -> web.Response:
    """Send those that were ticked, by mail, or keep that a person sent them on paper."""
    viewer, engine, form = request[VIEWER], request.app[SITE].engine, request[FORM]
    ids = [int(each) for each in form.all("id") if each.isascii() and each.isdigit() and len(each) < 19]
    sent = await send_reminders(
        engine, ids=ids, on_paper=form.flag("on_paper"), who=viewer.who, scope=viewer.scope(Permission.URGE)
    )
    return await _page(request, sent=sent)


async def stop(request: web.Request) -> web.Response:
    """Let a reminder go to nobody."""
    viewer = request[VIEWER]
    await stop_reminder(
        request.app[SITE].engine, int(request.match_info["reminder"]), who=viewer.who,
        why=request[FORM].text("why"), scope=viewer.scope(Permission.URGE),
    )  # fmt: skip
    return back(request, "/reminders", done="stopped")


async def letters(request: web.Request) -> web.Response:
    """The letters of what is prepared as Word files, to be signed and sent on paper."""
    viewer, engine = request[VIEWER], request.app[SITE].engine
    prepared = await reminders(
        engine.store, states=(ReminderState.PREPARED,), scope=viewer.scope(Permission.URGE), limit=MOST
    )
    found = await papers(engine, [each.id for each in prepared]) if prepared else []
    if not found:
        return back(request, "/reminders")
    headers = {"Content-Type": "application/zip", "Content-Disposition": 'attachment; filename="don-doc.zip"'}
    return web.Response(body=_packed(found), headers=headers)


def _packed(files: Sequence[tuple[str, bytes]]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, body in files:
            archive.writestr(name, body)
    return packed.getvalue()


async def _page(request: web.Request, *, prepared: Prepared | None = None, sent: Sent | None = None) -> web.Response:
    viewer, engine, texts = request[VIEWER], request.app[SITE].engine, texts_of(request)
    state = one_of(request, "state", set(ReminderState)) or ReminderState.PREPARED
    every = await reminders(engine.store, scope=viewer.scope(), limit=MOST)
    counts = {each: sum(one.state is each for one in every) for each in ReminderState}
    return page(
        request, "reminders.html", notices=NOTICES, found=[one for one in every if one.state == state], state=state,
        counts=counts, states=reporting.REMINDERS, steps=reporting.STEPS, prepared=prepared, sent=sent,
        doubts=reporting.DOUBTS, may_urge=viewer.may(Permission.URGE), mails=engine.mailing is not None,
        left_out=[(texts(reporting.DOUBTS[Doubt(why)]), n) for why, n in prepared.left_out.items()] if prepared else [],
    )  # fmt: skip


ROUTES = (
    get("/reminders", listing, Permission.READ),
    get("/reminders/letters.zip", letters, Permission.URGE),
    post("/reminders/prepare", prepare, Permission.URGE),
    post("/reminders/send", send, Permission.URGE),
    post(r"/reminders/{reminder:\d{1,18}}/stop", stop, Permission.URGE),
)
