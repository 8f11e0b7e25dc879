"""Which days does a report speak of, what are they called, and which ones lie before?

    2026-06   2026-Q2   2026-H1   2026   2026-W10   2026-01-01..2026-02-15     what people type
    Tháng 6 năm 2026   Quý II năm 2026   6 tháng đầu năm 2026   ...            what reports say

A span that is a month, quarter, half-year or year is that, however it was typed.
"""

import calendar
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from connectors.errors import HubError
from hub.rules.calendar import WorkingCalendar
from hub.rules.duties import MONTHS, Every

#: First and last year of which reports are made; dates beyond them are slips of a finger.
YEARS: Final = (1970, 2999)
#: Working days after a stretch until which its report is made by itself.
LATEST: Final = 10
_DAY: Final = timedelta(days=1)
_QUARTERS: Final = ("I", "II", "III", "IV")


class BadPeriodError(HubError):
    """These are no days that a report can speak of."""

    code = "bad_period"

    def __init__(self, message: str, sentence: str = "") -> None:
        super().__init__(message, sentence=sentence or _HOW)


_HOW: Final = (
    "Không hiểu kỳ báo cáo. Hãy ghi tháng (2026-06), quý (2026-Q2), nửa năm (2026-H1), năm (2026), tuần (2026-W10) hoặc"
    " hai ngày (2026-01-01..2026-02-15)."
)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Days in a row, both ends with them. Raises BadPeriodError when there are none."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise BadPeriodError(
                f"{self.first}..{self.last} has no day",
                f"Kỳ báo cáo kết thúc ({written(self.last)}) trước khi bắt đầu ({written(self.first)}) nên không có"
                " ngày nào. Hãy sửa lại hai ngày.",
            )

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def days(self) -> int:
        """How many; at least one."""
        return (self.last - self.first).days + 1

    @property
    def every(self) -> Every | None:
        """The stretch of the calendar that it is; None: just some days."""
        return next((each for each in Every if stretch(each, self.first) == self), None)

    @property
    def name(self) -> str:
        """What a report calls it."""
        year = self.first.year
        match self.every:
            case Every.MONTH:
                return f"Tháng {self.first.month} năm {year}"
            case Every.QUARTER:
                return f"Quý {_QUARTERS[self.first.month // 3]} năm {year}"
            case Every.HALF_YEAR:
                return f"6 tháng {'đầu' if self.first.month == 1 else 'cuối'} năm {year}"
            case Every.YEAR:
                return f"Năm {year}"
            case _ if self.first == self.last:
                return f"Ngày {written(self.first)}"
            case _:
                return f"Từ ngày {written(self.first)} đến ngày {written(self.last)}"

    @property
    def inside(self) -> str:
        """Its name within a sentence."""
        return self.name[:1].lower() + self.name[1:]

    @property
    def word(self) -> str:
        """As people type it; `span` reads it back."""
        year = f"{self.first.year:04}"
        match self.every:
            case Every.WEEK:
                iso = self.first.isocalendar()
                return f"{iso.year:04}-W{iso.week:02}"
            case Every.MONTH:
                return f"{year}-{self.first.month:02}"
            case Every.QUARTER:
                return f"{year}-Q{self.first.month // 3 + 1}"
            case Every.HALF_YEAR:
                return f"{year}-H{1 if self.first.month == 1 else 2}"
            case Every.YEAR:
                return year
            case _:
                return f"{self.first}..{self.last}"

    @property
    def before(self) -> "Span":
        """The stretch of the same kind before it, or as many days."""
        last = self.first - _DAY
        return stretch(self.every, last) if self.every else Span(self.first - timedelta(days=self.days), last)

    def months(self) -> Iterator["Span"]:
        """Its months in order, the first and the last as far as they belong to it."""
        first = self.first
        while first <= self.last:
            last = min(stretch(Every.MONTH, first).last, self.last)
            yield Span(first, last)
            first = last + _DAY


def span(word: str) -> Span:
    """The days that somebody typed. Raises BadPeriodError."""
    typed = "".join(word.split()).upper()
    try:
        for pattern, read in _FORMS:
            if found := pattern.fullmatch(typed):
                return _within_reach(read(*found.groups()))
    except (ValueError, OverflowError) as error:
        raise BadPeriodError(f"{word[:40]!r}: {error}") from error
    raise BadPeriodError(f"{word[:40]!r} is no period")


def stretch(every: Every, day: date) -> Span:
    """The stretch in which a day lies."""
    if every is Every.WEEK:
        monday = day - timedelta(days=day.weekday())
        return Span(monday, monday + timedelta(days=6))
    return _of_months(day.year, (day.month - 1) // MONTHS[every] * MONTHS[every] + 1, MONTHS[every])


def just_over(every: Every, today: date) -> Span:
    """The last stretch that is over on this day."""
    return stretch(every, stretch(every, today).first - _DAY)


def due(every: Iterable[Every], today: date, calendar: WorkingCalendar) -> list[Span]:
    """The stretches of which a report is to be made by itself: from the first working day after each one on.

    A hub that was off then still makes it, up to so many working days later; whoever switches this on in autumn gets no
    report of last year.
    """
    over = [just_over(each, today) for each in Every if each in set(every)]
    return [one for one in over if 1 <= calendar.between(one.last, today) <= LATEST]


def written(day: date) -> str:
    """A day as an office writes it."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def _of_months(year: int, month: int, count: int) -> Span:
    last = month + count - 1
    return Span(date(year, month, 1), date(year, last, calendar.monthrange(year, last)[1]))


def _week(year: str, week: str) -> Span:
    return stretch(Every.WEEK, date.fromisocalendar(int(year), int(week), 1))


def _within_reach(found: Span) -> Span:
    if YEARS[0] <= found.first.year and found.last.year <= YEARS[1]:
        return found
    raise BadPeriodError(
        f"{found.first}..{found.last} lies outside of {YEARS[0]}..{YEARS[1]}",
        f"Kỳ báo cáo phải nằm trong các năm từ {YEARS[0]} đến {YEARS[1]}. Hãy kiểm tra lại năm.",
    )


_ISO: Final = r"(\d{4}-\d\d-\d\d)"
_FORMS: Final[tuple[tuple[re.Pattern[str], Callable[..., Span]], ...]] = (
    (
        re.compile(r"(\d{4})-(\d\d?)", re.ASCII),
        lambda year, month: stretch(Every.MONTH, date(int(year), int(month), 1)),
    ),
    (re.compile(r"(\d{4})-Q([1-4])", re.ASCII), lambda year, n: _of_months(int(year), int(n) * 3 - 2, 3)),
    (re.compile(r"(\d{4})-H([12])", re.ASCII), lambda year, n: _of_months(int(year), int(n) * 6 - 5, 6)),
    (re.compile(r"(\d{4})", re.ASCII), lambda year: _of_months(int(year), 1, 12)),
    (re.compile(r"(\d{4})-W(\d\d?)", re.ASCII), _week),
    (re.compile(_ISO, re.ASCII), lambda day: Span(date.fromisoformat(day), date.fromisoformat(day))),
    (
        re.compile(_ISO + r"\.\." + _ISO, re.ASCII),
        lambda first, last: Span(date.fromisoformat(first), date.fromisoformat(last)),
    ),
)
