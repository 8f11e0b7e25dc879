"""Faults that the model must find: each breaks one rule of the hub, by a part of the program in place of the right one.

A checker that has not been seen to fail proves nothing: `python -m tests.simulation --planted` runs histories on each
of these until one of them is caught, and says which promise was seen broken.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import orjson

from connectors.base import Capture, Payload, Receipt, Tombstone
from hub.engine import Engine
from hub.reading import Job, Reading
from hub.stages.deliver import Deliver
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store import harvesting
from hub.store.database import Transaction
from hub.store.delivering import DeliveryClaim
from hub.store.harvesting import SourceClaim
from hub.store.unit import Store
from hub.worker import Stage
from tests.province import NearReader
from tests.simulation.history import Steps
from tests.simulation.process import Parts
from tests.simulation.steps import HAPPENS, HARSH


class Edited(Parts):
    """Statements are changed on their way to the database."""

    def __init__(self, *changes: tuple[str, str]) -> None:
        self._changes = changes

    def engine(self, engine: Engine) -> Engine:
        store = engine.store
        database: Any = _EditedDatabase(store.database, self._changes)
        return replace(engine, store=Store(database, store.broker, store.clock))


class _EditedDatabase:
    def __init__(self, database: Any, changes: Sequence[tuple[str, str]]) -> None:
        self._database, self._changes = database, changes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    async def fetch(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        for old, new in self._changes:
            sql = sql.replace(old, new)
        rows: list[dict[str, Any]] = await self._database.fetch(sql, *args)
        return rows

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        async with self._database.transaction() as tx:
            transaction: Any = _EditedTransaction(tx, self._changes)
            yield transaction


class _EditedTransaction:
    def __init__(self, tx: Transaction, changes: Sequence[tuple[str, str]]) -> None:
        self._tx, self._changes, self.dialect = tx, changes, tx.dialect

    def _edit(self, sql: str) -> str:
        for old, new in self._changes:
            sql = sql.replace(old, new)
        return sql

    async def fetch(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        return await self._tx.fetch(self._edit(sql), *args)

    async def fetch_later(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        return await self._tx.fetch_later(self._edit(sql), *args)

    async def execute(self, sql: str, *args: Any) -> int:
        return await self._tx.execute(self._edit(sql), *args)

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        await self._tx.execute_many(self._edit(sql), rows)

    async def change_one(self, sql: str, *args: Any, otherwise: Exception) -> None:
        await self._tx.change_one(self._edit(sql), *args, otherwise=otherwise)

    async def execute_at_commit(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        await self._tx.execute_at_commit(self._edit(sql), rows)


class Delivering(Parts):
    """The deliver stage is another one."""

    def __init__(self, stage: type[Deliver]) -> None:
        self._stage = stage

    def stages(self, engine: Engine) -> list[Stage]:
        return [Harvest(engine), Normalise(engine), *(self._stage(engine, name) for name in engine.destinations)]


class BlindRetry(Deliver):
    """Sends again what may have arrived."""

    async def _found_already(self, claim: DeliveryClaim, payload: Payload) -> Receipt | None:
        return None


class Impatient(Deliver):
    """Looks at once, although the call thought dead may still land."""

    async def _found_already(self, claim: DeliveryClaim, payload: Payload) -> Receipt | None:
        earlier = replace(claim, doubts=tuple(replace(d, at=d.at - timedelta(hours=1)) for d in claim.doubts))
        return await super()._found_already(earlier, payload)


class Credulous(Deliver):
    """Takes a call without an answer for one that arrived."""

    async def failed(self, claim: DeliveryClaim, error: BaseException) -> None:
        receipt = Receipt(remote_id=claim.remote_id or str(claim.content_id), revision=claim.wanted_revision)
        await self._record(claim, receipt)


class CursorFirst(Harvest):
    """Keeps the cursor in a transaction of its own, before the body that it covers."""

    async def handle(self, claim: SourceClaim) -> None:
        source = self._engine.sources[claim.name]
        answer = await source.source.fetch(source.http, claim.cursor)
        if isinstance(answer, Capture):
            async with self._engine.store.unit() as unit:
                await unit.tx.execute(
                    "UPDATE source SET cursor = ? WHERE name = ?", _written(answer), claim.name
                )  # fmt: skip
        next_poll = self._next(claim, answer.hints)
        async with self._engine.store.unit() as unit:
            if isinstance(answer, Capture):
                await harvesting.captured(unit, claim, answer, due_at=next_poll.at, reason=next_poll.reason)
            else:
                await harvesting.unchanged(unit, claim, due_at=next_poll.at, reason=next_poll.reason)


def _written(capture: Capture) -> str:
    return orjson.dumps(dict(capture.cursor)).decode()


class BodyDropped(Harvest):
    """Asks in time, and takes every body for the one that it has."""

    async def handle(self, claim: SourceClaim) -> None:
        source = self._engine.sources[claim.name]
        next_poll = self._next(claim, (await source.source.fetch(source.http, claim.cursor)).hints)
        async with self._engine.store.unit() as unit:
            await harvesting.unchanged(unit, claim, due_at=next_poll.at, reason=next_poll.reason)


class Harvesting(Parts):
    """The harvest stage is another one."""

    def __init__(self, stage: type[Harvest]) -> None:
        self._stage = stage

    def stages(self, engine: Engine) -> list[Stage]:
        return [self._stage(engine), Normalise(engine), *(Deliver(engine, name) for name in engine.destinations)]


class ReadingSo(Parts):
    """What was read is changed before anybody thinks about it."""

    def __init__(self, change: Callable[[Reading], Reading]) -> None:
        self._change = change

    def reader(self) -> NearReader:
        return _ChangedReader(self._change)


class _ChangedReader(NearReader):
    def __init__(self, change: Callable[[Reading], Reading]) -> None:
        super().__init__()
        self._change = change

    async def read(self, job: Job) -> Reading:
        return self._change(await super().read(job))


class AbsenceIsGone(Parts):
    """What a list does not show any more is taken for withdrawn."""

    def __init__(self) -> None:
        self._shown: dict[str, set[str]] = {}

    def reader(self) -> NearReader:
        return _ComparingReader(self._shown)


class _ComparingReader(NearReader):
    def __init__(self, shown: dict[str, set[str]]) -> None:
        super().__init__()
        self._shown = shown

    async def read(self, job: Job) -> Reading:
        whole = await super().read(replace(job, known=frozenset()))
        there = {read.item.guid for read in whole.read}
        gone = sorted(self._shown.get(job.context.name, set()) - there)
        self._shown[job.context.name] = there
        return replace(whole, tombstones=[*whole.tombstones, *(Tombstone(pointer="list", guid=one) for one in gone)])


def _no_tombstones(reading: Reading) -> Reading:
    return replace(reading, tombstones=())


def _last_record_lost(reading: Reading) -> Reading:
    return replace(reading, read=reading.read[:-1])


class Unscreened(Parts):
    """No screen looks at what comes in, or goes out."""

    def reader(self) -> NearReader:
        return _BlindReader()

    def stages(self, engine: Engine) -> list[Stage]:
        return [Harvest(engine), Normalise(engine), *(_OpenGate(engine, name) for name in engine.destinations)]


class _BlindReader(NearReader):
    async def read(self, job: Job) -> Reading:
        return await super().read(replace(job, screening=None))


class _OpenGate(Deliver):
    async def _stopped(self, claim: DeliveryClaim, payload: Payload) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault with the promises that it may break."""

    what: str
    parts: Callable[[], Parts]
    breaks: frozenset[str]
    happens: Steps  #: in the histories that try it


def _fault(what: str, parts: Callable[[], Parts], *breaks: str, happens: Steps = HAPPENS) -> Planted:
    return Planted(what, parts, frozenset(breaks), happens)


_FENCE = " WHERE id = ? AND attempts = ? AND lease_token = ?"
PLANTED: Final[Mapping[str, Planted]] = {
    "blind retry": _fault("a call of unknown outcome is made again without a look", lambda: Delivering(BlindRetry),
                          "I7", "I2"),
    "impatient look": _fault("the place is asked before the call thought dead has landed",
                             lambda: Delivering(Impatient), "I7", "I2", "I3"),
    "credulous": _fault("no answer is taken for success", lambda: Delivering(Credulous), "I2", "I7"),
    "cursor first": _fault("the cursor is committed before the body", lambda: Harvesting(CursorFirst), "I1"),
    "body dropped": _fault("a body is taken for the one that is kept", lambda: Harvesting(BodyDropped), "I1"),
    "tombstone forgotten": _fault("explicit signs of withdrawal are not read", lambda: ReadingSo(_no_tombstones), "I3"),
    "absence is withdrawal": _fault("what leaves a list is withdrawn", AbsenceIsGone, "I12"),
    "record lost": _fault("the last record of a list is dropped", lambda: ReadingSo(_last_record_lost), "I1"),
    "stale over new": _fault("an older revision is sent after a newer one", lambda: Edited((
        "JOIN edition e ON e.content_id = d.content_id AND e.revision = d.wanted_revision",
        "JOIN edition e ON e.content_id = d.content_id AND e.revision = (SELECT min(x.revision) FROM edition x"
        " WHERE x.content_id = d.content_id AND x.body IS NOT NULL)",
    )), "I2", "I3"),
    "lost update": _fault("a newer wish does not wake a settled delivery", lambda: Edited((
        "state = CASE WHEN wanted_revision > ? THEN 'ready' ELSE 'done' END",
        "state = CASE WHEN wanted_revision < ? THEN 'ready' ELSE 'done' END",
    )), "I2"),
    "shared breaker": _fault("a place that is unwell holds up the others", lambda: Edited((
        "SELECT open_until, failures,", "SELECT (SELECT max(open_until) FROM destination) AS open_until, failures,",
    )), "I5"),
    "no fence": _fault("a worker that overslept settles the row of another", lambda: Edited((
        _FENCE, " WHERE id = ? AND (attempts = ? OR 1 = 1) AND (lease_token = ? OR 1 = 1)",
    )), "I1", "I2", "I3", "I6", "I7", happens=HARSH),
    "doubts forgotten": _fault("calls of unknown outcome are not read again", lambda: Edited((
        "a.outcome IN ('unknown', 'done')", "a.outcome IN ('done')",
    )), "I7", "I2"),
    "withdrawal unwritten": _fault("an item stays live that was withdrawn", lambda: Edited((
        "approved_revision = ?, state = 'withdrawn',", "approved_revision = ?, state = 'live',",
    )), "I2", "I3"),
    "hold ignored": _fault("a source that must be approved is not", lambda: Edited((
        "s.member, s.review,", "s.member, 'auto' AS review,",
    )), "I10"),
    "edit overwritten": _fault("the source's next text takes the place of an editor's", lambda: Edited((
        "AND p.state IN ('held', 'approved')) AS edited", "AND 1 = 2) AS edited",
    )), "I10"),
    "unscreened": _fault("no screen looks at what comes in or goes out", Unscreened, "I4", "I1"),
}  # fmt: skip
