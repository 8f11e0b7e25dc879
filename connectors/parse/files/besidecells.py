"""What an XLSX shows beside its cells: headers and footers of the printed page, comments, text boxes, titles of charts.

A stamp stands as often in the header of a page as in a cell. calamine reads cells only.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from html import unescape
from typing import Final

from connectors.parse.files.office import Paragraphs, walk
from connectors.parse.files.parts import Part, pieces
from connectors.parse.files.text import Gathering

_SHEETS: Final = frozenset({"worksheet", "chartsheet", "dialogsheet"})
#: A comment; what is drawn has the paragraphs that slides have.
_LINES: Final = frozenset({"p", "text"})
_HEADER: Final = re.compile(
    rb"<(?:[\w.-]{1,50}:)?(?:odd|even|first)(?:Header|Footer)(?:\s[^<>]{0,200})?>([^<]{1,2000})<"
)
#: Left, middle and right begin a text of their own; other signs after & tell how it looks, or stand for a number.
_SECTION: Final = re.compile(r"&[LCRlcr]")
_LOOK: Final = re.compile(r'&(?:"[^"]{0,200}"|K(?:[0-9A-Fa-f]{6}|\d\d[+-]\d{3})|\d{1,3}|[A-Za-z])')


def beside_cells(archive: zipfile.ZipFile, parts: Sequence[Part], limit: int, gathering: Gathering) -> None:
    """Gather it from these parts. Raises UnreadableError: bomb, broken, encrypted."""
    paragraphs = Paragraphs(everything=True, lines=_LINES, gathering=gathering)
    for part in parts:
        if part.tag in _SHEETS:
            sheet = b"".join(pieces(archive, part.member, limit))
            limit -= len(sheet)
            gathering.extend(_headers(sheet))
        else:
            limit -= walk(archive, part.member, paragraphs, limit)
        if gathering.full:
            break


def _headers(sheet: bytes) -> Iterator[str]:
    for found in _HEADER.finditer(sheet):
        for text in _SECTION.split(unescape(found[1].decode("utf-8", "replace"))):
            yield _LOOK.sub("", text.replace("&&", "\0")).replace("\0", "&").strip()
