"""What a machine does to a hub that works on: a disk that is full or fails, no descriptors; then all is as before.

The hub works with its pages, by a clock that runs fast. The trouble comes at some moment and goes again, and nobody
starts the hub anew. Sites write meanwhile. The public page is read all the time, which has to go on; when the trouble
is over, the work has to come to its end alone.
"""

import asyncio
import contextlib
import json
import os
import resource
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from random import Random

import aiohttp

from connectors.errors import HubError
from hub.store.database import Database
from tests.chaos.injection import Injection
from tests.chaos.lives import DESCRIPTORS
from tests.chaos.table import Row
from tests.chaos.walk import SIGALRM, judged
from tests.chaos.world import DATABASE, World
from tests.journeys.ledgers import wanting

#: how much faster than the machine's the hub's clock runs: leases of minutes end within seconds
SPEED = 60.0
#: seconds between two looks, and seconds in which a hub must have come to rest after a trouble
LOOK, PATIENCE = 0.05, 120.0
#: seconds in which a page must be there, on a machine that may have much else to do
VISIT = 30.0
#: descriptors with which nothing more can be opened
NONE_LEFT = 3
#: calls that write the file, those that also sync it, and those that read it
WRITES, SYNCS, READS = "pwrite64,ftruncate", "pwrite64,ftruncate,fdatasync,fsync", "pread64"
#: which of them fail, as strace says it: all, every other, the first few, some later on
WHICH = ("1+", "2+2", "1..3", "4..40")

#: Begins with the process's number and a source of chance; ends with its block.
Makes = Callable[[int, Random], AbstractAsyncContextManager[None]]


def failing(calls: str, error: str) -> Makes:
    """These calls give this error."""

    @asynccontextmanager
    async def trouble(pid: int, chance: Random) -> AsyncIterator[None]:
        injection = await Injection.into(pid, calls, f"error={error}:when={chance.choice(WHICH)}")
        try:
            yield
        finally:
            await injection.let_go()

    return trouble


def full(disk: Path) -> Makes:
    """Not a byte is free on the disk."""

    @asynccontextmanager
    async def trouble(pid: int, chance: Random) -> AsyncIterator[None]:
        ballast = disk / "ballast"
        try:
            for size in (1024 * 1024, 1):
                with ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
                    while file.write(bytes(size)):
                        continue
            yield
        finally:
            ballast.unlink()

    return trouble


@asynccontextmanager
async def no_descriptors(pid: int, chance: Random) -> AsyncIterator[None]:
    """The process can open nothing more."""
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (NONE_LEFT, DESCRIPTORS))
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))


class Troubled:
    """One fault, tried again and again in one world."""

    def __init__(self, world: World, fault: str, makes: Makes, *, reads_near: bool = True, pages: Sequence[int] = (200,)
    ) -> None:  # fmt: skip
        """`pages` are the answers that a visitor may get meanwhile."""
        self.world, self.row = world, Row(fault)
        self._makes, self._reads_near = makes, reads_near
        self._answers = pages
        self._pages = self._sentences = 0

    async def tried(self, times: int) -> Row:
        """The row, after so many tries."""
        for number in range(times):
            await self._try(f"try {number}", Random(f"{self.world.seed} {self.row.fault} {number}"))
        self.row.note = f"{self._pages} pages read, {self._sentences} tries with a sentence for the operator"
        return self.row

    async def _try(self, where: str, chance: Random) -> None:
        world, row = self.world, self.row
        world.put_back()
        address = world.folder / "web.json"
        address.unlink(missing_ok=True)
        pid = await world.nursery.bear(world.order("work", speed=SPEED, out=str(address), reads_near=self._reads_near))
        row.tries += 1
        world.nursery.go()
        ended = asyncio.create_task(world.nursery.ended())
        while not (web := _read(address)) and not ended.done():  # the life ends by its alarm, if by nothing else
            await asyncio.wait([ended], timeout=LOOK)
        visited = asyncio.Event()
        visiting = asyncio.create_task(self._visit(web, where, visited))
        seen = asyncio.create_task(visited.wait())  # what a page needs besides rows is opened by its first visitor
        await asyncio.wait([ended, seen], return_when=asyncio.FIRST_COMPLETED)
        seen.cancel()
        await asyncio.wait([ended], timeout=chance.uniform(0.0, 1.0))
        if not ended.done():
            async with self._makes(pid, chance):
                world.write()
                await asyncio.wait([ended], timeout=chance.uniform(0.5, 2.5))
        world.write()
        rested = await self._rest(ended)
        visiting.cancel()
        await asyncio.gather(visiting, return_exceptions=True)
        if not ended.done():
            os.kill(pid, signal.SIGTERM)
        self._sentences += world.said(SENTENCES) or bool(await world.rows("event", "what = 'source_failing'"))
        if status := await ended:
            row.add("stuck" if status == SIGALRM else "defects", f"{where}: the hub ended with {status}")
        elif not rested:
            row.add("stuck", f"{where}: not at rest {PATIENCE:.0f} s after it")
        await judged(world, row, where)

    async def _visit(self, address: str, where: str, visited: asyncio.Event) -> None:
        """Read the public page all the time, by one connection."""
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as http:
            while True:
                try:
                    async with http.get(address, timeout=aiohttp.ClientTimeout(VISIT)) as answer:
                        await answer.read()
                        if answer.status not in self._answers:
                            self.row.add("defects", f"{where}: the public page says {answer.status}")
                        self._pages += 1
                        visited.set()
                except (aiohttp.ClientError, TimeoutError) as error:
                    self.row.add("defects", f"{where}: the public page: {type(error).__name__}")
                await asyncio.sleep(LOOK)

    async def _rest(self, ended: "asyncio.Task[int]") -> bool:
        """Whether every site is read to its end and no row wants anything, soon enough."""
        world = self.world
        async with await Database.open(f"sqlite://{world.place / DATABASE}", read_only=True) as rows:
            for _ in range(int(PATIENCE / LOOK)):
                if ended.done():
                    return False
                with contextlib.suppress(HubError):
                    if world.fleet.truth()["read"] and not await wanting(rows):
                        return True
                await asyncio.sleep(LOOK)
        return False


def _read(path: Path) -> str:
    return str(json.loads(path.read_text())) if path.exists() else ""


#: What a log says when a part of the hub could not do its work, for a reason that it names.
SENTENCES = ("claim failed", "schedule missed a beat", "failure not recorded", "disk nearly full")
