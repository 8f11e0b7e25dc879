"""One history: a world and a hub, some fifty steps that its seed chooses, and the model after each of them."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from random import Random
from typing import Any, Final

from connectors.errors import HubError
from hub.engine import Engine
from hub.store import harvesting, screening
from hub.store.unit import OvertakenError
from tests.simulation.loop import SimulatedLoop
from tests.simulation.model import Model, moment
from tests.simulation.places import Place
from tests.simulation.process import Killed, Process
from tests.simulation.rows import Row, Rows
from tests.simulation.sites import Site
from tests.simulation.wire import Network

STEPS: Final = 40
#: Seconds after the last fault within which everything has to be as wanted (I2), and how often that is looked at.
RECOVERY: Final = 300.0
LOOK: Final = 30.0
#: What has not come to rest; a source has when its site was asked, and heard out, after a moment.
_OPEN: Final = """
    SELECT (SELECT count(*) FROM delivery WHERE state <> 'done')
         + (SELECT count(*) FROM capture WHERE state IN ('new', 'working'))
         + (SELECT count(*) FROM source WHERE polled_at IS NULL OR polled_at < ? OR lease_until IS NOT NULL) AS n
"""
_LEASED: Final = """
    SELECT 'source ' || name AS what FROM source WHERE lease_until IS NOT NULL
     UNION ALL SELECT 'capture' FROM capture WHERE state = 'working'
     UNION ALL SELECT 'delivery' FROM delivery WHERE state = 'sending'
     UNION ALL SELECT 'attempt' FROM attempt WHERE outcome = 'open'
"""


Opened = Callable[[], Awaitable[None]]
#: Weight and what happens, by name.
Steps = Mapping[str, tuple[int, Callable[["History"], Awaitable[None]]]]


@dataclass(slots=True)
class Told:
    """What became of a history."""

    seed: int
    steps: Counter[str] = field(default_factory=Counter)
    deaths: Counter[str] = field(default_factory=Counter)  #: by what was being done
    counts: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)  #: by promise
    examples: list[str] = field(default_factory=list)
    transitions: set[tuple[str, ...]] = field(default_factory=set)
    states: set[int] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)  #: what happened, for a person who replays it
    digest: str = ""  #: over everything that happened, to the microsecond


class History:
    """The steps of one seed."""

    def __init__(
        self, seed: int, *, loop: SimulatedLoop, sites: list[Site], places: list[Place], rows: Rows,
        process: Callable[[Opened], Process], exclusive: bool, happens: Steps, network: Network,
    ) -> None:  # fmt: skip
        """`exclusive`: one process at a time, whose start frees what the one before it left."""
        self.told = Told(seed)
        self.rng = Random(f"steps {seed}")
        self.loop, self.sites, self.places, self.rows = loop, sites, places, rows
        self.model = Model(sites, places, frozenset(site.name for site in sites if site.held))
        self._make, self._exclusive, self._happens, self.network = process, exclusive, happens, network
        self.process = process(self._opened)
        self._trace = sha256()
        self.edits = 0

    async def live(self, steps: int = STEPS) -> Told:
        """Everything, to the end."""
        for site in self.sites:
            for _ in range(self.rng.randint(1, 3)):
                site.add()
        await self.start()
        for _ in range(steps):
            if self.model.verdicts.counts:
                break  # what follows on a broken promise says nothing new
            await self._step()
        if not self.model.verdicts.counts:
            await self._recover()
        await self.process.leave()
        self._sum_up()
        return self.told

    async def _step(self) -> None:
        name = self.rng.choices(list(self._happens), [weight for weight, _ in self._happens.values()])[0]
        self.told.steps[name] += 1
        await self._happens[name][1](self)
        await self.run(self.rng.choice((0.05, 0.5, 1.0, 2.0, 5.0, 15.0, 30.0)))
        self.note(name)

    def note(self, what: str) -> None:
        """A line for whoever replays this history."""
        line = f"{self.loop.time():12.6f} {what}"
        self.told.lines.append(line)
        self._trace.update(line.encode())

    async def run(self, seconds: float) -> None:
        """Let the hub work, and judge; a process that dies is followed by another one."""
        if not await self.process.run(seconds):
            await self.again()
        await self.model.check(self.rows, at=self.loop.time(), up_since=self.process.began)

    async def again(self) -> None:
        """Another process after the one that died, perhaps after another death right at its start."""
        self.told.deaths[self.loop.where or "at rest"] += 1
        self.note(f"died {self.loop.where}")
        self.loop.where = ""
        await self.process.leave()
        await self.model.check(self.rows, at=self.loop.time(), up_since=self.loop.time())
        if self.rng.random() < 0.2:
            self.loop.die_after(self.rng.randint(1, 60))
        await self.start()

    async def start(self) -> None:
        self.process = self._make(self._opened)
        await self.process.start()
        if self.process.killed.is_set():
            await self.again()

    async def _opened(self) -> None:
        if self._exclusive:
            self.model.judge_leases(await self.rows.fetch(_LEASED))

    # -------------------------------------------------------------------------------------------------- people

    async def ask(self, name: str, row: Row, command: Callable[[Engine], Awaitable[Any]]) -> None:
        """A command; what was answered must last, what died unanswered may have been done."""
        try:
            revision = await self.process.person(command)
        except (HubError, OvertakenError):
            self.told.counts["refused commands"] += 1
        except Killed:
            await self.again()
        else:
            self.told.counts["commands"] += 1
            self.model.asked.answered.append((name, row["content_id"], revision))

    # ----------------------------------------------------------------------------------------------------- end

    async def _recover(self) -> None:
        """All faults end; within the promised time everything is as wanted."""
        self.loop.die_after(0)
        for site in self.sites:
            site.lies.clear()
        for place in self.places:
            place.weather.clear()
            place.down = ""
        began = self.loop.time()
        await self.run(45.0)  # what sites asked us to wait for
        asked_at = moment(self.loop.time())
        await self.process.person(lambda engine: harvesting.make_due(engine.store))
        while self.loop.time() < began + RECOVERY:
            await self.run(LOOK)
            [open_rows] = await self.rows.fetch(_OPEN, asked_at)
            if not open_rows["n"]:
                break
        self.told.counts["seconds to recover"] += round(self.loop.time() - began)
        await self.process.person(lambda engine: screening.scrub(engine.store, engine.files, thorough=True))
        self.model.judge_end()

    def _sum_up(self) -> None:
        told, model = self.told, self.model
        told.broken, told.examples = model.verdicts.counts, model.verdicts.examples
        told.transitions, told.states = model.transitions, model.states
        told.counts["instants"] += self.loop.instants
        told.counts["items"] += len(model.items)
        told.counts["editions"] += sum(map(len, model.editions.values()))
        told.counts["simulated seconds"] += round(self.loop.time())
        for site in self.sites:
            told.counts["polls"] += site.polls
        for place in self.places:
            told.counts["effects"] += len(place.shown)
            told.counts["calls of unknown outcome"] += place.unknown
            for one in place.shown:
                self._trace.update(repr(one).encode())
        self._trace.update(repr((model.deliveries, model.items, self.loop.instants)).encode())
        told.digest = self._trace.hexdigest()[:16]
