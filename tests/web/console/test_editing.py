"""Pages of editing: two at once, forms that come twice, a source that speaks meanwhile, a plan; own part only."""

from datetime import timedelta
from uuid import UUID

import pytest

from hub.app import Hub
from hub.commands.edit import edit
from hub.commands.propose import propose_withdrawal
from hub.rules.editing import Changes
from tests.clock import Clock
from tests.province import row, rows
from tests.web.desk import Desk, Visitor
from tests.web.forms import typed_form
from tests.web.press import Press, id_of, news

#: What the pages ask the database, tests of commands ask on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def opened(person: Visitor, item: str) -> dict[str, str]:
    """The form of the page, as a browser would send it back unchanged."""
    answer = await person.get(f"/items/{item}/edit")
    assert answer.status == 200, answer.words
    return typed_form(answer)


@pytest.fixture
async def item(press: Press) -> str:
    """A public item."""
    await press.publish(news("tin-1", title="Khám bệnh cho 50 người", summary="Sáng thứ Hai."))
    return str(id_of("tin-1"))


async def test_an_editor_changes_a_text_and_a_chief_publishes_it_at_once(desk: Desk, hub: Hub, item: str) -> None:
    editor = await desk.person("an", "editor")
    form = await opened(editor, item)
    assert form["title"] == "Khám bệnh cho 50 người"
    answer = await editor.post(f"/items/{item}/edit", **form | {"title": "Khám bệnh miễn phí", "why": "rõ hơn"})
    assert answer.location.endswith(f"/items/{item}?done=edited")
    edition = await row(hub, "edition", content_id=item, revision=2)
    assert (edition["state"], edition["author"]) == ("held", "an")
    form = await opened(editor, item)
    assert form["title"] == "Khám bệnh miễn phí", "the waiting edit is what one goes on with"
    answer = await editor.post(f"/items/{item}/edit", **form | {"summary": "Thứ Ba.", "approve": "1"})
    assert answer.location.endswith("done=approved")
    assert (await row(hub, "item", content_id=item))["approved_revision"] == 3


async def test_the_second_of_two_editors_keeps_what_was_typed_and_sees_what_changed(
    desk: Desk, hub: Hub, item: str
) -> None:
    an, binh = await desk.person("an", "editor"), await desk.person("binh", "editor")
    first, second = await opened(an, item), await opened(binh, item)
    await an.post(f"/items/{item}/edit", **first | {"title": "Bản của An"})
    answer = await binh.post(f"/items/{item}/edit", **second | {"summary": "Chữ của Bình <b>"})
    assert answer.status == 409
    assert "Chữ của Bình &lt;b&gt;</textarea>" in answer.text
    assert "«an» vừa sửa phiên bản 2" in answer.words
    assert "Bản của An" in answer.words
    assert typed_form(answer)["seen"] == "2"
    again = await binh.post(f"/items/{item}/edit", **typed_form(answer) | {"title": "Bản của An"})
    assert again.status == 303, "over the new edition it is saved"
    assert (await binh.post(f"/items/{item}/edit", **typed_form(answer) | {"title": "Bản của An"})).status == 303
    assert len(await rows(hub, "edition", content_id=item)) == 3, "a form that comes again makes no edition"


async def test_a_text_that_cannot_be_kept_comes_back_with_a_sentence(desk: Desk, item: str) -> None:
    editor = await desk.person("an", "editor")
    form = await opened(editor, item)
    answer = await editor.post(f"/items/{item}/edit", **form | {"title": " ", "summary": "còn đây"})
    assert (answer.status, "Tiêu đề đang để trống" in answer.words) == (422, True)
    assert "còn đây</textarea>" in answer.text
    answer = await editor.post(f"/items/{item}/edit", **form)
    assert "chưa thay đổi gì" in answer.words


async def test_a_session_that_ended_leaves_the_typed_text_to_the_browser(
    desk: Desk, hub: Hub, item: str, clock: Clock
) -> None:
    editor = await desk.person("an", "editor")
    form, text = await opened(editor, item), (await editor.get(f"/items/{item}/edit")).text
    assert f'data-typed="edit:{item}:1"' in text
    assert "typed.js" in text
    clock.advance(hours=13)
    answer = await editor.post(f"/items/{item}/edit", **form | {"title": "Mất phiên"})
    assert answer.status == 419
    assert len(await rows(hub, "edition", content_id=item)) == 1


async def test_where_the_source_says_something_new_a_person_chooses(
    desk: Desk, hub: Hub, press: Press, item: str
) -> None:
    editor = await desk.person("an", "editor")
    form = await opened(editor, item)
    await editor.post(f"/items/{item}/edit", **form | {"title": "Bản của ta", "approve": "1"})
    await press.publish(news("tin-1", title="Khám bệnh cho 80 người"), held=True)
    page = await editor.get(f"/items/{item}/edit")
    assert "Nguồn có nội dung mới" in page.words
    assert "80" in page.words
    assert typed_form(page)["title"] == "Bản của ta"
    answer = await editor.post(f"/items/{item}/keep-ours", revision="3")
    assert answer.location.endswith(f"/items/{item}/edit?done=kept")
    assert (await row(hub, "item", content_id=item))["title"] == "Bản của ta"
    await press.publish(news("tin-1", title="Khám bệnh cho 90 người"), held=True)
    await editor.post(f"/items/{item}/take-theirs", revision="4")
    assert (await row(hub, "item", content_id=item))["approved_revision"] == 4


async def test_an_hour_is_planned_and_taken_away(desk: Desk, hub: Hub, item: str) -> None:
    editor = await desk.person("an", "editor")
    await edit(hub.engine, UUID(item), Changes(title="Mới"), seen=1, who="binh")
    path = f"/items/{item}/schedule"
    local = (hub.engine.store.now() + timedelta(hours=30)).astimezone(hub.engine.zone)
    assert (await editor.post(path, at="hôm nào đó", revision="2")).status == 422
    past = await editor.post(path, at="2020-01-01T07:30", revision="2", why="giữ lại")
    assert (past.status, "giữ lại" in past.text) == (422, True)
    answer = await editor.post(path, at=local.strftime("%Y-%m-%dT%H:%M"), revision="2")
    assert answer.location.endswith("done=planned")
    page = await editor.get(path)
    assert local.strftime("%d/%m/%Y %H:%M") in page.words
    assert (await editor.post(f"{path}/cancel")).status == 303
    assert [each["state"] for each in await hub.engine.store.fetch("SELECT state FROM planned")] == ["cancelled"]


async def test_other_units_and_other_roles_do_not_get_in(desk: Desk, item: str) -> None:
    elsewhere, viewer = await desk.person("an", "editor", "H52.99"), await desk.person("binh", "viewer")
    assert (await elsewhere.get(f"/items/{item}/edit")).status == 404
    assert (await viewer.get(f"/items/{item}/edit")).status == 403
    assert (await elsewhere.post(f"/items/{item}/edit", title="x", seen="1")).status == 404
    editor = await desk.person("chi", "editor")
    assert (await editor.get("/items/khong-phai-ma/edit")).status == 404


async def test_a_decision_of_two_is_confirmed_by_another_person(desk: Desk, hub: Hub, item: str) -> None:
    proposal = await propose_withdrawal(hub.engine, UUID(item), reason="Tin sai.", who="an")
    an, binh = await desk.person("an", "chief_editor"), await desk.person("binh", "chief_editor")
    editor = await desk.person("chi", "editor")
    assert "cần một người khác xác nhận" in (await an.get("/proposals")).words
    assert (await an.post(f"/proposals/{proposal}/confirm")).status == 422
    assert (await editor.post(f"/proposals/{proposal}/confirm")).status == 403
    assert "Tin sai." in (await binh.get("/proposals")).words
    assert (await binh.post(f"/proposals/{proposal}/confirm")).location.endswith("done=confirmed")
    assert (await row(hub, "item", content_id=item))["state"] == "withdrawn"
    assert (await binh.post(f"/proposals/{proposal}/decline")).status == 409
