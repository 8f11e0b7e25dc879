"""Periods of reports: what people type, what they are called, and which days lie before."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.calendar import WorkingCalendar
from hub.rules.duties import Every
from hub.rules.periods import LATEST, BadPeriodError, Span, due, just_over, span, stretch

DAYS = st.dates(date(1971, 1, 1), date(2990, 12, 31))


@pytest.mark.parametrize(
    ("word", "name", "before"),
    [
        ("2026-06", "Tháng 6 năm 2026", "Tháng 5 năm 2026"),
        ("2026-01", "Tháng 1 năm 2026", "Tháng 12 năm 2025"),
        ("2026-Q2", "Quý II năm 2026", "Quý I năm 2026"),
        ("2026-q1", "Quý I năm 2026", "Quý IV năm 2025"),
        ("2026-H1", "6 tháng đầu năm 2026", "6 tháng cuối năm 2025"),
        ("2026-h2", "6 tháng cuối năm 2026", "6 tháng đầu năm 2026"),
        ("2026", "Năm 2026", "Năm 2025"),
        ("2026-01-01..2026-02-15", "Từ ngày 01/01/2026 đến ngày 15/02/2026",
         "Từ ngày 16/11/2025 đến ngày 31/12/2025"),
        ("2026-01-01 .. 2026-06-30", "6 tháng đầu năm 2026", "6 tháng cuối năm 2025"),
        ("2026-W10", "Từ ngày 02/03/2026 đến ngày 08/03/2026", "Từ ngày 23/02/2026 đến ngày 01/03/2026"),
        ("2026-03-02", "Ngày 02/03/2026", "Ngày 01/03/2026"),
    ],
)  # fmt: skip
def test_what_is_typed_has_a_name_and_a_period_before(word: str, name: str, before: str) -> None:
    assert (span(word).name, span(word).before.name) == (name, before)


@pytest.mark.parametrize(
    "word",
    ["", "2026-13", "2026-Q5", "2026-H3", "2026-W54", "tháng 6", "2026-02-30..2026-03-01", "2026-06-01..2026-05-31",
     "1969", "3000", "0000", "2026-01-01..3000-01-01", "２０２６", "2026-06-01..", "9999-12-31..0001-01-01"],
)  # fmt: skip
def test_what_is_no_period_is_refused_with_a_sentence(word: str) -> None:
    with pytest.raises(BadPeriodError) as refused:
        span(word)
    assert refused.value.code == "bad_period"
    assert refused.value.sentence.endswith(".")


@given(DAYS, st.sampled_from(Every))
def test_stretches_follow_each_other_without_a_gap(day: date, every: Every) -> None:
    one = stretch(every, day)
    assert day in one
    assert one.before.last == one.first - timedelta(days=1)
    assert one.before.every is every
    assert just_over(every, day) == one.before
    assert stretch(every, one.last + timedelta(days=1)).before == one


@given(DAYS, st.integers(0, 4000))
def test_the_word_of_a_span_reads_back_and_its_months_make_it_up(first: date, more: int) -> None:
    last = min(first + timedelta(days=more), date(2990, 12, 31))
    one = Span(first, max(first, last))
    assert span(one.word) == one
    assert one.before.last == first - timedelta(days=1)
    if one.every is None:
        assert one.before.days == one.days
    months = list(one.months())
    assert sum(month.days for month in months) == one.days
    assert (months[0].first, months[-1].last) == (one.first, one.last)
    assert all(later.first == sooner.last + timedelta(days=1) for sooner, later in pairwise(months))


@given(st.text(max_size=30))
def test_any_text_is_a_period_or_is_refused(text: str) -> None:
    try:
        days = span(text).days
    except BadPeriodError:
        return
    assert days >= 1


def test_reports_are_due_from_the_first_working_day_after_their_stretch() -> None:
    calendar = WorkingCalendar(off=frozenset({date(2026, 1, 1)}))
    every = (Every.MONTH, Every.YEAR)

    def names(day: date) -> list[str]:
        return [one.name for one in due(every, day, calendar)]

    assert names(date(2025, 12, 31)) == []
    assert names(date(2026, 1, 1)) == []  # a holiday
    assert names(date(2026, 1, 2)) == ["Tháng 12 năm 2025", "Năm 2025"]
    assert names(date(2026, 1, 31)) == []  # more than LATEST working days later
    assert names(date(2026, 2, 1)) == []  # a Sunday
    assert names(date(2026, 2, 2)) == ["Tháng 1 năm 2026"]
    assert due((), date(2026, 2, 2), calendar) == []


@given(DAYS)
def test_each_stretch_has_days_on_which_its_report_is_made(day: date) -> None:
    month = stretch(Every.MONTH, day)
    days = [month.last + timedelta(days=more) for more in range(1, LATEST)]
    assert any(due((Every.MONTH,), each, WorkingCalendar()) == [month] for each in days)
