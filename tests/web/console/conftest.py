"""The console of a hub with two members, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.app import Hub, open_hub
from tests.clock import Clock
from tests.web.conftest import settings_in
from tests.web.desk import Desk


@pytest.fixture
async def desk(hub: Hub) -> AsyncIterator[Desk]:
    async with Desk(hub) as opened:
        yield opened


@pytest.fixture
async def desk_on_sqlite(tmp_path: Path, clock: Clock) -> AsyncIterator[Desk]:
    """For what never reaches the database in another way."""
    settings = settings_in(tmp_path, f"sqlite://{tmp_path / 'hub.db'}")
    async with open_hub(settings, clock=clock) as hub, Desk(hub) as opened:
        yield opened
