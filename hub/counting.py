"""Numbers follow the account: whatever was sealed since the last time is counted (docs/adr/039).

The schedule role does it each second. Whoever wants numbers that are true now calls `up_to_date` first.
"""

import asyncio
from typing import Final

from hub.engine import Engine
from hub.store import outages, stories, tallying
from hub.store.tallying import Manner
from hub.store.unit import Unit

#: Events that are read in one transaction: others want to write too.
BATCH: Final = 500
#: seconds between two looks
PAUSE: Final = 1.0


async def catch_up(engine: Engine, *, rounds: int | None = None, copies: bool = True) -> int:
    """Count what sealed events speak of, then find copies, in `rounds` batches at most. Returns the events read.

    Without `copies` these are left to the next time: they are compared with all texts of twenty days.
    """
    store, by, read, left = engine.store, manner(engine), 0, rounds
    while left != 0 and await tallying.behind(store):
        async with store.unit() as unit:
            read += await _count(unit, by)
        left = None if left is None else left - 1
    while copies and left != 0 and (found := await stories.compared(store)) is not None:
        async with store.unit() as unit:
            await tallying.alone(unit)
            await stories.named(unit, found)
        left = None if left is None else left - 1
    return read


async def up_to_date(engine: Engine) -> None:
    """Seal everything that is committed, and count it."""
    while await engine.store.seal():
        pass
    await catch_up(engine)


async def keep_up_to_date(engine: Engine) -> None:
    """The same again and again, until cancelled: for work without a schedule beside it."""
    while True:
        await asyncio.sleep(PAUSE)
        await up_to_date(engine)


async def is_behind(engine: Engine) -> bool:
    """Whether anything that is sealed was not counted, or not compared, yet."""
    return await tallying.behind(engine.store) or await stories.wanting(engine.store)


async def begin_again(engine: Engine) -> None:
    """Forget what was counted, as after a change of the categories: `catch_up` counts everything anew.

    Until that is at its end, numbers are too small. A recount that was stopped goes on with the next `catch_up`.
    """
    async with engine.store.unit() as unit:
        await tallying.emptied(unit)
        await outages.emptied(unit)


async def _count(unit: Unit, by: Manner) -> int:
    events = await tallying.next_events(unit, BATCH)
    # What happens at a destination changes no item.
    items = sorted({row["content_id"] for row in events if row["content_id"] and not row["destination"]})
    await tallying.renewed(unit, items, by)
    await outages.followed(unit, events)
    return len(events)


def manner(engine: Engine) -> Manner:
    """How this hub counts."""
    of_source = {name: source.category for name, source in engine.sources.items() if source.category}
    return Manner(zone=engine.zone, categories=engine.categories, of_source=of_source)
