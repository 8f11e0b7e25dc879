"""The register of procedures behind the members' systems: which there are now, while the clock runs.

    clock ─▶ catch_up: one event every `pace` seconds: a correction, sometimes a withdrawal ─▶ announced(member)

The events follow from the seed and their number, so all that a restart needs is how many there were.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from hub.sample.procedures import Entry, first_entries, in_version
from hub.sample.province import Province, SampleMember

#: Longest run of events that is caught up at once; a longer gap is skipped.
_LONGEST_GAP = 500
#: Procedures below which a member withdraws none.
_LEAST = 3


class Register:
    """Every procedure of the province, as a function of a seed and a clock."""

    def __init__(
        self, province: Province, *, seed: int, clock: Callable[[], datetime], pace: float = 20.0,
        state: Path | None = None,
    ) -> None:  # fmt: skip
        """`pace` is seconds between two events; `state` is a file in which their number is kept."""
        self._seed, self._clock, self._state = seed, clock, state
        self._pace = timedelta(seconds=pace)
        members = [member for member in province.members if member.announces]
        self._first = {
            entry.code: entry for member in members for entry in first_entries(seed, member, province.code)
        }  # fmt: skip
        self._versions = dict.fromkeys(self._first, 1)
        self._gone: set[str] = set()
        self._turn = 0
        if state is not None and state.exists():
            kept = json.loads(state.read_text("utf-8"))
            for _ in range(kept["turn"] if kept["seed"] == seed else 0):
                self._live()
        self._next = clock() + self._pace

    def announced(self, member: SampleMember) -> list[Entry]:
        """What a member announces now, in the order of the codes."""
        self.catch_up()
        codes = sorted(code for code, entry in self._first.items() if entry.member.slug == member.slug)
        return [self._now(code) for code in codes if code not in self._gone]

    def withdrawn(self, member: SampleMember) -> list[Entry]:
        """What it has withdrawn, as it stood at its end."""
        self.catch_up()
        return [self._now(code) for code in sorted(self._gone) if self._first[code].member.slug == member.slug]

    def find(self, code: str) -> tuple[Entry, bool] | None:
        """A procedure by its code, and whether it is in force."""
        self.catch_up()
        return (self._now(code), code not in self._gone) if code in self._first else None

    def save(self) -> None:
        """Write the state file, if there is one."""
        if self._state is not None:
            self._state.write_text(json.dumps({"seed": self._seed, "turn": self._turn}), "utf-8")

    def catch_up(self) -> None:
        """Let happen what the clock says has happened by now."""
        now = self._clock()
        if now - self._next > _LONGEST_GAP * self._pace:
            self._next = now
        while self._next <= now:
            self._live()
            self._next += self._pace

    def _live(self) -> None:
        """One event: a procedure is corrected (9 in 10) or withdrawn."""
        self._turn += 1
        rng = Random(f"{self._seed}/register/{self._turn}")
        code = rng.choice([code for code in self._first if code not in self._gone])
        owner = self._first[code].member.slug
        left = sum(entry.member.slug == owner and one not in self._gone for one, entry in self._first.items())
        if rng.random() < 0.1 and left > _LEAST:
            self._gone.add(code)
        else:
            self._versions[code] += 1

    def _now(self, code: str) -> Entry:
        return in_version(self._seed, self._first[code], self._versions[code])
