"""Many readers of the public API, pages and feeds, while hundreds of feeds change and are harvested."""

import asyncio
import statistics
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.sites import Sites, serving
from tests.hostile.bombs import LAG, LOOK, MEMORY
from tests.load.clients import Answers, in_a_process
from tests.load.house import MEMBER, Running, running, until, written
from tests.load.hung import held
from tests.load.table import Table

#: Seconds within which 95 of 100 answers come: of what is kept in memory, and of what is made for the one who asks.
KEPT, MADE = 0.1, 0.25
PROMISED: Final[Mapping[str, float]] = {"list, kept": KEPT}
#: Requests a second that all readers together make in the first part: each asks every other second.
PAUSE: Final = 2.0
ITEMS: Final = 10
#: Of 50 feeds of the corpus the last are sloppy, and some of these end in the middle of an article.
WHOLE, CUT = 40, 10
#: Statuses that are an answer.
GOOD: Final = frozenset({"200", "304"})
#: Past its quota of 120 requests a minute an address is told so; none of ours should be.
QUOTA: Final = "429"


@dataclass(slots=True)
class Seen:
    """One part."""

    seconds: float
    answers: Mapping[str, Answers]
    memory: int = 0
    lag: float = 0.0
    held: list[int] = field(default_factory=list)  #: items that should be held, and that are


def judged(seen: Seen, table: Table, *, paced: bool) -> None:
    """Say of the readers what was promised; how long an answer takes is promised where readers are not a crowd."""
    count = sum(len(each.seconds) for each in seen.answers.values())
    statuses = sum((each.status for each in seen.answers.values()), Counter[str]())
    table.want("  requests", count, count > 0, "> 0")
    table.tell("  requests a second", count / seen.seconds)
    for kind, each in sorted(seen.answers.items()):
        p50, p95, p99 = _quantiles(each.seconds)
        wanted = PROMISED.get(kind, MADE)
        said = f"{p50 * 1000:.0f} / {p95 * 1000:.0f} / {p99 * 1000:.0f}"
        if paced:
            table.want(f"  {kind}: p50 / p95 / p99, ms", said, p95 <= wanted, f"p95 <= {wanted * 1000:.0f}")
        else:
            table.tell(f"  {kind}: p50 / p95 / p99, ms", said)
    bad = {status: n for status, n in statuses.items() if status not in GOOD and status != QUOTA}
    table.zero("  neither 200 nor 304", [f"{n} of {status}" for status, n in bad.items()])
    if paced:
        table.tell("  of these 304", statuses["304"])
    else:
        table.want("  of these 304", statuses["304"], statuses["304"] > 0, "> 0: they ask with validators")
    if paced:
        table.want("  past a quota (429)", statuses[QUOTA], not statuses[QUOTA], "0")
    else:
        table.tell("  past a quota (429)", statuses[QUOTA])


def judged_harvest(seen: Seen, table: Table) -> None:
    """Say of the harvest beside them what was promised."""
    expected, found = seen.held
    table.want("articles held", found, found == expected, f"{expected:,}")
    table.want("loop late, p99, ms", seen.lag * 1000, seen.lag < LAG, f"< {LAG * 1000:.0f}")
    table.want("memory at most, MB", seen.memory >> 20, seen.memory < MEMORY, f"< {MEMORY >> 20}")


def _quantiles(seconds: Sequence[float]) -> tuple[float, float, float]:
    if len(seconds) < 2:
        return (*seconds, *seconds, *seconds) if seconds else (0.0, 0.0, 0.0)  # type: ignore[return-value]
    cut = statistics.quantiles(seconds, n=100)
    return cut[49], cut[94], cut[98]


async def campaign(feeds: int, clients: int, seconds: float, *, every: str = "10s", phases: int = 5) -> Table:
    """Half of the time they read as people do, half as fast as they are answered; the feeds change all the while."""
    table = Table(f"{clients:,} readers while {feeds:,} feeds are harvested, {seconds:.0f} s")
    with tempfile.TemporaryDirectory() as name, serving(feeds + feeds // WHOLE * CUT + CUT, ITEMS, phases) as sites:
        sites.urls = [url for number, url in enumerate(sites.urls) if number % (WHOLE + CUT) < WHOLE][:feeds]
        folder = Path(name)
        settings = _settled(folder, sites, every)
        async with running(settings) as hub:
            await until(lambda: held(folder) >= min(40, feeds * ITEMS), 60, "there is something to read")
            changing = asyncio.create_task(_change(sites, phases, seconds, folder, feeds))
            seen = Seen(seconds / 2, {})
            for paced in (True, False):
                table.tell("each asks every other second" if paced else "each asks as fast as it is answered", "")
                looking = asyncio.create_task(_look(hub, seen))
                seen.answers = await in_a_process(hub.base, clients, PAUSE if paced else 0.0, seconds / 2)
                looking.cancel()
                judged(seen, table, paced=paced)
            await changing
            expected = feeds * (ITEMS + phases - 1)
            after = await until(lambda: held(folder) >= expected, 600, "all is held")
            table.tell("the harvest ended after them, s", after)
            seen.held = [expected, held(folder)]
            seen.lag = await hub.number("hub_loop_lag_p99_seconds")
        judged_harvest(seen, table)
        table.zero("defects in the log", hub.hub.defects())
    return table


async def _change(sites: Sites, phases: int, seconds: float, folder: Path, feeds: int) -> None:
    """Show one phase after the other, once all have been read: what left a list before its first poll nobody saw."""
    await until(lambda: held(folder) >= feeds * ITEMS, 600, "every feed was read once")
    for phase in range(1, phases):
        await asyncio.sleep(seconds / phases)
        await asyncio.to_thread(sites.show, phase)


async def _look(hub: Running, seen: Seen) -> None:
    while True:
        seen.memory = max(seen.memory, hub.memory())
        await asyncio.sleep(5 * LOOK)


def _settled(folder: Path, sites: Sites, every: str) -> Path:
    tables = [
        ("source", {"name": f"feed-{number}", "member": MEMBER, "connector": "feed", "kind": "news", "url": url,
                    "every": every})
        for number, url in enumerate(sites.urls)
    ]  # fmt: skip
    return written(folder, f"sqlite://{folder}/hub.db", {url.split("/")[2] for url in sites.urls}, tables)
