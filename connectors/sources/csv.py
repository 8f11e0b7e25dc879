"""A table at an address: CSV in any encoding, XLSX, XLS or ODS, told by content and not by name.

fetch     one conditional GET
split     finds the header row, and in each further row the columns that `fields` names
normalise connectors/parse/item.py

A column is called as its heading is ("Ngày ban hành" is also "ngay ban hanh"), else by letter or number. A template
puts columns together: `id = "{Số ký hiệu}/{Ngày ban hành}"`. Cells are texts: one that begins with = is no formula.
"""

import csv
import io
import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Final, Literal, cast

from pydantic import Field, ValidationInfo, field_validator

from connectors.base import Capture, Cursor, Fallen, Normalised, Record, SourceContext, Split, Unchanged
from connectors.fields import Allowed
from connectors.parse.charset import decode
from connectors.parse.data.jsontext import BODY_LIMIT
from connectors.parse.data.mapping import Fields, Mapped, Piece, read_pieces
from connectors.parse.data.nodata import refuse_data, what_came_instead
from connectors.parse.entry import Entry
from connectors.parse.files.workbook import is_workbook, read_workbook
from connectors.parse.item import make_item
from connectors.parse.records import fingerprint
from connectors.parse.text import fold

if TYPE_CHECKING:
    from connectors.http import Http

ACCEPT: Final = (
    "text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, application/vnd.ms-excel,"
    " application/vnd.oasis.opendocument.spreadsheet, */*;q=0.5"
)
#: Rows in which the headings are looked for; titles and the names of offices stand above them.
HEADER_WITHIN: Final = 30
#: More columns than a table has, where no headings say how many there are.
UNKNOWN_WIDTH: Final = 1_000_000
#: Characters of one cell, as many as a body has bytes: the limit of the standard library is for other uses.
csv.field_size_limit(BODY_LIMIT)

_LETTERS: Final = re.compile(r"[A-Z]{1,3}")
_BLANKS: Final = re.compile(r"\s+")
_DELIMITERS: Final = (";", "\t", ",", "|")
#: How a first line looks in which Excel is told its delimiter.
_SEPARATOR_LINE: Final = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


class CsvFields(Fields):
    """Columns that hold each field: headings, letters (B), numbers (2), or templates with columns in braces."""

    @classmethod
    def check(cls, expression: str) -> None:
        """Any heading will do; a hole in a template may not be empty."""
        if not expression.strip():
            raise ValueError("a column has a name")

    @classmethod
    def is_template(cls, expression: str) -> bool:
        """Headings hold no braces."""
        return "{" in expression


class Config(Mapped):
    """Settings of a table."""

    fields: CsvFields  #: columns of each field
    header_row: int | None = Field(
        default=None, ge=0, le=1_000, validate_default=True
    )  #: number of the row with the headings, 0 for none; left out: the first that has all columns of `fields`
    delimiter: Literal[";", "\t", ",", "|", ""] = ""  #: between the cells of a CSV; left out: told by the headings
    sheet: Annotated[int | str, Allowed("the name of a sheet, or its number from 1 on")] = Field(
        default=1, union_mode="left_to_right"
    )  #: sheet of a workbook
    separator: str = Field(default=";", max_length=5)  #: between several authors, tags or files in one cell

    @field_validator("header_row")
    @classmethod
    def _fits_the_columns(cls, header_row: int | None, info: ValidationInfo) -> int | None:
        fields = info.data.get("fields")
        named = [column for column in fields.expressions() if _number(column) is None] if fields else []
        if header_row is None and fields and not named:
            raise ValueError("must be given where all columns are letters or numbers: nothing tells the headings")
        if header_row == 0 and named:
            raise ValueError(f"without headings columns are letters or numbers, which this is not: {named[0]}")
        return header_row

    @field_validator("sheet")
    @classmethod
    def _is_counted_from_one(cls, sheet: int | str) -> int | str:
        if sheet in ("", 0) or (isinstance(sheet, int) and sheet < 0):
            raise ValueError("the name of a sheet, or its number from 1 on")
        return sheet


class Connector:
    """A table at one address."""

    def __init__(self, context: SourceContext, config: Config) -> None:
        self.context = context
        self.config = config
        self._columns = config.fields.expressions()

    async def fetch(self, http: "Http", cursor: Cursor) -> Capture | Unchanged:
        """Get the table, unless the site says that nothing changed."""
        return await http.get(self.context.url, cursor=cursor, accept=ACCEPT)

    def split(self, capture: Capture, known: Container[bytes], now: datetime) -> Split:
        """Read the rows below the headings; codes of RejectedError are listed in connectors/parse/data/nodata.py."""
        if len(capture.body) > BODY_LIMIT:
            raise refuse_data("too_large")
        ends = True
        if is_workbook(capture.body):
            format, rows = "workbook", read_workbook(capture.body, self.config.sheet)
        else:
            text = _text(capture)
            format, rows, ends = "csv", self._lines(text), text.endswith(("\n", "\r"))
        numbered = enumerate(rows, start=1)
        places, width = self._places(numbered)
        filled = ((number, row) for number, row in numbered if any(cell.strip() for cell in row))
        read = list(islice(filled, self.config.max_items))
        left_out = sum(1 for _ in filled)
        # Programs write all delimiters of a row. One that is too short, and does not end, was cut off.
        cut_off = not ends and not left_out and read and len(read[-1][1]) < width < UNKNOWN_WIDTH
        pieces = [_piece(number, row, places, width) for number, row in (read[:-1] if cut_off else read)]
        split = read_pieces(
            pieces, self.config, self.context, capture, known, now, word="record", format=format,
            total=len(pieces) + left_out,
        )  # fmt: skip
        return replace(split, truncated=True) if cut_off else split

    def normalise(self, record: Record, capture: Capture) -> Normalised:
        """Clean every field. Raises RejectedError: `no_identity` for what nobody could find again, `no_text`."""
        return make_item(cast(Entry, record.fields), self.context, base=capture.url, pointer=record.pointer)

    # ------------------------------------------------------------------------------------------------ the table

    def _lines(self, text: str) -> Iterator[list[str]]:
        """The rows of a text with delimiters. Raises RejectedError for what is no table."""
        said = _SEPARATOR_LINE.match(text)
        return _cells(text[said.end() :] if said else text, self.config.delimiter or self._delimiter(text, said))

    def _delimiter(self, text: str, said: re.Match[str] | None) -> str:
        """What Excel was told, else what gives the most of our columns in one row, else the most cells."""
        if said and said[1] in _DELIMITERS:
            return said[1]
        head = "".join(islice(io.StringIO(text, newline=""), HEADER_WITHIN))

        def found(delimiter: str) -> tuple[int, int]:
            rows = list(_cells(head, delimiter, strict=False))
            return max(len(self._found(row)) for row in rows), max(map(len, rows))

        return max(_DELIMITERS, key=found)

    def _places(self, numbered: Iterator[tuple[int, list[str]]]) -> tuple[dict[str, int], int]:
        """Column of each name in `fields`, and how many columns there are; the rows up to the headings are used up.

        Raises RejectedError.
        """
        if self.config.header_row == 0:
            return {column: place for column in self._columns if (place := _number(column)) is not None}, UNKNOWN_WIDTH
        best: dict[str, int] = {}
        for number, row in islice(numbered, self.config.header_row or HEADER_WITHIN):
            if self.config.header_row in (None, number):
                found = self._found(row)
                if len(found) == len(set(self._columns)):
                    return found, len(row)
                best = max(best, found, key=len)
        if not best:
            raise refuse_data("not_a_table")
        missing = ", ".join(dict.fromkeys(column for column in self._columns if column not in best))
        raise refuse_data("columns_missing", missing)

    def _found(self, row: Sequence[str]) -> dict[str, int]:
        """The columns of `fields` that this row has, if it is the one with the headings."""
        headings = [_heading(cell) for cell in row]
        if not any(headings):
            return {}
        found = {}
        for column in self._columns:
            place = headings.index(_heading(column)) if _heading(column) in headings else _number(column)
            if place is not None and place < len(row):
                found[column] = place
        return found


class _Finder:
    """What columns hold in one row."""

    def __init__(self, row: Sequence[str], places: dict[str, int]) -> None:
        self._row = row
        self._places = places

    def __call__(self, expression: str, *, markup: bool = False) -> Sequence[str]:
        place = self._places.get(expression, len(self._row))
        return [self._row[place]] if place < len(self._row) else []


def _text(capture: Capture) -> str:
    """The body as text. Raises RejectedError for a page: a workbook of some portals is a web page called .xls."""
    text = decode(capture.body, capture.content_type)[0].lstrip("\ufeff").replace("\0", "")
    if not text.strip() or text.lstrip().startswith("<"):
        raise what_came_instead(text, "not_a_table")
    return text


def _cells(text: str, delimiter: str, *, strict: bool = True) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        if strict:
            raise refuse_data("not_a_table") from error


def _heading(cell: str) -> str:
    """A heading as it is compared: without marks, upper case, line breaks and blanks around it."""
    return _BLANKS.sub(" ", fold(cell)).strip(" :*")


def _number(column: str) -> int | None:
    """Place of a column that is called by letter or number, from 0 on."""
    if column.isascii() and column.isdecimal() and 0 < int(column[:6]) <= 16_384:
        return int(column[:6]) - 1
    if not _LETTERS.fullmatch(column):
        return None
    number = 0
    for letter in column:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _piece(number: int, row: Sequence[str], places: dict[str, int], width: int) -> Piece:
    """One row. With more cells than there are headings, a delimiter inside a cell has moved what stands behind it."""
    pointer, mark, fault = f"row {number}", _mark(row, places), None
    if any(cell.strip() for cell in row[width:]):
        detail = f"{len(row)} cells under {width} headings"
        fault = Fallen(pointer=pointer, code="row_too_long", detail=detail, fingerprint=mark)
    return Piece(pointer=pointer, fingerprint=mark, find=_Finder(row, places), fault=fault)


def _mark(row: Sequence[str], places: dict[str, int]) -> bytes:
    """Fingerprint of what is read of a row. A running number in front changes with each row that is put in above."""
    cells = (f"{column}\0{row[place] if place < len(row) else ''}" for column, place in sorted(places.items()))
    return fingerprint(*(cell.encode("utf-8", "replace") for cell in cells))
