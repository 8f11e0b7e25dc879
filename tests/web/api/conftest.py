"""The API of a hub with two members, on both databases; nobody is slowed down but where a test says so."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestClient, TestServer

from hub.app import Hub
from hub.web.server import application
from tests.web.api.reader import Program, Programs, with_api


@pytest.fixture
async def client(hub: Hub) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    async with TestClient(TestServer(application(hub.engine, with_api(hub.settings)))) as opened:
        yield opened


@pytest.fixture
def programs(hub: Hub, client: TestClient) -> Programs:  # type: ignore[type-arg]
    return Programs(hub, client)


@pytest.fixture
def nobody(programs: Programs) -> Program:
    return programs.nobody
