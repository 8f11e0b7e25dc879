"""When a source is asked again: the largest of what it and we say, in one visible place.

    own rhythm      `every` of the settings; 15 minutes if none is set; its habit if `every = "auto"`
    advice          TTL and Cache-Control: stretch only a rhythm that nobody set, to six hours at most
    failures        double the rhythm from the second failure in a row on, to a day at most
    Retry-After     always obeyed, to a day at most
    spread          up to a tenth later, so that hundreds of sources do not ask in the same second

A source is never given up, only quieter. An explicit `every = "2s"` is a person's decision; no <ttl> slows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import isfinite
from statistics import median
from typing import Literal

from connectors.base import Hints

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0

DEFAULT_EVERY = 15 * MINUTE
#: Bounds of a habit that was worked out, not set.
QUICKEST_HABIT, SLOWEST_HABIT = 5 * MINUTE, 6 * HOUR
#: A hostile max-age of a year silences nobody for longer than this.
LONGEST_ADVICE = 6 * HOUR
LONGEST_SILENCE = DAY
SPREAD, LONGEST_SPREAD = 0.1, 5 * MINUTE

#: Setting of a source: seconds, "auto", or None for the default.
Every = float | Literal["auto"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """When, and which of the voices decided."""

    at: datetime
    seconds: float  #: from now, spread included
    reason: str


def next_poll(
    *,
    now: datetime,
    every: Every,
    hints: Hints,
    failures: int,
    chance: float,
    publications: Sequence[datetime] = (),
) -> Next:
    """When to ask next after an answer, or after `failures` of them in a row without a good one.

    `chance` is a number in [0, 1): fresh, or made from the source's name where a stable place is wanted. `publications`
    are the times of its newest items, in any order; only `every = "auto"` looks at them.
    """
    match every:
        case "auto":
            own, whose = habit(publications), "own habit"
        case None:
            own, whose = DEFAULT_EVERY, "default rhythm"
        case _:
            own, whose = max(every, 0.0), "rhythm of the settings"
    voices = [(own, whose)]
    if every is None or every == "auto":
        voices += [(_within(hints.ttl, LONGEST_ADVICE), "TTL of the feed")]
        voices += [(_within(hints.max_age, LONGEST_ADVICE), "Cache-Control of the answer")]
    if failures > 1:
        stretched = min(own * 2.0 ** min(failures - 1, 30), max(LONGEST_SILENCE, own))
        voices += [(stretched, f"{failures} failures in a row")]
    voices += [(_within(hints.retry_after, LONGEST_SILENCE), "Retry-After of the answer")]
    seconds, reason = max(voices, key=lambda voice: voice[0])
    seconds += min(seconds * SPREAD, LONGEST_SPREAD) * chance
    return Next(at=now + timedelta(seconds=seconds), seconds=seconds, reason=reason)


def habit(publications: Sequence[datetime]) -> float:
    """Seconds between polls that suit a source: half the usual gap between its last 20 items, within bounds."""
    newest = sorted(set(publications))[-20:]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(newest)]
    if len(gaps) < 3:
        return DEFAULT_EVERY
    return min(max(median(gaps) / 2, QUICKEST_HABIT), SLOWEST_HABIT)


def _within(seconds: float | None, longest: float) -> float:
    """A time somebody else named, if it is a time at all."""
    return min(max(seconds, 0.0), longest) if seconds is not None and isfinite(seconds) else 0.0
