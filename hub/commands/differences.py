"""Decide about differences between the hub and a destination: accept them, or leave them as they are."""

from collections.abc import Sequence
from uuid import UUID

from hub.engine import Engine
from hub.rules.reconciliation import DifferenceKind
from hub.store import applying
from hub.store.states import DifferenceState


async def decide_difference(
    engine: Engine, destination: str, key: str, *, accept: bool, owner: UUID | None = None, who: str, why: str = ""
) -> int:  # fmt: skip
    """Accept the differences of a key (the destination shall become as we have it), or leave it as it is there.

    `owner` is the item that shall stand under a key that several claim. What was left is not listed again until either
    side changes. Returns how many were decided; raises DecisionRefusedError.
    """
    state = DifferenceState.ACCEPTED if accept else DifferenceState.SETTLED
    async with engine.store.unit() as unit:
        return len(await applying.decide(unit, destination, key, state, owner=owner, who=who, why=why))


async def accept_differences(
    engine: Engine, destination: str, kinds: Sequence[DifferenceKind], *, who: str, why: str = ""
) -> int:  # fmt: skip
    """Accept every open difference of these kinds, but for keys that several claim. Returns how many."""
    async with engine.store.unit() as unit:
        return await applying.accept_all(unit, destination, kinds, who=who, why=why)
