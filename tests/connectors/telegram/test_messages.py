"""Messages: what one says, how it is edited, and what is left where it cannot be deleted."""

import html
from io import BytesIO

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from connectors.base import Receipt, Showing
from connectors.destinations.telegram import Connector
from connectors.errors import (
    RejectedError,
    UnconfirmedError,
)
from connectors.http import Http
from connectors.presentation.text import Units, length
from schemas.edition import WithdrawalKind
from tests.clock import Clock
from tests.connectors.telegram.desk import (
    ID,
    PAGE,
    config,
    deliver,
    desk,
    find,
    item,
    picture,
    withdrawal,
)
from tests.fakes.server import Fault
from tests.fakes.telegram import TelegramChannel


async def test_a_message_has_title_summary_agency_link_and_hashtags(channel: TelegramChannel, http: Http) -> None:
    receipt = await deliver(desk(channel), http, item())
    [message] = channel.posted()
    assert message.text == (
        "Tiêm chủng tháng ba (bản 1)\n\nTrạm y tế mở cửa cả thứ bảy & chủ nhật.\n\n"
        f"Nguồn: Sở Y tế\nXem chi tiết: {PAGE}\n\n#YTế"
    )
    assert message.markup.startswith("<b>Tiêm chủng tháng ba (bản 1)</b>\n\nTrạm")
    assert "thứ bảy &amp; chủ nhật" in message.markup
    assert message.preview == PAGE
    assert receipt == Receipt(remote_id="1", revision=1, status=200)


async def test_what_looks_like_markup_in_a_title_stays_text(channel: TelegramChannel, http: Http) -> None:
    title = "So sánh <b>a < b</b> &amp; <script>alert(1)</script> & a>b"
    await deliver(desk(channel), http, item(title=title))
    assert channel.posted()[0].text.startswith(title)


async def test_without_preview_the_link_has_none(channel: TelegramChannel, http: Http) -> None:
    await deliver(desk(channel, preview=False), http, item())
    assert channel.posted()[0].preview == ""


@given(
    title=st.text(min_size=1, max_size=300), summary=st.text(max_size=3_000), limit=st.sampled_from([300, 1_000, 4_096])
)
def test_whatever_a_source_says_fits_in_the_units_that_telegram_counts(title: str, summary: str, limit: int) -> None:
    at = Connector("kenh", config(limit=limit))
    message = orjson.loads(at.present(item(title=title, summary=summary)).body)
    assert 1 <= length(message["text"], Units.UTF16) <= limit
    assert length(message["caption"], Units.UTF16) <= min(limit, 1_024)
    assert PAGE in message["text"]


async def test_emoji_count_as_two(channel: TelegramChannel, http: Http) -> None:
    await deliver(desk(channel, limit=4_096), http, item(summary="🌾 lúa " * 1_500))
    [message] = channel.posted()
    units = len(message.text.encode("utf-16-le")) // 2
    assert 4_000 < units <= 4_096


async def test_a_picture_is_uploaded_with_the_text_as_its_caption(channel: TelegramChannel, http: Http) -> None:
    channel.pictures["anh.jpg"] = picture()
    await deliver(desk(channel), http, item(image=f"{channel.origin}/anh/anh.jpg"))
    [message] = channel.posted()
    with Image.open(BytesIO(message.photo)) as shown:
        assert (shown.format, shown.size) == ("JPEG", (800, 600))
    assert message.text.startswith("Tiêm chủng tháng ba")
    assert message.preview == ""
    assert channel.calls == ["sendPhoto"]


async def test_a_text_longer_than_a_caption_is_one_message_and_no_photo(channel: TelegramChannel, http: Http) -> None:
    channel.pictures["anh.jpg"] = picture()
    long = item(image=f"{channel.origin}/anh/anh.jpg", summary="Lịch tiêm của từng trạm. " * 60)
    await deliver(desk(channel, limit=4_096), http, long)
    [message] = channel.posted()
    assert (message.photo, message.preview, len(message.text) > 1_024) == (b"", PAGE, True)


@pytest.mark.parametrize("name", ["khong-co.jpg", "nho.jpg", "hong.jpg"])
async def test_a_picture_that_cannot_be_had_never_holds_the_message_up(
    channel: TelegramChannel, http: Http, name: str
) -> None:
    channel.pictures |= {"nho.jpg": picture(40, 40), "hong.jpg": b"khong phai anh"}
    receipt = await deliver(desk(channel), http, item(image=f"{channel.origin}/anh/{name}"))
    assert receipt.note == "without its picture"
    assert channel.calls == ["sendMessage"]


async def test_a_picture_that_telegram_refuses_is_left_out(channel: TelegramChannel, http: Http) -> None:
    channel.pictures["anh.jpg"], channel.takes_photos = picture(), False
    at = desk(channel)
    receipt = await deliver(at, http, item(image=f"{channel.origin}/anh/anh.jpg"))
    assert (receipt.note, channel.calls) == ("without its picture", ["sendPhoto", "sendMessage"])
    await deliver(at, http, item(2, image=f"{channel.origin}/anh/anh.jpg"), receipt.remote_id)
    assert channel.calls[2:] == ["editMessageText"]


def test_a_preview_says_what_was_cut_and_where_the_picture_comes_from() -> None:
    at = Connector("kenh", config(limit=300))
    assert isinstance(at, Showing)
    face = at.face(at.present(item(summary="Lịch tiêm của từng trạm. " * 60)))
    assert face.notes == [
        "Đã rút gọn tóm tắt cho vừa độ dài.", "Ảnh xem trước do Telegram lấy từ trang mà bài dẫn tới."
    ]  # fmt: skip
    assert face.html.startswith("<b>Tiêm chủng tháng ba (bản 1)</b><br>")
    assert html.unescape(face.html.replace("<br>", "\n").replace("<b>", "").replace("</b>", "")) == face.text
    shown = at.face(at.present(item(image="https://syt.vn/a.jpg")))
    assert (shown.images, shown.alt) == (("https://syt.vn/a.jpg",), "Tiêm chủng tháng ba (bản 1)")
    gone = at.face(at.present(withdrawal(reason="Sai ngày")))
    assert gone.text == "Nội dung này đã được gỡ ngày 04/03/2026.\nLý do: Sai ngày"
    assert "48 giờ" in gone.notes[0]


async def test_an_edit_changes_the_message_and_the_same_again_changes_nothing(
    channel: TelegramChannel, http: Http
) -> None:
    at = desk(channel)
    first = await deliver(at, http, item(1))
    for _ in range(2):
        second = await deliver(at, http, item(2), first.remote_id)
    assert channel.shown() == {str(ID): 2}
    assert (len(channel.messages), second.remote_id) == (1, first.remote_id)
    assert len(channel.effects) == 2


async def test_a_photo_is_edited_as_a_photo_though_the_text_grew(channel: TelegramChannel, http: Http) -> None:
    channel.pictures["anh.jpg"] = picture()
    at = desk(channel, limit=4_096)
    first = await deliver(at, http, item(1, image=f"{channel.origin}/anh/anh.jpg"))
    await deliver(at, http, item(2, summary="Lịch tiêm của từng trạm. " * 60), first.remote_id)
    [message] = channel.posted()
    assert channel.calls[-1] == "editMessageCaption"
    assert message.photo
    assert len(message.text) <= 1_024
    assert message.text.startswith("Tiêm chủng tháng ba (bản 2)")


async def test_without_a_memory_the_id_is_enough_whatever_form_the_message_has(
    channel: TelegramChannel, http: Http
) -> None:
    channel.pictures["anh.jpg"] = picture()
    first = await deliver(desk(channel), http, item(1, image=f"{channel.origin}/anh/anh.jpg"))
    await deliver(desk(channel), http, item(2), first.remote_id)
    assert channel.calls == ["sendPhoto", "editMessageText", "editMessageCaption"]
    assert channel.shown() == {str(ID): 2}


async def test_a_message_that_somebody_deleted_is_posted_again_once(channel: TelegramChannel, http: Http) -> None:
    at = desk(channel)
    first = await deliver(at, http, item(1))
    channel.remove_by_hand(int(first.remote_id))
    second = await deliver(at, http, item(2), first.remote_id)
    assert second.remote_id == "2"
    assert channel.shown() == {str(ID): 2}


async def test_a_deleted_message_does_not_stand_for_the_one_posted_in_its_place_without_an_answer(
    channel: TelegramChannel, http: Http
) -> None:
    at = desk(channel)
    first = await deliver(at, http, item(1))
    channel.remove_by_hand(int(first.remote_id))
    channel.fail_next(Fault(committed=True), Fault(committed=True, reset=True))
    with pytest.raises(UnconfirmedError):
        await deliver(at, http, item(2), first.remote_id)
    with pytest.raises(UnconfirmedError) as caught:
        await at.find(http, at.present(item(2)), remote_id=first.remote_id)
    assert caught.value.code == "untold"
    assert len(channel.messages) == 1


async def test_within_48_hours_a_message_is_deleted(channel: TelegramChannel, http: Http, clock: Clock) -> None:
    at = desk(channel)
    first = await deliver(at, http, item(1))
    clock.advance(hours=47)
    await deliver(at, http, withdrawal(2), first.remote_id)
    assert channel.messages == {}
    assert await find(at, http, withdrawal(2), first.remote_id) is None
    assert (await deliver(at, http, withdrawal(2), first.remote_id)).note == "already gone"


async def test_after_48_hours_a_message_becomes_a_notice_and_may_come_back(
    channel: TelegramChannel, http: Http, clock: Clock
) -> None:
    at = desk(channel)
    first = await deliver(at, http, item(1))
    clock.advance(hours=49)
    receipt = await deliver(at, http, withdrawal(2, reason="Sai ngày & giờ"), first.remote_id)
    assert receipt.note == "turned into a notice"
    assert channel.posted()[0].text == "Nội dung này đã được gỡ ngày 04/03/2026.\nLý do: Sai ngày & giờ"
    assert channel.shown() == {}
    found = await find(at, http, withdrawal(2), first.remote_id)
    assert found is not None
    assert found.withdrawn
    await deliver(at, http, item(3), first.remote_id)
    assert channel.shown() == {str(ID): 3}
    assert len(channel.messages) == 1


async def test_a_notice_is_asked_for_by_the_withdrawal_itself(channel: TelegramChannel, http: Http) -> None:
    at = desk(channel)
    await deliver(at, http, item(1))
    await deliver(at, http, withdrawal(2, WithdrawalKind.REDIRECT, redirect_to="https://tinh-mau.vn/moi"))
    assert channel.posted()[0].text.endswith("Nội dung thay thế: https://tinh-mau.vn/moi")


async def test_of_what_must_vanish_the_notice_says_nothing(channel: TelegramChannel, http: Http, clock: Clock) -> None:
    at = desk(channel)
    await deliver(at, http, item(1))
    clock.advance(hours=49)
    await deliver(at, http, withdrawal(2, WithdrawalKind.VANISH, reason="Có số điện thoại của dân"))
    assert channel.posted()[0].text == "Nội dung này đã được gỡ ngày 04/03/2026."


async def test_a_message_of_somebody_else_is_not_touched(channel: TelegramChannel, http: Http) -> None:
    theirs = channel.by_hand("Bài của quản trị viên")
    with pytest.raises(RejectedError) as caught:
        await deliver(desk(channel), http, item(1), str(theirs.id))
    assert caught.value.code == "telegram_not_ours"
    assert theirs.text == "Bài của quản trị viên"
