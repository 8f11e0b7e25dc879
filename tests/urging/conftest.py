"""The hub of the duties with a mail server, contacts of two departments, and the leaders' office."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.app import Hub, open_hub
from hub.settings import load_settings
from tests.clock import Clock
from tests.duties.book import SETTINGS, Book
from tests.fakes.smtp import MailHost

HEALTH, HOME, LEADERS = "vanthu@syt.tinhmau.gov.vn", "vanthu@snv.tinhmau.gov.vn", "vpub@tinhmau.gov.vn"
_CONTACTS = {
    'name = "Sở Y tế"\n': f'contact = "{HEALTH}"\ncontact_name = "Văn phòng Sở"\n',
    'name = "Sở Nội vụ"\n': f'contact = "{HOME}"\n',
}


@pytest.fixture
def pg_url(emptied_pg_url: str) -> str:
    return emptied_pg_url


@pytest.fixture
async def post() -> AsyncIterator[MailHost]:
    async with MailHost() as host:
        yield host


@pytest.fixture
def now() -> Clock:
    """A Wednesday morning, 8 April 2026."""
    return Clock(datetime(2026, 4, 8, 3, tzinfo=UTC))


@pytest.fixture
async def hub(database_url: str, tmp_path: Path, post: MailHost, now: Clock) -> AsyncIterator[Hub]:
    text = SETTINGS
    for name, contact in _CONTACTS.items():
        text = text.replace(name, name + contact, 1)
    text += (
        f'\n[mail]\nhost = "127.0.0.1"\nport = {post.port}\ntls = "none"\nsender = "hub@tinhmau.gov.vn"\ntimeout = 2\n'
        f'\n[reports]\nagency = "Ban biên tập Cổng thông tin điện tử"\nplace = "Mẫu"\nto = ["{LEADERS}"]\n'
    )
    (tmp_path / "settings.toml").write_text(text, "utf-8")
    settings = load_settings(tmp_path / "settings.toml", database={"url": database_url})
    async with open_hub(settings, clock=now) as opened:
        yield opened


@pytest.fixture
async def book(hub: Hub) -> Book:
    book = Book(hub)
    await book.asked()
    return book
