"""When a source is asked again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Hints
from hub.rules.rhythm import DAY, HOUR, LONGEST_SPREAD, Next, next_poll

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
YEAR = 365 * DAY


def after(every: float | None = None, *, failures: int = 0, chance: float = 0.0, **hints: Any) -> Next:
    return next_poll(now=NOW, every=every, hints=Hints(**hints), failures=failures, chance=chance)


@pytest.mark.parametrize(
    ("asked", "seconds", "reason"),
    [
        ({}, 900, "default rhythm"),
        ({"every": 60.0}, 60, "rhythm of the settings"),
        ({"every": 7 * DAY}, 7 * DAY, "rhythm of the settings"),
        ({"ttl": 3600}, 3600, "TTL of the feed"),
        ({"ttl": 60}, 900, "default rhythm"),
        ({"max_age": 1800, "ttl": 3600}, 3600, "TTL of the feed"),
        ({"max_age": YEAR}, 6 * HOUR, "Cache-Control of the answer"),
        ({"ttl": float("inf"), "max_age": float("nan"), "retry_after": -1}, 900, "default rhythm"),
        # A rhythm that a person set is not slowed by advice, only by an order.
        ({"every": 2.0, "ttl": YEAR, "max_age": YEAR}, 2, "rhythm of the settings"),
        ({"every": 2.0, "retry_after": 120}, 120, "Retry-After of the answer"),
        ({"retry_after": YEAR}, DAY, "Retry-After of the answer"),
        ({"failures": 1}, 900, "default rhythm"),
        ({"failures": 2}, 1800, "2 failures in a row"),
        ({"failures": 4}, 7200, "4 failures in a row"),
        ({"failures": 1_000_000}, DAY, "1000000 failures in a row"),
        ({"every": 7 * DAY, "failures": 9}, 7 * DAY, "rhythm of the settings"),
        ({"every": 2.0, "failures": 5}, 32, "5 failures in a row"),
        ({"failures": 3, "retry_after": 7200}, 7200, "Retry-After of the answer"),
    ],
)
def test_the_largest_voice_decides_and_is_named(asked: dict[str, Any], seconds: float, reason: str) -> None:
    assert after(**asked) == Next(at=NOW + timedelta(seconds=seconds), seconds=seconds, reason=reason)


def test_the_spread_makes_it_later_by_at_most_a_tenth() -> None:
    assert after(chance=0.5).seconds == 945
    assert after(2.0, chance=0.5).seconds == 2.1
    assert after(7 * DAY, chance=0.999).seconds < 7 * DAY + LONGEST_SPREAD


seconds = st.none() | st.floats(allow_nan=True, allow_infinity=True)


@given(
    st.none() | st.floats(0, YEAR),
    st.integers(0, 10**9),
    st.floats(0, 1, exclude_max=True),
    seconds,
    seconds,
    seconds,
)
def test_no_answer_silences_a_source_for_longer_than_a_day_and_its_own_rhythm(
    every: float | None,
    failures: int,
    chance: float,
    ttl: float | None,
    max_age: float | None,
    retry_after: float | None,
) -> None:
    answer = after(every, failures=failures, chance=chance, ttl=ttl, max_age=max_age, retry_after=retry_after)

    own = every or 0.0
    assert answer.seconds <= max(DAY, own) + LONGEST_SPREAD
    assert answer.seconds >= max(own, min(retry_after or 0.0, DAY) if retry_after == retry_after else 0.0)
    assert answer.at >= NOW
