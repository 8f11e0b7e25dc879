"""The register of procedures: plausible, the same for one seed, and alive: corrected and withdrawn as time passes."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.parse.codes import read_code
from hub.sample.procedures import Entry, first_entries, in_version
from hub.sample.province import load_province
from hub.sample.register import Register

PROVINCE = load_province()
MEMBERS = [member for member in PROVINCE.members if member.announces]
NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


def entries() -> list[Entry]:
    return [entry for member in MEMBERS for entry in first_entries(2026, member, PROVINCE.code)]


class Clock:
    """Stands still until it is told otherwise."""

    at = NOON

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


def everything(register: Register) -> list[Entry]:
    return [entry for member in MEMBERS for entry in register.announced(member)]


def test_codes_are_in_the_form_of_the_base_and_no_two_procedures_share_one() -> None:
    codes = [read_code(entry.code) for entry in entries()]
    assert all(code.national and not code.remark for code in codes)
    assert max(Counter(code.code for code in codes).values()) == 1
    assert {code.suffix for code in codes} >= {"000.00.00.H52", "000.00.00.H52.30.1"}


def test_what_a_commune_localises_keeps_the_code_that_all_agencies_share() -> None:
    shared = Counter(entry.national for entry in entries() if entry.member.kind == "commune")
    assert max(shared.values()) > 3
    assert all(entry.level == "Cấp Xã" for entry in entries() if entry.national in shared)


def test_texts_say_what_an_office_would_say() -> None:
    for entry in entries():
        text = "\n".join((entry.name, *entry.steps, *entry.conditions, *(paper.name for paper in entry.papers)))
        assert not re.search(r"[{}|]| ,|  |\.\.(?!\d)", text), entry.code
        assert entry.steps[3].count("ngày làm việc") == 1
        assert len(entry.papers) >= 2
        assert entry.laws


def test_a_correction_changes_something_that_readers_see() -> None:
    for entry in entries():
        for version in range(2, 6):
            before, after = in_version(2026, entry, version - 1), in_version(2026, entry, version)
            seen = ("days", "fee", "charge", "online_share", "papers")
            assert any(getattr(before, name) != getattr(after, name) for name in seen), (entry.code, version)
            assert after.decision != before.decision
            assert f"{after.days} ngày" in after.steps[3] or after.days == 1


def test_procedures_are_corrected_and_withdrawn_while_time_passes(clock: Clock) -> None:
    register = Register(PROVINCE, seed=2026, clock=clock)
    first = everything(register)
    clock.at += timedelta(hours=1)
    later = {entry.code: entry for entry in everything(register)}
    gone = [entry for member in MEMBERS for entry in register.withdrawn(member)]
    assert len(later) + len(gone) == len(first)
    assert 5 < len(gone) < 40
    assert sum(later[entry.code] != entry for entry in first if entry.code in later) > 50
    assert all(register.announced(member) for member in MEMBERS)
    assert register.find(gone[0].code) == (gone[0], False)
    assert register.find("1.999999") is None


def test_a_restart_goes_on_where_it_was(clock: Clock, tmp_path: Path) -> None:
    state = tmp_path / "register.json"
    register = Register(PROVINCE, seed=2026, clock=clock, state=state)
    clock.at += timedelta(minutes=30)
    before = everything(register)
    register.save()
    assert everything(Register(PROVINCE, seed=2026, clock=clock, state=state)) == before
    assert everything(Register(PROVINCE, seed=7, clock=clock, state=state)) != before


def test_after_a_long_pause_what_was_missed_is_skipped(clock: Clock) -> None:
    register = Register(PROVINCE, seed=2026, clock=clock)
    before = everything(register)
    clock.at += timedelta(days=30)
    changed = sum(one not in before for one in everything(register))
    assert changed <= 1
