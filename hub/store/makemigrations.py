"""`python -m hub.store.makemigrations [name]` writes down what hub/store/tables has and the migrations lack.

Needs no database. Read the file it writes: a rename looks like a removal to it (docs/howto/change-the-schema.md). Run
it again after changing a migration: the SQL beside each, which hub/store/schema.py executes, is written anew each time.
"""

import asyncio
import importlib
import sys
from pathlib import Path
from typing import Any, get_args

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.sqlite.client import SqliteClient
from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.recorder import MigrationRecorder
from tortoise.migrations.writer import MigrationWriter, format_migration_name

from hub.store import tables
from hub.store.engine import Dialect
from hub.store.schema import APP, PACKAGE, on_disk, split

HEADER = "# ruff: noqa\n# Written by `python -m hub.store.makemigrations`, then read by a person.\n"

TORTOISE: dict[str, Any] = {
    "connections": {"sqlite": {"engine": "tortoise.backends.sqlite", "credentials": {"file_path": ":memory:"}}},
    "apps": {APP: {"models": list(tables.MODULES), "migrations": PACKAGE, "default_connection": "sqlite"}},
    "use_tz": True,
    "timezone": "UTC",
}


class _Unrecorded(MigrationRecorder):
    """All SQL is wanted, whatever some database has applied."""

    async def applied_migrations(self) -> list[MigrationKey]:
        return []


async def changes() -> list[MigrationWriter]:
    """What the tables have that the migrations lack; empty when they agree."""
    async with TortoiseContext() as context:
        await context.init(config=TORTOISE, init_connections=False)
        assert context.apps is not None
        return await MigrationAutodetector(context.apps, TORTOISE["apps"]).changes()


async def collected(name: str, dialect: Dialect, package: str = PACKAGE) -> list[str]:
    """The SQL of one migration, statement by statement, as Tortoise's schema editor for the dialect writes it."""
    client: BaseDBAsyncClient  # never connected: it only names the dialect
    if dialect == "sqlite":
        client = SqliteClient(":memory:", connection_name="sqlite")
    else:
        client = AsyncpgDBClient(connection_name="postgres")
    async with TortoiseContext():
        executor = MigrationExecutor(client, {APP: TORTOISE["apps"][APP] | {"migrations": package}})
        executor.loader.recorder = _Unrecorded(client)
        found = await executor.collect_sql(APP, name)
    if any("CANNOT BE REPRESENTED AS SQL" in sql or "-- params:" in sql for sql in found):
        raise RuntimeError(f"migration {name}: write it as RunSQL without parameters")
    return [statement for sql in found if not sql.startswith("--") for statement in split(sql)]


async def write_sql(package: str = PACKAGE) -> None:
    """Write the SQL of every migration beside it, for each dialect."""
    importlib.invalidate_caches()  # one of them was perhaps written just now
    folder = Path(importlib.import_module(package).__path__[0])
    for name in on_disk(package):
        for dialect in get_args(Dialect):
            (folder / f"{name}.{dialect}.sql").write_text("\n".join(await collected(name, dialect, package)) + "\n")


def main(name: str = "") -> None:
    """Write the missing migration and the SQL of all; print where."""
    writers = asyncio.run(changes())
    for writer in writers:
        if name:
            writer.name = format_migration_name(int(writer.name.partition("_")[0]), name)
        path = writer.write()
        path.write_text(HEADER + path.read_text())
        print(path)
    if not writers:
        print("No changes detected")
    asyncio.run(write_sql())


if __name__ == "__main__":
    main(*sys.argv[1:2])
