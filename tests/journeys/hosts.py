"""Many hosts: ten processes in network namespaces of their own, one PostgreSQL, one RabbitMQ, and links that break.

    python -m tests.journeys.hosts --seed 1 --items 600 --rounds 2 [--seconds 8] [--keep FOLDER]

Three harvest, three normalise, three deliver, one schedules. In each round every link of every kind of host breaks, on
one host of the kind: silently, as packets are lost, or with resets. Each heals after a while, shorter and longer than
leases last. Sites and portals fail meanwhile as in the campaign (tests/journeys/campaign.py), whose checker compares
what sites served with what portals were shown. Needs root, for `ip netns`.
"""

import argparse
import asyncio
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.journeys.campaign import LONGEST_LEASE, Campaign
from tests.journeys.hubs import HubProcess, Side
from tests.journeys.ledgers import TREE
from tests.journeys.plan import Plan
from tests.journeys.relay import Crossing

KINDS = ("harvest", "normalise", "deliver")
HOSTS = {f"{kind}-{number}": (kind,) for kind in KINDS for number in (1, 2, 3)} | {"schedule": ("schedule",)}
#: what each kind of host talks to
LINKS = {
    "harvest": ("database", "broker", "sites"), "normalise": ("database", "broker"),
    "deliver": ("database", "broker", "portals"), "schedule": ("database", "broker"),
}  # fmt: skip
BREAKS = ("cut", "refuse")
#: each so many breaks one lasts for longer than a lease of what is in hand
NINTH = 9


@dataclass(slots=True)
class Host:
    """A network namespace with loopback alone, and a relay to the outside."""

    name: str
    namespace: str
    _relay: asyncio.subprocess.Process | None = None

    @classmethod
    async def make(cls, name: str, crossing: Path, links: dict[str, list[str]]) -> "Host":
        """With links to these addresses."""
        host = cls(name, f"hub-{os.getpid()}-{name}")
        _ip("netns", "add", host.namespace)
        _ip("-n", host.namespace, "link", "set", "lo", "up")
        host._relay = await asyncio.create_subprocess_exec(
            *host.inside, sys.executable, "-m", "tests.journeys.relay", str(crossing), cwd=TREE,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(TREE)}, start_new_session=True,
        )  # fmt: skip
        host.tell(json.dumps(links))
        assert host._relay.stdout is not None
        async with asyncio.timeout(30):
            assert await host._relay.stdout.readline() == b"ready\n"
        return host

    @property
    def inside(self) -> tuple[str, ...]:
        """Words before a command that runs there."""
        return ("ip", "netns", "exec", self.namespace)

    def tell(self, line: str) -> None:
        """Say something to the relay."""
        assert self._relay is not None
        assert self._relay.stdin is not None
        self._relay.stdin.write(f"{line}\n".encode())

    async def close(self) -> None:
        """End the relay and remove the namespace."""
        if self._relay is not None:
            assert self._relay.stdin is not None
            self._relay.stdin.close()
            await self._relay.wait()
        _ip("netns", "delete", self.namespace)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, timeout=30)


@dataclass(slots=True)
class Partition:
    """One link that was broken."""

    host: str
    link: str
    how: str
    seconds: float


class ManyHosts(Campaign):
    """A campaign whose processes stand on hosts, and whose links break instead of its processes."""

    def __init__(self, plan: Plan, folder: Path, *, rounds: int, seconds: float) -> None:
        super().__init__(plan, folder)
        self.rounds, self.seconds = rounds, seconds
        self.hosts: list[Host] = []
        self.partitions: list[Partition] = []

    async def _set_up(self, stack: AsyncExitStack) -> tuple[Side, Side, str]:
        fleet, portals, database = await super()._set_up(stack)
        assert self.postgres is not None
        assert self.rabbit is not None
        crossing = Crossing(self.folder / "crossing")
        await crossing.start()
        stack.push_async_callback(crossing.close)
        outside = {
            "database": [_address(database)],
            "broker": [f"127.0.0.1:{self.rabbit.port}"],
            "sites": sorted({_address(url) for url in fleet.said["feeds"].values()}),
            "portals": sorted({_address(url) for url in portals.said.values()}),
        }
        for process in self.hubs:
            host = await Host.make(process.name, crossing.path, outside)
            stack.push_async_callback(host.close)
            self.hosts.append(host)
            process.inside = host.inside
        return fleet, portals, database

    def lasts(self) -> float:
        """As long as links break."""
        breaks = len(BREAKS) * self.rounds * sum(map(len, LINKS.values()))
        return breaks * (self.seconds / 2 + 1.0) + breaks // NINTH * LONGEST_LEASE

    def processes(self) -> list[HubProcess]:
        """One on each host."""
        return [HubProcess(name, self._settings, self.folder / f"{name}.log", of) for name, of in HOSTS.items()]

    async def _disturb(self) -> None:
        await self._start_all()
        for ledger in self._ledgers:
            await self._at_work(ledger)
        for turn, (kind, how) in enumerate(itertools.product(LINKS, BREAKS), start=1):
            for link in LINKS[kind]:
                for round_number in range(self.rounds):
                    await self._break(turn + round_number, kind, link, how)

    async def _break(self, turn: int, kind: str, link: str, how: str) -> None:
        """Break a link of one host for a while."""
        named = [host for host in self.hosts if host.name.startswith(kind)]
        host = named[turn % len(named)]
        longer = len(self.partitions) % NINTH == NINTH - 1
        seconds = LONGEST_LEASE if longer else self.chance.uniform(0.5, self.seconds)
        await self._start_all()
        host.tell(f"{how} {link}")
        await self._pass(seconds)
        host.tell(f"heal {link}")
        self.partitions.append(Partition(host.name, link, how, seconds))
        await self._pass(self.chance.uniform(0.2, 2.0))

    def lines(self) -> list[str]:
        """How often each link was broken, and for how long."""
        said = ["link                     cut  refused  longest s"]
        for kind, links in LINKS.items():
            for link in links:
                of = [one for one in self.partitions if one.host.startswith(kind) and one.link == link]
                counts = [sum(one.how == how for one in of) for how in BREAKS]
                longest = max((one.seconds for one in of), default=0.0)
                said.append(f"{kind + ' - ' + link:22} {counts[0]:5} {counts[1]:8} {longest:10.1f}")
        return said


def _address(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}"


async def _run(plan: Plan, folder: Path, rounds: int, seconds: float) -> Sequence[str]:
    campaign = ManyHosts(plan, folder, rounds=rounds, seconds=seconds)
    outcome = await campaign.run()
    ended = sum(len(hub.own_ends) for hub in campaign.hubs)
    lines = [*campaign.lines(), f"processes that ended by themselves and were started again: {ended}", ""]
    if outcome.findings:
        lines.insert(0, "NOT ALL ZERO")
    return [*lines, *outcome.lines()]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    parser.add_argument("--items", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=2, help="how often each link breaks in each way")
    parser.add_argument("--seconds", type=float, default=8.0, help="for how long at most, but for each ninth time")
    parser.add_argument("--keep", type=Path, help="keep logs and ledgers in this folder")
    given = parser.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="hub-hosts-"))
    folder.mkdir(parents=True, exist_ok=True)
    plan = Plan(mode="cluster", kills=0, stops=0, migrations=0, seed=given.seed, items=given.items)
    try:
        lines = asyncio.run(_run(plan, folder, given.rounds, given.seconds))
    finally:
        if given.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(lines))
    sys.exit(lines[0] == "NOT ALL ZERO")


if __name__ == "__main__":
    main()
