"""Try hostile input at every way in, and print what got through, with zeros.

    python -m tests.hostile                         all tables, with 1,000 vectors and every form of address
    python -m tests.hostile --only ssrf             one of them: xss, ssrf, wire, bodies, archives, chromium
    python -m tests.hostile --bombs --seconds 120   a hub of its own process, and every bomb at once

Ends with 0 when every count that shall be zero is.
"""

import argparse
import asyncio
import logging
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import structlog

from tests.hostile import archives, bodies, bombs, chromium, ssrf, wire, xss
from tests.hostile.counts import Table
from tests.hostile.planting import planted
from tests.hostile.vectors import made

_PARTS = ("xss", "ssrf", "wire", "bodies", "archives", "chromium")
#: Vectors that a browser opens: it takes a second for what the other judges take a millisecond for.
_IN_BROWSER = 200


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--vectors", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=1.0, help="of the forms of addresses, for each way in")
    parser.add_argument("--only", choices=_PARTS)
    parser.add_argument("--bombs", action="store_true")
    parser.add_argument("--seconds", type=float, default=120, help="of the bombs")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)  # what the server says of requests that nobody should make
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    if given.bombs:
        seen = asyncio.run(bombs.campaign(given.seconds))
        print(seen.text())
        return 1 if seen.faults() else 0
    return asyncio.run(_print(given.only, given.vectors, given.seed, given.share))


async def _print(only: str | None, vectors: int, seed: int, share: float) -> int:
    began, faults = time.perf_counter(), 0
    print(f"seed {seed}")
    async for table in _tables(only, vectors, seed, share):
        print(table.text(), flush=True)
        faults += len(table.faults)
    print(f"{time.perf_counter() - began:.0f} s")
    return 1 if faults else 0


async def _tables(only: str | None, count: int, seed: int, share: float) -> AsyncIterator[Table]:
    wanted = [only] if only else list(_PARTS)
    with tempfile.TemporaryDirectory() as name:
        vectors = made(count, random.Random(seed))
        if "xss" in wanted:
            yield xss.sanitised(vectors)
            yield await xss.payloads(vectors)
            async with planted(_folder(name, "full")) as house:
                for each in await xss.full_database(house, vectors):
                    yield each
            async with planted(_folder(name, "items")) as house:
                yield await xss.items(house, vectors)
        if "ssrf" in wanted:
            yield ssrf.admitted()
            yield await ssrf.table(seed, share)
        if "bodies" in wanted:
            yield bodies.documents()
            yield bodies.selectors()
            async with planted(_folder(name, "sheets")) as house:
                yield await bodies.formulas(house)
        if "archives" in wanted:
            yield archives.opened()
            yield archives.names()
        if "chromium" in wanted:
            async with planted(_folder(name, "chromium")) as house:
                yield await chromium.table(house, vectors[:_IN_BROWSER])
        if "wire" in wanted:
            async with planted(_folder(name, "wire")) as house:
                yield await wire.table(house)


def _folder(name: str, part: str) -> Path:
    folder = Path(name) / part
    folder.mkdir()
    return folder


if __name__ == "__main__":
    sys.exit(main())
