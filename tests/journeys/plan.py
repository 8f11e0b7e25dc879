"""What one campaign does, and what came of it."""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Literal

from tests.journeys.findings import Findings
from tests.journeys.ledgers import Traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one campaign does."""

    mode: Literal["embedded", "cluster"] = "embedded"
    kills: int = 100
    stops: int = 5  #: graceful ones, beside the kills
    seed: int = 1
    items: int = 2000
    sites: int = 12
    gap: tuple[float, float] = (0.1, 5.0)  #: seconds from the first sign of life after a start to the next kill
    freezes: int = 0  #: processes of a cluster that stand still for longer than their leases, and wake again
    migrations: int = 3  #: kills, the first ones, that wait for the first migration to begin
    early: float = 0.25  #: share of kills within a second of a start
    broker: Literal["steady", "restarted", "stopped", "wiped"] = "steady"
    database: Literal["steady", "killed"] = "steady"


@dataclass(slots=True)
class Outcome:
    """What came of it."""

    plan: Plan
    findings: Findings
    traffic: Traffic
    seconds: float
    kills: int
    stops: int
    freezes: int
    articles: int
    editions: int
    withdrawn: int
    effects: int
    quiet_after: float  #: seconds from the last fault to rest
    back_at_work: list[float] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The table."""
        plan, t = self.plan, self.traffic
        back = sorted(self.back_at_work)
        return [
            f"mode {plan.mode}, broker {plan.broker}, database {plan.database}, seed {plan.seed}: {self.seconds:.0f} s",
            f"{self.kills} kills, {self.stops} graceful stops, {self.freezes} freezes; {self.articles} articles, "
            f"{self.editions} editions, {self.withdrawn} withdrawn; {self.effects} effects at two portals",
            f"{t.polls} polls ({t.site_faults} went wrong, {t.conditional} conditional, {t.early} early, "
            f"{t.two_at_once} while another ran); {t.pages} pages; "
            f"{t.sends} calls to portals ({t.portal_faults} went wrong, "
            f"{t.unknown / max(t.sends, 1):.0%} with an unknown outcome)",
            f"at work again after a start: median {median(back) if back else 0:.1f} s, "
            f"longest {back[-1] if back else 0:.1f} s; at rest {self.quiet_after:.0f} s after the last fault",
            "",
            *self.findings.lines(),
        ]


def back_at_work(starts: Sequence[float], signs: Sequence[float]) -> list[float]:
    """Seconds from each start that lived long enough to the first request of the hub anywhere after it."""
    starts = sorted(starts)
    waits = []
    for start, following in zip(starts, [*starts[1:], float("inf")], strict=True):
        place = bisect(signs, start)
        if place < len(signs) and signs[place] < following:
            waits.append(signs[place] - start)
    return waits
