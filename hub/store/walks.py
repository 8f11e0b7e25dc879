"""Claims and records of backfills: a source's history, page by page, each a capture in one transaction with the place.

If the process dies, the walk goes on at the page that was not committed.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

import orjson

from connectors.base import Capture, Cursor
from hub.broker.base import BACKFILL
from hub.store import harvesting
from hub.store.database import Row, marks
from hub.store.instants import micros
from hub.store.states import Origin, WalkState
from hub.store.unit import Store, Unit

#: Captures of a walk that may wait to be read before the walk itself waits.
AHEAD = 5

#: What a person is told of a walk that waits for one.
RESTING = (
    "Nguồn đang tạm dừng, bị chặn hoặc không còn trong settings.toml; lượt thu bù đi tiếp khi nguồn hoạt động lại."
)
MOVED = "Địa chỉ hoặc bộ kết nối của nguồn đã đổi trong settings.toml. Nếu còn cần, hãy chạy lại hub backfill."
HELD = "Một lượt thu của nguồn đang chờ người quyết định (hub status); sau đó lượt thu bù tự đi tiếp."


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkClaim:
    """A backfill that is ours to take one step further."""

    source: str
    since: date
    cursor: Cursor
    pages: int
    attempts: int
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a backfill has come."""

    source: str
    since: str
    state: WalkState
    pages: int  #: of the source's history that were read
    new: int  #: items that were not known before
    known: int  #: entries that were
    waiting: int  #: pages not read into items yet, and items that wait for their own pages
    stuck: bool  #: nothing moves before a person resumes the source, or decides about a run of it that is held
    note: str

    @property
    def goes_on(self) -> bool:
        """Whether anything more is to come of it by itself."""
        if self.stuck:
            return False
        return self.state is WalkState.RUNNING or (self.waiting > 0 and self.state is WalkState.DONE)


async def begin(unit: Unit, source: str, host: str, since: date, *, who: str) -> bool:
    """Start a walk; one that runs with the same day goes on. Returns whether it begins anew."""
    rows = await unit.tx.fetch("SELECT since, state FROM walk WHERE source = ?", source)
    if rows and rows[0]["state"] == WalkState.RUNNING and rows[0]["since"] == since.isoformat():
        return False
    await unit.tx.execute(
        "INSERT INTO walk (source, host, since, state, cursor, pages, note, asked_by, started_at, due_at)"
        " VALUES (?, ?, ?, 'running', '{}', 0, '', ?, ?, ?) ON CONFLICT (source) DO UPDATE SET host = excluded.host,"
        " since = excluded.since, state = 'running', cursor = '{}', pages = 0, note = '',"
        " asked_by = excluded.asked_by, started_at = excluded.started_at, ended_at = NULL, attempts = 0,"
        " due_at = excluded.due_at, lease_until = NULL, lease_token = ''",
        source, host, since.isoformat(), who, unit.at, unit.at,
    )  # fmt: skip
    unit.tell("backfill_begun", who=who, source=source, why={"since": since.isoformat()})
    unit.ring(BACKFILL, source)
    return True


async def stop(unit: Unit, source: str, *, who: str) -> bool:
    """End a walk where it is; what it brought stays. False when none runs."""
    stopped = await unit.tx.execute(
        "UPDATE walk SET state = 'stopped', ended_at = ?, lease_until = NULL, lease_token = ''"
        " WHERE source = ? AND state = 'running'",
        unit.at, source,
    )  # fmt: skip
    if stopped:
        unit.tell("backfill_stopped", who=who, source=source)
    return bool(stopped)


async def forget_moved(unit: Unit, source: str, *, url: str, connector: str) -> None:
    """Stop the walk of a source that the settings now have at another address: its place means nothing there."""
    stopped = await unit.tx.execute(
        "UPDATE walk SET state = 'stopped', ended_at = ?, note = ?, lease_until = NULL, lease_token = ''"
        " WHERE source = ? AND state = 'running' AND EXISTS"
        " (SELECT 1 FROM source s WHERE s.name = walk.source AND (s.url <> ? OR s.connector <> ?))",
        unit.at, MOVED, source, url, connector,
    )  # fmt: skip
    if stopped:
        unit.tell("backfill_stopped", source=source, why={"code": "source_moved"})


async def claim(
    store: Store, names: Sequence[str] | None, *, limit: int, lease: timedelta, per_host: int
) -> list[WalkClaim]:  # fmt: skip
    """Take up to `limit` walks whose next page is due; a host that is busy, or a source we are behind with, waits."""
    now, token = store.now(), secrets.token_hex(16)
    at = micros(now)
    chosen = f" AND w.source IN ({marks(len(names))})" if names is not None else ""
    async with store.database.transaction() as tx:
        if store.database.dialect == "postgres":
            await tx.fetch("SELECT pg_advisory_xact_lock(7203003)")  # the one of pages: both count the same hosts
        rows = await tx.fetch(
            f"""
            UPDATE walk SET attempts = attempts + 1, lease_token = ?, lease_until = ?
             WHERE source IN (
               SELECT source FROM (
                 SELECT w.source, w.due_at,
                        row_number() OVER (PARTITION BY w.host ORDER BY w.due_at, w.source)
                          + coalesce(b.busy, 0) AS place
                   FROM walk w JOIN source s ON s.name = w.source AND s.state = 'active'
                   LEFT JOIN ({harvesting.BUSY_HOSTS}) b ON b.host = w.host
                  WHERE w.state = 'running' AND w.due_at <= ? AND (w.lease_until IS NULL OR w.lease_until < ?){chosen}
                    AND (SELECT count(*) FROM capture c WHERE c.source = w.source
                            AND c.state IN ('new', 'working', 'held')) < ?
               ) AS due WHERE place <= ? ORDER BY due_at, source LIMIT ?)
            RETURNING source, since, cursor, pages, attempts
            """,
            token, micros(now + lease), at, at, at, at, at, *(names or ()), AHEAD, per_host, limit,
        )  # fmt: skip
    return [
        WalkClaim(
            source=row["source"], since=date.fromisoformat(row["since"]), cursor=orjson.loads(row["cursor"]),
            pages=row["pages"], attempts=row["attempts"], token=token,
        )
        for row in rows
    ]  # fmt: skip


_FENCE = " WHERE source = ? AND attempts = ? AND lease_token = ?"
_FREE = ", lease_until = NULL, lease_token = ''"


async def page(unit: Unit, claim: WalkClaim, capture: Capture, *, due_at: datetime, last: bool) -> None:
    """Keep a page of the history with the place where it stands. The same bytes twice are the end of the walk."""
    before = await unit.tx.fetch(
        "SELECT sha256 FROM capture WHERE source = ? AND origin = 'walk' ORDER BY id DESC LIMIT 1", claim.source
    )
    repeats = bool(claim.pages and before and before[0]["sha256"] == sha256(capture.body).hexdigest())
    note = "the source repeats its pages" if repeats else ""
    ends = last or repeats
    await unit.fenced(
        "UPDATE walk SET attempts = 0, pages = pages + ?, cursor = ?, due_at = ?, note = ?, state = ?, ended_at = ?"
        + _FREE + _FENCE,
        0 if repeats else 1, orjson.dumps(dict(capture.cursor)).decode(), micros(due_at), note,
        WalkState.DONE if ends else WalkState.RUNNING, unit.at if ends else None,
        claim.source, claim.attempts, claim.token,
    )  # fmt: skip
    if not repeats:
        await harvesting.keep(unit, claim.source, capture, Origin.WALK)
    if ends:
        unit.tell("backfill_done", source=claim.source, why={"pages": claim.pages + (not repeats), "note": note})


async def later(unit: Unit, claim: WalkClaim, *, due_at: datetime, note: str, counts: bool) -> None:
    """Take the same step again at `due_at`; an attempt that does not count is given back."""
    await unit.fenced(
        "UPDATE walk SET due_at = ?, note = ?, attempts = attempts - ?" + _FREE + _FENCE,
        micros(due_at), note, 0 if counts else 1, claim.source, claim.attempts, claim.token,
    )  # fmt: skip


async def ended(unit: Unit, claim: WalkClaim, *, note: str) -> None:
    """There are no further pages."""
    await unit.fenced(
        "UPDATE walk SET state = 'done', ended_at = ?, note = ?, attempts = 0" + _FREE + _FENCE,
        unit.at, note, claim.source, claim.attempts, claim.token,
    )  # fmt: skip
    unit.tell("backfill_done", source=claim.source, why={"pages": claim.pages, "note": note})


async def failed(unit: Unit, claim: WalkClaim, *, note: str, code: str) -> None:
    """Give the walk up with the reason; what it brought stays, and it can be begun again."""
    await unit.fenced(
        "UPDATE walk SET state = 'failed', ended_at = ?, note = ?, attempts = 0" + _FREE + _FENCE,
        unit.at, note, claim.source, claim.attempts, claim.token,
    )  # fmt: skip
    unit.tell("backfill_failed", source=claim.source, why={"code": code, "pages": claim.pages})


async def progress(store: Store, source: str | None = None) -> list[Progress]:
    """How far backfills have come: of one source, or of all that ever ran, newest first."""
    chosen = "WHERE w.source = ?" if source is not None else ""
    rows = await store.fetch(
        f"""
        SELECT w.source, w.since, w.state, w.pages, w.note, w.started_at,
               (SELECT count(*) FROM capture c WHERE c.source = w.source AND c.state IN ('new', 'working', 'held')
                   AND c.id >= coalesce((SELECT min(f.id) FROM capture f WHERE f.source = w.source
                                          AND f.origin = 'walk' AND f.fetched_at >= w.started_at), 0))
               + (SELECT count(*) FROM article a WHERE a.source = w.source AND a.state = 'wanted') AS waiting,
               NOT EXISTS (SELECT 1 FROM source s WHERE s.name = w.source AND s.state = 'active') AS resting,
               EXISTS (SELECT 1 FROM capture h WHERE h.source = w.source AND h.state = 'held') AS held
          FROM walk w {chosen} ORDER BY w.started_at DESC
        """,
        *([source] if source is not None else []),
    )
    return [await _progress(store, row) for row in rows]


async def _progress(store: Store, row: Row) -> Progress:
    counted = await store.fetch(
        "SELECT counts FROM capture WHERE source = ? AND origin = 'walk' AND state = 'done' AND fetched_at >= ?",
        row["source"], row["started_at"],
    )  # fmt: skip
    counts = [orjson.loads(one["counts"]) for one in counted]
    new = sum(one.get("new", 0) for one in counts)
    shown = sum(one.get("shown", 0) for one in counts)
    unfinished = row["state"] == WalkState.RUNNING or row["waiting"] > 0
    note = row["note"]
    if unfinished and row["resting"]:
        note = RESTING
    elif unfinished and row["held"]:
        note = HELD
    return Progress(
        source=row["source"], since=row["since"], state=WalkState(row["state"]), pages=row["pages"], new=new,
        known=max(shown - new, 0), waiting=row["waiting"],
        stuck=unfinished and bool(row["resting"] or row["held"]), note=note,
    )  # fmt: skip
