"""The review queue: who sees and decides what, decisions as events, two at once, and addresses that somebody bent."""

import asyncio

import pytest

from hub.app import Hub
from tests.web.desk import Desk
from tests.web.press import Press, id_of, news

OTHER = "xa-ha-lieu-tin"
HOSTILE = "<script>alert(1)</script>\"'>\u202e<img src=x onerror=alert(2)>"


async def told(hub: Hub, what: str) -> list[tuple[str, str]]:
    rows = await hub.engine.store.fetch("SELECT who, why FROM event WHERE what = ? ORDER BY id", what)
    return [(row["who"], row["why"]) for row in rows]


async def state_of(hub: Hub, guid: str, revision: int = 1) -> str:
    rows = await hub.engine.store.fetch(
        "SELECT state FROM edition WHERE content_id = ? AND revision = ?", str(id_of(guid)), revision
    )
    return str(rows[0]["state"])


async def test_the_oldest_comes_first_and_filters_narrow(desk: Desk, press: Press) -> None:
    await press.publish(news("1", title="Tiêm chủng mở rộng"), held=True)
    await press.publish(news("2", title="Họp thôn"), source=OTHER, held=True)
    person = await desk.person("an", "editor")
    words = (await person.get("/queue")).words
    assert words.index("Tiêm chủng mở rộng") < words.index("Họp thôn")
    for query, expected in (
        ("member=H52.30", "Họp thôn"), ("source=so-y-te-tin", "Tiêm chủng"), ("words=tiem+CHUNG", "Tiêm chủng"),
        ("kind=document", "Không có bài chờ duyệt nào khớp"), ("words=vaccine", "Không có bài chờ duyệt nào khớp"),
    ):  # fmt: skip
        assert expected in (await person.get(f"/queue?{query}")).words


async def test_pages_follow_each_other_and_bent_addresses_begin_anew(desk: Desk, press: Press) -> None:
    await press.publish(*(news(f"{n:03}") for n in range(33)), held=True)
    person = await desk.person("an", "editor")
    first = await person.get("/queue")
    assert first.text.count('name="pick"') == 30
    after = first.text.partition("after=")[2].partition('"')[0]
    assert (await person.get(f"/queue?after={after}")).text.count('name="pick"') == 3
    for bent in ("-1", "x", "%00", "9" * 30, "1e3", "٣"):
        assert (await person.get(f"/queue?after={bent}&days={bent}")).text.count('name="pick"') == 30
    assert (await person.get(f"/queue?words={'a' * 2_000}")).status == 200


@pytest.mark.parametrize(
    ("deed", "event", "state"),
    [("approve", "approved", "approved"), ("reject", "rejected", "rejected"), ("return", "returned", "rejected")],
)
async def test_a_decision_is_the_persons_and_opens_the_next(
    desk: Desk, press: Press, hub: Hub, deed: str, event: str, state: str
) -> None:
    await press.publish(news("1"), held=True)
    await press.publish(news("2"), held=True)
    person = await desk.person("an", "editor")
    answer = await person.post(f"/queue/{id_of('1')}/1/{deed}", why="Đã kiểm tra")
    assert (answer.status, answer.location) == (303, f"/console/queue/{id_of('2')}/1?done={event}")
    assert await state_of(hub, "1") == state
    [(who, why)] = await told(hub, event)
    assert who == "an"
    assert "Đã kiểm tra" in why
    answer = await person.post(f"/queue/{id_of('2')}/1/{deed}", why="Cũng vậy")
    assert answer.location == f"/console/queue?done={event}_last"
    assert "Không còn bài nào chờ" in (await person.get("/queue?done=" + event + "_last")).words


async def test_the_next_one_is_of_the_same_choice(desk: Desk, press: Press) -> None:
    await press.publish(news("1"), held=True)
    await press.publish(news("2"), source=OTHER, held=True)
    await press.publish(news("3"), held=True)
    person = await desk.person("an", "editor")
    answer = await person.post(f"/queue/{id_of('1')}/1/approve?member=H52.12")
    assert answer.location == f"/console/queue/{id_of('3')}/1?member=H52.12&done=approved"


async def test_an_approval_can_be_planned_and_taken_back(desk: Desk, press: Press, hub: Hub) -> None:
    await press.publish(news("1"), held=True)
    person = await desk.person("an", "editor")
    path = f"/queue/{id_of('1')}/1"
    assert (await person.post(f"{path}/plan", at="")).status == 422
    assert (await person.post(f"{path}/plan", at="2001-01-01T08:00")).status == 422
    assert (await person.post(f"{path}/plan", at="2026-03-03T08:00", why="Sáng mai")).status == 303
    assert "an đã hẹn đăng lúc 03/03/2026 08:00" in (await person.get(path)).words
    assert (await person.post(f"{path}/unplan")).status == 303
    assert await state_of(hub, "1") == "held"


async def test_a_reason_is_needed_to_reject(desk: Desk, press: Press, hub: Hub) -> None:
    await press.publish(news("1"), held=True)
    answer = await (await desk.person("an", "editor")).post(f"/queue/{id_of('1')}/1/reject", why="  ")
    assert answer.status == 422
    assert "ghi lý do từ chối" in answer.words
    assert await state_of(hub, "1") == "held"


async def test_two_at_once_are_one_decision_and_one_page_that_says_so(desk: Desk, press: Press, hub: Hub) -> None:
    await press.publish(news("1"), held=True)
    an, binh = await desk.person("an", "editor"), await desk.person("binh", "editor")
    path = f"/queue/{id_of('1')}/1"
    answers = await asyncio.gather(an.post(f"{path}/approve"), binh.post(f"{path}/reject", why="Sai tên"))
    assert sorted(answer.status for answer in answers) == [303, 409]
    [late] = [answer for answer in answers if answer.status == 409]
    assert "vừa được người khác xử lý" in late.words
    assert len(await told(hub, "approved")) + len(await told(hub, "rejected")) == 1
    assert "không còn chờ duyệt" in (await an.get(path)).words


async def test_several_at_once_are_decisions_of_their_own(desk: Desk, press: Press, hub: Hub) -> None:
    await press.publish(news("1"), news("2"), held=True)
    await press.publish(news("3"), source=OTHER, held=True)
    person = await desk.person("an", "editor", "H52.12")
    await press.approve("2")
    bent = ["nonsense", f"{id_of('1')}:x", f"{id_of('1')}:²", f"{id_of('9')}:1"]
    picked = [f"{id_of(guid)}:1" for guid in "123"] + bent
    answer = await person.post("/queue/decide", decision="approve", pick=picked)
    assert answer.status == 200
    assert "Tin 1 Đã duyệt" in answer.words
    assert "Tin 2 Chưa làm được" in answer.words
    assert "Tin 3" not in answer.words
    assert [await state_of(hub, guid) for guid in "123"] == ["approved", "approved", "held"]
    assert (await person.post("/queue/decide", decision="reject", pick=f"{id_of('1')}:1")).status == 422
    assert "Chưa chọn bài nào" in (await person.post("/queue/decide", decision="approve")).words


async def test_only_editors_of_the_unit_decide(desk: Desk, press: Press, hub: Hub) -> None:
    await press.publish(news("1"), held=True)
    path = f"/queue/{id_of('1')}/1"
    viewer, other = await desk.person("an", "viewer"), await desk.person("binh", "editor", "H52.30")
    technician = await desk.person("chi", "technician")
    assert (await viewer.get(path)).status == 200
    assert "/approve" not in (await viewer.get(path)).text
    assert 'name="pick"' not in (await viewer.get("/queue")).text
    assert (await viewer.post(f"{path}/approve")).status == 403
    assert (await technician.post(f"{path}/approve")).status == 403
    assert (await other.get(path)).status == 404
    assert (await other.post(f"{path}/approve")).status == 404
    assert await state_of(hub, "1") == "held"


@pytest.mark.parametrize(
    "path", ["/queue/x/1", "/queue/{id}/0", "/queue/{id}/-1", "/queue/{id}/x", "/queue/{id}/99999999999"]
)
async def test_what_is_not_there_is_a_page_that_says_so(desk: Desk, press: Press, path: str) -> None:
    await press.publish(news("1"), held=True)
    answer = await (await desk.person("an", "editor")).get(path.format(id=id_of("1")))
    assert answer.status == 404
    assert "Traceback" not in answer.text


async def test_hostile_texts_are_shown_as_texts(desk: Desk, press: Press) -> None:
    item = news(
        "1", title=HOSTILE, summary=HOSTILE, tags=(HOSTILE,), content_html="<h1>Lớn</h1><main>Giữa</main>",
        authors=({"name": HOSTILE},),
    )  # fmt: skip
    await press.publish(item)
    await press.publish(item.model_copy(update={"title": HOSTILE + " sửa"}), held=True)
    person = await desk.person("an", "editor")
    for path in ("/queue", f"/queue/{id_of('1')}/2", "/items", f"/items/{id_of('1')}", f"/items/{id_of('1')}/versions",
                 f"/items/{id_of('1')}/trace", f"/queue?words={'%3Cscript%3E'}&member=%22%3E%3Cimg"):  # fmt: skip
        answer = await person.get(path)
        assert answer.status == 200
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
        assert answer.text.count("<h1") == 1
        assert answer.text.count("<main") == 1


async def test_a_correction_shows_what_it_changes(desk: Desk, press: Press) -> None:
    await press.publish(news("1", title="Giá thuốc tăng 5 triệu"))
    await press.publish(news("1", title="Giá thuốc tăng 5 tỷ"), held=True)
    answer = await (await desk.person("an", "editor")).get(f"/queue/{id_of('1')}/2")
    assert "Thay đổi so với bản đang công khai (bản 1)" in answer.words
    assert "[bỏ: triệu hết] [thêm: tỷ hết]" in answer.words
