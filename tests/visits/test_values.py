"""Numbers, days and paths of exports: what they say, and that nothing unclear becomes a count."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.visits.values import MOST, counter_number, day_at, day_number, day_of, path_of, whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3.910.575", 3_910_575), ("1,234", 1_234), ("12 345", 12_345), ("12\u202f345", 12_345), ("00391057", 391_057),
        ("0", 0), ("1.5", None), ("1.234,5", None), ("1.234.56", None), ("-3", None), ("", None), ("1e3", None),
        ("٣", None), ("1,234.567", None), ("9" * 18, None), ("NaN", None),
    ],
)  # fmt: skip
def test_a_cell_says_a_whole_number_or_none(text: str, number: int | None) -> None:
    assert whole_number(text) == number


@given(st.integers(0, MOST), st.sampled_from([".", ",", " ", "\u00a0", ""]))
def test_every_count_is_read_back_however_it_is_grouped(number: int, parted: str) -> None:
    assert whole_number(f"{number:,}".replace(",", parted)) == number


@given(st.text(max_size=60))
def test_no_text_makes_a_count_that_is_none(text: str) -> None:
    for found in (whole_number(text), counter_number([text])):
        assert found is None or 0 <= found <= MOST
    path = path_of(text)
    assert path == "" or (path.startswith("/") and len(path) <= 500 and path_of(path) == path)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_day_is_read_in_each_form_and_counted_both_ways(day: date) -> None:
    for form in (f"{day:%d/%m/%Y}", f"{day.day}/{day.month}/{day.year}", day.isoformat(), f"{day:%Y%m%d}",
                 f"{day:%d-%m-%Y}", f"{day.isoformat()} 00:00:00"):  # fmt: skip
        assert day_of(form) == day
    assert day_at(day_number(day)) == day


@pytest.mark.parametrize(
    ("texts", "number"),
    [
        (["Tổng lượt truy cập: 3.910.575"], 3_910_575), (["0", " 3 ", "9", ""], 39), (["1.024"], 1_024),
        (["Hôm nay: 12 Tổng: 345"], None), (["12", "34"], None), ([], None), (["đang cập nhật"], None),
        (["-35"], None), (["1.2.3"], None),
    ],
)  # fmt: skip
def test_a_counter_says_one_number_or_none(texts: list[str], number: int | None) -> None:
    assert counter_number(texts) == number


@pytest.mark.parametrize(
    "written",
    ["/tin/1.html?b=2&a=1", "https://www.syt.gov.vn:443/tin/1.html?a=1&b=2&utm_source=zalo#dau", "tin/1.html?a=1&b=2",
     "syt.gov.vn/tin/1.html?b=2&a=1"],
)  # fmt: skip
def test_one_page_has_one_path_however_it_is_written(written: str) -> None:
    assert path_of(written) == "/tin/1.html?a=1&b=2"
