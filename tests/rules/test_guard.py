"""The brake: which runs go on, which raise an alarm, which wait for a person."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.guard import Hold, Limits, Pass, Poll, Suspect, inspect


def judge(**facts: Any) -> tuple[type, str]:
    verdict = inspect(Poll(**{"known_before": 100, "shown": 40, **facts}))
    return type(verdict), verdict.reason if isinstance(verdict, Pass) else verdict.code


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({}, (Pass, "nothing unusual")),
        ({"new": 20, "shown": 20}, (Pass, "nothing unusual")),
        ({"new": 21, "shown": 21}, (Hold, "mass_new")),
        ({"new": 21, "shown": 42}, (Pass, "nothing unusual")),
        ({"new": 22, "shown": 42}, (Hold, "mass_new")),
        ({"moved": 21}, (Hold, "mass_moved")),
        ({"gone": 21, "shown": 0}, (Hold, "mass_gone")),
        ({"gone": 21, "shown": 20}, (Hold, "mass_gone")),
        ({"gone": 21, "shown": 21}, (Pass, "nothing unusual")),
        ({"gone": 5, "shown": 0}, (Pass, "nothing unusual")),
        ({"new": 11, "moved": 11}, (Hold, "mass_change")),
        ({"new": 30, "shown": 100}, (Pass, "nothing unusual")),
        ({"new": 30, "shown": 100, "usual_new": 3.0}, (Hold, "flood")),
        ({"new": 30, "shown": 100, "usual_new": 0.0}, (Hold, "flood")),
        ({"new": 30, "shown": 100, "usual_new": 3.5}, (Pass, "nothing unusual")),
        ({"new": 20, "shown": 100, "usual_new": 1.0}, (Pass, "nothing unusual")),
        ({"shown": 0}, (Suspect, "empty_list")),
        ({"shown": 0, "fallen": 3}, (Suspect, "all_fallen")),
        ({"fallen": 41}, (Suspect, "mostly_fallen")),
        ({"fallen": 10}, (Pass, "nothing unusual")),
        ({"changed": 21}, (Suspect, "mass_edit")),
        ({"changed": 20}, (Pass, "nothing unusual")),
        # What shows only changes is all change, and may be empty.
        ({"incremental": True, "shown": 0}, (Pass, "nothing changed")),
        ({"incremental": True, "shown": 0, "fallen": 3}, (Suspect, "all_fallen")),
        ({"incremental": True, "shown": 30, "new": 30}, (Pass, "nothing unusual")),
        ({"incremental": True, "shown": 51, "new": 51}, (Hold, "mass_new")),
        ({"incremental": True, "shown": 51, "new": 51, "known_before": 102}, (Pass, "nothing unusual")),
        ({"incremental": True, "shown": 30, "new": 30, "usual_new": 3.0}, (Hold, "flood")),
        ({"incremental": True, "shown": 30, "changed": 30}, (Pass, "nothing unusual")),
        ({"incremental": True, "shown": 60, "changed": 60}, (Suspect, "mass_edit")),
        # A first poll and a wish of a person are never held.
        ({"known_before": 0, "new": 500, "shown": 500}, (Pass, "first items of this source")),
        ({"known_before": 0, "shown": 0}, (Pass, "first items of this source")),
        ({"backfill": True, "new": 500, "shown": 500, "usual_new": 1.0}, (Pass, "asked for by a person")),
        ({"backfill": True, "shown": 0}, (Pass, "asked for by a person")),
    ],
)
def test_a_run_is_judged_by_its_numbers(facts: dict[str, Any], verdict: tuple[type, str]) -> None:
    assert judge(**facts) == verdict


def test_the_limits_are_arguments() -> None:
    poll = Poll(known_before=10, shown=10, new=3)

    assert isinstance(inspect(poll), Pass)
    assert isinstance(inspect(poll, Limits(share=0.2, count=2)), Hold)


def test_a_verdict_says_how_many_and_what_to_do() -> None:
    verdict = inspect(Poll(known_before=100, shown=40, new=35))

    assert isinstance(verdict, Hold)
    assert "35 trên 40" in verdict.sentence
    assert "Đề nghị" in verdict.sentence


count = st.integers(0, 200)


@given(known=st.integers(1, 10**4), new=count, moved=count, same=count, gone=count, usual=st.none() | st.floats(0, 50))
def test_no_mass_change_passes_and_no_small_one_is_held(
    known: int, new: int, moved: int, same: int, gone: int, usual: float | None
) -> None:
    shown = new + moved + same
    verdict = inspect(Poll(known_before=known, shown=shown, new=new, moved=moved, gone=gone, usual_new=usual))

    touched = new + moved + gone
    if touched > 20 and touched * 2 > shown + gone:
        assert isinstance(verdict, Hold)
    if touched <= 20:
        assert not isinstance(verdict, Hold)
