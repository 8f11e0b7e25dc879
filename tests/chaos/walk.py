"""A kill at every system call: a cycle dies before its n-th call of a name, for n = 1, 2, 3 … until it ends untouched.

A call that is never made is what death after the call before it looks like, so every state that the outside can be left
in is met. After each kill the hub is started again, undisturbed, and must bring everything to its end.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.chaos.injection import Injection
from tests.chaos.table import Row
from tests.chaos.world import World

#: calls of one name that a cycle makes at most
LONGEST = 20_000
SIGKILL, SIGALRM = -9, -14


@dataclass(frozen=True, slots=True)
class Walk:
    """One system call, in all threads or in the event loop's alone."""

    call: str
    threads: bool = True
    every: int = 1  #: most turns of the loop end a statement of the database, whose own calls are walked one by one

    @property
    def key(self) -> str:
        """As the command line has it."""
        return self.call if self.threads else f"loop.{self.call}"

    @property
    def name(self) -> str:
        """As the table has it."""
        nth = {1: "each", 2: "each second"}.get(self.every, f"each {self.every}th")
        return f"killed at {nth} {self.call} of {'a thread' if self.threads else 'the event loop'}"


#: What a cycle does to the outside: the file and its log, the disk's word for it, servers, other files; and, in the
#: loop, each of its turns.
WALKS: Sequence[Walk] = (
    Walk("fdatasync"),
    Walk("pwrite64"),
    Walk("write"),
    Walk("write", threads=False),
    Walk("connect", threads=False),
    Walk("close", threads=False),
    Walk("rename"),
    Walk("unlink"),
    Walk("epoll_pwait", threads=False, every=2),
)


async def walked(world: World, walk: Walk, *, first: int, step: int, most: int = LONGEST) -> Row:
    """Kill at the n-th call for n = first, first + step … up to `most`; ends with the first cycle left untouched."""
    row = Row(walk.name)
    for n in range(first, most + 1, step * walk.every):
        world.put_back()
        pid = await world.nursery.bear(world.order("cycle"))
        injection = await Injection.into(pid, walk.call, f"signal=KILL:when={n}", threads=walk.threads)
        world.nursery.go()
        status = await world.nursery.ended()
        await injection.over()
        row.tries += 1
        row.kills += status == SIGKILL
        if status not in (0, SIGKILL):
            row.add("stuck" if status == SIGALRM else "defects", f"call {n}: the cycle ended with {status}")
        await judged(world, row, f"{walk.call} {n}")
        if status == 0:
            break
    return row


async def judged(world: World, row: Row, where: str) -> None:
    """Start again what died, let it mend all, and look."""
    ended = await world.mend()
    if ended is not None:
        row.add("stuck" if ended == SIGALRM else "defects", f"{where}: the next start ended with {ended}")
        return
    row.found(await world.judge(), where)
    for trouble in world.damage():
        row.add("damaged", f"{where}: {trouble}")
