"""Codes that live and end: what a code means on a day, and what became of it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.codes import Code, CodeList, Outcome, Successor, circles, weaknesses

END, NEXT = date(2025, 6, 30), date(2025, 7, 1)
TODAY, BEFORE = date(2026, 11, 22), date(2025, 1, 1)


def code(code: str, name: str = "", *, since: date | None = None, until: date | None = None, to: str = "") -> Code:
    """A record; `to` names its successors, a star behind one that took only a part."""
    successors = tuple(Successor(code=each.rstrip("*"), part=each.endswith("*")) for each in to.split())
    return Code(code=code, name=name or f"Tên {code}", valid_from=since, valid_until=until, successors=successors)


PROVINCES = CodeList(
    [
        code("10", "Lào Cai", until=END, to="15"),
        code("15", "Yên Bái", until=END, to="15"),
        code("15", "Lào Cai", since=NEXT),
        code("26", "Vĩnh Phúc", until=END, to="25"),
        code("25", "Phú Thọ"),
        code("30", "Một xã", until=END, to="31* 32*"),
        code("31", "Xã A", since=NEXT),
        code("32", "Xã B", since=NEXT),
        code("40", "Đóng hẳn", until=END),
        code("50", "Lạc lối", until=END, to="99"),
    ]
)


@pytest.mark.parametrize(
    ("asked", "then", "outcome", "names"),
    [
        ("25", None, Outcome.IN_FORCE, ["Phú Thọ"]),
        ("26", None, Outcome.REPLACED, ["Phú Thọ"]),
        ("26", BEFORE, Outcome.REPLACED, ["Phú Thọ"]),
        ("15", BEFORE, Outcome.REPLACED, ["Lào Cai"]),
        ("15", TODAY, Outcome.IN_FORCE, ["Lào Cai"]),
        ("15", None, Outcome.IN_FORCE, ["Lào Cai"]),
        ("30", None, Outcome.SPLIT, ["Xã A", "Xã B"]),
        ("40", None, Outcome.CLOSED, []),
        ("50", None, Outcome.CLOSED, []),
        ("99", None, Outcome.UNKNOWN, []),
        ("31", BEFORE, Outcome.UNKNOWN, []),
    ],
)
def test_what_became_of_a_code(asked: str, then: date | None, outcome: Outcome, names: list[str]) -> None:
    found = PROVINCES.resolve(asked, on=TODAY, then=then)
    assert (found.outcome, [one.name for one in found.present]) == (outcome, names)
    assert found.sentence.startswith(f"«{asked}»")


def test_a_code_given_again_to_a_stranger_is_ambiguous_until_the_day_is_known() -> None:
    reused = CodeList([code("7", "Cũ", until=END, to="8"), code("7", "Khác", since=NEXT), code("8", "Kế thừa")])
    assert reused.resolve("7", on=TODAY).outcome is Outcome.AMBIGUOUS
    assert [one.name for one in reused.resolve("7", on=TODAY, then=BEFORE).present] == ["Kế thừa"]
    assert [one.name for one in reused.resolve("7", on=TODAY, then=TODAY).present] == ["Khác"]


def test_a_chain_is_followed_only_as_far_as_the_day_that_is_asked_for() -> None:
    middle = date(2026, 4, 29)
    chained = CodeList(
        [
            code("1", until=END, to="2"),
            code("2", since=NEXT, until=middle, to="3"),
            code("3", since=middle + timedelta(days=1)),
        ]
    )
    ends = [chained.resolve("1", on=day).present[0].code for day in (END, NEXT, middle, TODAY)]
    assert ends == ["1", "2", "2", "3"]


def test_what_was_merged_after_a_split_is_one_place_again() -> None:
    later = date(2026, 1, 1)
    records = CodeList(
        [
            code("1", until=END, to="2* 3*"),
            *(code(each, since=NEXT, until=later, to="4") for each in ("2", "3")),
            code("4", since=later + timedelta(days=1)),
        ]
    )
    assert records.resolve("1", on=TODAY).outcome is Outcome.REPLACED


def test_successors_that_lead_in_a_circle_are_found_and_end_nowhere() -> None:
    round_about = [code("1", until=END, to="2"), code("2", until=END, to="3"), code("3", until=END, to="1")]
    beside = [code("4", until=END, to="1"), code("5")]
    assert {key for key, _ in circles(round_about + beside)} == {"1", "2", "3"}
    assert CodeList(round_about + beside).resolve("4", on=TODAY).outcome is Outcome.CLOSED


def test_a_code_that_goes_on_under_the_same_number_is_no_circle() -> None:
    assert circles(PROVINCES) == set()


def test_a_board_is_told_what_to_look_at() -> None:
    found = {one.code: one.reason for one in weaknesses(PROVINCES)}
    assert found == {"40": "no_successor", "50": "unknown_successor"}
    assert {one.code for one in weaknesses(PROVINCES, may_end=True)} == {"50"}
    orphan = CodeList([Code(code="1", name="Xã", parent="77"), Code(code="2", name="Xã", parent="25", confirmed=False)])
    assert [one.reason for one in weaknesses(orphan, [PROVINCES])] == ["unknown_parent", "unconfirmed"]


@st.composite
def histories(draw: st.DrawFn) -> list[Code]:
    """Records of a few codes, each code with its periods one after the other and successors anywhere."""
    names = "abcde"
    records = []
    for name in names:
        cuts = sorted(draw(st.sets(st.dates(date(2000, 1, 1), date(2030, 1, 1)), max_size=3)))
        begins = [None, *(day + timedelta(days=1) for day in cuts)]
        for begin, until in zip(begins, [*cuts, None], strict=True):
            to = " ".join(draw(st.lists(st.sampled_from(names), max_size=2))) if until else ""
            records.append(code(name, since=begin, until=until, to=to))
    return records


@given(histories(), st.sampled_from("abcde"), st.dates(date(2000, 1, 1), date(2031, 1, 1)))
def test_whatever_the_history_what_is_found_is_in_force_or_nothing(history: list[Code], asked: str, on: date) -> None:
    records = CodeList(history)
    assert circles(history) == set(), "a code whose periods have no gap cannot lead back in time"
    for then in (None, date(2005, 5, 5)):
        found = records.resolve(asked, on=on, then=then)
        assert all(not one.ended(on) for one in found.present)
        assert (found.outcome in (Outcome.CLOSED, Outcome.UNKNOWN)) is (not found.present)
        assert len({(one.code, one.valid_from) for one in found.present}) == len(found.present)
        assert bool(found.sentence)


@given(st.integers(1, 40))
def test_a_chain_of_any_sensible_length_ends_at_its_last_code(length: int) -> None:
    day = date(2000, 1, 1)
    steps = [code(str(n), until=day + timedelta(days=n), to=str(n + 1)) for n in range(length)]
    assert CodeList([*steps, code(str(length))]).resolve("0", on=TODAY).present[0].code == str(length)
