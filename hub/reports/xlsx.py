"""A report as an Excel file: the tables of the paper in full, with numbers that are numbers and days that are days.

Sums are formulas whose stored values are those of the snapshot; what others wrote is text and never a formula. The
same snapshot, words, number and signature give the same bytes.
"""

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.utility import xl_rowcol_to_cell  # type: ignore[import-untyped]

from hub.reports import gaps, tables, wording
from hub.reports.paper import Paper, paper
from hub.reports.snapshot import Number, Signed, Slot, Snapshot
from hub.reports.tables import Column, Table, Value
from hub.rules.silences import Silence
from hub.sheets.characters import legal

#: Longest text of a cell that Excel opens.
_TEXT_LIMIT: Final = 32_767
#: Excel knows no earlier day.
_FIRST_YEAR: Final = 1900
#: Order of the rows of "Chưa cung cấp": who sent nothing comes first.
_ORDER: Final = {Silence.NOTHING: 0, Silence.UNREAD: 1, Silence.KEPT: 2}


def xlsx(
    snapshot: Snapshot, words: Mapping[Slot, str], *, number: str = "", signed: Signed | None = None
) -> bytes:  # fmt: skip
    """The file."""
    made = io.BytesIO()
    book = _Book(made, snapshot)
    told = paper(snapshot, words, number=number, signed=signed)
    _summary(book, snapshot, words, told)
    names = _names(snapshot)
    missing = sorted(snapshot.missing, key=lambda each: (_ORDER[each.silence], not each.sent_nothing))
    reasons = {Silence.UNREAD: gaps.WHY_UNREAD, Silence.KEPT: gaps.WHY_KEPT}
    why = [f"{gaps.VERDICT[one]}: {reasons[one]}" for one in reasons if any(each.silence is one for each in missing)]
    owed = tables.missing(missing, gaps.verdict)
    for name, title, table in (
        ("Theo đơn vị", wording.MEMBERS, tables.senders(snapshot)),
        ("Chưa cung cấp", wording.SILENT, owed),
        ("Kịp thời", wording.TIMELINESS, tables.timeliness(snapshot)),
        ("Nơi nhận", wording.PLACES, tables.places(snapshot)),
        ("Lượt truy cập", wording.VISITS, tables.readers(snapshot)),
        ("Cộng tác viên", wording.CONTRIBUTORS, tables.contributors(snapshot.contributors, names)),
    ):
        sheet = book.sheet(name, table.columns)
        sheet.line(f"{title}, {wording.inside(snapshot.period)}", "title")
        for line in why if table is owed else ():
            sheet.line(line)
        sheet.line("")
        sheet.table(table, frozen=True)
        sheet.line("" if table.rows else "Không có số liệu.")
    book.close()
    return made.getvalue()


def _summary(book: "_Book", snapshot: Snapshot, words: Mapping[Slot, str], told: Paper) -> None:
    """Who reports, all totals, n of N, months, and what people wrote."""
    totals = tables.totals(snapshot)
    sheet = book.sheet("Tổng hợp", totals.columns)
    signer = f"{told.signer_title}: {told.signed.name} {wording.SIGNED}" if told.signed else ""
    for line, look in (
        (f"{told.above} - {told.agency}" if told.above else told.agency, "bold"), (told.number, ""),
        (told.dateline, ""), (f"{wording.REPORT}: {told.subject}", "title"), (wording.opening(snapshot), ""),
        (signer, ""),
    ):  # fmt: skip
        sheet.line(line, look)
    sheet.totals(totals, snapshot.items)
    visits = wording.visited(snapshot)
    others = [snapshot.photos, snapshot.files, *([visits] if visits else [])]
    if (found := snapshot.decisions) is not None:
        others += [found.approved, found.waiting, found.rejected, found.withdrawn]
    others += [
        Number(code="copies", name="Bản đăng lại của đơn vị khác (không tính vào tổng)", now=snapshot.copies),
        Number(code="undated", name="Mục không ghi ngày đăng", now=snapshot.undated),
    ]
    for each in others:
        sheet.row(totals.columns, ("", each.name, *tables.compared(each)))
    if snapshot.months:
        sheet.line("")
        sheet.line("Số lượng thông tin theo tháng", "bold")
        months = tables.months(snapshot)
        first = sheet.table(months)
        sheet.chart(months, first)
    if snapshot.covered:
        sheet.line("")
        sheet.line("Độ phủ", "bold")
        sheet.table(tables.covered(snapshot.covered))
    notes = [words[slot] for slot in Slot if words.get(slot, "").strip()]
    for heading, lines in ((wording.PROPOSALS, notes), (wording.REMARKS, [*snapshot.remarks, wording.made(snapshot)])):
        if lines:
            sheet.line("")
            sheet.line(heading, "bold")
            for line in lines:
                sheet.line(line)


def _names(snapshot: Snapshot) -> dict[str, str]:
    """Categories in which any contributor has an item, with their names; one that the report has not by its code."""
    known = {each.code: each.name for total in snapshot.totals for each in (total, *total.parts)}
    found = {code for each in snapshot.contributors for code in each.categories}
    return {
        code: known.get(code, code) for code in (*(one for one in known if one in found), *sorted(found - {*known}))
    }


class _Book:
    """A workbook with the formats that its sheets share."""

    def __init__(self, file: io.BytesIO, snapshot: Snapshot) -> None:
        self._book = xlsxwriter.Workbook(file, {
            "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
            "strings_to_numbers": False,
        })  # fmt: skip
        self._book.set_properties({
            "title": legal(" ".join(wording.title(snapshot).split())), "author": legal(snapshot.head.agency),
            "created": snapshot.made_at.astimezone(UTC).replace(tzinfo=None),
        })  # fmt: skip
        self._formats: dict[tuple[str, str], Any] = {}

    def sheet(self, name: str, columns: Sequence[Column]) -> "_Sheet":
        """An empty one, as wide as its main table."""
        return _Sheet(self, self._book.add_worksheet(name), columns)

    def look(self, form: str, look: str) -> Any:
        """How a value of this form looks in a line of this look."""
        if (form, look) not in self._formats:
            given: dict[str, Any] = {"font_name": "Times New Roman", "font_size": 14 if look == "title" else 12}
            if look in ("title", "bold", "head", "sum"):
                given["bold"] = True
            if look == "part":
                given["italic"] = True
            if form != "line":
                given |= {"border": 1, "border_color": "#808080", "valign": "top", "text_wrap": form == "text"}
                given |= _FORMS.get(form, {})
            if look == "head":
                given |= {"bg_color": "#F2F2F2", "align": "center", "valign": "vcenter", "text_wrap": True}
            self._formats[form, look] = self._book.add_format(given)
        return self._formats[form, look]

    def columns_chart(self) -> Any:
        """An empty chart of upright bars."""
        return self._book.add_chart({"type": "column"})

    def close(self) -> None:
        """Write it."""
        self._book.close()


class _Sheet:
    """One sheet, line by line from the top: what was written cannot be changed."""

    def __init__(self, book: _Book, sheet: Any, columns: Sequence[Column]) -> None:
        self._book, self._sheet, self._next = book, sheet, 0
        sheet.set_column(len(columns), len(columns), 36)
        for at, column in enumerate(columns):
            sheet.set_column(at, at, max(6.0, column.width * 1.15))
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(0)

    def line(self, text: str, look: str = "") -> None:
        """A line of text beside the tables."""
        if text:
            self._text(self._next, 0, text, self._book.look("line", look))
        self._next += 1

    def table(self, table: Table, *, frozen: bool = False) -> int:
        """Heads, rows and the line of sums; answers with the first row of values."""
        self._heads(table, frozen=frozen)
        first = self._next
        for row in table.rows:
            self.row(table.columns, row)
        if frozen and table.rows:
            self._sheet.autofilter(first - 1, 0, self._next - 1, len(table.columns) - 1)
        if table.last:
            sums = {
                at: f"=SUM({xl_rowcol_to_cell(first, at)}:{xl_rowcol_to_cell(self._next - 1, at)})"
                for at, column in enumerate(table.columns) if column.summed
            }  # fmt: skip
            self.row(table.columns, table.last, "sum", sums)
        return first

    def totals(self, table: Table, items: Number) -> None:
        """Categories: parts are summed into their category, categories into the last line."""
        self._heads(table, frozen=False)
        first = self._next
        whole = [at for at in range(len(table.rows)) if at not in table.parts]
        for at, row in enumerate(table.rows):
            end = at + 1
            while end in table.parts and at not in table.parts:
                end += 1
            parts = range(at + 1, end)
            self.row(table.columns, row, "part" if at in table.parts else "", self._summed(table, row, first, parts))
        last = self._summed(table, table.last, first, whole)
        self.row(table.columns, table.last, "sum", last)

    def _summed(self, table: Table, row: Sequence[Value], first: int, parts: Sequence[int]) -> dict[int, str]:
        """Formulas for the columns in which these rows add up to the value of this one."""
        told = {}
        for at, column in enumerate(table.columns):
            values = [table.rows[part][at] for part in parts]
            known = [one for one in values if isinstance(one, int)]
            if known and column.summed and len(known) == len(values) and sum(known) == row[at]:
                told[at] = f"=SUM({','.join(xl_rowcol_to_cell(first + part, at) for part in parts)})"
        return told

    def row(
        self, columns: Sequence[Column], row: Sequence[Value], look: str = "", formulas: Mapping[int, str] | None = None
    ) -> None:
        """One line of values, some of which are reckoned by Excel as well."""
        for at, (column, value) in enumerate(zip(columns, row, strict=True)):
            shape = self._book.look(column.form if not isinstance(value, str) else "text", look)
            if formulas and at in formulas:
                self._sheet.write_formula(self._next, at, formulas[at], shape, value)
            elif isinstance(value, date) and value.year >= _FIRST_YEAR:
                self._sheet.write_datetime(self._next, at, value, shape)
            elif isinstance(value, int | float):
                self._sheet.write_number(self._next, at, value, shape)
            else:
                self._text(self._next, at, column.show(value), shape)
        self._next += 1

    def chart(self, table: Table, first: int) -> None:
        """Upright bars beside the table of months."""
        chart, last, name = self._book.columns_chart(), first + len(table.rows) - 1, self._sheet.get_name()
        for at, colour in ((3, "#9DB4C8"), (2, "#1F5F99")):
            if any(row[at] is not None for row in table.rows):
                chart.add_series({
                    "name": table.columns[at].name, "categories": [name, first, 1, last, 1],
                    "values": [name, first, at, last, at], "fill": {"color": colour}, "gap": 60,
                    "data_labels": {"value": True},
                })  # fmt: skip
        chart.set_title({"name": "Số lượng thông tin theo tháng", "name_font": {"size": 12}})
        chart.set_legend({"position": "bottom"})
        chart.set_y_axis({"visible": False, "major_gridlines": {"visible": False}})
        self._sheet.insert_chart(0, 7, chart, {
            "description": "; ".join(f"{row[1]}: {row[2]}" for row in table.rows), "x_scale": 1.3,
        })  # fmt: skip

    def _heads(self, table: Table, *, frozen: bool) -> None:
        self._sheet.set_row(self._next, 48)
        for at, column in enumerate(table.columns):
            self._text(self._next, at, column.name, self._book.look("text", "head"))
        self._next += 1
        if frozen:
            self._sheet.freeze_panes(self._next, min(3, len(table.columns)))
            self._sheet.repeat_rows(self._next - 1)

    def _text(self, row: int, column: int, text: str, shape: Any) -> None:
        self._sheet.write_string(row, column, legal(text)[:_TEXT_LIMIT], shape)


_FORMS: Final[Mapping[str, dict[str, Any]]] = {
    "count": {"num_format": "#,##0"},
    "decimal": {"num_format": "#,##0.0"},
    "percent": {"num_format": "0.0%"},
    "day": {"num_format": "dd/mm/yyyy", "align": "center"},
}
