"""Working days: Monday to Friday, without the holidays, with the Saturdays that are worked instead.

Which days are off or worked is data (list `holidays`). A time limit that touches a day nobody has confirmed, or a year
of which the list says nothing, carries that as its explanation: the board may still change it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from hub.rules.codes import Code

#: Value of the attribute `kind` of a day that is worked although it is a Saturday or Sunday; everything else is off.
WORKED = "work"
#: Most working days that are counted; some forty years.
LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Due:
    """A day that was counted out, and how sure it is."""

    day: date
    unconfirmed: tuple[date, ...] = ()  #: days on the way that the board still has to confirm
    uncovered: tuple[int, ...] = ()  #: years on the way of which the calendar knows no holiday

    @property
    def sure(self) -> bool:
        """Whether nothing on the way may still change."""
        return not self.unconfirmed and not self.uncovered


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCalendar:
    """The days that differ from the week."""

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    unconfirmed: frozenset[date] = frozenset()  #: of both

    @classmethod
    def of(cls, records: Iterable[Code]) -> "WorkingCalendar":
        """From the records of the list `holidays`, whose codes are ISO dates."""
        days = {date.fromisoformat(record.code): record for record in records}
        worked = frozenset(day for day, record in days.items() if record.attributes.get("kind") == WORKED)
        return cls(
            off=frozenset(days) - worked,
            worked=worked,
            unconfirmed=frozenset(day for day, record in days.items() if not record.confirmed),
        )

    @property
    def years(self) -> frozenset[int]:
        """Years of which it knows holidays."""
        return frozenset(day.year for day in self.off)

    def is_working(self, day: date) -> bool:
        """Whether offices work on this day."""
        return day in self.worked or (day.weekday() < 5 and day not in self.off)

    def add(self, day: date, working_days: int) -> Due:
        """The day that lies so many working days after `day`, which itself does not count; negative counts back.

        With 0 it is `day` itself, or the next working day when nobody works on it. Raises ValueError beyond LIMIT.
        """
        if abs(working_days) > LIMIT:
            raise ValueError(f"more than {LIMIT} working days")
        step = timedelta(days=-1 if working_days < 0 else 1)
        reached, left = day, abs(working_days)
        while left or not self.is_working(reached):
            try:
                reached += step
            except OverflowError as error:
                raise ValueError("beyond the calendar") from error
            left -= left > 0 and self.is_working(reached)
        return self._due(min(day, reached), max(day, reached), reached)

    def between(self, first: date, last: date) -> int:
        """Working days after `first`, up to and with `last`; negative when `last` lies before."""
        if last < first:
            return -self.between(last, first)
        days = _weekdays(last) - _weekdays(first)
        days -= sum(first < day <= last and day.weekday() < 5 for day in self.off - self.worked)
        return days + sum(first < day <= last and day.weekday() >= 5 for day in self.worked)

    def is_sure(self, first: date, last: date) -> bool:
        """Whether the calendar knows all of these days, and the board confirmed them."""
        return self._due(first, last, last).sure

    def _due(self, first: date, last: date, reached: date) -> Due:
        unconfirmed = tuple(sorted(day for day in self.unconfirmed if first <= day <= last))
        uncovered = tuple(year for year in range(first.year, last.year + 1) if year not in self.years)
        return Due(reached, unconfirmed, uncovered)


def _weekdays(day: date) -> int:
    """Mondays to Fridays since the beginning of the calendar, with this day. Day 1 was a Monday."""
    weeks, rest = divmod(day.toordinal(), 7)
    return weeks * 5 + min(rest, 5)
