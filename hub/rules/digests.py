"""Which digest is due, of which time it tells, and what belongs into it.

    last digest ──────────────── begin = its end ─────────────┬ SETTLING ┬ now: it is made
                  what became public in between               end

A digest tells of the time since the one before it, however long that is ago, so that a day on which the machine was
off is told the next time. Its day is that of the hub's zone, and a day has one digest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from fnmatch import fnmatchcase
from typing import Final
from uuid import UUID

from connectors.parse.text import fold
from schemas.item import Kind

#: A transaction that is still open may yet add to the time before it; what is younger is told the next time.
SETTLING: Final = timedelta(minutes=2)
#: How far back a digest tells that was switched off for long.
LOOK_BACK: Final = timedelta(days=31)


class Weekday(IntEnum):
    """Days as `date.weekday` counts them."""

    MON = 0
    TUE = 1
    WED = 2
    THU = 3
    FRI = 4
    SAT = 5
    SUN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One `[[digest]]` of the settings: a topic, its readers, and when they hear of it."""

    name: str
    title: str
    to: tuple[str, ...]
    at: time
    days: frozenset[Weekday]
    kinds: tuple[Kind, ...] = ()
    members: tuple[str, ...] = ()  #: shell globs on the code, as in routes
    tags: tuple[str, ...] = ()  #: shell globs, without regard to case and accents
    at_most: int = 50
    only_major: bool = True


@dataclass(frozen=True, slots=True)
class Period:
    """The time of which a digest tells: after `begin`, up to `end`."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """An item of a letter."""

    content_id: UUID
    is_new: bool  #: else it was public before, and is told of as changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What every reader of a digest gets."""

    subject: str
    text: str
    html: str
    items: Sequence[Listed] = ()
    left_out: int = 0  #: further items, of which only the number is told


def due_day(digest: Digest, now_local: datetime) -> date | None:
    """The day whose digest is due: today from its hour on, on its days; None otherwise."""
    today = now_local.date()
    return today if now_local.time() >= digest.at and today.weekday() in digest.days else None


def period(digest: Digest, day: date, last_end: datetime | None, now_local: datetime) -> Period:
    """Of which time the digest of `day` tells when it is made now; `last_end` is where the one before it ended."""
    begin = max(last_end or _before(digest, day, now_local), now_local - LOOK_BACK)
    return Period(begin=begin, end=max(now_local - SETTLING, begin))  # a clock may have been set back


def _before(digest: Digest, day: date, now_local: datetime) -> datetime:
    """When the digest before that of `day` would have been made."""
    back = next(n for n in range(1, 8) if (day - timedelta(days=n)).weekday() in digest.days)
    return datetime.combine(day - timedelta(days=back), digest.at, tzinfo=now_local.tzinfo)


def takes(digest: Digest, *, kind: Kind, member: str, tags: Iterable[str]) -> bool:
    """Whether an item belongs to the topic; a condition that is missing means everything."""
    return (
        (not digest.kinds or kind in digest.kinds)
        and (not digest.members or any(fnmatchcase(member, glob) for glob in digest.members))
        and (not digest.tags or _any_tag(tags, digest.tags))
    )


def _any_tag(tags: Iterable[str], globs: Sequence[str]) -> bool:
    return any(fnmatchcase(fold(tag), fold(glob)) for tag in tags for glob in globs)
