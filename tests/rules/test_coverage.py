"""Who is counted, who is missing, and which one reason is given, in the order of an item's way."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.coverage import Coverage, Gap, Group, Member, coverage
from hub.rules.gaps import Halt, Reason, Sent, Side, Source
from schemas.item import Kind

TODAY = date(2026, 11, 22)
WELL = Halt()
SINCE = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
SOURCE = Source(name="sxd-tthc")


def member(**changes: object) -> Member:
    made = Member(code="H52.4", name="Sở Xây dựng", group=Group.DEPARTMENT, sources=(SOURCE,))
    return replace(made, **changes)  # type: ignore[arg-type]


def judged(*members: Member, **places: Halt) -> list[Coverage]:
    return coverage(Kind.PROCEDURE, members, places, today=TODAY)


def gap(one: Member) -> Gap:
    [group] = judged(one)
    [found] = group.hub.missing
    return found


def gap_at(sent: Sent | None, halt: Halt = WELL) -> Gap:
    here = member(items=3, sent={"csdl": sent} if sent else {})
    [group] = judged(here, csdl=halt)
    assert group.hub.missing == ()
    [found] = group.at["csdl"].missing
    return found


def test_groups_are_counted_apart_and_empty_ones_are_left_out() -> None:
    members = [member(code=f"H52.{n}", items=n) for n in range(3)]
    members.append(member(code="H52.30", group=Group.COMMUNE, items=5))
    departments, communes = judged(*members)
    assert (departments.due, departments.hub.members, departments.hub.items) == (3, 2, 3)
    assert [one.code for one in departments.hub.missing] == ["H52.0"]
    assert (communes.group, communes.due, communes.hub.members, communes.hub.missing) == (Group.COMMUNE, 1, 1, ())


def test_a_destination_counts_who_has_something_there() -> None:
    [group] = judged(
        member(code="A", items=3, sent={"csdl": Sent(there=2, states={"refused": 1})}),
        member(code="B", items=3, sent={"csdl": Sent(states={"ready": 3})}),
        member(code="C"),
        csdl=Halt(),
    )
    assert (group.at["csdl"].members, group.at["csdl"].items) == (1, 2)
    assert [(one.code, one.reason) for one in group.at["csdl"].missing] == [
        ("B", Reason.SENDING), ("C", Reason.EMPTY)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "reason", "side", "said"),
    [
        (replace(SOURCE, halt=Halt(state="paused", by="cli:lan", since=SINCE)), Reason.PAUSED, Side.PERSON,
         "theo lệnh của cli:lan từ ngày 20/11/2026"),
        (replace(SOURCE, halt=Halt(state="blocked", side="hub", sentence="Sai mật khẩu.")), Reason.BLOCKED, Side.HUB,
         "hub resume source sxd-tthc"),
        (replace(SOURCE, halt=Halt(code="login_page", side="member", sentence="Trang đăng nhập.", since=SINCE)),
         Reason.FAULTY, Side.MEMBER, "từ 08:30 ngày 20/11/2026: Trang đăng nhập."),
        (replace(SOURCE, halt=Halt(code="all_rejected", side="member"), rejected={"no_text": 2}), Reason.REJECTED,
         Side.MEMBER, "no_text (2 mục)"),
        (replace(SOURCE, halt=Halt(code="dns", side="network")), Reason.FAULTY, Side.NETWORK, "dns"),
        (replace(SOURCE, asked=False), Reason.NOT_ASKED, Side.HUB, "chưa được thu"),
        (SOURCE, Reason.EMPTY, Side.MEMBER, "chưa có thủ tục hành chính nào"),
        (replace(SOURCE, held=4), Reason.HELD, Side.PERSON, "Cả 4 thủ tục hành chính"),
        (replace(SOURCE, reading=2), Reason.READING, Side.HUB, "chờ đọc trang"),
        (replace(SOURCE, declined=2), Reason.DECLINED, Side.MEMBER, "từ chối cả 2"),
        (replace(SOURCE, withdrawn=2), Reason.WITHDRAWN, Side.MEMBER, "gỡ cả 2"),
        (replace(SOURCE, rejected={"no_identity": 7, "no_text": 2}), Reason.REJECTED, Side.MEMBER,
         "no_identity (7 mục)"),
    ],
)  # fmt: skip
def test_a_source_gives_one_reason_with_whose_turn_it_is(source: Source, reason: Reason, side: Side, said: str) -> None:
    found = gap(member(sources=(source,)))
    assert (found.reason, found.side, found.source) == (reason, side, "sxd-tthc")
    assert said in found.sentence


def test_without_a_source_the_hub_has_something_to_do() -> None:
    found = gap(member(sources=()))
    assert (found.reason, found.side, found.source) == (Reason.NO_SOURCE, Side.HUB, "")


def test_of_several_sources_the_one_that_came_furthest_is_named() -> None:
    old = replace(SOURCE, name="cu", halt=Halt(state="paused"))
    broken = replace(SOURCE, name="hong", halt=Halt(code="timeout", side="member"))
    held = replace(SOURCE, name="cho", held=1)
    assert gap(member(sources=(old, broken))).source == "hong"
    assert gap(member(sources=(held, broken, old))).source == "cho"


@pytest.mark.parametrize(
    ("sent", "halt", "reason", "side", "said"),
    [
        (None, Halt(), Reason.NOT_ROUTED, Side.HUB, "[[route]]"),
        (Sent(states={"ready": 3}), Halt(state="paused", by="lan"), Reason.PLACE_PAUSED, Side.PERSON, "lệnh của lan"),
        (Sent(states={"ready": 3}), Halt(state="blocked", code="login_refused", sentence="Sai mật khẩu."),
         Reason.PLACE_FAULTY, Side.DESTINATION, "Sai mật khẩu."),
        (Sent(states={"ready": 3}), Halt(code="timeout", since=SINCE), Reason.PLACE_FAULTY, Side.DESTINATION,
         "từ 08:30 ngày 20/11/2026: timeout"),
        (Sent(states={"refused": 3}, code="key_taken", sentence="Mã đã có."), Halt(), Reason.REFUSED, Side.MEMBER,
         "từ chối cả 3"),
        (Sent(states={"refused": 3}, code="invalid", sentence="Thiếu phí."), Halt(), Reason.REFUSED,
         Side.DESTINATION, "Thiếu phí."),
        (Sent(states={"parked": 3}, code="timeout"), Halt(), Reason.PARKED, Side.DESTINATION, "timeout"),
        (Sent(states={"done": 2, "refused": 1}), Halt(), Reason.LOST, Side.DESTINATION, "hub reconcile csdl --list"),
        (Sent(states={"asked": 3}, due=date(2026, 11, 19)), Halt(), Reason.OVERDUE, Side.PERSON, "đã quá 3 ngày"),
        (Sent(states={"asked": 3}, due=TODAY), Halt(), Reason.ASKED, Side.PERSON, "hạn ngày 22/11/2026"),
        (Sent(states={"asked": 3}), Halt(), Reason.ASKED, Side.PERSON, "Đã giao cán bộ nhập 3"),
        (Sent(states={"sending": 1, "refused": 2}), Halt(), Reason.SENDING, Side.HUB, "đang chuyển"),
    ],
)  # fmt: skip
def test_a_destination_gives_one_reason(sent: Sent, halt: Halt, reason: Reason, side: Side, said: str) -> None:
    found = gap_at(sent, halt)
    assert (found.reason, found.side) == (reason, side)
    assert said in found.sentence


counts = st.integers(0, 3)
halts = st.builds(
    Halt, state=st.sampled_from(["active", "paused", "blocked"]), code=st.sampled_from(["", "timeout"]),
    side=st.sampled_from(["", "member", "hub", "network"]), since=st.none() | st.just(SINCE),
)  # fmt: skip
sources = st.builds(
    Source, name=st.just("nguon"), halt=halts, asked=st.booleans(), held=counts, declined=counts, withdrawn=counts,
    reading=counts, rejected=st.dictionaries(st.sampled_from(["no_text", "no_identity"]), st.integers(1, 9)),
)  # fmt: skip
states = st.dictionaries(st.sampled_from(["ready", "sending", "asked", "refused", "parked", "done"]), counts)
sent = st.builds(Sent, there=counts, states=states, due=st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1)))
members = st.lists(
    st.builds(
        Member, code=st.uuids().map(str), name=st.just("Sở"), group=st.sampled_from(Group), items=counts,
        sources=st.lists(sources, max_size=3).map(tuple), sent=st.dictionaries(st.sampled_from(["cong", "csdl"]), sent),
    ),
    unique_by=lambda one: one.code,
)  # fmt: skip


@given(members, halts, halts)
def test_who_is_there_and_who_is_missing_make_up_the_roster(roster: list[Member], cong: Halt, csdl: Halt) -> None:
    found = judged(*roster, cong=cong, csdl=csdl)
    assert sum(group.due for group in found) == len(roster)
    for group in found:
        for seen in (group.hub, *group.at.values()):
            assert seen.members + len(seen.missing) == group.due
            assert len({one.code for one in seen.missing}) == len(seen.missing)
            assert all(one.sentence and one.name for one in seen.missing)
