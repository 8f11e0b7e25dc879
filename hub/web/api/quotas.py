"""How often the API may be asked, counted by minutes in this process: per key, or per address without one."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

#: Addresses and keys that are remembered at once; the one that was seen longest ago is forgotten first.
REMEMBERED: Final = 20_000
MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a minute."""

    limit: int
    left: int  #: requests that may still be made; negative: this one was one too many
    seconds: int  #: until the next minute begins

    def headers(self) -> dict[str, str]:
        """As callers are told (RateLimit fields of the IETF's draft, in their widely used form)."""
        return {
            "RateLimit-Limit": str(self.limit), "RateLimit-Remaining": str(max(0, self.left)),
            "RateLimit-Reset": str(self.seconds),
        }  # fmt: skip


@dataclass(slots=True)
class Quotas:
    """Counts of the running minute."""

    _counts: OrderedDict[str, tuple[int, int]] = field(default_factory=OrderedDict)

    def take(self, who: str, limit: int, now: datetime) -> Allowance:
        """One more request of somebody."""
        seconds = int(now.timestamp())
        minute = seconds // MINUTE
        began, count = self._counts.pop(who, (minute, 0))
        count = count + 1 if began == minute else 1
        self._counts[who] = (minute, count)
        if len(self._counts) > REMEMBERED:
            self._counts.popitem(last=False)
        return Allowance(limit, limit - count, MINUTE - seconds % MINUTE)
