"""The broker on RabbitMQ, through aio-pika: durable quorum queues, confirms, and prefetch as back-pressure.

    RabbitBroker ──▶ Link (publishing) ──▶ one channel with confirms
                └──▶ Link (consuming)  ──▶ RabbitConsumer: one channel each, with its own prefetch

Publishing and consuming have a connection each: a server short of memory stops reading from publishers, and
acknowledgements must still get through.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from connectors.errors import ConfigError
from hub.broker.base import WAITING_LIMIT, Counts, UnreadableError, Wakeup, chunks, decode, encode
from hub.broker.link import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    OUTAGES,
    PATIENCE,
    Link,
    Outage,
    bounded,
    open_connection,
    shut,
    spawn,
)
from hub.broker.topology import declare_queues, replace_mute_queue

#: Seconds without publishing to a queue after a publish had no answer: it must not cost every caller PATIENCE.
SILENCE = 15.0

log = structlog.get_logger(__name__)


class RabbitBroker:
    """A Broker on a RabbitMQ server, which may be away at any time, at the start and for the whole run too.

    `patience` is how many seconds a publish waits for the server's confirm.
    """

    def __init__(self, url: str, *, limit: int = WAITING_LIMIT, patience: float = PATIENCE) -> None:
        self.counts = Counts()
        self._url = url
        self._patience = patience
        self._limit = limit
        self._queues: dict[str, None] = {}  # a set that keeps the order of declaration
        self._channel: AbstractChannel | None = None  # with confirms; None while the server is away
        self._silent_until: dict[str, float] = {}  # loop time, by queue
        outage = Outage(url)
        self._publishing = Link(url, "publishing", outage, self._ready_to_publish)
        self._consuming = Link(url, "consuming", outage)
        self._consumers: set[RabbitConsumer] = set()
        self._closed = False

    async def declare(self, queues: Sequence[str]) -> None:
        """Make the queues exist, now if the server is there, and whenever it comes back."""
        self._queues.update(dict.fromkeys(queues))
        connection: AbstractConnection | None = None
        try:
            connection = await open_connection(self._url, "declaring")
            await declare_queues(connection, tuple(self._queues), self._limit)
        except OUTAGES:
            self._publishing.start()  # tells the log, and declares once the server is there
        else:
            await self._publishing.connected(PATIENCE)
        finally:
            await shut(connection)

    async def publish(self, queue: str, keys: Sequence[str]) -> None:
        """Ring for `keys`: one message for each portion, all in flight together, every one confirmed or forgotten."""
        portions = chunks(keys)
        await self._publishing.attempted(PATIENCE)  # only the first call ever waits
        channel = self._channel
        if channel is None or asyncio.get_running_loop().time() < self._silent_until.get(queue, 0.0):
            self.counts.forgotten += len(keys)
            return
        await asyncio.gather(*(self._confirm(channel, queue, portion) for portion in portions))

    def consume(self, queue: str, prefetch: int) -> "RabbitConsumer":
        """Messages of `queue`, which is declared whenever the consumer connects."""
        consumer = RabbitConsumer(self._consuming, queue, prefetch, self._limit, self.counts, self._consumers)
        if self._closed:
            consumer.halt()
        return consumer

    async def depth(self, queue: str) -> int | None:
        """How many messages wait, as the server tells it."""
        connection = await self._publishing.attempted(PATIENCE)
        if connection is None:
            return None
        channel: AbstractChannel | None = None
        try:
            async with bounded():
                channel = await connection.channel()
                declared = await channel.declare_queue(queue, passive=True)
        except OUTAGES:
            return None
        finally:
            await shut(channel)
        return declared.declaration_result.message_count

    async def close(self) -> None:
        """Drain: cancel the consumers, let the server have back what is not settled, close both connections."""
        self._closed = True
        await asyncio.gather(*(consumer.close() for consumer in tuple(self._consumers)))
        await asyncio.gather(self._publishing.close(), self._consuming.close())

    async def _ready_to_publish(self, connection: AbstractConnection, lost: asyncio.Event) -> None:
        """Topology first, then the channel: its first publish must find the queues."""
        await declare_queues(connection, tuple(self._queues), self._limit)
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)

        def forget(*_: object) -> None:
            self._channel = None
            lost.set()

        channel.close_callbacks.add(forget)
        self._channel = channel
        self._silent_until.clear()

    async def _confirm(self, channel: AbstractChannel, queue: str, keys: tuple[str, ...]) -> None:
        message = aio_pika.Message(
            encode(keys), content_type="application/json", delivery_mode=aio_pika.DeliveryMode.PERSISTENT
        )
        try:
            async with bounded(self._patience):
                await channel.default_exchange.publish(message, queue, mandatory=True)
        except TimeoutError:
            self._silent_until[queue] = asyncio.get_running_loop().time() + SILENCE
            self.counts.forgotten += len(keys)
        except OUTAGES:  # the server is away, the queue is full, or there is no such queue
            self.counts.forgotten += len(keys)
        else:
            self.counts.published += len(keys)


class RabbitMessage:
    """A message handed out by RabbitMQ."""

    __slots__ = ("_incoming", "_settled", "keys", "redelivered")

    def __init__(self, keys: tuple[str, ...], incoming: AbstractIncomingMessage) -> None:
        self.keys = keys
        self.redelivered = bool(incoming.redelivered)
        self._incoming = incoming
        self._settled = False

    async def ack(self) -> None:
        """Done with it."""
        await self._settle(self._incoming.ack)

    async def nack(self) -> None:
        """Give it back."""
        await self._settle(self._incoming.nack)

    async def _settle(self, how: Callable[[], Awaitable[None]]) -> None:
        if self._settled:
            return
        self._settled = True
        try:
            async with bounded():
                await how()
        except OUTAGES:
            pass  # the channel is gone: the message comes again and finds its rows done


class RabbitConsumer:
    """One reader of one queue: a channel of its own, made anew whenever it ends, by a task that is always there."""

    def __init__(
        self, link: "Link", queue: str, prefetch: int, limit: int, counts: Counts, siblings: set["RabbitConsumer"]
    ) -> None:
        if prefetch < 1:
            raise ValueError("prefetch must be at least 1")
        self._link = link
        self._queue = queue
        self._prefetch = prefetch
        self._limit = limit
        self._counts = counts
        self._siblings = siblings
        self._waiting: deque[RabbitMessage] = deque()  # arrived, not handed out; the server keeps it below prefetch
        self._wakeup = Wakeup()
        self._feeding: asyncio.Task[None] | None = None
        self._cancel: Callable[[], Awaitable[Any]] | None = None  # ends the subscription of the present channel
        self._stopped = False
        siblings.add(self)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> RabbitMessage:
        self._start()
        while not self._stopped:
            if self._waiting:
                message = self._waiting.popleft()
                self._counts.consumed += 1
                self._counts.redelivered += message.redelivered
                return message
            await self._wakeup.wait()
        raise StopAsyncIteration

    async def __aenter__(self) -> Self:
        self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def stop(self) -> None:
        """Hand out nothing more; what arrived and was not handed out goes back, what was can still be settled."""
        self.halt()
        cancel, self._cancel = self._cancel, None
        if cancel is not None:
            try:
                async with bounded(PATIENCE / 2):
                    await cancel()
            except OUTAGES:
                pass  # nothing arrives from a server that is away
        while self._waiting:
            await self._waiting.popleft().nack()

    async def close(self) -> None:
        """Close the channel: the server takes back every message that was not settled, in its old order."""
        self.halt()
        if self._feeding is not None:
            self._feeding.cancel()
            await asyncio.wait([self._feeding], timeout=PATIENCE)
        self._siblings.discard(self)

    def halt(self) -> None:
        """End the iteration in every task that iterates."""
        self._stopped = True
        self._wakeup.ring()

    def _start(self) -> None:
        if self._feeding is None and not self._stopped:
            self._feeding = spawn(self._feed(), f"consume {self._queue}")

    async def _feed(self) -> None:
        """Keep a channel that consumes. While the connection is away, wait for it; if only the channel fails, pause."""
        pause = FIRST_PAUSE
        while not self._stopped:
            connection = await self._link.connected()
            if connection is None:  # closed for good
                return
            try:
                await self._consume(connection)
                pause = FIRST_PAUSE
            except ConfigError as error:
                log.error("consumer_refused", queue=self._queue, reason=str(error))
                pause = LONGEST_PAUSE
            except OUTAGES as error:
                log.info("consumer_lost", queue=self._queue, reason=repr(error))
            if connection is self._link.connection:  # it is not the connection: try again, but not at once
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    async def _consume(self, connection: AbstractConnection) -> None:
        """Consume on a new channel until it ends."""
        channel: AbstractChannel | None = None
        ended = asyncio.Event()
        try:
            await declare_queues(connection, (self._queue,), self._limit)
            async with bounded():
                channel = await connection.channel(publisher_confirms=False)
            channel.close_callbacks.add(lambda *_: ended.set())
            if await self._subscribed(channel, ended):
                await ended.wait()
            else:
                await replace_mute_queue(connection, self._queue)
        finally:
            self._cancel = None
            self._waiting.clear()  # they belong to this channel, and the server hands them out again
            await shut(channel)

    async def _subscribed(self, channel: AbstractChannel, ended: asyncio.Event) -> bool:
        """Have the queue's messages sent to us; False when the queue does not answer."""
        try:
            async with bounded():
                # A server that deletes the queue, or moves its leader, ends the subscription but not the channel.
                underlay = await channel.get_underlay_channel()
                underlay.on_consumer_cancel_callbacks.add(lambda _: ended.set())
                await channel.set_qos(prefetch_count=self._prefetch)
                queue = await channel.get_queue(self._queue, ensure=False)
                tag = await queue.consume(self._arrived)
        except TimeoutError:
            return False
        self._cancel = lambda: queue.cancel(tag)
        return True

    async def _arrived(self, incoming: AbstractIncomingMessage) -> None:
        try:
            message = RabbitMessage(decode(incoming.body), incoming)
        except UnreadableError as error:
            self._counts.unreadable += 1
            log.error("message_unreadable", queue=self._queue, reason=str(error), size=len(incoming.body))
            with suppress(*OUTAGES):  # it comes again
                await incoming.reject(requeue=False)  # to the dead letters
            return
        self._waiting.append(message)
        self._wakeup.ring()
