"""Clients that only hold a place: silent ones, some that ask a letter a second, some that never read what they asked.

Hundreds of them hold on to one hub while others read. The others are answered as before, each of these is closed
within the server's limits (hub/web/connections.py), and what they held is free again.
"""

import asyncio
import socket
import statistics
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp

from hub.web.connections import BETWEEN, LOOK, Patience
from hub.web.site import TURN
from tests.fakes.site import Site
from tests.hostile.bombs import MEMORY
from tests.load.clients import in_a_process
from tests.load.house import MEMBER, Running, running, until, written
from tests.load.readers import GOOD
from tests.load.table import Table
from tests.province import rss, story

#: Seconds that a look may come late on a busy machine.
SLACK: Final = 5.0 * LOOK
#: Seconds between two questions of one of the others.
PAUSE: Final = 0.5
#: Seconds within which 95 of 100 answers of the API come.
PROMISED: Final = 0.25
#: A list with its texts; asked for again and again on one connection, it fills every buffer between.
_LARGE: Final = b"GET /api/v1/items?limit=100&content=true HTTP/1.1\r\nHost: x\r\n\r\n"
_HEAD: Final = b"GET /api/v1/items HTTP/1.1\r\nHost: x\r\nX-Slow: "
_KINDS: Final = ("silent", "a letter a second", "never reads")


@dataclass(slots=True)
class Held:
    """What became of the connections of one kind."""

    opened: int = 0
    closed: list[float] = field(default_factory=list)  #: seconds after which the server closed each


@dataclass(slots=True)
class Seen:
    """All that was seen."""

    kinds: dict[str, Held] = field(default_factory=lambda: {kind: Held() for kind in _KINDS})
    answers: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    before: int = 0  #: descriptors
    most: int = 0
    after: int = 0
    memory: int = 0  #: bytes of the process tree at most
    grown: int = 0


def judged(seen: Seen, limits: dict[str, float], table: Table) -> None:
    """Say of the hub what was promised; `limits` are the seconds after which each kind has to be closed."""
    for kind, one in seen.kinds.items():
        table.tell(f"{kind}: connections", one.opened)
        open_still, longest = one.opened - len(one.closed), max(one.closed, default=0.0)
        table.want("  never closed by the hub", open_still, not open_still, "0")
        table.want("  closed after, at most, s", longest, longest <= limits[kind], f"<= {limits[kind]:.0f}")
    p95 = statistics.quantiles(seen.answers, n=20)[18] if len(seen.answers) > 1 else 0.0
    table.want("others: answers", len(seen.answers), bool(seen.answers), "> 0")
    table.zero("  that failed", seen.failed)
    table.want("  p95, ms", p95 * 1000, p95 <= PROMISED, f"<= {PROMISED * 1000:.0f}")
    held = sum(one.opened for one in seen.kinds.values())
    table.want(
        "descriptors at most", seen.most, seen.most >= seen.before + held // 2, "> half of theirs, or none was held"
    )
    table.want("descriptors before, after", f"{seen.before}, {seen.after}", seen.after <= seen.before + 5, "within 5")
    table.want("memory at most, MB", seen.memory >> 20, seen.memory <= MEMORY, f"<= {MEMORY >> 20}")
    table.tell("  grew by, MB", seen.grown >> 20)


async def campaign(each: int) -> Table:
    """So many connections of each kind at one `hub run`."""
    table = Table(f"Clients that only hold a place, {each:,} of each kind")
    # The third kind stalls when the buffers between are full, and has to wait for its turn before.
    first, stalled = Patience().first + SLACK, TURN + Patience().stalled + SLACK
    limits = {"silent": first, "a letter a second": first, "never reads": stalled}
    with tempfile.TemporaryDirectory() as name:
        async with Site() as site:
            settings = settled(Path(name), site)
            async with running(settings) as hub:
                seen = await watched(hub.base, each, limits, hub)
            judged(seen, limits, table)
            table.zero("defects in the log", hub.hub.defects())
    return table


def settled(folder: Path, site: Site) -> Path:
    """A hub with a hundred long articles."""
    text = "Nội dung bài viết về y tế của tỉnh. " * 300
    url = site.serve("/long.rss", rss(*(story(number, text=text) for number in range(1, 101))))
    source = {"name": "tin", "member": MEMBER, "connector": "feed", "kind": "news", "url": url, "every": "1h"}
    return written(folder, f"sqlite://{folder}/hub.db", [f"127.0.0.1:{site.port}"], [("source", source)])


async def watched(
    base: str, each: int, limits: dict[str, float], hub: Running | None, *, others: int = 10, seconds: float = 0.0
) -> Seen:
    """Open them all, let others read beside them until the last is closed, and look what is left."""
    seen, port = Seen(), int(base.rpartition(":")[2])
    async with aiohttp.ClientSession(base) as client:
        await until(lambda: _is_full(client), 60, "a hundred articles are public")
    if hub is not None:
        seen.before, seen.memory = hub.descriptors(), hub.memory()
    reading = asyncio.create_task(in_a_process(base, others, PAUSE, seconds or max(limits.values())))
    looking = asyncio.create_task(_look(hub, seen)) if hub is not None else None
    await asyncio.gather(*(_hold(kind, port, number, seen, limits[kind]) for kind in _KINDS for number in range(each)))
    for answers in (await reading).values():
        seen.answers += answers.seconds
        seen.failed += [f"{count} of {status}" for status, count in answers.status.items() if status not in GOOD]
    if hub is not None and looking is not None:
        looking.cancel()
        await until(lambda: hub.descriptors() <= seen.before + 5, BETWEEN, "descriptors come back")
        seen.after = hub.descriptors()
    return seen


async def _look(hub: Running, seen: Seen) -> None:
    before = seen.memory
    while True:
        seen.most = max(seen.most, hub.descriptors())
        seen.memory = max(seen.memory, hub.memory())
        seen.grown = seen.memory - before
        await asyncio.sleep(0.5)


async def _is_full(client: aiohttp.ClientSession) -> bool:
    async with client.get("/api/v1/items?limit=100") as answer:
        return answer.status == 200 and len((await answer.json())["items"]) == 100


async def _hold(kind: str, port: int, number: int, seen: Seen, limit: float) -> None:
    """One such client, until the server closes it, or much too long."""
    held = seen.kinds[kind]
    loop = asyncio.get_running_loop()
    door = socket.socket()
    door.setblocking(False)
    door.bind((f"127.0.5.{1 + number % 200}", 0))
    if kind == "never reads":
        door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    try:
        await loop.sock_connect(door, ("127.0.0.1", port))
        held.opened += 1
        began = loop.time()
        if kind == "never reads":
            await loop.sock_sendall(door, _LARGE * 20)
        elif kind == "a letter a second":
            await loop.sock_sendall(door, _HEAD)
        while loop.time() - began < 2 * limit:
            if _is_closed(door, letter=kind == "a letter a second"):
                held.closed.append(loop.time() - began)
                return
            await asyncio.sleep(1.0 if kind == "a letter a second" else 0.25)
    except ConnectionError:
        held.closed.append(loop.time() - began)
    finally:
        door.close()


def _is_closed(door: socket.socket, *, letter: bool) -> bool:
    """Whether the server has ended it; without taking anything that it has said."""
    error = door.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if error:
        return True
    try:
        if letter:
            door.send(b"a")
        return door.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
