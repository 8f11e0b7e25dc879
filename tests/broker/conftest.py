"""A wire to the shared RabbitMQ that a test may cut, and a node of our own that a test may stop, kill and wipe."""

import os
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.broker.wire import Wire
from tests.servers import MissingServerError, RabbitServer, Servers
from tests.servers.rabbit import find_scripts


@pytest.fixture
async def wire(amqp_url: str) -> AsyncIterator[Wire]:
    """A mended wire to a fresh vhost of the shared node."""
    async with Wire(amqp_url) as wire:
        yield wire


@pytest.fixture(scope="module")
def node(servers: Servers) -> Iterator[RabbitServer]:
    """A node nobody else uses. A test that stops it starts it again."""
    try:
        node = servers.start_private(
            "RabbitMQ to be broken", RabbitServer, lambda: find_scripts() is not None, "rabbitmq-server"
        )
    except MissingServerError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))
    yield node
    node.close()
