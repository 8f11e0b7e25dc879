"""The hub beside other readers, in one run: first poll, nothing new, one new item a feed.

    PYTHONPATH=. .venv/bin/python bench/peers.py --feeds 200 --rounds 3
    PYTHONPATH=. .venv/bin/python bench/peers.py --feeds 2000 --rounds 1 --peers "hub run,newsboat" --idle 60
    PYTHONPATH=. .venv/bin/python bench/peers.py --feeds 2000 --items 1 --rounds 0 --idle 60

Every round takes the peers in turn, each with a fresh store, so that the machine's moods hit all alike. What each costs
is its whole process tree, and of `hub run` the hub that works meanwhile. Before the second poll one is not counted:
newsboat sends its validators only then. Nothing leaves the machine: all runs in a network namespace of its own with
loopback alone (or, where the system forbids that, on loopback).
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import measuring
from bench.measuring import MIB, Cost
from bench.readers import PEERS, HubRun, Peer
from bench.sites import Sites, serving

POLLS = ("first poll, all new", "nothing new", "one new item a feed")
INSIDE = "HUB_BENCH_NAMESPACE"


def enter_namespace() -> None:
    """Begin anew where there is no network but loopback."""
    if os.environ.get(INSIDE):
        return
    enter = ["unshare", "--net", *([] if os.getuid() == 0 else ["--map-root-user"])]
    if shutil.which("unshare") is None or subprocess.run([*enter, "true"], capture_output=True).returncode:
        print("no network namespace here; on loopback", file=sys.stderr)
        return
    os.environ[INSIDE] = "1"
    words = [*enter, "sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, *sys.argv]
    os.execvp(enter[0], words)


def three_polls(peer: Peer, sites: Sites) -> Iterator[tuple[Cost, int]]:
    """Cost of each poll, and the items held after it."""
    for number, phase in enumerate((0, 0, 1)):
        sites.show(phase)
        for counts in (False, True) if number == 1 else (True,):
            cost = measuring.run(peer.poll(), daemon=peer.daemon, env=peer.env(), cwd=peer.folder)
            if counts:
                yield cost, peer.count()


def idle(peer: HubRun, seconds: float) -> None:
    """What a hub costs that has nothing to do; a minute after its work it holds less."""
    assert peer.daemon is not None
    before, held, until = measuring.cpu(peer.daemon), [measuring.memory(peer.daemon)], time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0.5)
        held.append(measuring.memory(peer.daemon))
    share = (measuring.cpu(peer.daemon) - before) / seconds
    said = f"idle over {seconds:.0f} s: {share:.2%} of a core"
    print(f"{said}, {max(held) / MIB:.0f} MiB at most, {held[-1] / MIB:.0f} MiB at the end", flush=True)


def idle_unpolled(sites: Sites, seconds: float) -> None:
    """The same of a hub that has its sources and has polled none of them yet."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        hub = HubRun(Path(folder) / "peer", sites.urls)
        hub.set_up()
        try:
            idle(hub, seconds)
        finally:
            hub.end()


Found = dict[str, list[list[tuple[Cost, int]]]]


def measure(names: Sequence[str], sites: Sites, rounds: int, seconds: float) -> Found:
    """Rounds of each peer."""
    found: Found = {name: [] for name in names}
    for number in range(rounds):
        for name in names:
            with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
                peer = PEERS[name](Path(folder) / "peer", sites.urls)
                peer.set_up()
                try:
                    polls = []
                    for cost, items in three_polls(peer, sites):
                        polls.append((cost, items))
                        said = f"  {name:9} round {number + 1} poll {len(polls)}: wall {cost.wall:7.2f}"
                        said += f" cpu {cost.cpu:7.2f} {cost.peak / MIB:5.0f} MiB {items:6} items"
                        said += f", load {os.getloadavg()[0]:.0f}"
                        print(said, file=sys.stderr, flush=True)
                    found[name].append(polls)
                    if seconds and number == 0 and isinstance(peer, HubRun):
                        idle(peer, seconds)
                finally:
                    peer.end()
    return found


def table(found: Found, versions: dict[str, str]) -> Iterator[str]:
    """Medians as a table; first what each costs as a multiple of the first peer, of the rounds' ratios the median."""
    base = next(iter(found))
    yield f"| poll | | CPU, × {base} | wall, × {base} | CPU s | wall s | peak MiB | items |"
    yield "|---|---|---|---|---|---|---|---|"
    for number, poll in enumerate(POLLS):
        for name, rounds in found.items():
            costs = [polls[number][0] for polls in rounds]
            first = [polls[number][0] for polls in found[base]]
            by_cpu = statistics.median(a.cpu / max(b.cpu, 0.01) for a, b in zip(costs, first, strict=True))
            by_wall = statistics.median(a.wall / b.wall for a, b in zip(costs, first, strict=True))
            cpu, wall = (statistics.median(getattr(one, what) for one in costs) for what in ("cpu", "wall"))
            peak = statistics.median(one.peak for one in costs) / MIB
            items = rounds[-1][number][1]
            yield (
                f"| {poll} | {name} {versions[name]} | {by_cpu:.2f} | {by_wall:.2f} | {cpu:.2f} | {wall:.2f} |"
                f" {peak:.0f} | {items:,} |"
            )


def main() -> None:
    """Measure what there is, print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--items", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--idle", type=float, default=0.0, help="seconds for which an idle hub is watched")
    given = parser.parse_args()
    versions = {name: version for name in given.peers.split(",") if (version := PEERS[name].version())}
    enter_namespace()
    with serving(given.feeds, given.items) as sites:
        if not given.rounds:
            idle_unpolled(sites, given.idle)
            return
        found = measure(list(versions), sites, given.rounds, given.idle)
    print(f"{given.feeds:,} feeds x {given.items} items, medians of {given.rounds}; {measuring.machine()}")
    print("\n".join(table(found, versions)))


if __name__ == "__main__":
    main()
