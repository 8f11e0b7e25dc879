"""A counter on a page only grows: two readings make the visits between them. One that does not grow is no number.

grows            the difference counts on the day in the middle between both readings
runs backwards   somebody set it anew, or changed the site: no visits, and a new beginning
jumps            more than fifty times the usual a day: somebody set it by hand, or it is another counter; as above
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

#: Times the median of the days before, days that make one, and visits below which nothing is a jump.
JUMP, RHYTHM, LEAST_JUMP = 50, 7, 1_000
#: How long after a reading that failed the next one is tried.
AGAIN: Final = timedelta(minutes=30)
_DAY: Final = timedelta(days=1)


class CounterFault(StrEnum):
    """What is wrong with a counter."""

    RAN_BACKWARDS = "ran_backwards"
    JUMPED = "jumped"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A counter as the settings have it."""

    name: str
    url: str
    selector: str
    member: str  #: empty = the portal
    every: timedelta


@dataclass(frozen=True, slots=True)
class Mark:
    """What a counter showed."""

    number: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """What two readings say together."""

    day: date
    visits: int
    fault: CounterFault | None = None


def grown(before: Mark, now: Mark, usual: Sequence[int], zone: ZoneInfo) -> Grown:
    """The visits between two readings; `usual` are those of the days before."""
    day = (before.at + (now.at - before.at) / 2).astimezone(zone).date()
    visits = now.number - before.number
    if visits < 0:
        return Grown(day=day, visits=0, fault=CounterFault.RAN_BACKWARDS)
    a_day = visits / max(1.0, (now.at - before.at) / _DAY)
    if len(usual) >= RHYTHM and a_day > max(JUMP * median(usual), LEAST_JUMP):
        return Grown(day=day, visits=0, fault=CounterFault.JUMPED)
    return Grown(day=day, visits=visits)


def is_due(counter: Counter, *, read_at: datetime | None, asked_at: datetime | None, now: datetime) -> bool:
    """Whether it is to be read: once in each stretch of `every` that begins at midnight, and soon after a failure."""
    if asked_at is not None and asked_at != read_at and now - asked_at < AGAIN:
        return False
    return read_at is None or _stretch(counter, now) > _stretch(counter, read_at)


def _stretch(counter: Counter, at: datetime) -> int:
    """Number of the stretch in which a local time lies."""
    return (at.replace(tzinfo=None) - datetime(1970, 1, 1)) // counter.every
