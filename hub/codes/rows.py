"""A file as rows of cells with the numbers that a person sees: CSV with any usual delimiter, TOML, JSON.

A byte order mark, UTF-16 as Excel saves "Unicode text", and decomposed letters are mended; a legacy encoding is
refused, because its letters would be guessed.
"""

import csv
import io
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from connectors.errors import HubError
from connectors.parse.text import clean_text

#: Bytes of one file, and its rows.
SIZE_LIMIT: Final = 32 * 1024**2
ROW_LIMIT: Final = 200_000
SUFFIXES: Final = (".csv", ".tsv", ".toml", ".json")
_DELIMITERS: Final = ",;\t|"


class CodesRefusedError(HubError):
    """This is no list of codes."""

    code = "codes_unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFile:
    """A file as it was handed in."""

    name: str  #: for people: the name without its folder
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row, its cells in plain NFC text."""

    file: str
    number: int  #: line of a CSV file, else which entry
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tabular:
    """Rows as a table has them; the headings are somewhere at the top."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Structured:
    """What a JSON or TOML file holds: entries by name of field, and the list that it names itself."""

    list: str = ""
    entries: tuple[tuple[int, Mapping[str, Any]], ...] = ()


def opened(file: CodeFile) -> Tabular | Structured:
    """The content of a file. Raises CodesRefusedError, code `codes_unreadable`."""
    if len(file.body) > SIZE_LIMIT:
        raise unreadable(file, "too large", f"lớn hơn {SIZE_LIMIT // 1024**2} MB")
    text = _decoded(file)
    suffix = file.name[file.name.rfind(".") :].lower()
    if suffix == ".json":
        return _structured(file, text, _json)
    if suffix == ".toml":
        return _structured(file, text, _toml)
    return _table(file, text)


def unreadable(file: CodeFile, cause: str, what: str) -> CodesRefusedError:
    """A file that is not taken at all."""
    return CodesRefusedError(
        f"{file.name}: {cause}",
        code="codes_unreadable",
        sentence=f"Tệp {file.name} không đọc được: {what}. Hãy lưu lại tệp dạng CSV UTF-8 rồi nạp lại.",
    )


def _decoded(file: CodeFile) -> str:
    encoding = "utf-16" if file.body.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return file.body.decode(encoding)
    except UnicodeDecodeError as error:
        raise unreadable(file, f"not {encoding}: {error.reason}", "không phải bảng mã UTF-8") from error


def _table(file: CodeFile, text: str) -> Tabular:
    rows: list[Row] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    before = 0
    try:
        for cells in reader:
            number, before = before + 1, reader.line_num
            plain = tuple(clean_text(cell) for cell in cells)
            if any(plain):
                rows.append(Row(file=file.name, number=number, cells=plain))
            if len(rows) > ROW_LIMIT:
                raise unreadable(file, "too many rows", f"nhiều hơn {ROW_LIMIT} dòng")
    except csv.Error as error:
        raise unreadable(file, str(error), f"bảng bị hỏng ở dòng {reader.line_num}") from error
    return Tabular(rows=tuple(rows))


def _delimiter(text: str) -> str:
    """The one that the first lines have most of; a comma when there is none."""
    head = "\n".join(text.split("\n", 5)[:5])
    counts = {each: head.count(each) for each in _DELIMITERS}
    return max(_DELIMITERS, key=lambda each: counts[each]) if any(counts.values()) else ","


def _structured(file: CodeFile, text: str, load: Any) -> Structured:
    try:
        data = load(text)
    except (ValueError, RecursionError) as error:
        raise unreadable(file, str(error)[:200], "cấu trúc bị hỏng") from error
    named = ""
    if isinstance(data, dict):
        named = str(data.get("list", ""))
        lists = [value for value in data.values() if isinstance(value, list)]
        data = lists[0] if len(lists) == 1 else data.get("entry")
    if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
        raise unreadable(file, "no list of entries", "không chứa danh sách các mã")
    if len(data) > ROW_LIMIT:
        raise unreadable(file, "too many entries", f"nhiều hơn {ROW_LIMIT} mục")
    return Structured(list=named, entries=tuple(enumerate(data, start=1)))


def _json(text: str) -> Any:
    return orjson.loads(text)


def _toml(text: str) -> Any:
    return tomllib.loads(text)


def as_cells(value: Any) -> str:
    """A value of JSON or TOML as a cell: lists joined by semicolons."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(map(as_cells, value))
    return "" if value is None or isinstance(value, dict) else clean_text(str(value))
