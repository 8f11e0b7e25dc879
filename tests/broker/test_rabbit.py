"""What is particular to RabbitMQ: its queues and arguments, dead letters, and a network that fails in every way."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

import aio_pika
import pytest
from structlog.testing import capture_logs

from connectors.errors import ConfigError
from hub.broker.base import DEAD, HARVEST, NORMALISE, Message, encode
from hub.broker.rabbit import RabbitBroker, RabbitConsumer
from tests.broker.wire import Wire
from tests.servers.processes import free_port

QUEUES = (HARVEST, NORMALISE)


@pytest.fixture
async def server(amqp_url: str) -> AsyncIterator[aio_pika.abc.AbstractChannel]:
    """A channel of the test's own, to look and meddle behind the broker's back."""
    connection = await aio_pika.connect(amqp_url)
    yield await connection.channel()
    await connection.close()


@pytest.fixture
async def broker(amqp_url: str) -> AsyncIterator[RabbitBroker]:
    """A broker with its queues, empty."""
    broker = RabbitBroker(amqp_url)
    await broker.declare(QUEUES)
    yield broker
    await broker.close()


async def take(consumer: RabbitConsumer, seconds: float = 20) -> Message:
    """The next message, acknowledged."""
    async with asyncio.timeout(seconds):
        message = await anext(consumer)
    await message.ack()
    return message


async def publish_until_taken(broker: RabbitBroker, queue: str, key: str) -> None:
    """As the sweeper does: ring again while nobody took it."""
    before = broker.counts.published
    async with asyncio.timeout(30):
        while broker.counts.published == before:
            await broker.publish(queue, [key])
            await asyncio.sleep(0.02)


async def get(server: aio_pika.abc.AbstractChannel, name: str) -> aio_pika.abc.AbstractIncomingMessage:
    """The next message of a queue, fetched behind the broker's back."""
    queue = await server.get_queue(name)
    async with asyncio.timeout(20):
        while True:
            if message := await queue.get(fail=False):
                return message
            await asyncio.sleep(0.02)


# ---------------------------------------------------------------------------------------------- topology


async def test_queues_are_durable_quorum_queues_with_bounds_and_dead_letters(
    broker: RabbitBroker, server: aio_pika.abc.AbstractChannel
) -> None:
    arguments: dict[str, Any] = {
        "x-queue-type": "quorum",
        "x-max-length": 100_000,
        "x-overflow": "reject-publish",
        "x-dead-letter-exchange": DEAD,
        "x-delivery-limit": 1_000,
    }
    queue = await server.declare_queue(HARVEST, durable=True, arguments=arguments)  # refused if anything differs
    assert queue.declaration_result.message_count == 0


@pytest.mark.parametrize(
    "body",
    [b"", b"garbage", b'{"v":9,"keys":["a"]}', b'{"v":1,"keys":[]}', b"\xff" * 100_000],
    ids=lambda body: body[:9],
)
async def test_an_unreadable_message_is_set_aside_and_the_next_one_comes(
    broker: RabbitBroker, server: aio_pika.abc.AbstractChannel, body: bytes
) -> None:
    await server.default_exchange.publish(aio_pika.Message(body), NORMALISE)
    await broker.publish(NORMALISE, ["good"])

    with capture_logs() as logs:
        async with broker.consume(NORMALISE, prefetch=1) as messages:
            assert (await take(messages)).keys == ("good",)

    assert broker.counts.unreadable == 1
    assert [line["event"] for line in logs] == ["message_unreadable"]
    assert (await get(server, DEAD)).body == body


async def test_a_queue_with_other_arguments_is_a_fault_that_says_what_to_do(
    amqp_url: str, server: aio_pika.abc.AbstractChannel
) -> None:
    await server.declare_queue(NORMALISE, durable=True)
    broker = RabbitBroker(amqp_url)
    try:
        with pytest.raises(ConfigError, match=r"hub\.normalise.*Delete it") as caught:
            await broker.declare(QUEUES)
        assert NORMALISE in caught.value.sentence
    finally:
        await broker.close()


async def test_a_wrong_password_is_an_outage_and_never_printed(amqp_url: str) -> None:
    broker = RabbitBroker(amqp_url.replace("hub:hub@", "hub:s3cret@"))
    with capture_logs() as logs:
        await broker.declare(QUEUES)
        await broker.publish(HARVEST, ["a"])
        async with asyncio.timeout(20):
            while not logs:  # noqa: ASYNC110 - the log gives no event
                await asyncio.sleep(0.02)
        await broker.close()

    assert broker.counts.forgotten == 1
    assert "ACCESS_REFUSED" in str(logs)
    assert "s3cret" not in str(logs)


# ---------------------------------------------------------------------------------------------- absence


async def test_a_server_that_never_comes_costs_nothing_but_the_bells(caplog: pytest.LogCaptureFixture) -> None:
    broker = RabbitBroker(f"amqp://hub:hub@127.0.0.1:{free_port()}/")
    with capture_logs() as logs:
        async with asyncio.timeout(5):
            await broker.declare(QUEUES)
            async with broker.consume(HARVEST, prefetch=1) as messages:
                waiting = asyncio.create_task(anext(messages, None))
                for number in range(100):
                    await broker.publish(HARVEST, [str(number)])
                    await asyncio.sleep(0.01)  # several attempts to connect fail meanwhile
                assert await broker.depth(HARVEST) is None
                assert not waiting.done()
            await broker.close()
            assert await waiting is None

    assert broker.counts.forgotten == 100
    assert [line["event"] for line in logs] == ["broker_away"]
    assert caplog.records == []  # the libraries keep quiet


LEFT_OPEN = """
import asyncio, sys
from hub.broker.rabbit import RabbitBroker

async def main():
    broker = RabbitBroker(sys.argv[1])
    await broker.declare(["hub.harvest"])
    await broker.publish("hub.harvest", ["a"])
    consumer = broker.consume("hub.harvest", prefetch=1)
    if sys.argv[2] == "there":
        await anext(consumer)
    else:
        await asyncio.wait([asyncio.ensure_future(anext(consumer))], timeout=0.5)

asyncio.run(main())
"""


@pytest.mark.parametrize("server", ["there", "away"])
async def test_a_broker_left_open_does_not_keep_the_program_from_ending(amqp_url: str, server: str) -> None:
    url = amqp_url if server == "there" else f"amqp://127.0.0.1:{free_port()}/"
    program = await asyncio.create_subprocess_exec(sys.executable, "-c", LEFT_OPEN, url, server)
    try:
        async with asyncio.timeout(30):
            assert await program.wait() == 0
    finally:
        if program.returncode is None:
            program.kill()


async def test_a_server_that_comes_late_is_found(wire: Wire) -> None:
    await wire.cut()
    broker = RabbitBroker(wire.url)
    await broker.declare(QUEUES)
    try:
        async with broker.consume(NORMALISE, prefetch=1) as messages:
            waiting = asyncio.create_task(take(messages))
            await broker.publish(NORMALISE, ["lost"])
            await wire.mend()
            await publish_until_taken(broker, NORMALISE, "found")
            assert (await waiting).keys == ("found",)
    finally:
        await broker.close()


# ---------------------------------------------------------------------------------------------- a failing network


async def test_after_a_cut_wire_unsettled_messages_come_again_and_new_ones_flow(wire: Wire) -> None:
    broker = RabbitBroker(wire.url)
    await broker.declare(QUEUES)
    try:
        with capture_logs() as logs:
            async with broker.consume(NORMALISE, prefetch=3) as messages:
                for key in ("held", "buffered"):
                    await broker.publish(NORMALISE, [key])
                async with asyncio.timeout(20):
                    held = await anext(messages)
                await wire.cut()
                await held.ack()  # nobody hears it, and nothing is raised
                await wire.mend()

                again = set()
                while again != {"held", "buffered"}:  # what was on its way when the wire was cut may come too
                    message = await take(messages)
                    again.update(message.keys if message.redelivered else ())
                await publish_until_taken(broker, NORMALISE, "new")
                assert (await take(messages)).keys == ("new",)

        assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["broker_away"]
    finally:
        await broker.close()


async def test_many_cuts_in_a_row_are_survived(wire: Wire) -> None:
    broker = RabbitBroker(wire.url)
    await broker.declare(QUEUES)
    try:
        async with broker.consume(NORMALISE, prefetch=1) as messages:
            for number in range(4):
                await wire.cut()
                await wire.mend()
                await publish_until_taken(broker, NORMALISE, f"round {number}")
                seen = await take(messages)
                while seen.keys != (f"round {number}",):  # a bell of the round before may ring twice
                    seen = await take(messages)
    finally:
        await broker.close()


async def test_a_frozen_server_costs_one_wait_and_close_is_bounded(wire: Wire) -> None:
    broker = RabbitBroker(wire.url, patience=0.2)
    await broker.declare(QUEUES)
    loop = asyncio.get_running_loop()
    async with broker.consume(HARVEST, prefetch=1):
        await broker.publish(NORMALISE, ["before"])
        wire.freeze()
        began = loop.time()
        for number in range(50):
            await broker.publish(NORMALISE, [f"during {number}"])
        assert 0.2 <= loop.time() - began < 1.5
        assert broker.counts.forgotten == 50

        began = loop.time()
        await broker.close()
        assert loop.time() - began < 10


async def test_cancelling_a_publisher_cancels_it_and_nothing_else(broker: RabbitBroker) -> None:
    publishing = asyncio.create_task(broker.publish(NORMALISE, [str(number) for number in range(2_000)]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    publishing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await publishing

    await broker.publish(HARVEST, ["after"])
    async with broker.consume(HARVEST, prefetch=1) as messages:
        assert (await take(messages)).keys == ("after",)


async def test_a_queue_deleted_under_a_consumer_is_declared_again(
    broker: RabbitBroker, server: aio_pika.abc.AbstractChannel
) -> None:
    async with broker.consume(NORMALISE, prefetch=1) as messages:
        await broker.publish(NORMALISE, ["before"])
        await take(messages)
        await server.queue_delete(NORMALISE)

        await publish_until_taken(broker, NORMALISE, "after")
        assert (await take(messages)).keys == ("after",)


async def test_two_brokers_share_the_work_of_one_queue(broker: RabbitBroker, amqp_url: str) -> None:
    other = RabbitBroker(amqp_url)
    try:
        async with broker.consume(NORMALISE, prefetch=1) as here, other.consume(NORMALISE, prefetch=1) as there:
            await broker.publish(NORMALISE, ["one"])
            await broker.publish(NORMALISE, ["two"])
            async with asyncio.timeout(20):
                got = [await anext(here), await anext(there)]
        assert sorted(message.keys for message in got) == [("one",), ("two",)]
    finally:
        await other.close()


async def test_a_command_that_only_publishes_or_asks_need_not_declare(broker: RabbitBroker, amqp_url: str) -> None:
    command = RabbitBroker(amqp_url)
    try:
        await command.publish(NORMALISE, ["replay"])
        assert command.counts.published == 1
    finally:
        await command.close()
    status = RabbitBroker(amqp_url)
    try:
        async with asyncio.timeout(20):
            while await status.depth(NORMALISE) != 1:  # noqa: ASYNC110 - the server counts a little later
                await asyncio.sleep(0.02)
    finally:
        await status.close()


async def test_the_body_on_the_server_holds_ids_and_nothing_else(
    broker: RabbitBroker, server: aio_pika.abc.AbstractChannel
) -> None:
    await broker.publish(NORMALISE, ["7", "8"])
    message = await get(server, NORMALISE)
    assert message.body == encode(["7", "8"])
    assert message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
