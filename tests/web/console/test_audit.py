"""Who did what: filters, pages, the file, and a chain that shows what was changed."""

import csv
import io

import pytest
from aiohttp import ClientPayloadError

from hub.queries.audit import Question, chain, entries, link_hash
from tests.clock import Clock
from tests.web.desk import Desk
from tests.web.press import Press, id_of, news


async def deeds(desk: Desk, count: int, *, who: str = "an", **more: str) -> None:
    """Things that somebody did."""
    async with desk.hub.engine.store.unit() as unit:
        for n in range(count):
            unit.tell("approved", who=who, revision=n + 1, why={"reason": f"lần {n}"}, **more)  # type: ignore[arg-type]


async def test_what_people_did_is_shown_newest_first_a_page_at_a_time(desk: Desk) -> None:
    chu = await desk.person("chu", "administrator")
    await deeds(desk, 60)
    await deeds(desk, 5, who="hub")
    page = await chu.get("/audit")
    assert page.words.index("lần 59") < page.words.index("lần 10")
    assert "lần 4 " not in page.words
    older = page.text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "lần 4" in (await chu.get(older.removeprefix("/console"))).words


async def test_filters_narrow_what_is_asked(desk: Desk, clock: Clock) -> None:
    press = Press(desk.hub, clock)
    await press.publish(news("a"), held=True)
    await press.approve("a")
    await deeds(desk, 1, who="binh", source="xa-ha-lieu-tin")
    store = desk.hub.engine.store

    async def who(**asked: object) -> list[str]:
        return [each.who for each in await entries(store, Question(**asked))]  # type: ignore[arg-type]

    assert await who() == ["binh", "an"]
    assert await who(who="an") == ["an"]
    assert await who(what="approved", source="xa-ha-lieu-tin") == ["binh"]
    assert set(await who(content_id=str(id_of("a")))) == {"an", "hub"}
    assert "hub" in await who(everything=True)
    later = clock.advance(days=1)
    assert await who(since=later) == []
    assert await who(until=later) == ["binh", "an"]
    chu = await desk.person("chu", "administrator")
    page = await chu.get("/audit?who=binh&since=2026-03-01&until=nonsense&before=-1&item=%00")
    assert page.status == 200
    assert "binh" in page.words


async def test_the_file_holds_the_same_and_runs_nothing_in_a_spreadsheet(desk: Desk) -> None:
    chu = await desk.person("chu", "administrator")
    await deeds(desk, 1, who="=1+1")
    answer = await chu.get("/audit.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[0]["who"] == "'=1+1"
    assert rows[0]["event"] == "Đã duyệt"


async def many(desk: Desk, count: int, why: str = "{}") -> None:
    """So many things that somebody did, made by the database."""
    async with desk.hub.engine.store.unit() as unit:
        await unit.tx.execute(
            "INSERT INTO event (at, who, what, why, content_id, source, destination)"
            " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            " SELECT i, 'an', 'approved', ?, '', '', '' FROM n",
            count, why,
        )  # fmt: skip


async def test_the_file_holds_all_however_much_it_is(desk: Desk) -> None:
    chu = await desk.person("chu", "administrator")
    await many(desk, 20_500)
    answer = await chu.get("/audit.csv?what=approved")
    ids = [int(row["id"]) for row in csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))]
    assert len(ids) == 20_500
    assert ids == sorted(ids, reverse=True)
    for name, said in {
        "Cache-Control": "no-store", "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff",
        "Strict-Transport-Security": "max-age=31536000", "Transfer-Encoding": "chunked",
    }.items():  # fmt: skip
        assert answer.headers[name] == said
    nothing = await chu.get("/audit.csv?who=nobody")
    assert nothing.text.removeprefix("\ufeff").splitlines() == [
        "id,at,who,what,event,item,revision,source,destination,why"
    ]
    head = await chu.ask("HEAD", "/audit.csv")
    assert (head.status, head.text) == (200, "")


async def test_a_file_that_fails_in_the_middle_is_seen_to_be_broken(desk: Desk) -> None:
    chu = await desk.person("chu", "administrator")
    await many(desk, 1, why="no JSON")
    await many(desk, 1_500)
    with pytest.raises(ClientPayloadError):
        await chu.get("/audit.csv")
    await many(desk, 1, why="no JSON")
    assert (await chu.get("/audit.csv")).status == 500


@pytest.mark.parametrize(
    ("damage", "at", "why"),
    [
        ("UPDATE event SET who = 'other' WHERE sequence = 3", 3, "changed"),
        ("DELETE FROM event WHERE sequence = 3", 3, "missing"),
        ("UPDATE event SET previous_hash = 'x' WHERE sequence = 3", 3, "moved"),
    ],
    ids=["changed", "missing", "moved"],
)
async def test_whatever_is_changed_afterwards_breaks_the_chain(desk: Desk, damage: str, at: int, why: str) -> None:
    store = desk.hub.engine.store
    await deeds(desk, 5)
    while await store.seal():
        pass
    whole = await chain(store)
    assert (whole.holds, whole.unsealed, whole.last_hash) == (True, 0, await link_hash(store, whole.last))
    assert (await chain(store, newest=2)).checked == 2
    async with store.unit() as unit:
        await unit.tx.execute(damage)
    broken = await chain(store)
    assert (broken.holds, broken.broken_at, broken.why) == (False, at, why)
    assert "Nhật ký bị sai tại mục số 3" in (await (await desk.person("chu", "administrator")).get("/audit")).words


async def test_what_is_not_sealed_yet_is_told(desk: Desk) -> None:
    await deeds(desk, 3)
    found = await chain(desk.hub.engine.store)
    assert found.holds
    assert found.unsealed >= 3
