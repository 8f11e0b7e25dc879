"""The public page of coverage: what each member owes and gave, and that the hub's own silence blames nobody."""

from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from lxml import html

from hub import counting
from hub.app import open_hub
from hub.settings import Settings, load_settings
from hub.web.server import application
from tests.clock import Clock
from tests.web.conftest import BASE, SETTINGS
from tests.web.press import Press, news

DUTIES = """
[reports]
public = true
[[duty]]
name = "tin"
category = "news"
every = "month"
rule = "Quyết định 24/2017/QĐ-UBND"
confirmed = true
[[duty]]
name = "van-ban"
category = "documents"
every = "month"
rule = "Nghị định 42/2022/NĐ-CP, Điều 17"
"""


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    (tmp_path / "settings.toml").write_text(SETTINGS.format(base=BASE) + DUTIES, "utf-8")
    return load_settings(tmp_path / "settings.toml", database={"url": database_url})


def tables(page: str) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The rows of coverage and those of members, of all groups, by their heads."""
    found: tuple[dict[str, list[str]], dict[str, list[str]]] = {}, {}
    for place, table in enumerate(html.fromstring(page).iter("table")):
        group = table.xpath("string(ancestor::section[1]/h2)")
        for row in table.xpath("tbody/tr"):
            head, *cells = (" ".join(cell.text_content().split()) for cell in row)
            found[place % 2][head if place % 2 else f"{group}: {head}"] = cells
    return found


async def test_what_the_hub_did_not_read_or_keeps_back_is_not_the_members_fault(
    settings: Settings, clock: Clock
) -> None:
    async with open_hub(settings, clock=clock) as hub:
        press = Press(hub, clock)
        await press.publish(news("a"))
        clock.advance(days=35)  # the first whole month is April; nobody named a source of documents
        await press.publish(news("held"), source="xa-ha-lieu-tin", held=True)
        clock.advance(days=27)
        await press.publish(news("b"))
        await counting.up_to_date(hub.engine)
        async with TestClient(TestServer(application(hub.engine, hub.settings))) as client:
            first = await client.get("/coverage")
            assert first.status == 200
            page = await first.text()
            same = await client.get("/coverage", headers={"If-None-Match": first.headers["ETag"]})
            assert same.status == 304
    covered, members = tables(page)
    assert members["Sở Y tế"] == ["Đúng hạn gần nhất 03/05/2026", "Hệ thống chưa đọc được"]
    assert members["Xã Hạ Liễu"] == ["Đang xử lý", "Hệ thống chưa đọc được"]
    assert covered["Sở, ban, ngành: Tin, bài, hằng tháng"] == ["1/1", "0", "0", "0"]
    assert covered["Xã, phường: Tin, bài, hằng tháng"] == ["0/1", "0", "0", "1"]
    assert covered["Xã, phường: Văn bản, hằng tháng *"] == ["0/1", "0", "1", "0"]
    assert "chờ Ban biên tập xác nhận" in page
    assert "hub held" not in page  # what a clerk is told to do is not for the public


async def test_nobody_sees_it_unless_the_province_says_so(tmp_path: Path, clock: Clock) -> None:
    text = SETTINGS.format(base=BASE) + DUTIES.replace("public = true", "")
    (tmp_path / "settings.toml").write_text(text, "utf-8")
    hidden = load_settings(tmp_path / "settings.toml", database={"url": f"sqlite://{tmp_path / 'hub.db'}"})
    async with (
        open_hub(hidden, clock=clock) as hub,
        TestClient(TestServer(application(hub.engine, hub.settings))) as client,
    ):
        assert (await client.get("/coverage")).status == 404
        assert "/coverage" not in await (await client.get("/")).text()
