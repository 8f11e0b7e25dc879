"""Announcing items on the topic exchange, as a destination: its outcomes matter, and a missing subscriber does not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from pydantic import ValidationError

from connectors.base import Payload
from connectors.errors import BlockedError, TransientError, UnconfirmedError
from hub.broker.events import EXCHANGE, Config, EventsDestination
from schemas.edition import ItemEvent, PublishedItem, UpdateType, Withdrawal
from schemas.item import Kind
from tests.broker.wire import Wire
from tests.servers.processes import free_port

if TYPE_CHECKING:
    from connectors.http import Http

NO_HTTP = cast("Http", None)  # an exchange is not reached by HTTP
CONTENT_ID = UUID("6f1e3c66-8b1d-5c47-9a59-0d5f2b1f7a10")
AT = datetime(2026, 11, 20, 3, 30, tzinfo=UTC)
NEWS = PublishedItem(
    content_id=CONTENT_ID, revision=3, update_type=UpdateType.MINOR, kind=Kind.NEWS, title="Khai mạc hội chợ",
    content_html="<p>Sáng nay</p>", url="https://soyte.example/hoi-cho", member="H52.12", source="so-y-te-tin",
    updated=AT,
)  # fmt: skip
GONE = Withdrawal(content_id=CONTENT_ID, revision=4, item_kind=Kind.NEWS, at=AT)

Make = Callable[..., EventsDestination]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    """Makes destinations, and closes them at the end."""
    made = []

    def make(url: str, **config: Any) -> EventsDestination:
        made.append(EventsDestination("su-kien", Config(url=url, **config)))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for destination in made:
        await destination.close()


@pytest.fixture
async def server(amqp_url: str) -> AsyncIterator[AbstractChannel]:
    """A subscriber's channel."""
    connection = await aio_pika.connect(amqp_url)
    yield await connection.channel()
    await connection.close()


async def subscribe(server: AbstractChannel, pattern: str) -> Callable[[], Awaitable[AbstractIncomingMessage]]:
    """Bind a queue and return what waits for its next message."""
    exchange = await server.declare_exchange(EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True)
    queue = await server.declare_queue(exclusive=True)
    await queue.bind(exchange, pattern)
    arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    await queue.consume(arrived.put, no_ack=True)

    async def receive() -> AbstractIncomingMessage:
        async with asyncio.timeout(20):
            return await arrived.get()

    return receive


async def send(destination: EventsDestination, edition: PublishedItem | Withdrawal = NEWS) -> None:
    """As the deliver stage does."""
    payload = destination.present(edition)
    act = destination.withdraw if isinstance(edition, Withdrawal) else destination.send
    receipt = await act(NO_HTTP, payload, key=f"{payload.content_id}:{payload.revision}:{destination.name}")
    assert receipt.remote_id == str(CONTENT_ID)
    assert receipt.revision == edition.revision


async def test_a_subscriber_of_a_kind_hears_of_it(amqp_url: str, make: Make, server: AbstractChannel) -> None:
    receive = await subscribe(server, "news.*")
    await send(make(amqp_url))

    message = await receive()

    assert message.routing_key == "news.minor"
    assert message.message_id == f"{CONTENT_ID}:3:su-kien"
    assert message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
    assert ItemEvent.model_validate_json(message.body) == ItemEvent(
        event="published", content_id=CONTENT_ID, revision=3, kind=Kind.NEWS, update_type=UpdateType.MINOR,
        title="Khai mạc hội chợ", url="https://soyte.example/hoi-cho", member="H52.12", at=AT,
    )  # fmt: skip


async def test_a_withdrawal_is_heard_by_its_kind(amqp_url: str, make: Make, server: AbstractChannel) -> None:
    receive = await subscribe(server, "news.*")
    await send(make(amqp_url), GONE)

    message = await receive()

    assert message.routing_key == "news.withdrawn"
    event = ItemEvent.model_validate_json(message.body)
    assert (event.event, event.revision, event.title) == ("withdrawn", 4, "")


async def test_a_withdrawal_without_a_kind_is_heard_by_who_listens_to_all(
    amqp_url: str, make: Make, server: AbstractChannel
) -> None:
    receive = await subscribe(server, "*.withdrawn")
    await send(make(amqp_url), GONE.model_copy(update={"item_kind": None}))
    assert (await receive()).routing_key == "item.withdrawn"


async def test_other_kinds_are_not_heard(amqp_url: str, make: Make, server: AbstractChannel) -> None:
    receive = await subscribe(server, "procedure.*")
    destination = make(amqp_url)
    await send(destination)
    await send(destination, NEWS.model_copy(update={"kind": Kind.PROCEDURE}))
    assert (await receive()).routing_key == "procedure.minor"


async def test_nobody_listening_is_no_failure(amqp_url: str, make: Make) -> None:
    await send(make(amqp_url))


def test_presenting_is_pure_and_carries_no_content() -> None:
    destination = EventsDestination("su-kien", Config(url="amqp://broker.example/"))  # type: ignore[arg-type]
    assert destination.present(NEWS) == destination.present(NEWS)
    assert b"<p>" not in destination.present(NEWS).body


async def test_an_exchange_holds_nothing_to_be_found(make: Make) -> None:
    assert (
        await make("amqp://broker.example/").find(NO_HTTP, Payload(content_id=CONTENT_ID, revision=1, body=b"")) is None
    )


async def test_many_sends_share_one_connection(wire: Wire, make: Make) -> None:
    destination = make(wire.url)
    await asyncio.gather(*(send(destination) for _ in range(50)))
    assert wire.dialled == 1


# ---------------------------------------------------------------------------------------------- outcomes


async def test_an_absent_server_is_transient(make: Make) -> None:
    with pytest.raises(TransientError, match="away") as caught:
        await send(make(f"amqp://127.0.0.1:{free_port()}/"))
    assert "RabbitMQ" in caught.value.sentence


async def test_no_confirm_is_unconfirmed_because_it_may_have_arrived(wire: Wire, make: Make) -> None:
    destination = make(wire.url, timeout=0.2)
    await send(destination)
    wire.freeze()
    with pytest.raises(UnconfirmedError):
        await send(destination)


async def test_a_lost_connection_is_made_anew_by_the_next_send(wire: Wire, make: Make) -> None:
    destination = make(wire.url)
    await send(destination)
    await wire.cut()
    with pytest.raises((TransientError, UnconfirmedError)):
        await send(destination)
    await wire.mend()
    await send(destination)


async def test_a_wrong_password_blocks_and_is_never_printed(amqp_url: str, make: Make) -> None:
    destination = make(amqp_url.replace("hub:hub@", "hub:s3cret@"))
    with pytest.raises(BlockedError) as caught:
        await send(destination)
    assert "s3cret" not in f"{caught.value!r} {caught.value.__cause__!r}"


async def test_an_exchange_that_is_not_ours_blocks(amqp_url: str, make: Make, server: AbstractChannel) -> None:
    await server.declare_exchange(EXCHANGE, aio_pika.ExchangeType.FANOUT)
    with pytest.raises(BlockedError, match="refuses us"):
        await send(make(amqp_url))


async def test_an_exchange_deleted_under_us_is_declared_again(
    amqp_url: str, make: Make, server: AbstractChannel
) -> None:
    destination = make(amqp_url)
    await send(destination)
    await server.exchange_delete(EXCHANGE)
    with pytest.raises(TransientError):
        await send(destination)
    await send(destination)


def test_another_kind_of_address_is_refused_without_quoting_it() -> None:
    with pytest.raises(ValidationError, match="amqp://") as caught:
        Config(url="http://hub:s3cret@broker.example/")  # type: ignore[arg-type]
    assert "s3cret" not in str(caught.value)
    assert "s3cret" not in repr(Config(url="amqp://hub:s3cret@broker.example/"))  # type: ignore[arg-type]
