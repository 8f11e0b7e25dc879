"""Text of Office files, which are zip files of XML: DOCX, PPTX and the OpenDocument family.

One walk for all of them: whatever is a paragraph becomes a line, wherever it stands: in the text, in a table, a header,
a footer, a footnote, a comment, a text box. A stamp may stand in any of these. Members that hold text have usual names,
and are found under others too (parts.py). Only these are unpacked as a whole, in small steps and counted; the XML
reader knows no entities and opens nothing.
"""

import re
import zipfile
from collections.abc import Mapping, Set
from io import BytesIO
from typing import Any, Final, cast

from lxml import etree

from connectors.parse.files import types as filetype
from connectors.parse.files.members import has_twins
from connectors.parse.files.parts import pieces, texts_elsewhere
from connectors.parse.files.text import FileText, Gathering, Note, UnreadableError

#: Members of one file; a document with a picture on each page has some hundreds.
MEMBER_LIMIT: Final = 5_000
#: Bytes that all members, and those that hold text, may unpack to.
UNPACKED_LIMIT: Final = 512 * 1024**2
TEXT_UNPACKED_LIMIT: Final = 64 * 1024**2
#: How many times larger than the file what it unpacks to may be, once that is more than a few megabytes. Real sheets of
#: one repeated row reach 60.
RATIO_LIMIT: Final = 150
SMALL: Final = 4 * 1024**2

_ODF_PARTS: Final = (r"content\.xml", r"styles\.xml")  # headers and footers stand among the styles
#: Members that hold text, in the order in which they are read.
_PARTS: Final = {
    filetype.DOCX: (
        r"word/header\d*\.xml", r"word/document\d*\.xml", r"word/footer\d*\.xml", r"word/(?:foot|end)notes\.xml",
        r"word/comments\.xml",
    ),
    filetype.PPTX: (
        r"ppt/slides/slide\d+\.xml", r"ppt/notesSlides/notesSlide\d+\.xml", r"ppt/slideMasters/slideMaster\d+\.xml",
        r"ppt/slideLayouts/slideLayout\d+\.xml", r"ppt/comments/[^/]+\.xml", r"ppt/diagrams/data\d+\.xml",
    ),
    filetype.ODT: _ODF_PARTS, filetype.ODS: _ODF_PARTS, filetype.ODP: _ODF_PARTS,
}  # fmt: skip
_NUMBER: Final = re.compile(r"\d+")

#: By local name: what ends a line, what holds text in Office Open XML, what stands for a space, what names a font.
_PARAGRAPHS: Final = frozenset({"p", "h"})
_TEXTS: Final = frozenset({"t", "delText"})
_SPACES: Final = {"tab": " ", "ptab": " ", "s": " ", "br": "\n", "cr": "\n", "line-break": "\n", "noBreakHyphen": "-"}
_FONTS: Final = frozenset({"rFonts", "latin", "font-face"})
#: An older copy of a drawing that stands beside it, its text boxes included.
_COPY: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def read_office(body: bytes, kind: str) -> FileText:
    """The text of a DOCX, PPTX or OpenDocument file. Raises UnreadableError: bomb, broken, encrypted."""
    archive = opened(body)
    names = _wanted(archive, _PARTS[kind])
    further, left = texts_elsewhere(archive, kind, frozenset(names), TEXT_UNPACKED_LIMIT)
    paragraphs = Paragraphs(everything=_PARTS[kind] is _ODF_PARTS)
    members: list[str | zipfile.ZipInfo] = [*names, *(part.member for part in further)]
    for member in members:
        left -= walk(archive, member, paragraphs, left)
        if paragraphs.gathering.full:
            break
    slides = sum(name.startswith("ppt/slides/") for name in names)
    cut = paragraphs.gathering.full
    note = Note.TOO_LARGE if cut else Note.PARTLY_WITHOUT_TEXT if paragraphs.takes_in else Note.NOTHING
    # Of parts under unusual names nobody knows which is shown: what was not read may be the whole document.
    readable = not paragraphs.takes_in and not (cut and further)
    return FileText(
        raw=paragraphs.gathering.text(), readable=readable, note=note, pages=slides or None, fonts=paragraphs.fonts
    )


def opened(body: bytes) -> zipfile.ZipFile:
    """The zip file, once its own list says that it unpacks to something sensible. Raises UnreadableError."""
    try:
        archive = zipfile.ZipFile(BytesIO(body))
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        raise UnreadableError(Note.BROKEN) from None
    members = archive.infolist()
    unpacked = sum(one.file_size for one in members)
    if len(members) > MEMBER_LIMIT or unpacked > UNPACKED_LIMIT or unpacked > max(SMALL, RATIO_LIMIT * len(body)):
        raise UnreadableError(Note.BOMB)
    if any(one.flag_bits & 1 for one in members):
        raise UnreadableError(Note.ENCRYPTED)
    if has_twins(one.filename for one in members):
        raise UnreadableError(Note.BROKEN)
    return archive


def _wanted(archive: zipfile.ZipFile, patterns: tuple[str, ...]) -> list[str]:
    """Members that hold text, slide 2 before slide 10. Raises UnreadableError when there is none."""
    names = sorted(set(archive.namelist()), key=lambda name: ([int(n[:9]) for n in _NUMBER.findall(name)], name))
    found = [name for pattern in patterns for name in names if re.fullmatch(pattern, name)]
    if not found:
        raise UnreadableError(Note.BROKEN)
    return found


def walk(
    archive: zipfile.ZipFile, member: str | zipfile.ZipInfo, paragraphs: "Paragraphs", limit: int
) -> int:  # fmt: skip
    """Let one member speak; returns how many bytes it was. No tree is built: its size does not matter."""
    parser: Any = etree.XMLParser(
        target=cast(Any, paragraphs), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    size = 0
    try:
        for piece in pieces(archive, member, limit):
            size += len(piece)
            parser.feed(piece)
            if paragraphs.gathering.full:
                return size
        parser.close()
    except etree.XMLSyntaxError:
        raise UnreadableError(Note.BROKEN) from None
    return size


class Paragraphs:
    """What the XML reader tells; each paragraph becomes a line. One inside another (a text box) comes before it."""

    def __init__(
        self, *, everything: bool, lines: Set[str] = _PARAGRAPHS, gathering: Gathering | None = None
    ) -> None:  # fmt: skip
        """`everything`: all text inside a line counts (OpenDocument), not only that of text elements."""
        self.gathering = gathering or Gathering()
        self.fonts: set[str] = set()
        self.takes_in = False  #: a page or a file that lies in the package is shown in this place
        self._everything, self._lines = everything, lines
        self._open: list[list[str]] = []
        self._in_text = self._in_copy = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """A tag opens."""
        name = tag.rpartition("}")[2]
        self._in_copy += tag == _COPY
        if self._in_copy:
            return
        if name in self._lines:
            self._open.append([])
        elif name in _TEXTS:
            self._in_text += 1
        elif name in _SPACES and self._open:
            self._open[-1].append(_SPACES[name])
        elif name == "altChunk":
            self.takes_in = True
        elif name in _FONTS and len(self.fonts) < 100:
            self.fonts.update(value[:60] for value in attributes.values())

    def data(self, text: str) -> None:
        """Text between two tags."""
        if self._open and not self._in_copy and (self._everything or self._in_text):
            self._open[-1].append(text)

    def end(self, tag: str) -> None:
        """A tag closes."""
        name = tag.rpartition("}")[2]
        if self._in_copy:
            self._in_copy -= tag == _COPY
        elif name in _TEXTS:
            self._in_text -= 1
        elif name in self._lines and self._open:
            self.gathering.add("".join(self._open.pop()))

    def close(self) -> None:
        """The member ends."""
        self._open.clear()
        self._in_text = self._in_copy = 0
