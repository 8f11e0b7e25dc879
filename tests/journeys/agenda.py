"""What happens at its moment on a clock that a campaign sets: late calls land, reads catch up."""

import heapq
import itertools
from collections.abc import Awaitable, Callable
from datetime import datetime

from tests.clock import Clock

Happening = Callable[[], Awaitable[None]]


class Agenda:
    """Happenings in the order of their moments; the clock never passes one by."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._order = itertools.count()
        self._ahead: list[tuple[datetime, int, Happening]] = []

    def __len__(self) -> int:
        """How many are ahead."""
        return len(self._ahead)

    def at(self, moment: datetime, happens: Happening) -> None:
        """Something will happen then."""
        heapq.heappush(self._ahead, (moment, next(self._order), happens))

    def hasten(self, latest: datetime) -> None:
        """All of it happens by then."""
        self._ahead = [(min(moment, latest), number, happens) for moment, number, happens in self._ahead]
        heapq.heapify(self._ahead)

    async def go_to(self, until: datetime) -> None:
        """Set the clock; what happens on the way happens at its moment."""
        while self._ahead and self._ahead[0][0] <= until:
            moment, _, happens = heapq.heappop(self._ahead)
            self._set(moment)
            await happens()
        self._set(until)

    async def finish(self) -> None:
        """All that is ahead happens now."""
        while self._ahead:
            await heapq.heappop(self._ahead)[2]()

    def _set(self, moment: datetime) -> None:
        self._clock.advance(seconds=max((moment - self._clock.now()).total_seconds(), 0.0))
