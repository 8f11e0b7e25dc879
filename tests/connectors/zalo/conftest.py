"""The account that these tests play with, and a client that may dial it."""

from collections.abc import AsyncIterator

import pytest

from connectors.http import Http
from tests.clock import Clock
from tests.connectors.conftest import AGENT
from tests.connectors.zalo.desk import SECRET
from tests.fakes.zalo import ZaloAccount


@pytest.fixture
async def account(clock: Clock) -> AsyncIterator[ZaloAccount]:
    async with ZaloAccount(SECRET, clock.now) as account:
        yield account


@pytest.fixture
async def http(account: ZaloAccount, clock: Clock) -> AsyncIterator[Http]:
    async with Http(user_agent=AGENT, allow_private=account.doors, clock=clock.now) as http:
        yield http
