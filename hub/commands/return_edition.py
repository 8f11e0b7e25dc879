"""Return a held edition with a remark: to its contributor, who writes on, or as a word for the member of the source."""

from uuid import UUID

from hub.engine import Engine
from hub.store import deciding
from hub.store.deciding import DecisionRefusedError

#: Characters of a remark.
REMARK_LIMIT = 2_000


async def return_edition(
    engine: Engine, content_id: UUID, *, revision: int | None = None, remark: str, who: str
) -> int:  # fmt: skip
    """Send one edition back, the newest by default. Returns its revision; raises DecisionRefusedError."""
    remark = remark.strip()
    if not remark:
        raise DecisionRefusedError(
            "no remark", code="no_remark", sentence="Hãy ghi lý do trả lại để người viết biết cần sửa gì."
        )
    edition = await deciding.decidable(engine.store, content_id, revision)
    deciding.refuse_restricted(edition)
    async with engine.store.unit() as unit:
        await deciding.returned(unit, edition, remark=remark[:REMARK_LIMIT], who=who)
    return edition.revision
