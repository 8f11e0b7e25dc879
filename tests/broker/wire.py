"""A wire between client and server that a test can cut, freeze and mend: a TCP relay on loopback."""

import asyncio
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit


class Wire:
    """Relays to the server of `url`; `Wire.url` is the same address through the wire."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._relays: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._port = 0
        self.dialled = 0  #: how many connections were accepted

    @property
    def url(self) -> str:
        """Where to connect."""
        login = self._target.netloc.rpartition("@")[0]
        return urlunsplit(self._target._replace(netloc=f"{login}@127.0.0.1:{self._port}"))

    async def mend(self) -> None:
        """Accept connections, and let flow what a freeze held back."""
        if self._server is None:
            self._server = await asyncio.start_server(self._relay, "127.0.0.1", self._port)
            self._port = self._server.sockets[0].getsockname()[1]
        self._flowing.set()

    def freeze(self) -> None:
        """Keep every connection open and pass nothing on, as a host that hangs."""
        self._flowing.clear()

    async def cut(self) -> None:
        """End every connection and refuse new ones."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._hang_up()

    def _hang_up(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.dialled += 1
        there, back = await asyncio.open_connection(self._target.hostname, self._target.port)
        self._writers |= {writer, back}
        pumps = [asyncio.create_task(self._pump(reader, back)), asyncio.create_task(self._pump(there, writer))]
        self._relays.update(pumps)
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for end in (writer, back):
            end.transport.abort()
        await asyncio.wait(pumps)
        self._relays.difference_update(pumps)
        self._writers -= {writer, back}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass  # cut

    async def __aenter__(self) -> Self:
        await self.mend()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.cut()
        self._flowing.set()
        if self._relays:
            await asyncio.wait(self._relays, timeout=5)
