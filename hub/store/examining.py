"""Can this database be worked with? Looked at from outside, before anything is opened for good.

SQLite is asked with a connection of its own that only reads: a file that is no database, or that somebody has locked,
is named as what it is, where the engine would only say that it cannot be used.
"""

import asyncio
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from connectors.errors import HubError
from hub.store import schema
from hub.store.engine import Engine
from hub.store.postgres import PostgresEngine

#: Seconds that looking through a file may take: a large one is looked through in part.
LOOKING: Final = 2.0
#: Seconds that a lock of somebody else is waited for.
LOCKED: Final = 0.5


@dataclass(frozen=True, slots=True)
class Trouble:
    """One fault, by its code in hub.rules.remedies."""

    code: str
    about: str = ""
    more: str = ""


def sqlite_file(url: str, base: Path) -> Path | None:
    """The file behind an address; None for a server."""
    scheme, _, rest = url.partition("://")
    return base / rest if scheme == "sqlite" else None


async def troubles(url: str, base: Path) -> list[Trouble]:
    """What keeps the hub from working with this database; empty: nothing. Changes nothing."""
    path = sqlite_file(url, base)
    if path is not None:
        return await asyncio.to_thread(_of_file, path)
    parts = urlsplit(url)
    try:
        engine = await PostgresEngine.open(url, read_only=True, pool=1)
        try:
            return _of_schema(await _had(engine))
        finally:
            await engine.close()
    except (HubError, OSError) as error:
        code = getattr(error, "code", type(error).__name__)
        return [Trouble("database_away", f"{parts.hostname}:{parts.port or 5432}", code)]


async def _had(engine: Engine) -> list[str]:
    return await schema.applied(engine, engine.dialect)


def _of_file(path: Path) -> list[Trouble]:
    if not path.is_file():
        return [Trouble("no_database", str(path))]
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=LOCKED)) as db:
            [mode] = db.execute("PRAGMA journal_mode").fetchone()
            had = list[str]()
            if db.execute(schema.TABLE_NAMED["sqlite"], (schema.RECORDS,)).fetchone():
                rows = db.execute(f"SELECT name FROM {schema.RECORDS} WHERE app = ? ORDER BY name", (schema.APP,))
                had = [name for (name,) in rows]
            found = [] if mode == "wal" or not had else [Trouble("journal_mode", str(path), mode)]
            return found + _looked_through(db, path) + _of_schema(had)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return [Trouble("database_locked", str(path))]
        return [Trouble("database_damaged", str(path), str(error))]


def _looked_through(db: sqlite3.Connection, path: Path) -> list[Trouble]:
    until = time.monotonic() + LOOKING
    db.set_progress_handler(lambda: time.monotonic() > until, 10_000)
    try:
        [said] = db.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) != sqlite3.SQLITE_INTERRUPT:
            raise
        return []
    finally:
        db.set_progress_handler(None, 0)
    return [] if said == "ok" else [Trouble("database_damaged", str(path), said.splitlines()[-1][:200])]


def _of_schema(had: list[str]) -> list[Trouble]:
    known = schema.on_disk()
    if unknown := sorted(set(had) - set(known)):
        return [Trouble("database_newer", "", unknown[-1])]
    return [] if had == known else [Trouble("database_older")]
