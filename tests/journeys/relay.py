"""A host's only way out: listens inside its network namespace at the addresses of the outside, and carries bytes there.

    in the namespace                                             outside
    hub ──127.0.0.1:5432──> relay ──unix socket, with address──> Crossing ──127.0.0.1:5432──> PostgreSQL

    ip netns exec NAME python -m tests.journeys.relay SOCKET   with {"link": ["host:port", …], …} as the first line

Each further line of standard input says what becomes of a link: `cut database` lets bytes lie as packets are lost,
`refuse database` breaks what is open and what comes, `heal database` lets all go on. A Unix socket belongs to no
network namespace, so nothing but these links joins the hosts. It ends when its standard input does.
"""

import asyncio
import json
import sys
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from pathlib import Path

#: bytes that are carried at once
PIECE = 65_536
#: seconds that one side may go on after the other has ended
LINGER = 5.0


class Link:
    """The addresses behind one name, and whether bytes go there."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._flows = asyncio.Event()
        self._flows.set()
        self._refuses = False
        self._open: set[StreamWriter] = set()
        self._carrying: set[asyncio.Task[None]] = set()

    def cut(self) -> None:
        """What is sent lies, on either side, until it is healed."""
        self._flows.clear()

    def refuse(self) -> None:
        """What is open is reset, and so is what comes."""
        self._refuses = True
        for writer in self._open:
            writer.transport.abort()

    def heal(self) -> None:
        """As before."""
        self._refuses = False
        self._flows.set()

    async def listen(self, address: str) -> None:
        """At an address of the outside."""
        host, _, port = address.rpartition(":")

        def take(reader: StreamReader, writer: StreamWriter) -> None:
            task = asyncio.create_task(self._carry(address, reader, writer))
            self._carrying.add(task)
            task.add_done_callback(self._carrying.discard)

        await asyncio.start_server(take, host, int(port))

    async def _carry(self, address: str, reader: StreamReader, writer: StreamWriter) -> None:
        if self._refuses:
            writer.transport.abort()
            return
        await self._flows.wait()
        try:
            out_reader, out_writer = await asyncio.open_unix_connection(self._socket)
        except OSError:
            writer.transport.abort()
            return
        out_writer.write(f"{address}\n".encode())
        both = {writer, out_writer}
        self._open |= both
        try:
            await carry(reader, writer, out_reader, out_writer, self._flows)
        finally:
            self._open -= both


async def carry(
    reader: StreamReader, writer: StreamWriter, out_reader: StreamReader, out_writer: StreamWriter,
    flows: asyncio.Event,
) -> None:  # fmt: skip
    """Carry bytes both ways until both sides have ended; a side that does not end after the other is broken off."""
    ways = {asyncio.create_task(pump(reader, out_writer, flows)), asyncio.create_task(pump(out_reader, writer, flows))}
    try:
        _, going = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        if going:
            await asyncio.wait(going, timeout=LINGER)
    finally:
        for way in ways:
            way.cancel()
        writer.transport.abort()
        out_writer.transport.abort()


async def pump(reader: StreamReader, writer: StreamWriter, flows: asyncio.Event) -> None:
    """Carry bytes one way while they flow; the end of one side is told to the other, unless that is gone."""
    with suppress(OSError, RuntimeError):
        while piece := await reader.read(PIECE):
            await flows.wait()
            writer.write(piece)
            await writer.drain()
        await flows.wait()
        writer.write_eof()


class Crossing:
    """The outside's end: takes each connection of the hosts to where it says."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._server: asyncio.Server | None = None
        self._carrying: set[asyncio.Task[None]] = set()
        self._flows = asyncio.Event()
        self._flows.set()

    async def start(self) -> None:
        """Listen at the Unix socket."""

        def take(reader: StreamReader, writer: StreamWriter) -> None:
            task = asyncio.create_task(self._take(reader, writer))
            self._carrying.add(task)
            task.add_done_callback(self._carrying.discard)

        self._server = await asyncio.start_unix_server(take, self.path)

    async def close(self) -> None:
        """Take nothing more, and carry nothing more."""
        if self._server is not None:
            self._server.close()
        for task in self._carrying:
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    async def _take(self, reader: StreamReader, writer: StreamWriter) -> None:
        host, _, port = (await reader.readline()).decode().strip().rpartition(":")
        try:
            out_reader, out_writer = await asyncio.open_connection(host, int(port))
        except (OSError, ValueError):
            writer.transport.abort()
            return
        await carry(reader, writer, out_reader, out_writer, self._flows)


async def main(socket: str) -> None:
    """Until standard input ends."""
    lines = StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    links: dict[str, Link] = {}
    for name, addresses in json.loads(await lines.readline()).items():
        links[name] = Link(socket)
        for address in addresses:
            await links[name].listen(address)
    print("ready", flush=True)
    while line := await lines.readline():
        what, name = line.decode().split()
        getattr(links[name], {"cut": "cut", "refuse": "refuse", "heal": "heal"}[what])()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
