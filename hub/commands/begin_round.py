"""A round of the process at work: every source is asked now, and whoever asked can see how much is left of it."""

from datetime import datetime

from hub.broker.base import HARVEST
from hub.engine import Engine
from hub.queries import backlog
from hub.store import harvesting
from hub.store.instants import micros, moment


async def begin_round(engine: Engine, *, everything: bool = False, who: str) -> str:
    """Ask the sources that are due, or all but those that told us to wait. Returns when it began (ISO 8601)."""
    store = engine.store
    if everything:
        await harvesting.make_due(store)
    began = moment(micros(store.now()))
    names = [row["name"] for row in await harvesting.due(store)]
    async with store.unit() as unit:
        unit.tell("round_begun", who=who, why={"sources": len(names)})
        for name in names:
            unit.ring(HARVEST, name)
    return began.isoformat()


async def left_of_round(engine: Engine, *, began: datetime) -> int:
    """How much of it is still to be done; 0: it is over."""
    return await backlog.left_of_round(engine.store, began=began, mails=engine.mailing is not None)
