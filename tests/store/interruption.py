"""Cancels work at its n-th await, so that a test can try every one of them."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from typing import Any


class CancelledAt:
    """Awaits `work` and cancels the current task when it waits for the n-th time (1 is the first), `times` in a row."""

    def __init__(self, work: Awaitable[Any], n: int, times: int = 1) -> None:
        self._work = work
        self._n = n
        self._times = times

    def __await__(self) -> Generator[Any, Any, Any]:
        waits = 0
        steps = self._work.__await__()
        failure: BaseException | None = None
        while True:
            try:
                waiting = steps.throw(failure) if failure else steps.send(None)
            except StopIteration as end:
                return end.value
            waits += 1
            failure = None
            if self._n <= waits < self._n + self._times:
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
            try:
                yield waiting
            except BaseException as error:
                failure = error


async def cancel_everywhere(
    work: Callable[[], Awaitable[Any]], check: Callable[[], Awaitable[None]], times: int
) -> int:
    """Run `work` once per await it has, cancelled there, and `check` after each; returns how many there were."""
    for n in range(1, 1000):
        task = asyncio.ensure_future(_run(CancelledAt(work(), n, times)))
        await asyncio.wait([task])
        await check()
        if not task.cancelled():
            task.result()
            return n - 1
    raise AssertionError("the work does not end")


async def _run(work: Awaitable[Any]) -> None:
    await work
