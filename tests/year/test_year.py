"""The reference year: what the hub says of it is what the generator decided, number for number and gap for gap.

`HUB_JOURNEYS=long pytest tests/year` takes 60,000 items and several seeds; `python -m tests.year` any other, and prints
the table.
"""

import os
from collections import Counter
from pathlib import Path

import pytest

from tests.year.comparing import Comparison
from tests.year.days import FIRST, LAST, MERGED, holidays, is_working, limit, stretches, working_days_after
from tests.year.judging import Judge
from tests.year.key import Key
from tests.year.plan import END, HALF, plan

LONG = os.environ.get("HUB_JOURNEYS") == "long"
ITEMS, SEEDS = (60_000, (1, 2, 3)) if LONG else (3_000, (1,))


@pytest.mark.timeout(1_800 if LONG else 120)
@pytest.mark.parametrize("seed", SEEDS)
async def test_the_hub_says_of_a_year_what_was_decided(tmp_path: Path, database_url: str, seed: int) -> None:
    result = await Judge.of(plan(seed, ITEMS), tmp_path, database_url, thorough=LONG).whole()
    print(result.table())
    assert result.differences == []
    assert (result.precision, result.recall) == (1, 1)
    assert result.named["right"] > 20
    assert result.checks["frozen report"].asked == 3
    assert result.confusion.total() >= 500
    assert result.labelled_right >= 0.99


def test_a_plan_is_made_again_from_its_seed_and_holds_enough_of_everything() -> None:
    year = plan(1, 3_000)
    assert plan(1, 3_000).entries == year.entries != plan(2, 3_000).entries
    assert (len(year.feeds), len(year.entries), len(year.offices)) == (300, 3_000, 19 + 12 + 100 + 40)
    states = Counter(entry.state(END) for entry in year.entries)
    assert min(states[state] for state in ("public", "held", "rejected", "withdrawn")) > 20
    gaps = Counter(gap.silence for gap in Key(year, END).gaps(FIRST, LAST))
    assert gaps.total() >= 500
    assert min(gaps[silence] for silence in ("nothing", "unread", "kept")) > 50
    assert Key(year, HALF).missing(FIRST, MERGED) != Key(year, END).missing(FIRST, MERGED)


def test_the_days_of_the_key_are_those_of_a_calendar() -> None:
    assert [len(list(stretches(every))) for every in ("week", "month", "quarter", "half-year", "year")] == [
        51, 12, 4, 2, 1,
    ]  # fmt: skip
    assert sum(is_working(FIRST.replace(month=5, day=day)) for day in range(1, 32)) == 20
    before_tet = FIRST.replace(day=24)
    assert limit(before_tet, 1) == FIRST.replace(month=2, day=3)
    assert working_days_after(before_tet, FIRST.replace(month=2, day=5)) == 3
    assert len(holidays().splitlines()) == 17


def test_a_member_that_is_blamed_wrongly_is_a_difference() -> None:
    result = Comparison()
    result.name_them({"a", "b"}, {"a", "c"}, "H1")
    result.label({"x": "unread", "y": "kept"}, {"x": "nothing", "z": "nothing"})
    assert (result.precision, result.recall, result.labelled_right) == (0.5, 0.5, 0)
    assert result.confusion == {("unread", "nothing"): 1, ("kept", "met"): 1, ("met", "nothing"): 1}
    assert len(result.differences) == 4
