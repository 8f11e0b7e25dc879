"""Numbers and days of documents, as registers, keyboards and programs write them."""

from datetime import date
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.parse.days import is_no_day, read_day
from connectors.parse.documentwords import TYPES, relation_called, type_called, type_on_axis, validity_called
from connectors.parse.numbers import (
    has_secrecy_mark,
    is_number,
    issuer_in,
    normal_number,
    number_in_title,
    number_key,
    read_numbers,
    type_of_number,
    year_in,
)
from schemas.document import Validity

#: Every form that laws and decrees name, as they stand in DOMAIN.
SOUND = [
    "42/2022/NĐ-CP", "15/2024/QĐ-UBND", "01/2022/TT-VPCP", "14/2015/TTLT-BNNPTNT", "148/2025/QH15", "66.13/2026/NQ-CP",
    "575/QĐ-UBND", "2732/UBND-KGVX", "09/BC-BBT", "55/GP-TTĐT", "21-LCT/HDNN8", "7816/VPCP-TTĐT", "123a/TB-SVHTT&DL",
]  # fmt: skip

DIRTY = {
    "15/2024/QĐ- UBND": "15/2024/QĐ-UBND",
    "01 /2018/TT-VPCP": "01/2018/TT-VPCP",
    "42/2022/NĐCP": "42/2022/NĐ-CP",
    "15/2024/qđ-ubnd": "15/2024/QĐ-UBND",
    "15/2024/QÐ-UBND": "15/2024/QĐ-UBND",  # Icelandic
    "15/2024/QƉ-UBND": "15/2024/QĐ-UBND",  # African
    "15/2024/QD-UBND": "15/2024/QĐ-UBND",
    "12/ТВ-UBND": "12/TB-UBND",  # Cyrillic
    "123/QĐ-TTG": "123/QĐ-TTg",
    "5/ND-CP": "5/NĐ-CP",
    "12/ttr-snv": "12/TTr-SNV",
    "Số: 575/QĐ–UBND.": "575/QĐ-UBND",
    "Số ký hiệu 575/QĐ-UBND": "575/QĐ-UBND",
    "26/KH-BCĐ (138)": "26/KH-BCĐ(138)",
    "575／QĐ-UBND": "575/QĐ-UBND",
    "\u200b575/QĐ-UBND\xa0": "575/QĐ-UBND",
    "５７５/QĐ-UBΝD": "575/QĐ-UBND",  # full-width, and a Greek letter
    "575\\QĐ-UBND": "575/QĐ-UBND",
    "15/QĐ-UBND ngày 01/02/2024": "15/QĐ-UBND",
    "15/qđ-ubnd, ngày 1 tháng 2 năm 2024 của ubnd tỉnh": "15/QĐ-UBND",
    "15/QĐ-UBND của Ủy ban nhân dân tỉnh": "15/QĐ-UBND",
    "140/BCĐ VĐ HMTN": "140/BCĐVĐHMTN",
}

NO_NUMBERS = [
    "", "Số 12", "3485", "20/11/2024", "5/7/2024", "20/11/2024 họp", "QĐ-UBND", "về việc giao đất", "12/", "/QĐ-UBND",
    "Hiến pháp 1980",
]  # fmt: skip


@pytest.mark.parametrize("number", SOUND)
def test_a_sound_number_stays_as_it_is(number: str) -> None:
    assert normal_number(number) == number


@pytest.mark.parametrize(("written", "number"), DIRTY.items())
def test_what_keyboards_make_of_a_number_is_mended(written: str, number: str) -> None:
    assert normal_number(written) == number


@pytest.mark.parametrize("text", [text for text in NO_NUMBERS if "họp" not in text])
def test_what_is_no_number_is_not_made_one(text: str) -> None:
    assert not is_number(text)


@settings(deadline=None)
@given(st.text(max_size=80))
def test_reading_never_fails_and_a_number_is_read_as_itself(text: str) -> None:
    number = normal_number(text)
    assert normal_number(number) == number
    for one in read_numbers(text).numbers:
        assert read_numbers(one).numbers == (one,)


@settings(deadline=None)
@given(
    st.integers(1, 99_999),
    st.integers(1950, 2090),
    st.sampled_from(sorted(TYPES)),
    st.text("ABCĐGHKLMNPQSTUVX", min_size=1, max_size=6),
)
def test_digits_are_never_changed(serial: int, year: int, code: str, office: str) -> None:
    number = normal_number(f"{serial} / {year}/{code.lower()} - {office.lower()}")
    assert number.startswith(f"{serial}/{year}/")
    assert number_key(number) == number_key(f"{serial}/{year}/{code}-{office}")


def test_one_field_may_hold_several_numbers() -> None:
    assert read_numbers("01/NQ-HĐND và 02/NQ-HĐND").numbers == ("01/NQ-HĐND", "02/NQ-HĐND")
    assert read_numbers("01/NQ-HĐND, 02 /NQ-HĐND; 01/NQ-HĐND").numbers == ("01/NQ-HĐND", "02/NQ-HĐND")
    assert read_numbers("01/2015/TTLT-BTP-BNG\n02/2015/TTLT-BTP-BNG").numbers[1:] == ("02/2015/TTLT-BTP-BNG",)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("01, 02/NQ-HĐND", ("01/NQ-HĐND", "02/NQ-HĐND")),
        ("Số 15, 16 và 17/2024/QĐ-UBND", ("15/2024/QĐ-UBND", "16/2024/QĐ-UBND", "17/2024/QĐ-UBND")),
        ("01 + 02/NQ-HĐND; 7/KH-UBND", ("01/NQ-HĐND", "02/NQ-HĐND", "7/KH-UBND")),
        ("01/NQ-HĐND, 02", ("01/NQ-HĐND",)),
    ],
)
def test_numbers_may_share_the_letters_of_the_last(text: str, numbers: tuple[str, ...]) -> None:
    assert read_numbers(text).numbers == numbers
    assert read_numbers(text).given == text, "what was written stays beside it"


def test_a_day_and_a_note_behind_a_number_are_none_of_it() -> None:
    read = read_numbers("15/QĐ-UBND ngày 01/02/2024")
    assert (read.numbers, read.day) == (("15/QĐ-UBND",), "01/02/2024")
    read = read_numbers("15/QĐ-UBND, 16/QĐ-UBND ngày 01/02/2024")
    assert (read.numbers, read.day) == (("15/QĐ-UBND", "16/QĐ-UBND"), "")
    assert read_numbers("15/QĐ-UBND (kèm theo Quy chế)").numbers == ("15/QĐ-UBND",)
    assert read_numbers("Quyết định số 15 /2024/QĐ- UBND ban hành Quy chế").numbers == ("15/2024/QĐ-UBND",)
    assert read_numbers("15/QĐ-UBND（M）").secret


@pytest.mark.parametrize("unit", [" ", "\n", ", ", "ngày ", "1/A ", "(", "1, "])
def test_a_long_field_is_read_in_bounded_time(unit: str) -> None:
    began = process_time()
    read_numbers(unit * (300_000 // len(unit)))
    read_numbers(unit * (1_990 // len(unit)))
    assert process_time() - began < 1


@pytest.mark.parametrize("text", ["Không số", "không  số", "K/s", "Chưa có số", "Số: không số"])
def test_a_document_may_have_no_number(text: str) -> None:
    read = read_numbers(text)
    assert read.none
    assert not read.unread
    assert read.numbers == ()


def test_what_cannot_be_read_is_kept_as_given() -> None:
    read = read_numbers("theo Công văn của Sở")
    assert read.unread
    assert read.given == "theo Công văn của Sở"
    assert read_numbers("x" * 10_000).unread


@pytest.mark.parametrize(
    "text",
    ["12/BC-UBND(M)", "12/BC-UBND (m)", "Số: 12/BC-UBND [TM]", "12/BC-UBND(TuM)", "12/BC-UBND(Tối mật)", "12/BC(М)"],
)
def test_a_mark_of_secrecy_is_seen_before_anything_is_cleaned(text: str) -> None:
    assert has_secrecy_mark(text)
    read = read_numbers(text)
    assert read.secret
    assert read.numbers == (), "a number without its mark would pass for a public one"


@pytest.mark.parametrize("text", ["12/BC-UBND", "26/KH-BCĐ (138)", "12/BC-UBND (mới)", "15/QĐ-MTTQ", "12/TM-UBND"])
def test_other_brackets_are_no_mark_of_secrecy(text: str) -> None:
    assert not read_numbers(text).secret


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("42/2022/NĐ-CP", "NĐ"), ("575/QĐ-UBND", "QĐ"), ("12/TTr-SNV", "TTr"), ("12/TT-BTC", "TT"), ("5/HD-SNV", "HD"),
        ("5/HĐ-SNV", "HĐ"), ("2732/UBND-KGVX", "CV"), ("3/CTr-UBND", "CTr"), ("3/CT-UBND", "CT"), ("148/2025/QH15", ""),
        ("140/BCĐ", ""),
    ],
)  # fmt: skip
def test_letters_say_the_type_where_they_do(number: str, code: str) -> None:
    found = type_of_number(number)
    assert (found.coded.code if found else "") == code


def test_central_offices_sign_with_letters_of_their_own() -> None:
    assert issuer_in("42/2022/NĐ-CP") == "Chính phủ"
    assert issuer_in("123/QĐ-TTg") == "Thủ tướng Chính phủ"
    assert issuer_in("148/2025/QH15") == "Quốc hội"
    assert issuer_in("575/QĐ-UBND") == "", "there are thousands of committees"
    assert year_in("42/2022/NĐ-CP") == 2022
    assert year_in("575/QĐ-UBND") is None


def test_a_title_begins_with_its_own_number_and_names_others_later() -> None:
    heading = number_in_title("Quyết định số 15/2024/QĐ-UBND ngày 20/11/2024 của UBND tỉnh thay thế 3/2020/QĐ-UBND")
    assert (heading.number, heading.day) == ("15/2024/QĐ-UBND", "20/11/2024")
    assert number_in_title("Nghị định 42/2022/NĐ-CP về cung cấp thông tin").number == "42/2022/NĐ-CP"
    assert number_in_title("3637/UBND-VX V/v triển khai").number == "3637/UBND-VX"
    for title in ("thực hiện công văn số 3652/BYT-DP", "24/7 hỗ trợ", "20/11/2024 họp báo", "Luật Đất đai"):
        assert number_in_title(title).number == "", title
    assert number_in_title("Báo cáo số 12/BC-UBND(M) về").secret
    assert number_in_title("Báo cáo số 12/BC-UBND (Mật) về").secret


def test_types_are_called_by_name_and_by_code_and_on_the_axis() -> None:
    assert type_called("QUYẾT  ĐỊNH") is type_called("QĐ") is TYPES["QĐ"]
    assert type_called("Bản thoả thuận") is type_called("Bản thỏa thuận")
    assert type_called("Chuyện") is None
    for one in TYPES.values():
        for place in filter(None, (one.edxml, one.normative)):
            assert type_on_axis(*place) is one, "two types stand at one place of the axis"


@pytest.mark.parametrize(
    ("words", "validity"),
    [
        ("Còn hiệu lực", Validity.IN_FORCE), ("Chưa có hiệu lực", Validity.NOT_YET),
        ("Hết hiệu lực một phần", Validity.PARTLY_EXPIRED), ("Hết hiệu lực toàn bộ", Validity.EXPIRED),
        ("Ngưng hiệu lực", Validity.SUSPENDED), ("Ngưng hiệu lực một phần", Validity.PARTLY_SUSPENDED),
        ("Không còn phù hợp", Validity.OUTDATED), ("Văn bản còn hiệu lực một phần", Validity.PARTLY_EXPIRED),
        ("hết hiệu lực.", Validity.EXPIRED), ("lung tung", None), ("", None),
    ],
)  # fmt: skip
def test_a_state_of_validity_is_told_by_its_words(words: str, validity: Validity | None) -> None:
    assert validity_called(words) is validity


def test_relations_are_called_by_words_by_fields_and_else_related() -> None:
    assert relation_called("Văn bản căn cứ") == relation_called("VBPQVanBanCanCu") == "based_on"
    assert relation_called("replaces") == "replaces"
    assert relation_called("một kiểu khác") == "related"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("30/06/1989", date(1989, 6, 30)), ("2/9/1945", date(1945, 9, 2)), ("30-6-1989", date(1989, 6, 30)),
        ("1989-06-30T00:00:00", date(1989, 6, 30)), ("2015/09/30", date(2015, 9, 30)), ("19890630", date(1989, 6, 30)),
        ("ngày 30 tháng 6 năm 1989", date(1989, 6, 30)), ("từ ngày 01/01/2025", date(2025, 1, 1)),
        ("2022-07-19T17:00:00Z", date(2022, 7, 20)), ("2022-07-19T17:00:00+07:00", date(2022, 7, 19)),
        ("2015/09/20 11:08:36", date(2015, 9, 20)), ("/Date(1416416400000)/", date(2014, 11, 20)),
        ("20/11/2026 12:00:00 SA", date(2026, 11, 20)),
        ("31/02/2020", None), ("0001-01-01T00:00:00", None), ("1753-01-01", None), ("9999-12-31T23:59:59Z", None),
        ("năm 2020", None), ("1", None), ("", None), ("x" * 500, None),
    ],
)  # fmt: skip
def test_days_are_read_in_every_way_that_registers_write_them(text: str, day: date | None) -> None:
    assert read_day(text) == day


def test_what_programs_write_for_no_day_is_no_faulty_one() -> None:
    for text in ("0001-01-01T00:00:00", "1900-01-01", "", "  ", "null", "01/01/0001 00:00:00"):
        assert is_no_day(text)
    assert not is_no_day("31/02/2020")
    assert read_day("05/11/2026", day_first=False) == date(2026, 5, 11)


@settings(deadline=None)
@given(st.dates(date(1946, 1, 1), date(2099, 12, 31)))
def test_a_day_comes_back_from_every_form(day: date) -> None:
    for form in ("%d/%m/%Y", "%Y-%m-%d", "%Y/%m/%d", "%Y-%m-%dT00:00:00", "%Y%m%d", "%d.%m.%Y"):
        assert read_day(day.strftime(form)) == day


@settings(deadline=None)
@given(st.text(max_size=60))
def test_reading_a_day_never_fails(text: str) -> None:
    day = read_day(text)
    assert day is None or not is_no_day(text)
