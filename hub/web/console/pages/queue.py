"""The review queue, and the page where one held edition is decided about; then the next one opens by itself."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from aiohttp import web

from connectors.errors import HubError
from hub.commands.approve import approve
from hub.commands.reject import reject
from hub.commands.return_edition import return_edition
from hub.commands.schedule import schedule, unschedule
from hub.engine import Engine
from hub.locale import N_
from hub.queries.held import Choice, HeldEdition, before, held, waiting
from hub.queries.item import ItemFile, ReadEdition, item_file
from hub.queries.planned import planned
from hub.queries.sheet import sheet
from hub.rules.access import Permission
from hub.store.deciding import DecisionRefusedError
from hub.web.console import asking
from hub.web.console.forms import FORM, Form
from hub.web.console.rendering import back, link, page
from hub.web.console.showing import gated, shown
from hub.web.console.viewer import VIEWER
from hub.web.console.words import EDITIONS, FIELDS, KINDS, REASONS, tone
from hub.web.routes import get, post
from hub.web.site import SITE
from schemas.edition import EditionState

#: Editions on one page, and decided about at once.
PAGE: Final = 30
#: Choices of the field «waiting for».
AGES: Final = {"1": N_("More than a day"), "3": N_("More than three days"), "7": N_("More than a week")}
NOTICES: Final = {
    "approved": N_("Approved; this is the next one."), "rejected": N_("Rejected; this is the next one."),
    "returned": N_("Returned; this is the next one."), "planned": N_("Planned; this is the next one."),
    "unplanned": N_("The plan was taken away; the edition waits as before."),
    "approved_last": N_("Approved. Nothing more waits here."),
    "rejected_last": N_("Rejected. Nothing more waits here."),
    "returned_last": N_("Returned. Nothing more waits here."), "planned_last": N_("Planned. Nothing more waits here."),
}  # fmt: skip


async def queue(request: web.Request) -> web.Response:
    """What waits, oldest first."""
    viewer, store = request[VIEWER], request.app[SITE].engine.store
    choice, after = _choice(request), asking.number(request, "after")
    found = await held(store, scope=viewer.scope(), choice=choice, after=after, limit=PAGE + 1)
    return page(
        request, "queue.html", notices=NOTICES, found=found[:PAGE], after=after, choice=choice,
        chosen=_said(choice), older=link(request, "/queue", **_said(choice), after=found[PAGE - 1].id)
        if len(found) > PAGE else "",
        whole=await waiting(store, scope=viewer.scope()), may=viewer.may, ages=AGES, kinds=KINDS, reasons=REASONS,
        now=store.now(),
    )  # fmt: skip


async def decide(request: web.Request) -> web.Response:
    """Several at once: each a decision of its own, and a list of how each one ended."""
    viewer, engine, form = request[VIEWER], request.app[SITE].engine, request[FORM]
    approving = form.text("decision") == "approve"
    if not approving and not form.text("why"):
        raise _no_reason()
    outcomes = []
    for picked in list(dict.fromkeys(form.all("pick")))[:PAGE]:
        content_id, _, number = picked.partition(":")
        revision = int(number) if re.fullmatch(r"\d{1,9}", number) else 0
        file = await _file(request, content_id, revision)
        edition = file.edition(revision) if file else None
        if file is None or edition is None or edition.restricted or not viewer.may(Permission.APPROVE, file.member):
            continue
        done = approve if approving else reject
        problem = ""
        try:
            await done(engine, file.content_id, revision=edition.revision, who=viewer.who, why=form.text("why")[:1_000])
        except HubError as error:
            problem = error.sentence or error.code
        outcomes.append(Outcome(file.title, str(file.content_id), edition.revision, problem))
    return page(request, "queue_outcome.html", outcomes=outcomes, approving=approving, chosen=_said(_choice(request)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one of several decisions ended."""

    title: str
    content_id: str
    revision: int
    problem: str  #: empty: done


async def edition(request: web.Request) -> web.Response:
    """One held edition: what the source shows, what we made of it, and how each destination would show it."""
    viewer, engine = request[VIEWER], request.app[SITE].engine
    file, read = await _read(request)
    choice = _choice(request)
    known = await sheet(engine, file, read) if read.item is not None else None
    plans = await planned(engine.store, viewer.scope(), content_id=file.content_id)
    return page(
        request, "edition.html", notices=NOTICES, file=file, edition=read, sheet=known,
        published=gated(read.item, file, read.revision) if read.item else None, shown=shown,
        held=read.state is EditionState.HELD, plan=next((p for p in plans if p.revision == read.revision), None),
        may_approve=viewer.may(Permission.APPROVE, file.member), may_edit=viewer.may(Permission.EDIT, file.member),
        following=await _following(request, read.place, choice),
        earlier=await before(engine.store, read.place, scope=viewer.scope(), choice=choice), chosen=_said(choice),
        kinds=KINDS, reasons=REASONS, editions=EDITIONS, fields=FIELDS, tone=tone,
        connectors={name: place.connector for name, place in engine.destinations.items()},
    )  # fmt: skip


Act = Callable[[Engine, UUID, int, str, Form], Awaitable[object]]


def _decision(done: str, act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A handler that decides about one edition and leads to the next."""

    async def handler(request: web.Request) -> web.Response:
        viewer, engine = request[VIEWER], request.app[SITE].engine
        file, read = await _read(request)
        viewer.demand(Permission.APPROVE, file.member)
        if read.restricted:
            raise web.HTTPForbidden
        choice = _choice(request)
        following = await _following(request, read.place, choice)
        await act(engine, file.content_id, read.revision, viewer.who, request[FORM])
        if following is None:
            return back(request, "/queue", done=f"{done}_last", **_said(choice))
        return back(request, _path(following), done=done, **_said(choice))

    return handler


async def _approve(engine: Engine, content_id: UUID, revision: int, who: str, form: Form) -> None:
    await approve(engine, content_id, revision=revision, who=who, why=form.text("why")[:1_000])


async def _reject(engine: Engine, content_id: UUID, revision: int, who: str, form: Form) -> None:
    if not form.text("why"):
        raise _no_reason()
    await reject(engine, content_id, revision=revision, who=who, why=form.text("why")[:1_000])


async def _return(engine: Engine, content_id: UUID, revision: int, who: str, form: Form) -> None:
    await return_edition(engine, content_id, revision=revision, remark=form.text("why"), who=who)


async def _plan(engine: Engine, content_id: UUID, revision: int, who: str, form: Form) -> None:
    try:
        at = datetime.fromisoformat(form.text("at"))
    except ValueError:
        raise DecisionRefusedError(
            "no time", code="bad_time", sentence="Hãy chọn ngày và giờ đăng, ví dụ 08:00 ngày 25/11/2026."
        ) from None
    await schedule(engine, content_id, at=at, revision=revision, who=who, why=form.text("why")[:1_000])


async def unplan(request: web.Request) -> web.Response:
    """Take a plan away; the edition waits as before."""
    viewer, engine = request[VIEWER], request.app[SITE].engine
    file, read = await _read(request)
    viewer.demand(Permission.APPROVE, file.member)
    await unschedule(engine, file.content_id, who=viewer.who, why=request[FORM].text("why")[:1_000])
    return back(request, f"/queue/{file.content_id}/{read.revision}", done="unplanned", **_said(_choice(request)))


def _no_reason() -> DecisionRefusedError:
    return DecisionRefusedError(
        "no reason", code="no_remark", sentence="Hãy ghi lý do từ chối để sau này ai xem lại cũng hiểu."
    )


async def _file(request: web.Request, content_id: str, revision: int) -> ItemFile | None:
    try:
        identity = UUID(content_id)
    except ValueError:
        return None
    return await item_file(
        request.app[SITE].engine.store, identity, screen=request[VIEWER].scope(Permission.SCREEN), also=(revision,)
    )  # fmt: skip


async def _read(request: web.Request) -> tuple[ItemFile, ReadEdition]:
    """What the path names. Raises HTTPNotFound also for what is of another unit."""
    revision = asking.revision(request)
    file = await _file(request, request.match_info["content_id"], revision)
    if file is None:
        raise web.HTTPNotFound
    request[VIEWER].demand(Permission.READ, file.member)
    found = file.edition(revision)
    if found is None:
        raise web.HTTPNotFound
    return file, found


async def _following(request: web.Request, place: int, choice: Choice) -> HeldEdition | None:
    """The next that waits; behind the last one the first."""
    store, scope = request.app[SITE].engine.store, request[VIEWER].scope()
    for after in (place, 0):
        for found in await held(store, scope=scope, choice=choice, after=after, limit=2):
            if found.id != place:
                return found
    return None


def _choice(request: web.Request) -> Choice:
    return Choice(
        member=asking.word(request, "member"), kind=asking.one_of(request, "kind", KINDS),
        source=asking.word(request, "source"), reason=asking.one_of(request, "reason", REASONS),
        days=asking.number(request, "days", 3_650), words=asking.word(request, "words"),
    )  # fmt: skip


def _said(choice: Choice) -> dict[str, str]:
    """A choice as it stands in an address."""
    return {name: str(value) for name, value in asdict(choice).items() if value}


def _path(found: HeldEdition) -> str:
    return f"/queue/{found.content_id}/{found.revision}"


_EDITION: Final = "/queue/{content_id}/{revision}"
ROUTES = (
    get("/queue", queue, Permission.READ),
    post("/queue/decide", decide, Permission.APPROVE),
    get(_EDITION, edition, Permission.READ),
    post(f"{_EDITION}/approve", _decision("approved", _approve), Permission.APPROVE),
    post(f"{_EDITION}/reject", _decision("rejected", _reject), Permission.APPROVE),
    post(f"{_EDITION}/return", _decision("returned", _return), Permission.APPROVE),
    post(f"{_EDITION}/plan", _decision("planned", _plan), Permission.APPROVE),
    post(f"{_EDITION}/unplan", unplan, Permission.APPROVE),
)
