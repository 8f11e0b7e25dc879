"""The worker: wait for a bell or the tick, claim rows, hand each to its stage, let the stage settle what failed.

    bell (broker) ─┐                                        ┌─ done: the stage settled the row
    tick (sweeper) ┴─> claim ──> handle, one task per row ──┤
                         ▲                                  └─ raised: stage.failed decides by the class of the error
                         └──── room again: claim at once

A bell names rows, the tick takes any that are due: delays, retries, lost messages and rows of dead workers are all
found by the same claim. A message is acknowledged as soon as the claim of its rows is committed: from then on their
leases stand for them, and a redelivery would only find them taken.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, Protocol

import structlog

from connectors.errors import HubError
from hub.broker.base import Broker, Message
from hub.store.unit import LeaseLostError

log = structlog.get_logger(__name__)

#: seconds between two sweeps when nothing rings; a lost message is found after this long
TICK = 1.0
#: seconds that a stopping worker gives to what is in its hands
GRACE = 8.0


class Stage(Protocol):
    """One kind of work on one queue."""

    queue: str
    concurrency: int  #: rows in hand at once, and the queue's prefetch

    async def claim(self, keys: Sequence[str] | None, limit: int) -> Sequence[Any]:
        """Take due rows: those named, or any."""

    async def handle(self, claim: Any) -> None:
        """Do the work and settle the row. Raises what hub.rules.retry understands."""

    async def failed(self, claim: Any, error: BaseException) -> None:
        """Settle a row whose handling raised."""


class Worker:
    """Keeps one stage busy until it is stopped."""

    def __init__(self, stage: Stage, broker: Broker, *, tick: float = TICK, grace: float = GRACE) -> None:
        self._stage, self._broker, self._tick, self._grace = stage, broker, tick, grace
        self._tasks: set[asyncio.Task[None]] = set()
        self._named: deque[tuple[str, Message]] = deque()
        self._open: dict[int, int] = {}
        self._wake = asyncio.Event()
        self._stopping = False
        #: set while the worker found nothing to do and has nothing in hand
        self.idle = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled or stopped; what is in hand then gets a grace time, and its rows come again after it."""
        listener = asyncio.create_task(self._listen(), name=f"listen {self._stage.queue}")
        try:
            while not self._stopping:
                self._wake.clear()
                if not await self._take():
                    await self._rest()
        finally:
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)
            await self._finish()

    def stop(self) -> None:
        """Take no new work; `run` returns when what is in hand is settled."""
        self._stopping = True
        self._wake.set()

    async def _take(self) -> bool:
        """Claim what there is room for and start it. False = nothing more to start now."""
        room = self._stage.concurrency - len(self._tasks)
        if room <= 0:
            return False
        named = [self._named.popleft() for _ in range(min(room, len(self._named)))]
        try:
            claims = await self._stage.claim([key for key, _ in named] if named else None, room)
        except HubError as error:
            log.warning("claim failed", queue=self._stage.queue, code=error.code, cause=str(error))
            claims = None
        except Exception as error:
            log.error("defect in a claim", queue=self._stage.queue, error=type(error).__name__, exc_info=error)
            claims = None
        # A bell that could not be followed is answered all the same: kept, it would stop the queue; the tick finds it.
        for _, message in named:
            await self._answered(message)
        self._start(claims or ())
        return claims is not None and bool(claims or named)

    def _start(self, claims: Sequence[Any]) -> None:
        for claim in claims:
            self.idle.clear()
            task = asyncio.create_task(self._work(claim), name=self._stage.queue)
            self._tasks.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._wake.set()

    async def _work(self, claim: Any) -> None:
        try:
            await self._stage.handle(claim)
        except LeaseLostError:
            log.info("lease lost", queue=self._stage.queue)
        except (Exception, asyncio.CancelledError) as error:
            await self._settle_failure(claim, error)
            if isinstance(error, asyncio.CancelledError):
                raise

    async def _settle_failure(self, claim: Any, error: BaseException) -> None:
        if not isinstance(error, HubError | asyncio.CancelledError):
            log.error("defect", queue=self._stage.queue, error=type(error).__name__, exc_info=error)
        try:
            await asyncio.shield(self._stage.failed(claim, error))
        except LeaseLostError:
            log.info("lease lost", queue=self._stage.queue)
        except Exception as trouble:
            # The row keeps its lease and comes again after it; nothing is lost by not settling.
            log.warning("failure not recorded", queue=self._stage.queue, cause=f"{type(trouble).__name__}: {trouble}")

    async def _rest(self) -> None:
        """Wait for a bell, a finished row or the tick."""
        if not self._tasks and not self._named:
            self.idle.set()
        try:
            async with asyncio.timeout(self._tick):
                await self._wake.wait()
        except TimeoutError:
            return
        finally:
            if self._tasks or self._named:
                self.idle.clear()

    async def _listen(self) -> None:
        """Take messages as they come; prefetch bounds how many wait here. Without them the tick finds all work."""
        try:
            await self._take_messages()
        except Exception as error:
            log.error("bells are not heard any more", queue=self._stage.queue, exc_info=error)

    async def _take_messages(self) -> None:
        async with self._broker.consume(self._stage.queue, self._stage.concurrency) as messages:
            async for message in messages:
                self._open[id(message)] = len(message.keys)
                self._named.extend((key, message) for key in message.keys)
                self.idle.clear()
                self._wake.set()

    async def _answered(self, message: Message) -> None:
        """One of a message's rows was claimed or is nobody's work: the rows carry on alone, with their leases."""
        self._open[id(message)] -= 1
        if not self._open[id(message)]:
            del self._open[id(message)]
            await message.ack()

    async def _finish(self) -> None:
        """Give what is in hand its grace, then cancel it: an unfinished row comes again after its lease."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._grace)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._named.clear()  # their messages were given back when the listener left its consumer
