"""What is particular to the broker inside the process: coalescing, and order after a give-back."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from hub.broker.base import NORMALISE
from hub.broker.embedded import EmbeddedBroker, EmbeddedConsumer, EmbeddedMessage


async def take_all(consumer: EmbeddedConsumer, broker: EmbeddedBroker) -> list[EmbeddedMessage]:
    """Everything that waits, unsettled."""
    return [await anext(consumer) for _ in range(await broker.depth(NORMALISE) or 0)]


async def test_a_key_that_still_waits_is_not_queued_twice() -> None:
    broker = EmbeddedBroker()
    await broker.declare([NORMALISE])
    for keys in (["a"], ["a", "b"], ["b", "b", "c"], ["c"]):
        await broker.publish(NORMALISE, keys)

    got = await take_all(broker.consume(NORMALISE, prefetch=9), broker)

    assert [message.keys for message in got] == [("a",), ("b",), ("c",)]
    assert broker.counts.forgotten == 0


async def test_a_key_that_is_out_is_rung_for_again_because_its_row_may_have_changed() -> None:
    broker = EmbeddedBroker()
    await broker.declare([NORMALISE])
    messages = broker.consume(NORMALISE, prefetch=2)
    await broker.publish(NORMALISE, ["a"])
    first = await anext(messages)

    await broker.publish(NORMALISE, ["a"])

    second = await anext(messages)
    assert first.keys == second.keys == ("a",)
    assert not second.redelivered


async def test_a_message_given_back_coalesces_too() -> None:
    broker = EmbeddedBroker()
    await broker.declare([NORMALISE])
    messages = broker.consume(NORMALISE, prefetch=1)
    await broker.publish(NORMALISE, ["a"])
    await (await anext(messages)).nack()

    await broker.publish(NORMALISE, ["a"])

    assert await broker.depth(NORMALISE) == 1


async def test_what_a_consumer_gives_back_goes_before_what_came_later() -> None:
    broker = EmbeddedBroker()
    await broker.declare([NORMALISE])
    for key in "abcd":
        await broker.publish(NORMALISE, [key])
    async with broker.consume(NORMALISE, prefetch=3) as messages:
        for _ in range(3):
            await anext(messages)

    got = await take_all(broker.consume(NORMALISE, prefetch=9), broker)

    assert [message.keys for message in got] == [("a",), ("b",), ("c",), ("d",)]
    assert [message.redelivered for message in got] == [True, True, True, False]


async def test_a_consumer_of_a_full_queue_lets_its_neighbours_run() -> None:
    broker = EmbeddedBroker()
    await broker.declare([NORMALISE])
    for number in range(100):
        await broker.publish(NORMALISE, [str(number)])
    ticks = 0

    async def neighbour() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(neighbour())
    messages = broker.consume(NORMALISE, prefetch=1)
    for _ in range(100):
        await (await anext(messages)).ack()
    beside.cancel()

    assert ticks >= 99


STEPS = st.lists(st.sampled_from(["publish", "take", "ack", "nack", "close"]), max_size=60)


@given(STEPS)
def test_whatever_happens_every_published_key_is_waiting_out_or_acknowledged(steps: list[str]) -> None:
    async def run() -> None:
        broker = EmbeddedBroker()
        await broker.declare([NORMALISE])
        messages = broker.consume(NORMALISE, prefetch=4)
        out: list[EmbeddedMessage] = []
        published, acknowledged = set(), set()
        for number, step in enumerate(steps):
            if step == "publish":
                published.add(str(number))
                await broker.publish(NORMALISE, [str(number)])
            elif step == "take" and len(out) < 4 and await broker.depth(NORMALISE):
                out.append(await anext(messages))
            elif step == "ack" and out:
                acknowledged.update(out[0].keys)
                await out.pop(0).ack()
            elif step == "nack" and out:
                await out.pop().nack()
            elif step == "close":
                await messages.close()
                out.clear()
                messages = broker.consume(NORMALISE, prefetch=4)
        await messages.close()
        rest = await take_all(broker.consume(NORMALISE, prefetch=len(steps) + 1), broker)
        waiting = [key for message in rest for key in message.keys]
        assert sorted(waiting) == sorted(published - acknowledged)

    asyncio.run(run())
