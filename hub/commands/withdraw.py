"""Withdraw an item: the next revision says that it is gone, everywhere it ever was."""

from uuid import UUID

from hub.engine import Engine
from hub.rules.two_persons import Matter
from hub.store import deciding, editions
from hub.store.states import ItemState
from schemas.edition import Withdrawal, WithdrawalKind


async def withdraw(
    engine: Engine, content_id: UUID, *, kind: WithdrawalKind = WithdrawalKind.GONE, reason: str = "",
    redirect_to: str = "", who: str,
) -> int:  # fmt: skip
    """Withdraw one item. Returns the withdrawal's revision.

    Raises DecisionRefusedError when it is gone already, SecondPersonNeededError where the settings want two people
    (hub/commands/propose.py).
    """
    if Matter.WITHDRAWALS in engine.two_persons:
        raise deciding.SecondPersonNeededError("withdrawals take two")
    edition = await deciding.decidable(engine.store, content_id, None)
    if edition.item_state is ItemState.WITHDRAWN:
        raise deciding.DecisionRefusedError(
            f"{content_id} is withdrawn already", sentence="Nội dung này đã được gỡ trước đó; không cần gỡ lại."
        )
    withdrawal = Withdrawal(
        content_id=content_id, revision=edition.item_revision + 1, item_kind=edition.kind, kind=kind,
        reason=reason, redirect_to=redirect_to,
        at=engine.store.now(),
    )  # fmt: skip
    async with engine.store.unit() as unit:
        return await editions.withdraw(unit, content_id, edition.item_revision, withdrawal, by="person", who=who)
