"""How members stand with their duties, what is missing of a period, and whose silence it is; from rows.

It is Wednesday, 8 April 2026.
"""

from datetime import date
from functools import partial

from hub.app import Hub
from hub.counting import up_to_date
from hub.queries import given
from hub.queries.duties import Standing, covered, gaps, missing, standing, timeliness
from hub.reports.snapshot import Missing
from hub.rules.access import EVERYWHERE, Scope
from hub.rules.arrears import called
from hub.rules.coverage import Group
from hub.rules.duties import Every, State, Stretch, number
from hub.rules.gaps import Side
from hub.rules.silences import Silence
from tests.clock import Clock
from tests.duties.book import Book

HEALTH, HOME, COMMUNE, OLD, NEW = "H52.9", "H52.10", "H52.40", "H52.60", "H52.41"
MARCH = date(2026, 3, 1), date(2026, 3, 31)
QUARTER = date(2026, 1, 1), date(2026, 3, 31)


async def stands(hub: Hub, member: str, duty: str = "tin-hang-thang", day: date | None = None) -> Standing:
    [found] = [one for one in await standing(hub.engine, day=day) if (one.member, one.duty) == (member, duty)]
    return found


async def lacks(hub: Hub, member: str, duty: str = "tin-hang-thang", days: tuple[date, date] = MARCH) -> Missing:
    [found] = [one for one in await missing(hub.engine, *days) if (one.code, one.duty) == (member, duty)]
    return found


async def test_members_stand_by_what_came_in_each_stretch(hub: Hub, book: Book) -> None:
    await book.item(HEALTH, date(2026, 4, 1))
    await book.item(HEALTH, date(2026, 3, 31))
    await book.item(HOME, date(2026, 3, 31))
    await book.item(COMMUNE, date(2026, 2, 28))
    found = {(one.member, one.duty): one for one in await standing(hub.engine)}
    assert list(found) == [
        (HEALTH, "tin-hang-thang"), (HEALTH, "tin-hang-tuan"), (HEALTH, "dau-thau"), (HOME, "tin-hang-thang"),
        (HOME, "tin-hang-tuan"), (COMMUNE, "tin-hang-thang"), (NEW, "tin-hang-thang"),
    ]  # fmt: skip
    assert {key: one.state for key, one in found.items()} == {
        (HEALTH, "tin-hang-thang"): State.FRESH, (HEALTH, "tin-hang-tuan"): State.DUE,
        (HEALTH, "dau-thau"): State.NEVER, (HOME, "tin-hang-thang"): State.DUE, (HOME, "tin-hang-tuan"): State.LATE,
        (COMMUNE, "tin-hang-thang"): State.LATE, (NEW, "tin-hang-thang"): State.NEVER,
    }  # fmt: skip
    late = found[COMMUNE, "tin-hang-thang"]
    assert (late.late_days, late.unmet, late.first_unmet) == (6, 1, Stretch(*MARCH))
    assert late.last_item == date(2026, 2, 28)
    assert "chậm 6 ngày làm việc" in late.sentence
    assert "mục gần nhất ngày 28/02/2026" in late.sentence
    assert "Công văn 2732/UBND-KGVX ngày 29/08/2017." in late.sentence
    assert "chờ Ban biên tập xác nhận" in found[HOME, "tin-hang-tuan"].sentence
    assert found[HEALTH, "tin-hang-thang"].sentence == ""


async def test_a_past_day_is_judged_by_what_had_come_until_then(hub: Hub, book: Book) -> None:
    await book.item(HOME, date(2026, 3, 2))
    assert (await stands(hub, HOME, day=date(2026, 2, 27))).state is State.NEVER
    assert (await stands(hub, HOME, day=date(2026, 3, 2))).state is State.FRESH
    assert (await stands(hub, OLD, day=date(2026, 2, 27))).state is State.NEVER
    assert not [one for one in await standing(hub.engine) if one.member == OLD]


async def test_nothing_public_of_what_came_is_empty(hub: Hub, book: Book) -> None:
    await book.item(HOME, date(2026, 2, 2), state="withdrawn", gone_by="source")
    found = await stands(hub, HOME)
    assert (found.state, found.silence) == (State.EMPTY, Silence.NOTHING)
    assert "hiện không có mục nào công khai" in found.sentence


async def test_parts_of_a_category_count_for_it(hub: Hub, book: Book) -> None:
    await book.item(HEALTH, date(2026, 3, 4), category="tenders")
    assert (await stands(hub, HEALTH, "dau-thau")).state is State.DUE


async def test_the_three_silences_are_told_apart(hub: Hub, book: Book) -> None:
    await book.outage("y-te-tin", date(2026, 3, 20), code="timeout", side="member", sentence="Trang không trả lời.")
    await book.item(HOME, date(2026, 3, 9), state="held", source="noi-vu-tin")
    unread, kept, none, nothing = [await lacks(hub, code) for code in (HEALTH, HOME, COMMUNE, NEW)]
    assert (unread.silence, kept.silence) == (Silence.UNREAD, Silence.KEPT)
    assert "từ 05:30 ngày 20/03/2026: Trang không trả lời." in unread.sentence
    assert unread.evidence == ("y-te-tin: lỗi (timeout) từ 05:30 ngày 20/03/2026",)
    assert kept.evidence == ("noi-vu-tin: 1 mục chờ duyệt, gần nhất ngày 09/03/2026",)
    assert none.silence is Silence.UNREAD  # the hub has no source of it
    assert nothing.silence is Silence.NOTHING
    assert [one.code for one in await missing(hub.engine, *MARCH) if one.sent_nothing and one.category == "news"] == [
        NEW
    ]


async def test_whatever_came_in_the_stretch_is_evidence_against_us(hub: Hub, book: Book) -> None:
    day = date(2026, 3, 9)
    for said, came in (
        ("1 mục bị loại khi đọc (no_title)", book.rejection("noi-vu-tin", day)),
        ("1 lượt thu tạm giữ", book.held_run("noi-vu-tin", day)),
        ("1 mục do ban biên tập gỡ", book.item(HOME, day, state="withdrawn", gone_by="person")),
        ("1 mục bị gỡ khi kiểm tra", book.item(HOME, day, state="withdrawn", gone_by="screen")),
        ("1 mục bị từ chối", book.item(HOME, day, state="rejected")),
    ):
        await book.forget()
        await came
        found = await lacks(hub, HOME)
        assert found.silence is Silence.KEPT
        assert said in found.evidence[0]
    january = date(2026, 1, 1), date(2026, 1, 31)
    assert (await lacks(hub, HOME, days=january)).silence is Silence.NOTHING
    whole = await lacks(hub, HOME, days=QUARTER)
    assert (whole.silence, whole.owed, whole.unmet, whole.came) == (Silence.KEPT, 3, 3, 0)
    assert [
        (one.stretch.first.month, one.verdict.silence)
        for one in await gaps(hub.engine, *QUARTER)
        if (one.member, one.duty) == (HOME, "tin-hang-thang")
    ] == [(1, Silence.NOTHING), (2, Silence.NOTHING), (3, Silence.KEPT)]


async def test_an_outage_that_ended_before_the_question_excuses_nobody(hub: Hub, book: Book) -> None:
    await book.outage("noi-vu-tin", date(2026, 3, 2), date(2026, 4, 2))
    assert (await lacks(hub, HOME)).silence is Silence.NOTHING
    [asked] = [
        one for one in await missing(hub.engine, *MARCH, on=date(2026, 4, 1))
        if (one.code, one.duty) == (HOME, "tin-hang-thang")
    ]  # fmt: skip
    assert asked.silence is Silence.UNREAD


async def test_an_outage_whose_place_another_took_has_not_ended(hub: Hub, book: Book) -> None:
    # A commune merged, and its site, which had not answered for weeks, left the settings: it was blamed for silence.
    await book.outage(
        "noi-vu-tin", date(2026, 3, 10), date(2026, 3, 20), code="timeout", sentence="Trang không trả lời."
    )
    await book.outage("noi-vu-tin", date(2026, 3, 20), date(2026, 4, 1), why="paused")
    await book.outage("noi-vu-tin", date(2026, 4, 1), why="removed")
    found = await lacks(hub, HOME)
    assert (found.silence, found.sent_nothing) == (Silence.UNREAD, False)
    assert "từ 05:30 ngày 10/03/2026: Trang không trả lời." in found.sentence
    february = date(2026, 2, 1), date(2026, 2, 28)
    assert (await lacks(hub, HOME, days=february)).silence is Silence.NOTHING


async def test_only_sources_that_bring_the_category_are_asked(hub: Hub, book: Book) -> None:
    await book.outage("y-te-tin", date(2026, 2, 1), code="timeout")
    # Tenders have a source of their own, and news may bring some: of two, one of which could not be read, nobody knows.
    assert (await lacks(hub, HEALTH, "dau-thau", QUARTER)).silence is Silence.UNREAD
    await book.item(HEALTH, date(2026, 1, 8), category="tenders", state="held")
    assert (await lacks(hub, HEALTH, "dau-thau", QUARTER)).silence is Silence.KEPT
    assert (await lacks(hub, HEALTH)).silence is Silence.UNREAD


async def test_a_source_that_was_never_asked_blames_nobody(hub: Hub, book: Book) -> None:
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE source SET polled_at = NULL, answered_at = NULL WHERE name = 'noi-vu-tin'")
    assert (await lacks(hub, HOME)).silence is Silence.UNREAD
    await book.item(HOME, date(2025, 12, 30), source="noi-vu-tin")
    assert (await lacks(hub, HOME)).silence is Silence.NOTHING


async def test_a_member_that_ended_is_missing_for_its_time_and_its_successor_begins_anew(hub: Hub, book: Book) -> None:
    await book.item(OLD, date(2026, 1, 20), source="huyen-mau-tin")
    async with hub.engine.store.unit() as unit:  # its source went over to the successor
        await unit.tx.execute("UPDATE source SET member = ? WHERE name = 'huyen-mau-tin'", NEW)
    found = {one.code: one for one in await missing(hub.engine, *QUARTER) if one.duty == "tin-hang-thang"}
    old, new = found[OLD], found[NEW]
    assert (old.owed, old.unmet, old.came, old.silence) == (2, 1, 1, Silence.NOTHING)
    assert (new.owed, new.unmet, new.silence) == (1, 1, Silence.NOTHING)
    assert old.group is Group.DISTRICT


async def test_a_gap_names_each_of_two_rules(hub: Hub, book: Book) -> None:
    await book.item(HOME, date(2026, 3, 3))
    found = {one.duty: one for one in await missing(hub.engine, *MARCH) if one.code == HOME}
    assert set(found) == {"tin-hang-tuan"}
    week = found["tin-hang-tuan"]
    assert (week.owed, week.unmet, week.came, week.confirmed) == (5, 5, 1, False)
    assert "Quy chế hoạt động của Cổng" in week.sentence
    assert week.late_days == 22
    assert week.last_item == date(2026, 3, 3)


async def test_a_stretch_that_runs_is_not_missing_yet(hub: Hub, book: Book) -> None:
    assert not await missing(hub.engine, date(2026, 4, 6), date(2026, 4, 30))
    assert not await missing(hub.engine, *MARCH, on=date(2026, 2, 1))


async def test_coverage_counts_those_that_owed_something(hub: Hub, book: Book) -> None:
    for code in (HEALTH, NEW):
        await book.item(code, date(2026, 3, 3))
    news = [one for one in await covered(hub.engine, *MARCH) if one.code == "news"]
    assert [(one.group, one.have, one.due, one.missing) for one in news] == [
        (Group.DEPARTMENT, 1, 2, ("Sở Nội vụ",)), (Group.COMMUNE, 1, 2, ("Xã Hạ Liễu",))
    ]  # fmt: skip
    quarter = {(one.code, one.group): (one.have, one.due) for one in await covered(hub.engine, *QUARTER)}
    assert quarter["news", Group.DISTRICT] == (0, 1)
    assert quarter["tenders", Group.DEPARTMENT] == (0, 1)


async def test_timeliness_is_measured_in_working_days_from_signature(hub: Hub, book: Book) -> None:
    tender = partial(book.item, HEALTH, date(2026, 3, 9), category="tenders", issued=date(2026, 3, 6))  # a Friday
    await tender(public=date(2026, 3, 10))
    late = await tender(public=date(2026, 3, 11))
    await book.item(HOME, date(2026, 3, 9), category="tenders", public=date(2026, 3, 31))  # the limit is not for it
    await book.item(HOME, date(2026, 3, 9), public=date(2026, 3, 8))
    found = {one.category: one for one in await timeliness(hub.engine, *MARCH)}
    tenders, news = found["tenders"], found["news"]
    assert (tenders.limit, tenders.measured, tenders.in_time) == (2, 2, 1)
    assert (tenders.median_days, tenders.worst_days, tenders.worst) == (2.5, 3, late)
    assert (news.limit, news.measured, news.median_days) == (None, 1, 0.0)
    assert set(found) == {"tenders", "news"}


async def test_whoever_sees_a_part_of_the_province_sees_its_duties_alone(hub: Hub, book: Book) -> None:
    scope = Scope(frozenset({HOME}))
    assert {one.member for one in await standing(hub.engine, scope=scope)} == {HOME}
    assert {one.code for one in await missing(hub.engine, *MARCH, scope=scope)} == {HOME}
    assert sum(one.due for one in await covered(hub.engine, *MARCH, scope=scope)) == 1
    await book.item(HEALTH, date(2026, 3, 9))
    assert await timeliness(hub.engine, *MARCH, scope=scope) == []


async def test_a_turn_of_the_year_and_leap_days_count_in_their_months(hub: Hub, book: Book) -> None:
    days = [date(2023, 12, 31), date(2024, 2, 29), date(2024, 3, 1), date(2025, 1, 1), date(1969, 7, 20)]
    for day in days:
        await book.item(HOME, day)
    books = await given.read(hub.engine, EVERYWHERE, hub.engine.duties, date.min, date(2026, 4, 8))
    assert set(books.months[HOME, "news"]) == {number(Every.MONTH, day) for day in days}
    assert set(books.weeks[HOME, "news"]) == {number(Every.WEEK, day) for day in days}


async def test_whose_turn_it_is_stands_beside_each_gap(hub: Hub, book: Book) -> None:
    await book.outage("noi-vu-tin", date(2026, 3, 20), why="paused", side="person")
    assert (await stands(hub, HOME)).side is Side.PERSON
    assert (await stands(hub, NEW)).side is Side.MEMBER
    assert (await stands(hub, COMMUNE)).side is Side.HUB


async def test_nobody_is_blamed_by_numbers_that_lag_behind(hub: Hub, book: Book, clock: Clock) -> None:
    async with hub.engine.store.unit() as unit:
        unit.tell("source_paused", who="cli", source="noi-vu-tin")
        unit.tell("source_active", who="cli", source="noi-vu-tin")
    while await hub.engine.store.seal():
        pass
    clock.advance(minutes=2)
    lagging = [*await missing(hub.engine, *MARCH), *[one for one in await standing(hub.engine) if one.silence]]
    assert {one.silence for one in lagging} == {Silence.UNREAD}
    assert "chưa tính xong số liệu" in lagging[0].sentence
    await up_to_date(hub.engine)
    assert (await lacks(hub, HOME)).silence is Silence.NOTHING


def test_weeks_and_months_are_named_inside_sentences() -> None:
    assert called(Stretch(date(2026, 6, 1), date(2026, 6, 7))) == "tuần 01/06–07/06/2026"
    assert called(Stretch(date(2026, 4, 1), date(2026, 6, 30))) == "quý II năm 2026"
