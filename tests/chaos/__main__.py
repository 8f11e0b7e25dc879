"""The table of faults: `make chaos`, or

    python -m tests.chaos [--seed 1] [--worlds 2] [--every 1] [--troubles 10] [--drills 50] [--jobs 2]
        [--only walk|machine|awaits|drills] [--call fdatasync]

`--every 10` walks every tenth system call and cancels at every tenth await; `--call` walks the calls of one name,
`--call loop.write` those of the event loop alone. Each row is told as it is done, the table at the end. Ends with 1 if
a count is not zero. What was not run says so.
"""

import argparse
import asyncio
import ctypes
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path

import structlog

from tests.chaos import drills
from tests.chaos.awaits import WORKS, cancelled_everywhere, laid_out
from tests.chaos.injection import STRACE
from tests.chaos.table import Row, lines
from tests.chaos.troubles import READS, SYNCS, WRITES, Makes, Troubled, failing, full, no_descriptors
from tests.chaos.walk import WALKS, Walk, walked
from tests.chaos.world import World
from tests.clock import Clock
from tests.fakes.portal import Portal
from tests.fakes.site import Site
from tests.province import TOKEN, Province
from tests.servers import PostgresServer
from tests.servers.postgres import find_program

#: a disk on which a hub finds room at first: it wants 200 MB free
DISK = "size=260m"
CLONE_NEWNS = 0x00020000
NOT_RUN = "NOT RUN: there is no {}"


async def walks(folder: Path, options: argparse.Namespace) -> list[Row]:
    """Kills at system calls, shared by as many worlds as there are jobs."""
    chosen = [walk for walk in WALKS if options.call in ("", walk.key)]
    if STRACE is None:
        return [Row(walk.name, note=NOT_RUN.format("strace")) for walk in chosen]
    rows = [Row(walk.name) for walk in chosen]
    for seed in range(options.seed, options.seed + options.worlds):
        async with AsyncExitStack() as stack:
            worlds = []
            for job in range(options.jobs):
                (place := folder / f"walk-{seed}-{job}").mkdir()
                worlds.append(await stack.enter_async_context(World(place, seed)))
            for row, walk in zip(rows, chosen, strict=True):
                row += await _told(_walk(worlds, walk, options.every))
    return rows


async def _walk(worlds: Sequence[World], walk: Walk, every: int) -> Row:
    row, step = Row(walk.name), every * walk.every
    for part in await asyncio.gather(
        *(walked(world, walk, first=1 + step * job, step=step * len(worlds)) for job, world in enumerate(worlds))
    ):
        row += part
    return row


async def machine(folder: Path, options: argparse.Namespace) -> list[Row]:
    """A disk that is full or fails, and no descriptors."""
    rows = []
    with small_disk(folder / "disk") as disk:
        place = folder / "machine"
        place.mkdir()
        async with World(place, options.seed, disk=disk) as world:
            made: list[tuple[str, Makes | None, Mapping[str, object]]] = [
                ("the disk is full", full(disk) if disk else None, {}),
                ("writes of the file find no room", failing(WRITES, "ENOSPC") if STRACE else None, {}),
                ("writes and syncs of the file fail", failing(SYNCS, "EIO") if STRACE else None, {}),
                ("reads of the file fail", failing(READS, "EIO") if STRACE else None, {"pages": (200, 503)}),
                ("no descriptors are left", no_descriptors, {"reads_near": False}),
            ]
            for fault, makes, more in made:
                if makes is None:
                    rows.append(Row(fault, note=NOT_RUN.format("strace, or no root for a small disk")))
                else:
                    rows.append(await _told(Troubled(world, fault, makes, **more).tried(options.troubles)))  # type: ignore[arg-type]
    return rows


@contextmanager
def small_disk(place: Path) -> Iterator[Path | None]:
    """A disk of memory in a mount namespace of our own; None where we may not."""
    place.mkdir()
    if os.geteuid() != 0 or ctypes.CDLL(None).unshare(CLONE_NEWNS) != 0:
        yield None
        return
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", DISK, "none", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


async def awaits(folder: Path, options: argparse.Namespace) -> list[Row]:
    """Every stage and decision cancelled everywhere, on both databases, once and three times in a row."""
    rows = []
    with ExitStack() as stack:
        postgres: PostgresServer | None = None
        if find_program("postgres") is not None:
            postgres = PostgresServer()
            stack.callback(postgres.close)
            postgres.start()
        for times in (1, 3):
            rows += [await _told(_cancelled(folder, name, times, options.every, "")) for name in WORKS]
            for name in WORKS:
                if postgres is None:
                    rows.append(Row(f"{name} cancelled, postgres", note=NOT_RUN.format("PostgreSQL")))
                else:
                    url = postgres.create_database()
                    rows.append(await _told(_cancelled(folder, name, times, options.every, url)))
    return rows


async def _cancelled(folder: Path, name: str, times: int, every: int, url: str) -> Row:
    with tempfile.TemporaryDirectory(dir=folder) as place:
        async with Site() as site, Portal(token=TOKEN, fenced=False) as portal:
            province = Province(Path(place), url or f"sqlite://{place}/hub.db", site, portal, Clock())
            laid_out(province, portal, fenced=False)
            async with province.open() as hub:
                return await cancelled_everywhere(province, hub, portal, name, times=times, step=every)


async def between(folder: Path, options: argparse.Namespace) -> list[Row]:
    """A clock that jumps, and backups that come back."""
    return [
        await _told(drills.skewed(folder, options.seed, options.drills)),
        await _told(drills.put_back(folder, options.seed, options.drills)),
        await _told(drills.put_back(folder, options.seed, options.drills, corrects=True)),
    ]


async def _told(work: Awaitable[Row]) -> Row:
    began = time.monotonic()
    row = await work
    print(f"{lines([row])[1]}  ({time.monotonic() - began:.0f} s)", *row.examples[:5], sep="\n  ", file=sys.stderr)
    return row


PARTS = {"walk": walks, "awaits": awaits, "drills": between, "machine": machine}


async def campaign(options: argparse.Namespace) -> list[Row]:
    """Every part that was asked for."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="hub-chaos-") as folder:
        for name, part in PARTS.items():
            if options.only in ("", name):
                rows += await part(Path(folder), options)
    return rows


def main(arguments: list[str]) -> int:
    """Run it and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--worlds", type=int, default=2, help="each walk is made in so many, from this seed on")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--troubles", type=int, default=10)
    parser.add_argument("--drills", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", choices=["", *PARTS], default="")
    parser.add_argument("--call", default="")
    options = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # told to stop, it ends what it started
    began = time.monotonic()
    rows = asyncio.run(campaign(options))
    print("\n".join(lines(rows)))
    minutes = (time.monotonic() - began) / 60
    print(f"seed {options.seed}, worlds {options.worlds}, every {options.every}, {minutes:.1f} minutes")
    return 0 if all(row.is_zero for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
