"""How long guessers wait, and that their owners do not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.delays import ACCOUNT, ADDRESS, FORGOTTEN, MOST_AN_HOUR, Delay, counted, place_of, waits

START = datetime(2026, 3, 2, tzinfo=UTC)


def test_the_first_guesses_are_free_and_each_further_one_waits_twice_as_long() -> None:
    delay, waited = None, []
    for _ in range(10):
        delay = counted(delay, START, ACCOUNT)
        waited.append((delay.until - START).total_seconds())
    assert waited == [0, 0, 30, 60, 120, 240, 480, 900, 900, 900]


@given(st.lists(st.integers(0, 1_200), min_size=1, max_size=300))
def test_whatever_the_pace_at_most_half_of_what_an_account_may_bear_is_evaluated_one_way(pauses: list[int]) -> None:
    now, delay, evaluated = START, None, []
    for pause in pauses:
        now += timedelta(seconds=pause)
        if waits(delay, now) is None:
            evaluated.append(now)
            delay = counted(delay, now, ACCOUNT)
            assert delay.until - now <= timedelta(minutes=15)
    most = max(sum(1 for at in evaluated if begin <= at < begin + timedelta(hours=1)) for begin in evaluated)
    assert most <= MOST_AN_HOUR // 2


def test_a_guess_that_comes_too_early_does_not_lengthen_the_wait() -> None:
    delay = Delay(5, START, START + timedelta(minutes=2))
    assert waits(delay, START + timedelta(minutes=1)) == timedelta(minutes=1)
    assert waits(delay, START + timedelta(minutes=2)) is None
    assert waits(None, START) is None


def test_an_hour_of_silence_forgets() -> None:
    delay = Delay(9, START, START + timedelta(minutes=15))
    assert counted(delay, START + FORGOTTEN, ACCOUNT).failures == 1
    assert counted(delay, START + FORGOTTEN - timedelta(seconds=1), ACCOUNT).failures == 10


def test_an_office_behind_one_address_has_some_more() -> None:
    delay = None
    for _ in range(19):
        delay = counted(delay, START, ADDRESS)
        assert delay.until == START
    assert counted(delay, START, ADDRESS).until == START + timedelta(seconds=15)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", "unknown"),
        ("not an address", "unknown"),
    ],
)
def test_a_household_of_ipv6_is_one_guesser_and_all_of_ipv4_is_not(address: str, place: str) -> None:
    assert place_of(address) == place
