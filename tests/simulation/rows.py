"""The rows of a hub's database, read by a connection of its own and by no code of the hub."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

Row = dict[str, Any]


class Rows(Protocol):
    """What the model reads."""

    async def changed(self) -> bool:
        """Whether anything was committed since the last question."""

    async def fetch(self, sql: str, *args: Any) -> list[Row]:
        """Committed rows."""

    async def close(self) -> None:
        """Let go."""


class SqliteRows:
    """Beside the hub, from the same file."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._version = -1

    async def changed(self) -> bool:
        [version] = self._db.execute("PRAGMA data_version").fetchone()
        before, self._version = self._version, version
        return bool(before != version)

    async def fetch(self, sql: str, *args: Any) -> list[Row]:
        found: Sequence[sqlite3.Row] = self._db.execute(sql, args).fetchall()
        return [dict(row) for row in found]

    async def close(self) -> None:
        self._db.close()
