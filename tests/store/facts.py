"""Rows of the smallest table, for tests of the database itself, and a Python process beside this one."""

import subprocess
import sys

from hub.store.database import Database


async def put(db: Database, key: str, value: str = "") -> None:
    async with db.transaction() as tx:
        await tx.execute("INSERT INTO fact (key, value) VALUES (?, ?)", key, value)


async def keys(db: Database) -> list[str]:
    return [row["key"] for row in await db.fetch("SELECT key FROM fact ORDER BY key")]


def run_python(code: str, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, timeout=30)
