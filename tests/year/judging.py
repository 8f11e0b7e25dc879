"""Lives through a year in a hub's database and compares what the hub says with the key, on the way and at the end."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from hub.app import Hub, open_hub
from hub.commands.load_codes import load_codes
from hub.commands.make_report import make_report
from hub.engine import Engine
from hub.queries import duties
from hub.reports.docx import docx
from hub.reports.snapshot import Snapshot
from hub.reports.xlsx import xlsx
from hub.settings import load_settings
from hub.store import reports
from tests.year import settings
from tests.year.comparing import Comparison, compare_lists, compare_report, compare_sums
from tests.year.days import AFTER, FIRST, LAST, MERGED, at, holidays
from tests.year.filling import Ahead, Filling
from tests.year.key import Key
from tests.year.plan import END, HALF, SETTLED, Year

#: Days on which somebody asks how everybody stands: ends of stretches, and the middle of all of them.
LOOKS = (at(date(2025, 3, 31), 20), at(MERGED, 23), at(date(2025, 9, 15), 20), at(LAST, 23))


@dataclass(frozen=True, slots=True)
class Frozen:
    """A report as it was made."""

    report: int
    body: tuple[str, bytes, int]  #: checksum, body, how many items it counts
    snapshot: Snapshot
    files: tuple[str, ...]  #: checksums of Word and Excel


async def _body(engine: Engine, report: int) -> tuple[str, bytes, int]:
    [row] = await engine.store.fetch(
        "SELECT sha256, body, (SELECT count(*) FROM report_item i WHERE i.report = r.id) AS n FROM report r"
        " WHERE id = ?", report,
    )  # fmt: skip
    return row["sha256"], bytes(row["body"]), row["n"]


@dataclass(slots=True)
class Judge:
    """One year, one database, one comparison."""

    year: Year
    folder: Path
    database_url: str
    clock: Ahead
    filling: Filling
    result: Comparison
    thorough: bool = True  #: False: two looks on the way, fewer reports, and no files of them

    @classmethod
    def of(cls, year: Year, folder: Path, database_url: str, *, thorough: bool = True) -> "Judge":
        return cls(year, folder, database_url, Ahead(at(FIRST)), Filling(year), Comparison(), thorough)

    @asynccontextmanager
    async def opened(self, when: datetime) -> AsyncIterator[Hub]:
        """The hub with the settings of a moment."""
        self.clock.moment = max(self.clock.moment, when)
        path = settings.write(self.year, self.folder, self.database_url, when)
        async with open_hub(load_settings(path), clock=self.clock) as hub:
            yield hub

    async def whole(self) -> Comparison:
        """The year from its first day to the days after its last."""
        async with self.opened(at(FIRST)) as hub:
            await self.begin(hub.engine)
            await self.live(hub.engine, HALF)
            await self.gaps(hub.engine, FIRST, MERGED)
            await compare_sums(self.result, hub.engine, self.key, FIRST, MERGED)
            half = await self.report(hub.engine, "2025-H1")
        async with self.opened(SETTLED) as hub:
            await self.live(hub.engine, END)
            await self.gaps(hub.engine, FIRST, LAST)
            for first, last, period in (
                (FIRST, MERGED, "2025-H1"), (AFTER, LAST, "2025-H2"), (FIRST, LAST, "2025")
            ):  # fmt: skip
                await compare_sums(self.result, hub.engine, self.key, first, last)
                if self.thorough or period == "2025":
                    await self.report(hub.engine, period)
            await self.still(hub.engine, half)
        return self.result

    async def begin(self, engine: Engine) -> None:
        """The board loads its holidays."""
        path = self.folder / "holidays.csv"
        path.write_text(holidays(), encoding="utf-8")
        await load_codes(engine, [str(path)], who="cli:lan", name="holidays")

    async def live(self, engine: Engine, until: datetime) -> None:
        """Fill up to a moment, and look how everybody stands on the way."""
        for look in LOOKS if self.thorough else LOOKS[1:3]:
            if self.filling.done < look < until:
                await self.filling.up_to(engine, self.clock, look)
                await self.standing(engine)
        await self.filling.up_to(engine, self.clock, until)

    async def report(self, engine: Engine, period: str) -> "Frozen":
        """Make a report, and compare every number of it."""
        made = await make_report(engine, period, who="cli:lan")
        _, snapshot = await reports.read(engine.store, made.report)
        rows = await engine.store.fetch("SELECT code, name FROM member")
        compare_report(self.result, self.key, snapshot, {row["code"]: row["name"] for row in rows})
        await compare_lists(self.result, engine, snapshot, made.report, several=12 if self.thorough else 5)
        return Frozen(made.report, await _body(engine, made.report), snapshot, self._files(snapshot))

    async def still(self, engine: Engine, frozen: "Frozen") -> None:
        """A report is what it was, whatever was merged, renamed, corrected or withdrawn since."""
        _, snapshot = await reports.read(engine.store, frozen.report)
        self.result.same("frozen report", frozen.body, await _body(engine, frozen.report), "rows")
        self.result.same("frozen report", frozen.snapshot, snapshot, "numbers")
        self.result.same("frozen report", frozen.files, self._files(snapshot), "files")
        await compare_lists(self.result, engine, frozen.snapshot, frozen.report, several=12 if self.thorough else 5)

    def _files(self, snapshot: Snapshot) -> tuple[str, ...]:
        formats = (docx, xlsx) if self.thorough else ()
        return tuple(hashlib.sha256(write(snapshot, {})).hexdigest() for write in formats)

    @property
    def key(self) -> Key:
        """What is right now."""
        return Key(self.year, self.clock.now())

    async def standing(self, engine: Engine) -> None:
        """State and lateness of every member with every duty."""
        key = self.key
        said = {(one.member, one.duty): (str(one.state), one.late_days) for one in await duties.standing(engine)}
        self.result.equal("standing", key.standing(key.today), said)

    async def gaps(self, engine: Engine, first: date, last: date) -> None:
        """Whose silence each unmet stretch is."""
        right = {(gap.member, gap.duty, gap.stretch): gap.silence for gap in self.key.gaps(first, last)}
        found = await duties.gaps(engine, first, last)
        said = {(one.member, one.duty, (one.stretch.first, one.stretch.last)): str(one.verdict.silence)
                for one in found}  # fmt: skip
        self.result.label(right, said)
