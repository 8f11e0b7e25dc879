"""Lists of codes: each load is a version with its entries and refused rows; the newest is in force, the others stay."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import orjson

from hub.rules.codes import Code, Successor
from hub.store.database import Row
from hub.store.instants import moment
from hub.store.unit import Store, Unit

#: Makes loads of one list stand in line on PostgreSQL; SQLite has one writer anyway.
_LOADING = 7203002


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeVersion:
    """One load of one list."""

    id: int
    list: str
    version: int  #: 1, 2, 3 … of the list
    loaded_at: datetime
    loaded_by: str
    origin: Sequence[str]  #: names of the files
    sha256: str
    counts: Mapping[str, int]  #: rows, entries, rejected, mended


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A row of a file that could not become an entry."""

    file: str
    row: int
    code: str  #: docs/reference/errors.md
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """What a load wants to be stored."""

    list: str
    origin: Sequence[str]
    records: Sequence[Code]
    refused: Sequence[RefusedRow]
    rows: int
    mended: int

    @property
    def sha256(self) -> str:
        """Digest of the content, whatever the files were called and in which order they came."""
        rows = sorted(map(orjson.dumps, (*map(_row_of, self.records), *(_refused_of(one) for one in self.refused))))
        return sha256(b"\n".join(rows)).hexdigest()


async def newest(store: Store, name: str) -> CodeVersion | None:
    """The version in force; None when the list was never loaded."""
    rows = await store.fetch("SELECT * FROM code_version WHERE list = ? ORDER BY version DESC LIMIT 1", name)
    return _version(rows[0]) if rows else None


async def versions(store: Store, name: str) -> list[CodeVersion]:
    """Every load of a list, newest first."""
    rows = await store.fetch("SELECT * FROM code_version WHERE list = ? ORDER BY version DESC", name)
    return [_version(row) for row in rows]


async def records(store: Store, version: CodeVersion) -> list[Code]:
    """The entries of a version."""
    rows = await store.fetch("SELECT * FROM code_entry WHERE version = ? ORDER BY code, valid_from", version.id)
    return [_code(row) for row in rows]


async def refused(store: Store, version: CodeVersion, *, limit: int = 1_000) -> list[RefusedRow]:
    """Rows that could not become entries of a version, in the order of the files."""
    rows = await store.fetch(
        "SELECT file, row, code, sentence FROM code_rejection WHERE version = ? ORDER BY id LIMIT ?", version.id, limit
    )
    return [RefusedRow(**row) for row in rows]


async def line_up(store: Store, unit: Unit, name: str) -> CodeVersion | None:
    """The version in force, now that no other load can come in between; a load begins here."""
    if store.database.dialect == "postgres":
        await unit.tx.fetch(f"SELECT pg_advisory_xact_lock({_LOADING})")
    rows = await unit.tx.fetch("SELECT * FROM code_version WHERE list = ? ORDER BY version DESC LIMIT 1", name)
    return _version(rows[0]) if rows else None


async def write(unit: Unit, before: CodeVersion | None, new: NewVersion, *, who: str) -> int:
    """Store a version after `before`, with its event. Returns its number."""
    number = before.version + 1 if before else 1
    counts = {"rows": new.rows, "entries": len(new.records), "rejected": len(new.refused), "mended": new.mended}
    [row] = await unit.tx.fetch(
        "INSERT INTO code_version (list, version, loaded_at, loaded_by, origin, sha256, counts)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        new.list, number, unit.at, who, orjson.dumps(list(new.origin)).decode(), new.sha256,
        orjson.dumps(counts).decode(),
    )  # fmt: skip
    await unit.tx.execute_many(
        "INSERT INTO code_entry (version, code, name, valid_from, valid_until, parent, successors, confirmed,"
        " attributes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(row["id"], *_row_of(one)) for one in new.records],
    )
    await unit.tx.execute_many(
        "INSERT INTO code_rejection (version, file, row, code, sentence) VALUES (?, ?, ?, ?, ?)",
        [(row["id"], *_refused_of(one)) for one in new.refused],
    )
    unit.tell("codes_loaded", who=who, why={"list": new.list, "version": number, **counts})
    return number


def _row_of(one: Code) -> tuple[Any, ...]:
    return (
        one.code, one.name, _iso(one.valid_from), _iso(one.valid_until), one.parent,
        orjson.dumps([asdict(successor) for successor in one.successors]).decode(), int(one.confirmed),
        orjson.dumps(dict(one.attributes), option=orjson.OPT_SORT_KEYS).decode(),
    )  # fmt: skip


def _refused_of(one: RefusedRow) -> tuple[Any, ...]:
    return one.file[:300], one.row, one.code, one.sentence


def _code(row: Row) -> Code:
    return Code(
        code=row["code"], name=row["name"], valid_from=_day(row["valid_from"]), valid_until=_day(row["valid_until"]),
        parent=row["parent"], successors=_successors(orjson.loads(row["successors"])), confirmed=bool(row["confirmed"]),
        attributes=orjson.loads(row["attributes"]),
    )  # fmt: skip


def _successors(told: Iterable[Mapping[str, Any]]) -> tuple[Successor, ...]:
    return tuple(Successor(**one) for one in told)


def _version(row: Row) -> CodeVersion:
    return CodeVersion(
        id=row["id"], list=row["list"], version=row["version"], loaded_at=moment(row["loaded_at"]),
        loaded_by=row["loaded_by"], origin=orjson.loads(row["origin"]), sha256=row["sha256"],
        counts=orjson.loads(row["counts"]),
    )  # fmt: skip


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
