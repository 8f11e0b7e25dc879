"""The schema's history: complete, harmless to rows, all or nothing, and the same on both engines."""

import ast
import asyncio
import importlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, get_args

import pytest
from tortoise.context import TortoiseContext

import hub.store.migrations
from connectors.errors import ConfigError
from hub.store import makemigrations, schema, tables
from hub.store.database import Database
from hub.store.engine import Dialect, Engine, unbroken
from hub.store.postgres import PostgresEngine
from hub.store.sqlite import SqliteEngine
from tests.store.interruption import cancel_everywhere

NEWER = "tests.store.newer_migrations"
FILES = sorted(Path(hub.store.migrations.__file__).parent.glob("[0-9]*.py"))

#: what a table is, whatever its comments and the order in which it was made
SHAPE = {
    "sqlite": {
        "columns": "SELECT m.name AS tab, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk FROM sqlite_master m,"
        " pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1, 2",
        "indexes": 'SELECT m.name AS tab, i."unique", i.origin,'
        " (SELECT group_concat(name) FROM pragma_index_info(i.name)) AS cols,"
        " (SELECT sql FROM sqlite_master s WHERE s.name = i.name) AS text"
        " FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type = 'table' ORDER BY 1, 2, 3, 4, 5",
        "foreign": "SELECT m.name AS tab, f.* FROM sqlite_master m, pragma_foreign_key_list(m.name) f ORDER BY 1",
    },
    "postgres": {
        "columns": "SELECT table_name AS tab, column_name, data_type, character_maximum_length, is_nullable,"
        " column_default FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2",
        "indexes": "SELECT tablename AS tab, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2",
        "foreign": "SELECT conrelid::regclass::text AS tab, pg_get_constraintdef(oid) AS text FROM pg_constraint"
        " WHERE contype = 'f' ORDER BY 1, 2",
    },
}  # fmt: skip


async def open_engine(url: str) -> Engine:
    if url.startswith("sqlite"):
        return await SqliteEngine.open(Path(url.removeprefix("sqlite://")), read_only=False)
    return await PostgresEngine.open(url, read_only=False, pool=2)


async def shape(engine: Engine) -> dict[str, Any]:
    return {
        part: [row for row in await engine.fetch(sql, ()) if not _beside(row["tab"])]
        for part, sql in SHAPE[engine.dialect].items()
    }


def _beside(table: str) -> bool:
    """Whether Tortoise does not know the table: the index of the search has words of its own on each database."""
    return table in (schema.RECORDS, "sqlite_sequence") or table.startswith("search_")


async def columns_of(engine: Engine, table: str) -> list[dict[str, Any]]:
    return [row for row in (await shape(engine))["columns"] if row["tab"] == table]


async def test_the_migrations_hold_everything_the_tables_have() -> None:
    assert [writer.as_string() for writer in await makemigrations.changes()] == []


@pytest.mark.parametrize("dialect", get_args(Dialect))
@pytest.mark.parametrize(
    ("package", "name"), [*((schema.PACKAGE, path.stem) for path in FILES), (NEWER, "9000_later")]
)  # fmt: skip
async def test_the_sql_beside_a_migration_is_what_tortoise_writes(package: str, name: str, dialect: Dialect) -> None:
    written = await makemigrations.collected(name, dialect, package)
    assert schema.statements(name, dialect, package) == written, "run `python -m hub.store.makemigrations`"
    assert written


def test_sql_stands_beside_migrations_alone() -> None:
    beside = {path.name for path in FILES[0].parent.glob("*.sql")}
    assert beside == {f"{path.stem}.{dialect}.sql" for path in FILES for dialect in get_args(Dialect)}


async def test_a_migrated_database_equals_one_made_from_the_tables(database_url: str, tmp_path: Path) -> None:
    engine = await open_engine(database_url)
    try:
        await schema.ensure(engine, read_only=False)
        migrated = await shape(engine)
        if engine.dialect == "postgres":
            await engine.fetch("DROP SCHEMA public CASCADE", ())
            await engine.fetch("CREATE SCHEMA public", ())
            direct_url = database_url.replace("postgres://", "asyncpg://")
        else:
            direct_url = f"sqlite://{tmp_path / 'direct.db'}"
        async with TortoiseContext() as context:
            await context.init(db_url=direct_url, modules={schema.APP: list(tables.MODULES)})
            await context.generate_schemas(safe=False)
        if engine.dialect == "sqlite":
            await engine.close()
            engine = await open_engine(direct_url)
        direct = await shape(engine)
    finally:
        await engine.close()
    assert len(migrated["columns"]) > 100
    assert migrated == direct


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_migration_uses_an_operation_that_loses_rows(path: Path) -> None:
    used = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    lossy = used & {"RemoveField", "AlterField", "DeleteModel", "RunPython"}
    assert not lossy, f"{path.name}: write {lossy} as RunSQL with ALTER TABLE, see docs/howto/change-the-schema.md"


async def test_many_processes_may_open_a_new_postgres_database_at_once(pg_url: str) -> None:
    opened = await asyncio.gather(*(Database.open(pg_url) for _ in range(5)))
    try:
        [row] = await opened[0].fetch(f"SELECT count(*) AS n FROM {schema.RECORDS}")
        assert row["n"] == len(FILES)
    finally:
        for db in opened:
            await db.close()


async def test_opening_may_be_cancelled_at_any_await_and_succeeds_the_next_time(database_url: str) -> None:
    async with await Database.open(database_url):
        pass

    async def work() -> None:
        engine = await open_engine(database_url)
        try:
            await schema.ensure(engine, read_only=False, package=NEWER)
        finally:
            await unbroken(engine.close())

    async def check() -> None:
        engine = await open_engine(database_url)
        try:
            names = [row["name"] for row in await engine.fetch(f"SELECT name FROM {schema.RECORDS}", ())]
            columns = {row.get("name") or row.get("column_name") for row in await columns_of(engine, "fact")}
            assert ("9000_later" in names) == ("note" in columns)
            if "note" in columns:
                session = await engine.begin()
                await session.execute("ALTER TABLE fact DROP COLUMN note", ())
                await session.execute("ALTER TABLE member ADD COLUMN home TEXT NOT NULL DEFAULT ''", ())
                await session.execute(f"DELETE FROM {schema.RECORDS} WHERE name = '9000_later'", ())
                await session.commit()
        finally:
            await engine.close()

    assert await cancel_everywhere(work, check, 1) >= 5


async def test_an_upgrade_keeps_the_rows_and_the_old_program_refuses_the_new_schema(database_url: str) -> None:
    async with await Database.open(database_url) as db, db.transaction() as tx:
        await tx.execute("INSERT INTO fact (key, value) VALUES ('epoch', '7')")
    engine = await open_engine(database_url)
    try:
        before = await shape(engine)
        await schema.ensure(engine, read_only=False, package=NEWER)
        await schema.ensure(engine, read_only=False, package=NEWER)
        after = await shape(engine)
        assert after["indexes"] == before["indexes"]
        assert len(await columns_of(engine, "member")) == sum(row["tab"] == "member" for row in before["columns"]) - 1
        assert await engine.fetch("SELECT * FROM fact", ()) == [{"key": "epoch", "value": "7", "note": "old; kept?"}]
    finally:
        await engine.close()
    for read_only in (False, True):
        with pytest.raises(ConfigError, match="newer than this program") as refused:
            await Database.open(database_url, read_only=read_only)
        assert "phiên bản" in refused.value.sentence


async def test_reading_only_refuses_a_database_that_was_not_upgraded(database_url: str) -> None:
    async with await Database.open(database_url):
        pass
    engine = await open_engine(database_url)
    try:
        with pytest.raises(ConfigError, match="older than this program"):
            await schema.ensure(engine, read_only=True, package=NEWER)
    finally:
        await engine.close()


async def test_a_copy_from_before_the_upgrade_is_kept_without_texts_that_were_not_screened(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    async with await Database.open(f"sqlite://{path}") as db, db.transaction() as tx:
        await tx.execute("INSERT INTO fact (key, value) VALUES ('epoch', '7')")
        for name, state in (("read", "done"), ("unread", "new")):
            await tx.execute(
                "INSERT INTO source (name, member, connector, kind, url, host, review, state, known, cursor,"
                " body_sha256, due_at)"
                " VALUES (?, 'H52', 'feed', 'news', '', '', 'auto', 'active', ?, '{\"etag\": 1}', 'ff', 0)",
                name, b"",
            )  # fmt: skip
            [made] = await tx.fetch(
                "INSERT INTO capture (source, url, sha256, size, fetched_at, state, due_at)"
                " VALUES (?, '', '', 0, 0, ?, 0) RETURNING id",
                name, state,
            )  # fmt: skip
            body = f"body of {name}".encode() * 500
            await tx.execute("INSERT INTO capture_body (id, body) VALUES (?, ?)", made["id"], body)
    engine = await open_engine(f"sqlite://{path}")
    try:
        await schema.ensure(engine, read_only=False, package=NEWER)
    finally:
        await engine.close()
    copy = tmp_path / "hub.db.before-upgrade"
    with closing(sqlite3.connect(copy)) as db_copy:
        assert db_copy.execute("SELECT * FROM fact").fetchall() == [("epoch", "7")]
        kept = (
            "SELECT source, state, body IS NULL FROM capture LEFT JOIN capture_body b ON b.id = capture.id ORDER BY 1"
        )
        assert db_copy.execute(kept).fetchall() == [("read", "done", 0), ("unread", "purged", 1)]
        assert db_copy.execute("SELECT name, cursor, body_sha256 FROM source ORDER BY 1").fetchall() == [
            ("read", '{"etag": 1}', "ff"),
            ("unread", "{}", ""),
        ]
        assert db_copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert b"body of unread" not in copy.read_bytes()
    assert not (tmp_path / "hub.db.before-upgrade.part").exists()


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        (
            "SELECT id FROM delivery WHERE destination = ? AND due_at <= ? AND state IN ('ready', 'sending')",
            "delivery_due",
        ),
        ("SELECT id FROM capture WHERE source = ? AND id > ? AND state IN ('new', 'working', 'held')", "capture_open"),
        ("SELECT id FROM capture WHERE due_at <= ? AND state IN ('new', 'working')", "capture_due"),
        ("SELECT name FROM source WHERE due_at <= ? AND state = 'active'", "source_due"),
        ("SELECT id FROM event WHERE sequence IS NULL ORDER BY id", "(sequence=?)"),
        ("SELECT id FROM attempt WHERE delivery = ? AND outcome = 'open'", "attempt_open"),
        ("SELECT id FROM edition WHERE state = 'held' ORDER BY id", "edition_held"),
        ("SELECT id FROM task WHERE state = 'open' AND days = ? AND (opened_at, id) > (?, ?)", "task_open"),
    ],
)
async def test_claims_find_their_live_rows_by_index(tmp_path: Path, sql: str, index: str) -> None:
    async with await Database.open(f"sqlite://{tmp_path / 'hub.db'}") as db:
        plan = await db.fetch(f"EXPLAIN QUERY PLAN {sql}", *([0] * sql.count("?")))
    assert index in " ".join(row["detail"] for row in plan)


def test_every_migration_is_named_by_its_number() -> None:
    names = schema.on_disk()
    assert [int(name[:4]) for name in names] == list(range(len(names)))
    assert all(hasattr(importlib.import_module(f"{schema.PACKAGE}.{name}"), "Migration") for name in names)
