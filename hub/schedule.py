"""The schedule role: sources whose time came, planned approvals, daily comparisons, the chain of events, the house.

One process has it. Two of them do no harm: a bell twice is a bell, and sealing takes a lock.
"""

import asyncio
from datetime import date, datetime, time, timedelta

import structlog

from connectors.base import Reconcilable
from connectors.errors import HubError
from hub.broker.base import HARVEST
from hub.commands.make_report import make_due_reports
from hub.commands.schedule import carry_out_plans
from hub.counting import catch_up
from hub.engine import Engine
from hub.mailing.alarming import tell_of_alarms
from hub.mailing.making import make
from hub.mailing.urging import settle
from hub.rules.digests import due_day
from hub.store import harvesting, normalising, receiving, reconciling, screening, searching
from hub.store.unit import ENGINE

log = structlog.get_logger(__name__)

#: seconds between two looks
TICK = 1.0
#: after a defect a digest is tried again
DIGEST_AGAIN = timedelta(minutes=5)
#: batches of events that are sealed between two looks: many hosts tell more than one batch a second
SEAL_ROUNDS = 10
#: batches that are counted between two looks, so that a recount keeps no source waiting
COUNT_ROUNDS = 2
#: seconds between two looks for copies: each reads all texts of twenty days
COPIES_EVERY = 5.0
#: or so many times as long as the last look took
COPIES_PAUSE = 20
#: seconds without a capture, come or waiting, after which a hub rests: only then it looks for copies
COPIES_REST = 10.0
#: but after so many seconds in any case: a large hub never rests
COPIES_WAIT = 300.0
#: hour in the hub's zone from which reminders are looked at: before offices open
SETTLED_FROM = time(6)
TIDY_EVERY = timedelta(hours=1)
#: hour in the hub's zone from which reports are made: what the day before brought has come by then
OFFICE_BEGINS = time(6)
#: steps of some two megabytes, and some milliseconds
JOINED_STEPS = 100
WITNESS_EVERY = timedelta(minutes=1)
#: far longer than a timestamp is believed: our own clock may be set back
KEEP_SIGNATURES = timedelta(days=1)


class Copies:
    """When copies are looked for: while the hub rests, at the latest after a while, and never most of the time."""

    def __init__(self) -> None:
        self._due: float | None = None
        self._rests_from = 0.0
        self._last: normalising.Business | None = None

    def are_due(self, now: float, business: normalising.Business) -> bool:
        """Whether now is the time, in seconds of the loop's clock."""
        if business.behind or business != self._last:
            self._rests_from = now + COPIES_REST
        self._last = business
        if self._due is None:
            self._due = now
        overdue = now - self._due
        return overdue >= COPIES_WAIT or (overdue >= 0 and now >= self._rests_from)

    def looked(self, began: float, ended: float) -> None:
        """They were looked for."""
        self._due = began + max(COPIES_EVERY, COPIES_PAUSE * (ended - began))


class Schedule:
    """Looks at the clock so that harvest workers on other hosts hear a bell when a source is due."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._tidied_at: datetime | None = None
        self._witnessed_at: datetime | None = None
        self._settled_on: date | None = None
        self._digest_tried: dict[str, datetime] = {}
        self._reported_on: date | None = None
        self._copies = Copies()

    async def run(self) -> None:
        """Until cancelled."""
        since: datetime | None = None
        while True:
            try:
                since = await self._look(since)
            except HubError as error:
                log.warning("schedule missed a beat", code=error.code, cause=str(error))
            await asyncio.sleep(TICK)

    async def _look(self, since: datetime | None) -> datetime:
        store = self._engine.store
        await store.measure_skew()
        now = store.now()
        names = [row["name"] for row in await harvesting.due(store, since=since)]
        if names:
            await self._engine.broker.publish(HARVEST, names)
        for _ in range(SEAL_ROUNDS):
            if not await store.seal():
                break
        await searching.caught_up(store)
        clock = asyncio.get_running_loop().time
        began = clock()
        copies = self._copies.are_due(began, await normalising.business(store))
        await catch_up(self._engine, rounds=COUNT_ROUNDS, copies=copies)
        if copies:
            self._copies.looked(began, clock())
        await screening.scrub(store, self._engine.files, thorough=True)
        await tell_of_alarms(self._engine)
        await self._bear_witness(now)
        await carry_out_plans(self._engine)
        await self._compare(now)
        await self._make_digests(now)
        await self._settle_reminders(now)
        await self._tidy(now)
        await self._make_reports(now)
        return now

    async def _bear_witness(self, now: datetime) -> None:
        """Once a minute: what the database has come to, for the case that an older copy of it is put back."""
        if self._engine.witness and (self._witnessed_at is None or now - self._witnessed_at >= WITNESS_EVERY):
            self._witnessed_at = now
            try:
                await self._engine.witness.write(self._engine.store)
            except OSError as error:  # no room, no descriptors: an older witness believes a newer database
                log.warning("the witness could not be written", cause=str(error))

    async def _compare(self, now: datetime) -> None:
        """Begin the daily comparison of destinations whose time of the day has come and that had none since."""
        engine = self._engine
        local = now.astimezone(engine.zone)
        for place in engine.destinations.values():
            at = place.timetable.at
            if at is None or local.time() < at or not isinstance(place.destination, Reconcilable):
                continue
            today = datetime.combine(local.date(), at, tzinfo=engine.zone)
            if not await reconciling.started_since(engine.store, place.name, today):
                async with engine.store.unit() as unit:
                    if await reconciling.may_be_asked(unit, place.name):
                        await reconciling.begin(unit, place.name, apply=place.timetable.apply, who=ENGINE)

    async def _make_digests(self, now: datetime) -> None:
        """Make the digests whose time of the day has come; one that cannot be made keeps nothing else from its time."""
        engine = self._engine
        for digest in engine.mailing.digests.values() if engine.mailing else ():
            day = due_day(digest, now.astimezone(engine.zone))
            if day is None or self._digest_tried.get(digest.name, now) > now:
                continue
            try:
                await make(engine, digest, day)
            except HubError:
                raise
            except Exception as error:
                self._digest_tried[digest.name] = now + DIGEST_AGAIN
                log.error("defect in a digest", digest=digest.name, error=type(error).__name__, exc_info=error)

    async def _settle_reminders(self, now: datetime) -> None:
        """Once a day: end what members were reminded of that has come, and what may be our own fault."""
        local = now.astimezone(self._engine.zone)
        if local.time() >= SETTLED_FROM and self._settled_on != local.date():
            self._settled_on = local.date()
            try:
                await settle(self._engine)
            except HubError:
                self._settled_on = None
                raise
            except Exception as error:
                log.error("defect in reminders", error=type(error).__name__, exc_info=error)

    async def _make_reports(self, now: datetime) -> None:
        """Once a day: make the reports of stretches that are over; one that cannot be made is tried the next day."""
        local = now.astimezone(self._engine.zone)
        if local.time() >= OFFICE_BEGINS and self._reported_on != local.date():
            self._reported_on = local.date()
            try:
                await make_due_reports(self._engine)
            except HubError:
                self._reported_on = None
                raise
            except Exception as error:
                log.error("defect in a report", error=type(error).__name__, exc_info=error)

    async def _tidy(self, now: datetime) -> None:
        """Once an hour: let go of old bodies and of signatures nobody could use again; join what came to the search."""
        if self._tidied_at is None or now - self._tidied_at >= TIDY_EVERY:
            self._tidied_at = now
            await harvesting.forget_bodies(self._engine.store, older_than=now - self._engine.keep_captures)
            await receiving.forget_pushes(self._engine.store, older_than=now - KEEP_SIGNATURES)
            await searching.joined(self._engine.store, steps=JOINED_STEPS)
