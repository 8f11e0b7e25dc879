"""`Database`: transactions, reads and errors on both engines, and the measured traps it must not fall into again."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from connectors.errors import ConfigError, TransientError
from hub.store.database import Database, Transaction, marks
from hub.store.postgres import numbered
from hub.store.sqlite import translated
from tests.servers import PostgresServer
from tests.store.interruption import cancel_everywhere


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    async with await Database.open(database_url) as opened:
        yield opened


async def put(db: Database, key: str, value: str = "") -> None:
    async with db.transaction() as tx:
        await tx.execute("INSERT INTO fact (key, value) VALUES (?, ?)", key, value)


async def keys(db: Database) -> list[str]:
    return [row["key"] for row in await db.fetch("SELECT key FROM fact ORDER BY key")]


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


# What goes in comes out


async def test_values_come_back_with_the_same_type_on_both_engines(db: Database) -> None:
    at = 1_795_000_000_123_456
    async with db.transaction() as tx:
        await tx.execute(
            "INSERT INTO capture (source, url, sha256, size, body, fetched_at, state, due_at)"
            f" VALUES ({marks(8)})",
            "so-y-te-tin", "http://mẫu.vn/?a=1", "0" * 64, 2**40, b"\x00\xff", at, "new", at,
        )  # fmt: skip
    [row] = await db.fetch("SELECT url, size, body, fetched_at, lease_until, note, replay FROM capture")
    assert row == {
        "url": "http://mẫu.vn/?a=1", "size": 2**40, "body": b"\x00\xff", "fetched_at": at,
        "lease_until": None, "note": "", "replay": 0,
    }  # fmt: skip


async def test_sums_are_integers_on_both_engines(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute_many(
            "INSERT INTO destination (name, connector, state, next_slot) VALUES (?, 'portal', 'active', ?)",
            [("a", 2**60), ("b", 2**60)],
        )
    assert await db.fetch("SELECT sum(next_slot) AS total, count(*) AS n FROM destination") == [
        {"total": 2**61, "n": 2}
    ]


async def test_changes_are_counted_and_returned(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute_many("INSERT INTO fact (key, value) VALUES (?, ?)", [("a", "1"), ("b", "1"), ("c", "2")])
        await tx.execute_many("INSERT INTO fact (key, value) VALUES (?, ?)", [])
        assert await tx.execute("UPDATE fact SET value = ? WHERE value = ?", "3", "1") == 2
        assert await tx.execute("DELETE FROM fact WHERE key = ?", "absent") == 0
        assert await tx.fetch("UPDATE fact SET value = '4' WHERE key = ? RETURNING key, value", "c") == [
            {"key": "c", "value": "4"}
        ]


async def test_a_list_of_values_selects_them_and_an_empty_one_nothing(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute_many("INSERT INTO fact (key, value) VALUES (?, '')", [("a",), ("b",), ("c",)])
        for wanted in (["a", "c"], []):
            rows = await tx.fetch(f"SELECT key FROM fact WHERE key IN ({marks(len(wanted))}) ORDER BY key", *wanted)
            assert [row["key"] for row in rows] == wanted


@pytest.mark.parametrize(
    ("sql", "rewritten"),
    [
        ("SELECT ?, ?", "SELECT $1, $2"),
        ("SELECT '?', ?", "SELECT '?', $1"),
        ("SELECT 'it''s ?', ?", "SELECT 'it''s ?', $1"),
        ('SELECT "a?b" FROM t WHERE x = ?', 'SELECT "a?b" FROM t WHERE x = $1'),
        ("SELECT ? -- why?\n, ?", "SELECT $1 -- why?\n, $2"),
        ("SELECT /* ? */ ?", "SELECT /* ? */ $1"),
    ],
)
def test_only_question_marks_that_stand_for_values_are_numbered(sql: str, rewritten: str) -> None:
    assert numbered(sql) == rewritten


# Transactions


async def test_a_read_waits_for_no_open_transaction_and_sees_what_is_committed(db: Database) -> None:
    async with asyncio.timeout(5):
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO fact (key, value) VALUES ('a', '')")
            assert await keys(db) == []
        assert await keys(db) == ["a"]


async def test_what_raises_is_rolled_back(db: Database) -> None:
    async def fail() -> None:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO fact (key, value) VALUES ('a', '')")
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await keys(db) == []
    await put(db, "b")
    assert await keys(db) == ["b"]


async def test_a_failed_statement_ends_its_transaction_even_when_its_error_is_swallowed(db: Database) -> None:
    async def careless() -> None:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO fact (key, value) VALUES ('a', '')")
            try:
                await tx.execute("INSERT INTO fact (key, value) VALUES ('a', '')")
            except Exception:
                with pytest.raises(RuntimeError, match="failed before"):
                    await tx.execute("INSERT INTO fact (key, value) VALUES ('b', '')")

    with pytest.raises(RuntimeError, match="failed before"):
        await careless()
    assert await keys(db) == []


async def test_a_task_started_inside_a_transaction_cannot_write_after_its_end(db: Database) -> None:
    ended = asyncio.Event()

    async def late(tx: Transaction) -> None:
        await ended.wait()
        await tx.execute("INSERT INTO fact (key, value) VALUES ('late', '')")

    async with db.transaction() as tx:
        task = asyncio.create_task(late(tx))
        await tx.execute("INSERT INTO fact (key, value) VALUES ('a', '')")
    ended.set()
    with pytest.raises(RuntimeError, match="over"):
        await task
    assert await keys(db) == ["a"]


async def test_two_tasks_cannot_use_one_transaction_at_once(db: Database) -> None:
    async with db.transaction() as tx:
        first, second = await asyncio.gather(
            tx.execute("INSERT INTO fact (key, value) VALUES ('a', '')"),
            tx.execute("INSERT INTO fact (key, value) VALUES ('b', '')"),
            return_exceptions=True,
        )
    assert first == 1
    assert isinstance(second, RuntimeError)
    assert await keys(db) == ["a"]


async def test_a_transaction_inside_a_transaction_is_refused_instead_of_waiting_for_itself(db: Database) -> None:
    async with db.transaction():
        with pytest.raises(RuntimeError, match="inside a transaction"):
            async with db.transaction():
                pass
    await put(db, "a")
    assert await keys(db) == ["a"]


@pytest.mark.parametrize("times", [1, 2, 5])
async def test_a_cancellation_at_any_await_leaves_all_or_nothing_and_a_usable_connection(
    db: Database, times: int
) -> None:
    async def work() -> None:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO fact (key, value) VALUES ('a', '')")
            await tx.fetch("SELECT 1 AS one")
            await tx.execute_many("INSERT INTO fact (key, value) VALUES (?, '')", [("b",), ("c",)])

    async def check() -> None:
        async with asyncio.timeout(5), db.transaction() as tx:
            found = [row["key"] for row in await tx.fetch("SELECT key FROM fact ORDER BY key")]
            assert found in ([], ["a", "b", "c"])
            await tx.execute("DELETE FROM fact")
        assert await keys(db) == []

    assert await cancel_everywhere(work, check, times) >= 5


async def test_claims_of_eight_workers_never_meet(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute_many(
            "INSERT INTO delivery (content_id, destination, wanted_revision, state, wanted_at, due_at)"
            " VALUES (?, 'portal', 1, 'ready', 0, ?)",
            [(str(n), n) for n in range(200)],
        )
    claimed: list[int] = []

    async def worker() -> None:
        while True:
            async with db.transaction() as tx:
                rows = await tx.fetch(
                    "UPDATE delivery SET state = 'sending', attempts = attempts + 1 WHERE id IN ("
                    "SELECT id FROM delivery WHERE destination = ? AND state = 'ready' ORDER BY due_at, id LIMIT ?"
                    f"{db.skip_locked}) RETURNING id",
                    "portal", 7,
                )  # fmt: skip
            if not rows:
                return
            claimed.extend(row["id"] for row in rows)

    async with asyncio.timeout(20):
        await asyncio.gather(*(worker() for _ in range(8)))
    assert len(claimed) == 200
    assert len(set(claimed)) == 200
    assert await db.fetch("SELECT max(attempts) AS most FROM delivery") == [{"most": 1}]


# Opening, closing, several at once


async def test_sqlite_and_postgres_can_be_open_in_one_process(tmp_path: Path, pg_url: str) -> None:
    urls = [f"sqlite://{tmp_path / 'one.db'}", pg_url, f"sqlite://{tmp_path / 'two.db'}"]
    opened = [await Database.open(url) for url in urls]
    try:
        for n, db in enumerate(opened):
            await put(db, str(n))
        assert [await keys(db) for db in opened] == [["0"], ["1"], ["2"]]
    finally:
        for db in opened:
            await db.close()


async def test_a_relative_file_is_made_with_its_folder_under_the_base(tmp_path: Path) -> None:
    async with await Database.open("sqlite://var/hub.db", base=tmp_path):
        assert (tmp_path / "var" / "hub.db").is_file()


@pytest.mark.parametrize(
    "url",
    [
        "", "hub.db", "sqlite://", "sqlite://:memory:", "mysql://root:geheim@localhost/hub", "root:geheim@localhost",
        "postgres://hub:x/geheim@localhost/hub", "postgres://hub:geheim@localhost:port/hub",
    ],
)  # fmt: skip
async def test_an_address_that_cannot_work_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ConfigError, match=r"database\.url") as refused:
        await Database.open(url)
    assert "database.url" in refused.value.sentence
    assert "geheim" not in str(refused.value) + refused.value.sentence


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "hub.db").write_text("Báo cáo tuần\n" * 1000)
    with pytest.raises(ConfigError, match="not a database"):
        await Database.open("sqlite://hub.db", base=tmp_path)
    assert (tmp_path / "hub.db").read_text() == "Báo cáo tuần\n" * 1000
    with pytest.raises(ConfigError, match="cannot be used"):
        await Database.open("sqlite://hub.db/below/hub.db", base=tmp_path)


async def test_reading_only_cannot_write_on_postgres(pg_url: str) -> None:
    async with await Database.open(pg_url) as writer, await Database.open(pg_url, read_only=True) as reader:
        with pytest.raises(TransientError):
            await reader.fetch("DELETE FROM fact RETURNING key")
        with pytest.raises(RuntimeError, match="reading only"):
            await put(reader, "a")
        assert await keys(writer) == []


async def test_closing_ends_an_open_transaction_without_waiting_for_it(database_url: str) -> None:
    db = await Database.open(database_url)
    begun = asyncio.Event()

    async def endless() -> None:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO fact (key, value) VALUES ('a', '')")
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(endless())
    await begun.wait()
    async with asyncio.timeout(15):
        await db.close()
        await db.close()
    task.cancel()
    await asyncio.wait([task], timeout=5)
    assert task.cancelled()
    with pytest.raises(TransientError):
        await db.fetch("SELECT 1")
    with pytest.raises(TransientError):
        await put(db, "b")
    async with await Database.open(database_url) as again:
        assert await keys(again) == []


def run_python(code: str, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, timeout=30)


def test_a_database_that_was_never_closed_does_not_keep_the_interpreter_alive(tmp_path: Path) -> None:
    code = "import asyncio, sys; from hub.store.database import Database; asyncio.run(Database.open(sys.argv[1]))"
    assert run_python(code, f"sqlite://{tmp_path / 'hub.db'}").returncode == 0


# SQLite: one process, readers beside it


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


# PostgreSQL: servers come and go


async def test_a_postgres_that_was_stopped_or_killed_heals_by_itself() -> None:
    with PostgresServer() as server:
        db = await Database.open(server.create_database())
        try:
            await put(db, "a")

            async def lose(end: Callable[[], None]) -> None:
                async with db.transaction() as tx:
                    await tx.execute("INSERT INTO fact (key, value) VALUES ('lost', '')")
                    await asyncio.to_thread(end)
                    await tx.execute("INSERT INTO fact (key, value) VALUES ('lost too', '')")

            for end in (server.stop, server.kill):
                with pytest.raises(TransientError) as away:
                    await lose(end)
                assert "hệ thống tự thử lại" in away.value.sentence
                with pytest.raises(TransientError):
                    await put(db, "lost")
                with pytest.raises(TransientError):
                    await keys(db)
                await asyncio.to_thread(server.start)
                assert await keys(db) == ["a"]
            await put(db, "b")
            assert await keys(db) == ["a", "b"]
        finally:
            await db.close()


async def test_a_deadlock_ends_one_transaction_which_is_tried_again(pg_url: str) -> None:
    async with await Database.open(pg_url) as db:
        await put(db, "a")
        await put(db, "b")
        meeting = asyncio.Barrier(2)

        async def cross(first: str, second: str) -> None:
            async with db.transaction() as tx:
                await tx.execute("UPDATE fact SET value = '' WHERE key = ?", first)
                await meeting.wait()
                await tx.execute("UPDATE fact SET value = '' WHERE key = ?", second)

        ends = await asyncio.gather(cross("a", "b"), cross("b", "a"), return_exceptions=True)
        assert sorted(type(end).__name__ for end in ends) == ["NoneType", "TransientError"]
        await put(db, "c")


async def test_a_server_that_is_away_is_tried_again_and_a_wrong_name_is_a_setting(pg_url: str) -> None:
    with pytest.raises(TransientError):
        await Database.open("postgres://hub@127.0.0.1:1/hub")
    with pytest.raises(ConfigError, match=r"database\.url"):
        await Database.open(pg_url + "_absent")


async def test_a_vacuum_runs_after_a_purge_on_postgres(pg_url: str) -> None:
    async with await Database.open(pg_url) as db:
        await put(db, "a")
        await db.scrub("fact")
        assert await keys(db) == ["a"]
