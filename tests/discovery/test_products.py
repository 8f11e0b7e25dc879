"""Every portal product of the sample, over real HTTP: the right source is found without help."""

import tomllib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.addresses import parse_allowance
from connectors.discovery.proposal import Worth
from connectors.http import Http
from hub.discover import Discovery, discover
from hub.reader import Reader
from hub.sample.connections import connection
from hub.sample.province import SampleMember, load_province
from hub.sample.sites import Sites
from hub.sample.world import World
from hub.settings import Settings, load_settings
from tests.discovery.conftest import AGENT

PROVINCE = load_province()
#: the first well member of each manner
FIRST = {member.manner: member for member in reversed(PROVINCE.members) if not member.sick}

#: manner -> what a person who knows the site would connect: connector, worth, and a part of the address
RIGHT = {
    "liferay": ("feed", Worth.FULL_FEED, "/rss/-/asset_publisher/"),
    "sharepoint": ("feed", Worth.FULL_FEED, "/Pages/rss.aspx?ItemID="),
    "dnn": ("feed", Worth.FULL_FEED, "/DesktopModules/TinTuc/rss.ashx?tabid="),
    "wordpress": ("feed", Worth.FULL_FEED, "/feed/"),
    "drupal": ("drupal", Worth.INTERFACE, "/"),
    "vnpt": ("feed", Worth.FULL_FEED, "/tin-tuc.rss"),
    "inhouse": ("listing", Worth.LISTING, "/DanhSachTin.aspx?cm=tin-tuc"),
    "static": ("sitemap", Worth.NEWS_SITEMAP, "/sitemap.xml"),
    "legacy": ("feed", Worth.FULL_FEED, "/rss/tintuc.xml"),
    "atom": ("feed", Worth.FULL_FEED, "/tin-tuc/"),
    # further ones, beyond the ten
    "vnpt_list": ("listing", Worth.LISTING, "/tin-tuc"),
    "dotnet": ("feed", Worth.FULL_FEED, "/Rss.aspx?chuyenmuc=tin-tuc"),
    "jsonfeed": ("feed", Worth.FULL_FEED, "/api/tin-tuc/feed.json"),
    "rdf": ("feed", Worth.FULL_FEED, "/rss/tin-tuc.rdf"),
}
TEN = list(RIGHT)[:10]


class Explorer:
    """Discovers the sites of a running sample."""

    def __init__(self, sites: Sites, http: Http, settings: Settings, reader: Reader) -> None:
        self.sites = sites
        self._http = http
        self._settings = settings
        self._reader = reader

    async def discover(self, member: SampleMember) -> Discovery:
        return await discover(self._settings, f"{self.sites.base(member)}/", self._http, reader=self._reader)


@pytest.fixture
async def explorer(settings: Settings) -> AsyncIterator[Explorer]:
    world = World(PROVINCE, seed=2026, clock=lambda: datetime.now(UTC))
    async with Sites(world) as sites:
        doors = frozenset(parse_allowance(door) for door in sites.doors)
        reader = Reader(1)
        try:
            async with Http(user_agent=AGENT, allow_private=doors) as http:
                yield Explorer(sites, http, settings, reader)
        finally:
            await reader.close()


def is_right(found: Discovery, manner: str) -> bool:
    """Whether the best proposal is the one a person would take, with items that have title, link and date."""
    if not found.findings.proposals:
        return False
    best = found.findings.proposals[0]
    connector, worth, part = RIGHT[manner]
    items = best.sample.items[:10]
    return (
        (best.candidate.connector, best.worth) == (connector, worth)
        and part in best.candidate.url
        and len(items) >= 8
        and all(item.title and item.url.startswith(("http://", "urn:", "tag:")) for item in items)
        and all(item.published is not None for item in items)
    )


async def test_the_right_source_is_found_on_at_least_nine_of_ten_products(explorer: Explorer) -> None:
    found = {manner: await explorer.discover(FIRST[manner]) for manner in TEN}
    wrong = {
        manner: [(p.candidate.connector, p.candidate.url, p.worth.name) for p in one.findings.proposals[:2]]
        for manner, one in found.items()
        if not is_right(one, manner)
    }
    assert len(wrong) <= 1, wrong
    named = {manner: one.findings.product for manner, one in found.items() if one.findings.product}
    assert named == {
        "liferay": "Liferay", "sharepoint": "SharePoint", "dnn": "DNN", "wordpress": "WordPress", "drupal": "Drupal",
        "vnpt": "VNPT Portal",
    }  # fmt: skip


@pytest.mark.parametrize("manner", list(RIGHT)[10:])
async def test_other_products_are_read_too(explorer: Explorer, manner: str) -> None:
    found = await explorer.discover(FIRST[manner])
    assert is_right(found, manner), found.findings


@pytest.mark.parametrize("manner", ["inhouse", "drupal", "wordpress", "static"])
async def test_every_entry_is_accepted_as_it_is_printed(explorer: Explorer, manner: str, tmp_path: Path) -> None:
    found = await explorer.discover(FIRST[manner])
    assert found.entries
    for number, entry in enumerate(found.entries):
        file = tmp_path / f"{number}.toml"
        head = '[hub]\nname = "T"\n[[member]]\ncode = "H52.1"\nname = "Sở Y tế"\n'
        file.write_text(head + entry.replace('member = "?"', 'member = "H52.1"'), "utf-8")
        [source] = load_settings(file).sources
        assert source.connector == found.findings.proposals[number].candidate.connector
    names = [tomllib.loads(entry)["source"][0]["name"] for entry in found.entries]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("manner", ["inhouse", "vnpt_list", "drupal", "static"])
async def test_the_sample_reads_its_sites_as_it_would_be_proposed(explorer: Explorer, manner: str) -> None:
    member = FIRST[manner]
    news = next(feed for feed in PROVINCE.feeds if feed.member is member)
    wanted = connection(news)
    best = (await explorer.discover(member)).findings.proposals[0].candidate
    assert wanted is not None
    assert (best.connector, best.url) == (wanted.connector, explorer.sites.base(member) + wanted.path)
    assert best.keys.get("items") == wanted.keys.get("items")
    assert best.keys.get("page_url") == wanted.keys.get("page_url")


async def test_a_sick_site_is_said_to_be_sick_and_nothing_is_proposed(explorer: Explorer) -> None:
    for member in (member for member in PROVINCE.members if member.sick):
        found = await explorer.discover(member)
        assert not found.findings.proposals
        assert [step.outcome.en for step in found.findings.steps][-1] == "stopped: the site does not let the hub read"
        assert len(found.findings.steps) <= 4
