"""The screens in the pipeline: what is found is kept nowhere, what is doubtful waits for the duty officer."""

from dataclasses import replace
from uuid import UUID

import pytest

from hub.app import Hub
from hub.commands.approve import approve
from hub.commands.recall import recall
from hub.commands.release_hold import reject_hold, release_hold
from hub.commands.replay import replay
from hub.stages.deliver import Deliver
from hub.store import screening
from hub.store.deciding import DecisionRefusedError
from tests.journeys.leaks import tables
from tests.province import Province, atom, events, row, rows, rss, story, turn
from tests.stages.test_normalise import editions, items, show

WHO = "truc-ban"
CANARY = "BONGHOAXUONGRONG"
SECRET = f"<p>MẬT</p><p>Kế hoạch {CANARY} năm 2026 của đơn vị.</p>"
IDENTITY = f"<p>Danh sách {CANARY}: Nguyễn Văn An, CCCD 001099000001; Trần Thị Bình, CCCD 001199000002.</p>"


async def everything(hub: Hub) -> str:
    """Every text of every table, bodies unpacked."""
    return "\n".join(f"{place}: {text}" for place, text in await tables(hub.engine.store.database))


async def test_a_marked_text_is_kept_nowhere_and_its_neighbours_become_items(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(story(1), story(2, title=f"Kế hoạch {CANARY}", text=SECRET), story(3)))
    assert CANARY not in await everything(hub)
    assert [item["guid"] for item in await items(hub)] == ["tin-1", "tin-3"]
    capture, rejection, alarm = await row(hub, "capture"), await row(hub, "rejection"), await row(hub, "alarm")
    assert (capture["state"], capture["body"]) == ("purged", None)
    assert (rejection["code"], rejection["rule"], rejection["detail"]) == ("secrecy", "stamp", "")
    assert rejection["fingerprint"] == alarm["fingerprint"]
    assert len(rejection["fingerprint"]) == 64
    assert (alarm["url"], alarm["times"], alarm["seen_at"]) == (rejection["url"], 1, None)
    await screening.scrub(hub.engine.store, hub.engine.files, thorough=True)
    assert (await row(hub, "alarm"))["scrubbed_at"] is not None


async def test_the_same_text_again_is_purged_again_without_a_second_alarm(province: Province, hub: Hub) -> None:
    secret = story(2, text=SECRET)
    for number in (3, 4, 5):
        await show(province, hub, rss(story(number), secret))
    assert CANARY not in await everything(hub)
    assert (await row(hub, "alarm"))["times"] == 3
    assert {capture["state"] for capture in await rows(hub, "capture")} == {"purged"}
    assert (await events(hub)).count("secrecy_found") == 1
