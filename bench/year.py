"""How long the report over a year takes, with Word, Excel and PDF, and how much memory; and the page /coverage.

    PYTHONPATH=. .venv/bin/python bench/year.py --items 60000 --database sqlite
    PYTHONPATH=. .venv/bin/python bench/year.py --items 60000 --database postgres

The reference year (tests/year) is written into a database first. Then a process of its own makes the report, so that
its memory is that of the report alone; another serves the public page, which this one asks 200 times in a row.
A private PostgreSQL is started and removed again.
"""

import argparse
import asyncio
import json
import logging
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import structlog
from aiohttp import ClientSession

from hub.commands.make_report import make_report
from hub.reports.docx import docx
from hub.reports.pdf import pdf
from hub.reports.xlsx import xlsx
from hub.settings import load_settings
from hub.store import reports
from hub.web.server import serve
from tests.servers import PostgresServer
from tests.year import settings
from tests.year.days import FIRST, at
from tests.year.judging import Judge
from tests.year.plan import END, HALF, SETTLED, Year, plan

#: What is wanted: seconds and megabytes of the report, milliseconds of the page.
SECONDS, MEGABYTES, MILLISECONDS = 10.0, 300.0, 300.0
REQUESTS = 200


async def fill(judge: Judge) -> None:
    """The whole year, as the hub would have it."""
    async with judge.opened(at(FIRST)) as hub:
        await judge.begin(hub.engine)
        await judge.filling.up_to(hub.engine, judge.clock, HALF)
    async with judge.opened(SETTLED) as hub:
        await judge.filling.up_to(hub.engine, judge.clock, END)


async def measure(judge: Judge) -> None:
    """Make the report and its files; print seconds and memory as JSON."""
    async with judge.opened(END) as hub:
        before = _memory()
        began = last = (time.perf_counter(), _worked())
        steps: dict[str, tuple[float, float]] = {}

        def step(name: str) -> None:
            nonlocal last
            now = time.perf_counter(), _worked()
            steps[name] = now[0] - last[0], now[1] - last[1]
            last = now

        made = await make_report(hub.engine, "2025", who="cli:lan")
        step("numbers")
        _, snapshot = await reports.read(hub.engine.store, made.report)
        for name, write in (("Word", docx), ("Excel", xlsx), ("PDF", pdf)):
            write(snapshot, {})
            step(name)
        steps["all"] = last[0] - began[0], last[1] - began[1]
        print(json.dumps({"steps": steps, "before": before, "peak": _memory()}))


async def show(judge: Judge) -> None:
    """Serve the public page until killed."""
    async with judge.opened(END) as hub:
        path = settings.write(judge.year, judge.folder, judge.database_url, END, public=True)
        async with serve(hub.engine, load_settings(path)) as address:
            print(address, flush=True)
            await asyncio.Event().wait()


async def ask(base: str) -> list[float]:
    """Milliseconds of each request for the page."""
    taken = []
    async with ClientSession(base) as session:
        for _ in range(REQUESTS):
            began = time.perf_counter()
            async with session.get("/coverage") as answer:
                await answer.read()
                assert answer.status == 200, answer.status
            taken.append((time.perf_counter() - began) * 1_000)
    return taken


def _memory() -> tuple[float, float]:
    """The most that this process ever had, and the largest of its children, which sets pages, in megabytes."""
    own, child = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own / 1_024, child / 1_024


def _worked() -> float:
    """Seconds of the processor that this process and its children had; the rest is waiting, for other work too."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _child(given: argparse.Namespace, folder: Path, url: str, what: str) -> list[str]:
    return [sys.executable, __file__, "--items", str(given.items), "--seed", str(given.seed), "--folder", str(folder),
            "--url", url, "--do", what]  # fmt: skip


def report(given: argparse.Namespace, folder: Path, url: str) -> bool:
    """Fill, measure, print; whether the targets are kept."""
    subprocess.run(_child(given, folder, url, "fill"), check=True)
    told = subprocess.run(_child(given, folder, url, "measure"), check=True, capture_output=True, text=True).stdout
    found = json.loads(told.splitlines()[-1])
    for name, (seconds, worked) in found["steps"].items():
        print(f"{name:10} {seconds:6.1f} s, of which the processor {worked:5.1f} s")
    (peak, child), (before, _) = found["peak"], found["before"]
    print(f"memory     {peak:6.0f} MB at the most, {before:.0f} MB before the report, {child:.0f} MB a child for pages")
    with subprocess.Popen(_child(given, folder, url, "show"), stdout=subprocess.PIPE, text=True) as served:
        try:
            assert served.stdout is not None
            base = next(line.strip() for line in served.stdout if line.startswith("http"))
            taken = asyncio.run(ask(base))
        finally:
            served.terminate()
    first, p50, p95 = taken[0], statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
    print(f"/coverage  first {first:.0f} ms, p50 {p50:.1f} ms, p95 {p95:.1f} ms of {REQUESTS} requests")
    return found["steps"]["all"][0] <= SECONDS and max(peak, child) <= MEGABYTES and p95 <= MILLISECONDS


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--items", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--do", choices=("fill", "measure", "show"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    if given.do:
        # Only who fills needs the items; the others need the roster for the settings.
        year: Year = plan(given.seed, given.items if given.do == "fill" else 0)
        judge = Judge.of(year, given.folder, given.url)
        asyncio.run({"fill": fill, "measure": measure, "show": show}[given.do](judge))
        return 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = f"sqlite://{folder / 'hub.db'}"
        if given.database == "postgres":
            url = stack.enter_context(PostgresServer()).create_database()
        print(f"{given.items:,} items, {given.database}")
        return 0 if report(given, folder, url) else 1


if __name__ == "__main__":
    sys.exit(main())
