"""The duty officer's page: alarms without a text, holds with numbers covered, and nobody else sees either."""

from collections.abc import AsyncIterator

import pytest

from hub.app import Hub
from tests.province import Province, row, rss, story
from tests.stages.test_normalise import show
from tests.stages.test_screening import IDENTITY, SECRET
from tests.web.desk import Desk


@pytest.fixture
async def hub(province: Province) -> AsyncIterator[Hub]:
    """A hub that polls a site, routed to a portal."""
    province.source("tin", rss())
    province.route(province.destination())
    async with province.open() as hub:
        yield hub


async def test_a_hold_is_read_by_the_duty_officer_alone_with_its_numbers_covered(
    province: Province, hub: Hub, desk: Desk
) -> None:
    await show(province, hub, rss(story(1, title="Danh sách hỗ trợ", text=IDENTITY)))
    held = (await row(hub, "item", guid="tin-1"))["content_id"]
    officer, editor = await desk.person("truc", "duty_officer"), await desk.person("bien-tap", "chief_editor")
    page = await officer.get(f"/screen/holds/{held}")
    assert "001******001" in page.words
    assert "001099000001" not in page.text
    for path in ("/", "/queue", f"/items/{held}", "/items"):
        assert "Danh sách hỗ trợ" not in (await editor.get(path)).text
    assert (await editor.get(f"/screen/holds/{held}")).status == 403
    assert (await editor.post(f"/screen/holds/{held}/release", why="được")).status == 403


async def test_a_hold_is_released_and_its_item_goes_on(province: Province, hub: Hub, desk: Desk) -> None:
    await show(province, hub, rss(story(1, text=IDENTITY)))
    held = (await row(hub, "item", guid="tin-1"))["content_id"]
    officer = await desk.person("truc", "duty_officer")
    assert (await officer.post(f"/screen/holds/{held}/release", why="đã xem", revision="1")).status == 303
    assert (await row(hub, "edition", content_id=held))["state"] == "approved"


async def test_an_alarm_is_seen_and_shows_no_text(province: Province, hub: Hub, desk: Desk) -> None:
    await show(province, hub, rss(story(2, title="Kế hoạch diễn tập", text=SECRET)))
    officer = await desk.person("truc", "duty_officer")
    page = await officer.get("/screen")
    assert "dấu chỉ độ mật" in page.words
    assert "Kế hoạch diễn tập" not in page.text
    viewer = await desk.person("xem", "viewer")
    assert (await viewer.get("/screen")).status == 403
    assert "mật nhà nước" not in (await viewer.get("/")).words
    alarm = (await row(hub, "alarm"))["id"]
    assert (await officer.post(f"/screen/alarms/{alarm}/seen")).status == 303
    assert (await row(hub, "alarm"))["seen_by"] == "truc"
    late = await officer.post(f"/screen/alarms/{alarm}/seen")
    assert (late.status, "đã có người xem" in late.words) == (409, True)
    assert (await officer.post("/screen/alarms/999/seen")).status == 404


async def test_a_recall_names_every_place(province: Province, hub: Hub, desk: Desk) -> None:
    await show(province, hub, rss(story(1)))
    item = (await row(hub, "item", guid="tin-1"))["content_id"]
    officer = await desk.person("truc", "duty_officer")
    answer = await officer.post(f"/screen/recalls/{item}", why="đăng nhầm")
    assert answer.status == 303
    page = await officer.get(f"/screen/recalls/{item}")
    assert "portal" in page.words
    assert "Trang của hệ thống" in page.words


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_bytes_that_hold_it_are_not_taken_away_by_technicians(province: Province, hub: Hub, desk: Desk) -> None:
    technician = await desk.person("ky.thuat", "technician")
    await show(province, hub, rss(story(1)))
    clean = (await row(hub, "capture"))["id"]
    assert (await technician.get(f"/aside/{clean}/raw")).status == 200
    await show(province, hub, rss(story(1), story(2, text=IDENTITY)))
    answer = await technician.get(f"/aside/{clean + 1}/raw")
    assert answer.status in (404, 422)
    assert "001099000001" not in answer.text
    assert "001099000001" not in (await technician.get("/sources/tin/preview")).text
