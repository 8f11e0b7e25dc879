"""What the editorial board and technicians do, for programs with a role and for the console: its queries, its commands.

Most commands are fenced: what was decided, withdrawn or paused before is refused or stays as it is. A replay and a free
are not; whoever repeats them after a lost answer sends the same Idempotency-Key.
"""

from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from hub.commands.approve import approve
from hub.commands.free import free
from hub.commands.pause import pause, resume
from hub.commands.reconcile import reconcile
from hub.commands.reject import reject
from hub.commands.replay import replay
from hub.commands.return_edition import return_edition
from hub.commands.withdraw import withdraw
from hub.queries import dead as aside
from hub.queries import destinations as places
from hub.queries import held
from hub.queries import items as kept
from hub.queries import sources as origins
from hub.queries.alarms import AlarmShown, alarms
from hub.rules.access import EVERYWHERE, Permission
from hub.store import deciding
from hub.store.deciding import DecisionRefusedError
from hub.web.api.operation import Call, Operation, Said, read, send
from hub.web.api.problems import Refused
from hub.web.api.values import Nothing, Sentence, Shape, Whole, Word
from schemas.edition import WithdrawalKind

_LIMIT: Final = Field(ge=1, le=500, description="entries at most")


class Limited(Shape):
    """How many entries."""

    limit: Annotated[Whole, _LIMIT] = 100


class QueueQuery(Limited):
    """A part of the queue."""

    member: Annotated[Word | None, Field(description="code of a member")] = None
    after: Annotated[Whole, Field(ge=0, description="`id` of the last edition that was read")] = 0


class AdminItemsQuery(Limited):
    """A part of all items."""

    member: Annotated[Word | None, Field(description="code of a member")] = None
    source: Annotated[Word | None, Field(description="name of a source")] = None
    state: Annotated[
        Literal["public", "waiting", "withdrawn", "unpublished"] | None, Field(description="what it is to readers")
    ] = None  # fmt: skip


class ItemIs(Shape):
    """One item."""

    content_id: UUID


class Named(Shape):
    """A source or a destination."""

    name: Word


class Decision(Shape):
    """What somebody decides about an edition."""

    revision: int | None = Field(default=None, ge=1, le=2**31 - 1, description="that was looked at; null: the newest")
    why: Sentence = Field(default="", description="kept in the account of events")


class Return(Shape):
    """Why an edition goes back."""

    revision: int | None = Field(default=None, ge=1, le=2**31 - 1, description="that was looked at; null: the newest")
    remark: Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^[^\x00]*\S[^\x00]*$")]


class Withdraw(Shape):
    """How an item is taken back."""

    kind: WithdrawalKind = WithdrawalKind.GONE
    reason: Sentence = Field(default="", description="one sentence for readers")
    redirect_to: Annotated[str, Field(max_length=2_048, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""


class Why(Shape):
    """A word of reason."""

    why: Sentence = Field(default="", description="kept in the account of events")


class Free(Shape):
    """Which deliveries are sent again."""

    deliveries: tuple[Annotated[int, Field(ge=1, le=2**53)], ...] = Field(min_length=1, max_length=500)


class Reconcile(Shape):
    """How a destination is compared."""

    apply: bool = Field(default=False, description="ask for what was accepted, too")


class Queue(Shape):
    """Editions that wait for a person, oldest first."""

    editions: tuple[held.HeldEdition, ...]


class AdminItems(Shape):
    """Items, the last changed first."""

    items: tuple[kept.ListedItem, ...]


class AdminSources(Shape):
    """Sources with their health, worst first."""

    sources: tuple[origins.SourceLine, ...]


class AdminDestinations(Shape):
    """Destinations with their queues."""

    destinations: tuple[places.DestinationLine, ...]


class SetAside(Shape):
    """What was set aside, newest first."""

    deliveries: tuple[aside.DeadDelivery, ...]
    captures: tuple[aside.DeadCapture, ...]
    records: tuple[aside.RejectedRecord, ...]


class Alarms(Shape):
    """Marked texts that came, without the texts, newest first."""

    alarms: tuple[AlarmShown, ...]


class Decided(Shape):
    """The edition about which was decided."""

    content_id: UUID
    revision: int


class Done(Shape):
    """It was done."""

    count: int = Field(ge=0, description="of what it was done to")


class Begun(Shape):
    """A run goes on in the background."""

    run: int


async def queue(call: Call[Nothing, QueueQuery, None]) -> Said:
    """What waits for a person, but for what the screens hold."""
    found = await held.held(
        call.store, scope=call.caller.scope(Permission.READ), choice=held.Choice(member=call.query.member or ""),
        after=call.query.after, limit=call.query.limit,
    )  # fmt: skip
    return Said(value=Queue(editions=tuple(found)))


async def admin_items(call: Call[Nothing, AdminItemsQuery, None]) -> Said:
    """All items of one's part of the province, public or not."""
    query = call.query
    choice = kept.ItemsChoice(member=query.member or "", source=query.source or "", state=query.state or "")
    found = await kept.items(
        call.store, call.site.engine.zone, scope=call.caller.scope(Permission.READ),
        screen=call.caller.scope(Permission.SCREEN), choice=choice, limit=query.limit,
    )  # fmt: skip
    return Said(value=AdminItems(items=tuple(found)))


async def admin_sources(call: Call[Nothing, Nothing, None]) -> Said:
    """Sources with their health, rhythm and faults."""
    found = await origins.sources(call.store, call.site.engine.zone, scope=call.caller.scope(Permission.READ))
    return Said(value=AdminSources(sources=tuple(found)))


async def admin_destinations(call: Call[Nothing, Nothing, None]) -> Said:
    """Destinations with what waits for them, as far as it is of one's part of the province."""
    found = await places.destinations(call.store, scope=call.caller.scope(Permission.READ))
    return Said(value=AdminDestinations(destinations=tuple(found)))


async def dead(call: Call[Nothing, Limited, None]) -> Said:
    """Deliveries, captures and records that a person has to look at."""
    found = await aside.dead(call.store, scope=call.caller.scope(Permission.OPERATE), limit=call.query.limit)
    return Said(
        value=SetAside(
            deliveries=tuple(found.deliveries), captures=tuple(found.captures), records=tuple(found.records)
        )
    )  # fmt: skip


async def admin_alarms(call: Call[Nothing, Limited, None]) -> Said:
    """For the duty officer's own session: no key has this permission."""
    found = await alarms(
        call.store, scope=call.caller.scope(Permission.SCREEN), everything=True, limit=call.query.limit
    )  # fmt: skip
    return Said(value=Alarms(alarms=tuple(found)))


async def approve_item(call: Call[ItemIs, Nothing, Decision]) -> Said:
    """An edition is public from now on, and goes wherever routing sends it."""
    await _of_ours(call, Permission.APPROVE)
    revision = await approve(
        call.site.engine, call.at.content_id, revision=call.body.revision, who=call.caller.who, why=call.body.why
    )  # fmt: skip
    return Said(value=Decided(content_id=call.at.content_id, revision=revision))


async def reject_item(call: Call[ItemIs, Nothing, Decision]) -> Said:
    """An edition will not be public; what was public before stays."""
    await _of_ours(call, Permission.APPROVE)
    revision = await reject(
        call.site.engine, call.at.content_id, revision=call.body.revision, who=call.caller.who, why=call.body.why
    )  # fmt: skip
    return Said(value=Decided(content_id=call.at.content_id, revision=revision))


async def return_item(call: Call[ItemIs, Nothing, Return]) -> Said:
    """An edition goes back to whoever wrote it, with a remark."""
    await _of_ours(call, Permission.APPROVE)
    revision = await return_edition(
        call.site.engine, call.at.content_id, revision=call.body.revision, remark=call.body.remark, who=call.caller.who
    )
    return Said(value=Decided(content_id=call.at.content_id, revision=revision))


async def withdraw_item(call: Call[ItemIs, Nothing, Withdraw]) -> Said:
    """An item is taken back everywhere. Refused where the settings want two people: they decide at the console."""
    await _of_ours(call, Permission.WITHDRAW)
    revision = await withdraw(
        call.site.engine, call.at.content_id, kind=call.body.kind, reason=call.body.reason,
        redirect_to=call.body.redirect_to, who=call.caller.who,
    )  # fmt: skip
    return Said(value=Decided(content_id=call.at.content_id, revision=revision))


async def pause_source(call: Call[Named, Nothing, Why]) -> Said:
    """A source is asked no more; what it sends is not taken."""
    await _of_our_source(call)
    await pause(call.site.engine, "source", call.at.name, who=call.caller.who, why=call.body.why)
    return Said(value=Done(count=1))


async def resume_source(call: Call[Named, Nothing, Why]) -> Said:
    """A source is asked again, at once."""
    await _of_our_source(call)
    await resume(call.site.engine, "source", call.at.name, who=call.caller.who, why=call.body.why)
    return Said(value=Done(count=1))


async def replay_source(call: Call[Named, Nothing, Why]) -> Said:
    """Its kept captures are read again with today's mapping; no network is used."""
    await _of_our_source(call)
    done = await replay(call.site.engine, source=call.at.name, who=call.caller.who)
    return Said(value=Done(count=done.captures))


async def pause_destination(call: Call[Named, Nothing, Why]) -> Said:
    """Nothing is sent there; work waits. Wants the permission for the whole province."""
    _whole(call)
    await pause(call.site.engine, "destination", call.at.name, who=call.caller.who, why=call.body.why)
    return Said(value=Done(count=1))


async def resume_destination(call: Call[Named, Nothing, Why]) -> Said:
    """It is sent to again. Wants the permission for the whole province."""
    _whole(call)
    await resume(call.site.engine, "destination", call.at.name, who=call.caller.who, why=call.body.why)
    return Said(value=Done(count=1))


async def reconcile_destination(call: Call[Named, Nothing, Reconcile]) -> Said:
    """Begins a comparison, or joins the one that goes on. Wants the permission for the whole province."""
    _whole(call)
    run = await reconcile(call.site.engine, call.at.name, apply=call.body.apply, who=call.caller.who)
    return Said(value=Begun(run=run), status=202)


async def free_deliveries(call: Call[Nothing, Nothing, Free]) -> Said:
    """What was refused or parked is sent again, as far as it is of one's part of the province."""
    scope = call.caller.scope(Permission.OPERATE)
    ids = await aside.freeable(call.store, scope=scope, ids=call.body.deliveries)
    count = await free(call.site.engine, ids, who=call.caller.who) if ids else 0
    return Said(value=Done(count=count))


async def _of_ours(call: "Call[ItemIs, Nothing, object]", permission: Permission) -> None:
    """Raises Refused: `not_found` for what the caller may not even see, `not_permitted` for what it may see only."""
    try:
        found = await deciding.decidable(call.store, call.at.content_id, None)
    except DecisionRefusedError:
        raise Refused("not_found") from None
    _demand(call, permission, found.member)


async def _of_our_source(call: "Call[Named, Nothing, object]") -> None:
    member = await origins.owner(call.store, call.at.name)
    if member is None:
        raise Refused("not_found")
    _demand(call, Permission.OPERATE, member)


def _demand(call: "Call[Shape, Nothing, object]", permission: Permission, member: str) -> None:
    if not call.caller.may(Permission.READ, member):
        raise Refused("not_found")
    if not call.caller.may(permission, member):
        raise Refused("not_permitted")


def _whole(call: "Call[Named, Nothing, object]") -> None:
    if call.caller.scope(Permission.OPERATE) != EVERYWHERE:
        raise Refused("not_permitted")
    if call.at.name not in call.site.engine.destinations:
        raise Refused("not_found")


def _reads() -> tuple[Operation, ...]:
    tag, read_, operate = "admin", Permission.READ, Permission.OPERATE
    return (
        read("/admin/queue", queue, at=Nothing, query=QueueQuery, answers={200: Queue}, tag=tag, demand=read_,
             summary="What waits for a person"),
        read("/admin/items", admin_items, at=Nothing, query=AdminItemsQuery, answers={200: AdminItems}, tag=tag,
             demand=read_, summary="All items"),
        read("/admin/sources", admin_sources, at=Nothing, query=Nothing, answers={200: AdminSources}, tag=tag,
             demand=read_, summary="Sources with their health"),
        read("/admin/destinations", admin_destinations, at=Nothing, query=Nothing, answers={200: AdminDestinations},
             tag=tag, demand=read_, summary="Destinations with their queues"),
        read("/admin/dead", dead, at=Nothing, query=Limited, answers={200: SetAside}, tag=tag, demand=operate,
             summary="What was set aside"),
        read("/admin/alarms", admin_alarms, at=Nothing, query=Limited, answers={200: Alarms}, tag=tag,
             demand=Permission.SCREEN, summary="Alarms of the screens"),
    )  # fmt: skip


_ITEM, _SOURCE, _PLACE = "/admin/items/{content_id}", "/admin/sources/{name}", "/admin/destinations/{name}"
_WHY: Final = TypeAdapter[Why](Why)
_DECISION: Final = TypeAdapter[Decision](Decision)


def _writes() -> tuple[Operation, ...]:
    tag, may_approve, operate = "admin", Permission.APPROVE, Permission.OPERATE
    return (
        send("POST", f"{_ITEM}/approve", approve_item, at=ItemIs, body=_DECISION, answers={200: Decided}, tag=tag,
             demand=may_approve, summary="Approve an edition"),
        send("POST", f"{_ITEM}/reject", reject_item, at=ItemIs, body=_DECISION, answers={200: Decided}, tag=tag,
             demand=may_approve, summary="Reject an edition"),
        send("POST", f"{_ITEM}/return", return_item, at=ItemIs, body=TypeAdapter[Return](Return),
             answers={200: Decided}, tag=tag, demand=may_approve, summary="Return an edition"),
        send("POST", f"{_ITEM}/withdraw", withdraw_item, at=ItemIs, body=TypeAdapter[Withdraw](Withdraw),
             answers={200: Decided}, tag=tag, demand=Permission.WITHDRAW, summary="Withdraw an item"),
        send("POST", f"{_SOURCE}/pause", pause_source, at=Named, body=_WHY, answers={200: Done}, tag=tag,
             demand=operate, summary="Pause a source"),
        send("POST", f"{_SOURCE}/resume", resume_source, at=Named, body=_WHY, answers={200: Done}, tag=tag,
             demand=operate, summary="Resume a source"),
        send("POST", f"{_SOURCE}/replay", replay_source, at=Named, body=_WHY, answers={200: Done}, tag=tag,
             demand=operate, summary="Read a source's captures again"),
        send("POST", f"{_PLACE}/pause", pause_destination, at=Named, body=_WHY, answers={200: Done}, tag=tag,
             demand=operate, summary="Pause a destination"),
        send("POST", f"{_PLACE}/resume", resume_destination, at=Named, body=_WHY, answers={200: Done}, tag=tag,
             demand=operate, summary="Resume a destination"),
        send("POST", f"{_PLACE}/reconcile", reconcile_destination, at=Named, body=TypeAdapter[Reconcile](Reconcile),
             answers={202: Begun}, tag=tag, demand=operate, summary="Compare a destination with the hub"),
        send("POST", "/admin/deliveries/free", free_deliveries, at=Nothing, body=TypeAdapter[Free](Free),
             answers={200: Done}, tag=tag, demand=operate, summary="Send again what was set aside"),
    )  # fmt: skip


ROUTES = (*_reads(), *_writes())
