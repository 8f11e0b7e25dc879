"""A hub under load, and whether what is promised of it holds: `make load`, or

    python -m tests.load                                      all parts, as docs/proof/load.md quotes them
    python -m tests.load --only readers --seconds 60          one of them: readers, slow, backlog, hung
    python -m tests.load --only backlog --count 5000 --rate 100 --database postgres

Prints a table for each part, and ends with 1 when a promise was missed. The parts take a quarter of an hour together.
"""

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack

import structlog

from tests.load import backlog, hung, readers, slow
from tests.load.table import Table
from tests.servers import PostgresServer

_PARTS = ("readers", "slow", "backlog", "hung")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", choices=_PARTS)
    parser.add_argument("--feeds", type=int, default=300, help="of the readers' part")
    parser.add_argument("--clients", type=int, default=200, help="of the readers' part")
    parser.add_argument("--seconds", type=float, default=60, help="of the readers' part")
    parser.add_argument("--each", type=int, default=300, help="slow connections of each kind")
    parser.add_argument("--count", type=int, default=50_000, help="deliveries of the backlog")
    parser.add_argument("--rate", type=float, default=250, help="calls a second that the portal takes")
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both", help="of the backlog")
    parser.add_argument("--rounds", type=int, default=3, help="without and with a place that hangs")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    return asyncio.run(_print(given))


async def _print(given: argparse.Namespace) -> int:
    missed, began = 0, time.monotonic()
    async for table in _tables(given):
        print(f"{table.text()}\n", flush=True)
        missed += len(table.missed)
    print(f"{time.monotonic() - began:.0f} s, {missed} promises missed")
    return 1 if missed else 0


async def _tables(given: argparse.Namespace) -> AsyncIterator[Table]:
    wanted = [given.only] if given.only else list(_PARTS)
    if "readers" in wanted:
        yield await readers.campaign(given.feeds, given.clients, given.seconds)
    if "slow" in wanted:
        yield await slow.campaign(given.each)
    if "backlog" in wanted:
        if given.database != "postgres":
            yield await backlog.campaign(given.count, given.rate, "", seed=given.seed)
        if given.database != "sqlite":
            with ExitStack() as stack:
                server = PostgresServer()
                stack.callback(server.close)
                server.start()
                yield await backlog.campaign(given.count, given.rate, server.create_database(), seed=given.seed)
    if "hung" in wanted:
        yield await hung.destinations(400, given.rounds)
        yield await hung.sources(40, given.rounds)


if __name__ == "__main__":
    sys.exit(main())
