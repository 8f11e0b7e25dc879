"""What these tests share: a clock, a member site, a client that may dial it, a document axis and a folder to it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.destinations.edxml import Connector
from connectors.http import Http
from tests.clock import Clock
from tests.connectors.office import folder, straight
from tests.fakes.axis import FakeAxis
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


@pytest.fixture
async def axis() -> AsyncIterator[FakeAxis]:
    async with FakeAxis() as axis:
        yield axis


@pytest.fixture
def at_axis(axis: FakeAxis) -> Connector:
    """The destination that calls the axis itself."""
    return straight(axis)


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    (tmp_path / "di").mkdir()
    return tmp_path / "di"


@pytest.fixture
def in_folder(outbox: Path) -> Connector:
    """The destination that goes through a folder."""
    return folder(outbox)
