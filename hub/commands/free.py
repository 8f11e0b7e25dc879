"""Send again what was refused or parked."""

from collections.abc import Sequence

from hub.engine import Engine
from hub.store import deciding


async def free(engine: Engine, deliveries: Sequence[int] | None = None, *, who: str) -> int:
    """Free these deliveries, or all. Returns how many are ready again."""
    async with engine.store.unit() as unit:
        return await deciding.deliveries_freed(unit, deliveries, who=who)
