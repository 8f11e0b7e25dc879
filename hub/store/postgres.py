"""PostgreSQL: one asyncpg pool. It renews lost connections by itself, so a restarted server heals without help.

SQL arrives with `?` and is rewritten to `$1 … $n`. A connection goes back without asyncpg's reset query: no session
state survives our transactions, and a read costs one round trip, not two.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]
import structlog

from connectors.errors import ConfigError, Fault, HubError, TransientError
from hub.store.engine import AWAY, BUSY, FULL, Dialect, Row, unbroken

CONNECT_SECONDS = 10.0
COMMAND_SECONDS = 60.0  #: no statement of ours is meant to run longer; a dead network must not hold a worker for ever
PATIENT_SECONDS = 3600.0  #: a migration of a large table
CLOSE_SECONDS = 2.0  #: what is under way may end; then connections are cut
SESSION = {
    "application_name": "hub",
    "timezone": "UTC",
    "lock_timeout": "5000",  # milliseconds
    "idle_in_transaction_session_timeout": "30000",
    "jit": "off",  # compiling took 40 of the 45 ms of a search; no statement of ours runs long enough to be worth it
}

log = structlog.get_logger(__name__)

_PLACE = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/|\?", re.DOTALL)

_BUSY = (
    asyncpg.exceptions.TransactionRollbackError,  # serialization failure, deadlock
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
)
_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shut down, crashed, starting up
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,  # a standby that is being promoted
    asyncpg.TooManyConnectionsError,
    asyncpg.InternalClientError,  # the server died under a statement: "cannot switch to state 12; another operation …"
    OSError,  # refused, reset; TimeoutError too
)
_REFUSED = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.ClientConfigurationError,
)


@lru_cache(maxsize=2048)
def numbered(sql: str) -> str:
    """`?` outside of literals, quoted names and comments becomes `$1`, `$2`, …"""
    count = 0

    def place(found: re.Match[str]) -> str:
        nonlocal count
        if found[0] != "?":
            return found[0]
        count += 1
        return f"${count}"

    return _PLACE.sub(place, sql)


def translated(error: Exception) -> HubError | None:
    """Our error for a server that is busy, full or away; None for a defect."""
    if isinstance(error, _REFUSED):
        return ConfigError(
            f"database.url: {error}",
            sentence="Máy chủ cơ sở dữ liệu từ chối tài khoản hoặc không có cơ sở dữ liệu này; hãy sửa database.url.",
        )
    if isinstance(error, _BUSY):
        return TransientError(f"postgres: {error}", code="database-busy", fault=Fault.HUB, sentence=BUSY)
    if isinstance(error, _AWAY):
        return TransientError(f"postgres: {error!r}", code="database-away", sentence=AWAY)
    if isinstance(error, asyncpg.InsufficientResourcesError):
        return TransientError(f"postgres: {error}", code="database-full", fault=Fault.HUB, sentence=FULL)
    if isinstance(error, asyncpg.InterfaceError) and re.search(r"clos|released|terminated", str(error)):
        return TransientError(f"postgres: {error}", code="database-away", sentence=AWAY)
    return None


class _Translating:
    """`with` block around calls of the driver: its errors leave as ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, HubError) and (ours := translated(error)) is not None:
            raise ours from error


translating = _Translating()


def rows_changed(status: str) -> int:
    """The number in a command status such as `UPDATE 3` or `INSERT 0 2`; 0 where there is none."""
    last = status.rsplit(" ", 1)[-1]
    return int(last) if last.isdigit() else 0


class PostgresSession:
    """One pooled connection inside one transaction."""

    def __init__(self, pool: Any, connection: Any, *, seconds: float) -> None:
        self._pool = pool
        self._connection = connection
        self._seconds = seconds

    async def fetch(self, sql: str, args: Sequence[Any]) -> list[Row]:
        with translating:
            return [dict(row) for row in await self._connection.fetch(numbered(sql), *args, timeout=self._seconds)]

    async def fetch_later(self, sql: str, args: Sequence[Any]) -> list[Row]:
        return await self.fetch(sql, args)

    async def execute(self, sql: str, args: Sequence[Any]) -> int:
        with translating:
            return rows_changed(await self._connection.execute(numbered(sql), *args, timeout=self._seconds))

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        with translating:
            await self._connection.executemany(numbered(sql), rows, timeout=self._seconds)

    async def change_one(self, sql: str, args: Sequence[Any], otherwise: Exception) -> None:
        if await self.execute(sql, args) != 1:
            raise otherwise

    async def execute_at_commit(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        await self.execute_many(sql, rows)  # it has nothing to gain

    async def commit(self) -> None:
        try:
            with translating:
                if await self._connection.execute("COMMIT") != "COMMIT":
                    raise RuntimeError("PostgreSQL rolled back: the transaction had failed before")
        except BaseException:
            await self.rollback()
            raise
        await self._release()

    async def rollback(self) -> None:
        try:
            if not self._connection.is_closed() and self._connection.is_in_transaction():
                await self._connection.execute("ROLLBACK", timeout=CLOSE_SECONDS)
        except Exception as error:
            log.warning("database connection thrown away", reason=repr(error))
            with suppress(asyncpg.InterfaceError):  # a lost connection has left the pool already
                self._connection.terminate()
        finally:
            await self._release()

    async def _release(self) -> None:
        with suppress(asyncpg.InterfaceError):  # the pool was closed meanwhile
            await self._pool.release(self._connection)


class PostgresEngine:
    """One PostgreSQL database behind a pool."""

    dialect: Dialect = "postgres"
    skip_locked = " FOR UPDATE SKIP LOCKED"

    def __init__(self, pool: Any, *, read_only: bool) -> None:
        self._pool = pool
        self._read_only = read_only

    @classmethod
    async def open(cls, url: str, *, read_only: bool, pool: int) -> "PostgresEngine":
        """A pool that connects when first used, at most `pool` times. Raises ConfigError for a malformed address."""
        try:
            sense = urlsplit(url).port != 0
        except ValueError:
            sense = False
        if not sense:  # the text is not repeated: it may hold the password
            raise ConfigError(
                "database.url: not a PostgreSQL address; wanted postgres://user:password@host:5432/hub,"
                " special characters of the password as %XX",
                sentence="database.url không đúng dạng; ký tự đặc biệt trong mật khẩu phải viết dạng %XX.",
            )
        with translating:
            made = await asyncpg.create_pool(
                url,
                min_size=0,  # more makes asyncpg log a traceback each second while the server is away
                max_size=pool,
                timeout=CONNECT_SECONDS,
                command_timeout=COMMAND_SECONDS,
                server_settings=SESSION | {"default_transaction_read_only": "on" if read_only else "off"},
                init=_prepare,
                reset=_keep,
            )
        return cls(made, read_only=read_only)

    async def begin(self, *, patient: bool = False) -> PostgresSession:
        if self._read_only:
            raise RuntimeError("this database was opened for reading only")
        with translating:
            connection = await self._pool.acquire()
        session = PostgresSession(self._pool, connection, seconds=PATIENT_SECONDS if patient else COMMAND_SECONDS)
        try:
            with translating:
                await connection.execute("BEGIN; SET LOCAL lock_timeout = 0" if patient else "BEGIN")
        except BaseException:
            await unbroken(session.rollback())
            raise
        return session

    async def fetch(self, sql: str, args: Sequence[Any]) -> list[Row]:
        with translating:
            return [dict(row) for row in await self._pool.fetch(numbered(sql), *args)]

    async def each(self, sql: str, args: Sequence[Any], take: Callable[..., None]) -> None:
        with translating:
            async with self._pool.acquire() as connection, connection.transaction(readonly=True):
                async for row in connection.cursor(numbered(sql), *args, prefetch=1_000):
                    take(*row)

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[Any]:
        """A connection that sees one moment of the database for as long as the block lasts."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            yield connection

    async def scrub(self, table: str) -> None:
        """VACUUM the table: dead versions of purged rows are overwritten. Its indexes of words are made anew.

        A GIN index keeps the key of a word though no row has it any more, for as long as the index lives.
        """
        with translating:
            await self._pool.execute(f'VACUUM "{table}"', timeout=PATIENT_SECONDS)
            for name in await self._indexes_of_words(table, "NOT x.indisvalid"):  # left by one that was cut off
                await self._pool.execute(f'DROP INDEX IF EXISTS "{name}"', timeout=PATIENT_SECONDS)
            for name in await self._indexes_of_words(table, "x.indisvalid"):
                await self._pool.execute(f'REINDEX INDEX CONCURRENTLY "{name}"', timeout=PATIENT_SECONDS)

    async def _indexes_of_words(self, table: str, only: str) -> list[str]:
        rows = await self._pool.fetch(
            "SELECT c.relname FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_am m ON m.oid = c.relam"
            f" WHERE x.indrelid = to_regclass($1) AND m.amname = 'gin' AND {only} ORDER BY c.relname",
            table,
        )
        return [row["relname"] for row in rows]

    async def drop_caches(self) -> None:
        """The server keeps pages, not we."""

    async def close(self) -> None:
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()


async def _prepare(connection: Any) -> None:
    """Sums of BIGINT are NUMERIC, which asyncpg gives as Decimal and SQLite as int: one Python type for both."""
    await connection.set_type_codec("numeric", schema="pg_catalog", encoder=str, decoder=_number, format="text")


def _number(text: str) -> int | float:
    return float(text) if "." in text or "N" in text else int(text)


async def _keep(connection: Any) -> None:
    """Nothing to reset: transactions are ended by us, and no statement of ours changes the session."""
