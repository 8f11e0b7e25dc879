"""From a member's push to the portal that has it: `hub run` between an inbox and the portal of the tests.

    PYTHONPATH=. .venv/bin/python bench/latency.py --rate 10 --seconds 30

The hub is a process of its own on SQLite with all its roles; this process pushes one item of some 4 kB at a time, at a
steady pace whatever comes back, and is the portal too. The clock stops when the portal has stored the item and
answers. Wanted: p50 of at most 150 ms, p99 of at most 500 ms at 10 items a second.
"""

import argparse
import asyncio
import hashlib
import hmac
import json
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import ClientConnectionError, ClientSession

from bench import corpus, measuring
from tests.fakes.portal import Effect, Portal

KEY, TOKEN = "khoa-cua-so-y-te-2026", "ma-truy-cap-thu-nghiem"
#: milliseconds that are wanted
P50, P99 = 150.0, 500.0
#: items that are pushed before the clock runs: readers and connections begin with the first
WARM = 10
#: seconds for the hub to begin, and for the last item to arrive
PATIENCE = 60.0

SETTINGS = """
[hub]
name = "Bench"
testing = true
[database]
url = "sqlite://hub.db"
[web]
port = {port}
[[member]]
code = "H00"
name = "Sở Y tế"
[[source]]
name = "hop-nhan"
member = "H00"
connector = "inbox"
secret = "{key}"
per_minute = 6000
url = "https://soyte.example/"
[[destination]]
name = "portal"
connector = "portal"
base_url = "{portal}"
token = "{token}"
rate = "500/s"
allow_private = ["{door}"]
[[route]]
to = ["portal"]
"""


class Watched(Portal):
    """A portal that notes when each item came to be shown."""

    def __init__(self) -> None:
        super().__init__(token=TOKEN)
        self.shown_at: dict[int, float] = {}
        self.came = asyncio.Event()

    def _note(self, effect: Effect) -> None:
        self.shown_at[int(effect.title.rpartition(" ")[2])] = time.perf_counter()
        self.came.set()
        super()._note(effect)


def push_of(number: int) -> bytes:
    """The body that is pushed with the n-th item, which has its number at the end of its title."""
    item = corpus.Item(0, number)
    title = f"{item.title} {number}"
    fields = {"guid": f"urn:tin:{number}", "title": title, "url": item.link, "content_html": item.html}
    return json.dumps({"items": [fields]}).encode()


async def push(http: ClientSession, body: bytes) -> None:
    """Sign and send. Raises RuntimeError when the hub does not take it."""
    at = str(int(time.time()))
    signed = hmac.new(KEY.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    said = {"X-Hub-Timestamp": at, "X-Hub-Signature": f"sha256={signed}", "Content-Type": "application/json"}
    async with http.post("/inbox/hop-nhan", data=body, headers=said) as answer:
        if answer.status != 202:
            raise RuntimeError(f"{answer.status}: {await answer.text()}")


async def arrive(portal: Watched, count: int) -> None:
    """Wait until the portal shows so many."""
    async with asyncio.timeout(PATIENCE):
        while len(portal.shown_at) < count:
            portal.came.clear()
            await portal.came.wait()


@asynccontextmanager
async def running(folder: Path, portal: Watched) -> AsyncIterator[tuple[int, ClientSession]]:
    """A hub at work: its process, and a session to it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    settings = folder / "settings.toml"
    settings.write_text(
        SETTINGS.format(port=port, key=KEY, portal=portal.base_url, token=TOKEN, door=f"127.0.0.1:{portal.port}")
    )
    code = "from hub.cli import main; main()"
    command: list[str | Path] = [sys.executable, "-c", code, "--settings", settings, "--json", "run"]
    with (folder / "hub.log").open("wb") as log:
        hub = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)  # noqa: ASYNC220 - before anything runs
        try:
            async with ClientSession(f"http://127.0.0.1:{port}") as http:
                async with asyncio.timeout(PATIENCE):
                    while True:
                        try:
                            async with http.get("/healthz") as answer:
                                await answer.read()
                            break
                        except ClientConnectionError:
                            if hub.poll() is not None:
                                raise RuntimeError((folder / "hub.log").read_text()[-1_000:]) from None
                            await asyncio.sleep(0.1)
                yield hub.pid, http
        finally:
            hub.send_signal(signal.SIGTERM)
            hub.wait()


async def measure(rate: float, seconds: float) -> bool:
    """Push, print what it took; whether the targets are kept."""
    portal, bodies = Watched(), [push_of(number) for number in range(WARM + round(rate * seconds))]
    await portal.start()
    try:
        with tempfile.TemporaryDirectory(prefix="hub-latency-") as folder:
            async with running(Path(folder), portal) as (hub, http):
                for body in bodies[:WARM]:
                    await push(http, body)
                await arrive(portal, WARM)
                worked, began = measuring.cpu(hub), time.perf_counter()
                sent: dict[int, float] = {}
                async with asyncio.TaskGroup() as pushes:
                    for number, body in enumerate(bodies[WARM:], WARM):
                        await asyncio.sleep(began + (number - WARM) / rate - time.perf_counter())
                        sent[number] = time.perf_counter()
                        pushes.create_task(push(http, body))
                await arrive(portal, len(bodies))
                worked = measuring.cpu(hub) - worked
    finally:
        await portal.close()
    taken = [(portal.shown_at[number] - at) * 1_000 for number, at in sent.items()]
    cuts = statistics.quantiles(taken, n=100)
    print(f"{len(taken)} items at {rate:g} a second; {measuring.machine()}")
    print(
        f"p50 {cuts[49]:.0f} ms, p90 {cuts[89]:.0f} ms, p99 {cuts[98]:.0f} ms, most {max(taken):.0f} ms;"
        f" {worked / len(taken) * 1_000:.1f} ms of processor time an item"
    )
    return cuts[49] <= P50 and cuts[98] <= P99


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rate", type=float, default=10.0)
    parser.add_argument("--seconds", type=float, default=30.0)
    given = parser.parse_args()
    sys.exit(0 if asyncio.run(measure(given.rate, given.seconds)) else 1)
