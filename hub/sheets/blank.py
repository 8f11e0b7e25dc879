"""The empty document that Word files begin as: our page, our letters, nobody's name.

Measures and letters follow Nghị định 30/2020/NĐ-CP, Appendix I: A4 upright, Times New Roman 13 to 14, margins of 20 mm
above and below, 30 mm on the left and 20 mm on the right (reports take 15,
the least, for their tables); page numbers centred above the text, none on the first page.
"""

import io
from functools import cache
from typing import Any, Final

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

FONT: Final = "Times New Roman"
LANGUAGE: Final = "vi-VN"
#: Margins on the left, and on the right where nobody asks for another; millimetres.
LEFT, RIGHT = 30, 20

#: Parts of python-docx's template that speak of its author's machine, or of styles that we take out.
_FOREIGN: Final = ("thumbnail", "extended-properties", "customXml", "stylesWithEffects", "numbering")
#: style -> size in points, bold, centred, points before and after
_STYLES: Final = {
    "Normal": (13, False, False, 0, 6),
    "Header": (13, False, True, 0, 6),
    "Title": (15, True, True, 6, 6),
    "Subtitle": (13, False, True, 0, 6),
    "Heading 1": (14, True, False, 14, 6),
    "Heading 2": (13, True, False, 10, 4),
    "Table Text": (12, False, False, 2, 2),
    "Report Text": (14, False, False, 0, 6),
    "Report Cell": (11, False, False, 1, 1),
    "Letterhead": (13, False, True, 0, 0),
    "Caption": (12, True, True, 8, 4),
    "Note": (11, False, False, 0, 2),
}


@cache
def blank(right: int = RIGHT) -> bytes:
    """An empty document with our page and styles; `right` is its margin there, in millimetres."""
    document = docx.Document()
    _set_styles(document.styles)
    _set_page(document, right)
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
    text = styles["Report Text"].paragraph_format
    text.alignment, text.first_line_indent = WD_ALIGN_PARAGRAPH.JUSTIFY, Mm(10)
    styles["Caption"].paragraph_format.keep_with_next = True


def _set_page(document: Any, right: int) -> None:
    [page] = document.sections
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin = page.bottom_margin = Mm(20)
    page.left_margin, page.right_margin = Mm(LEFT), Mm(right)
    page.header_distance = page.footer_distance = Mm(10)
    page.different_first_page_header_footer = True
    paragraph = page.header.paragraphs[0]._p
    for kind in ("begin", "", "end"):
        inside = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            inside.set(qn("w:fldCharType"), kind)
        else:
            inside.text = " PAGE "
        run = OxmlElement("w:r")
        run.append(inside)
        paragraph.append(run)


def _set_font(look: Any) -> None:
    """One typeface for all letters, in place of those of the theme."""
    for old in list(look.iter(qn("w:rFonts"))):
        look.remove(old)
    fonts = OxmlElement("w:rFonts")
    for letters in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{letters}"), FONT)
    look.insert(0, fonts)
