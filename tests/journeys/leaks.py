"""Where a word is found in all that a hub has: tables, kept files, the database's own files, and what readers get."""

import zlib
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer

from hub.app import Hub
from hub.store.database import Database
from hub.web.server import application


async def tables(database: Database) -> Iterator[tuple[str, str]]:
    """Every text of every table with its place, bodies unpacked."""
    if database.dialect == "sqlite":
        names = await database.fetch(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            " AND sql NOT LIKE 'CREATE VIRTUAL%'"
        )
    else:
        names = await database.fetch("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    found = []
    for table in sorted(row["name"] for row in names):
        for row in await database.fetch(f'SELECT * FROM "{table}"'):
            for column, value in row.items():
                if isinstance(value, bytes | memoryview | str):
                    found.append((f"{table}.{column}", _text(value)))
    return iter(found)


def _text(value: bytes | memoryview | str) -> str:
    if isinstance(value, str):
        return value
    raw = bytes(value)
    with suppress(zlib.error):
        raw = zlib.decompress(raw)
    return raw.decode("utf-8", "replace")


def files(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file below a folder with its content, the database's own and its log among them."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), _text(path.read_bytes())


async def public(hub: Hub, *paths: str) -> Iterator[tuple[str, str]]:
    """What everybody gets at these addresses."""
    found = []
    async with TestClient(TestServer(application(hub.engine, hub.settings))) as client:
        for path in paths:
            async with client.get(path) as answer:
                found.append((path, await answer.text()))
    return iter(found)


def leaks(texts: Iterator[tuple[str, str]], needles: Collection[str]) -> set[tuple[str, str]]:
    """Which of these words are found, and where."""
    sought = [(needle, needle.casefold()) for needle in needles]
    found = set()
    for place, text in texts:
        folded = text.casefold()
        found |= {(needle, place) for needle, low in sought if low in folded}
    return found
