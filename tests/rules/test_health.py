"""How a source is: the first thing that holds is told, and nothing new is never without why."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.gaps import Side
from hub.rules.health import RANK, Condition, Seen, health
from schemas.item import Kind

WELL = Seen(kind=Kind.NEWS, lately=3)


@pytest.mark.parametrize(
    ("changes", "condition", "side", "told"),
    [
        ({}, Condition.GOOD, None, "3 tin, bài mới trong 7 ngày qua"),
        ({"lately": 0}, Condition.GOOD, None, "chưa dài hơn thường lệ"),
        ({"state": "paused", "fault_code": "x"}, Condition.PAUSED, Side.PERSON, "tạm dừng"),
        ({"state": "blocked", "fault_sentence": "Bị chặn."}, Condition.BLOCKED, Side.MEMBER, "Bị chặn. Hệ thống không"),
        ({"held": "Nhiều mục biến mất."}, Condition.HELD, Side.PERSON, "Nhiều mục biến mất."),
        ({"fault_code": "timeout", "fault_side": "network"}, Condition.FAILING, Side.NETWORK, "timeout"),
        ({"asked": False}, Condition.NEW, Side.HUB, "chưa được thu lần nào"),
        ({"quiet": "Im lặng."}, Condition.QUIET, Side.MEMBER, "Im lặng."),
        ({"any_item": False, "lately": 0}, Condition.EMPTY, Side.MEMBER, "chưa có tin, bài nào"),
        ({"any_item": False, "any_rejection": True}, Condition.EMPTY, Side.MEMBER, "mục nào cũng bị loại"),
    ],
    ids=["well", "silent", "paused", "blocked", "held", "failing", "new", "quiet", "empty", "rejected"],
)
def test_the_first_thing_that_holds_is_told(
    changes: dict[str, object], condition: Condition, side: Side | None, told: str
) -> None:
    found = health(replace(WELL, **changes))  # type: ignore[arg-type]
    assert (found.condition, found.side) == (condition, side)
    assert told in found.sentence


@given(
    st.builds(
        Seen, kind=st.sampled_from(Kind), state=st.sampled_from(["active", "paused", "blocked"]),
        fault_code=st.sampled_from(["", "timeout"]), fault_side=st.text(max_size=6), asked=st.booleans(),
        held=st.none() | st.text(max_size=9), quiet=st.sampled_from(["", "Im lặng."]), any_item=st.booleans(),
        any_rejection=st.booleans(), lately=st.integers(0, 9),
    )
)  # fmt: skip
def test_every_source_has_a_sentence_and_a_place(seen: Seen) -> None:
    found = health(seen)
    assert found.sentence.strip()
    assert found.condition in RANK
    assert (found.side is None) == (found.condition is Condition.GOOD)
