"""Plays many histories on all cores and adds up what was seen; also with planted faults, or one history again."""

import gc
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from time import monotonic, process_time
from typing import Final

from tests.simulation.history import Steps, Told
from tests.simulation.planted import PLANTED
from tests.simulation.process import Parts
from tests.simulation.steps import HAPPENS, HARSH
from tests.simulation.verdicts import PROMISES
from tests.simulation.world import PARTS, Ground, play, prepare

#: Histories that one process plays before it hands over what it saw.
BATCH: Final = 5
#: Histories after which a planted fault counts as not found.
ENOUGH: Final = 200


@dataclass(slots=True)
class Total:
    """What many histories came to."""

    histories: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    deaths: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    transitions: set[tuple[str, ...]] = field(default_factory=set)
    states: set[int] = field(default_factory=set)
    failed: list[tuple[int, list[str]]] = field(default_factory=list)  #: seeds, with examples
    seconds: float = 0.0  #: of processor time

    def add(self, told: Told) -> None:
        """One more history."""
        self.histories += 1
        if told.broken:
            self.failed.append((told.seed, told.examples))
        self._sum(told)

    def join(self, other: "Total") -> None:
        """Those of another process."""
        self.histories += other.histories
        self.seconds += other.seconds
        self.failed += other.failed
        self._sum(other)

    def _sum(self, other: "Told | Total") -> None:
        self.steps += other.steps
        self.deaths += other.deaths
        self.counts += other.counts
        self.broken += other.broken
        self.transitions |= other.transitions
        self.states |= other.states

    def lines(self, wall: float) -> Iterator[str]:
        """The table."""
        yield f"{self.histories:10,} histories, {self.steps.total():,} steps, {self.deaths.total():,} deaths"
        yield f"{self.seconds:10,.0f} s of processor time, {wall:,.0f} s by the clock"
        yield f"{len(self.states):10,} distinct states, {len(self.transitions):,} distinct transitions of rows"
        yield "\nseen"
        for name, number in sorted(self.counts.items()):
            yield f"{number:14,} {name}"
        yield "\nsteps"
        for name, number in self.steps.most_common():
            yield f"{number:14,} {name}"
        yield "\ndeaths"
        for name, number in self.deaths.most_common():
            yield f"{number:14,} {name}"
        yield "\nbroken promises"
        for promise, meaning in PROMISES.items():
            yield f"{self.broken[promise]:14,} {promise:4} {meaning}"
        for seed, examples in sorted(self.failed)[:20]:
            yield f"\nseed {seed}"
            yield from (f"    {example}" for example in examples)


_ground: Ground | None = None


def _begin(folder: Path, template: Path | None = None) -> None:
    """Once in each process: a place of its own. What was imported is never looked at again by the collector."""
    global _ground
    _ground = prepare(Path(tempfile.mkdtemp(dir=folder)), template)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _batch(seeds: range, steps: int, harsh: bool) -> Total:
    assert _ground is not None
    return batch(_ground, seeds, steps, happens=HARSH if harsh else HAPPENS)


def batch(
    ground: Ground, seeds: range, steps: int, parts: Parts = PARTS, happens: Steps = HAPPENS
) -> Total:  # fmt: skip
    """What these seeds came to. A broken history is told at once: a long run may be stopped before its table."""
    total, began = Total(), process_time()
    for seed in seeds:
        try:
            told = play(ground, seed, parts=parts, steps=steps, happens=happens)
        except Exception as error:
            _tell(seed, f"ended by {error!r}")
            raise
        if told.broken:
            _tell(seed, f"broke {dict(told.broken)}  {told.examples[0]}")
        total.add(told)
    total.seconds = process_time() - began
    return total


def _tell(seed: int, what: str) -> None:
    print(f"seed {seed} {what}", file=sys.stderr, flush=True)


def _caught(name: str, steps: int) -> tuple[str, int, dict[str, int], list[str]]:
    """After how many histories a planted fault was found, and as what."""
    assert _ground is not None
    fault = PLANTED[name]
    for seed in range(1, ENOUGH + 1):
        told = play(_ground, seed, parts=fault.parts(), steps=steps, happens=fault.happens)
        if told.broken.keys() & fault.breaks:
            return name, seed, dict(told.broken), told.examples[:1]
    return name, 0, {}, []


def _processes(number: int, folder: Path) -> ProcessPoolExecutor:
    ground = prepare(folder / "first")
    return ProcessPoolExecutor(number, get_context("spawn"), _begin, (folder, ground.template))


def run(histories: int, seed: int, steps: int, processes: int, folder: Path, *, harsh: bool = False) -> Total:
    """Histories of these seeds, on so many processes."""
    total, began, told = Total(), monotonic(), 0
    batches = [range(at, min(at + BATCH, seed + histories)) for at in range(seed, seed + histories, BATCH)]
    with _processes(processes, folder) as pool:
        for part in pool.map(_batch, batches, [steps] * len(batches), [harsh] * len(batches)):
            total.join(part)
            if total.histories >= told + 500:
                told = total.histories
                print(f"{told:10,} histories after {monotonic() - began:,.0f} s, broken: {dict(total.broken)}",
                      file=sys.stderr, flush=True)  # fmt: skip
    return total


def planted(steps: int, processes: int, folder: Path) -> bool:
    """A line for each planted fault; whether all were found."""
    found_all = True
    with _processes(processes, folder) as pool:
        print(f"{'histories':>9}  {'planted fault':22} broken")
        for name, after, broken, examples in pool.map(_caught, PLANTED, [steps] * len(PLANTED)):
            found_all &= bool(after)
            print(f"{after or 'none':>9}  {name:22} {broken}  {' '.join(examples)[:100]}", flush=True)
    return found_all


def replay(seed: int, steps: int, folder: Path, *, harsh: bool = False) -> bool:
    """One history, for a person; whether every promise was kept."""
    _begin(folder)
    assert _ground is not None
    told = play(_ground, seed, steps=steps, happens=HARSH if harsh else HAPPENS)
    print(*told.lines, sep="\n")
    print(f"digest {told.digest}, {dict(told.counts)}")
    print(*told.examples, sep="\n")
    return not told.broken
