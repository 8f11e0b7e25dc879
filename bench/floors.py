"""What the parts cost by themselves, beside the stages that are made of them: microseconds of processor time an item.

    PYTHONPATH=. .venv/bin/python bench/floors.py

The items are those of bench/guard.py (five made feeds, one of them sloppy). Parts and stages take turns; the median of
the rounds counts. No stage can cost less than its parts; what it costs beyond them is what the hub does and they do
not: dates, people and links, the screens' layers, keys, events, tokens.
"""

import argparse
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any
from xml.parsers import expat

import nh3
from lxml import etree

from bench import guard, measuring
from bench.corpus import feed
from connectors.parse.feeds.reader import read_feed

#: which stage is made of a part
WHOLE = {
    "sha256 of the bytes": guard.STAGES[0], "expat alone": guard.STAGES[0], "lxml alone": guard.STAGES[0],
    "nh3 alone": guard.STAGES[1], "SQLite insert alone": guard.STAGES[5], "FTS5 insert alone": guard.STAGES[5],
}  # fmt: skip
URL = "http://site.example/rss"


def parts(indexing: Callable[[], Any]) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Each part on the input of its stage; `indexing` makes what the index takes."""
    bodies = [feed(number, items=guard.ITEMS) for number in guard.FEEDS]
    # A bare parser reads no sloppy feed: the one before it in its stead.
    sound = [feed(number - (number % 50 >= 47) * 5, items=guard.ITEMS) for number in guard.FEEDS]
    entries = [one.fields for body in bodies for one in read_feed(body, url=URL, now=guard.NOW).split.records]
    texts = [entry[slot].value for entry in entries for slot in ("content", "summary") if slot in entry]
    cleaner = nh3.Cleaner()
    yield "sha256 of the bytes", lambda: [sha256(body).digest() for body in bodies]
    yield "expat alone", lambda: [expat.ParserCreate().Parse(body, True) for body in sound]
    yield "lxml alone", lambda: [etree.fromstring(body) for body in sound]
    yield "nh3 alone", lambda: [cleaner.clean(text) for text in texts]
    database, number = sqlite3.connect(":memory:"), iter(range(10**9))
    database.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, guid TEXT UNIQUE, title TEXT, at INTEGER, body TEXT)")
    database.execute("CREATE INDEX item_at ON item (at)")
    database.execute("CREATE VIRTUAL TABLE found USING fts5 (tokens, content='', tokenize='ascii')")
    rows = [(entry["title"].value, max(texts, key=len)) for entry in entries]

    def insert() -> None:
        with database:
            database.executemany(
                "INSERT INTO item (guid, title, at, body) VALUES (?, ?, ?, ?)",
                [(f"g{one}", title, one, body) for (title, body), one in zip(rows, number, strict=False)],
            )

    yield "SQLite insert alone", insert
    tokens = [(one.tokens,) for one in indexing()]

    def index() -> None:
        with database:
            database.executemany("INSERT INTO found (tokens) VALUES (?)", tokens)

    yield "FTS5 insert alone", index


def main() -> None:
    """Measure in turns, print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=25)
    given = parser.parse_args()
    stages = list(guard.stages())
    works = [*parts(dict(stages)[guard.STAGES[3]]), *stages]
    taken: dict[str, list[float]] = {name: [] for name, _ in works}
    count = len(guard.FEEDS) * guard.ITEMS
    for turn in range(given.rounds + 1):
        for name, work in works:
            began = time.process_time()
            work()
            if turn:  # the first is a warm-up
                taken[name].append((time.process_time() - began) / count * 1e6)
    for _, work in works:
        guard.end(work)
    middle = {name: statistics.median(times) for name, times in taken.items()}
    print(f"{count} items, medians of {given.rounds}; {measuring.machine()}")
    print("| part | µs an item | the stage | µs an item | × |")
    print("|---|---|---|---|---|")
    for part, stage in WHOLE.items():
        ratio = middle[stage] / middle[part]
        print(f"| {part} | {middle[part]:.0f} | {stage} | {middle[stage]:.0f} | {ratio:.1f} |")
    rest = ", ".join(f"{stage} {middle[stage]:.0f}" for stage in guard.STAGES if stage not in WHOLE.values())
    print(f"Stages without such a part: {rest}")


if __name__ == "__main__":
    main()
