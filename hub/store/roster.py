"""Brings members, sources and destinations of the settings into the database, and frees what a dead process left."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from hub.broker.base import HARVEST
from hub.store import reconciling, walks
from hub.store.unit import ENGINE, Store, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """An organisation as the settings have it."""

    code: str
    name: str
    kind: str
    parent: str
    home: str
    valid_from: str
    valid_until: str
    successors: Sequence[str]
    duties: Sequence[str] = ()  #: kinds of items that it has to publish


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A source as the settings have it."""

    name: str
    member: str
    connector: str
    kind: str
    url: str
    host: str
    review: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationRow:
    """A destination as the settings have it."""

    name: str
    connector: str


async def settle_in(
    store: Store, members: Sequence[MemberRow], sources: Sequence[SourceRow], destinations: Sequence[DestinationRow]
) -> None:
    """Make the roster what the settings say. What is no longer there is marked removed; its history stays.

    A source whose address or connector changed forgets its cursor and fingerprints, so that the next poll reads
    everything; identity keeps its items from doubling. Whoever is paused or blocked stays so.
    """
    async with store.unit() as unit:
        await unit.tx.execute_many(
            "INSERT INTO member (code, name, kind, parent, home, valid_from, valid_until, successors, duties)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (code) DO UPDATE SET name = excluded.name,"
            " kind = excluded.kind, parent = excluded.parent, home = excluded.home, valid_from = excluded.valid_from,"
            " valid_until = excluded.valid_until, successors = excluded.successors, duties = excluded.duties",
            [
                (m.code, m.name, m.kind, m.parent, m.home, m.valid_from, m.valid_until,
                 orjson.dumps(list(m.successors)).decode(), orjson.dumps(list(m.duties)).decode())
                for m in members
            ],
        )  # fmt: skip
        await _release(unit, [member.code for member in members])
        await _sources(unit, sources)
        await _destinations(unit, destinations)


async def _release(unit: Unit, kept: Sequence[str]) -> None:
    """Who is not in the settings any more has no duties; the row stays, for the names of its items."""
    for row in await unit.tx.fetch("SELECT code FROM member WHERE duties <> '[]'"):
        if row["code"] not in set(kept):
            await unit.tx.execute("UPDATE member SET duties = '[]' WHERE code = ?", row["code"])


async def _sources(unit: Unit, sources: Sequence[SourceRow]) -> None:
    for name in await _write(unit, sources):
        unit.tell("source_returned", source=name)
    await _mark_removed(unit, "source", [s.name for s in sources])


async def source_added(unit: Unit, source: SourceRow, *, who: str, why: str) -> None:
    """A person added a source: it is asked at once. One of this name that was removed comes back."""
    await _write(unit, [source])
    unit.tell("source_added", who=who, source=source.name, why={"url": source.url, "why": why})
    unit.ring(HARVEST, source.name)


async def source_removed(unit: Unit, name: str, *, who: str, why: str) -> bool:
    """A person removed a source: it is not asked any more, its history stays. False when there is none."""
    removed = await unit.tx.execute("UPDATE source SET state = 'removed' WHERE name = ? AND state <> 'removed'", name)
    if removed:
        unit.tell("source_removed", who=who, source=name, why={"why": why})
    return bool(removed)


async def _write(unit: Unit, sources: Sequence[SourceRow]) -> list[str]:
    """Write their rows. Returns those that were removed and come back: without the fault of long ago."""
    names = {source.name for source in sources}
    gone = await unit.tx.fetch("SELECT name FROM source WHERE state = 'removed' ORDER BY name")
    returned = [row["name"] for row in gone if row["name"] in names]
    for source in sources:
        await walks.forget_moved(unit, source.name, url=source.url, connector=source.connector)
    moved = "source.url <> excluded.url OR source.connector <> excluded.connector"
    await unit.tx.execute_many(
        f"""
        INSERT INTO source (name, member, connector, kind, url, host, review, state, cursor, known, body_sha256,
                            identity, churns, failures, fault_code, fault_stage, fault_side, fault_sentence,
                            rhythm_reason, attempts, due_at, lease_token)
        VALUES (?, ?, ?, ?, ?, ?, ?, 'active', '{{}}', ?, '', 'guid', 0, 0, '', '', '', '', 'new', 0, ?, '')
        ON CONFLICT (name) DO UPDATE SET
          cursor = CASE WHEN {moved} THEN '{{}}' ELSE source.cursor END,
          known = CASE WHEN {moved} THEN excluded.known ELSE source.known END,
          body_sha256 = CASE WHEN {moved} THEN '' ELSE source.body_sha256 END,
          due_at = CASE WHEN {moved} OR source.state = 'removed' THEN excluded.due_at ELSE source.due_at END,
          state = CASE WHEN source.state = 'removed' THEN 'active' ELSE source.state END,
          member = excluded.member, connector = excluded.connector, kind = excluded.kind, url = excluded.url,
          host = excluded.host, review = excluded.review
        """,
        [(s.name, s.member, s.connector, s.kind, s.url, s.host, s.review, b"", unit.at) for s in sources],
    )
    await unit.tx.execute_many(
        "UPDATE source SET failures = 0, fault_code = '', fault_stage = '', fault_side = '', fault_sentence = '',"
        " fault_since = NULL WHERE name = ?",
        [(name,) for name in returned],
    )
    return returned


async def _destinations(unit: Unit, destinations: Sequence[DestinationRow]) -> None:
    await unit.tx.execute_many(
        "INSERT INTO destination (name, connector, state, next_slot, failures, fault_code, fault_sentence)"
        " VALUES (?, ?, 'active', 0, 0, '', '') ON CONFLICT (name) DO UPDATE SET connector = excluded.connector,"
        " state = CASE WHEN destination.state = 'removed' THEN 'active' ELSE destination.state END",
        [(d.name, d.connector) for d in destinations],
    )
    await _mark_removed(unit, "destination", [d.name for d in destinations])


async def _mark_removed(unit: Unit, table: str, kept: Sequence[str]) -> None:
    for row in await unit.tx.fetch(f"SELECT name FROM {table} WHERE state <> 'removed'"):
        if row["name"] not in set(kept):
            await unit.tx.execute(f"UPDATE {table} SET state = 'removed' WHERE name = ?", row["name"])
            unit.tell(f"{table}_removed", **{table: row["name"]})
            if table == "destination":  # what was read would be old when the destination comes back
                await reconciling.stop(unit, row["name"], who=ENGINE)


async def member_name(store: Store, code: str) -> str:
    """What a member is called; empty for one that is not in the roster."""
    rows = await store.fetch("SELECT name FROM member WHERE code = ?", code)
    return str(rows[0]["name"]) if rows else ""


async def free_leases(store: Store) -> int:
    """Embedded only: the lock file proves that nobody else lives, so every lease is of a dead process.

    Its attempts end now: what it sent, and when, nobody knows. Returns how many rows are free again.
    """
    freed = 0
    async with store.unit() as unit:
        await unit.tx.execute("UPDATE attempt SET outcome = 'unknown', ended_at = ? WHERE outcome = 'open'", unit.at)
        for statement in (
            "UPDATE source SET lease_until = NULL, lease_token = '' WHERE lease_until IS NOT NULL",
            "UPDATE capture SET state = 'new', lease_until = NULL, lease_token = '' WHERE state = 'working'",
            "UPDATE article SET lease_until = NULL, lease_token = '' WHERE lease_until IS NOT NULL",
            "UPDATE walk SET lease_until = NULL, lease_token = '' WHERE lease_until IS NOT NULL",
            "UPDATE reconciliation SET lease_until = NULL, lease_token = '' WHERE lease_until IS NOT NULL",
            "UPDATE subscription SET lease_until = NULL, lease_token = '' WHERE lease_until IS NOT NULL",
            "UPDATE mail SET lease_until = NULL, lease_token = '' WHERE lease_until IS NOT NULL",
            "UPDATE delivery SET state = 'ready', lease_until = NULL, lease_token = '' WHERE state = 'sending'",
        ):
            freed += await unit.tx.execute(statement)
    return freed


async def parents(store: Store) -> dict[str, str]:
    """Every member with the one above it, "" at the top: the tree that scopes of accounts are measured on."""
    rows = await store.fetch("SELECT code, parent FROM member")
    return {row["code"]: row["parent"] for row in rows}


async def names(store: Store) -> dict[str, str]:
    """What every member is called, by code, in the order of their names."""
    rows = await store.fetch("SELECT code, name FROM member ORDER BY name, code")
    return {row["code"]: row["name"] for row in rows}
