"""Small charts of bars, drawn here as SVG: no script, and the figures stand in a table of the page too."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 280
HEIGHT: Final = 92
#: Where the bars stand, and how high the highest is.
FLOOR: Final = 76
TALLEST: Final = 68
#: The height stands for so many at least: a single thing does not fill the picture.
LEAST: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar; `said` is shown when it is pointed at."""

    x: float
    y: float
    width: float
    height: float
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A word below the bars."""

    x: float
    text: str
    anchor: str  #: start, middle, end


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What the macro `ui.chart` draws."""

    title: str
    total: int  #: of the last bar
    said: str  #: the same in words
    bars: Sequence[Bar]
    marks: Sequence[Mark]
    width: int = WIDTH
    height: int = HEIGHT
    floor: int = FLOOR


def chart(title: str, points: Sequence[tuple[str, int]], said: str) -> Chart:
    """Bars over (label, count) in their order; the last one is now. A count above zero is always seen."""
    most = max(LEAST, *(count for _, count in points))
    step = WIDTH / max(len(points), 1)
    bars = []
    for place, (label, count) in enumerate(points):
        height = max(round(TALLEST * count / most, 1), 2.0) if count else 0.0
        bars.append(
            Bar(
                x=round(place * step + step * 0.12, 1), y=round(FLOOR - height, 1), width=round(step * 0.76, 1),
                height=height, said=f"{label}: {count}",
            )
        )  # fmt: skip
    ends = ((0, 0, "start"), (WIDTH, -1, "end")) if points else ()
    marks = [Mark(x=x, text=points[place][0], anchor=anchor) for x, place, anchor in ends]
    return Chart(
        title=title, total=points[-1][1] if points else 0, said=said, bars=bars, marks=marks
    )  # fmt: skip
