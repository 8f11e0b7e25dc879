"""The broker seam: the row in the database is the truth, a message is a bell that carries ids and nothing else.

    commit ─▶ publish(queue, keys) ─▶ [ queue ] ─▶ consume(queue, prefetch) ─▶ claim, act, commit ─▶ message.ack()

What a broker promises is little, and what it may do is stated, because every stage is built on it:

    may forget   a full queue, an absent broker, a wiped disk, a crash: the sweeper finds the row
    may repeat   a lost acknowledgement, a worker that died: the claim finds the row taken or done
    may reorder  between consumers and after a give-back; one queue read by one consumer keeps its order otherwise

`tests/contract/test_brokers.py` is the executable form of this file and runs over every broker.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import orjson

#: Sources to fetch.
HARVEST = "hub.harvest"
#: Items whose own pages and files are to be fetched.
ENRICH = "hub.enrich"
#: Backfills: sources whose history is read.
BACKFILL = "hub.backfill"
#: Captures to normalise.
NORMALISE = "hub.normalise"
#: Subscriptions about which a WebSub hub is to be asked.
SUBSCRIBE = "hub.subscribe"
#: Reconciliations: destinations that are compared with what the hub holds.
RECONCILE = "hub.reconcile"
#: Mails to send.
MAIL = "hub.mail"
#: Messages that nobody can read; their arrival is an alarm, never a store of work.
DEAD = "hub.dead"

#: Most keys in one message: large enough to make the broker cheap, small enough to spread a batch over workers.
KEYS_PER_MESSAGE = 20
#: Messages that wait in one queue before further ones are forgotten.
WAITING_LIMIT = 100_000
#: Longest key, in characters; a message with a longer one is unreadable.
KEY_LIMIT = 200


def deliver_queue(destination: str) -> str:
    """The queue of one destination; each has its own, so that a slow one holds up nobody."""
    return f"hub.deliver.{destination}"


@dataclass(slots=True)
class Counts:
    """What happened since the broker was made, for the status page and metrics. Only ever rises."""

    published: int = 0  #: keys that a queue took
    forgotten: int = 0  #: keys that no queue took: full, absent, unknown; the sweeper finds their rows
    consumed: int = 0  #: messages handed to a worker
    redelivered: int = 0  #: of these, messages that had been handed out before
    unreadable: int = 0  #: messages set aside because nobody can read them


class Message(Protocol):
    """A bell: the rows `keys` may have work. Settle it once; both ways never raise, and a second call does nothing."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Ids of rows, in the order they were published; at least one, at most KEYS_PER_MESSAGE."""

    @property
    def redelivered(self) -> bool:
        """Whether it was handed out before; then its rows may be claimed or done already."""

    async def ack(self) -> None:
        """Done with it: its rows were claimed, or are nobody's work. Call after that commit."""

    async def nack(self) -> None:
        """Give it back untouched, to be handed out again at once. For shutdown; a retry is a due_at, never this."""


class Consumer(Protocol):
    """Messages of one queue. Iterate in as many tasks as wanted; each message goes to one of them.

        async with broker.consume(NORMALISE, prefetch=4) as messages:
            async for message in messages:
                ...
                await message.ack()

    It survives the broker: while that is away nothing arrives, afterwards messages flow again. The iteration ends
    only by `stop`, by leaving the block, or by `Broker.close`.
    """

    def __aiter__(self) -> Self: ...

    async def __anext__(self) -> Message: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def stop(self) -> None:
        """First half of a drain: end the iteration, hand out nothing more. What was handed out can still be settled."""

    async def close(self) -> None:
        """Second half: give back everything that was handed out and not settled. Leaving the block does both."""


class Broker(Protocol):
    """Distributes ids to workers. Belongs to one event loop."""

    @property
    def counts(self) -> Counts: ...

    async def declare(self, queues: Sequence[str]) -> None:
        """Make the queues exist, now and after every loss of the broker's data. An absent broker is no error here.

        Raises ConfigError when a queue cannot be as we need it, e.g. it exists with other arguments.
        """

    async def publish(self, queue: str, keys: Sequence[str]) -> None:
        """Ring for `keys`, at best. Call after the commit. Never raises for the broker's sake, and returns soon.

        Whatever is not taken within a few seconds is forgotten and counted. Keys that still wait may be coalesced.
        Raises ValueError for a key that is empty or longer than KEY_LIMIT: a defect of the caller.
        """

    def consume(self, queue: str, prefetch: int) -> Consumer:
        """Messages of `queue`, of which at most `prefetch` are unsettled at any time: this is the back-pressure."""

    async def depth(self, queue: str) -> int | None:
        """How many messages wait, those handed out not counted; None when it cannot be told."""

    async def close(self) -> None:
        """Stop all consumers, give back what is not settled, let go of the server. Bounded; may be called twice."""


class UnreadableError(ValueError):
    """A message that is not ours, or of a version this program does not know."""


def chunks(keys: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """`keys` in portions of one message each."""
    if any(not 0 < len(key) <= KEY_LIMIT for key in keys):
        raise ValueError(f"a key must have 1 to {KEY_LIMIT} characters")
    return (tuple(keys[start : start + KEYS_PER_MESSAGE]) for start in range(0, len(keys), KEYS_PER_MESSAGE))


def encode(keys: Sequence[str]) -> bytes:
    """The body of a message: compact JSON, `{"v":1,"keys":["…"]}`."""
    return orjson.dumps({"v": 1, "keys": keys})


def decode(body: bytes) -> tuple[str, ...]:
    """The keys in the body of a message. Raises UnreadableError, which never quotes the body."""
    if len(body) > 2 * KEYS_PER_MESSAGE * KEY_LIMIT * 4:
        raise UnreadableError("too long")
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise UnreadableError("not JSON") from None
    if not isinstance(message, dict) or message.get("v") != 1:
        raise UnreadableError("not a message of version 1")
    keys = message.get("keys")
    if not isinstance(keys, list) or not 0 < len(keys) <= KEYS_PER_MESSAGE:
        raise UnreadableError("no keys, or too many")
    if not all(isinstance(key, str) and 0 < len(key) <= KEY_LIMIT for key in keys):
        raise UnreadableError("a key that is no key")
    return tuple(keys)


class Wakeup:
    """Wakes every task that waits for a change; each looks for itself whether the change was for it."""

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Something changed."""
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def wait(self) -> None:
        """Return at the next ring."""
        await self._event.wait()
