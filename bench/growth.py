"""What a new item and a poll cost as the archive grows: the hub over 10 thousand, 100 thousand, a million stored items.

    PYTHONPATH=. .venv/bin/python bench/growth.py --items 10000,100000 --database sqlite
    PYTHONPATH=. .venv/bin/python bench/growth.py --items 10000,1000000 --database postgres

Each size is a store of its own, filled by plain rows (bench/search_size.py, with names and tags), which then polls 20
feeds of 20 items: all new, nothing new, one new a feed. Figures are processor time, a private PostgreSQL's included.
An item costs what the first poll takes beyond a poll with nothing new; a start is `hub once` when nothing is due.
Wanted: an item at a million at most 1.3 times what it costs at 10 thousand. The first size is measured once more at the
end, and compared by the mean of both: a machine's speed drifts while a million rows are filled.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from bench import measuring
from bench.readers import HubOnce
from bench.search_size import fill
from bench.sites import Sites, serving
from hub.broker import connect
from hub.clock import SystemClock
from hub.queries.held import held
from hub.queries.items import Place, items
from hub.store import publishing
from hub.store.database import Database
from hub.store.instants import moment
from hub.store.unit import Store
from tests.servers import PostgresServer

FEEDS, ITEMS = 20, 20
PAGES = 50
#: editions that wait for a person
WAITING = 500
#: how much dearer an item may be in the largest store than in the smallest
TARGET = 1.3
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


async def prepare(url: str, base: Path, count: int) -> tuple[int, int | None]:
    """Fill the store. Returns its bytes, and the process of its server where it has one."""
    async with await Database.open(url, base=base) as database:
        store = Store(database, connect(""), SystemClock())
        await fill(store, count)
        async with database.transaction() as tx:
            for key in ("g:urn:' || guid", "l:site.example/' || guid", "t:' || substr(title, 1, 60)"):
                await tx.execute(
                    f"INSERT INTO item_key (source, key, content_id) SELECT source, '{key}, content_id FROM item"
                    " WHERE source = 'bench'"
                )
            await tx.execute(
                "INSERT INTO item_tag (content_id, tag, folded) SELECT content_id, 'Thời sự', 'thoi su' FROM item"
                " WHERE source = 'bench'"
            )
            # As they came, one a second: rows of one moment would be sorted anew for each page of a list.
            await tx.execute(
                "UPDATE item SET changed_at = changed_at - CAST(guid AS BIGINT) * 1000000,"
                " public_at = public_at - CAST(guid AS BIGINT) * 1000000 WHERE source = 'bench'"
            )
            # The same number waits for a person in every hub, and most of it for long.
            await tx.execute(
                "UPDATE edition SET state = 'held' WHERE content_id IN"
                " (SELECT content_id FROM item WHERE source = 'bench' ORDER BY changed_at LIMIT ?)",
                WAITING,
            )
        if store.database.dialect == "postgres":
            await settle(url)
        return await size(store), await server_of(store)


async def settle(url: str) -> None:
    """What PostgreSQL does by itself a while after so many rows, so that it is not counted with the polls."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("VACUUM ANALYZE", timeout=3_600)
    finally:
        await connection.close()


async def server_of(store: Store) -> int | None:
    """The process that works for a PostgreSQL store."""
    if store.database.dialect == "sqlite":
        return None
    [row] = await store.fetch("SELECT current_setting('data_directory') AS folder")
    return int((Path(row["folder"]) / "postmaster.pid").read_text().split()[0])


async def size(store: Store) -> int:
    """Bytes of the database, without what a log holds of it twice."""
    sql = "SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()"
    if store.database.dialect == "postgres":
        sql = "SELECT pg_database_size(current_database()) AS bytes"
    [row] = await store.fetch(sql)
    return int(row["bytes"])


async def lists(url: str, base: Path, behind: int) -> tuple[list[float], int]:
    """p95 in milliseconds of each list, and bytes of the database: the console's items and the API's, the first page
    and one `behind` items later; the console's queue.
    """
    async with await Database.open(url, base=base) as database:
        store = Store(database, connect(""), SystemClock())
        [old] = await store.fetch(
            "SELECT changed_at, public_at, content_id FROM item WHERE source = 'bench' ORDER BY changed_at DESC"
            " LIMIT 1 OFFSET ?",
            behind,
        )
        far = Place(changed_at=old["changed_at"], content_id=old["content_id"])
        shown = publishing.Place(began=store.now(), place=moment(old["public_at"]), content_id=UUID(old["content_id"]))
        asked: list[Callable[[], Awaitable[Sequence[object]]]] = [
            lambda: items(store, ZONE),
            lambda: items(store, ZONE, after=far),
            lambda: held(store),
            lambda: publishing.public_list(store, publishing.Selection(), limit=50),
            lambda: publishing.public_list(store, publishing.Selection(), limit=50, after=shown),
        ]
        taken: list[list[float]] = [[] for _ in asked]
        for _ in range(PAGES):
            for times, ask in zip(taken, asked, strict=True):
                began = time.perf_counter()
                found = await ask()
                times.append((time.perf_counter() - began) * 1_000)
                assert found, "a page with nothing on it"
        return [statistics.quantiles(times, n=20)[-1] for times in taken], await size(store)


def measure(database: str, count: int, sites: Sites) -> float:
    """One store; prints its line. Returns milliseconds an item."""
    with ExitStack() as stack:
        base = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hub-growth-"))) / "hub"
        hub = HubOnce(base, sites.urls)
        if database == "postgres":
            hub.database = stack.enter_context(PostgresServer()).create_database()
        filled, pid = asyncio.run(prepare(hub.database, base, count))
        hub.set_up()
        costs = []
        for words, phase in ((("once", "--all"), 0), (("once", "--all"), 0), (("once", "--all"), 1), (("once",), 1)):
            sites.show(phase)
            costs.append(measuring.run(hub.command(*words), daemon=pid, cwd=base, env=hub.env()))
        first, unchanged, one_new, start = costs
        times, grown = asyncio.run(lists(hub.database, base, count // 2))
    new = FEEDS * (ITEMS + 1)
    an_item = (first.cpu - unchanged.cpu) / (FEEDS * ITEMS) * 1_000
    waits = " / ".join(f"{one:.0f}" for one in times)
    print(
        f"| {database} | {count:,} | {an_item:.1f} | {unchanged.cpu:.2f} | {one_new.cpu:.2f} |"
        f" {start.cpu:.2f} / {start.wall:.2f} | {waits} | {filled / count / 1_000:.1f} |"
        f" {(grown - filled) / new / 1_000:.1f} | {first.peak / measuring.MIB:.0f} |", flush=True,
    )  # fmt: skip
    return an_item


def main() -> int:
    """All sizes on one database."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--items", default="10000,100000")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    given = parser.parse_args()
    print(measuring.machine())
    print(
        "| database | stored | a new item, CPU ms | nothing new, CPU s | one new a feed, CPU s | start, CPU / wall s |"
        " items first / far, queue, API first / far: p95 ms | kB a plain row | kB a new item | peak MiB |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    with serving(FEEDS, ITEMS) as sites:
        sizes = [int(count) for count in given.items.split(",")]
        found = [measure(given.database, count, sites) for count in (*sizes, sizes[0])]
    smallest = statistics.mean((found[0], found[-1]))
    print(f"the last size to the first: {found[-2] / smallest:.2f}")
    return 0 if found[-2] <= TARGET * smallest else 1


if __name__ == "__main__":
    sys.exit(main())
