"""What is promised, how often it was broken, and what people asked of the hub."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

#: The promises that are judged, in the order of the table (docs/proof/simulation.md says how each is).
PROMISES: Final = {
    "I1": "at intake something was lost or doubled, or a cursor is ahead of its content",
    "I2": "a place lost something, shows it twice, or did not become what is wanted in time",
    "I3": "older over newer, or shown again after a withdrawal",
    "I4": "a marked text left the hub, or is kept",
    "I5": "a healthy place or source waits for another one",
    "I6": "something acknowledged is gone, or a lease outlived its process",
    "I7": "a call of unknown outcome was repeated without a look",
    "I10": "public without an approval, or over an editor's text",
    "I12": "withdrawn without an explicit sign",
}
#: Examples that are kept of one history.
EXAMPLES: Final = 6


@dataclass(slots=True)
class Verdicts:
    """How often each promise was broken, with the first examples."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def add(self, promise: str, what: str) -> None:
        """One more."""
        assert promise in PROMISES
        self.counts[promise] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(f"{promise}: {what}")


@dataclass(slots=True)
class Asked:
    """What people asked for, whether they got an answer or the process died over it."""

    approve: set[tuple[str, int]] = field(default_factory=set)  #: content id and revision
    withdraw: set[str] = field(default_factory=set)
    answered: list[tuple[str, str, int]] = field(default_factory=list)  #: command, content id, revision
