"""Settling in: the database has what the settings say, history stays, and a dead process holds nothing back."""

from datetime import timedelta

from hub.app import Hub
from hub.commands.pause import pause
from hub.stages.deliver import Deliver
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store import harvesting, normalising, roster
from tests.province import Province, events, row, rows, rss, story, turn

LEASE = timedelta(hours=1)


async def once(hub: Hub) -> None:
    await turn(Harvest(hub.engine))
    await turn(Normalise(hub.engine))
    if "portal" in hub.engine.destinations:
        await turn(Deliver(hub.engine, "portal"))


async def test_settling_in_twice_changes_nothing(province: Province) -> None:
    province.source("tin", rss(story(1)))
    province.route(province.destination())
    async with province.open() as hub:
        await once(hub)
        before = [await rows(hub, table) for table in ("member", "source", "destination", "event")]
    async with province.open() as hub:
        assert [await rows(hub, table) for table in ("member", "source", "destination", "event")] == before


async def test_what_left_the_settings_is_marked_and_comes_back_as_it_was(province: Province) -> None:
    province.source("tin", rss(story(1)))
    province.destination()
    async with province.open() as hub:
        await once(hub)
    province.without("source", "tin")
    province.without("destination", "portal")
    async with province.open() as hub:
        assert (await row(hub, "source"))["state"] == "removed"
        assert (await row(hub, "destination"))["state"] == "removed"
        assert len(await rows(hub, "item")) == 1
        assert await turn(Harvest(hub.engine)) == 0
        assert (await events(hub))[-2:] == ["source_removed", "destination_removed"]
    province.source("tin", rss(story(1)))
    async with province.open() as hub:
        assert (await row(hub, "source"))["state"] == "active"
        assert await turn(Harvest(hub.engine)) == 1


async def test_a_source_that_moved_is_read_again_in_full_and_doubles_nothing(province: Province) -> None:
    province.source("tin", rss(story(1)), page={"etag": '"1"'})
    async with province.open() as hub:
        await once(hub)
    province.without("source", "tin")
    province.source("tin", rss(story(1)), path="/moi.rss", page={"etag": '"1"'})
    async with province.open() as hub:
        source = await row(hub, "source")
        assert (source["cursor"], bytes(source["known"]), source["body_sha256"]) == ("{}", b"", "")
        await once(hub)
        assert "If-None-Match" not in province.site.asked[-1].headers
        assert len(await rows(hub, "item")) == 1


async def test_who_is_paused_stays_so_over_a_restart(province: Province) -> None:
    province.source("tin", rss(story(1)))
    async with province.open() as hub:
        await pause(hub.engine, "source", "tin", who="quan-tri")
    async with province.open() as hub:
        assert (await row(hub, "source"))["state"] == "paused"


async def test_leases_of_a_dead_process_are_free_at_once_and_its_calls_stay_in_doubt(province: Province) -> None:
    province.source("tin", rss(story(1)))
    province.source("khac", rss(story(2)))
    province.route(province.destination())
    async with province.open() as hub:
        store = hub.engine.store
        await turn(Harvest(hub.engine))
        await turn(Normalise(hub.engine))
        await Deliver(hub.engine, "portal").claim(None, 1)
        await turn(Harvest(hub.engine))
        await normalising.claim(store, None, limit=1, lease=LEASE)
        province.clock.advance(minutes=20)
        await harvesting.claim(store, None, limit=1, lease=LEASE, per_host=1)
        assert await roster.free_leases(store) == 3
        for table in ("source", "capture", "delivery"):
            assert await rows(hub, table, lease_token="") == await rows(hub, table)
        assert {d["state"] for d in await rows(hub, "delivery")} == {"ready"}
        assert (await row(hub, "attempt"))["outcome"] in ("open", "unknown")
        [again] = await Deliver(hub.engine, "portal").claim(None, 1)
        assert len(again.doubts) == 1
