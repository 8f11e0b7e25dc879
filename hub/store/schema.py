"""Brings a database to the newest schema: runs the SQL that Tortoise wrote of its migrations, without Tortoise.

Beside each migration stands its SQL, once for each dialect, written by hub/store/makemigrations.py: to collect it anew
at every new database took 1 to 2 s, for text that never changes. A test holds the files to what Tortoise collects.

Tortoise's own runner records a migration after its transaction, so a kill in between leaves a database that can neither
go on nor back. Here all pending migrations and their records are one transaction on both dialects. Tortoise also
rebuilds SQLite tables with DROP TABLE for RemoveField and AlterField, which loses rows and indexes: a test forbids
both in the migration files.
"""

import pkgutil
import sqlite3
from importlib import import_module, resources

import structlog

from connectors.errors import ConfigError
from hub.store.engine import Dialect, Engine, Session, unbroken
from hub.store.sqlite import SqliteEngine

PACKAGE = "hub.store.migrations"
APP = "hub"
RECORDS = "tortoise_migrations"
ADVISORY_LOCK = 7203000  #: held by the one process that migrates a PostgreSQL database

TABLE_NAMED: dict[Dialect, str] = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?",
    "postgres": "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename = ?",
}
RECORD_TABLE = (  # as Tortoise's own command line reads it
    f"CREATE TABLE IF NOT EXISTS {RECORDS} (app VARCHAR(255) NOT NULL, name VARCHAR(255) NOT NULL,"
    " applied_at TIMESTAMP NOT NULL, PRIMARY KEY (app, name))"
)
UNSCREENED = (
    "UPDATE source SET body_sha256 = '', cursor = '{}'"
    " WHERE name IN (SELECT source FROM capture WHERE state IN ('new', 'working', 'held'))",
    "DELETE FROM capture_body WHERE id IN (SELECT id FROM capture WHERE state IN ('new', 'working', 'held'))",
    "UPDATE capture SET state = 'purged' WHERE state IN ('new', 'working', 'held')",
)

log = structlog.get_logger(__name__)


def on_disk(package: str = PACKAGE) -> list[str]:
    """Names of the migrations this program knows, oldest first."""
    names = (name for _, name, _ in pkgutil.iter_modules(import_module(package).__path__))
    return sorted(name for name in names if name[0].isdigit())


async def ensure(engine: Engine, *, read_only: bool, package: str = PACKAGE) -> None:
    """Run what is pending; reading only, refuse a schema of another version. `package`: where the migrations are."""
    known = on_disk(package)
    had = await applied(engine, engine.dialect)
    if unknown := sorted(set(had) - set(known)):
        raise ConfigError(
            f"database.url: the schema is newer than this program (it has {unknown[-1]}); start the newer version",
            sentence="Cơ sở dữ liệu thuộc phiên bản phần mềm mới hơn; "
            "hãy chạy đúng phiên bản đó, hoặc khôi phục bản sao trước nâng cấp.",
        )
    if had == known:
        return
    if read_only:
        raise ConfigError(
            "database.url: the schema is older than this program; start `hub run` once, it brings it up to date",
            sentence="Cơ sở dữ liệu chưa được nâng cấp; hãy chạy `hub run` một lần rồi thử lại.",
        )
    if had and isinstance(engine, SqliteEngine):
        await _copy(engine, until=had[-1])
    session = await engine.begin(patient=True)
    try:
        await _migrate(session, engine.dialect, package)
    except BaseException:
        await unbroken(session.rollback())
        raise
    await unbroken(session.commit())


async def applied(reader: Engine | Session, dialect: Dialect) -> list[str]:
    """Names of the migrations that this database has had, oldest first."""
    if not await reader.fetch(TABLE_NAMED[dialect], (RECORDS,)):
        return []
    rows = await reader.fetch(f"SELECT name FROM {RECORDS} WHERE app = ? ORDER BY name", (APP,))
    return [row["name"] for row in rows]


async def _copy(engine: SqliteEngine, *, until: str) -> None:
    """Keep one copy of the file from before the upgrade: a downgrade is to put it back.

    A backup holds no text that was not screened: bodies of captures not yet normalised are left out, and their sources
    forget that they had them, so that they are fetched again.
    """
    copy = engine.path.with_name(f"{engine.path.name}.before-upgrade")
    log.info("copying the database before its upgrade", path=str(copy), schema=until)
    await engine.copy_to(copy, leave_out=UNSCREENED)


async def _migrate(session: Session, dialect: Dialect, package: str) -> None:
    if dialect == "postgres":  # several hosts may start at once: the first one migrates, the others find it done
        await session.execute("SELECT pg_advisory_xact_lock(?)", (ADVISORY_LOCK,))
    had = await applied(session, dialect)  # again, inside: another process may just have done it
    await session.execute(RECORD_TABLE, ())
    for name in on_disk(package):
        if name not in had:
            log.info("migrating the database", migration=name)
            for statement in statements(name, dialect, package):
                await session.execute(statement, ())
            await session.execute(
                f"INSERT INTO {RECORDS} (app, name, applied_at) VALUES (?, ?, CURRENT_TIMESTAMP)", (APP, name)
            )
    if dialect == "sqlite" and (broken := await session.fetch("PRAGMA foreign_key_check", ())):
        raise RuntimeError(f"a migration left {len(broken)} rows without their parents")


def statements(name: str, dialect: Dialect, package: str = PACKAGE) -> list[str]:
    """The SQL of one migration, statement by statement."""
    return split(resources.files(package).joinpath(f"{name}.{dialect}.sql").read_text("utf-8"))


def split(sql: str) -> list[str]:
    """Single statements of a script; a line ends a statement when SQLite's own tokenizer says so."""
    found: list[str] = []
    part = ""
    for line in f"{sql.rstrip().removesuffix(';')};".splitlines():
        part += line + "\n"
        if sqlite3.complete_statement(part):
            found.append(part.strip())
            part = ""
    return found
