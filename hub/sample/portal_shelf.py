"""What the sample portal holds: one SQLite file, and the fence that lets nothing older replace anything newer.

    judge(held, revision)        held none      older       same              newer
      PUT                        NEW            STALE       REPEATED *        UPDATED
      DELETE                     WITHDRAWN      STALE       REPEATED *        WITHDRAWN      * STALE if it was the other

A withdrawn item keeps its row and its revision, not its text: so a late PUT of an older revision is refused for ever.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final
from uuid import UUID

from schemas.edition import PublishedItem

#: Idempotency keys of changes that are remembered; the oldest go first. The fence holds without them.
KEYS_KEPT: Final = 100_000

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS item (
    content_id TEXT PRIMARY KEY, revision INTEGER NOT NULL, place INTEGER NOT NULL,
    arrived REAL NOT NULL, changed REAL NOT NULL, changes INTEGER NOT NULL,
    kind TEXT, member TEXT, member_name TEXT, body TEXT
);
CREATE UNIQUE INDEX IF NOT EXISTS item_newest ON item (place DESC);
CREATE INDEX IF NOT EXISTS item_shelved ON item (member, kind, member_name);
CREATE TABLE IF NOT EXISTS key (place INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""
#: `place` rises with every change of the shelf: the newest arrival stands first, whatever the clock says.
_WRITE: Final = """
INSERT INTO item (content_id, revision, place, arrived, changed, changes, kind, member, member_name, body)
VALUES (:id, :revision, (SELECT coalesce(max(place), 0) + 1 FROM item), :at, :at, 0, :kind, :member, :name, :body)
ON CONFLICT (content_id) DO UPDATE SET
    revision = excluded.revision, place = excluded.place, changed = excluded.changed, changes = changes + 1,
    kind = excluded.kind, member = excluded.member, member_name = excluded.member_name, body = excluded.body
"""


class Outcome(StrEnum):
    """What became of a PUT or DELETE; named as it is counted."""

    NEW = "received"
    UPDATED = "updated"
    WITHDRAWN = "withdrawn"
    REPEATED = "repeated"  #: it is so already: answered with success, changes nothing
    STALE = "stale"  #: something newer is held: refused with 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """How often each outcome came, since the folder was new."""

    received: int = 0
    updated: int = 0
    withdrawn: int = 0
    repeated: int = 0
    stale: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is held of one item."""

    content_id: UUID
    revision: int
    arrived: datetime  #: when the portal first heard of it
    changed: datetime  #: when it last changed here
    changes: int  #: after the first arrival
    item: PublishedItem | None  #: None: withdrawn


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a filter."""

    name: str  #: code of a member, or a kind
    label: str
    count: int


class KeyReused(ValueError):
    """The idempotency key was used for something else before."""


def judge(held: Held | None, revision: int, *, withdraws: bool) -> Outcome:
    """The fence: what becomes of a PUT or DELETE of this revision."""
    if held is not None and revision <= held.revision:
        same = revision == held.revision and (held.item is None) == withdraws
        return Outcome.REPEATED if same else Outcome.STALE
    if withdraws:
        return Outcome.WITHDRAWN
    return Outcome.NEW if held is None else Outcome.UPDATED


class Shelf:
    """The file. Every call is one short transaction on the caller's thread: well under a millisecond at this size."""

    def __init__(self, file: Path, now: Callable[[], datetime]) -> None:
        self._now = now
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        # A killed process loses nothing; a power cut may cost the last moments, which the hub's reconciling finds.
        self._db.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; {_TABLES}")
        known = {field.name for field in fields(Counters)}
        self.counters = Counters(**{n: v for n, v in self._db.execute("SELECT name, value FROM counter") if n in known})

    def close(self) -> None:
        """Let go of the file; `counters` can still be read."""
        self._db.close()

    def put(self, item: PublishedItem, key: str) -> tuple[Outcome, Held]:
        """Show this edition, unless something newer is here. Raises KeyReused."""
        return self._change(item.content_id, item.revision, key, item)

    def withdraw(self, content_id: UUID, revision: int, key: str) -> tuple[Outcome, Held]:
        """Show the item no more, unless something newer is here. Raises KeyReused."""
        return self._change(content_id, revision, key, None)

    def held(self, content_id: UUID) -> Held | None:
        """What is here of this item."""
        row = self._db.execute("SELECT * FROM item WHERE content_id = ?", (str(content_id),)).fetchone()
        return _held(row) if row else None

    def versions(self) -> Iterator[tuple[str, int, bool]]:
        """Identity and revision of everything, and whether it is withdrawn."""
        for row in self._db.execute("SELECT content_id, revision, body IS NULL FROM item ORDER BY content_id"):
            yield row[0], row[1], bool(row[2])

    def newest(self, *, member: str = "", kind: str = "", skip: int = 0, limit: int) -> Sequence[Held]:
        """What is shown, the latest change first; of one member or kind if given."""
        rows = self._db.execute(
            "SELECT * FROM item WHERE body IS NOT NULL AND :member IN ('', member) AND :kind IN ('', kind)"
            " ORDER BY place DESC LIMIT :limit OFFSET :skip",
            {"member": member, "kind": kind, "limit": limit, "skip": skip},
        )
        return [_held(row) for row in rows]

    def members(self) -> Sequence[Choice]:
        """Members of what is shown."""
        return self._choices("SELECT member, max(member_name), count(*) FROM item WHERE kind IS NOT NULL GROUP BY 1")

    def kinds(self, member: str = "") -> Sequence[Choice]:
        """Kinds of what is shown, of one member if given."""
        return self._choices(
            "SELECT kind, '', count(*) FROM item WHERE kind IS NOT NULL AND ? IN ('', member) GROUP BY 1", member
        )

    def _choices(self, question: str, *values: str) -> Sequence[Choice]:
        """Asked of `kind`, not of `body`: then the index alone answers, and no text is read."""
        return [Choice(name, label or name, count) for name, label, count in self._db.execute(question, values)]

    def _change(self, content_id: UUID, revision: int, key: str, item: PublishedItem | None) -> tuple[Outcome, Held]:
        with self._transaction():
            outcome = judge(self.held(content_id), revision, withdraws=item is None)
            if outcome not in (Outcome.REPEATED, Outcome.STALE):
                self._remember(key)
                values = {"id": str(content_id), "revision": revision, "at": self._now().timestamp()}
                self._db.execute(_WRITE, values | _about(item))
            self._db.execute(
                "INSERT INTO counter VALUES (?, 1) ON CONFLICT DO UPDATE SET value = value + 1", (outcome.value,)
            )
            held = self.held(content_id)
        assert held is not None
        self.counters = replace(self.counters, **{outcome.value: getattr(self.counters, outcome.value) + 1})
        return outcome, held

    def _remember(self, key: str) -> None:
        """A change that comes twice under its key never gets here: it is REPEATED. So a known key means another one."""
        remembered = self._db.execute("INSERT INTO key (key) VALUES (?) ON CONFLICT DO NOTHING", (key,))
        if not remembered.rowcount:
            raise KeyReused
        self._db.execute("DELETE FROM key WHERE place <= (SELECT max(place) FROM key) - ?", (KEYS_KEPT,))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def _about(item: PublishedItem | None) -> dict[str, str | None]:
    if item is None:
        return dict.fromkeys(("kind", "member", "name", "body"))
    return {"kind": item.kind, "member": item.member, "name": item.member_name, "body": item.model_dump_json()}


def _held(row: sqlite3.Row) -> Held:
    return Held(
        content_id=UUID(row["content_id"]), revision=row["revision"], changes=row["changes"],
        arrived=datetime.fromtimestamp(row["arrived"], UTC), changed=datetime.fromtimestamp(row["changed"], UTC),
        item=PublishedItem.model_validate_json(row["body"]) if row["body"] is not None else None,
    )  # fmt: skip
