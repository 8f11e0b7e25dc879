"""The channel that these tests play with, and a client that may dial it."""

from collections.abc import AsyncIterator

import pytest

from connectors.http import Http
from tests.clock import Clock
from tests.connectors.conftest import AGENT
from tests.connectors.telegram.desk import TOKEN
from tests.fakes.telegram import TelegramChannel


@pytest.fixture
async def channel(clock: Clock) -> AsyncIterator[TelegramChannel]:
    async with TelegramChannel(TOKEN, clock.now) as channel:
        yield channel


@pytest.fixture
async def http(channel: TelegramChannel, clock: Clock) -> AsyncIterator[Http]:
    async with Http(user_agent=AGENT, allow_private=channel.doors, clock=clock.now) as http:
        yield http
