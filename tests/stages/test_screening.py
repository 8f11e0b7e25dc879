"""The screens in the pipeline: what is found is kept nowhere, what is doubtful waits for the duty officer."""

import zlib
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
from tests.province import Province, atom, events, row, rows, rss, story, turn
from tests.stages.test_normalise import editions, items, show

WHO = "truc-ban"
CANARY = "BONGHOAXUONGRONG"
SECRET = f"<p>MẬT</p><p>Kế hoạch {CANARY} năm 2026 của đơn vị.</p>"
IDENTITY = f"<p>Danh sách {CANARY}: Nguyễn Văn An, CCCD 001099000001; Trần Thị Bình, CCCD 001199000002.</p>"


async def everything(hub: Hub) -> str:
    """Every text of every table, bodies unpacked."""
    store = hub.engine.store
    if store.database.dialect == "sqlite":
        tables = await store.fetch(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            " AND sql NOT LIKE 'CREATE VIRTUAL%'"
        )
    else:
        tables = await store.fetch("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    found = []
    for table in tables:
        for one in await store.fetch(f'SELECT * FROM "{table["name"]}"'):
            for name, value in one.items():
                if isinstance(value, bytes | memoryview):
                    packed = bytes(value)
                    try:
                        packed = zlib.decompress(packed)
                    except zlib.error:
                        pass
                    value = packed.decode("utf-8", "replace")
                if isinstance(value, str):
                    found.append(f"{table['name']}.{name}: {value}")
    return "\n".join(found)


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
    assert alarm["scrubbed_at"] is not None


async def test_the_same_text_again_is_purged_again_without_a_second_alarm(province: Province, hub: Hub) -> None:
    secret = story(2, text=SECRET)
    for number in (3, 4, 5):
        await show(province, hub, rss(story(number), secret))
    assert CANARY not in await everything(hub)
    assert (await row(hub, "alarm"))["times"] == 3
    assert {capture["state"] for capture in await rows(hub, "capture")} == {"purged"}
    assert (await events(hub)).count("secrecy_found") == 1
