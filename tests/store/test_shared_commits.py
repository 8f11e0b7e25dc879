"""Transactions that wait for each other may share a commit: nobody notices, but for the disk that syncs less often."""

import asyncio
import gc
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from unittest.mock import ANY

import pytest

from connectors.errors import TransientError
from hub.store.database import Database, Transaction
from hub.store.turns import AT_COMMIT, ROUNDS
from tests.store.facts import keys, put
from tests.store.interruption import cancel_everywhere

SEARCHED = "INSERT INTO search_index (rowid, tokens) VALUES (?, ?)"
FORGOTTEN = "INSERT INTO search_index (rowid, search_index, tokens) VALUES (?, 'delete', ?)"


class Oops(Exception):
    """What a unit of work raises."""


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


async def failing(db: Database, key: str) -> None:
    """A transaction that has written when it fails."""
    async with db.transaction() as tx:
        await tx.execute("INSERT INTO fact (key, value) VALUES (?, '')", key)
        raise Oops


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    async with await Database.open(database_url) as opened:
        yield opened


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Somebody else who reads the file: sees what is committed and nothing more."""
    with closing(sqlite3.connect(tmp_path / "hub.db", isolation_level=None)) as connection:
        yield connection


async def test_nobody_is_told_before_it_is_committed(tmp_path: Path, outside: sqlite3.Connection) -> None:
    async with await Database.open("sqlite://hub.db", base=tmp_path) as db:
        seen = dict[str, int]()

        async def told(key: str) -> None:
            await put(db, key)
            seen[key] = outside.execute("SELECT count(*) FROM fact WHERE key = ?", (key,)).fetchone()[0]

        await asyncio.gather(*(told(f"{n:03}") for n in range(100)))
        assert seen == {f"{n:03}": 1 for n in range(100)}


async def test_those_who_wait_share_a_commit_and_who_is_alone_commits_at_once(
    tmp_path: Path, outside: sqlite3.Connection
) -> None:  # fmt: skip
    def version() -> int:
        return int(outside.execute("PRAGMA data_version").fetchone()[0])

    async with await Database.open("sqlite://hub.db", base=tmp_path) as db:
        commits, last = 0, version()

        async def counted(key: str) -> None:
            nonlocal commits, last
            await put(db, key)
            if (now := version()) != last:
                commits, last = commits + 1, now

        await asyncio.gather(*(counted(f"{n:03}") for n in range(100)))
        assert 1 <= commits <= 3
        for n in range(5):
            await counted(f"alone {n}")
        assert commits >= 6


async def test_who_comes_while_others_join_a_commit_joins_it_too(tmp_path: Path, outside: sqlite3.Connection) -> None:
    async with await Database.open("sqlite://hub.db", base=tmp_path) as db:
        begun, seen = [asyncio.Event() for _ in range(ROUNDS + 4)], list[int]()

        async def work(n: int) -> None:
            if n:
                await begun[n - 1].wait()
            async with db.transaction() as tx:
                await tx.execute("INSERT INTO fact (key, value) VALUES (?, '')", f"{n}")
                begun[n].set()
                await asyncio.sleep(0.01)  # the next one waits for its turn by now
            seen.append(int(outside.execute("SELECT count(*) FROM fact").fetchone()[0]))

        await asyncio.gather(*(work(n) for n in range(len(begun))))
        assert set(seen) == {ROUNDS + 1, len(begun)}, "so often and no more: nobody waits without end"


async def test_who_comes_during_a_commit_shares_the_next_though_nobody_waits_for_a_turn(tmp_path: Path) -> None:
    """Statements without an answer need no more of a turn than to be sent: each would bring a commit of its own."""
    async with await Database.open("sqlite://hub.db", base=tmp_path) as db:
        writing = db.engine._turns.connection  # type: ignore[attr-defined]
        commits, committing, may_go_on = list[str](), threading.Event(), threading.Event()

        def hold(statement: str) -> None:
            if statement == "COMMIT":
                commits.append(statement)
                committing.set()
                may_go_on.wait(20)

        async def work(n: int) -> None:
            async with db.transaction() as tx:
                await tx.execute_many("INSERT INTO fact (key, value) VALUES (?, '')", [(f"{n:02}",)])
                key = "nobody" if n in (1, 7) else f"{n:02}"
                await tx.change_one("UPDATE fact SET value = 'x' WHERE key = ?", key, otherwise=Oops())

        await writing.call(writing.db().set_trace_callback, hold)
        works = [asyncio.create_task(work(n)) for n in range(5)]
        await asyncio.to_thread(committing.wait, 20)
        works += [asyncio.create_task(work(n)) for n in range(5, 10)]
        for _ in range(10):  # a few turns of the loop are enough to send them
            await asyncio.sleep(0)
        assert not any(one.done() for one in works)
        may_go_on.set()
        found = await asyncio.gather(*works, return_exceptions=True)
        assert [isinstance(one, Oops) for one in found] == [n in (1, 7) for n in range(10)]
        await writing.call(writing.db().set_trace_callback, None)
        assert await keys(db) == [f"{n:02}" for n in range(10) if n not in (1, 7)]
        assert len(commits) == 2


async def test_what_one_raises_undoes_only_its_own(db: Database) -> None:
    works = [failing(db, f"bad {n}") if n % 3 == 1 else put(db, f"good {n}") for n in range(30)]
    found = await asyncio.gather(*works, return_exceptions=True)
    assert [isinstance(one, Oops) for one in found] == [n % 3 == 1 for n in range(30)]
    assert await keys(db) == sorted(f"good {n}" for n in range(30) if n % 3 != 1)


async def test_the_first_and_the_last_may_be_the_ones_that_fail(db: Database) -> None:
    found = await asyncio.gather(
        failing(db, "a"), put(db, "b"), failing(db, "c"), put(db, "d"), failing(db, "e"), return_exceptions=True
    )  # fmt: skip
    assert [type(one) for one in found] == [Oops, type(None), Oops, type(None), Oops]
    assert await keys(db) == ["b", "d"]


async def test_a_statement_that_the_database_refuses_undoes_only_its_own(db: Database) -> None:
    await put(db, "taken")
    found = await asyncio.gather(*(put(db, key) for key in ("a", "taken", "b", "taken", "c")), return_exceptions=True)
    assert [one is None for one in found] == [True, False, True, False, True]
    assert await keys(db) == ["a", "b", "c", "taken"]


@pytest.mark.parametrize("failing_ones", [{0}, {1}, {3}, {0, 1}, {0, 1, 2, 3}])
async def test_what_fails_only_as_it_ends_undoes_only_its_own(db: Database, failing_ones: set[int]) -> None:
    async def work(n: int) -> None:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO fact (key, value) VALUES (?, '')", f"first {n}")
            await tx.execute_many("INSERT INTO fact (key, value) VALUES (?, '')", [(f"second {n}",)])
            key = "nobody" if n in failing_ones else f"first {n}"
            await tx.change_one("UPDATE fact SET value = 'x' WHERE key = ?", key, otherwise=Oops())

    for _ in range(3):
        found = await asyncio.gather(*(work(n) for n in range(4)), return_exceptions=True)
        assert [isinstance(one, Oops) for one in found] == [n in failing_ones for n in range(4)]
        kept = [n for n in range(4) if n not in failing_ones]
        assert await keys(db) == sorted(f"{place} {n}" for n in kept for place in ("first", "second"))
        async with db.transaction() as tx:
            await tx.execute("DELETE FROM fact")


async def test_who_has_sent_nothing_yet_lets_others_write(db: Database) -> None:
    async with asyncio.timeout(5), db.transaction() as tx:
        await tx.execute_many("INSERT INTO fact (key, value) VALUES (?, '')", [("waits",)])  # put off, on SQLite
        await asyncio.create_task(put(db, "meanwhile"))
        assert await keys(db) == ["meanwhile"]
    assert await keys(db) == ["meanwhile", "waits"]


async def test_the_next_turn_begins_while_the_thread_still_commits(tmp_path: Path) -> None:
    async with await Database.open("sqlite://hub.db", base=tmp_path) as db:
        writing = db.engine._turns.connection  # type: ignore[attr-defined]
        committing, may_go_on = threading.Event(), threading.Event()

        def hold(statement: str) -> None:
            if statement == "COMMIT":
                committing.set()
                may_go_on.wait(20)

        async def second() -> list[str]:
            async with db.transaction() as tx:
                return [row["key"] for row in await tx.fetch("SELECT key FROM fact")]

        await writing.call(writing.db().set_trace_callback, hold)
        first = asyncio.create_task(put(db, "first"))
        await asyncio.to_thread(committing.wait, 20)
        after = asyncio.create_task(second())
        for _ in range(10):  # a few turns of the loop are enough to send it
            await asyncio.sleep(0)
        assert writing._lane._asked.qsize() == 1
        assert not first.done()
        may_go_on.set()
        assert await after == ["first"], "what is sent later runs later"
        await first
        await writing.call(writing.db().set_trace_callback, None)


async def test_who_fails_over_what_another_wrote_finds_it_committed(db: Database) -> None:
    """Of two who take the same name one is told who has it: by a question outside of its transaction."""

    async def take(name: str, who: str) -> str:
        try:
            async with db.transaction() as tx:
                if await tx.fetch("SELECT value FROM fact WHERE key = ?", name):
                    raise Oops
                await tx.execute("INSERT INTO fact (key, value) VALUES (?, ?)", name, who)
        except Exception:
            rows = await db.fetch("SELECT value FROM fact WHERE key = ?", name)
            return f"taken by {rows[0]['value'] if rows else 'nobody'}"
        return "mine"

    for n in range(20):
        found = await asyncio.gather(*(take(f"name {n}", who) for who in ("an", "binh", "chi")))
        assert sorted(found)[0] == "mine"
        winner = ("an", "binh", "chi")[found.index("mine")]
        assert found.count(f"taken by {winner}") == 2


async def test_the_index_of_the_search_follows_those_that_fail_and_those_that_do_not(tmp_path: Path) -> None:
    async with await Database.open("sqlite://hub.db", base=tmp_path) as db:

        async def index(row: int, *, fails: bool) -> None:
            async with db.transaction() as tx:
                await tx.execute(SEARCHED, row, f"word{row} common")
                if fails:
                    raise Oops

        await asyncio.gather(*(index(row, fails=row % 4 == 2) for row in range(1, 40)), return_exceptions=True)
        assert await indexed(db) == [row for row in range(1, 40) if row % 4 != 2]


async def indexed(db: Database, word: str = "common") -> list[int]:
    """The rows that the index has of a word; it is whole."""
    async with db.transaction() as tx:
        await tx.execute("INSERT INTO search_index (search_index) VALUES ('integrity-check')")
    found = await db.fetch("SELECT rowid AS row FROM search_index WHERE search_index MATCH ? ORDER BY rowid", word)
    return [one["row"] for one in found]


async def test_rows_that_wait_for_the_commit_are_written_once_for_all_who_share_it(tmp_path: Path) -> None:
    async with await Database.open("sqlite://hub.db", base=tmp_path) as db:

        async def index(row: int, *, fails: bool) -> None:
            async with db.transaction() as tx:
                await put_beside(tx, row)
                await tx.execute_at_commit(SEARCHED, [(row, "common")])
                if fails:
                    raise Oops

        rows = [n * 7 % 40 for n in range(1, 40)]  # in no order, as days are
        await asyncio.gather(*(index(row, fails=row % 4 == 2) for row in rows), return_exceptions=True)
        assert await indexed(db) == [row for row in range(1, 40) if row % 4 != 2]
        [parts] = await db.fetch("SELECT count(DISTINCT segid) AS n FROM search_index_idx")
        assert parts["n"] <= 3  # one that was alone, one for all who waited for it, one for those who came last


async def put_beside(tx: Transaction, row: int) -> None:
    await tx.execute("INSERT INTO fact (key, value) VALUES (?, '')", f"{row:03}")


async def test_what_waits_for_the_commit_runs_in_the_order_of_asking(tmp_path: Path) -> None:
    """A row is forgotten under its old words before it comes under new ones, whoever did the one and the other."""
    async with await Database.open("sqlite://hub.db", base=tmp_path) as db:

        async def change(row: int, was: str, becomes: str, *, fails: bool = False) -> None:
            async with db.transaction() as tx:
                if was:
                    await tx.execute_at_commit(FORGOTTEN, [(row, was)])
                await tx.execute_at_commit(SEARCHED, [(row, becomes)])
                if fails:
                    raise Oops

        await asyncio.gather(
            *(change(row, "", "old") for row in (3, 1, 2)),
            change(2, "old", "new"),
            change(1, "old", "lost", fails=True),
            change(2, "new", "newest"),
            change(3, "old", "new"),
            return_exceptions=True,
        )
        assert [await indexed(db, word) for word in ("old", "new", "newest", "lost")] == [[1], [3], [2], []]


@pytest.mark.parametrize("fails", [False, True])
async def test_so_many_rows_that_they_do_not_wait_take_nothing_from_others(tmp_path: Path, fails: bool) -> None:
    async with await Database.open("sqlite://hub.db", base=tmp_path) as db:

        async def many() -> None:
            async with db.transaction() as tx:
                for start in range(100, 100 + 3 * AT_COMMIT, AT_COMMIT // 2):
                    await tx.execute_at_commit(SEARCHED, [(start + n, "common") for n in range(AT_COMMIT // 2)])
                if fails:
                    raise Oops

        async def one(row: int) -> None:
            async with db.transaction() as tx:
                await tx.execute_at_commit(SEARCHED, [(row, "common")])

        await asyncio.gather(one(1), one(2), many(), one(3), return_exceptions=True)
        assert await indexed(db) == [1, 2, 3, *([] if fails else range(100, 100 + 3 * AT_COMMIT))]


@pytest.mark.parametrize("times", [1, 2, 5])
async def test_a_cancellation_at_any_await_leaves_all_or_nothing_beside_others(db: Database, times: int) -> None:
    async def work() -> None:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO fact (key, value) VALUES ('a', '')")
            await tx.execute_many("INSERT INTO fact (key, value) VALUES (?, '')", [("b",), ("c",)])

    async def among() -> None:
        others.extend(asyncio.create_task(put(db, f"x{n}")) for n in range(2))
        await asyncio.sleep(0)
        others.extend(asyncio.create_task(put(db, f"y{n}")) for n in range(2))
        await work()

    others = list[asyncio.Task[None]]()

    async def check() -> None:
        async with asyncio.timeout(5):
            assert await asyncio.gather(*others) == [None] * len(others)
        beside = ["x0", "x1", "y0", "y1"][: len(others)]
        others.clear()
        async with asyncio.timeout(5), db.transaction() as tx:
            found = [row["key"] for row in await tx.fetch("SELECT key FROM fact ORDER BY key")]
            assert found in (beside, ["a", "b", "c", *beside])
            await tx.execute("DELETE FROM fact")
        assert await keys(db) == []

    assert await cancel_everywhere(among, check, times) >= 3


async def test_a_full_disk_is_told_to_all_who_share_and_they_can_do_it_again(tmp_path: Path) -> None:
    async with await Database.open("sqlite://hub.db", base=tmp_path) as db:
        async with db.transaction() as tx:
            [pages] = await tx.fetch("PRAGMA page_count")
            await tx.fetch(f"PRAGMA max_page_count = {pages['page_count'] + 3}")
        works = [put(db, "first"), put(db, "large", "x" * 200_000), put(db, "last")]
        found = await asyncio.gather(*works, return_exceptions=True)
        told = {key for key, one in zip(("first", "large", "last"), found, strict=True) if one is None}
        assert all(one is None or isinstance(one, TransientError) for one in found)
        assert "large" not in told
        assert set(await keys(db)) == told
        async with db.transaction() as tx:
            await tx.fetch("PRAGMA max_page_count = 1000000")
        await asyncio.gather(*(put(db, f"again {n}") for n in range(5)))
        assert set(await keys(db)) == told | {f"again {n}" for n in range(5)}


@pytest.mark.parametrize(("fails", "refused"), [(0, sqlite3.SQLITE_TRANSACTION), (1, sqlite3.SQLITE_SAVEPOINT)])
async def test_what_could_not_be_undone_is_not_committed_by_others(tmp_path: Path, fails: int, refused: int) -> None:
    """As without memory, where even a rollback fails: half of a transaction stands in what others share."""

    async def work(n: int) -> None:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO fact (key, value) VALUES (?, '')", f"first {n}")
            key = "nobody" if n == fails else f"first {n}"
            await tx.change_one("UPDATE fact SET value = 'x' WHERE key = ?", key, otherwise=Oops())

    def refuse(action: int, verb: str | None, *_: str | None) -> int:
        return sqlite3.SQLITE_DENY if (action, verb) == (refused, "ROLLBACK") else sqlite3.SQLITE_OK

    async with await Database.open("sqlite://hub.db", base=tmp_path) as db:
        writing = db.engine._turns.connection  # type: ignore[attr-defined]
        await writing.call(writing.db().set_authorizer, refuse)
        found = await asyncio.gather(*(work(n) for n in range(4)), return_exceptions=True)
        assert all(isinstance(one, Exception) for one in found)
        assert all(isinstance(one, TransientError) for n, one in enumerate(found) if n != fails)
        await writing.call(writing.db().set_authorizer, None)
        await put(db, "again")
        assert await keys(db) == ["again"]


async def test_who_fails_hears_why_even_if_it_could_not_be_undone(tmp_path: Path) -> None:
    def refuse(action: int, verb: str | None, *_: str | None) -> int:
        return sqlite3.SQLITE_DENY if verb == "ROLLBACK" else sqlite3.SQLITE_OK

    async with await Database.open("sqlite://hub.db", base=tmp_path) as db:
        writing = db.engine._turns.connection  # type: ignore[attr-defined]
        await writing.call(writing.db().set_authorizer, refuse)
        found = await asyncio.gather(put(db, "a"), failing(db, "b"), put(db, "c"), return_exceptions=True)
        assert [type(one) for one in found] == [TransientError, Oops, TransientError]
        await writing.call(writing.db().set_authorizer, None)
        assert await keys(db) == []


async def test_a_purge_that_is_cancelled_cancels_nobody_who_shared_its_commit(tmp_path: Path) -> None:
    async with await Database.open("sqlite://hub.db", base=tmp_path) as db:
        writing = db.engine._turns.connection  # type: ignore[attr-defined]
        committing, may_go_on = threading.Event(), threading.Event()

        def hold(statement: str) -> None:
            if statement == "COMMIT":
                committing.set()
                may_go_on.wait(20)

        await writing.call(writing.db().set_trace_callback, hold)
        first, purge = asyncio.create_task(put(db, "first")), asyncio.create_task(db.scrub("fact"))
        await asyncio.to_thread(committing.wait, 20)
        purge.cancel()
        await asyncio.sleep(0)
        may_go_on.set()
        assert await asyncio.gather(first, purge, return_exceptions=True) == [None, ANY]
        assert purge.cancelled()
        await writing.call(writing.db().set_trace_callback, None)
        assert await keys(db) == ["first"]


async def test_a_purge_waits_for_what_shares_a_commit_and_cuts_the_log(tmp_path: Path) -> None:
    async with await Database.open("sqlite://hub.db", base=tmp_path) as db:
        await asyncio.gather(
            *(put(db, f"{n}", "TUYỆT MẬT " * 500) for n in range(5)), db.scrub("fact"),
            *(put(db, f"behind {n}") for n in range(5)),
        )  # fmt: skip
        assert len(await keys(db)) == 10
        async with db.transaction() as tx:
            await tx.execute("UPDATE fact SET value = ''")
        await db.scrub("fact")
        assert not any("TUYỆT MẬT".encode() in path.read_bytes() for path in files(tmp_path))


async def test_closing_while_some_share_a_commit_tells_each_the_truth(database_url: str) -> None:
    db = await Database.open(database_url)
    works = [asyncio.create_task(put(db, f"{n:02}")) for n in range(40)]
    await asyncio.sleep(0)
    async with asyncio.timeout(15):
        await db.close()
        found = await asyncio.gather(*works, return_exceptions=True)
    told = {f"{n:02}" for n, one in enumerate(found) if one is None}
    async with await Database.open(database_url) as again:
        assert told <= set(await keys(again))
    assert {type(one) for one in found} <= {type(None), TransientError}


def test_a_loop_that_ends_while_one_that_failed_waits_for_others_keeps_nothing_of_any(tmp_path: Path) -> None:
    said = list[dict[str, object]]()

    async def leads(db: Database) -> None:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO fact (key, value) VALUES ('a', '')")
            await asyncio.sleep(0)  # the other one waits for its turn by now
            await tx.change_one("UPDATE fact SET value = '' WHERE key = 'nobody'", otherwise=Oops())

    async def joins(db: Database) -> None:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO fact (key, value) VALUES ('b', '')")
            await asyncio.Event().wait()

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: said.append(context))
        db = await Database.open("sqlite://hub.db", base=tmp_path)
        works = [asyncio.create_task(work(db)) for work in (leads, joins)]
        await asyncio.wait(works, timeout=0.2)
        assert not any(one.done() for one in works)

    async def after() -> list[str]:
        async with await Database.open("sqlite://hub.db", base=tmp_path, read_only=True) as db:
            return await keys(db)

    asyncio.run(main())
    gc.collect()
    assert said == []
    assert asyncio.run(after()) == []
