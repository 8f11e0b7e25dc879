"""Working days: what a time limit of so many days ends on, and how sure that is."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.codes.shipped import shipped
from hub.rules.calendar import LIMIT, WorkingCalendar
from hub.rules.codes import Code

#: Lunar New Year 2026, Monday to Friday; the Friday after it is exchanged for a Saturday.
TET = [date(2026, 2, day) for day in (16, 17, 18, 19, 20)]
SATURDAY = date(2026, 2, 28)
YEAR = WorkingCalendar(
    off=frozenset({*TET, date(2026, 2, 27)}), worked=frozenset({SATURDAY}), unconfirmed=frozenset(TET)
)
days = st.dates(date(2025, 1, 1), date(2027, 12, 31))
sets_of_days = st.frozensets(days, max_size=60)
calendars = st.builds(lambda off, worked: WorkingCalendar(off=off - worked, worked=worked), sets_of_days, sets_of_days)


@pytest.mark.parametrize(
    ("day", "count", "reached"),
    [
        (date(2026, 3, 2), 1, date(2026, 3, 3)),
        (date(2026, 3, 6), 1, date(2026, 3, 9)),  # a Friday
        (date(2026, 2, 13), 1, date(2026, 2, 23)),  # the Friday before Tết
        (date(2026, 2, 26), 1, SATURDAY),
        (date(2026, 2, 26), 2, date(2026, 3, 2)),
        (date(2026, 2, 17), 0, date(2026, 2, 23)),
        (date(2026, 3, 2), 0, date(2026, 3, 2)),
        (date(2026, 3, 2), -1, SATURDAY),
        (date(2026, 2, 23), -1, date(2026, 2, 13)),
    ],
)
def test_a_time_limit_ends_on_a_working_day(day: date, count: int, reached: date) -> None:
    assert YEAR.add(day, count).day == reached


def test_a_limit_over_days_that_nobody_confirmed_says_so() -> None:
    due = YEAR.add(date(2026, 2, 13), 1)
    assert due.unconfirmed == tuple(TET)
    assert not due.sure
    assert YEAR.add(date(2026, 3, 2), 5).sure


def test_a_limit_that_reaches_a_year_without_holidays_says_which() -> None:
    due = YEAR.add(date(2026, 12, 30), 10)
    assert (due.uncovered, due.sure) == ((2027,), False)


def test_more_days_than_anybody_grants_are_refused() -> None:
    with pytest.raises(ValueError, match="working days"):
        YEAR.add(date(2026, 3, 2), LIMIT + 1)
    with pytest.raises(ValueError, match="calendar"):
        YEAR.add(date.max, 1)


@given(calendars, days, st.integers(1, 120))
def test_counting_out_and_counting_between_agree(calendar: WorkingCalendar, day: date, count: int) -> None:
    due = calendar.add(day, count).day
    assert calendar.is_working(due)
    assert calendar.between(day, due) == count
    assert calendar.between(due, day) == -count


@given(calendars, days, days)
def test_between_is_what_one_counts_on_the_wall(calendar: WorkingCalendar, one: date, other: date) -> None:
    first, last = sorted((one, other))
    counted = sum(calendar.is_working(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
    assert calendar.between(first, last) == counted


@given(calendars, days, st.integers(1, 60))
def test_there_and_back_again_is_the_same_working_day(calendar: WorkingCalendar, day: date, count: int) -> None:
    start = calendar.add(day, 0).day
    assert calendar.add(calendar.add(start, count).day, -count).day == start


def test_a_calendar_is_made_of_the_records_of_its_list() -> None:
    made = WorkingCalendar.of(
        [
            Code(code="2026-02-16", name="Tết", confirmed=False),
            Code(code="2026-02-28", name="Làm bù", attributes={"kind": "work"}),
        ]
    )
    assert (made.is_working(date(2026, 2, 16)), made.is_working(SATURDAY)) == (False, True)
    assert (made.unconfirmed, made.years) == (frozenset({date(2026, 2, 16)}), frozenset({2026}))


def test_the_calendar_that_comes_with_the_program_holds_together() -> None:
    come = shipped("holidays")
    assert come is not None
    calendar = WorkingCalendar.of(come.records)
    assert calendar.years == {2025, 2026, 2027}
    assert all(day.weekday() < 5 for day in calendar.off), "a day off at a weekend changes nothing"
    assert all(day.weekday() == 5 for day in calendar.worked)
    fixed = {date(2026, *day) for day in ((1, 1), (4, 30), (5, 1), (9, 2))}
    assert fixed <= calendar.off - calendar.unconfirmed
    assert set(TET) <= calendar.unconfirmed
