"""Serves the feeds of bench/corpus.py on loopback, each from memory, with ETag and 304.

    .venv/bin/python bench/feedserver.py FOLDER --port 8801 --spread 200

Feed 7 is http://127.0.1.8:8801/f/0007.xml: `--spread` many addresses stand for as many sites. GET /__phase/1 at
127.0.0.1 shows the next phase. Prints "ready" when it listens; ends by SIGTERM.
"""

import argparse
import asyncio
import signal
from hashlib import md5
from pathlib import Path


def answers(folder: Path) -> dict[str, tuple[str, bytes, bytes]]:
    """Of every file of a phase: its ETag, the whole answer, and that nothing changed."""
    found = {}
    for path in sorted(folder.iterdir()):
        body = path.read_bytes()
        etag = f'"{md5(body, usedforsecurity=False).hexdigest()}"'
        head = f"Content-Type: application/xml; charset=utf-8\r\nETag: {etag}\r\nCache-Control: max-age=0\r\n"
        whole = f"HTTP/1.1 200 OK\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        unchanged = f"HTTP/1.1 304 Not Modified\r\nETag: {etag}\r\nContent-Length: 0\r\n\r\n".encode()
        found[f"/f/{path.name}"] = etag, whole, unchanged
    return found


class Site:
    """What is shown, and to whom."""

    def __init__(self, corpus: Path) -> None:
        self._phases = [answers(folder) for folder in sorted(corpus.glob("p*"))]
        self._phase = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection until the other side ends it."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                writer.write(self._answer(head))
                await writer.drain()
                if "connection: close" in head.lower():
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, head: str) -> bytes:
        path = head.split(" ", 2)[1]
        if path.startswith("/__phase/"):
            self._phase = min(int(path.removeprefix("/__phase/")), len(self._phases) - 1)
            return b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        found = self._phases[self._phase].get(path)
        if found is None:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        etag, whole, unchanged = found
        asked = next((line for line in head.split("\r\n") if line.lower().startswith("if-none-match:")), "")
        return unchanged if etag in asked else whole


async def main() -> None:
    """Listen until told to end."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--port", type=int, default=8801)
    parser.add_argument("--spread", type=int, default=200)
    given = parser.parse_args()
    site, stop = Site(given.corpus), asyncio.Event()
    for host in ["127.0.0.1", *(f"127.0.1.{1 + number}" for number in range(given.spread))]:
        await asyncio.start_server(site.serve, host, given.port, backlog=4_096)
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    print("ready", flush=True)
    await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
