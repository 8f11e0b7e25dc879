"""Pages of contributions: written, shown with photos, sent, returned; nobody else's business before they are sent."""

from io import BytesIO

import pytest
from aiohttp import FormData
from PIL import Image

from hub.app import Hub
from hub.commands.approve import approve
from hub.commands.return_edition import return_edition
from hub.store import drafting
from tests.province import row, rows
from tests.web.desk import Answer, Desk, Visitor
from tests.web.forms import typed_form

MEMBER = "H52.30"
TEXT = {"title": "Trường Hoa Sen khai giảng", "summary": "Sáng nay.", "content": "Đoạn **một**.", "tags": "Giáo dục"}


async def written(person: Visitor, **fields: str) -> str:
    """A contribution that was saved; its path."""
    answer = await person.post("/drafts/new", **typed_form(await person.get("/drafts/new")) | TEXT | fields)
    assert answer.status == 303, answer.words
    return answer.location.removeprefix("/console").partition("?")[0]


async def with_files(person: Visitor, path: str, fields: dict[str, str], *files: bytes) -> Answer:
    """The form with photos, as a browser sends it."""
    data = FormData(quote_fields=False)
    for name, value in {"csrf": person.csrf, **fields}.items():
        data.add_field(name, value)
    for place, body in enumerate(files, 1):
        data.add_field("photo", body, filename=f"anh-{place}.jpg", content_type="image/jpeg")
    return await person.ask("POST", path, data=data(), headers={"Origin": person.origin})


def picture() -> bytes:
    made = BytesIO()
    Image.new("RGB", (640, 480), "teal").save(made, "JPEG")
    return made.getvalue()


async def test_a_contributor_writes_with_photos_and_sends_and_the_board_returns(desk: Desk, hub: Hub) -> None:
    an, editor = await desk.person("an", "contributor", MEMBER), await desk.person("binh", "editor")
    path = await written(an, do="save")
    assert "Chưa ai xem được" in (await an.get(f"{path}?done=saved")).words
    assert (await editor.get(path)).status == 404, "what is being written is its author's"
    form = typed_form(await an.get(path))
    assert form["content"] == TEXT["content"]
    assert (await with_files(an, path, form | {"do": "save"}, picture(), picture())).status == 303
    form = typed_form(await an.get(path))
    refused = await with_files(an, path, form | {"do": "send", "alt-1": "Lễ khai giảng"})
    assert (refused.status, "Ảnh 2 chưa có chú thích" in refused.words) == (422, True)
    assert (await with_files(an, path, typed_form(refused) | {"do": "save", "drop": "2"})).status == 303
    sent = await with_files(an, path, typed_form(await an.get(path)) | {"do": "send"})
    assert sent.location.endswith("?done=sent")
    draft = await row(hub, "draft")
    page = await editor.get(path)
    assert "Lễ khai giảng" in page.text
    assert f"/console/queue/{draft['content_id']}/1" in page.text
    cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in editor.cookies.items())}
    async with desk.client.get(f"/console{path}/photos/1", headers=cookie) as photo:
        assert (photo.status, photo.content_type) == (200, "image/jpeg")
    found = await drafting.read(hub.engine.store, draft["id"])
    assert found is not None
    await return_edition(hub.engine, found.content_id, remark="Thiếu tên hiệu trưởng.", who="binh")
    assert "Thiếu tên hiệu trưởng." in (await an.get(path)).words
    assert "Đã trả lại" in (await an.get("/drafts")).words


async def test_a_photo_is_public_with_its_item_and_never_before(desk: Desk, hub: Hub) -> None:
    an = await desk.person("an", "contributor", MEMBER)
    path = await written(an)
    await with_files(an, path, typed_form(await an.get(path)), picture())
    await with_files(an, path, typed_form(await an.get(path)) | {"do": "send", "alt-1": "Lễ khai giảng"})
    sha256 = (await row(hub, "draft_photo"))["sha256"]
    async with desk.client.get(f"/files/{sha256}") as answer:
        assert answer.status == 404
    found = await drafting.read(hub.engine.store, (await row(hub, "draft"))["id"])
    assert found is not None
    await approve(hub.engine, found.content_id, who="binh")
    async with desk.client.get(f"/files/{sha256}") as answer:
        assert (answer.status, answer.content_type) == (200, "image/jpeg")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    async with desk.client.get(f"/files/{'0' * 64}") as answer:
        assert answer.status == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_fails_keeps_what_was_typed(desk: Desk, hub: Hub) -> None:
    an = await desk.person("an", "contributor", MEMBER)
    path = await written(an)
    form = typed_form(await an.get(path))
    answer = await with_files(an, path, form | {"content": "Chữ mới <gõ>"}, b"%PDF-1.7 khong phai anh")
    assert (answer.status, "không phải định dạng ảnh" in answer.words) == (422, True)
    assert "Chữ mới &lt;gõ&gt;</textarea>" in answer.text
    stale = await an.post(path, **form | {"content": "Cửa sổ cũ"})
    assert (stale.status, "cửa sổ khác" in stale.words) == (409, True)
    assert "Cửa sổ cũ</textarea>" in stale.text
    assert (await row(hub, "draft"))["content"] == "Chữ mới <gõ>"
    new = await an.post(
        "/drafts/new", **typed_form(await an.get("/drafts/new")) | TEXT | {"tags": "\n".join("abc" * 40)}
    )
    assert new.status == 303, "a tag that is there twice is one"
    many = "\n".join(f"thẻ {n}" for n in range(60))
    refused = await an.post("/drafts/new", **typed_form(await an.get("/drafts/new")) | TEXT | {"tags": many})
    assert (refused.status, "thẻ 59" in refused.text) == (422, True)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_new_form_that_comes_twice_makes_one_contribution(desk: Desk, hub: Hub) -> None:
    an = await desk.person("an", "contributor", MEMBER)
    form = typed_form(await an.get("/drafts/new")) | TEXT
    assert [(await an.post("/drafts/new", **form)).status for _ in range(2)] == [303, 303]
    assert len(await rows(hub, "draft")) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_marked_text_is_refused_and_not_shown_again(desk: Desk, hub: Hub) -> None:
    an = await desk.person("an", "contributor", MEMBER)
    form = typed_form(await an.get("/drafts/new")) | TEXT | {"content": "TUYỆT MẬT\n\nkho 7788"}
    answer = await an.post("/drafts/new", **form)
    assert (answer.status, "dấu hiệu bí mật nhà nước" in answer.words) == (422, True)
    assert "7788" not in answer.text
    assert await rows(hub, "draft") == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_one_writes_only_for_the_own_unit_and_reads_only_what_is_ones_own(desk: Desk, hub: Hub) -> None:
    an, chi = await desk.person("an", "contributor", MEMBER), await desk.person("chi", "contributor", MEMBER)
    viewer = await desk.person("dung", "viewer")
    path = await written(an)
    page = await an.get("/drafts/new")
    assert ("Xã Hạ Liễu" in page.text, "Sở Y tế" in page.text) == (True, False)
    assert (await an.post("/drafts/new", **TEXT, member="H52.12")).status == 404
    assert (await chi.get(path)).status == 404
    assert (await chi.post(path, **TEXT)).status == 404
    assert (await viewer.get("/drafts")).status == 403
    await an.post(path, **typed_form(await an.get(path)) | {"do": "send"})
    assert (await chi.get(path)).status == 404
    editor = await desk.person("binh", "editor", MEMBER)
    assert (await editor.post(path, **TEXT)).status == 403, "an editor edits the item, not the draft"
    answer = await an.post(f"{path}/take-back")
    assert answer.location.endswith("done=back")
    assert (await editor.get("/drafts?before=abc")).status == 200
    assert (await editor.get("/drafts/99999")).status == 404
