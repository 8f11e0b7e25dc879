"""A hub with three duties, five members and their sources, on both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.app import Hub, open_hub
from hub.settings import load_settings
from tests.clock import Clock
from tests.duties.book import SETTINGS, Book


@pytest.fixture
def pg_url(emptied_pg_url: str) -> str:
    return emptied_pg_url


@pytest.fixture
def clock() -> Clock:
    """Wednesday, 8 April 2026."""
    return Clock(datetime(2026, 4, 8, 3, tzinfo=UTC))


@pytest.fixture
async def hub(database_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Hub]:
    (tmp_path / "settings.toml").write_text(SETTINGS, "utf-8")
    settings = load_settings(tmp_path / "settings.toml", database={"url": database_url})
    async with open_hub(settings, clock=clock) as opened:
        yield opened


@pytest.fixture
async def book(hub: Hub) -> Book:
    book = Book(hub)
    await book.asked()
    return book
