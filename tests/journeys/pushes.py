"""The campaign of pushes: one destination that loses answers, a hub that dies, and people who go on editing.

    python -m tests.journeys.pushes --destination NAME --pushes 10000 --seed 1 [--database URL]

The real deliver stage works through its claims against the fake server of the destination; time is a clock of its own.
Each turn: somebody writes, the stage takes what is due, requests go wrong (storm.py), some are held in flight while the
item is edited or withdrawn, and then answered, cut off by a stop, by a death (mortality.py), or by a worker that
oversleeps its lease; what was held lands later, within the time that the destination promises. Prints a table with
counts; ends with 1 if one is not zero that has to be. The seed fixes what is written and what becomes of each request.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, cast
from uuid import UUID

from connectors.base import Destination, Memory, Remembering
from connectors.errors import HubError, RejectedError
from hub.app import Hub
from hub.commands.free import free
from hub.commands.pause import resume
from hub.commands.posts import confirm_post
from hub.rules.retry import UNTOLD
from hub.stages.deliver import Deliver
from hub.store.database import Database
from hub.store.delivering import DeliveryClaim
from hub.store.instants import maybe_moment
from hub.store.unit import LeaseLostError
from tests.clock import Clock
from tests.fakes.portal import Portal
from tests.fakes.site import Site
from tests.journeys.agenda import Agenda
from tests.journeys.author import Author, Written
from tests.journeys.judge import Judge
from tests.journeys.mortality import LIFE, Heart, Hurried, Killed, Life, MortalDatabase, Told, Unsure, mortal
from tests.journeys.place import Place
from tests.journeys.places import PLACES
from tests.journeys.pushplan import PushOutcome, PushPlan
from tests.journeys.storm import Hold, Storm
from tests.province import Province

NAME = "noi-nhan"
WHO = "can-bo-trang"
#: open deliveries above which nobody writes more, and how much is written in a turn
BACKLOG, A_TURN = 40, 12
#: share of deliveries whose worker dies at some step, of turns in which the whole process does, of turns that lag
DEATHS, RESTARTS, LAGS = 0.06, 0.04, 0.03
#: what becomes of a request that is held, in percent
RELEASED, UNHEARD, STOPPED, KILLED, OVERSLEPT = 30, 10, 25, 20, 15
#: turns without work after which something is stuck
PATIENCE = 3_000
#: how long a person waits before looking at what nobody could tell
LOOKS_AFTER = timedelta(minutes=3)


@dataclass(eq=False)
class Flight:
    """A claim at work."""

    claim: DeliveryClaim
    item: Written
    life: Life
    task: "asyncio.Task[None] | None" = None


class Campaign:
    """One destination, from an empty database to the table."""

    def __init__(self, plan: PushPlan, province: Province, place: Place) -> None:
        self.plan, self.province, self.place = plan, province, place
        self.told = Told()
        self.storm = Storm(
            plan.seed, province.clock, self.told, writes=place.writes, can_hold=place.server is not None,
            read_faults=place.read_faults,
        )  # fmt: skip
        self.author = Author(plan.seed, NAME, place.make)
        self.judge = Judge(announces=place.announces)
        self.counts: Counter[str] = Counter()
        self._chance = Random(f"{plan.seed} campaign")
        self._tries: Counter[int] = Counter()
        self._recent: deque[Written] = deque(maxlen=30)
        self._flights: dict[str, Flight] = {}
        self._sleepers: set[asyncio.Task[None]] = set()
        self._agenda = Agenda(province.clock)
        self._jump: datetime | None = None
        self._is_behind = False
        self._parked: dict[str, datetime] = {}
        self._stack = AsyncExitStack()

    # ------------------------------------------------------------------------------------------------ the course

    async def run(self) -> PushOutcome:
        """Everything, to rest."""
        began = time.monotonic()
        place, province = self.place, self.province
        if place.server is not None:
            self.storm.over(place.server)
            await place.server.start()
        province._top["hub"].update(place.hub)
        try:
            await self._open()
            await self._work()
            await self._close_account()
        finally:
            await self._agenda.finish()
            await self._stack.aclose()
            if place.server is not None:
                await place.server.close()
        return PushOutcome(
            plan=self.plan, verdicts=self.judge.verdicts, author=self.author, storm=self.storm, counts=self.counts,
            changes=self.judge.changes, seconds=time.monotonic() - began,
        )  # fmt: skip

    async def _open(self) -> None:
        """A hub as a new process has it."""
        place = self.place
        doors = {"allow_private": [str(place.server.allowance)]} if place.server is not None else {}
        settings = {"rate": "100000/s", "concurrency": 20, "brake": 0} | place.settings() | doors | {"timeout": "60s"}
        self.province.without("destination", NAME)
        self.province._add("destination", name=NAME, **settings)
        hub = await self._stack.enter_async_context(
            self.province.open(chance=Random(f"{self.plan.seed} {self.counts['restarts']}").random)
        )
        engine = hub.engine
        engine.store.database = cast(Database, MortalDatabase(engine.store.database))
        there = engine.destinations[NAME]
        destination = there.destination
        if isinstance(destination, Remembering):
            destination.memory = cast(Memory, Hurried(destination.memory))
        if self.place.server is None:
            destination = cast(Destination, Unsure(destination, self.storm.is_lost))
        there = replace(there, http=mortal(there.http, self.told), destination=destination)
        self.hub = Hub(hub.settings, replace(engine, destinations={NAME: there}))
        self.stage = Deliver(self.hub.engine, NAME)

    async def _work(self) -> None:
        idle = 0
        while idle < PATIENCE:
            waiting = await self._waiting()
            is_writing = self.counts["settled"] + waiting < self.plan.pushes
            if is_writing and waiting < BACKLOG:
                await self.author.write(self.hub, self._chance.randint(0, A_TURN), list(self._recent))
            moved = await self._turn()
            idle = 0 if moved else idle + 1
            await self._ask_person()
            await self._ask_administrator()
            if not (moved or waiting or self._agenda or self._parked or is_writing):
                return
            await self._pass_time(idle)
        self.judge.verdicts.stuck.append("it never came to rest")

    async def _waiting(self) -> int:
        [row] = await self.hub.engine.store.fetch(
            "SELECT count(*) AS n FROM delivery WHERE state IN ('ready', 'sending')"
        )
        return int(row["n"])

    async def _close_account(self) -> None:
        rows = await self.hub.engine.store.fetch(
            "SELECT content_id, state, error_code, wanted_revision FROM delivery WHERE state <> 'done'"
        )
        for row in rows:
            item = self.author.item(UUID(row["content_id"]))
            self.judge.verdicts.stuck.append(
                f"item {item.number}, revision {row['wanted_revision']}: {row['state']} {row['error_code']}"
            )
        self._observe("at the end")
        self.judge.close(self.place.look(self._number), self.author.key())
        self.judge.verdicts.impolite = list(self.storm.impolite)

    # ------------------------------------------------------------------------------------------------ one turn

    async def _turn(self) -> int:
        """All that is due, once, as a worker with free hands would take it."""
        claims = await self.stage.claim(None, self.stage.concurrency)
        heart = Heart()
        if claims and self._chance.random() < RESTARTS:
            heart = Heart(self._chance.randrange(6 * len(claims)))
        flights = [self._flight(claim, heart) for claim in claims]
        pending = {cast("asyncio.Task[None]", flight.task) for flight in flights}
        while pending:
            arrival = asyncio.create_task(self.storm.arrived.wait())
            await asyncio.wait({*pending, arrival}, return_when=asyncio.FIRST_COMPLETED)
            arrival.cancel()
            for hold in self.storm.new_holds():
                await self._meddle(hold, [one for one in flights if one.task in pending])
            pending = {task for task in pending if not task.done()} - self._sleepers
        if heart.is_dead:
            self.counts["restarts"] += 1
            await self._restart()
        self.place.each_turn()
        self._observe(f"turn at {self._now:%d %H:%M:%S}")
        return len(claims)

    def _flight(self, claim: DeliveryClaim, heart: Heart) -> Flight:
        item = self.author.item(claim.content_id)
        self._tries[item.number] += 1
        tag = f"{item.number}-{self._tries[item.number]}"
        fate = Random(f"{self.plan.seed} death {tag}")
        if fate.random() < DEATHS:
            heart = Heart(fate.randrange(12))  # one of several workers
        flight = Flight(claim, item, Life(tag, heart))
        flight.task = asyncio.create_task(self._one(flight))
        self._flights[tag] = flight
        self._recent.append(item)
        return flight

    async def _one(self, flight: Flight) -> None:
        """What the worker does with one row (hub/worker.py), by one who may die."""
        claim, life = flight.claim, flight.life
        LIFE.set(life)
        try:
            try:
                await self.stage.handle(claim)
                self.counts["settled"] += 1
                self.judge.confirmed(flight.item.number, claim.wanted_revision, gone=claim.gone)
            except LeaseLostError:
                raise
            except (Exception, asyncio.CancelledError) as error:
                self._note(error, life.tag)
                await self.stage.failed(claim, error)
        except LeaseLostError:
            self.counts["leases lost"] += 1
        except Killed:
            self.counts["deaths"] += 1
        finally:
            self._flights.pop(life.tag, None)

    def _note(self, error: BaseException, tag: str) -> None:
        if not isinstance(error, HubError | asyncio.CancelledError) or isinstance(error, RejectedError):
            self.judge.verdicts.defects.append(f"{tag}: {type(error).__name__} {error}")
        self.counts["told"] += getattr(error, "retry_after", None) is not None

    async def _meddle(self, hold: Hold, pending: list[Flight]) -> None:
        """A request is on its way: change its item meanwhile, and decide what becomes of whoever waits for it."""
        flight = self._flights.get(hold.tag.partition(":")[0])
        if flight is None or flight.task is None:  # its worker died a moment ago
            return self._lands(hold, self._now + timedelta(seconds=self.place.landing / 2))
        chance = Random(f"{self.plan.seed} hold {hold.tag}")
        if chance.random() < 0.7:
            await self.author.change(self.hub, flight.item, chance)
        given_up = timedelta(seconds=chance.uniform(0, self.place.landing))
        together = pending if self.place.batched else [flight]
        fate = chance.random() * 100
        if fate < RELEASED + UNHEARD:
            hold.is_lost = fate >= RELEASED
            hold.go.set()
        elif fate < RELEASED + UNHEARD + STOPPED:
            self.counts["stops"] += 1
            self._lands(hold, self._now + given_up)
            await self._end(together)
        elif fate < RELEASED + UNHEARD + STOPPED + KILLED or self.place.batched:
            for one in together:
                one.life.heart.is_dead = True
            self._lands(hold, flight.claim.lease_until + given_up)
            await self._end(together)
        else:
            self.counts["overslept"] += 1
            self._sleepers.add(flight.task)
            after = flight.claim.lease_until + timedelta(seconds=1)
            self._lands(hold, after + given_up * 0.9, flight.task)
            self._jump = max(self._jump or after, after)

    async def _end(self, flights: Iterable[Flight]) -> None:
        tasks = [one.task for one in flights if one.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _restart(self) -> None:
        """The whole process is dead; another one starts."""
        for flight in list(self._flights.values()):
            flight.life.heart.is_dead = True
            if flight.task is not None:
                flight.task.cancel()
        await asyncio.gather(*self._sleepers, return_exceptions=True)
        self._sleepers.clear()
        await self._stack.aclose()
        # One process alone frees its leases at the start: what the dead one had under way is given up from now on.
        self._agenda.hasten(self._now + timedelta(seconds=self.place.landing))
        await self._open()
        [row] = await self.hub.engine.store.fetch("SELECT open_until FROM destination WHERE name = ?", NAME)
        self.counts["forgotten"] += self.told.forget_beyond(maybe_moment(row["open_until"]))

    # ------------------------------------------------------------------------------------------------ time

    @property
    def _now(self) -> datetime:
        return self.province.clock.now()

    def _lands(self, hold: Hold, moment: datetime, sleeper: "asyncio.Task[None] | None" = None) -> None:
        hold.is_lost = True
        self.counts["late"] += 1

        async def land() -> None:
            hold.go.set()
            await hold.done.wait()
            if sleeper is not None and sleeper in self._sleepers:
                await asyncio.gather(sleeper, return_exceptions=True)
                self._sleepers.discard(sleeper)
            self._observe(f"a late call of {hold.tag}")

        self._agenda.at(moment, land)

    async def _pass_time(self, idle: int) -> None:
        """Go on to the next turn; what happens on the way happens in its order."""
        until = self._now + timedelta(seconds=min(5.0 * idle, 60.0) if idle else self._chance.uniform(0.01, 1.0))
        if self._jump is not None:
            until, self._jump = max(until, self._jump), None
        if self.place.lag is not None and not self._is_behind and self._chance.random() < LAGS:
            self._falls_behind(self.place.lag)
        await self._agenda.go_to(until)

    def _falls_behind(self, lag: Callable[[bool], None]) -> None:
        self._is_behind = True
        self.counts["lags"] += 1
        lag(True)

        async def catch_up() -> None:
            lag(False)
            self._is_behind = False

        self._agenda.at(self._now + timedelta(seconds=self._chance.uniform(1, self.place.landing * 0.5)), catch_up)

    # ------------------------------------------------------------------------------------------------ looking

    def _number(self, content_id: str) -> int:
        try:
            return self.author.item(UUID(content_id)).number
        except (ValueError, KeyError):
            return 0

    def _observe(self, when: str) -> None:
        for change in self.place.changes(self.judge.changes, self._number):
            self.judge.change(change, when)
        self.judge.look(self.place.look(self._number), when)

    async def _ask_person(self) -> None:
        """Where nobody can tell, somebody looks: it is there, or it is not; an old text is taken away by hand."""
        rows = await self.hub.engine.store.fetch(
            "SELECT id, content_id, wanted_revision, error_code FROM delivery WHERE state = 'parked'"
        )
        parked = {row["content_id"]: row for row in rows if row["error_code"] == UNTOLD}
        self._parked = {one: self._parked.get(one, self._now) for one in parked}
        for content_id, since in list(self._parked.items()):
            if self._now - since >= LOOKS_AFTER and not self._sleepers:
                await self._decide(parked[content_id])

    async def _ask_administrator(self) -> None:
        """Where the place refuses us, somebody grants access anew; the hub starts with the new settings."""
        [row] = await self.hub.engine.store.fetch("SELECT state, fault_code FROM destination WHERE name = ?", NAME)
        if row["state"] != "blocked":
            return
        if self.place.grants is None:
            raise AssertionError(f"it refuses us: {row['fault_code']}")
        self.counts["grants"] += 1
        self.place.grants()
        await self._restart()
        await resume(self.hub.engine, "destination", NAME, who=WHO)

    async def _decide(self, row: dict[str, Any]) -> None:
        item = self.author.item(UUID(row["content_id"]))
        revision, gone = row["wanted_revision"], not item.is_live
        self.counts["persons"] += 1
        there = [one.revision for one in self.place.look(self._number) if one.number == item.number]
        if there != [revision]:
            self.place.takes_away(item.number)
        if gone or there == [revision]:
            await confirm_post(self.hub.engine, item.content_id, NAME, who=WHO)
            self.counts["settled"] += 1
            self.judge.confirmed(item.number, revision, gone=gone)
        else:
            await free(self.hub.engine, [row["id"]], who=WHO)


async def run(plan: PushPlan, folder: Path, database_url: str = "") -> PushOutcome:
    """One campaign in a folder of its own."""
    clock = Clock()
    async with Site() as site, Portal() as portal:
        url = database_url or f"sqlite://{folder / 'hub.db'}"
        province = Province(folder, url, site, portal, clock)
        return await Campaign(plan, province, PLACES[plan.destination](clock, folder)).run()


def main(arguments: list[str]) -> int:
    """Run one campaign and print its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--destination", choices=sorted(PLACES), required=True)
    parser.add_argument("--pushes", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default="")
    options = parser.parse_args(arguments)
    plan = PushPlan(destination=options.destination, pushes=options.pushes, seed=options.seed)
    with tempfile.TemporaryDirectory(prefix="pushes-") as folder:
        outcome = asyncio.run(run(plan, Path(folder), options.database))
    print("\n".join(outcome.lines()))
    return 1 if any(outcome.verdicts.counts().values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
