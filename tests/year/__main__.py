"""Compare a whole year with its key, and print the table.

    python -m tests.year --items 60000 --seed 1 --database postgres

A private PostgreSQL is started and removed again. Ends with 0 when nothing differs.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import structlog

from tests.servers import PostgresServer
from tests.year.judging import Judge
from tests.year.plan import plan


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.year", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--items", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = f"sqlite://{folder / 'hub.db'}"
        if given.database == "postgres":
            url = stack.enter_context(PostgresServer()).create_database()
        began = time.perf_counter()
        year = plan(given.seed, given.items)
        result = asyncio.run(Judge.of(year, folder, url).whole())
        print(f"{len(year.entries):,} items, seed {given.seed}, {given.database}")
        print(result.table())
        print(f"{time.perf_counter() - began:.0f} s")
    return 1 if result.differences else 0


if __name__ == "__main__":
    sys.exit(main())
