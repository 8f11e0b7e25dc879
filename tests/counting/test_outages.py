"""An outage opens and closes with every fault of a source and says whose it was; a pause is no fault of a site."""

import random
from collections.abc import AsyncIterator

import pytest

from hub import counting
from hub.app import Hub
from hub.commands.decide_run import discard_run, release_run
from hub.commands.pause import pause, resume
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store.database import Row
from tests.province import Province, row, rows, rss, story, turn

PATH = "/tin.rss"
WELL = rss(story(1), story(2))
ERROR_PAGE = b"<!doctype html><html><head><title>502</title></head><body><h1>Bad gateway</h1></body></html>"
BAD_ENTRIES = rss(story(3, title="", text="", link=""), story(4, title="", text="", link=""))


@pytest.fixture
async def hub(province: Province) -> AsyncIterator[Hub]:
    province.source("tin", WELL)
    async with province.open() as hub:
        await poll(province, hub)
        yield hub


async def poll(province: Province, hub: Hub) -> None:
    """The next poll, a day later, and what is read of it."""
    province.clock.advance(days=1)
    await turn(Harvest(hub.engine))
    await turn(Normalise(hub.engine))


async def outages(hub: Hub) -> list[Row]:
    await counting.up_to_date(hub.engine)
    return await rows(hub, "outage")


async def test_a_source_that_answers_or_was_never_asked_has_none(hub: Hub) -> None:
    assert await outages(hub) == []


async def test_a_failing_site_has_one_outage_until_it_answers(province: Province, hub: Hub) -> None:
    province.site.serve(PATH, b"", status=503)
    began = province.clock.now()
    for _ in range(3):
        await poll(province, hub)
    [open_one] = await outages(hub)
    assert (open_one["why"], open_one["side"], open_one["until"]) == ("fault", "member", None)
    assert open_one["code"]
    assert open_one["sentence"]
    assert open_one["since"] > began.timestamp() * 1_000_000
    province.site.serve(PATH, WELL)
    await poll(province, hub)
    [ended] = await outages(hub)
    assert ended["until"] == ended["since"] + 3 * 86_400_000_000


@pytest.mark.parametrize(("body", "code"), [(ERROR_PAGE, ""), (BAD_ENTRIES, "all_fallen")], ids=["page", "rejected"])
async def test_a_body_that_brings_nothing_is_an_outage_too(
    province: Province, hub: Hub, body: bytes, code: str
) -> None:
    province.site.serve(PATH, body)
    await poll(province, hub)
    [found] = await outages(hub)
    source = await row(hub, "source")
    assert (found["why"], found["until"], found["code"]) == ("fault", None, source["fault_code"])
    assert code in ("", found["code"])
    assert (found["side"], found["sentence"]) == (source["fault_side"], source["fault_sentence"])
    province.site.serve(PATH, rss(story(1), story(2), story(5)))
    await poll(province, hub)
    [ended] = await outages(hub)
    assert ended["until"] is not None
    assert (await row(hub, "source"))["fault_code"] == ""


async def test_a_refusal_that_is_paused_and_resumed_is_three_times(province: Province, hub: Hub) -> None:
    province.site.serve(PATH, b"", status=403)
    await poll(province, hub)
    await pause(hub.engine, "source", "tin", who="an")
    province.clock.advance(hours=1)
    await resume(hub.engine, "source", "tin", who="an")
    province.site.serve(PATH, WELL)
    blocked, paused = await outages(hub)
    assert (blocked["why"], blocked["side"], blocked["until"]) == ("blocked", "member", paused["since"])
    assert (paused["why"], paused["side"], paused["until"]) == ("paused", "person", paused["since"] + 3_600_000_000)


async def test_what_a_poll_under_way_finds_does_not_end_a_pause(province: Province, hub: Hub) -> None:
    async with hub.engine.store.unit() as unit:
        unit.tell("source_paused", source="tin")
        unit.tell("source_failing", source="tin", why={"code": "timeout"})
        unit.tell("source_recovered", source="tin")
    [found] = await outages(hub)
    assert (found["why"], found["code"], found["until"]) == ("paused", "", None)


async def test_a_removed_source_that_returns_begins_without_its_old_fault(province: Province) -> None:
    province.source("tin", b"", page={"status": 503})
    async with province.open() as hub:
        await poll(province, hub)
    province.without("source", "tin")
    async with province.open() as hub:
        fault, removed = await outages(hub)
        assert (fault["until"], removed["why"], removed["until"]) == (removed["since"], "removed", None)
    province.source("tin", b"", page={"status": 503})
    province.clock.advance(days=1)
    async with province.open() as hub:
        assert all(one["until"] for one in await outages(hub))
        await poll(province, hub)
        assert [one["why"] for one in await outages(hub)] == ["fault", "removed", "fault"]


async def test_an_outage_is_open_exactly_while_the_source_is_not_read(province: Province, hub: Hub) -> None:
    """Whatever happens in whatever order, the account and the row of the source agree."""
    rng, number = random.Random(7), 10
    for _ in range(25):
        number += 1
        match rng.randrange(8):
            case 0:
                province.site.serve(PATH, b"", status=rng.choice([403, 404, 500, 503]))
            case 1:
                province.site.serve(PATH, ERROR_PAGE + bytes(str(number), "ascii"))
            case 2:
                province.site.serve(PATH, rss())
            case 3:
                province.site.serve(PATH, rss(story(number, title="", text="", link="")))
            case 4:
                province.site.serve(PATH, rss(*(story(1_000 * number + each) for each in range(200))))  # a flood
            case 5:
                state = (await row(hub, "source"))["state"]
                await (pause if state == "active" else resume)(hub.engine, "source", "tin", who="an")
            case 6:
                for held in await rows(hub, "capture", state="held"):
                    await rng.choice([release_run, discard_run])(hub.engine, held["id"], who="an")
            case _:
                province.site.serve(PATH, rss(story(1), story(number)))
        await poll(province, hub)
        source = await row(hub, "source")
        open_ones = [one["why"] for one in await outages(hub) if one["until"] is None]
        if source["state"] == "active":
            assert open_ones == (["fault"] if source["fault_code"] else []), source["fault_code"]
        else:
            assert open_ones == [source["state"]]
    before = [one.values() for one in map(dict, await outages(hub))]
    await counting.begin_again(hub.engine)
    after = [one.values() for one in map(dict, await outages(hub))]
    assert [list(one)[1:] for one in before] == [list(one)[1:] for one in after]
