"""Claims and records of the deliver stage: what was tried, and what a destination shows by its receipts.

An attempt row is written in the transaction of the claim, before any call. If the process dies, the attempt stays
open: nobody knows its outcome, and the next claim says so (promise I7). Settling is fenced by attempt and lease.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import orjson

from connectors.base import Receipt
from hub.broker.base import deliver_queue
from hub.store import health, restored
from hub.store.database import Row, Transaction, marks
from hub.store.instants import MICROSECOND, maybe_moment, micros, moment
from hub.store.states import AttemptOutcome, DeliveryState
from hub.store.unit import LeaseLostError, Store, Unit
from schemas.edition import PublishedItem, UpdateType, Withdrawal
from schemas.item import ITEM, Kind

#: Whose turn it is. `NOT due_at > ?`, or SQLite would sort all that is due in place of going by turn; the states are
#: said literally, as they name the partial index.
DUE: Final = """
    SELECT id FROM delivery
     WHERE destination = ? AND NOT due_at > ? AND state IN ('ready', 'sending')
       AND (state = 'ready' OR (state = 'sending' AND lease_until < ?))
     ORDER BY turn, due_at, id LIMIT ?"""
#: From the few open attempts to their deliveries, not through all of a destination's.
GIVE_UP: Final = """
    UPDATE attempt SET outcome = 'unknown',
           ended_at = (SELECT d.lease_until FROM delivery d WHERE d.id = attempt.delivery)
     WHERE outcome = 'open'
       AND (SELECT CASE WHEN d.destination = ? AND d.state = 'sending' AND d.lease_until < ? THEN 1 ELSE 0 END
              FROM delivery d WHERE d.id = attempt.delivery) = 1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """An earlier call whose outcome nobody knows."""

    revision: int
    at: datetime  #: when it was given up: it left us earlier, and may land later


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryClaim:
    """A delivery that is ours to make until the lease ends."""

    id: int
    content_id: UUID
    destination: str
    wanted_revision: int
    sent_revision: int
    remote_id: str
    row: Row  #: of the wanted edition; read when the work begins, so that a poisoned one harms no neighbour
    held_key: str  #: the natural key that the item has there, taken at an earlier delivery; empty: none
    cleared_revision: int  #: newest one to which a person said yes for this destination
    repeats: int  #: times that what was lost or changed there is repaired; each is an effect of its own
    doubts: tuple[Doubt, ...]  #: oldest first; empty = every earlier call is settled
    ever_tried: bool  #: some call may have left something there
    attempts: int
    attempt_id: int
    failed_since: datetime | None
    send_at: datetime  #: our place in the destination's rate
    lease_until: datetime  #: nothing is sent that could not end before this
    token: str

    @property
    def edition(self) -> PublishedItem | Withdrawal:
        """The wanted edition, as it is public."""
        return public(self.row)

    @property
    def last(self) -> PublishedItem | None:
        """What was public before a withdrawal; None for anything else, and where it was purged or never public."""
        row = self.row
        if not self.gone or not row["last_body"]:
            return None
        before = {"body": row["last_body"], "revision": row["last_revision"], "withdrawal": None}
        last = public({**row, **before, "update_type": UpdateType.MINOR})
        assert isinstance(last, PublishedItem)
        return last

    @property
    def gone(self) -> bool:
        """Whether a withdrawal is wanted."""
        return bool(self.row["withdrawal"])

    @property
    def key(self) -> str:
        """Idempotency key: the same over retries and restarts, new for a new revision and for a repair."""
        return _idempotency_key(self.content_id, self.wanted_revision, self.destination, self.repeats)


def _idempotency_key(content_id: UUID | str, revision: int, destination: str, repeats: int) -> str:
    return f"{content_id}:{revision}:{destination}" + (f":{repeats}" if repeats else "")


async def claim(
    store: Store, destination: str, *, limit: int, lease: timedelta, interval: timedelta, line: timedelta
) -> list[DeliveryClaim]:  # fmt: skip
    """Take up to `limit` due deliveries of one destination, each with its place in the rate (`interval` apart).

    Only as many as may be sent within `line` from now: nobody holds rows whose place is far away. Whose turn it is,
    hub/store/wanting.py says.
    """
    now, token = store.now(), secrets.token_hex(16)
    at = micros(now)
    async with store.database.transaction() as tx:
        # Hosts share the rate: two claims that both saw a free place would send twice as fast.
        alone = " FOR UPDATE" if store.database.dialect == "postgres" else ""
        places = await tx.fetch(
            "SELECT open_until, failures, next_slot, restored_at FROM destination"
            f" WHERE name = ? AND state = 'active' AND NOT ({restored.WAITS})" + alone,
            destination,
        )
        if not places or (places[0]["open_until"] or 0) > at:
            return []
        # A place further off than any claim takes was reserved before the clock was set back: it holds nobody up.
        furthest = at + (line + 2 * interval) // MICROSECOND
        taken = places[0]["next_slot"] if places[0]["next_slot"] <= furthest else at
        limit = min(limit, _room(taken, at, interval, line))
        if places[0]["failures"] >= health.BREAKER_AFTER:
            limit = min(limit, 1)  # one careful step after the breaker, not a crowd
            if await _is_under_way(tx, destination, at):
                return []
        if limit < 1:
            return []
        await _give_up(tx, destination, at)
        rows = await tx.fetch(
            "UPDATE delivery SET state = 'sending', attempts = attempts + 1, lease_token = ?, lease_until = ?"
            f" WHERE id IN ({DUE}{store.database.skip_locked}) RETURNING id, content_id, destination, wanted_revision,"
            " sent_revision, remote_id, key, repeats, cleared_revision, attempts, failed_since, turn, due_at",
            token, micros(now + lease), destination, at, at, limit,
        )  # fmt: skip
        if not rows:
            return []
        rows.sort(key=lambda row: (row["turn"], row["due_at"], row["id"]))  # they come back in any order
        editions = await _editions(tx, rows)
        doubts = await _doubts(tx, rows)
        if places[0]["restored_at"] is not None:
            _doubt_what_was_there_before(rows, editions, doubts, places[0]["restored_at"])
        attempts = await _open_attempts(tx, rows, at)
        first = await _reserve(tx, destination, at, len(rows), interval, furthest)
    return [
        DeliveryClaim(
            id=row["id"], content_id=UUID(row["content_id"]), destination=destination,
            wanted_revision=row["wanted_revision"], sent_revision=row["sent_revision"], remote_id=row["remote_id"],
            row=editions[row["content_id"]], held_key=row["key"], repeats=row["repeats"],
            cleared_revision=row["cleared_revision"],
            doubts=tuple(Doubt(revision=d["revision"], at=moment(d["ended_at"])) for d in doubts.get(row["id"], ())
                         if d["outcome"] == AttemptOutcome.UNKNOWN),
            ever_tried=row["sent_revision"] > 0 or bool(row["remote_id"]) or row["id"] in doubts,
            attempts=row["attempts"], attempt_id=attempts[row["id"]], failed_since=maybe_moment(row["failed_since"]),
            send_at=moment(first) + place_in_line * interval, lease_until=now + lease, token=token,
        )
        for place_in_line, row in enumerate(rows)
    ]  # fmt: skip


def _room(next_slot: int, at: int, interval: timedelta, line: timedelta) -> int:
    """How many places of the rate lie between now and the end of the line."""
    behind = line // MICROSECOND - max(next_slot - at, 0)
    return behind // max(interval // MICROSECOND, 1) + 1 if behind >= 0 else 0


async def _editions(tx: Transaction, rows: Sequence[Row]) -> dict[str, Row]:
    """The wanted edition of each row."""
    found = await tx.fetch(
        f"""
        SELECT e.content_id, e.revision, e.update_type, e.body, e.withdrawal, i.member, m.name AS member_name, i.source,
               l.body AS last_body, l.revision AS last_revision, coalesce(i.published, i.first_seen) AS existed_at
          FROM delivery d
          JOIN edition e ON e.content_id = d.content_id AND e.revision = d.wanted_revision
          JOIN item i ON i.content_id = d.content_id
          LEFT JOIN member m ON m.code = i.member
          LEFT JOIN edition l ON e.withdrawal IS NOT NULL AND l.content_id = e.content_id AND l.revision =
               (SELECT max(b.revision) FROM edition b WHERE b.content_id = e.content_id AND b.revision < e.revision
                   AND b.body IS NOT NULL AND b.state IN ('approved', 'superseded') AND b.decided_by <> '')
         WHERE d.id IN ({marks(len(rows))})
        """,
        *(row["id"] for row in rows),
    )
    return {row["content_id"]: row for row in found}


def public(row: Row) -> PublishedItem | Withdrawal:
    """The public face of an edition row (content_id, revision, update_type, body, withdrawal, member, ..., source)."""
    if row["withdrawal"]:
        return Withdrawal.model_validate_json(row["withdrawal"])
    item = ITEM.validate_json(row["body"])
    return PublishedItem.of(
        item, Kind(item.kind), content_id=UUID(row["content_id"]), revision=row["revision"],
        update_type=UpdateType(row["update_type"]), member=row["member"], member_name=row["member_name"] or "",
        source=row["source"],
    )  # fmt: skip


async def _is_under_way(tx: Transaction, destination: str, at: int) -> bool:
    """Whether somebody holds a delivery of this destination."""
    return bool(await tx.fetch(
        "SELECT 1 AS one FROM delivery WHERE destination = ? AND state IN ('ready', 'sending') AND state = 'sending'"
        " AND lease_until >= ? LIMIT 1",
        destination, at,
    ))  # fmt: skip


async def _give_up(tx: Transaction, destination: str, at: int) -> None:
    """Attempts that a dead worker left open end with its lease, and nobody knows how.

    When its call left is written nowhere, as a worker waits for its place and may look first; it was before that.
    """
    await tx.execute(GIVE_UP, destination, at)


async def _doubts(tx: Transaction, rows: Sequence[Row]) -> dict[int, list[Row]]:
    """Attempts of these deliveries since each one's last settled success, oldest first."""
    found = await tx.fetch(
        f"""
        SELECT a.delivery, a.revision, a.ended_at, a.outcome FROM attempt a
         WHERE a.delivery IN ({marks(len(rows))}) AND a.outcome IN ('unknown', 'done')
           AND a.id >= coalesce((SELECT max(s.id) FROM attempt s
                                  WHERE s.delivery = a.delivery AND s.outcome = 'done'), 0)
         ORDER BY a.id
        """,
        *(row["id"] for row in rows),
    )
    grouped: dict[int, list[Row]] = {}
    for row in found:
        grouped.setdefault(row["delivery"], []).append(row)
    return grouped


def _doubt_what_was_there_before(
    rows: Sequence[Row], editions: Mapping[str, Row], doubts: dict[int, list[Row]], restored_at: int
) -> None:
    """After a restore: what existed before it may have gone out already, until a call since then says otherwise."""
    for row in rows:
        settled = any(
            d["outcome"] == AttemptOutcome.DONE and d["ended_at"] > restored_at for d in doubts.get(row["id"], ())
        )
        if not settled and editions[row["content_id"]]["existed_at"] <= restored_at:
            doubt = {"revision": row["wanted_revision"], "ended_at": restored_at, "outcome": AttemptOutcome.UNKNOWN}
            doubts.setdefault(row["id"], []).append(doubt)


async def _open_attempts(tx: Transaction, rows: Sequence[Row], at: int) -> dict[int, int]:
    """Write one open attempt for each row; returns their ids by delivery."""
    written = await tx.fetch(
        "INSERT INTO attempt (delivery, revision, key, started_at, outcome, detail) VALUES "
        + ", ".join(["(?, ?, ?, ?, 'open', '')"] * len(rows))
        + " RETURNING id, delivery",
        *(
            value
            for row in rows
            for value in (
                row["id"], row["wanted_revision"],
                _idempotency_key(row["content_id"], row["wanted_revision"], row["destination"], row["repeats"]), at,
            )
        ),
    )  # fmt: skip
    return {row["delivery"]: row["id"] for row in written}


async def _reserve(
    tx: Transaction, destination: str, at: int, count: int, interval: timedelta, furthest: int
) -> int:  # fmt: skip
    """Take `count` places in the destination's rate, a row that all hosts share; returns the time of the first."""
    step = interval // MICROSECOND
    [row] = await tx.fetch(
        "UPDATE destination SET next_slot = CASE WHEN next_slot > ? AND next_slot <= ? THEN next_slot ELSE ? END + ?"
        " WHERE name = ? RETURNING next_slot",
        at, furthest, at, count * step, destination,
    )  # fmt: skip
    return int(row["next_slot"]) - count * step


_FENCE = " WHERE id = ? AND attempts = ? AND lease_token = ?"


async def _close_attempt(unit: Unit, claim: DeliveryClaim, outcome: AttemptOutcome, detail: str) -> None:
    await unit.tx.execute(
        "UPDATE attempt SET ended_at = ?, outcome = ?, detail = ? WHERE id = ?",
        unit.at, outcome, detail[:1000], claim.attempt_id,
    )  # fmt: skip


async def delivered(unit: Unit, claim: DeliveryClaim, receipt: Receipt, *, called: bool = True) -> None:
    """The destination shows this revision (or a newer one of ours); older doubts are settled by it."""
    shown = max(receipt.revision, claim.wanted_revision)
    rows = await unit.tx.fetch(
        """
        UPDATE delivery SET sent_revision = ?, remote_id = ?, receipt = ?,
               state = CASE WHEN wanted_revision > ? THEN 'ready' ELSE 'done' END,
               attempts = 0, failed_since = NULL, error_code = '', error_sentence = '', due_at = ?,
               lease_until = NULL, lease_token = ''
        """
        + _FENCE
        + " RETURNING state",
        shown, receipt.remote_id, orjson.dumps(asdict(receipt)).decode(), shown, unit.at,
        claim.id, claim.attempts, claim.token,
    )  # fmt: skip
    if not rows:
        raise LeaseLostError
    await _close_attempt(unit, claim, AttemptOutcome.DONE, receipt.note)
    if called:
        await health.answered(unit, claim.destination)
    what = "withdrawn_at" if claim.gone else "delivered"
    unit.tell(
        what if called else "nothing_to_withdraw", content_id=claim.content_id, revision=claim.wanted_revision,
        destination=claim.destination,
        why={"remote_id": receipt.remote_id, "status": receipt.status, "note": receipt.note, "shown": shown},
    )  # fmt: skip
    if rows[0]["state"] == DeliveryState.READY:  # a newer revision was wanted meanwhile
        unit.ring(deliver_queue(claim.destination), claim.id)


async def rest(unit: Unit, claim: DeliveryClaim, state: Literal["asked", "held"], note: str) -> None:
    """A person is asked about this revision; the row rests until there is an answer, or a newer one is wanted."""
    rows = await unit.tx.fetch(
        """
        UPDATE delivery SET state = CASE WHEN wanted_revision > ? THEN 'ready' ELSE CAST(? AS TEXT) END,
               attempts = 0, failed_since = NULL, error_code = '', error_sentence = '', due_at = ?,
               lease_until = NULL, lease_token = ''
        """
        + _FENCE
        + " RETURNING state",
        claim.wanted_revision, state, unit.at, claim.id, claim.attempts, claim.token,
    )  # fmt: skip
    if not rows:
        raise LeaseLostError
    await _close_attempt(unit, claim, AttemptOutcome.LATER, note)
    if rows[0]["state"] == DeliveryState.READY:
        unit.ring(deliver_queue(claim.destination), claim.id)


async def later(
    unit: Unit, claim: DeliveryClaim, *, due_at: datetime, outcome: AttemptOutcome, code: str, sentence: str,
    detail: str, counts: bool,
) -> None:  # fmt: skip
    """Try again at `due_at`; an attempt that does not count is given back."""
    await unit.fenced(
        """
        UPDATE delivery SET state = 'ready', due_at = ?, error_code = ?, error_sentence = ?,
               failed_since = coalesce(failed_since, ?), attempts = attempts - ?, lease_until = NULL, lease_token = ''
        """
        + _FENCE,
        micros(due_at), code, sentence, unit.at, 0 if counts else 1, claim.id, claim.attempts, claim.token,
    )  # fmt: skip
    await _close_attempt(unit, claim, outcome, detail)
    unit.tell(
        "delivery_postponed", content_id=claim.content_id, revision=claim.wanted_revision,
        destination=claim.destination, why={"code": code, "due_at": due_at, "outcome": outcome},
    )  # fmt: skip


async def wait_until(unit: Unit, claim: DeliveryClaim, due_at: datetime, code: str) -> None:
    """Nothing failed: its hour has not come. The attempt is given back. Raises LeaseLostError."""
    await unit.fenced(
        "UPDATE delivery SET state = 'ready', due_at = ?, attempts = attempts - 1, lease_until = NULL, lease_token = ''"
        + _FENCE,
        micros(due_at), claim.id, claim.attempts, claim.token,
    )  # fmt: skip
    await _close_attempt(unit, claim, AttemptOutcome.LATER, code)
    unit.tell(
        "delivery_postponed", content_id=claim.content_id, revision=claim.wanted_revision,
        destination=claim.destination, why={"code": code, "due_at": due_at},
    )  # fmt: skip


async def set_aside(
    unit: Unit, claim: DeliveryClaim, state: DeliveryState, *, outcome: AttemptOutcome, code: str, sentence: str,
    detail: str,
) -> None:  # fmt: skip
    """Refused or parked: visible in the console until a newer revision or a person frees it.

    If a newer revision was wanted meanwhile the row is ready again at once: the refusal was about the older one.
    """
    await unit.fenced(
        """
        UPDATE delivery SET state = CASE WHEN wanted_revision > ? THEN 'ready' ELSE ? END, error_code = ?,
               error_sentence = ?, failed_since = coalesce(failed_since, ?), due_at = ?,
               attempts = CASE WHEN wanted_revision > ? THEN 0 ELSE attempts END, lease_until = NULL, lease_token = ''
        """
        + _FENCE,
        claim.wanted_revision, state, code, sentence, unit.at, unit.at, claim.wanted_revision,
        claim.id, claim.attempts, claim.token,
    )  # fmt: skip
    await _close_attempt(unit, claim, outcome, detail)
    unit.tell(
        f"delivery_{state}", content_id=claim.content_id, revision=claim.wanted_revision,
        destination=claim.destination, why={"code": code},
    )  # fmt: skip
    unit.ring(deliver_queue(claim.destination), claim.id)
