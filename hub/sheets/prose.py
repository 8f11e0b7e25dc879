"""Sanitised HTML as paragraphs and tables, for paper: what stands in it is kept, how it was laid out is not.

    <ul><li>Có <b>hộ khẩu</b></li></ul>   ->   Paragraph(form="item", mark="•", spans=("Có ", bold "hộ khẩu"))

Addresses have passed the gate (hub/gate.py). An image is told by its alternative text: nothing is fetched.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from lxml import html

#: Deepest element that is looked into; what lies deeper is told as plain text.
DEPTH_LIMIT: Final = 100
#: Columns and rows over which one cell may reach.
REACH_LIMIT: Final = 50

Form = Literal["text", "heading", "item", "quote", "code"]

_BOLD: Final = frozenset({"b", "strong", "th", "dt", "caption"})
_ITALIC: Final = frozenset({"i", "em", "cite", "dfn", "var", "address", "figcaption"})
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "summary"})
_BLOCKS: Final = frozenset({
    "address", "article", "aside", "blockquote", "caption", "center", "col", "colgroup", "dd", "details", "div", "dl",
    "dt", "figcaption", "figure", "footer", "header", "hr", "main", "nav", "p", "pre", "section", "tbody", "td",
    "tfoot", "th", "thead", "tr",
}) | _HEADINGS  # fmt: skip
_SPACES: Final = re.compile(r"[ \t\n\r\f]+")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text that looks alike."""

    text: str
    bold: bool = False
    italic: bool = False
    raised: Literal["", "superscript", "subscript"] = ""
    href: str = ""  #: absolute http(s) address, or nothing


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Spans; a line feed in one breaks the line."""

    spans: tuple[Span, ...]
    form: Form = "text"
    mark: str = ""  #: of an item of a list: what stands before it
    depth: int = 0  #: of lists: 1, 2 …
    align: Literal["", "left", "center", "right"] = ""  #: empty: as its style has it
    line: int = 0  #: in place of text a thin line in the middle, so many percent of its column wide


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table, and how far it reaches."""

    paragraphs: tuple[Paragraph, ...]
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """A table, row by row."""

    rows: tuple[tuple[Cell, ...], ...]


Block = Paragraph | Grid


def blocks(fragment: str) -> list[Block]:
    """The paragraphs and tables of sanitised HTML, top to bottom."""
    if not fragment.strip():
        return []
    reader = _Reader()
    reader.inside(html.fragment_fromstring(fragment, create_parent="div"), _Look())
    reader.end()
    return reader.blocks


@dataclass(frozen=True, slots=True)
class _Look:
    """How text looks where the reader stands."""

    bold: bool = False
    italic: bool = False
    raised: Literal["", "superscript", "subscript"] = ""
    href: str = ""
    form: Form = "text"
    lists: int = 0
    depth: int = 0
    in_table: bool = False


@dataclass(slots=True)
class _Reader:
    """Gathers spans until a paragraph ends."""

    blocks: list[Block] = field(default_factory=list)
    _spans: list[Span] = field(default_factory=list)
    _mark: str = ""
    _look: _Look = field(default_factory=_Look)

    def text(self, text: str, look: _Look) -> None:
        """Blanks count as one, none at the begin of a line; in <pre> they stay."""
        if look.form != "code":
            text = _SPACES.sub(" ", text)
            if not self._spans or self._spans[-1].text.endswith((" ", "\n")):
                text = text.removeprefix(" ")
        if text:
            self._look = look
            self._spans.append(Span(text, look.bold, look.italic, look.raised, look.href))

    def end(self) -> None:
        """A paragraph ends here, if one has begun."""
        spans = self._spans
        while spans and not spans[-1].text.rstrip():
            spans.pop()
        if spans:
            spans[-1] = replace(spans[-1], text=spans[-1].text.rstrip())
            look = self._look
            self.blocks.append(
                Paragraph(tuple(spans), "item" if self._mark else look.form, self._mark, look.lists)
            )  # fmt: skip
            self._mark = ""
        self._spans = []

    def inside(self, element: Any, look: _Look) -> None:
        """What an element holds, texts and elements in turn."""
        if look.depth >= DEPTH_LIMIT:
            return self.text(element.text_content(), look)
        look = replace(look, depth=look.depth + 1)
        self.text(element.text or "", look)
        for child in element:
            if isinstance(child.tag, str):
                self.element(child, look)
            self.text(child.tail or "", look)

    def element(self, element: Any, look: _Look) -> None:
        """An element where it stands among others."""
        name = str(element.tag)
        inner = _look_of(element, name, look)
        match name:
            case "br":
                self._spans.append(Span("\n"))
            case "img":
                if alt := element.get("alt", "").strip():
                    self.text(f"[Ảnh: {alt}]", replace(inner, italic=True))
            case "ul" | "ol" | "menu":
                self._list(element, replace(inner, lists=look.lists + 1), numbered=name == "ol")
            case "table" if not look.in_table:
                self.end()
                self.blocks += _table(element, inner)
            case _ if name in _BLOCKS or name in ("table", "li"):
                self.end()
                self.inside(element, inner)
                self.end()
            case _:
                self.inside(element, inner)

    def _list(self, element: Any, look: _Look, *, numbered: bool) -> None:
        self.end()
        number = _number(element.get("start"), 1, limit=1_000_000)
        self.text(element.text or "", look)
        for child in element:
            self.end()
            if child.tag == "li":
                self._mark = f"{number}." if numbered else "•" if look.lists == 1 else "–"
                number += 1
                self.inside(child, look)
                self.end()
                self._mark = ""
            elif isinstance(child.tag, str):
                self.element(child, look)
            self.text(child.tail or "", look)
        self.end()


def _look_of(element: Any, name: str, look: _Look) -> _Look:
    """How text looks in an element."""
    changes: dict[str, Any] = {}
    if name in _BOLD:
        changes["bold"] = True
    if name in _ITALIC:
        changes["italic"] = True
    if name in _HEADINGS:
        changes["form"] = "heading"
    if name in ("blockquote", "pre"):
        changes["form"] = "quote" if name == "blockquote" else "code"
    if name in ("sup", "sub"):
        changes["raised"] = "superscript" if name == "sup" else "subscript"
    if name == "a" and element.get("href"):
        changes["href"] = element.get("href")
    return replace(look, **changes) if changes else look


def _table(table: Any, look: _Look) -> list[Block]:
    """The rows that have cells; before them what stands beside its cells. A table in a cell is told as paragraphs."""
    rows: list[list[Cell]] = []
    beside = _Reader()

    def gather(part: Any, look: _Look) -> None:
        look = replace(look, depth=look.depth + 1)
        beside.text(part.text or "", look)
        for child in part:
            match child.tag:
                case "tbody" | "thead" | "tfoot":
                    gather(child, look)
                case "tr":
                    rows.append([])
                    gather(child, look)
                case "td" | "th":
                    if not rows:
                        rows.append([])
                    rows[-1].append(_cell(child, look))
                case str():
                    beside.element(child, look)
            beside.text(child.tail or "", look)

    gather(table, replace(look, in_table=True))
    beside.end()
    told = tuple(tuple(row) for row in rows if row)
    return [*beside.blocks, Grid(told)] if any(cell.paragraphs for row in told for cell in row) else beside.blocks


def _cell(cell: Any, look: _Look) -> Cell:
    inside = _read(cell, _look_of(cell, str(cell.tag), look))
    return Cell(
        tuple(one for one in inside if isinstance(one, Paragraph)),
        columns=_number(cell.get("colspan"), 1, limit=REACH_LIMIT),
        rows=_number(cell.get("rowspan"), 1, limit=REACH_LIMIT),
    )


def _read(element: Any, look: _Look) -> Iterable[Block]:
    reader = _Reader()
    reader.inside(element, look)
    reader.end()
    return reader.blocks


def _number(stated: str | None, otherwise: int, *, limit: int) -> int:
    """A small positive number of an attribute."""
    text = (stated or "").strip()
    return max(1, min(int(text), limit)) if text.isascii() and text.isdigit() and len(text) < 8 else otherwise
