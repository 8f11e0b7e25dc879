"""The rows by which items are counted: one for each, renewed whenever an event speaks of it.

    editions ──told by events──> sealed in one order ──catch_up──> tally, and the cursor, in one transaction

Whoever dies before the commit has moved neither; two who catch up wait for each other at the cursor. A row says how an
item counts now, however many events there were, so reading an event twice changes nothing (docs/adr/039).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from hub.rules.categories import Categories
from hub.rules.stories import Likeness, Names, credited, likeness
from hub.rules.tallies import bare, day_number, day_of, said
from hub.store import searching, stories
from hub.store.database import Row, Transaction, marks
from hub.store.instants import maybe_micros, moment
from hub.store.states import TallyState
from hub.store.unit import Store, Unit
from schemas.item import ITEM

#: Fact of the database: the last sealed event that was counted.
CURSOR: Final = "counted_events"
#: Fact of the database: how many times everything was counted anew.
RECOUNTS: Final = "recounts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How items are counted."""

    zone: ZoneInfo
    categories: Categories
    of_source: Mapping[str, str]  #: code of the category that the settings give a source


async def behind(store: Store) -> bool:
    """Whether sealed events wait to be counted."""
    rows = await store.fetch("SELECT value FROM fact WHERE key = ?", CURSOR)
    counted = int(rows[0]["value"]) if rows else 0
    return bool(await store.fetch("SELECT 1 AS one FROM event WHERE sequence > ? LIMIT 1", counted))


async def alone(unit: Unit) -> int:
    """Whoever else counts waits until this unit ends. Returns the cursor."""
    await unit.tx.execute("INSERT INTO fact (key, value) VALUES (?, '0') ON CONFLICT (key) DO NOTHING", CURSOR)
    [cursor] = await unit.tx.fetch("UPDATE fact SET value = value WHERE key = ? RETURNING value", CURSOR)
    return int(cursor["value"])


async def next_events(unit: Unit, limit: int) -> list[Row]:
    """Take the next sealed events, alone; the cursor moves behind them."""
    cursor = await alone(unit)
    events = await unit.tx.fetch(
        "SELECT sequence, at, what, content_id, source, destination, why FROM event WHERE sequence > ?"
        " ORDER BY sequence LIMIT ?",
        cursor, limit,
    )  # fmt: skip
    if events:
        await unit.tx.execute("UPDATE fact SET value = ? WHERE key = ?", str(events[-1]["sequence"]), CURSOR)
    return events


async def emptied(unit: Unit) -> None:
    """Begin anew: nothing is counted, and the account is read from its first event."""
    await unit.tx.execute("DELETE FROM tally")
    await unit.tx.execute(
        "INSERT INTO fact (key, value) VALUES (?, '0') ON CONFLICT (key) DO UPDATE SET value = '0'", CURSOR
    )
    await unit.tx.execute(
        "INSERT INTO fact (key, value) VALUES (?, '1') ON CONFLICT (key)"
        " DO UPDATE SET value = CAST(CAST(fact.value AS BIGINT) + 1 AS TEXT)",
        RECOUNTS,
    )


async def recounts(store: Store) -> int:
    """How many times everything was counted anew: who read numbers while it changed has read parts of them."""
    rows = await store.fetch("SELECT value FROM fact WHERE key = ?", RECOUNTS)
    return int(rows[0]["value"]) if rows else 0


async def forgotten(unit: Unit, content_ids: Sequence[UUID]) -> None:
    """What was counted of these is gone with their texts; the next event of one counts what is left: that it came.

    Reports that were made go on counting them, and no longer say who wrote them.
    """
    ids = list(map(str, content_ids))
    chosen = f"content_id IN ({marks(len(ids))})"
    await stories.dissolved(unit.tx, ids)
    await unit.tx.execute(f"DELETE FROM tally WHERE {chosen}", *ids)
    lines = await unit.tx.fetch(f"SELECT id, line FROM report_item WHERE {chosen}", *ids)
    await unit.tx.execute_many(
        "UPDATE report_item SET line = ? WHERE id = ?",
        [(orjson.dumps(orjson.loads(row["line"]) | {"author": ""}).decode(), row["id"]) for row in lines],
    )


async def renewed(unit: Unit, content_ids: Sequence[str], manner: Manner) -> None:
    """Write how these items count now; ids that are no item's are passed over."""
    tx, chosen = unit.tx, f"({marks(len(content_ids))})"
    items = await tx.fetch(
        "SELECT content_id, source, member, kind, revision, approved_revision, state, first_seen, public_at FROM item"
        f" WHERE content_id IN {chosen}",
        *content_ids,
    )
    held = await tx.fetch(f"SELECT * FROM tally WHERE content_id IN {chosen}", *content_ids)
    names = Names.of(
        (row["code"], row["name"], row["home"]) for row in await tx.fetch("SELECT code, name, home FROM member")
    )
    made = await searching.likenesses(tx, content_ids)
    editions: dict[str, list[Row]] = {row["content_id"]: [] for row in items}
    for row in await tx.fetch(
        "SELECT content_id, revision, state, restricted, decided_at, body FROM edition"
        f" WHERE content_id IN {chosen} AND withdrawal IS NULL ORDER BY content_id, revision",
        *content_ids,
    ):
        if row["content_id"] in editions:  # an item that came to be just now has an event of its own to be counted by
            row["likeness"] = made.get((row["content_id"], row["revision"]))
            editions[row["content_id"]].append(row)
    before = {row["content_id"]: tuple(row[column] for column in _COLUMNS) for row in held}
    counted = [_counted(row, editions[row["content_id"]], manner, names) for row in items]
    changed = [row for row in counted if row != before.get(row[0])]
    await stories.dissolved(tx, [row[0] for row in changed if row[0] in before])
    await _put(tx, changed)


def _counted(item: Row, editions: Sequence[Row], manner: Manner, names: Names) -> tuple[Any, ...]:
    state = _state(item, editions)
    speaker = _speaker(item, editions, state)
    of_source = manner.of_source.get(item["source"], "")
    if speaker is None:
        says = bare(item["kind"], manner.categories, of_source=of_source)
    else:
        says = said(orjson.loads(speaker["body"]), manner.categories, of_source=of_source)
    is_secret = speaker is None or bool(speaker["restricted"])
    # Only what the public reads is a copy or an origin; of what waits or is gone no likeness is kept.
    like = None
    if speaker is not None and state is TallyState.PUBLIC and not is_secret:
        like = _like(speaker, names)
    decided = [one["decided_at"] for one in editions if one["state"] in ("approved", "superseded")]
    # An edition is on the hub's own pages and feeds from the moment of its approval.
    approved = min((at for at in decided if at is not None), default=None)
    return (
        item["content_id"], item["source"], item["member"], item["kind"], says.category, state,
        day_of(says.published or moment(item["first_seen"]), manner.zone), int(says.published is not None),
        None if says.issued is None else day_number(says.issued), "" if is_secret else says.author,
        says.photos, says.files, maybe_micros(says.published), item["first_seen"], approved,
        approved if item["public_at"] is not None else None, like,
    )  # fmt: skip


def _like(speaker: Row, names: Names) -> bytes | None:
    """By what copies are found: as the index of the search has it, and whom the text names as its source."""
    kept = speaker["likeness"]
    if not kept or not Likeness.is_current(kept):
        made = likeness(ITEM.validate_json(speaker["body"]))
        kept = None if made is None else made.to_bytes()
    return None if kept is None else credited(kept, names)


def _state(item: Row, editions: Sequence[Row]) -> TallyState:
    if item["state"] == "live" and item["approved_revision"] > 0:
        return TallyState.PUBLIC
    if any(one["state"] == "held" and one["revision"] > item["approved_revision"] for one in editions):
        return TallyState.HELD
    return TallyState.WITHDRAWN if item["state"] == "withdrawn" else TallyState.REJECTED


def _speaker(item: Row, editions: Sequence[Row], state: TallyState) -> Row | None:
    """The edition by which an item counts: what is public, was, or waits; None when no text is kept of it."""
    kept = [one for one in editions if one["body"] is not None]
    if state is TallyState.PUBLIC:
        return next((one for one in kept if one["revision"] == item["approved_revision"]), None)
    if state is TallyState.WITHDRAWN:
        kept = [one for one in kept if one["decided_at"] is not None and one["state"] == "superseded"] or kept
    return kept[-1] if kept else None


_COLUMNS: Final = (
    "content_id", "source", "member", "kind", "category", "state", "day", "dated", "issued", "author", "photos",
    "files", "published", "first_seen", "approved_at", "first_public",
    "likeness",
)  # fmt: skip
_RENEW: Final = (
    f"INSERT INTO tally ({', '.join(_COLUMNS)}) VALUES ({marks(len(_COLUMNS))}) ON CONFLICT (content_id) DO UPDATE SET "
    + "story = '', "
    + ", ".join(f"{column} = excluded.{column}" for column in _COLUMNS[1:])
)


async def _put(tx: Transaction, rows: Sequence[tuple[Any, ...]]) -> None:
    # In one order, so that two who write the same rows cannot wait for each other.
    await tx.execute_many(_RENEW, sorted(rows, key=lambda row: row[0]))
