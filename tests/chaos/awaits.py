"""Work that is cancelled at every place where it waits: each stage and each decision, at its 1st, 2nd, 3rd … await.

The worker's own way with a claim is taken, so that what it does about a cancellation is cancelled too. Afterwards no
transaction is open and no lease is longer than it says, and the next cycle brings about what an undisturbed one would.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from uuid import UUID

from hub.app import Hub
from hub.commands.approve import approve
from hub.commands.withdraw import withdraw
from hub.stages.deliver import Deliver
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store.instants import micros
from hub.worker import Stage, Worker
from tests.chaos.table import Row
from tests.fakes.portal import Portal
from tests.province import Province, rows, rss, story, turn
from tests.store.interruption import CancelledAt
from tests.test_convergence import EDITIONS, empty, state

#: awaits of one piece of work at most
LONGEST = 2_000
#: no stage holds a row for longer (docs/architecture.md); a page of a reconciliation is none of these
LONGEST_LEASE = timedelta(minutes=3)
WHO = "bien-tap"
#: what waits for a person
HELD = rss(story(7), story(8))

Work = Callable[[Hub], Awaitable[None]]


def of_stage(make: Callable[[Hub], Stage]) -> Work:
    """One turn of a stage, as the worker gives it."""

    async def work(hub: Hub) -> None:
        stage = make(hub)
        worker = Worker(stage, hub.engine.broker)
        for claim in await stage.claim(None, 100):
            await worker._work(claim)

    return work


async def decide(hub: Hub) -> None:
    """A person approves one held item and withdraws one that is public, unless that is done."""
    for item in await rows(hub, "item", source="cho"):
        if item["guid"] == "tin-7" and not item["approved_revision"]:
            await approve(hub.engine, UUID(item["content_id"]), who=WHO)
    [public] = await rows(hub, "item", source="tin", guid="tin-2")
    if public["state"] == "live":
        await withdraw(hub.engine, UUID(public["content_id"]), who=WHO)


WORKS: Mapping[str, Work] = {
    "harvest": of_stage(lambda hub: Harvest(hub.engine)),
    "normalise": of_stage(lambda hub: Normalise(hub.engine)),
    "deliver": of_stage(lambda hub: Deliver(hub.engine, "portal")),
    "decide": decide,
}


def laid_out(province: Province, portal: Portal, *, fenced: bool) -> None:
    """A source that is public at once, one that waits for a person, and this portal."""
    province.source("tin", EDITIONS[0], page={"etag": '"0"'}, every="1s")
    province.source("cho", HELD, every="1s", review="hold")
    province.route(province.destination("portal", portal, fenced=fenced, settling=60))


async def cancelled_everywhere(
    province: Province, hub: Hub, portal: Portal, name: str, *, times: int = 1, step: int = 1
) -> Row:
    """Cancel one work at every `step`-th await, `times` in a row; the hub and the portal begin anew each time."""
    at_once = f", {times} times in a row" if times > 1 else ""
    found = Row(f"{name} cancelled at each await{at_once}, {hub.engine.store.database.dialect}")
    wanted, _ = await _tried(province, hub, portal, name, None, found)
    for n in range(1, LONGEST, step):
        work = CancelledAt(WORKS[name](hub), n, times)
        found.tries += 1
        got, is_cancelled = await _tried(province, hub, portal, name, work, found)
        if got != wanted:
            found.add("lost", f"await {n}: {got} in place of {wanted}")
        if not is_cancelled:
            return found
    raise AssertionError("the work does not end")


async def _tried(
    province: Province, hub: Hub, portal: Portal, name: str, work: CancelledAt | None, found: Row
) -> tuple[object, bool]:  # fmt: skip
    """The day up to that work, the work, and the day to its end; what is there then, and whether it was cancelled."""
    await empty(hub, portal)
    where = f"try {found.tries}"
    await _day(province, hub, 0)
    province.clock.advance(hours=1)
    province.site.serve("/tin.rss", EDITIONS[1], etag='"1"')
    for before in WORKS if name != "decide" else ():
        if before == name:
            break
        for _ in range(2):  # one source of a host at a time
            await WORKS[before](hub)
    others = asyncio.all_tasks()
    task = asyncio.ensure_future(_awaited(work or WORKS[name](hub)))
    await asyncio.wait([task])
    if left := asyncio.all_tasks() - others - {task}:  # what was shielded ends by itself
        await asyncio.wait(left, timeout=5)
    if not task.cancelled():
        task.result()
    await _let_go(hub, found, where)
    province.clock.advance(hours=1)
    await _day(province, hub, 1)
    await decide(hub)
    await WORKS["deliver"](hub)
    for doubled in portal.doubled():
        found.add("doubled", f"{where}: {doubled}")
    for stale in portal.stale():
        found.add("stale", f"{where}: {stale}")
    return await state(hub, portal), task.cancelled()


async def _awaited(work: Awaitable[None]) -> None:
    await work


async def _day(province: Province, hub: Hub, number: int) -> None:
    """Two rounds, so that what was put off is done too."""
    province.site.serve("/tin.rss", EDITIONS[number], etag=f'"{number}"')
    for _ in range(2):
        await turn(Harvest(hub.engine))
        while await turn(Normalise(hub.engine)):
            continue
        while await turn(Deliver(hub.engine, "portal")):
            continue
        province.clock.advance(minutes=5)


async def _let_go(hub: Hub, found: Row, where: str) -> None:
    """Nobody is inside a transaction, and no lease is longer than any may be."""
    store = hub.engine.store
    try:
        async with asyncio.timeout(5), store.unit():
            pass
    except TimeoutError:
        found.add("stuck", f"{where}: a transaction is open")
    if store.database.dialect == "postgres":
        for one in await store.fetch(
            "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in trans%'"
        ):
            found.add("stuck", f"{where}: {one['state']}")
    until = micros(store.now() + LONGEST_LEASE)
    for table in ("source", "capture", "delivery"):
        for _ in await store.fetch(f"SELECT 1 AS one FROM {table} WHERE lease_until > ?", until):
            found.add("stuck", f"{where}: a {table} is leased for longer than any may be")
