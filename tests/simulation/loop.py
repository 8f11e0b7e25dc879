"""An event loop whose time is the simulation's: it jumps to the next timer, and one seed gives one order of everything.

What the program hands to threads runs in this one, at a moment of its own that the seed chooses; calls that share a
thread keep their order. A process that is dead gets nothing of it done any more.
"""

import asyncio
import selectors
import sqlite3
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from random import Random
from typing import Any, TypeVar
from unittest.mock import patch

from hub.store import sqlite
from hub.store.lane import Lane, LaneClosedError

T = TypeVar("T")

#: simulated seconds that a call handed to a thread takes, now and then
SLOW_CALL = 0.002
#: the least that lies between two calls of one thread
TICKLE = 1e-7


class Stuck(Exception):
    """Nothing is left to do and nobody will ever wake anybody."""


class _Jumps(selectors.DefaultSelector):
    """Waits for nobody: time goes on by as much as the loop would have waited."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.outside = 0  #: calls to a real server that are under way: time stands still meanwhile

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.outside:
            return super().select(0 if timeout == 0 else 10.0)
        if timeout is None:
            raise Stuck
        self.now += timeout
        return super().select(0) if len(self.get_map()) > 1 else []  # one: the loop's own pipe, which nobody uses


class _Task(asyncio.Task[Any]):
    """A task whose place in a set follows from its number, not from its address in memory."""

    born = 0

    def __init__(self, *args: Any, **keys: Any) -> None:
        _Task.born += 1
        self._number = _Task.born
        super().__init__(*args, **keys)

    def __hash__(self) -> int:
        return self._number

    def __eq__(self, other: object) -> bool:
        return self is other


class _Lane(Lane):
    """A thread of one's own, whose work is done in this one."""

    async def run(self, function: Callable[[], T]) -> T:
        return await self.ask(function)

    def ask(self, function: Callable[[], T]) -> asyncio.Future[T]:
        if self._is_closed:
            raise LaneClosedError
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SimulatedLoop)
        return loop.run_in_executor(self, function)

    def close(self) -> None:
        self._is_closed = True


class SimulatedLoop(asyncio.SelectorEventLoop):
    """The loop of one history."""

    def __init__(self, rng: Random) -> None:
        self.jumps = _Jumps()
        super().__init__(self.jumps)
        self._rng = rng
        self._free_at: dict[int, float] = {}
        self._generation = 0  #: of processes; what an older one handed over is not done
        self._born_in: dict[int, int] = {}
        self._known: list[Executor | Lane] = []  # kept, so that no address is given twice
        self._alive = True
        self.instants = 0  #: at which the process could have died
        self.fatal = 0  #: the instant at which it will
        self.on_death: Callable[[], None] = lambda: None
        self.where = ""  #: what was being done at the last death
        _Task.born = 0
        self.set_task_factory(_make_task)
        self.set_exception_handler(lambda loop, context: None)

    def time(self) -> float:
        return self.jumps.now

    def instant(self, where: str) -> None:
        """The process could die here; it does when its hour has come."""
        self.instants += 1
        if self.instants == self.fatal:
            self.where = where
            self.on_death()

    def die_after(self, instants: int) -> None:
        """Let the process die so many instants from now; 0: not at all."""
        self.fatal = self.instants + instants if instants else 0

    def begin_process(self) -> None:
        """From now on calls belong to a new process."""
        self._generation += 1
        self._alive = True

    def end_process(self) -> None:
        """Nothing that the process asks for is done any more; a connection that it closes is closed."""
        self._alive = False

    def run_until_complete(self, future: Any) -> Any:
        with patch.object(sqlite, "Lane", _Lane):
            return super().run_until_complete(future)

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | Lane | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        future: asyncio.Future[T] = self.create_future()
        key = id(executor)
        if executor is not None and key not in self._born_in:
            self._known.append(executor)
            self._born_in[key] = self._generation if self._alive else -1
        delay = 0.0 if self._rng.random() < 0.8 else self._rng.random() * SLOW_CALL
        when = max(self.time() + delay, self._free_at.get(key, 0.0)) + TICKLE
        self._free_at[key] = when
        self.call_at(when, self._call, key, future, func, args)
        return future

    def _call(self, key: int, future: asyncio.Future[Any], func: Callable[..., Any], args: tuple[Any, ...]) -> None:
        """What a thread would have done."""
        self.instant("before a call")
        ends = getattr(getattr(func, "func", func), "__name__", "")
        alive = key == id(None) or (self._alive and self._born_in.get(key) == self._generation)
        if not alive and ends != "_close":
            if not future.done():
                future.set_exception(sqlite3.ProgrammingError("closed: the process is dead"))
            return
        try:
            result = func(*args)
        except Exception as error:
            if not future.done():
                future.set_exception(error)
            return
        self.instant("after a call")
        if not future.done():
            future.set_result(result)

    def finish(self) -> None:
        """Close; nothing may be running."""
        self._known.clear()
        self.close()


def _make_task(loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **keys: Any) -> "asyncio.Task[Any]":
    return _Task(coro, loop=loop, **keys)
