"""Manners towards hosts: how many requests may run on one host at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """At most `each` holders of a host's turn at a time; a host that nobody holds or awaits is forgotten."""

    def __init__(self, each: int) -> None:
        self._each = each
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._interested: dict[str, int] = {}

    def __len__(self) -> int:
        """How many hosts are held or awaited."""
        return len(self._gates)

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait for a turn on `host` and hold it; first come, first served."""
        gate = self._gates.setdefault(host, asyncio.Semaphore(self._each))
        self._interested[host] = self._interested.get(host, 0) + 1
        try:
            async with gate:
                yield
        finally:
            self._interested[host] -= 1
            if not self._interested[host]:
                del self._interested[host], self._gates[host]
