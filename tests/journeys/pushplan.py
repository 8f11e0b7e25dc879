"""What one campaign of pushes does, and what came of it."""

from collections import Counter
from dataclasses import dataclass

from tests.journeys.author import Author
from tests.journeys.judge import Verdicts
from tests.journeys.storm import Storm


@dataclass(frozen=True, kw_only=True)
class PushPlan:
    """What one campaign does."""

    destination: str
    pushes: int = 10_000  #: deliveries that are brought to their end
    seed: int = 1


@dataclass(kw_only=True)
class PushOutcome:
    """What came of it."""

    plan: PushPlan
    verdicts: Verdicts
    author: Author
    storm: Storm
    counts: Counter[str]
    changes: int
    seconds: float

    @property
    def share(self) -> float:
        """Of calls that change something: those whose answer was lost or wrong though they took effect."""
        return self.storm.after_commit / max(self.storm.fates.total(), 1)

    def lines(self) -> list[str]:
        """The table."""
        a, c, plan = self.author, self.counts, self.plan
        return [
            f"{plan.destination}, seed {plan.seed}: {c['settled']} pushes settled in {self.seconds:.0f} s;"
            f" {len(a.items)} items, {a.edits} edits, {a.withdrawals} withdrawals, {a.returns} came back",
            f"  {self.storm.fates.total()} calls that change something, {self.storm.reads} that ask;"
            f" lost or wrong after commit {self.share:.1%}; {self.changes} changes of what is shown",
            f"  {c['deaths']} workers killed, {c['restarts']} processes killed and started, {c['stops']} stopped in"
            f" flight, {c['overslept']} overslept, {c['late']} calls landed late, {c['lags']} lags, {c['told']} told"
            f" waits ({c['forgotten']} died with their process), {c['persons']} times a person looked,"
            f" {c['grants']} grants",
            "  " + ", ".join(f"{name} {count}" for name, count in self.verdicts.counts().items()),
            *(f"  {line}" for line in self.verdicts.lines()),
        ]
