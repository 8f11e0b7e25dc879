"""Who counts as a second person."""

import pytest

from hub.rules.two_persons import Matter, is_second, may_approve


@pytest.mark.parametrize(
    ("first", "who", "second"),
    [
        ("", "an", True),
        ("an", "binh", True),
        ("an", "An", False),
        ("an", "key:cua-an", False),
        ("key:a", "binh", False),
    ],
)
def test_a_second_person_is_another_person_and_no_program(first: str, who: str, second: bool) -> None:
    assert is_second(first, who) is second


def test_two_are_asked_for_only_where_it_is_set() -> None:
    assert may_approve([], "an", "an")
    assert not may_approve([Matter.EDITS], "an", "an")
