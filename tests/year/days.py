"""Days, working days and stretches of the year 2025 by arithmetic of the key's own, as on a wall calendar."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

YEAR = 2025
FIRST, LAST = date(YEAR, 1, 1), date(YEAR, 12, 31)
#: Last day of the first half, on which districts and communes end, and the first of the second, on which others begin.
MERGED, AFTER = date(YEAR, 6, 30), date(YEAR, 7, 1)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = timedelta(days=1)

#: Days off, by the announcement for 2025, with one that the province gave itself: the hub is told of these, and knows
#: others from its own shipped list.
OFF = {
    date(2025, 1, 1): "Tết Dương lịch", **{date(2025, 1, day): "Tết Nguyên đán Ất Tỵ" for day in range(27, 32)},
    date(2025, 4, 7): "Giỗ Tổ Hùng Vương", date(2025, 4, 30): "Ngày Chiến thắng", date(2025, 5, 1): "Quốc tế lao động",
    date(2025, 5, 2): "Nghỉ hoán đổi", date(2025, 9, 1): "Quốc khánh", date(2025, 9, 2): "Quốc khánh",
    date(2025, 10, 10): "Ngày nghỉ của tỉnh", date(2026, 1, 1): "Tết Dương lịch", date(2026, 1, 2): "Nghỉ hoán đổi",
}  # fmt: skip
WORKED = {date(2025, 4, 26): "Làm bù cho ngày 02/5/2025"}


def holidays() -> str:
    """The list as a board writes it."""
    lines = ["ngày,tên,loại,xác nhận,ghi chú"]
    lines += [f"{day},{name},nghỉ,," for day, name in OFF.items()]
    lines += [f"{day},{name},làm bù,," for day, name in WORKED.items()]
    return "\n".join(lines) + "\n"


def is_working(day: date) -> bool:
    """Whether offices work on it."""
    return day in WORKED or (day.weekday() not in (5, 6) and day not in OFF)


def working_days_after(day: date, until: date) -> int:
    """Working days after `day`, up to and with `until`."""
    return sum(is_working(day + DAY * n) for n in range(1, (until - day).days + 1))


def limit(day: date, working_days: int) -> date:
    """The last day on which something is in time."""
    while working_days or not is_working(day):
        day += DAY
        working_days -= working_days > 0 and is_working(day)
    return day


def at(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """A moment of a day in Vietnam."""
    return datetime.combine(day, time(hour, minute), ZONE).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """The day in Vietnam on which a moment lies."""
    return moment.astimezone(ZONE).date()


Stretch = tuple[date, date]


def stretches(every: str) -> Iterator[Stretch]:
    """The whole stretches of the year, first and last day of each."""
    if every == "week":
        monday = FIRST + DAY * (-FIRST.weekday() % 7)
        while monday + DAY * 6 <= LAST:
            yield monday, monday + DAY * 6
            monday += DAY * 7
        return
    months = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}[every]
    for month in range(1, 13, months):
        after = date(YEAR + 1, 1, 1) if month + months > 12 else date(YEAR, month + months, 1)
        yield date(YEAR, month, 1), after - DAY


def month_ends() -> list[date]:
    """The last day of each month."""
    return [last for _, last in stretches("month")]
