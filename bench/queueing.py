"""Where more workers stop helping: a simulation of queues with the service times that bench/scale.py measured.

    PYTHONPATH=. .venv/bin/python bench/queueing.py
    PYTHONPATH=. .venv/bin/python bench/queueing.py --normalise 5.0 --database 4.3 --broker 0.2 --cores 8

First 1 to 64 normalise workers with more captures than they can take; then 34 provinces on one hub at the busiest hour
of a day. A capture goes through the broker, a worker (a processor of its own, a dozen captures in hand), the database's
processors and a commit; each item leaves events, of which the schedule role seals a batch at each look. Times are
exponential about their means; one seed, so the same figures each time.
"""

import argparse
import heapq
import itertools
import random
import statistics
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from hub.schedule import SEAL_ROUNDS, TICK

#: events that one look of the schedule role seals at most (hub/store/unit.py: Store.seal)
SEALED = 500 * SEAL_ROUNDS
#: captures that one worker has in hand (hub/stages/normalise.py)
IN_HAND = 12
SEED = 20_261_122
#: what is simulated of a saturated hub, and of a busy hour, in seconds
SATURATED, HOUR = 60.0, 1_200.0
#: new items of one province on a day, the share of the busiest hour, and items of one capture that brings any
A_DAY, BUSIEST, A_CAPTURE = 3_000, 0.15, 1.5
PROVINCES = 34


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds an item, unless it says otherwise."""

    normalise: float
    database: float
    broker: float  #: a capture
    commit: float  #: a capture
    events: float  #: of one item


class Station:
    """So many servers with one queue."""

    def __init__(self, clock: "Simulation", servers: int) -> None:
        self._clock, self._free, self.servers = clock, servers, servers
        self._waiting: deque[tuple[float, Callable[[], None]]] = deque()
        self.busy = 0.0

    def serve(self, seconds: float, then: Callable[[], None]) -> None:
        """Work so long, as soon as a server is free."""
        self._waiting.append((seconds, then))
        self._begin()

    def _begin(self) -> None:
        while self._free and self._waiting:
            seconds, then = self._waiting.popleft()
            self._free -= 1
            self.busy += seconds
            self._clock.after(seconds, lambda then=then: self._end(then))  # type: ignore[misc]

    def _end(self, then: Callable[[], None]) -> None:
        self._free += 1
        then()
        self._begin()


class Simulation:
    """One hub, for so many seconds."""

    def __init__(self, times: Times, *, workers: int, cores: int, items: float) -> None:
        self._times, self._items, self._rng = times, items, random.Random(SEED)
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._number = itertools.count()
        self.now = 0.0
        self.workers, self.database = Station(self, workers), Station(self, cores)
        self.broker = Station(self, 1)
        self._hands = IN_HAND * workers
        self._queue: deque[tuple[float, int]] = deque()
        self.stored, self.waited = 0, list[float]()
        self.unsealed = deque[float]()
        self.sealed_after = list[float]()

    def after(self, seconds: float, do: Callable[[], None]) -> None:
        """Do something later."""
        heapq.heappush(self._events, (self.now + seconds, next(self._number), do))

    def run(self, until: float, *, rate: float | None) -> None:
        """Captures at a rate a second, or always more than there are hands for."""
        self._rate = rate
        self.after(TICK, self._seal)
        if rate is None:
            for _ in range(self._hands):
                self._come()
        else:
            self._arrive()
        while self._events and self._events[0][0] < until:
            self.now, _, do = heapq.heappop(self._events)
            do()

    def _draw(self, milliseconds: float) -> float:
        return self._rng.expovariate(1_000 / milliseconds)

    def _arrive(self) -> None:
        assert self._rate
        self._come()
        self.after(self._rng.expovariate(self._rate), self._arrive)

    def _come(self) -> None:
        count = 1 + int(self._rng.expovariate(1 / max(self._items - 0.5, 0.01)))
        self._queue.append((self.now, count))
        self.broker.serve(self._draw(self._times.broker), self._claim)

    def _claim(self) -> None:
        if self._hands and self._queue:
            self._hands -= 1
            came, count = self._queue.popleft()
            self.workers.serve(self._sum(self._times.normalise, count), lambda: self._write(came, count))

    def _write(self, came: float, count: int) -> None:
        self.database.serve(
            self._sum(self._times.database, count),
            lambda: self.after(self._draw(self._times.commit), lambda: self._done(came, count)),
        )

    def _sum(self, milliseconds: float, count: int) -> float:
        return sum(self._draw(milliseconds) for _ in range(count))

    def _done(self, came: float, count: int) -> None:
        self._hands += 1
        self.stored += count
        self.waited.append(self.now - came)
        self.unsealed.extend([self.now] * round(count * self._times.events))
        if self._rate is None:
            self._come()
        self._claim()

    def _seal(self) -> None:
        for _ in range(min(SEALED, len(self.unsealed))):
            self.sealed_after.append(self.now - self.unsealed.popleft())
        self.after(TICK, self._seal)

    def shares(self) -> dict[str, float]:
        """How busy each station was."""
        stations = {"workers": self.workers, "database": self.database, "broker": self.broker}
        found = {name: one.busy / one.servers / self.now for name, one in stations.items()}
        return found | {"sealing": len(self.sealed_after) / (self.now / TICK * SEALED)}


def main() -> None:
    """Both tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--normalise", type=float, default=5.0, help="ms of a worker's processor an item")
    parser.add_argument("--database", type=float, default=4.3, help="ms of PostgreSQL's processors an item")
    parser.add_argument("--broker", type=float, default=0.2, help="ms of RabbitMQ a capture")
    parser.add_argument("--commit", type=float, default=3.0, help="ms until a disk has a commit")
    parser.add_argument("--events", type=float, default=2.0, help="events of an item: it is approved, it is delivered")
    parser.add_argument("--cores", type=int, default=8, help="processors of the database")
    given = parser.parse_args()
    times = Times(given.normalise, given.database, given.broker, given.commit, given.events)
    print(f"{times}, {given.cores} processors of the database")
    print("| workers | items a second | workers busy | database | broker | sealing | events not sealed yet |")
    print("|---|---|---|---|---|---|---|")
    for workers in (1, 2, 4, 8, 16, 32, 64):
        hub = Simulation(times, workers=workers, cores=given.cores, items=20)
        hub.run(SATURATED, rate=None)
        shares = " | ".join(f"{one:.0%}" for one in hub.shares().values())
        print(f"| {workers} | {hub.stored / hub.now:,.0f} | {shares} | {len(hub.unsealed):,} |")
    print()
    print(
        "| provinces | workers | items a second | workers busy | database | broker | sealing | stored: p50 / p99 ms |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for provinces, workers in ((1, 1), (PROVINCES, 1), (PROVINCES, 2), (10 * PROVINCES, 2), (10 * PROVINCES, 4)):
        rate = provinces * A_DAY * BUSIEST / 3_600 / A_CAPTURE
        hub = Simulation(times, workers=workers, cores=given.cores, items=A_CAPTURE)
        hub.run(HOUR, rate=rate)
        shares = " | ".join(f"{one:.0%}" for one in hub.shares().values())
        cuts = statistics.quantiles(hub.waited, n=100)
        waits = f"{cuts[49] * 1e3:.0f} / {cuts[98] * 1e3:.0f}"
        print(f"| {provinces} | {workers} | {hub.stored / hub.now:,.1f} | {shares} | {waits} |")


if __name__ == "__main__":
    main()
