"""The broker on RabbitMQ, through aio-pika: durable quorum queues, confirms, and prefetch as back-pressure.

    RabbitBroker ──▶ Link (publishing) ──▶ one channel with confirms
                └──▶ Link (consuming)  ──▶ RabbitConsumer: one channel each, with its own prefetch

Publishing and consuming have a connection each: a server short of memory stops reading from publishers, and
acknowledgements must still get through.

A queue's arguments cannot be changed by declaring it again: whoever changes them here gives the queues in base.py a
new name (`hub.harvest.v2`) and tells the operator to delete the old ones. Limits that operators wish to change belong
into a RabbitMQ policy.
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
from aio_pika.exceptions import ChannelClosed

from connectors.errors import ConfigError
from hub.broker.base import DEAD, WAITING_LIMIT, Counts, UnreadableError, Wakeup, chunks, decode, encode
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

#: Seconds without publishing to a queue after a publish had no answer: it must not cost every caller PATIENCE.
SILENCE = 15.0
#: Seconds after deleting a mute queue; declared again at once, 3.10 answers INTERNAL_ERROR.
FORGETTING = 1.5
#: Deliveries of one message before it is set aside. High: every restart of a worker counts as one.
DELIVERY_LIMIT = 1_000
#: Messages kept for the operator in the dead-letter queue; the oldest go first.
DEAD_LIMIT = 10_000

log = structlog.get_logger(__name__)


async def declare_queues(connection: AbstractConnection, queues: Sequence[str], limit: int) -> None:
    """Declare dead letters and `queues` on a channel of its own: a refusal closes the channel and nothing else.

    Raises ConfigError when the server refuses, or one of OUTAGES.
    """
    name = DEAD
    channel: AbstractChannel | None = None
    try:
        async with bounded():
            channel = await connection.channel()
            exchange = await channel.declare_exchange(DEAD, aio_pika.ExchangeType.FANOUT, durable=True)
            dead = await channel.declare_queue(DEAD, durable=True, arguments=_dead_arguments())
            await dead.bind(exchange)
            for name in queues:
                await channel.declare_queue(name, durable=True, arguments=_queue_arguments(limit))
    except ChannelClosed as error:
        raise ConfigError(
            f"broker: the server refuses queue {name}: {error}. Delete it in RabbitMQ (it holds ids only, nothing "
            "is lost), or give the hub a virtual host of its own and the right to configure it.",
            sentence=f"Máy chủ RabbitMQ từ chối hàng đợi {name}: hàng đợi đã có với tham số khác, hoặc tài khoản "
            "thiếu quyền. Hãy xoá hàng đợi này (chỉ chứa mã số, không mất dữ liệu) hoặc cấp vhost riêng cho hub.",
        ) from error
    finally:
        await shut(channel)


async def replace_mute_queue(connection: AbstractConnection, queue: str) -> None:
    """Delete a queue that exists and does not answer, so that the next declare makes it anew.

    A single RabbitMQ 3.10 node that is killed within seconds of declaring a quorum queue brings it back without a
    leader: it can be declared, and every publish and consume hangs for ever. It holds bells only, so nothing is lost;
    a queue that is mute because a cluster has no majority refuses this too. Raises one of OUTAGES.
    """
    log.warning("queue_mute", queue=queue)
    channel: AbstractChannel | None = None
    try:
        async with bounded(3 * PATIENCE):  # the server itself waits 5 s for the leader before it gives up on it
            channel = await connection.channel()
            await channel.queue_delete(queue)
        await asyncio.sleep(FORGETTING)
    finally:
        await shut(channel)


def _queue_arguments(limit: int) -> dict[str, Any]:
    return {
        "x-queue-type": "quorum",
        "x-max-length": limit,
        "x-overflow": "reject-publish",  # harmless: the sweeper finds the row
        "x-dead-letter-exchange": DEAD,
        "x-delivery-limit": DELIVERY_LIMIT,
    }


def _dead_arguments() -> dict[str, Any]:
    return {"x-queue-type": "quorum", "x-max-length": DEAD_LIMIT, "x-overflow": "drop-head"}


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
        self._publishing.start()
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
        connection = self._publishing.connection
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
            await asyncio.wait([self._feeding])
        self._siblings.discard(self)

    def halt(self) -> None:
        """End the iteration in every task that iterates."""
        self._stopped = True
        self._wakeup.ring()

    def _start(self) -> None:
        if self._feeding is None and not self._stopped:
            self._siblings.add(self)
            self._feeding = spawn(self._feed(), f"consume {self._queue}")

    async def _feed(self) -> None:
        """Keep a channel that consumes. While the connection is away, wait for it; if only the channel fails, pause."""
        pause = FIRST_PAUSE
        while not self._stopped:
            connection = await self._link.connected()
            if connection is None:
                continue
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
        ended = asyncio.Event()
        await declare_queues(connection, (self._queue,), self._limit)
        channel = await connection.channel(publisher_confirms=False)
        channel.close_callbacks.add(lambda *_: ended.set())
        try:
            await self._subscribe(channel, ended)
            await ended.wait()
        except TimeoutError:
            await replace_mute_queue(connection, self._queue)
        finally:
            self._cancel = None
            self._waiting.clear()  # they belong to this channel, and the server hands them out again
            await shut(channel)

    async def _subscribe(self, channel: AbstractChannel, ended: asyncio.Event) -> None:
        async with bounded():
            # A server that deletes the queue, or moves its leader, ends the subscription but not the channel.
            underlay = await channel.get_underlay_channel()
            underlay.on_consumer_cancel_callbacks.add(lambda _: ended.set())
            await channel.set_qos(prefetch_count=self._prefetch)
            queue = await channel.get_queue(self._queue, ensure=False)
            tag = await queue.consume(self._arrived)
        self._cancel = lambda: queue.cancel(tag)

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
