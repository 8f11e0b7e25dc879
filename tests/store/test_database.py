"""`Database` on both engines: values, transactions, claims, opening and closing; the measured traps stay shut."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.errors import ConfigError, TransientError
from hub.store.database import Database, Transaction, marks
from hub.store.engine import unbroken
from tests.store.facts import keys, put, run_python
from tests.store.interruption import cancel_everywhere


class Oops(Exception):
    """What a transaction raises."""


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    async with await Database.open(database_url) as opened:
        yield opened


# What goes in comes out


async def test_values_come_back_with_the_same_type_on_both_engines(db: Database) -> None:
    at = 1_795_000_000_123_456
    async with db.transaction() as tx:
        await tx.execute(
            "INSERT INTO capture (source, url, sha256, size, fetched_at, state, due_at)"
            f" VALUES ({marks(7)})",
            "so-y-te-tin", "http://mẫu.vn/?a=1", "0" * 64, 2**40, at, "new", at,
        )  # fmt: skip
        await tx.execute("INSERT INTO capture_body (id, body) VALUES (?, ?)", 1, b"\x00\xff")
    [row] = await db.fetch("SELECT url, size, fetched_at, lease_until, note, replay FROM capture")
    assert row == {
        "url": "http://mẫu.vn/?a=1", "size": 2**40, "fetched_at": at, "lease_until": None, "note": "", "replay": 0,
    }  # fmt: skip
    assert await db.fetch("SELECT body FROM capture_body") == [{"body": b"\x00\xff"}]


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


async def test_each_row_is_given_to_who_takes_it(db: Database) -> None:
    taken = list[tuple[str, str]]()
    async with db.transaction() as tx:
        await tx.execute_many(
            "INSERT INTO fact (key, value) VALUES (?, ?)", [(f"{number:04}", "x") for number in range(2_500)]
        )
        await tx.fetch("SELECT 1 AS one")  # now they are written
        sql = "SELECT key, value FROM fact WHERE key >= ? ORDER BY key"
        await db.each(sql, "0500", take=lambda key, value: taken.append((key, value)))
        assert taken == [], "it is not committed"
    await db.each(sql, "0500", take=lambda key, value: taken.append((key, value)))
    assert taken == [(f"{number:04}", "x") for number in range(500, 2_500)]


async def test_what_fails_while_rows_are_taken_is_raised(db: Database) -> None:
    def refuse(key: str) -> None:
        raise Oops

    await put(db, "a")
    for _ in range(2):
        with pytest.raises(Oops):
            await db.each("SELECT key FROM fact", take=refuse)
    assert await keys(db) == ["a"]


async def test_rows_that_nobody_needs_before_the_commit_are_those_of_their_place(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute_many("INSERT INTO fact (key, value) VALUES (?, '')", [("a",), ("b",)])
        both = await tx.fetch_later("SELECT key FROM fact WHERE key >= ? ORDER BY key", "a")
        await tx.execute_many("DELETE FROM fact WHERE key = ?", [("a",)])
        one = await tx.fetch_later("SELECT key FROM fact ORDER BY key")
    assert [both, one] == [[{"key": "a"}, {"key": "b"}], [{"key": "b"}]]


async def test_a_question_that_waits_for_the_commit_fails_it(db: Database) -> None:
    async def ask() -> None:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO fact (key, value) VALUES ('a', '')")
            await tx.fetch_later("SELECT one FROM nowhere")

    with pytest.raises(Exception, match="nowhere"):
        await ask()
    assert await keys(db) == []


@pytest.mark.parametrize("then", ["commit", "fetch", "execute", "many"])
async def test_who_must_change_one_row_and_does_not_leaves_nothing(db: Database, then: str) -> None:
    async def change(key: str) -> None:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO fact (key, value) VALUES ('before', '')")
            await tx.change_one("UPDATE fact SET value = 'x' WHERE key LIKE ?", key, otherwise=Oops())
            match then:
                case "fetch":
                    await tx.fetch("SELECT 1 AS one")
                case "execute":
                    await tx.execute("INSERT INTO fact (key, value) VALUES ('after', '')")
                case "many":
                    await tx.execute_many("INSERT INTO fact (key, value) VALUES (?, '')", [("a",), ("b",)])

    await put(db, "old")
    await put(db, "older")
    for none_or_two in ("nobody", "old%"):
        with pytest.raises(Oops):
            await change(none_or_two)
        assert await keys(db) == ["old", "older"]
    await change("older")
    assert await db.fetch("SELECT value FROM fact WHERE key = 'older'") == [{"value": "x"}]
    assert "before" in await keys(db)


async def test_a_list_of_values_selects_them_and_an_empty_one_nothing(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute_many("INSERT INTO fact (key, value) VALUES (?, '')", [("a",), ("b",), ("c",)])
        for wanted in (["a", "c"], []):
            rows = await tx.fetch(f"SELECT key FROM fact WHERE key IN ({marks(len(wanted))}) ORDER BY key", *wanted)
            assert [row["key"] for row in rows] == wanted


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

    # Three statements and COMMIT; on SQLite BEGIN goes with the first statement, what has no answer with the COMMIT.
    assert await cancel_everywhere(work, check, times) >= {"sqlite": 3, "postgres": 5}[db.dialect]


async def test_a_cancellation_is_not_lost_when_what_was_to_be_ended_fails() -> None:
    """A worker that takes a commit's failure for something to do again would never end."""
    begun, may_fail = asyncio.Event(), asyncio.Event()

    async def commit() -> None:
        begun.set()
        await may_fail.wait()
        raise Oops

    task = asyncio.create_task(unbroken(commit()))
    await begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    may_fail.set()
    await asyncio.wait([task], timeout=5)
    assert task.cancelled()


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


def test_a_database_that_was_never_closed_does_not_keep_the_interpreter_alive(tmp_path: Path) -> None:
    code = "import asyncio, sys; from hub.store.database import Database; asyncio.run(Database.open(sys.argv[1]))"
    assert run_python(code, f"sqlite://{tmp_path / 'hub.db'}").returncode == 0
