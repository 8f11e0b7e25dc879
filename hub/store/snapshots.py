"""One consistent look at every row of a database, table by table, beside whoever writes: what a backup is made from.

SQLite: a reader of its own inside one transaction, which WAL keeps at the state in which it began. PostgreSQL: one
REPEATABLE READ transaction. Rows come in batches, so that a million of them need no more memory than a few hundred.
"""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

from hub.store.database import Database
from hub.store.engine import Row
from hub.store.postgres import PostgresEngine, translating
from hub.store.sqlite import Connection, SqliteEngine

#: Rows that are handed over at once.
BATCH = 500


class Snapshot(Protocol):
    """The database as it was at one moment."""

    def rows(self, sql: str) -> AsyncIterator[list[Row]]:
        """Rows of a SELECT, in batches."""


@asynccontextmanager
async def snapshot(database: Database) -> AsyncIterator[Snapshot]:
    """Look at one moment of a database for as long as the block lasts."""
    engine = database.engine
    if isinstance(engine, SqliteEngine):
        reader = Connection(engine.path, writing=False)
        await reader.open()
        try:
            await reader.call(lambda: reader.db().execute("BEGIN"))
            yield _SqliteSnapshot(reader)
        finally:
            await reader.close()
    else:
        assert isinstance(engine, PostgresEngine)
        with translating:
            async with engine.looking() as connection:
                yield _PostgresSnapshot(connection)


class _SqliteSnapshot:
    def __init__(self, reader: Connection) -> None:
        self._reader = reader

    async def rows(self, sql: str) -> AsyncIterator[list[Row]]:
        cursor: sqlite3.Cursor = await self._reader.call(lambda: self._reader.db().execute(sql))
        names = [column[0] for column in cursor.description]
        while batch := await self._reader.call(cursor.fetchmany, BATCH):
            yield [dict(zip(names, row, strict=True)) for row in batch]


class _PostgresSnapshot:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def rows(self, sql: str) -> AsyncIterator[list[Row]]:
        cursor = await self._connection.cursor(sql)
        while batch := await cursor.fetch(BATCH):
            yield [dict(row) for row in batch]


def columns(table: type[Any]) -> Sequence[str]:
    """The columns of a table of hub.store.tables, in the order in which they are declared."""
    return list(table._meta.fields_db_projection.values())
