"""Whose turn it is where much waits: withdrawals, corrections, then news, each newest first; and what asking costs."""

from collections.abc import Sequence
from uuid import UUID

from hub.app import Hub
from hub.commands.withdraw import withdraw
from hub.stages.deliver import Deliver
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store import delivering
from hub.store.database import Database
from hub.store.delivering import DeliveryClaim
from hub.store.harvesting import make_due
from tests.fakes.portal import Portal
from tests.province import Province, row, rss, story, turn
from tests.stages.sending import WHO, send, show

OLD = range(1, 13)  #: stories in the order in which they were published


async def claimed(hub: Hub, bells: Sequence[str] | None = None, limit: int = 100) -> list[DeliveryClaim]:
    return list(await Deliver(hub.engine, "portal").claim(bells, limit))


async def guids(hub: Hub, claims: Sequence[DeliveryClaim]) -> list[str]:
    return [(await row(hub, "item", content_id=str(each.content_id)))["guid"] for each in claims]


async def test_the_newest_news_go_first_and_have_the_first_places_in_the_rate(province: Province, hub: Hub) -> None:
    await show(province, hub, *OLD)
    claims = await claimed(hub, limit=4)
    assert await guids(hub, claims) == ["tin-12", "tin-11", "tin-10", "tin-9"]
    assert [each.send_at for each in claims] == sorted(each.send_at for each in claims)


async def test_a_bell_for_the_oldest_does_not_put_it_before_the_newest(province: Province, hub: Hub) -> None:
    await show(province, hub, *OLD)
    oldest = await row(hub, "item", guid="tin-1")
    bell = str((await row(hub, "delivery", content_id=oldest["content_id"]))["id"])
    assert await guids(hub, await claimed(hub, [bell], 1)) == ["tin-12"]


async def test_withdrawals_and_then_corrections_go_before_all_news(
    province: Province, hub: Hub, portal: Portal
) -> None:  # fmt: skip
    await show(province, hub, 1, 2, 3)
    await send(hub)
    await show(province, hub, 1, 3, 2, *OLD[3:], text="Chỉ tiêu là 20")
    gone = await row(hub, "item", guid="tin-1")
    await withdraw(hub.engine, UUID(gone["content_id"]), who=WHO)
    assert (await guids(hub, await claimed(hub)))[:5] == ["tin-1", "tin-3", "tin-2", "tin-12", "tin-11"]


async def test_what_was_corrected_before_it_was_shown_is_news(province: Province, hub: Hub) -> None:
    await show(province, hub, *OLD)
    await show(province, hub, 1, *OLD, text="Chỉ tiêu là 20")
    assert (await guids(hub, await claimed(hub)))[0] == "tin-12"


async def test_a_correction_of_what_is_being_sent_goes_before_news(province: Province, hub: Hub) -> None:
    await show(province, hub, 1)
    [under_way] = await claimed(hub)
    await show(province, hub, 1, 2, 3, text="Chỉ tiêu là 20", after=10)
    await Deliver(hub.engine, "portal").handle(under_way)
    assert await guids(hub, await claimed(hub)) == ["tin-1", "tin-3", "tin-2"]


async def test_a_date_to_come_is_no_newer_than_the_day_on_which_it_was_seen(province: Province, hub: Hub) -> None:
    to_come = story(1, published="Fri, 01 Mar 2126 07:30:00 +0700")
    for after in (0, 60):
        seen = province.clock.now().strftime("%a, %d %b %Y %H:%M:%S +0000")
        province.site.serve("/tin.rss", rss(to_come, *[story(2, published=seen)] * bool(after)))
        await make_due(hub.engine.store)
        await turn(Harvest(hub.engine))
        await turn(Normalise(hub.engine))
        province.clock.advance(minutes=30)
    assert await guids(hub, await claimed(hub)) == ["tin-2", "tin-1"]


async def test_a_claim_over_a_backlog_sorts_nothing_and_walks_through_nothing(database_url: str) -> None:
    """Sorting 50,000 rows took 28 ms, and giving up what dead workers held walked through all of them for 25 more."""
    async with await Database.open(database_url) as db:
        async with db.transaction() as tx:
            await tx.execute_many(
                "INSERT INTO delivery (content_id, destination, wanted_revision, state, wanted_at, due_at, turn)"
                " VALUES (?, 'portal', 1, ?, 0, ?, ?)",
                [(str(n), "ready" if n % 3 else "done", n, n * 7919 % 6_000) for n in range(6_000)],
            )
        due = await _plan(db, delivering.DUE, "portal", 10_000, 0, 4)
        assert "delivery_turn" in due
        assert not [word for word in ("B-TREE", "Sort") if word in due]
        given_up = await _plan(db, delivering.GIVE_UP, "portal", 0)
        assert "attempt_open" in given_up
        assert not [word for word in ("delivery_due", "delivery_turn", "autoindex", "SCAN d") if word in given_up]


async def _plan(db: Database, sql: str, *args: object) -> str:
    words = "EXPLAIN QUERY PLAN" if db.dialect == "sqlite" else "EXPLAIN"
    return "\n".join(" ".join(map(str, each.values())) for each in await db.fetch(f"{words} {sql}", *args))
