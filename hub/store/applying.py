"""Decisions about differences, and what follows from those that were accepted: deliveries like any other.

A record that the hub never had is withdrawn there like one of its own: it gets an item that consists of its withdrawal,
so that the act has a trace, a receipt and a doubt like every other.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import orjson

from hub.broker.base import deliver_queue
from hub.rules.identity import content_id as identity
from hub.rules.reconciliation import DifferenceKind, Reason
from hub.store import keys, tasks, wanting
from hub.store.database import Row, marks
from hub.store.deciding import DecisionRefusedError
from hub.store.differing import SETTINGS, KnownDifference, known_difference
from hub.store.editions import number
from hub.store.instants import micros
from hub.store.reconciling import Run
from hub.store.states import DeliveryState, DifferenceState, TaskState
from hub.store.unit import Store, Unit
from schemas.edition import Withdrawal, WithdrawalKind
from schemas.item import Kind

#: Differences that are acted on in one transaction.
BATCH = 200

_GONE = DecisionRefusedError(
    "no such difference",
    sentence="Không còn khác biệt này: có thể đã được xử lý hoặc vừa đối soát lại. Xem danh sách hiện tại bằng lệnh"
    " hub reconcile TÊN --list.",
)


async def decide(
    unit: Unit, destination: str, key: str, state: DifferenceState, *, owner: UUID | None = None, who: str, why: str
) -> list[KnownDifference]:  # fmt: skip
    """Accept the differences of a key, leave them as they are, or open them again. Raises DecisionRefusedError.

    `owner` is the item that shall stand under a key which several claim; only then, and then it must be given.
    """
    rows = await unit.tx.fetch(
        "SELECT * FROM difference WHERE destination = ? AND key = ? AND state <> 'applied' ORDER BY kind"
        + _locked(unit, "difference"),
        destination, key,
    )  # fmt: skip
    if not rows:
        raise _GONE
    decided = []
    for row in map(known_difference, rows):
        chosen = row.content_id
        if row.reason in (Reason.TWO_OWNERS, Reason.TWO_ITEMS) and state is DifferenceState.ACCEPTED:
            chosen = _chosen(row, owner)
        await unit.tx.execute(
            "UPDATE difference SET state = ?, content_id = ?, decided_by = ?, decided_at = ?, why = ?"
            " WHERE destination = ? AND key = ? AND kind = ?",
            state, chosen, who, unit.at, why, destination, key, row.kind,
        )  # fmt: skip
        unit.tell(
            f"difference_{state}", who=who, content_id=chosen, destination=destination,
            why={"key": key, "kind": row.kind, "reason": row.reason, "why": why},
        )  # fmt: skip
        decided.append(row)
    return decided


def _chosen(row: KnownDifference, owner: UUID | None) -> str:
    if owner is not None and str(owner) in row.claimants:
        return str(owner)
    raise DecisionRefusedError(
        f"{row.key} is claimed by {', '.join(row.claimants)}",
        sentence=f"Mã {row.key} có nhiều nội dung cùng nhận. Hãy nêu rõ nội dung được giữ: --owner"
        f" {row.key}=<mã nội dung>, chọn trong: {', '.join(row.claimants)}.",
    )


async def apply_some(unit: Unit, destination: str, kind: Kind) -> int:
    """Act on up to BATCH accepted differences; returns how many. `kind` is what records that are not ours would be."""
    rows = await unit.tx.fetch(
        "SELECT f.*, r.started_at AS looked_at FROM difference f JOIN reconciliation r ON r.id = f.run"
        " WHERE f.destination = ? AND f.state = 'accepted' ORDER BY f.id LIMIT ?" + _locked(unit, "f"),
        destination, BATCH,
    )  # fmt: skip
    for row in rows:
        found, looked_at = known_difference(row), row["looked_at"]
        content_id = found.content_id
        if found.reason in (Reason.TWO_OWNERS, Reason.TWO_ITEMS):
            if not await _admit(unit, found, looked_at):
                continue
        elif found.kind is DifferenceKind.ORPHAN:
            content_id = await _take_down(unit, found, kind, looked_at)
        else:
            await _send(unit, found, looked_at)
        after = DifferenceState.SETTLED if len(found.claimants) > 1 else DifferenceState.APPLIED
        await unit.tx.execute(
            "UPDATE difference SET state = ?, content_id = ? WHERE id = ?", after, content_id, row["id"]
        )
        unit.tell(
            "difference_applied", who=found.decided_by, content_id=found.content_id, destination=destination,
            why={"key": found.key, "kind": found.kind, "reason": found.reason},
        )  # fmt: skip
    return len(rows)


def _locked(unit: Unit, table: str) -> str:
    """The end of a question whose rows nobody else shall decide about until the end of the transaction."""
    return f" FOR UPDATE OF {table}" if unit.tx.dialect == "postgres" else ""


async def under_way(store: Store, destination: str, *, within: timedelta | None = None) -> int:
    """How many deliveries that differences asked for are not settled yet, at a destination that takes any.

    `within`: only those that are tried again before this time is over.
    """
    until = micros(store.now() + within) if within is not None else None
    soon = "" if until is None else " AND coalesce(p.open_until, 0) <= ? AND (d.state = 'sending' OR d.due_at <= ?)"
    [row] = await store.fetch(
        "SELECT count(*) AS n FROM difference f"
        " JOIN delivery d ON d.destination = f.destination AND d.content_id = f.content_id"
        " JOIN destination p ON p.name = f.destination AND p.state = 'active'"
        " WHERE f.destination = ? AND (f.state = 'applied' OR (f.state = 'settled' AND f.claimants <> '[]'))"
        f" AND d.state IN ('ready', 'sending'){soon}",
        destination, *([] if until is None else [until, until]),
    )  # fmt: skip
    return int(row["n"])


#: What is tried again later than this holds up nobody who looks on.
PATIENCE = timedelta(minutes=1)


async def moves(store: Store, run: Run, *, applies: bool) -> bool:
    """Whether a run, or with `applies` what differences asked for, is about to come to its end."""
    if run.goes_on:
        rows = await store.fetch(
            "SELECT 1 AS one FROM destination WHERE name = ? AND state IN ('active', 'blocked')", run.destination
        )
        return bool(rows)
    return applies and await under_way(store, run.destination, within=PATIENCE) > 0


async def _send(unit: Unit, found: KnownDifference, looked_at: int) -> None:
    """The destination shall show ours: by the delivery that there is, or by a new one."""
    items = await unit.tx.fetch("SELECT state, approved_revision FROM item WHERE content_id = ?", found.content_id)
    if not items or items[0]["state"] != "live":
        return  # withdrawn since the comparison: its withdrawal is wanted already
    revision = items[0]["approved_revision"]
    await wanting.want(unit, [(found.destination, found.content_id, revision)])
    # What an officer was asked for, or need not do any more, is not asked for again because the settings say so.
    insists = found.decided_by != SETTINGS
    await wanting.repeat(
        unit, found.destination, found.content_id, revision, unless_since=looked_at, insists=insists
    )  # fmt: skip


async def _admit(unit: Unit, found: KnownDifference, looked_at: int) -> bool:
    """One of several that claim a key stands under it; the others are refused until it is withdrawn.

    False while one of them is being sent: it would be there after the one that was chosen.
    """
    await keys.lock(unit, found.destination, found.key)
    rows = await unit.tx.fetch(
        "SELECT state FROM delivery WHERE destination = ? AND content_id IN"
        f" ({marks(len(found.claimants))}) ORDER BY id" + _locked(unit, "delivery"),
        found.destination, *found.claimants,
    )  # fmt: skip
    if any(row["state"] == DeliveryState.SENDING for row in rows):
        return False
    for loser in found.claimants:
        if loser != found.content_id:
            await unit.tx.execute(
                "UPDATE delivery SET key = '', state = ?, error_code = ?, error_sentence = ?,"
                " failed_since = coalesce(failed_since, ?) WHERE destination = ? AND content_id = ?",
                DeliveryState.REFUSED, keys.KEY_TAKEN, _NOT_CHOSEN, unit.at, found.destination, loser,
            )  # fmt: skip
            await tasks.close_about(unit, found.destination, loser, TaskState.DROPPED, who=found.decided_by)
    if await _stands_there(unit, found):
        return True
    await _send(unit, found, looked_at)
    await unit.tx.execute(
        "UPDATE delivery SET key = ? WHERE destination = ? AND content_id = ?",
        found.key, found.destination, found.content_id,
    )  # fmt: skip
    return True


async def _stands_there(unit: Unit, found: KnownDifference) -> bool:
    """Whether the item that was chosen has the key, and the last look showed what it says."""
    return bool(
        await unit.tx.fetch(
            "SELECT 1 AS one FROM delivery d JOIN holding h ON h.destination = d.destination AND h.key = d.key"
            " WHERE d.destination = ? AND d.content_id = ? AND d.key = ? AND d.state = 'done'"
            " AND h.agreed_revision = d.wanted_revision AND h.agreed_digest = h.digest",
            found.destination, found.content_id, found.key,
        )
    )  # fmt: skip


_NOT_CHOSEN = "Ban biên tập đã chọn nội dung của đơn vị khác cho mã này; nội dung này không được gửi."


async def _take_down(unit: Unit, found: KnownDifference, kind: Kind, looked_at: int) -> str:
    """The destination shall not show it any more: by the withdrawal of ours, or by one made for the purpose.

    Returns the item that is withdrawn. Nothing happens when what stands there became one of ours meanwhile.
    """
    await keys.lock(unit, found.destination, found.key)
    content_id, revision = found.content_id, found.revision
    if await unit.tx.fetch(
        "SELECT 1 AS one FROM item WHERE state = 'live' AND (content_id IN (?, ?) OR content_id IN"
        f" (SELECT content_id FROM delivery WHERE destination = ? AND {keys.IS})) LIMIT 1",
        content_id, found.key, found.destination, found.key,
    ):  # fmt: skip
        return content_id
    if not content_id:
        content_id, revision = await _adopt(unit, found, kind)
    await wanting.want(unit, [(found.destination, content_id, revision)])
    # It was seen there: that makes it something to withdraw, whatever our own ledger says.
    rows = await unit.tx.fetch(
        "UPDATE delivery SET remote_id = CASE WHEN remote_id = '' THEN ? ELSE remote_id END,"
        " key = CASE WHEN content_id = ? THEN key ELSE ? END"
        " WHERE destination = ? AND content_id = ? RETURNING id, state",
        found.key, found.key, found.key, found.destination, content_id,
    )  # fmt: skip
    if not await wanting.repeat(unit, found.destination, content_id, revision, unless_since=looked_at):
        for row in rows:
            unit.ring(deliver_queue(found.destination), row["id"])
    return content_id


async def _adopt(unit: Unit, found: KnownDifference, kind: Kind) -> tuple[str, int]:
    """An item for a record that the hub never had: its only edition says that it is withdrawn."""
    source = f"reconcile:{found.destination}"[:100]
    item = identity(source, found.key)
    rows = await unit.tx.fetch("SELECT revision FROM item WHERE content_id = ?", str(item))
    revision = await number(unit, rows[0]["revision"] + 1 if rows else 1)
    gone = Withdrawal(
        content_id=item, revision=revision, kind=WithdrawalKind.VANISH, item_kind=kind, at=unit.now,
        reason="",
    )  # fmt: skip
    await unit.tx.execute(
        "INSERT INTO item (content_id, source, guid, kind, member, title, url, revision, approved_revision, digest,"
        " state, withdrawn_by, first_seen, changed_at, pointer) VALUES (?, ?, ?, ?, '', ?, '', ?, ?, '', 'withdrawn',"
        " 'person', ?, ?, '') ON CONFLICT (content_id) DO UPDATE SET revision = excluded.revision,"
        " approved_revision = excluded.approved_revision, changed_at = excluded.changed_at",
        str(item), source, found.key, kind, found.title, revision, revision, unit.at, unit.at,
    )  # fmt: skip
    await unit.tx.execute(
        "INSERT INTO edition (content_id, revision, digest, update_type, state, withdrawal, why, seen_at, decided_by,"
        " decided_at) VALUES (?, ?, '', 'major', 'withdrawn', ?, ?, ?, ?, ?)",
        str(item), revision, gone.model_dump_json(),
        orjson.dumps({"by": "reconciliation", "destination": found.destination}).decode(), unit.at, found.decided_by,
        unit.at,
    )  # fmt: skip
    unit.tell("withdrawn", who=found.decided_by, content_id=item, revision=revision,
              why={"by": "reconciliation", "destination": found.destination})  # fmt: skip
    return str(item), revision


async def accept_all(
    unit: Unit, destination: str, kinds: Sequence[DifferenceKind], *, who: str, why: str
) -> int:  # fmt: skip
    """Accept every open difference of these kinds that names what shall be there; returns how many.

    Several claimants of one key are left out: somebody must say which.
    """
    count = 0
    for kind in kinds:
        rows: list[Row] = await unit.tx.fetch(
            "UPDATE difference SET state = 'accepted', decided_by = ?, decided_at = ?, why = ?"
            " WHERE destination = ? AND kind = ? AND state = 'open' AND claimants = '[]' RETURNING key",
            who, unit.at, why, destination, kind,
        )  # fmt: skip
        count += len(rows)
        if rows:
            unit.tell("differences_accepted", who=who, destination=destination,
                      why={"kind": kind, "count": len(rows), "why": why})  # fmt: skip
    return count
