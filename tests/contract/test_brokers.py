"""The promises of hub/broker/base.py, over every broker: what a stage may lean on, and what it must live with."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from hub.broker import connect
from hub.broker.base import HARVEST, KEY_LIMIT, KEYS_PER_MESSAGE, NORMALISE, Broker, Consumer, Message, deliver_queue

PORTAL = deliver_queue("portal")
QUEUES = (HARVEST, NORMALISE, PORTAL)


@pytest.fixture(params=["embedded", "rabbit"])
def broker_url(request: pytest.FixtureRequest) -> str:
    """The address of each broker there is; a new one is added here and nowhere else."""
    return "" if request.param == "embedded" else str(request.getfixturevalue("amqp_url"))


@pytest.fixture
async def broker(broker_url: str) -> AsyncIterator[Broker]:
    """A broker with the hub's queues, empty."""
    broker = connect(broker_url)
    await broker.declare(QUEUES)
    yield broker
    await broker.close()


async def take(consumer: Consumer, count: int = 1) -> list[Message]:
    """The next `count` messages, unsettled."""
    async with asyncio.timeout(20):
        return [await anext(consumer) for _ in range(count)]


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Ask until it is so: a server's counters follow its answers a little later."""
    async with asyncio.timeout(20):
        while not await condition():  # noqa: ASYNC110 - a server tells its depth only when asked
            await asyncio.sleep(0.02)


async def publish_each(broker: Broker, queue: str, keys: list[str]) -> None:
    """One message for each key, in order."""
    for key in keys:
        await broker.publish(queue, [key])


async def round_trip(broker: Broker, marker: str = "marker") -> None:
    """Send something there and back. What would have happened by itself has happened by then."""
    async with broker.consume(PORTAL, prefetch=1) as messages:
        await broker.publish(PORTAL, [marker])
        (message,) = await take(messages)
        assert message.keys == (marker,)
        await message.ack()


def keys_of(messages: list[Message]) -> list[str]:
    """All keys, in order."""
    return [key for message in messages for key in message.keys]


# ---------------------------------------------------------------------------------------------- publish and consume


async def test_one_consumer_gets_one_queue_in_the_order_of_publication(broker: Broker) -> None:
    wanted = [str(number) for number in range(50)]
    await publish_each(broker, NORMALISE, wanted)

    async with broker.consume(NORMALISE, prefetch=8) as messages:
        got = []
        for _ in wanted:
            (message,) = await take(messages)
            got += message.keys
            await message.ack()

    assert got == wanted


async def test_a_message_published_before_anybody_consumes_is_kept(broker: Broker) -> None:
    await broker.publish(HARVEST, ["early"])

    async with broker.consume(HARVEST, prefetch=1) as messages:
        (message,) = await take(messages)
        await message.ack()

    assert message.keys == ("early",)
    assert not message.redelivered
    assert broker.counts.published == broker.counts.consumed == 1


async def test_a_message_published_while_somebody_waits_arrives(broker: Broker) -> None:
    async with broker.consume(HARVEST, prefetch=1) as messages:
        waiting = asyncio.create_task(take(messages))
        await round_trip(broker)
        assert not waiting.done()

        await broker.publish(HARVEST, ["late"])

        (message,) = await waiting
        assert message.keys == ("late",)


async def test_queues_are_separate(broker: Broker) -> None:
    await broker.publish(HARVEST, ["source"])
    await broker.publish(NORMALISE, ["capture"])

    async with broker.consume(NORMALISE, prefetch=5) as messages:
        assert keys_of(await take(messages)) == ["capture"]


async def test_many_keys_travel_in_messages_of_bounded_size(broker: Broker) -> None:
    wanted = [f"key-{number}" for number in range(2 * KEYS_PER_MESSAGE + 1)]
    await broker.publish(NORMALISE, wanted)

    async with broker.consume(NORMALISE, prefetch=10) as messages:
        got = await take(messages, 3)

    assert sorted(keys_of(got)) == sorted(wanted)
    assert sorted(len(message.keys) for message in got) == [1, KEYS_PER_MESSAGE, KEYS_PER_MESSAGE]


async def test_vietnamese_and_odd_keys_arrive_unchanged(broker: Broker) -> None:
    wanted = ["Sở Y tế", 'dấu "nháy"', "a\\b", "đ" * KEY_LIMIT]
    await broker.publish(HARVEST, wanted)

    async with broker.consume(HARVEST, prefetch=1) as messages:
        assert keys_of(await take(messages)) == wanted


@pytest.mark.parametrize("key", ["", "x" * (KEY_LIMIT + 1)])
async def test_a_key_that_is_no_key_is_refused_at_once(broker: Broker, key: str) -> None:
    with pytest.raises(ValueError, match="a key must have"):
        await broker.publish(HARVEST, ["good", key])
    assert broker.counts.published == 0


async def test_publishing_nothing_does_nothing(broker: Broker) -> None:
    await broker.publish(HARVEST, [])
    await round_trip(broker)
    assert await broker.depth(HARVEST) == 0


async def test_a_queue_that_nobody_declared_forgets(broker: Broker) -> None:
    await broker.publish("hub.deliver.unknown", ["a", "b"])

    assert broker.counts.forgotten == 2
    assert await broker.depth("hub.deliver.unknown") is None
    await round_trip(broker)


async def test_a_consumer_declares_its_queue(broker: Broker) -> None:
    queue = deliver_queue("added later")
    async with broker.consume(queue, prefetch=1) as messages:

        async def exists() -> bool:
            return await broker.depth(queue) is not None

        await until(exists)
        await broker.publish(queue, ["first"])
        assert keys_of(await take(messages)) == ["first"]


async def test_a_full_queue_forgets_and_does_not_hold_up_the_publisher(broker_url: str) -> None:
    broker = connect(broker_url, limit=5)
    try:
        await broker.declare(QUEUES)
        async with asyncio.timeout(20):
            while not broker.counts.forgotten:  # a server lets some more in before it says stop
                await broker.publish(NORMALISE, [f"key-{broker.counts.published}"])
        kept = broker.counts.published

        assert 5 <= kept < 500
        async with broker.consume(NORMALISE, prefetch=10) as messages:
            for number in range(kept):
                (message,) = await take(messages)
                assert message.keys == (f"key-{number}",)
                await message.ack()
    finally:
        await broker.close()


# ---------------------------------------------------------------------------------------------- settle


async def test_what_is_acknowledged_never_comes_again(broker: Broker) -> None:
    await publish_each(broker, HARVEST, ["done", "open"])
    async with broker.consume(HARVEST, prefetch=2) as messages:
        done, _ = await take(messages, 2)
        await done.ack()

    async with broker.consume(HARVEST, prefetch=2) as messages:
        (again,) = await take(messages)
        assert again.keys == ("open",)
        await again.ack()
        await round_trip(broker)
    assert await broker.depth(HARVEST) == 0


async def test_what_is_given_back_comes_again_and_says_so(broker: Broker) -> None:
    await broker.publish(HARVEST, ["a", "b"])
    async with broker.consume(HARVEST, prefetch=1) as messages:
        (first,) = await take(messages)
        await first.nack()
        (second,) = await take(messages)

        assert (first.redelivered, second.redelivered) == (False, True)
        assert second.keys == first.keys == ("a", "b")
        assert broker.counts.redelivered == 1


async def test_leaving_the_block_gives_back_what_was_not_settled(broker: Broker) -> None:
    wanted = ["a", "b", "c", "d"]
    await publish_each(broker, HARVEST, wanted)
    async with broker.consume(HARVEST, prefetch=3) as messages:
        await take(messages, 2)

    async with broker.consume(HARVEST, prefetch=4) as messages:
        again = await take(messages, 4)

    assert sorted(keys_of(again)) == wanted
    assert {key for message in again if message.redelivered for key in message.keys} >= {"a", "b"}


async def test_a_worker_that_dies_gives_back_what_it_held(broker: Broker) -> None:
    async def die() -> None:
        async with broker.consume(HARVEST, prefetch=1) as messages:
            await take(messages)
            raise ZeroDivisionError

    await broker.publish(HARVEST, ["a"])
    with pytest.raises(ZeroDivisionError):
        await die()

    async with broker.consume(HARVEST, prefetch=1) as messages:
        (again,) = await take(messages)
    assert again.redelivered


async def test_settling_twice_does_nothing(broker: Broker) -> None:
    await broker.publish(HARVEST, ["a"])
    async with broker.consume(HARVEST, prefetch=1) as messages:
        (message,) = await take(messages)
        await message.ack()
        await message.ack()
        await message.nack()
        await round_trip(broker)
    assert await broker.depth(HARVEST) == 0


async def test_settling_after_the_consumer_closed_does_nothing(broker: Broker) -> None:
    await broker.publish(HARVEST, ["a"])
    async with broker.consume(HARVEST, prefetch=1) as messages:
        (message,) = await take(messages)
    await message.ack()

    async with broker.consume(HARVEST, prefetch=1) as messages:
        (again,) = await take(messages)
        assert again.redelivered


# ---------------------------------------------------------------------------------------------- several at once


async def test_competing_consumers_get_disjoint_messages(broker: Broker) -> None:
    wanted = [f"key-{number}" for number in range(60)]
    await publish_each(broker, NORMALISE, wanted)
    got: dict[str, list[str]] = {"left": [], "right": []}
    finished = asyncio.Event()

    async def work(name: str) -> None:
        async with broker.consume(NORMALISE, prefetch=1) as messages:
            async for message in messages:
                got[name] += message.keys
                await message.ack()
                if sum(map(len, got.values())) == len(wanted):
                    finished.set()

    workers = [asyncio.create_task(work(name)) for name in got]
    async with asyncio.timeout(20):
        await finished.wait()
    await broker.close()
    await asyncio.gather(*workers)

    assert sorted(got["left"] + got["right"]) == sorted(wanted)
    assert got["left"]
    assert got["right"]


async def test_several_tasks_may_share_one_consumer(broker: Broker) -> None:
    wanted = [f"key-{number}" for number in range(40)]
    got: list[str] = []
    async with broker.consume(NORMALISE, prefetch=4) as messages:

        async def work() -> None:
            async for message in messages:
                got.extend(message.keys)
                await message.ack()
                if len(got) == len(wanted):
                    await messages.stop()

        workers = [asyncio.create_task(work()) for _ in range(4)]
        await publish_each(broker, NORMALISE, wanted)
        async with asyncio.timeout(20):
            await asyncio.gather(*workers)

    assert sorted(got) == sorted(wanted)


async def test_prefetch_is_back_pressure(broker: Broker) -> None:
    await publish_each(broker, NORMALISE, ["a", "b", "c"])
    async with broker.consume(NORMALISE, prefetch=2) as messages:
        first, _ = await take(messages, 2)
        third = asyncio.create_task(take(messages))
        await round_trip(broker)
        assert not third.done()
        assert await broker.depth(NORMALISE) == 1

        await first.ack()

        assert keys_of(await third) == ["c"]


async def test_a_prefetch_of_nothing_is_a_defect_of_the_caller(broker: Broker) -> None:
    with pytest.raises(ValueError, match="prefetch"):
        broker.consume(NORMALISE, prefetch=0)


async def test_a_cancelled_wait_takes_no_message(broker: Broker) -> None:
    async with broker.consume(HARVEST, prefetch=1) as messages:
        waiting = asyncio.create_task(take(messages))
        await round_trip(broker)
        waiting.cancel()
        await asyncio.wait([waiting])

        await broker.publish(HARVEST, ["a"])

        (message,) = await take(messages)
        assert (message.keys, message.redelivered) == (("a",), False)


# ---------------------------------------------------------------------------------------------- the end


async def test_stop_ends_the_iteration_and_lets_what_is_in_flight_be_settled(broker: Broker) -> None:
    await publish_each(broker, HARVEST, ["in flight", "waiting"])
    async with broker.consume(HARVEST, prefetch=2) as messages:
        (in_flight,) = await take(messages)
        await messages.stop()
        assert [message async for message in messages] == []
        await in_flight.ack()

    async with broker.consume(HARVEST, prefetch=2) as messages:
        (rest,) = await take(messages)
        await rest.ack()
        await round_trip(broker)
    assert rest.keys == ("waiting",)
    assert await broker.depth(HARVEST) == 0


async def test_close_ends_every_wait_and_is_quick(broker: Broker) -> None:
    consumers = [broker.consume(queue, prefetch=3) for queue in QUEUES]
    waits = [asyncio.create_task(anext(consumer, None)) for consumer in consumers]
    await asyncio.sleep(0)

    async with asyncio.timeout(5):
        await broker.close()
        got = await asyncio.gather(*waits)

    assert got == [None, None, None]
    assert [message async for message in broker.consume(HARVEST, prefetch=1)] == []


async def test_a_consumer_made_before_close_and_read_after_it_ends_at_once(broker: Broker) -> None:
    messages = broker.consume(HARVEST, prefetch=1)
    await broker.close()
    assert [message async for message in messages] == []


async def test_after_close_publishing_forgets_and_closing_again_does_nothing(broker: Broker) -> None:
    await broker.close()
    await broker.publish(HARVEST, ["a", "b"])
    await broker.close()
    assert broker.counts.forgotten == 2


async def test_depth_counts_what_waits_and_not_what_is_out(broker: Broker) -> None:
    assert await broker.depth(HARVEST) == 0
    await publish_each(broker, HARVEST, ["a", "b", "c"])

    async def three() -> bool:
        return await broker.depth(HARVEST) == 3

    await until(three)
    async with broker.consume(HARVEST, prefetch=1) as messages:
        await take(messages)

        async def two() -> bool:
            return await broker.depth(HARVEST) == 2

        await until(two)
    await until(three)
