"""`python -m tests.simulation`: many histories on all cores, one of them again, or the faults that the model must find.

--histories 20000 --seed 1     seeds 1 to 20000, a table of what was seen; exit 1 when a promise was broken
--replay 4711                  one history, step by step
--planted                      each fault of planted.py until its history is found
--harsh                        histories with what comes too rarely by itself: a body that is read longer than a lease
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from time import monotonic
from typing import Final

from tests.simulation.history import STEPS
from tests.simulation.runner import planted, replay, run

#: A memory file system, where there is one: the hub's writes wait for the disk, as they should.
SHM: Final = Path("/dev/shm")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--histories", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--replay", type=int, metavar="SEED")
    parser.add_argument("--planted", action="store_true")
    parser.add_argument("--harsh", action="store_true")
    options = parser.parse_args()
    os.nice(10)
    with tempfile.TemporaryDirectory(prefix="hub-simulation-", dir=SHM if SHM.is_dir() else None) as folder:
        if options.replay is not None:
            return int(not replay(options.replay, options.steps, Path(folder), harsh=options.harsh))
        if options.planted:
            return int(not planted(options.steps, options.processes, Path(folder)))
        began = monotonic()
        total = run(
            options.histories, options.seed, options.steps, options.processes, Path(folder), harsh=options.harsh
        )
        print(*total.lines(monotonic() - began), sep="\n")
        return int(bool(total.broken))


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of sets of words is part of a history
        os.execve(sys.executable, [sys.executable, "-m", "tests.simulation", *sys.argv[1:]],
                  {**os.environ, "PYTHONHASHSEED": "0"})  # fmt: skip
    sys.exit(main())
