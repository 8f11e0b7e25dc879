"""Bodies that come slowly hold nobody up: a real server on loopback, clients at many addresses of it."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from aiohttp import web

from connectors.bodies import Limits
from hub.web.bodies import Bodies, UnfitBody
from hub.web.bodyplaces import Bounds, Loan, Places

LIMITS = Limits()
#: More than a body may have without a place, and less than a whole one.
LARGE = 300_000
#: Seconds after which something never happens.
NEVER = 30.0


@dataclass
class House:
    """A server that answers how many bytes it was sent."""

    bodies: Bodies
    port: int = 0
    clients: list[asyncio.StreamWriter] = field(default_factory=list)

    async def begin(self, *, size: int, sent: int, host: int = 2) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A client at 127.0.x.x that promises a body and sends a part of it."""
        local = f"127.0.{host // 250}.{host % 250 + 2}"
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(local, 0))
        self.clients.append(writer)
        writer.write(f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode() + b"x" * sent)
        await writer.drain()
        return reader, writer

    async def post(self, size: int, host: int = 1) -> str:
        """The answer to a body that comes at once."""
        reader, _ = await self.begin(size=size, sent=size, host=host)
        return await answer(reader)

    async def until_held(self, count: int, bytes_more: int = 0) -> None:
        """Wait until so many places are lent, and so many bytes without one."""
        wanted = count * self.bodies.limits.wire + bytes_more
        async with asyncio.timeout(NEVER):
            while self.bodies.places.held < wanted:  # noqa: ASYNC110 - what came over a socket tells nobody
                await asyncio.sleep(0.005)
        assert self.bodies.places.held == wanted


async def answer(reader: asyncio.StreamReader) -> str:
    """Status and text of an answer."""
    async with asyncio.timeout(NEVER):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        return f"{head.split()[1].decode()} {(await reader.readexactly(length)).decode()}"


@asynccontextmanager
async def opened(**more: Any) -> AsyncIterator[House]:
    bodies = Bodies(LIMITS, whose=lambda request: request.remote or "")
    bodies.places = Places(Bounds(whole=LIMITS.wire, **more), time.monotonic)

    async def take(request: web.Request) -> web.Response:
        try:
            return web.Response(text=str(len(await bodies.read(request))))
        except UnfitBody as error:
            return web.Response(text=error.why, status=400)
        except TimeoutError:
            return web.Response(text="busy", status=503)

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    house = House(bodies, runner.addresses[0][1])
    try:
        yield house
        for client in house.clients:
            client.transport.abort()
        async with asyncio.timeout(NEVER):
            while bodies.places.held:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
    finally:
        for client in house.clients:
            client.transport.abort()
        await runner.cleanup()


async def test_forty_who_send_next_to_nothing_hold_up_neither_small_bodies_nor_large_ones() -> None:
    async with opened(patience=1_000.0) as house:
        for host in range(40):
            await house.begin(size=4_000_000, sent=1_000, host=10 + host)
        await house.until_held(0, 40 * 1_000)
        assert await house.post(2_000) == "200 2000"
        assert await house.post(4_000_000) == "200 4000000"


async def test_one_address_has_no_more_than_its_share_of_places() -> None:
    async with opened(patience=1_000.0) as house:
        for _ in range(20):
            await house.begin(size=LARGE, sent=LARGE - 1, host=7)
        await house.until_held(4, 16 * 64 * 1024)
        assert await house.post(4_000_000, host=8) == "200 4000000"
        assert await house.post(60_000, host=7) == "200 60000", "what is small passes by its own large ones"


async def test_the_slowest_loses_its_place_to_one_who_waits() -> None:
    async with opened(patience=0.3) as house:
        slow = [(await house.begin(size=LARGE, sent=LARGE - 1, host=10 + host))[0] for host in range(12)]
        await house.until_held(12)
        assert await house.post(4_000_000) == "200 4000000"
        recalled = [reader for reader in slow if reader._buffer]  # type: ignore[attr-defined]
        assert 1 <= len(recalled) < 12, "as many as were in somebody's way"
        assert [await answer(each) for each in recalled] == ["503 busy"] * len(recalled)


async def test_the_slowest_of_a_crowded_address_makes_way_for_its_own() -> None:
    async with opened(patience=0.1) as house:
        for _ in range(4):
            await house.begin(size=LARGE, sent=LARGE - 1, host=7)
        await house.until_held(4)
        assert await house.post(4_000_000, host=7) == "200 4000000"


async def test_who_is_slow_while_nobody_waits_is_read_to_the_end() -> None:
    async with opened(patience=0.0, places=2) as house:
        first, last = [await house.begin(size=LARGE, sent=LARGE - 1, host=host) for host in (10, 11)]
        await house.until_held(2)
        assert await house.post(60_000) == "200 60000"
        for reader, writer in (first, last):
            writer.write(b"x")
            assert await answer(reader) == f"200 {LARGE}"


async def test_a_fast_one_keeps_its_place_however_many_wait() -> None:
    async with opened(places=1, patience=0.05, poor=1_000.0) as house:
        reader, writer = await house.begin(size=1_000_000, sent=100_000, host=10)
        await house.until_held(1)
        waiting = asyncio.create_task(house.post(LARGE))
        for _ in range(9):
            await asyncio.sleep(0.06)
            writer.write(b"x" * 100_000)
        assert await answer(reader) == "200 1000000"
        assert await waiting == f"200 {LARGE}"


@pytest.mark.parametrize("seed", range(8))
async def test_never_more_is_held_than_sixteen_whole_bodies_and_all_is_given_back(seed: int) -> None:
    dice = random.Random(seed)
    places, whole = Places(Bounds(whole=100, small=20, patience=0.0, poor=1e9), time.monotonic), 100
    sizes: dict[Loan, int] = {}

    async def body(who: str) -> str:
        loan = None
        try:
            async with asyncio.timeout(dice.choice([0.001, 5.0])), places.loan(who) as loan:
                sizes[loan] = 0
                while sizes[loan] < whole and dice.random() < 0.95:
                    size = min(dice.choice([1, 7, 20]), whole - sizes[loan])
                    await places.grow(loan, size)
                    sizes[loan] += size
                    assert sum(sizes.values()) <= places.held <= 16 * whole
                    assert max(len(places._of(who)) for who in "abcdefgh") <= 4
                    await asyncio.sleep(0)
                return "read"
        except TimeoutError:
            return "busy"
        finally:
            sizes.pop(cast(Loan, loan), None)

    done = await asyncio.gather(*(body(dice.choice("abcdefgh")) for _ in range(150)))
    assert {"read", "busy"} == set(done)
    assert places.held == 0
    assert not places._lent
    assert not places._waiting
    assert not places._small
