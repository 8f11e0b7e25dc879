"""Writes what was decided into a hub's database, month by month, as the hub itself would have written it.

Items come as plain rows with their event, which is what makes 60,000 of them quick; what becomes of them later, and of
their sources, goes through the store's own functions.
"""

from collections.abc import Callable, Coroutine, Iterable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import orjson

from hub.counting import catch_up
from hub.engine import Engine
from hub.rules.routing import Routing
from hub.store import deciding, editions, harvesting, roster
from hub.store.editions import NewEdition, Origin
from hub.store.harvesting import SourceClaim, SourceFault
from hub.store.instants import maybe_micros, micros
from hub.store.states import EndpointState, ItemState
from hub.store.unit import Store, Unit
from schemas.edition import EditionState, UpdateType, Withdrawal
from tests.year.days import DAY, at, month_ends
from tests.year.plan import Entry, Setback, Trouble, Year
from tests.year.texts import item_of, name_of

Deed = Callable[[Unit], Coroutine[Any, Any, None]]
WHO = "cli:lan"


class Ahead:
    """A clock that the filling sets."""

    def __init__(self, now: datetime) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment


class Filling:
    """Everything of a year, told in the order in which it happened."""

    def __init__(self, year: Year) -> None:
        self.year = year
        self.done = at(month_ends()[0] - DAY * 60)
        self._answered = False
        self._deeds = sorted(self._all(), key=lambda one: one[0])

    async def up_to(self, engine: Engine, clock: Ahead, when: datetime) -> None:
        """All that happens until a moment; then it is sealed and counted, as the schedule does it."""
        for end in [one for one in map(_evening, month_ends()) if self.done < one < when] + [when]:
            await self._write(engine.store, end)
            clock.moment = end
            await settle(engine)

    async def _write(self, store: Store, end: datetime) -> None:
        new = [one for one in self.year.entries if self.done < one.came <= end]
        deeds = [(moment, deed) for moment, deed in self._deeds if self.done < moment <= end]
        async with store.unit() as unit:
            if not self._answered:
                await _first_answers(unit, self.year, self.done)
                self._answered = True
            await _rows(unit, new)
            told: list[tuple[datetime, Deed]] = [(one.came, partial(_came, entry=one)) for one in new]
            for moment, deed in sorted([*told, *deeds], key=lambda one: one[0]):
                unit.now = moment
                await deed(unit)
            unit.now = end
            await _polled(unit, self.year)
        self.done = end

    def _all(self) -> Iterable[tuple[datetime, Deed]]:
        for entry in self.year.entries:
            if entry.shown and entry.shown > entry.came:
                yield entry.shown, partial(_shown, entry=entry)
            if entry.refused:
                yield entry.refused, partial(_refused, entry=entry)
            if entry.corrected:
                yield entry.corrected[0], partial(_corrected, entry=entry)
            if entry.gone:
                yield entry.gone, partial(_gone, entry=entry)
        for trouble in self.year.troubles:
            yield trouble.since, partial(_begins, trouble=trouble)
            if trouble.until:
                yield trouble.until, partial(_ends, trouble=trouble)
        for setback in self.year.setbacks:
            yield setback.moment, partial(_set_back, setback=setback)
            if setback.what == "run":
                yield setback.moment + timedelta(hours=3), partial(_well_again, name=setback.feed.name)


async def settle(engine: Engine) -> None:
    """Seal and count what happened."""
    while await engine.store.seal(5_000):
        continue
    await catch_up(engine)


def _evening(day: date) -> datetime:
    return at(day, 23, 50)


# --------------------------------------------------------------------------------------------------------- items


async def _rows(unit: Unit, entries: list[Entry]) -> None:
    """First editions, as editions.write leaves them: public at once, or held."""
    items, first = [], []
    for entry in entries:
        item, one, came = item_of(entry), str(name_of(entry)), micros(entry.came)
        public = entry.shown == entry.came
        items.append(
            (one, entry.feed.name, item.guid, item.kind, entry.feed.member, item.title, item.url, int(public), one,
             maybe_micros(item.published), came, came, came if public else None)
        )  # fmt: skip
        first.append(
            (one, one, EditionState.APPROVED if public else EditionState.HELD, item.model_dump_json(), came,
             "auto" if public else "", came if public else None)
        )  # fmt: skip
    await unit.tx.execute_many(
        "INSERT INTO item (content_id, source, guid, kind, member, title, url, revision, approved_revision, digest,"
        " state, published, first_seen, changed_at, public_at) VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?,"
        " 'live', ?, ?, ?, ?)",
        items,
    )
    await unit.tx.execute_many(
        "INSERT INTO edition (content_id, revision, digest, update_type, state, body, seen_at, decided_by, decided_at)"
        " VALUES (?, 1, ?, 'major', ?, ?, ?, ?, ?)",
        first,
    )


async def _came(unit: Unit, entry: Entry) -> None:
    state = EditionState.APPROVED if entry.shown == entry.came else EditionState.HELD
    unit.tell(f"edition_{state}", content_id=name_of(entry), revision=1, source=entry.feed.name)


async def _decidable(unit: Unit, entry: Entry) -> deciding.Decidable:
    item = item_of(entry)
    return deciding.Decidable(
        content_id=name_of(entry), revision=1, state=EditionState.HELD, item=item, item_revision=1,
        item_state=ItemState.LIVE, source=entry.feed.name, member=entry.feed.member, kind=item.kind,
    )  # fmt: skip


async def _shown(unit: Unit, entry: Entry) -> None:
    routing = Routing(destinations=(), explanation=())
    await deciding.approved(unit, await _decidable(unit, entry), routing, who=WHO, why="")


async def _refused(unit: Unit, entry: Entry) -> None:
    await deciding.rejected(unit, await _decidable(unit, entry), who=WHO, why="Không đúng chuyên mục.")


async def _corrected(unit: Unit, entry: Entry) -> None:
    item = item_of(entry, corrected=True)
    await editions.write(
        unit, Origin(source=entry.feed.name, member=entry.feed.member, capture=1),
        [NewEdition(content_id=name_of(entry), revision=2, item=item, kind=item.kind, digest="ngày đúng",
                    update_type=UpdateType.MINOR, state=EditionState.APPROVED, why={}, pointer="", destinations=())],
    )  # fmt: skip


async def _gone(unit: Unit, entry: Entry) -> None:
    one = name_of(entry)
    withdrawal = Withdrawal(content_id=one, revision=2, at=unit.now)
    assert entry.gone_by in ("source", "person", "screen")
    await editions.withdraw(unit, one, 1, withdrawal, by=entry.gone_by, who=WHO)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------------- sources


def _claim(name: str, *, stage: str = "") -> SourceClaim:
    """Nobody holds a lease in this database."""
    return SourceClaim(name=name, cursor={}, body_sha256="", failures=0, fault_stage=stage, ttl=None, attempts=0,
                       token="")  # fmt: skip


async def _begins(unit: Unit, trouble: Trouble) -> None:
    name = trouble.feed.name
    await unit.tx.execute(  # it answered well until then
        "UPDATE source SET polled_at = ?, answered_at = ? WHERE name = ? AND state = 'active' AND fault_code = ''"
        " AND answered_at IS NOT NULL",
        unit.at, unit.at, name,
    )  # fmt: skip
    if trouble.why == "paused":
        await deciding.endpoint_set(unit, "source", name, EndpointState.PAUSED, who=WHO, why="bảo trì")
    elif trouble.why == "removed":
        await roster.source_removed(unit, name, who=WHO, why="")
    else:
        fault = SourceFault(code=trouble.code, side=trouble.side, sentence="Trang nguồn không trả lời.")
        await harvesting.failed(
            unit, _claim(name), fault, due_at=unit.now, reason="", block=trouble.why == "blocked"
        )  # fmt: skip


async def _ends(unit: Unit, trouble: Trouble) -> None:
    name = trouble.feed.name
    if trouble.why in ("paused", "blocked"):
        await deciding.endpoint_set(unit, "source", name, EndpointState.ACTIVE, who=WHO, why="")
        await harvesting.unchanged(unit, _claim(name), due_at=unit.now, reason="")
    else:
        await harvesting.unchanged(unit, _claim(name, stage="harvest"), due_at=unit.now, reason="")


async def _set_back(unit: Unit, setback: Setback) -> None:
    """A record that is no item, or a run that the guard holds."""
    run = setback.what == "run"
    [row] = await unit.tx.fetch(
        "INSERT INTO capture (source, url, sha256, size, fetched_at, state, note, counts, due_at)"
        " VALUES (?, '', '', 0, ?, ?, '', ?, ?) RETURNING id",
        setback.feed.name, unit.at, "held" if run else "done", orjson.dumps({"rejected": 1}).decode(), unit.at,
    )  # fmt: skip
    if run:
        unit.tell("capture_held", source=setback.feed.name, why={"capture": row["id"], "code": "flood"})
        return
    await unit.tx.execute(
        "INSERT INTO rejection (capture, source, pointer, code, at) VALUES (?, ?, '/1', 'no_title', ?)",
        row["id"], setback.feed.name, unit.at,
    )  # fmt: skip


async def _well_again(unit: Unit, name: str) -> None:
    """The next poll is a good one."""
    unit.tell("source_recovered", source=name)


async def _first_answers(unit: Unit, year: Year, moment: datetime) -> None:
    """Sources that are asked at all answer before the year begins: what is owed in it they would have shown."""
    await unit.tx.execute_many(
        "INSERT INTO capture (source, url, sha256, size, fetched_at, state, due_at)"
        " VALUES (?, '', '', 0, ?, 'done', ?)",
        [(one.name, micros(moment), micros(moment)) for one in year.feeds if one.asked],
    )


async def _polled(unit: Unit, year: Year) -> None:
    """Sources without a fault were asked this evening, and answered; a few were never asked at all."""
    await unit.tx.execute(
        "UPDATE source SET polled_at = ?, answered_at = ? WHERE state = 'active' AND fault_code = ''", unit.at, unit.at
    )
    never = [(one.name,) for one in year.feeds if not one.asked]
    await unit.tx.execute_many("UPDATE source SET polled_at = NULL, answered_at = NULL WHERE name = ?", never)
