"""One connection to RabbitMQ that comes back by itself, and says once that it is away.

aio-pika's robust connections are not used: left open while reconnecting they keep `asyncio.run` from ending, a refused
declare keeps them from ever becoming ready, and consumers were seen not to resume (mosquito/aio-pika#231, #632). Plain
connections with one loop of our own around them do less and can be read.
"""

import asyncio
import contextvars
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import CONNECTION_EXCEPTIONS

from connectors.errors import ConfigError
from hub.broker.base import Wakeup

#: Seconds for one exchange with the server (connect, declare, confirm, acknowledge) before it counts as absent.
PATIENCE = 5.0
#: Seconds between attempts to connect: the first pause, doubled up to the longest.
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
#: Seconds between heartbeats; a server that froze is noticed after three.
HEARTBEAT = 10

#: What the libraries raise when server, connection or channel fail us.
OUTAGES = (*CONNECTION_EXCEPTIONS, TimeoutError)

log = structlog.get_logger(__name__)

# Both libraries print every failed attempt to connect; an outage is one line of ours.
for _library in ("aio_pika", "aiormq"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)


@asynccontextmanager
async def bounded(seconds: float = PATIENCE) -> AsyncIterator[None]:
    """One exchange with the server. Raises TimeoutError after `seconds`, and no cancellation that nobody asked for.

    aiormq rejects what is in flight on a closing connection with CancelledError, which would end our own loops without
    a trace; here it becomes ConnectionResetError.
    """
    async with asyncio.timeout(seconds):
        try:
            yield
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            raise ConnectionResetError("the connection closed while we waited") from error


class OwnedConnection(aio_pika.Connection):
    """A connection that only its owner closes.

    The library's own `__del__` begins to close whatever is collected open, such as an attempt that failed. Collected by
    another thread it leaves a coroutine that nobody awaits, and a warning in the log of every outage.
    """

    def __del__(self) -> None:
        """Nothing: `shut` closes what was opened, and a failed attempt has closed its socket."""


async def open_connection(url: str, purpose: str) -> AbstractConnection:
    """A plain connection. Raises one of OUTAGES."""
    async with bounded():
        return await aio_pika.connect(
            url,
            heartbeat=HEARTBEAT,
            client_properties={"connection_name": f"hub {purpose}"},
            connection_class=OwnedConnection,
        )


async def shut(closable: AbstractConnection | AbstractChannel | None) -> None:
    """Close a connection or channel, which may be gone already, in bounded time."""
    if closable is None:
        return
    try:
        async with bounded(PATIENCE / 2):
            await closable.close()
    except OUTAGES:
        pass  # the server drops what we no longer hold


class Outage:
    """Tells the log once that the server is away and once that it is back, however many links try."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = f"{parts.hostname}:{parts.port or 5672}"  # never the URL: it carries a password
        self._away: set[Link] = set()
        self._since = 0.0

    def lost(self, link: "Link", reason: str) -> None:
        """`link` has no connection."""
        if not self._away:
            self._since = asyncio.get_running_loop().time()
            log.warning("broker_away", server=self._server, reason=reason)
        self._away.add(link)

    def left(self, link: "Link") -> None:
        """`link` was closed, and does not want a connection any more."""
        self._away.discard(link)

    def found(self, link: "Link") -> None:
        """`link` has a connection."""
        if link in self._away:
            self._away.remove(link)
            if not self._away:
                seconds = round(asyncio.get_running_loop().time() - self._since, 1)
                log.info("broker_back", server=self._server, away_seconds=seconds)


class Link:
    """One connection that is made again whenever it is lost, until closed.

    `prepare` is called with each new connection before anybody gets it, and with an event to set if what it prepared
    ends before the connection does.
    """

    def __init__(
        self, url: str, purpose: str, outage: Outage,
        prepare: Callable[[AbstractConnection, asyncio.Event], Awaitable[None]] | None = None,
    ) -> None:  # fmt: skip
        self.connection: AbstractConnection | None = None  #: None while there is none
        self._url = url
        self._purpose = purpose
        self._outage = outage
        self._prepare = prepare
        self._keeping: asyncio.Task[None] | None = None
        self._wakeup = Wakeup()
        self._attempted = asyncio.Event()  # the first attempt to connect has ended, either way
        self._closed = False

    def start(self) -> None:
        """Begin to connect, in the background."""
        if self._keeping is None and not self._closed:
            self._keeping = spawn(self._keep(), f"{self._purpose} link")

    async def connected(self, patience: float | None = None) -> AbstractConnection | None:
        """The connection, waiting `patience` seconds for it, or until there is one; None if there is none by then."""
        self.start()
        try:
            async with asyncio.timeout(patience):
                while self.connection is None and not self._closed:
                    await self._wakeup.wait()
        except TimeoutError:
            return None
        return self.connection

    async def attempted(self, patience: float) -> AbstractConnection | None:
        """The connection there is, or None. Waits, `patience` seconds at most, only for the very first attempt."""
        self.start()
        if not self._attempted.is_set() and not self._closed:
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._attempted.wait()
        return self.connection

    async def close(self) -> None:
        """Close the connection and stop making new ones."""
        self._closed = True
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait([self._keeping], timeout=PATIENCE)
        self._attempted.set()
        self._wakeup.ring()

    async def _keep(self) -> None:
        pause = FIRST_PAUSE
        try:
            while not self._closed:
                reason = await self._hold()
                if reason is None:
                    pause = FIRST_PAUSE
                self._outage.lost(self, reason or "connection lost")
                await asyncio.sleep(pause * random.uniform(0.5, 1))  # not all hosts of a cluster at the same moment
                pause = min(2 * pause, LONGEST_PAUSE)
        finally:
            self._outage.left(self)

    async def _hold(self) -> str | None:
        """Connect and hold the connection until it is lost. Returns why there was none, None if there was one."""
        connection: AbstractConnection | None = None
        lost = asyncio.Event()
        try:
            connection = await open_connection(self._url, self._purpose)
            connection.close_callbacks.add(lambda *_: lost.set())
            if self._prepare is not None:
                async with bounded(2 * PATIENCE):
                    await self._prepare(connection, lost)
            self.connection = connection
            self._attempted.set()
            self._wakeup.ring()
            self._outage.found(self)
            await lost.wait()
        except (*OUTAGES, ConfigError) as error:
            return str(error) or type(error).__name__
        finally:
            self.connection = None
            self._attempted.set()
            await shut(connection)
        return None


def spawn(work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    """Run `work` beside us in an empty context: whoever asks first may be inside a transaction, which the task, and
    every connection it opens, would otherwise inherit."""
    return asyncio.get_running_loop().create_task(work, name=name, context=contextvars.Context())
