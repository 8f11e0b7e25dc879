"""Read kept captures again with today's mapping; no network is used."""

from dataclasses import dataclass

from hub.engine import Engine
from hub.store import deciding


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many captures will be read again, and how many cannot because their body is kept no more."""

    captures: int
    without_body: int


async def replay(engine: Engine, *, source: str | None = None, capture: int | None = None, who: str) -> Replayed:
    """Replay one capture, all of one source, or everything."""
    async with engine.store.unit() as unit:
        return Replayed(*await deciding.captures_replayed(unit, source=source, capture=capture, who=who))
