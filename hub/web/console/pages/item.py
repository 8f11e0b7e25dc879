"""One item: what is public, its versions and what changed, its trace, its deliveries; and taking it back."""

from collections.abc import Collection
from typing import Any, Final

from aiohttp import web

from connectors.parse.url import web_url
from hub.commands.differences import decide_difference
from hub.commands.free import free
from hub.commands.propose import propose_withdrawal
from hub.commands.withdraw import withdraw
from hub.locale import N_
from hub.queries.item import NEWEST, ItemFile, ReadEdition, differences_of, item_file, item_trace
from hub.queries.planned import planned
from hub.queries.sheet import faces
from hub.rules.access import Permission
from hub.rules.textdiff import changes
from hub.rules.two_persons import Matter
from hub.store.deciding import DecisionRefusedError
from hub.web.console import asking
from hub.web.console.forms import FORM
from hub.web.console.rendering import back, link, page
from hub.web.console.showing import gated, shown
from hub.web.console.viewer import VIEWER
from hub.web.console.words import (
    ATTEMPTS,
    CHANGES,
    DELIVERIES,
    DIFFERENCES,
    EDITIONS,
    EVENTS,
    FIELDS,
    ITEMS,
    KINDS,
    NOBODY,
    REASONS,
    WITHDRAWALS,
    tone,
)
from hub.web.routes import get, post
from hub.web.site import SITE
from schemas.edition import EditionState, WithdrawalKind

NOTICES: Final = {
    "withdrawn": N_("Withdrawn. Every destination is being told; their receipts stand under Deliveries."),
    "proposed": N_("Proposed. Another person has to confirm before anything happens."),
    "again": N_("It will be sent again at once."),
    "accepted": N_("The destination will be made to show what the hub has."),
    "settled": N_("Left as it is, until either side changes."),
    "edited": N_("Saved as a new edition; it waits for approval."),
    "approved": N_("Approved; readers see it from now on."),
}


async def overview(request: web.Request) -> web.Response:
    """What readers see, what waits, and how it looks elsewhere."""
    viewer, engine = request[VIEWER], request.app[SITE].engine
    file = await _read(request)
    public = file.public
    item = public.item if public else None
    newest = file.editions[0]
    return page(
        request, "item.html", **_common(request, file), tab="overview", shown=shown,
        published=gated(item, file, file.approved_revision) if item else None, public=public,
        waiting=newest if newest.state is EditionState.HELD else None, withdrawals=WITHDRAWALS,
        faces=await faces(engine, file, public) if public and newest is public else (),
        connectors={name: place.connector for name, place in engine.destinations.items()},
        plans=await planned(engine.store, viewer.scope(), content_id=file.content_id),
        may_withdraw=viewer.may(Permission.WITHDRAW, file.member) and file.state == "live",
        two=Matter.WITHDRAWALS in engine.two_persons,
    )  # fmt: skip


async def versions(request: web.Request) -> web.Response:
    """Every edition, and what changed between two of them."""
    last = asking.number(request, "to")
    file = await _read(request, also=(asking.number(request, "from"), last, last - 1))
    written = [each for each in file.editions if each.item is not None]
    new = _version(file, last) or (written[0] if written else None)
    before = [each for each in written if new is not None and each.revision < new.revision]
    old = _version(file, asking.number(request, "from")) or (before[0] if before else None)
    return page(
        request, "item_versions.html", **_common(request, file), tab="versions", list=file.editions[:NEWEST],
        more=max(file.count - NEWEST, 0), old=old, new=new, written=written, fields=FIELDS, changes=CHANGES,
        changed=changes(old.item if old else None, new.item) if new else (), reasons=REASONS, withdrawals=WITHDRAWALS,
    )  # fmt: skip


async def story(request: web.Request) -> web.Response:
    """Every stage and rule, with its reason."""
    file = await _read(request)
    found = await item_trace(request.app[SITE].engine.store, file.content_id)
    assert found is not None
    restricted = {each.revision for each in file.editions if each.restricted}
    return page(
        request, "item_trace.html", **_common(request, file), tab="trace", trace=found, events=EVENTS,
        restricted=restricted, changes=CHANGES, fields=FIELDS, list=file.editions[:NEWEST],
        happened=found.events,
    )  # fmt: skip


async def deliveries(request: web.Request) -> web.Response:
    """Where it went: states, receipts, attempts, and what a comparison found."""
    store = request.app[SITE].engine.store
    file = await _read(request)
    found = await item_trace(store, file.content_id)
    assert found is not None
    return page(
        request, "item_deliveries.html", **_common(request, file), tab="deliveries", trace=found,
        deliveries=DELIVERIES, attempts=ATTEMPTS, differences=await differences_of(store, file.content_id),
        words=DIFFERENCES, fields=FIELDS, address=_address,
        may_operate=request[VIEWER].may(Permission.OPERATE, file.member),
    )  # fmt: skip


async def take_back(request: web.Request) -> web.Response:
    """Withdraw it in one of four ways; where the settings want two people, propose it."""
    viewer, engine, form = request[VIEWER], request.app[SITE].engine, request[FORM]
    file = await _read(request)
    viewer.demand(Permission.WITHDRAW, file.member)
    if form.text("kind") not in WITHDRAWALS:
        raise _unfinished("Hãy chọn một trong bốn cách gỡ bài.")
    kind, reason = WithdrawalKind(form.text("kind")), form.text("why")[:1_000]
    redirect_to = web_url(form.text("redirect_to")[:2_048]) if kind is WithdrawalKind.REDIRECT else ""
    if not reason:
        raise _unfinished("Hãy ghi lý do gỡ bài; người đọc và người xem lại sau này đều cần biết.")
    if kind is WithdrawalKind.REDIRECT and not redirect_to:
        raise _unfinished("Hãy ghi địa chỉ đầy đủ của trang thay thế, bắt đầu bằng https:// hoặc http://.")
    if Matter.WITHDRAWALS in engine.two_persons:
        await propose_withdrawal(
            engine, file.content_id, kind=kind, reason=reason, redirect_to=redirect_to, who=viewer.who
        )  # fmt: skip
        return back(request, f"/items/{file.content_id}", done="proposed")
    await withdraw(engine, file.content_id, kind=kind, reason=reason, redirect_to=redirect_to, who=viewer.who)
    return back(request, f"/items/{file.content_id}", done="withdrawn")


async def send_again(request: web.Request) -> web.Response:
    """Free one delivery that was refused or set aside."""
    viewer, engine = request[VIEWER], request.app[SITE].engine
    file = await _read(request)
    viewer.demand(Permission.OPERATE, file.member)
    found = await item_trace(engine.store, file.content_id)
    chosen = [each.id for each in found.deliveries if each.id == request[FORM].number("delivery")] if found else []
    if not chosen or not await free(engine, chosen, who=viewer.who):
        raise DecisionRefusedError(
            "nothing to send again",
            sentence="Lượt chuyển này không còn bị từ chối hay tạm gác: đã gửi lại, hoặc đang gửi.",
        )
    return back(request, f"/items/{file.content_id}/deliveries", done="again")


async def settle(request: web.Request) -> web.Response:
    """Decide about a difference between the hub and a destination."""
    viewer, engine, form = request[VIEWER], request.app[SITE].engine, request[FORM]
    file = await _read(request)
    viewer.demand(Permission.OPERATE, file.member)
    accept, place = form.text("decision") == "accept", (form.text("destination"), form.text("key"))
    known = await differences_of(engine.store, file.content_id)
    if place not in {(each.destination, each.key) for each in known}:
        raise web.HTTPNotFound
    await decide_difference(engine, *place, accept=accept, who=viewer.who, why=form.text("why")[:1_000])
    return back(request, f"/items/{file.content_id}/deliveries", done="accepted" if accept else "settled")


def _unfinished(sentence: str) -> DecisionRefusedError:
    return DecisionRefusedError("the form is not finished", code="unfinished_withdrawal", sentence=sentence)


async def _read(request: web.Request, *, also: Collection[int] = ()) -> ItemFile:
    """The item of the path. Raises HTTPNotFound also for that of another unit."""
    viewer = request[VIEWER]
    file = await item_file(
        request.app[SITE].engine.store, asking.content_id(request), screen=viewer.scope(Permission.SCREEN), also=also
    )  # fmt: skip
    if file is None:
        raise web.HTTPNotFound
    viewer.demand(Permission.READ, file.member)
    return file


def _common(request: web.Request, file: ItemFile) -> dict[str, Any]:
    """What the head of each of the item's pages shows."""
    return {
        "file": file, "notices": NOTICES, "kinds": KINDS, "editions": EDITIONS, "states": ITEMS, "tone": tone,
        "base": link(request, f"/items/{file.content_id}"), "nobody": NOBODY,
        "may_edit": request[VIEWER].may(Permission.EDIT, file.member),
    }  # fmt: skip


def _version(file: ItemFile, revision: int) -> ReadEdition | None:
    found = file.edition(revision)
    return found if found and found.item is not None else None


def _address(remote_id: str) -> str:
    """Where a receipt leads, if what the destination calls it is an address."""
    return web_url(remote_id) if remote_id.startswith(("http://", "https://")) else ""


_ITEM: Final = "/items/{content_id}"
ROUTES = (
    get(_ITEM, overview, Permission.READ),
    get(f"{_ITEM}/versions", versions, Permission.READ),
    get(f"{_ITEM}/trace", story, Permission.READ),
    get(f"{_ITEM}/deliveries", deliveries, Permission.READ),
    post(f"{_ITEM}/withdraw", take_back, Permission.WITHDRAW),
    post(f"{_ITEM}/send", send_again, Permission.OPERATE),
    post(f"{_ITEM}/difference", settle, Permission.OPERATE),
)
