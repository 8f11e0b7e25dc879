"""Runs the scoring tools over the corpus and prints what we reach beside what we want: `make bench`.

The tools and the corpus lie beside the repository in `../shared`; without them there is nothing to measure. Ends with
1 when a target is missed. Documents on which we choose to differ are listed with the reason in docs/scoring.md.
"""

import argparse
import json
import multiprocessing
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.score_tally import Tally

ROOT = Path(__file__).resolve().parent.parent
ADAPTERS = "bench.score_adapters"
#: Feeds of the speed measurement, and its rounds; the median of the rounds' ratios counts, for machines change speed.
SPEED_FEEDS, SPEED_ROUNDS = 100, 3


@dataclass(frozen=True)
class Row:
    """One figure and its target; a figure that depends on the machine's mood has none."""

    name: str
    value: float
    target: float | None
    at_most: bool = False
    unit: str = ""

    @property
    def met(self) -> bool:
        if self.target is None:
            return True
        return self.value <= self.target if self.at_most else self.value >= self.target

    def __str__(self) -> str:
        if self.target is None:
            return f"{self.name:58} {self.value:10.2f} {self.unit:2}"
        sign = "<=" if self.at_most else ">="
        mark = "ok" if self.met else "MISSED"
        return f"{self.name:58} {self.value:10.2f} {self.unit:2} {sign} {self.target:<8g} {mark}"


class Tools:
    """The scoring tools as child processes."""

    def __init__(self, shared: Path) -> None:
        self.shared = shared

    def run(self, tool: str, function: str, *options: str) -> str:
        """What a tool prints about `function` of the adapters, or about `module:function`."""
        seam = function if ":" in function else f"{ADAPTERS}:{function}"
        command = [
            sys.executable, str(self.shared / "score" / tool), str(self.shared / "corpus"), *options,
            "--callable", seam, "--pythonpath", str(ROOT),
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
    yield Row("feeds: Vietnamese portals, titles as stored", stored["mean_doc"], 99.8, unit="%")


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
    """Dates, charsets, addresses, list pages and whole articles."""
    printed = tools.run("check_misc.py", "date", "dates", "--failures", "200")
    yield from _shares("dates", printed, {"made": 100})
    misread = _misread(printed) & _misread(tools.run("check_misc.py", "date_in_utc", "dates", "--failures", "200"))
    yield Row("dates: misread whatever the zone", len(misread), 0, at_most=True)
    printed = tools.run("check_misc.py", "decode", "charset")
    yield from _shares("charset", printed, {"wanted": 100, "optional": 100})
    printed = tools.run("check_misc.py", "bench.score_addresses:may_fetch", "ssrf")
    yield from _shares("addresses", printed, {"allow": 100, "deny": 100})
    printed = tools.run("check_misc.py", "bench.score_lists:lists", "lists")
    yield from _shares("lists", printed, {"pages": 100})
    printed = tools.run("check_misc.py", "bench.score_pages:extract", "extract")
    for suite, target in {"aeb": 97.5, "readability": 93.0}.items():
        found = re.search(rf"{suite}\D+\d+ pages, mean word F1 ([0-9.]+)", printed)
        yield Row(f"articles: {suite}, mean word F1", 100 * float(found[1]) if found else 0.0, target, unit="%")


def pages(tools: Tools) -> Iterator[Row]:
    """Expected detail pages of Vietnamese sites, and the time of a page."""
    from bench.score_pages import expected_pages, milliseconds

    missed = {file: fields for file, fields in expected_pages(tools.shared / "corpus")}
    right = sum(not fields for fields in missed.values())
    yield Row(f"vi/html: {right} of {len(missed)}", 100 * right / len(missed), 100, unit="%")
    times = milliseconds(tools.shared / "corpus")
    yield Row("articles: median of a page", statistics.median(times), None, unit="ms")
    yield Row("articles: slowest page", max(times), None, unit="ms")


def protocols(tools: Tools) -> Iterator[Row]:
    """Samples of sitemaps, robots.txt, OPML, OAI-PMH and WebSub."""
    from bench import score_oai, score_protocols, score_websub

    corpus = tools.shared / "corpus"
    for score in score_protocols.protocols(corpus):
        right = score.total - len(score.wrong)
        yield Row(f"protocols: {score.name}, {right} of {score.total}", 100 * right / score.total, 100, unit="%")
    for name, samples in {"oai-pmh": score_oai.check(corpus), "websub": score_websub.check(corpus)}.items():
        right = sum(holds for _, holds, _ in samples)
        yield Row(f"protocols: {name}, {right} of {len(samples)}", 100 * right / len(samples), 100, unit="%")


def documents(tools: Tools) -> Iterator[Row | str]:
    """Legal documents: a register, pages of national bases, messages of the document axis."""
    from bench import score_documents

    for tally in score_documents.check(tools.shared / "corpus"):
        yield from _tallied("documents", tally, items=None if "pages" in tally.name else 98)


def procedures(tools: Tools) -> Iterator[Row | str]:
    """Administrative procedures in five shapes."""
    from bench import score_procedures

    for tally in score_procedures.check(tools.shared / "corpus"):
        yield from _tallied("procedures", tally, items=98)


def codes(tools: Tools) -> Iterator[Row | str]:
    """Lists of administrative units and of organisations."""
    from bench import score_codes

    tallies, answers = score_codes.check(tools.shared / "corpus")
    for tally in tallies:
        yield from _tallied("codes", tally, items=98)
    for name, right, note in answers:
        yield f"{name}: {note}"
        yield Row(f"codes: {name}", 100 * right, 100, unit="%")


def screens(tools: Tools) -> Iterator[Row | str]:
    """The screens for state secrets and personal data: what they stop that they should not, and what they miss."""
    from bench import score_screens

    for part in score_screens.check(tools.shared / "corpus"):
        yield from part.lines()
        yield Row(f"screens: {part.name}, purged", part.purged["all"], 0, at_most=True)
        yield Row(f"screens: {part.name}, held", part.held_share, 3, at_most=True, unit="%")
    missed, hit = score_screens.samples()
    yield Row(f"screens: forms missed of {score_screens.SAMPLES}", missed, 0, at_most=True)
    yield Row(f"screens: decoys hit of {score_screens.SAMPLES}", hit, 1, at_most=True, unit="%")


def finding(tools: Tools) -> Iterator[Row | str]:
    """Queries made of the corpus: the sought item in the first three, and one order on both databases."""
    from bench import score_search

    scores, is_same = score_search.check(tools.shared / "corpus")
    for database, kinds in scores.items():
        for one in kinds:
            yield f"{database:9} {one.kind:32} {one.found:4} of {one.asked}"
        asked, found = sum(one.asked for one in kinds), sum(one.found for one in kinds)
        yield Row(f"search: {database}, in the first three of {asked}", 100 * found / asked, 95, unit="%")
    yield Row("search: the same order on both databases", 100 * is_same, 100, unit="%")


def _tallied(part: str, tally: "Tally", *, items: float | None) -> Iterator[Row | str]:
    """The counts of one part of the corpus; `items` is the least share of its records that must be items."""
    yield from tally.lines()
    name = f"{part}: {tally.name[:24]}"
    yield Row(f"{name}, accounted for", tally.accounted, 100, unit="%")
    yield Row(f"{name}, items", tally.share, items, unit="%")
    yield Row(f"{name}, lost or wrong fields", len(tally.unkept) + len(tally.wrong), 0, at_most=True)
    if tally.again:
        yield Row(f"{name}, lossy round trips", len(tally.lossy), 0, at_most=True)


def _shares(name: str, printed: str, targets: dict[str, float]) -> Iterator[Row]:
    for group, target in targets.items():
        found = re.search(rf"\b{group}\D+(\d+)\D+(\d+)", printed)
        if found:
            right, all_of_them = sorted(map(int, found.groups()))
            yield Row(f"{name}: {group}, {right} of {all_of_them}", 100 * right / all_of_them, target, unit="%")


def _misread(printed: str) -> set[str]:
    """Texts that were read as another instant than they name; None is no misreading."""
    failed = (line.rsplit(" | ", 2) for line in printed.splitlines() if line.startswith("FAIL"))
    return {text for text, wanted, got in failed if got != "None" and wanted != "None"}


def speed(tools: Tools) -> Iterator[Row]:
    """Entries per second of well-formed feeds against feedparser: CPU time, each reading in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        make = [sys.executable, str(tools.shared / "bench" / "corpus.py"), "--out", folder, "--feeds", str(SPEED_FEEDS)]
        subprocess.run([*make, "--phases", "1"], check=True, capture_output=True)
        rounds = [{reader: _in_a_fresh_process(reader, folder) for reader in READERS} for _ in range(SPEED_ROUNDS)]
    first = statistics.median(one["feedparser"] / one["ours"] for one in rounds)
    again = statistics.median(one["feedparser"] / one["unchanged"] for one in rounds)
    yield Row("speed: well-formed feeds, times feedparser", first, None)
    yield Row("speed: unchanged feeds, times feedparser", again, None)


def _in_a_fresh_process(reader: str, folder: str) -> float:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_seconds, reader, folder).result()


def _seconds(reader: str, folder: str) -> float:
    """CPU seconds for reading every well-formed feed of `folder` once, after a warm-up."""
    listed = json.loads((Path(folder) / "manifest.json").read_text("utf-8"))["feed"]
    well = [number for number, feed in listed.items() if not feed["kind"].startswith("sloppy")]
    bodies = [(Path(folder) / "p0" / f"{int(number):04d}.xml").read_bytes() for number in well]
    read, times = READERS[reader](bodies)
    for body in bodies[:2]:
        read(body)
    started = time.process_time()
    for _ in range(times):
        for body in bodies:
            read(body)
    return (time.process_time() - started) / times


def _feedparser(bodies: list[bytes]) -> tuple[Callable[[bytes], object], int]:
    import feedparser

    return feedparser.parse, 1


def _ours(bodies: list[bytes]) -> tuple[Callable[[bytes], object], int]:
    from connectors.parse.feeds.reader import read_feed

    now = datetime.now(UTC)
    return lambda body: read_feed(body, url="https://a.example.gov.vn/rss", now=now), 3


def _unchanged(bodies: list[bytes]) -> tuple[Callable[[bytes], object], int]:
    from connectors.parse.feeds.reader import read_feed

    now, url = datetime.now(UTC), "https://a.example.gov.vn/rss"
    known = {body: frozenset(read_feed(body, url=url, now=now).split.fingerprints) for body in bodies}
    return lambda body: read_feed(body, url=url, now=now, known=known[body]), 3


READERS = {"feedparser": _feedparser, "ours": _ours, "unchanged": _unchanged}
PARTS = {
    "feeds": feeds, "hostile": hostile, "sanitiser": sanitiser, "small": small_functions, "pages": pages,
    "protocols": protocols, "documents": documents, "procedures": procedures, "codes": codes, "screens": screens,
    "search": finding, "speed": speed,
}  # fmt: skip


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
            missed += isinstance(row, Row) and not row.met
    print("All targets met." if not missed else f"{missed} targets missed.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
