"""A page that stands alone, and a client that reaches it."""

from collections.abc import AsyncIterator

import pytest

from connectors.http import Http
from tests.clock import Clock
from tests.connectors.facebook.page import TOKEN
from tests.fakes.graph import Graph


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def page(clock: Clock) -> AsyncIterator[Graph]:
    async with Graph(TOKEN, clock.now) as page:
        yield page


@pytest.fixture
async def http(clock: Clock, page: Graph) -> AsyncIterator[Http]:
    async with Http(user_agent="provincial-hub/0.1 (+mailto:a@b.vn)", clock=clock.now) as http:
        yield http
