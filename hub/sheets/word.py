"""A Word document in the making: paragraphs, tables, pictures and sections, with the same bytes for the same calls.

python-docx gives the package and its parts. What stands in it is written as text of WordprocessingML and put in at the
end: python-docx's own tables look every cell up anew, and a tree of elements takes ten times as long.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal
from xml.sax.saxutils import escape, quoteattr

import docx
from docx.enum.section import WD_ORIENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from lxml import etree

from connectors.parse.url import web_url
from hub.sheets.blank import LANGUAGE, RIGHT, blank
from hub.sheets.characters import legal
from hub.sheets.prose import Cell, Paragraph, Span

#: Paragraphs and rows of one document; what goes beyond is not written, and the document says so.
PARAGRAPHS_LIMIT: Final = 10_000
#: Characters of a row that is not broken over two pages.
UNBROKEN: Final = 600
#: Lists inside lists that are set in.
_INDENTS: Final = 8
#: Earliest time that a zip file can name; every part has it.
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
#: Years before it are nobody's: a file cannot have been changed then.
_FIRST_YEAR: Final = 1900
#: Longest address of a link that Word opens.
_LINK_LIMIT: Final = 2_048
#: Where what is written stands: before the properties of the one section.
_MAIN_PART, _SECTION = "word/document.xml", b"<w:sectPr"
_LINE: Final = re.compile(r"\r\n|\r|\n")
#: English Metric Units of a millimetre, in which pictures are measured (ECMA-376, 20.1.2.1).
_EMU: Final = 36_000

Align = Literal["", "left", "center", "right"]


class WordFile:
    """One document; the calls append to it, `finish` makes its bytes. Styles are those of hub/sheets/blank.py."""

    def __init__(
        self, *, title: str, author: str, keywords: str, changed: datetime | None, right: int = RIGHT
    ) -> None:  # fmt: skip
        self._document = docx.Document(io.BytesIO(blank(right)))
        self._width = _width(self._document)
        self._pictures = 0
        self._written: list[str] = []
        self._links: dict[str, str] = {}
        self._room = PARAGRAPHS_LIMIT
        self._style, self._aligns = "Table Text", tuple[Align, ...]()
        _set_properties(self._document.core_properties, title, author, keywords, changed)

    def paragraph(self, paragraph: Paragraph | str, style: str = "") -> None:
        """A paragraph in one of the styles."""
        if isinstance(paragraph, str):
            paragraph = Paragraph((Span(paragraph),))
        if self._take():
            self._written.append(self._paragraph(paragraph, style))

    def table(
        self, columns: Sequence[str], rows: Iterable[Sequence[Cell]], widths: Sequence[int], *, labels: bool = False,
        aligns: Sequence[Align] = (), ruled: bool = True, style: str = "Table Text",
    ) -> None:  # fmt: skip
        """Rows of cells under one line of heads, which is repeated on each page; no heads where `columns` is empty.

        `widths` are shares of the width of the text; `labels` tells that the first cell of each row is its label.
        With `aligns`, one for each column, heads stand in the middle. Without `ruled` no lines are drawn.
        """
        shares = [max(1, self._width * width // sum(widths)) for width in widths]
        self._style, self._aligns = style, tuple(aligns)
        down: dict[int, tuple[int, int]] = {}  # column -> rows that a cell above still fills there, and its columns
        written = [
            self._row(row, down, shares, shaded=int(labels), head=False)
            for row in rows
            if self._take()
        ]  # fmt: skip
        if not written:
            return
        if columns:
            heads = [Cell((Paragraph((Span(name, bold=True),), align="center" if aligns else ""),)) for name in columns]
            written.insert(0, self._row(heads, {}, shares, shaded=len(shares), head=True))
        grid = _w("tblGrid", *(_w("gridCol", w=share) for share in shares))
        self._written.append(_w("tbl", _table(self._width, ruled=ruled), grid, *written))
        # Tables that touch would become one.
        self._written.append(_w("p", _w("pPr", _w("spacing", before=0, after=0, line=120, lineRule="exact"))))

    def picture(self, png: bytes, *, width: float, height: float, told: str) -> None:
        """A picture in the middle, in millimetres; `told` is for whoever cannot see it."""
        if not self._take():
            return
        self._pictures += 1
        leads, _ = self._document.part.get_or_add_image(io.BytesIO(png))
        name = f"id={quoteattr(str(self._pictures))} name={quoteattr(f'Picture {self._pictures}')}"
        size = f'cx="{round(width * _EMU)}" cy="{round(height * _EMU)}"'
        drawing = _PICTURE.format(name=name, told=quoteattr(legal(told)), leads=quoteattr(leads), size=size)
        rules = _w("pPr", _w("keepNext"), _w("spacing", before=60, after=60), _w("jc", val="center"))
        self._written.append(_w("p", rules, _w("r", drawing)))

    def section(self, *, sideways: bool) -> None:
        """What follows stands on new pages, with the long side below or not."""
        [page] = self._document.sections
        before = etree.tostring(page._sectPr, encoding="unicode")
        shut = _w("spacing", before=0, after=0, line=20, lineRule="exact")
        self._written.append(_w("p", _w("pPr", shut, before)))
        page.different_first_page_header_footer = False
        if sideways != (page.orientation == WD_ORIENT.LANDSCAPE):
            page.orientation = WD_ORIENT.LANDSCAPE if sideways else WD_ORIENT.PORTRAIT
            page.page_width, page.page_height = page.page_height, page.page_width
        self._width = _width(self._document)

    def _take(self) -> bool:
        """Whether there is room for one more; the last room is for a word about it."""
        self._room -= 1
        if self._room == 0:
            said = Paragraph((Span("(Nội dung còn dài; xem đầy đủ tại trang gốc hoặc tệp XML, JSON.)", italic=True),))
            self._written.append(self._paragraph(said, ""))
        return self._room > 0

    def _row(
        self, row: Sequence[Cell], down: dict[int, tuple[int, int]], shares: Sequence[int], *, shaded: int, head: bool
    ) -> str:
        """A row that fills all columns: with an empty cell where one from above reaches in, or where none is left."""
        waiting, cells, column = list(reversed(row)), list[str](), 0
        while column < len(shares):
            left, reach = down.pop(column, (0, 1))
            cell = None
            if not left:
                cell = waiting.pop() if waiting else Cell(())
                while reach < cell.columns and column + reach < len(shares) and column + reach not in down:
                    reach += 1
                left = cell.rows
            if left > 1:
                down[column] = (left - 1, reach)
            merged = "continue" if cell is None else "restart" if cell.rows > 1 else ""
            width = sum(shares[column : column + reach])
            inside = list(cell.paragraphs) if cell else []
            align: Align = self._aligns[column] if column < len(self._aligns) else ""
            column += reach
            if column == len(shares):  # for those behind it no column is left
                inside += [one for cell in reversed(waiting) for one in cell.paragraphs]
            cells.append(self._cell(inside, width, merged, align, reach=reach, grey=column <= shaded))
        length = sum(len(span.text) for cell in row for one in cell.paragraphs for span in one.spans)
        rules = [_w("cantSplit")] if length <= UNBROKEN or head else []
        return _w("tr", _w("trPr", *rules, *([_w("tblHeader")] if head else [])), *cells)

    def _cell(
        self, inside: Iterable[Paragraph], width: int, merged: str, align: Align, *, grey: bool, reach: int
    ) -> str:
        rules = [_w("tcW", w=width, type="dxa")]
        if reach > 1:
            rules.append(_w("gridSpan", val=reach))
        if merged:
            rules.append(_w("vMerge", val=merged))
        if grey:
            rules.append(_w("shd", val="clear", color="auto", fill="F2F2F2"))
        if grey and self._aligns:
            rules.append(_w("vAlign", val="center"))
        told = [self._paragraph(one, self._style, align, width) for one in inside]
        return _w("tc", _w("tcPr", *rules), *(told or [self._paragraph(Paragraph(()), self._style)]))

    def _paragraph(self, paragraph: Paragraph, style: str, align: Align = "", width: int = 0) -> str:
        if paragraph.line:
            return _line(paragraph.line, width or self._width)
        rules = [_w("pStyle", val=style.replace(" ", ""))] if style else []
        if paragraph.form in ("heading", "code") and not style:
            rules.append(_w("keepNext") if paragraph.form == "heading" else _w("keepLines"))
        depth = min(max(paragraph.depth, int(bool(paragraph.mark) or paragraph.form == "quote")), _INDENTS)
        if paragraph.mark:
            rules.append(_w("ind", left=400 * depth, hanging=400))
        elif depth:
            rules.append(_w("ind", left=400 * depth))
        if at := paragraph.align or align:
            rules.append(_w("jc", val=at))
        elif not (depth or style or paragraph.form != "text" or any(_LINE.search(one.text) for one in paragraph.spans)):
            rules.append(_w("jc", val="both"))  # Word would stretch a line that ends with a break
        mark = [_w("r", _text(paragraph.mark), _w("tab"))] if paragraph.mark else []
        spans = (self._span(span, bold=paragraph.form == "heading") for span in paragraph.spans)
        return _w("p", *([_w("pPr", *rules)] if rules else []), *mark, *spans)

    def _span(self, span: Span, *, bold: bool) -> str:
        look = [_w("b")] if span.bold or bold else []
        look += [_w("i")] if span.italic else []
        address = web_url(span.href) if span.href else ""
        leads = 0 < len(address) <= _LINK_LIMIT
        look += [_w("color", val="0563C1"), _w("u", val="single")] if leads else []
        look += [_w("vertAlign", val=span.raised)] if span.raised else []
        lines = _w("br").join(_text(line) if line else "" for line in _LINE.split(span.text))
        run = _w("r", *([_w("rPr", *look)] if look else []), lines)
        return f'<w:hyperlink r:id="{self._link(address)}">{run}</w:hyperlink>' if leads else run

    def _link(self, address: str) -> str:
        """The relation that leads there; one for all links to an address."""
        if address not in self._links:
            self._links[address] = f"rIdLink{len(self._links) + 1}"
            self._document.part.rels.add_relationship(
                RELATIONSHIP_TYPE.HYPERLINK, address, self._links[address], is_external=True
            )
        return self._links[address]

    def finish(self) -> bytes:
        """The file. Its parts have no time of their own: the same calls give the same bytes."""
        saved, timeless = io.BytesIO(), io.BytesIO()
        self._document.save(saved)
        with zipfile.ZipFile(saved) as parts, zipfile.ZipFile(timeless, "w") as out:
            for name in parts.namelist():
                body = parts.read(name)
                if name == _MAIN_PART:
                    before, section, after = body.rpartition(_SECTION)
                    body = b"".join((before, "".join(self._written).encode(), section, after))
                told = zipfile.ZipInfo(name, _NO_TIME)
                told.create_system, told.external_attr = 0, 0
                out.writestr(told, body, zipfile.ZIP_DEFLATED, 6)
        return timeless.getvalue()


def _set_properties(told: Any, title: str, author: str, keywords: str, changed: datetime | None) -> None:
    told.title, told.author, told.keywords = (legal(text)[:255] for text in (title, author, keywords))
    told.language, told.last_modified_by, told.comments = LANGUAGE, told.author, ""
    for name in ("created", "modified"):
        if changed is not None and changed.year >= _FIRST_YEAR:
            setattr(told, name, changed.astimezone(UTC))
        else:
            for element in list(told._element.iter(qn(f"dcterms:{name}"))):
                told._element.remove(element)


def _w(name: str, *inside: str, **attributes: str | int) -> str:
    """An element of WordprocessingML; what is inside is markup, and values are never texts of others."""
    told = "".join([f' w:{key}="{value}"' for key, value in attributes.items()])
    return f"<w:{name}{told}>{''.join(inside)}</w:{name}>" if inside else f"<w:{name}{told}/>"


def _text(text: str) -> str:
    return f'<w:t xml:space="preserve">{escape(legal(text))}</w:t>'


def _width(document: Any) -> int:
    """Of the text, in twentieths of a point."""
    [page] = document.sections
    return int(page.page_width - page.left_margin - page.right_margin) // 635


def _line(percent: int, width: int) -> str:
    """A thin line in the middle of so many twentieths of a point."""
    beside = width * (100 - percent) // 200
    return _w("p", _w(
        "pPr", _w("pBdr", _w("top", val="single", sz=6, space=1, color="000000")),
        _w("spacing", before=40, after=0, line=120, lineRule="exact"), _w("ind", left=beside, right=beside),
    ))  # fmt: skip


def _table(width: int, *, ruled: bool) -> str:
    """What all tables have: the whole width, thin lines or none, columns as wide as they are told."""
    return _w(
        "tblPr",
        _w("tblW", w=width, type="dxa"),
        *([_LINES] if ruled else []),
        _w("tblLayout", type="fixed"),
        _w("tblCellMar", *(_w(edge, w=90 if ruled else 0, type="dxa") for edge in ("left", "right"))),
    )


_LINES: Final = _w("tblBorders", *(
    _w(edge, val="single", sz=4, space=0, color="808080")
    for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
))  # fmt: skip

#: An inline picture (ECMA-376, 20.4.2.8).
_PICTURE: Final = (
    '<w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/><wp:docPr {name} descr={told}/>'
    '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
    '<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture">'
    "<pic:nvPicPr><pic:cNvPr {name}/><pic:cNvPicPr/></pic:nvPicPr>"
    "<pic:blipFill><a:blip r:embed={leads}/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>"
    '<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
    "</pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>"
)
