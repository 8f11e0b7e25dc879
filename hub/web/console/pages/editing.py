"""Editing an item: our text beside the source's, what to do where they differ, and approving at a later hour."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from aiohttp import web

from connectors.parse.url import web_url
from hub.commands.approve import approve
from hub.commands.edit import EditConflictError, edit
from hub.commands.reject import reject
from hub.commands.schedule import schedule, unschedule
from hub.locale import N_
from hub.queries.conflicts import Texts, texts
from hub.queries.planned import planned
from hub.rules.access import Permission
from hub.rules.editing import OWN_FIELDS, Changes, Difference, proposed
from hub.rules.editing import shown as as_text
from hub.rules.textdiff import Piece, compare
from hub.rules.two_persons import Matter
from hub.store.deciding import DecisionRefusedError
from hub.store.states import ItemState
from hub.web.console import asking
from hub.web.console.forms import FORM, Form
from hub.web.console.rendering import back, page
from hub.web.console.showing import shown
from hub.web.console.viewer import VIEWER
from hub.web.console.words import FIELDS
from hub.web.routes import get, post
from hub.web.site import SITE
from schemas.edition import EditionState, UpdateType
from schemas.item import ItemBase

NOTICES: Final = {
    "planned": N_("Planned. Nothing of it is public before that hour."),
    "unplanned": N_("The plan is taken away; the edition waits as before."),
    "kept": N_("Our text stays. The source is shown again when it says something new."),
}
#: Fields that only some kinds have.
LABELS: Final = FIELDS | {
    "number": N_("Number"), "issued": N_("Day of issue"), "effective": N_("In force from"),
    "expired": N_("In force until"), "abstract": N_("Abstract"), "decision": N_("Decision of announcement"),
    "place_of_receipt": N_("Where papers are taken"), "description": N_("Description"),
}  # fmt: skip
DAYS: Final = frozenset({"issued", "effective", "expired"})
LONG: Final = frozenset({"abstract", "place_of_receipt", "description"})
TYPES: Final = {"major": N_("Important: readers are told"), "minor": N_("Small: nobody is alerted")}
_TAGS = re.compile(r"[\n;]")


async def editor(request: web.Request) -> web.Response:
    """The form, with the source's text beside it."""
    known = await _known(request)
    return _form(request, known, _fields(known.ours.item) if known.ours.item else {})


async def save(request: web.Request) -> web.Response:
    """The next edition; where somebody was faster, the page shows what changed and keeps what was typed."""
    engine, viewer, form = request.app[SITE].engine, request[VIEWER], request[FORM]
    known = await _known(request)
    at_once = form.flag("approve") and viewer.may(Permission.APPROVE, known.member)
    kind = UpdateType(form.text("update_type")) if form.text("update_type") in TYPES else None
    try:
        made = await edit(
            engine, known.content_id, _changes(form, known), seen=form.small("seen") or 0, update_type=kind,
            approve=at_once, who=viewer.who, why=form.text("why")[:1_000],
        )  # fmt: skip
    except EditConflictError as conflict:
        now = await _known(request)
        return _form(request, now, _typed(form), problem=conflict.sentence, theirs=conflict.differences, status=409)
    except DecisionRefusedError as refused:
        if known.item_state is ItemState.WITHDRAWN or known.restricted:
            raise
        return _form(request, known, _typed(form), problem=refused.sentence, status=422)
    done = "approved" if made.state is EditionState.APPROVED else "edited"
    return back(request, f"/items/{known.content_id}", done=done)


async def take_theirs(request: web.Request) -> web.Response:
    """The source's newer text replaces ours."""
    known = await _known(request, Permission.APPROVE)
    viewer, form = request[VIEWER], request[FORM]
    await approve(
        request.app[SITE].engine, known.content_id, revision=form.small("revision") or 0, who=viewer.who,
        why=form.text("why")[:1_000],
    )  # fmt: skip
    return back(request, f"/items/{known.content_id}", done="approved")


async def keep_ours(request: web.Request) -> web.Response:
    """Our text stays; the source's is rejected until it says something new."""
    known = await _known(request, Permission.APPROVE)
    viewer, form = request[VIEWER], request[FORM]
    await reject(
        request.app[SITE].engine, known.content_id, revision=form.small("revision") or 0, who=viewer.who,
        why=form.text("why")[:1_000],
    )  # fmt: skip
    return back(request, f"/items/{known.content_id}/edit", done="kept")


async def timing(request: web.Request) -> web.Response:
    """When the newest edition shall be public."""
    return await _timing(request, await _known(request, Permission.APPROVE))


async def plan(request: web.Request) -> web.Response:
    """Approve it at that hour."""
    engine, viewer, form = request.app[SITE].engine, request[VIEWER], request[FORM]
    known = await _known(request, Permission.APPROVE)
    try:
        at = datetime.fromisoformat(form.text("at"))
    except ValueError:
        problem = "Hãy chọn ngày và giờ đăng."
        return await _timing(request, known, typed=form.text("at"), why=form.text("why"), problem=problem)
    try:
        await schedule(
            engine, known.content_id, at=at, revision=form.small("revision"), who=viewer.who,
            why=form.text("why")[:1_000],
        )  # fmt: skip
    except DecisionRefusedError as refused:
        if refused.code != "bad_time":
            raise
        return await _timing(
            request, known, typed=form.text("at"), why=form.text("why"), problem=refused.sentence
        )  # fmt: skip
    return back(request, f"/items/{known.content_id}/schedule", done="planned")


async def unplan(request: web.Request) -> web.Response:
    """Take the plan away."""
    known = await _known(request, Permission.APPROVE)
    await unschedule(request.app[SITE].engine, known.content_id, who=request[VIEWER].who)
    return back(request, f"/items/{known.content_id}/schedule", done="unplanned")


async def _known(request: web.Request, permission: Permission = Permission.EDIT) -> Texts:
    """The item's texts, for whoever may do this with its member."""
    try:
        known = await texts(request.app[SITE].engine.store, asking.content_id(request))
    except DecisionRefusedError:
        raise web.HTTPNotFound from None
    request[VIEWER].demand(permission, known.member)
    if known.restricted:
        raise DecisionRefusedError(
            "a screen holds it", code="screened",
            sentence="Bài đang bị tạm giữ để kiểm tra; người trực xử lý xong thì mới biên tập, hẹn giờ được.",
        )  # fmt: skip
    return known


def _form(
    request: web.Request, known: Texts, typed: Mapping[str, str], *, problem: str = "",
    theirs: Sequence[Difference] = (), status: int = 200,
) -> web.Response:  # fmt: skip
    viewer, engine = request[VIEWER], request.app[SITE].engine
    if known.item_state is ItemState.WITHDRAWN or known.ours.item is None:
        raise DecisionRefusedError("withdrawn", sentence="Bài đã gỡ nên không biên tập được.")
    source = known.theirs
    before = next((e for e in known.editions if source and e.revision < source.revision and e.origin == source.origin
                   and e.item is not None), None)  # fmt: skip
    may_approve = viewer.may(Permission.APPROVE, known.member)
    return page(
        request, "edit.html", address=web_url, status=status,
        notices=NOTICES, known=known, typed=typed, problem=problem,
        labels=LABELS, own=OWN_FIELDS.get(known.kind, ()), days=DAYS, long=LONG, types=TYPES, kept=bool(problem),
        theirs=_compared(theirs), source=source, source_html=shown(source.item.content_html)
        if source and source.item else "", said=_compared(_said(before.item, source.item))
        if known.in_conflict and before and before.item and source and source.item else (),
        may_approve=may_approve, at_once=may_approve and Matter.EDITS not in engine.two_persons,
        proposal=proposed(known.public, known.ours.item) if known.in_conflict else "",
    )  # fmt: skip


def _said(before: ItemBase, after: ItemBase) -> list[Difference]:
    fields = ("title", "summary", "content_html", "tags", "image")
    pairs = [(name, as_text(before, name), as_text(after, name)) for name in fields]
    return [Difference(field=name, before=old, after=new) for name, old, new in pairs if old != new]


def _compared(differences: Sequence[Difference]) -> list[tuple[str, Sequence[Piece]]]:
    return [(each.field, compare(each.before, each.after)) for each in differences]


def _fields(item: ItemBase) -> dict[str, str]:
    """An item as its form has it."""
    own: dict[str, Any] = {name: getattr(item, name) for name in OWN_FIELDS.get(item.kind, ())}
    return {
        "title": item.title, "summary": item.summary, "content_html": item.content_html,
        "tags": "\n".join(item.tags), "image": item.image,
        **{name: "" if value is None else str(value) for name, value in own.items()},
    }  # fmt: skip


def _typed(form: Form) -> dict[str, str]:
    names = {name for name in form.fields if name not in ("csrf", "seen", "approve")}
    return {name: form.text(name) for name in names}


def _changes(form: Form, known: Texts) -> Changes:
    return Changes(
        title=form.text("title"), summary=form.text("summary"), content_html=form.text("content_html"),
        tags=tuple(_TAGS.split(form.text("tags"))), image=form.text("image"),
        details={name: form.text(name) for name in OWN_FIELDS.get(known.kind, ()) if name in form.fields},
    )  # fmt: skip


async def _timing(
    request: web.Request, known: Texts, *, typed: str = "", why: str = "", problem: str = ""
) -> web.Response:  # fmt: skip
    engine = request.app[SITE].engine
    plans = await planned(engine.store, request[VIEWER].scope(), content_id=known.content_id)
    now = engine.store.now().astimezone(engine.zone)
    newest = next((e for e in known.editions if e.state is EditionState.HELD), None)
    return page(
        request, "edit_schedule.html", status=422 if problem else 200, notices=NOTICES, known=known, plans=plans,
        newest=newest, typed=typed, why=why, problem=problem, least=now.strftime("%Y-%m-%dT%H:%M"),
        zone=engine.zone.key,
    )  # fmt: skip


ROUTES: Final = (
    get("/items/{content_id}/edit", editor, Permission.EDIT),
    post("/items/{content_id}/edit", save, Permission.EDIT),
    post("/items/{content_id}/take-theirs", take_theirs, Permission.APPROVE),
    post("/items/{content_id}/keep-ours", keep_ours, Permission.APPROVE),
    get("/items/{content_id}/schedule", timing, Permission.APPROVE),
    post("/items/{content_id}/schedule", plan, Permission.APPROVE),
    post("/items/{content_id}/schedule/cancel", unplan, Permission.APPROVE),
)
