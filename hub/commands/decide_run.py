"""Decide about a run that the guard holds: let it go on, or throw it away."""

from hub.engine import Engine
from hub.store import deciding


async def release_run(engine: Engine, capture: int, *, who: str, why: str = "") -> None:
    """A person looked at it: it is read without the guard. Raises DecisionRefusedError when it is not held."""
    async with engine.store.unit() as unit:
        await deciding.run_released(unit, capture, who=who, why=why)


async def discard_run(engine: Engine, capture: int, *, who: str, why: str = "") -> None:
    """A person looked at it: nothing comes of it. Raises DecisionRefusedError when it is not held."""
    async with engine.store.unit() as unit:
        await deciding.run_discarded(unit, capture, who=who, why=why)
