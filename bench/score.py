"""Runs the scoring tools over the corpus and prints what we reach beside what we want: `make bench`.

The tools and the corpus lie beside the repository in `../shared`; without them there is nothing to measure. Ends with
1 when a target is missed. Documents on which we choose to differ are listed with the reason in docs/scoring.md.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ADAPTERS = "bench.score_adapters"
#: Feeds of the speed measurement, and how often each reader reads them; the ratios' median counts.
SPEED_FEEDS, SPEED_ROUNDS = 60, 9


@dataclass(frozen=True)
class Row:
    """One figure and its target."""

    name: str
    value: float
    target: float
    at_most: bool = False
    unit: str = ""

    @property
    def met(self) -> bool:
        return self.value <= self.target if self.at_most else self.value >= self.target

    def __str__(self) -> str:
        sign = "<=" if self.at_most else ">="
        mark = "ok" if self.met else "MISSED"
        return f"{self.name:52} {self.value:10.2f} {self.unit:2} {sign} {self.target:<8g} {mark}"


class Tools:
    """The scoring tools as child processes."""

    def __init__(self, shared: Path) -> None:
        self.shared = shared

    def run(self, tool: str, function: str, *options: str) -> str:
        command = [
            sys.executable, str(self.shared / "score" / tool), str(self.shared / "corpus"), *options,
            "--callable", f"{ADAPTERS}:{function}", "--pythonpath", str(ROOT),
        ]  # fmt: skip
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=ROOT)
        if done.returncode:
            raise SystemExit(f"{tool} failed:\n{done.stderr[-2_000:]}")
        return done.stdout

    def report(self, tool: str, function: str, *options: str) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "report.json"
            self.run(tool, function, *options, "--json", str(path))
            return json.loads(path.read_text("utf-8"))


def feeds(tools: Tools) -> Iterator[Row]:
    """Every document of the suites, by the neutral form."""
    suites = tools.report("eval_feeds.py", "parse")["suites"]
    whole = suites["ALL"]
    yield Row("feeds: mean per document", whole["mean_doc"], 99.0, unit="%")
    yield Row("feeds: whole documents", whole["docs_all_core"], 97.5, unit="%")
    yield Row("feeds: Vietnamese portals", suites["vi-made"]["docs_all_core"], 100, unit="%")
    yield Row("feeds: errors", sum(suite["errors"] for suite in suites.values()), 0, at_most=True)
    yield Row("feeds: unsafe", sum(suite["unsafe"] for suite in suites.values()), 0, at_most=True)
    stored = tools.report("eval_feeds.py", "parse_as_stored", "--suite", "vi-made")["suites"]["ALL"]
    yield Row("feeds: Vietnamese portals, titles as stored", stored["mean_doc"], 99.9, unit="%")


def hostile(tools: Tools) -> Iterator[Row]:
    """Bombs, cut-off and mutated documents, attacks in every field."""
    results = tools.report("check_hostile.py", "parse")
    yield Row("hostile: failed cases", sum(result[1] != "ok" for result in results), 0, at_most=True)


def sanitiser(tools: Tools) -> Iterator[Row]:
    """Payloads after which a browser would run something."""
    report = tools.report("check_sanitizer.py", "clean")
    yield Row("sanitiser: unsafe payloads", report["unsafe"], 0, at_most=True)
    yield Row("sanitiser: errors", report["errors"], 0, at_most=True)


def small_functions(tools: Tools) -> Iterator[Row]:
    """Dates, charsets and addresses."""
    printed = tools.run("check_misc.py", "date", "dates")
    yield from _shares("dates", printed, {"made": 100})
    printed = tools.run("check_misc.py", "decode", "charset")
    yield from _shares("charset", printed, {"wanted": 100})


def _shares(name: str, printed: str, targets: dict[str, float]) -> Iterator[Row]:
    for group, target in targets.items():
        found = re.search(rf"\b{group}\D+(\d+)\D+(\d+)", printed)
        if found:
            right, all_of_them = sorted(map(int, found.groups()))
            yield Row(f"{name}: {group}, {right} of {all_of_them}", 100 * right / all_of_them, target, unit="%")


def speed(tools: Tools) -> Iterator[Row]:
    """Entries per second of well-formed feeds against feedparser, CPU time, interleaved."""
    import feedparser

    from connectors.parse.feeds import read_feed

    with tempfile.TemporaryDirectory() as folder:
        make = [sys.executable, str(tools.shared / "bench" / "corpus.py"), "--out", folder, "--feeds", str(SPEED_FEEDS)]
        subprocess.run([*make, "--phases", "1"], check=True, capture_output=True)
        listed = json.loads((Path(folder) / "manifest.json").read_text("utf-8"))["feed"]
        well = [number for number, feed in listed.items() if not feed["kind"].startswith("sloppy")]
        bodies = [(Path(folder) / "p0" / f"{int(number):04d}.xml").read_bytes() for number in well]
    now = datetime.now(UTC)

    def ours(body: bytes) -> int:
        return len(read_feed(body, url="https://a.example.gov.vn/rss", now=now).split.records)

    def theirs(body: bytes) -> int:
        return len(feedparser.parse(body).entries)

    known = {
        body: frozenset(read_feed(body, url="https://a.example.gov.vn/rss", now=now).split.fingerprints)
        for body in bodies
    }

    def unchanged(body: bytes) -> int:
        return len(read_feed(body, url="https://a.example.gov.vn/rss", now=now, known=known[body]).split.fingerprints)

    first, again = [], []
    for turn in range(SPEED_ROUNDS):
        group = bodies[turn::SPEED_ROUNDS]
        base = _rate(theirs, group, 1)
        first.append(_rate(ours, group, 5) / base)
        again.append(_rate(unchanged, group, 5) / base)
    yield Row("speed: well-formed feeds, times feedparser", statistics.median(first), 20)
    yield Row("speed: unchanged feeds, times feedparser", statistics.median(again), 60)


def _rate(read: Callable[[bytes], int], bodies: list[bytes], times: int) -> float:
    started, entries = time.process_time(), 0
    for _ in range(times):
        entries += sum(map(read, bodies))
    return entries / (time.process_time() - started)


PARTS = {"feeds": feeds, "hostile": hostile, "sanitiser": sanitiser, "small": small_functions, "speed": speed}


def main() -> int:
    """Measure what was asked for and say whether every target was met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help=f"all, or some of {', '.join(PARTS)}")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    options = parser.parse_args()
    if not (options.shared / "score").is_dir():
        print(f"No scoring tools in {options.shared}: nothing measured.")
        return 0
    sys.path.insert(0, str(ROOT))
    missed = 0
    for name in options.parts or PARTS:
        for row in PARTS[name](Tools(options.shared)):
            print(row, flush=True)
            missed += not row.met
    print("All targets met." if not missed else f"{missed} targets missed.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
