"""The database: transactions for the units of work, reads beside them, and one SQL text for both dialects.

Tortoise owns the tables and writes the migrations; at run time this file speaks to the drivers. Three measured reasons:
Tortoise caches SQL per connection name, so one process that opens SQLite and PostgreSQL sends the wrong placeholders;
a task started inside its transaction inherits the connection and goes on writing after the end; and rows as objects
cost several times the statement. Several `Database`s may be open at once, in one event loop.

Manner of writing SQL for both dialects:

- `?` for values; lists are `f"IN ({marks(len(ids))})"`. Values are int, str, bytes, float, None; times `micros(at)`.
- Claims end in `ORDER BY … LIMIT ?{db.skip_locked}`: the one difference, empty on SQLite.
- PostgreSQL guesses the type of a value from its place. Where it stands alone (`CASE WHEN … THEN ?`, `COALESCE(?, ?)`)
  say it: `CAST(? AS BIGINT)`.
- Upserts are `ON CONFLICT (…) DO UPDATE`; `DO NOTHING` loses the last edit in a race.

A failed statement ends its transaction on both. No network call and no new task inside one.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from connectors.errors import ConfigError
from hub.store.engine import Dialect, Engine, Row, Session, unbroken

__all__ = ["Database", "Row", "Transaction", "inside", "marks"]


def marks(n: int) -> str:
    """`?, ?, ?` for an IN list of n values; n = 0 gives `NULL`, which matches nothing."""
    return ", ".join("?" * n) or "NULL"


def inside(dialect: Dialect, column: str, *path: str) -> str:
    """SQL for a field inside the JSON document of a column, as text; NULL where it has none."""
    if dialect == "postgres":
        return f"CAST({column} AS json) #>> '{{{','.join(path)}}}'"
    return f"json_extract({column}, '$.{'.'.join(path)}')"


class Transaction:
    """One open transaction; usable inside its `async with` block only, by one task at a time."""

    def __init__(self, session: Session, dialect: Dialect) -> None:
        self.dialect: Dialect = dialect
        self._session = session
        self._unusable = ""
        self._busy = False

    async def fetch(self, sql: str, *args: Any) -> list[Row]:
        """Rows of a SELECT or of an INSERT, UPDATE, DELETE with RETURNING."""
        with self._use():
            return await self._session.fetch(sql, args)

    async def fetch_later(self, sql: str, *args: Any) -> list[Row]:
        """The same for rows that nobody needs before the commit: the list has them when the transaction is over."""
        with self._use():
            return await self._session.fetch_later(sql, args)

    async def execute(self, sql: str, *args: Any) -> int:
        """Number of rows changed. A fenced settle that gives 0 has lost its lease."""
        with self._use():
            return await self._session.execute(sql, args)

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """The same statement for many rows, in one call of the driver; its error may come with the next statement."""
        if rows:
            with self._use():
                await self._session.execute_many(sql, rows)

    async def change_one(self, sql: str, *args: Any, otherwise: Exception) -> None:
        """A statement that has to change exactly one row. When it did not, `otherwise` is raised: here, by a later
        statement or by the commit, and nothing of the transaction is kept.
        """
        with self._use():
            await self._session.change_one(sql, args, otherwise)

    async def execute_at_commit(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """The same for rows that no statement reads before the commit: they may be written together with those of
        other transactions, and their error may come with the commit.
        """
        if rows:
            with self._use():
                await self._session.execute_at_commit(sql, rows)

    def _use(self) -> "_Use":
        if self._unusable:
            raise RuntimeError(self._unusable)
        if self._busy:
            raise RuntimeError("two tasks use one transaction at the same time")
        return _Use(self)


class _Use:
    """Marks a transaction as busy, and as failed when the statement raises."""

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def __enter__(self) -> None:
        self._transaction._busy = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transaction._busy = False
        if error is not None:
            self._transaction._unusable = f"the transaction failed before: {error!r}"


class Database:
    """One open database. Make it with `Database.open`, end it with `close` in a `finally` or with `async with`."""

    def __init__(self, engine: Engine) -> None:
        self.dialect: Dialect = engine.dialect
        #: `" FOR UPDATE SKIP LOCKED"` on PostgreSQL, `""` on SQLite: the one bracketed difference of claims
        self.skip_locked: str = engine.skip_locked
        self.engine = engine  #: for the other files of this package
        self._inside: set[asyncio.Task[Any]] = set()
        self._closed = False

    @classmethod
    async def open(cls, url: str, *, read_only: bool = False, base: Path | None = None, pool: int = 20) -> "Database":
        """Connect and bring the schema to the newest version.

        `url` is `sqlite://var/hub.db` (relative to `base`, else to the working folder), `sqlite:///var/lib/hub.db` or
        `postgres://…`. `read_only` takes no lock and migrates nothing: it reads beside the process that works.
        `pool` is the most connections to PostgreSQL: all workers plus one.

        Raises ConfigError when it cannot ever work (file held by another process, schema of another version, wrong
        account), TransientError while the server is away.
        """
        from hub.store import schema

        engine = await _engine(url, base or Path(), read_only=read_only, pool=pool)
        try:
            await schema.ensure(engine, read_only=read_only)
        except BaseException:
            await unbroken(engine.close())
            raise
        return cls(engine)

    async def close(self) -> None:
        """Close all connections and free the lock; open transactions are rolled back. A second call does nothing."""
        if not self._closed:
            self._closed = True
            await unbroken(self.engine.close())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """One transaction: committed at the end of the block, rolled back when anything is raised, even a cancellation.

        SQLite: BEGIN IMMEDIATE, one at a time in the order of asking. PostgreSQL: READ COMMITTED, pooled connection.
        A cancellation during the commit is raised after it, and a connection lost during it is a TransientError:
        in both cases the work may be committed. Claims are fenced by attempt and lease, so doing it again is harmless.
        """
        task = asyncio.current_task()
        assert task is not None
        if task in self._inside:
            raise RuntimeError("a transaction inside a transaction of the same task")
        self._inside.add(task)
        try:
            session = await self.engine.begin()
            transaction = Transaction(session, self.dialect)
            try:
                yield transaction
                if transaction._unusable:
                    raise RuntimeError(transaction._unusable)
            except BaseException:
                transaction._unusable = "the transaction is over"
                await unbroken(session.rollback())
                raise
            transaction._unusable = "the transaction is over"
            await unbroken(session.commit())
        finally:
            self._inside.discard(task)

    async def fetch(self, sql: str, *args: Any) -> list[Row]:
        """Read what is committed, on a read-only connection (SQLite) or from the pool; waits for no transaction."""
        return await self.engine.fetch(sql, args)

    async def each(self, sql: str, *args: Any, take: Callable[..., None]) -> None:
        """Read what is committed, and give the values of each row to `take`, one after the other, perhaps in another
        thread: for so many rows that as objects they would take more memory than all else.
        """
        await self.engine.each(sql, args, take)

    async def scrub(self, table: str) -> None:
        """After a purge, outside of transactions: make the removed text leave the files too (checkpoint, VACUUM)."""
        await self.engine.scrub(table)

    async def drop_caches(self) -> None:
        """Let go of what is only kept to be quicker next time, pages and statements: for a hub that rests."""
        await self.engine.drop_caches()


async def _engine(url: str, base: Path, *, read_only: bool, pool: int) -> Engine:
    scheme, found, rest = url.partition("://")
    if found and scheme in ("postgres", "postgresql"):
        from hub.store.postgres import PostgresEngine

        return await PostgresEngine.open(url, read_only=read_only, pool=pool)
    if found and scheme == "sqlite" and rest and not rest.startswith(":") and "?" not in rest:
        from hub.store.sqlite import SqliteEngine

        return await SqliteEngine.open(base / rest, read_only=read_only)
    raise ConfigError(
        f"database.url: {f'{scheme}://…' if found else 'no scheme'} is not understood;"
        " wanted sqlite://var/hub.db or postgres://user:password@host:5432/hub",
        sentence="database.url không đúng dạng; hãy dùng sqlite://var/hub.db hoặc postgres://…",
    )
