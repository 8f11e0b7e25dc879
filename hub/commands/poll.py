"""Ask a source now, whatever its rhythm."""

from hub.engine import Engine
from hub.store import deciding


async def poll(engine: Engine, source: str, *, who: str) -> None:
    """Let a source be due at once. Raises DecisionRefusedError where it is paused, or told us to wait."""
    async with engine.store.unit() as unit:
        await deciding.source_due(unit, source, who=who)
