"""The order of public changes: a number for each, given after the commit, so that no reader ever skips one.

    a unit makes an item public, corrects or withdraws it      item.change_number = NULL
    place()   one at a time, by the lock on the counter         item.change_number = 1, 2, 3 …
    since()   whoever has read up to n reads n + 1 onwards      numbers commit in their order

Times and sequences are taken before the commit, and two transactions may commit the other way round: a reader behind
both would never see the first. So a change gets its number from whoever looks for changes next, in a transaction of
its own. An item that changes again loses its number and gets a later one: it stands in the order once, as it is now,
and a text that was withdrawn stands in no earlier place of it (docs/adr/038).
"""

from dataclasses import dataclass
from uuid import uuid4

from hub.store.publishing import PublicEdition, entry
from hub.store.unit import Store

#: Changes that get their numbers in one transaction.
BATCH = 500
#: Facts of the database: how many numbers were given; the name of this database.
_COUNTER, _EPOCH = "public_changes", "epoch"

_UNPLACED = "change_number IS NULL AND public_at IS NOT NULL"  # names the partial index


@dataclass(frozen=True, slots=True)
class Change:
    """A public item or its withdrawal, at its place in the order."""

    number: int
    entry: PublicEdition


async def place(store: Store, *, limit: int = BATCH) -> int:
    """Number up to `limit` committed changes that have none yet, oldest first. Returns how many."""
    if not await store.fetch(f"SELECT 1 AS one FROM item WHERE {_UNPLACED} LIMIT 1"):
        return 0
    async with store.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO fact (key, value) VALUES (?, '0') ON CONFLICT (key) DO NOTHING", _COUNTER
        )  # fmt: skip
        # The lock on the counter comes first and is held until the commit: numbers appear in their order.
        [counter] = await tx.fetch("UPDATE fact SET value = value WHERE key = ? RETURNING value", _COUNTER)
        # An item that somebody is changing right now is passed over; it is numbered when that is committed.
        rows = await tx.fetch(
            f"SELECT content_id FROM item WHERE {_UNPLACED} ORDER BY public_at, content_id"
            f" LIMIT ?{store.database.skip_locked}",
            limit,
        )
        first = int(counter["value"]) + 1
        await tx.execute_many(
            "UPDATE item SET change_number = ? WHERE content_id = ?",
            [(number, row["content_id"]) for number, row in enumerate(rows, first)],
        )
        await tx.execute("UPDATE fact SET value = ? WHERE key = ?", str(first + len(rows) - 1), _COUNTER)
    return len(rows)


async def head(store: Store) -> int:
    """The last number that was given; 0 before the first."""
    rows = await store.fetch("SELECT value FROM fact WHERE key = ?", _COUNTER)
    return int(rows[0]["value"]) if rows else 0


async def since(store: Store, number: int, *, limit: int, kind: str = "", member: str = "") -> list[Change]:
    """Up to `limit` changes behind this number, in their order; of one kind, of one member."""
    where, args = "", list[str]()
    for column, value in (("i.kind", kind), ("i.member", member)):
        if value:
            where += f" AND {column} = ?"
            args.append(value)
    rows = await store.fetch(
        f"""
        SELECT e.content_id, e.revision, e.update_type, e.body, e.withdrawal, i.member, m.name AS member_name, i.source,
               i.public_at, i.public_at AS place, i.change_number
          FROM item i
          JOIN edition e ON e.content_id = i.content_id AND e.revision = i.approved_revision
          LEFT JOIN member m ON m.code = i.member
         WHERE i.change_number > ? AND i.public_at IS NOT NULL{where} ORDER BY i.change_number LIMIT ?
        """,
        number, *args, limit,
    )  # fmt: skip
    return [Change(row["change_number"], entry(row)) for row in rows]


async def epoch(store: Store) -> str:
    """The name of this database, given once: what was counted in another one means nothing here."""
    if not (name := await known_epoch(store)):
        async with store.unit() as unit:
            await unit.tx.execute(
                "INSERT INTO fact (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING", _EPOCH, uuid4().hex
            )
        name = await known_epoch(store)
    return name


async def known_epoch(store: Store) -> str:
    """The same, for who may not write: empty while it was not given."""
    rows = await store.fetch("SELECT value FROM fact WHERE key = ?", _EPOCH)
    return str(rows[0]["value"]) if rows else ""
