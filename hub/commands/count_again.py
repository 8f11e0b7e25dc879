"""Count every item anew, a step at a time, as after a change of the list of categories."""

from dataclasses import dataclass

from hub import counting
from hub.engine import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Recount:
    """How far it has come."""

    events: int  #: read by this step
    is_finished: bool


#: Batches of one call: the process at work has other commands to answer too.
ROUNDS = 10


async def count_again(engine: Engine, *, begin: bool) -> Recount:
    """Count the next items; `begin` forgets first what was counted. To be called until it is finished."""
    if begin:
        await counting.begin_again(engine)
    read = await counting.catch_up(engine, rounds=ROUNDS)
    return Recount(events=read, is_finished=not await counting.is_behind(engine))
