"""Claims and records of reconciliations: runs that read what a destination holds, page by page.

A page is committed with the place where the next begins. If the process dies, the run goes on at the page that was not
committed; what an earlier page held is there already.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

import orjson

from connectors.base import Cursor, Holding, Holdings
from hub.broker.base import RECONCILE
from hub.store import restored
from hub.store.database import Row, marks
from hub.store.instants import maybe_moment, micros, moment
from hub.store.states import RunState
from hub.store.unit import LeaseLostError, Store, Unit
from schemas.base import TITLE_LIMIT

#: Longest record of a destination that is kept, in bytes of JSON; real ones stay below a tenth.
RECORD_LIMIT = 2 * 1024 * 1024
#: Longest key and longest name of an owner that their columns take, in characters.
KEY_LIMIT, OWNER_LIMIT = 300, 100
#: What `claim`, the schedule and the command ask about: states in which a run goes on by itself.
LIVE = "('pulling', 'comparing', 'applying')"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunClaim:
    """A run that is ours to take one step further."""

    id: int
    destination: str
    state: RunState
    cursor: Cursor
    pages: int
    unread: Sequence[str]
    whole: bool
    started_at: datetime
    failed_since: datetime | None
    attempts: int
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A reconciliation as a person sees it."""

    id: int
    destination: str
    state: RunState
    pages: int
    held: int  #: records read so far
    unread: Sequence[str]
    counts: dict[str, int] = field(default_factory=dict)
    note: str = ""
    started_at: datetime
    ended_at: datetime | None = None

    @property
    def goes_on(self) -> bool:
        """Whether it is not at its end yet."""
        return self.state in (RunState.PULLING, RunState.COMPARING, RunState.APPLYING)


async def begin(unit: Unit, destination: str, *, apply: bool, who: str) -> int:
    """Start a run, or join the one that goes on; returns its id."""
    if unit.tx.dialect == "postgres":  # two hosts that look at once would both find none, and undo each other's pages
        await unit.tx.fetch("SELECT pg_advisory_xact_lock(hashtext(?))", f"reconcile {destination}")
    rows = await unit.tx.fetch(
        f"UPDATE reconciliation SET apply = CASE WHEN CAST(? AS INTEGER) = 1 THEN 1 ELSE apply END"
        f" WHERE destination = ? AND state IN {LIVE} RETURNING id",
        int(apply), destination,
    )  # fmt: skip
    if rows:
        return int(rows[0]["id"])
    # Where pages are only news, the next run begins where the last one ended. What ended half-way is begun anew: it may
    # have been a list of everything of which something could not be read.
    [row] = await unit.tx.fetch(
        "INSERT INTO reconciliation (destination, state, apply, cursor, asked_by, started_at, due_at)"
        " VALUES (?, 'pulling', ?, coalesce((SELECT l.cursor FROM reconciliation l WHERE l.destination = ?"
        " AND l.whole = 0 AND l.state = 'done' ORDER BY l.id DESC LIMIT 1), '{}'), ?, ?, ?) RETURNING id",
        destination, int(apply), destination, who, unit.at, unit.at,
    )  # fmt: skip
    unit.tell("reconciliation_begun", who=who, destination=destination, why={"run": row["id"], "apply": apply})
    unit.ring(RECONCILE, row["id"])
    return int(row["id"])


async def may_be_asked(unit: Unit, destination: str) -> bool:
    """Whether a run of this destination would go on: it is neither paused nor removed."""
    rows = await unit.tx.fetch(
        "SELECT 1 AS one FROM destination WHERE name = ? AND state IN ('active', 'blocked')", destination
    )
    return bool(rows)


async def stop(unit: Unit, destination: str, *, who: str) -> bool:
    """End the run of a destination where it is; False when none goes on."""
    stopped = await unit.tx.execute(
        "UPDATE reconciliation SET state = 'stopped', ended_at = ?, lease_until = NULL, lease_token = ''"
        f" WHERE destination = ? AND state IN {LIVE}",
        unit.at, destination,
    )  # fmt: skip
    if stopped:
        unit.tell("reconciliation_stopped", who=who, destination=destination)
    return bool(stopped)


async def started_since(store: Store, destination: str, at: datetime) -> bool:
    """Whether a run began at this moment or later."""
    rows = await store.fetch(
        "SELECT 1 AS one FROM reconciliation WHERE destination = ? AND started_at >= ? LIMIT 1", destination, micros(at)
    )
    return bool(rows)


async def claim(store: Store, ids: Sequence[int] | None, *, limit: int, lease: timedelta) -> list[RunClaim]:
    """Take up to `limit` runs whose next step is due; those of paused destinations wait."""
    now, token = store.now(), secrets.token_hex(16)
    at = micros(now)
    chosen = f" AND r.id IN ({marks(len(ids))})" if ids is not None else ""
    async with store.database.transaction() as tx:
        rows = await tx.fetch(
            f"""
            UPDATE reconciliation SET attempts = attempts + 1, lease_token = ?, lease_until = ?
             WHERE id IN (SELECT r.id FROM reconciliation r
                            JOIN destination d ON d.name = r.destination AND d.state IN ('active', 'blocked')
                           WHERE r.state IN {LIVE} AND r.due_at <= ?
                             AND (r.lease_until IS NULL OR r.lease_until < ?){chosen}
                           ORDER BY r.due_at, r.id LIMIT ?{" FOR UPDATE OF r SKIP LOCKED"
                                                           if store.database.dialect == "postgres" else ""})
            RETURNING id, destination, state, cursor, pages, unread, whole, started_at, failed_since, attempts
            """,
            token, micros(now + lease), at, at, *(ids or ()), limit,
        )  # fmt: skip
    return [
        RunClaim(
            id=row["id"], destination=row["destination"], state=RunState(row["state"]),
            cursor=orjson.loads(row["cursor"]), pages=row["pages"], unread=orjson.loads(row["unread"]),
            whole=bool(row["whole"]), started_at=moment(row["started_at"]),
            failed_since=maybe_moment(row["failed_since"]), attempts=row["attempts"],
            token=token,
        )
        for row in rows
    ]  # fmt: skip


_FENCE = " WHERE id = ? AND attempts = ? AND lease_token = ?"
_FREE = ", lease_until = NULL, lease_token = ''"


async def keep_page(
    store: Store, claim: RunClaim, holdings: Holdings, *, pause: timedelta,
    merge: Callable[[Holding, Holding], Holding] | None = None,
) -> None:  # fmt: skip
    """Keep one page of what is there with the place where the next begins, after a pause.

    `merge` adds it to what is known. Raises LeaseLostError.
    """
    # Hundreds of thousands of records, and other work waits.
    kept = await asyncio.to_thread(_kept, holdings.held, merge)
    told = await asyncio.to_thread(_told, holdings)
    async with store.unit() as unit:
        if merge:
            known = await _known(unit, claim.destination, list(kept))
            kept |= _kept([merge(one, kept[one.key].held) for one in known], merge)
        # What cannot be kept is there all the same.
        unread = sorted({*claim.unread, *told} - kept.keys() - {""})
        await unit.fenced(
            "UPDATE reconciliation SET state = ?, cursor = ?, pages = pages + 1, held = held + ?, unread = ?,"
            " whole = ?, attempts = 0, failed_since = NULL, note = '', due_at = ?" + _FREE + _FENCE,
            RunState.PULLING if holdings.more else RunState.COMPARING, orjson.dumps(dict(holdings.cursor)).decode(),
            len(kept), orjson.dumps(unread).decode(), int(claim.whole and holdings.whole),
            micros(unit.now + (pause if holdings.more else timedelta())), claim.id, claim.attempts, claim.token,
        )  # fmt: skip
        await unit.tx.execute_many(
            """
            INSERT INTO holding (destination, key, title, owner, withdrawn, record, digest, run, seen_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (destination, key) DO UPDATE SET title = excluded.title, owner = excluded.owner,
              withdrawn = excluded.withdrawn, record = excluded.record, digest = excluded.digest, run = excluded.run,
              seen_at = excluded.seen_at
            """,
            [
                (claim.destination, key, one.title, one.owner, int(one.held.withdrawn), one.record, one.digest,
                 claim.id, unit.at)
                for key, one in kept.items()
            ],
        )  # fmt: skip
        if not holdings.more:
            await _believe(unit, claim, unread)
        unit.ring(RECONCILE, claim.id)


async def _known(unit: Unit, destination: str, keys: Sequence[str]) -> list[Holding]:
    known = []
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        rows = await unit.tx.fetch(
            f"SELECT * FROM holding WHERE destination = ? AND key IN ({marks(len(part))})", destination, *part
        )
        known += [held_of(row) for row in rows]
    return known


@dataclass(frozen=True, slots=True)
class _Kept:
    """A record as its row has it."""

    held: Holding
    title: str
    owner: str
    record: str  #: JSON
    digest: str


def _kept(page: Iterable[Holding], merge: Callable[[Holding, Holding], Holding] | None) -> dict[str, _Kept]:
    """Records by key; without those whose key or content no row could hold."""
    records: dict[str, Holding] = {}
    for held in sorted(page, key=lambda held: not held.withdrawn):  # a live one wins
        if held.key and legible(held.key, KEY_LIMIT) == held.key:
            records[held.key] = merge(records[held.key], held) if merge and held.key in records else held
    found = {}
    for key, held in records.items():
        try:
            record = orjson.dumps(held.record, option=orjson.OPT_SORT_KEYS)
        except TypeError:  # half a character, a number beyond 64 bits
            continue
        if len(record) <= RECORD_LIMIT:
            title, owner = legible(held.title, TITLE_LIMIT), legible(held.owner, OWNER_LIMIT)
            found[key] = _Kept(held, title, owner, record.decode(), sha256(record).hexdigest())
    return found


def _told(holdings: Holdings) -> set[str]:
    """Every key that a page names, as far as it can be written down."""
    return {legible(key, KEY_LIMIT) for key in (*holdings.unread, *(held.key for held in holdings.held))}


def legible(text: str, limit: int) -> str:
    """A text of a destination as both databases take it: without NUL and half characters, not longer than that."""
    return text.encode(errors="replace").decode().replace("\0", "\ufffd")[:limit]


def held_of(row: Row) -> Holding:
    """A row of the table `holding`."""
    return Holding(
        key=row["key"], record=orjson.loads(row["record"]), title=row["title"], owner=row["owner"],
        withdrawn=bool(row["withdrawn"]),
    )  # fmt: skip


async def _believe(unit: Unit, claim: RunClaim, unread: Sequence[str]) -> None:
    """What could not be read is taken to be as it was."""
    for start in range(0, len(unread), 500):
        part = unread[start : start + 500]
        await unit.tx.execute(
            f"UPDATE holding SET run = ? WHERE destination = ? AND key IN ({marks(len(part))})",
            claim.id, claim.destination, *part,
        )  # fmt: skip


async def forget_gone(unit: Unit, claim: RunClaim) -> None:
    """What no page of a whole run showed is not there any more."""
    await unit.tx.execute("DELETE FROM holding WHERE destination = ? AND run < ?", claim.destination, claim.id)


async def still_ours(unit: Unit, claim: RunClaim) -> None:
    """Raises LeaseLostError."""
    lock = " FOR UPDATE" if unit.tx.dialect == "postgres" else ""
    if not await unit.tx.fetch("SELECT id FROM reconciliation" + _FENCE + lock, claim.id, claim.attempts, claim.token):
        raise LeaseLostError


async def compared(unit: Unit, claim: RunClaim, counts: dict[str, int], *, note: str) -> None:
    """The comparison is recorded; accepted differences are acted on next where that was asked for."""
    rows = await unit.tx.fetch(
        "UPDATE reconciliation SET state = CASE WHEN apply = 1 THEN 'applying' ELSE 'done' END, counts = ?, note = ?,"
        " ended_at = CASE WHEN apply = 1 THEN NULL ELSE CAST(? AS BIGINT) END, attempts = 0, due_at = ?"
        + _FREE + _FENCE + " RETURNING started_at",
        orjson.dumps(counts).decode(), note, unit.at, unit.at, claim.id, claim.attempts, claim.token,
    )  # fmt: skip
    if not rows:
        raise LeaseLostError
    unit.tell("reconciled", destination=claim.destination, why={"run": claim.id, **counts})
    unit.ring(RECONCILE, claim.id)
    await restored.checked(unit, claim.destination, since=rows[0]["started_at"])


async def applied(unit: Unit, claim: RunClaim, *, more: bool) -> None:
    """A batch of accepted differences was acted on; without `more` the run is at its end."""
    await unit.fenced(
        "UPDATE reconciliation SET state = ?, ended_at = ?, attempts = 0, due_at = ?" + _FREE + _FENCE,
        RunState.APPLYING if more else RunState.DONE, None if more else unit.at, unit.at,
        claim.id, claim.attempts, claim.token,
    )  # fmt: skip
    if more:
        unit.ring(RECONCILE, claim.id)


async def later(unit: Unit, claim: RunClaim, *, due_at: datetime, note: str, counts: bool) -> None:
    """Take the same step again at `due_at`; an attempt that does not count is given back."""
    await unit.fenced(
        "UPDATE reconciliation SET due_at = ?, note = ?, attempts = attempts - ?,"
        " failed_since = coalesce(failed_since, ?)" + _FREE + _FENCE,
        micros(due_at), note, 0 if counts else 1, unit.at, claim.id, claim.attempts, claim.token,
    )  # fmt: skip


async def failed(unit: Unit, claim: RunClaim, *, note: str, code: str) -> None:
    """Give the run up with the reason; the next one begins anew."""
    await unit.fenced(
        "UPDATE reconciliation SET state = 'failed', ended_at = ?, note = ?, attempts = 0" + _FREE + _FENCE,
        unit.at, note, claim.id, claim.attempts, claim.token,
    )  # fmt: skip
    unit.tell("reconciliation_failed", destination=claim.destination, why={"run": claim.id, "code": code})


async def latest(store: Store, destination: str) -> Run | None:
    """The newest run of a destination."""
    rows = await store.fetch("SELECT * FROM reconciliation WHERE destination = ? ORDER BY id DESC LIMIT 1", destination)
    return _run(rows[0]) if rows else None


def _run(row: Row) -> Run:
    return Run(
        id=row["id"], destination=row["destination"], state=RunState(row["state"]), pages=row["pages"],
        held=row["held"], unread=orjson.loads(row["unread"]), counts=orjson.loads(row["counts"]), note=row["note"],
        started_at=moment(row["started_at"]), ended_at=maybe_moment(row["ended_at"]),
    )  # fmt: skip
