"""Judges what a destination showed: at each of its changes, after each turn, and at the end against the answer key."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple


class Change(NamedTuple):
    """One change of what a place shows."""

    action: str  #: put, delete
    number: int  #: of the item
    revision: int  #: 0 where the place does not tell it, with a delete


class Seen(NamedTuple):
    """One object that a visitor sees."""

    number: int
    revision: int


@dataclass
class Verdicts:
    """What has to be empty."""

    doubles: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)  #: older over newer
    risen: list[str] = field(default_factory=list)  #: shown after the withdrawal was confirmed
    impolite: list[str] = field(default_factory=list)  #: requests inside a told wait
    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  #: shown at the end and not in the key, or in another revision
    stuck: list[str] = field(default_factory=list)  #: deliveries that came to no end
    defects: list[str] = field(default_factory=list)  #: errors of ours

    def counts(self) -> dict[str, int]:
        """How many of each."""
        return {name: len(found) for name, found in vars(self).items()}

    def lines(self) -> list[str]:
        """The first few of each."""
        return [f"{name}: {one}" for name, found in vars(self).items() for one in found[:5]]


class Judge:
    """Follows one destination."""

    def __init__(self, *, announces: bool) -> None:
        """`announces`: every change is a message that somebody reads, so that even a repeated one is a double."""
        self.verdicts = Verdicts()
        self.changes = 0
        self._announces = announces
        self._newest: dict[int, int] = {}  #: newest revision that was ever visible, by number
        self._taken_back: dict[int, int] = {}  #: up to which revision it was taken off again
        self._confirmed: dict[int, tuple[int, bool]] = {}  #: revision, and whether it was a withdrawal
        self._told: Counter[Change] = Counter()
        self._double: set[int] = set()

    def confirmed(self, number: int, revision: int, *, gone: bool) -> None:
        """The hub has written down that the place shows this revision, or nothing any more."""
        if revision >= self._confirmed.get(number, (0, False))[0]:
            self._confirmed[number] = (revision, gone)

    def change(self, change: Change, when: str) -> None:
        """The place changed what it shows."""
        action, number, revision = change
        self.changes += 1
        self._told[change] += 1
        if self._announces and revision and self._told[change] > 1:
            self.verdicts.doubles.append(f"{when}: {change} told {self._told[change]} times")
        if action == "delete":
            self._taken_back[number] = max(self._newest.get(number, 0), revision)
            return
        confirmed, gone = self._confirmed.get(number, (0, False))
        if revision < confirmed:
            (self.verdicts.risen if gone else self.verdicts.stale).append(f"{when}: {change} after {confirmed}")
        elif revision < self._newest.get(number, 0):
            self.verdicts.stale.append(f"{when}: {change} after {self._newest[number]}")
        elif revision <= self._taken_back.get(number, 0):
            self.verdicts.risen.append(f"{when}: {change} after it was taken back")
        self._newest[number] = max(self._newest.get(number, 0), revision)

    def look(self, seen: Iterable[Seen], when: str) -> None:
        """A visitor looks at everything."""
        for number, times in Counter(one.number for one in seen).items():
            if times > 1 and number not in self._double:
                self._double.add(number)
                self.verdicts.doubles.append(f"{when}: item {number} stands there {times} times")

    def close(self, seen: Iterable[Seen], key: dict[int, int]) -> None:
        """The end: what is shown is the key."""
        shown = list(seen)
        self.look(shown, "at the end")
        there = dict(shown)
        self.verdicts.lost += [f"item {number}, revision {key[number]}" for number in key.keys() - there.keys()]
        self.verdicts.wrong += [
            f"item {number} in revision {revision}, wanted {key.get(number, 'nothing')}"
            for number, revision in there.items() if key.get(number) != revision
        ]  # fmt: skip
