"""Recall an item: gone everywhere it ever went, with proof from every place, or a named exception."""

from uuid import UUID

from hub.engine import Engine
from hub.store import deciding, editions, screening
from hub.store.states import ItemState
from schemas.edition import Withdrawal, WithdrawalKind


async def recall(engine: Engine, content_id: UUID, *, reason: str, who: str) -> int:
    """Withdraw an item, if that did not happen yet, and demand proof of every place (hub/queries/recalls.py).

    Returns the withdrawal's revision; raises DecisionRefusedError for an item that there is not.
    """
    edition = await deciding.decidable(engine.store, content_id, None)
    revision = edition.item_revision
    async with engine.store.unit() as unit:
        if edition.item_state is not ItemState.WITHDRAWN:
            withdrawal = Withdrawal(
                content_id=content_id, revision=revision + 1, item_kind=edition.kind, kind=WithdrawalKind.VANISH,
                at=unit.now,
            )  # fmt: skip
            revision = await editions.withdraw(unit, content_id, revision, withdrawal, by="person", who=who)
        await screening.demand(unit, content_id, revision, who=who, reason=reason)
        unit.tell("recalled", who=who, content_id=content_id, revision=revision, why={"why": reason})
    return revision
