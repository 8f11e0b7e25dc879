"""Tables of HTML as grids: a merged cell stands in every row and column that it reaches into."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree, html

from connectors.parse.text import clean_text

#: Rows of one table and columns of one row that are read.
ROWS: Final = 10_000
COLUMNS: Final = 40
#: Elements that end a line.
BLOCKS: Final = frozenset({
    "address", "article", "aside", "blockquote", "br", "center", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5",
    "h6", "hr", "li", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul",
})  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """A cell of a table; merged ones stand in several places and are one cell."""

    lines: tuple[str, ...]
    columns: int = 1

    @property
    def text(self) -> str:
        return " ".join(self.lines)


Row = Sequence[Cell | None]


def rows_of(table: html.HtmlElement) -> Iterator[list[html.HtmlElement]]:
    """Cells of the table's own rows; tables inside its cells have rows of their own."""
    for child in table:
        rows = [child] if child.tag == "tr" else child if child.tag in ("thead", "tbody", "tfoot") else ()
        for row in rows:
            if row.tag == "tr":
                yield [cell for cell in row if cell.tag in ("td", "th")]


def grid(table: html.HtmlElement, budget: list[int]) -> list[Row]:
    """The table with merged cells in every place that they reach into."""
    made: list[Row] = []
    reaching: dict[int, tuple[Cell, int]] = {}
    for cells, _ in zip(rows_of(table), range(ROWS), strict=False):
        row: dict[int, Cell] = {}
        for column, (cell, left) in list(reaching.items()):
            row[column] = cell
            if left > 1:
                reaching[column] = cell, left - 1
            else:
                del reaching[column]
        column = 0
        for element in cells[:COLUMNS]:
            while column in row:
                column += 1
            wide, high = _span(element, "colspan", COLUMNS), _span(element, "rowspan", ROWS)
            cell = Cell(_lines(element), wide)
            for place in range(column, min(column + wide, COLUMNS)):
                if place in row:
                    break
                row[place] = cell
                if high > 1:
                    reaching[place] = cell, high - 1
            column += wide
        budget[0] -= len(row)
        if budget[0] < 0:
            break
        made.append([row.get(place) for place in range(max(row, default=-1) + 1)])
    return made


def _span(cell: html.HtmlElement, name: str, limit: int) -> int:
    stated = (cell.get(name) or "").strip()
    return min(max(int(stated), 1), limit) if stated.isascii() and stated.isdigit() and len(stated) < 6 else 1


def _lines(cell: html.HtmlElement) -> tuple[str, ...]:
    parts = list[str]()
    for event, element in etree.iterwalk(cell, events=("start", "end")):
        if isinstance(element.tag, str):
            if element.tag in BLOCKS and element is not cell:
                parts.append("\n")
            text = element.text if event == "start" else element.tail if element is not cell else ""
            parts.append(" ".join((text or "").split("\n")))
    lines = (clean_text(line) for line in "".join(parts).split("\n"))
    return tuple(line for line in lines if line)
