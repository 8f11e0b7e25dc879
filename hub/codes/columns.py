"""Lists in our own shape: a header row in Vietnamese or English, or entries of TOML and JSON, and rows under it."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from connectors.parse.text import fold
from hub.codes.drafts import Gathered, draft
from hub.codes.lists import LISTS, CodeError
from hub.codes.rows import CodeFile, CodesRefusedError, Row, Structured, Tabular, as_cells

#: Headings, folded, by the column they mean; the national catalogues' own names too.
_HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "code": (
        "code", "ma", "ma so", "ngay", "ma dinh danh", "ma don vi", "ma linh vuc", "ma vung", "malinhvuc", "madonvi",
        "madinhdanh", "ma loai",
    ),
    "name": (
        "name", "ten", "ten goi", "ten don vi", "ten linh vuc", "tenlinhvuc", "tendonvi", "ten loai", "noi dung",
        "tinh/ thanh pho", "tinh/thanh pho", "ten co quan",
    ),
    "valid_from": ("valid_from", "tu ngay", "ngay hieu luc", "hieu luc tu", "co hieu luc tu"),
    "valid_until": ("valid_until", "den ngay", "den het ngay", "ngay het hieu luc", "hieu luc den"),
    "parent": ("parent", "ma cap tren", "truc thuoc", "ma don vi cap tren"),
    "successors": ("successors", "successor", "ma ke thua", "ma moi", "ke thua"),
    "confirmed": ("confirmed", "xac nhan", "da xac nhan"),
    "kind": ("kind", "loai", "cap", "loai ngay"),
    "ministry": ("ministry", "manganh", "ma nganh"),
    "note": ("note", "ghi chu"),
    "prefix": ("prefix", "ma ubnd"),  # of the province: its level 1 in identifiers of organisations
    "group": ("group", "nhom"),
    "abbreviation": ("abbreviation", "viet tat", "chu viet tat"),  # letters of a type in the numbers of documents
    "words": ("words", "ten khac"),
}  # fmt: skip
_COLUMN_OF: Final = {heading: column for column, headings in _HEADINGS.items() for heading in headings}
#: Columns that only number the rows.
_NUMBERING: Final = ("tt", "stt", "so tt", "no", "no.", "#")
#: Values that the rules ask for, by what a board writes.
_VALUES: Final = {"kind": {"nghi": "off", "ngay nghi": "off", "nghi bu": "off", "lam bu": "work", "lam viec": "work"}}
#: Headings that only one list has.
_TELLING: Final = {
    "ma vung": "area-codes", "malinhvuc": "fields", "ma linh vuc": "fields", "ma dinh danh": "organisations",
    "madinhdanh": "organisations",
}  # fmt: skip
_OF_A_PREFIX: Final = re.compile(r"[ghk]\d\d")
#: Rows among which the headings are looked for.
_HEAD = 5


def list_of(file: CodeFile, wanted: str, named: str = "", headings: Sequence[str] = ()) -> str:
    """The list a file belongs to: as asked, as it says itself, or by its name (`H53.csv` holds what H53 gave out).

    Raises CodesRefusedError.
    """
    stem = file.name.rsplit(".", 1)[0].lower()
    said = wanted or named
    telling = next((_TELLING[heading] for heading in map(fold, headings) if heading in _TELLING), "")
    by_name = "organisations" if _OF_A_PREFIX.fullmatch(stem) else stem
    for name in (said,) if said else (by_name, telling):
        if name in LISTS:
            return name
    raise CodesRefusedError(
        f"{file.name}: which list? one of {', '.join(LISTS)}",
        code="codes_unknown_list",
        sentence=f"Không rõ tệp {file.name} thuộc danh mục nào. Hãy đặt tên tệp theo danh mục (ví dụ"
        " document-types.csv) hoặc chỉ rõ bằng tuỳ chọn --list.",
    )


def read_table(file: CodeFile, table: Tabular, wanted: str, found: Gathered) -> None:
    """Rows under a header row. Raises CodesRefusedError when there is none with a code and a name."""
    for index, head in enumerate(table.rows[:_HEAD]):
        if {"code", "name"} <= set(map(_column, head.cells)):
            return _rows(file, head.cells, table.rows[index + 1 :], wanted, found)
    raise CodesRefusedError(
        f"{file.name}: no header row with a code and a name",
        code="codes_bad_columns",
        sentence=f"Tệp {file.name} thiếu dòng tiêu đề có cột «mã» và cột «tên». Hãy thêm dòng tiêu đề rồi nạp lại.",
    )


def read_entries(file: CodeFile, content: Structured, wanted: str, found: Gathered) -> None:
    """Entries by name of field."""
    name = list_of(file, wanted, content.list)
    for number, entry in content.entries:
        cells = {_column(key) or key[:64]: as_cells(value) for key, value in entry.items()}
        _take(name, Row(file=file.name, number=number, cells=tuple(cells.values())), cells, found)


def _rows(file: CodeFile, headings: Sequence[str], rows: Sequence[Row], wanted: str, found: Gathered) -> None:
    columns = [_column(heading) for heading in headings]
    doubled = sorted({column for column in columns if column and columns.count(column) > 1})
    if doubled:
        raise CodesRefusedError(
            f"{file.name}: two columns for {', '.join(doubled)}",
            code="codes_bad_columns",
            sentence=f"Tệp {file.name} có hai cột cùng nghĩa ({', '.join(doubled)}). Hãy bỏ bớt một cột rồi nạp lại.",
        )
    name = list_of(file, wanted, headings=headings)
    for row in rows:
        if any(row.cells[len(columns) :]):
            found.fell(
                name, row, CodeError("Dòng này có nhiều ô hơn số cột; có thể các cột đã bị lệch.", "row_shifted")
            )
            continue
        _take(name, row, {c: cell for c, cell in zip(columns, row.cells, strict=False) if c}, found)


def _take(name: str, row: Row, told: Mapping[str, str], found: Gathered) -> None:
    read = {
        column: _VALUES.get(column, {}).get(fold(value), value) if name == "holidays" else value
        for column, value in told.items()
    }
    try:
        found.drafts.append(draft(name, row, read))
    except CodeError as error:
        found.fell(name, row, error)


def _column(heading: str) -> str:
    """Our name of a column; the folded heading itself where it is an attribute, empty where it says nothing."""
    folded = fold(heading).strip()
    return "" if folded in _NUMBERING else _COLUMN_OF.get(folded, folded.replace(" ", "_")[:64])
