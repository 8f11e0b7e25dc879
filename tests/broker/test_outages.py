"""A RabbitMQ that is restarted, killed and wiped under a publisher and a consumer: messages flow again."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from hub.broker.base import NORMALISE
from hub.broker.rabbit import RabbitBroker, RabbitConsumer
from tests.servers import RabbitServer

#: Seconds from the server's return until a message must have gone through.
RECOVERY = 45  # measured: 0.3 to 12; a busy machine takes its time


@pytest.fixture
async def broker(node: RabbitServer) -> AsyncIterator[RabbitBroker]:
    """A broker in a fresh vhost of the node that is to be broken."""
    broker = RabbitBroker(node.create_vhost(), patience=2)
    await broker.declare([NORMALISE])
    yield broker
    await broker.close()


class Traffic:
    """Publishes numbers and consumes them, all the time, as the stages do."""

    def __init__(self, broker: RabbitBroker) -> None:
        self._broker = broker
        self._arrival = asyncio.Event()
        self._last = 0
        self._seen = 0

    async def publish(self) -> None:
        while True:
            self._last += 1
            await self._broker.publish(NORMALISE, [str(self._last)])
            await asyncio.sleep(0.01)

    async def consume(self, messages: RabbitConsumer) -> None:
        async for message in messages:
            self._seen = max(self._seen, *map(int, message.keys))
            await message.ack()
            self._arrival.set()

    async def flows(self) -> None:
        """Return when something arrived that was published after this call."""
        wanted = self._last + 1
        while self._seen < wanted:
            self._arrival.clear()
            await self._arrival.wait()


def stop(node: RabbitServer) -> None:
    """As an operator does."""
    node.stop()


def wipe(node: RabbitServer) -> None:
    """SIGKILL, and its disk is lost."""
    node.wipe()


@pytest.mark.parametrize("blow", [stop, wipe])
async def test_messages_flow_again_by_themselves(
    node: RabbitServer, broker: RabbitBroker, blow: Callable[[RabbitServer], None]
) -> None:
    traffic = Traffic(broker)
    async with broker.consume(NORMALISE, prefetch=5) as messages:
        tasks = [asyncio.create_task(traffic.publish()), asyncio.create_task(traffic.consume(messages))]
        async with asyncio.timeout(RECOVERY):
            await traffic.flows()

        await asyncio.to_thread(blow, node)
        forgotten = broker.counts.forgotten
        await asyncio.to_thread(node.start)
        async with asyncio.timeout(RECOVERY):
            await traffic.flows()

        assert broker.counts.forgotten > forgotten  # while it was away nothing waited and nothing was raised
        assert not any(task.done() for task in tasks)
        tasks[0].cancel()
        await messages.stop()
        await asyncio.wait(tasks)


async def test_a_queue_declared_just_before_the_node_was_killed_works_again(
    node: RabbitServer, broker: RabbitBroker
) -> None:
    # On RabbitMQ 3.10 it comes back without a leader: it is there, and whoever publishes or consumes waits for ever.
    for number in range(3):
        await broker.publish(NORMALISE, [str(-number)])
    await asyncio.to_thread(node.kill)
    await asyncio.to_thread(node.start)

    traffic = Traffic(broker)
    async with broker.consume(NORMALISE, prefetch=5) as messages:
        tasks = [asyncio.create_task(traffic.publish()), asyncio.create_task(traffic.consume(messages))]
        async with asyncio.timeout(2 * RECOVERY):
            await traffic.flows()
        tasks[0].cancel()
        await messages.stop()
        await asyncio.wait(tasks)
