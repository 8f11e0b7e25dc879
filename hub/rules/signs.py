"""Early signs: what is not late yet and not broken, and will be soon. Weak evidence says nothing.

    drop     14 days brought less than a third of what the rhythm of the 12 weeks before promises, by working days
    vanish   one source took back many of its items in a day
    due      a stretch ends in less than 3 working days and has not enough yet

Quiet sources are judged in hub/rules/quiet.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Final

from hub.rules.calendar import WorkingCalendar

#: Days that are looked at, and windows of as many days before them that make the rhythm: 12 weeks.
DAYS, WINDOWS = 14, 6
#: Working days without which a window says nothing, windows that make a rhythm, items that must be expected, and the
#: share of them from which it is a drop. A Tết week has few working days and therefore no say.
LEAST_DAYS, LEAST_WINDOWS, LEAST_EXPECTED, SHARE = 5, 4, 8, 3
#: Items that a source withdraws in a day, and their share in all that it shows, from which it is a mass.
VANISHED, VANISHED_SHARE = 10, 10
#: Working days before the end of a stretch.
SOON: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A source that brings far less than it did."""

    came: int
    expected: int

    @property
    def sentence(self) -> str:
        """For a clerk: what is seen, what is usual, what to do."""
        return (
            f"{DAYS} ngày qua chỉ có {self.came} mục, trong khi theo nhịp 12 tuần trước thường có khoảng"
            f" {self.expected} mục (đã trừ ngày nghỉ). Đề nghị xem đơn vị có đổi chuyên mục, đổi địa chỉ đăng tin hoặc"
            " nguồn chỉ còn trả một phần không."
        )


def drop(counts: Mapping[date, int], *, today: date, calendar: WorkingCalendar) -> Drop | None:
    """Judge a source by the items of each day; today, which is not over, has no say. None: nothing is to be seen."""
    working = _working(today - timedelta(days=DAYS), calendar)
    if working < LEAST_DAYS:
        return None
    rates = []
    for window in range(1, WINDOWS + 1):
        first = today - timedelta(days=DAYS * (window + 1))
        days = _working(first, calendar)
        if days >= LEAST_DAYS:
            rates.append(_sum(counts, first) / days)
    if len(rates) < LEAST_WINDOWS:
        return None
    expected, came = median(rates) * working, _sum(counts, today - timedelta(days=DAYS))
    if expected < LEAST_EXPECTED or came * SHARE >= expected:
        return None
    return Drop(came=came, expected=round(expected))


def _working(first: date, calendar: WorkingCalendar) -> int:
    return calendar.between(first - timedelta(days=1), first + timedelta(days=DAYS - 1))


def _sum(counts: Mapping[date, int], first: date) -> int:
    return sum(counts.get(first + timedelta(days=n), 0) for n in range(DAYS))


def vanished(gone: int, left: int) -> bool:
    """Whether so many items withdrawn in a day, where so many are left, are a mass."""
    return gone >= VANISHED and gone * 100 >= VANISHED_SHARE * (gone + left)


def vanished_sentence(gone: int, left: int) -> str:
    """For a clerk."""
    return (
        f"Trong một ngày nguồn đã gỡ {gone} mục, còn {left} mục. Đề nghị hỏi đơn vị có chủ động gỡ, hay trang bị lỗi,"
        " đổi địa chỉ hoặc bị can thiệp."
    )


def days_left(last: date, today: date, calendar: WorkingCalendar) -> int:
    """Working days until the end of a stretch, with today."""
    return max(0, calendar.between(today - timedelta(days=1), last))
