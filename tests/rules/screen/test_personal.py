"""Personal data: what waits for a person, and the numbers and names that are public."""

import time

import pytest

from hub.rules.screen.screen import FileText, screen
from hub.rules.screen.terms import read_terms
from hub.rules.screen.verdict import Verdict
from hub.screening import screening_terms
from schemas.item import News

TERMS = screening_terms()
PHONES = "0912 345 601, 0912 345 602, 0912.345.603, +84 912 345 604, 0912345605, 0381234567"


def screened(html: str, file: str = "", member: str = "") -> Verdict:
    item = News(guid="1", title="Thông báo", content_html=html)
    return screen(item, files=[FileText("https://a.vn/1.xlsx", file)] if file else [], terms=TERMS, member=member)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Ông Nguyễn Văn Thử, CCCD số 001080012345", "identity_numbers"),
        ("LÊ THỊ MẪU (số định danh: 066 190 012 345)", "identity_numbers"),
        ("Căn cước 001080012345; CMND 012345678", "identity_numbers"),
        ("Bà Trần Thị Mẫu, hộ chiếu B1234567", "identity_numbers"),
        ("Thẻ BHYT HN4010123456789 của bà Trần Thị Mẫu", "identity_numbers"),
        ("Trần Thị Mẫu, CCCD 0010 8001 2345", "identity_numbers"),
        ("Trần Thị Mẫu, CCCD 001.080.012.345", "identity_numbers"),
        ("Trần Thị Mẫu, CCCD 001-080-012-345", "identity_numbers"),
        ("Sổ BHXH 0123456789 của bà Trần Thị Mẫu", "identity_numbers"),
        ("STK: 0711000123456 Vietcombank", "bank_account"),
        ("Chuyển vào tài khoản số 1234 5678 9012 của hội", "bank_account"),
        (f"Liên hệ: {PHONES}", "contacts"),
        ("a1@gmail.com b2@gmail.com c3@yahoo.com d4@x.vn e5@y.vn f6@z.vn", "contacts"),
    ],
)
def test_personal_data_waits_for_a_person(text: str, rule: str) -> None:
    verdict = screened(f"<p>{text}</p>")
    assert verdict.hold
    assert verdict.rules == (rule,)


@pytest.mark.parametrize(
    "text",
    [
        "Đường dây nóng 0912 345 678, trực 24/24",
        "Điện thoại 0262 3852 100 hoặc 1900 1234, email vanphong@daklak.gov.vn",
        "Công ty TNHH Thử Nghiệm, mã số thuế 0101243150",
        "Hồ sơ 000.00.12.H15-260112-0001",
        "CCCD số 001080012345",
        "Ông Nguyễn Văn Thử, Chủ tịch UBND xã, phát biểu ngày 12/3/2026",
        "Mẫu đơn: Họ và tên: ....; Ngày sinh: ....; Số CCCD: ....; Địa chỉ: ....",
        "Nộp vào tài khoản 3949.0.1054321 tại Kho bạc Nhà nước tỉnh",
        "Tài khoản được cộng 12.000.000 đồng trước ngày 01.07.2026",
        "Tài khoản định danh điện tử mức 2; tài khoản Zalo 0912345678",
        "Tổng vốn 123.456.789.000 đồng",
        "Bà Trần Thị Mẫu, CCCD gắn chíp, điện thoại 0912345678",
        "Căn cước là giấy tờ của 001 người",
    ],
)
def test_what_is_public_passes(text: str) -> None:
    assert not screened(f"<p>{text}</p>", file=text).findings


ROWS = [(f"{i}", f"Nguyễn Văn Thử{'abcdefgh'[i]}", f"0{i + 1}/03/198{i}", f"Thôn {i}") for i in range(6)]
HEAD = ("STT", "Họ và tên", "Ngày sinh", "Địa chỉ")


def test_a_list_of_persons_is_seen_in_a_table_in_lines_and_in_cells() -> None:
    rows = [HEAD, *ROWS]
    table = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    assert screened(f"<table>{table}</table>").rules == ("personal_table",)
    assert screened("", file="\n".join(" ".join(row) for row in rows)).rules == ("personal_table",)
    assert screened("", file="\n".join("\n".join(row) for row in rows)).rules == ("personal_table",)


def test_a_list_without_births_is_seen_by_where_they_live_and_one_of_officials_is_none() -> None:
    living = [("STT", "Họ tên chủ hộ", "Địa chỉ"), *((row[0], row[1], row[3]) for row in ROWS)]
    assert screened("", file="\n".join("\n".join(row) for row in living)).rules == ("personal_table",)
    officials = [("STT", "Họ và tên", "Chức vụ", "Địa chỉ"), *((r[0], r[1], "Chủ tịch", "UBND xã") for r in ROWS)]
    assert not screened("", file="\n".join("\n".join(row) for row in officials)).findings


def test_few_rows_and_an_empty_form_are_no_list() -> None:
    assert not screened("", file="\n".join("\n".join(row) for row in [HEAD, *ROWS[:2]])).findings
    assert not screened("", file="\n".join(HEAD * 5)).findings


def test_numbers_in_a_column_are_told_by_its_head() -> None:
    cells = ["Số CCCD", "001080012345", "066190012345"]
    assert screened("", file="\n".join(cells)).rules == ("identity_numbers",)
    assert not screened("", file="\n".join(["Số lô", *cells[1:]])).findings
    assert not screened("", file="Số CCCD\n999980012345\n005190012345").findings


def test_contacts_that_a_member_may_show_do_not_count() -> None:
    terms = read_terms({"contacts": {"H52.12": ["0912 345 601"], "": ["+84912345602"]}}, TERMS)
    item = News(guid="1", title="a", content_html=PHONES)
    assert screen(item, terms=TERMS, member="H52.12").rules == ("contacts",)
    assert not screen(item, terms=terms, member="H52.12").findings
    only_for_another = read_terms({"contacts": {"H52.12": ["0912 345 601"]}}, TERMS)
    assert screen(item, terms=only_for_another, member="H52.99").rules == ("contacts",)


@pytest.mark.parametrize(
    "piece",
    ["1 ", "1.", "0912345678 ", "stk ", "@", "a@a.", "cccd 001080012345 ", "Nguyễn Văn An\n", "họ và tên\n", "cccd\n"],
)
def test_a_long_text_of_anything_takes_little_time(piece: str) -> None:
    began = time.process_time()
    screened("", file=piece * (300_000 // len(piece)))
    assert time.process_time() - began < 3  # below 0.3 s; what grows with the square takes minutes
