"""Who did what: the account of events as people ask about it, and whether its chain of hashes holds.

    entries      events that fit a question, newest first, a page at a time
    all_entries  the same to the last page, for a file
    chain        every sealed event against the one before it: what was changed or taken out shows

The chain tells of changes inside it. That nothing was cut off at its end, a place outside has to know: the number and
hash of the last link, which `hub audit verify` prints and takes back with --expect.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from hub.store.instants import micros, moment
from hub.store.unit import ENGINE, Store, event_hash

#: Links that are read at once.
BATCH: Final = 2_000
#: Events that are read at once where all are wanted: written as a file they hold up the loop for some 10 ms.
PAGE: Final = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which events; empty fields ask nothing."""

    who: str = ""
    what: str = ""
    content_id: str = ""
    source: str = ""
    since: datetime | None = None
    until: datetime | None = None
    everything: bool = False  #: also what the hub did by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event."""

    id: int
    at: datetime
    who: str
    what: str
    content_id: str
    revision: int
    source: str
    destination: str
    why: dict[str, Any]
    sealed: bool  #: it has its place in the chain


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What came of checking."""

    checked: int
    unsealed: int  #: events of the last moments, which have no place yet
    last: int  #: number of the last link; 0: there is none
    last_hash: str
    broken_at: int | None = None  #: number of the first link that does not hold
    why: str = ""  #: changed, missing, moved: what does not hold there

    @property
    def holds(self) -> bool:
        """Whether nothing was changed."""
        return self.broken_at is None


async def entries(store: Store, question: Question, *, before: int = 0, limit: int = 50) -> list[Entry]:
    """Events that fit, newest first; `before` is the id that the page before ended with."""
    conditions, values = _conditions(question)
    if before:
        conditions.append("id < ?")
        values.append(before)
    rows = await store.fetch(
        "SELECT id, at, who, what, content_id, revision, source, destination, why, sequence FROM event"
        f" WHERE {' AND '.join(conditions) or '1 = 1'} ORDER BY id DESC LIMIT ?",
        *values, limit,
    )  # fmt: skip
    return [
        Entry(
            id=row["id"], at=moment(row["at"]), who=row["who"], what=row["what"], content_id=row["content_id"],
            revision=row["revision"], source=row["source"], destination=row["destination"],
            why=orjson.loads(row["why"]), sealed=row["sequence"] is not None,
        )
        for row in rows
    ]  # fmt: skip


async def all_entries(store: Store, question: Question) -> AsyncGenerator[list[Entry], None]:
    """All of them, page by page: what happens meanwhile is newer than the first, and no part of it."""
    before = 0
    while found := await entries(store, question, before=before, limit=PAGE):
        yield found
        before = found[-1].id


async def chain(store: Store, *, newest: int | None = None) -> Chain:
    """Check every link, or the newest ones only."""
    [ends] = await store.fetch(
        "SELECT coalesce(max(sequence), 0) AS last, (SELECT count(*) FROM event WHERE sequence IS NULL) AS unsealed"
        " FROM event"
    )
    last, unsealed = ends["last"], ends["unsealed"]
    at = max(0, last - newest) if newest is not None else 0
    previous, checked = await link_hash(store, at), 0
    while True:
        rows = await store.fetch(
            "SELECT * FROM event WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?", at, last, BATCH
        )
        for row in rows:
            fault = _fault(row, at + 1, previous)
            if fault:
                return Chain(
                    checked=checked, unsealed=unsealed, last=last, last_hash="", broken_at=at + 1, why=fault
                )  # fmt: skip
            at, previous, checked = row["sequence"], row["hash"], checked + 1
        if not rows:
            return Chain(checked=checked, unsealed=unsealed, last=last, last_hash=previous)


async def link_hash(store: Store, number: int) -> str:
    """The hash of one link; empty where there is none of this number."""
    rows = await store.fetch("SELECT hash FROM event WHERE sequence = ?", number)
    return str(rows[0]["hash"]) if rows else ""


def _fault(row: dict[str, Any], expected: int, previous: str) -> str:
    if row["sequence"] != expected:
        return "missing"
    if row["previous_hash"] != previous:
        return "moved"
    return "" if row["hash"] == event_hash(previous, row) else "changed"


def _conditions(question: Question) -> tuple[list[str], list[object]]:
    asked: list[tuple[str, object]] = [
        ("who = ?", question.who), ("what = ?", question.what), ("content_id = ?", question.content_id),
        ("source = ?", question.source), ("at >= ?", question.since and micros(question.since)),
        ("at < ?", question.until and micros(question.until)),
    ]  # fmt: skip
    conditions, values = [text for text, value in asked if value], [value for _, value in asked if value]
    if not question.everything and not question.content_id and question.who != ENGINE:
        conditions.append("who <> 'hub'")  # as the index of these rows says it (event_by_people)
    return conditions, values
