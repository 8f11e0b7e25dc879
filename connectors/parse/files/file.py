"""What a file that belongs to an item is, and the text in it: for search, and for the screens before publication.

    bytes -> type by content (filetype) -> its reader (pdf, office, sheets, rtf …) -> clean lines -> FileFacts

Pure: same bytes, same facts. It never raises for a bad file: what could not be read is a note, and `readable` says
whether a screen can clear the file by its text. Lines, paragraphs and cells stay lines: a secrecy stamp is a line of
its own. It runs in a reading child with 10 s of processor time and 384 MB; the bounds of each reader keep it inside.
"""

from dataclasses import dataclass
from typing import Final

from connectors.parse.files import oldfonts
from connectors.parse.files import types as filetype
from connectors.parse.files.plaintext import read_plain
from connectors.parse.files.text import FileText, Note, UnreadableError, tidy

__all__ = ["BODY_LIMIT", "FileFacts", "Note", "read_file"]

#: Largest file that is read, in bytes; larger ones are only told by type.
BODY_LIMIT: Final = 64 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What was found in a file."""

    type: str  #: media type by content; `application/octet-stream` when the bytes tell nothing
    text: str  #: plain NFC text; every line, paragraph and cell a line
    readable: bool  #: the text stands for the file; False: a scan (some text may lie over it), encrypted, unknown
    pages: int | None = None  #: pages or slides, where the format counts them
    note: Note = Note.NOTHING  #: with `too_large` and `partly_without_text` the text is not all that a reader sees


def read_file(body: bytes, *, name: str = "", declared: str = "") -> FileFacts:
    """Read a file. `name` and `declared` (its Content-Type) are what others say; the bytes decide."""
    found = filetype.type_of(body)
    if found == filetype.PLAIN and filetype.CSV in filetype.promised(name, declared):
        found = filetype.CSV  # rows of different length, or only one
    try:
        if len(body) > BODY_LIMIT:
            raise UnreadableError(Note.TOO_LARGE)
        read = _read(body, found, declared)
    except UnreadableError as error:
        return FileFacts(type=_public(found), text="", readable=False, note=error.note)
    text, cut = tidy(oldfonts.mend(read.raw, read.fonts))
    readable = read.readable and bool(text)
    note = Note.TOO_LARGE if cut else read.note
    if not note and not readable:
        note = Note.NO_TEXT_LAYER
    if not note and _differs(found, name, declared):
        note = Note.TYPE_DIFFERS
    return FileFacts(type=found, text=text, readable=readable, pages=read.pages, note=note)


def _read(body: bytes, found: str, declared: str) -> FileText:
    """The text by the reader of its type; those with large libraries are loaded when they are needed."""
    match found:
        case filetype.PDF:
            from connectors.parse.files.pdf import read_pdf

            return read_pdf(body)
        case filetype.DOCX | filetype.PPTX | filetype.ODT | filetype.ODS | filetype.ODP:
            from connectors.parse.files.office import read_office

            return read_office(body, found)
        case filetype.XLSX | filetype.XLS:
            from connectors.parse.files.sheets import read_sheets

            return read_sheets(body, found)
        case filetype.RTF:
            from connectors.parse.files.rtf import read_rtf

            return read_rtf(body)
        case filetype.HTML | filetype.XML | filetype.PLAIN | filetype.CSV:
            return read_plain(body, found, declared)
        case filetype.DOC | filetype.PPT:
            from connectors.parse.files.oldoffice import overhear

            return overhear(body)
        case filetype.LOCKED:
            raise UnreadableError(Note.ENCRYPTED)
    raise UnreadableError(Note.NO_TEXT_LAYER if found.startswith("image/") else Note.NOT_READ)


def _public(found: str) -> str:
    """The type as others know it."""
    return filetype.OLE if found == filetype.LOCKED else found


def _differs(found: str, name: str, declared: str) -> bool:
    """Whether everything that was said of the type is wrong."""
    said = filetype.promised(name, declared)
    return bool(said) and not any(filetype.fits(found, one) for one in said)
