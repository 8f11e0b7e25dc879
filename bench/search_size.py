"""How long a search takes in a large hub: fills a database with made-up items and asks it queries of every kind.

    PYTHONPATH=. .venv/bin/python bench/search_size.py --items 1000000 --database sqlite
    PYTHONPATH=. .venv/bin/python bench/search_size.py --items 1000000 --database postgres

The language is made up (bench/language.py). A private PostgreSQL is started and removed again; `--keep FOLDER` keeps
the SQLite file, and asks it again the next time.
"""

import argparse
import asyncio
import itertools
import random
import statistics
import sys
import tempfile
import time
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

from bench.language import COMMON, SEED, Language
from hub.broker import connect
from hub.clock import SystemClock
from hub.queries.search import Audience, parse, search
from hub.rules.access import Scope
from hub.rules.searching import Entry, tokens
from hub.store.database import Database, Transaction
from hub.store.instants import micros
from hub.store.searching import NewEntry, joined, put
from hub.store.unit import Store
from schemas.item import Document, ItemBase, News, Procedure
from tests.servers import PostgresServer

BATCH = 2_000
YEARS = 8
MEMBERS = 200
NOW = datetime(2026, 11, 20, tzinfo=UTC)
#: p95 that is wanted, in milliseconds.
TARGET = 150.0


class Made:
    """Items made of sentences: a text of four that were written, and indexed, once."""

    SENTENCES, WORDS = 8_000, 16

    def __init__(self) -> None:
        self.language, rng = Language(), random.Random(SEED)
        self.sentences = [self.language.text(rng, self.WORDS) for _ in range(self.SENTENCES)]
        self.tokens = [tokens(Entry(title="", texts=[one], numbers=(), member="", kind="")) for one in self.sentences]

    def item(self, number: int) -> tuple[ItemBase, NewEntry]:
        """The n-th item, and its entry."""
        rng = random.Random(SEED + number)
        at = NOW - timedelta(days=rng.random() ** 1.5 * YEARS * 365)
        chosen = [rng.randrange(self.SENTENCES) for _ in range(4)]
        text = ". ".join(self.sentences[one] for one in chosen)
        title = self.language.text(rng, rng.randrange(5, 10)).capitalize()
        fields = {"guid": str(number), "title": title, "published": at, "content_html": f"<p>{text}</p>"}
        item: ItemBase = News.model_validate(fields)
        numbers: list[str] = []
        if number % 10 == 0:
            numbers = [f"{number % 5000 + 1}/{at.year}/QĐ-UBND"]
            said = {"number": numbers[0], "title": f"Quyết định số {numbers[0]} {title}"}
            item = Document.model_validate(fields | said)
        elif number % 10 == 1:
            numbers = [f"1.{number % 1_000_000:06}.000.00.00.H52"]
            item = Procedure.model_validate(fields | {"code": numbers[0]})
        member, everybody = f"H52.{rng.randrange(MEMBERS)}", frozenset(Audience)
        entry = Entry(title=item.title, texts=(), numbers=numbers, member=member, kind=item.kind)
        found = " ".join(dict.fromkeys(itertools.chain(tokens(entry), *(self.tokens[one] for one in chosen))))
        return item, NewEntry(
            content_id=str(UUID(int=number)), revision=1, title=item.title, member=member, kind=item.kind,
            audiences=everybody, at=micros(at), tokens=found, packed=zlib.compress(found.encode(), 1), likeness=None,
        )  # fmt: skip


_made = cache(Made)


def batch(start: int, count: int) -> list[tuple[ItemBase, NewEntry]]:
    """So many items from the n-th on; in a process beside the one that writes them."""
    return [_made().item(number) for number in range(start, start + count)]


async def fill(store: Store, count: int) -> None:
    """Write the items as the hub would have; PostgreSQL's index is made at the end."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as maker:
        await _fill(store, count, maker)


async def _fill(store: Store, count: int, maker: Executor) -> None:
    began = time.monotonic()
    postgres = store.database.dialect == "postgres"
    async with store.database.transaction() as tx:
        if postgres:
            await tx.execute("DROP INDEX search_entry_tokens")
        await tx.execute_many(
            "INSERT INTO member (code, name, kind) VALUES (?, ?, 'department')",
            [(f"H52.{number}", f"Sở số {number}") for number in range(MEMBERS)],
        )
    coming = maker.submit(batch, 0, min(BATCH, count))
    for start in range(0, count, BATCH):
        rows = await asyncio.wrap_future(coming)
        if (after := start + BATCH) < count:
            coming = maker.submit(batch, after, min(BATCH, count - after))
        async with store.database.transaction() as tx:
            await _write(tx, rows)
        if start % 50_000 == 0:
            print(f"  {start:,} {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    if postgres:
        async with asyncio.timeout(3_600):
            await _index(store)
    while not await joined(store, steps=1_000):  # as the schedule does each hour
        pass
    print(f"filled in {time.monotonic() - began:.0f} s")


async def _write(tx: Transaction, rows: Sequence[tuple[ItemBase, NewEntry]]) -> None:
    at = micros(NOW)
    await tx.execute_many(
        "INSERT INTO item (content_id, source, guid, kind, member, title, revision, approved_revision, digest, state,"
        " first_seen, changed_at, public_at) VALUES (?, 'bench', ?, ?, ?, ?, 1, 1, '', 'live', ?, ?, ?)",
        [(new.content_id, item.guid, item.kind, new.member, item.title, at, at, at) for item, new in rows],
    )
    await tx.execute_many(
        "INSERT INTO edition (content_id, revision, digest, update_type, state, body, seen_at)"
        " VALUES (?, 1, '', 'major', 'approved', ?, ?)",
        [(new.content_id, item.model_dump_json(), at) for item, new in rows],
    )
    await put(tx, [new for _, new in rows])


async def _index(store: Store) -> None:
    session = await store.database.engine.begin(patient=True)
    await session.execute("SET LOCAL maintenance_work_mem = '1GB'", ())
    await session.execute(
        "CREATE INDEX search_entry_tokens ON search_entry USING gin (tokens) WITH (gin_pending_list_limit = 1024)", ()
    )
    await session.commit()
    for table in ("search_entry", "edition", "item"):
        session = await store.database.engine.begin(patient=True)
        await session.execute(f"ANALYZE {table}", ())
        await session.commit()


def queries(count: int, each: int) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Kind, words and filters of every query, `each` of a kind."""
    made, rng = Made(), random.Random(SEED)
    language = made.language
    plain: dict[str, object] = {"audience": Audience.PUBLIC}
    for number in range(each):
        item, new = made.item(rng.randrange(count))
        member = new.member
        common, other = rng.sample(COMMON, 2)
        body = item.content_html[3:-4].split()
        place = rng.randrange(len(body) - 8)
        middling = rng.sample(language.words[30:400], 2)
        yield "a common word", COMMON[number % len(COMMON)], plain
        yield "two common words", f"{common} {other}", plain
        yield "two middling words", " ".join(middling), plain
        yield "a rare word", rng.choice(language.words[-15_000:]), plain
        yield "a phrase in quotes", f'"{" ".join(body[place : place + 4])}"', plain
        yield "six words of a text", " ".join(rng.sample(body, 6)), plain
        yield "a part of a title", " ".join(item.title.split()[:5]), plain
        yield "a long sentence", " ".join(body[:30]), plain
        yield "a number", f"{rng.randrange(5_000)}/{rng.randrange(2019, 2026)}/qd-ubnd", plain
        yield "a code", f"1.{rng.randrange(1_000_000):06}", plain
        yield "typing: two letters", common[:1] + "h", plain | {"is_typing": True}
        yield "typing: a word and a letter", f"{common} {other[:2]}", plain | {"is_typing": True}
        yield "a common word of a member", common, plain | {"member": member}
        yield "two common words of a kind", f"{common} {other}", plain | {"kind": "document"}
        since = NOW - timedelta(days=rng.randrange(365, 2_500))
        yield "a common word of a month", common, plain | {"since": since, "until": since + timedelta(days=30)}
        scope = Scope(frozenset(f"H52.{rng.randrange(MEMBERS)}" for _ in range(6)))
        yield "the office, six members", f"{common} {other}", {"audience": Audience.OFFICE, "scope": scope}
        scope = Scope(frozenset(f"H52.{rng.randrange(MEMBERS)}" for _ in range(40)))
        yield "the office, forty members", common, {"audience": Audience.OFFICE, "scope": scope}
        yield "excluded: common and not", f"{common} -{other.split()[0]}", plain
        yield "nothing has it", f"{common} zzyzx", plain


async def ask(store: Store, count: int, each: int) -> bool:
    """Print how long each kind takes; whether all together keep the target."""
    times: dict[str, list[float]] = {}
    work: dict[str, list[float]] = {}
    hits: dict[str, int] = {}
    for kind, words, filters in queries(count, each):
        is_typing = bool(filters.pop("is_typing", False)) if "is_typing" in filters else False
        began, worked = time.perf_counter(), time.process_time()
        found = await search(store, parse(words, is_typing=is_typing), **filters)  # type: ignore[arg-type]
        times.setdefault(kind, []).append((time.perf_counter() - began) * 1_000)
        work.setdefault(kind, []).append((time.process_time() - worked) * 1_000)
        hits[kind] = hits.get(kind, 0) + found.total
    everything = "all together"
    for column in (times, work):
        column[everything] = [one for taken in column.values() for one in taken]
    # On a machine with other work to do, the second pair is what this one would have taken alone (SQLite's included,
    # PostgreSQL's not: that is another process).
    print(f"{'milliseconds':30} {'p50':>8} {'p95':>8} {'max':>8} {'cpu p50':>8} {'cpu p95':>8} {'found':>8}")
    for kind, taken in times.items():
        figures = (statistics.median(taken), _p95(taken), max(taken), statistics.median(work[kind]), _p95(work[kind]))
        print(f"{kind:30}", *(f"{figure:8.1f}" for figure in figures), end="")
        print(f" {hits[kind] / len(taken):8.0f}" if kind in hits else "")
    return _p95(times[everything]) <= TARGET


def _p95(taken: Sequence[float]) -> float:
    return statistics.quantiles(taken, n=20)[-1]


@asynccontextmanager
async def opened(database: str, folder: Path) -> AsyncIterator[Store]:
    """A hub's store, empty or as it was kept."""
    async with AsyncExitStack() as stack:
        url = f"sqlite://{folder / 'size.db'}"
        if database == "postgres":
            url = stack.enter_context(PostgresServer()).create_database()
        yield Store(await stack.enter_async_context(await Database.open(url)), connect(""), SystemClock())


async def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--each", type=int, default=40, help="queries of each kind")
    parser.add_argument("--keep", type=Path, help="folder of a SQLite file that stays")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        async with opened(given.database, given.keep or Path(folder)) as store:
            [row] = await store.fetch("SELECT count(*) AS n FROM search_entry")
            if not row["n"]:
                await fill(store, given.items)
            print(f"{given.items:,} items, {given.database}")
            return await ask(store, given.items, given.each)


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(main()) else 1)
