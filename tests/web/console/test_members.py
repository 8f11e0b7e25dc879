"""The roster as a tree, with how what each publishes is."""

from tests.web.console.test_sources import HOSTILE, alter, item
from tests.web.desk import Desk


async def member(desk: Desk, code: str, *, parent: str = "", **more: str) -> None:
    keys = {"name": f"Đơn vị {code}", "kind": "commune", "valid_until": "", "successors": "[]", "duties": "[]"} | more
    await alter(
        desk.hub, "INSERT INTO member (code, name, kind, parent, valid_until, successors, duties)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        code, keys["name"], keys["kind"], parent, keys["valid_until"], keys["successors"], keys["duties"],
    )  # fmt: skip


async def test_the_tree_names_levels_successors_and_duties_that_nobody_sees(desk: Desk) -> None:
    await member(desk, "H52.30.2", parent="H52.30", valid_until="2025-06-30", successors='["H52.30"]')
    await member(desk, "H52.30.1", parent="H52.30", name=f"Thôn {HOSTILE}", duties='["news"]')
    await item(desk.hub, 1)
    person = await desk.person("an", "viewer")
    answer = await person.get("/members")
    assert answer.status == 200
    places = [answer.text.index(f">{code} ·") if f">{code} ·" in answer.text else answer.text.index(code)
              for code in ("H52.12", "H52.30", "H52.30.1", "H52.30.2")]  # fmt: skip
    assert places == sorted(places)
    assert "đơn vị kế thừa: Xã Hạ Liễu" in answer.words
    assert "Hệ thống chưa khai báo nguồn tin, bài của đơn vị" in answer.words
    assert "<script>alert" not in answer.text
    assert "4 đơn vị" in answer.words
    assert "1 đơn vị" in (await person.get("/members?only=gaps")).words
    assert "H52.30.2" in (await person.get("/members?only=ended")).words
    assert "Không có đơn vị nào như vậy" in (await person.get("/members?level=district&text=%00")).words


async def test_one_member_shows_its_sources_and_its_place(desk: Desk) -> None:
    await item(desk.hub, 1)
    await item(desk.hub, 2, days=40)
    await member(desk, "H52.12.1", parent="H52.12")
    person = await desk.person("an", "viewer")
    answer = await person.get("/members/H52.12")
    assert answer.status == 200
    assert "so-y-te-tin" in answer.words
    assert "Tin trong tháng 1" in answer.words
    assert "Đơn vị H52.12.1" in answer.words
    below = await person.get("/members/H52.12.1")
    assert "Chưa khai báo nguồn tin nào của đơn vị" in below.words
    assert (await person.get("/members/H52.99")).status == 404


async def test_a_unit_sees_itself_and_those_below(desk: Desk) -> None:
    await member(desk, "H52.30.1", parent="H52.30")
    person = await desk.person("xa", "viewer", "H52.30")
    answer = await person.get("/members")
    assert "2 đơn vị" in answer.words
    assert "Sở Y tế" not in answer.words
    assert (await person.get("/members/H52.12")).status == 404


async def test_a_roster_that_runs_in_a_circle_is_shown_all_the_same(desk: Desk) -> None:
    await alter(desk.hub, "UPDATE member SET parent = CASE WHEN code = 'H52.12' THEN 'H52.30' ELSE 'H52.12' END")
    answer = await (await desk.person("an", "viewer")).get("/members")
    assert (answer.status, "2 đơn vị" in answer.words) == (200, True)
