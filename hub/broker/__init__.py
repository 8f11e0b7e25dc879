"""Distributes the work: the Broker seam (base.py), the embedded broker and RabbitMQ; `connect` chooses by URL."""

from urllib.parse import urlsplit

from connectors.errors import ConfigError
from hub.broker.base import WAITING_LIMIT, Broker


def connect(url: str, *, limit: int = WAITING_LIMIT) -> Broker:
    """The broker behind `url`: embedded in this process when empty, RabbitMQ for amqp:// and amqps://. Does no I/O.

    `limit` is the most messages that wait in one queue; on RabbitMQ it is a fixed argument of the queues.

    Raises ConfigError for any other URL. The error never quotes it: it may carry a password.
    """
    if not url:
        from hub.broker.embedded import EmbeddedBroker

        return EmbeddedBroker(limit=limit)
    if urlsplit(url).scheme in ("amqp", "amqps"):
        from hub.broker.rabbit import RabbitBroker  # imports aio_pika (0.2 s): only where there is a server

        return RabbitBroker(url, limit=limit)
    raise ConfigError(
        "broker.url: must be empty or begin with amqp:// or amqps://",
        sentence="Địa chỉ hàng đợi (broker.url) không dùng được. "
        "Để trống để chạy trong một tiến trình, hoặc điền địa chỉ bắt đầu bằng amqp:// hay amqps://.",
    )
