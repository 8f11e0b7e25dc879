"""Announces items to other systems on the topic exchange `hub.events`: a Destination like any other.

So it has the same rows, retries and alarms. The routing key is `kind.update_type` (`news.major`) or `kind.withdrawn`:
a queue bound with `news.*` or `*.withdrawn` hears what it asks for. What no queue asked for is gone, and that is right.

It stands here and not among the connectors because it speaks AMQP. It keeps no connection alive in the background: the
connection is made by the first send that needs one, and the stage's own retries are its supervision.
"""

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange
from aio_pika.exceptions import (
    AuthenticationError,
    ChannelClosed,
    ChannelInvalidStateError,
    DeliveryError,
    ProbableAuthenticationError,
)
from pydantic import SecretStr, field_validator

from connectors.base import ConnectorConfig, Found, Payload, Receipt
from connectors.errors import BlockedError, Fault, TransientError, UnconfirmedError
from hub.broker.link import OUTAGES, PATIENCE, bounded, open_connection, shut
from schemas.edition import ItemEvent, PublishedItem, Withdrawal

if TYPE_CHECKING:
    from connectors.http import Http

#: The durable topic exchange.
EXCHANGE = "hub.events"


class Config(ConnectorConfig):
    """Keys of an events destination."""

    url: SecretStr  #: amqp:// or amqps://; the hub fills in its own broker
    timeout: float = PATIENCE  #: seconds to wait for the server's confirm

    @field_validator("url")
    @classmethod
    def _is_amqp(cls, url: SecretStr) -> SecretStr:
        if urlsplit(url.get_secret_value()).scheme not in ("amqp", "amqps"):
            raise ValueError("must begin with amqp:// or amqps://")  # never quoted: it may carry a password
        return url


class EventsDestination:
    """The exchange as a place we push to.

    A repeated event is harmless: it carries the same message id (the idempotency key), content_id and revision.
    """

    repeatable = True
    settling = 0.0

    def __init__(self, name: str, config: Config) -> None:
        self.name = name
        self._config = config
        self._connection: AbstractConnection | None = None
        self._channel: AbstractChannel | None = None
        self._exchange: AbstractExchange | None = None
        self._connecting = asyncio.Lock()

    def present(self, edition: PublishedItem | Withdrawal, *, last: PublishedItem | None = None) -> Payload:
        """The event of one edition. It carries no content: whoever wants it asks the API for the content_id."""
        event = _withdrawn(edition) if isinstance(edition, Withdrawal) else _published(edition)
        return Payload(content_id=edition.content_id, revision=edition.revision, body=event.model_dump_json().encode())

    async def send(self, http: "Http", payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        """Publish and wait for the server's confirm.

        Raises TransientError when the server does not have it, UnconfirmedError when it may, BlockedError when it
        refuses us: account, rights, or an exchange of that name which is not ours.
        """
        exchange = await self._opened()
        message = aio_pika.Message(
            payload.body,
            content_type=payload.content_type,
            message_id=key,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        )
        try:
            async with bounded(self._config.timeout):
                await exchange.publish(message, routing_key(payload), mandatory=False)
        except DeliveryError as error:
            raise TransientError(
                f"{exchange.name}: the server did not take the event: {error}", sentence=_ABSENT
            ) from error
        except (ChannelInvalidStateError, ChannelClosed) as error:
            await self.close()
            raise TransientError(f"{exchange.name}: the channel was closed: {error}", sentence=_ABSENT) from error
        except OUTAGES as error:
            await self.close()
            raise UnconfirmedError(f"{exchange.name}: no confirm: {error!r}", sentence=_DOUBTFUL) from error
        return Receipt(remote_id=str(payload.content_id), revision=payload.revision)

    async def withdraw(self, http: "Http", payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        """Announce that the item is gone."""
        return await self.send(http, payload, key=key, remote_id=remote_id)

    async def find(self, http: "Http", payload: Payload, *, remote_id: str = "") -> Found | None:
        """An exchange keeps nothing: None, always."""
        return None

    async def close(self) -> None:
        """Let go of the server; the next send connects again."""
        connection, self._connection, self._channel, self._exchange = self._connection, None, None, None
        await shut(connection)

    async def _opened(self) -> AbstractExchange:
        async with self._connecting:
            if self._exchange is None or self._channel is None or self._channel.is_closed:
                await self.close()
                self._exchange = await self._declared()
            return self._exchange

    async def _declared(self) -> AbstractExchange:
        try:
            self._connection = await open_connection(self._config.url.get_secret_value(), f"events {self.name}")
            async with bounded():
                self._channel = await self._connection.channel(publisher_confirms=True)
                return await self._channel.declare_exchange(EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True)
        except (AuthenticationError, ProbableAuthenticationError, ChannelClosed) as error:
            await self.close()
            raise BlockedError(
                f"{EXCHANGE}: the server refuses us: {error}", fault=Fault.HUB, sentence=_REFUSED
            ) from error
        except OUTAGES as error:
            await self.close()
            raise TransientError(f"{EXCHANGE}: the server is away: {error!r}", sentence=_ABSENT) from error


_ABSENT = "Máy chủ RabbitMQ không trả lời nên sự kiện chưa được phát. Hệ thống sẽ tự gửi lại; không cần thao tác."
_DOUBTFUL = (
    "Máy chủ RabbitMQ không xác nhận kịp nên chưa rõ sự kiện đã được phát hay chưa. "
    "Hệ thống sẽ tự phát lại cùng mã nên bên nhận không bị trùng."
)
_REFUSED = (
    "Máy chủ RabbitMQ từ chối kết nối phát sự kiện: sai tài khoản, thiếu quyền, hoặc exchange cùng tên có kiểu khác. "
    "Hãy kiểm tra địa chỉ broker và quyền của tài khoản, rồi mở lại nơi nhận này."
)


def routing_key(payload: Payload) -> str:
    """`kind.update_type` or `kind.withdrawn`, of a payload made by `present`."""
    event = ItemEvent.model_validate_json(payload.body)
    return f"{event.kind or 'item'}.{event.update_type or event.event}"


def _published(item: PublishedItem) -> ItemEvent:
    return ItemEvent(
        event="published", content_id=item.content_id, revision=item.revision, kind=item.kind,
        update_type=item.update_type, title=item.title, url=item.url, member=item.member,
        at=item.updated or item.published,
    )  # fmt: skip


def _withdrawn(gone: Withdrawal) -> ItemEvent:
    return ItemEvent(
        event="withdrawn", content_id=gone.content_id, revision=gone.revision, kind=gone.item_kind, at=gone.at
    )
