"""What was asked for, by consumer and day: counted in memory, written every few seconds and when the process stops."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import structlog
from aiohttp import web

from connectors.errors import HubError
from hub.engine import Engine
from hub.store import consumers
from hub.store.consumers import Use

log = structlog.get_logger(__name__)

#: Seconds between two writes; a process that is killed loses so much of the count.
EVERY: Final = 10.0


@dataclass(slots=True)
class Usage:
    """Counts that are not written yet; as many as there are consumers with a call since the last write."""

    engine: Engine
    _counts: dict[tuple[int, str], Use] = field(default_factory=dict)

    def note(self, consumer: int, *, refused: bool, size: int, calls: int = 1) -> None:
        """One call was answered; with `calls` 0 something more was sent in answer to an earlier one."""
        key = (consumer, self.engine.store.now().astimezone(self.engine.zone).date().isoformat())
        had = self._counts.get(key, Use(0, 0, 0))
        self._counts[key] = Use(had.calls + calls, had.refused + refused, had.bytes + size)

    async def write(self) -> None:
        """Write the counts; they are kept when the database is away."""
        if not self._counts:
            return
        counts, self._counts = self._counts, {}
        try:
            async with self.engine.store.unit() as unit:
                await consumers.used(unit, counts)
        except HubError as error:
            log.warning("use of the API is not written yet", cause=repr(error))
            for (consumer, day), use in counts.items():
                had = self._counts.get((consumer, day), Use(0, 0, 0))
                self._counts[consumer, day] = Use(
                    had.calls + use.calls, had.refused + use.refused, had.bytes + use.bytes
                )  # fmt: skip


USAGE: Final = web.AppKey("USAGE", Usage)


async def writing(app: web.Application) -> AsyncIterator[None]:
    """Write from time to time while the application runs, and once more at its end."""
    usage = app[USAGE]
    task = asyncio.create_task(_again_and_again(usage), name="use of the API")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await usage.write()


async def _again_and_again(usage: Usage) -> None:
    while True:
        await asyncio.sleep(EVERY)
        await usage.write()
