"""Whose silence it is: what came here, what could not be read, and only then the member's."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.duties import Every, Stretch, stretches
from hub.rules.gaps import Side
from hub.rules.silences import Back, Kept, Outage, Reading, Silence, silence

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 7, 6, 9, tzinfo=ZONE)
JUNE = stretches(Every.MONTH, date(2026, 6, 1), date(2026, 6, 30))
WELL = Reading(source="so-y-te-tin")


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 8, 30, tzinfo=ZONE)


def broken(since: datetime, until: datetime | None = None, **keys: str) -> Reading:
    return Reading(source="so-y-te-van-ban", outages=[Outage(since=since, until=until, **keys)])


def kept(how: Back, day: date = date(2026, 6, 9), **keys: object) -> Reading:
    return Reading(source="so-y-te-loai", kept=[Kept(day=day, how=how, **keys)])  # type: ignore[arg-type]


def test_a_member_is_silent_only_when_all_its_sources_were_read() -> None:
    found = silence(JUNE, [WELL], at=NOW)
    assert (found.silence, found.side) == (Silence.NOTHING, Side.MEMBER)
    assert "so-y-te-tin" in found.sentence
    assert found.evidence


def test_without_a_source_nobody_is_blamed() -> None:
    found = silence(JUNE, [], at=NOW)
    assert (found.silence, found.side) == (Silence.UNREAD, Side.HUB)


@pytest.mark.parametrize(
    ("why", "side", "turn"),
    [("fault", "hub", Side.HUB), ("fault", "member", Side.MEMBER), ("fault", "network", Side.NETWORK),
     ("blocked", "member", Side.MEMBER), ("paused", "person", Side.PERSON), ("removed", "person", Side.HUB),
     ("fault", "", Side.HUB)],
)  # fmt: skip
def test_an_outage_of_whatever_kind_is_no_silence_of_the_member(why: str, side: str, turn: Side) -> None:
    found = silence(JUNE, [WELL, broken(at(6, 20), why=why, side=side, code="timeout", sentence="Hết giờ.")], at=NOW)
    assert (found.silence, found.side) == (Silence.UNREAD, turn)
    assert "08:30 ngày 20/06/2026" in found.sentence
    assert found.sources == ("so-y-te-van-ban",)
    assert ".." not in found.sentence
    assert ["(timeout)" in line for line in found.evidence] == [True]


def test_an_outage_that_ended_excuses_nobody() -> None:
    assert silence(JUNE, [broken(at(6, 2), at(6, 29))], at=NOW).silence is Silence.NOTHING
    assert silence(JUNE, [broken(at(6, 2), at(7, 3))], at=NOW).silence is Silence.NOTHING
    assert silence(JUNE, [broken(at(6, 2), at(7, 3))], at=at(7, 1)).silence is Silence.UNREAD


def test_an_outage_that_began_after_the_stretch_excuses_nobody() -> None:
    assert silence(JUNE, [broken(at(7, 1))], at=NOW).silence is Silence.NOTHING
    assert silence(JUNE, [broken(at(6, 30))], at=NOW).silence is Silence.UNREAD


def test_a_source_that_was_never_asked_tells_nothing() -> None:
    found = silence(JUNE, [Reading(source="moi", asked=False)], at=NOW)
    assert (found.silence, found.side) == (Silence.UNREAD, Side.HUB)


def test_a_source_that_left_before_is_none_and_its_successor_is_asked() -> None:
    left = broken(at(5, 10), why="removed")
    assert silence(JUNE, [left, WELL], at=NOW).silence is Silence.NOTHING
    assert silence(JUNE, [left], at=NOW).silence is Silence.UNREAD
    months = stretches(Every.MONTH, date(2026, 4, 1), date(2026, 6, 30))
    assert silence([months[0], months[2]], [left, WELL], at=NOW).silence is Silence.NOTHING
    assert silence(months, [left, WELL], at=NOW).silence is Silence.UNREAD
    assert silence(JUNE, [broken(at(7, 1), why="removed")], at=NOW).silence is Silence.NOTHING


@pytest.mark.parametrize("how", Back)
def test_what_came_and_was_kept_back_is_the_strongest_evidence(how: Back) -> None:
    found = silence(JUNE, [WELL, broken(at(6, 2)), kept(how, count=3, code="no_title")], at=NOW)
    assert found.silence is Silence.KEPT
    assert found.side is not Side.MEMBER
    assert "3" in found.sentence
    assert found.evidence[0].startswith("so-y-te-loai: 3 ")
    assert "ngày 09/06/2026" in found.evidence[0]
    assert silence(JUNE, [WELL, kept(how, date(2026, 5, 31))], at=NOW).silence is Silence.NOTHING


def test_evidence_is_cut_and_says_so() -> None:
    many = [Reading(source=f"nguon-{n}", outages=[Outage(since=at(6, 1))]) for n in range(20)]
    found = silence(JUNE, many, at=NOW)
    assert len(found.evidence) == 9
    assert found.evidence[-1] == "và 12 dòng khác"


times = st.datetimes(datetime(2026, 5, 1), datetime(2026, 7, 5)).map(lambda each: each.replace(tzinfo=ZONE))


@given(st.lists(st.tuples(times, st.none() | times), max_size=4), st.integers(0, 3))
def test_a_member_that_cannot_be_read_is_never_blamed(spans: list[tuple[datetime, datetime | None]], well: int) -> None:
    readings = [Reading(source=f"n{n}", outages=[Outage(since=a, until=b)]) for n, (a, b) in enumerate(spans)]
    open_in_june = any(b is None and a.date() <= JUNE[0].last for a, b in spans)
    found = silence(JUNE, [*readings, *[WELL] * well], at=NOW)
    if open_in_june or not (spans or well):
        assert found.silence is Silence.UNREAD
    else:
        assert found.silence is Silence.NOTHING


def test_several_stretches_are_one_gap() -> None:
    year = stretches(Every.MONTH, date(2026, 1, 1), date(2026, 6, 30))
    assert silence([year[0], year[-1]], [broken(at(6, 20))], at=NOW).silence is Silence.UNREAD
    assert (
        silence([Stretch(date(2026, 1, 1), date(2026, 1, 31))], [broken(at(6, 20))], at=NOW).silence is Silence.NOTHING
    )
