"""The cells of all sheets of a workbook (XLSX, XLS) as text, with what an XLSX shows beside them (besidecells.py):
for search and for the screens.

Whether calamine may be asked at all is decided in workbook.py; rows for a mapping are read there too.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

from connectors.errors import RejectedError
from connectors.parse.files import types as filetype
from connectors.parse.files.besidecells import beside_cells
from connectors.parse.files.office import TEXT_UNPACKED_LIMIT, opened
from connectors.parse.files.parts import texts_elsewhere
from connectors.parse.files.text import FileText, Gathering, Note, UnreadableError
from connectors.parse.files.workbook import plain_archive

#: Sheets of one file that are read.
SHEET_LIMIT: Final = 100
#: Bytes of an XLS file; its cells take less room there than in memory.
XLS_LIMIT: Final = 16 * 1024**2

#: What a cell may hold.
Cell = int | float | str | bool | time | date | datetime | timedelta


def read_sheets(body: bytes, kind: str) -> FileText:
    """The cells of a workbook, each a line. Raises UnreadableError: bomb, too_large, broken, encrypted."""
    gathering = Gathering()
    try:
        with CalamineWorkbook.from_filelike(BytesIO(_safe(body, kind, gathering))) as workbook:
            crowded = gathering.full
            names = [one.name for one in workbook.sheets_metadata if one.typ is SheetTypeEnum.WorkSheet]
            for name in names[:SHEET_LIMIT]:
                gathering.add(name)
                gathering.extend(_cells(workbook, name))
                if gathering.full:
                    break
    except PasswordError:
        raise UnreadableError(Note.ENCRYPTED) from None
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableError(Note.BROKEN) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # a defect of calamine that a file set off; Rust's own base class
            raise
        raise UnreadableError(Note.BROKEN) from error
    note = Note.TOO_LARGE if gathering.full or len(names) > SHEET_LIMIT else Note.NOTHING
    return FileText(raw=gathering.text(), readable=not crowded, note=note)


def _safe(body: bytes, kind: str, gathering: Gathering) -> bytes:
    """What may be handed to calamine; what it does not read is gathered."""
    if kind == filetype.XLS:
        if len(body) > XLS_LIMIT:
            raise UnreadableError(Note.TOO_LARGE)
        return body
    with opened(body) as archive:
        parts, left = texts_elsewhere(archive, kind, frozenset(), TEXT_UNPACKED_LIMIT)
        try:
            plain = plain_archive(body)
        except RejectedError as error:
            note = Note.TOO_LARGE if error.code == "workbook_too_large" else Note.BROKEN
            raise UnreadableError(note) from error
        beside_cells(archive, parts, left, gathering)
    return plain


def _cells(workbook: CalamineWorkbook, name: str) -> Iterator[str]:
    for row in workbook.get_sheet_by_name(name).iter_rows():
        yield from (as_text(cell) for cell in row if cell != "")


def as_text(cell: Cell) -> str:
    """A cell as a Vietnamese reader would write it: 20/11/2026, 12, 12.5."""
    match cell:
        case datetime() if cell.time() == time():
            return f"{cell:%d/%m/%Y}"
        case datetime():
            return f"{cell:%d/%m/%Y %H:%M}"
        case date():
            return f"{cell:%d/%m/%Y}"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
    return str(cell)
