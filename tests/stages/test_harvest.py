"""Harvest: one fetch, the bytes with the cursor that covers them in one transaction, and when to come back."""

import asyncio
from datetime import timedelta

import pytest

from hub.app import Hub
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store.harvesting import due, make_due
from hub.store.instants import moment
from tests.province import Province, events, row, rows, rss, story, turn

NEWS = rss(story(1), story(2))
ERROR_PAGE = b"<!doctype html><html><head><title>502</title></head><body><h1>Bad gateway</h1></body></html>"


async def poll(hub: Hub) -> int:
    return await turn(Harvest(hub.engine))


async def read(hub: Hub) -> int:
    return await turn(Normalise(hub.engine))


async def test_a_body_is_kept_with_its_validators(province: Province) -> None:
    province.source("tin", NEWS, page={"etag": '"1"'})
    async with province.open() as hub:
        assert await poll(hub) == 1
        source, capture = await row(hub, "source"), await row(hub, "capture")
        assert source["cursor"] == '{"etag":"\\"1\\""}'
        assert (capture["state"], capture["size"]) == ("new", len(NEWS))
        assert source["attempts"] == 0
        assert source["lease_until"] is None
        assert await events(hub) == ["captured"]


async def test_a_source_is_not_due_again_before_its_rhythm(province: Province) -> None:
    province.source("tin", NEWS, every="10m")
    async with province.open() as hub:
        await poll(hub)
        province.clock.advance(minutes=9.9)
        assert await poll(hub) == 0
        province.clock.advance(minutes=0.1)
        assert await poll(hub) == 1


async def test_an_unchanged_source_is_asked_conditionally_and_stores_nothing(province: Province) -> None:
    province.source("tin", NEWS, page={"etag": '"1"'})
    async with province.open() as hub:
        await poll(hub)
        province.clock.advance(minutes=10)
        await poll(hub)
        assert province.site.asked[-1].headers["If-None-Match"] == '"1"'
        assert len(await rows(hub, "capture")) == 1


async def test_the_same_bytes_are_not_kept_twice(province: Province) -> None:
    province.source("tin", NEWS)
    async with province.open() as hub:
        for _ in range(3):
            await poll(hub)
            province.clock.advance(minutes=10)
        assert len(province.site.asked) == 3
        assert len(await rows(hub, "capture")) == 1


async def test_a_body_without_validators_clears_the_cursor(province: Province) -> None:
    path = province.source("tin", NEWS, page={"etag": '"1"'})
    async with province.open() as hub:
        await poll(hub)
        province.site.serve(path, rss(story(3)))
        province.clock.advance(minutes=10)
        await poll(hub)
        assert (await row(hub, "source"))["cursor"] == "{}"
        province.clock.advance(minutes=10)
        await poll(hub)
        assert "If-None-Match" not in province.site.asked[-1].headers


async def test_failures_stretch_the_rhythm_and_the_next_good_answer_ends_the_fault(province: Province) -> None:
    path = province.source("tin", page={"status": 500})
    async with province.open() as hub:
        waits = []
        for _ in range(3):
            await poll(hub)
            source = await row(hub, "source")
            waits.append(moment(source["due_at"]) - province.clock.now())
            province.clock.advance(seconds=waits[-1].total_seconds())
        assert waits == [timedelta(minutes=10), timedelta(minutes=20), timedelta(minutes=40)]
        assert (source["fault_code"], source["fault_side"], source["fault_stage"]) == (
            "server_error", "member", "harvest",
        )  # fmt: skip
        assert source["fault_sentence"]
        assert await events(hub) == ["source_failing"]

        province.site.serve(path, NEWS)
        await poll(hub)
        source = await row(hub, "source")
        assert (source["failures"], source["fault_code"], source["fault_since"]) == (0, "", None)
        assert moment(source["due_at"]) - province.clock.now() == timedelta(minutes=10)


@pytest.mark.parametrize("status", [429, 503])
async def test_a_source_that_asks_for_patience_gets_it_and_nothing_is_counted(province: Province, status: int) -> None:
    province.source("tin", page={"status": status, "headers": {"Retry-After": "3600"}})
    async with province.open() as hub:
        await poll(hub)
        source = await row(hub, "source")
        assert (source["failures"], source["fault_code"]) == (0, "")
        province.clock.advance(minutes=59)
        await hub.once(everything=True)
        assert len(province.site.asked) == 1
        province.clock.advance(minutes=1)
        assert await poll(hub) == 1


@pytest.mark.parametrize(("status", "code"), [(401, "unauthorised"), (403, "forbidden"), (410, "gone")])
async def test_a_source_that_refuses_us_is_asked_no_more_until_a_person_resumes_it(
    province: Province, status: int, code: str
) -> None:
    from hub.commands.pause import resume

    path = province.source("tin", page={"status": status})
    async with province.open() as hub:
        await poll(hub)
        source = await row(hub, "source")
        assert (source["state"], source["fault_code"], source["fault_side"]) == ("blocked", code, "member")
        province.clock.advance(days=2)
        assert await poll(hub) == 0
        province.site.serve(path, NEWS)
        await resume(hub.engine, "source", "tin", who="bien-tap")
        assert await poll(hub) == 1
        assert (await row(hub, "source"))["state"] == "active"
        assert await events(hub) == ["source_blocked", "source_active", "captured"]


async def test_a_round_of_everything_asks_nobody_who_told_us_to_wait(province: Province) -> None:
    province.source("nghi", page={"status": 503, "headers": {"Retry-After": "3600"}})
    province.source("tin", NEWS)
    async with province.open() as hub:
        while await poll(hub):
            continue
        await make_due(hub.engine.store)
        assert [each["name"] for each in await due(hub.engine.store)] == ["tin"]


async def test_a_refused_address_is_our_own_fault(province: Province) -> None:
    province.source("tin", url="http://10.9.9.9/rss")
    async with province.open() as hub:
        await poll(hub)
        source = await row(hub, "source")
        assert (source["fault_code"], source["fault_side"]) == ("address_refused", "hub")


async def test_an_error_page_is_kept_refused_and_forgets_its_validators(province: Province) -> None:
    """With the cursor of the page a 304 would hide the real list for ever."""
    path = province.source("tin", NEWS, page={"etag": '"1"'})
    async with province.open() as hub:
        await poll(hub)
        await read(hub)
        known = (await row(hub, "source"))["known"]
        for _ in range(2):  # the second time it is the same page
            province.site.serve(path, ERROR_PAGE, etag='"2"', content_type="text/html")
            province.clock.advance(hours=1)
            await poll(hub)
            await read(hub)
            source = await row(hub, "source")
            assert (source["fault_stage"], source["fault_side"], source["cursor"]) == ("normalise", "member", "{}")
            assert source["fault_sentence"]
        assert bytes(source["known"]) == bytes(known)
        assert [capture["state"] for capture in await rows(hub, "capture")] == ["done", "rejected"]

        province.site.serve(path, rss(story(1), story(2), story(3)), etag='"2"')
        province.clock.advance(days=1)
        await poll(hub)
        await read(hub)
        source = await row(hub, "source")
        assert (source["fault_code"], source["failures"]) == ("", 0)
        assert len(await rows(hub, "item")) == 3


async def test_an_outage_between_two_equal_error_pages_does_not_whitewash_the_second(province: Province) -> None:
    path = province.source("tin", ERROR_PAGE, page={"content_type": "text/html"})
    async with province.open() as hub:
        for page in ({}, {"status": 500}, {}):
            province.site.serve(path, ERROR_PAGE, content_type="text/html", **page)
            await poll(hub)
            await read(hub)
            province.clock.advance(days=1)
        source = await row(hub, "source")
        assert (source["fault_stage"], source["fault_code"] != "") == ("normalise", True)
        assert source["answered_at"] is None


async def test_a_body_that_breaks_off_does_not_vouch_for_the_rest(province: Province) -> None:
    """It came with the validator of the whole list; kept, a 304 would hide the second half for ever."""
    whole = rss(*(story(n) for n in range(1, 9)))
    cut = whole[: len(whole) // 2]
    path = province.source("tin", cut, page={"etag": '"1"'})
    async with province.open() as hub:
        for _ in range(2):
            await poll(hub)
            await read(hub)
            source = await row(hub, "source")
            assert (source["fault_code"], source["cursor"], source["failures"]) == ("body_cut_off", "{}", 0)
            province.clock.advance(minutes=10)
        assert len(await rows(hub, "item")) in range(1, 8)
        province.site.serve(path, whole, etag='"1"')
        await poll(hub)
        await read(hub)
        source = await row(hub, "source")
        assert (source["fault_code"], source["cursor"]) == ("", '{"etag":"\\"1\\""}')
        assert len(await rows(hub, "item")) == 8


async def test_an_empty_list_where_there_was_one_withdraws_nothing_and_is_asked_again_in_full(
    province: Province,
) -> None:
    path = province.source("tin", NEWS, page={"etag": '"1"'})
    async with province.open() as hub:
        await poll(hub)
        await read(hub)
        province.site.serve(path, rss(), etag='"2"')
        province.clock.advance(minutes=10)
        await poll(hub)
        await read(hub)
        source = await row(hub, "source")
        assert (source["fault_code"], source["cursor"]) == ("empty_list", "{}")
        assert {item["state"] for item in await rows(hub, "item")} == {"live"}


async def test_our_own_shutdown_counts_no_failure(province: Province) -> None:
    gate = asyncio.Event()
    province.source("tin", NEWS, page={"hold": gate})
    async with province.open() as hub:
        stage = Harvest(hub.engine)
        [claim] = await stage.claim(None, 1)
        work = asyncio.create_task(stage.handle(claim))
        await province.site.arrived.wait()
        work.cancel()
        with pytest.raises(asyncio.CancelledError) as stopped:
            await work
        await stage.failed(claim, stopped.value)
        gate.set()
        source = await row(hub, "source")
        assert (source["failures"], source["fault_code"]) == (0, "")
        assert await poll(hub) == 1


async def test_a_defect_of_ours_is_called_our_fault(province: Province) -> None:
    province.source("tin", NEWS)
    async with province.open() as hub:
        stage = Harvest(hub.engine)
        [claim] = await stage.claim(None, 1)
        await stage.failed(claim, ZeroDivisionError("secret text"))
        source = await row(hub, "source")
        assert (source["fault_code"], source["fault_side"], source["state"]) == ("defect", "hub", "active")
        assert "secret" not in source["fault_sentence"]
