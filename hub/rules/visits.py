"""What is odd about a site's visits in a period: days without a number, drops, counters that were set back.

A drop is a day with less than a fifth of the median of the same weekday before it: Sundays are compared with Sundays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Final

from hub.rules.counters import CounterFault

#: Share of the median below which a day is a drop, weeks that are compared, weeks with a number that make a median,
#: and a median below which nothing is a drop.
SHARE, WEEKS, LEAST_WEEKS, LEAST = 5, 8, 4, 20
#: Days that a remark names; of more it tells how many.
NAMED: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """What is known of one day of a site."""

    visits: int
    of_pages: bool = False  #: no total is known: the counts of its pages are added up
    fault: str = ""  #: CounterFault: `visits` is not the whole day


def has_number(one: DayCount | None) -> bool:
    """Whether a day has a number: one that a counter spoilt has none, unless part of it was counted."""
    return one is not None and (one.visits > 0 or not one.fault)


def remarks(days: Mapping[date, DayCount], first: date, last: date, *, today: date) -> tuple[str, ...]:
    """For a clerk: what one who reads the numbers of these days has to know. `days` hold the weeks before too."""
    period = [first + timedelta(days=n) for n in range((min(last, today - timedelta(days=1)) - first).days + 1)]
    known = {day: one for day in period if (one := days.get(day)) is not None}
    missing = [day for day in period if not has_number(days.get(day))]
    dropped = [day for day, one in known.items() if has_number(one) and is_drop(days, day)]
    faults = {fault: [day for day, one in known.items() if one.fault == fault] for fault in CounterFault}
    pages = [day for day, one in known.items() if one.of_pages]
    found = [
        _said("Không có số liệu", missing),
        _said("Lượt truy cập giảm mạnh (dưới 1/5 mức thường thấy của cùng thứ trong tuần)", dropped),
        _said("Bộ đếm chạy lùi, bắt đầu đếm lại", faults[CounterFault.RAN_BACKWARDS]),
        _said("Bộ đếm tăng bất thường, bắt đầu đếm lại", faults[CounterFault.JUMPED]),
        _said("Tính bằng tổng lượt xem các trang", pages),
    ]
    return tuple(one for one in found if one)


def is_drop(days: Mapping[date, DayCount], day: date) -> bool:
    """Whether a day has far fewer visits than the same weekday in the weeks before; too few of these tell nothing."""
    before = [days.get(day - timedelta(weeks=n)) for n in range(1, WEEKS + 1)]
    usual = [one.visits for one in before if one is not None and has_number(one) and not one.fault]
    if len(usual) < LEAST_WEEKS:
        return False
    middle = median(usual)
    return middle >= LEAST and days[day].visits * SHARE < middle


def _said(what: str, days: Sequence[date]) -> str:
    if not days:
        return ""
    if len(days) == 1:
        return f"{what}: ngày {days[0]:%d/%m/%Y}."
    named = ", ".join(f"{day:%d/%m}" for day in days[:NAMED])
    return f"{what}: {len(days)} ngày ({named}{', …' if len(days) > NAMED else ''})."
