"""How fast feeds are read: our reader beside feedparser and fastfeedparser, on the same bytes.

    PYTHONPATH=. .venv/bin/python bench/parsers.py --rounds 5

Made feeds of bench/corpus.py; where ../shared is there (or BENCH_SHARED says where its bench is), also those of its
generator and the documents of its corpus, sorted by the way on which our reader reads them. Each pass has a process of
its own, passes take turns, and processor time counts; a ratio is the median of the rounds' ratios. fastfeedparser comes
from PyPI into .tools/.

Wanted: on well-formed feeds 20 times feedparser's entries per second, with the same entries as it; where we fall back
on feedparser, at most 5 % more than it takes. Ends with 1 when that is missed.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from calendar import timegm
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

from bench import corpus, measuring
from bench.sites import ROOT, scripts

FASTFEEDPARSER = "fastfeedparser==0.6.5"
HOME = ROOT / ".tools" / "parsers"
URL = "https://a.example.gov.vn/rss"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
#: made feeds of which every kind has its share, those that are well-formed, and those that are not
WELL = [number for number in range(100) if number % 50 < 47]
SLOPPY = [number for number in range(400) if number % 50 >= 47]
#: those of which tags are made to be closed under names that nobody opened, so that feedparser alone understands them
WRONG = list(range(0, 50, 5))
#: what is wanted, as multiples of feedparser's entries per second
FASTER, NO_SLOWER = 20.0, 1 / 1.05
#: seconds that a pass goes over its documents at least
LEAST = 0.5


@dataclass(frozen=True, slots=True)
class Set:
    """Documents, and how many times feedparser's speed is wanted on them."""

    name: str
    files: Sequence[Path]
    wanted: float | None


def sets(folder: Path) -> Iterator[Set]:
    """The documents that there are."""
    for name, numbers, wanted in (
        ("made", WELL, FASTER), ("made, not well-formed", SLOPPY, None), ("made, for feedparser", WRONG, NO_SLOWER)
    ):  # fmt: skip
        files = [folder / f"{name}-{number:04}.xml" for number in numbers]
        for number, path in zip(numbers, files, strict=True):
            body = corpus.feed(number)
            path.write_bytes(body if numbers is not WRONG else body.replace(b"</title>", b"</titel>"))
        yield Set(name, files, wanted)
    shared = scripts()
    if shared == ROOT / "bench":
        print("no ../shared here: made feeds only", file=sys.stderr)
        return
    made = folder / "shared"
    command: list[str | Path] = [sys.executable, shared / "corpus.py", "--out", made, "--feeds", "100", "--phases", "1"]
    subprocess.run(command, check=True, capture_output=True)
    kinds = {number: one["kind"] for number, one in json.loads((made / "manifest.json").read_text())["feed"].items()}
    by_kind: dict[bool, list[Path]] = {False: [], True: []}
    for number, kind in kinds.items():
        by_kind[kind.startswith("sloppy")].append(made / "p0" / f"{int(number):04}.xml")
    yield Set("shared, made", by_kind[False], FASTER)
    yield Set("shared, made, not well-formed", by_kind[True], None)
    ways = sorted_by_way(shared.parent / "corpus")
    yield Set("real feeds, the fast path", [one for one in ways["fast"] if "real-feeds" in one.parts], None)
    yield Set("suites, the fast path", [one for one in ways["fast"] if "real-feeds" not in one.parts], None)
    yield Set("all that falls back", ways["feedparser"], NO_SLOWER)


def sorted_by_way(folder: Path) -> dict[str, list[Path]]:
    """The documents of the corpus that feedparser reads entries from, by the way on which ours reads them."""
    import feedparser

    from connectors.errors import RejectedError
    from connectors.parse.feeds.reader import read_feed

    ways: dict[str, list[Path]] = {"fast": [], "feedparser": [], "json": []}
    for path in sorted([*(folder / "real-feeds").rglob("*"), *(folder / "suites").rglob("*")]):
        body = path.read_bytes() if path.is_file() and path.stat().st_size < 2 * 1024 * 1024 else b""
        if not body:
            continue
        try:
            way = read_feed(body, url=URL, now=NOW).reader
        except RejectedError:
            continue
        if way != "json" and feedparser.parse(body).entries:
            ways[way].append(path)
    return ways


# ------------------------------------------------------------------------------------------ one pass, in a child


def _ours(*, known: bool = False) -> Callable[[bytes], int]:
    from connectors.parse.feeds.reader import read_feed

    seen: dict[bytes, frozenset[bytes]] = {}

    def read(body: bytes) -> int:
        feed = read_feed(body, url=URL, now=NOW, known=seen.get(body, frozenset()))
        if known and body not in seen:
            seen[body] = frozenset(feed.split.fingerprints)
        return len(feed.split.fingerprints)

    return read


def _fast_path() -> Callable[[bytes], int]:
    """Document, tree and entries: without cutting, fingerprints, what the feed says of itself."""
    from connectors.parse import xml
    from connectors.parse.feeds import xmlfeed
    from connectors.parse.lifting import lift

    def read(body: bytes) -> int:
        document = xml.document(body, "", trusting=True)
        assert document is not None
        lifted = lift(document.data)
        found = xmlfeed.outline(xml.parse(lifted.data), URL)
        how = xmlfeed.Reading(
            now=NOW, timezone="Asia/Ho_Chi_Minh", atom=found.format.startswith("atom"), bases=False, languages=False,
            rdf=found.format in ("rss10", "rss090"), texts=lifted.texts,
        )  # fmt: skip
        return len([xmlfeed.read_entry(one, found.base, "", how) for one in found.records])

    return read


def _feedparser() -> Callable[[bytes], int]:
    import feedparser

    return lambda body: len(feedparser.parse(body).entries)


def _feedparser_unsanitised() -> Callable[[bytes], int]:
    """Without what it does to HTML: that is a stage of its own with us."""
    import feedparser

    def read(body: bytes) -> int:
        return len(feedparser.parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False).entries)

    return read


def _fastfeedparser() -> Callable[[bytes], int]:
    fastfeedparser = import_module("fastfeedparser")  # in an environment of its own
    return lambda body: len(fastfeedparser.parse(body).entries)


READERS: dict[str, Callable[[], Callable[[bytes], int]]] = {
    "feedparser": _feedparser, "feedparser, HTML as it is": _feedparser_unsanitised, "ours": _ours,
    "ours, nothing new": lambda: _ours(known=True), "ours, the fast path": _fast_path,
    "fastfeedparser": _fastfeedparser,
}  # fmt: skip


def one_pass(name: str, files: Sequence[str]) -> dict[str, float]:
    """Processor seconds for all files once, entries found, and documents that the reader could not read."""
    read, bodies, entries, failed = READERS[name](), [], 0, 0
    for path in files:
        body = Path(path).read_bytes()
        try:
            entries += read(body)
            bodies.append(body)
        except Exception:
            failed += 1
    turns, began = 0, time.process_time()
    while time.process_time() < began + LEAST:
        for body in bodies:
            read(body)
        turns += 1
    seconds = (time.process_time() - began) / turns
    return {"seconds": seconds, "entries": entries, "failed": failed}


# ---------------------------------------------------------------------------------------------------- the parent


def python_of(name: str) -> Path | None:
    """The interpreter that has the reader; installs fastfeedparser once, in a folder of the project's own."""
    if name != "fastfeedparser":
        return Path(sys.executable)
    python = HOME / "bin" / "python"
    if not python.exists():
        try:
            quiet = ("--quiet", "--disable-pip-version-check")
            subprocess.run([sys.executable, "-m", "venv", HOME], check=True, capture_output=True)
            subprocess.run([python, "-m", "pip", "install", *quiet, FASTFEEDPARSER], check=True, capture_output=True)
        except subprocess.CalledProcessError as error:
            shutil.rmtree(HOME, ignore_errors=True)
            print(f"fastfeedparser cannot be installed: {error.stderr.decode()[-300:]}", file=sys.stderr)
            return None
    return python


def passed(python: Path, name: str, listed: Path) -> dict[str, float]:
    """One pass in a process of its own."""
    done = subprocess.run(
        [python, __file__, "--one", name, "--files", listed], capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"},
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr[-1_000:]}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def differing(files: Sequence[Path]) -> tuple[int, list[str]]:
    """Entries of the files, and those of which identity, page, title or day is not what feedparser reads."""
    import feedparser

    from connectors.parse.feeds.reader import read_feed

    count, others = 0, []
    for path in files:
        body = path.read_bytes()
        ours, theirs = read_feed(body, url=URL, now=NOW).split.records, feedparser.parse(body).entries
        count += len(theirs)
        if len(ours) != len(theirs):
            others.append(f"{path.name}: {len(ours)} entries, not {len(theirs)}")
        for record, entry in zip(ours, theirs, strict=False):
            if _said(record.fields) != _said_by_feedparser(entry):
                others.append(f"{path.name} {record.pointer}")
    return count, others


def _said(fields: Any) -> tuple[object, ...]:
    at = fields.get("published")
    return fields.get("id"), fields.get("link"), fields["title"].value, timegm(at.utctimetuple()) if at else None


def _said_by_feedparser(entry: Any) -> tuple[object, ...]:
    at = entry.get("published_parsed") or entry.get("updated_parsed")  # it takes dc:date for the latter
    return entry.get("id"), entry.get("link"), entry.get("title"), timegm(at) if at else None


def measure(one: Set, pythons: dict[str, Path], rounds: int, folder: Path) -> bool:
    """Print the lines of one set; whether what is wanted was reached."""
    listed = folder / "files.json"
    listed.write_text(json.dumps([str(path) for path in one.files]))
    fast_only = "fast path" not in one.name and one.wanted != FASTER
    names = [name for name in pythons if not (fast_only and name == "ours, the fast path")]
    found = [{name: passed(pythons[name], name, listed) for name in names} for _ in range(rounds)]
    base, reached = found[0]["feedparser"]["entries"], True
    for name in names:
        times = [each["feedparser"]["seconds"] / each[name]["seconds"] for each in found]
        ratio = statistics.median(times)
        a_second = found[0][name]["entries"] / statistics.median(each[name]["seconds"] for each in found)
        entries, failed = found[0][name]["entries"], found[0][name]["failed"]
        ratio *= entries / base  # what a reader refused, it did not read fast
        print(
            f"| {one.name} ({len(one.files)}) | {name} | {ratio:.2f} | {min(times):.2f} to {max(times):.2f} |"
            f" {a_second:,.0f} | {entries:,.0f} | {failed:.0f} |", flush=True,
        )  # fmt: skip
        if name == "ours" and one.wanted is not None and ratio < one.wanted:
            print(f"  missed: {one.wanted:.2f} times feedparser", file=sys.stderr)
            reached = False
    return reached


def main() -> int:
    """All sets, in turn."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--files", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(one_pass(given.one, json.loads(given.files.read_text()))))
        return 0
    pythons = {name: python for name in READERS if (python := python_of(name))}
    print(f"{measuring.machine()}; medians of {given.rounds}")
    print("| documents | reader | entries a second, × feedparser | range | entries a second | entries | not read |")
    print("|---|---|---|---|---|---|---|")
    missed = 0
    with tempfile.TemporaryDirectory(prefix="hub-parsers-") as name:
        folder = Path(name)
        for one in sets(folder):
            missed += not measure(one, pythons, given.rounds, folder)
            if one.wanted == FASTER:
                count, others = differing(one.files)
                print(f"{one.name}: {len(others)} of {count:,} entries differ from feedparser's", *others[:5])
                missed += bool(others)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
