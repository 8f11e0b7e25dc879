"""Contributions: the list, a new one, and writing one with its photos until it is sent to the board.

One form saves the text, takes photos and sends: whatever is pressed, what was typed is stored first, and where that
fails the page comes back with it.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from connectors.errors import HubError
from hub.commands import drafts as writing
from hub.commands.drafts import DraftChangedError
from hub.commands.judging import MarkedTextError
from hub.locale import N_
from hub.rules.access import Permission
from hub.store import drafting, roster
from hub.store.drafting import Draft, DraftText
from hub.store.states import DraftState
from hub.web.console import asking
from hub.web.console.forms import FORM, Form
from hub.web.console.rendering import back, link, page
from hub.web.console.showing import shown
from hub.web.console.viewer import VIEWER, Viewer
from hub.web.console.words import KINDS
from hub.web.routes import PREFIX, get, post
from hub.web.site import SITE
from schemas.item import Kind

PAGE: Final = 30
NOTICES: Final = {
    "saved": N_("Saved. Nobody else sees it before you send it."), "sent": N_("Sent. The editorial board decides."),
    "back": N_("Taken back. Go on writing, then send it again."),
}  # fmt: skip
STATES: Final = {
    DraftState.WRITING: (N_("Being written"), "calm"), DraftState.SENT: (N_("Sent, waits for the board"), "warn"),
    DraftState.RETURNED: (N_("Returned"), "bad"), DraftState.TAKEN: (N_("Public now"), "good"),
}  # fmt: skip
EMPTY: Final = DraftText(kind=Kind.NEWS, title="", summary="", content="")
_TAGS = re.compile(r"[\n;]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The form as it is shown: what is stored, or what was typed when that could not be stored."""

    text: DraftText
    counter: int
    problem: str = ""


async def listing(request: web.Request) -> web.Response:
    """Own contributions, and those that were sent from the part of the province that one edits."""
    viewer, store = request[VIEWER], request.app[SITE].engine.store
    before = asking.number(request, "before") or None
    found = await drafting.listed(
        store, author=viewer.who, scope=viewer.scope(Permission.EDIT), limit=PAGE + 1, before=before
    )
    older = link(request, "/drafts", before=found[PAGE - 1].id) if len(found) > PAGE else ""
    return page(
        request, "drafts.html", notices=NOTICES, found=found[:PAGE], older=older, states=STATES, kinds=KINDS,
        me=viewer.who, members=await roster.names(store),
    )  # fmt: skip


async def new(request: web.Request) -> web.Response:
    """An empty form."""
    return await _form(request, None, Sheet(text=EMPTY, counter=0))


async def create(request: web.Request) -> web.Response:
    """Store a new contribution, then whatever else the form asks for."""
    viewer, form = request[VIEWER], request[FORM]
    member, text = form.text("member"), _text(form)
    viewer.demand(Permission.DRAFT, member)
    try:
        saved = await writing.write_draft(
            request.app[SITE].engine, text, member=member, guid=_guid(form), who=viewer.who
        )  # fmt: skip
    except MarkedTextError:
        raise
    except HubError as refused:
        return await _form(request, None, Sheet(text=text, counter=0, problem=refused.sentence), status=422)
    return await _further(request, saved.draft, saved.counter, text)


async def one(request: web.Request) -> web.Response:
    """A contribution: the form for its author, the text for those who decide."""
    found = await _visible(request)
    if found.author == request[VIEWER].who and found.state is not DraftState.SENT:
        return await _form(request, found, Sheet(text=found.text, counter=found.counter))
    return await _reading(request, found)


async def save(request: web.Request) -> web.Response:
    """Store what was typed, then whatever else the form asks for."""
    found, form, viewer = await _own(request), request[FORM], request[VIEWER]
    text, counter = _text(form), form.small("counter") or 0
    try:
        saved = await writing.write_draft(
            request.app[SITE].engine, text, member=found.member, draft=found.id, counter=counter, who=viewer.who
        )
    except DraftChangedError as changed:
        sheet = Sheet(text=text, counter=found.counter, problem=changed.sentence)
        return await _form(request, found, sheet, status=409)
    except MarkedTextError:
        raise
    except HubError as refused:
        sheet = Sheet(text=text, counter=counter, problem=refused.sentence)
        return await _form(request, found, sheet, status=422)
    return await _further(request, found.id, saved.counter, text)


async def take_back(request: web.Request) -> web.Response:
    """Go on writing before the board decided."""
    found = await _own(request)
    await writing.take_back_draft(request.app[SITE].engine, found.id, who=request[VIEWER].who)
    return back(request, f"/drafts/{found.id}", done="back")


async def photo(request: web.Request) -> web.Response:
    """A photo of a contribution, for those who may see it before the public does."""
    found = await _visible(request)
    place = int(request.match_info["place"])
    chosen = next((each for each in found.photos if each.place == place), None)
    if chosen is None:
        raise web.HTTPNotFound
    body = await request.app[SITE].engine.files.get(chosen.sha256)
    return web.Response(body=body, content_type=chosen.type)  # not to be kept: the next at this desk is another


async def _further(request: web.Request, draft: int, counter: int, text: DraftText) -> web.Response:
    """The text is stored: photos, their descriptions, and sending. What fails is said beside the stored text."""
    engine, form, who = request.app[SITE].engine, request[FORM], request[VIEWER].who
    alts = {
        int(name.removeprefix("alt-")): values[0]
        for name, values in form.fields.items()
        if re.fullmatch(r"alt-\d{1,4}", name)
    }
    try:
        if alts:
            await writing.describe_photos(engine, draft, alts, who=who)
        if drop := form.small("drop"):
            await writing.drop_photo(engine, draft, drop, who=who)
        for upload in form.files:
            if upload.field == "photo" and upload.body:
                await writing.add_photo(engine, draft, upload.body, who=who)
        if form.text("do") == "send":
            await writing.send_draft(engine, draft, counter=counter, who=who)
            return back(request, f"/drafts/{draft}", done="sent")
    except MarkedTextError:
        raise
    except HubError as refused:
        found = await writing.own(engine, draft, who)
        sheet = Sheet(text=text, counter=found.counter, problem=refused.sentence)
        return await _form(request, found, sheet, status=422)
    return back(request, f"/drafts/{draft}", done="saved")


async def _form(request: web.Request, found: Draft | None, sheet: Sheet, *, status: int = 200) -> web.Response:
    viewer, store = request[VIEWER], request.app[SITE].engine.store
    names = await roster.names(store)
    chosen = request[FORM].text("member") if FORM in request else ""
    guid = _guid(request[FORM]) if FORM in request and found is None else writing.new_guid()
    return page(
        request, "draft.html", status=status, notices=NOTICES, found=found, sheet=sheet, states=STATES,
        kinds={kind: KINDS[kind] for kind in writing.KINDS}, guid=guid, chosen=chosen,
        members=[(code, names[code]) for code in sorted(names, key=names.__getitem__) if _may_write(viewer, code)],
        member_name=names.get(found.member, found.member) if found else "", most=writing.MOST_PHOTOS,
        preview=_preview(request, found),
    )  # fmt: skip


async def _reading(request: web.Request, found: Draft) -> web.Response:
    names = await roster.names(request.app[SITE].engine.store)
    return page(
        request, "draft_sent.html", notices=NOTICES, found=found, states=STATES, kinds=KINDS,
        member_name=names.get(found.member, found.member), mine=found.author == request[VIEWER].who,
        preview=_preview(request, found),
    )  # fmt: skip


def _preview(request: web.Request, found: Draft | None) -> Any:
    """The stored text as it will look; its photos are not public yet and come from here."""
    if found is None:
        return ""
    site = request.app[SITE]
    folder = f"{site.base}{request.app[PREFIX]}/drafts/{found.id}/photos"
    return shown(writing.preview(site.engine, found, folder))


def _may_write(viewer: Viewer, member: str) -> bool:
    return viewer.may(Permission.DRAFT, member)


async def _visible(request: web.Request) -> Draft:
    """The contribution of the path: one's own, or one sent from where one edits. Raises HTTPNotFound."""
    viewer = request[VIEWER]
    found = await drafting.read(request.app[SITE].engine.store, int(request.match_info["draft"]))
    if found is None:
        raise web.HTTPNotFound
    was_sent = found.state is not DraftState.WRITING and not found.restricted
    if found.author == viewer.who or (was_sent and viewer.may(Permission.EDIT, found.member)):
        return found
    raise web.HTTPNotFound


async def _own(request: web.Request) -> Draft:
    found = await _visible(request)
    if found.author != request[VIEWER].who:
        raise web.HTTPForbidden
    return found


def _text(form: Form) -> DraftText:
    kind = Kind(form.text("kind")) if form.text("kind") in list(Kind) else Kind.NEWS
    return DraftText(
        kind=kind, title=form.text("title"), summary=form.text("summary"), content=form.text("content"),
        tags=tuple(each.strip() for each in _TAGS.split(form.text("tags")) if each.strip()),
    )  # fmt: skip


def _guid(form: Form) -> str:
    """The name that the page was made with; a new one where somebody bent it."""
    given = form.text("guid")
    return given if re.fullmatch(r"[0-9a-f]{24}", given) else writing.new_guid()


ROUTES: Final = (
    get("/drafts", listing, Permission.DRAFT),
    get("/drafts/new", new, Permission.DRAFT),
    post("/drafts/new", create, Permission.DRAFT),
    get(r"/drafts/{draft:\d{1,18}}", one, Permission.DRAFT),
    post(r"/drafts/{draft:\d{1,18}}", save, Permission.DRAFT),
    post(r"/drafts/{draft:\d{1,18}}/take-back", take_back, Permission.DRAFT),
    get(r"/drafts/{draft:\d{1,18}}/photos/{place:\d{1,6}}", photo, Permission.DRAFT),
)
