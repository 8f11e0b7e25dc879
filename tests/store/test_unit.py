"""Units of work: what happened and its events are written together; bells ring after the commit, never before."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from hub.broker.base import HARVEST
from hub.broker.embedded import EmbeddedBroker
from hub.store.database import Database
from hub.store.unit import LeaseLostError, Store, event_hash
from tests.clock import Clock


class Bells(EmbeddedBroker):
    """Notes what the database held when a bell rang."""

    def __init__(self) -> None:
        super().__init__()
        self.database: Database | None = None
        self.rung: list[tuple[str, Sequence[str], int]] = []

    async def publish(self, queue: str, keys: Sequence[str]) -> None:
        assert self.database is not None
        events = await self.database.fetch("SELECT id FROM event")
        self.rung.append((queue, list(keys), len(events)))


@pytest.fixture
async def store(database_url: str, clock: Clock) -> AsyncIterator[Store]:
    bells = Bells()
    async with await Database.open(database_url) as database:
        bells.database = database
        yield Store(database, bells, clock)


async def test_bells_ring_after_the_commit(store: Store) -> None:
    async with store.unit() as unit:
        unit.ring(HARVEST, "a")
        unit.ring(HARVEST, "b")
        unit.tell("happened")
    assert isinstance(store.broker, Bells)
    assert store.broker.rung == [(HARVEST, ["a", "b"], 1)]


async def test_bells_ring_for_rows_that_are_found_by_the_commit(store: Store) -> None:
    async with store.unit() as unit:
        unit.tell("happened")
        unit.tell("happened")
        await unit.ring_found(HARVEST, "SELECT 7 AS id UNION SELECT 8 ORDER BY id")
        await unit.ring_found(HARVEST, "SELECT id FROM event WHERE what = 'never'")
        unit.ring(HARVEST, "a")
    assert isinstance(store.broker, Bells)
    assert store.broker.rung == [(HARVEST, ["a", "7", "8"], 2)]


async def test_a_unit_that_fails_leaves_no_event_and_rings_no_bell(store: Store) -> None:
    async def work() -> None:
        async with store.unit() as unit:
            unit.tell("happened")
            unit.ring(HARVEST, "a")
            await unit.ring_found(HARVEST, "SELECT 7 AS id")
            await unit.fenced("UPDATE source SET attempts = 1 WHERE name = 'nobody'")

    with pytest.raises(LeaseLostError):
        await work()
    assert await store.fetch("SELECT * FROM event") == []
    assert isinstance(store.broker, Bells)
    assert store.broker.rung == []


async def test_events_are_sealed_into_one_chain_that_shows_every_change(store: Store) -> None:
    for number in range(7):
        async with store.unit() as unit:
            unit.tell("happened", why={"number": number})
    assert [await store.seal(batch=3) for _ in range(4)] == [3, 3, 1, 0]
    assert await broken(store) == []
    async with store.database.transaction() as tx:
        await tx.execute("UPDATE event SET why = '{}' WHERE sequence = 4")
    assert await broken(store) == [4]


async def test_a_rewritten_event_shows_though_its_own_hash_was_made_anew(store: Store) -> None:
    for number in range(3):
        async with store.unit() as unit:
            unit.tell("happened", why={"number": number})
    await store.seal()
    first, second, _ = await store.fetch("SELECT * FROM event ORDER BY sequence")
    forged = event_hash(first["hash"], {**second, "why": "{}"})
    async with store.database.transaction() as tx:
        await tx.execute("UPDATE event SET why = '{}', hash = ? WHERE sequence = 2", forged)
        await tx.execute("UPDATE event SET previous_hash = ? WHERE sequence = 3", forged)
    assert await broken(store) == [3]


async def test_every_column_of_an_event_is_under_its_seal(store: Store) -> None:
    async with store.unit() as unit:
        unit.tell("happened", content_id="c", revision=1, source="s", destination="d", why={"number": 1})
    await store.seal()
    [row] = await store.fetch("SELECT * FROM event")
    assert event_hash("", row) == row["hash"]
    for column in row.keys() - {"id", "sequence", "previous_hash", "hash"}:
        assert event_hash("", {**row, column: f"{row[column]}!"}) != row["hash"], column


async def test_two_who_seal_at_once_make_one_chain(store: Store) -> None:
    for _ in range(20):
        async with store.unit() as unit:
            unit.tell("happened")
    await asyncio.gather(*(store.seal(batch=5) for _ in range(6)))
    while await store.seal():
        continue
    chain = await store.fetch("SELECT sequence FROM event ORDER BY sequence")
    assert [row["sequence"] for row in chain] == list(range(1, 21))
    assert await broken(store) == []


async def broken(store: Store) -> list[int]:
    """Sequence numbers whose hash does not follow from their content and the one before."""
    previous, wrong = "", []
    for row in await store.fetch("SELECT * FROM event WHERE sequence IS NOT NULL ORDER BY sequence"):
        if row["hash"] != event_hash(previous, row) or row["previous_hash"] != previous:
            wrong.append(row["sequence"])
        previous = row["hash"]
    return wrong


async def test_one_clock_compares_all_leases(pg_url: str) -> None:
    """A host whose clock is wrong would give its leases away too early, or keep those of the dead."""
    async with await Database.open(pg_url) as database:
        store = Store(database, EmbeddedBroker(), Clock(), follows_database=True)
        await store.measure_skew()
        [row] = await store.fetch("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT) AS now")
        assert abs(store.now().timestamp() * 1_000_000 - row["now"]) < 5_000_000
