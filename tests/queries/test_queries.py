"""What people and pages ask: counts that add up, what waits for a person, one item from its source to its readers."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from hub.app import Hub
from hub.queries.backlog import Backlog, backlog
from hub.queries.dead import dead
from hub.queries.editions import editions
from hub.queries.quiet import quiet_sources
from hub.queries.status import status, troubles
from hub.queries.trace import trace
from hub.stages.deliver import Deliver
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store.memory import Cipher, DestinationMemory
from tests.fakes.server import Fault
from tests.province import Province, Story, row, rows, rss, story, turn

PAGE = b"<html><body>502 Bad gateway</body></html>"


@pytest.fixture
async def hub(province: Province) -> AsyncIterator[Hub]:
    """A day with everything in it: news, a bad record, an error page, a refusal, and a source that waits for people."""
    nameless = Story(guid="", title="", text="", link="")
    province.source("tin", rss(story(1), story(2), nameless))
    province.source("hong", PAGE)
    province.source("cho-duyet", rss(story(3)), review="hold")
    province.route(province.destination())
    async with province.open() as hub:
        province.portal.fail_next(Fault(status=422))
        await hub.once()
        yield hub


async def test_the_numbers_of_the_status_add_up(hub: Hub) -> None:
    found = await status(hub.engine.store, hub.engine.zone)
    assert found.sources == {"active": 3, "failing": 1, "polled": 3}
    assert found.captures == {"done": 2, "rejected": 1}
    assert found.editions == {"approved": 2, "held": 1}
    assert found.deliveries == {"portal": {"done": 1, "refused": 1}}
    assert sum(found.rejections.values()) == 1
    assert (found.items, found.withdrawn, found.delivered) == (3, 0, 1)
    assert [(trouble.what, trouble.name, trouble.side) for trouble in found.troubles] == [("source", "hong", "member")]
    assert found.items == len(await rows(hub, "item"))


async def test_what_is_late_is_counted_but_not_what_left_the_settings(province: Province, hub: Hub) -> None:
    province.clock.advance(minutes=16)
    assert (await status(hub.engine.store, hub.engine.zone)).late == 1
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE destination SET state = 'removed'")
    assert (await status(hub.engine.store, hub.engine.zone)).late == 0


async def test_whatever_waits_for_a_person_is_listed_with_its_reason(hub: Hub) -> None:
    found = await dead(hub.engine.store)
    assert [(d.destination, d.state, bool(d.sentence)) for d in found.deliveries] == [("portal", "refused", True)]
    assert [(c.source, c.state, bool(c.sentence)) for c in found.captures] == [("hong", "rejected", True)]
    assert [(r.source, r.pointer, bool(r.code)) for r in found.records] == [("tin", "item 3", True)]
    assert (await dead(hub.engine.store, limit=0)).records == []


async def test_an_item_is_traced_by_id_address_and_guid(hub: Hub) -> None:
    [item] = await rows(hub, "item", guid="tin-1")
    address = "https://SYT.gov.vn:443/tin/1.html?utm_source=zalo"
    for what in (item["content_id"], item["url"], item["guid"], address, f"  {item['content_id'].upper()} "):
        [found] = await trace(hub.engine.store, what)
        assert found.content_id == item["content_id"], what
    assert await trace(hub.engine.store, "khong-co") == []
    assert await trace(hub.engine.store, "") == []


async def test_a_trace_tells_every_stage(hub: Hub) -> None:
    [found] = await trace(hub.engine.store, "tin-2")
    [edition] = found.editions
    assert (edition.revision, edition.state, edition.pointer) == (1, "approved", "item 2")
    assert {"change", "identity", "review", "routing"} <= set(edition.why)
    assert [delivery.destination for delivery in found.deliveries] == ["portal"]
    assert found.events[0].what == "edition_approved"


async def test_every_edition_is_exported_once_oldest_first(province: Province, hub: Hub) -> None:
    province.site.serve("/tin.rss", rss(story(1, text="Chỉ tiêu là 20")))
    await hub.once(everything=True)
    exported = [edition async for edition in editions(hub.engine.store)]
    stored = await rows(hub, "edition")
    assert [(e.content_id, e.revision, e.digest, e.state) for e in exported] == [
        (s["content_id"], s["revision"], s["digest"], s["state"]) for s in stored
    ]
    assert {e.guid for e in exported} == {"tin-1", "tin-2", "tin-3"}
    assert all(e.content["title"] == e.title for e in exported)


class TestAccessThatEnds:
    @pytest.mark.parametrize(("days", "told"), [(13, True), (-1, True), (15, False)])
    async def test_it_is_told_two_weeks_before(self, province: Province, days: int, told: bool) -> None:
        province.route(province.destination("oa"))
        async with province.open() as hub:
            store = hub.engine.store
            ends = store.now() + timedelta(days=days)
            memory = DestinationMemory(store, "oa", Cipher(""))
            await memory.remember("token_ends", ends.isoformat())
            sentences = [each.sentence for each in await troubles(store) if each.code == "token_ends"]
            assert bool(sentences) is told
            assert all(f"{ends:%d/%m/%Y}" in sentence for sentence in sentences)


class TestBacklog:
    """Rows that are due or in somebody's hands; nothing that waits."""

    async def test_it_counts_each_stage(self, province: Province) -> None:
        province.source("tin", rss(story(1), story(2)))
        province.route(province.destination())
        async with province.open() as hub:
            store = hub.engine.store
            assert await backlog(store) == Backlog(sources=1, pages=0, captures=0, deliveries=0, reconciliations=0)
            await turn(Harvest(hub.engine))
            assert await backlog(store) == Backlog(sources=0, pages=0, captures=1, deliveries=0, reconciliations=0)
            await turn(Normalise(hub.engine))
            assert await backlog(store) == Backlog(sources=0, pages=0, captures=0, deliveries=2, reconciliations=0)
            await Deliver(hub.engine, "portal").claim(None, 1)
            assert (await backlog(store)).deliveries == 2, "in hand"
            await turn(Deliver(hub.engine, "portal"))
            assert (await backlog(store)).deliveries == 1

    @pytest.mark.parametrize("change", ["state = 'blocked'", "state = 'paused'", "open_until = 9e15"])
    async def test_a_dead_workers_row_at_a_place_that_takes_nothing_is_nobodys_work(
        self, province: Province, change: str
    ) -> None:
        """`once` waited for it for ever."""
        province.source("tin", rss(story(1)))
        province.route(province.destination())
        async with province.open() as hub:
            await turn(Harvest(hub.engine))
            await turn(Normalise(hub.engine))
            await Deliver(hub.engine, "portal").claim(None, 1)
            async with hub.engine.store.unit() as unit:
                await unit.tx.execute(f"UPDATE destination SET {change}")
            province.clock.advance(minutes=15)
            assert (await backlog(hub.engine.store, sources_until=province.clock.now())).deliveries == 0
            assert (await row(hub, "delivery"))["state"] == "sending"


class TestQuiet:
    """Sources that answer and say nothing new."""

    async def test_a_source_without_news_for_longer_than_ever_is_named_with_the_day(self, province: Province) -> None:
        province.source("tin", rss(story(0)), every="1h")
        async with province.open() as hub:
            for day in range(8):
                province.site.serve("/tin.rss", rss(story(day), story(day + 1)))
                await hub.once(everything=True)
                province.clock.advance(days=1)
            assert await quiet_sources(hub.engine.store, hub.engine.zone) == []
            province.clock.advance(days=3)
            [found] = await quiet_sources(hub.engine.store, hub.engine.zone)
            assert (found.source, found.since.isoformat(), found.days, found.usual) == ("tin", "2026-03-09", 4, 1)
            assert (await status(hub.engine.store, hub.engine.zone)).quiet == [found]

    async def test_a_source_with_a_fault_is_not_quiet_it_is_broken(self, province: Province) -> None:
        province.source("tin", rss(story(0)))
        async with province.open() as hub:
            await hub.once()
            province.site.serve("/tin.rss", b"", status=500)
            province.clock.advance(days=60)
            assert len(await quiet_sources(hub.engine.store, hub.engine.zone)) == 1
            await hub.once(everything=True)
            assert await quiet_sources(hub.engine.store, hub.engine.zone) == []
