"""Numbers and comparisons as Vietnamese paper writes them: 3.910.575; 12,5%; tăng 37 (5,3%).

What is not known has a word of its own: it is never 0, and nothing is divided by zero.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

#: In a cell, where nothing was measured or nothing is known.
UNKNOWN: Final = "–"


def count(number: int) -> str:
    """Groups of three, divided by dots."""
    return f"{number:,}".replace(",", ".")


def decimal(number: float, places: int = 1) -> str:
    """With a comma; no digits behind it where there is nothing to tell."""
    whole, _, rest = f"{number:,.{places}f}".partition(".")
    rest = rest.rstrip("0")
    return whole.replace(",", ".") + (f",{rest}" if rest else "")


def share(part: int, whole: int) -> float | None:
    """Part of a whole, 0 to 1; None of nothing."""
    return part / whole if whole else None


def percent(ratio: float | None) -> str:
    """One digit behind the comma; what is only nearly nothing, or nearly all, is not told as nothing or all."""
    if ratio is None:
        return UNKNOWN
    if 0 < abs(ratio) < 0.0005:
        return "dưới 0,1%"
    if 0.9995 < ratio < 1:
        return "trên 99,9%"
    return f"{decimal(ratio * 100)}%"


def grown(now: int, before: int | None) -> float | None:
    """By which part of the number before; None where that is nothing or not known."""
    return (now - before) / before if before else None


def change(now: int, before: int | None) -> str:
    """How a number stands beside that of the period before, as the end of a sentence."""
    if before is None:
        return "chưa có số liệu kỳ trước để so sánh"
    if before == now:
        return "kỳ trước cũng không có" if not now else f"bằng kỳ trước ({count(before)})"
    if not before:
        return "kỳ trước không có"
    verb = "tăng" if now > before else "giảm"
    by = abs(now - before)
    return f"{verb} {count(by)} ({percent(by / before)}) so với kỳ trước ({count(before)})"


def two(number: int) -> str:
    """Of units and persons: 09 sở, ngành."""
    return f"{number:02}" if number < 10 else count(number)


def spoken(told: date) -> str:
    """ngày 05 tháng 7 năm 2026: a nought before days under ten and the first two months (Nghị định 30/2020)."""
    month = f"{told.month:02}" if told.month < 3 else str(told.month)
    return f"ngày {told.day:02} tháng {month} năm {told.year}"


def enumerated(parts: Iterable[str]) -> str:
    """a; b và c."""
    *most, last = parts
    return f"{', '.join(most)} và {last}" if most else last
