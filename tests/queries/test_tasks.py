"""Tasks by hand in the order of their due days, which no row knows: a page, all, one, and how many there are."""

import random
from collections.abc import AsyncIterator
from datetime import date, timedelta
from itertools import pairwise

import pytest

from hub.app import Hub
from hub.queries.codes import calendar
from hub.queries.tasks import OpenTask, counted, every_task, open_task, open_tasks
from hub.rules.access import NOWHERE, Scope
from hub.store.instants import micros, moment
from tests.province import Province, rss, story
from tests.queries.reading import Reading

PLACES = ("base", "gone", "portal", "")
SEEDS = (1, 2, 3)


@pytest.fixture
async def hub(province: Province) -> AsyncIterator[Hub]:
    """One item of one member; a place that left the settings."""
    province.source("tin", rss(story(1)))
    province.route(province.destination())
    async with province.open() as hub:
        await hub.once()
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute(
                "INSERT INTO destination (name, connector, state) SELECT 'gone', connector, 'removed' FROM destination"
            )
        yield hub


async def tasks(hub: Hub, count: int, seed: int = 1) -> None:
    """Tasks of the last hundred days, in no order; some are done."""
    chance = random.Random(seed)
    [item] = await hub.engine.store.fetch("SELECT content_id FROM item")
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute_many(
            "INSERT INTO task (what, destination, subject, content_id, days, state, opened_at)"
            " VALUES ('enter', ?, ?, ?, ?, ?, ?)",
            [
                (
                    chance.choice(PLACES), f"việc {n}", item["content_id"] if chance.random() < 0.5 else "",
                    chance.choice((0, 1, 1, 5, 20)), chance.choice(("open", "open", "open", "done")),
                    micros(unit.now - timedelta(hours=chance.randrange(2_400))),
                )
                for n in range(count)
            ],
        )  # fmt: skip


async def plainly(hub: Hub, **asked: str) -> list[tuple[date, int, int]]:
    """Due day, time and number of each open task, in order; as somebody would find it who reads them all."""
    days, zone = await calendar(hub.engine.store), hub.engine.zone
    rows = await hub.engine.store.fetch("SELECT * FROM task WHERE state = 'open' AND destination <> 'gone'")
    found = []
    for row in rows:
        if all(row[name] == value for name, value in asked.items()):
            opened = moment(row["opened_at"]).astimezone(zone).date()
            due = days.add(opened, row["days"]).day if row["days"] else date.max
            found.append((due, row["opened_at"], row["id"]))
    return sorted(found)


def ids(found: list[OpenTask]) -> list[int]:
    return [each.id for each in found]


@pytest.mark.parametrize("seed", SEEDS)
async def test_every_task_comes_once_the_most_urgent_first_whatever_is_read_at_once(hub: Hub, seed: int) -> None:
    await tasks(hub, 300, seed)
    store, zone = hub.engine.store, hub.engine.zone
    wanted = [number for _, _, number in await plainly(hub)]
    for batch in (1, 7, 500):
        assert ids([each async for each in every_task(store, zone, batch=batch)]) == wanted
    assert ids(await open_tasks(store, zone, limit=20)) == wanted[:20]
    assert ids(await open_tasks(store, zone, destination="base", limit=900)) == [
        number for _, _, number in await plainly(hub, destination="base")
    ]
    found = await open_tasks(store, zone, limit=900)
    assert all(one.urgency < other.urgency for one, other in pairwise(found))


@pytest.mark.parametrize("seed", SEEDS)
async def test_what_is_late_is_counted_as_the_tasks_themselves_say(hub: Hub, seed: int) -> None:
    await tasks(hub, 300, seed)
    store, zone = hub.engine.store, hub.engine.zone
    found = await open_tasks(store, zone, limit=900)
    late = [each for each in found if each.overdue]
    assert late, "else nothing is shown"
    assert len(late) < len(found)
    assert ids(await open_tasks(store, zone, overdue=True, limit=900)) == ids(late)
    counts = await counted(store, zone)
    assert [each.destination for each in counts] == ["", "base", "portal"]
    for each in counts:
        at = [task for task in found if task.destination == each.destination]
        assert (each.open.count, each.open.since) == (len(at), min(task.opened_at for task in at))
        at = [task for task in at if task.overdue]
        assert (each.overdue.count, each.overdue.since) == (len(at), min(task.opened_at for task in at))


async def test_a_page_reads_a_page_of_each_line_and_not_what_waits_behind(hub: Hub) -> None:
    await tasks(hub, 3_000)
    store, zone = hub.engine.store, hub.engine.zone
    reading = Reading(store, "task")
    [first, *_] = await open_tasks(reading, zone, limit=20)
    assert reading.rows <= 4 + 5 * 20, "four lines, and one of them read twice at most"
    reading.rows = 0
    assert await open_task(reading, zone, first.id) == first
    assert reading.rows == 1
    reading.rows = 0
    await counted(reading, zone)
    assert reading.rows <= 2 * 4 * len(PLACES)


async def test_others_see_no_task_of_a_member(hub: Hub) -> None:
    await tasks(hub, 100)
    store, zone = hub.engine.store, hub.engine.zone
    [item] = await store.fetch("SELECT content_id, member FROM item")
    own = Scope(members=frozenset({item["member"]}))
    [*found] = await open_tasks(store, zone, scope=own)
    assert {each.content_id for each in found} == {item["content_id"]}
    assert sum(each.open.count for each in await counted(store, zone, scope=own)) == len(found)
    assert await open_task(store, zone, found[0].id, scope=own) == found[0]
    for scope in (Scope(members=frozenset({"H99"})), NOWHERE):
        assert await open_tasks(store, zone, scope=scope) == []
        assert await counted(store, zone, scope=scope) == []
        assert await open_task(store, zone, found[0].id, scope=scope) is None
