"""How many requests a second the API answers, cached and not: `python bench/api_load.py [--items N] [--seconds S]`.

The hub runs in a process of its own on SQLite with N public items of some 2 KB; this process asks over loopback, so
both share the machine's cores. Prints requests a second, p50 and p95 in milliseconds, and answers that were not 200.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from aiohttp import ClientSession, TCPConnector

SETTINGS = """
[web]
port = 0
[web.api]
per_minute = 1000000
[[member]]
code = "H52.12"
name = "Sở Y tế"
[[source]]
name = "so-y-te-tin"
member = "H52.12"
connector = "feed"
url = "http://127.0.0.1:9/so-y-te"
"""
CLIENTS = 16


async def serve(folder: Path, items: int) -> None:
    """The hub's side: make the items, print the address, answer until killed."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from hub.app import open_hub
    from hub.settings import load_settings
    from hub.web.server import serve as serving
    from tests.clock import Clock
    from tests.web.press import Press, news

    (folder / "settings.toml").write_text(SETTINGS, "utf-8")
    settings = load_settings(folder / "settings.toml", database={"url": f"sqlite://{folder / 'hub.db'}"})
    async with open_hub(settings) as hub:
        press = Press(hub, Clock())
        text = "<p>" + "Nội dung bài viết về y tế của tỉnh. " * 50 + "</p>"
        for start in range(0, items, 200):
            await press.publish(*(news(f"n{n}", content_html=text) for n in range(start, min(items, start + 200))))
        async with serving(hub.engine, settings) as address:
            print(address, flush=True)
            await asyncio.Event().wait()


async def ask(session: ClientSession, address: Callable[[int], str], seconds: float) -> tuple[int, list[float], int]:
    """Ask as fast as the answers come; returns how many, how long each took, and how many were no 200."""
    taken: list[float] = []
    bad, count = 0, iter(range(10**9))
    end = time.perf_counter() + seconds

    async def one() -> None:
        nonlocal bad
        while time.perf_counter() < end:
            began = time.perf_counter()
            async with session.get(address(next(count))) as answer:
                await answer.read()
                bad += answer.status != 200
            taken.append(time.perf_counter() - began)

    await asyncio.gather(*(one() for _ in range(CLIENTS)))
    return len(taken), taken, bad


async def measure(base: str, seconds: float) -> None:
    """The cases: one list for all, lists that differ each time, one item, changes."""
    async with ClientSession(base, connector=TCPConnector(limit=0)) as session:
        cases: dict[str, Callable[[int], str]] = {
            "list of 20, cached": lambda n: "/api/v1/items",
            "list of 20 with texts, cached": lambda n: "/api/v1/items?content=true",
            "list of 20, uncached": lambda n: f"/api/v1/items?since=2020-01-01T00:00:{n % 60:02}.{n:06}Z",
            "changes, 50, uncached": lambda n: "/api/v1/changes?limit=50",
        }
        for name, address in cases.items():
            await ask(session, address, 0.5)
            count, taken, bad = await ask(session, address, seconds)
            quantiles = [each * 1_000 for each in statistics.quantiles(taken, n=20)]
            said = f"p50 {quantiles[9]:6.1f} ms   p95 {quantiles[18]:6.1f} ms   not 200: {bad}"
            print(f"{name:32} {count / seconds:7.0f}/s   {said}")


def main() -> None:
    """Start the hub, measure, end it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--serve", type=Path)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.serve, given.items))
        return
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--serve", folder, "--items", str(given.items)]
        hub = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert hub.stdout is not None
            base = next(line.strip() for line in hub.stdout if line.startswith("http"))
            asyncio.run(measure(base, given.seconds))
        finally:
            hub.terminate()
            hub.wait()


if __name__ == "__main__":
    main()
