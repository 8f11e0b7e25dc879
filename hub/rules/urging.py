"""Who is urged, how, and when urging stops by itself: a member is reminded only of what is its own to give.

notice ──5 working days──> reminder ──5 working days──> list for the chairman

a gap with Silence.NOTHING   may be urged, once for each step and stretch
UNREAD or KEPT               the fault may be ours: nothing is sent, what is prepared stops
the category came            settled
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from hub.rules.calendar import WorkingCalendar
from hub.rules.silences import Silence

#: Working days that a member has before the next step.
WAIT: Final = 5


class Step(StrEnum):
    """How firmly."""

    NOTICE = "notice"  #: thông báo nhắc
    REMINDER = "reminder"  #: đôn đốc
    LIST = "list"  #: into the list for the chairman


#: What has to have gone out before.
BEFORE: Final = {Step.REMINDER: Step.NOTICE, Step.LIST: Step.REMINDER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What a member owes and has not given, as it stands on a day."""

    member: str
    name: str
    duty: str
    category: str  #: its name
    rule: str
    confirmed: bool
    first: date  #: first day of the first stretch without enough
    until: date  #: last day of the last stretch that is over
    unmet: int  #: stretches in a row; 0: none is over
    late_days: int | None
    last_item: date | None
    silence: Silence
    sentence: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Urged:
    """A step that was taken for a member and duty."""

    step: Step
    until: date
    sent: date | None  #: None: it is only prepared


class Doubt(StrEnum):
    """Why a gap is not urged now."""

    NOT_OVER = "not_over"  #: no stretch is over
    OURS = "ours"  #: it came, or we could not see it
    DONE = "done"  #: this step was taken for this stretch
    TOO_SOON = "too_soon"  #: the step before went out less than WAIT working days ago
    NOT_YET = "not_yet"  #: the step before did not go out


def may_be_urged(
    gap: Gap, step: Step, history: Iterable[Urged], *, today: date, calendar: WorkingCalendar
) -> Doubt | None:  # fmt: skip
    """Why this step may not be taken for a gap today; None where it may."""
    if gap.silence is not Silence.NOTHING:
        return Doubt.OURS
    if gap.unmet < 1:
        return Doubt.NOT_OVER
    # Steps for stretches that were met since belong to another gap.
    same = [one for one in history if one.until >= gap.first]
    if any(one.step is step and one.until == gap.until for one in same):
        return Doubt.DONE
    before = BEFORE.get(step)
    if before is None:
        return None
    sent = [one.sent for one in same if one.step is before and one.sent is not None]
    if not sent:
        return Doubt.NOT_YET
    return None if calendar.between(max(sent), today) >= WAIT else Doubt.TOO_SOON


class Turn(StrEnum):
    """What becomes of a reminder that is open."""

    GOES_ON = "goes_on"
    STOPS = "stops"  #: the fault may be ours
    SETTLED = "settled"  #: what was missing has come, or is owed no more


def turn(until: date, gap: Gap | None) -> Turn:
    """Judge a reminder of a stretch by how its gap stands now; None: nothing is missing any more."""
    if gap is None or gap.unmet < 1 or until < gap.first:
        return Turn.SETTLED
    return Turn.GOES_ON if gap.silence is Silence.NOTHING else Turn.STOPS
