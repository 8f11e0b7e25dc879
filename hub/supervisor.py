"""Tells whoever started the process that it works and goes on living: systemd's protocol sd_notify.

    READY=1       everything works: `systemctl start` returns, units that come after this one begin
    WATCHDOG=1    the event loop turns; a loop that stands still says nothing, and the process is started anew

Started by anything else, NOTIFY_SOCKET is not set and nothing is told. Not for containers: those ask /healthz.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Supervisor:
    """Where signs of life go to."""

    socket: str = ""  #: path of the socket, with @ before an abstract name; empty: nobody listens
    patience: float = 0.0  #: seconds after which silence means death; 0: nobody counts them

    def ready(self, web: str) -> None:
        """Everything works; `web` is the address that answers, "" without the web role."""
        self._tell("READY=1", f"STATUS=listening on {web}" if web else "STATUS=at work")

    async def keep_telling(self) -> None:
        """A sign of life thrice in the time allowed, until cancelled: one may be late, and one may be lost."""
        while True:
            self._tell("WATCHDOG=1")
            await asyncio.sleep(self.patience / 3)

    def _tell(self, *lines: str) -> None:
        if not self.socket:
            return
        address = f"\0{self.socket[1:]}" if self.socket.startswith("@") else self.socket
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.setblocking(False)  # the loop never waits for a supervisor that is busy
                channel.sendto("\n".join(lines).encode(), address)
        except OSError as error:
            log.warning("the supervisor does not hear", cause=str(error))


def supervisor_of(environment: Mapping[str, str], pid: int) -> Supervisor:
    """Whom the environment of this process names; WATCHDOG_PID says whether the patience is meant for us."""
    try:
        patience = int(environment.get("WATCHDOG_USEC", "0")) / 1_000_000
    except ValueError:
        patience = 0.0
    if environment.get("WATCHDOG_PID", str(pid)) != str(pid):
        patience = 0.0
    return Supervisor(environment.get("NOTIFY_SOCKET", ""), patience)


@asynccontextmanager
async def supervised(environment: Mapping[str, str] = os.environ) -> AsyncIterator[Supervisor]:
    """Signs of life while the block runs, from the same event loop."""
    supervisor = supervisor_of(environment, os.getpid())
    signs = asyncio.create_task(supervisor.keep_telling(), name="supervisor") if supervisor.patience else None
    try:
        yield supervisor
    finally:
        if signs is not None:
            signs.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await signs
