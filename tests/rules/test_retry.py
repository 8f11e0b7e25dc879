"""What the worker does after something failed."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import (
    BlockedError,
    ConfigError,
    HubError,
    RejectedError,
    ThrottledError,
    TransientError,
    UnconfirmedError,
)
from hub.rules.retry import Decision, Look, Park, PauseEndpoint, Retry, SetAside, Wait, decide

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def after(error: BaseException, *, attempts: int = 1, age: float = 0, chance: float = 0.5) -> Decision:
    """Decision for work that began to fail `age` hours ago."""
    since = NOW - timedelta(hours=age)
    return decide(error, attempts=attempts, first_failed_at=since, now=NOW, chance=chance)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TransientError(), Retry),
        (ThrottledError(retry_after=10), Wait),
        (ThrottledError(), Wait),
        (RejectedError(pointer="item 3"), SetAside),
        (BlockedError(), PauseEndpoint),
        (ConfigError("no token"), PauseEndpoint),
        (UnconfirmedError(), Look),
        (UnconfirmedError(code="untold"), Park),
        (HubError("?"), Retry),
        (KeyError("x"), Retry),
        (TimeoutError(), Retry),
        (asyncio.CancelledError(), Wait),
        (KeyboardInterrupt(), Wait),
        (SystemExit(), Wait),
    ],
)
def test_the_class_of_an_error_decides_what_happens_next(error: BaseException, kind: type) -> None:
    decision = after(error)

    assert type(decision) is kind
    assert decision.reason


@pytest.mark.parametrize(
    ("attempts", "longest"),
    [(1, 2), (2, 4), (3, 8), (9, 512), (10, 900), (11, 900), (1_000_000, 900), (0, 2)],
)
@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_a_retry_waits_anywhere_up_to_a_doubling_time(attempts: int, longest: float, chance: float) -> None:
    decision = after(TransientError(), attempts=attempts, chance=chance)

    assert decision == Retry(NOW + timedelta(seconds=longest * chance), "TransientError:transient")


@pytest.mark.parametrize(
    ("told", "waited"),
    [(30, 30), (0, 0), (-5, 0), (10**9, 6 * 3600), (float("inf"), 6 * 3600), (float("nan"), 0)],
)
def test_waiting_as_told_is_obeyed_within_a_cap(told: float, waited: float) -> None:
    for attempts in (1, 50):
        decision = after(ThrottledError(retry_after=told), attempts=attempts)

        assert decision == Wait(NOW + timedelta(seconds=waited), "ThrottledError:throttled", endpoint=True)


def test_throttling_without_a_time_never_asks_again_at_once() -> None:
    assert after(ThrottledError(), chance=0.0) == Wait(NOW + timedelta(seconds=1), "ThrottledError:throttled")


def test_our_shutdown_counts_nothing_and_parks_nothing() -> None:
    assert after(asyncio.CancelledError(), age=24 * 365, attempts=99) == Wait(NOW, "our shutdown", endpoint=False)


@pytest.mark.parametrize("error", [TransientError(), ThrottledError(retry_after=5), UnconfirmedError(), ValueError()])
def test_a_week_parks(error: Exception) -> None:
    assert not isinstance(after(error, age=167.9), Park)
    assert isinstance(after(error, age=168), Park)


@pytest.mark.parametrize("error", [BlockedError(), RejectedError()])
def test_age_changes_nothing_for_what_a_person_must_mend(error: Exception) -> None:
    assert after(error, age=1_000) == after(error)


def test_a_defect_of_ours_is_tried_few_times_and_its_text_is_not_repeated() -> None:
    secret = ValueError("the text we were sending")

    decisions = [after(secret, attempts=n) for n in range(1, 7)]

    assert [type(decision) for decision in decisions] == [Retry] * 4 + [Park] * 2
    assert all("text" not in decision.reason for decision in decisions)


@given(st.integers(0, 10**6), st.floats(0, 1, exclude_max=True), st.floats(0, 10_000))
def test_nothing_is_ever_due_in_the_past_or_later_than_a_quarter_of_an_hour(
    attempts: int, chance: float, age: float
) -> None:
    for error in (TransientError(), UnconfirmedError(), ThrottledError(), RuntimeError()):
        match after(error, attempts=attempts, chance=chance, age=age):
            case Retry(at=at) | Wait(at=at) | Look(at=at):
                assert NOW <= at <= NOW + timedelta(minutes=15)
            case Park():
                assert age >= 168 or attempts >= 5
            case other:
                raise AssertionError(other)
