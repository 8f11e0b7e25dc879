"""Reads one sheet of a workbook as rows of texts: XLSX, XLS and ODS by calamine, told by content and bounded before.

    zip file -> members that hold cells, unpacked and counted -> extent of the cells -> plain archive -> calamine

calamine keeps a sheet as a full grid: two cells in opposite corners of an XLSX make it ask for 550 GB and abort the
process (measured). And a zip file may lie about what it unpacks to. So everything is unpacked and looked at here, and
calamine is handed a new archive of just that. An old XLS has 65,536 rows and 256 columns at most.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any, Final

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from connectors.parse.data.jsontext import text_of
from connectors.parse.data.nodata import refuse_data
from connectors.parse.files.members import has_twins
from connectors.parse.text import fold

#: Bytes that the members which hold cells may unpack to, and members of one archive.
UNPACKED_LIMIT: Final = 24 * 1024 * 1024
MEMBER_LIMIT: Final = 2_000
#: Cells of a sheet from A1 to the last row and column, empty ones included: 32 bytes each in calamine, more here.
GRID_LIMIT: Final = 500_000

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_WANTED: Final = re.compile(r"(?i)mimetype|.*\.(?:xml|rels)")
_UNWANTED: Final = re.compile(
    r"(?i).*(?:/|^)(?:media|drawings|charts|theme|pivot\w*|externalLinks|Thumbnails|Pictures)/.*"
)

_ATTRIBUTES: Final = rb"""((?:\s+[^\s=<>"'/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(/?)>"""
_PREFIX: Final = rb"<(?:[\w.-]+:)?"
#: Every row and cell as a parser of XML sees it; what only looks like one ends the reading.
_XLSX_TAG: Final = re.compile(_PREFIX + rb"(row|c)" + _ATTRIBUTES)
_XLSX_START: Final = re.compile(_PREFIX + rb"(?:row|c)(?=[\s/>])")
_XLSX_PLACE: Final = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{0,3})([0-9]{1,7})["']""")
_ODS_TAG: Final = re.compile(_PREFIX + rb"(table|table-row|table-cell|covered-table-cell)" + _ATTRIBUTES)
_ODS_START: Final = re.compile(_PREFIX + rb"(?:table|table-row|table-cell|covered-table-cell)(?=[\s/>])")
_ODS_ROWS: Final = re.compile(rb"""number-rows-repeated\s*=\s*["']([0-9]{1,9})["']""")
_ODS_COLUMNS: Final = re.compile(rb"""number-columns-repeated\s*=\s*["']([0-9]{1,9})["']""")


def is_workbook(body: bytes) -> bool:
    """Whether the body is a file that may hold a workbook, whatever it is called."""
    return body.startswith((_ZIP, _OLE))


def read_workbook(body: bytes, sheet: str | int) -> Iterator[list[str]]:
    """The rows of one sheet, named or by its number from 1 on, each with its cells from column A on.

    Raises RejectedError: `not_a_table`, `bad_workbook`, `workbook_too_large`, `sheet_missing`.
    """
    if body.startswith(_ZIP):
        body = plain_archive(body)
    try:
        with CalamineWorkbook.from_filelike(BytesIO(body)) as workbook:
            place = _place(workbook, sheet)
            rows = workbook.get_sheet_by_index(place).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, zipfile.BadZipFile) as error:
        raise refuse_data("bad_workbook") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # a defect of calamine that a file set off; Rust's own base class
            raise
        raise refuse_data("bad_workbook") from error
    return ([cell_text(cell) for cell in row] for row in rows)


def _place(workbook: CalamineWorkbook, sheet: str | int) -> int:
    sheets = [one for one in workbook.sheets_metadata if one.typ is SheetTypeEnum.WorkSheet]
    wanted = fold(sheet.strip()) if isinstance(sheet, str) else ""
    found = [one for place, one in enumerate(sheets, start=1)
             if (fold(one.name.strip()) == wanted if wanted else place == sheet)]  # fmt: skip
    if not found:
        raise refuse_data("sheet_missing", f"sheet = {sheet}")
    return workbook.sheet_names.index(found[0].name)


def cell_text(cell: Any) -> str:
    """A cell as a text that reads like the cell: whole numbers without a point, dates as ISO 8601."""
    match cell:
        case datetime():
            return cell.isoformat(" ", "seconds") if cell.time() != time() else cell.date().isoformat()
        case date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
    return text_of(cell)


# ---------------------------------------------------------------------------------------------------- zip files


def plain_archive(body: bytes) -> bytes:
    """The members of a workbook that hold cells, stored as they are. Raises RejectedError."""
    members = _members(body)
    names = {name.lower() for name in members}
    if b"opendocument.spreadsheet" in members.get("mimetype", b"") and "content.xml" in names:
        grids = [_ods_grid(members["content.xml"])]
    elif "xl/workbook.xml" in names:
        grids = [_xlsx_grid(data) for data in members.values() if b"sheetData" in data]
    else:
        raise refuse_data("not_a_table")
    if max(grids, default=0) > GRID_LIMIT:
        raise refuse_data("workbook_too_large", f"more than {GRID_LIMIT} cells")
    plain = BytesIO()
    with zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return plain.getvalue()


def _members(body: bytes) -> dict[str, bytes]:
    members: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(BytesIO(body)) as archive:
            listed = archive.infolist()
            if len(listed) > MEMBER_LIMIT:
                raise refuse_data("workbook_too_large", f"more than {MEMBER_LIMIT} members")
            wanted = [one for one in listed if _WANTED.fullmatch(one.filename) and not _UNWANTED.match(one.filename)]
            if sum(one.file_size for one in wanted) > UNPACKED_LIMIT:
                raise refuse_data("workbook_too_large", f"more than {UNPACKED_LIMIT} bytes")
            if has_twins(one.filename for one in wanted):
                raise refuse_data("bad_workbook", "two members of one name")
            for one in wanted:
                # zipfile gives no more than the list says, and that is within the limit.
                members[one.filename] = archive.read(one)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
        raise refuse_data("bad_workbook") from error
    return members


@dataclass(slots=True)
class _Extent:
    """How far the cells of a sheet reach."""

    rows: int = 0
    columns: int = 0

    def take(self, rows: int, columns: int) -> None:
        """A cell that reaches so far, counted from 1. Raises RejectedError(code="workbook_too_large")."""
        self.rows, self.columns = max(self.rows, rows), max(self.columns, columns)
        if self.rows * self.columns > GRID_LIMIT:
            raise refuse_data("workbook_too_large", f"a sheet of more than {GRID_LIMIT} cells")

    @property
    def cells(self) -> int:
        """Cells of the whole grid, empty ones included."""
        return self.rows * self.columns


def _tags(data: bytes, tag: re.Pattern[bytes], start: re.Pattern[bytes]) -> Iterator[tuple[bytes, bytes, bool]]:
    """Name, attributes, and whether something stands inside. Raises RejectedError where a parser might see others."""
    seen = 0
    for found in tag.finditer(data):
        seen += 1
        yield found[1], found[2], not found[3]
    if seen != sum(1 for _ in start.finditer(data)) or b"\0" in data:
        raise refuse_data("bad_workbook")


def _xlsx_grid(data: bytes) -> int:
    """Cells of the grid of an XLSX sheet. A cell says where it is, or follows the one before."""
    extent, row, column = _Extent(), -1, -1
    for name, attributes, holds in _tags(data, _XLSX_TAG, _XLSX_START):
        place = _XLSX_PLACE.search(attributes)
        if name == b"row":
            row, column = (int(place[2]) - 1 if place else row + 1), -1
            continue
        column = _column(place[1]) if place and place[1] else column + 1
        if holds:
            extent.take(int(place[2]) if place else max(row, 0) + 1, column + 1)
    return extent.cells


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1


def _ods_grid(data: bytes) -> int:
    """Cells of the grids of all sheets of ODS, where rows and cells say how often they are repeated."""
    total, extent, row, column, repeated = 0, _Extent(), 0, 0, 0
    for name, attributes, holds in _tags(data, _ODS_TAG, _ODS_START):
        if name == b"table":
            total, extent, row, column, repeated = total + extent.cells, _Extent(), 0, 0, 0
        elif name == b"table-row":
            row, column, repeated = row + repeated, 0, _times(_ODS_ROWS, attributes)
        else:
            column += _times(_ODS_COLUMNS, attributes)
            if holds or b"value" in attributes:
                extent.take(row + repeated, column)
    return total + extent.cells


def _times(pattern: re.Pattern[bytes], attributes: bytes) -> int:
    found = pattern.search(attributes)
    return max(1, int(found[1])) if found else 1
