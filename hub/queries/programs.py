"""With which programs does the hub work, and of which versions?"""

import platform
import sqlite3
from importlib.metadata import version

from hub.store.unit import Store


async def programs(store: Store) -> list[tuple[str, str]]:
    """Names, which nobody translates, and versions."""
    if store.database.dialect == "postgres":
        [row] = await store.fetch("SHOW server_version")
        database = ("PostgreSQL", str(row["server_version"]))
    else:
        database = ("SQLite", sqlite3.sqlite_version)
    return [
        ("hub", version("provincial-hub")), ("Python", platform.python_version()), database,
        ("aiohttp", version("aiohttp")),
    ]  # fmt: skip
