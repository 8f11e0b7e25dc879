"""Two readings of a counter: visits, or a new beginning; and when it is read."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.counters import Counter, CounterFault, Mark, grown, is_due

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
AT = datetime(2026, 3, 2, 0, 0, 20, tzinfo=VIETNAM)
DAILY = Counter(name="cong", url="http://x.vn/", selector="b", member="", every=timedelta(days=1))


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.lists(st.integers(0, 10**6), max_size=30))
def test_no_two_readings_make_less_than_no_visits(before: int, now: int, usual: list[int]) -> None:
    said = grown(Mark(before, AT), Mark(now, AT + timedelta(days=1)), usual, VIETNAM)
    assert said.visits >= 0
    assert said.visits == (0 if said.fault else now - before)
    assert (said.fault is CounterFault.RAN_BACKWARDS) == (now < before)
    assert said.day == AT.date()


def test_days_that_nobody_read_are_no_jump() -> None:
    later = Mark(60_000, AT + timedelta(days=10))
    assert grown(Mark(0, AT), later, [200] * 20, VIETNAM).fault is None
    assert grown(Mark(0, AT), Mark(60_000, AT + timedelta(days=1)), [200] * 20, VIETNAM).fault is CounterFault.JUMPED
    assert grown(Mark(0, AT), Mark(60_000, AT + timedelta(days=1)), [200] * 6, VIETNAM).fault is None


@pytest.mark.parametrize(
    ("read", "asked", "due"),
    [
        (None, None, True),
        (timedelta(hours=1), timedelta(hours=1), True),  # yesterday at 23
        (timedelta(seconds=10), timedelta(seconds=10), False),  # today
        (timedelta(days=3), timedelta(minutes=5), False),  # failed a moment ago
        (timedelta(days=3), timedelta(minutes=31), True),
        (None, timedelta(minutes=5), False),
    ],
)
def test_a_counter_is_read_once_a_day_from_midnight_on(
    read: timedelta | None, asked: timedelta | None, due: bool
) -> None:
    read_at = AT - read if read is not None else None
    asked_at = AT - asked if asked is not None else None
    assert is_due(DAILY, read_at=read_at, asked_at=asked_at, now=AT) is due
