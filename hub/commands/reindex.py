"""Write the index of the search anew from the editions, a batch at a time."""

from dataclasses import dataclass

from hub.engine import Engine
from hub.store import searching


@dataclass(frozen=True, slots=True, kw_only=True)
class Reindexed:
    """How far it has come; a run that was stopped goes on where it was."""

    done: int  #: items
    of: int
    is_finished: bool


#: Items of one call: the process at work has other commands to answer too.
BATCH = 500


async def reindex_search(engine: Engine, *, who: str) -> Reindexed:
    """Index the next items, and say how many are left. To be called until it is finished."""
    done, of, is_finished = await searching.reindexed(engine.store, BATCH, who=who)
    return Reindexed(done=done, of=of, is_finished=is_finished)
