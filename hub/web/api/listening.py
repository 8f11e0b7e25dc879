"""Waiting for public changes: one look at the database for all who wait, however many they are.

    listeners ──wait──> look: numbers given, how far are we? ──further──> all wake up and read from where each stands

A listener has a cursor and nothing else: no queue that could fill, nothing that could be lost or told twice. Those who
stand at the same place share one reading. Whoever takes nothing for too long is let go, and goes on by its cursor.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

import structlog
from aiohttp import web

from connectors.errors import HubError
from hub.store import changes
from hub.store.changes import Change
from hub.store.unit import Store
from hub.web.api.faces import face
from hub.web.api.models import GoneItem, LiveItem
from hub.web.api.problems import Refused
from hub.web.site import Site

log = structlog.get_logger(__name__)

#: Seconds between two looks while somebody waits; changes that are read at once; readings that are kept.
LOOK: Final = 1.0
PAGE: Final = 50
_SHARED: Final = 16
#: Numbers are given in so many batches before an answer at most: a hub that gets its first reader has many.
_BATCHES: Final = 4


@dataclass(frozen=True, slots=True)
class Shown:
    """A change as it is sent."""

    number: int
    item: LiveItem | GoneItem


class Listeners:
    """Everybody who waits for changes in this process."""

    def __init__(self, *, site: Site, most: int, every: float = LOOK) -> None:
        """`most` may wait at once; the database is looked at each `every` seconds while somebody does."""
        self.site, self.most, self.every = site, most, every
        self.count = 0
        self.closed = False
        self._head = 0
        self._moved = asyncio.Condition()
        self._looking: asyncio.Task[None] | None = None
        self._shared: dict[tuple[int, int], asyncio.Task[list[Shown]]] = {}

    @property
    def _store(self) -> Store:
        return self.site.engine.store

    @asynccontextmanager
    async def place(self, *, known: bool = False) -> AsyncIterator[None]:
        """Be one of those who wait; a quarter of the places is for those `known` by a key.

        Raises Refused: `too_many_listeners`.
        """
        if self.closed or self.count >= (self.most if known else self.most - self.most // 4):
            raise Refused("too_many_listeners")
        self.count += 1
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(), name="changes")
        try:
            yield
        finally:
            self.count -= 1
            if not self.count and self._looking is not None:
                self._looking.cancel()
                self._looking = None
                self._shared.clear()

    async def further(self, number: int, *, seconds: float) -> bool:
        """Wait until there are changes behind this number, for so long at most. False: none came, or we are closing."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._moved:
                await self._moved.wait_for(lambda: self._head > number or self.closed)
        return self._head > number and not self.closed

    async def read(self, number: int) -> tuple[list[Shown], int]:
        """The changes behind this number, PAGE at most, and how far they reach; read once for all who stand there."""
        head = self._head  # before: what is numbered while we read lies behind it
        key = (number, head)
        if key not in self._shared:
            while len(self._shared) >= _SHARED:
                self._shared.pop(next(iter(self._shared)))
            self._shared[key] = asyncio.create_task(self._read(number))
        try:
            found = await asyncio.shield(self._shared[key])
        except Exception:  # whatever it was may be mended by the next time; kept, everybody would fail with it
            self._shared.pop(key, None)
            raise
        # What stood between has changed again, and stands further on.
        return found, found[-1].number if len(found) == PAGE else max(head, *(each.number for each in found), number)

    async def _read(self, number: int) -> list[Shown]:
        found = await changes.since(self._store, number, limit=PAGE)
        return await shown(self.site, found)

    async def _look(self) -> None:
        while True:
            try:
                await placed(self._store)
                head = await changes.head(self._store)
                if head > self._head:
                    async with self._moved:
                        self._head = head
                        self._moved.notify_all()
            except HubError as error:
                log.warning("changes could not be looked for", cause=repr(error))
            await asyncio.sleep(self.every)

    async def close(self, app: web.Application) -> None:
        """Let everybody go: the process stops."""
        self.closed = True
        async with self._moved:
            self._moved.notify_all()


async def placed(store: Store) -> None:
    """Number what waits for it, within reason."""
    for _ in range(_BATCHES):
        if await changes.place(store) < changes.BATCH:
            return


async def shown(site: Site, found: Sequence[Change]) -> list[Shown]:
    """Changes as they are sent; cleaning them takes milliseconds, beside the loop."""
    return await asyncio.to_thread(lambda: [Shown(each.number, face(site, each.entry)) for each in found])


LISTENERS: Final = web.AppKey("LISTENERS", Listeners)
