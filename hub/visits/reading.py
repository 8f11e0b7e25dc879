"""A file of visit counts as rows: CSV of an office, Matomo export, GA4 export. Each refused row is told by its line.

    bytes ─> text ─> lines of comments, heads, cells ─> day, path, count ─> one row per day and path

The columns are found by their heads, in Vietnamese or English. A GA4 report without a column of days counts on the day
that its comments name, if that is one day: a sum over a month says nothing about any of its days.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Final

from connectors.errors import HubError
from connectors.parse.text import clean_text, fold
from hub.visits.values import CELL_LIMIT, day_of, path_of, whole_number

#: Bytes of one file, its rows, cells of a row, and lines before the heads.
SIZE_LIMIT: Final = 32 * 1024**2
ROW_LIMIT: Final = 200_000
CELLS_LIMIT: Final = 500
HEAD_WITHIN: Final = 60
LONGEST_CELL: Final = 100_000
#: Heads in the order in which they are preferred; without marks, in lower case.
DAYS: Final = ("ngay", "ngay thang", "ngay thang nam", "ngay truy cap", "thoi gian", "date", "dates", "day")
COUNTS: Final = (
    "luot truy cap", "so luot truy cap", "tong luot truy cap", "truy cap", "nb_visits", "visits", "sessions",
    "pageviews", "page views", "views", "luot xem", "so luot xem", "nb_hits", "hits",
)  # fmt: skip
PATHS: Final = (
    "duong dan", "dia chi", "lien ket", "url", "metadata: url", "page path", "page path and screen class",
    "page path + query string", "page location", "page", "trang", "chuyen muc", "label",
)  # fmt: skip
_DELIMITERS: Final = ",;\t|"
_COMMENT: Final = re.compile(r"#\s*(start|end) date:\s*([0-9]{8})", re.IGNORECASE)
#: What stands in place of a day in the last row of a table.
_TOTALS: Final = ("tong", "total", "cong", "grand total")
#: What stands there in place of a page.
_ALL_PAGES: Final = frozenset({*_TOTALS, "tong cong", "tong so", "totals"})


class VisitsRefusedError(HubError):
    """This is no file of visit counts, or it cannot be loaded here."""

    code = "visits_unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """So many visits on a day."""

    day: date
    path: str  #: empty = of the whole site
    visits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedLine:
    """A row that is no count."""

    line: int  #: of the file, from 1
    code: str  #: docs/reference/errors.md
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFile:
    """A file as it was read."""

    counts: Sequence[Count]  #: by day and path, each once
    refused: Sequence[RefusedLine]
    rows: int  #: with something in them, below the heads


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where things stand in a row."""

    count: int
    day: int | None = None
    path: int | None = None


@dataclass(slots=True)
class _Table:
    """The rows below the heads."""

    heads: _Columns
    rows: Iterator[tuple[int, list[str]]]
    said: dict[str, date] = field(default_factory=dict)  #: start and end, as comments name them


def read(name: str, body: bytes) -> VisitFile:
    """The counts of a file. Raises VisitsRefusedError where it cannot be read as one at all."""
    if len(body) > SIZE_LIMIT:
        raise _unreadable(name, "too large", f"tệp lớn hơn {SIZE_LIMIT // 1024**2} MB")
    table = _table(name, _text(name, body))
    only = _only_day(name, table)
    found: dict[tuple[date, str], int] = {}
    written: set[tuple[date, str]] = set()
    refused: list[RefusedLine] = []
    rows = 0
    try:
        for line, cells in table.rows:
            rows += 1
            if rows > ROW_LIMIT:
                raise _unreadable(name, "too many rows", f"tệp có nhiều hơn {ROW_LIMIT} dòng")
            one = _count(line, cells, table.heads, only)
            if isinstance(one, RefusedLine):
                refused.append(one)
                continue
            as_written = (one.day, _cell(cells, table.heads.path))
            if as_written in written:
                refused.append(_refused(line, "visits_twice"))
                continue
            written.add(as_written)
            key = (one.day, one.path)
            found[key] = found.get(key, 0) + one.visits  # addresses of one page, written in several ways
    except csv.Error as error:
        raise _unreadable(name, str(error), "bảng bị hỏng") from error
    counts = [Count(day=day, path=path, visits=visits) for (day, path), visits in sorted(found.items())]
    return VisitFile(counts=counts, refused=refused, rows=rows)


def _text(name: str, body: bytes) -> str:
    encoding = "utf-16" if body.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        raise _unreadable(name, f"not {encoding}", "không phải bảng mã UTF-8 hoặc UTF-16") from error


def _table(name: str, text: str) -> _Table:
    """Find the heads among the first lines; what stands above them are titles and comments."""
    said: dict[str, date] = {}
    for comment in _COMMENT.finditer("\n".join(islice(io.StringIO(text), HEAD_WITHIN))):
        if (day := day_of(comment[2])) is not None:
            said[comment[1].lower()] = day
    for delimiter in _by_use(text):
        rows = _rows(text, delimiter)
        try:
            for _, cells in islice(rows, HEAD_WITHIN):
                heads = _heads(cells)
                if heads is not None:
                    return _Table(_with_days_in_labels(text, delimiter, heads, said), rows, said)
        except csv.Error:
            continue
    raise VisitsRefusedError(
        f"{name}: no column of visits", code="visits_no_columns",
        sentence=f"Tệp {name} không có cột số lượt truy cập. Dòng tiêu đề cần có cột «Ngày», cột «Lượt truy cập» và,"
        " nếu thống kê từng trang, cột «Đường dẫn».",
    )  # fmt: skip


def _by_use(text: str) -> list[str]:
    head = "\n".join(islice(io.StringIO(text), HEAD_WITHIN))
    return sorted(_DELIMITERS, key=lambda each: -head.count(each))


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with something in them, each with the number of its first line; comments are none."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    before = 0
    for cells in reader:
        line, before = before + 1, reader.line_num
        if any(len(cell) > LONGEST_CELL for cell in cells):  # a quotation mark that nobody closed
            raise csv.Error("a cell without an end")
        if cells and not cells[0].lstrip().startswith("#") and any(cell.strip() for cell in cells[:CELLS_LIMIT]):
            yield line, cells[:CELLS_LIMIT]


def _heads(cells: Sequence[str]) -> _Columns | None:
    names = {fold(clean_text(cell[:CELL_LIMIT])): place for place, cell in reversed(list(enumerate(cells)))}
    count, day, path = (_first(names, known) for known in (COUNTS, DAYS, PATHS))
    if count is None or (day is None and path is None):
        return None
    return _Columns(count, day, path)


def _first(names: Mapping[str, int], known: Sequence[str]) -> int | None:
    return next((names[name] for name in known if name in names), None)


def _with_days_in_labels(text: str, delimiter: str, heads: _Columns, said: Mapping[str, date]) -> _Columns:
    """Matomo calls the column of days `label` too: the first row under the heads tells."""
    if heads.day is not None or said:
        return heads
    below = False
    for _, cells in islice(_rows(text, delimiter), HEAD_WITHIN + 1):
        if below:
            is_day = day_of(_cell(cells, heads.path)) is not None
            return _Columns(heads.count, heads.path) if is_day else heads
        below = _heads(cells) is not None
    return heads


def _only_day(name: str, table: _Table) -> date | None:
    """The one day of a report that has no column of days."""
    if table.heads.day is not None:
        return None
    first, last = table.said.get("start"), table.said.get("end")
    if first is not None and first == last:
        return first
    raise VisitsRefusedError(
        f"{name}: no column of days", code="visits_no_day",
        sentence=f"Tệp {name} không cho biết số liệu của từng ngày. Hãy xuất lại báo cáo có cột ngày (GA4: thêm thứ"
        " nguyên Ngày), hoặc xuất riêng từng ngày.",
    )  # fmt: skip


def _count(line: int, cells: Sequence[str], heads: _Columns, only: date | None) -> Count | RefusedLine:
    said = _cell(cells, heads.day)
    day = only or day_of(said)
    if day is None:
        total = fold(clean_text(said[:CELL_LIMIT])).startswith(_TOTALS)
        return _refused(line, "visits_total" if total else "visits_day")
    visits = whole_number(_cell(cells, heads.count))
    if visits is None:
        return _refused(line, "visits_number")
    page = _cell(cells, heads.path).strip()
    if fold(clean_text(page[:CELL_LIMIT])) in _ALL_PAGES:
        return _refused(line, "visits_total")
    path = path_of(page) if page else ""
    if page and not path:
        return _refused(line, "visits_path")
    return Count(day=day, path=path, visits=visits)


def _cell(cells: Sequence[str], place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""


#: Why a row is no count. None of them quotes the row: a file may hold anything.
REFUSALS: Final = {
    "visits_day": "Không đọc được ngày; hãy ghi dạng 31/01/2026.",
    "visits_total": "Dòng tổng cộng không được nạp; hệ thống tự cộng.",
    "visits_number": "Số lượt truy cập không phải số nguyên không âm.",
    "visits_path": "Đường dẫn không hợp lệ hoặc dài quá 500 ký tự.",
    "visits_twice": "Trùng ngày và đường dẫn với một dòng ở trên; dòng đầu được giữ.",
}


def _refused(line: int, code: str) -> RefusedLine:
    return RefusedLine(line=line, code=code, sentence=REFUSALS[code])


def _unreadable(name: str, cause: str, what: str) -> VisitsRefusedError:
    return VisitsRefusedError(
        f"{name}: {cause}", sentence=f"Tệp {name} không đọc được: {what}. Hãy lưu lại tệp dạng CSV UTF-8 rồi nạp lại."
    )
