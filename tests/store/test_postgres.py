"""PostgreSQL: servers come and go, deadlocks end, placeholders are numbered."""

import asyncio
from collections.abc import Callable

import asyncpg  # type: ignore[import-untyped]
import pytest

from connectors.errors import ConfigError, TransientError
from hub.store.database import Database
from hub.store.postgres import numbered, translated
from tests.servers import PostgresServer
from tests.store.facts import keys, put


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


def test_a_driver_whose_server_died_under_a_statement_says_that_the_server_is_away() -> None:
    # Seen when PostgreSQL was killed between two statements of one transaction: the process that met it ended.
    died = asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress")
    ours = translated(died)
    assert isinstance(ours, TransientError)
    assert ours.code == "database-away"


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


async def test_reading_only_cannot_write_on_postgres(pg_url: str) -> None:
    async with await Database.open(pg_url) as writer, await Database.open(pg_url, read_only=True) as reader:
        with pytest.raises(TransientError):
            await reader.fetch("DELETE FROM fact RETURNING key")
        with pytest.raises(RuntimeError, match="reading only"):
            await put(reader, "a")
        assert await keys(writer) == []
