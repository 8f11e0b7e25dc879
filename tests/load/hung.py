"""One place that accepts and never answers, among several: what the others wait for it.

Rounds without it and with it take turns, each with a hub of its own over a copy of the same planted deliveries, or
over the same feeds. The others may take at most one and a half times as long.
"""

import asyncio
import hashlib
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from bench.sites import Sites, serving
from hub.app import open_hub
from hub.settings import load_settings
from hub.store import editions
from hub.store.editions import NewEdition, Origin
from schemas.edition import EditionState, UpdateType
from schemas.item import News
from tests.fakes.server import FakeServer
from tests.load.backlog import Ledger
from tests.load.house import MEMBER, running, until, written
from tests.load.table import Table

#: How much longer the others may take.
ALLOWED: Final = 1.5
OTHERS: Final = ("mot", "hai", "ba")
HUNG: Final = "treo"
ITEMS: Final = 10


class Mute(FakeServer):
    """Accepts, reads, and never answers; at an address of its own, as another machine has one."""

    def __init__(self) -> None:
        super().__init__()
        self.connections = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "Mute":
        self._server = await asyncio.start_server(self._hear, "127.0.3.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self.closing.set()
        self._server.close()

    @property
    def origin(self) -> str:
        return f"http://127.0.3.1:{self.port}"

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await reader.read(65_536) and not self.closing.is_set():
                pass
        except ConnectionError:
            pass
        finally:
            writer.close()


def judged(table: Table, what: str, without: Sequence[float], beside: Sequence[float], met: int) -> None:
    """Say of the rounds what was promised; `met` is how often the hung place was really called."""
    calm, hard = statistics.median(without), statistics.median(beside)
    table.tell(f"{what}: rounds of each", len(without))
    table.tell("  without, s", " ".join(f"{each:.2f}" for each in without))
    table.tell("  with one that hangs, s", " ".join(f"{each:.2f}" for each in beside))
    table.want("  calls that hung", met, met > 0, "> 0, or nothing was tried")
    table.want("  medians, with / without", hard / calm, hard <= ALLOWED * calm, f"<= {ALLOWED}")


async def destinations(count: int, rounds: int) -> Table:
    """So many deliveries to each of three portals, without and with a fourth that hangs."""
    table = Table(f"One hung destination of four, {count:,} deliveries to each")
    seconds: dict[bool, list[float]] = {False: [], True: []}
    met = 0
    with tempfile.TemporaryDirectory() as name:
        async with _portals() as portals, Mute() as mute:
            planted = {hung: Path(name) / f"planted-{hung}" for hung in (False, True)}
            for hung, folder in planted.items():
                folder.mkdir()
                await _plant(folder, portals, mute if hung else None, count)
            for number in range(rounds):
                for hung, folder in planted.items():
                    seconds[hung].append(await _round(folder, Path(name) / f"{number}-{hung}", portals, count))
            met = mute.connections
    judged(table, "destinations", seconds[False], seconds[True], met)
    return table


@asynccontextmanager
async def _portals() -> AsyncIterator[dict[str, Ledger]]:
    async with AsyncExitStack() as stack:
        yield {name: await stack.enter_async_context(Ledger()) for name in OTHERS}


async def _plant(folder: Path, portals: dict[str, Ledger], mute: Mute | None, count: int) -> None:
    """A hub that was stopped with all of it to be delivered."""
    places = {name: (portal.base_url, portal.port, "127.0.0.1") for name, portal in portals.items()}
    if mute is not None:
        places[HUNG] = (f"{mute.origin}/portal", mute.port, "127.0.3.1")
    source = {"name": "old", "member": MEMBER, "connector": "feed", "url": "http://127.0.0.1:9/old", "every": "1d"}
    settings = written(
        folder, "sqlite:///FOLDER/hub.db", [],
        [("source", source)] + [
            ("destination", {"name": name, "connector": "portal", "base_url": url, "rate": "500/s", "timeout": "3s",
                             "allow_private": [f"{host}:{port}"]})
            for name, (url, port, host) in places.items()
        ],
    )  # fmt: skip
    settings.write_text(settings.read_text(encoding="utf-8").replace("/FOLDER/", f"/{folder}/"), encoding="utf-8")
    new = [_edition(number, tuple(places)) for number in range(count)]
    async with open_hub(load_settings(settings)) as hub, hub.engine.store.unit() as unit:
        await editions.write(unit, Origin(source="old", member=MEMBER, capture=0), new)


def _edition(number: int, places: tuple[str, ...]) -> NewEdition:
    item = News(
        guid=f"old-{number}", title=f"Tin {number}", published=datetime.now(UTC), content_html="<p>Nội dung.</p>"
    )
    return NewEdition(
        content_id=uuid5(NAMESPACE_URL, item.guid), revision=1, item=item, kind=item.kind, state=EditionState.APPROVED,
        digest=hashlib.sha256(item.guid.encode()).hexdigest(), update_type=UpdateType.MAJOR, why={}, pointer="",
        destinations=places,
    )  # fmt: skip


async def _round(planted: Path, folder: Path, portals: dict[str, Ledger], count: int) -> float:
    """From the first effect anywhere to the last: the median of the portals."""
    shutil.copytree(planted, folder)
    settings = folder / "settings.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace(str(planted), str(folder)), encoding="utf-8")
    for portal in portals.values():
        portal.held.clear()
        portal.effects.clear()
        portal.changed.clear()
    async with running(settings):
        await until(lambda: all(len(portal.effects) >= count for portal in portals.values()), 300, "all has arrived")
    first = min(portal.changed[0] for portal in portals.values())
    shutil.rmtree(folder)
    return statistics.median(portal.changed[count - 1] - first for portal in portals.values())


async def sources(feeds: int, rounds: int) -> Table:
    """So many feeds of as many sites, without and with one more that hangs."""
    table = Table(f"One hung source beside {feeds:,}, {ITEMS} articles in each")
    seconds: dict[bool, list[float]] = {False: [], True: []}
    async with Mute() as mute:
        with serving(feeds, ITEMS) as sites:
            for _ in range(rounds):
                for hung in (False, True):
                    seconds[hung].append(await _harvest(sites, mute if hung else None))
        met = mute.connections
    judged(table, "sources", seconds[False], seconds[True], met)
    return table


async def _harvest(sites: Sites, mute: Mute | None) -> float:
    """From the first answer of the hub to the last article that is held."""
    urls = {f"feed-{number}": url for number, url in enumerate(sites.urls)}
    urls |= {} if mute is None else {f"{HUNG}-{number}": f"{mute.origin}/{number}" for number in range(1)}
    expected = len(sites.urls) * ITEMS
    with tempfile.TemporaryDirectory() as name:
        settings = written(
            Path(name), f"sqlite://{name}/hub.db", {url.split("/")[2] for url in urls.values()},
            [("source", {"name": each, "member": MEMBER, "connector": "feed", "url": url, "every": "2s"})
             for each, url in urls.items()],
        )  # fmt: skip
        async with running(settings):
            began = time.monotonic()
            await until(lambda: held(Path(name)) >= expected, 600, "all articles are held")
            return time.monotonic() - began


def held(folder: Path) -> int:
    """Items in the database of a hub that runs."""
    with closing(sqlite3.connect(f"file:{folder}/hub.db?mode=ro", uri=True, timeout=10)) as db:
        return int(db.execute("SELECT count(*) FROM item").fetchone()[0])
