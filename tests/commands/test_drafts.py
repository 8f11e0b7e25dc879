"""Contributions: written with photos, sent as held editions, returned with a remark, public only when approved."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from connectors.errors import HubError
from hub.app import Hub
from hub.commands import drafts
from hub.commands.approve import approve
from hub.commands.drafts import DraftChangedError, send_draft, take_back_draft, write_draft
from hub.commands.edit import edit
from hub.commands.return_edition import return_edition
from hub.commands.withdraw import withdraw
from hub.rules.editing import Changes
from hub.rules.identity import content_id
from hub.rules.review import DESK
from hub.store import drafting
from hub.store.deciding import DecisionRefusedError
from hub.store.drafting import Draft, DraftRefusedError, DraftText
from hub.store.states import DraftState
from schemas.item import ITEM, ItemBase, Kind
from tests.province import MEMBER, Province, events, row, rows

WHO = "cong-tac-vien"
TEXT = DraftText(
    kind=Kind.NEWS, title="Trường học khai giảng", summary="Sáng nay.", content="Đoạn **một**.\n\n- ý một",
    tags=("Giáo dục",),
)  # fmt: skip


@pytest.fixture
async def hub(province: Province) -> AsyncIterator[Hub]:
    province.route(province.destination())
    async with province.open() as hub:
        yield hub


def picture(width: int = 640, height: int = 480, kind: str = "JPEG") -> bytes:
    """A photo as a telephone makes it, with the place where it was taken."""
    exif = Image.Exif()
    exif[0x010E] = "Nhà riêng"
    exif.get_ifd(0x8825)[1] = "N"
    made = BytesIO()
    Image.new("RGB", (width, height), "teal").save(made, kind, exif=exif.tobytes())
    return made.getvalue()


async def begun(hub: Hub, text: DraftText = TEXT) -> int:
    return (await write_draft(hub.engine, text, member=MEMBER, who=WHO)).draft


async def read(hub: Hub, draft: int) -> Draft:
    found = await drafting.read(hub.engine.store, draft)
    assert found is not None
    return found


async def sent(hub: Hub, draft: int) -> int:
    return await send_draft(hub.engine, draft, counter=(await read(hub, draft)).counter, who=WHO)


async def said(hub: Hub) -> ItemBase:
    return ITEM.validate_json((await rows(hub, "edition"))[-1]["body"])


async def test_a_sent_contribution_waits_like_any_item_and_goes_out_when_approved(province: Province, hub: Hub) -> None:
    draft = await begun(hub)
    assert await rows(hub, "item") == []
    assert await sent(hub, draft) == 1
    item, found = await row(hub, "item"), await read(hub, draft)
    assert (item["source"], item["member"], item["approved_revision"]) == (DESK, MEMBER, 0)
    assert item["content_id"] == str(found.content_id) == str(content_id(DESK, item["guid"]))
    edition = await row(hub, "edition")
    assert (edition["state"], edition["origin"], edition["author"]) == ("held", "contribution", WHO)
    assert '"contribution"' in edition["why"]
    made = await said(hub)
    assert made.content_html == "<p>Đoạn <strong>một</strong>.</p>\n<ul><li>ý một</li></ul>"
    assert (made.tags, made.language, made.url.endswith(f"/items/{found.content_id}")) == (("Giáo dục",), "vi", True)
    await approve(hub.engine, found.content_id, who="bien-tap")
    await hub.once()
    assert province.portal.shown() == {str(found.content_id): 1}
    assert (await read(hub, draft)).state is DraftState.TAKEN
    assert await events(hub, content_id=str(found.content_id)) == ["contributed", "approved", "delivered"]


async def test_a_returned_contribution_is_mended_and_sent_again(hub: Hub) -> None:
    draft = await begun(hub)
    await sent(hub, draft)
    found = await read(hub, draft)
    with pytest.raises(DraftChangedError):
        await write_draft(hub.engine, TEXT, member=MEMBER, draft=draft, counter=found.counter, who=WHO)
    await return_edition(hub.engine, found.content_id, remark="Thiếu tên trường.", who="bien-tap")
    found = await read(hub, draft)
    assert (found.state, found.remark, found.remark_by) == (DraftState.RETURNED, "Thiếu tên trường.", "bien-tap")
    mended = DraftText(kind=Kind.NEWS, title="Trường Hoa Sen khai giảng", summary="", content="Đoạn một.")
    saved = await write_draft(hub.engine, mended, member=MEMBER, draft=draft, counter=found.counter, who=WHO)
    assert await send_draft(hub.engine, draft, counter=saved.counter, who=WHO) == 2
    assert await send_draft(hub.engine, draft, counter=saved.counter, who=WHO) == 2, "the form came twice"
    assert [e["state"] for e in await rows(hub, "edition")] == ["rejected", "held"]


async def test_its_author_takes_it_back_only_before_somebody_decided(hub: Hub) -> None:
    draft = await begun(hub)
    await sent(hub, draft)
    await take_back_draft(hub.engine, draft, who=WHO)
    found = await read(hub, draft)
    assert (found.state, found.remark) == (DraftState.WRITING, "")
    assert (await row(hub, "edition"))["state"] == "rejected"
    await sent(hub, draft)
    await approve(hub.engine, found.content_id, who="bien-tap")
    with pytest.raises(DecisionRefusedError):
        await take_back_draft(hub.engine, draft, who=WHO)


async def test_what_is_written_after_the_board_edited_it_is_shown_beside_its_text(hub: Hub) -> None:
    draft = await begun(hub)
    await sent(hub, draft)
    found = await read(hub, draft)
    await edit(hub.engine, found.content_id, Changes(title="Khai giảng"), seen=1, approve=True, who="bien-tap")
    found = await read(hub, draft)
    assert found.state is DraftState.TAKEN
    later = DraftText(kind=Kind.NEWS, title="Trường học khai giảng năm học mới", summary="", content="Hai.")
    saved = await write_draft(hub.engine, later, member=MEMBER, draft=draft, counter=found.counter, who=WHO)
    await send_draft(hub.engine, draft, counter=saved.counter, who=WHO)
    assert [(e["state"], e["origin"]) for e in await rows(hub, "edition")] == [
        ("superseded", "contribution"), ("approved", "person"), ("held", "contribution"),
    ]  # fmt: skip
    assert '"edited_by_person"' in (await rows(hub, "edition"))[-1]["why"]


async def test_two_windows_and_a_form_that_comes_twice_lose_nothing(hub: Hub) -> None:
    guid = drafts.new_guid()
    first = await write_draft(hub.engine, TEXT, member=MEMBER, guid=guid, who=WHO)
    assert await write_draft(hub.engine, TEXT, member=MEMBER, guid=guid, who=WHO) == first
    with pytest.raises(DraftRefusedError):
        await write_draft(hub.engine, TEXT, member=MEMBER, guid=guid, who="nguoi-khac")
    one = DraftText(kind=Kind.NEWS, title="Cửa sổ một", summary="", content="Một.")
    two = DraftText(kind=Kind.NEWS, title="Cửa sổ hai", summary="", content="Hai.")
    both = await asyncio.gather(
        write_draft(hub.engine, one, member=MEMBER, draft=first.draft, counter=1, who=WHO),
        write_draft(hub.engine, two, member=MEMBER, draft=first.draft, counter=1, who=WHO),
        return_exceptions=True,
    )
    assert [type(each) for each in both if isinstance(each, BaseException)] == [DraftChangedError]
    stored = (await read(hub, first.draft)).text
    again = await write_draft(hub.engine, stored, member=MEMBER, draft=first.draft, counter=1, who=WHO)
    assert again.counter == 2, "the same text again is the same change"


async def test_a_photo_is_kept_without_what_the_camera_wrote_and_is_public_with_its_item(
    province: Province, hub: Hub
) -> None:
    draft = await begun(hub)
    assert await drafts.add_photo(hub.engine, draft, picture(2400, 1200), who=WHO) == 1
    found = await read(hub, draft)
    [photo] = found.photos
    kept = await hub.engine.files.get(photo.sha256)
    assert (photo.type, photo.width, photo.height) == ("image/jpeg", 1920, 960)
    with Image.open(BytesIO(kept)) as image:
        assert not image.getexif()
    with pytest.raises(DraftRefusedError, match="without a description"):
        await sent(hub, draft)
    await drafts.describe_photos(hub.engine, draft, {1: " Lễ khai giảng "}, who=WHO)
    await sent(hub, draft)
    made = await said(hub)
    assert made.image.endswith(f"/files/{photo.sha256}")
    assert 'alt="Lễ khai giảng"' in made.content_html
    assert await drafting.public_photo(hub.engine.store, photo.sha256) is None
    await approve(hub.engine, found.content_id, who="bien-tap")
    assert await drafting.public_photo(hub.engine.store, photo.sha256) == "image/jpeg"
    await withdraw(hub.engine, found.content_id, who="bien-tap")
    assert await drafting.public_photo(hub.engine.store, photo.sha256) is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"%PDF-1.7 khong phai anh", "không phải định dạng ảnh"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "không phải định dạng ảnh"),
        (picture(40, 40), "quá nhỏ"),
    ],
    ids=["pdf", "svg", "icon"],
)
async def test_an_upload_that_is_no_usable_picture_is_told_in_a_sentence(hub: Hub, body: bytes, words: str) -> None:
    draft = await begun(hub)
    with pytest.raises(DraftRefusedError) as refused:
        await drafts.add_photo(hub.engine, draft, body, who=WHO)
    assert words in refused.value.sentence
    assert await rows(hub, "draft_photo") == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("text", "words"),
    [({"title": " "}, "tiêu đề"), ({"content": "\n "}, "nội dung"), ({"kind": Kind.DOCUMENT}, "tin, bài"),
     ({"content": "a" * 200_001}, "200000"), ({"tags": tuple(map(str, range(60)))}, "thẻ")],
    ids=["no title", "no text", "a document", "a book", "too many tags"],
)  # fmt: skip
async def test_what_the_board_would_send_back_is_said_at_once(hub: Hub, text: dict[str, Any], words: str) -> None:
    whole = DraftText(**{"kind": Kind.NEWS, "title": "Tin", "summary": "", "content": "Một."} | text)
    with pytest.raises(DraftRefusedError) as refused:
        await sent(hub, await begun(hub, whole))
    assert words in refused.value.sentence


async def test_a_marked_text_is_kept_nowhere_and_the_duty_officer_is_told(hub: Hub) -> None:
    marked = DraftText(kind=Kind.NEWS, title="Báo cáo", summary="", content="TỐI MẬT\n\nNội dung kho tàng qzx7788qzx.")
    with pytest.raises(HubError) as refused:
        await begun(hub, marked)
    assert refused.value.code == "marked_text"
    assert await rows(hub, "draft") == []
    draft = await begun(hub)
    with pytest.raises(HubError):
        await write_draft(hub.engine, marked, member=MEMBER, draft=draft, counter=1, who=WHO)
    assert (await read(hub, draft)).text == TEXT
    await sent(hub, draft)
    with pytest.raises(HubError):
        await edit(
            hub.engine, (await read(hub, draft)).content_id, Changes(content_html="<p>TỐI MẬT</p><p>x qzx7788qzx</p>"),
            seen=1, who="bien-tap",
        )  # fmt: skip
    assert len(await rows(hub, "edition")) == 1
    assert {alarm["source"] for alarm in await rows(hub, "alarm")} == {DESK}
    for table in ("draft", "edition", "event", "alarm"):
        assert all("qzx7788qzx" not in str(dict(each)) for each in await rows(hub, table)), table


async def test_what_a_screen_holds_is_not_published_by_whoever_writes_it(hub: Hub) -> None:
    draft = await begun(hub)
    await sent(hub, draft)
    found = await read(hub, draft)
    personal = "<p>Danh sách: Nguyễn Văn An, số CCCD 001085012345, tài khoản 0451000123456 tại Vietcombank.</p>"
    made = await edit(
        hub.engine, found.content_id, Changes(content_html=personal), seen=1, approve=True, who="bien-tap"
    )
    assert made.state == "held"
    edition = await row(hub, "edition", revision=2)
    assert (edition["state"], edition["restricted"]) == ("held", 1)
    with pytest.raises(DecisionRefusedError, match="screen"):
        await edit(hub.engine, found.content_id, Changes(title="Khác"), seen=2, who="bien-tap")


@dataclass(frozen=True)
class Sending:
    """A store of files that is so slow that the contribution is sent in another window meanwhile."""

    hub: Hub
    draft: int

    async def put(self, body: bytes) -> str:
        kept = await self.hub.engine.files.put(body)
        await sent(self.hub, self.draft)
        return kept


async def test_a_photo_that_arrives_after_it_was_sent_is_not_added(hub: Hub) -> None:
    draft = await begun(hub)
    slow: Any = replace(hub.engine, files=Sending(hub, draft))  # type: ignore[arg-type]
    with pytest.raises(DraftChangedError):
        await drafts.add_photo(slow, draft, picture(), who=WHO)
    assert (await read(hub, draft)).photos == []


async def test_photos_that_come_together_have_places_of_their_own(hub: Hub) -> None:
    draft = await begun(hub)
    places = await asyncio.gather(*(drafts.add_photo(hub.engine, draft, picture(640 + n), who=WHO) for n in range(3)))
    assert sorted(places) == [1, 2, 3]
