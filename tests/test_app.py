"""The hub as a whole: `once` polls each due source once and ends, `run` works until stopped, roles share the work."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import pytest

from connectors.errors import ConfigError
from hub.app import ROLES, Hub, open_hub
from hub.broker.embedded import EmbeddedBroker
from hub.clock import SystemClock
from hub.queries.backlog import backlog
from hub.queries.status import status
from hub.store.unit import Store
from tests.fakes.portal import Portal
from tests.fakes.server import Fault
from tests.province import Province, row, rows, rss, story

STORIES = 12


@pytest.fixture
def news(province: Province) -> Province:
    """Three sources with four stories each, all for the portal."""
    for number in range(3):
        first = number * 4 + 1
        province.source(f"s{number}", rss(*(story(n) for n in range(first, first + 4))))
    province.route(province.destination())
    return province


async def test_once_polls_every_due_source_exactly_once_and_leaves_nothing_undone(news: Province) -> None:
    async with news.open() as hub:
        await hub.once()
        assert sorted(asked.path for asked in news.site.asked) == ["/s0.rss", "/s1.rss", "/s2.rss"]
        assert len(news.portal.shown()) == STORIES
        assert news.portal.doubled() == []
        assert not await backlog(hub.engine.store)
        await hub.once()
        assert len(news.site.asked) == 3, "nothing is due"
        await hub.once(everything=True)
        assert len(news.site.asked) == 6
        assert len(news.portal.effects) == STORIES


async def test_once_ends_though_a_source_is_held_one_is_down_and_the_portal_is_gone(news: Province) -> None:
    async with news.open() as hub:
        await hub.once()
        news.site.serve("/s0.rss", rss(*(story(n) for n in range(100, 130))))
        news.site.serve("/s1.rss", status=500)
        news.site.serve("/s2.rss", rss(*(story(n) for n in range(9, 14))))
        await news.portal.close()
        news.clock.advance(minutes=20)
        async with asyncio.timeout(30):
            await hub.once()
        found = await status(hub.engine.store, hub.engine.zone)
        assert found.captures == {"done": 4, "held": 1}
        assert found.sources["failing"] == 2
        assert found.deliveries == {"portal": {"done": STORIES, "ready": 1}}
        assert [trouble.name for trouble in found.troubles if trouble.what == "destination"] == ["portal"]


async def test_once_ends_though_captures_must_be_tried_later(news: Province) -> None:
    async with news.open(chance=lambda: 0.9) as hub:
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute("UPDATE source SET state = 'paused' WHERE name <> 's0'")
        await hub.once()
        news.site.serve("/s0.rss", rss(story(50)))
        news.clock.advance(minutes=20)
        hub = Hub(hub.settings, replace(hub.engine, reader=_Broken()))  # type: ignore[arg-type]
        async with asyncio.timeout(20):
            await hub.once()
            news.site.serve("/s0.rss", rss(story(51)))
            await hub.once(everything=True)
        assert [c["state"] for c in await rows(hub, "capture")] == ["done", "new", "new"]


class _Broken:
    """A reader with a defect."""

    async def read(self, job: object) -> None:
        raise ZeroDivisionError


async def test_once_reports_progress_and_seals_the_account(news: Province) -> None:
    looks: list[None] = []
    async with news.open() as hub:
        await hub.once(on_progress=lambda: looks.append(None))
        assert looks
        assert await rows(hub, "event", sequence=0) == []
        unsealed = await hub.engine.store.fetch("SELECT id FROM event WHERE sequence IS NULL")
        assert unsealed == []


async def test_run_goes_on_by_itself_and_stops_with_nothing_in_hand(news: Province) -> None:
    async with news.open() as hub, working(hub, ("harvest", "normalise", "deliver", "schedule")):
        await shown(news.portal, STORIES)
        news.site.serve("/s0.rss", rss(story(60)))
        news.clock.advance(minutes=20)
        await shown(news.portal, STORIES + 1)
    assert news.portal.doubled() == []


async def test_a_stop_leaves_no_row_in_anybodys_hands(news: Province) -> None:
    gate = asyncio.Event()
    news.portal.fail_next(Fault(wait=gate))
    async with news.open() as hub:
        async with working(hub, ("harvest", "normalise", "deliver")):
            await news.portal.arrived.wait()
            asyncio.get_running_loop().call_later(0.05, gate.set)
        for table in ("source", "capture", "delivery"):
            assert [r for r in await rows(hub, table) if r["lease_until"] is not None] == []


async def test_a_process_that_only_serves_pages_stays(news: Province) -> None:
    news.write(web={"port": 0})
    async with news.open() as hub:
        ready = asyncio.Event()
        task = asyncio.create_task(hub.run(("web",), ready=lambda web: ready.set()))
        await ready.wait()
        done, _ = await asyncio.wait([task], timeout=0.05)
        assert not done
        task.cancel()
        await asyncio.wait([task])


async def test_a_broker_that_forgets_everything_loses_nothing(news: Province) -> None:
    class Forgetful(EmbeddedBroker):
        async def publish(self, queue: str, keys: Sequence[str]) -> None:
            self.counts.forgotten += len(keys)

    async with news.open() as hub:
        store, broker = hub.engine.store, Forgetful()
        deaf = replace(hub.engine, broker=broker, store=Store(store.database, broker, store.clock))
        await Hub(hub.settings, deaf).once()
        assert broker.counts.forgotten > 0
    assert len(news.portal.shown()) == STORIES
    assert news.portal.doubled() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # it is given another one
async def test_processes_with_one_role_each_share_the_work(news: Province, pg_url: str, amqp_url: str) -> None:
    """Harvest here, normalise there, two that deliver: four hubs on one database and one message server."""
    path = news.write(database={"url": pg_url}, broker={"url": amqp_url})
    from hub.settings import load_settings

    settings = load_settings(path)
    roles = [("harvest", "schedule"), ("normalise",), ("deliver",), ("deliver",)]
    async with asyncio.timeout(60), AsyncExitStack() as stack:
        hubs = [await stack.enter_async_context(open_hub(settings)) for _ in roles]
        tasks = [asyncio.create_task(hub.run(part)) for hub, part in zip(hubs, roles, strict=True)]
        await shown(news.portal, STORIES)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert not await backlog(hubs[0].engine.store)
    assert news.portal.doubled() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # it is given another one
@pytest.mark.parametrize("announces", [True, False])
async def test_other_systems_are_told_unless_the_settings_say_no(
    news: Province, pg_url: str, amqp_url: str, announces: bool
) -> None:
    path = news.write(database={"url": pg_url}, broker={"url": amqp_url, "announce": announces})
    from hub.settings import load_settings

    async with open_hub(load_settings(path)) as hub:
        await hub.once()
        told = await rows(hub, "delivery", destination="events")
        assert len(told) == (STORIES if announces else 0)
        assert {each["state"] for each in told} <= {"done"}
        assert not await backlog(hub.engine.store)
    assert len(news.portal.shown()) == STORIES


async def test_a_second_process_is_kept_away_from_an_sqlite_file(news: Province) -> None:
    async with news.open() as hub:
        if hub.engine.store.database.dialect == "postgres":
            async with news.open() as beside:
                assert await row(beside, "destination") == await row(hub, "destination")
            return
        with pytest.raises(ConfigError):
            async with news.open():
                raise AssertionError("two processes at one file")


def test_every_role_is_known() -> None:
    assert ROLES == ("harvest", "normalise", "deliver", "web", "schedule")
    assert SystemClock().now().tzinfo is not None


@asynccontextmanager
async def working(hub: Hub, roles: Sequence[str]) -> AsyncIterator[None]:
    """The hub at work in these roles while the block runs."""
    ready = asyncio.Event()
    task = asyncio.create_task(hub.run(roles, ready=lambda web: ready.set()))
    async with asyncio.timeout(10):
        await ready.wait()
    try:
        async with asyncio.timeout(30):
            yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def shown(portal: Portal, number: int) -> None:
    """Until the portal shows so many items."""
    while len(portal.shown()) < number:
        portal.arrived.clear()
        await portal.arrived.wait()
        await asyncio.sleep(0)
