"""What stands in the members of an Office file, told by their first tag: a name is only what somebody calls it.

Which member of an Office Open XML file is its document is said by relations and content types inside of it, and
programs read these each in its own way. So nobody asks them here: whatever could be shown as a document is taken for
one, under any name.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from connectors.parse.files import types as filetype
from connectors.parse.files.text import Note, UnreadableError

_STEP: Final = 64 * 1024
#: Bytes that show whether a member is XML, and mostly the tag too; bytes within which the tag has to come.
_GLANCE: Final = 2_048
_PROLOG: Final = 1024**2
#: What may stand before the first sign, in UTF-8 and UTF-16; two zeros after each other are in neither.
_BEFORE: Final = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"

_OPEN_XML: Final = re.compile(
    r"\{http://(?:schemas\.openxmlformats\.org|purl\.oclc\.org/ooxml|schemas\.microsoft\.com/office)/(\w+)/[^}]*\}(\w+)"
)
_OPEN_DOCUMENT: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}document-content"
#: What a program opens first, and in which kind of file.
_MAIN: Final = {
    ("wordprocessingml", "document"): filetype.DOCX,
    ("presentationml", "presentation"): filetype.PPTX,
    ("spreadsheetml", "workbook"): filetype.XLSX,
}
_DRAWN: Final = frozenset({"dataModel", "chartSpace", "userShapes"})
#: Members with text, by their first tag; the cells of a workbook are its own reader's.
_WITH_TEXT: Final = _DRAWN | {
    "document", "hdr", "ftr", "footnotes", "endnotes", "comments", "sld", "notes", "sldMaster", "sldLayout", "cmLst",
}  # fmt: skip
#: Of a workbook these are read under their usual names; where there are two, another one may be shown.
_SINGLE: Final = frozenset({"workbook", "sst"})
_BESIDE_CELLS: Final = _DRAWN | {"wsDr", "comments", "ThreadedComments", "worksheet", "chartsheet", "dialogsheet"}


@dataclass(frozen=True, slots=True)
class Part:
    """A member with text."""

    member: zipfile.ZipInfo
    tag: str  #: its first, without namespace


def pieces(
    archive: zipfile.ZipFile, member: str | zipfile.ZipInfo, limit: int, *, first: int = _STEP
) -> Iterator[bytes]:  # fmt: skip
    """One member, unpacked in small steps. zipfile gives no more than the list says, and checks the checksum.

    Raises UnreadableError: bomb for more than `limit` bytes, broken, encrypted.
    """
    try:
        with archive.open(member) as stream:
            step = first
            while piece := stream.read(step):
                limit, step = limit - len(piece), _STEP
                if limit < 0:
                    raise UnreadableError(Note.BOMB)
                yield piece
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError, KeyError):
        raise UnreadableError(Note.BROKEN) from None
    except RuntimeError:  # zipfile's word for a password
        raise UnreadableError(Note.ENCRYPTED) from None


def texts_elsewhere(archive: zipfile.ZipFile, kind: str, known: frozenset[str], limit: int) -> tuple[list[Part], int]:
    """Members with text whose name is not `known`, and how many bytes of `limit` are left after looking.

    Raises UnreadableError: broken also when the file is two at once, of which one program opens this and another that.
    """
    found, single = list[Part](), set[str]()
    with_text = _BESIDE_CELLS if kind == filetype.XLSX else _WITH_TEXT
    for member in archive.infolist():
        tag, looked_at = _first_tag(archive, member, limit)
        limit -= looked_at
        family, name = _told(tag)
        opens = filetype.ODT if tag == _OPEN_DOCUMENT else _MAIN.get((family, name), kind)
        if not _may_hold(kind, opens) or (family == "spreadsheetml" and name in single):
            raise UnreadableError(Note.BROKEN)
        single |= {name} & _SINGLE
        if name in with_text and member.filename not in known:
            found.append(Part(member, name))
    return found, limit


def _told(tag: str) -> tuple[str, str]:
    """Family and name of a tag of Office Open XML."""
    told = _OPEN_XML.fullmatch(tag)
    return (told[1], told[2]) if told else ("", "")


def _may_hold(kind: str, opens: str) -> bool:
    return opens == kind or (opens == filetype.ODT and kind in (filetype.ODS, filetype.ODP))


def _first_tag(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> tuple[str, int]:
    """The first tag of a member, "" when it is no XML; and how many bytes that took."""
    parser: Any = etree.XMLPullParser(
        events=("start",), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    size = 0
    for piece in pieces(archive, member, limit, first=_GLANCE):
        if not size and not _may_be_xml(piece):
            return "", len(piece)
        size += len(piece)
        try:
            parser.feed(piece)
            broken = False
        except etree.XMLSyntaxError:
            broken = True
        for _, element in parser.read_events():
            return str(element.tag), size
        if broken or size > _PROLOG:
            raise UnreadableError(Note.BROKEN)
    return "", size


def _may_be_xml(beginning: bytes) -> bool:
    seen = beginning.lstrip(_BEFORE)
    return seen.startswith(b"<") if seen else b"\0\0" not in beginning
