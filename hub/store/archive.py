"""Backups: every row of the database in one compressed file, and the way back, on either database.

    {"format": "hub-backup", "version": 1, "schema": "0002_…", "at": …, "epoch": "…"}
    ["item", {"content_id": "…", …}]                      a row: bytes as {"b": "base64"}
    {"end": true, "rows": {"item": 812, …}, "sha256": "…"}    of all lines before it

The file does not depend on the kind of database: a backup of SQLite goes back into PostgreSQL, which is how a hub
that grows moves. A file without its last line was cut off and is refused before anything is written. Texts that no
screen has seen are left out (promise I4): bodies of captures that were not normalised, whose sources fetch anew.

After a restore nothing is sent: what went out since the backup is not known here (hub/store/restored.py).
"""

import asyncio
import base64
import gzip
import hashlib
import os
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import uuid4

import orjson
from tortoise.models import Model

from connectors.errors import HubError
from hub.store import tables
from hub.store.database import Database
from hub.store.instants import micros, moment
from hub.store.restored import mark_restored
from hub.store.schema import on_disk
from hub.store.snapshots import Snapshot, columns, snapshot
from hub.store.unit import Store

FORMAT: Final = "hub-backup"
VERSION: Final = 1
#: Compression: level 6 halves nothing more that matters.
LEVEL: Final = 5
#: Rows that are written back at once.
BATCH: Final = 500

_UNSCREENED: Final = "('new', 'working', 'held')"


class BackupRefusedError(HubError):
    """The file is no backup, not a whole one, or of another version; or there is no room for it here."""

    code = "backup_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a file holds."""

    at: datetime
    schema: str  #: name of the newest migration
    rows: Mapping[str, int]  #: by table
    size: int  #: bytes of the file


def kept_tables() -> list[type[Model]]:
    """Every table, in the order in which it is declared."""
    found = list[type[Model]]()
    for name in tables.MODULES:
        for value in vars(import_module(name)).values():
            if isinstance(value, type) and issubclass(value, Model) and value.__module__ == name:
                found.append(value)
    return found


def _table(model: type[Model]) -> str:
    return str(model._meta.db_table)


# --------------------------------------------------------------------------------------------------------- out


async def back_up(store: Store, target: Path) -> Backup:
    """Write a backup for this account's eyes only; the file appears whole or not at all. Works beside a running hub."""
    part = target.with_name(target.name + ".part")
    raw = await asyncio.to_thread(_create, part)
    try:
        with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=LEVEL, mtime=0) as packed:
            made = await _write(store, packed)
        size = await asyncio.to_thread(_keep, raw, part, target)
    except BaseException:
        raw.close()
        part.unlink(missing_ok=True)  # it may bear its name already
        raise
    return Backup(at=made.at, schema=made.schema, rows=made.rows, size=size)


async def back_up_into(store: Store, folder: Path, *, keep: int) -> tuple[Path, Backup]:
    """Write a backup named by its time, and remove all but the newest `keep` of those that lie there."""
    target = folder / f"hub-{store.now():%Y%m%d-%H%M%S}.backup.gz"
    made = await back_up(store, target)
    await asyncio.to_thread(_remove_older, folder, keep)
    return target, made


def _create(part: Path) -> BinaryIO:
    part.parent.mkdir(parents=True, exist_ok=True)
    return os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _keep(raw: BinaryIO, part: Path, target: Path) -> int:
    """Make it last under its name, also over a loss of power. Returns its size."""
    raw.flush()
    os.fsync(raw.fileno())
    raw.close()
    part.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return target.stat().st_size


def _remove_older(folder: Path, keep: int) -> None:
    for old in sorted(folder.glob("hub-*.backup.gz"))[:-keep]:
        old.unlink(missing_ok=True)


async def _write(store: Store, file: gzip.GzipFile) -> Backup:
    schema, at, digest, rows = on_disk()[-1], store.now(), hashlib.sha256(), Counter[str]()

    def write(lines: Sequence[bytes]) -> None:
        block = b"".join(line + b"\n" for line in lines)
        digest.update(block)
        file.write(block)

    head = {"format": FORMAT, "version": VERSION, "schema": schema, "at": micros(at)}
    await asyncio.to_thread(write, [orjson.dumps(head)])
    async with snapshot(store.database) as seen:
        sources, captures = await _unscreened(seen)
        for model in kept_tables():
            table = _table(model)
            async for batch in seen.rows(f'SELECT {", ".join(columns(model))} FROM "{table}"'):
                lines = [
                    orjson.dumps([table, _packed(table, row, sources)])
                    for row in batch
                    if table != "capture_body" or row["id"] not in captures
                ]
                rows[table] += len(lines)
                await asyncio.to_thread(write, lines)
    end = {"end": True, "rows": rows, "sha256": digest.hexdigest()}
    await asyncio.to_thread(write, [orjson.dumps(end)])
    return Backup(at=at, schema=schema, rows=dict(rows), size=0)


async def _unscreened(seen: Snapshot) -> tuple[Set[str], Set[int]]:
    """Captures whose bodies no screen has seen, and their sources, which forget that they have them."""
    sources, captures = set[str](), set[int]()
    async for batch in seen.rows(f"SELECT id, source FROM capture WHERE state IN {_UNSCREENED}"):
        captures.update(row["id"] for row in batch)
        sources.update(row["source"] for row in batch)
    return sources, captures


def _packed(table: str, row: Mapping[str, Any], unscreened: Set[str]) -> dict[str, Any]:
    made = dict(row)
    if table == "capture" and made["state"] in _UNSCREENED:
        made["state"] = "purged"
    if table == "source" and made["name"] in unscreened:
        made |= {"body_sha256": "", "cursor": "{}"}
    return {name: _plain(value) for name, value in made.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"b": base64.b64encode(bytes(value)).decode()}
    return value


# ---------------------------------------------------------------------------------------------------------- in


async def restore(store: Store, source: Path, *, who: str) -> Backup:
    """Read a backup into an empty database, in one transaction. Raises BackupRefusedError; then nothing was written.

    Every destination waits afterwards until it was compared, or until a person says that it may go on.
    """
    found = await asyncio.to_thread(verified, source)
    await _is_empty(store.database)
    models = {_table(model): model for model in kept_tables()}
    async with store.unit() as unit:
        async for table, batch in _batches(source):
            model = models[table]
            names = [name for name in columns(model) if name in batch[0]]
            places = ", ".join("?" * len(names))
            await unit.tx.execute_many(
                f'INSERT INTO "{table}" ({", ".join(names)}) VALUES ({places})',
                [tuple(_unpacked(row[name]) for name in names) for row in batch],
            )
        if store.database.dialect == "postgres":
            for table, model in models.items():
                if model._meta.pk.generated:
                    await unit.tx.fetch(
                        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT coalesce(max(id), 0) + 1"
                        f' FROM "{table}"), false)'
                    )
        await unit.tx.execute("DELETE FROM fact WHERE key = 'epoch'")
        await unit.tx.execute("INSERT INTO fact (key, value) VALUES ('epoch', ?)", uuid4().hex)
        await mark_restored(unit, who=who, why={"of": found.at.isoformat(), "rows": sum(found.rows.values())})
    return found


async def _is_empty(database: Database) -> None:
    for table in map(_table, kept_tables()):  # a hub that was started once has members and sources, and nothing else
        if await database.fetch(f'SELECT 1 AS one FROM "{table}" LIMIT 1'):
            raise BackupRefusedError(
                f"the database is not empty: {table} has rows",
                sentence="Cơ sở dữ liệu hiện tại đã có dữ liệu nên không khôi phục đè lên. Hãy trỏ database.url tới một"
                " cơ sở dữ liệu trống (SQLite: đổi tên tệp cũ) rồi chạy lại.",
            )


def verified(source: Path) -> Backup:
    """Read a whole file once and compare its sum. Raises BackupRefusedError."""
    try:
        head, rows, end, sha256 = _summed(source)
    except (OSError, EOFError, ValueError, LookupError, TypeError, zlib.error) as error:
        raise _no_backup(f"{source.name}: {error}", "Tệp sao lưu không đọc được hoặc đã hỏng.") from error
    if head.get("format") != FORMAT or head.get("version") != VERSION:
        raise _no_backup(f"{source.name} is no backup of this program", "Tệp này không phải bản sao lưu của hệ thống.")
    if end != {"end": True, "rows": rows, "sha256": sha256}:
        raise _no_backup(f"{source.name} was cut off or changed", "Tệp sao lưu bị cắt ngắn hoặc đã bị sửa.")
    if head["schema"] != on_disk()[-1]:
        raise _no_backup(
            f"{source.name} is of schema {head['schema']}, this program has {on_disk()[-1]}",
            f"Bản sao lưu thuộc phiên bản dữ liệu {head['schema']}, khác với phần mềm đang chạy.",
        )
    return Backup(at=moment(head["at"]), schema=head["schema"], rows=rows, size=source.stat().st_size)


def _summed(source: Path) -> tuple[dict[str, Any], dict[str, int], dict[str, Any], str]:
    """First line, rows by table, last line, and the sum of all lines before the last one, of whatever file this is."""
    digest, rows, head, last = hashlib.sha256(), Counter[str](), dict[str, Any](), b""
    with gzip.open(source, "rb") as file:
        for line in file:
            digest.update(last)
            last = line
            if not head:
                head = dict(orjson.loads(line))
            elif line.startswith(b"["):
                rows[orjson.loads(line)[0]] += 1
    return head, dict(rows), dict(orjson.loads(last or b"{}")), digest.hexdigest()


def _no_backup(detail: str, sentence: str) -> BackupRefusedError:
    return BackupRefusedError(detail, sentence=f"{sentence} Chưa có gì được ghi; hãy dùng một bản sao lưu khác.")


async def _batches(source: Path) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """Rows of one table after the other."""
    with gzip.open(source, "rb") as file:
        batches = _grouped(file)
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            yield batch


def _grouped(file: Iterable[bytes]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    table, batch = "", list[dict[str, Any]]()
    for line in file:
        if not line.startswith(b"["):
            continue
        name, row = orjson.loads(line)
        if batch and (name != table or len(batch) == BATCH):
            yield table, batch
            batch = []
        table = name
        batch.append(row)
    if batch:
        yield table, batch


def _unpacked(value: Any) -> Any:
    return base64.b64decode(value["b"]) if isinstance(value, dict) else value
