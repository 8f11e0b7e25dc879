"""A small world for one trial after the other: two sites, two portals, a hub's folder, all put back to one moment.

Sites, portals, ledgers and checker are those of the journeys. The moment is taken after a hub has brought a first state
of the sites everywhere, and the sites have written, corrected and withdrawn since: what every trial's cycle has to do.
"""

import copy
import json
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from hub.store.database import Database
from tests.chaos.lives import Order
from tests.chaos.nursery import Nursery
from tests.journeys.checker import check
from tests.journeys.findings import Findings
from tests.journeys.fleet import Fleet
from tests.journeys.hubs import DEFECTS, write_settings
from tests.journeys.ledgers import read_ledgers, read_rows
from tests.journeys.portals import FaultyPortal

#: sites: RSS; Atom with tombstones and pages of its articles
SITES = 2
#: articles of each site at first
AT_FIRST = 4
#: an hour: whatever a dead process held has run out, and what it had sent has landed
AN_HOUR = 3600.0
FOLDER, SETTINGS, DATABASE = "hub", "settings.toml", "hub.db"


@dataclass(frozen=True)
class Moment:
    """What is put back."""

    sites: list[dict[str, Any]]
    portals: list[tuple[dict[str, Any], list[Any]]]
    ledgers: list[int]  #: bytes of each


class World:
    """Used as an async context manager; `put_back` begins a trial, `judge` ends it."""

    def __init__(self, folder: Path, seed: int, *, faulty: bool = False, disk: Path | None = None) -> None:
        """`faulty`: sites and portals fail by chance too, until the life that mends. `disk` is where the hub lives."""
        self.folder, self.seed, self.faulty = folder, seed, faulty
        self.place = (disk or folder) / FOLDER
        self.settings = self.place / SETTINGS
        self.log = folder / "hub.log"
        self.nursery = Nursery()
        self._paths = folder / "fleet.jsonl", folder / "portals.jsonl"
        self._stack = AsyncExitStack()
        self._kept: Moment | None = None

    async def __aenter__(self) -> "World":
        files = [self._stack.enter_context(path.open("a", encoding="utf-8")) for path in self._paths]
        self._files = files
        self.fleet = Fleet(sites=SITES, items=0, pace=0, seed=self.seed, ledger=files[0])
        await self.fleet.start()
        self._stack.push_async_callback(self.fleet.close)
        chance = Random(self.seed)
        self.portals = [
            FaultyPortal(name, fenced=fenced, chance=Random(chance.random()), notes=files[1])
            for name, fenced in (("portal", True), ("old-portal", False))
        ]
        for portal in self.portals:
            await self._stack.enter_async_context(portal)
        await self._stack.enter_async_context(self.nursery)
        self.calm(True)
        await self._begin()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def calm(self, calm: bool) -> None:
        """Whether nothing fails at the sites and portals."""
        for site in self.fleet.sites:
            site.calm = calm
        for portal in self.portals:
            portal.calm = calm

    def order(self, life: str, **more: Any) -> Order:
        """An order for this world's hub."""
        return Order(life=life, settings=str(self.settings), log=str(self.log), **more)

    async def _begin(self) -> None:
        """The first state goes everywhere; then the sites write, and the moment is taken."""
        self.place.mkdir()
        write_settings(
            self.settings, database=f"sqlite://{self.place / DATABASE}", broker="",
            feeds={site.newsroom.name: f"{site.newsroom.base}/feed" for site in self.fleet.sites},
            portals={portal.name: portal.base_url for portal in self.portals},
            teasers=[site.newsroom.name for site in self.fleet.sites if site.newsroom.teasers],
        )  # fmt: skip
        for _ in range(AT_FIRST):
            self.write(edits=False)
        mended = await self.mend(ahead=0.0)
        if mended is not None:
            raise RuntimeError(f"the first life ended with {mended}: see {self.log}")
        self.write()
        for site in self.fleet.sites:
            site.newsroom.withdraw()
        shutil.copytree(self.place, self.folder / "kept")
        self._kept = Moment(
            [self._of(site) for site in self.fleet.sites],
            [(dict(portal.held), list(portal.effects)) for portal in self.portals],
            [path.stat().st_size for path in self._paths],
        )

    def write(self, *, edits: bool = True) -> None:
        """Every site publishes an article, and corrects one."""
        for site in self.fleet.sites:
            site.newsroom.publish()
            if edits:
                site.newsroom.edit()

    def _of(self, site: Any) -> dict[str, Any]:
        return copy.deepcopy({name: value for name, value in vars(site).items() if name != "_note"})

    def put_back(self) -> None:
        """Everything as at the moment."""
        assert self._kept is not None
        shutil.rmtree(self.place)
        shutil.copytree(self.folder / "kept", self.place)
        for site, kept in zip(self.fleet.sites, self._kept.sites, strict=True):
            vars(site).update(copy.deepcopy(kept))
        for portal, (held, effects) in zip(self.portals, self._kept.portals, strict=True):
            portal.held, portal.effects = dict(held), list(effects)
        for file, size in zip(self._files, self._kept.ledgers, strict=True):
            file.truncate(size)
        self.log.write_bytes(b"")
        self.calm(not self.faulty)

    async def mend(self, *, ahead: float = AN_HOUR) -> int | None:
        """A hub that nothing disturbs works until all is well; None, or the exit code of one that could not."""
        self.calm(True)
        status = await self.nursery.live(self.order("mend", ahead=ahead, out=str(self.folder / "held.json")))
        return status or None

    async def judge(self) -> Findings:
        """What the checker finds, and what the log calls a defect."""
        ledgers, _ = read_ledgers(*self._paths, truth := self.fleet.truth())
        held = json.loads((self.folder / "held.json").read_text())
        async with await Database.open(f"sqlite://{self.place / DATABASE}", read_only=True) as rows:
            findings = check(ledgers, await read_rows(rows, held))
        if not truth["read"]:
            findings.add("never at rest", "a site was not read to its end")
        for defect in self.defects():
            findings.add("processes", defect)
        return findings

    async def rows(self, table: str, condition: str) -> int:
        """How many rows of a table there are."""
        async with await Database.open(f"sqlite://{self.place / DATABASE}", read_only=True) as rows:
            [found] = await rows.fetch(f"SELECT count(*) AS n FROM {table} WHERE {condition}")
            return int(found["n"])

    def damage(self) -> list[str]:
        """What SQLite finds wrong with the file."""
        with closing(sqlite3.connect(f"file:{self.place / DATABASE}?mode=ro", uri=True)) as db:
            try:
                found = [str(row[0]) for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
                return found + [f"foreign key: {row}" for row in db.execute("PRAGMA foreign_key_check")]
            except sqlite3.DatabaseError as error:
                return [str(error)]

    def defects(self) -> list[str]:
        """What the log calls a defect, and tracebacks that nobody caught."""
        found = []
        for line in self._lines():
            if line.startswith("Traceback "):
                found.append("a traceback that nobody caught")
            elif line.startswith("{"):
                entry: Mapping[str, Any] = json.loads(line)
                if any(str(entry.get("event", "")).startswith(defect) for defect in DEFECTS):
                    found.append(f"{entry['event']}: {entry.get('error', '')} {str(entry.get('exception', ''))[-300:]}")
        return found

    def said(self, words: Sequence[str]) -> bool:
        """Whether a line of the log says one of these."""
        return any(word in line for line in self._lines() for word in words)

    def _lines(self) -> list[str]:
        return self.log.read_text(errors="replace").splitlines()
