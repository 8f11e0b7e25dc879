"""Backfill: a source's history page by page, each kept with the place where it stands; nothing known is doubled."""

import asyncio
from datetime import date
from typing import Any

import pytest

from connectors.errors import ConfigError
from hub.app import Hub
from hub.commands.backfill import backfill, stop_backfill
from hub.stages.backfill import TRIES, Backfill
from hub.stages.enrich import Enrich
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store import roster, walks
from hub.store.states import WalkState
from tests.province import Province, events, row, rows, turn

SINCE = date(2026, 2, 1)
HTML = "text/html; charset=utf-8"


def list_page(*numbers: int) -> bytes:
    """A page of a list of news, ten days between two of them, newest first."""
    blocks = "".join(
        f"<li class='tin'><a href='/tin/{n}.html'>Tin thứ {n} của Sở Y tế</a>"
        f"<span class='ngay'>{28 - n % 28:02}/{2 - n // 28:02}/2026</span></li>"
        for n in numbers
    )
    return f"<!doctype html><html><body><ul class='danh-sach'>{blocks}</ul></body></html>".encode()


class Archive:
    """A site with a list of three pages, five news each; the third is older than what is wanted."""

    def __init__(self, province: Province, **keys: Any) -> None:
        self.province, self.site = province, province.site
        for number in (1, 2, 3):
            first = (number - 1) * 5
            self.page(number, list_page(*range(first, first + 5)))
        province.source(
            "tin", list_page(*range(5)), path="/tin-tuc", page={"content_type": HTML}, connector="listing",
            items="li.tin", link="a", published=".ngay", page_url=self.site.origin + "/tin-tuc/trang-{page}",
            article={"fetch": "never"}, **keys,
        )  # fmt: skip
        province.route(province.destination())

    def page(self, number: int, body: bytes, **answer: Any) -> None:
        self.site.serve(f"/tin-tuc/trang-{number}", body, content_type=HTML, **answer)


@pytest.fixture
def archive(province: Province) -> Archive:
    return Archive(province)


async def walk(hub: Hub, province: Province) -> walks.Progress:
    """Step by step until nothing more comes."""
    for _ in range(20):
        await turn(Backfill(hub.engine))
        while await turn(Normalise(hub.engine)):
            continue
        [found] = await walks.progress(hub.engine.store, "tin")
        if not found.goes_on:
            return found
        province.clock.advance(seconds=2)
    raise AssertionError("the walk does not end")


async def test_it_brings_what_was_published_before_and_doubles_nothing(archive: Archive, province: Province) -> None:
    async with province.open() as hub:
        await turn(Harvest(hub.engine))
        await turn(Normalise(hub.engine))
        assert len(await rows(hub, "item")) == 5
        assert await backfill(hub.engine, "tin", SINCE, who="cli:thu")
        done = await walk(hub, province)
        assert done.state is WalkState.DONE
        assert len(await rows(hub, "item")) == 15
        assert {one["revision"] for one in await rows(hub, "item")} == {1}
        assert {"backfill_begun", "backfill_done"} <= set(await events(hub))
        assert (await row(hub, "source"))["fault_code"] == ""


async def test_a_whole_archive_at_once_is_no_flood(archive: Archive, province: Province) -> None:
    archive.page(2, list_page(*range(5, 55)))
    async with province.open() as hub:
        await turn(Harvest(hub.engine))
        await turn(Normalise(hub.engine))
        await backfill(hub.engine, "tin", date(2025, 1, 1), who="cli:thu")
        await walk(hub, province)
        assert await rows(hub, "capture", state="held") == []


async def test_killed_anywhere_it_goes_on_at_the_page_that_was_not_kept(archive: Archive, province: Province) -> None:
    async with province.open() as hub:
        await backfill(hub.engine, "tin", SINCE, who="cli:thu")
        await turn(Backfill(hub.engine))
    province.clock.advance(minutes=5)
    async with province.open() as hub:
        [claim] = await Backfill(hub.engine).claim(None, 1)  # killed with a page in its hands
        assert claim.pages == 1
    province.clock.advance(minutes=5)
    async with province.open() as hub:
        await walk(hub, province)
        assert len(await rows(hub, "item")) == 15


async def test_the_same_request_again_goes_on_and_another_day_begins_anew(archive: Archive, province: Province) -> None:
    async with province.open() as hub:
        assert await backfill(hub.engine, "tin", SINCE, who="cli:thu")
        await turn(Backfill(hub.engine))
        assert not await backfill(hub.engine, "tin", SINCE, who="cli:thu")
        assert (await row_of_walk(hub))["pages"] == 1
        assert await backfill(hub.engine, "tin", date(2026, 1, 1), who="cli:thu")
        assert (await row_of_walk(hub))["pages"] == 0


async def row_of_walk(hub: Hub) -> Any:
    [found] = await hub.engine.store.fetch("SELECT * FROM walk WHERE source = 'tin'")
    return found


async def test_it_can_be_stopped(archive: Archive, province: Province) -> None:
    async with province.open() as hub:
        await backfill(hub.engine, "tin", SINCE, who="cli:thu")
        await turn(Backfill(hub.engine))
        assert await stop_backfill(hub.engine, "tin", who="cli:thu")
        assert await turn(Backfill(hub.engine)) == 0
        assert not await stop_backfill(hub.engine, "tin", who="cli:thu")


async def test_a_site_that_is_away_is_waited_for_and_then_given_up_with_the_reason(
    archive: Archive, province: Province
) -> None:
    for number in (1, 2, 3):
        archive.page(number, b"", status=500)
    province.site.serve("/tin-tuc", b"", status=500)
    async with province.open() as hub:
        await backfill(hub.engine, "tin", SINCE, who="cli:thu")
        for _ in range(TRIES):
            assert await turn(Backfill(hub.engine)) == 1
            province.clock.advance(minutes=16)
        [found] = await walks.progress(hub.engine.store, "tin")
        assert found.state is WalkState.FAILED
        assert found.note.endswith(".")
        assert "backfill_failed" in await events(hub)


async def test_pages_that_repeat_are_the_end(archive: Archive, province: Province) -> None:
    archive.page(2, list_page(*range(5)))
    archive.page(3, list_page(*range(5)))
    async with province.open() as hub:
        await backfill(hub.engine, "tin", SINCE, who="cli:thu")
        assert (await walk(hub, province)).state is WalkState.DONE
        assert len(await rows(hub, "item")) == 5


@pytest.mark.parametrize(
    ("change", "note"),
    [("UPDATE source SET state = 'blocked'", walks.RESTING), ("UPDATE capture SET state = 'held'", walks.HELD)],
)
async def test_nobody_waits_for_a_walk_that_waits_for_a_person(
    archive: Archive, province: Province, change: str, note: str
) -> None:
    async with province.open() as hub:
        await backfill(hub.engine, "tin", SINCE, who="cli:thu")
        await turn(Backfill(hub.engine))
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute(change)
        async with asyncio.timeout(10):
            found = await hub.walk("tin", on_progress=lambda found: None)
        assert found is not None
        assert (found.state, found.goes_on, found.note) == (WalkState.RUNNING, False, note)


async def test_a_source_that_moves_stops_its_walk_and_a_restart_does_not(archive: Archive, province: Province) -> None:
    async with province.open() as hub:
        await backfill(hub.engine, "tin", SINCE, who="cli:thu")
        await turn(Backfill(hub.engine))
    async with province.open() as hub:
        assert (await row_of_walk(hub))["state"] == "running"
    province.without("source", "tin")
    province.source("tin", connector="listing", items="li.tin", link="a", path="/tin-moi")
    province.clock.advance(seconds=5)
    async with province.open() as hub:
        assert await turn(Backfill(hub.engine)) == 0
        [found] = await walks.progress(hub.engine.store, "tin")
        assert (found.state, found.note) == (WalkState.STOPPED, walks.MOVED)


async def test_two_walks_a_poll_and_a_page_share_the_places_of_one_host(archive: Archive, province: Province) -> None:
    province.source(
        "tin2", list_page(*range(5)), path="/tin-tuc-2", page={"content_type": HTML}, connector="listing",
        items="li.tin", link="a", article={"fetch": "always"},
    )  # fmt: skip
    async with province.open() as hub:
        for name in ("tin", "tin2"):
            await backfill(hub.engine, name, SINCE, who="cli:thu")
        polls = await Harvest(hub.engine).claim(None, 10)
        assert len(polls) == 1
        assert await Backfill(hub.engine).claim(None, 10) == [], "a poll is under way"
        await Harvest(hub.engine).handle(polls[0])
        await turn(Harvest(hub.engine))
        assert len(await Backfill(hub.engine).claim(None, 10)) == 1
        assert await Backfill(hub.engine).claim(None, 10) == [], "the other walk has the host"
        while await turn(Normalise(hub.engine)):
            continue
        assert await rows(hub, "article") != []
        assert await Enrich(hub.engine).claim(None, 10) == []
        await roster.free_leases(hub.engine.store)
        assert len(await Enrich(hub.engine).claim(None, 10)) == 1
        assert await Backfill(hub.engine).claim(None, 10) == []


async def test_it_waits_while_a_run_is_held(archive: Archive, province: Province) -> None:
    async with province.open() as hub:
        await backfill(hub.engine, "tin", SINCE, who="cli:thu")
        for _ in range(walks.AHEAD + 3):  # nobody reads
            await turn(Backfill(hub.engine))
            province.clock.advance(seconds=2)
        assert len(await rows(hub, "capture")) <= walks.AHEAD


@pytest.mark.parametrize(("source", "code"), [("khac", "unknown_source"), ("rss", "no_history")])
async def test_a_source_without_history_is_refused_with_a_way_out(
    archive: Archive, province: Province, source: str, code: str
) -> None:
    province.source("rss")
    async with province.open() as hub:
        with pytest.raises(ConfigError) as refused:
            await backfill(hub.engine, source, SINCE, who="cli:thu")
        assert refused.value.code == code
        assert refused.value.sentence.endswith(".")
