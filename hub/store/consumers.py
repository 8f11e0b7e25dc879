"""Consumers of the API: programs with a key, what they may do, and how much they ask for.

A key is 256 random bits, shown once. The row knows its SHA-256 only: a copy of the database reads nothing.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from hub.rules.access import Grant, Role
from hub.store.database import Row
from hub.store.instants import maybe_moment, moment
from hub.store.people import digest
from hub.store.unit import Store, Unit

#: What a key looks like, and how much of it is kept to tell it from others.
KEY: Final = re.compile(r"hub_[A-Za-z0-9_-]{43}")
_HINT: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """A program with a key."""

    id: int
    name: str
    hint: str  #: how the key begins
    grants: tuple[Grant, ...]
    member: str  #: whose items it may send; empty: nobody's
    per_minute: int
    state: str  #: active, ended
    created_by: str
    created_at: datetime
    ended_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Use:
    """What was asked for in some time."""

    calls: int
    refused: int
    bytes: int


async def add(
    unit: Unit, *, name: str, grants: Sequence[Grant], member: str, per_minute: int, by: str
) -> str | None:  # fmt: skip
    """A new consumer. Returns its key, which nothing else knows; None when the name is taken."""
    key = f"hub_{secrets.token_urlsafe(32)}"
    rows = await unit.tx.fetch(
        "INSERT INTO consumer (name, key_sha256, hint, grants, member, per_minute, state, created_by, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, 'active', ?, ?) ON CONFLICT (name) DO NOTHING RETURNING id",
        name, digest(key), key[:_HINT], orjson.dumps([[g.role, g.member] for g in grants]).decode(), member,
        per_minute, by, unit.at,
    )  # fmt: skip
    if not rows:
        return None
    unit.tell(
        "key_added", who=by,
        why={"name": name, "grants": [[g.role, g.member] for g in grants], "member": member},
    )  # fmt: skip
    return key


async def end(unit: Unit, name: str, *, by: str) -> bool:
    """The key of this consumer is worth nothing from now on. False when there is no active one of this name."""
    ended = await unit.tx.execute(
        "UPDATE consumer SET state = 'ended', ended_by = ?, ended_at = ? WHERE name = ? AND state = 'active'",
        by, unit.at, name,
    )  # fmt: skip
    if ended:
        unit.tell("key_ended", who=by, why={"name": name})
    return bool(ended)


async def with_key(store: Store, key: str) -> Consumer | None:
    """Whose key this is; None when it is nobody's, or was ended."""
    if not KEY.fullmatch(key):
        return None
    rows = await store.fetch("SELECT * FROM consumer WHERE key_sha256 = ? AND state = 'active'", digest(key))
    return _consumer(rows[0]) if rows else None


async def listed(store: Store) -> list[Consumer]:
    """All consumers: active ones first, by name."""
    rows = await store.fetch("SELECT * FROM consumer ORDER BY state, name")
    return [_consumer(row) for row in rows]


async def use(store: Store, *, since: str) -> dict[int, Use]:
    """What each consumer asked for since this day (ISO); consumer 0 is everybody without a key."""
    rows = await store.fetch(
        "SELECT consumer, CAST(sum(calls) AS BIGINT) AS calls, CAST(sum(refused) AS BIGINT) AS refused,"
        " CAST(sum(bytes) AS BIGINT) AS bytes FROM consumer_use WHERE day >= ? GROUP BY consumer",
        since,
    )
    return {row["consumer"]: Use(row["calls"], row["refused"], row["bytes"]) for row in rows}


async def used(unit: Unit, counts: Mapping[tuple[int, str], Use]) -> None:
    """Add what was asked for since the last time, by consumer and day."""
    await unit.tx.execute_many(
        "INSERT INTO consumer_use (consumer, day, calls, refused, bytes) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (consumer, day) DO UPDATE SET calls = consumer_use.calls + excluded.calls,"
        " refused = consumer_use.refused + excluded.refused, bytes = consumer_use.bytes + excluded.bytes",
        [(consumer, day, u.calls, u.refused, u.bytes) for (consumer, day), u in sorted(counts.items())],
    )
    await unit.tx.execute_many(
        "UPDATE consumer SET used_at = ? WHERE id = ?",
        [(unit.at, consumer) for consumer in sorted({consumer for consumer, _ in counts if consumer})],
    )  # fmt: skip


def _consumer(row: Row) -> Consumer:
    return Consumer(
        id=row["id"], name=row["name"], hint=row["hint"],
        grants=tuple(Grant(Role(role), member) for role, member in orjson.loads(row["grants"])),
        member=row["member"], per_minute=row["per_minute"], state=row["state"], created_by=row["created_by"],
        created_at=moment(row["created_at"]), ended_at=maybe_moment(row["ended_at"]),
        used_at=maybe_moment(row["used_at"]),
    )  # fmt: skip
