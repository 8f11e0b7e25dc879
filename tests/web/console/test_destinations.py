"""The pages of destinations: what waits and why, and what a technician may do about it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from hub.app import Hub
from hub.rules.retry import UNTOLD
from hub.store.instants import micros
from tests.province import MEMBER, Province, events, row, rows
from tests.web.console.test_sources import HOSTILE, alter, item
from tests.web.desk import Desk


@pytest.fixture
async def desk(province: Province) -> AsyncIterator[Desk]:
    province.destination("portal", brake=50)
    province.destination("cong-khac", approval="each")
    province.member("H52.30", "Xã Hạ Liễu", "commune")
    async with province.open() as hub, Desk(hub) as opened:
        yield opened


async def delivery(hub: Hub, number: int, state: str, *, member: str = MEMBER, code: str = "", **more: Any) -> int:
    """One item at the portal, in a state."""
    content_id = await item(hub, number, "tin", member)
    late = micros(hub.engine.store.now() - timedelta(hours=1))
    async with hub.engine.store.unit() as unit:
        [made] = await unit.tx.fetch(
            "INSERT INTO delivery (content_id, destination, wanted_revision, state, wanted_at, due_at, error_code,"
            " error_sentence, failed_since) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?) RETURNING id",
            content_id, more.get("destination", "portal"), state, late, late, code,
            f"Nơi nhận từ chối {HOSTILE}." if code else "", late if code else None,
        )  # fmt: skip
        await unit.tx.execute(
            "INSERT INTO attempt (delivery, revision, key, started_at, ended_at, outcome) VALUES (?, 1, '', ?, ?, ?)",
            made["id"], late, late, "done" if state == "done" else "refused",
        )  # fmt: skip
    return int(made["id"])


async def test_queues_are_counted_and_what_needs_somebody_stands_first(desk: Desk) -> None:
    hub = desk.hub
    states = [("ready", ""), ("refused", "rejected"), ("parked", "unreachable"), ("parked", UNTOLD)]
    for number, (state, code) in enumerate([*states, ("done", ""), ("asked", "")]):
        await delivery(hub, number, state, code=code)
    await alter(hub, "UPDATE destination SET state = 'blocked', fault_code = 'forbidden', fault_sentence = 'Sai mã.',"
                " fault_since = 1 WHERE name = 'portal'")  # fmt: skip
    person = await desk.person("an", "viewer")
    answer = await person.get("/destinations")
    assert answer.status == 200
    assert answer.text.index('id="d-portal"') < answer.text.index('id="d-cong-khac"')
    for told in ("Sai mã.", "Chưa rõ 1", "Bị từ chối 1", "Tạm gác 1", "Chậm 1", "Chờ nhập tay 1"):
        assert told in answer.words, told
    one = await person.get("/destinations/portal")
    assert one.status == 200
    assert "quá 50 tin mới cùng lúc thì tự tạm dừng" in one.words
    assert one.text.count("<rect") == 24
    assert "<script>alert" not in one.text
    assert "Tạm dừng nơi nhận" not in one.words
    assert (await person.get("/destinations/khong-co")).status == 404


async def test_a_unit_sees_its_own_queue_and_touches_no_destination(desk: Desk) -> None:
    hub = desk.hub
    await delivery(hub, 1, "refused", code="rejected")
    mine = await delivery(hub, 2, "refused", member="H52.30", code="rejected")
    person = await desk.person("xa", "technician", "H52.30")
    assert "Bị từ chối 1" in (await person.get("/destinations")).words
    for action in ("pause", "resume", "reconcile", "stop", "decide"):
        assert (await person.post(f"/destinations/portal/{action}")).status == 403
    assert (await person.post("/destinations/portal/free")).status == 303
    assert [each["state"] for each in await rows(hub, "delivery")] == ["refused", "ready"]
    assert (await row(hub, "delivery", id=mine))["state"] == "ready"


async def test_a_technician_pauses_resumes_and_sends_again_but_not_what_may_be_there(desk: Desk) -> None:
    hub = desk.hub
    await delivery(hub, 1, "refused", code="rejected")
    untold = await delivery(hub, 2, "parked", code=UNTOLD)
    person = await desk.person("ky.thuat", "technician")
    assert (await person.post("/destinations/portal/pause", why="bảo trì")).status == 303
    assert (await row(hub, "destination", name="portal"))["state"] == "paused"
    assert "Chạy tiếp" in (await person.get("/destinations/portal")).words
    await person.post("/destinations/portal/resume")
    freed = await person.post("/destinations/portal/free")
    assert freed.location.endswith("done=freed")
    assert (await row(hub, "delivery", id=untold))["state"] == "parked"
    assert (await person.post("/destinations/portal/free")).location.endswith("done=nothing")
    assert await events(hub, who="ky.thuat") == ["destination_paused", "destination_active", "deliveries_freed"]


async def test_a_comparison_is_begun_stopped_and_its_differences_decided(desk: Desk) -> None:
    hub = desk.hub
    person = await desk.person("ky.thuat", "technician")
    assert "Chưa đối soát lần nào" in (await person.get("/destinations/portal")).words
    assert (await person.post("/destinations/portal/reconcile")).status == 303
    run = await row(hub, "reconciliation")
    for key, kind, claimants in (("K1", "missing", "[]"), ("K2", "outdated", "[]"), ("K3", "orphan", "[]")):
        await alter(
            hub, "INSERT INTO difference (destination, key, kind, reason, title, digest, state, run, found_at,"
            " claimants, fields) VALUES ('portal', ?, ?, 'lost', ?, '', 'open', ?, 1, ?, ?)",
            key, kind, HOSTILE, run["id"], claimants, '[{"field": "title", "ours": "A<b>", "theirs": "B"}]',
        )  # fmt: skip
    answer = await person.get("/destinations/portal")
    assert "3 khác biệt" in answer.words
    assert "<script>alert" not in answer.text
    assert "A<b>" not in answer.text
    await person.post("/destinations/portal/decide", key="K1", accept="1", why="đúng")
    await person.post("/destinations/portal/decide", key="K2", why="để vậy")
    await person.post("/destinations/portal/decide", kind="orphan", accept="1")
    assert [each["state"] for each in await rows(hub, "difference")] == ["accepted", "settled", "accepted"]
    assert (await person.post("/destinations/portal/decide", kind="x")).status == 400
    assert (await person.post("/destinations/portal/decide", key="K1", owner="x", accept="1")).status == 400
    assert (await person.post("/destinations/portal/decide", key="K9", accept="1")).status == 409
    await person.post("/destinations/portal/stop")
    assert (await row(hub, "reconciliation"))["state"] == "stopped"
