"""Manners towards hosts: how many requests may run on one at a time, how soon a page may follow another, told waits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

#: Hosts whose last page is remembered before those are let go that nobody has to wait for.
_HOSTS: Final = 1_000


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


class Pauses:
    """The silence between the end of one page and the beginning of the next on the same host."""

    def __init__(self, longest: float) -> None:
        """`longest` is the longest pause that anybody will ask about, in seconds."""
        self._longest = longest
        self._ended: dict[str, float] = {}

    def __len__(self) -> int:
        """How many hosts are remembered."""
        return len(self._ended)

    def left(self, host: str, pause: float) -> float:
        """Seconds until `pause` seconds have gone by since the last page of `host`; 0 when they have."""
        ended = self._ended.get(host)
        return 0.0 if ended is None else max(0.0, ended + pause - monotonic())

    def begin(self, host: str) -> None:
        """A page of `host` has just come to its end."""
        now = monotonic()
        self._ended[host] = now
        if len(self._ended) > _HOSTS:
            self._ended = {host: ended for host, ended in self._ended.items() if now - ended < self._longest}


class Told:
    """Until when endpoints asked to be left alone (Retry-After), by host and port."""

    def __init__(self, longest: float) -> None:
        """`longest` is for how many seconds a wait is kept at most."""
        self._longest = longest
        self._until: dict[tuple[str, int], datetime] = {}

    def heard(self, endpoint: tuple[str, int], now: datetime, seconds: float) -> None:
        """An endpoint named a time; the later one counts."""
        self._until = {one: until for one, until in self._until.items() if until > now}
        until = now + timedelta(seconds=min(seconds, self._longest))
        self._until[endpoint] = max(until, self._until.get(endpoint, until))

    def left(self, endpoint: tuple[str, int], now: datetime) -> float:
        """Seconds that are left of the wait; 0: none is."""
        until = self._until.get(endpoint)
        return max(0.0, (until - now).total_seconds()) if until is not None else 0.0
