"""Roles, permissions, and the part of the province in which they hold."""

from hypothesis import given
from hypothesis import strategies as st

from hub.rules.access import PERMITS, WHOLE, Grant, Permission, Role, scope
from hub.store.scoping import within

TREE = {"H52": "", "H52.12": "H52", "H52.12.1": "H52.12", "H52.30": "H52", "H99": ""}


def test_a_grant_holds_for_its_member_and_all_below_it() -> None:
    editor = [Grant(Role.EDITOR, "H52.12")]
    where = scope(editor, Permission.APPROVE, TREE)
    assert [code for code in TREE if code in where] == ["H52.12", "H52.12.1"]
    assert "H00" not in where
    assert not scope(editor, Permission.WITHDRAW, TREE)


def test_grants_add_up_and_a_grant_for_all_is_for_all() -> None:
    grants = [Grant(Role.EDITOR, "H52.30"), Grant(Role.EDITOR, "H99"), Grant(Role.VIEWER)]
    assert sorted(scope(grants, Permission.EDIT, TREE).members or ()) == ["H52.30", "H99"]
    assert scope(grants, Permission.READ, TREE).members is None


def test_what_is_about_the_whole_hub_is_not_given_for_a_part() -> None:
    for role in Role:
        for permission in WHOLE:
            assert not scope([Grant(role, "H52.12")], permission, TREE)


def test_nobody_but_the_duty_officer_sees_what_the_screens_hold() -> None:
    assert [role for role in Role if Permission.SCREEN in PERMITS[role]] == [Role.DUTY_OFFICER]


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["", *"abcdef"])), st.sampled_from("abcdef"))
def test_a_roster_that_runs_in_a_circle_ends(parents: dict[str, str], root: str) -> None:
    where = scope([Grant(Role.VIEWER, root)], Permission.READ, parents)
    assert root in where
    for code, parent in parents.items():
        if parent in where:
            assert code in where


def test_a_scope_becomes_a_condition() -> None:
    assert within(scope([Grant(Role.VIEWER)], Permission.READ, TREE), "m") == ("1 = 1", ())
    assert within(scope([], Permission.READ, TREE), "m") == ("m IN (NULL)", ())
    assert within(scope([Grant(Role.VIEWER, "H52.12")], Permission.READ, TREE), "m") == (
        "m IN (?, ?)", ("H52.12", "H52.12.1"),
    )  # fmt: skip
