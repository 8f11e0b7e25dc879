"""A hub on both databases whose web application answers through aiohttp's test client."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from hub.app import Hub, open_hub
from hub.settings import Settings, load_settings
from hub.web.server import application, serve
from tests.clock import Clock
from tests.fakes.websub import WebSubHub
from tests.province import MEMBER, Province, rss
from tests.web.newsroom import Newsroom
from tests.web.press import Press

BASE = "https://tin.tinhmau.gov.vn"
SETTINGS = """
[hub]
name = "Tỉnh Mẫu"
testing = true
secret_key = "a key of the tests that is long enough for it"
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


@pytest.fixture
async def pusher() -> AsyncIterator[WebSubHub]:
    async with WebSubHub() as pusher:
        yield pusher


@pytest.fixture
def opened(province: Province, pusher: WebSubHub) -> Callable[[], Any]:
    @asynccontextmanager
    async def open_newsroom() -> AsyncIterator[Newsroom]:
        async with province.open() as hub, serve(hub.engine, hub.settings) as address:
            room = Newsroom(hub, province, pusher, province.site.origin + "/tin-tuc", "/tin.rss")
            room.address = f"http://127.0.0.1:{address.rpartition(':')[2]}"
            yield room

    doors = [f"127.0.0.1:{province.site.port}", f"127.0.0.1:{pusher.port}"]
    province._top["fetch"] = {"allow_private": doors, "timeout": 5}
    province._top["web"] = {"base_url": "http://tin.tinhmau.gov.vn", "port": 0}
    province.site.serve("/tin.rss", rss())
    province._add(
        "source", name="tin", member=MEMBER, connector="feed", url=province.site.origin + "/tin.rss", websub=True
    )  # fmt: skip
    return open_newsroom


@pytest.fixture
async def room(opened: Callable[[], Any]) -> AsyncIterator[Newsroom]:
    async with opened() as newsroom:
        yield newsroom
