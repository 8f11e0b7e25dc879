"""What does a member owe, and has it given it? Stretches by the calendar, counted in whole ones.

A duty is owed in each stretch (week, month, quarter, half-year, year) during all of which the duty and the member are
in force. A part of one is owed by nobody: a commune that begins on the 25th owes nothing for that month, and one that
follows another owes nothing of what the old one left out.

    ── met ──┬── unmet ──┬── unmet ──┬── this stretch, running ──
             │           └ its last day: late by so many working days since
             └ last one that was met
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from hub.rules.calendar import Due, WorkingCalendar


class Every(StrEnum):
    """The stretches in which something has to come."""

    WEEK = "week"  #: Monday to Sunday
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half-year"
    YEAR = "year"


class State(StrEnum):
    """How a member stands with a duty on one day."""

    FRESH = "fresh"  #: this stretch already has enough, or nothing is owed in it
    DUE = "due"  #: this stretch is running and has not enough yet; everything before is met
    LATE = "late"
    EMPTY = "empty"  #: items of the category came, and none of them is public now
    NEVER = "never"  #: never any, and a whole stretch has passed


#: States in which something is missing.
GAPS: Final = frozenset({State.LATE, State.EMPTY, State.NEVER})
#: Months of a stretch, which begins with every n-th month of a year; a week has none.
MONTHS: Final = {Every.MONTH: 1, Every.QUARTER: 3, Every.HALF_YEAR: 6, Every.YEAR: 12}


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """Days in which something has to come, both ends with them."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What members owe; the meaning of each field stands in hub/settings/duties.py."""

    name: str
    category: str
    members: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()  #: levels of members; without both, everybody owes it
    every: Every | None = None
    at_least: int = 1
    within: int | None = None  #: working days
    rule: str = ""
    rule_url: str = ""
    since: date | None = None
    until: date | None = None
    confirmed: bool = False

    def binds(self, member: "Member") -> bool:
        """Whether it is a duty of this member at all, at whatever time."""
        if not self.members and not self.kinds:
            return True
        return member.code in self.members or member.kind in self.kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An organisation as duties see it."""

    code: str
    kind: str
    since: date | None = None  #: its first day; None: not known
    until: date | None = None  #: its last day


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What came of a category from one member, up to the day that is asked about."""

    counts: Mapping[int, int]  #: public items by the number of their stretch
    hidden: int = 0  #: items that came, and are not public: held, rejected, withdrawn

    @property
    def public(self) -> int:
        """Items that are public now."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How a member stands with a duty, and why."""

    state: State
    stretch: Stretch  #: the one that runs
    came: int  #: in it
    unmet: int = 0  #: stretches that ended without enough, since the last one that was met
    first_unmet: Stretch | None = None
    late_days: int | None = None  #: of a LATE one: working days since the end of `first_unmet`
    sure: bool = True  #: the calendar knows all days that were counted; else the board may still change it


@dataclass(frozen=True, slots=True, kw_only=True)
class Timely:
    """How soon one item became public."""

    due: Due  #: the last day on which it would have been in time
    days: int  #: working days that it took
    in_time: bool


# ------------------------------------------------------------------------------------------------------ stretches


def number(every: Every, day: date) -> int:
    """The number of the stretch that holds a day: one more for each stretch."""
    if every is Every.WEEK:
        return (day.toordinal() - 1) // 7
    return (day.year * 12 + day.month - 1) // MONTHS[every]


def stretch(every: Every, numbered: int) -> Stretch:
    """The stretch of a number; the last one of all ends with the calendar."""
    if every is Every.WEEK:
        first = numbered * 7 + 1
        return Stretch(date.fromordinal(first), date.fromordinal(min(first + 6, date.max.toordinal())))
    months = MONTHS[every]
    begins, ends = numbered * months, numbered * months + months - 1
    year, month = ends // 12, ends % 12 + 1
    return Stretch(date(begins // 12, begins % 12 + 1, 1), date(year, month, monthrange(year, month)[1]))


def stretches(every: Every, first: date, last: date) -> list[Stretch]:
    """All stretches that share a day with these days, in order."""
    return [stretch(every, each) for each in range(number(every, first), number(every, last) + 1)]


def owed(duty: Duty, member: Member, first: date, last: date) -> list[Stretch]:
    """The whole stretches in which something is owed, and whose last day lies in these days."""
    return [stretch(duty.every, each) for each in _numbers(duty, member, first, last)] if duty.every else []


def owes(duty: Duty, member: Member, first: date, last: date) -> bool:
    """Whether anything at all is owed in these days."""
    return bool(_numbers(duty, member, first, last))


def _numbers(duty: Duty, member: Member, first: date, last: date) -> range:
    """The numbers of the stretches that `owed` names."""
    every = duty.every
    if every is None or not duty.binds(member):
        return range(0)
    since, until = force(duty, member)
    lowest, highest = number(every, first), number(every, last)
    if since is not None:
        begins = number(every, since)
        lowest = max(lowest, begins + (stretch(every, begins).first < since))
    for end in (last, *((until,) if until is not None else ())):
        ends = number(every, end)
        highest = min(highest, ends - (end < stretch(every, ends).last))
    return range(lowest, highest + 1)


def _in(duty: Duty, member: Member, days: Stretch) -> bool:
    """Whether duty and member are in force on all of these days."""
    since, until = force(duty, member)
    return (since is None or since <= days.first) and (until is None or days.last <= until)


def force(duty: Duty, member: Member) -> tuple[date | None, date | None]:
    """First and last day on which both are in force; the last may lie before the first: never."""
    begins = [day for day in (duty.since, member.since) if day is not None]
    ends = [day for day in (duty.until, member.until) if day is not None]
    return max(begins, default=None), min(ends, default=None)


# --------------------------------------------------------------------------------------------------------- judging


def standing(
    duty: Duty, member: Member, given: Given, *, day: date, begins: date, calendar: WorkingCalendar
) -> Judgement | None:
    """How a member stands with a duty on a day; None where nothing is asked of it: it has no rhythm, is another's, or
    duty or member is not in force.

    `begins` is the first day that the hub knows of: what nobody says the beginning of is owed since then.
    """
    since, until = force(duty, member)
    if duty.every is None or not duty.binds(member) or (since and day < since) or (until and until < day):
        return None
    now, first = number(duty.every, day), since or begins
    running, came = stretch(duty.every, now), given.counts.get(now, 0)
    if came >= duty.at_least or not _in(duty, member, running) or running.first < first:
        return Judgement(state=State.FRESH, stretch=running, came=came)
    earliest = number(duty.every, first)
    if stretch(duty.every, earliest).first < first:
        earliest += 1
    met = next((each for each in range(now - 1, earliest - 1, -1) if given.counts.get(each, 0) >= duty.at_least), None)
    since_met = earliest if met is None else met + 1
    lacking = stretch(duty.every, since_met) if since_met < now else None
    if not given.public and (given.hidden or lacking):
        state = State.EMPTY if given.hidden else State.NEVER
        return Judgement(state=state, stretch=running, came=came, unmet=now - since_met, first_unmet=lacking)
    if lacking is None:
        return Judgement(state=State.DUE, stretch=running, came=came)
    return Judgement(
        state=State.LATE, stretch=running, came=came, unmet=now - since_met, first_unmet=lacking,
        late_days=late_days(lacking, day, calendar), sure=calendar.is_sure(lacking.last, day),
    )  # fmt: skip


def late_days(unmet: Stretch, day: date, calendar: WorkingCalendar) -> int:
    """Working days since the end of a stretch; 0 before it has ended."""
    return max(0, calendar.between(unmet.last, day))


def unmet(duty: Duty, given: Given, stretches: list[Stretch]) -> list[Stretch]:
    """Those of these stretches of a duty in which too little came."""
    every = duty.every
    if every is None:
        return []
    return [each for each in stretches if given.counts.get(number(every, each.first), 0) < duty.at_least]


def timely(within: int, start: date, public: date, calendar: WorkingCalendar) -> Timely:
    """Whether what was signed or published on `start` was public in time; earlier than that counts as at once."""
    try:
        due = calendar.add(start, within)
    except ValueError:  # a date at the end of time, which a source may write: nothing is late then
        due = Due(date.max)
    return Timely(due=due, days=max(0, calendar.between(start, public)), in_time=public <= due.day)
