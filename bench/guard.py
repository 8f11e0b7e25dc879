"""Watches that no stage grows dearer: processor instructions of each on a small fixed input, beside those on record.

    PYTHONPATH=. .venv/bin/python bench/guard.py             compares with bench/guard.json; 1 when a stage has +10 %
    PYTHONPATH=. .venv/bin/python bench/guard.py --record    writes bench/guard.json

Valgrind's callgrind counts, so neither load nor clock matters; the same input takes the same path (PYTHONHASHSEED=0).
Without valgrind, or on
another processor than x86-64, the time of each stage is compared as a multiple of a fixed piece of work measured
between the repeats, the least of all; that is coarser, and has a record of its own.

`store write` writes one unit on SQLite: items, editions, events, what waits for the search's index.
"""

import argparse
import asyncio
import ctypes
import json
import mmap
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, cast

RECORD = Path(__file__).with_name("guard.json")
#: growth that fails
TOLERANCE = 1.10
#: the fixed input: an RSS, an escaped, an Atom, an RDF feed and a sloppy one
FEEDS, ITEMS = (0, 30, 37, 45, 48), 6
REPEATS = 9
NOW = datetime(2026, 3, 1, tzinfo=UTC)
STAGES = ("split and parse", "make_item", "screens", "index entry", "digest", "store write")


def stages() -> Iterator[tuple[str, Callable[[], Any]]]:
    """Each stage, fed with what the one before made."""
    from bench.corpus import feed
    from connectors.base import Capture, SourceContext
    from connectors.parse.entry import Entry
    from connectors.parse.feeds.reader import read_feed
    from connectors.parse.item import make_item
    from hub.rules.change import digest
    from hub.rules.indexing import indexed
    from hub.screened import Screens, screened
    from schemas.item import Kind

    context = SourceContext(name="s", kind=Kind.NEWS, url="http://site.example/rss")
    captures = [
        Capture(url=context.url, content_type="application/xml", body=feed(one, items=ITEMS), fetched_at=NOW)
        for one in FEEDS
    ]

    def parse() -> list[Entry]:
        read = (read_feed(one.body, url=one.url, now=NOW, content_type=one.content_type) for one in captures)
        return [cast(Entry, record.fields) for one in read for record in one.split.records]

    entries = parse()
    yield STAGES[0], parse
    yield STAGES[1], lambda: [make_item(one, context, base=context.url, pointer="item 1") for one in entries]
    items = [make_item(one, context, base=context.url, pointer="item 1").item for one in entries]
    screening = Screens(key=b"k" * 32).of("H00")
    yield STAGES[2], lambda: [screened(one, screening) for one in items]
    yield STAGES[3], lambda: [indexed(one, member="H00", member_name="Sở Y tế") for one in items]
    yield STAGES[4], lambda: [digest(one) for one in items]
    yield STAGES[5], Writing(items).one


class Writing:
    """A store that takes the same items under new names each time."""

    def __init__(self, items: list[Any]) -> None:
        self._items, self._runner, self._turn = items, asyncio.Runner(), 0
        self._store = self._runner.run(self._open())
        from hub.rules.indexing import indexed

        self._indexed = [indexed(item, member="H00", member_name="Sở Y tế") for item in items]

    async def _open(self) -> Any:
        from hub.broker import connect
        from hub.clock import SystemClock
        from hub.store.database import Database
        from hub.store.unit import Store

        self._folder = tempfile.TemporaryDirectory(prefix="hub-guard-")
        self._database = await Database.open(f"sqlite://{self._folder.name}/guard.db")
        return Store(self._database, connect(""), SystemClock())

    def one(self) -> None:
        """One unit with all items."""
        self._turn += 1
        self._runner.run(self._write())

    async def _write(self) -> None:
        from hub.rules.identity import content_id
        from hub.store import editions
        from schemas.edition import EditionState, UpdateType

        new = [
            editions.NewEdition(
                content_id=content_id(f"s{self._turn}", f"{item.guid}"), revision=1, item=item, kind=item.kind,
                digest="0" * 32, update_type=UpdateType.MAJOR, state=EditionState.APPROVED, why={}, pointer="item 1",
                destinations=(), indexed=made,
            )
            for item, made in zip(self._items, self._indexed, strict=True)
        ]  # fmt: skip
        async with self._store.unit() as unit:
            await editions.write(unit, editions.Origin(source=f"s{self._turn}", member="H00", capture=1), new)

    def close(self) -> None:
        """Let go of the store and its file."""
        self._runner.run(self._database.close())
        self._runner.close()
        self._folder.cleanup()


def end(work: Callable[[], Any]) -> None:
    """Let go of what a stage holds."""
    owner = getattr(work, "__self__", None)
    if isinstance(owner, Writing):
        owner.close()


class Counter:
    """Speaks to the callgrind under which this process runs, by the instructions that it alone understands.

    They are those of valgrind.h for x86-64: four turns of a register that undo each other, and an exchange with itself.
    """

    _CODE = bytes.fromhex("4889f8 31d2 48c1c703 48c1c70d 48c1c73d 48c1c733 4887db 4889d0 c3")
    _DUMP, _ZERO, _START, _STOP = (0x43540000 + number for number in (0, 1, 4, 5))

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        self._page.write(self._CODE)
        place = ctypes.addressof(ctypes.c_char.from_buffer(self._page))
        self._call = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_void_p)(place)

    def count(self, work: Callable[[], Any]) -> None:
        """Write down the instructions of `work` alone."""
        for request in (self._START, self._ZERO):
            self._ask(request)
        work()
        for request in (self._DUMP, self._STOP):
            self._ask(request)

    def _ask(self, request: int) -> None:
        self._call(ctypes.byref((ctypes.c_uint64 * 6)(request)))


def counted() -> None:
    """The child under callgrind: each stage once to warm up, once counted."""
    counter = Counter()
    for _, work in stages():
        work()
        counter.count(work)
        end(work)


def instructions() -> dict[str, float]:
    """Of each stage. Raises RuntimeError with what valgrind said."""
    with tempfile.TemporaryDirectory(prefix="hub-guard-") as folder:
        command = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={folder}/out",
                   sys.executable, __file__, "--count"]  # fmt: skip
        done = subprocess.run(command, env=os.environ | {"PYTHONHASHSEED": "0"}, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr[-2_000:])
        parts = sorted(Path(folder).glob("out.*"), key=lambda path: int(path.suffix[1:]))
        totals = [int(found[1]) for path in parts if (found := re.search(r"^totals: (\d+)", path.read_text(), re.M))]
    return dict(zip(STAGES, map(float, totals[: len(STAGES)]), strict=True))


def ratios() -> dict[str, float]:
    """Time of each stage as a multiple of the reference's."""

    def reference() -> None:
        for number in range(20_000):
            blake2b(json.dumps({"n": number, "t": "nhân dân"}).encode()).digest()

    def taken(work: Callable[[], Any]) -> float:
        began = time.process_time()
        work()
        return time.process_time() - began

    found = {}
    for name, work in stages():
        work()
        pairs = [(taken(work), taken(reference)) for _ in range(REPEATS)]
        found[name] = round(min(a for a, _ in pairs) / min(b for _, b in pairs), 4)
        end(work)
    return found


def main() -> int:
    """Measure, then record or compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--record", action="store_true", help="take today's figures for the ones to compare with")
    parser.add_argument("--count", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.count:
        counted()
        return 0
    counts = shutil.which("valgrind") and platform.machine() == "x86_64"
    kind = "instructions" if counts else "ratios"
    found = instructions() if kind == "instructions" else ratios()
    kept = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    if given.record:
        RECORD.write_text(json.dumps(kept | {kind: found}, indent=2) + "\n")
    before = kept.get(kind, {}) if not given.record else found
    dearer = []
    for name, figure in found.items():
        change = figure / before[name] if name in before else 1.0
        dearer += [name] if change > TOLERANCE else []
        print(f"{name:16} {figure:16,.4g} {kind}, {change - 1:+.1%}")
    if dearer:
        print(f"dearer by more than {TOLERANCE - 1:.0%}: {', '.join(dearer)}", file=sys.stderr)
    return 1 if dearer else 0


if __name__ == "__main__":
    sys.exit(main())
