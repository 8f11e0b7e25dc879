"""Claims and records of the harvest stage: which source is due, what came, when to come back.

If the process dies before a record is committed, the source is fetched again after its lease; the cursor is
saved with the body it covers or not at all (promise I1).
"""

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from connectors.base import Capture, Cursor
from hub.broker.base import NORMALISE
from hub.packing import pack
from hub.store.database import Row, marks
from hub.store.instants import micros
from hub.store.states import CaptureState, EndpointState, Origin
from hub.store.unit import Store, Unit

#: reads committed rows: a store or a transaction
Fetch = Callable[..., Awaitable[list[Row]]]

#: Hosts that are being asked, and by how many; it takes the present moment three times. Polls count only each other:
#: they are few, and must not wait for the end of many pages.
BUSY_HOSTS = """
SELECT host, count(*) AS busy FROM
  (SELECT host FROM source WHERE lease_until >= ? UNION ALL SELECT host FROM article WHERE lease_until >= ?
    UNION ALL SELECT host FROM walk WHERE lease_until >= ?) AS held GROUP BY host
"""

#: how hub.rules.rhythm begins its reason when the other side named the time
TOLD_TO_WAIT = "Retry-After"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceClaim:
    """A source that is ours to poll until the lease ends."""

    name: str
    cursor: Cursor
    body_sha256: str
    failures: int
    fault_stage: str  #: which stage found the fault that stands; empty = none
    ttl: float | None  #: seconds that the feed advised when it was last read
    attempts: int
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFault:
    """Why a poll gave nothing, in the words that the console shows."""

    code: str
    side: str  #: member, hub or network
    sentence: str

    @property
    def told(self) -> dict[str, str]:
        """What the account keeps of it: whose fault it was is asked long after it is over (hub/store/outages.py)."""
        return {"code": self.code, "side": self.side, "sentence": self.sentence}


async def claim(
    store: Store, names: Sequence[str] | None, *, limit: int, lease: timedelta, per_host: int,
    until: datetime | None = None,
) -> list[SourceClaim]:  # fmt: skip
    """Take up to `limit` due sources, `per_host` at most of one host; `names` None takes any.

    `until` leaves out what only became due after it.
    """
    now, token = store.now(), secrets.token_hex(16)
    at = micros(now)
    due = min(at, micros(until)) if until else at
    chosen = f" AND s.name IN ({marks(len(names))})" if names is not None else ""
    async with store.database.transaction() as tx:
        if store.database.dialect == "postgres":
            # Two claims at once could each give a free place of one host away; a queue of claims costs 1 ms.
            await tx.fetch("SELECT pg_advisory_xact_lock(7203002)")
        rows = await tx.fetch(
            f"""
            UPDATE source SET attempts = attempts + 1, lease_token = ?, lease_until = ?
             WHERE name IN (
               SELECT name FROM (
                 SELECT s.name, s.due_at,
                        row_number() OVER (PARTITION BY s.host ORDER BY s.due_at, s.name) + coalesce(b.busy, 0) AS place
                   FROM source s
                   LEFT JOIN (SELECT host, count(*) AS busy FROM source WHERE lease_until >= ? GROUP BY host) b
                          ON b.host = s.host
                  WHERE s.state = 'active' AND s.due_at <= ? AND (s.lease_until IS NULL OR s.lease_until < ?){chosen}
               ) AS due WHERE place <= ? ORDER BY due_at, name LIMIT ?)
            RETURNING name, cursor, body_sha256, failures, fault_stage, ttl, attempts
            """,
            token, micros(now + lease), at, due, at, *(names or ()), per_host, limit,
        )  # fmt: skip
    return [
        SourceClaim(
            name=row["name"], cursor=orjson.loads(row["cursor"]), body_sha256=row["body_sha256"],
            failures=row["failures"], fault_stage=row["fault_stage"], 
            ttl=row["ttl"], attempts=row["attempts"],
            token=token,
        )
        for row in rows
    ]  # fmt: skip


_SETTLE = """
    UPDATE source SET attempts = 0, lease_until = NULL, lease_token = '', polled_at = ?, due_at = ?, rhythm_reason = ?
"""
_NO_FAULT = ", fault_code = '', fault_stage = '', fault_side = '', fault_sentence = '', fault_since = NULL"
_FENCE = " WHERE name = ? AND attempts = ? AND lease_token = ?"


@dataclass(frozen=True, slots=True)
class Packed:
    """Bytes as they are kept."""

    sha256: str
    body: bytes  #: compressed

    @classmethod
    def of(cls, body: bytes) -> "Packed":
        """Takes milliseconds for a long one, without the interpreter's lock: best outside of a transaction."""
        return cls(hashlib.sha256(body).hexdigest(), pack(body))


async def captured(
    unit: Unit, claim: SourceClaim, capture: Capture, *, due_at: datetime, reason: str, packed: Packed | None = None
) -> int | None:  # fmt: skip
    """Keep a body with the cursor that covers it. Returns its id; None when these very bytes came last time."""
    packed = packed or Packed.of(capture.body)
    if packed.sha256 == claim.body_sha256:
        await unchanged(unit, claim, due_at=due_at, reason=reason, cursor=capture.cursor)
        return None
    await unit.fenced(
        _SETTLE
        + ", cursor = ?, body_sha256 = ?, changed_at = ?"
        + (", failures = 0" + _NO_FAULT if claim.fault_stage == "harvest" else "")
        + _FENCE,
        unit.at, micros(due_at), reason, orjson.dumps(dict(capture.cursor)).decode(), packed.sha256, unit.at,
        claim.name, claim.attempts, claim.token,
    )  # fmt: skip
    # answered_at is left to the normalise stage: an error page is an answer, but not a good one.
    kept = await keep(unit, claim.name, capture, Origin.POLL, packed=packed)
    if claim.fault_stage == "harvest":
        unit.tell("source_recovered", source=claim.name)
    return kept


async def keep(
    unit: Unit, source: str, capture: Capture, origin: Origin, *, about: str = "", fault: str = "",
    packed: Packed | None = None,
) -> int:  # fmt: skip
    """Keep bytes to be normalised, however they came. Returns the id of the capture.

    `about` is the content id of the item whose own page it is; `fault` says why there is no page of it.
    """
    packed = packed or Packed.of(capture.body)
    [row] = await unit.tx.fetch(
        "INSERT INTO capture (source, url, content_type, headers, origin, more, about, fault, sha256, size, fetched_at,"
        " state, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        source, capture.url, capture.content_type[:300], orjson.dumps(dict(capture.headers)).decode(), origin,
        int(capture.hints.more), about, fault, packed.sha256, len(capture.body), micros(capture.fetched_at),
        CaptureState.NEW, unit.at,
    )  # fmt: skip
    await unit.tx.execute_many(
        "INSERT INTO capture_body (id, body) VALUES (?, ?)", [(row["id"], packed.body)]
    )  # fmt: skip
    why = {"capture": row["id"], "bytes": len(capture.body), "sha256": packed.sha256}
    if origin is not Origin.POLL:
        why["origin"] = str(origin)
    unit.tell("captured", source=source, content_id=about, why=why)
    unit.ring(NORMALISE, row["id"])
    return int(row["id"])


async def unchanged(
    unit: Unit, claim: SourceClaim, *, due_at: datetime, reason: str, cursor: Cursor | None = None
) -> None:
    """The source has nothing new, and could be reached.

    A fault that the normalise stage found in the body stands: the same bad bytes are still there. Their validators are
    not taken either, or a 304 would hide what these bytes do not show.
    """
    changes = _SETTLE
    values: list[int | str] = [unit.at, micros(due_at), reason]
    if cursor is not None and claim.fault_stage != "normalise":
        changes += ", cursor = ?"
        values.append(orjson.dumps(dict(cursor)).decode())
    if claim.fault_stage != "normalise":
        changes += ", failures = 0, answered_at = ?" + _NO_FAULT
        values.append(unit.at)
    await unit.fenced(changes + _FENCE, *values, claim.name, claim.attempts, claim.token)
    if claim.fault_stage == "harvest":
        unit.tell("source_recovered", source=claim.name)


async def failed(
    unit: Unit, claim: SourceClaim, fault: SourceFault, *, due_at: datetime, reason: str, block: bool = False
) -> None:
    """The poll gave nothing. The source is never given up, only polled less often; `block` pauses it with an alarm.

    This fault takes the place of one that was found in the last body. So that body must be judged again when it is
    still there afterwards: its checksum is forgotten.
    """
    state = EndpointState.BLOCKED if block else EndpointState.ACTIVE
    await unit.fenced(
        _SETTLE
        + """, failures = failures + 1, fault_side = ?, fault_sentence = ?, fault_since = coalesce(fault_since, ?),
              body_sha256 = CASE WHEN fault_stage = 'normalise' THEN '' ELSE body_sha256 END,
              fault_code = ?, fault_stage = 'harvest', state = CASE WHEN state = 'active' THEN ? ELSE state END"""
        + _FENCE,
        unit.at, micros(due_at), reason, fault.side, fault.sentence, unit.at, fault.code, state,
        claim.name, claim.attempts, claim.token,
    )  # fmt: skip
    if block or claim.failures == 0 or not claim.fault_stage:
        # One event at the start of an outage, not one a poll: the source row counts the rest.
        unit.tell("source_blocked" if block else "source_failing", source=claim.name, why=fault.told)


async def postponed(unit: Unit, claim: SourceClaim, *, due_at: datetime, reason: str) -> None:
    """We were told to wait, or are shutting down: no attempt is counted, nothing is wrong."""
    await unit.fenced(
        _SETTLE + _FENCE, unit.at, micros(due_at), reason, claim.name, claim.attempts, claim.token
    )  # fmt: skip


async def make_due(store: Store) -> None:
    """Let every active source be due now, but for those that told us to wait."""
    async with store.unit() as unit:
        await unit.tx.execute(
            "UPDATE source SET due_at = ? WHERE state = 'active' AND due_at > ? AND rhythm_reason NOT LIKE ?",
            unit.at, unit.at, f"{TOLD_TO_WAIT}%",
        )  # fmt: skip


async def due(store: Store, *, since: datetime | None = None) -> Sequence[Mapping[str, str]]:
    """Names of the sources whose time came; with `since` only those whose time came after it."""
    at = micros(store.now())
    return await store.fetch(
        "SELECT name FROM source WHERE state = 'active' AND due_at <= ? AND due_at > ?"
        " AND (lease_until IS NULL OR lease_until < ?) ORDER BY due_at, name",
        at, micros(since) if since else -1, at,
    )  # fmt: skip


async def forget_bodies(store: Store, *, older_than: datetime) -> int:
    """Let go of raw bodies settled before `older_than`; the newest of each source stays. Returns how many.

    What was made of them stays too, and so does the row: it says that the capture can no longer be replayed.
    """
    async with store.unit() as unit:
        gone = await unit.tx.execute(
            "DELETE FROM capture_body WHERE id IN (SELECT c.id FROM capture_body b"
            " JOIN capture c ON c.id = b.id WHERE c.state IN ('done', 'rejected') AND c.settled_at < ?"
            " AND c.id NOT IN (SELECT max(id) FROM capture WHERE origin = 'poll' GROUP BY source))",
            micros(older_than),
        )
        if gone:
            unit.tell("bodies_forgotten", why={"captures": gone})
    return gone
