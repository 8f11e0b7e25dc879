"""Drops, mass withdrawals and categories that are due soon, from rows; on both databases."""

from datetime import date, timedelta

from hub.app import Hub
from hub.queries.signs import Kind, Noticed, counted, signs
from hub.rules.access import EVERYWHERE, Scope
from tests.clock import Clock
from tests.duties.book import Book

TODAY = date(2026, 4, 8)


async def test_a_drop_is_told_of_a_source_that_works(hub: Hub, book: Book) -> None:
    for days in range(14, 98):
        day = TODAY - timedelta(days=days + 1)
        if day.weekday() < 5:
            await book.item("H52.9", day, source="y-te-tin")
            await book.item("H52.10", day, source="noi-vu-tin")
    for days in range(1, 15):
        await book.item("H52.10", TODAY - timedelta(days=days), source="noi-vu-tin")
    drops = [one for one in await signs(hub.engine) if one.kind is Kind.DROP]
    assert [(one.member, one.source) for one in drops] == [("H52.9", "y-te-tin")]
    assert [one for one in await signs(hub.engine, scope=Scope(frozenset({"H52.10"}))) if one.kind is Kind.DROP] == []
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE source SET fault_code = 'timeout' WHERE name = 'y-te-tin'")
    assert [one for one in await signs(hub.engine) if one.kind is Kind.DROP] == [], "a fault is told as a fault"


async def test_many_items_that_a_source_takes_back_in_a_day_are_told(hub: Hub) -> None:
    async with hub.engine.store.unit() as unit:
        for number in range(30):
            gone = number < 12
            await unit.tx.execute(
                "INSERT INTO item (content_id, source, guid, kind, member, title, revision, digest, state,"
                " withdrawn_by, first_seen, changed_at) VALUES (?, 'y-te-tin', ?, 'news', 'H52.9', '', 1, '', ?, ?, ?,"
                " ?)",
                f"00000000-0000-5000-8000-{number:012}", str(number), "withdrawn" if gone else "live",
                "source" if gone else "", unit.at, unit.at - 3_600_000_000,
            )  # fmt: skip
    [sign] = [one for one in await signs(hub.engine) if one.kind is Kind.VANISH]
    assert (sign.source, sign.sentence.startswith("Trong một ngày nguồn đã gỡ 12 mục, còn 18 mục.")) == (
        "y-te-tin", True,
    )  # fmt: skip


async def test_what_is_due_in_less_than_three_working_days_is_told(hub: Hub, book: Book, clock: Clock) -> None:
    for week in range(14):  # the duty of two a week was met in every week but this one
        for _ in range(2):
            await book.item("H52.10", date(2026, 1, 1) + timedelta(weeks=week))
    assert [one for one in await signs(hub.engine) if one.kind is Kind.DUE and one.member == "H52.10"] == []
    clock.advance(days=1)  # a Thursday: two days are left
    told = [one for one in await signs(hub.engine) if one.kind is Kind.DUE and one.member == "H52.10"]
    assert ["còn 2 ngày làm việc" in one.sentence for one in told] == [True]
    assert (await counted(hub.engine))["due"] >= 1

    noticed = Noticed(hub.engine)
    part = Scope(frozenset({"H52.10"}))
    assert {one.member for one in await noticed.within(part)} == {"H52.10"}
    await book.forget()
    assert len(await noticed.within(EVERYWHERE)) > 0, "it is not asked again within five minutes"
    clock.advance(minutes=5)
    assert await noticed.within(EVERYWHERE) == await signs(hub.engine)
