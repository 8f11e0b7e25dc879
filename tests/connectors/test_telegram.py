"""A channel that can be written and not read: what is edited, what is deleted, and when a person is asked."""

import html
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from connectors.base import Found, Payload, Receipt, Showing
from connectors.botapi import Means, Row, row_of, rows
from connectors.channellook import GAP
from connectors.destinations.telegram import Config, Connector
from connectors.errors import (
    BlockedError,
    HubError,
    RejectedError,
    ThrottledError,
    TransientError,
    UnconfirmedError,
)
from connectors.http import Http
from connectors.presentation.text import Units, length
from schemas.edition import PublishedItem, Withdrawal, WithdrawalKind
from schemas.item import Kind
from tests.clock import Clock
from tests.connectors.conftest import AGENT
from tests.fakes.memory import FakeMemory
from tests.fakes.server import Fault
from tests.fakes.telegram import CHANNEL, OPERATORS, ChannelRefusal, TelegramChannel

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
ID = UUID("5f0c8a54-6a3c-5d0b-9f0e-3a4b5c6d7e8f")
PAGE = f"https://tinh-mau.vn/tin/{ID}"


@pytest.fixture
async def channel(clock: Clock) -> AsyncIterator[TelegramChannel]:
    async with TelegramChannel(TOKEN, clock.now) as channel:
        yield channel


@pytest.fixture
async def http(channel: TelegramChannel, clock: Clock) -> AsyncIterator[Http]:
    async with Http(user_agent=AGENT, allow_private=channel.doors, clock=clock.now) as http:
        yield http


def config(base_url: str = "http://127.0.0.1:9", **keys: Any) -> Config:
    fields = {
        "chat": CHANNEL, "token": TOKEN, "base_url": base_url, "timeout": "1s",
        "link": "https://tinh-mau.vn/tin/{content_id}",
    }  # fmt: skip
    return Config.model_validate(fields | keys)


def desk(channel: TelegramChannel, **keys: Any) -> Connector:
    made = Connector("kenh-tinh", config(channel.origin, **keys))
    made.memory = FakeMemory()
    return made


def item(revision: int = 1, **fields: Any) -> PublishedItem:
    return PublishedItem.model_validate(
        {
            "content_id": ID, "revision": revision, "kind": Kind.NEWS, "title": f"Tiêm chủng tháng ba (bản {revision})",
            "summary": "Trạm y tế mở cửa cả thứ bảy & chủ nhật.", "member": "H52.12", "member_name": "Sở Y tế",
            "source": "so-y-te", "published": datetime(2026, 3, 2, 1, tzinfo=UTC), "tags": ("Y tế",),
        } | fields
    )  # fmt: skip


def withdrawal(revision: int = 9, kind: WithdrawalKind = WithdrawalKind.GONE, **fields: Any) -> Withdrawal:
    return Withdrawal(content_id=ID, revision=revision, kind=kind, at=datetime(2026, 3, 3, 20, tzinfo=UTC), **fields)


async def deliver(
    at: Connector, http: Http, what: PublishedItem | Withdrawal, remote_id: str = ""
) -> Receipt:  # fmt: skip
    payload = at.present(what)
    call = at.withdraw if isinstance(what, Withdrawal) else at.send
    return await call(http, payload, key=f"{ID}:{what.revision}", remote_id=remote_id)


async def find(at: Connector, http: Http, what: PublishedItem | Withdrawal, remote_id: str = "") -> Found | None:
    return await at.find(http, at.present(what), remote_id=remote_id)


async def asks(at: Connector, http: Http, what: PublishedItem | Withdrawal) -> None:
    """A look ends with a question to a person."""
    with pytest.raises(UnconfirmedError) as caught:
        await find(at, http, what)
    assert caught.value.code == "untold"
    assert "hub posts confirm" in caught.value.sentence


async def lose(at: Connector, channel: TelegramChannel, http: Http, what: PublishedItem, *, committed: bool) -> None:
    """A message without an answer."""
    channel.fail_next(Fault(committed=committed, reset=True))
    with pytest.raises(UnconfirmedError):
        await deliver(at, http, what)


# ------------------------------------------------------------------------------------------------- what is shown


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


def picture(width: int = 800, height: int = 600) -> bytes:
    made = BytesIO()
    Image.new("RGB", (width, height), (20, 90, 40)).save(made, "JPEG")
    return made.getvalue()


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


# ------------------------------------------------------------------------------------------- edits and withdrawals


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


# ------------------------------------------------------------------------------------------------------- in doubt


@pytest.mark.parametrize("committed", [True, False])
async def test_nobody_can_tell_so_a_person_is_asked_and_nothing_is_sent(
    channel: TelegramChannel, http: Http, committed: bool
) -> None:
    at = desk(channel)
    await lose(at, channel, http, item(1), committed=committed)
    for what in (item(1), item(2), withdrawal(3)):
        await asks(at, http, what)
    assert len(channel.messages) == committed


async def test_what_a_person_frees_is_sent_again(channel: TelegramChannel, http: Http) -> None:
    at = desk(channel)
    await lose(at, channel, http, item(1), committed=False)
    await asks(at, http, item(1))
    await deliver(at, http, item(1))
    assert channel.shown() == {str(ID): 1}
    await deliver(at, http, item(2))
    assert channel.shown() == {str(ID): 2}


async def test_what_a_person_confirms_without_its_id_is_asked_about_again_when_it_changes(
    channel: TelegramChannel, http: Http
) -> None:
    at = desk(channel)
    await lose(at, channel, http, item(1), committed=True)
    await asks(at, http, item(1))
    for what in (item(2), withdrawal(3)):
        with pytest.raises(UnconfirmedError, match="cannot be looked for"):
            await deliver(at, http, what)
    assert len(channel.messages) == 1


@pytest.mark.parametrize("named", ["1", "https://t.me/tinhmau/1", "https://t.me/c/1234567890/1"])
async def test_what_a_person_confirms_with_its_id_is_edited(channel: TelegramChannel, http: Http, named: str) -> None:
    at = desk(channel)
    await lose(at, channel, http, item(1), committed=True)
    await asks(at, http, item(1))
    receipt = await deliver(at, http, item(2), named)
    assert (receipt.remote_id, channel.shown()) == ("1", {str(ID): 2})


async def test_the_key_of_a_story_is_no_id(channel: TelegramChannel, http: Http) -> None:
    at = desk(channel)
    payload = at.present(item(1))
    assert payload.key
    await at.send(http, payload, key="k", remote_id=payload.key)
    assert channel.shown() == {str(ID): 1}


async def test_an_edit_or_deletion_without_an_answer_is_simply_made_again(channel: TelegramChannel, http: Http) -> None:
    at = desk(channel)
    first = await deliver(at, http, item(1))
    channel.fail_next(Fault(committed=True, reset=True))
    with pytest.raises(UnconfirmedError):
        await deliver(at, http, item(2), first.remote_id)
    assert await find(at, http, item(2), first.remote_id) == Found(remote_id="1", revision=None)
    await deliver(at, http, item(2), first.remote_id)
    assert await find(at, http, item(2), first.remote_id) == Found(remote_id="1", revision=2)
    channel.fail_next(Fault(committed=True, status=502, html=True))
    with pytest.raises(UnconfirmedError):
        await deliver(at, http, withdrawal(3), first.remote_id)
    assert (await deliver(at, http, withdrawal(3), first.remote_id)).note == "already gone"
    assert channel.messages == {}


# ------------------------------------------------------------------------------------- the chat of the operators


async def looking(channel: TelegramChannel) -> Connector:
    """A destination that may look, in a channel where something was posted before."""
    at = desk(channel, look_chat=OPERATORS)
    await at.memory.remember("last", str(channel.by_hand().id))
    return at


async def test_a_message_without_an_answer_is_found_among_those_of_others(channel: TelegramChannel, http: Http) -> None:
    at = await looking(channel)
    channel.by_hand()
    await lose(at, channel, http, item(1), committed=True)
    channel.by_hand()
    assert await find(at, http, item(1)) == Found(remote_id="3", revision=1)
    assert channel.copies == {}
    await deliver(at, http, item(2), "3")
    assert channel.shown() == {str(ID): 2}
    assert len(channel.messages) == 4


async def test_a_message_that_never_arrived_is_sent_again(channel: TelegramChannel, http: Http) -> None:
    at = await looking(channel)
    await lose(at, channel, http, item(1), committed=False)
    assert await find(at, http, item(1)) is None
    await deliver(at, http, item(1))
    assert channel.shown() == {str(ID): 1}


async def test_deleted_messages_before_the_last_known_one_hide_nothing(channel: TelegramChannel, http: Http) -> None:
    at = await looking(channel)
    for _ in range(GAP + 5):
        channel.remove_by_hand(channel.by_hand().id)
    await lose(at, channel, http, item(1), committed=True)
    other = item(1, content_id=UUID(int=7))
    await at.send(http, at.present(other), key="k")
    assert await find(at, http, item(1)) == Found(remote_id=str(GAP + 7), revision=1)


async def test_an_edition_that_came_while_it_was_in_doubt_edits_what_is_found(
    channel: TelegramChannel, http: Http
) -> None:
    at = await looking(channel)
    await lose(at, channel, http, item(1), committed=True)
    assert await find(at, http, item(2)) == Found(remote_id="2", revision=None)
    await deliver(at, http, item(2))
    assert channel.shown() == {str(ID): 2}


async def test_a_withdrawal_in_doubt_finds_the_message_and_deletes_it(channel: TelegramChannel, http: Http) -> None:
    at = await looking(channel)
    await lose(at, channel, http, item(1), committed=True)
    await deliver(at, http, withdrawal(2))
    assert channel.shown() == {}


async def test_where_nothing_was_posted_before_or_nothing_may_be_forwarded_a_person_is_asked(
    channel: TelegramChannel, http: Http
) -> None:
    first = desk(channel, look_chat=OPERATORS)
    await lose(first, channel, http, item(1), committed=True)
    await asks(first, http, item(1))
    at = await looking(channel)
    await lose(at, channel, http, item(1), committed=True)
    channel.protected = True
    await asks(at, http, item(1))


async def test_a_look_that_fails_is_made_again(channel: TelegramChannel, http: Http, clock: Clock) -> None:
    at = await looking(channel)
    await lose(at, channel, http, item(1), committed=True)
    channel.refuse = ChannelRefusal(500, "Internal Server Error")
    with pytest.raises(TransientError) as caught:
        await find(at, http, item(1))
    assert type(caught.value) is TransientError
    channel.refuse = None
    assert await find(at, http, item(1)) is not None


# ------------------------------------------------------------------------------------------------------- refusals

CLASSES = {
    Means.WAIT: ThrottledError, Means.BLOCKED: BlockedError, Means.REJECTED: RejectedError,
    Means.UNKNOWN: UnconfirmedError,
}  # fmt: skip


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.code}-{row.name}")
async def test_each_row_of_the_table_has_its_outcome(channel: TelegramChannel, http: Http, row: Row) -> None:
    said = f"Bad Request: {row.says[0].upper()} cua {TOKEN}" if row.says else f"gi do cua {TOKEN}"
    assert row_of(row.code, said) == row
    channel.refuse = ChannelRefusal(row.code, said, retry_after=7)
    with pytest.raises(HubError) as caught:
        await deliver(desk(channel), http, item(1))
    error = caught.value
    assert (type(error), error.code) == (CLASSES[row.means], row.name)
    assert row.sentence in error.sentence
    assert "cua" not in str(error)
    assert channel.messages == {}


async def test_a_told_wait_is_told_on_and_nothing_is_remembered_as_in_doubt(
    channel: TelegramChannel, http: Http, clock: Clock
) -> None:
    at = desk(channel)
    channel.throttle(40)
    with pytest.raises(ThrottledError) as caught:
        await deliver(at, http, item(1))
    assert caught.value.retry_after == 40
    assert await find(at, http, item(1)) is None
    clock.advance(seconds=40)
    await deliver(at, http, item(1))
    assert (channel.shown(), channel.too_early) == ({str(ID): 1}, 1)


async def test_rights_that_were_taken_away_pause_the_channel(channel: TelegramChannel, http: Http) -> None:
    at = desk(channel)
    channel.rights = {"post"}
    first = await deliver(at, http, item(1))
    for what in (item(2), withdrawal(3)):
        with pytest.raises(BlockedError) as caught:
            await deliver(at, http, what, first.remote_id)
        assert caught.value.code == "telegram_rights"


async def test_an_unlisted_code_goes_by_its_status(channel: TelegramChannel, http: Http) -> None:
    channel.refuse = ChannelRefusal(413, "Request Entity Too Large")
    with pytest.raises(RejectedError):
        await deliver(desk(channel), http, item(1))


async def test_a_page_in_place_of_json_leaves_it_open(channel: TelegramChannel, http: Http) -> None:
    channel.fail_next(Fault(html=True))
    with pytest.raises(UnconfirmedError) as caught:
        await deliver(desk(channel), http, item(1))
    assert caught.value.code == "unreadable"


async def test_the_token_stands_in_no_error_log_or_memory(
    channel: TelegramChannel, http: Http, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    at = desk(channel)
    errors: list[HubError] = []
    faults = (
        Fault(status=401), Fault(status=404), Fault(status=500), Fault(status=302), Fault(reset=True), Fault(hang=True),
        Fault(html=True),
    )  # fmt: skip
    for fault in faults:
        channel.fail_next(fault)
        with pytest.raises(HubError) as caught:
            await at.send(http, replace(at.present(item(1)), revision=len(errors) + 1), key="k")
        errors.append(caught.value)
        at.memory = FakeMemory()
    await channel.close()
    with pytest.raises(HubError) as caught:
        await deliver(at, http, item(1))
    errors.append(caught.value)
    printed = [repr(at), repr(vars(at)), repr(config()), caplog.text, repr(vars(at.memory))]
    for error in errors:
        printed += [str(error), repr(error), error.sentence, repr(error.__cause__), repr(error.__context__)]
    assert TOKEN.partition(":")[2] not in "".join(printed)


@pytest.mark.parametrize(
    ("key", "value"),
    [("token", "khong-phai-ma"), ("token", "1:ngan"), ("chat", "tinhmau"), ("chat", "-12345"), ("look_chat", "@ban")],
)
def test_a_setting_that_cannot_work_is_a_fault_that_quotes_no_token(key: str, value: str) -> None:
    with pytest.raises(ValidationError) as caught:
        config(**{key: value})
    assert key in str(caught.value)
    assert key != "token" or value not in str(caught.value)


def test_a_payload_is_the_same_each_time() -> None:
    at = Connector("kenh", config())
    payload: Payload = at.present(item(1))
    assert at.present(item(1)) == payload
    assert payload.key == "2026-03-02 tiem chung thang ba ban 1"
