"""A letter as its reader gets it: three golden files, and what hostile texts cannot do to it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.app import Hub
from hub.mailing import compose
from hub.mailing.compose import Masthead
from hub.mailing.message import Envelope, Sender, message
from hub.rules.digests import Letter, Listed, Period
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store.mailing import Run
from tests.province import MEMBER, Province, Story, rows, rss, turn

GOLDEN = Path(__file__).parent
SENDER = Sender("hub@tinhmau.gov.vn", "Cổng thông tin điện tử Tỉnh Mẫu")
ENVELOPE = Envelope(
    digest="tin-y-te",
    day="2026-03-02",
    recipient="toa-soan@baomau.vn",
    made_at=datetime(2026, 3, 2, 7, 0, 4, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")),
)
STORIES = (
    Story(guid="1", title="Sở Y tế tổ chức tiêm chủng mở rộng đợt 1", text="Từ ngày 05/3 tại tất cả trạm y tế xã.",
          link="http://syt.gov.vn/1.html", tags=("y tế",)),
    Story(guid="2", title='Công bố <b>"đường dây nóng"</b> & địa chỉ tiếp nhận phản ánh', text="1 < 2 & 3",
          link="http://syt.gov.vn/2.html", published="Sun, 01 Mar 2026 16:00:00 +0700"),
)  # fmt: skip


def parsed(body: bytes) -> EmailMessage:
    found = message_from_bytes(body, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def text_of(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


@pytest.fixture
async def hub(province: Province) -> AsyncIterator[Hub]:
    """A hub where a department published two news and a commune a notice."""
    province.source("tin", rss(*STORIES))
    notice = Story(guid="3", title="Mời chào giá trang thiết bị", text="", link="http://phuong.gov.vn/3.html")
    province.source("tb", rss(notice), kind="notice", member=province.member("H52.40.8", "UBND phường Bình Minh"))
    province.mails(1)
    province.digest("tin-y-te", "toa-soan@baomau.vn", title="Điểm tin ngành y tế")
    async with province.open() as hub:
        for _ in range(2):  # one list at a time from one site
            await turn(Harvest(hub.engine))
            await turn(Normalise(hub.engine))
        yield hub


async def letter_of(province: Province, hub: Hub) -> Letter:
    """The letter that tells everything, with one item as changed and the hub under an address of its own."""
    assert hub.engine.mailing is not None
    store, zone = hub.engine.store, hub.engine.zone
    masthead = Masthead(site="Cổng thông tin điện tử Tỉnh Mẫu", base="https://tin.tinhmau.gov.vn", zone=zone)
    told = Period(datetime(2026, 3, 1, 0, 0, tzinfo=UTC), datetime(2026, 3, 2, 0, 0, tzinfo=UTC))
    items = [
        Listed(UUID(item["content_id"]), item["guid"] != "2")
        for item in sorted(await rows(hub, "item"), key=lambda item: item["guid"])
    ]
    empty = Letter(subject="", text="", html="", items=items, left_out=7)
    run = Run(id=1, digest="tin-y-te", title="Điểm tin ngành y tế", day="2026-03-02", told=told,
              made_at=told.end, letter=empty, struck=0)  # fmt: skip
    letter = await compose.again(store, masthead, run)
    assert letter is not None
    return letter


async def test_a_letter_is_as_the_golden_files_have_it(province: Province, hub: Hub) -> None:
    mail = parsed(message(await letter_of(province, hub), ENVELOPE, SENDER))
    headers = "".join(f"{name}: {value}\n" for name, value in mail.items())
    for item in await rows(hub, "item"):
        assert item["content_id"] in text_of(mail, "plain")
    found = {"letter.headers": headers, "letter.txt": text_of(mail, "plain"), "letter.html": text_of(mail, "html")}
    for name, text in found.items():
        assert text == (GOLDEN / name).read_text(encoding="utf-8"), name


async def test_the_bytes_are_the_same_whenever_they_are_made(province: Province, hub: Hub) -> None:
    first, second = await letter_of(province, hub), await letter_of(province, hub)
    body = message(first, ENVELOPE, SENDER)
    assert body == message(second, ENVELOPE, SENDER)
    assert body.isascii()
    assert all(len(line) <= 998 for line in body.split(b"\r\n")), "RFC 5322, 2.1.1"
    assert b"\n" not in body.replace(b"\r\n", b"")


async def test_a_reader_s_program_sees_no_markup_of_a_member(province: Province, hub: Hub) -> None:
    letter = await letter_of(province, hub)
    assert "<b>" not in letter.html.replace("<body", "")
    assert MEMBER not in letter.text, "the agency's name, not its code"


def test_each_reader_has_a_message_of_his_own() -> None:
    letter = Letter(subject="Tin", text="a\n", html="<p>a</p>\n")
    one, other = (
        parsed(
            message(letter, Envelope(digest="tin", day="2026-03-02", recipient=to, made_at=ENVELOPE.made_at), SENDER)
        )
        for to in ("a@b.vn", "c@d.vn")
    )
    assert one["Message-ID"] != other["Message-ID"]
    assert "c@d.vn" not in one.as_string()


@given(st.text(), st.text())
def test_no_text_makes_a_header_or_a_line_of_its_own(title: str, name: str) -> None:
    letter = Letter(subject=f"{title}\r\nBcc: all@b.vn", text="a\n", html="<p>a</p>\n")
    mail = parsed(message(letter, ENVELOPE, Sender("hub@tinhmau.gov.vn", f"{name}\r\nBcc: all@b.vn")))
    assert mail["Bcc"] is None
    assert len(mail.get_all("To", [])) == len(mail.get_all("From", [])) == len(mail.get_all("Subject", [])) == 1
    assert mail["To"].addresses[0].addr_spec == "toa-soan@baomau.vn"
    assert [each.addr_spec for each in mail["From"].addresses] == ["hub@tinhmau.gov.vn"]
