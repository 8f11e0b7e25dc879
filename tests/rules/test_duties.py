"""What is owed, and how a member stands: stretches, beginnings and ends, working days, two duties apart."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.calendar import WorkingCalendar
from hub.rules.duties import (
    GAPS,
    Duty,
    Every,
    Given,
    Judgement,
    Member,
    State,
    Stretch,
    number,
    owed,
    standing,
    stretch,
    stretches,
    timely,
    unmet,
)

#: 2026 with one holiday; the list says nothing of other years.
CALENDAR = WorkingCalendar(off=frozenset({date(2026, 4, 30), date(2026, 5, 1)}))
LONG_AGO = date(2020, 1, 1)
MONTHLY = Duty(name="tin-hang-thang", category="news", every=Every.MONTH)
HEALTH = Member(code="H52.12", kind="department")
days = st.dates(date(2024, 1, 1), date(2028, 12, 31))
maybe_days = st.none() | days
rhythms = st.sampled_from(Every)
duties = st.builds(
    lambda every, at_least, since, until: Duty(
        name="d", category="news", every=every, at_least=at_least, since=since, until=until
    ),
    rhythms, st.integers(1, 3), maybe_days, maybe_days,
)  # fmt: skip
members = st.builds(
    lambda since, until: Member(code="H1", kind="commune", since=since, until=until), maybe_days, maybe_days
)


def came(every: Every, *on: date, hidden: int = 0) -> Given:
    return Given(counts=Counter(number(every, day) for day in on), hidden=hidden)


def judged(given: Given, day: date, duty: Duty = MONTHLY, member: Member = HEALTH) -> Judgement:
    found = standing(duty, member, given, day=day, begins=LONG_AGO, calendar=CALENDAR)
    assert found is not None
    return found


@given(rhythms, days, days)
def test_stretches_partition_time(every: Every, one: date, other: date) -> None:
    first, last = min(one, other), max(one, other)
    found = stretches(every, first, last)
    assert first in found[0]
    assert last in found[-1]
    for before, after in pairwise(found):
        assert after.first == before.last + timedelta(days=1)


@given(rhythms, st.dates())
def test_every_day_of_the_calendar_lies_in_the_stretch_of_its_number(every: Every, day: date) -> None:
    assert day in stretch(every, number(every, day))


@pytest.mark.parametrize(
    ("every", "found"),
    [
        (Every.WEEK, Stretch(date(2026, 2, 23), date(2026, 3, 1))),
        (Every.MONTH, Stretch(date(2026, 3, 1), date(2026, 3, 31))),
        (Every.QUARTER, Stretch(date(2026, 1, 1), date(2026, 3, 31))),
        (Every.HALF_YEAR, Stretch(date(2026, 1, 1), date(2026, 6, 30))),
        (Every.YEAR, Stretch(date(2026, 1, 1), date(2026, 12, 31))),
    ],
)
def test_a_stretch_is_one_of_the_calendar(every: Every, found: Stretch) -> None:
    day = date(2026, 3, 1)
    assert stretches(every, day, day) == [found]


@given(duties, members, days, days)
def test_only_whole_stretches_in_force_are_owed(duty: Duty, member: Member, one: date, other: date) -> None:
    first, last = min(one, other), max(one, other)
    for each in owed(duty, member, first, last):
        assert first <= each.last <= last
        for begins in filter(None, (duty.since, member.since)):
            assert begins <= each.first
        for ends in filter(None, (duty.until, member.until)):
            assert each.last <= ends


@given(duties, members, days, st.lists(days, max_size=20), st.integers(0, 2))
def test_late_days_are_never_negative_and_only_of_gaps(
    duty: Duty, member: Member, day: date, on: list[date], hidden: int
) -> None:
    assert duty.every is not None
    found = standing(
        duty, member, came(duty.every, *on, hidden=hidden), day=day, begins=date(2024, 1, 1), calendar=CALENDAR
    )
    if found is None:
        return
    assert day in found.stretch
    if found.late_days is not None:
        assert found.late_days >= 0
        assert found.state is State.LATE
        assert found.first_unmet is not None
        assert found.first_unmet.last < day
        assert found.unmet > 0
    if found.state not in GAPS:
        assert found.unmet == 0


@given(duties, members, days)
def test_whoever_is_not_in_force_owes_nothing(duty: Duty, member: Member, day: date) -> None:
    assert duty.every is not None
    ended = replace(member, until=day - timedelta(days=1))
    assert standing(duty, ended, came(duty.every), day=day, begins=LONG_AGO, calendar=CALENDAR) is None
    over = replace(duty, until=day - timedelta(days=1))
    assert standing(over, member, came(duty.every), day=day, begins=LONG_AGO, calendar=CALENDAR) is None
    ahead = replace(duty, since=day + timedelta(days=1))
    assert standing(ahead, member, came(duty.every), day=day, begins=LONG_AGO, calendar=CALENDAR) is None
    assert not [each for each in owed(over, member, day, day + timedelta(days=800)) if each.last >= day]


def test_a_duty_binds_members_by_code_or_level_and_all_when_it_names_neither() -> None:
    commune = Member(code="H52.40", kind="commune")
    assert MONTHLY.binds(commune)
    named = replace(MONTHLY, members=frozenset({"H52.12"}), kinds=frozenset({"commune"}))
    assert named.binds(HEALTH)
    assert named.binds(commune)
    assert not named.binds(Member(code="H52.13", kind="department"))
    other = Member(code="x", kind="other")
    assert standing(named, other, came(Every.MONTH), day=LONG_AGO, begins=LONG_AGO, calendar=CALENDAR) is None


def test_the_states_of_a_member_follow_the_days() -> None:
    april = came(Every.MONTH, date(2026, 4, 20))
    assert judged(april, date(2026, 4, 25)).state is State.FRESH
    assert judged(april, date(2026, 5, 31)).state is State.DUE
    late = judged(april, date(2026, 6, 4))
    assert (late.state, late.late_days, late.unmet) == (State.LATE, 4, 1)
    assert late.first_unmet == Stretch(date(2026, 5, 1), date(2026, 5, 31))
    assert judged(came(Every.MONTH, date(2026, 4, 20), date(2026, 6, 3)), date(2026, 6, 4)).state is State.FRESH
    new = replace(HEALTH, since=date(2026, 4, 1))
    assert judged(came(Every.MONTH), date(2026, 4, 30), member=new).state is State.DUE
    never = judged(came(Every.MONTH), date(2026, 5, 4), member=new)
    assert (never.state, never.late_days, never.unmet) == (State.NEVER, None, 1)
    assert judged(came(Every.MONTH, hidden=1), date(2026, 5, 4), member=new).state is State.EMPTY
    assert judged(came(Every.MONTH, hidden=1), date(2026, 4, 9), member=new).state is State.EMPTY


def test_too_few_are_not_enough() -> None:
    three = replace(MONTHLY, at_least=3)
    two = came(Every.MONTH, date(2026, 4, 2), date(2026, 4, 3))
    assert judged(two, date(2026, 4, 30), three, replace(HEALTH, since=date(2026, 4, 1))).state is State.DUE
    assert judged(two, date(2026, 5, 4), three, replace(HEALTH, since=date(2026, 4, 1))).state is State.LATE


def test_a_successor_begins_anew_and_the_old_one_is_judged_for_its_time_alone() -> None:
    old = replace(HEALTH, until=date(2026, 6, 30))
    new = Member(code="H52.99", kind="department", since=date(2026, 7, 1))
    assert [each.last for each in owed(MONTHLY, old, date(2026, 5, 1), date(2026, 12, 31))] == [
        date(2026, 5, 31), date(2026, 6, 30)
    ]  # fmt: skip
    assert judged(came(Every.MONTH), date(2026, 7, 31), member=new).state is State.DUE
    assert judged(came(Every.MONTH), date(2026, 8, 3), member=new).unmet == 1


def test_one_that_ends_in_the_middle_of_a_stretch_owes_nothing_in_it() -> None:
    ending = replace(HEALTH, until=date(2026, 7, 15))
    assert judged(came(Every.MONTH), date(2026, 6, 30), member=ending).state is State.NEVER
    assert judged(came(Every.MONTH), date(2026, 7, 10), member=ending).state is State.FRESH


def test_one_that_begins_in_the_middle_owes_nothing_for_that_month() -> None:
    new = Member(code="H52.99", kind="commune", since=date(2026, 7, 25))
    assert judged(came(Every.MONTH), date(2026, 7, 31), member=new).state is State.FRESH
    assert judged(came(Every.MONTH), date(2026, 8, 1), member=new).state is State.DUE


def test_what_nobody_dates_is_owed_since_the_hub_knows_of_anything() -> None:
    begins = date(2026, 6, 10)
    for day, state in (
        (date(2026, 6, 30), State.FRESH),
        (date(2026, 7, 31), State.DUE),
        (date(2026, 8, 3), State.NEVER),
    ):
        found = standing(MONTHLY, HEALTH, came(Every.MONTH), day=day, begins=begins, calendar=CALENDAR)
        assert found is not None
        assert found.state is state


def test_two_duties_for_one_category_are_judged_apart() -> None:
    weekly = replace(MONTHLY, name="tin-hang-tuan", every=Every.WEEK)
    on = date(2026, 6, 1)
    assert judged(came(Every.MONTH, on), date(2026, 6, 17)).state is State.FRESH
    found = judged(came(Every.WEEK, on), date(2026, 6, 17), weekly)
    assert (found.state, found.first_unmet) == (State.LATE, Stretch(date(2026, 6, 8), date(2026, 6, 14)))


def test_without_a_calendar_days_are_counted_and_marked() -> None:
    none = WorkingCalendar()
    april = came(Every.MONTH, date(2026, 4, 20))
    found = standing(MONTHLY, HEALTH, april, day=date(2026, 6, 4), begins=LONG_AGO, calendar=none)
    assert found is not None
    assert (found.late_days, found.sure) == (4, False)
    assert judged(came(Every.MONTH, date(2026, 3, 2)), date(2026, 5, 4)).sure
    assert not timely(2, date(2027, 1, 4), date(2027, 1, 5), CALENDAR).due.sure


def test_in_time_is_counted_in_working_days() -> None:
    assert timely(2, date(2026, 4, 28), date(2026, 5, 4), CALENDAR).in_time  # 29 April, then 4 May
    late = timely(2, date(2026, 4, 28), date(2026, 5, 5), CALENDAR)
    assert (late.in_time, late.days, late.due.day) == (False, 3, date(2026, 5, 4))
    assert timely(0, date(2026, 5, 5), date(2026, 5, 4), CALENDAR).days == 0
    assert timely(5, date.max, date.max, CALENDAR).in_time


def test_stretches_without_enough_are_named() -> None:
    found = stretches(Every.MONTH, date(2026, 4, 1), date(2026, 6, 30))
    assert unmet(MONTHLY, came(Every.MONTH, date(2026, 5, 3)), found) == [found[0], found[2]]
    assert unmet(replace(MONTHLY, every=None), came(Every.MONTH), found) == []
