"""Who may read a body now: memory is lent, and whoever is slow with it holds nobody up.

    its first 64 KiB   without a place, counted as they come: who sends a letter a second holds a letter
    more than that     one of twelve places, in turn, four at most for one address
    none is free       who waits takes the place of the slowest, if that is slower than a poor line

All bodies together hold what sixteen whole ones are. hub/web/bodies.py reads them.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

#: Seconds between two looks of one who waits.
LOOK = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much is lent, and to whom."""

    whole: int  #: bytes of the largest body
    places: int = 12  #: bodies that may grow to it at once
    of_one: int = 4  #: of them from one address
    small: int = 64 * 1024  #: bytes that a body may have without a place
    without: int = 4  #: whole bodies that all bytes without a place are, at most; one of them for one address
    poor: float = 64 * 1024.0  #: bytes a second; slower than this is slow
    patience: float = 2.0  #: seconds that one may fall behind it, however fast one was before


@dataclass(slots=True, eq=False)
class Loan:
    """What one body holds."""

    who: str  #: the address it comes from
    until: asyncio.Timeout
    size: int = 0  #: bytes
    recalled: bool = False


@dataclass(slots=True)
class Places:
    """The memory that bodies may hold in this process."""

    bounds: Bounds
    now: Callable[[], float]
    _small: Counter[str] = field(default_factory=Counter)  #: bytes without a place, by address
    _all_small: int = 0
    _lent: dict[Loan, float] = field(default_factory=dict)  #: places, and when each is slow unless more comes
    _waiting: dict[Loan, asyncio.Future[None]] = field(default_factory=dict)

    @property
    def held(self) -> int:
        """Bytes that are lent; a place counts as a whole body."""
        return self._all_small + len(self._lent) * self.bounds.whole

    @asynccontextmanager
    async def loan(self, who: str) -> AsyncIterator[Loan]:
        """For one body. Raises TimeoutError once it was slow while others waited."""
        async with asyncio.timeout(None) as until:
            loan = Loan(who, until)
            try:
                yield loan
            finally:
                self._give_back(loan)

    async def grow(self, loan: Loan, size: int) -> None:
        """So many bytes more; waits for a place if they need one."""
        if loan not in self._lent and not self._fits(loan, size):
            await self._place(loan)
        loan.size += size
        if loan in self._lent:
            now = self.now()
            earned = max(self._lent[loan], now) + size / self.bounds.poor
            self._lent[loan] = min(earned, now + self.bounds.patience)
        else:
            self._count(loan, size)

    def _fits(self, loan: Loan, size: int) -> bool:
        """Whether it needs no place."""
        bounds = self.bounds
        return (
            loan.size + size <= bounds.small
            and self._small[loan.who] + size <= bounds.whole
            and self._all_small + size <= bounds.whole * bounds.without
        )

    async def _place(self, loan: Loan) -> None:
        waiting = self._waiting[loan] = asyncio.get_running_loop().create_future()
        self._hand_out()
        try:
            while not waiting.done():
                self._recall_for(loan)
                await asyncio.wait([waiting], timeout=LOOK)
        finally:
            self._waiting.pop(loan, None)

    def _hand_out(self) -> None:
        """Free places, to who waits for longest and has not its share."""
        for loan, waiting in list(self._waiting.items()):
            if len(self._lent) < self.bounds.places and len(self._of(loan.who)) < self.bounds.of_one:
                self._lent[loan] = self.now() + self.bounds.patience
                self._count(loan, -loan.size)
                del self._waiting[loan]
                waiting.set_result(None)

    def _recall_for(self, loan: Loan) -> None:
        """Take the place of the slowest that stands in this one's way."""
        own = self._of(loan.who)
        in_its_way = own if len(own) >= self.bounds.of_one else list(self._lent)
        now = self.now()
        slow = [each for each in in_its_way if self._lent[each] < now and not each.recalled]
        if slow:
            slowest = min(slow, key=lambda each: self._lent[each])
            slowest.recalled = True
            slowest.until.reschedule(asyncio.get_running_loop().time())

    def _of(self, who: str) -> list[Loan]:
        return [each for each in self._lent if each.who == who]

    def _count(self, loan: Loan, size: int) -> None:
        self._all_small += size
        self._small[loan.who] += size
        if not self._small[loan.who]:
            del self._small[loan.who]

    def _give_back(self, loan: Loan) -> None:
        if self._lent.pop(loan, None) is None:
            self._count(loan, -loan.size)
        else:
            self._hand_out()
