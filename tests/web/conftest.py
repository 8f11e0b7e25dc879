"""A hub on both databases whose web application answers through aiohttp's test client."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from hub.app import Hub, open_hub
from hub.settings import Settings, load_settings
from hub.web.server import application
from tests.clock import Clock
from tests.web.press import Press

BASE = "https://tin.tinhmau.gov.vn"
SETTINGS = """
[hub]
name = "Tỉnh Mẫu"
[web]
base_url = "{base}"
port = 0
[[member]]
code = "H52.12"
name = "Sở Y tế"
kind = "department"
[[member]]
code = "H52.30"
name = "Xã Hạ Liễu"
kind = "commune"
[[source]]
name = "so-y-te-tin"
member = "H52.12"
connector = "feed"
url = "http://127.0.0.1:9/so-y-te"
[[source]]
name = "xa-ha-lieu-tin"
member = "H52.30"
connector = "feed"
url = "http://127.0.0.1:9/ha-lieu"
"""


def settings_in(folder: Path, database_url: str, base: str = BASE) -> Settings:
    """Settings of two members, one source each."""
    (folder / "settings.toml").write_text(SETTINGS.format(base=base), "utf-8")
    return load_settings(folder / "settings.toml", database={"url": database_url})


@pytest.fixture
async def hub(database_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Hub]:
    async with open_hub(settings_in(tmp_path, database_url), clock=clock) as opened:
        yield opened


@pytest.fixture
def press(hub: Hub, clock: Clock) -> Press:
    return Press(hub, clock)


@pytest.fixture
async def client(hub: Hub) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    async with TestClient(TestServer(application(hub.engine, hub.settings))) as opened:
        yield opened
