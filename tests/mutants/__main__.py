"""Break one rule of the product after the other, and print which test notices.

    python -m tests.mutants                       all of them, one by one
    python -m tests.mutants blind-retry no-sweeper --jobs 2

A PostgreSQL is shared by all runs. Ends with 0 when every mutant was caught.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from queue import SimpleQueue

from tests.mutants.bench import Bench, Result, Verdict
from tests.mutants.mutant import Mutant, all_mutants, faults
from tests.servers import MissingServerError, Servers

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="mutants to run; all when none is named")
    parser.add_argument("--jobs", type=int, default=1, help="copies in which mutants run side by side")
    parser.add_argument("--sqlite", action="store_true", help="leave out the cases on PostgreSQL: half the time")
    parser.add_argument("--patience", type=float, default=1.0, help="times as long as usual, on a busy machine")
    given = parser.parse_args()
    mutants = all_mutants()
    if unknown := sorted(set(given.names) - {mutant.name for mutant in mutants}):
        parser.error(f"no such mutant: {', '.join(unknown)}")
    mutants = [mutant for mutant in mutants if not given.names or mutant.name in given.names]
    if found := faults(mutants, ROOT):
        print(*found, sep="\n")
        return 1
    signal.signal(signal.SIGTERM, lambda signum, frame: sys.exit(143))  # servers and copies are cleared away
    began, servers = time.monotonic(), Servers()
    print("| Mutant | Breaks | Rule | Test | Verdict | s |\n|---|---|---|---|---|---|", flush=True)
    results: list[Result] = []
    try:
        with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
            environment = {} if given.sqlite else servers_of(servers)
            options = ("-k", "not postgres") if given.sqlite else ()
            benches = [
                Bench(ROOT, Path(folder) / str(number), environment, patience=given.patience, options=options)
                for number in range(max(1, given.jobs))
            ]
            for result in run(mutants, benches):
                print(line(result), flush=True)
                results.append(result)
    finally:
        servers.close()
    print(f"\n{summary(results)}, {time.monotonic() - began:.0f} s")
    for result in results:
        if result.verdict is not Verdict.CAUGHT:
            print(f"{result.mutant.name}: {result.verdict}: {result.why}")
    return 0 if all(result.verdict is Verdict.CAUGHT for result in results) else 1


def servers_of(servers: Servers) -> Mapping[str, str]:
    """The environment that lets all runs share one PostgreSQL; without one each says itself what it lacks."""
    if "HUB_TEST_PG_URL" in os.environ:
        return {}
    try:
        return {"HUB_TEST_PG_URL": servers.postgres().url()}
    except MissingServerError as error:
        print(f"PostgreSQL: {error}")
        return {}


def run(mutants: Sequence[Mutant], benches: Sequence[Bench]) -> Iterator[Result]:
    """Judge each mutant in a copy of the tree; a test that fails without any mutation proves nothing about it."""
    unusable = without_mutation(benches, sorted({test for mutant in mutants for test in mutant.tests}))
    free = SimpleQueue[Bench]()
    for bench in benches:
        free.put(bench)

    def judged(mutant: Mutant) -> Result:
        if bad := [f"{test}: {unusable[test]}" for test in mutant.tests if test in unusable]:
            return Result(mutant=mutant, verdict=Verdict.BROKEN, why="; ".join(bad))
        bench = free.get()
        try:
            return bench.judge(mutant)
        finally:
            free.put(bench)

    with ThreadPoolExecutor(len(benches)) as pool:
        try:
            for done in as_completed([pool.submit(judged, mutant) for mutant in mutants]):
                yield done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # whoever stops it waits for what runs, not for the rest


def without_mutation(benches: Sequence[Bench], tests: Sequence[str]) -> dict[str, str]:
    """What the tests say of the product as it is, shared among the copies; by test, why it proves nothing."""
    shares = [tests[number :: len(benches)] for number in range(len(benches))]
    with ThreadPoolExecutor(len(benches)) as pool:
        found = pool.map(lambda pair: pair[0].without_mutation(pair[1]), zip(benches, shares, strict=True))
        return {test: why for part in found for test, why in part.items()}


def line(result: Result) -> str:
    """A row of the table."""
    mutant = result.mutant
    tests = "<br>".join(test.removeprefix("tests/").replace("::", " ") for test in mutant.tests)
    return (
        f"| {mutant.name} | {mutant.breaks} | {mutant.rule} | {tests} | {result.verdict} | {result.seconds:.0f} |"
    )  # fmt: skip


def summary(results: Sequence[Result]) -> str:
    """How many mutants there were, and how many of each verdict."""
    counts = {verdict: sum(1 for result in results if result.verdict is verdict) for verdict in Verdict}
    broken = len({result.mutant.breaks for result in results})
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return f"{len(results)} mutants of {broken} promises and threats: {told}"


if __name__ == "__main__":
    sys.exit(main())
