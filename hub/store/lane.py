"""One thread that does what it is given in the order of asking, for an event loop that waits for each answer.

A pool of one thread does the same, and a call costs the interpreter's lock twice as long: a lock, two futures that
copy each other and a weak set, where one future and one wake of the loop will do.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


class LaneClosedError(Exception):
    """The thread takes nothing any more; what it had not begun it never does."""


class Lane:
    """A thread of one's own. It does not keep the interpreter from ending."""

    def __init__(self, name: str) -> None:
        self._asked: SimpleQueue[_Asked | None] = SimpleQueue()
        self._is_closed = False
        self._name = name
        self._thread: Thread | None = None

    async def run(self, function: Callable[[], T]) -> T:
        """What the function returns or raises, after everything that was asked before.

        Cancelled before the thread came to it, it never runs; later, it runs to its end and nobody hears of it.
        """
        answer: T = await self._put(_Asked(function, is_owed=False))
        return answer

    def ask(self, function: Callable[[], T]) -> "asyncio.Future[T]":
        """The same, asked at once, and done whether somebody still waits for the answer or not."""
        return self._put(_Asked(function, is_owed=True))

    def _put(self, asked: "_Asked") -> "asyncio.Future[Any]":
        if self._is_closed:
            raise LaneClosedError
        if self._thread is None:
            self._thread = Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        self._asked.put(asked)
        return asked.answer

    def close(self) -> None:
        """End after what is running; whoever waits for more is told so."""
        if not self._is_closed:
            self._is_closed = True
            self._asked.put(None)

    def _work(self) -> None:
        while (asked := self._asked.get()) is not None:
            if self._is_closed:
                asked.tell(None, LaneClosedError())
            else:
                asked.do()
            del asked  # an answer may be large, and the next may be long in coming


class _Asked:
    """Something to be done, and where its outcome goes."""

    __slots__ = ("_function", "_is_owed", "_loop", "answer")

    def __init__(self, function: Callable[[], Any], *, is_owed: bool) -> None:
        self._function, self._is_owed = function, is_owed
        self._loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[Any] = self._loop.create_future()

    def do(self) -> None:
        """In the thread."""
        if self.answer.cancelled() and not self._is_owed:
            return
        try:
            outcome = self._function()
        except BaseException as error:
            self.tell(None, error)
        else:
            self.tell(outcome, None)

    def tell(self, outcome: Any, error: BaseException | None) -> None:
        """In the thread; a loop that has ended hears nothing."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._told, outcome, error)

    def _told(self, outcome: Any, error: BaseException | None) -> None:
        if self.answer.done():
            return
        if error is not None:
            self.answer.set_exception(error)
        else:
            self.answer.set_result(outcome)
