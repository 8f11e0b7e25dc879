"""What a command cost: wall time, processor seconds and peak memory of its process tree, and of a daemon it talked to.

Linux only (/proc). Memory is the sum of what each process holds; pages that processes share count in each.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
#: seconds between two looks at the memory; and looks between two searches for new processes, which read all of /proc:
#: done each time they took a tenth of a core from what was measured
LOOK, LOOKS_FOR_NEW = 0.03, 10
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds, processor seconds, bytes."""

    wall: float
    cpu: float
    peak: int


def _stat(pid: int) -> tuple[int, float, int] | None:
    """Parent, processor seconds (with children that ended), bytes held."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    return int(fields[1]), sum(map(int, fields[11:15])) / TICK, int(fields[21]) * PAGE


def tree(*roots: int) -> dict[int, tuple[float, int]]:
    """Processor seconds and bytes of these processes and all below them."""
    alive = {pid: stat for name in os.listdir("/proc") if name.isdigit() if (stat := _stat(pid := int(name)))}
    children: dict[int, list[int]] = {}
    for pid, (parent, _, _) in alive.items():
        children.setdefault(parent, []).append(pid)
    found, left = {}, [pid for pid in roots if pid in alive]
    while left:
        pid = left.pop()
        found[pid] = alive[pid][1:]
        left += children.get(pid, [])
    return found


def cpu(*roots: int) -> float:
    """Processor seconds of the trees so far."""
    return sum(seconds for seconds, _ in tree(*roots).values())


def memory(*roots: int) -> int:
    """Bytes that the trees hold now."""
    return sum(held for _, held in tree(*roots).values())


def held(pids: Iterable[int]) -> int:
    """Bytes that these processes hold now; one that has ended holds none."""
    return sum(stat[2] for pid in pids if (stat := _stat(pid)))


def run(
    command: Sequence[str | Path], *, daemon: int | None = None, env: Mapping[str, str] | None = None,
    cwd: Path | None = None, timeout: float = 1_800,
) -> Cost:  # fmt: skip
    """Run a command to its end. `daemon` is the root of a tree that works for it meanwhile.

    Raises RuntimeError with the end of what it printed when it fails.
    """
    roots = [] if daemon is None else [daemon]
    worked, peak, done = cpu(*roots), 0, threading.Event()
    log = (cwd or Path()) / "command.log"
    with log.open("wb") as said:
        began = time.perf_counter()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=env, cwd=cwd)

        def watch() -> None:
            nonlocal peak
            known: Iterable[int] = ()
            for look in count():
                if done.wait(LOOK):
                    return
                if look % LOOKS_FOR_NEW == 0:
                    known = tree(child.pid, *roots)
                peak = max(peak, held(known))

        looking = threading.Thread(target=watch)
        looking.start()
        ender = threading.Timer(timeout, child.kill)
        ender.start()
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    ender.cancel()
    done.set()
    looking.join()
    if child.returncode:
        tail = log.read_text("utf-8", "replace")[-1_000:]
        raise RuntimeError(f"{command[0]} ended with {child.returncode}: {tail}")
    return Cost(wall, used.ru_utime + used.ru_stime + cpu(*roots) - worked, max(peak, used.ru_maxrss * 1_024))


def machine() -> str:
    """What the figures were measured on."""
    return f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}"
