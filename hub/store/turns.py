"""Transactions on SQLite's writing connection: one at a time, in the order of asking, and one commit for many.

A call of the connection's thread costs 40 to 100 µs, most of it for waking the thread and the loop, and whoever waits
for one inside of a turn lets all others wait with him. So

- a turn begins with the first statement that is sent, not where the block of the transaction does;
- BEGIN and what nobody waits for go with the next statement that has an answer, or with the commit;
- calls run in the order in which they were sent, so a turn ends when its last call is sent: a commit or a rollback that
  the next one's statements follow. What cannot be committed undoes itself there.

Transactions that wait for each other share one commit (docs/adr/046): each is a savepoint, and none is told that it is
committed before all are.

    first  BEGIN … ──lets the others on, waits behind them─────────> COMMIT ─> all are told
    others            SAVEPOINT … RELEASE   SAVEPOINT … ROLLBACK TO
"""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from connectors.errors import Fault, TransientError
from hub.store.engine import BUSY, Row

if TYPE_CHECKING:
    from hub.store.sqlite import Connection

T = TypeVar("T")

#: statements, and rows of one, that wait for the next call of the thread
PUT_OFF, PUT_OFF_ROWS = 16, 500
#: rows of a transaction that wait for the commit
AT_COMMIT = 2_000
#: times that a commit waits for those who came while others joined it; each spares the disk a sync
ROUNDS = 8

#: what came of a commit that is shared: why it failed, or None
Outcome = asyncio.Future[BaseException | None]


class Turns:
    """Who may send statements to the writing connection: one transaction at a time, in the order of asking."""

    def __init__(self, connection: "Connection") -> None:
        self.connection = connection
        #: of the commit that waits for those who wait now; None: whoever begins is the first
        self.shared: Outcome | None = None
        self._lock = asyncio.Lock()
        self._waiting = 0

    @property
    def is_wanted(self) -> bool:
        """Whether somebody waits for a turn."""
        return self._waiting > 0

    async def take(self) -> None:
        """Wait for a turn."""
        self._waiting += 1
        try:
            await self._lock.acquire()
        finally:
            self._waiting -= 1

    def give(self) -> None:
        """Let the next one on; what he sends runs after everything that was sent before."""
        self._lock.release()

    def share(self) -> Outcome:
        """Let those whose turn comes now join the open transaction; its commit will have this outcome."""
        self.shared = asyncio.get_running_loop().create_future()
        return self.shared

    def send_commit(self) -> Coroutine[Any, Any, None]:
        """Commit what is shared, if anything is; in one's turn, which may end as soon as this has returned."""
        shared, self.shared = self.shared, None
        if shared is None:
            return _nothing()
        try:
            return _settled(shared, self.connection.send(self.connection.commit_shared))
        except TransientError as error:  # the connection is closed
            shared.set_result(error)
            return _nothing()

    def give_up(self, shared: Outcome, error: BaseException) -> None:
        """Nobody will commit this any more."""
        if self.shared is shared:
            self.shared = None
        if not shared.done():
            shared.set_result(error)


async def _nothing() -> None:
    pass


async def _settled(shared: Outcome, committed: Coroutine[Any, Any, None]) -> None:
    """Tell all who share it what came of the commit."""
    try:
        await committed
    except BaseException as error:
        if not shared.done():
            shared.set_result(error)
        if not isinstance(error, Exception):
            raise
    else:
        if not shared.done():
            shared.set_result(None)


class SqliteSession:
    """One transaction: the writing connection is its own while it is its turn."""

    def __init__(self, turns: Turns) -> None:
        self._turns, self._connection = turns, turns.connection
        self._has_turn = False
        self._shared: Outcome | None = None  #: of the commit that this one joins; None: it is the first
        self._has_begun = False  #: set on the thread, by the first statement
        self._put_off: list[Callable[[], object]] = []  #: statements that run with the next call, on the thread
        self._at_commit: list[tuple[str, Sequence[Any]]] = []
        self._ran_before: list[tuple[str, Sequence[Any]]] = []  #: what others left for the commit, and ran in ours

    async def fetch(self, sql: str, args: Sequence[Any]) -> list[Row]:
        return await self._call(self._inside, partial(self._connection.fetch, sql, args))

    async def fetch_later(self, sql: str, args: Sequence[Any]) -> list[Row]:
        rows: list[Row] = []
        self._put_off.append(lambda: rows.extend(self._connection.fetch(sql, args)))
        return rows

    async def execute(self, sql: str, args: Sequence[Any]) -> int:
        return await self._call(self._inside, partial(self._connection.execute, sql, args))

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Runs with the next statement that has an answer, or with the commit: one wake of the thread for all."""
        rows = tuple(rows)
        self._put_off.append(partial(self._connection.execute_many, sql, rows))
        if len(self._put_off) >= PUT_OFF or len(rows) >= PUT_OFF_ROWS:
            await self._call(self._begun)

    async def change_one(self, sql: str, args: Sequence[Any], otherwise: Exception) -> None:
        self._put_off.append(partial(self._change_one, sql, args, otherwise))

    async def execute_at_commit(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Runs with the rows of all that share the commit. So many that memory counts run at once."""
        self._at_commit += [(sql, row) for row in rows]
        if len(self._at_commit) > AT_COMMIT:
            await self._call(self._run_early)

    async def commit(self) -> None:
        if not self._has_begun and not self._put_off and not self._at_commit:
            self._give()
            return
        await self._take()
        if self._shared is not None:
            await self._join(self._shared)
        elif self._turns.is_wanted or self._connection.is_busy:
            await self._lead()
        else:
            await self._last_call(self._end)

    async def rollback(self) -> None:
        if self._has_turn:
            # It may be a call behind the one that was cut off, which nobody takes back.
            with suppress(Exception):  # closed or failing: nothing of the transaction is kept either way
                await self._last_call(self._connection.rollback if self._shared is None else self._undo)
            if self._shared is not None:
                # It may have failed over what another wrote before it: who asks for that now shall find it committed.
                await asyncio.shield(self._shared)

    async def _join(self, shared: Outcome) -> None:
        """End a savepoint of a transaction that another commits."""
        try:
            await self._last_call(self._end_savepoint)
        except BaseException:
            await asyncio.shield(shared)  # as in `rollback`
            raise
        if (error := await asyncio.shield(shared)) is not None:
            raise _lost(error) from error

    async def _lead(self) -> None:
        """Let those who wait join this transaction, and those who come meanwhile, then commit all."""
        shared, is_wanted = self._turns.share(), self._turns.is_wanted
        try:
            rest = [self._connection.send(self._leave_or_undo)] if self._put_off or self._at_commit else []
        except TransientError:
            await self._turns.send_commit()
            self._give()
            raise
        left = asyncio.gather(*rest, return_exceptions=True)
        self._turns.give()
        try:
            if not is_wanted:
                await left  # behind the commit of another: as long as that takes, others may come
            await self._turns.take()
            for _ in range(ROUNDS - 1):
                if not self._turns.is_wanted or self._turns.shared is not shared:
                    break
                self._turns.give()
                await self._turns.take()
        except BaseException as error:  # the loop is torn down: whoever begins next rolls all of it back
            self._has_turn = False
            self._turns.give_up(shared, error)
            raise
        committed = self._turns.send_commit() if self._turns.shared is shared else _nothing()
        self._give()
        await committed
        for failure in await left:
            if failure is not None:
                raise failure
        if (outcome := await asyncio.shield(shared)) is not None:
            raise outcome

    async def _take(self) -> None:
        if not self._has_turn:
            await self._turns.take()
            self._has_turn, self._shared = True, self._turns.shared

    def _give(self) -> None:
        if self._has_turn:
            self._has_turn = False
            self._turns.give()

    async def _call(self, function: Callable[..., T], *args: Any) -> T:
        await self._take()
        return await self._connection.call(function, *args)

    async def _last_call(self, function: Callable[[], T]) -> T:
        """What ends this transaction on the thread; the next one's turn begins when it is sent."""
        try:
            answer = self._connection.send(function)
        finally:
            self._give()
        return await answer

    # The rest runs on the thread.

    def _inside(self, function: Callable[[], T]) -> T:
        self._begun()
        return function()

    def _begun(self) -> None:
        """Begin the transaction if that was not done yet, and run what was put off."""
        if not self._has_begun:
            if self._shared is None:
                self._connection.begin()
            else:
                self._connection.begin_shared()
            self._has_begun = True
        # A full disk or a failing one makes SQLite roll back by itself; the next statement would commit alone.
        elif not self._connection.db().in_transaction:
            raise sqlite3.OperationalError("SQLite has ended the transaction after an earlier error")
        put_off, self._put_off = self._put_off, []
        for run in put_off:
            run()

    def _change_one(self, sql: str, args: Sequence[Any], otherwise: Exception) -> None:
        if self._connection.execute(sql, args) != 1:
            raise otherwise

    def _leave(self) -> None:
        """Leave to the commit what waits for it."""
        self._begun()
        self._connection.at_commit += self._at_commit
        self._at_commit = []

    def _run_early(self) -> None:
        self._begun()
        self._ran_before += self._connection.at_commit
        self._leave()
        self._connection.run_at_commit()

    def _end(self) -> None:
        """Commit alone."""
        try:
            self._leave()
            self._connection.run_at_commit()
            self._connection.execute("COMMIT", ())
        except BaseException:
            self._connection.undo()
            raise

    def _end_savepoint(self) -> None:
        """Leave all to the commit that is shared."""
        try:
            self._begun()
            self._connection.execute("RELEASE shared", ())
        except BaseException:
            self._undo()
            raise
        self._leave()

    def _leave_or_undo(self) -> None:
        """Before others join; what fails leaves them an empty transaction."""
        try:
            self._leave()
        except BaseException:
            self._connection.begin()
            raise

    def _undo(self) -> None:
        """Take back a savepoint."""
        if self._has_begun:  # asked here: a statement that was cancelled may have begun it a moment ago
            self._connection.rollback_shared()
            self._connection.at_commit[:0] = self._ran_before


def _lost(error: BaseException) -> TransientError:
    """What is told to those whose shared commit failed: each does its work again."""
    known = error if isinstance(error, TransientError) else None
    return TransientError(
        f"sqlite: a shared commit failed: {error}", code=known.code if known else "database-busy", fault=Fault.HUB,
        sentence=known.sentence if known else BUSY,
    )  # fmt: skip
