"""Reject a held edition: it will not be public; what was public before stays."""

from uuid import UUID

from hub.engine import Engine
from hub.store import deciding


async def reject(engine: Engine, content_id: UUID, *, revision: int | None = None, who: str, why: str = "") -> int:
    """Reject one edition, the newest by default. Returns its revision; raises DecisionRefusedError."""
    edition = await deciding.decidable(engine.store, content_id, revision)
    deciding.refuse_restricted(edition)
    async with engine.store.unit() as unit:
        await deciding.rejected(unit, edition, who=who, why=why)
    return edition.revision
