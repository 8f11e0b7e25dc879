"""Let go on, or reject, what a screen holds: the duty officer looked at it, and at the page of the member."""

from uuid import UUID

from hub.commands.approve import routing_of
from hub.engine import Engine
from hub.rules.two_persons import Matter, is_second
from hub.store import deciding, restricting, seconding
from hub.store.deciding import Decidable, SecondPersonNeededError
from hub.store.states import ProposalState
from hub.store.unit import OvertakenError, Unit
from schemas.edition import EditionState


async def release_hold(
    engine: Engine, content_id: UUID, *, revision: int | None = None, who: str, why: str = ""
) -> int:  # fmt: skip
    """Let one edition go on, the newest by default: public where its source is published unseen, else to review.

    The same text of that source is not held again. Returns its revision; 0 where the settings want two people and
    this is the first of them. Raises DecisionRefusedError; SecondPersonNeededError for one's own proposal.
    """
    edition = await deciding.decidable(engine.store, content_id, revision)
    if not edition.restricted or edition.item is None:
        raise restricting.not_held_by_a_screen(edition)
    async with engine.store.unit() as unit:
        if Matter.SCREEN in engine.two_persons and not await _is_second(unit, edition, who=who, why=why):
            return 0
        await restricting.released(unit, edition, who=who, why=why)
        if restricting.goes_on_to(edition) is EditionState.APPROVED:
            await deciding.approved(unit, edition.released(), routing_of(engine, edition), who=who, why=why)
    return edition.revision


async def _is_second(unit: Unit, edition: Decidable, *, who: str, why: str) -> bool:
    """Whether another person proposed the same before; else it is proposed now."""
    if await seconding.first(unit, Matter.SCREEN, edition.content_id, edition.revision, who=who, why=why):
        return False
    found = await seconding.open_about(unit, Matter.SCREEN, edition.content_id, edition.revision)
    if found is None:
        raise OvertakenError(edition.content_id)
    if not is_second(found.who, who):
        raise SecondPersonNeededError(f"{who} proposed this release")
    if not await seconding.ended(unit, found, ProposalState.CONFIRMED, who=who, why=why):
        raise OvertakenError(edition.content_id)
    return True


async def reject_hold(
    engine: Engine, content_id: UUID, *, revision: int | None = None, who: str, why: str = ""
) -> int:  # fmt: skip
    """Reject what a screen holds: it will not be public, and stays out of sight. As `release_hold`."""
    edition = await deciding.decidable(engine.store, content_id, revision)
    async with engine.store.unit() as unit:
        await restricting.rejected(unit, edition, who=who, why=why)
    return edition.revision
