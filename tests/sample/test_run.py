"""The sample as it is put together: what its settings say, and what stands in its folder."""

from collections import Counter
from pathlib import Path

import aiohttp

from hub.sample.run import WITHOUT_FEED, sample_world
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
