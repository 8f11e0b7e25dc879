"""Leases, patience, and which questions of a WebSub hub are ours to answer."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Hints
from connectors.websub import Intent
from hub.rules import rhythm, subscription
from hub.rules.subscription import Asked, Verdict

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
TOPIC = "https://sonla.example.gov.vn/rss/tin-moi.rss"
ASKED = Asked(mode="subscribe", topic=TOPIC, at=NOW - timedelta(minutes=1))


def intent(mode: str = "subscribe", topic: str = TOPIC) -> Intent:
    return Intent(mode=mode, topic=topic, challenge="x", lease=60)


@pytest.mark.parametrize(
    ("question", "asked", "verdict"),
    [
        (intent(), ASKED, Verdict.CONFIRM),
        (intent("unsubscribe"), ASKED, Verdict.STRANGE),
        (intent(topic=TOPIC + "?x"), ASKED, Verdict.STRANGE),
        (intent(topic=TOPIC.upper()), ASKED, Verdict.STRANGE),
        (intent("denied"), ASKED, Verdict.DENIED),
        (intent("denied", TOPIC + "/"), ASKED, Verdict.STRANGE),
        (intent(), Asked(mode="unsubscribe", topic=TOPIC, at=NOW), Verdict.STRANGE),
        (intent("unsubscribe"), Asked(mode="unsubscribe", topic=TOPIC, at=NOW), Verdict.CONFIRM),
        (intent("denied"), Asked(mode="unsubscribe", topic=TOPIC, at=NOW), Verdict.STRANGE),
        (intent(), Asked(mode="", topic=TOPIC, at=None), Verdict.STRANGE),
        (intent(), Asked(mode="subscribe", topic=TOPIC, at=NOW - timedelta(hours=1)), Verdict.CONFIRM),
        (intent(), Asked(mode="subscribe", topic=TOPIC, at=NOW - timedelta(hours=1, seconds=1)), Verdict.STRANGE),
        (intent("denied"), Asked(mode="subscribe", topic=TOPIC, at=NOW - timedelta(days=9)), Verdict.DENIED),
    ],
)  # fmt: skip
def test_only_what_we_asked_a_short_while_ago_is_confirmed(question: Intent, asked: Asked, verdict: Verdict) -> None:
    assert subscription.judge(question, asked, NOW) is verdict


@given(st.none() | st.integers(1, 10**12))
def test_a_lease_is_renewed_before_it_ends_and_never_believed_for_ever(lease: int | None) -> None:
    granted = subscription.grant(lease, NOW)
    assert NOW < granted.until <= NOW + timedelta(days=90)
    assert granted.renew_at >= NOW + timedelta(minutes=1)
    if lease is None or lease >= 120:
        assert granted.renew_at < granted.until


def test_a_silent_hub_is_asked_less_and_less_often_but_never_given_up() -> None:
    waits = [(subscription.ask_again_at(NOW, n, 0.0) - NOW) / timedelta(minutes=1) for n in (0, 1, 2, 3, 7, 10**6)]
    assert waits == [10, 10, 20, 40, 360, 360]
    assert subscription.ask_again_at(NOW, 1, 0.99) < subscription.ask_again_at(NOW, 1, 0.0)


def poll(every: float | None, *, pushed: bool = True, **more: float) -> rhythm.Next:
    values = {"failures": 0, "chance": 0.0} | more
    return rhythm.next_poll(
        now=NOW, every=every, hints=Hints(ttl=86_400.0), failures=int(values["failures"]), chance=values["chance"],
        pushed=pushed,
    )  # fmt: skip


@given(st.floats(0, 1, exclude_max=True))
def test_polls_back_up_a_subscription_at_least_every_six_hours(chance: float) -> None:
    slow = poll(None, chance=chance)
    assert slow.reason == rhythm.BACKUP
    assert rhythm.DEFAULT_EVERY < slow.seconds <= 6 * rhythm.HOUR


def test_a_subscription_changes_no_rhythm_that_a_person_set() -> None:
    assert poll(600.0) == poll(600.0, pushed=False)


def test_a_failing_source_is_polled_as_if_nobody_pushed() -> None:
    assert poll(None, failures=1) == poll(None, failures=1, pushed=False)
