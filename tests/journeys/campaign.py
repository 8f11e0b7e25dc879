"""The fault campaign: sites and portals that fail, hubs that are killed, and a comparison of what went in and came out.

    python -m tests.journeys.campaign --kills 100 --mode embedded|cluster --seed 7 --items 2000
        [--broker steady|restarted|stopped|wiped] [--database steady|killed] [--keep FOLDER]

Prints one table with counts, and the seed; ends with 1 if any count is not zero. The seed fixes what the sites write,
what fails and when a process is to be killed; how the processes share the machine it cannot fix.
"""

import argparse
import asyncio
import contextlib
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import aiohttp

from connectors.errors import HubError, TransientError
from hub.store.database import Database
from tests.journeys.checker import check
from tests.journeys.findings import Findings
from tests.journeys.hubs import HubProcess, Side, write_settings
from tests.journeys.ledgers import read_hub, read_ledgers, wanting
from tests.journeys.plan import Outcome, Plan, back_at_work
from tests.servers import PostgresServer, RabbitServer

#: processes of a cluster; each is killed in its turn
CLUSTER = {
    "normalise-1": ("normalise",), "harvest": ("harvest",), "deliver-1": ("deliver",), "schedule": ("schedule",),
    "deliver-2": ("deliver",), "normalise-2": ("normalise",),
}  # fmt: skip
#: seconds between two looks
LOOK, CLOSE_LOOK = 0.05, 0.01
#: seconds after which a delivery that was taken by a frozen process has been taken by another
LONGEST_LEASE = 56.0
#: which process of a cluster stands still, in turn
FROZEN = ("deliver-1", "deliver-2", "normalise-1", "harvest")
#: articles that an act of writing makes on average, and how long a turn takes about
ARTICLES_AN_ACT, SECONDS_A_KILL = 0.7, 4.0
#: seconds after the last fault by which everything must be at rest: a lease of a dead process, and an open breaker
PATIENCE = 300.0
#: ends of hubs by themselves after which waiting is in vain
MANY_ENDS = 20


class Campaign:
    """One run, from an empty folder to the table."""

    def __init__(self, plan: Plan, folder: Path, servers: tuple[PostgresServer, RabbitServer] | None = None) -> None:
        """`servers` are private ones that run; without them a cluster starts its own."""
        self.plan, self.folder, self.servers = plan, folder, servers
        self.chance = Random(plan.seed)
        self.hubs: list[HubProcess] = []
        self.postgres: PostgresServer | None = None
        self.rabbit: RabbitServer | None = None
        self.kills = self.stops = self.freezes = 0
        self._settings = folder / "settings.toml"
        self._ledgers = folder / "fleet.jsonl", folder / "portals.jsonl"

    async def run(self) -> Outcome:
        """Everything, and nothing is left running afterwards."""
        began = time.monotonic()
        async with AsyncExitStack() as stack:
            fleet, portals, database = await self._set_up(stack)
            http = await stack.enter_async_context(aiohttp.ClientSession())
            await self._disturb()
            await self._all_written(http, fleet.said["control"])
            async with http.post(f"{fleet.said['control']}/calm"), http.post(_of(portals.said["portal"], "/calm")):
                calm = time.monotonic()
            await self._start_all()
            truth, at_rest = await self._rest(database, http, fleet.said["control"])
            quiet = time.monotonic() - calm
            for hub in self.hubs:
                await hub.stop()
            return await self._outcome(database, truth, began=began, quiet=quiet if at_rest else float("inf"))

    async def _set_up(self, stack: AsyncExitStack) -> tuple[Side, Side, str]:
        plan, seconds = self.plan, self.lasts()
        fleet = await Side.start(
            "tests.journeys.fleet", "--sites", str(plan.sites), "--items", str(plan.items), "--seed", str(plan.seed),
            "--pace", f"{plan.items / ARTICLES_AN_ACT / seconds:.3f}", "--ledger", str(self._ledgers[0]),
        )  # fmt: skip
        stack.push_async_callback(fleet.close)
        portals = await Side.start(
            "tests.journeys.portals", "--seed", str(plan.seed), "--ledger", str(self._ledgers[1])
        )
        stack.push_async_callback(portals.close)
        database, broker = f"sqlite://{self.folder / 'hub.db'}", ""
        if plan.mode == "cluster":
            postgres, rabbit = self.servers if self.servers else await asyncio.to_thread(_started, stack)
            database, broker = postgres.create_database(), rabbit.create_vhost()
            if plan.broker == "stopped":
                await asyncio.to_thread(rabbit.stop)
                if self.servers:
                    stack.callback(rabbit.start)
            self.postgres, self.rabbit = postgres, rabbit
        write_settings(
            self._settings, database=database, broker=broker, feeds=fleet.said["feeds"], portals=portals.said,
            teasers=fleet.said["teasers"],
        )  # fmt: skip
        self.hubs = self.processes()
        stack.callback(self._end_all)
        return fleet, portals, database

    def lasts(self) -> float:
        """Seconds in which the sites write what they write."""
        return max(0.8 * self.plan.kills * SECONDS_A_KILL + self.plan.freezes * LONGEST_LEASE, 25.0)

    def processes(self) -> list[HubProcess]:
        """The hub's, none of them started."""
        roles = CLUSTER if self.plan.mode == "cluster" else {"hub": ()}
        return [HubProcess(name, self._settings, self.folder / f"{name}.log", of) for name, of in roles.items()]

    async def _disturb(self) -> None:
        """Kill, stop and start until the plan is fulfilled. The first starts meet an empty database."""
        plan, chance = self.plan, self.chance
        stops = set(chance.sample(range(plan.kills + plan.stops), plan.stops))
        freezes = (
            set(chance.sample(range(plan.migrations, plan.kills + plan.stops), plan.freezes)) if plan.freezes else set()
        )
        for turn in range(plan.kills + plan.stops):
            await self._start_all()
            if turn < plan.migrations:
                await self._migrating()
                await asyncio.sleep(chance.uniform(0.0, LOOK))
            elif chance.random() < plan.early:
                await self._pass(chance.uniform(0.02, 1.0))
            else:
                await self._at_work(self.chance.choice(self._ledgers))
                await self._pass(chance.uniform(*plan.gap))
            hub = self.hubs[turn % len(self.hubs)]
            if turn in freezes:
                await self._freeze()
            if turn in stops:
                await hub.stop()
                self.stops += 1
            else:
                await hub.kill()
                self.kills += 1
            await self._shake(turn)
        await self._start_all()
        for ledger in self._ledgers:
            await self._at_work(ledger)

    async def _migrating(self) -> None:
        """Wait for the first word in a log after the starts, at most half a minute: it is that of the migration."""
        before = [hub.written() for hub in self.hubs]
        for _ in range(int(30 / CLOSE_LOOK)):
            if [hub.written() for hub in self.hubs] != before:
                return
            await asyncio.sleep(CLOSE_LOOK)

    async def _at_work(self, ledger: Path) -> None:
        """Wait until this side hears of the hubs after the last start, not for ever: kills belong into the work."""
        before = _size(ledger)
        for _ in range(int(15 / LOOK)):
            if _size(ledger) > before:
                return
            await asyncio.sleep(LOOK)

    async def _all_written(self, http: aiohttp.ClientSession, control: str) -> None:
        """Wait until the sites have written all that was planned, while everything still goes wrong."""
        for _ in range(int(180 / LOOK)):
            async with http.get(f"{control}/truth") as answer:
                if (await answer.json())["written"] >= self.plan.items:
                    break
            await asyncio.sleep(LOOK)
        await self._pass(self.plan.gap[1])

    async def _freeze(self) -> None:
        """Let a process stand still for longer than its leases while the others go on; then it wakes in the middle."""
        name = FROZEN[self.freezes % len(FROZEN)]
        [hub] = [hub for hub in self.hubs if hub.name == name]
        await self._at_work(self._ledgers[1])
        if not await hub.look():
            return
        hub.freeze()
        self.freezes += 1
        try:
            for _ in range(round(LONGEST_LEASE / LOOK)):
                await asyncio.sleep(LOOK)
        finally:
            hub.thaw()
        await self._pass(2.0)

    async def _shake(self, turn: int) -> None:
        """What happens to the servers, a few times in the run."""
        whole = self.plan.kills + self.plan.stops
        if turn not in ({whole // 4, whole // 2, 3 * whole // 4} if whole > 10 else {whole // 2}):
            return
        if self.rabbit and self.plan.broker in ("restarted", "wiped"):
            await asyncio.to_thread(self.rabbit.restart if self.plan.broker == "restarted" else self.rabbit.wipe)
            if self.plan.broker == "wiped":
                await asyncio.to_thread(self.rabbit.start)
        if self.postgres and self.plan.database == "killed":
            await asyncio.to_thread(self.postgres.kill)
            await self._pass(self.chance.uniform(0.5, 4.0))
            await asyncio.to_thread(self.postgres.start)

    async def _start_all(self) -> None:
        for hub in self.hubs:
            await hub.start()

    def _end_all(self) -> None:
        for hub in self.hubs:
            hub.end_at_once()

    async def _pass(self, seconds: float) -> None:
        """Let time pass in small steps."""
        for _ in range(max(1, round(seconds / LOOK))):
            await asyncio.sleep(min(seconds, LOOK))

    async def _rest(self, database: str, http: aiohttp.ClientSession, control: str) -> tuple[dict[str, Any], bool]:
        """Wait until every site was read to its end and no row wants anything; tells whether that came.

        A hub that ends by itself is started again, as its keeper would, a few times.
        """
        truth: dict[str, Any] = {}
        async with _reading(database) as rows:
            for _ in range(int(PATIENCE / LOOK)):
                await asyncio.sleep(LOOK)
                if sum(len(hub.own_ends) for hub in self.hubs) > MANY_ENDS:
                    break
                await self._start_all()
                async with http.get(f"{control}/truth") as answer:
                    truth = await answer.json()
                if truth["read"] and await self._wanted(rows) == 0:
                    return truth, True
        return truth, False

    async def _wanted(self, rows: Database) -> int:
        """How many rows want something."""
        with contextlib.suppress(TransientError):
            return await wanting(rows, next(iter(self._waived()), ""))
        return 1

    def _waived(self) -> frozenset[str]:
        return frozenset({"events"} if self.plan.broker == "stopped" else ())

    async def _outcome(self, database: str, truth: dict[str, Any], *, began: float, quiet: float) -> Outcome:
        ledgers, traffic = read_ledgers(*self._ledgers, truth)
        async with _reading(database) as rows:
            state = await read_hub(rows, self._settings)
        findings = check(ledgers, state, waived=self._waived())
        if quiet == float("inf"):
            findings.add("never at rest", f"after {PATIENCE:.0f} s; read to the end: {truth.get('read')}")
        await self._judge_processes(findings)
        return Outcome(
            plan=self.plan, findings=findings, traffic=traffic, seconds=time.monotonic() - began, kills=self.kills,
            stops=self.stops, freezes=self.freezes, articles=len(ledgers.articles), editions=len(state.editions),
            withdrawn=sum(article.gone for article in ledgers.articles.values()), effects=len(ledgers.effects),
            quiet_after=quiet, back_at_work=back_at_work([at for hub in self.hubs for at in hub.starts], traffic.signs),
        )  # fmt: skip

    async def _judge_processes(self, findings: Findings) -> None:
        await self._pass(1.0)  # a reading child ends when it next looks at its input
        for hub in self.hubs:
            # A hub that starts while its database is away, or locked by a frozen process, says so and ends;
            # whoever keeps it starts it again.
            ends = [] if self.plan.database == "killed" or self.freezes else hub.own_ends
            for code in ends:
                findings.add("processes", f"{hub.name} ended by itself with {code}")
            for defect in hub.defects():
                findings.add("processes", f"{hub.name}: {defect}")
            for pid in hub.left_behind():
                findings.add("processes", f"{hub.name} left child {pid} behind")
            if hub.slow_stops:
                findings.add("processes", f"{hub.name} took too long to stop, {hub.slow_stops} times")


@asynccontextmanager
async def _reading(url: str) -> AsyncIterator[Database]:
    """The hub's database beside the hub; it may not be there yet."""
    for _ in range(100):
        with contextlib.suppress(HubError):
            async with await Database.open(url, read_only=True) as database:
                yield database
                return
        await asyncio.sleep(LOOK)
    raise RuntimeError("the hub's database cannot be read")


def _size(path: Path) -> int:
    return path.stat().st_size


def _of(url: str, path: str) -> str:
    return "/".join(url.split("/")[:3]) + path


def _started(stack: AsyncExitStack) -> tuple[PostgresServer, RabbitServer]:
    postgres, rabbit = PostgresServer(), RabbitServer()
    stack.callback(postgres.close)
    stack.callback(rabbit.close)
    postgres.start()
    rabbit.start()
    return postgres, rabbit


async def run(
    plan: Plan, *, keep: Path | None = None, servers: tuple[PostgresServer, RabbitServer] | None = None
) -> Outcome:
    """Run one campaign in a folder of its own, which is removed again unless `keep` names one."""
    folder = keep or Path(tempfile.mkdtemp(prefix="hub-journey-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return await Campaign(plan, folder, servers).run()
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


async def _until_stopped(campaign: Coroutine[Any, Any, Outcome]) -> Outcome:
    """SIGTERM ends it as a failure does: with everything that it started."""
    task = asyncio.ensure_future(campaign)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        loop.add_signal_handler(signal.SIGTERM, lambda: None)  # a second one must not break off the cleaning
        task.cancel()

    loop.add_signal_handler(signal.SIGTERM, stop)
    return await task


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mode", choices=("embedded", "cluster"), default="embedded")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--stops", type=int, default=5)
    parser.add_argument("--freezes", type=int, default=0)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    parser.add_argument("--items", type=int, default=2000)
    parser.add_argument("--broker", choices=("steady", "restarted", "stopped", "wiped"), default="steady")
    parser.add_argument("--database", choices=("steady", "killed"), default="steady")
    parser.add_argument("--keep", type=Path, help="keep logs, ledgers and database in this folder")
    options = vars(parser.parse_args())
    keep = options.pop("keep")
    print(f"seed {options['seed']}", flush=True)
    outcome = asyncio.run(_until_stopped(run(Plan(**options), keep=keep)))
    print("\n".join(outcome.lines()))
    sys.exit(bool(outcome.findings))


if __name__ == "__main__":
    main()
