"""Lists of announced procedures in the tables of a page: what each column holds is told by its label.

    STT │ Mã số TTHC            │ Tên thủ tục hành chính │ Thời hạn    │ Phí
    A. Danh mục thủ tục hành chính mới ban hành          │             │        a row of one text is a heading
    1   │ 1.004194.000.00.00.H52│ Đăng ký tạm trú        │ 3 ngày      │ Không

Merged cells count for every row and column that they reach into. A row whose name reaches over several rows is one
procedure with several time limits or fees. A table without labels is no list, whatever stands in it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree, html

from connectors.parse.announcedcodes import CODE, codes_in, parted, without_number
from connectors.parse.announcedwords import HEADING_LIMIT, Found, Outline, column_called, heading, said, said_alone
from connectors.parse.grids import BLOCKS, COLUMNS, Cell, Row, grid, rows_of
from connectors.parse.text import clean_text, cut
from schemas.base import TITLE_LIMIT
from schemas.document import LINES_LIMIT, STATED_LIMIT, Action, Announced
from schemas.shapes import Coded

#: Cells of all tables of one page that are read, merged ones counted in every place.
_CELLS: Final = 200_000
#: Rows in which the labels are looked for, and characters of a cell that are looked at for it.
_HEAD: Final = 8
_GLANCE: Final = 300
#: Columns that must have labels before a table is a list.
_LABELS: Final = 2

#: Roles of which a list has at least one.
_NAMES: Final = frozenset({"name", "old_name"})
_STATED: Final = ("time_limit", "place", "fee", "basis")
_NUMBERING: Final = re.compile(r"(?:\d{1,4}(?:\.\d{1,4}){0,3}|[IVXLC]{1,6}|[A-Ha-h])?\s*[.)]?")
_PLAIN_NUMBER: Final = re.compile(r"\d{1,4}(?:\.\d{1,4}){0,3}\s*[.)]?")
_COUNTED: Final = re.compile(r"\(?\s*\d{1,2}\s*\)?")
_LETTERS: Final = re.compile(r"[^\W\d_]")


def read_tables(markup: str, outline: Outline) -> Found:
    """The lists in sanitised HTML, under the headings between its tables."""
    root = html.fragment_fromstring(markup or "<p></p>", create_parent="div")
    found, budget = Found(), [_CELLS]
    for part in _parts(root):
        if isinstance(part, str):
            if (head := heading(part)) is not None:
                outline.take(head)
        elif rows := grid(part, budget):
            _read_table(rows, outline, found)
    return found


# ----------------------------------------------------------------------------------------- the page, part by part


def _parts(root: html.HtmlElement) -> Iterator[str | html.HtmlElement]:
    """Texts between tables and tables that have labels, in the order of the page."""
    walk = etree.iterwalk(root, events=("start", "end"))
    line: list[str] = []
    size = 0
    for event, element in walk:
        if not isinstance(element.tag, str):
            continue
        if element.tag in BLOCKS:
            if text := clean_text("".join(line)):
                yield text
            line, size = [], 0
        if event == "start" and element.tag == "table" and _has_labels(element):
            walk.skip_subtree()
            yield element
            continue
        text = (element.text if event == "start" else element.tail) or ""
        if size <= HEADING_LIMIT:  # longer than any heading: its end does not matter
            line.append(text)
            size += len(text)
    if text := clean_text("".join(line)):
        yield text


def _has_labels(table: html.HtmlElement) -> bool:
    """Whether the first rows of a table say what its columns hold; else it may be there for the layout."""
    for row, _ in zip(rows_of(table), range(_HEAD), strict=False):
        roles = {column_called(clean_text(_glance(cell))) for cell in row[:COLUMNS]} - {""}
        if roles & _NAMES and len(roles) >= _LABELS:
            return True
    return False


def _glance(cell: html.HtmlElement) -> str:
    text = ""
    for part in cell.itertext():
        text += part
        if len(text) > _GLANCE:
            break
    return text


# ------------------------------------------------------------------------------------------ one table, row by row


@dataclass(slots=True)
class _Table:
    """What the labels of a table say."""

    columns: dict[int, str]
    action: Action | None  #: the label of the names says it: "Tên TTHC bị bãi bỏ"
    labels: frozenset[Cell]

    def cells(self, row: Row, role: str) -> list[Cell]:
        """The cells of a row that hold this, each once."""
        found: list[Cell] = []
        for place, cell in enumerate(row):
            if cell is not None and self.columns.get(place) == role and cell not in found:
                found.append(cell)
        return found

    def text(self, row: Row, role: str) -> str:
        return "\n".join(line for cell in self.cells(row, role) for line in cell.lines)


def _read_table(rows: Sequence[Row], outline: Outline, found: Found) -> None:
    inside = outline.below()
    table: _Table | None = None
    last: tuple[Cell | None, int] = None, 0  # the name above, and how many lines it made
    for row in rows:
        if (labels := _labels(row, table)) is not None:
            table, last = labels, (None, 0)
            continue
        names = table.cells(row, "name") if table else []
        if table and names and names[0] is last[0]:
            found.lines[len(found.lines) - last[1] :] = [
                _more(one, table, row) for one in found.lines[len(found.lines) - last[1] :]
            ]
            continue
        last = None, 0
        if (section := _section(row, names)) is not None:
            if (head := heading(section)) is not None:
                inside.take(head)
        elif table is not None and len(names) == 1 and _is_name(names[0].text):
            made = list(_announced(table, row, names[0].text, inside))
            found.whole = found.whole and bool(made)
            if len(found.lines) + len(made) > LINES_LIMIT:
                found.whole = False
                break
            found.lines += made
            last = names[0], len(made)
        else:
            found.whole = found.whole and not _has_code(row)
    outline.after(inside)


def _labels(row: Row, above: _Table | None) -> _Table | None:
    """What a row of labels says; the second of two such rows adds to the first."""
    distinct = list(dict.fromkeys(cell for cell in row if cell is not None and cell.lines))
    called = {cell: column_called(cell.text) for cell in distinct}
    roles = set(called.values()) - {""}
    if not roles & _NAMES or len(roles) < _LABELS or any(CODE.search(cell.text) for cell in distinct):
        return None
    columns = {place: called[cell] for place, cell in enumerate(row) if cell is not None and called.get(cell)}
    if "name" not in roles:  # all that it names are procedures that are replaced
        columns = {place: role.removeprefix("old_") for place, role in columns.items()}
    names = [cell for cell in distinct if called[cell] == ("name" if "name" in roles else "old_name")]
    if above is not None and names[0] in above.labels:
        columns = above.columns | columns
    return _Table(columns=columns, action=said(names[0].text).action, labels=frozenset(distinct))


def _section(row: Row, names: Sequence[Cell]) -> str | None:
    """The text of a row that parts the list, "" of a row that says nothing; None for a line of the list."""
    distinct = list(dict.fromkeys(cell for cell in row if cell is not None and cell.lines))
    if len(distinct) > 2:
        return "" if all(_COUNTED.fullmatch(cell.text) for cell in distinct) else None  # (1) (2) (3) below the labels
    if not distinct:
        return ""
    text = distinct[-1].text
    if CODE.search(text):
        return None
    if len(distinct) == 1:
        return text
    number = distinct[0].text
    if len(number) > 8 or not _NUMBERING.fullmatch(number):
        return None
    listed = distinct[1] in names and distinct[1].columns == 1 and not _parts_list(text)
    return None if _PLAIN_NUMBER.fullmatch(number) and listed else f"{number.rstrip(' .)')}. {text}"


def _parts_list(text: str) -> bool:
    head = heading(text)
    return text.lower().startswith("lĩnh vực") or (head is not None and head.opens)


def _is_name(text: str) -> bool:
    return len(_LETTERS.findall(text[:TITLE_LIMIT])) >= 6 and " " in text


def _has_code(row: Row) -> bool:
    return any(cell is not None and CODE.search(cell.text) for cell in row)


def _announced(table: _Table, row: Row, name: str, outline: Outline) -> Iterator[Announced]:
    """The lines that a row makes: one, or one for each code of the procedure; none where it is not certain."""
    replaces = tuple(_replaced(table, row))
    action, codes = _action(table, row, outline, replaces=bool(replaces)), codes_in(table.text(row, "code"))
    if action is None or codes is None:
        return
    if not codes:
        name, code = parted(name)
        codes = [code]
    stated = {role: cut(table.text(row, role), STATED_LIMIT) for role in _STATED}
    agency = clean_text(table.text(row, "agency")) or outline.whose
    for code in codes:
        yield Announced(
            action=action, code=code, name=without_number(name), agency=cut(agency, TITLE_LIMIT), **stated,
            replaces=() if action is Action.ABOLISHED else replaces,
        )  # fmt: skip


def _action(table: _Table, row: Row, outline: Outline, *, replaces: bool) -> Action | None:
    """What is done to the procedure of a row. The note of the row, the label of the names and the heading above may
    say it; where they contradict each other nobody can tell.
    """
    told = {table.action, outline.now, said_alone(clean_text(table.text(row, "note"))).action} - {None}
    if told == {Action.AMENDED, Action.REPLACED} or (not told and replaces):
        return Action.REPLACED
    return told.pop() if len(told) == 1 else None


def _replaced(table: _Table, row: Row) -> Iterator[Coded]:
    codes = codes_in(table.text(row, "old_code")) or []
    name, own = parted(clean_text(table.text(row, "old_name")))
    codes = codes or ([own] if own else [])
    name = without_number(name)
    if len(codes) <= 1 and (codes or name):
        yield Coded(code=codes[0] if codes else "", name=name)
    else:
        for code in codes:
            yield Coded(code=code, name=name)


def _more(one: Announced, table: _Table, row: Row) -> Announced:
    """A line with what a further row of the same procedure adds."""
    changes = {}
    for role in _STATED:
        held = str(getattr(one, role)).splitlines()
        if new := [line for line in dict.fromkeys(table.text(row, role).splitlines()) if line not in held]:
            changes[role] = cut("\n".join((*held, *new)), STATED_LIMIT)
    return one.model_copy(update=changes) if changes else one
