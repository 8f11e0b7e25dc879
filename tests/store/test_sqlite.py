"""SQLite: one process with readers beside it; safe at power loss, clean after a purge, patient with a full disk."""

import asyncio
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from connectors.errors import ConfigError, TransientError
from hub.store.database import Database
from hub.store.sqlite import translated
from tests.store.facts import keys, put, run_python


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


async def test_a_second_process_on_the_same_file_is_told_what_to_do(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path / 'hub.db'}"
    async with await Database.open(url):
        code = "import asyncio, sys; from hub.store.database import Database; asyncio.run(Database.open(sys.argv[1]))"
        second = await asyncio.to_thread(run_python, code, url)
        assert f"in use by process {os.getpid()}" in second.stderr
        with pytest.raises(ConfigError) as refused:
            await Database.open(url)
    assert "hãy dừng tiến trình đó" in refused.value.sentence
    async with await Database.open(url) as free:
        assert await keys(free) == []


async def test_it_is_a_transactions_turn_from_its_first_statement_on(tmp_path: Path) -> None:
    async with await Database.open(f"sqlite://{tmp_path / 'hub.db'}") as db:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO fact (key, value) VALUES ('first', '')")
            second = asyncio.create_task(put(db, "second"))
            assert await keys(db) == []
            await tx.execute("UPDATE fact SET value = 'x'")
            assert await tx.fetch("SELECT key FROM fact") == [{"key": "first"}]
            assert not second.done()
        await second
        async with db.transaction():
            pass  # one that says nothing keeps nobody out
        await put(db, "third")
        assert await keys(db) == ["first", "second", "third"]


async def test_a_killed_process_leaves_its_work_and_no_lock(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path / 'hub.db'}"
    code = """
import asyncio, os, signal, sys
from hub.store.database import Database

async def main():
    db = await Database.open(sys.argv[1])
    for key in ("committed", "lost"):
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO fact (key, value) VALUES (?, '')", key)
            if key == "lost":
                os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""
    assert (await asyncio.to_thread(run_python, code, url)).returncode == -signal.SIGKILL
    async with await Database.open(url, read_only=True) as reader:
        assert await keys(reader) == ["committed"]
    async with await Database.open(url) as writer:
        assert await keys(writer) == ["committed"]


async def test_reading_only_works_beside_the_process_that_writes_and_can_change_nothing(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path / 'hub.db'}"
    async with await Database.open(url) as writer, await Database.open(url, read_only=True) as reader:
        await put(writer, "a")
        assert await keys(reader) == ["a"]
        with pytest.raises(RuntimeError, match="reading only"):
            await put(reader, "b")
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await reader.fetch("DELETE FROM fact RETURNING key")
        assert await keys(writer) == ["a"]


async def test_reading_only_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        await Database.open("sqlite://hub.db", base=tmp_path, read_only=True)
    assert files(tmp_path) == []


async def test_sqlite_is_set_to_lose_nothing_at_power_loss(tmp_path: Path) -> None:
    async with await Database.open("sqlite://hub.db", base=tmp_path) as db, db.transaction() as tx:
        found = {}
        for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout"):
            [row] = await tx.fetch(f"PRAGMA {name}")
            found[name] = next(iter(row.values()))
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 5000,
    }


async def test_purged_text_leaves_the_files(tmp_path: Path) -> None:
    async with await Database.open("sqlite://hub.db", base=tmp_path) as db:
        await put(db, "a", "TUYỆT MẬT " * 2000)
        assert any("TUYỆT MẬT".encode() in path.read_bytes() for path in files(tmp_path))
        async with db.transaction() as tx:
            await tx.execute("UPDATE fact SET value = ''")
        await db.scrub("fact")
        assert not any("TUYỆT MẬT".encode() in path.read_bytes() for path in files(tmp_path))


async def test_a_full_disk_undoes_the_whole_transaction_and_is_tried_again(tmp_path: Path) -> None:
    async with await Database.open("sqlite://hub.db", base=tmp_path) as db:
        async with db.transaction() as tx:
            [pages] = await tx.fetch("PRAGMA page_count")
            await tx.fetch(f"PRAGMA max_page_count = {pages['page_count'] + 2}")

        async def fill() -> None:
            async with db.transaction() as tx:
                await tx.execute("INSERT INTO fact (key, value) VALUES ('small', '')")
                await tx.execute("INSERT INTO fact (key, value) VALUES ('large', ?)", "x" * 100_000)

        with pytest.raises(TransientError) as full:
            await fill()
        assert full.value.code == "database-full"
        assert "đã đầy" in full.value.sentence
        async with db.transaction() as tx:
            await tx.fetch("PRAGMA max_page_count = 1000000")
            await tx.execute("INSERT INTO fact (key, value) VALUES ('large', ?)", "x" * 100_000)
        assert await keys(db) == ["large"]


def test_a_locked_sqlite_file_is_tried_again_and_a_wrong_statement_is_not(tmp_path: Path) -> None:
    first, second = (sqlite3.connect(tmp_path / "hub.db", timeout=0, isolation_level=None) for _ in range(2))
    try:
        first.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError) as locked:
            second.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError) as wrong:
            second.execute("SELEKT 1")
    finally:
        first.close()
        second.close()
    error = translated(locked.value)
    assert isinstance(error, TransientError)
    assert error.code == "database-busy"
    assert translated(wrong.value) is None


def test_what_reads_as_damaged_is_tried_again_with_a_sentence_about_the_disk(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "hub.db")) as db:
        db.execute("CREATE TABLE fact (key TEXT)")
        db.executemany("INSERT INTO fact (key) VALUES (?)", [("x" * 1000,)] * 100)
        db.commit()
    content = bytearray((tmp_path / "hub.db").read_bytes())
    content[3 * 4096 : 4 * 4096] = bytes(4096)  # as a disk leaves it that lost a sector
    (tmp_path / "hub.db").write_bytes(content)
    with closing(sqlite3.connect(tmp_path / "hub.db")) as db, pytest.raises(sqlite3.DatabaseError) as damaged:
        db.execute("SELECT count(key) FROM fact WHERE key > ''").fetchall()
    error = translated(damaged.value)
    assert isinstance(error, TransientError)
    assert error.code == "database-damaged"
    assert "kiểm tra đĩa" in error.sentence


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "hub.db").write_text("Báo cáo tuần\n" * 1000)
    with pytest.raises(ConfigError, match="not a database"):
        await Database.open("sqlite://hub.db", base=tmp_path)
    assert (tmp_path / "hub.db").read_text() == "Báo cáo tuần\n" * 1000
    with pytest.raises(ConfigError, match="cannot be used"):
        await Database.open("sqlite://hub.db/below/hub.db", base=tmp_path)
