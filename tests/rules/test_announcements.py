"""Which procedure a line of a decision names, whose word is the newest, and what has to be done then."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.announcements import (
    NAME_LIMIT,
    STILL_THERE,
    UNSEEN,
    Known,
    Line,
    Verdict,
    judge,
    name_key,
    same_code,
)
from schemas.document import Action

DAY = date(2026, 5, 18)


def line(code: str = "1.000001", action: Action = Action.NEW, **given: Any) -> Line:
    fields: dict[str, Any] = {"decision": "qd", "place": 1, "name": "cap giay phep", "dated": DAY}
    return Line(code=code, action=action, **fields | given)


def known(content_id: str = "p", code: str = "1.000001", **given: Any) -> Known:
    return Known(content_id=content_id, code=code, **{"name": "cap giay phep", "member": "so"} | given)


def verdict(one: Line, *procedures: Known) -> Verdict:
    return judge([one], procedures)[one.decision, one.place]


@pytest.mark.parametrize("action", [Action.NEW, Action.AMENDED, Action.REPLACED])
def test_what_is_announced_as_in_force_is_linked_or_looked_for(action: Action) -> None:
    assert verdict(line(action=action), known()) == Verdict("p")
    assert verdict(line(action=action)) == Verdict("", UNSEEN)


def test_what_is_abolished_is_looked_for_only_while_it_is_there() -> None:
    assert verdict(line(action=Action.ABOLISHED), known()) == Verdict("p", STILL_THERE)
    assert verdict(line(action=Action.ABOLISHED)) == Verdict()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1.000001", "1.000001.000.00.00.H52", True), ("1.000001.H52", "1.000001.000.00.00.H52", True),
        ("1.000001.000.00.00.H52", "1.000001.000.00.00.H52.02", True),
        ("1.000001.000.00.00.H52", "1.000001.000.00.00.H18", False), ("1.000001", "1.000002", False),
        ("1.000001.000.00.00.H5", "1.000001.000.00.00.H52", False),
        ("T-BPC-280421", "T-BPC-280421", True), ("T-BPC-280421", "T-BPC-280422", False), ("", "", False),
    ],
)  # fmt: skip
def test_codes_are_of_one_procedure_whoever_localises_it(one: str, other: str, same: bool) -> None:
    assert same_code(one, other) is same
    assert same_code(other, one) is same


def test_of_several_with_one_code_the_linked_one_stays_and_the_whole_code_comes_first() -> None:
    whole, short = known("b", "1.000001.000.00.00.H52"), known("a", "1.000001")
    assert verdict(line("1.000001.000.00.00.H52"), short, whole).procedure == "b"
    assert verdict(line("1.000001.000.00.00.H52", procedure="a"), short, whole).procedure == "a"


def test_without_a_code_the_name_counts_only_with_the_agency() -> None:
    one = line("", agency="SỞ NỘI VỤ/UBND CẤP HUYỆN")
    assert verdict(one, known(agencies=("Sở Nội vụ",))).procedure == "p"
    assert verdict(one, known(agencies=("Sở Y tế",))).procedure == ""
    assert verdict(one, known(agencies=("Ủy ban nhân dân cấp huyện",))).procedure == "p"
    assert verdict(line("", member="so"), known()).procedure == "p"
    assert verdict(line("", agency="Sở"), known(agencies=("Sở Y tế", ""))).procedure == ""


def test_two_procedures_of_one_name_are_no_link_unless_one_had_it() -> None:
    both = (known("a", agencies=("Sở Y tế",)), known("b", agencies=("Sở Y tế",)))
    assert verdict(line("", agency="Sở Y tế"), *both) == Verdict("", UNSEEN)
    assert verdict(line("", agency="Sở Y tế", procedure="b"), *both).procedure == "b"
    assert verdict(line("", agency="Sở Y tế", action=Action.ABOLISHED), *both) == Verdict()


def test_a_code_of_the_other_form_is_told_by_the_name_and_another_code_of_the_same_never() -> None:
    assert verdict(line("T-BPC-280421", member="so"), known()).procedure == "p"
    assert verdict(line("1.000001", member="so"), known(code="")).procedure == "p"
    assert verdict(line("1.000002", member="so"), known()).procedure == ""


def test_the_word_of_a_later_decision_counts() -> None:
    old = line(decision="old", dated=DAY - timedelta(days=900))
    gone = line(decision="new", action=Action.ABOLISHED)
    assert judge([old, gone], []) == {("old", 1): Verdict(overtaken=True), ("new", 1): Verdict()}
    assert judge([gone, old], [known()])["new", 1] == Verdict("p", STILL_THERE)
    again = line(decision="newest", action=Action.AMENDED, dated=DAY + timedelta(days=1))
    assert judge([old, gone, again], [known()]) == {
        ("old", 1): Verdict("p", overtaken=True), ("new", 1): Verdict("p", overtaken=True), ("newest", 1): Verdict("p"),
    }  # fmt: skip


def test_a_later_word_without_a_code_counts_by_the_name() -> None:
    old = line(decision="old", dated=DAY - timedelta(days=9))
    assert judge([old, line("", Action.ABOLISHED)], [])["old", 1].overtaken
    assert not judge([old, line("1.000009", Action.ABOLISHED)], [])["old", 1].overtaken, "another code is another one"


def test_one_procedure_is_asked_for_once_and_a_contradiction_asks_for_nothing() -> None:
    twice = [line(place=1), line(place=2), line(decision="zz")]
    assert [one.task for one in judge(twice, []).values()] == [UNSEEN, "", ""]
    both = [line(place=1), line(place=2, action=Action.ABOLISHED)]
    assert {one.task for one in judge(both, [known()]).values()} == {""}


def test_lines_without_name_or_code_are_about_nothing_in_common() -> None:
    nameless = [line("1.000001", name=""), line("1.000002", name="", place=2, dated=DAY + timedelta(days=1))]
    assert {one.task for one in judge(nameless, []).values()} == {UNSEEN}


def test_names_are_compared_without_marks_and_told_apart_at_their_ends() -> None:
    assert name_key("Thủ tục: ĐĂNG KÝ khai sinh") == name_key("Đăng ký khai sinh.") == "dang ky khai sinh"
    long = "Cấp giấy phép " * 50
    assert len(name_key(long + "cấp tỉnh")) == NAME_LIMIT
    assert name_key(long + "cấp tỉnh") != name_key(long + "cấp xã")


LINES = st.lists(
    st.builds(
        Line, decision=st.sampled_from("abc"), place=st.integers(1, 99), action=st.sampled_from(Action),
        code=st.sampled_from(["", "1.000001", "1.000001.000.00.00.H52", "1.000002", "T-BPC-280421"]),
        name=st.sampled_from(["", "mot", "hai"]), member=st.sampled_from(["so", "xa"]),
        dated=st.sampled_from([None, DAY, DAY + timedelta(days=1)]),
    ),
    max_size=12, unique_by=lambda one: (one.decision, one.place),
)  # fmt: skip
KNOWN = st.lists(
    st.builds(
        Known, content_id=st.sampled_from("pqrs"), code=st.sampled_from(["", "1.000001", "1.000002"]),
        name=st.sampled_from(["mot", "hai"]), member=st.sampled_from(["so", "xa"]),
    ),
    max_size=4, unique_by=lambda one: one.content_id,
)  # fmt: skip


@given(LINES, KNOWN, st.randoms())
def test_verdicts_do_not_depend_on_the_order_and_tasks_fit_what_is_there(
    lines: list[Line], procedures: list[Known], chance: Any
) -> None:
    first = judge(lines, procedures)
    mixed = list(lines)
    chance.shuffle(mixed)
    assert judge(mixed, procedures[::-1]) == first
    assert set(first) == {(one.decision, one.place) for one in lines}
    for one in lines:
        found = first[one.decision, one.place]
        assert found.task != UNSEEN or (not found.procedure and one.action is not Action.ABOLISHED)
        assert found.task != STILL_THERE or (found.procedure and one.action is Action.ABOLISHED)
        assert not (found.overtaken and found.task)
