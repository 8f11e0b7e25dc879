"""One unit of work: a transaction with its events, and the bells that are rung after the commit.

If the process dies before the commit nothing happened; if it dies after it, the sweeper finds the work whose bell
was never rung.
"""

import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from connectors.errors import Fault, TransientError
from hub.broker.base import Broker
from hub.clock import Clock
from hub.store.database import Database, Row, Transaction
from hub.store.instants import micros, moment

ENGINE = "hub"  #: who did it, when no person did


class LeaseLostError(Exception):
    """The lease was lost: somebody else has this row now, and nothing of this unit is written."""


class OvertakenError(TransientError):
    """The item changed between reading it and writing; nothing of this unit is written."""

    code = "overtaken"
    fault = Fault.HUB

    def __init__(self, content_id: UUID) -> None:
        super().__init__(
            f"{content_id} changed meanwhile",
            sentence="Nội dung này vừa thay đổi trong lúc đang xử lý. Mở lại để xem tình trạng hiện tại rồi thử lại.",
        )


@dataclass(slots=True)
class Unit:
    """An open transaction with the time at which it happens."""

    tx: Transaction
    now: datetime
    bells: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    events: list[tuple[Any, ...]] = field(default_factory=list)
    _found: list[tuple[str, list[Row]]] = field(default_factory=list)  #: queues, and rows that are to be rung for

    @property
    def at(self) -> int:
        """Now, as the database writes it."""
        return micros(self.now)

    def ring(self, queue: str, key: object) -> None:
        """Tell a queue after the commit that this row wants work."""
        self.bells[queue].append(str(key))

    async def ring_found(self, queue: str, sql: str, *args: Any) -> None:
        """Tell a queue after the commit of each row that this SELECT finds (its `id`)."""
        self._found.append((queue, await self.tx.fetch_later(sql, *args)))

    def ringing(self) -> Mapping[str, Sequence[str]]:
        """The bells of this unit, by queue; known after the commit."""
        for queue, rows in self._found:
            for row in rows:
                self.ring(queue, row["id"])
        self._found = []
        return self.bells

    def tell(
        self, what: str, *, who: str = ENGINE, content_id: UUID | str = "", revision: int = 0, source: str = "",
        destination: str = "", why: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Append an event; it is written with the rest of the unit, or not at all. `why` never holds an item's text."""
        self.events.append(
            (self.at, who, what, str(content_id), revision, source, destination, orjson.dumps(why or {}).decode())
        )

    async def fenced(self, sql: str, *args: Any) -> None:
        """Run a settle that must change exactly one row; none means that the lease was lost.

        LeaseLostError may come as late as with the commit.
        """
        await self.tx.change_one(sql, *args, otherwise=LeaseLostError())

    async def close(self) -> None:
        """Write the events; the last statement of every unit."""
        if self.events:
            await self.tx.execute_many(
                "INSERT INTO event (at, who, what, content_id, revision, source, destination, why,"
                " previous_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', '')",
                self.events,
            )


class Store:
    """The database with its clock and its broker; hands out units of work."""

    def __init__(
        self, database: Database, broker: Broker, clock: Clock, *, follows_database: bool = False
    ) -> None:  # fmt: skip
        self.database = database
        self.broker = broker
        self.clock = clock
        #: how far the database's clock is ahead of ours; leases of many hosts are compared by one clock
        self.skew = timedelta()
        self._follows_database = follows_database and database.dialect == "postgres"

    async def measure_skew(self) -> None:
        """Compare our clock with the database's, where hosts share one."""
        if not self._follows_database:
            return
        before = self.clock.now()
        [row] = await self.fetch("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT) AS now")
        self.skew = moment(row["now"]) - (before + (self.clock.now() - before) / 2)

    def now(self) -> datetime:
        """The time by the one clock that leases are compared with."""
        return self.clock.now() + self.skew

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Unit]:
        """One transaction; events are written with it, bells are rung after it."""
        async with self.database.transaction() as tx:
            unit = Unit(tx, self.now())
            yield unit
            await unit.close()
        for queue, keys in unit.ringing().items():
            await self.broker.publish(queue, keys)

    async def fetch(self, sql: str, *args: Any) -> list[Row]:
        """Read what is committed, without waiting for anybody's open transaction."""
        return await self.database.fetch(sql, *args)

    async def seal(self, batch: int = 500) -> int:
        """Give committed events their place in the one chain of hashes. Returns how many were sealed.

        Only the schedule role seals. An event that a crash left unsealed is sealed by the next run.
        """
        async with self.database.transaction() as tx:
            if self.database.dialect == "postgres":
                await tx.fetch("SELECT pg_advisory_xact_lock(7203001)")
            last = await tx.fetch(
                "SELECT sequence, hash FROM event WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1"
            )
            sequence, previous = (last[0]["sequence"], last[0]["hash"]) if last else (0, "")
            rows = await tx.fetch("SELECT * FROM event WHERE sequence IS NULL ORDER BY id LIMIT ?", batch)
            sealed: list[tuple[Any, ...]] = []
            for row in rows:
                sequence += 1
                digest = event_hash(previous, row)
                sealed.append((sequence, previous, digest, row["id"]))
                previous = digest
            if sealed:
                await tx.execute_many("UPDATE event SET sequence = ?, previous_hash = ?, hash = ? WHERE id = ?", sealed)
        return len(sealed)


#: what an event's hash covers, in this order
SEALED_FIELDS: Sequence[str] = (
    "at", "who", "what", "content_id", "revision", "source", "destination", "why",
)  # fmt: skip


def event_hash(previous: str, row: Mapping[str, Any]) -> str:
    """Hash of one event, bound to the one before it: whoever changes or drops an old event breaks every later hash."""
    return hashlib.sha256(orjson.dumps([previous, *(row[name] for name in SEALED_FIELDS)])).hexdigest()
