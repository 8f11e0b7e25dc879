"""What the tests of the HTTP client share: a clock, a member site, and a client that may dial it."""

from collections.abc import AsyncIterator

import pytest

from connectors.http import Http
from tests.clock import Clock
from tests.fakes.site import Site

AGENT = "provincial-hub/0.1 (+mailto:banbientap@tinhmau.gov.vn)"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with Site() as site:
        yield site


@pytest.fixture
async def http(site: Site, clock: Clock) -> AsyncIterator[Http]:
    async with Http(user_agent=AGENT, allow_private=site.doors, clock=clock.now) as http:
        yield http
