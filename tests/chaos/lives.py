"""What a forked hub does in its one life: a cycle that something befalls, or the one after it that has to mend all."""

import asyncio
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvloop

from hub.app import ROLES, Hub, open_hub
from hub.cli.opening import set_up_log
from hub.queries.editions import editions
from hub.reader import Reader
from hub.settings import load_settings
from tests.journeys.ledgers import wanting
from tests.province import NearReader

#: rounds after which a hub that nothing disturbs must have mended all, and how far its clock goes on between two
ROUNDS, LATER = 12, timedelta(minutes=10)
#: seconds after which a life is over, whatever it does: SIGALRM, which counts as stuck
LIMIT = 300
#: descriptors of a life, as many as a shell grants
DESCRIPTORS = 1024


class Hastened:
    """The machine's clock, put forward and made to run faster: no test waits for a lease by the real one."""

    def __init__(self, ahead: timedelta = timedelta(), speed: float = 1.0) -> None:
        self._began = datetime.now(UTC)
        self._ahead, self._speed = ahead, speed

    def now(self) -> datetime:
        return self._began + self._ahead + (datetime.now(UTC) - self._began) * self._speed

    def advance(self, by: timedelta) -> None:
        """Let some time have passed."""
        self._ahead += by


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the next life is to do."""

    life: str  #: one of LIVES
    settings: str
    log: str
    ahead: float = 0.0  #: seconds by which its clock is put forward
    speed: float = 1.0
    reads_near: bool = True  #: captures are read in the process itself, not in a child
    out: str = ""  #: where a life that mends writes what it holds, and one that works its address

    def line(self) -> bytes:
        """As it goes through the pipe."""
        return json.dumps(asdict(self)).encode() + b"\n"


def live(said: Mapping[str, Any]) -> int:
    """The whole life of this process; returns its exit code."""
    order = Order(**said)
    signal.alarm(LIMIT)
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    log = os.open(order.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    set_up_log(json=True, quiet=False)
    clock = Hastened(timedelta(seconds=order.ahead), order.speed)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_lived(order, clock))
    sys.stderr.flush()
    return 0


async def _lived(order: Order, clock: Hastened) -> None:
    settings = load_settings(Path(order.settings))
    async with open_hub(settings, clock=clock) as hub:
        reader = NearReader() if order.reads_near else Reader()
        try:
            await LIVES[order.life](Hub(hub.settings, replace(hub.engine, reader=reader)), clock, order)
        finally:
            await reader.close()


async def _cycle(hub: Hub, clock: Hastened, order: Order) -> None:
    """One full cycle: poll everything, read, push, seal."""
    await hub.once(everything=True)


async def _mend(hub: Hub, clock: Hastened, order: Order) -> None:
    """Work until nothing is wanted any more, and write down what is held."""
    for _ in range(ROUNDS):
        await hub.once(everything=True)
        if not await wanting(hub.engine.store.database) and not await _unread(hub):
            break
        clock.advance(LATER)
    held = [asdict(edition) async for edition in editions(hub.engine.store)]
    _write(order.out, held)


async def _unread(hub: Hub) -> bool:
    """Whether some site did not answer: on a busy machine it may take longer than the hub waits."""
    return bool(await hub.engine.store.fetch("SELECT name FROM source WHERE failures > 0"))


def _write(path: str, held: object) -> None:
    part = Path(path + ".part")
    part.write_text(json.dumps(held))
    part.replace(path)


async def _work(hub: Hub, clock: Hastened, order: Order) -> None:
    """Work as `hub run` does, until SIGTERM."""
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    working = asyncio.create_task(hub.run(ROLES, ready=lambda web: _write(order.out, web)))
    waiting = asyncio.create_task(told.wait())
    await asyncio.wait([working, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    working.cancel()
    try:
        await working
    except asyncio.CancelledError:
        if not told.is_set():
            raise


LIVES: Mapping[str, Callable[[Hub, Hastened, Order], Coroutine[Any, Any, None]]] = {
    "cycle": _cycle,
    "mend": _mend,
    "work": _work,
}
