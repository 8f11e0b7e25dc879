"""A source is judged by its own rhythm."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.quiet import LEAST, TIMES, UNKNOWN, quiet

TODAY = date(2026, 11, 20)


def days(*ago: int) -> list[date]:
    return [TODAY - timedelta(days=one) for one in ago]


@pytest.mark.parametrize("silence", [0, 1, 2])
def test_a_daily_source_may_rest_over_a_weekend(silence: int) -> None:
    assert quiet(today=TODAY, days=days(*range(silence, silence + 30))) is None


def test_a_daily_source_that_is_silent_for_four_days_is_quiet() -> None:
    found = quiet(today=TODAY, days=days(*range(4, 34)))
    assert found is not None
    assert (found.since, found.days, found.usual) == (date(2026, 11, 16), 4, 1)
    assert "16/11/2026 (4 ngày)" in found.sentence


def test_a_monthly_source_is_given_three_months() -> None:
    monthly = [day * 30 for day in range(8)]
    assert quiet(today=TODAY, days=days(*(one + 89 for one in monthly))) is None
    found = quiet(today=TODAY, days=days(*(one + 91 for one in monthly)))
    assert found is not None
    assert found.usual == 30


def test_one_long_holiday_does_not_hide_a_silence() -> None:
    before = list(range(10, 40)) + list(range(55, 85))  # fifteen days without news, once
    found = quiet(today=TODAY, days=days(*before))
    assert found is not None
    assert found.usual == 1


def test_too_few_days_tell_nothing_until_a_month_is_over() -> None:
    assert quiet(today=TODAY, days=days(30, 31)) is None
    found = quiet(today=TODAY, days=days(31))
    assert found is not None
    assert found.usual is None
    assert "chưa đủ dữ liệu" in found.sentence


def test_a_source_that_never_brought_anything_is_not_quiet() -> None:
    assert quiet(today=TODAY, days=[]) is None


@given(st.lists(st.integers(min_value=0, max_value=400), max_size=60))
def test_what_is_called_quiet_is_silent_for_longer_than_its_limit(ago: list[int]) -> None:
    found = quiet(today=TODAY, days=days(*ago))
    if found is not None:
        assert found.days == min(ago)
        assert found.days > (UNKNOWN if found.usual is None else max(LEAST, TIMES * found.usual))
