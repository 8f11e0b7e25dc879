"""Identifiers of organisations in both directions, and the state of their prefix."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.codes.shipped import shipped
from hub.rules.codes import Outcome
from hub.rules.organisations import IdentifierError, parse, prefix_state


@pytest.mark.parametrize(
    ("raw", "levels"),
    [
        ("000.00.00.H53", ("H53",)),
        ("000.00.20.H13", ("H13", "20")),
        ("000.20.31.H53", ("H53", "31", "20")),
        ("001.01.07.H53", ("H53", "07", "01", "001")),
        ("28.22.H17", ("H17", "22", "28")),
        ("H55.242", ("H55", "242")),
        ("H53.31.20", ("H53", "31", "20")),
        ("H57", ("H57",)),
        ("K57.01", ("K57", "01")),
        ("000.00.00.G22", ("G22",)),
        (" h53 . 31 . 20 ", ("H53", "31", "20")),
        ("000-20-31-H53", ("H53", "31", "20")),
        ("Н53.31.20", ("H53", "31", "20")),  # a Cyrillic letter
        ("Ｈ５３.３１", ("H53", "31")),
        ("000.05.00.H53", ("H53", "00", "05")),
    ],
)
def test_both_directions_give_the_same_levels_and_keep_what_was_written(raw: str, levels: tuple[str, ...]) -> None:
    found = parse(raw)
    assert (found.levels, found.raw, found.code) == (levels, raw, ".".join(levels))
    assert found.parent == ".".join(levels[:-1])


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("000.1137.H53", "4 chữ số"),
        ("000.1.37.H53", "một chữ số"),
        ("000.O1.37.H53", "không phải là nhóm chữ số"),
        ("000.00.37", "mã cấp 1"),
        ("31.H53.20", "mã cấp 1"),
        ("H53.H54", "mã cấp 1"),
        ("", "mã cấp 1"),
    ],
)
def test_what_is_no_identifier_is_refused_with_a_reason(raw: str, why: str) -> None:
    with pytest.raises(IdentifierError) as refused:
        parse(raw)
    assert why in refused.value.sentence


group = st.integers(1, 99).map("{:02}".format)


@given(st.sampled_from("GHK"), st.integers(1, 99), st.lists(group, max_size=3))
def test_the_old_form_and_the_new_one_read_as_the_same(letter: str, number: int, lower: list[str]) -> None:
    written = ".".join((f"{letter}{number:02}", *lower))
    found = parse(written)
    assert found.code == written
    old = parse(found.old_form)
    assert [group.lstrip("0") for group in old.levels] == [group.lstrip("0") for group in found.levels]


def test_the_prefix_of_a_merged_province_is_closed_and_names_who_follows() -> None:
    come = shipped("prefixes")
    assert come is not None
    today = date(2026, 11, 22)
    closed = prefix_state(parse("000.00.20.H02"), come.records, on=today)
    assert (closed.outcome, closed.present[0].code) == (Outcome.REPLACED, "H05")
    assert prefix_state(parse("H53.01"), come.records, on=today).outcome is Outcome.IN_FORCE
    assert prefix_state(parse("H99.01"), come.records, on=today).outcome is Outcome.UNKNOWN
