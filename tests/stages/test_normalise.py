"""Normalise: captures in, numbered editions out; each decision with its reason, all of a capture in one transaction."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from hub.app import Hub
from hub.commands.approve import approve
from hub.commands.decide_run import discard_run, release_run
from hub.commands.reject import reject
from hub.commands.replay import replay as replay_captures
from hub.commands.withdraw import withdraw
from hub.stages.harvest import Harvest
from hub.stages.normalise import DEADLY_AFTER, Normalise
from hub.store.database import Row
from hub.store.deciding import DecisionRefusedError
from hub.store.instants import moment
from hub.store.unit import OvertakenError, Store, Unit
from schemas.item import ITEM
from tests.province import Province, Story, atom, events, row, rows, rss, story, turn

WHO = "bien-tap"


async def show(province: Province, hub: Hub, body: bytes, *, name: str = "tin") -> None:
    """The site shows this from now on; the hub polls it and reads what it got."""
    province.site.serve(f"/{name}.rss", body)
    province.clock.advance(minutes=20)
    await turn(Harvest(hub.engine))
    await read(hub)


async def read(hub: Hub) -> None:
    while await turn(Normalise(hub.engine)):
        continue


async def editions(hub: Hub) -> list[tuple[int, str, str]]:
    return [(e["revision"], e["state"], e["update_type"]) for e in await rows(hub, "edition")]


async def items(hub: Hub) -> list[Row]:
    return await rows(hub, "item")


async def counts(hub: Hub) -> list[int]:
    """How many items, editions, item keys and deliveries there are."""
    tables = ("item", "edition", "item_key", "delivery")
    return [len(await rows(hub, table)) for table in tables]


# ------------------------------------------------------------------------------------------ editions


async def test_a_new_story_becomes_an_approved_edition_and_a_wanted_delivery(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(story(1, tags=("Y tế",))))
    item, edition, delivery = await row(hub, "item"), await row(hub, "edition"), await row(hub, "delivery")
    assert (item["guid"], item["revision"], item["approved_revision"], item["state"]) == ("tin-1", 1, 1, "live")
    assert (edition["state"], edition["update_type"], edition["decided_by"]) == ("approved", "major", "auto")
    assert (delivery["destination"], delivery["wanted_revision"], delivery["state"]) == ("portal", 1, "ready")
    assert '"review_auto"' in edition["why"]
    assert await events(hub) == ["captured", "edition_approved"]


async def test_unchanged_pieces_are_not_parsed_again(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(story(1), story(2)))
    await show(province, hub, rss(story(3), story(1), story(2)))
    assert [[read.item.guid for read in reading.read] for reading in province.reader.readings] == [
        ["tin-1", "tin-2"], ["tin-3"],
    ]  # fmt: skip
    assert (await rows(hub, "capture"))[1]["counts"].count('"unchanged":2') == 1


async def test_a_comma_is_minor_and_a_number_is_major(province: Province, hub: Hub) -> None:
    text = "Sở Y tế tổ chức khám bệnh cho 50 người dân tại xã Tân An vào sáng thứ Hai"
    await show(province, hub, rss(story(1, text=text)))
    await show(province, hub, rss(story(1, text=text + ".")))
    await show(province, hub, rss(story(1, text=text.replace("50", "80"))))
    assert await editions(hub) == [(1, "superseded", "major"), (2, "superseded", "minor"), (3, "approved", "major")]
    assert (await row(hub, "delivery"))["wanted_revision"] == 3


async def test_there_and_back_again_is_three_revisions(province: Province, hub: Hub) -> None:
    for text in ("Chỉ tiêu là 10", "Chỉ tiêu là 20", "Chỉ tiêu là 10"):
        await show(province, hub, rss(story(1, text=text)))
    assert [revision for revision, _, _ in await editions(hub)] == [1, 2, 3]


async def test_a_back_dated_story_is_kept(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(story(1)))
    await show(province, hub, rss(story(1), story(2, published="Fri, 02 Jan 2015 08:00:00 +0700")))
    assert [item["guid"] for item in await items(hub)] == ["tin-1", "tin-2"]


async def test_a_list_that_slid_on_withdraws_nothing(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(story(1), story(2)))
    await show(province, hub, rss(story(3)))
    assert {item["state"] for item in await items(hub)} == {"live"}
    assert len(await items(hub)) == 3


async def test_one_bad_record_costs_no_neighbour(province: Province, hub: Hub) -> None:
    nameless = Story(guid="", title="", text="", link="")
    await show(province, hub, rss(story(1), nameless, story(2)))
    assert [item["guid"] for item in await items(hub)] == ["tin-1", "tin-2"]
    rejection = await row(hub, "rejection")
    assert rejection["pointer"] == "item 2"
    assert rejection["code"]


# ------------------------------------------------------------------------------------------ identity

SITE = "http://syt.gov.vn"


def moved(number: int, base: str, **changes: Any) -> Story:
    return story(number, guid=f"{base}/?p={number}", link=f"{base}/tin/{number}.html", **changes)


@pytest.mark.parametrize("base", ["https://syt.gov.vn", "http://syt.gov.vn:8080", "https://www.syt.gov.vn"])
async def test_a_site_that_changes_scheme_or_port_doubles_nothing(province: Province, hub: Hub, base: str) -> None:
    await show(province, hub, rss(*(moved(n, SITE) for n in range(1, 6))))
    await show(province, hub, rss(*(moved(n, base) for n in range(1, 6))))
    assert len(await items(hub)) == 5


async def test_new_site_software_with_new_guids_doubles_nothing(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(*(story(n) for n in range(1, 8))))
    await show(province, hub, rss(*(story(n, guid=f"urn:uuid:{n:032}") for n in range(1, 8))))
    await show(province, hub, rss(*(story(n, guid=f"urn:uuid:{n:032}", text="Đã sửa 5") for n in range(1, 8))))
    assert len(await items(hub)) == 7
    assert {item["revision"] for item in await items(hub)} == {2}
    kept = {ITEM.validate_json(edition["body"]).guid for edition in await rows(hub, "edition")}
    assert kept == {item["guid"] for item in await items(hub)}  # the names under which they came first


async def test_two_new_stories_that_share_a_guid_are_two_items(province: Province, hub: Hub) -> None:
    """Both were written under the guid that they share, and the second could not be stored."""
    await show(province, hub, rss(story(1, guid="0"), story(2, guid="0"), story(3)))
    assert len(await items(hub)) == 3
    assert len({item["guid"] for item in await items(hub)}) == 3
    await show(province, hub, rss(story(1, guid="0"), story(2, guid="0"), story(3), story(4)))
    assert len(await items(hub)) == 4


async def test_a_story_listed_twice_in_one_feed_is_one_item(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(story(1), story(2), story(1)))
    assert len(await items(hub)) == 2
    assert (await row(hub, "capture"))["state"] == "done"


async def test_two_sources_may_use_the_same_guid(province: Province) -> None:
    province.source("tin", rss(story(1)))
    province.source("thong-bao", rss(story(1)))
    async with province.open() as hub:
        await hub.once()
        assert {item["source"] for item in await items(hub)} == {"thong-bao", "tin"}
        assert len({item["content_id"] for item in await items(hub)}) == 2


async def test_a_stale_mirror_brings_no_old_text_back_and_loses_no_new_story(province: Province, hub: Hub) -> None:
    old, new = story(1, text="Chỉ tiêu là 10"), story(1, text="Chỉ tiêu là 20")
    await show(province, hub, rss(old, built="Mon, 02 Mar 2026 07:00:00 +0700"))
    await show(province, hub, rss(new, built="Mon, 02 Mar 2026 08:00:00 +0700"))
    await show(province, hub, rss(old, story(2), built="Mon, 02 Mar 2026 07:30:00 +0700"))
    assert [item["revision"] for item in await items(hub)] == [2, 1]
    await show(province, hub, rss(new, story(2), built="Mon, 02 Mar 2026 09:00:00 +0700"))
    assert [item["revision"] for item in await items(hub)] == [2, 1]


# --------------------------------------------------------------------------------------- withdrawals


async def test_a_tombstone_withdraws_everywhere_the_item_went(province: Province, hub: Hub) -> None:
    await show(province, hub, atom(story(1), story(2)))
    await show(province, hub, atom(story(2), gone=["tin-1"]))
    gone, kept = await items(hub)
    assert (gone["state"], gone["withdrawn_by"], gone["revision"]) == ("withdrawn", "source", 2)
    assert kept["state"] == "live"
    [delivery] = await rows(hub, "delivery", content_id=gone["content_id"])
    assert delivery["wanted_revision"] == 2


async def test_a_story_listed_again_after_its_tombstone_is_held_once(province: Province, hub: Hub) -> None:
    await show(province, hub, atom(story(1), story(2)))
    await show(province, hub, atom(story(2), gone=["tin-1"]))
    for _ in range(2):
        await show(province, hub, atom(story(1), story(2)))
        await show(province, hub, atom(story(1), story(2), story(3)))
    [first] = await rows(hub, "item", guid="tin-1")
    states = [e["state"] for e in await rows(hub, "edition", content_id=first["content_id"])]
    assert states == ["superseded", "withdrawn", "held"]
    assert first["state"] == "withdrawn"


@pytest.mark.parametrize(("by", "then"), [("person", "source"), ("source", "source"), ("screen", "screen")])
async def test_a_text_that_waits_on_a_withdrawn_item_goes_when_its_source_takes_it_back(
    province: Province, hub: Hub, by: str, then: str
) -> None:
    await show(province, hub, atom(story(1), story(2)))
    if by == "source":
        await show(province, hub, atom(story(2), gone=["tin-1"]))
    else:
        await withdraw(hub.engine, UUID((await items(hub))[0]["content_id"]), who=WHO)
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute("UPDATE item SET withdrawn_by = ? WHERE guid = 'tin-1'", by)
    newer = story(1, text="Chỉ tiêu là 30")
    await show(province, hub, atom(newer, story(2)))
    await show(province, hub, atom(story(2), gone=["tin-1"]))
    gone, _ = await items(hub)
    assert (gone["state"], gone["withdrawn_by"], gone["revision"]) == ("withdrawn", then, 4)
    states = [e["state"] for e in await rows(hub, "edition", content_id=gone["content_id"])]
    assert states == ["superseded", "withdrawn", "superseded", "withdrawn"]
    with pytest.raises(DecisionRefusedError):
        await approve(hub.engine, UUID(gone["content_id"]), revision=3, who=WHO)
    await show(province, hub, atom(story(2), story(3), gone=["tin-1"]))
    assert (await items(hub))[0]["revision"] == 4, "said once more, it is no news"


async def test_a_tombstone_older_than_the_last_change_says_nothing(province: Province, hub: Hub) -> None:
    await show(province, hub, atom(story(1), story(2)))
    await show(province, hub, atom(story(2), gone=["tin-1"], at="2025-01-01T00:00:00Z"))
    assert {item["state"] for item in await items(hub)} == {"live"}


async def test_a_story_that_stands_unchanged_beside_a_tombstone_of_its_name_is_not_gone(
    province: Province, hub: Hub
) -> None:
    stone = {"gone": ["tin-1"], "at": "2026-12-01T00:00:00Z"}
    await show(province, hub, atom(story(1), story(2), **stone))
    await show(province, hub, atom(story(1), story(2), story(3), **stone))
    assert {item["state"] for item in await items(hub)} == {"live"}
    await show(province, hub, atom(story(2), story(3), **stone))
    assert [item["state"] for item in await items(hub)] == ["withdrawn", "live", "live"]


async def test_what_a_person_withdrew_stays_so_though_the_source_goes_on_listing_it(
    province: Province, hub: Hub
) -> None:
    await show(province, hub, rss(story(1)))
    item = await row(hub, "item")
    await withdraw(hub.engine, UUID(item["content_id"]), who=WHO)
    await show(province, hub, rss(story(1), story(2)))
    assert await counts(hub) == [2, 3, 6, 2]
    await show(province, hub, rss(story(1, text="Nội dung mới 2026"), story(2)))
    [edition] = await rows(hub, "edition", state="held")
    assert '"withdrawn_by_person"' in edition["why"]
    assert (await rows(hub, "item", guid="tin-1"))[0]["state"] == "withdrawn"
    [delivery] = await rows(hub, "delivery", content_id=item["content_id"])
    assert delivery["wanted_revision"] == 2


# -------------------------------------------------------------------------------------------- review


async def test_a_hold_source_publishes_nothing_that_nobody_approved(province: Province) -> None:
    province.source("tin", review="hold")
    province.route(province.destination())
    async with province.open() as hub:
        await show(province, hub, rss(story(1)))
        await show(province, hub, rss(story(1, text="Nội dung mới 2026")))
        assert [(revision, state) for revision, state, _ in await editions(hub)] == [(1, "superseded"), (2, "held")]
        assert await rows(hub, "delivery") == []
        assert (await row(hub, "item"))["public_at"] is None


async def test_the_source_repeats_what_was_rejected_and_nothing_happens(province: Province) -> None:
    province.source("tin", review="hold")
    async with province.open() as hub:
        await show(province, hub, rss(story(1)))
        await reject(hub.engine, UUID((await row(hub, "item"))["content_id"]), who=WHO)
        await show(province, hub, rss(story(1), story(2)))
        await show(province, hub, rss(story(1)))
        [first] = await rows(hub, "item", guid="tin-1")
        assert [e["state"] for e in await rows(hub, "edition", content_id=first["content_id"])] == ["rejected"]


# --------------------------------------------------------------------------------------------- brake

FLOOD = rss(*(story(n) for n in range(100, 130)))


async def test_a_mass_change_is_held_and_blocks_only_its_own_source(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(story(1)))
    await show(province, hub, FLOOD)
    held = (await rows(hub, "capture"))[1]
    source = await row(hub, "source")
    assert (held["state"], source["fault_code"], source["fault_side"]) == ("held", "mass_new", "member")
    await show(province, hub, rss(story(2)))
    assert [capture["state"] for capture in await rows(hub, "capture")] == ["done", "held", "new"]
    assert len(await items(hub)) == 1

    await release_run(hub.engine, held["id"], who=WHO)
    assert (await row(hub, "source"))["fault_code"] == ""
    await read(hub)
    assert len(await items(hub)) == 32
    assert {capture["state"] for capture in await rows(hub, "capture")} == {"done"}


async def test_a_run_that_was_thrown_away_leaves_nothing_and_comes_back_in_no_bulk_replay(
    province: Province, hub: Hub
) -> None:
    await show(province, hub, rss(story(1)))
    await show(province, hub, FLOOD)
    await discard_run(hub.engine, (await rows(hub, "capture"))[1]["id"], who=WHO)
    await show(province, hub, rss(story(1), story(2)))
    assert len(await items(hub)) == 2
    await replay_captures(hub.engine, who=WHO)
    await read(hub)
    assert len(await items(hub)) == 2


# -------------------------------------------------------------------------------------------- replay


async def test_a_replay_with_the_same_mapping_changes_nothing_and_asks_no_site(province: Province, hub: Hub) -> None:
    for text in ("Chỉ tiêu là 10", "Chỉ tiêu là 20"):
        await show(province, hub, rss(story(1, text=text), story(2)))
    before, asked = await counts(hub), len(province.site.asked)
    captures = [(c["counts"], c["state"]) for c in await rows(hub, "capture")]
    source = await row(hub, "source")
    replayed = await replay_captures(hub.engine, who=WHO)
    assert (replayed.captures, replayed.without_body) == (2, 0)
    await read(hub)
    assert len(province.reader.readings[-1].read) == 2, "fingerprints are ignored"
    assert await counts(hub) == before
    assert [(c["counts"], c["state"]) for c in await rows(hub, "capture")] == captures
    assert await row(hub, "source") == source
    assert len(province.site.asked) == asked


async def test_replaying_an_old_capture_brings_no_old_text_back(province: Province, hub: Hub) -> None:
    for text in ("Chỉ tiêu là 10", "Chỉ tiêu là 20"):
        await show(province, hub, rss(story(1, text=text)))
    await replay_captures(hub.engine, capture=(await rows(hub, "capture"))[0]["id"], who=WHO)
    await read(hub)
    assert (await row(hub, "item"))["revision"] == 2


async def test_a_mended_mapping_touches_only_what_differs(province: Province) -> None:
    """The settings give every item of the source a tag: what had it already stays as it is."""
    province.source("tin")
    async with province.open() as hub:
        await show(province, hub, rss(story(1), story(2, tags=("Sức khoẻ",))))
    province.without("source", "tin")
    province.source("tin", tags=["Sức khoẻ"])
    async with province.open() as hub:
        await replay_captures(hub.engine, who=WHO)
        await read(hub)
        assert {i["guid"]: i["revision"] for i in await items(hub)} == {"tin-1": 2, "tin-2": 1}


async def test_replaying_an_old_error_page_does_not_make_a_healthy_source_sick(province: Province, hub: Hub) -> None:
    await show(province, hub, b"<html><body>502 Bad gateway</body></html>")
    await show(province, hub, rss(story(1)))
    source = await row(hub, "source")
    assert source["fault_code"] == ""
    await replay_captures(hub.engine, capture=(await rows(hub, "capture"))[0]["id"], who=WHO)
    await read(hub)
    assert await row(hub, "source") == source


# -------------------------------------------------------------------------------------------- trouble


async def test_captures_of_a_removed_source_wait_for_its_return(province: Province) -> None:
    province.source("tin", rss(story(1)))
    async with province.open() as hub:
        await turn(Harvest(hub.engine))
    province.without("source", "tin")
    async with province.open() as hub:
        await hub.once()
        assert [c["state"] for c in await rows(hub, "capture")] == ["new"]
    province.source("tin", rss(story(1)))
    async with province.open() as hub:
        await hub.once()
        assert [c["state"] for c in await rows(hub, "capture")] == ["done"]


async def test_a_damaged_body_stops_only_its_own_capture(province: Province) -> None:
    province.source("tin", rss(story(1)))
    province.source("hong", rss(story(2)))
    async with province.open() as hub:
        while await turn(Harvest(hub.engine)):
            continue
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute(
                "UPDATE capture_body SET body = ? WHERE id = (SELECT id FROM capture WHERE source = 'hong')",
                b"not zlib",
            )
        for _ in range(8):
            await read(hub)
            province.clock.advance(hours=1)
        assert {c["source"]: c["state"] for c in await rows(hub, "capture")} == {"tin": "done", "hong": "dead"}
        [source] = await rows(hub, "source", name="hong")
        assert (source["fault_code"], source["fault_side"]) == ("defect", "hub")


async def test_an_item_that_a_person_changed_meanwhile_is_thought_about_again(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(story(1)))
    item = await row(hub, "item")
    province.site.serve("/tin.rss", rss(story(1, text="Nội dung mới 2026")))
    province.clock.advance(minutes=20)
    await turn(Harvest(hub.engine))

    async def person() -> None:
        await withdraw(hub.engine, UUID(item["content_id"]), who=WHO)

    store = hub.engine.store
    stage = Normalise(replace(hub.engine, store=Meddled(store.database, store.broker, store.clock, before=person)))
    [claim] = await stage.claim(None, 1)
    with pytest.raises(OvertakenError) as overtaken:
        await stage.handle(claim)
    await stage.failed(claim, overtaken.value)
    assert moment((await rows(hub, "capture"))[1]["due_at"]) - province.clock.now() < timedelta(seconds=3)
    await read(hub)
    assert [(revision, state) for revision, state, _ in await editions(hub)] == [
        (1, "superseded"), (2, "withdrawn"), (3, "held"),
    ]  # fmt: skip


class Meddled(Store):
    """A store in which something happens before the first unit of work begins."""

    def __init__(self, *parts: Any, before: Callable[[], Awaitable[None]]) -> None:
        super().__init__(*parts)
        self._before = [before]

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Unit]:
        while self._before:
            await self._before.pop()()
        async with super().unit() as unit:
            yield unit


async def test_a_capture_that_ends_every_process_is_set_aside_in_the_end(province: Province, hub: Hub) -> None:
    province.site.serve("/tin.rss", rss(story(1)))
    await turn(Harvest(hub.engine))
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE capture SET attempts = ?", DEADLY_AFTER)
    await read(hub)
    assert (await row(hub, "capture"))["state"] == "dead"
    assert (await row(hub, "source"))["fault_code"] == "body_too_hard"
