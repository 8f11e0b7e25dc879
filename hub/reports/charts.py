"""Charts as SVG, drawn here: items by month and by member. Paper and console show the same picture.

No style and no script stands in it: the console's content security policy allows neither. Letters take the colour of
the text around them (`currentColor`), bars have the class `bar`; a reader of the screen is told all numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from hub.reports.figures import count
from hub.reports.snapshot import Snapshot
from hub.reports.wording import inside
from hub.sheets.characters import legal

#: Members with a bar of their own.
MEMBERS: Final = 15
#: Of the picture, in its own units; a letter is 13 high.
_WIDTH: Final = 640
_BLUE, _GREY, _LINE = "#1f5f99", "#9db4c8", "#c9d1d9"
#: The console's, then the one that typst brings.
_FONT: Final = "Be Vietnam Pro, Libertinus Serif, sans-serif"


@dataclass(frozen=True, slots=True)
class Bar:
    """One number with its name."""

    name: str
    now: int
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with what is said under it."""

    svg: str
    caption: str
    told: str  #: the numbers as a sentence, for whoever cannot see them
    width: int
    height: int


def months(snapshot: Snapshot) -> Chart | None:
    """Items month by month; nothing for a period of one month, or where nothing came."""
    bars = [Bar(_month(each.code, each.name), each.now, each.before) for each in snapshot.months]
    if len(bars) < 2 or not any(bar.now for bar in bars):
        return None
    return columns(bars, f"Biểu đồ 1. Số lượng thông tin theo tháng, {inside(snapshot.period)}")


def members(snapshot: Snapshot) -> Chart | None:
    """The members with the most items; nothing where fewer than two have any."""
    ranked = sorted(snapshot.senders, key=lambda each: (-each.total.now, each.code))
    bars = [Bar(each.name, each.total.now) for each in ranked if each.total.now][:MEMBERS]
    if len(bars) < 2:
        return None
    caption = "Biểu đồ 2. Số lượng thông tin theo cơ quan, đơn vị"
    if sum(each.total.now > 0 for each in snapshot.senders) > len(bars):
        caption += f" ({len(bars)} cơ quan, đơn vị có nhiều thông tin nhất)"
    return lines(bars, caption)


def columns(bars: Sequence[Bar], caption: str) -> Chart:
    """Upright bars, the period before beside them in grey where it is known."""
    height, floor, top = 230, 196, 26
    highest = max(1, *(max(bar.now, bar.before or 0) for bar in bars))
    step = _WIDTH / len(bars)
    both = any(bar.before is not None for bar in bars)
    wide = min(46.0, step * (0.36 if both else 0.6))
    drawn = [f'<line x1="0" y1="{floor}" x2="{_WIDTH}" y2="{floor}" stroke="{_LINE}" stroke-width="1"/>']
    for at, bar in enumerate(bars):
        middle = step * (at + 0.5)
        values = [(bar.before, _GREY, "bar before"), (bar.now, _BLUE, "bar")] if both else [(bar.now, _BLUE, "bar")]
        left = middle - wide * len(values) / 2
        for value, colour, kind in values:
            if value is not None:
                tall = round((floor - top) * value / highest, 1)
                drawn.append(_rect(left + 1, floor - tall, wide - 2, tall, colour, kind))
                drawn.append(_text(left + wide / 2, floor - tall - 5, count(value), "middle", size=11 if both else 12))
            left += wide
        drawn.append(_text(middle, floor + 18, bar.name, "middle"))
    if both:
        drawn += [
            _rect(_WIDTH / 2 - 105, floor + 26, 9, 9, _GREY, "bar before"),
            _text(_WIDTH / 2 - 91, floor + 34, "Kỳ trước"),
            _rect(_WIDTH / 2 + 15, floor + 26, 9, 9, _BLUE, "bar"),
            _text(_WIDTH / 2 + 29, floor + 34, "Kỳ này"),
        ]
        height += 8
    return _chart(drawn, bars, caption, height)


def lines(bars: Sequence[Bar], caption: str) -> Chart:
    """Bars that lie, one under the other, each behind its name."""
    left, step, top = 250, 21, 4
    highest = max(1, *(bar.now for bar in bars))
    drawn = [f'<line x1="{left}" y1="0" x2="{left}" y2="{top + step * len(bars)}" stroke="{_LINE}" stroke-width="1"/>']
    for at, bar in enumerate(bars):
        y = top + step * at
        long = round((_WIDTH - left - 60) * bar.now / highest, 1)
        drawn.append(_text(left - 8, y + 14, _short(bar.name, 38), "end"))
        drawn.append(_rect(left, y + 3, long, step - 7, _BLUE, "bar"))
        drawn.append(_text(left + long + 6, y + 14, count(bar.now)))
    return _chart(drawn, bars, caption, top + step * len(bars) + 4)


def _chart(drawn: Sequence[str], bars: Sequence[Bar], caption: str, height: int) -> Chart:
    told = "; ".join(
        f"{bar.name}: {count(bar.now)}" + ("" if bar.before is None else f" (kỳ trước {count(bar.before)})")
        for bar in bars
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
        f' role="img" class="chart" font-family="{_FONT}" font-size="12" fill="currentColor">'
        f"<title>{_legal(caption)}</title><desc>{_legal(told)}</desc>{''.join(drawn)}</svg>"
    )
    return Chart(svg, caption, told, _WIDTH, height)


def _rect(x: float, y: float, width: float, height: float, colour: str, kind: str) -> str:
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'
    )  # fmt: skip


def _text(x: float, y: float, text: str, anchor: str = "start", size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{_legal(text)}</text>'


def _month(code: str, name: str) -> str:
    """2026-01 as 01/2026; another name as it is."""
    year, _, month = code.partition("-")
    return f"{month}/{year}" if year.isdigit() and month.isdigit() else name


def _short(name: str, limit: int) -> str:
    return name if len(name) <= limit else f"{name[: limit - 1].rstrip()}…"


def _legal(text: str) -> str:
    return escape(legal(text))
