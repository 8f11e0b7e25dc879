"""The sample as it is put together: what its settings say, and what stands in its folder."""

from collections import Counter
from pathlib import Path

import aiohttp
from lxml import html

from connectors.base import Remembering
from hub.app import open_engine
from hub.clock import SystemClock
from hub.sample.announcing import PAGES
from hub.sample.run import DOUBLED, WITHOUT_FEED, sample_world
from hub.sample.settings import BASE, FANPAGE
from hub.settings import MemberKind, load_settings
from schemas.item import Kind


async def test_every_heading_of_the_province_is_connected(tmp_path: Path) -> None:
    async with sample_world(tmp_path) as world:
        settings = load_settings(world.settings)
        assert world.world is not None
        assert Counter(source.connector for source in settings.sources) == {
            "feed": 59, "listing": 10, "drupal": 1, "sitemap": 1, "dvcqg": 15, "json": 6, "csv": 4,
        }  # fmt: skip
        stories = [source.name for source in settings.sources if source.kind is not Kind.PROCEDURE]
        assert stories == [feed.name for feed in world.world.province.feeds]
        assert {member.code for member in settings.members} == {source.member for source in settings.sources}
        [shown] = [address for address in world.addresses.values() if WITHOUT_FEED in address]
        async with aiohttp.ClientSession() as session, session.get(shown) as answer:
            assert answer.status == 200


async def test_what_was_shown_without_a_feed_stands_in_the_ledger_too(tmp_path: Path) -> None:
    async with sample_world(tmp_path) as world, aiohttp.ClientSession() as session:
        listed = next(s for s in load_settings(world.settings).sources if s.name == f"{WITHOUT_FEED}-tin-tuc")
        async with session.get(listed.url) as answer:
            assert answer.status == 200
        assert world.world is not None
        served = [line for line in world.world.truth() if line.source == listed.name]
        assert len(served) == 8
        assert all(line.url.startswith(listed.url.rpartition("/")[0]) for line in served)


async def test_nineteen_departments_and_twelve_areas_have_to_publish_procedures(tmp_path: Path) -> None:
    async with sample_world(tmp_path) as world:
        settings = load_settings(world.settings)
        bound = {member.code: member.kind for member in settings.members if Kind.PROCEDURE in member.duties}
        assert Counter(bound.values()) == {MemberKind.DEPARTMENT: 19, MemberKind.COMMUNE: 12}
        assert {s.member for s in settings.sources if s.kind is Kind.PROCEDURE} == bound.keys()


async def test_home_pages_lead_to_the_procedures_of_the_member(tmp_path: Path) -> None:
    async with sample_world(tmp_path) as world, aiohttp.ClientSession() as session:
        assert world.world is not None
        sources = [one for one in load_settings(world.settings).sources if one.kind is not Kind.PROCEDURE]
        for announces in ("", "share", "json", "pages", "table"):
            member = next(m for m in world.world.province.members if m.announces == announces and not m.sick)
            listed = next(source.url for source in sources if source.member == member.code)
            home = f"{listed.partition(member.slug)[0]}{member.slug}/"
            async with session.get(home) as answer:
                page = html.document_fromstring(await answer.text(), base_url=home)
            page.make_links_absolute()
            found = [link for link in page.xpath("//a/@href") if PAGES in link]
            assert bool(found) == bool(announces)
            for link in found:
                async with session.get(link) as answer:
                    assert answer.status == 200
                    assert "Danh mục thủ tục hành chính" in await answer.text()


async def test_the_fanpage_is_open_and_nothing_stands_there_twice(tmp_path: Path) -> None:
    async with sample_world(tmp_path, haste=True) as world, aiohttp.ClientSession() as session:
        assert world.page_counters()[DOUBLED] == 0
        async with session.get(world.addresses["Trang cộng đồng (fanpage)"]) as answer:
            assert "Chưa có bài đăng nào" in await answer.text()
        assert [d.name for d in load_settings(world.settings).destinations] == ["portal", BASE, FANPAGE]


async def test_the_hub_gives_the_page_a_memory(tmp_path: Path) -> None:
    async with sample_world(tmp_path) as world, open_engine(load_settings(world.settings), SystemClock()) as engine:
        page = engine.destinations[FANPAGE].destination
        assert isinstance(page, Remembering)
        await page.memory.remember("bai", "1")
        assert await page.memory.recall("bai") == "1"


async def test_saved_feeds_go_to_the_portal_alone(tmp_path: Path) -> None:
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "tin.xml").write_text('<rss version="2.0"><channel><title>Tin</title></channel></rss>')
    async with sample_world(tmp_path / "mau", feeds=tmp_path / "feeds") as world:
        assert [d.name for d in load_settings(world.settings).destinations] == ["portal"]
        assert world.page_counters() == world.base_counters() == {}
