"""Many callers, one call: rows that are handed in at the same time go out together, and each gets its own result.

    send(row A) ──┐
    send(row B) ──┼─ within `wait` seconds, `size` at most ─> call([A, B, C]) ─> {A: …, B: …, C: …} ─> each its own
    send(row C) ──┘

A batch begins with its first row and lives no longer than somebody waits for it: a caller who is cancelled takes the
row along while it has not left, and the last one ends the call. Nothing runs when nobody waits.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Generic, TypeVar

Group = TypeVar("Group", bound=Hashable)
Row = TypeVar("Row")
Result = TypeVar("Result")


class Batches(Generic[Group, Row, Result]):
    """Gathers rows into calls. Rows of different groups never share a call.

    Two rows of one key never share one either, unless they are equal; the later goes out when the earlier is through.
    """

    def __init__(
        self, call: Callable[[Group, Mapping[str, Row]], Awaitable[Mapping[str, Result]]], *, size: int, wait: float
    ) -> None:
        """`call` takes rows by key and answers for each; what it raises is raised to every caller of its rows."""
        self._call = call
        self._size = size
        self._wait = wait  #: seconds that a batch waits for further rows
        self._alive: list[_Batch[Group, Row, Result]] = []

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is under way."""
        return not self._alive

    async def add(self, group: Group, key: str, row: Row) -> Result:
        """Hand in a row; returns its result."""
        while (other := next((one for one in self._alive if one.must_pass(group, key, row)), None)) is not None:
            other.full.set()
            await asyncio.wait([other.task])
        batch = next((one for one in self._alive if one.group == group and not one.full.is_set()), None)
        if batch is None:
            batch = _Batch(group)
            batch.task = asyncio.create_task(self._run(batch))
            self._alive.append(batch)
        batch.rows[key] = row
        batch.callers[key] += 1
        if len(batch.rows) >= self._size:
            batch.full.set()
        try:
            results = await asyncio.shield(batch.task)
        except asyncio.CancelledError:
            await batch.leave(key)
            raise
        return results[key]

    async def _run(self, batch: "_Batch[Group, Row, Result]") -> Mapping[str, Result]:
        try:
            try:
                async with asyncio.timeout(self._wait):
                    await batch.full.wait()
            except TimeoutError:
                batch.full.set()
            return await self._call(batch.group, batch.rows)
        finally:
            self._alive.remove(batch)


class _Batch(Generic[Group, Row, Result]):
    """Rows that go out together."""

    task: asyncio.Task[Mapping[str, Result]]

    def __init__(self, group: Group) -> None:
        self.group = group
        self.rows: dict[str, Row] = {}
        self.callers: Counter[str] = Counter()
        self.full = asyncio.Event()  #: it takes no further row

    def must_pass(self, group: Group, key: str, row: Row) -> bool:
        """Whether a row has to wait until this batch is through: another content of its key is in it, or has left."""
        if key not in self.rows:
            return False
        return self.full.is_set() or self.group != group or self.rows[key] != row

    async def leave(self, key: str) -> None:
        """A caller was cancelled: a row that nobody waits for stays behind if it can, an abandoned call ends."""
        self.callers[key] -= 1
        if not self.callers[key] and not self.full.is_set():
            self.rows.pop(key, None)
        if not self.callers.total():
            self.full.set()
            self.task.cancel()
            await asyncio.wait([self.task])
            if not self.task.cancelled():
                self.task.exception()  # nobody is left to hear of it
