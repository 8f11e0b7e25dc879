"""A hub of four members whose items are written as the stages write them, and counted."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.app import Hub, open_hub
from hub.settings import load_settings
from tests.clock import Clock
from tests.counting.ledger import SETTINGS, Ledger
from tests.web.press import Press


@pytest.fixture
def pg_url(emptied_pg_url: str) -> str:
    return emptied_pg_url


@pytest.fixture
async def hub(database_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Hub]:
    (tmp_path / "settings.toml").write_text(SETTINGS, "utf-8")
    settings = load_settings(tmp_path / "settings.toml", database={"url": database_url})
    async with open_hub(settings, clock=clock) as opened:
        yield opened


@pytest.fixture
def press(hub: Hub, clock: Clock) -> Press:
    return Press(hub, clock)


@pytest.fixture
def ledger(hub: Hub) -> Ledger:
    return Ledger(hub)
