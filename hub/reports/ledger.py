"""The ledger of contributors as a file: CSV for other programs, Excel for the accountant."""

import csv as comma
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from hub.reports import tables
from hub.reports.snapshot import Contributor
from hub.reports.tables import Table, Value
from hub.rules.periods import Span
from hub.sheets.cells import harmless
from hub.sheets.characters import legal

TITLE: Final = "Bảng kê tin, bài của cộng tác viên"


def csv(rows: Sequence[Contributor], names: Mapping[str, str]) -> bytes:
    """UTF-8 with the mark by which Excel knows it; `names` are those of the categories that have a column."""
    table, made = _table(rows, names), io.StringIO()
    writer = comma.writer(made)
    writer.writerow([column.name for column in table.columns])
    writer.writerows([[_plain(value) for value in row] for row in table.rows])
    return made.getvalue().encode("utf-8-sig")


def xlsx(rows: Sequence[Contributor], names: Mapping[str, str], span: Span, *, made_at: datetime) -> bytes:
    """A workbook of one sheet, with a line of sums; the same rows and time give the same bytes."""
    import xlsxwriter  # type: ignore[import-untyped]  # 12 MB that a hub holds for ever, for a file a month

    table, made = _table(rows, names), io.BytesIO()
    book = xlsxwriter.Workbook(made, {
        "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    })  # fmt: skip
    book.set_properties({"title": TITLE, "created": made_at.astimezone(UTC).replace(tzinfo=None)})
    sheet = book.add_worksheet("Cộng tác viên")
    bold, cell = book.add_format({"bold": True}), book.add_format({"border": 1})
    head = book.add_format({"bold": True, "border": 1, "text_wrap": True, "bg_color": "#F2F2F2"})
    sheet.write_string(0, 0, f"{TITLE}, {span.name}", bold)
    for at, column in enumerate(table.columns):
        sheet.set_column(at, at, max(6.0, column.width * 1.15))
        sheet.write_string(2, at, legal(column.name), head)
    for line, row in enumerate((*table.rows, table.last) if table.last else table.rows, 3):
        for at, value in enumerate(row):
            if isinstance(value, int | float):
                sheet.write_number(line, at, value, cell)
            else:
                sheet.write_string(line, at, legal(str(value or "")), cell)
    sheet.freeze_panes(3, 0)
    book.close()
    return made.getvalue()


def _table(rows: Sequence[Contributor], names: Mapping[str, str]) -> Table:
    return tables.contributors(rows, dict(names))


def _plain(value: Value) -> str:
    if isinstance(value, str):
        return harmless(value)
    return "" if value is None else str(value)
