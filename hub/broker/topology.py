"""The queues on a RabbitMQ server: what they are like, how they come to be, and how a broken one is replaced.

A queue's arguments cannot be changed by declaring it again: whoever changes them here gives the queues in base.py a
new name (`hub.harvest.v2`) and tells the operator to delete the old ones. Limits that operators wish to change belong
into a RabbitMQ policy.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import ChannelClosed

from connectors.errors import ConfigError
from hub.broker.base import DEAD
from hub.broker.link import PATIENCE, bounded, shut

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
