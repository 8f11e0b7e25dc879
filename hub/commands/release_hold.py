"""Let go on, or reject, what a screen holds: the duty officer looked at it, and at the page of the member."""

from uuid import UUID

from hub.commands.approve import routing_of
from hub.engine import Engine
from hub.store import deciding, restricting
from schemas.edition import EditionState


async def release_hold(
    engine: Engine, content_id: UUID, *, revision: int | None = None, who: str, why: str = ""
) -> int:  # fmt: skip
    """Let one edition go on, the newest by default: public where its source is published unseen, else to review.

    The same text of that source is not held again. Returns its revision; raises DecisionRefusedError.
    """
    edition = await deciding.decidable(engine.store, content_id, revision)
    if not edition.restricted or edition.item is None:
        raise restricting.not_held_by_a_screen(edition)
    async with engine.store.unit() as unit:
        await restricting.released(unit, edition, who=who, why=why)
        if restricting.goes_on_to(edition) is EditionState.APPROVED:
            await deciding.approved(unit, edition.released(), routing_of(engine, edition), who=who, why=why)
    return edition.revision


async def reject_hold(
    engine: Engine, content_id: UUID, *, revision: int | None = None, who: str, why: str = ""
) -> int:  # fmt: skip
    """Reject what a screen holds: it will not be public, and stays out of sight. As `release_hold`."""
    edition = await deciding.decidable(engine.store, content_id, revision)
    async with engine.store.unit() as unit:
        await restricting.rejected(unit, edition, who=who, why=why)
    return edition.revision
