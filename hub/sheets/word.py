"""A Word document in the making: paragraphs, headings and tables on A4, with the same bytes for the same calls.

Measures and letters follow Nghị định 30/2020/NĐ-CP, Appendix I: A4 upright, Times New Roman 13 to 14, margins of 20 mm
above and below, 30 mm on the left and 20 mm on the right; page numbers centred above the text, none on the first page.
python-docx gives the package and its parts. Paragraphs and cells are written as elements: its own tables look up every
cell anew, which takes minutes for a thousand rows.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from connectors.parse.url import web_url
from hub.sheets.characters import legal
from hub.sheets.prose import Cell, Paragraph, Span

FONT: Final = "Times New Roman"
LANGUAGE: Final = "vi-VN"
#: Width of the text, in twentieths of a point: 210 mm without the margins.
WIDTH: Final = round(160 / 25.4 * 1440)
#: Paragraphs and cells of one document; what goes beyond is not written, and the document says so.
PARAGRAPHS_LIMIT: Final = 20_000
#: Characters of a row that is not broken over two pages.
UNBROKEN: Final = 600
#: Earliest time that a zip file can name; every part has it.
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
#: Parts of python-docx's template that speak of its author's machine, or of styles that we take out.
_FOREIGN: Final = ("thumbnail", "extended-properties", "customXml", "stylesWithEffects", "numbering")
#: Years before it are nobody's: a file cannot have been changed then.
_FIRST_YEAR: Final = 1900
#: Longest address of a link that Word opens.
_LINK_LIMIT: Final = 2_048

#: style -> size in points, bold, centred, points before and after
_STYLES: Final = {
    "Normal": (13, False, False, 0, 6),
    "Header": (13, False, True, 0, 6),
    "Title": (15, True, True, 6, 6),
    "Subtitle": (13, False, True, 0, 6),
    "Heading 1": (14, True, False, 14, 6),
    "Heading 2": (13, True, False, 10, 4),
    "Table Text": (12, False, False, 2, 2),
    "Note": (11, False, False, 0, 2),
}


class WordFile:
    """One document; the calls append to it, `finish` makes its bytes."""

    def __init__(self, *, title: str, author: str, keywords: str, changed: datetime | None) -> None:
        self._document = docx.Document(io.BytesIO(_blank()))
        self._links: dict[str, str] = {}
        self._room = PARAGRAPHS_LIMIT
        self._end = self._document.element.body.sectPr
        _set_properties(self._document.core_properties, title, author, keywords, changed)

    def paragraph(self, paragraph: Paragraph | str, style: str = "") -> None:
        """A paragraph in one of the styles above."""
        if isinstance(paragraph, str):
            paragraph = Paragraph((Span(paragraph),))
        if self._take():
            self._end.addprevious(self._paragraph(paragraph, style))

    def table(
        self, columns: Sequence[str], rows: Iterable[Sequence[Cell]], widths: Sequence[int], *, labels: bool = False
    ) -> None:
        """Rows of cells under one line of heads, which is repeated on each page; no heads where `columns` is empty.

        `widths` are shares of the width of the text; `labels` tells that the first cell of each row is its label.
        """
        table = _w("tbl", _w("tblPr", *_TABLE()))
        shares = [max(1, WIDTH * width // sum(widths)) for width in widths]
        table.append(_w("tblGrid", *(_w("gridCol", w=share) for share in shares)))
        if columns:
            heads = [Cell((Paragraph((Span(name, bold=True),)),)) for name in columns]
            table.append(self._row(heads, {}, shares, shaded=len(shares), head=True))
        down: dict[int, tuple[int, int]] = {}  # column -> rows that a cell above still fills there, and its columns
        for row in rows:
            if self._take():
                table.append(self._row(row, down, shares, shaded=int(labels), head=False))
        self._end.addprevious(table)
        self._end.addprevious(_w("p", _w("pPr", _w("spacing", before=0, after=0, line=120, lineRule="exact"))))

    def _take(self) -> bool:
        """Whether there is room for one more; the last room is for a word about it."""
        self._room -= 1
        if self._room == 0:
            said = Paragraph((Span("(Nội dung còn dài; xem đầy đủ tại trang gốc hoặc tệp XML, JSON.)", italic=True),))
            self._end.addprevious(self._paragraph(said, ""))
        return self._room > 0

    def _row(
        self, row: Sequence[Cell], down: dict[int, tuple[int, int]], shares: Sequence[int], *, shaded: int, head: bool
    ) -> Any:  # fmt: skip
        """A row that fills all columns: with an empty cell where one from above reaches in, or where none is left."""
        waiting, cells, column = list(reversed(row)), [], 0
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
            cells.append(self._cell(cell, width, merged, reach=reach, grey=column < shaded))
            column += reach
        for cell in reversed(waiting):  # no column is left for them
            cells[-1].extend(self._paragraph(one, "Table Text") for one in cell.paragraphs)
        length = sum(len(span.text) for cell in row for one in cell.paragraphs for span in one.spans)
        rules = [_w("cantSplit")] if length <= UNBROKEN or head else []
        return _w("tr", _w("trPr", *rules, *([_w("tblHeader")] if head else [])), *cells)

    def _cell(self, cell: Cell | None, width: int, merged: str, *, grey: bool, reach: int = 1) -> Any:
        rules = [_w("tcW", w=width, type="dxa")]
        if reach > 1:
            rules.append(_w("gridSpan", val=reach))
        if merged:
            rules.append(_w("vMerge", val=merged))
        if grey:
            rules.append(_w("shd", val="clear", color="auto", fill="F2F2F2"))
        inside = [self._paragraph(one, "Table Text") for one in (cell.paragraphs if cell else ())]
        return _w("tc", _w("tcPr", *rules), *(inside or [self._paragraph(Paragraph(()), "Table Text")]))

    def _paragraph(self, paragraph: Paragraph, style: str) -> Any:
        rules = [_w("pStyle", val=style.replace(" ", ""))] if style and style != "Normal" else []
        if paragraph.form in ("heading", "code") and not style:
            rules.append(_w("keepNext") if paragraph.form == "heading" else _w("keepLines"))
        depth = max(paragraph.depth, int(bool(paragraph.mark)))
        if paragraph.mark:
            rules.append(_w("ind", left=400 * depth, hanging=400))
        elif depth or paragraph.form == "quote":
            rules.append(_w("ind", left=400 * max(depth, 1)))
        elif not style and paragraph.form == "text":
            rules.append(_w("jc", val="both"))
        element = _w("p", _w("pPr", *rules)) if rules else _w("p")
        if paragraph.mark:
            element.append(_w("r", _text(paragraph.mark), _w("tab")))
        for span in paragraph.spans:
            self._span(element, span, bold=paragraph.form == "heading")
        return element

    def _span(self, paragraph: Any, span: Span, *, bold: bool) -> None:
        look = [_w("b")] if span.bold or bold else []
        look += [_w("i")] if span.italic else []
        address = web_url(span.href) if span.href else ""
        if address and len(address) <= _LINK_LIMIT:
            look += [_w("color", val="0563C1"), _w("u", val="single")]
            link = _w("hyperlink")
            link.set(qn("r:id"), self._link(address))
            paragraph.append(link)
            paragraph = link
        look += [_w("vertAlign", val=span.raised)] if span.raised else []
        run = _w("r", _w("rPr", *look)) if look else _w("r")
        for number, line in enumerate(legal(span.text).split("\n")):
            if number:
                run.append(_w("br"))
            if line:
                run.append(_text(line))
        paragraph.append(run)

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
        written, timeless = io.BytesIO(), io.BytesIO()
        self._document.save(written)
        with zipfile.ZipFile(written) as parts, zipfile.ZipFile(timeless, "w") as out:
            for name in parts.namelist():
                told = zipfile.ZipInfo(name, _NO_TIME)
                told.create_system, told.external_attr = 0, 0
                out.writestr(told, parts.read(name), zipfile.ZIP_DEFLATED, 6)
        return timeless.getvalue()


@cache
def _blank() -> bytes:
    """An empty document with our page and styles."""
    document = docx.Document()
    _set_styles(document.styles)
    _set_page(document)
    for rels in (document.part.rels, document.part.package.rels):
        for key in [key for key, rel in rels.items() if rel.reltype.endswith(_FOREIGN)]:
            del rels[key]
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _set_styles(styles: Any) -> None:
    for default in styles.element.iter(qn("w:rPrDefault")):
        _set_font(default.find(qn("w:rPr")))
        for language in default.iter(qn("w:lang")):
            language.set(qn("w:val"), LANGUAGE)
            language.set(qn("w:eastAsia"), LANGUAGE)
    for style in list(styles):
        if style.name not in _STYLES and not style.element.get(qn("w:default")):
            styles.element.remove(style.element)
    for name, (size, bold, centred, before, after) in _STYLES.items():
        style = styles[name] if name in styles else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        for foreign in [one for tag in ("w:pBdr", "w:link") for one in style.element.iter(qn(tag))]:
            foreign.getparent().remove(foreign)
        _set_font(style.element.get_or_add_rPr())
        style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
        style.font.color.rgb = RGBColor(0, 0, 0)
        shape = style.paragraph_format
        shape.space_before, shape.space_after, shape.line_spacing = Pt(before), Pt(after), 1.1
        shape.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.LEFT


def _set_page(document: Any) -> None:
    [page] = document.sections
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin = page.bottom_margin = Mm(20)
    page.left_margin, page.right_margin = Mm(30), Mm(20)
    page.header_distance = page.footer_distance = Mm(10)
    page.different_first_page_header_footer = True
    paragraph = page.header.paragraphs[0]._p
    for kind in ("begin", "", "end"):
        inside = _w("fldChar", fldCharType=kind) if kind else _w("instrText")
        inside.text = None if kind else " PAGE "
        paragraph.append(_w("r", inside))


def _set_properties(told: Any, title: str, author: str, keywords: str, changed: datetime | None) -> None:
    told.title, told.author, told.keywords = (legal(text)[:255] for text in (title, author, keywords))
    told.language, told.last_modified_by, told.comments = LANGUAGE, told.author, ""
    for name in ("created", "modified"):
        if changed is not None and changed.year >= _FIRST_YEAR:
            setattr(told, name, changed.astimezone(UTC))
        else:
            for element in list(told._element.iter(qn(f"dcterms:{name}"))):
                told._element.remove(element)


def _w(name: str, *children: Any, **attributes: str | int) -> Any:
    """An element of WordprocessingML with attributes of the same namespace."""
    element = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), str(value))
    element.extend(children)
    return element


def _text(text: str) -> Any:
    element = _w("t")
    element.text = legal(text)
    element.set(qn("xml:space"), "preserve")
    return element


def _TABLE() -> Iterator[Any]:
    """What all tables have: the whole width, thin lines, columns as wide as they are told."""
    yield _w("tblW", w=WIDTH, type="dxa")
    edges = ("top", "left", "bottom", "right", "insideH", "insideV")
    yield _w("tblBorders", *(_w(edge, val="single", sz=4, space=0, color="808080") for edge in edges))
    yield _w("tblLayout", type="fixed")
    yield _w("tblCellMar", *(_w(edge, w=90, type="dxa") for edge in ("left", "right")))


def _set_font(look: Any) -> None:
    """One typeface for all letters, in place of those of the theme."""
    for old in list(look.iter(qn("w:rFonts"))):
        look.remove(old)
    look.insert(0, _w("rFonts", ascii=FONT, hAnsi=FONT, eastAsia=FONT, cs=FONT))
