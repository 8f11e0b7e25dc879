"""The pages of sources: what stands on them, who sees it, and what can be done."""

from datetime import timedelta
from typing import Any

from hub.app import Hub
from hub.store.instants import micros
from tests.province import events, row, rows
from tests.web.desk import Desk

HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}"
NAME = "so-y-te-tin"


async def alter(hub: Hub, sql: str, *values: Any) -> None:
    """Let the database be as an outage, or a hostile site, would leave it."""
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute(sql, *values)


async def capture(hub: Hub, source: str = NAME, state: str = "done", *, body: bytes | None = None, **more: Any) -> int:
    """A capture of a source, in a state."""
    at = micros(hub.engine.store.now())
    values = {"note": "", "counts": "{}", "url": "http://127.0.0.1:9/", "headers": "{}"} | more
    async with hub.engine.store.unit() as unit:
        [made] = await unit.tx.fetch(
            "INSERT INTO capture (source, url, headers, sha256, size, fetched_at, state, due_at, note, counts)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            source, values["url"], values["headers"], "0" * 64, len(body or b""), at, state, at, values["note"],
            values["counts"],
        )  # fmt: skip
        if body is not None:
            await unit.tx.execute("INSERT INTO capture_body (id, body) VALUES (?, ?)", made["id"], body)
    return int(made["id"])


async def item(hub: Hub, number: int, source: str = NAME, member: str = "H52.12", *, days: float = 0) -> str:
    """An item that came some days ago."""
    at, name = micros(hub.engine.store.now() - timedelta(days=days)), f"00000000-0000-5000-8000-{number:012}"
    await alter(
        hub, "INSERT INTO item (content_id, source, guid, kind, member, title, revision, digest, state, first_seen,"
        " changed_at) VALUES (?, ?, ?, 'news', ?, ?, 1, '', 'live', ?, ?)",
        name, source, f"g{number}", member, f"Tin {number} {HOSTILE}", at, at,
    )  # fmt: skip
    return name


async def test_the_list_begins_with_what_needs_somebody_and_says_whose_turn_it_is(desk: Desk) -> None:
    await alter(
        desk.hub, "UPDATE source SET polled_at = 1, fault_code = 'unreachable', fault_side = 'network',"
        " fault_sentence = 'Không kết nối được.', fault_since = 1, failures = 3 WHERE name = 'xa-ha-lieu-tin'",
    )  # fmt: skip
    viewer = await desk.person("an", "viewer")
    answer = await viewer.get("/sources")
    assert answer.status == 200
    assert answer.text.index("xa-ha-lieu-tin</a>") < answer.text.index("so-y-te-tin</a>")
    assert "Không kết nối được." in answer.words
    assert "Nguồn chưa được thu lần nào" in answer.words
    assert "Thêm nguồn tin" not in answer.words
    narrowed = await viewer.get("/sources?side=network&condition=failing")
    assert "1 nguồn tin" in narrowed.words
    assert "so-y-te-tin</a>" not in narrowed.text
    assert "Không có nguồn nào như vậy" in (await viewer.get("/sources?text=kh%C3%B4ng+c%C3%B3")).words
    assert (await viewer.get("/sources?side=%00&condition=x&member=%27")).status == 200


async def test_nobody_sees_or_touches_the_sources_of_another_unit(desk: Desk) -> None:
    mine = await desk.person("an", "technician", "H52.30")
    assert "so-y-te-tin" not in (await mine.get("/sources")).text
    assert (await mine.get(f"/sources/{NAME}")).status == 404
    for action in ("pause", "resume", "poll", "replay", "release", "discard", "backfill", "stop-backfill", "remove"):
        assert (await mine.post(f"/sources/{NAME}/{action}")).status == 404
    viewer = await desk.person("binh", "viewer")
    assert (await viewer.get(f"/sources/{NAME}")).status == 200
    assert (await viewer.post(f"/sources/{NAME}/pause")).status == 403
    assert (await viewer.get("/sources/khong-co")).status == 404


async def test_a_technician_pauses_resumes_and_asks_with_a_reason(desk: Desk) -> None:
    person = await desk.person("ky.thuat", "technician")
    answer = await person.post(f"/sources/{NAME}/pause", why="bảo trì")
    assert (answer.status, answer.location) == (303, f"/console/sources/{NAME}?done=paused")
    assert (await row(desk.hub, "source", name=NAME))["state"] == "paused"
    shown = await person.get(f"/sources/{NAME}?done=paused")
    assert "Đã tạm dừng nguồn." in shown.words
    assert "đang tạm dừng theo lệnh" in shown.words
    assert (await person.post(f"/sources/{NAME}/poll")).status == 409
    await person.post(f"/sources/{NAME}/resume")
    assert (await person.post(f"/sources/{NAME}/poll")).status == 303
    told = await rows(desk.hub, "event", source=NAME)
    assert [(each["what"], each["who"]) for each in told] == [
        ("source_paused", "ky.thuat"), ("source_active", "ky.thuat"), ("source_asked", "ky.thuat"),
    ]  # fmt: skip
    assert "bảo trì" in told[0]["why"]


async def test_the_page_of_a_source_shows_what_came_and_what_fell_out_and_no_body(desk: Desk) -> None:
    hub = desk.hub
    await item(hub, 1, days=3)
    first = await capture(hub, body=b"x", counts='{"new": 4, "rejected": 2}')
    await capture(hub, state="dead", note=f"Không đọc được {HOSTILE}", body=b"SECRET BODY")
    for _ in range(2):
        await alter(
            hub, "INSERT INTO rejection (capture, source, pointer, code, detail, at) VALUES (?, ?, ?, ?, ?, 1)",
            first, NAME, f"/rss/item[3]{HOSTILE}", "no_text", HOSTILE,
        )  # fmt: skip
    person = await desk.person("ky.thuat", "technician")
    answer = await person.get(f"/sources/{NAME}")
    assert answer.status == 200
    assert "4 tin mới, 2 bị loại" in answer.words
    assert "Mục tin không có tiêu đề lẫn nội dung" in answer.words
    assert "SECRET BODY" not in answer.text
    assert "<script>alert" not in answer.text
    assert answer.text.count("<rect") == 30
    assert "1</td>" in answer.text


async def test_a_held_run_is_decided_on_its_source(desk: Desk) -> None:
    hub = desk.hub
    one, two = [await capture(hub, state="held", note="Nhiều mục biến mất.", body=b"x") for _ in range(2)]
    other = await capture(hub, "xa-ha-lieu-tin", state="held", body=b"x")
    person = await desk.person("ky.thuat", "technician")
    assert "Nhiều mục biến mất." in (await person.get(f"/sources/{NAME}")).words
    assert (await person.post(f"/sources/{NAME}/release", capture=str(other))).status == 404
    assert (await person.post(f"/sources/{NAME}/release", capture=str(one), why="đã hỏi đơn vị")).status == 303
    assert (await person.post(f"/sources/{NAME}/release", capture=str(one))).status == 409
    assert (await person.post(f"/sources/{NAME}/discard", capture=str(two))).status == 303
    assert (await events(hub, who="ky.thuat")) == ["run_released", "run_discarded"]


async def test_a_replay_is_of_one_capture_or_of_all(desk: Desk) -> None:
    hub = desk.hub
    one = await capture(hub, body=b"x")
    await capture(hub, body=b"y")
    person = await desk.person("ky.thuat", "technician")
    await person.post(f"/sources/{NAME}/replay", capture=str(one))
    assert [each["state"] for each in await rows(hub, "capture")] == ["new", "done"]
    await person.post(f"/sources/{NAME}/replay")
    assert [each["replay"] for each in await rows(hub, "capture")] == [1, 1]
    assert (await person.post(f"/sources/{NAME}/replay", capture="999")).status == 404


async def test_a_source_without_history_says_so_and_a_bad_day_is_refused(desk: Desk) -> None:
    person = await desk.person("ky.thuat", "technician")
    answer = await person.post(f"/sources/{NAME}/backfill", since="2026-01-01")
    assert answer.status == 422
    assert "không có trang cũ để thu bù" in answer.words
    assert (await person.post(f"/sources/{NAME}/backfill", since="hôm qua")).status == 400
    assert (await person.post(f"/sources/{NAME}/remove")).status == 409


async def test_the_preview_reads_what_is_kept_and_asks_nobody(desk: Desk) -> None:
    from zlib import compress

    from tests.province import rss, story

    body = rss(story(1, title=f"Tin một {HOSTILE}"), story(2))
    await capture(desk.hub, body=compress(body))
    person = await desk.person("ky.thuat", "technician")
    answer = await person.get(f"/sources/{NAME}/preview")
    assert answer.status == 200
    assert "2 mục" in answer.words
    assert "Tin thứ 2 của Sở Y tế" in answer.words
    assert "<script>alert" not in answer.text
    empty = await person.get("/sources/xa-ha-lieu-tin/preview")
    assert "chưa có bản thu nào" in empty.words


async def test_a_person_may_work_in_english(desk: Desk) -> None:
    person = await desk.person("tech", "technician", language="en")
    for path in ("/sources", f"/sources/{NAME}", "/sources/new", "/destinations", "/aside", "/members", "/settings"):
        answer = await person.get(path)
        assert answer.status == 200
        assert '<html lang="en">' in answer.text
        assert "Sources" in answer.words
