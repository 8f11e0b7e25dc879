"""What more workers bring: one process beside roles on PostgreSQL and RabbitMQ with 1, 2, 4 normalise workers.

    PYTHONPATH=. .venv/bin/python bench/scale.py --feeds 60 --rounds 3

Every round takes the set-ups in turn, each with empty databases and private servers on this machine. Every process
has said that it works, and ten sources are read, before the others are made due; throughput is that between the first
items of these and the last. Processor time is that of every process, the servers included, from the moment at which
they are due. All do the same work, so nothing is announced on RabbitMQ, which SQLite's broker cannot; the last set-up
announces, which is a delivery of each item. Wanted: with one worker of each role 60 % of what one process does alone,
and more with each until the processors are full.
"""

import argparse
import asyncio
import os
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import measuring
from bench.growth import server_of
from bench.readers import PATIENCE, HubOnce, HubRun
from bench.sites import Sites, serving
from hub.broker import connect
from hub.clock import SystemClock
from hub.store.database import Database
from hub.store.unit import Store
from tests.servers import PostgresServer, RabbitServer

ITEMS = 20
#: seconds between two looks at what is stored, and for what processes do once when they work
LOOK, BEGINNING = 0.05, 2.0
WORKERS = (1, 2, 4)
#: sources that are polled before anything is measured
WARM = 10
#: where SQLite's file lies: the private PostgreSQL does not wait for a disk either (tests/servers)
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
#: share of one process's throughput that is wanted
TARGET = 0.6
#: share of the processors' time from which they are full: more workers can bring nothing more
FULL = 0.9


@dataclass(frozen=True, slots=True)
class Found:
    """One run."""

    rate: float  #: items a second
    busy: float  #: processors at work meanwhile
    cost: dict[str, float]  #: milliseconds of processor time an item, by role


def pushed(hub: HubRun, expected: int) -> Found:
    """A round of the hub in one process."""
    roots = {"hub": hub.daemon or 0}
    for sources, before, count in _turns(expected):
        begun = {name: measuring.cpu(pid) for name, pid in roots.items()}
        with sqlite3.connect(hub.folder / "hub.db", timeout=30) as database:
            database.execute(f"UPDATE source SET due_at = 0 WHERE {sources}")
        times: list[tuple[float, int, float]] = []
        while not times or times[-1][1] < count:
            _look(times, hub.count(), roots, before)
            time.sleep(LOOK)
    return _found(times, begun, roots)


async def rung(store: Store, roots: dict[str, int], expected: int) -> Found:
    """A round of the hub in many processes."""
    for sources, before, count in _turns(expected):
        begun = {name: measuring.cpu(pid) for name, pid in roots.items()}
        async with store.unit() as unit:
            await unit.tx.execute(f"UPDATE source SET due_at = 0 WHERE {sources}")
        times: list[tuple[float, int, float]] = []
        while not times or times[-1][1] < count:
            [row] = await store.fetch("SELECT count(*) AS n FROM item")
            _look(times, row["n"], roots, before)
            await asyncio.sleep(LOOK)
    return _found(times, begun, roots)


def _turns(expected: int) -> Iterator[tuple[str, int, int]]:
    """Which sources are due, and items before and after: the first few start whatever starts with the first."""
    warm = ", ".join(f"'s{number}'" for number in range(WARM))
    yield f"name IN ({warm})", 0, WARM * ITEMS
    yield f"name NOT IN ({warm})", WARM * ITEMS, expected


def _look(times: list[tuple[float, int, float]], count: int, roots: dict[str, int], before: int) -> None:
    """Note how many are stored, from the first new one on. Raises TimeoutError when nothing more comes."""
    now = time.perf_counter()
    if count > (times[-1][1] if times else before):
        times.append((now, count, measuring.cpu(*roots.values())))
    if times and now > times[-1][0] + PATIENCE:
        raise TimeoutError(f"nothing after {times[-1][1]} items")


def _found(times: list[tuple[float, int, float]], begun: dict[str, float], roots: dict[str, int]) -> Found:
    (first, had, worked), (last, held, in_all) = times[0], times[-1]
    cost: dict[str, float] = {}
    for name, pid in roots.items():
        role = name.rstrip("0123456789 ")
        cost[role] = cost.get(role, 0.0) + (measuring.cpu(pid) - begun[name]) / (held - WARM * ITEMS) * 1_000
    return Found((held - had) / (last - first), (in_all - worked) / (last - first), cost)


@contextmanager
def process(hub: HubOnce, *words: str) -> Iterator[int]:
    """A child that runs until the end of the block, and says that it works before the block begins."""
    with (
        (hub.folder / "run.log").open("ab") as log,
        tempfile.TemporaryDirectory(prefix="hub-scale-") as folder,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as signs,
    ):
        signs.bind(f"{folder}/signs")
        signs.settimeout(PATIENCE)
        told = os.environ | {"NOTIFY_SOCKET": f"{folder}/signs"}
        child = subprocess.Popen(hub.command("run", *words), stdout=log, stderr=log, cwd=hub.folder, env=told)
        try:
            while b"READY=1" not in signs.recv(4_096):
                pass
            yield child.pid
        finally:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def embedded(folder: Path, sites: Sites, expected: int) -> Found:
    """All roles in one process, on SQLite."""
    hub = HubRun(folder / "hub", sites.urls)
    hub.set_up()
    try:
        time.sleep(BEGINNING)
        return pushed(hub, expected)
    finally:
        hub.end()


def divided(folder: Path, sites: Sites, expected: int, workers: int, *, announces: bool) -> Found:
    """A process a role, with so many that normalise, on private servers."""
    with ExitStack() as stack:
        postgres, rabbit = stack.enter_context(PostgresServer()), stack.enter_context(RabbitServer())
        hub = HubOnce(folder / "hub", sites.urls)
        hub.database = postgres.create_database()
        hub.broker = rabbit.create_vhost()
        hub.announces = announces
        hub.set_up()
        return asyncio.run(_divided(hub, stack, int((rabbit.folder / "pid").read_text()), expected, workers))


async def _divided(hub: HubOnce, stack: ExitStack, broker: int, expected: int, workers: int) -> Found:
    async with await Database.open(hub.database, base=hub.folder) as database:
        store = Store(database, connect(""), SystemClock())
        async with store.unit() as unit:  # else they would be polled while the processes begin
            await unit.tx.execute("UPDATE source SET due_at = due_at + 86400000000")
        roots = {role: stack.enter_context(process(hub, "--roles", role)) for role in ("schedule", "harvest")}
        roots["deliver"] = stack.enter_context(process(hub, "--roles", "deliver"))
        for number in range(workers):
            roots[f"normalise {number}"] = stack.enter_context(process(hub, "--roles", "normalise"))
        pid = await server_of(store)
        assert pid is not None
        await asyncio.sleep(BEGINNING)
        return await rung(store, roots | {"PostgreSQL": pid, "RabbitMQ": broker}, expected)


def main() -> int:
    """All set-ups in turn."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--feeds", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    kinds = {"one process": (0, False)} | {f"{count} normalise": (count, False) for count in WORKERS}
    kinds["1 normalise, announcing"] = (1, True)
    names = list(kinds)
    found: dict[str, list[Found]] = {name: [] for name in names}
    expected = given.feeds * ITEMS - 5 * (given.feeds // 50)  # what a feed that is cut off lacks may differ by some
    with serving(given.feeds, ITEMS) as sites:
        for number in range(given.rounds):
            for name, (workers, announces) in kinds.items():
                with tempfile.TemporaryDirectory(prefix="hub-scale-", dir=MEMORY) as folder:
                    one = (
                        divided(Path(folder), sites, expected, workers, announces=announces)
                        if workers
                        else embedded(Path(folder), sites, expected)
                    )
                found[name].append(one)
                said = ", ".join(f"{role} {cost:.1f}" for role, cost in one.cost.items())
                print(
                    f"  round {number + 1} {name:12} {one.rate:6.0f} items/s, {one.busy:.2f} processors; ms: {said}",
                    file=sys.stderr, flush=True,
                )  # fmt: skip
    print(f"{given.feeds * ITEMS:,} items, medians of {given.rounds}; {measuring.machine()}")
    print("| | items a second, × one process | items a second | processors busy | CPU ms an item, all | of which |")
    print("|---|---|---|---|---|---|")
    ratios = []
    for name, runs in found.items():
        ratios.append(statistics.median(a.rate / b.rate for a, b in zip(runs, found[names[0]], strict=True)))
        costs = {role: statistics.median(one.cost[role] for one in runs) for role in runs[0].cost}
        print(
            f"| {name} | {ratios[-1]:.2f} | {statistics.median(one.rate for one in runs):.0f} |"
            f" {statistics.median(one.busy for one in runs):.2f} | {sum(costs.values()):.1f} |"
            f" {', '.join(f'{role} {cost:.1f}' for role, cost in costs.items())} |"
        )
    busy = statistics.median(one.busy for one in found[names[1]])
    has_grown = max(ratios[2:-1]) > ratios[1] or busy >= FULL * (os.cpu_count() or 1)
    return 0 if ratios[1] >= TARGET and has_grown else 1


if __name__ == "__main__":
    sys.exit(main())
