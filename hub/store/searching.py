"""The index of the search, on both databases: written with the editions, asked for candidates.

One entry for each edition that somebody may find: the approved one for the public, the newest one for the office; most
are both. Its number is its day and a hash of its name, so that newest-first is the order of the key, and the same
entry has the same number in every database:

    id   = day since 1970 << 20 | 20 bits of hash          SQLite's FTS5 has -id: it walks upwards twice as fast as
                                                           downwards, newest first, and stops at the cap
    span = id >> 25, some 32 days                          PostgreSQL's tokens carry it (`649/thu`): GIN knows no order,
                                                           so a search takes one span after the other until it is full

This is the only file that knows what the two do differently. What tokens are stands in hub/rules/searching.py.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, Final
from uuid import UUID

import orjson

from hub.packing import unpack
from hub.rules.access import EVERYWHERE, Scope
from hub.rules.indexing import Indexed, indexed, texts_of
from hub.rules.searching import Audience, Step, kind_token, member_token
from hub.store.database import Row, Transaction, marks
from hub.store.scoping import within
from hub.store.unit import Store, Unit
from schemas.item import ITEM, ItemBase

_DAY: Final = 86_400_000_000  #: microseconds
_HASH_BITS, _SPAN_BITS = 20, 25
#: Days that an entry may have: from 1900 to the year 9999.
_DAYS: Final = range(-25_567, 2_932_896)
#: Members that are looked for by their tokens; a wider scope is compared with the rows that are found.
_NARROW: Final = 16
#: Rows that are written or looked up at once.
_BATCH: Final = 200


# --------------------------------------------------------------------------------------------------------- writing


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An entry to be written."""

    content_id: str
    revision: int
    title: str
    member: str
    kind: str
    audiences: frozenset[Audience]
    at: int  #: microseconds
    tokens: str
    packed: bytes  #: the same, compressed
    likeness: bytes | None  #: by what copies of it are found


async def added(unit: Unit, member: str, items: Sequence[tuple[UUID, int, ItemBase, bool, Indexed | None]]) -> None:
    """First editions of items of a member: content_id, revision, what it says, whether it is approved, and its entry
    where the child that read it has made that; none restricted. Found once `caught_up` was there.
    """
    if not items:
        return
    name = ""
    if any(made is None for *_, made in items):
        rows = await unit.tx.fetch("SELECT name FROM member WHERE code = ?", member)
        name = rows[0]["name"] if rows else ""
    await put(
        unit.tx,
        [
            _new(
                str(content_id), revision, made or indexed(item, member=member, member_name=name), member=member,
                kind=item.kind, first_seen=unit.at, is_public=is_public, is_office=True,
            )
            for content_id, revision, item, is_public, made in items
        ],
        waits=True,
    )  # fmt: skip


async def renewed(unit: Unit, content_ids: Sequence[UUID]) -> None:
    """Bring the entries of items to what their editions are now, whatever changed; gone is what has no text any more.

    To be called in the transaction of the change, after it.
    """
    for start in range(0, len(content_ids), _BATCH):
        ids = [str(each) for each in content_ids[start : start + _BATCH]]
        await _delete(unit.tx, ids)
        rows = await unit.tx.fetch(
            f"""
            SELECT * FROM (
                   SELECT i.content_id, i.member, coalesce(m.name, '') AS member_name, i.kind, i.first_seen,
                          e.revision, e.body,
                          CASE WHEN e.revision = i.approved_revision AND i.public_at IS NOT NULL AND i.state = 'live'
                               THEN 1 ELSE 0 END AS is_public,
                          CASE WHEN e.revision = (SELECT max(n.revision) FROM edition n
                                                   WHERE n.content_id = i.content_id AND n.body IS NOT NULL
                                                     AND n.restricted = 0) THEN 1 ELSE 0 END AS is_office
                     FROM item i
                     JOIN edition e ON e.content_id = i.content_id AND e.body IS NOT NULL AND e.restricted = 0
                     LEFT JOIN member m ON m.code = i.member
                    WHERE i.content_id IN ({marks(len(ids))})) AS editions
             WHERE is_public = 1 OR is_office = 1
            """,
            *ids,
        )
        await put(
            unit.tx,
            [
                _new(
                    row["content_id"], row["revision"],
                    indexed(ITEM.validate_json(row["body"]), member=row["member"], member_name=row["member_name"]),
                    member=row["member"], kind=row["kind"], first_seen=row["first_seen"],
                    is_public=bool(row["is_public"]), is_office=bool(row["is_office"]),
                )
                for row in rows
            ],
        )  # fmt: skip


#: Noted when items are forgotten, until what the index still says of them has left the files; each time another value.
_FORGOTTEN: Final = "search_forgotten"


async def forgotten(unit: Unit, content_ids: Sequence[UUID], *, had_text: bool = True) -> None:
    """Nobody finds these any more. After a purge, outside of its transaction, `scrub` makes it true of the files.

    Without `had_text` nothing of them can be in the files: they were forgotten before.
    """
    for start in range(0, len(content_ids), _BATCH):
        await _delete(unit.tx, [str(each) for each in content_ids[start : start + _BATCH]])
    if had_text:
        await unit.tx.execute(
            "INSERT INTO fact (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            _FORGOTTEN, secrets.token_hex(8),
        )  # fmt: skip


#: How far the rebuilding of the index has come: the last item that was written. Gone once it is finished.
_REINDEXED: Final = "search_reindexed"


async def reindexed(store: Store, batch: int, *, who: str) -> tuple[int, int, bool]:
    """Write the entries of the next items anew. Returns how many are done, of how many, and whether all are."""
    async with store.unit() as unit:
        rows = await unit.tx.fetch("SELECT value FROM fact WHERE key = ?", _REINDEXED)
        behind = rows[0]["value"] if rows else ""
        ids = await unit.tx.fetch(
            "SELECT content_id FROM item WHERE content_id > ? ORDER BY content_id LIMIT ?", behind, batch
        )
        await renewed(unit, [UUID(row["content_id"]) for row in ids])
        [counted] = await unit.tx.fetch(
            "SELECT count(*) AS items, coalesce(sum(CASE WHEN content_id <= ? THEN 1 ELSE 0 END), 0) AS done FROM item",
            ids[-1]["content_id"] if ids else "g",
        )
        if len(ids) == batch:
            await unit.tx.execute(
                "INSERT INTO fact (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                _REINDEXED, ids[-1]["content_id"],
            )  # fmt: skip
            return counted["done"], counted["items"], False
        await unit.tx.execute("DELETE FROM fact WHERE key = ?", _REINDEXED)
        unit.tell("search_reindexed", who=who, why={"items": counted["items"]})
        return counted["items"], counted["items"], True


def _new(
    content_id: str, revision: int, made: Indexed, *, member: str, kind: str, first_seen: int, is_public: bool,
    is_office: bool,
) -> NewEntry:  # fmt: skip
    audiences = frozenset([Audience.PUBLIC] * is_public + [Audience.OFFICE] * is_office)
    return NewEntry(
        content_id=content_id, revision=revision, title=made.title, member=member, kind=kind, audiences=audiences,
        at=first_seen if made.at is None else made.at, tokens=made.tokens, packed=made.packed, likeness=made.likeness,
    )  # fmt: skip


_INDEX: Final = "INSERT INTO search_index (rowid, tokens) VALUES (?, ?)"
#: The number of the edition that an entry is of; it takes its content_id and revision.
_EDITION: Final = "(SELECT d.id FROM edition d WHERE d.content_id = ? AND d.revision = ?)"


async def put(tx: Transaction, entries: Sequence[NewEntry], *, waits: bool = False) -> None:
    """Write entries that are not there, of editions that are.

    `waits`: their tokens come into FTS5 with the next `caught_up`. Each commit that has some makes a part of its index,
    and each sixteen parts are joined: with a commit for an item or two that took two thirds of what SQLite took.
    """
    if not entries:
        return
    # The newest first: FTS5 writes what it has to the disk whenever its numbers go back.
    numbered = sorted(zip(await _numbers(tx, entries), entries, strict=True), key=lambda one: -one[0])
    named = "id, content_id, revision, edition, audiences, member, kind, at, title"
    places = f"?, ?, ?, {_EDITION}, ?, ?, ?, ?, ?"
    values = [
        (number, *(e.content_id, e.revision) * 2, " ".join(sorted(e.audiences)), e.member, e.kind, e.at, e.title)
        for number, e in numbered
    ]
    if tx.dialect == "sqlite":
        await tx.execute_many(
            "INSERT INTO search_tokens (likeness, tokens) VALUES (?, ?)", [(e.likeness, e.packed) for _, e in numbered]
        )
        # Nobody writes in between: those rows are the last ones. To be told their numbers costs a wake of the thread.
        await tx.execute_many(
            f"INSERT INTO search_entry ({named}, tokens)"
            f" VALUES ({places}, (SELECT max(t.id) FROM search_tokens t) - ?)",
            [(*value, len(values) - place) for place, value in enumerate(values, 1)],
        )
        if waits:
            waiting = [(number,) for number, _ in numbered]
            await tx.execute_many("INSERT INTO search_waiting (entry) VALUES (?)", waiting)
        else:
            await tx.execute_at_commit(_INDEX, [(-number, e.tokens) for number, e in numbered])
    else:
        await tx.execute_many(
            f"INSERT INTO search_entry ({named}, likeness, tokens)"
            f" VALUES ({places}, ?, CAST(CAST(? AS TEXT) AS TSVECTOR))",
            [
                (*value, e.likeness, _in_span(number >> _SPAN_BITS, e.tokens))
                for value, (number, e) in zip(values, numbered, strict=True)
            ],
        )


def _in_span(span: int, tokens: str) -> str:
    """Tokens as PostgreSQL has them: `649/thu`, each in quotes."""
    return f"'{span}/" + tokens.replace(" ", f"' '{span}/") + "'"


async def caught_up(store: Store) -> None:
    """Let everything that was added be found.

    The schedule role does it each second, and whoever works without one when it ends. What waits is written in the
    transaction of its item, so a process that dies leaves it to the next.
    """
    while store.database.dialect == "sqlite" and await store.fetch("SELECT entry FROM search_waiting LIMIT 1"):
        async with store.database.transaction() as tx:
            waited = await tx.fetch(
                "DELETE FROM search_waiting WHERE entry IN (SELECT entry FROM search_waiting ORDER BY entry LIMIT ?)"
                " RETURNING entry",
                _BATCH,
            )
            rows = await tx.fetch(
                "SELECT e.id, t.tokens FROM search_entry e JOIN search_tokens t ON t.id = e.tokens"
                f" WHERE e.id IN ({marks(len(waited))})",
                *(row["entry"] for row in waited),
            )
            await tx.execute_at_commit(_INDEX, [(-row["id"], unpack(row["tokens"]).decode()) for row in rows])


async def likenesses(tx: Transaction, content_ids: Sequence[str]) -> dict[tuple[str, int], bytes]:
    """By what copies of these items are found, by content_id and revision; of entries that have it."""
    apart = " JOIN search_tokens t ON t.id = s.tokens" if tx.dialect == "sqlite" else ""
    rows = await tx.fetch(
        f"SELECT s.content_id, s.revision, likeness FROM edition d JOIN search_entry s ON s.edition = d.id{apart}"
        f" WHERE d.content_id IN ({marks(len(content_ids))}) AND likeness IS NOT NULL",
        *content_ids,
    )
    return {(row["content_id"], row["revision"]): bytes(row["likeness"]) for row in rows}


async def _numbers(tx: Transaction, entries: Sequence[NewEntry]) -> list[int]:
    """A number for each entry: its day and a hash of its name; another hash where that number is taken."""
    numbers = [0] * len(entries)
    open_places, taken, attempt = list(range(len(entries))), set[int](), 0
    while open_places:
        for place in open_places:
            numbers[place] = _number(entries[place], attempt)
        wanted = [numbers[place] for place in open_places]
        for start in range(0, len(wanted), _BATCH):
            part = wanted[start : start + _BATCH]
            rows = await tx.fetch(f"SELECT id FROM search_entry WHERE id IN ({marks(len(part))})", *part)
            taken.update(row["id"] for row in rows)
        still = []
        for place in open_places:
            if numbers[place] in taken:
                still.append(place)
            taken.add(numbers[place])
        open_places, attempt = still, attempt + 1
    return numbers


def _number(new: NewEntry, attempt: int) -> int:
    day = min(max(new.at // _DAY, _DAYS.start), _DAYS.stop)
    name = f"{new.content_id}:{new.revision}:{attempt}".encode()
    return day << _HASH_BITS | int.from_bytes(hashlib.sha256(name).digest()[:4]) >> 32 - _HASH_BITS


async def _delete(tx: Transaction, content_ids: Sequence[str]) -> None:
    where = f"edition IN (SELECT id FROM edition WHERE content_id IN ({marks(len(content_ids))}))"
    if tx.dialect == "sqlite":
        rows = await tx.fetch(
            "SELECT e.id, t.id AS kept, t.tokens, w.entry AS waiting FROM search_entry e"
            " JOIN search_tokens t ON t.id = e.tokens LEFT JOIN search_waiting w ON w.entry = e.id"
            f" WHERE e.{where} ORDER BY e.id DESC",
            *content_ids,
        )
        if not rows:
            return
        # FTS5 believes whoever says what it has: to forget what never came would damage it.
        await tx.execute_at_commit(
            "INSERT INTO search_index (rowid, search_index, tokens) VALUES (?, 'delete', ?)",
            [(-row["id"], unpack(row["tokens"]).decode()) for row in rows if row["waiting"] is None],
        )
        await tx.execute_many(
            "DELETE FROM search_waiting WHERE entry = ?",
            [(row["waiting"],) for row in rows if row["waiting"] is not None],
        )
        await tx.execute_many("DELETE FROM search_tokens WHERE id = ?", [(row["kept"],) for row in rows])
    await tx.execute(f"DELETE FROM search_entry WHERE {where}", *content_ids)


async def scrub(store: Store) -> None:
    """After a purge, outside of transactions: what was forgotten leaves the files too, not only the answers.

    Minutes for a large index; searches go on meanwhile. Nothing to do when nothing was forgotten since the last time.
    """
    noted = await store.fetch("SELECT value FROM fact WHERE key = ?", _FORGOTTEN)
    if not noted:
        return
    if store.database.dialect == "sqlite":
        # Until then the older part of an FTS5 index still names what a newer part says to be gone.
        await _join(store, -_PAGES)
    await store.database.scrub("search_entry")
    async with store.unit() as unit:
        await unit.tx.execute("DELETE FROM fact WHERE key = ? AND value = ?", _FORGOTTEN, noted[0]["value"])


#: Pages of the index that are written in one transaction while its parts are joined: others want to write too.
_PAGES: Final = 500


async def joined(store: Store, *, steps: int) -> bool:
    """Join parts of the index that came since the last time, for a search asks each. Whether nothing is left to join.

    A step writes some two megabytes.
    """
    return store.database.dialect != "sqlite" or await _join(store, _PAGES, steps)


async def _join(store: Store, pages: int, steps: int | None = None) -> bool:
    """Negative `pages`: all parts, however few; else those of which FTS5 has two of a size."""
    for _ in count() if steps is None else range(steps):
        async with store.database.transaction() as tx:
            [before] = await tx.fetch("SELECT total_changes() AS n")
            await tx.execute("INSERT INTO search_index (search_index, rank) VALUES ('merge', ?)", pages)
            [after] = await tx.fetch("SELECT total_changes() AS n")
        if after["n"] - before["n"] < 2:
            return True
        pages = _PAGES
    return False


# ---------------------------------------------------------------------------------------------------------- asking


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Which part of everything is searched."""

    audience: Audience
    scope: Scope = EVERYWHERE
    member: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None  #: not itself


async def found(
    store: Store, step: Step, limits: Limits, *, cap: int, among: Sequence[int] | None = None
) -> list[Row]:  # fmt: skip
    """The newest entries of one lookup, at most `cap`: id, content_id, revision, member, kind, at, title.

    `among`: no others than these can be found; it is only told to be faster.
    """
    groups = list(step.groups)
    # A condition on the row, which is read anyway: nearly every entry has it, and its list is the longest of all.
    where, values = " AND e.audiences IN (?, ?)", list[Any]([limits.audience, _BOTH])
    if limits.member:
        groups.append((member_token(limits.member),))
    if limits.kind:
        groups.append((kind_token(limits.kind),))
    if limits.scope.members is not None and len(limits.scope.members) <= _NARROW:
        groups.append(tuple(member_token(code) for code in sorted(limits.scope.members)) or ("@none",))
    elif limits.scope.members is not None:
        condition, members = within(limits.scope, "e.member")
        where, values = f"{where} AND {condition}", [*values, *members]
    lowest, highest = -(1 << 62), 1 << 62
    if limits.since is not None:
        at = _micros(limits.since)
        lowest, where, values = at // _DAY << _HASH_BITS, f"{where} AND e.at >= ?", [*values, at]
    if limits.until is not None:
        at = _micros(limits.until)
        highest, where, values = (at // _DAY + 1) << _HASH_BITS, f"{where} AND e.at < ?", [*values, at]
    if among:
        lowest, highest = max(lowest, min(among)), min(highest, max(among) + 1)
    if store.database.dialect == "sqlite":
        return await store.fetch(_SQLITE.format(where=where), _fts5(step, groups), -highest, -lowest, *values, cap)
    spans, bounds = (_SPANS, [highest, lowest]) if among is None else (_THESE_SPANS, [_spans(among)])
    return await store.fetch(
        _POSTGRES.format(spans=spans, where=where), *bounds, _tsquery(step, groups), lowest, highest, *values, cap, cap
    )


def _spans(ids: Sequence[int]) -> list[int]:
    return sorted({number >> _SPAN_BITS for number in ids}, reverse=True)


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)


#: What an entry for everybody says of its audiences.
_BOTH: Final = " ".join(sorted(Audience))
_COLUMNS = "e.id, e.content_id, e.revision, e.member, e.kind, e.at, e.title"
# CROSS JOIN: the index comes first, in its own order.
_SQLITE = f"""
    SELECT {_COLUMNS} FROM search_index CROSS JOIN search_entry e ON e.id = -search_index.rowid
     WHERE search_index MATCH ? AND search_index.rowid > ? AND search_index.rowid <= ?{{where}}
     ORDER BY search_index.rowid LIMIT ?"""
_SPANS = f"""
        SELECT max(e.id) >> {_SPAN_BITS} FROM search_entry e WHERE e.id < CAST(? AS BIGINT)
         UNION ALL
        SELECT (SELECT max(e.id) >> {_SPAN_BITS} FROM search_entry e
                 WHERE e.id < span.number << {_SPAN_BITS} AND e.id >= CAST(? AS BIGINT))
          FROM span WHERE span.number IS NOT NULL"""
_THESE_SPANS = "SELECT unnest(CAST(? AS BIGINT[]))"
# Span after span, the newest first, as they come; the outer LIMIT ends it. `e.id + 0` keeps the planner from reading
# the key where it shall ask the index.
_POSTGRES = f"""
    WITH RECURSIVE span (number) AS ({{spans}})
    SELECT f.* FROM span CROSS JOIN LATERAL (
           SELECT {_COLUMNS} FROM search_entry e
            WHERE e.tokens @@ CAST(replace(CAST(? AS TEXT), '*', CAST(span.number AS TEXT)) AS TSQUERY)
              AND e.id + 0 >= CAST(? AS BIGINT) AND e.id + 0 < CAST(? AS BIGINT){{where}}
            ORDER BY e.id + 0 DESC LIMIT CAST(? AS INTEGER)) f
     WHERE span.number IS NOT NULL LIMIT CAST(? AS INTEGER)"""


def _fts5(step: Step, groups: Sequence[Sequence[str]]) -> str:
    wanted = " AND ".join(_either(" OR ", group, '"{}"') for group in groups)
    unwanted = " OR ".join(_either(" AND ", each, '"{}"') for each in step.excluded)
    return f"({wanted}) NOT ({unwanted})" if unwanted else wanted


def _tsquery(step: Step, groups: Sequence[Sequence[str]]) -> str:
    wanted = [_either(" | ", group, "'*/{}'") for group in groups]
    return " & ".join([*wanted, *("!" + _either(" & ", each, "'*/{}'") for each in step.excluded)])


def _either(between: str, tokens: Sequence[str], written: str) -> str:
    return f"({between.join(written.format(token) for token in tokens)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is shown of an entry, and ranked by."""

    text: str
    url: str
    state: str  #: of the edition: approved, held …; withdrawn when the item is
    member_name: str


async def shown(store: Store, ids: Sequence[int]) -> dict[int, Shown]:
    """The texts of entries, by their ids; an entry that was forgotten meanwhile is missing."""
    found: dict[int, Shown] = {}
    for start in range(0, len(ids), _BATCH):
        part = ids[start : start + _BATCH]
        rows = await store.fetch(
            f"""
            SELECT s.id, e.body, e.state, i.state AS item_state, coalesce(m.name, '') AS member_name
              FROM search_entry s
              JOIN edition e ON e.id = s.edition
              JOIN item i ON i.content_id = s.content_id
              LEFT JOIN member m ON m.code = i.member
             WHERE s.id IN ({marks(len(part))}) AND e.body IS NOT NULL
            """,
            *part,
        )
        for row in rows:
            body = orjson.loads(row["body"])
            found[row["id"]] = Shown(
                text=" · ".join(texts_of(body)),
                url=body.get("url") or "",
                member_name=row["member_name"],
                state="withdrawn" if row["item_state"] == "withdrawn" else row["state"],
            )
    return found
