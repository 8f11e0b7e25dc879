"""What a reconciliation compares, and what it found: both sides of every key, differences, and decisions about them.

Differences are rows of the newest comparison: one that is found again with both sides unchanged keeps what was decided
about it, one that is not found any more is gone. Nothing is sent from here: what is accepted becomes a wanted delivery.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson

from connectors.base import Holding, Receipt
from hub.rules.reconciliation import DifferenceKind, Finding, Ours, Reason, Theirs, is_suspect
from hub.store import keys, posting, reconciling, tasks, wanting
from hub.store.database import Row, marks
from hub.store.delivering import public
from hub.store.instants import micros
from hub.store.reconciling import RunClaim
from hub.store.states import DeliveryState, DifferenceState, TaskState
from hub.store.unit import ENGINE, Store, Unit
from schemas.edition import PublishedItem
from schemas.item import Kind

#: Rows that are read in one statement.
BATCH = 200
#: Receipt note of what a look at the destination showed.
SEEN = "seen there"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRecord:
    """A record as a destination holds it, with what is remembered of it."""

    held: Holding
    theirs: Theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class OurItem:
    """An item that is wanted at the destination, or would be."""

    ours: Ours
    key: str  #: under which it was admitted; empty: it was never presented there
    asked: bool  #: a person is asked whether it may be shown there, or said no


_OURS = """
    SELECT i.content_id, i.member, CASE WHEN i.restricted = 1 THEN '' ELSE i.title END AS title,
           i.state AS item_state, d.wanted_revision, d.sent_revision, d.key,
           d.state AS delivery, d.error_code, e.digest
      FROM delivery d JOIN item i ON i.content_id = d.content_id
      JOIN edition e ON e.content_id = d.content_id AND e.revision = d.wanted_revision
     WHERE d.destination = ? AND d.content_id > ? ORDER BY d.content_id LIMIT ?
"""
_UNSENT = """
    SELECT i.content_id, i.member, CASE WHEN i.restricted = 1 THEN '' ELSE i.title END AS title,
           i.state AS item_state, i.approved_revision AS wanted_revision,
           0 AS sent_revision, '' AS key, '' AS delivery, '' AS error_code, e.digest
      FROM item i JOIN edition e ON e.content_id = i.content_id AND e.revision = i.approved_revision
     WHERE i.state = 'live' AND i.approved_revision > 0 AND i.content_id > ?{kinds}
       AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.destination = ? AND d.content_id = i.content_id)
     ORDER BY i.content_id LIMIT ?
"""


async def wanted(store: Store, destination: str) -> AsyncIterator[list[OurItem]]:
    """Every item that has a delivery there, batch by batch."""
    last = ""
    while rows := await store.fetch(_OURS, destination, last, BATCH):
        yield [_our_item(row) for row in rows]
        last = rows[-1]["content_id"]


async def unsent(store: Store, destination: str, kinds: Sequence[Kind]) -> AsyncIterator[list[OurItem]]:
    """Every public item of these kinds (none: of all) that has no delivery there, batch by batch."""
    statement = _UNSENT.format(kinds=f" AND i.kind IN ({marks(len(kinds))})" if kinds else "")
    last = ""
    while rows := await store.fetch(statement, last, *kinds, destination, BATCH):
        yield [_our_item(row) for row in rows]
        last = rows[-1]["content_id"]


def _our_item(row: Row) -> OurItem:
    ours = Ours(
        content_id=row["content_id"], revision=row["wanted_revision"], member=row["member"], title=row["title"],
        digest=row["digest"], live=row["item_state"] == "live", sent_revision=row["sent_revision"],
        has_key=bool(row["key"]),
    )  # fmt: skip
    asked = row["delivery"] == DeliveryState.HELD or row["error_code"] == posting.NOT_APPROVED
    return OurItem(ours=ours, key=row["key"], asked=asked)


async def on_the_way(store: Store, destination: str, since: datetime) -> set[str]:
    """Items that are being sent there, or were confirmed since, by a call or by an officer.

    What was read of them may be older than that.
    """
    rows = await store.fetch(
        "SELECT content_id FROM delivery d WHERE destination = ? AND (state = 'sending' OR EXISTS (SELECT 1 FROM"
        " attempt a WHERE a.delivery = d.id AND a.outcome = 'done' AND a.ended_at > ?)) UNION"
        " SELECT content_id FROM task WHERE destination = ? AND state = 'done' AND closed_at > ?",
        destination, micros(since), destination, micros(since),
    )  # fmt: skip
    return {row["content_id"] for row in rows}


async def public_rows(store: Store, items: Sequence[Ours]) -> dict[str, Row]:
    """What these items show in public, by content id, for `published`; withdrawn ones are left out."""
    wanted = {one.content_id: one.revision for one in items if one.live}
    rows = await store.fetch(
        "SELECT e.content_id, e.revision, e.update_type, e.body, e.withdrawal, i.member, m.name AS member_name,"
        " i.source FROM edition e JOIN item i ON i.content_id = e.content_id LEFT JOIN member m ON m.code = i.member"
        f" WHERE e.body IS NOT NULL AND e.withdrawal IS NULL AND e.content_id IN ({marks(len(wanted))})",
        *wanted,
    )
    return {row["content_id"]: row for row in rows if row["revision"] == wanted[row["content_id"]]}


def published(row: Row) -> PublishedItem:
    """What a row of `public_rows` shows."""
    item = public(row)
    assert isinstance(item, PublishedItem)
    return item


async def held_summaries(store: Store, claim: RunClaim) -> dict[str, Theirs]:
    """Every record that is there, by key, without its content: of a whole run, what it showed."""
    found: dict[str, Theirs] = {}
    last = ""
    while rows := await store.fetch(
        "SELECT key, title, digest, withdrawn, agreed_digest, agreed_revision, run FROM holding"
        " WHERE destination = ? AND key > ? ORDER BY key LIMIT 2000",
        claim.destination, last,
    ):  # fmt: skip
        found |= {row["key"]: _theirs(row) for row in rows if row["run"] == claim.id or not claim.whole}
        last = rows[-1]["key"]
    return found


async def held_records(store: Store, destination: str, keys: Collection[str]) -> dict[str, Holding]:
    """The records under these keys, with their content."""
    rows = await store.fetch(
        "SELECT key, title, owner, withdrawn, record FROM holding"
        f" WHERE destination = ? AND key IN ({marks(len(keys))})",
        destination, *keys,
    )  # fmt: skip
    return {row["key"]: reconciling.held_of(row) for row in rows}


def _theirs(row: Row) -> Theirs:
    return Theirs(
        title=row["title"], digest=row["digest"], withdrawn=bool(row["withdrawn"]),
        agreed_digest=row["agreed_digest"], agreed_revision=row["agreed_revision"],
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------ recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a run found."""

    findings: Sequence[Finding]
    agreed: Mapping[str, Ours]  #: by key
    untold: Collection[str] = ()  #: keys of which this run says nothing: what was known of them stays
    gone: Sequence[Ours] = ()  #: withdrawn items that are not there any more
    ours: int = 0
    held: int = 0
    whole: bool = True
    alarm: int = 0  #: so many of what was confirmed are lost or changed that the list itself is in doubt; 0: it is not


async def record(
    unit: Unit, claim: RunClaim, found: Comparison, accept: Collection[DifferenceKind]
) -> None:  # fmt: skip
    """Write down a comparison: differences, and what both sides agree about. Raises LeaseLostError."""
    await reconciling.still_ours(unit, claim)
    # Locked: what a person decides meanwhile is decided about the new rows.
    lock = " FOR UPDATE" if unit.tx.dialect == "postgres" else ""
    before = {
        (row["key"], row["kind"]): row
        for row in await unit.tx.fetch(
            "SELECT key, kind, digest, state, decided_by, decided_at, why, content_id FROM difference"
            " WHERE destination = ? ORDER BY id" + lock,
            claim.destination,
        )
    }
    under_way = await _under_way(unit, claim.destination, [f.content_id for f in found.findings if f.content_id])
    rows = []
    for finding in found.findings:
        known = before.pop((finding.key, finding.kind.value), None)
        doubted = bool(found.alarm) and is_suspect(finding)
        state, who, at, why = _decided(finding, known, () if doubted else accept, under_way)
        at = unit.at if who == SETTINGS and at is None else at
        why = MANY_AT_ONCE if doubted and state == DifferenceState.OPEN and not why else why
        # Which of several claimants was chosen is part of the decision.
        chosen = known["content_id"] if known and finding.claimants and who else finding.content_id
        rows.append((
            claim.destination, finding.key, finding.kind.value, finding.reason.value, finding.title,
            chosen, finding.revision, orjson.dumps([asdict(each) for each in finding.fields]).decode(),
            orjson.dumps(list(finding.claimants)).decode(), finding.digest, state, who, at, why, claim.id, unit.at,
        ))  # fmt: skip
    await unit.tx.execute_many(_UPSERT, rows)
    told = [pair for pair in before if pair[0] not in found.untold and (found.whole or pair[1] != "missing")]
    await unit.tx.execute_many(
        "DELETE FROM difference WHERE destination = ? AND key = ? AND kind = ?",
        [(claim.destination, key, kind) for key, kind in told],
    )
    if found.whole:
        await unit.tx.execute_many(
            "UPDATE holding SET agreed_digest = digest, agreed_revision = ? WHERE destination = ? AND key = ?"
            " AND (agreed_revision <> ? OR agreed_digest <> digest)",
            [(one.revision, claim.destination, key, one.revision) for key, one in found.agreed.items()],
        )
        if not found.alarm:  # else what was agreed about what is not in the list would be forgotten with it
            await reconciling.forget_gone(unit, claim)
    open_now = [row for row in rows if row[10] != DifferenceState.SETTLED]
    counts = {"ours": found.ours, "held": found.held, "same": len(found.agreed)}
    counts |= {kind.value: sum(row[2] == kind.value for row in open_now) for kind in DifferenceKind}
    counts["settled"] = len(rows) - len(open_now)
    counts["unread"] = len(claim.unread)
    note = _ALARM.format(found.alarm, claim.destination) if found.alarm else ""
    await reconciling.compared(unit, claim, counts, note=note)


#: who accepted what nobody has to look at
SETTINGS = "settings"
#: why a difference waits for a person that the settings would have accepted
IN_VAIN, MANY_AT_ONCE = "applied_in_vain", "many_at_once"
_ALARM = (
    "Có {} mục đã gửi lên nay cùng lúc không thấy hoặc khác đi, nhiều bất thường: có thể nơi nhận trả lời thiếu hoặc"
    " vừa đổi cách trả lời, nên hệ thống không tự gửi lại. Hãy xem tại nơi nhận; nếu đúng là mất, chấp nhận bằng lệnh"
    " hub reconcile {} --accept-all missing --accept-all outdated."
)
_UPSERT = """
    INSERT INTO difference (destination, key, kind, reason, title, content_id, revision, fields, claimants, digest,
                            state, decided_by, decided_at, why, run, found_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (destination, key, kind) DO UPDATE SET reason = excluded.reason, title = excluded.title,
      content_id = excluded.content_id, revision = excluded.revision, fields = excluded.fields,
      claimants = excluded.claimants, digest = excluded.digest, state = excluded.state,
      decided_by = excluded.decided_by, decided_at = excluded.decided_at, why = excluded.why, run = excluded.run
"""


def _decided(
    finding: Finding, before: Row | None, accept: Collection[DifferenceKind], under_way: Collection[str]
) -> tuple[str, str, int | None, str]:  # fmt: skip
    """State of a difference with who decided it, when and why.

    A decision holds while both sides stay as they are; what the settings accept, while they do.
    """
    decided_at = None
    if before is not None and before["digest"] == finding.digest:
        if before["state"] == DifferenceState.APPLIED and finding.content_id not in under_way:
            # It was sent, and is not there all the same: sending it every night would help nobody.
            return DifferenceState.OPEN, "", None, IN_VAIN
        by_settings = before["state"] == DifferenceState.ACCEPTED and before["decided_by"] == SETTINGS
        nobody_yet = before["state"] == DifferenceState.OPEN and not before["decided_by"] and before["why"] != IN_VAIN
        if not (by_settings or nobody_yet):
            return before["state"], before["decided_by"], before["decided_at"], before["why"]
        decided_at = before["decided_at"]
    if finding.kind in accept and finding.content_id:
        return DifferenceState.ACCEPTED, SETTINGS, decided_at, ""
    return DifferenceState.OPEN, "", None, ""


async def _under_way(unit: Unit, destination: str, content_ids: Sequence[str]) -> set[str]:
    """Items whose delivery is not settled yet, or waits for an officer."""
    found: set[str] = set()
    for start in range(0, len(content_ids), 500):
        part = content_ids[start : start + 500]
        rows = await unit.tx.fetch(
            "SELECT content_id FROM delivery WHERE destination = ? AND state IN ('ready', 'sending', 'asked', 'held')"
            f" AND content_id IN ({marks(len(part))})",
            destination, *part,
        )  # fmt: skip
        found |= {row["content_id"] for row in rows}
    return found


async def prove(store: Store, claim: RunClaim, found: Comparison) -> None:
    """What both sides agree about proves what was asked of an officer or never answered. Raises LeaseLostError."""
    unsettled = {
        row["content_id"]: row["wanted_revision"]
        for row in await store.fetch(
            # A call that may still land proves nothing: the deliver stage looks after its doubts.
            "SELECT content_id, wanted_revision FROM delivery WHERE destination = ? AND (state IN ('asked', 'refused',"
            " 'parked') OR (state = 'ready' AND attempts = 0 AND failed_since IS NULL))",
            claim.destination,
        )
    }
    proven = [(key, ours) for key, ours in found.agreed.items() if unsettled.get(ours.content_id) == ours.revision]
    proven += [("", ours) for ours in found.gone if unsettled.get(ours.content_id) == ours.revision]
    for start in range(0, len(proven), BATCH):  # each is a fact by itself: others have their turn between them
        async with store.unit() as unit:
            await reconciling.still_ours(unit, claim)
            for key, ours in proven[start : start + BATCH]:
                await _proven(unit, claim.destination, key, ours)


async def _proven(unit: Unit, destination: str, key: str, ours: Ours) -> None:
    receipt = Receipt(remote_id=key, revision=ours.revision, note=SEEN)
    if not await wanting.shown(unit, destination, ours.content_id, ours.revision, receipt):
        return
    if not ours.live:
        await keys.set_free(unit, destination)
    elif key != ours.content_id:
        await unit.tx.execute(
            "UPDATE delivery SET key = ? WHERE destination = ? AND content_id = ?", key, destination, ours.content_id
        )
    await tasks.close_about(unit, destination, ours.content_id, TaskState.DONE, who=ENGINE, why=SEEN)


# -------------------------------------------------------------------------------------------------------- asking


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDifference:
    """A difference as a person sees it."""

    destination: str
    key: str
    kind: DifferenceKind
    reason: Reason
    title: str
    content_id: str
    revision: int
    fields: Sequence[Mapping[str, Any]]  #: of connectors.base.Difference
    claimants: Sequence[str]
    state: DifferenceState
    decided_by: str
    why: str


async def known(store: Store, destination: str, *, state: str = "") -> list[KnownDifference]:
    """The differences of a destination as the last comparison left them, by kind and key."""
    chosen = " AND state = ?" if state else ""
    rows = await store.fetch(
        f"SELECT * FROM difference WHERE destination = ?{chosen} ORDER BY kind, key", destination,
        *([state] if state else []),
    )  # fmt: skip
    return [known_difference(row) for row in rows]


def known_difference(row: Row) -> KnownDifference:
    """A row of the table."""
    return KnownDifference(
        destination=row["destination"], key=row["key"], kind=DifferenceKind(row["kind"]), reason=Reason(row["reason"]),
        title=row["title"], content_id=row["content_id"], revision=row["revision"], fields=orjson.loads(row["fields"]),
        claimants=orjson.loads(row["claimants"]), state=DifferenceState(row["state"]), decided_by=row["decided_by"],
        why=row["why"],
    )  # fmt: skip
