"""Between cycles the clock is set forward and back by hours, or an old backup takes the database's place.

The province of the tests, one site and two portals, by a clock of its own. The key is kept here: what the
site said last.
"""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

from hub.app import Hub
from hub.broker import connect
from hub.commands.differences import accept_differences
from hub.rules.reconciliation import DifferenceKind
from hub.store import restored
from hub.store.archive import back_up, restore
from hub.store.database import Database
from hub.store.unit import Store
from tests.chaos.table import Row
from tests.clock import Clock
from tests.fakes.portal import Portal
from tests.fakes.server import Fault
from tests.fakes.site import Site
from tests.province import TOKEN, Province, atom, story
from tests.stages.comparing import compare

#: hours by which a clock is off at most, and after which whatever it put off is due again
OFF, LONG_AFTER = 6, 48
#: days of news in one drill, and what goes wrong with a call to a portal
DAYS = 6
FAULTS = (Fault(committed=True, reset=True), Fault(committed=True, status=500), Fault(reset=True), Fault(status=500))
#: rounds in which a hub that nothing disturbs must have finished
ROUNDS = 12


class Drill:
    """One site that writes, two portals that fail now and then, and the key."""

    def __init__(self, folder: Path, site: Site, portals: Sequence[Portal], chance: Random) -> None:
        self.clock = Clock()
        self.site, self.portals, self._chance = site, portals, chance
        self.province = Province(folder, f"sqlite://{folder / 'hub.db'}", site, portals[0], self.clock)
        self.province.source("tin", atom(), every="1m")
        for portal in portals:
            self.province.destination(_name(portal), portal, fenced=portal.fenced, settling=60)
        self.province.route(*(_name(portal) for portal in portals))
        self.corrects = True  #: whether articles are corrected
        self._versions: dict[int, int] = {}
        self._gone: list[int] = []

    def write(self) -> None:
        """News, a correction, and now and then a withdrawal."""
        chance = self._chance
        for _ in range(2):
            self._versions[len(self._versions) + len(self._gone) + 1] = 1
        self._versions[chance.choice(list(self._versions))] += self.corrects
        if len(self._versions) > 4 and chance.random() < 0.5:
            self._gone.append(number := chance.choice(list(self._versions)))
            del self._versions[number]
        stories = [story(number, title=_title(number, version)) for number, version in self._versions.items()]
        when = self.clock.now().isoformat()
        self.site.serve("/tin.rss", atom(*stories, gone=[f"tin-{number}" for number in self._gone], at=when))

    def disturb(self) -> None:
        """Some calls to the portals go wrong."""
        for portal in self.portals:
            portal.fail_next(*self._chance.choices(FAULTS, k=self._chance.randint(0, 3)))

    async def settle(self, hub: Hub) -> None:
        """Let the time pass that everything may need."""
        for portal in self.portals:
            portal.faults.clear()
        self.clock.advance(hours=LONG_AFTER)
        for _ in range(ROUNDS):
            await hub.once(everything=True)
            [row] = await hub.engine.store.fetch("SELECT count(*) AS n FROM delivery WHERE state <> 'done'")
            if not row["n"]:
                return
            self.clock.advance(minutes=20)

    async def judge(self, hub: Hub, row: Row, where: str) -> None:
        """What both portals show is the key, and nothing on the way was older, doubled or shown again."""
        wanted = sorted(_title(number, version) for number, version in self._versions.items())
        for portal in self.portals:
            name = f"{where}: {_name(portal)}"
            shown = sorted(str(held.body["title"]) for held in portal.held.values() if held.body is not None)
            if len(shown) > len(set(shown)):
                row.add("doubled", f"{name}: {shown}")
            gone = [title for title in shown if any(title.startswith(_title(n, 0)[:-1]) for n in self._gone)]
            if gone:
                row.add("shown again", f"{name}: {gone}")
            if missing := set(wanted) - set(shown):
                row.add("lost", f"{name}: {sorted(missing)}")
            for doubled in portal.doubled():
                row.add("doubled", f"{name}: {doubled}")
            for stale in portal.stale():
                row.add("stale", f"{name}: {stale}")
        for left in await hub.engine.store.fetch("SELECT state, error_code FROM delivery WHERE state <> 'done'"):
            row.add("stuck", f"{where}: {left}")
        for left in await hub.engine.store.fetch("SELECT state FROM capture WHERE state IN ('new', 'working', 'held')"):
            row.add("stuck", f"{where}: {left}")


async def skewed(folder: Path, seed: int, times: int) -> Row:
    """The clock is off by hours, one way or the other, at each of some days."""
    row = Row("the clock set forward and back by hours")
    for number in range(times):
        chance = Random(f"{seed} clock {number}")
        async with _drill(folder / f"clock-{number}", chance) as drill, drill.province.open() as hub:
            for _ in range(DAYS):
                drill.write()
                drill.disturb()
                await hub.once(everything=True)
                drill.clock.advance(hours=chance.uniform(-OFF, OFF))
            row.tries += 1
            await drill.settle(hub)
            await drill.judge(hub, row, f"drill {number}")
    return row


async def put_back(folder: Path, seed: int, times: int, *, corrects: bool = False) -> Row:
    """A backup of some days ago is restored: nothing is sent before it was compared, and nothing again after that.

    `corrects`: articles were corrected since that backup, and are corrected again before the hub comes to see it.
    """
    row = Row("an old backup restored" + (", corrected since" if corrects else ""))
    for number in range(times):
        chance = Random(f"{seed} backup {number}")
        place = folder / f"backup-{corrects:d}-{number}"
        async with _drill(place, chance) as drill:
            kept = chance.randrange(1, DAYS)
            async with drill.province.open() as hub:
                for day in range(DAYS):
                    drill.write()
                    await hub.once(everything=True)
                    drill.clock.advance(hours=1)
                    if day == kept - 1:
                        await back_up(hub.engine.store, place / "backup.gz")
                        drill.corrects = corrects
            await _restore(drill, place)
            row.tries += 1
            await _after(drill, row, f"drill {number}")
    return row


async def _restore(drill: Drill, place: Path) -> None:
    url = f"sqlite://{place / 'restored.db'}"
    async with await Database.open(url) as database:
        await restore(Store(database, connect(""), drill.clock), place / "backup.gz", who="ky-thuat")
    drill.province._top["database"] = {"url": url}


async def _after(drill: Drill, row: Row, where: str) -> None:
    async with drill.province.open() as hub:
        before = [len(portal.effects) for portal in drill.portals]
        drill.write()
        for _ in range(2):
            drill.clock.advance(hours=1)
            await hub.once(everything=True)
        for portal, effects in zip(drill.portals, before, strict=True):
            for effect in portal.effects[effects:]:
                row.add("doubled", f"{where}: sent before it was compared: {effect}")
        for portal in drill.portals:
            await compare(hub, destination=_name(portal), apply=True)
            # What its source took back after the backup the restored hub never had: it removes nothing of that kind by
            # itself, and tells a person, who has looked.
            if await accept_differences(hub.engine, _name(portal), [DifferenceKind.ORPHAN], who="ky-thuat"):
                await compare(hub, destination=_name(portal), apply=True)
            if await restored.waits(hub.engine.store, _name(portal)):
                row.add("stuck", f"{where}: {_name(portal)} waits although it was compared")
        await drill.settle(hub)
        await drill.judge(hub, row, where)


@asynccontextmanager
async def _drill(folder: Path, chance: Random) -> AsyncIterator[Drill]:
    os.mkdir(folder)
    async with Site() as site, Portal(token=TOKEN) as fenced, Portal(token=TOKEN, fenced=False) as unfenced:
        yield Drill(folder, site, [fenced, unfenced], chance)


def _name(portal: Portal) -> str:
    return "portal" if portal.fenced else "old-portal"


def _title(number: int, version: int) -> str:
    return f"Thông báo số {number:04} của Sở Y tế, bản {version}"
