"""The console of a hub with two members, on both databases."""

from collections.abc import AsyncIterator

import pytest

from hub.app import Hub
from tests.web.desk import Desk


@pytest.fixture
async def desk(hub: Hub) -> AsyncIterator[Desk]:
    async with Desk(hub) as opened:
        yield opened
