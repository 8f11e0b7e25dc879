"""One process of the simulated hub: the real composition root, stages and workers, until it leaves or is killed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from hub.app import open_hub
from hub.broker.embedded import EmbeddedBroker
from hub.engine import Engine
from hub.reading import Job, Reading
from hub.settings import Settings
from hub.stages.deliver import Deliver
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store.unit import Store
from hub.worker import Stage, Worker
from tests.clock import START
from tests.province import NearReader
from tests.simulation.loop import SimulatedLoop
from tests.simulation.wire import Network, SimulatedExchange

#: seconds between two sweeps: longer than in the product, so that a history costs less; bells carry most of the work
SWEEP: Final = 30.0
#: files of a hub that a history begins with
FILES: Final = ("hub.db", "hub.db-wal", "hub.db-shm", "witness.json")


class LoopClock:
    """The clock of the product, told by the loop."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        return START + timedelta(microseconds=round(self._loop.time() * 1e6))


class MoodyBroker(EmbeddedBroker):
    """Forgets and repeats, as a broker may."""

    def __init__(self, rng: Random) -> None:
        super().__init__()
        self._rng = rng

    async def publish(self, queue: str, keys: Any) -> None:
        mood = self._rng.random()
        if mood < 0.1:
            return
        await super().publish(queue, keys)
        if mood > 0.9:
            await super().publish(queue, keys)


class Parts:
    """What a process is made of; a planted fault changes one of them."""

    def reader(self) -> NearReader:
        return NearReader()

    def engine(self, engine: Engine) -> Engine:
        return engine

    def stages(self, engine: Engine) -> list[Stage]:
        return [Harvest(engine), Normalise(engine), *(Deliver(engine, name) for name in engine.destinations)]


class SlowReader(NearReader):
    """A child that our own machine leaves waiting, longer than who waits for it has a lease."""

    def __init__(self, reader: NearReader, network: Network) -> None:
        super().__init__()
        self._reader, self._network = reader, network

    async def read(self, job: Job) -> Reading:
        seconds, self._network.reading = self._network.reading, 0.0
        if seconds:
            await asyncio.sleep(seconds)
        return await self._reader.read(job)


class Killed(Exception):
    """The process died before this was done, or after it: nobody knows."""


class Process:
    """From `start` to `leave` or to its death."""

    def __init__(
        self, settings: Settings, network: Network, clock: LoopClock, rng: Random, parts: Parts,
        opened: Callable[[], Awaitable[None]],
    ) -> None:  # fmt: skip
        """`opened` is called when the hub is open, and nothing of it works yet."""
        self._settings, self._network, self._clock, self._rng, self._parts = settings, network, clock, rng, parts
        self._exchange, self._opened = SimulatedExchange(network), opened
        self._leave, self._up = asyncio.Event(), asyncio.Event()
        self.killed = asyncio.Event()
        self.began = network.loop.time()
        self.engine: Engine | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return when it works, or died on the way there."""
        loop = self._network.loop
        loop.begin_process()
        loop.on_death = self._die
        self._task = asyncio.ensure_future(self._live())
        await self._wait_for(self._up)
        if not self.killed.is_set() and self._task.done():
            self._task.result()

    async def _live(self) -> None:
        async with open_hub(
            self._settings, clock=self._clock, chance=self._rng.random, exchange=self._exchange
        ) as hub:  # fmt: skip
            await self._opened()
            broker = MoodyBroker(self._rng)
            store = Store(hub.engine.store.database, broker, self._clock)
            reader = SlowReader(self._parts.reader(), self._network)
            engine = replace(hub.engine, reader=reader, broker=broker, store=store)
            self.engine = engine = self._parts.engine(engine)
            workers = [Worker(stage, engine.broker, tick=SWEEP) for stage in self._parts.stages(engine)]
            tasks = [asyncio.ensure_future(worker.run()) for worker in workers]
            self._up.set()
            try:
                await self._leave.wait()
            finally:
                for worker in workers:
                    worker.stop()
                await asyncio.gather(*tasks, return_exceptions=True)
                await broker.close()

    def _die(self) -> None:
        """SIGKILL: from this instant on nothing that it does reaches anything."""
        self._exchange.dead = True
        self._network.loop.end_process()
        self.killed.set()
        assert self._task is not None
        self._task.cancel()

    async def leave(self, *, kill: bool = False) -> None:
        """Go, in order or not; return when nothing of it is left."""
        assert self._task is not None
        if kill and not self.killed.is_set():
            self._die()
        self._leave.set()
        await asyncio.gather(self._task, return_exceptions=True)
        self._network.loop.on_death = lambda: None

    async def run(self, seconds: float) -> bool:
        """Let time pass; False when the process died meanwhile."""
        try:
            async with asyncio.timeout(seconds):
                await self.killed.wait()
        except TimeoutError:
            return True
        return False

    async def person(self, command: Callable[[Engine], Awaitable[Any]]) -> Any:
        """What somebody asks of it. Raises Killed when the process dies over it."""
        assert self.engine is not None
        task = asyncio.ensure_future(command(self.engine))
        death = asyncio.ensure_future(self.killed.wait())
        await asyncio.wait([task, death], return_when=asyncio.FIRST_COMPLETED)
        death.cancel()
        if self.killed.is_set() and not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            raise Killed
        if self.killed.is_set():
            task.exception()
            raise Killed
        return task.result()

    async def _wait_for(self, event: asyncio.Event) -> None:
        assert self._task is not None
        waits = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(self.killed.wait())]
        await asyncio.wait([self._task, *waits], return_when=asyncio.FIRST_COMPLETED)
        for one in waits:
            one.cancel()
