"""When a digest is due, of which time it tells, and what belongs into it."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.digests import LOOK_BACK, SETTLING, Digest, Weekday, due_day, period, takes
from schemas.item import Kind

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = date(2026, 3, 2)


def digest(**keys: Any) -> Digest:
    usual: dict[str, Any] = {
        "name": "tin",
        "title": "Tin",
        "to": ("a@b.vn",),
        "at": time(7),
        "days": frozenset(Weekday),
    }
    return Digest(**usual | keys)


def local(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=ZONE)


def test_a_digest_is_due_from_its_hour_to_the_end_of_its_day() -> None:
    assert due_day(digest(), local(MONDAY, 6, 59)) is None
    assert due_day(digest(), local(MONDAY, 7)) == MONDAY
    assert due_day(digest(), local(MONDAY, 23, 59)) == MONDAY, "the machine was off in the morning"
    assert due_day(digest(), local(MONDAY + timedelta(days=1), 0)) is None


def test_a_digest_of_some_days_is_due_on_these() -> None:
    weekly = digest(days=frozenset({Weekday.MON}))
    assert [due_day(weekly, local(MONDAY + timedelta(days=n), 8)) for n in range(8)] == [
        MONDAY, *[None] * 6, MONDAY + timedelta(days=7),
    ]  # fmt: skip


def test_the_first_digest_tells_of_the_time_since_the_one_before_would_have_been() -> None:
    told = period(digest(), MONDAY, None, local(MONDAY, 7, 5))
    assert (told.begin, told.end) == (local(MONDAY - timedelta(days=1), 7), local(MONDAY, 7, 5) - SETTLING)
    weekly = digest(days=frozenset({Weekday.MON}))
    assert period(weekly, MONDAY, None, local(MONDAY, 8)).begin == local(MONDAY - timedelta(days=7), 7)


def test_a_digest_that_was_off_for_long_does_not_tell_of_years() -> None:
    now = local(MONDAY, 7)
    assert period(digest(), MONDAY, datetime(2019, 1, 1, tzinfo=UTC), now).begin == now - LOOK_BACK


def test_a_clock_that_was_set_back_tells_nothing_twice() -> None:
    last = local(MONDAY, 7)
    told = period(digest(), MONDAY, last, local(MONDAY, 6))
    assert told.begin == told.end == last


@given(st.lists(st.integers(0, 60 * 24 * 20), min_size=2, max_size=12))
def test_digests_one_after_the_other_leave_no_time_out_and_tell_none_twice(minutes: list[int]) -> None:
    last, covered = None, []
    for minute in sorted(minutes):
        now = local(MONDAY, 7) + timedelta(minutes=minute)
        told = period(digest(), now.date(), last, now)
        assert told.begin <= told.end
        covered.append(told)
        last = told.end
    for before, after in pairwise(covered):
        assert before.end == after.begin


@pytest.mark.parametrize(
    ("keys", "taken"),
    [
        ({}, True),
        ({"kinds": (Kind.NEWS, Kind.NOTICE)}, True),
        ({"kinds": (Kind.DOCUMENT,)}, False),
        ({"members": ("H52.1*",)}, True),
        ({"members": ("H52.2*",)}, False),
        ({"tags": ("khan*",)}, True),
        ({"tags": ("KHẨN CẤP",)}, True),
        ({"tags": ("y tế",)}, False),
        ({"tags": ("khẩn*",), "members": ("H53.*",)}, False),
    ],
)
def test_every_condition_of_a_topic_must_hold(keys: dict[str, Any], taken: bool) -> None:
    assert takes(digest(**keys), kind=Kind.NEWS, member="H52.12", tags=["Khẩn cấp", "bão"]) is taken
