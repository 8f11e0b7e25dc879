"""The forms in which details are shown (rows of facts, steps, tables, prose), and how days and sums are written.

Texts here are plain; templates escape them. What says nothing is left out: a row, a column, a table.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final
from urllib.parse import unquote, urlsplit

from connectors.parse.url import host_of
from schemas.shapes import Coded

_DONG: Final = re.compile(r"(?:việt nam\s*)?(?:đồng|vnđ|vnd|đ)\b\.?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One text, and where it leads."""

    text: str
    href: str = ""  #: absolute, has passed the gate; empty: nowhere


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels with what they say."""

    form: ClassVar[str] = "facts"
    heading: str
    rows: tuple[tuple[str, tuple[Line, ...]], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """What is done in one case."""

    name: str  #: empty: in all cases
    steps: tuple[str, ...]
    numbered: bool  #: the page counts the steps; else they do it themselves, or there is one


@dataclass(frozen=True, slots=True)
class Cases:
    """Steps, case by case."""

    form: ClassVar[str] = "cases"
    heading: str
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under one line of column heads; several tables of the same columns where cases differ."""

    form: ClassVar[str] = "table"
    heading: str
    columns: tuple[str, ...]
    cases: tuple[tuple[str, tuple[tuple[tuple[Line, ...], ...], ...]], ...]  #: name of the case, its rows of cells


@dataclass(frozen=True, slots=True)
class Prose:
    """Sanitised HTML."""

    form: ClassVar[str] = "prose"
    heading: str
    html: str


Section = Facts | Cases | Table | Prose
Cell = str | Line | Iterable[str | Line]


def facts(heading: str, rows: Iterable[tuple[str, Cell]]) -> list[Section]:
    """The rows that say something; no section where none does."""
    told = tuple((label, lines) for label, cell in rows if (lines := _lines(cell)))
    return [Facts(heading, told)] if told else []


def table(heading: str, columns: Sequence[str], cases: Iterable[tuple[str, Iterable[Sequence[Cell]]]]) -> list[Section]:
    """The rows and columns that say something."""
    filled = []
    for name, rows in cases:
        cells = [tuple(_lines(cell) for cell in row) for row in rows]
        if kept := [row for row in cells if any(row)]:
            filled.append((name, kept))
    used = [n for n in range(len(columns)) if any(row[n] for _, rows in filled for row in rows)]
    if not used:
        return []
    narrowed = tuple((name, tuple(tuple(row[n] for n in used) for row in rows)) for name, rows in filled)
    return [Table(heading, tuple(columns[n] for n in used), narrowed)]


def _lines(cell: Cell) -> tuple[Line, ...]:
    parts = (cell,) if isinstance(cell, str | Line) else cell
    lines = (Line(part) if isinstance(part, str) else part for part in parts)
    return tuple(dict.fromkeys(line for line in lines if line.text.strip()))


def link(text: str, href: str) -> Line:
    """A text that leads to an address; an address without a text is called by its last part."""
    return Line(text or (address_name(href) if href else ""), href)


def address_name(address: str) -> str:
    """What to call what lies at an address: the last part of its path, else its host."""
    return unquote(urlsplit(address).path.rstrip("/").rpartition("/")[2]) or host_of(address)


def names(coded: Iterable[Coded]) -> list[str]:
    """What these are called; the code of one without a name."""
    return [one.name or one.code for one in coded if one.name or one.code]


def coded_names(coded: Iterable[Coded]) -> list[str]:
    """Code and name of each, where readers look things up by their codes."""
    return [" – ".join(filter(None, (one.code, one.name))) for one in coded]


def day(at: date | None) -> str:
    """dd/mm/yyyy, the form that Vietnamese offices write; empty when unknown."""
    return f"{at.day:02}/{at.month:02}/{at.year:04}" if at else ""


def grouped(number: int) -> str:
    """Thousands are grouped by a point: 1.500.000."""
    return f"{number:,}".replace(",", ".")


def dong(amount: int, unit: str = "") -> str:
    """A sum as offices write it, `25.000 đồng/hồ sơ`; `unit` may name the currency, and what it is for each of."""
    rest = _DONG.sub("", unit, count=1) if _DONG.match(unit) else unit
    if rest and not rest.startswith("/"):
        rest = f" ({rest})"
    return f"{grouped(amount)} đồng{rest}"
