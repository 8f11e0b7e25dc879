"""What a text says about time, and that an uncertain text says nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.parse.dates import TEXT_LIMIT, parse_date

LINES = (Path(__file__).parent / "data" / "dates.tsv").read_text("utf-8").splitlines()
CASES = [tuple(line.split("\t")) for line in LINES if not line.startswith("#")]
NOON = datetime(2026, 11, 20, 5, tzinfo=UTC)

moments = st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 30)).map(lambda d: d.replace(microsecond=0, tzinfo=UTC))
offsets = st.integers(-12, 14)
#: Pieces of dates in any order: most are nonsense, some are dates.
PIECES = """
    20 11 2026 26 10:30 8h30 / - . : , | ( ) ' + ngày tháng năm thứ sáu giờ phút SA CH PM GMT+7 +0700 Z T Nov Mười
    Fri 31 02 0 99 9999 1700000000 Date( Asia/Ho_Chi_Minh GMT-99"""
pieces = st.lists(st.sampled_from(PIECES.split()), max_size=12)


@pytest.mark.parametrize(("text", "instant"), CASES)
def test_a_text_names_the_instant_or_nothing(text: str, instant: str) -> None:
    assert parse_date(text) == (None if instant == "-" else datetime.fromisoformat(instant))


def test_spaces_and_decomposed_letters_around_a_date_do_not_matter() -> None:
    assert parse_date("\n  20/11/2026 10:30\t") == parse_date("20/11/2026 10:30")
    assert parse_date("Nga\u0300y 20 tha\u0301ng 11 na\u0306m 2026") == parse_date("ngày 20 tháng 11 năm 2026")


def test_a_date_without_zone_is_local_to_the_given_one() -> None:
    assert parse_date("2026-11-20 10:30", timezone="UTC") == datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
    assert parse_date("2026-11-20T10:30:00+07:00", timezone="UTC") == datetime(2026, 11, 20, 3, 30, tzinfo=UTC)


def test_a_source_that_writes_the_month_first_says_so() -> None:
    may = parse_date("5/11/2026 8:30 AM", day_first=False)
    assert may is not None
    assert (may.month, may.day) == (5, 11)
    assert parse_date("20/11/2026", day_first=False) == parse_date("20/11/2026")


def test_a_date_after_tomorrow_is_refused_when_now_is_known() -> None:
    assert parse_date("21/11/2026 11:00", now=NOON) is not None
    assert parse_date("21/11/2026 13:00", now=NOON) is None
    assert parse_date("20/11/2036", now=NOON) is None
    assert parse_date("20/11/2036") is not None


@given(moments, offsets)
def test_common_machine_forms_keep_the_instant(moment: datetime, hours: int) -> None:
    local = moment + timedelta(hours=hours)
    sign = f"{hours:+03d}"
    forms = [
        f"{local:%a, %d %b %Y %H:%M:%S} {sign}00",
        f"{local:%Y-%m-%dT%H:%M:%S}{sign}:00",
        f"{local:%d/%m/%Y %H:%M:%S} GMT{hours:+d}",
        f"Thứ Hai, {local:%d/%m/%Y, %H:%M:%S} (GMT{sign}:00)",
        f"/Date({int(moment.timestamp()) * 1000})/",
    ]
    assert [parse_date(form) for form in forms] == [moment] * len(forms)


@settings(deadline=None)  # the first text with a month in words imports dateparser
@given(st.text(max_size=120) | pieces.map(" ".join) | pieces.map("".join), st.booleans())
def test_any_text_gives_an_aware_date_in_range_or_none(text: str, day_first: bool) -> None:
    found = parse_date(text, now=NOON, day_first=day_first)
    assert found is None or (found.utcoffset() is not None and found.year >= 1970 and found <= NOON + timedelta(days=1))


@pytest.mark.parametrize("text", ["1" * 10**6, "20/11/2026 " * 10**5, "ngày " * 10**5, " " * 10**6, "(" * TEXT_LIMIT])
def test_hostile_length_costs_nothing(text: str) -> None:
    start = process_time()
    assert parse_date(text) is None
    assert process_time() - start < 0.5


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("Fri, 20 Nov 2026 11:50:00 GMT", "2026-11-20T11:50:00+07:00"),  # it is noon in Hanoi: this is ten minutes old
        ("2026-11-20T11:50:00Z", "2026-11-20T11:50:00+07:00"),
        ("Fri, 20 Nov 2026 11:50:00 +0000", "2026-11-20T11:50:00+07:00"),
        ("Fri, 20 Nov 2026 04:50:00 GMT", "2026-11-20T11:50:00+07:00"),  # rightly called GMT
        ("Fri, 20 Nov 2026 05:04:00 GMT", "2026-11-20T12:04:00+07:00"),  # a clock that is ahead
        ("Fri, 20 Nov 2026 12:30:00 GMT", "2026-11-20T19:30:00+07:00"),  # not local either: an announcement
        ("Fri, 20 Nov 2026 11:50:00 +0900", "2026-11-20T09:50:00+07:00"),
        ("1795179000", "2026-11-20T19:50:00+07:00"),  # seconds are seconds
    ],
)
def test_local_time_that_is_called_gmt_is_seen_while_it_is_new(text: str, local: str) -> None:
    assert parse_date(text, now=NOON) == datetime.fromisoformat(local)
