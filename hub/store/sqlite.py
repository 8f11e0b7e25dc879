"""SQLite: one writer and one reader connection to the same file, each with a thread of its own.

Measured reasons. Tortoise's stock backend begins deferred transactions, and 444 of 900 competing read-modify-writes
failed with "database is locked": here every transaction is `BEGIN IMMEDIATE` and waits its turn (hub/store/turns.py). A
read on the writing connection waits for its open transaction (0.9 s behind one of 1 s): reads have a second, query-only
connection, which WAL never blocks.

FTS5 writes out what it holds back at each savepoint, as a part of its index that is joined with others later: rows of
the index wait for the commit, and those of all who share it are written at once.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import closing, suppress
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from connectors.errors import ConfigError, Fault, HubError, TransientError
from hub.store.engine import AWAY, BUSY, DAMAGED, FULL, Dialect, Row, unbroken
from hub.store.lane import Lane, LaneClosedError
from hub.store.lock import ProcessLock
from hub.store.turns import SqliteSession, Turns

P = ParamSpec("P")
T = TypeVar("T")

BUSY_SECONDS = 5.0  #: how long a statement waits for another process that only reads or copies
PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: NORMAL may lose committed work at power loss
    "foreign_keys": 1,
    "busy_timeout": int(BUSY_SECONDS * 1000),
    "secure_delete": 1,  # a purged text is overwritten, not only unlinked
    "wal_autocheckpoint": 16_384,  # pages of 4 kB: a checkpoint each 64 MB
    "cache_size": -32_768,  # 32 MB
}
#: of the connection that only reads: lists, items and searches need a few pages each
READING = {"cache_size": -8_192, "query_only": 1}
WANTED = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")

_TRANSIENT = {
    sqlite3.SQLITE_BUSY: ("database-busy", BUSY),
    sqlite3.SQLITE_LOCKED: ("database-busy", BUSY),
    sqlite3.SQLITE_INTERRUPT: ("database-busy", BUSY),
    sqlite3.SQLITE_FULL: ("database-full", FULL),
    sqlite3.SQLITE_NOMEM: ("database-full", FULL),
    sqlite3.SQLITE_IOERR: ("database-away", AWAY),
    sqlite3.SQLITE_CANTOPEN: ("database-away", AWAY),
    # Measured: a read that the disk fails for a moment is told as this, though the file is whole.
    sqlite3.SQLITE_CORRUPT: ("database-damaged", DAMAGED),
}


def translated(error: sqlite3.Error) -> HubError | None:
    """Our error for a database that is busy, full or away; None for a defect."""
    primary = (
        getattr(error, "sqlite_errorcode", None) or 0
    ) & 0xFF  # extended codes keep the primary one in the low byte
    if isinstance(error, sqlite3.ProgrammingError) and "closed" in str(error):
        return TransientError(f"sqlite: {error}", code="database-closed", fault=Fault.HUB, sentence=AWAY)
    if primary in _TRANSIENT:
        code, sentence = _TRANSIENT[primary]
        return TransientError(f"sqlite: {error}", code=code, fault=Fault.HUB, sentence=sentence)
    return None


async def _told(answer: Awaitable[T]) -> T:
    """What the thread answers, with errors that are ours."""
    try:
        return await answer
    except sqlite3.Error as error:
        if (ours := translated(error)) is not None:
            raise ours from error
        raise
    except LaneClosedError:
        raise _closed() from None


def _closed() -> TransientError:
    return TransientError("sqlite: closed", code="database-closed", fault=Fault.HUB, sentence=AWAY)


class Connection:
    """One sqlite3 connection and the one thread that uses it."""

    def __init__(self, path: Path, *, writing: bool) -> None:
        self._path = path
        self._writing = writing
        self._lane = Lane("sqlite-writer" if writing else "sqlite-reader")
        self._db: sqlite3.Connection | None = None
        #: statements with a row each that run right before the commit; of the thread
        self.at_commit: list[tuple[str, Sequence[Any]]] = []
        self._sent: asyncio.Future[Any] | None = None  #: answer to what was sent last
        self._is_torn = False  #: what a transaction wrote that failed may still stand in the open one; of the thread

    async def open(self) -> None:
        """Connect, set the PRAGMAs and assert them."""
        await self.call(self._open)

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run on the connection's thread, after everything that was asked before."""
        return await _told(self._lane.run(partial(function, *args, **kwargs)))

    def send(self, function: Callable[[], T]) -> Coroutine[Any, Any, T]:
        """Hand it to the thread now, before whatever is asked later. What is returned waits for the answer.

        It runs even if nobody waits any more.
        """
        try:
            answer = self._sent = self._lane.ask(function)
        except LaneClosedError:
            raise _closed() from None
        return _told(answer)

    @property
    def is_busy(self) -> bool:
        """Whether the thread may still be at something that was sent."""
        return self._sent is not None and not self._sent.done()

    async def close(self) -> None:
        """Close after what is running; an open transaction is rolled back by SQLite."""
        try:
            await self.call(self._close)
        finally:
            self._lane.close()

    # The rest runs on the thread.

    def db(self) -> sqlite3.Connection:
        if self._db is None:
            raise sqlite3.ProgrammingError("the connection is closed")
        return self._db

    def _open(self) -> None:
        mode = "rw" if self._writing else "ro"  # not "rwc": a file that was moved away would be made anew, empty
        db = sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=BUSY_SECONDS,
            check_same_thread=False, cached_statements=256,
        )  # fmt: skip
        db.execute(f"PRAGMA busy_timeout = {PRAGMAS['busy_timeout']}")
        for name, value in (PRAGMAS if self._writing else PRAGMAS | READING).items():
            if self._writing or name not in ("journal_mode", "wal_autocheckpoint"):
                db.execute(f"PRAGMA {name} = {value}")
        for name in WANTED:
            if (found := db.execute(f"PRAGMA {name}").fetchone()[0]) != PRAGMAS[name]:
                raise ConfigError(
                    f"database.url: {self._path} has {name} = {found}, wanted {PRAGMAS[name]}",
                    sentence=f"Tệp dữ liệu {self._path.name} không nhận thiết lập {name}; "
                    "hãy đặt tệp trên đĩa của chính máy này.",
                )
        self._db = db

    def begin_anew(self) -> None:
        """Go on with a new connection, which holds nothing yet, unless a transaction is open.

        `PRAGMA shrink_memory` lets go of pages alone. What else a connection keeps, 7 to 10 MB of statements after a
        poll of many sources, lies between them, and the C library gives back only what is free for a whole page.
        """
        if not (old := self.db()).in_transaction:
            self._open()
            old.close()

    def _close(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            db.close()

    def fetch(self, sql: str, args: Sequence[Any]) -> list[Row]:
        cursor = self.db().execute(sql, args)
        if cursor.description is None:
            return []
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def each(self, take: Callable[..., None], sql: str, args: Sequence[Any]) -> None:
        for row in self.db().execute(sql, args):
            take(*row)

    def execute(self, sql: str, args: Sequence[Any]) -> int:
        return max(self.db().execute(sql, args).rowcount, 0)

    def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        self.db().executemany(sql, rows)

    def run_at_commit(self) -> None:
        """Run what waits for the commit; rows of one statement in the order of their keys, as FTS5 wants them."""
        waiting, self.at_commit = self.at_commit, []
        for sql, rows in groupby(waiting, key=itemgetter(0)):
            self.execute_many(sql, sorted((row for _, row in rows), key=itemgetter(0)))

    def begin(self) -> None:
        self.rollback()  # a loop that is being torn down may have dropped the one that was asked for
        self.db().execute("BEGIN IMMEDIATE")

    def rollback(self) -> None:
        self.at_commit = []
        if self._db is not None and self._db.in_transaction:
            self._is_torn = True  # until it is done: without memory even this fails
            self._db.execute("ROLLBACK")
        self._is_torn = False

    def undo(self) -> None:
        """Roll back now, or, if even that fails, before the next transaction."""
        with suppress(Exception):
            self.rollback()

    def begin_shared(self) -> None:
        self._assert_shared()
        self.db().execute("SAVEPOINT shared")

    def rollback_shared(self) -> None:
        # Without a transaction SQLite has undone everything by itself, and the commit will say so.
        if self._db is not None and self._db.in_transaction:
            try:
                self._db.execute("ROLLBACK TO shared")
                self._db.execute("RELEASE shared")
            except BaseException:
                self._is_torn = True
                raise

    def commit_shared(self) -> None:
        try:
            self._assert_shared()
            self.run_at_commit()
            self.db().execute("COMMIT")
        except BaseException:
            self.undo()
            raise

    def _assert_shared(self) -> None:
        if self._is_torn or not self.db().in_transaction:
            raise TransientError(
                "sqlite: an error has ended the transaction that this one shares", code="database-busy",
                fault=Fault.HUB, sentence=BUSY,
            )  # fmt: skip


def _make_file(path: Path) -> None:
    """The file in its folder, for its owner only: it holds what nobody approved. SQLite gives its WAL the same mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)


class SqliteEngine:
    """One SQLite file. `read_only` takes no lock and writes nothing, beside a process that works."""

    dialect: Dialect = "sqlite"
    skip_locked = ""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: ProcessLock | None = None
        self._writer: Connection | None = None
        self._turns: Turns | None = None
        self._reader = Connection(path, writing=False)

    @classmethod
    async def open(cls, path: Path, *, read_only: bool) -> "SqliteEngine":
        """Connect; raises ConfigError when another process holds the file or, reading only, when there is none."""
        if read_only and not path.is_file():  # noqa: ASYNC240, one look before there is any work
            raise ConfigError(
                f"database.url: {path} does not exist; `hub run` or `hub once` creates it",
                sentence=f"Chưa có tệp dữ liệu {path.name}; hãy chạy `hub run` hoặc `hub once` trước.",
            )
        engine = cls(path)
        try:
            if not read_only:
                _make_file(path)
                engine._lock = ProcessLock(path)
                engine._writer = Connection(path, writing=True)
                engine._turns = Turns(engine._writer)
                await engine._writer.open()
            await engine._reader.open()
        except BaseException as error:
            await unbroken(engine.close())
            if isinstance(error, OSError | sqlite3.Error):
                raise ConfigError(
                    f"database.url: {path} cannot be used: {error}",
                    sentence=f"Không dùng được tệp dữ liệu {path}; hãy kiểm tra đường dẫn và quyền ghi.",
                ) from error
            raise
        return engine

    async def begin(self, *, patient: bool = False) -> SqliteSession:
        if self._turns is None:
            raise RuntimeError("this database was opened for reading only")
        return SqliteSession(self._turns)

    async def fetch(self, sql: str, args: Sequence[Any]) -> list[Row]:
        return await self._reader.call(self._reader.fetch, sql, args)

    async def each(self, sql: str, args: Sequence[Any], take: Callable[..., None]) -> None:
        await self._reader.call(self._reader.each, take, sql, args)

    async def scrub(self, table: str) -> None:
        """Fold the write-ahead log into the file and cut it; `secure_delete` has overwritten the rest."""
        if self._writer is not None and self._turns is not None:
            await self._turns.take()
            try:
                await unbroken(self._turns.send_commit())  # those who share it hear what came of it, not of our end
                [done] = await self._writer.call(self._writer.fetch, "PRAGMA wal_checkpoint(TRUNCATE)", ())
            finally:
                self._turns.give()
            if done["busy"]:  # somebody has been reading for longer than the busy timeout
                raise TransientError("sqlite: checkpoint busy", code="database-busy", fault=Fault.HUB, sentence=BUSY)

    async def drop_caches(self) -> None:
        for connection in filter(None, (self._writer, self._reader)):
            await connection.call(connection.begin_anew)

    async def copy_to(self, target: Path, *, leave_out: Sequence[str] = ()) -> None:
        """A consistent copy of what is committed, changed by `leave_out`; the target appears whole or not at all."""

        def copy() -> None:
            part = target.with_name(target.name + ".part")
            part.unlink(missing_ok=True)
            with closing(sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)) as db:
                db.execute("VACUUM INTO ?", (str(part),))  # our reader is query-only, which forbids it
            with closing(sqlite3.connect(part)) as db, db:
                db.execute("PRAGMA journal_mode = MEMORY")  # a journal file would keep what is left out
                db.execute("PRAGMA secure_delete = 1")
                for statement in leave_out:
                    db.execute(statement)
            part.replace(target)

        await self._reader.call(copy)

    async def close(self) -> None:
        for connection in (self._reader, self._writer):
            if connection is not None:
                await connection.close()
        if self._lock is not None:
            self._lock.release()
