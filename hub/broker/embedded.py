"""The broker inside one process: bounded queues of ids, no server to install, nothing kept beyond the process.

It forgets everything at exit; the rows are the truth, and the sweeper rings for them again at the next start.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from hub.broker.base import WAITING_LIMIT, Counts, Wakeup, chunks


class EmbeddedBroker:
    """A Broker without a server. `publish` never waits; `limit` is the most messages that wait in one queue."""

    def __init__(self, *, limit: int = WAITING_LIMIT) -> None:
        self.counts = Counts()
        self._limit = limit
        self._queues: dict[str, _Queue] = {}
        self._consumers: set[EmbeddedConsumer] = set()
        self._closed = False

    async def declare(self, queues: Sequence[str]) -> None:
        """Make the queues exist."""
        for name in queues:
            self._queues.setdefault(name, _Queue())

    async def publish(self, queue: str, keys: Sequence[str]) -> None:
        """Ring for `keys`; those that still wait here will be rung for anyhow and are not queued twice."""
        portions = chunks(keys)
        waiting = self._queues.get(queue)
        if waiting is None or self._closed:
            self.counts.forgotten += len(keys)
            return
        for portion in portions:
            if len(waiting) < self._limit:
                waiting.put(portion)
                self.counts.published += len(portion)
            else:
                self.counts.forgotten += len(portion)

    def consume(self, queue: str, prefetch: int) -> "EmbeddedConsumer":
        """Messages of `queue`, which exists from now on."""
        consumer = EmbeddedConsumer(self._queues.setdefault(queue, _Queue()), prefetch, self.counts, self._consumers)
        if self._closed:
            consumer.halt()
        return consumer

    async def depth(self, queue: str) -> int | None:
        """How many messages wait; None for a queue that was never declared."""
        waiting = self._queues.get(queue)
        return None if waiting is None else len(waiting)

    async def close(self) -> None:
        """End every consumer; what waits is forgotten with the process."""
        self._closed = True
        for consumer in tuple(self._consumers):
            await consumer.close()


class EmbeddedMessage:
    """A message handed out by the embedded broker."""

    __slots__ = ("_consumer", "keys", "redelivered")

    def __init__(self, keys: tuple[str, ...], redelivered: bool, consumer: "EmbeddedConsumer") -> None:
        self.keys = keys
        self.redelivered = redelivered
        self._consumer = consumer

    async def ack(self) -> None:
        """Done with it."""
        self._consumer.settle(self, give_back=False)

    async def nack(self) -> None:
        """Give it back, to the front of the queue."""
        self._consumer.settle(self, give_back=True)


class EmbeddedConsumer:
    """One reader of one queue, with at most `prefetch` messages unsettled."""

    def __init__(self, queue: "_Queue", prefetch: int, counts: Counts, siblings: set["EmbeddedConsumer"]) -> None:
        if prefetch < 1:
            raise ValueError("prefetch must be at least 1")
        self._queue = queue
        self._prefetch = prefetch
        self._counts = counts
        self._siblings = siblings
        self._unsettled: dict[EmbeddedMessage, None] = {}  # a set that remembers the order of handing out
        self._stopped = False
        siblings.add(self)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> EmbeddedMessage:
        # A worker that finds message after message would never suspend, and its neighbours would get none.
        await asyncio.sleep(0)
        while not self._stopped:
            if len(self._unsettled) < self._prefetch and (taken := self._queue.take()) is not None:
                message = EmbeddedMessage(*taken, self)
                self._unsettled[message] = None
                self._counts.consumed += 1
                self._counts.redelivered += message.redelivered
                return message
            await self._queue.wakeup.wait()
        raise StopAsyncIteration

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def stop(self) -> None:
        """Hand out nothing more; what was handed out can still be settled."""
        self.halt()

    async def close(self) -> None:
        """Stop, and put back what was not settled, in its old order."""
        self.halt()
        for message in reversed(self._unsettled):
            self._queue.put_back(message.keys)
        self._unsettled.clear()
        self._siblings.discard(self)

    def halt(self) -> None:
        """End the iteration in every task that iterates."""
        self._stopped = True
        self._queue.wakeup.ring()

    def settle(self, message: EmbeddedMessage, *, give_back: bool) -> None:
        """Take `message` off the account; a message settled before, or given back by `close`, is none of ours."""
        if message not in self._unsettled:
            return
        del self._unsettled[message]
        if give_back:
            self._queue.put_back(message.keys)
        self._queue.wakeup.ring()


class _Queue:
    """Messages that wait, oldest first, with the keys they carry."""

    __slots__ = ("_keys", "_messages", "wakeup")

    def __init__(self) -> None:
        self._messages: deque[tuple[tuple[str, ...], bool]] = deque()  # keys, and whether handed out before
        self._keys: set[str] = set()
        self.wakeup = Wakeup()

    def __len__(self) -> int:
        return len(self._messages)

    def put(self, keys: tuple[str, ...]) -> None:
        """Append `keys` without those that wait already."""
        fresh = tuple(dict.fromkeys(key for key in keys if key not in self._keys))
        if fresh:
            self._messages.append((fresh, False))
            self._keys.update(fresh)
            self.wakeup.ring()

    def put_back(self, keys: tuple[str, ...]) -> None:
        """Put what was handed out back to the front; never refused, it had its place before."""
        self._messages.appendleft((keys, True))
        self._keys.update(keys)
        self.wakeup.ring()

    def take(self) -> tuple[tuple[str, ...], bool] | None:
        """The oldest message; from now on its keys are rung for anew, because their rows may change while it is out."""
        if not self._messages:
            return None
        keys, redelivered = self._messages.popleft()
        self._keys.difference_update(keys)
        return keys, redelivered
