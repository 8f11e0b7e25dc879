"""Nobody is blamed for what nobody could know: of sources that came later, or were read no more, and what waited then.

It is Wednesday, 8 April 2026.
"""

from datetime import date

from hub.app import Hub
from hub.queries.duties import missing, standing
from hub.reports.snapshot import Missing
from hub.rules.silences import Silence
from hub.store.instants import micros
from tests.clock import Clock
from tests.duties.book import Book

HOME, HEALTH, SOURCE = "H52.10", "H52.9", "noi-vu-tin"
MARCH = date(2026, 3, 1), date(2026, 3, 31)
QUARTER = date(2026, 1, 1), date(2026, 3, 31)


async def lacks(hub: Hub, days: tuple[date, date] = MARCH) -> Missing:
    [found] = [one for one in await missing(hub.engine, *days) if (one.code, one.duty) == (HOME, "tin-hang-thang")]
    return found


async def stands(hub: Hub) -> Silence | None:
    [found] = [one for one in await standing(hub.engine) if (one.member, one.duty) == (HOME, "tin-hang-thang")]
    return found.silence


async def test_a_source_that_was_added_later_says_nothing_about_the_time_before(hub: Hub, book: Book) -> None:
    await book.held_run(SOURCE, date(2026, 4, 7), state="done")
    found = await lacks(hub)
    assert (found.silence, found.sent_nothing) == (Silence.UNREAD, False)
    assert "chỉ được thu từ ngày 07/04/2026" in found.sentence
    assert await stands(hub) is Silence.UNREAD


async def test_what_is_owed_since_long_before_a_source_came_is_judged_by_the_time_since(hub: Hub, book: Book) -> None:
    await book.held_run(SOURCE, date(2026, 2, 10), state="done")
    assert await stands(hub) is Silence.NOTHING  # March is over, and was seen from its first day on
    assert (await lacks(hub)).silence is Silence.NOTHING
    assert (await lacks(hub, QUARTER)).silence is Silence.UNREAD


async def test_a_source_under_another_name_changes_nothing_about_the_time_of_its_first(hub: Hub, book: Book) -> None:
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE source SET member = ? WHERE name = 'y-te-tin'", HOME)
    await book.held_run("y-te-tin", date(2026, 4, 2), state="done")
    assert (await lacks(hub)).silence is Silence.UNREAD  # it may have published there all the time
    await book.outage(SOURCE, date(2026, 4, 2), why="removed")
    assert (await lacks(hub)).silence is Silence.NOTHING


async def test_a_hub_that_stood_still_blames_nobody(hub: Hub, book: Book, clock: Clock) -> None:
    async with hub.engine.store.unit() as unit:
        late = micros(book.at(date(2026, 3, 31)))
        await unit.tx.execute("UPDATE source SET polled_at = ?, answered_at = ? WHERE name = ?", late, late, SOURCE)
    found = await lacks(hub)
    assert (found.silence, found.sent_nothing) == (Silence.UNREAD, False)
    assert "gần nhất là 05:30 ngày 31/03/2026" in found.sentence
    assert await stands(hub) is Silence.UNREAD
    february = date(2026, 2, 1), date(2026, 2, 28)
    assert (await lacks(hub, february)).silence is Silence.NOTHING


async def test_a_source_that_was_asked_and_never_answered_blames_nobody(hub: Hub, book: Book) -> None:
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE source SET answered_at = NULL WHERE name = ?", SOURCE)
    assert (await lacks(hub)).silence is Silence.UNREAD


async def test_an_inbox_that_is_never_polled_speaks_by_what_came_once(hub: Hub, book: Book) -> None:
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE source SET polled_at = NULL, answered_at = NULL WHERE name = ?", SOURCE)
    assert (await lacks(hub)).silence is Silence.UNREAD
    await book.item(HOME, date(2026, 1, 6), source=SOURCE)
    assert (await lacks(hub)).silence is Silence.NOTHING


async def test_what_waits_or_was_rejected_just_after_a_stretch_may_be_of_it(hub: Hub, book: Book) -> None:
    await book.rejection(SOURCE, date(2026, 4, 2))
    assert (await lacks(hub)).silence is Silence.NOTHING
    await book.rejection(SOURCE, date(2026, 4, 1))
    assert (await lacks(hub)).silence is Silence.KEPT


async def test_what_the_first_answer_after_an_outage_brought_may_be_of_its_time(hub: Hub, book: Book) -> None:
    await book.outage(SOURCE, date(2026, 3, 2), date(2026, 4, 3))
    assert (await lacks(hub)).silence is Silence.NOTHING
    await book.item(HOME, date(2026, 4, 5), source=SOURCE, dated=False)
    assert (await lacks(hub)).silence is Silence.NOTHING
    await book.item(HOME, date(2026, 4, 3), source=SOURCE, dated=False)
    found = await lacks(hub)
    assert found.silence is Silence.UNREAD
    assert "không ghi ngày" in found.sentence
    await book.rejection(SOURCE, date(2026, 4, 3))
    assert (await lacks(hub)).silence is Silence.KEPT


async def test_a_source_that_was_held_to_be_another_members_blames_nobody_for_that_time(hub: Hub, book: Book) -> None:
    await book.item(HEALTH, date(2026, 3, 9), source=SOURCE)  # the settings were wrong until then
    assert (await lacks(hub)).silence is Silence.UNREAD


async def test_while_events_are_not_sealed_or_lie_in_the_future_nobody_is_blamed(
    hub: Hub, book: Book, clock: Clock
) -> None:
    async with hub.engine.store.unit() as unit:
        unit.tell("edition_approved", content_id="00000000-0000-5000-8000-000000000001", source=SOURCE)
    assert (await lacks(hub)).silence is Silence.NOTHING
    clock.advance(minutes=2)
    found = await lacks(hub)
    assert (found.silence, found.sent_nothing) == (Silence.UNREAD, False)
    clock.advance(hours=-2)  # set back
    assert (await lacks(hub)).silence is Silence.UNREAD


async def test_what_was_purged_may_have_been_of_any_category_that_its_source_brings(hub: Hub, book: Book) -> None:
    # Nothing is kept of it but that it came, and when: what its tags said is gone with it.
    await book.item(HOME, date(2026, 3, 9), source=SOURCE, category="", state="withdrawn", gone_by="screen")
    found = await lacks(hub)
    assert (found.silence, found.sent_nothing) == (Silence.KEPT, False)
    february = date(2026, 2, 1), date(2026, 2, 28)
    assert (await lacks(hub, february)).silence is Silence.NOTHING
    await book.forget()
    await book.item(HOME, date(2026, 4, 1), source=SOURCE, category="", state="withdrawn", gone_by="screen")
    assert (await lacks(hub)).silence is Silence.KEPT
