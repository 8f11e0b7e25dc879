"""Read counters of visits now, whatever their hour."""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.errors import ConfigError
from hub.engine import Engine
from hub.visits.counting import CounterRead, count


@dataclass(frozen=True, slots=True)
class CountersRead:
    """What the readings came to."""

    counters: Sequence[CounterRead]


async def read_counters(engine: Engine, *, name: str = "") -> CountersRead:
    """Read all counters, or the one of this name. Raises ConfigError: `unknown_counter`."""
    names = [one.name for one in engine.counters]
    if name and name not in names:
        raise ConfigError(
            f"no counter {name[:60]}", code="unknown_counter",
            sentence=f"Không có bộ đếm tên «{name[:60]}» trong settings.toml. Các tên hiện có:"
            f" {', '.join(names) or 'chưa có bộ đếm nào'}.",
        )  # fmt: skip
    return CountersRead(await count(engine, only=name, due=False))
