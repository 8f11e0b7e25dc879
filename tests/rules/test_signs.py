"""Early signs by their evidence: a drop is told, a holiday, a small source and a young one are not."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub.rules.calendar import WorkingCalendar
from hub.rules.signs import days_left, drop, vanished

TODAY = date(2026, 4, 8)
CALENDAR = WorkingCalendar()


def steady(each: int, *, from_day: int, until_day: int) -> dict[date, int]:
    """So many items on each working day, by days before today."""
    days = (TODAY - timedelta(days=n) for n in range(until_day, from_day + 1))
    return {day: each for day in days if CALENDAR.is_working(day)}


def test_a_source_that_brings_a_fifth_of_its_rhythm_is_told() -> None:
    counts = steady(5, from_day=98, until_day=15) | steady(1, from_day=14, until_day=1)
    found = drop(counts, today=TODAY, calendar=CALENDAR)
    assert found is not None
    assert (found.came, found.expected) == (10, 50)
    assert "chỉ có 10 mục" in found.sentence


def test_a_source_that_goes_on_is_not_told() -> None:
    counts = steady(5, from_day=98, until_day=15) | steady(2, from_day=14, until_day=1)
    assert drop(counts, today=TODAY, calendar=CALENDAR) is None


def test_days_on_which_nobody_works_are_no_drop() -> None:
    tet = WorkingCalendar(off=frozenset(TODAY - timedelta(days=n) for n in range(1, 12)))
    assert drop(steady(5, from_day=98, until_day=12), today=TODAY, calendar=tet) is None
    before = WorkingCalendar(off=frozenset(TODAY - timedelta(days=n) for n in range(43, 57)))
    counts = {day: n for day, n in steady(5, from_day=98, until_day=1).items() if before.is_working(day)}
    assert drop(counts, today=TODAY, calendar=before) is None


def test_weak_evidence_says_nothing() -> None:
    assert drop(steady(5, from_day=42, until_day=15), today=TODAY, calendar=CALENDAR) is None, "three windows only"
    few = {TODAY - timedelta(days=n): 1 for n in range(15, 99, 7)}
    assert drop(few, today=TODAY, calendar=CALENDAR) is None, "two items in a fortnight"


@given(st.dictionaries(st.dates(TODAY - timedelta(days=110), TODAY), st.integers(0, 50)))
def test_more_items_of_late_never_make_a_drop(counts: dict[date, int]) -> None:
    found = drop(counts, today=TODAY, calendar=CALENDAR)
    more = {day: n + 50 if day >= TODAY - timedelta(days=14) else n for day, n in counts.items()}
    more |= {TODAY - timedelta(days=n): 50 for n in range(1, 15)}
    assert found is None or found.came * 3 < found.expected + 3
    assert drop(more, today=TODAY, calendar=CALENDAR) is None


def test_a_mass_is_many_and_a_share() -> None:
    assert [vanished(9, 0), vanished(10, 90), vanished(10, 91), vanished(10, 0)] == [False, True, False, True]


def test_the_days_left_are_counted_with_today() -> None:
    friday = date(2026, 4, 10)
    assert [days_left(friday, TODAY, CALENDAR), days_left(friday, friday, CALENDAR)] == [3, 1]
    assert days_left(date(2026, 4, 12), date(2026, 4, 11), CALENDAR) == 0
