"""Decisions that take two, where the settings say so: one person proposes, another confirms or declines."""

from uuid import UUID

from hub.engine import Engine
from hub.rules.two_persons import Matter, is_second
from hub.store import deciding, editions, posting, seconding
from hub.store.deciding import Decidable, DecisionRefusedError, SecondPersonNeededError
from hub.store.seconding import Proposed
from hub.store.states import ItemState, ProposalState
from hub.store.unit import Unit
from schemas.edition import Withdrawal, WithdrawalKind


async def propose_withdrawal(
    engine: Engine, content_id: UUID, *, kind: WithdrawalKind = WithdrawalKind.GONE, reason: str = "",
    redirect_to: str = "", who: str, why: str = "",
) -> int:  # fmt: skip
    """Ask that an item is taken back; nothing happens until another person confirms. Returns the proposal's id.

    Raises DecisionRefusedError when it is gone already.
    """
    edition = await deciding.decidable(engine.store, content_id, None)
    if edition.item_state is ItemState.WITHDRAWN:
        raise _gone(content_id)
    details = {"kind": kind, "reason": reason, "redirect_to": redirect_to}
    async with engine.store.unit() as unit:
        return await seconding.propose(
            unit, Matter.WITHDRAWALS, content_id, edition.item_revision, details=details, who=who, why=why
        )


async def propose_post(
    engine: Engine, content_id: UUID, destination: str, *, revision: int, who: str, why: str = ""
) -> int:  # fmt: skip
    """Say yes to the revision that waits at a destination, as the first of two. Returns the proposal's id."""
    async with engine.store.unit() as unit:
        return await seconding.propose(
            unit, Matter.POSTS, content_id, revision, destination=destination, who=who, why=why
        )


async def confirm(engine: Engine, proposal: int, *, who: str, why: str = "") -> Matter:
    """Carry out what another person proposed, in the same transaction. Returns what it was about.

    Raises SecondPersonNeededError for one's own proposal, DecisionRefusedError when it is not open any more, or when
    there is nothing left to do; then it is void.
    """
    found = await _open(engine, proposal)
    if not is_second(found.who, who):
        raise SecondPersonNeededError(f"{who} made proposal {proposal}")
    edition = await deciding.decidable(engine.store, found.content_id, None)
    try:
        async with engine.store.unit() as unit:
            if not await seconding.ended(unit, found, ProposalState.CONFIRMED, who=who, why=why):
                raise seconding.not_open(proposal)
            if found.matter is Matter.WITHDRAWALS:
                await _withdraw(unit, found, edition, who)
            else:
                await posting.approve(
                    unit, found.destination, found.content_id, revision=found.revision, who=who,
                    why=_of_two(found, why),
                )  # fmt: skip
    except DecisionRefusedError:
        async with engine.store.unit() as unit:
            await seconding.ended(unit, found, ProposalState.VOID, who=who, why=why)
        raise
    return found.matter


async def decline(engine: Engine, proposal: int, *, who: str, why: str = "") -> Matter:
    """Say no to a proposal, or take one's own back. Returns what it was about; raises DecisionRefusedError."""
    found = await _open(engine, proposal)
    async with engine.store.unit() as unit:
        if not await seconding.ended(unit, found, ProposalState.DECLINED, who=who, why=why):
            raise seconding.not_open(proposal)
    return found.matter


async def _withdraw(unit: Unit, found: Proposed, edition: Decidable, who: str) -> None:
    """Whatever the item says by now: what is to be gone is to be gone with its newest edition."""
    if edition.item_state is ItemState.WITHDRAWN:
        raise _gone(found.content_id)
    withdrawal = Withdrawal(
        content_id=found.content_id, revision=edition.item_revision + 1, item_kind=edition.kind,
        kind=WithdrawalKind(found.details["kind"]), reason=found.details["reason"],
        redirect_to=found.details["redirect_to"], at=unit.now,
    )  # fmt: skip
    await editions.withdraw(unit, found.content_id, edition.item_revision, withdrawal, by="person", who=who)


def _gone(content_id: UUID) -> DecisionRefusedError:
    return DecisionRefusedError(
        f"{content_id} is withdrawn already", sentence="Nội dung này đã được gỡ trước đó; không cần gỡ lại."
    )


def _of_two(found: Proposed, why: str) -> str:
    return "; ".join(each for each in (f"{found.who}: {found.why}" if found.why else found.who, why) if each)


async def _open(engine: Engine, proposal: int) -> Proposed:
    found = await seconding.read(engine.store, proposal)
    if found is None:
        raise seconding.not_open(proposal)
    return found
