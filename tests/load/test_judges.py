"""Each judge of the load is seen to miss what it is there to find."""

from collections import Counter

import pytest

from tests.fakes.portal import Effect
from tests.load import backlog, hung, readers, slow
from tests.load.clients import Answers
from tests.load.table import Table

ARTICLES = [f"tin-{number}" for number in range(400)]


def missed(table: Table) -> list[str]:
    return [line.name.strip() for line in table.missed]


def put(content_id: str, version: int = 1) -> Effect:
    return Effect("put", content_id, version, "")


def drain(effects: list[Effect], *, apart: float = 0.05) -> list[str]:
    """What is found of a drain at 20 a second whose calls came so far apart."""
    called = [number * apart for number in range(len(effects))]
    seen = backlog.Seen(ARTICLES, effects, called, rate=20.0, seconds=max(called, default=0.0))
    table = Table("")
    backlog.judged(seen, table)
    return missed(table)


def test_a_drain_that_keeps_its_promises_has_no_fault() -> None:
    assert drain([put(each) for each in ARTICLES]) == []


def test_what_is_lost_or_doubled_is_found() -> None:
    assert drain([put(each) for each in ARTICLES[1:]]) == ["never arrived"]
    assert drain([*(put(each) for each in ARTICLES), put(ARTICLES[0])]) == ["arrived twice"]


def test_calls_above_the_rate_are_found_within_a_second_and_within_ten() -> None:
    assert drain([put(each) for each in ARTICLES], apart=0.03) == ["most calls within 1 s", "most calls within 10 s"]
    assert drain([put(each) for each in ARTICLES], apart=0.045) == ["most calls within 10 s"]


def test_a_slow_drain_is_found() -> None:
    assert drain([put(each) for each in ARTICLES], apart=0.06) == ["drained, a second"]


def test_oldest_first_is_found_and_so_is_any_other_order() -> None:
    assert drain([put(each) for each in reversed(ARTICLES)]) == ["not newest first"]
    assert drain([put(each) for each in ARTICLES[200:] + ARTICLES[:200]]) == ["not newest first"]


def test_a_withdrawal_that_waits_is_found_and_so_is_one_that_proves_nothing() -> None:
    for came in ((60.0, 300), (2.0, 0)):
        table = Table("")
        backlog.judged(backlog.Seen([], [], [], 20.0, 1.0, {"a withdrawal": came}), table)
        assert "a withdrawal arrives after, s" in missed(table)


def test_readers_who_are_refused_or_wait_are_found() -> None:
    good = Counter({"200": 99, "304": 1})
    assert _readers(Answers([0.01] * 100, good), paced=True) == []
    assert _readers(Answers([0.01] * 101, good + Counter({"503": 1})), paced=True) == ["neither 200 nor 304"]
    assert _readers(Answers([0.01] * 101, good + Counter({"TimeoutError": 1})), paced=False) == ["neither 200 nor 304"]
    assert _readers(Answers([0.01] * 101, good + Counter({"429": 1})), paced=True) == ["past a quota (429)"]
    assert _readers(Answers([0.2] * 100, good), paced=True) == ["list, kept: p50 / p95 / p99, ms"]
    assert _readers(Answers([], Counter()), paced=False) == ["requests", "of these 304"]


def _readers(answers: Answers, *, paced: bool) -> list[str]:
    table = Table("")
    readers.judged(readers.Seen(10.0, {"list, kept": answers}), table, paced=paced)
    return missed(table)


def test_a_harvest_that_lost_an_article_and_a_loop_that_stood_still_are_found() -> None:
    table = Table("")
    readers.judged_harvest(readers.Seen(10.0, {}, memory=700 << 20, lag=0.3, held=[100, 99]), table)
    assert missed(table) == ["articles held", "loop late, p99, ms", "memory at most, MB"]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"after": 80}, ["descriptors before, after"]),
        ({"most": 30}, ["descriptors at most"]),
        ({"memory": 1_297 << 20}, ["memory at most, MB"]),
        ({"failed": ["1 of 503"]}, ["that failed"]),
        ({"answers": [0.3] * 100}, ["p95, ms"]),
        ({"answers": []}, ["others: answers"]),
    ],
)
def test_a_hub_that_keeps_what_slow_clients_took_is_found(change: dict[str, object], found: list[str]) -> None:
    seen = slow.Seen(answers=[0.01] * 100, before=20, most=80, after=20)
    for name, value in change.items():
        setattr(seen, name, value)
    for one in seen.kinds.values():
        one.opened, one.closed = 20, [20.0] * 20
    table = Table("")
    slow.judged(seen, dict.fromkeys(seen.kinds, 25.0), table)
    assert missed(table) == found


def test_a_connection_that_is_never_closed_or_late_is_found() -> None:
    seen = slow.Seen(answers=[0.01] * 100, before=20, most=80, after=20)
    for one, closed in zip(seen.kinds.values(), ([20.0] * 19, [20.0] * 19 + [30.0], [20.0] * 20), strict=True):
        one.opened, one.closed = 20, closed
    table = Table("")
    slow.judged(seen, dict.fromkeys(seen.kinds, 25.0), table)
    assert missed(table) == ["never closed by the hub", "closed after, at most, s"]


def test_others_that_wait_for_one_that_hangs_are_found() -> None:
    for beside, met, found in (
        ([1.4, 1.4, 9.0], 3, []),
        ([1.6, 1.6, 1.0], 3, ["medians, with / without"]),
        ([1.0, 1.0, 1.0], 0, ["calls that hung"]),
    ):
        table = Table("")
        hung.judged(table, "destinations", [1.0, 1.0, 1.0], beside, met)
        assert missed(table) == found
