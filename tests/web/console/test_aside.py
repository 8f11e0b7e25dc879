"""What was set aside: the lists, the facts of a capture, and how it goes on."""

from zlib import compress

from hub.rules.retry import UNTOLD
from tests.province import events, row, rows
from tests.web.console.test_destinations import delivery
from tests.web.console.test_sources import HOSTILE, NAME, alter, capture
from tests.web.desk import Desk


async def destination(desk: Desk) -> None:
    """A place that the settings of these tests do not have."""
    await alter(desk.hub, "INSERT INTO destination (name, connector, state) VALUES ('portal', 'portal', 'active')")


async def test_deliveries_are_sent_again_one_by_one_or_all_of_a_kind(desk: Desk) -> None:
    hub = desk.hub
    await destination(desk)
    one = await delivery(hub, 1, "refused", code="rejected")
    await delivery(hub, 2, "parked", code="unreachable")
    untold = await delivery(hub, 3, "parked", code=UNTOLD)
    await delivery(hub, 4, "refused", member="H52.30", code="rejected")
    person = await desk.person("ky.thuat", "technician")
    answer = await person.get("/aside")
    assert answer.status == 200
    assert "Lượt chuyển bị loại 4" in answer.words
    assert "Có thể bài đã có ở đó" in answer.words
    assert "<script>alert" not in answer.text
    assert answer.text.count('name="delivery"') == 4
    assert (await person.get(f"/aside?destination=portal&code={UNTOLD}")).text.count('name="delivery"') == 1
    assert (await person.get("/aside?untold=no")).text.count('name="delivery"') == 3  # as the front page counts
    await person.post("/aside/free", delivery=[str(one), "999", "x"])
    assert (await row(hub, "delivery", id=one))["state"] == "ready"
    await person.post("/aside/free", every="1", destination="portal", code="")
    assert (await row(hub, "delivery", id=untold))["state"] == "parked"
    await person.post("/aside/free", delivery=str(untold))
    assert {each["state"] for each in await rows(hub, "delivery")} == {"ready"}
    assert (await person.post("/aside/free", delivery=str(one))).location.endswith("done=nothing")


async def test_nothing_waits_for_a_destination_that_left_the_settings(desk: Desk) -> None:
    """It went wrong: the front page did not count it, the list showed it, and sending it again sent nothing."""
    await destination(desk)
    gone = await delivery(desk.hub, 1, "refused", code="rejected")
    await alter(desk.hub, "UPDATE destination SET state = 'removed'")
    person = await desk.person("ky.thuat", "technician")
    assert "Lượt chuyển bị loại 0" in (await person.get("/aside")).words
    assert 'name="delivery"' not in (await person.get("/aside")).text
    assert (await person.post("/aside/free", delivery=str(gone))).location.endswith("done=nothing")


async def test_a_unit_frees_nothing_of_another(desk: Desk) -> None:
    await destination(desk)
    theirs = await delivery(desk.hub, 1, "refused", code="rejected")
    number = await capture(desk.hub, state="held", body=b"x")
    person = await desk.person("xa", "technician", "H52.30")
    assert "Lượt chuyển bị loại 0" in (await person.get("/aside")).words
    assert (await person.post("/aside/free", delivery=str(theirs))).location.endswith("done=nothing")
    assert (await person.get(f"/aside/{number}")).status == 404
    assert (await person.get(f"/aside/{number}/raw")).status == 404
    assert (await person.post("/aside/release", capture=str(number))).status == 404
    assert (await (await desk.person("an", "viewer")).get("/aside")).status == 403


async def test_held_runs_are_decided_together(desk: Desk) -> None:
    hub = desk.hub
    held = [await capture(hub, state="held", note=f"Nhiều mục biến mất {HOSTILE}", body=b"x") for _ in range(3)]
    person = await desk.person("ky.thuat", "technician")
    answer = await person.get("/aside?part=runs")
    assert answer.text.count('name="capture"') == 3
    assert "<script>alert" not in answer.text
    await person.post("/aside/release", capture=[str(held[0]), str(held[1])], why="đã hỏi")
    await person.post("/aside/discard", capture=[str(held[1]), str(held[2])])  # the second is decided already
    assert [(each["state"], each["released"]) for each in await rows(hub, "capture")] == [
        ("new", 1), ("new", 1), ("rejected", -1),
    ]  # fmt: skip
    assert (await person.post("/aside/release", capture=str(held[0]))).status == 409
    assert await events(hub, who="ky.thuat") == ["run_released", "run_released", "run_discarded"]


async def test_captures_that_could_not_be_read_are_read_again(desk: Desk) -> None:
    hub = desk.hub
    dead = await capture(hub, state="dead", note="Hỏng", body=b"x")
    await capture(hub, state="rejected", body=b"x")
    person = await desk.person("ky.thuat", "technician")
    assert (await person.get("/aside?part=captures")).text.count('name="capture"') == 2
    assert (await person.get("/aside?part=captures&state=dead")).text.count('name="capture"') == 1
    await person.post("/aside/replay", capture=str(dead))
    assert [each["state"] for each in await rows(hub, "capture")] == ["new", "rejected"]
    assert (await person.post("/aside/replay", capture="x")).status == 400


async def test_records_that_fell_out_are_told_with_what_to_do_page_by_page(desk: Desk) -> None:
    number = await capture(desk.hub, body=b"x")
    for place in range(60):
        await alter(
            desk.hub, "INSERT INTO rejection (capture, source, pointer, code, detail, at) VALUES (?, ?, ?, ?, ?, 1)",
            number, NAME, f"item[{place}]", "no_link" if place % 2 else HOSTILE, HOSTILE,
        )  # fmt: skip
    person = await desk.person("ky.thuat", "technician")
    answer = await person.get("/aside?part=records")
    assert "Mục tin bị loại 60" in answer.words
    assert "Kiểm tra bộ chọn link còn đúng với trang không" in answer.words
    assert "<script>alert" not in answer.text
    assert answer.text.count("Xem bản thu") == 50
    further = answer.text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert (await person.get(further.removeprefix("/console"))).text.count("Xem bản thu") == 10
    assert (await person.get("/aside?part=records&before=abc&code=%00")).status == 200


async def test_bytes_are_taken_away_only_once_they_were_screened(desk: Desk) -> None:
    person = await desk.person("ky.thuat", "technician")
    for state, kept, taken in (
        ("done", True, True), ("done", False, False), ("held", True, False), ("new", True, False),
        ("purged", False, False),
    ):  # fmt: skip
        number = await capture(
            desk.hub, state=state, body=compress(b"<script>alert(1)</script>") if kept else None,
            headers='{"Server": "<b>"}', note=HOSTILE,
        )  # fmt: skip
        page = await person.get(f"/aside/{number}")
        assert page.status == 200
        assert "<script>alert" not in page.text
        assert ("/raw" in page.text) is taken
        answer = await person.get(f"/aside/{number}/raw")
        assert answer.status == (200 if taken else 404), state
        if taken:
            assert answer.headers["Content-Type"] == "application/octet-stream"
            assert answer.headers["Content-Disposition"].startswith("attachment")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
