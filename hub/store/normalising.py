"""Claims and records of the normalise stage: captures in the order of their source, and what was made of them.

Everything that comes of one capture is one transaction: editions, rejections, wanted deliveries, what the source is
known to have, the settled capture, the events. If the process dies before the commit the capture is read again.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import orjson

from connectors.base import Capture
from hub.broker.base import NORMALISE
from hub.store import articles, editions, restored, screening
from hub.store.articles import NewArticle
from hub.store.captures import drop_bodies
from hub.store.database import Row, inside, marks
from hub.store.editions import NewEdition, Origin
from hub.store.engine import Dialect
from hub.store.harvesting import SourceFault
from hub.store.instants import maybe_micros, maybe_moment, micros, moment
from hub.store.screening import NewHit
from hub.store.states import RELEASED, CaptureState, ItemState
from hub.store.states import Origin as CaptureOrigin
from hub.store.unit import Store, Unit
from schemas.edition import EditionState, Withdrawal
from schemas.item import ITEM, ItemBase

#: bytes of a fingerprint, and of the item it became (zeros where it became none), in `source.known`
FINGERPRINT, PIECE = 16, 32
NO_ITEM = bytes(16)
#: polls that the usual volume of a source is taken from
USUAL_OVER = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureClaim:
    """A capture that is ours to normalise until the lease ends, with what its source is known to have."""

    id: int
    source: str
    member: str
    review: str
    row: Row  #: of the capture; read when the work begins, so that a damaged body harms no neighbour
    known: Mapping[bytes, UUID | None]  #: pieces of the source's last normalised capture and the items they became
    items: int  #: how many items of the source are held
    identity: str  #: hub.rules.identity.Mode
    churns: int
    document_date: datetime | None
    usual_new: tuple[int, ...]  #: new items of the last polls that brought any
    failures: int
    fault_stage: str
    fault_since: datetime | None
    replay: bool
    released: bool
    newest: bool  #: no later answer of this source to a poll is kept
    origin: CaptureOrigin
    about: str  #: content id of the item whose own page it is
    no_page: str  #: why there is no page of it
    first_round: bool  #: the source was never read to its end before
    attempts: int
    token: str
    numbered_from: int  #: hub.store.restored.numbered_from; whoever changes it takes the lease away
    recognises: bool = True  #: the source is known for something at the screens

    @property
    def fetched_at(self) -> datetime:
        """When the bytes were received."""
        return moment(self.row["fetched_at"])

    @property
    def head(self) -> Capture:
        """What was received, but for its bytes: those are for the child that reads them."""
        row = self.row
        return Capture(
            url=row["url"], content_type=row["content_type"], body=b"", fetched_at=self.fetched_at,
            cursor=orjson.loads(row["cursor"]), headers=orjson.loads(row["headers"]),
        )  # fmt: skip

    @property
    def packed(self) -> bytes:
        """The bytes as they are kept (hub/packing.py)."""
        return bytes(self.row["body"])

    @property
    def speaks_for_source(self) -> bool:
        """Whether what comes of it says how the source is now: a replay, a backfill or an item's page does not."""
        return self.origin is CaptureOrigin.POLL and (self.newest or not self.replay)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldItem:
    """What the store holds of an item that a capture may speak of."""

    content_id: UUID
    guid: str
    url: str
    title: str
    published: datetime | None
    updated: datetime | None
    revision: int
    approved_revision: int
    digest: str
    state: ItemState
    withdrawn_by: Literal["", "person", "source", "screen"]
    capture: int
    edition_state: EditionState  #: of the newest edition
    item: ItemBase | None  #: what the source said last: of its newest edition that has a body
    edited: bool = False  #: a person's text is public, or waits


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWithdrawal:
    """The source said explicitly that an item is gone."""

    held: HeldItem
    withdrawal: Withdrawal
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRejection:
    """A record that cannot become an item."""

    pointer: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All that comes of one capture."""

    format: str
    counts: Mapping[str, int]
    editions: Sequence[NewEdition] = ()
    withdrawals: Sequence[NewWithdrawal] = ()
    articles: Sequence[NewArticle] = ()  #: items that wait for their own pages or files
    dropped: Sequence[UUID] = ()  #: the source took them back; nobody waits for their pages any more
    same: Sequence[tuple[UUID, UUID]] = ()  #: waiting items that turned out to be other items, and which
    rejections: Sequence[NewRejection] = ()
    hits: Sequence[NewHit] = ()  #: records that may be kept nowhere
    unclean: bool = False  #: the body may be kept nowhere, whatever became of its records
    keys: Sequence[tuple[str, UUID]] = ()  #: names under which items were seen
    seen: Sequence[UUID] = ()  #: items whose newest word is this capture, though nothing changed (replay)
    pieces: Mapping[bytes, UUID | None] = field(default_factory=dict)  #: what the source is known to have from now on
    document_date: datetime | None = None
    ttl: float | None = None  #: seconds that the feed advises between polls
    identity: str = "guid"
    churns: int = 0
    note: str = ""
    whole: bool = True  #: the body showed all that the source has; else its validators vouch for nothing
    empty: bool = False  #: the body showed no item at all: the source is polled less often
    fault: SourceFault | None = None
    events: Sequence[tuple[str, Mapping[str, Any]]] = field(default_factory=tuple)


async def claim(store: Store, ids: Sequence[int] | None, *, limit: int, lease: timedelta) -> list[CaptureClaim]:
    """Take up to `limit` captures, of each source only the oldest unsettled one: order within a source is kept.

    Captures of a source that was taken out of the settings wait for its return: nobody knows how to read them.
    """
    now, token = store.now(), secrets.token_hex(16)
    at = micros(now)
    chosen = f" AND c.id IN ({marks(len(ids))})" if ids is not None else ""
    async with store.database.transaction() as tx:
        claimed = await tx.fetch(
            f"""
            UPDATE capture SET state = 'working', attempts = attempts + 1, lease_token = ?, lease_until = ?
             WHERE id IN (SELECT c.id FROM capture c
                           WHERE c.state IN ('new', 'working')  -- said literally: it names the partial index
                             AND ((c.state = 'new' AND c.due_at <= ?) OR (c.state = 'working' AND c.lease_until < ?))
                             AND NOT EXISTS (SELECT 1 FROM capture e WHERE e.source = c.source AND e.id < c.id
                                                AND e.state IN ('new', 'working', 'held'))
                             AND EXISTS (SELECT 1 FROM source s WHERE s.name = c.source
                                            AND s.state <> 'removed'){chosen}
                           ORDER BY c.due_at, c.id LIMIT ?{store.database.skip_locked})
            RETURNING id
            """,
            token, micros(now + lease), at, at, *(ids or ()), limit,
        )  # fmt: skip
        if not claimed:
            return []
        rows = await tx.fetch_later(
            f"""
            SELECT c.id, c.source, c.url, c.content_type, c.headers, b.body, c.fetched_at, c.replay, c.released,
                   c.origin, c.about, c.fault, c.attempts, s.member, s.review, s.known, s.identity, s.churns,
                   s.document_date, s.failures, s.fault_stage, s.fault_since,
                   s.cursor, (SELECT count(*) FROM item i WHERE i.source = c.source) AS items,
                   EXISTS (SELECT 1 FROM recognised r WHERE r.source = c.source) AS recognises,
                   {restored.NUMBERED_FROM} AS numbered_from,
                   coalesce((SELECT m.name FROM member m WHERE m.code = s.member), '') AS member_name,
                   EXISTS (SELECT 1 FROM capture n
                            WHERE n.source = c.source AND n.id > c.id AND n.origin = 'poll') AS later,
                   EXISTS (SELECT 1 FROM capture f WHERE f.source = c.source AND f.id < c.id AND f.origin = 'poll'
                              AND f.more = 0 AND (f.state = 'done' OR (f.state = 'purged' AND f.counts <> '{{}}')))
                       AS rounds,
                   (SELECT {_listed(store.database.dialect, inside(store.database.dialect, "counts", "new"))}
                      FROM (SELECT v.counts FROM capture v
                             WHERE v.source = c.source AND v.state IN ('done', 'purged') AND v.origin = 'poll'
                             ORDER BY v.id DESC LIMIT {USUAL_OVER}) AS last) AS usual_new
              FROM capture c JOIN source s ON s.name = c.source LEFT JOIN capture_body b ON b.id = c.id
             WHERE c.id IN ({marks(len(claimed))}) ORDER BY c.id
            """,
            *(row["id"] for row in claimed),
        )
    return [_claimed(row, token) for row in rows]


@dataclass(frozen=True, slots=True)
class Business:
    """How busy the reading is: another newest capture than before says that some have come."""

    newest: int
    behind: bool  #: captures are being read, or wait for it and their time has come


async def business(store: Store) -> Business:
    """Of now."""
    [row] = await store.fetch(
        "SELECT (SELECT coalesce(max(id), 0) FROM capture) AS newest, (SELECT count(*) FROM (SELECT 1 AS one"
        " FROM capture WHERE state IN ('new', 'working') AND (state = 'working' OR due_at <= ?) LIMIT 1) AS waiting)"
        " AS behind",
        micros(store.now()),
    )
    return Business(newest=row["newest"], behind=bool(row["behind"]))


def _listed(dialect: Dialect, value: str) -> str:
    """SQL for all values of a group in one text, with commas between them."""
    return f"{'group_concat' if dialect == 'sqlite' else 'string_agg'}(CAST({value} AS TEXT), ',')"


def _claimed(row: Row, token: str) -> CaptureClaim:
    pieces = _pieces(bytes(row["known"] or b""))
    usual_new = tuple(int(new) for new in (row["usual_new"] or "").split(",") if new.strip("0"))
    return CaptureClaim(
        id=row["id"], source=row["source"], member=row["member"], review=row["review"], row=row,
        known={} if row["replay"] else pieces, items=row["items"], identity=row["identity"], churns=row["churns"],
        document_date=maybe_moment(row["document_date"]), usual_new=usual_new, failures=row["failures"],
        fault_stage=row["fault_stage"], fault_since=maybe_moment(row["fault_since"]), replay=bool(row["replay"]),
        released=row["released"] == RELEASED, newest=not row["later"], origin=CaptureOrigin(row["origin"]),
        about=row["about"], no_page=row["fault"], first_round=not row["rounds"], attempts=row["attempts"], token=token,
        numbered_from=row["numbered_from"], recognises=bool(row["recognises"]),
    )  # fmt: skip


def _pieces(known: bytes) -> dict[bytes, UUID | None]:
    """`source.known` as a table."""
    table: dict[bytes, UUID | None] = {}
    for start in range(0, len(known), PIECE):
        item = known[start + FINGERPRINT : start + PIECE]
        table[known[start : start + FINGERPRINT]] = None if item == NO_ITEM else UUID(bytes=item)
    return table


async def held_items(store: Store, source: str, keys: Sequence[str]) -> dict[str, list[HeldItem]]:
    """What is held under each of these identity keys; a key may name several items of one source."""
    if not keys:
        return {}
    rows: list[Row] = []
    unique = list(dict.fromkeys(keys))
    for start in range(0, len(unique), 900):
        part = unique[start : start + 900]
        rows += await store.fetch(
            f"""
            SELECT k.key, i.content_id, i.guid, i.url, i.title, i.published, i.revision, i.approved_revision, i.digest,
                   i.state, i.withdrawn_by, i.capture, e.state AS edition_state,
                   coalesce(CASE WHEN e.origin <> 'person' THEN e.body END,
                            (SELECT b.body FROM edition b WHERE b.content_id = i.content_id AND b.origin <> 'person'
                                AND b.body IS NOT NULL ORDER BY b.revision DESC LIMIT 1)) AS body,
                   EXISTS (SELECT 1 FROM edition p WHERE p.content_id = i.content_id AND p.origin = 'person'
                              AND p.state IN ('held', 'approved')) AS edited
              FROM item_key k
              JOIN item i ON i.content_id = k.content_id
              JOIN edition e ON e.content_id = i.content_id AND e.revision = i.revision
             WHERE k.source = ? AND k.key IN ({marks(len(part))})
            """,
            source, *part,
        )  # fmt: skip
    items: dict[str, HeldItem] = {}
    held: dict[str, list[HeldItem]] = {}
    for row in rows:
        item = items.get(row["content_id"]) or _held(row)
        items[row["content_id"]] = item
        held.setdefault(row["key"], []).append(item)
    return held


def _held(row: Row) -> HeldItem:
    item = ITEM.validate_json(row["body"]) if row["body"] else None
    return HeldItem(
        content_id=UUID(row["content_id"]), guid=row["guid"], url=row["url"],
        # An editor's title, which stands in the row, is no name under which the source could bring it back.
        title=item.title if item else row["title"],
        published=maybe_moment(row["published"]), updated=item.updated if item else None, revision=row["revision"],
        approved_revision=row["approved_revision"], digest=row["digest"], state=ItemState(row["state"]),
        withdrawn_by=row["withdrawn_by"], capture=row["capture"] or 0,
        edition_state=EditionState(row["edition_state"]), item=item, edited=bool(row["edited"]),
    )  # fmt: skip


_FENCE = " WHERE id = ? AND attempts = ? AND lease_token = ?"
#: Note of a capture whose body may not be kept.
PURGED = (
    "Bản thu có nội dung mang dấu hiệu bí mật nhà nước nên hệ thống đã xoá bản gốc, không thể đọc lại. Các mục khác"
    " trong bản thu vẫn được ghi nhận."
)


async def record(unit: Unit, claim: CaptureClaim, outcome: Outcome) -> None:
    """Write all that came of a capture, and settle it."""
    # What the poll brought stays on record: the usual volume of the source is measured by it.
    counts = None if claim.replay else outcome.counts
    state = CaptureState.PURGED if outcome.hits or outcome.unclean else CaptureState.DONE
    note = PURGED if state is CaptureState.PURGED else outcome.note
    await _settle(unit, claim, state, format=outcome.format, note=note, counts=counts)
    await unit.tx.execute_many("DELETE FROM rejection WHERE capture = ?", [(claim.id,)])  # of an earlier reading
    if outcome.rejections:
        await unit.tx.execute_many(
            "INSERT INTO rejection (capture, source, pointer, code, detail, at) VALUES (?, ?, ?, ?, ?, ?)",
            [(claim.id, claim.source, r.pointer[:300], r.code, r.detail[:500], unit.at) for r in outcome.rejections],
        )
    for new in outcome.hits:
        await screening.hit(unit, new)
    origin = Origin(
        source=claim.source, member=claim.member, capture=claim.id, numbered_from=claim.numbered_from
    )  # fmt: skip
    await editions.write(unit, origin, outcome.editions)
    for gone in outcome.withdrawals:
        await editions.withdraw(
            unit, gone.held.content_id, gone.held.revision, gone.withdrawal, by="source", capture=claim.id,
            pointer=gone.pointer,
        )  # fmt: skip
    await articles.want(unit, claim.source, outcome.articles, replay=claim.replay)
    await articles.forget(unit, outcome.dropped)
    for waiting, item in outcome.same:
        await articles.unite(unit, waiting, item)
    if outcome.keys:
        await unit.tx.execute_many(
            "INSERT INTO item_key (source, key, content_id) VALUES (?, ?, ?)"
            " ON CONFLICT (source, key, content_id) DO NOTHING",  # the same name twice is one name: nothing can be lost
            [(claim.source, key, str(content_id)) for key, content_id in outcome.keys],
        )
    if outcome.seen:
        await unit.tx.execute_many(
            "UPDATE item SET capture = ? WHERE content_id = ?", [(claim.id, str(one)) for one in outcome.seen]
        )
    await _source_after(unit, claim, outcome)
    for what, why in outcome.events:
        unit.tell(what, source=claim.source, why={"capture": claim.id, **why})
    await _ring_next(unit, claim.source)


async def _settle(
    unit: Unit, claim: CaptureClaim, state: CaptureState, *, format: str = "", note: str = "",
    counts: Mapping[str, int] | None = None,
) -> None:  # fmt: skip
    headers = ", headers = '{}'" if state is CaptureState.PURGED else ""
    await unit.fenced(
        "UPDATE capture SET state = ?, format = ?, note = ?, counts = coalesce(CAST(? AS TEXT), counts), replay = 0,"
        f" settled_at = ?, attempts = 0, lease_until = NULL, lease_token = ''{headers}" + _FENCE,
        state, format, note, None if counts is None else orjson.dumps(dict(counts)).decode(), unit.at,
        claim.id, claim.attempts, claim.token,
    )  # fmt: skip
    if state is CaptureState.PURGED:
        await drop_bodies(unit.tx, [claim.id])


async def _ring_next(unit: Unit, source: str) -> None:
    """The next capture of the source could not be claimed while this one was open."""
    await unit.ring_found(
        NORMALISE, "SELECT id FROM capture WHERE source = ? AND state = 'new' ORDER BY id LIMIT 1", source
    )  # fmt: skip


async def _source_after(unit: Unit, claim: CaptureClaim, outcome: Outcome) -> None:
    fault = outcome.fault
    new = outcome.counts.get("new", 0)
    changes = "known = ?, identity = ?, churns = ?, ttl = ?, answered_at = ?,"
    changes += " document_date = coalesce(?, document_date)"
    values: list[Any] = [
        b"".join(piece + (item.bytes if item else NO_ITEM) for piece, item in outcome.pieces.items()),
        outcome.identity, outcome.churns, int(outcome.ttl) if outcome.ttl else None, micros(claim.fetched_at),
        maybe_micros(outcome.document_date),
    ]  # fmt: skip
    if claim.replay or claim.origin is not CaptureOrigin.POLL:  # it says nothing about what the source shows now
        changes, values = "identity = ?", [outcome.identity]
    if new:
        changes += ", new_at = ?"
        values.append(unit.at)
    if not outcome.whole and claim.origin is CaptureOrigin.POLL and not claim.replay:
        changes += _FORGET
    if not claim.speaks_for_source:
        fault = None
    if fault:
        await _begins_to_fail(unit, claim.source, fault)
        changes += _FAULT
        values += [1 if outcome.empty else 0, fault.code, fault.side, fault.sentence, unit.at]
    elif claim.fault_stage == "normalise" and claim.speaks_for_source:
        changes += _WELL
        unit.tell("source_recovered", source=claim.source)
    await unit.tx.execute_many(f"UPDATE source SET {changes} WHERE name = ?", [(*values, claim.source)])


async def _begins_to_fail(unit: Unit, source: str, fault: SourceFault) -> None:
    """Told at the start only. Asked of the row, which a poll may have changed since the claim."""
    rows = await unit.tx.fetch("UPDATE source SET attempts = attempts WHERE name = ? RETURNING fault_since", source)
    if rows and rows[0]["fault_since"] is None:
        unit.tell("source_failing", source=source, why=fault.told)


_FAULT = (
    ", failures = failures + ?, fault_code = ?, fault_stage = 'normalise', fault_side = ?, fault_sentence = ?,"
    " fault_since = coalesce(fault_since, ?)"
)
#: The next poll asks without validators: a 304 must not hide what this body did not show.
_FORGET = ", cursor = '{}'"
_WELL = ", failures = 0, fault_code = '', fault_stage = '', fault_side = '', fault_sentence = '', fault_since = NULL"


async def refuse(unit: Unit, claim: CaptureClaim, state: CaptureState, fault: SourceFault) -> None:
    """The body is held for a person, is not this source's format, or we cannot read it: the source says why.

    A body that gave nothing does not vouch for the next: its cursor is forgotten, so that a 304 cannot hide the real
    list. The checksum stays: the same bytes would only give the same answer, and are not kept twice.
    """
    await _settle(unit, claim, state, note=fault.sentence)
    if not claim.speaks_for_source:
        return await _ring_next(unit, claim.source)
    forget = "" if state is CaptureState.HELD else _FORGET
    await _begins_to_fail(unit, claim.source, fault)
    await unit.tx.execute(
        f"UPDATE source SET attempts = attempts{_FAULT}{forget} WHERE name = ?",
        1, fault.code, fault.side, fault.sentence, unit.at, claim.source,
    )  # fmt: skip
    if claim.fault_since is None or state is not CaptureState.REJECTED:
        unit.tell(f"capture_{state}", source=claim.source, why={"capture": claim.id, "code": fault.code})
    await _ring_next(unit, claim.source)


async def ask_again(unit: Unit, claim: CaptureClaim) -> None:
    """Take the same bytes again at the next poll: what came of them could not be kept, and is still wanted."""
    if claim.speaks_for_source:
        await unit.tx.execute("UPDATE source SET body_sha256 = '', cursor = '{}' WHERE name = ?", claim.source)


async def later(unit: Unit, claim: CaptureClaim, *, due_at: datetime, note: str, counts: bool) -> None:
    """Read it again at `due_at`; an attempt that does not count is given back."""
    await unit.fenced(
        "UPDATE capture SET state = 'new', due_at = ?, note = ?, attempts = attempts - ?, lease_until = NULL,"
        " lease_token = ''" + _FENCE,
        micros(due_at), note, 0 if counts else 1, claim.id, claim.attempts, claim.token,
    )  # fmt: skip
