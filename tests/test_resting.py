"""What a hub gives back when it begins to rest, and when that is."""

import ctypes
import resource
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from connectors.errors import Fault, TransientError
from connectors.parse.text import fold, words
from hub.resting import begins_to_rest, give_back, keep_little, trim
from hub.store.database import Database
from schemas.item import ITEM
from tests.store.facts import run_python

MIB = 2**20


def held() -> int:
    """Bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.parametrize(
    ("share", "since", "begins"),
    [
        (0.00, 0.0, False),  # nothing was done
        (0.90, 60.0, False),  # it is at work
        (0.05, 60.0, False),
        (0.04, 60.0, True),
        (0.006, 0.9, False),  # a large hub with nothing to do
        (0.006, 1.0, True),  # for minutes
    ],
)
def test_a_rest_begins_when_little_is_done_after_work(share: float, since: float, *, begins: bool) -> None:
    assert begins_to_rest(share, since) is begins


async def times_given(*used: float, failing: bool = False, busy: bool = False) -> int:
    """How often something is given back while the clock of the processor shows this at each look."""
    given = 0

    async def drop_caches() -> None:
        nonlocal given
        given += 1
        if failing:
            raise TransientError("sqlite: closed", code="database-closed", fault=Fault.HUB)

    shown = iter(used)
    with pytest.raises(RuntimeError, match="StopIteration"):
        await give_back(drop_caches, is_idle=lambda: not busy, look=0.001, used=lambda: next(shown))
    return given


async def test_it_is_given_back_once_for_each_time_of_work() -> None:
    assert await times_given(0, 0, 0) == 0, "no work"
    assert await times_given(0, 5, 9, 14) == 0, "work without an end"
    assert await times_given(0, 5, 5, 5, 5, 5) == 1
    assert await times_given(0, 5, 5, 5, 9, 9, 9, 9) == 2
    assert await times_given(0, 5, 5, 7, 7, 7) == 1, "what giving back takes is no work"


async def test_nothing_is_given_back_while_something_is_in_hand() -> None:
    """On a machine that others shared, a poll took less than 5 % of a core at times, and lost its pages each time."""
    assert await times_given(0, 5, 5, 5, 9, 9, 9, 9, busy=True) == 0


async def test_words_are_forgotten() -> None:
    """Of a day's texts they are some MB, which lie in as many blocks of Python's allocator as there were hours."""
    texts = [f"từ{number} câu" for number in range(5_000)]
    assert words(fold(texts[1])) == ["tu1", "cau"]
    await times_given(0, 5, 5)
    before = sys.getallocatedblocks()
    for text in texts:
        words(fold(text))
    assert sys.getallocatedblocks() > before + 10_000
    await times_given(0, 5, 5)
    assert sys.getallocatedblocks() < before + 500


async def test_a_database_that_is_away_ends_nothing() -> None:
    assert await times_given(0, 5, 5, 5, 9, 9, 9, 9, failing=True) == 2


async def test_pages_of_the_database_are_given_back(tmp_path: Path) -> None:
    async with await Database.open(f"sqlite://{tmp_path}/hub.db") as database:
        async with database.transaction() as tx:
            await tx.execute("CREATE TABLE scratch (body BLOB)")
            await tx.execute_many("INSERT INTO scratch VALUES (?)", [(bytes(3_500),)] * 7_000)
        full = held()
        await database.drop_caches()
        trim(ctypes.CDLL(None))
        assert held() < full - 16 * MIB
        assert (await database.fetch("SELECT count(*) AS n FROM scratch"))[0]["n"] == 7_000


async def test_statements_of_the_database_are_given_back(tmp_path: Path) -> None:
    """They lie between the pages, of which the C library could give back only a part."""
    async with await Database.open(f"sqlite://{tmp_path}/hub.db") as database:
        for number in range(100):
            await database.fetch(f"SELECT {number} AS n WHERE 1 IN ({', '.join(['?'] * 900)})", *[1] * 900)
        full = held()
        await database.drop_caches()
        trim(ctypes.CDLL(None))
        assert held() < full - 4 * MIB


async def test_a_connection_that_began_anew_is_as_it_was(tmp_path: Path) -> None:
    async with await Database.open(f"sqlite://{tmp_path}/hub.db") as database:
        await database.drop_caches()
        for name, value in {"foreign_keys": 1, "secure_delete": 1, "synchronous": 2, "cache_size": -32_768}.items():
            async with database.transaction() as tx:
                assert await tx.fetch(f"PRAGMA {name}") == [{name: value}]
        assert await database.fetch("PRAGMA query_only") == [{"query_only": 1}]


async def test_a_file_that_was_moved_away_is_not_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "hub.db"
    async with await Database.open(f"sqlite://{file}") as database:
        file.rename(tmp_path / "other.db")
        with pytest.raises(TransientError, match="unable to open"):
            await database.drop_caches()
        assert not file.exists()
        assert await database.fetch("SELECT 1 AS n") == [{"n": 1}]


async def test_pages_that_an_open_transaction_wrote_are_not_lost(tmp_path: Path) -> None:
    async with await Database.open(f"sqlite://{tmp_path}/hub.db") as database:
        async with database.transaction() as tx:
            await tx.execute("CREATE TABLE scratch (body BLOB)")
            await tx.execute("INSERT INTO scratch VALUES (?)", b"x")
            await database.drop_caches()
        assert await database.fetch("SELECT body FROM scratch") == [{"body": b"x"}]


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="the C library keeps nothing")
def test_freed_memory_is_given_back() -> None:
    blocks = [bytes(60_000) for _ in range(1_000)]
    full = held()
    blocks = blocks[::50]  # nothing that lies between these goes back by itself
    trim(ctypes.CDLL(None))
    assert held() < full - 30 * MIB
    assert len(blocks) == 20


def arenas(maps: str) -> int:
    """Arenas of threads (glibc) among the mappings of a process: each is cut from 64 MB that begin at a multiple."""
    starts = [int(line.partition("-")[0], 16) for line in maps.splitlines() if " rw-p 00000000 00:00 0" in line]
    return sum(start % (64 * MIB) == 0 for start in starts)


THREADS = """
import ctypes, sys, threading
from pathlib import Path
from hub.resting import keep_little

if sys.argv[1:]:
    keep_little(ctypes.CDLL(None))
together = threading.Barrier(4)


def take(kept=[]):
    together.wait()
    kept.extend(b"x" * 10_000 for _ in range(1_000))
    together.wait()


threads = [threading.Thread(target=take) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(Path("/proc/self/maps").read_text())
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="the C library keeps nothing")
def test_all_threads_share_what_was_freed() -> None:
    """Ten threads kept 10 MB, of which `trim` gave back half."""
    assert arenas(run_python(THREADS).stdout) > 0, "this is what it would do by itself"
    assert arenas(run_python(THREADS, "keep little").stdout) == 0


def test_items_that_were_read_leave_nothing_behind() -> None:
    """Pydantic remembers short values that it read, 16,000 of them."""
    bodies = [
        f'{{"kind": "news", "guid": "{n}", "title": "Tin {n}", "url": "https://a.example/{n}"}}' for n in range(2_000)
    ]
    assert ITEM.validate_json(bodies[0]).title == "Tin 0"
    before = sys.getallocatedblocks()
    for body in bodies:
        ITEM.validate_json(body)
    assert sys.getallocatedblocks() < before + 500


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="the C library keeps nothing")
def test_large_blocks_go_back_when_they_are_freed() -> None:
    """glibc kept what lay between others as soon as one larger block had been freed; in a process of its own, for it
    is asked for once and for all.
    """
    gone = run_python(
        "import ctypes\nfrom hub.resting import keep_little\nfrom tests.test_resting import held\n"
        "keep_little(ctypes.CDLL(None))\n"
        "del (largest := [b'x' * 20_000_000])[:]\n"
        "blocks = [b'x' * 1_000_000 for _ in range(40)]\n"
        "full = held()\n"
        "blocks = blocks[::10]\n"
        "print(full - held())\n"
    )
    assert int(gone.stdout) > 30 * MIB, gone.stderr


def test_a_library_that_keeps_nothing_is_asked_nothing() -> None:
    trim(SimpleNamespace())
    keep_little(SimpleNamespace())
