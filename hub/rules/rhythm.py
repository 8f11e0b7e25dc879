"""When a source is asked again: the largest of what it and we say, in one visible place.

    own rhythm      `every` of the settings; 15 minutes if none is set
    advice          TTL and Cache-Control: stretch only a rhythm that nobody set, to six hours at most
    pushes          a subscription that works stretches it too: polls back it up, every six hours at least
    failures        double the rhythm from the second failure in a row on, to a day at most
    Retry-After     always obeyed, to a day at most
    further pages   at once but for a pause: they belong to the same answer
    spread          up to a tenth later, so that hundreds of sources do not ask in the same second

A source is never given up, only quieter. An explicit `every = "2s"` is a person's decision; no <ttl> slows it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite

from connectors.base import Hints

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0

DEFAULT_EVERY = 15 * MINUTE
#: A hostile max-age of a year silences nobody for longer than this.
LONGEST_ADVICE = 6 * HOUR
LONGEST_SILENCE = DAY
#: Seconds between two pages of one answer.
PAGE_PAUSE = 1.0
FURTHER_PAGE = "further page of the same answer"
SPREAD, LONGEST_SPREAD = 0.1, 5 * MINUTE
#: Between polls that back up a subscription: six hours with the spread.
BACKUP_EVERY = 6 * HOUR - LONGEST_SPREAD
BACKUP = "back-up of the subscription"


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """When, and which of the voices decided."""

    at: datetime
    seconds: float  #: from now, spread included
    reason: str


def next_poll(
    *, now: datetime, every: float | None, hints: Hints, failures: int, chance: float, pushed: bool = False
) -> Next:
    """When to ask next after an answer, or after `failures` of them in a row without a good one.

    `every` is the setting of the source in seconds, None where there is none. `chance` is a fresh number in [0, 1).
    `pushed` says that a subscription to the source works; a failing source is polled as if there were none.
    """
    if hints.more:
        pause = max(PAGE_PAUSE, _within(hints.retry_after, LONGEST_SILENCE))
        return Next(at=now + timedelta(seconds=pause), seconds=pause, reason=FURTHER_PAGE)
    if every is None and pushed and not failures:
        own = BACKUP_EVERY
        voices = [(own, BACKUP)]
    elif every is None:
        own = DEFAULT_EVERY
        voices = [
            (own, "default rhythm"),
            (_within(hints.ttl, LONGEST_ADVICE), "TTL of the feed"),
            (_within(hints.max_age, LONGEST_ADVICE), "Cache-Control of the answer"),
        ]
    else:
        own = max(every, 0.0)
        voices = [(own, "rhythm of the settings")]
    if failures > 1:
        stretched = min(own * 2.0 ** min(failures - 1, 30), max(LONGEST_SILENCE, own))
        voices += [(stretched, f"{failures} failures in a row")]
    voices += [(_within(hints.retry_after, LONGEST_SILENCE), "Retry-After of the answer")]
    seconds, reason = max(voices, key=lambda voice: voice[0])
    seconds += min(seconds * SPREAD, LONGEST_SPREAD) * chance
    return Next(at=now + timedelta(seconds=seconds), seconds=seconds, reason=reason)


def _within(seconds: float | None, longest: float) -> float:
    """A time somebody else named, if it is a time at all."""
    return min(max(seconds, 0.0), longest) if seconds is not None and isfinite(seconds) else 0.0
