"""`python -m hub.store.makemigrations [name]` writes down what hub/store/tables has and the migrations lack.

Needs no database. Read the file it writes: a rename looks like a removal to it (docs/howto/change-the-schema.md).
"""

import asyncio
import sys

from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.writer import MigrationWriter, format_migration_name

from hub.store.schema import TORTOISE

HEADER = "# ruff: noqa\n# Written by `python -m hub.store.makemigrations`, then read by a person.\n"


async def changes() -> list[MigrationWriter]:
    """What the tables have that the migrations lack; empty when they agree."""
    async with TortoiseContext() as context:
        await context.init(config=TORTOISE, init_connections=False)
        assert context.apps is not None
        return await MigrationAutodetector(context.apps, TORTOISE["apps"]).changes()


def main(name: str = "") -> None:
    """Write the missing migration and print where."""
    writers = asyncio.run(changes())
    for writer in writers:
        if name:
            writer.name = format_migration_name(int(writer.name.partition("_")[0]), name)
        path = writer.write()
        path.write_text(HEADER + path.read_text())
        print(path)
    if not writers:
        print("No changes detected")


if __name__ == "__main__":
    main(*sys.argv[1:2])
