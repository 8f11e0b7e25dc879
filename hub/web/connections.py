"""Connections that only hold a place: who says nothing, who asks a letter a second, who never reads the answer.

Each holds a descriptor, and what is not read holds memory. A proxy in front keeps most of them away; the hub closes
them itself too, as not every hub has one. What a handler may take is hub/web/server.py's, what a body may take
hub/web/bodies.py's.
"""

import asyncio
import resource
import socket
import struct
import time
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from typing import Final, Protocol

import structlog
from aiohttp import web

from hub.web.answers import size_of
from hub.web.routes import Handler

log = structlog.get_logger(__name__)

#: Seconds between two requests of one connection. nginx lets go of its own after 60, and must be the first.
BETWEEN: Final = 75.0
#: Seconds between two looks.
LOOK: Final = 1.0


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds, and how many may be open."""

    first: float = 20.0  #: until the first request is there, as a whole
    stalled: float = 30.0  #: without a byte of the answer being taken
    longest: float = 300.0  #: until an answer is taken, however slowly
    unread: int = 128 * 1024 * 1024  #: bytes of answers that are not taken, all together; above it those go that
    hesitant: float = 3.0  #: have taken nothing for so long
    most: int = 512  #: connections; above it those go that have waited for a request for longest


Connection = web.RequestHandler


class Server(Protocol):
    """What is known of aiohttp's server."""

    @property
    def connections(self) -> Sequence[Connection]: ...


@dataclass(slots=True)
class _Seen:
    """One connection."""

    idle: float  #: since when it has no request under way
    asked: bool = False
    busy: int = 0  #: requests under way
    behind: float | None = None  #: since when there is something that was not taken
    moved: float = 0.0  #: when some of it was taken last
    left: int = 0  #: bytes of it
    holds: int = 0  #: bytes of the whole answer


@dataclass(slots=True)
class Connections:
    """The open connections of one server, as they were at the last look."""

    patience: Patience
    now: Callable[[], float]
    _seen: dict[Connection, _Seen] = field(default_factory=dict)

    def begun(self, connection: Connection) -> _Seen:
        """A request of it is under way."""
        seen = self._seen.setdefault(connection, _Seen(self.now()))
        seen.asked, seen.busy = True, seen.busy + 1
        return seen

    def ended(self, seen: _Seen, size: int) -> None:
        """Its answer of so many bytes is made."""
        seen.busy, seen.idle, seen.holds = seen.busy - 1, self.now(), size

    def taken(self, connection: Connection) -> None:
        """A bit of an answer that comes bit by bit was taken: the next one has its own time."""
        if connection in self._seen:
            self._seen[connection].behind = None

    def look(self, server: Server) -> int:
        """Close what only holds a place. Returns how many."""
        now, open_now = self.now(), server.connections
        self._seen = {each: self._seen.get(each) or _Seen(now) for each in open_now}
        stuck = [each for each in open_now if self._is_stuck(self._seen[each], each.transport, now)]
        stuck += self._too_much(set(stuck), now)
        waiting = [(seen.idle, each) for each, seen in self._seen.items() if not seen.busy and seen.behind is None]
        waiting.sort(key=lambda pair: pair[0])
        late = [each for idle, each in waiting if not self._seen[each].asked and now - idle > self.patience.first]
        over = [each for _, each in waiting[: max(0, len(open_now) - len(stuck) - self.patience.most)]]
        for each in stuck:
            throw_away(each.transport)
        for each in {*late, *over}:
            each.force_close()
        return len(stuck) + len({*late, *over})

    def _too_much(self, stuck: Set[Connection], now: float) -> list[Connection]:
        """Where all together hold more than may be held: whoever took nothing for longest, until it is less."""
        behind = [(seen.moved, each) for each, seen in self._seen.items() if seen.left and each not in stuck]
        held = {each: self._seen[each].left + self._seen[each].holds for _, each in behind}
        over, found = sum(held.values()) - self.patience.unread, []
        for moved, each in sorted(behind, key=lambda pair: pair[0]):
            if over <= 0 or now - moved < self.patience.hesitant:
                break
            over -= held[each]
            found.append(each)
        return found

    def _is_stuck(self, seen: _Seen, transport: asyncio.Transport | None, now: float) -> bool:
        """Whether its answer is not taken."""
        left = transport.get_write_buffer_size() if transport is not None else 0
        if not left:
            seen.behind, seen.left, seen.holds = None, 0, seen.holds if seen.busy else 0
            return False
        if seen.behind is None:
            seen.behind = seen.moved = now
        elif left < seen.left:
            seen.moved = now
        seen.left = left
        return now - seen.moved > self.patience.stalled or now - seen.behind > self.patience.longest


def throw_away(transport: asyncio.Transport | None) -> None:
    """End it with what was not taken; without this the system would keep its own part, and try for minutes."""
    if transport is None:
        return
    door = transport.get_extra_info("socket")
    if door is not None:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


CONNECTIONS: Final = web.AppKey("CONNECTIONS", Connections)


def connections() -> Connections:
    """Half of the process's descriptors are the most that others may hold; the rest is for the hub's own work."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2
    return Connections(Patience(most=most), time.monotonic)


@web.middleware
async def noted(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A connection with a request under way is not waiting."""
    open_now = request.app[CONNECTIONS]
    seen = open_now.begun(request.protocol)
    size = 0
    try:
        response = await handler(request)
        size = size_of(response)
        return response
    finally:
        open_now.ended(seen, size)


async def keep_looking(open_now: Connections, server: Server) -> None:
    """Look once a second, until cancelled."""
    while True:
        await asyncio.sleep(LOOK)
        closed = open_now.look(server)
        if closed:
            log.info("connections closed that only held a place", closed=closed)
