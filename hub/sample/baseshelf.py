"""What the sample's national base holds: one SQLite file of records, by their codes.

A record that is taken back stays, and says so in TRANGTHAI: that is how the base tells everybody.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS record (
    id INTEGER PRIMARY KEY, code TEXT UNIQUE NOT NULL, name TEXT NOT NULL, in_force INTEGER NOT NULL,
    changed REAL NOT NULL, changes INTEGER NOT NULL DEFAULT 0, by TEXT NOT NULL, body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""
_WRITE: Final = """
INSERT INTO record (code, name, in_force, changed, by, body) VALUES (:code, :name, :in_force, :at, :by, :body)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, in_force = excluded.in_force, changed = excluded.changed,
    changes = changes + 1, by = excluded.by, body = excluded.body
"""


class Outcome(StrEnum):
    """What became of a row that was handed in; named as it is counted."""

    NEW = "received"
    UPDATED = "updated"
    REPEATED = "repeated"  #: it says so already
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"  #: nothing to withdraw
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """How often each outcome came, since the folder was new."""

    received: int = 0
    updated: int = 0
    repeated: int = 0
    withdrawn: int = 0
    unknown: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One record."""

    id: int
    code: str
    name: str
    in_force: bool
    changed: datetime
    changes: int
    by: str  #: who wrote it last
    body: Mapping[str, Any]


class BaseShelf:
    """The file. Every call is one short transaction on the caller's thread."""

    def __init__(self, file: Path, now: Callable[[], datetime]) -> None:
        self._now = now
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; {_TABLES}")
        known = {field.name for field in fields(Counters)}
        self.counters = Counters(**{n: v for n, v in self._db.execute("SELECT name, value FROM counter") if n in known})

    def close(self) -> None:
        """Let go of the file; `counters` can still be read."""
        self._db.close()

    def find(self, code: str) -> Kept | None:
        """The record of this code."""
        row = self._db.execute("SELECT * FROM record WHERE code = ?", (code,)).fetchone()
        return _kept(row) if row else None

    def all(self) -> Sequence[Kept]:
        """Everything there is, by code."""
        return [_kept(row) for row in self._db.execute("SELECT * FROM record ORDER BY code")]

    def codes(self) -> Iterator[tuple[str, str]]:
        """Code and name of everything there is."""
        for row in self._db.execute("SELECT code, name FROM record ORDER BY code"):
            yield row["code"], row["name"]

    def put(self, record: Mapping[str, Any], *, by: str) -> Outcome:
        """Keep a record under its code."""
        code, held = record["MATTHC"], self.find(record["MATTHC"])
        body = {name: value for name, value in record.items() if name not in ("ID", "TRANGTHAI")}
        if held is not None and held.in_force and held.body == body:
            return Outcome.REPEATED
        self._write(code, record["TENTTHC"], body, in_force=True, by=by)
        return Outcome.NEW if held is None else Outcome.UPDATED

    def withdraw(self, code: str, *, by: str) -> Outcome:
        """Mark a record as not in force any more."""
        held = self.find(code)
        if held is None or not held.in_force:
            return Outcome.UNKNOWN if held is None else Outcome.REPEATED
        self._write(code, held.name, held.body, in_force=False, by=by)
        return Outcome.WITHDRAWN

    def count(self, outcome: Outcome) -> None:
        """Enter an outcome."""
        self._db.execute(
            "INSERT INTO counter VALUES (?, 1) ON CONFLICT DO UPDATE SET value = value + 1", (outcome.value,)
        )
        self.counters = replace(self.counters, **{outcome.value: getattr(self.counters, outcome.value) + 1})

    def _write(self, code: str, name: str, body: Mapping[str, Any], *, in_force: bool, by: str) -> None:
        text = json.dumps(body, ensure_ascii=False)
        at = self._now().timestamp()
        values = {"code": code, "name": name, "in_force": in_force, "at": at, "by": by, "body": text}
        self._db.execute(_WRITE, values)


def _kept(row: sqlite3.Row) -> Kept:
    return Kept(
        id=row["id"], code=row["code"], name=row["name"], in_force=bool(row["in_force"]),
        changed=datetime.fromtimestamp(row["changed"], UTC), changes=row["changes"], by=row["by"],
        body=json.loads(row["body"]),
    )  # fmt: skip
