"""Text of PDF files, page by page; whether each page has any is told too, because a scan says nothing to a screen.

pypdf reads in the order in which a page was drawn. Two columns whose lines stand at one height may come out as one, so
that the stamp in the left one runs into the motto in the right one: the pieces are given once more, each as a line.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

import pypdf
from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError, PyPdfError

from connectors.parse.files.text import FileText, Gathering, Note, UnreadableError

# Its warnings quote what stands in the file, which no log may.
logging.getLogger("pypdf").addHandler(logging.NullHandler())
logging.getLogger("pypdf").propagate = False

#: Pages that are read. pypdf takes 5 to 45 ms for one (measured), and a reading child has 10 s.
PAGE_LIMIT: Final = 300
#: Bytes of drawing instructions that are read, of one page and of all. pypdf reads 0.5 MB a second (measured).
PAGE_WORK_LIMIT: Final = 1_000_000
WORK_LIMIT: Final = 2_000_000
#: Bytes that the drawings of all pages may unpack to, those included that are not read: pypdf keeps them.
UNPACKED_LIMIT: Final = 48_000_000
#: Pages whose columns are told apart, at 5 to 130 ms each (measured): a stamp stands on the first page.
COLUMNS_WITHIN: Final = 10
#: Bounds of pypdf itself: it has some of its own, for a reader with more memory than ours.
_BOUNDS: Final[dict[str, Any]] = {
    "zlib_maximum_output_length": 8_000_000, "lzw_maximum_output_length": 8_000_000,
    "run_length_maximum_output_length": 8_000_000, "array_based_stream_maximum_output_length": 8_000_000,
    "maximum_declared_stream_length": 32_000_000, "stream_decoding_work_maximum_length": 48_000_000,
    "stream_parsing_work_maximum_count": 400_000, "page_tree_maximum_entries": 20_000,
    "xform_maximum_invocations_per_extraction": 500, "image_maximum_buffer_size": 16_000_000,
}  # fmt: skip
#: A picture of at least so many pixels each way may be a scanned page; with fewer letters beside it, it is one: a page
#: number, or what the signing program wrote over the scan ("Ký bởi: …").
_SCAN_PIXELS: Final = 600
_SCAN_LETTERS: Final = 120
#: Spaces that pypdf puts into a gap of the page, where no words of one line have so many between them.
_WIDE_GAP: Final = re.compile(r" {3,}")
#: Drawings and annotations that are looked at on one page.
_OBJECTS: Final = 100
_LETTERS = re.compile(r"[^\W_]")
#: Drawing instructions that show something: text as outlines of letters, lines, a picture.
_DRAWS = re.compile(rb"(?:^|\s)(?:f\*?|F|S|s|B\*?|b\*?|Do|EI|sh)(?=\s|$)")


def read_pdf(body: bytes) -> FileText:
    """The text of a PDF. Raises UnreadableError: encrypted, bomb, broken; a scan is text that is empty."""
    try:
        with pypdf.apply_configuration(**_BOUNDS):
            return _read(pypdf.PdfReader(BytesIO(body), strict=False))
    except (FileNotDecryptedError, DependencyError):  # the newer ciphers need a library that is not here
        raise UnreadableError(Note.ENCRYPTED) from None
    except LimitReachedError:
        raise UnreadableError(Note.BOMB) from None
    except (MemoryError, UnreadableError):
        raise
    except Exception as error:  # pypdf raises whatever a broken file makes it stumble over
        raise UnreadableError(Note.BROKEN) from error


def _read(reader: pypdf.PdfReader) -> FileText:
    if reader.is_encrypted and not reader.decrypt(""):  # many have a password only against changing them
        raise UnreadableError(Note.ENCRYPTED)
    pages, reading = len(reader.pages), _Reading()
    for number in range(min(pages, PAGE_LIMIT)):
        reading.take(reader, number)
    reading.text.extend(_fields(reader))
    if reading.broken and not reading.with_text and not reading.without_text:
        raise UnreadableError(Note.BROKEN)
    note = Note.NOTHING
    if pages > PAGE_LIMIT or reading.too_large or reading.text.full:
        note = Note.TOO_LARGE
    elif reading.with_text and (reading.without_text or reading.broken):
        note = Note.PARTLY_WITHOUT_TEXT
    return FileText(
        raw=reading.text.text(), readable=reading.with_text > 0, note=note, pages=pages, fonts=reading.fonts
    )


@dataclass(slots=True)
class _Reading:
    """What was found on the pages so far, and how many were of which sort."""

    text: Gathering = field(default_factory=Gathering)
    fonts: set[str] = field(default_factory=set)
    with_text: int = 0
    without_text: int = 0
    broken: int = 0
    too_large: bool = False  #: not every page was read
    work: int = 0  #: bytes of drawing instructions that were read
    unpacked: int = 0  #: bytes of drawing instructions

    def take(self, reader: pypdf.PdfReader, number: int) -> None:
        """Read one page; one that does not open costs only itself."""
        try:
            page = reader.pages[number]
            drawn = _drawn(page)
            self.unpacked += len(drawn)
            if self.unpacked > UNPACKED_LIMIT:
                raise UnreadableError(Note.BOMB)
            if len(drawn) > PAGE_WORK_LIMIT or self.work + len(drawn) > WORK_LIMIT:
                self.too_large = True
                return
            self.work += len(drawn)
            self._page(page, drawn, columns=number < COLUMNS_WITHIN)
        except LimitReachedError:  # more to read than pypdf takes
            self.too_large = True
        except (MemoryError, UnreadableError):
            raise
        except Exception:  # whatever a broken page makes pypdf stumble over
            self.broken += 1

    def _page(self, page: pypdf.PageObject, drawn: bytes, *, columns: bool) -> None:
        text = page.extract_text()
        self.text.add(text)
        self.text.extend(_annotations(page))
        if columns:
            self.text.extend(_beside_each_other(page, text))
        self.fonts.update(_fonts(page))
        if _is_scan(page, text, drawn):
            self.without_text += 1
        elif _LETTERS.search(text):
            self.with_text += 1


def _drawn(page: pypdf.PageObject) -> bytes:
    """The drawing instructions of a page, unpacked."""
    try:
        contents = page.get_contents()
        return contents.get_data() if contents is not None else b""
    except LimitReachedError:
        raise UnreadableError(Note.BOMB) from None


def _beside_each_other(page: pypdf.PageObject, text: str) -> Iterator[str]:
    """Pieces of lines with a wide gap, where `text` has them only joined."""
    known = {line.strip() for line in text.splitlines()}
    for row in page.extract_text(extraction_mode="layout").splitlines():
        pieces = [piece for piece in _WIDE_GAP.split(row.strip()) if piece]
        if len(pieces) > 1:
            yield from (piece for piece in pieces if piece not in known)


def _is_scan(page: pypdf.PageObject, text: str, drawn: bytes) -> bool:
    """Whether what the page shows is a picture and not text. An empty page is none."""
    letters = len(_LETTERS.findall(text[:10_000]))
    if letters >= _SCAN_LETTERS:
        return False
    return _has_large_picture(page.get("/Resources"), 2) or (not letters and _DRAWS.search(drawn) is not None)


def _has_large_picture(resources: Any, depth: int) -> bool:
    drawings = _resolved(_resolved(resources, {}).get("/XObject"), {})
    for name in list(drawings)[:_OBJECTS]:
        drawing = _resolved(drawings[name], {})
        if drawing.get("/Subtype") == "/Image":
            if min(int(drawing.get("/Width", 0)), int(drawing.get("/Height", 0))) >= _SCAN_PIXELS:
                return True
        elif depth and _has_large_picture(drawing.get("/Resources"), depth - 1):
            return True
    return False


def _fonts(page: pypdf.PageObject) -> Iterator[str]:
    fonts = _resolved(_resolved(page.get("/Resources"), {}).get("/Font"), {})
    for name in list(fonts)[:_OBJECTS]:
        yield str(_resolved(fonts[name], {}).get("/BaseFont", "")).lstrip("/")


def _annotations(page: pypdf.PageObject) -> Iterator[str]:
    """What stands in notes, stamps and text boxes laid over the page."""
    for annotation in list(_resolved(page.get("/Annots"), []))[:_OBJECTS]:
        contents = _resolved(annotation, {}).get("/Contents")
        if isinstance(contents, str):
            yield contents


def _fields(reader: pypdf.PdfReader) -> Iterator[str]:
    """What a form was filled in with."""
    try:
        fields = reader.get_form_text_fields() or {}
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return
    yield from (value for value in fields.values() if isinstance(value, str))


def _resolved(value: Any, otherwise: Any) -> Any:
    """What an indirect object stands for, if it is of the wanted shape."""
    found = value.get_object() if hasattr(value, "get_object") else value
    return found if isinstance(found, type(otherwise)) else otherwise
