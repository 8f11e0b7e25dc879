"""Connections that only hold a place are closed: silent ones, slow ones, and those whose answer nobody takes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from aiohttp import web

from hub.web.connections import CONNECTIONS, Connections, Patience, Server, noted

#: More than the buffers of two sockets take.
LARGE = b"x" * 40_000_000
ASK = b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n"


@dataclass
class House:
    """A server of two pages, its connections, and a clock that stands still."""

    at: float = 1_000.0
    port: int = 0
    server: Server | None = None
    hold: asyncio.Event = field(default_factory=asyncio.Event)
    clients: list[asyncio.StreamWriter] = field(default_factory=list)
    open_now: Connections = field(init=False)

    def __post_init__(self) -> None:
        self.open_now = Connections(Patience(first=20, stalled=30, longest=80, most=3), lambda: self.at)

    def look(self, after: float = 0) -> int:
        self.at += after
        assert self.server is not None
        return self.open_now.look(self.server)

    async def connect(self, said: bytes = b"") -> asyncio.StreamReader:
        before = self._many()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1024)
        self.clients.append(writer)
        writer.write(said)
        await until(lambda: self._many() == before + 1)
        return reader

    def unread(self) -> int:
        """Bytes that were not taken at the last look."""
        return sum(each.left for each in self.open_now._seen.values())

    def _many(self) -> int:
        return len(self.server.connections) if self.server is not None else 0


async def until(holds: Callable[[], object]) -> None:
    for _ in range(2_000):
        if holds():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("never so")


@asynccontextmanager
async def opened() -> AsyncIterator[House]:
    house = House()

    async def large(request: web.Request) -> web.Response:
        return web.Response(body=LARGE)

    async def slow(request: web.Request) -> web.Response:
        await house.hold.wait()
        return web.Response(text="ok")

    async def bits(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(80):
            await response.write(LARGE[:500_000])
            house.open_now.taken(request.protocol)
        return response

    app = web.Application(middlewares=[noted])
    app[CONNECTIONS] = house.open_now
    app.router.add_get("/large", large)
    app.router.add_get("/slow", slow)
    app.router.add_get("/bits", bits)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    house.port, house.server = runner.addresses[0][1], runner.server
    try:
        yield house
    finally:
        house.hold.set()
        for client in house.clients:
            client.transport.abort()
        await runner.cleanup()


async def ended(reader: asyncio.StreamReader) -> bool:
    """Whether the server has closed this connection; what it said before is read away."""
    try:
        async with asyncio.timeout(5):
            while await reader.read(1_000_000):
                pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


async def test_who_says_nothing_or_half_a_request_is_closed_when_its_time_is_over() -> None:
    async with opened() as house:
        silent = await house.connect()
        half = await house.connect(ASK[:10])
        assert house.look() == 0
        assert house.look(after=19) == 0
        assert house.look(after=2) == 2
        assert await ended(silent)
        assert await ended(half)


async def test_who_waits_for_a_slow_answer_is_left_alone() -> None:
    async with opened() as house:
        reader = await house.connect(ASK.replace(b"large", b"slow"))
        await until(lambda: house.look() == 0 and any(each.busy for each in house.open_now._seen.values()))
        assert house.look(after=200) == 0
        house.hold.set()
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        assert house.look(after=60) == 0, "it may ask again; how long, the server's own keep-alive says"


async def behind(house: House) -> None:
    """A client has asked for the large page and takes nothing of it."""
    await until(lambda: house.look() == 0 and any(each.behind is not None for each in house.open_now._seen.values()))


async def test_an_answer_that_nobody_takes_is_thrown_away() -> None:
    async with opened() as house:
        reader = await house.connect(ASK)
        await behind(house)
        assert house.look(after=29) == 0
        assert house.look(after=2) == 1
        assert await ended(reader)
        assert house.server is not None
        await until(lambda: not house.server.connections)  # type: ignore[union-attr]


async def test_an_answer_that_is_taken_slowly_goes_on_but_not_for_ever() -> None:
    async with opened() as house:
        reader = await house.connect(ASK)
        await behind(house)
        for _ in range(2):
            left = max(each.left for each in house.open_now._seen.values())
            while max(each.left for each in house.open_now._seen.values()) >= left:
                await reader.readexactly(500_000)
                assert house.look() == 0
            assert house.look(after=29) == 0
        assert house.look(after=29) == 1


async def test_an_answer_that_comes_bit_by_bit_has_its_time_for_each_bit() -> None:
    async with opened() as house:
        reader = await house.connect(ASK.replace(b"large", b"bits"))
        await behind(house)
        for _ in range(5):
            await reader.readexactly(5_000_000)
            assert house.look(after=29) == 0
        assert house.look(after=31) == 1, "that it takes nothing at all is not borne for longer"


async def test_what_all_together_do_not_take_is_bounded_and_those_go_that_stalled_longest() -> None:
    async with opened() as house:
        stalled = await house.connect(ASK)
        await behind(house)
        house.open_now.patience = replace(house.open_now.patience, unread=len(LARGE) + house.unread() + 1)
        other = await house.connect(ASK)
        await until(lambda: house.look(after=0.01) == 1)
        assert await ended(stalled)
        assert house.look() == 0
        assert len(await other.readexactly(len(LARGE))) == len(LARGE)


async def test_where_too_many_are_open_those_go_that_waited_longest_and_none_that_works() -> None:
    async with opened() as house:
        busy = await house.connect(ASK.replace(b"large", b"slow"))
        await until(lambda: house.look() == 0 and any(each.busy for each in house.open_now._seen.values()))
        first = await house.connect()
        assert house.look(after=1) == 0
        others = [await house.connect() for _ in range(3)]
        assert house.look(after=1) == 2
        assert await ended(first)
        house.hold.set()
        assert (await busy.readline()).startswith(b"HTTP/1.1 200")
        assert sum([reader.at_eof() for reader in others]) <= 1
