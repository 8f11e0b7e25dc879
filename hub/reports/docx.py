"""A report as a Word file, in the form that Nghị định 30/2020/NĐ-CP, Appendix I, gives administrative documents.

Who wants to change it in Word can: tables are tables, heads are repeated on each page. Charts are pictures with a
text in place of them. The same snapshot, words, number and signature give the same bytes.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from hub.reports import wording
from hub.reports.charts import Chart
from hub.reports.letterhead import foot, head, line
from hub.reports.paper import Appendix, Block, Paper, Text, paper, recipients
from hub.reports.snapshot import Signed, Slot, Snapshot
from hub.reports.tables import Table, Value
from hub.reports.typesetting import pngs
from hub.sheets.prose import Cell, Paragraph, Span
from hub.sheets.word import WordFile

#: The least margin on the right that the decree allows, in millimetres: tables need the room.
_RIGHT: Final = 15
#: Width of charts, in millimetres.
_CHART: Final = 150.0
#: Columns from which on letters in a table are smaller.
_MANY: Final = 7


def docx(
    snapshot: Snapshot, words: Mapping[Slot, str], *, number: str = "", signed: Signed | None = None
) -> bytes:  # fmt: skip
    """The file."""
    told = paper(snapshot, words, number=number, signed=signed)
    file = WordFile(
        title=told.subject, author=snapshot.head.agency, keywords=told.number, changed=snapshot.made_at, right=_RIGHT
    )
    charts = [block.svg for block in (*told.body, *told.appendices) if isinstance(block, Chart)]
    pictures = dict(zip(charts, pngs(charts), strict=True))
    _head(file, told)
    _blocks(file, told.body, pictures)
    _foot(file, told)
    _blocks(file, told.appendices, pictures)
    return file.finish()


def _head(file: WordFile, told: Paper) -> None:
    """The letterhead, and the title under it."""
    head(file, above=told.above, agency=told.agency, number=told.number, dateline=told.dateline)
    file.paragraph(wording.REPORT, "Title")
    file.paragraph(Paragraph((Span(told.title, bold=True),)), "Subtitle")
    file.paragraph(Paragraph((), line=26), "Subtitle")
    file.paragraph("", "Letterhead")


def _blocks(file: WordFile, blocks: Sequence[Block], pictures: Mapping[str, bytes]) -> None:
    for block in blocks:
        match block:
            case Text():
                _text(file, block)
            case Table():
                _table(file, block)
            case Chart():
                file.picture(
                    pictures[block.svg], width=_CHART, height=_CHART * block.height / block.width, told=block.told
                )
                file.paragraph(Paragraph((Span(block.caption, italic=True),)), "Subtitle")
            case Appendix():
                file.section(sideways=block.wide)
                file.paragraph(block.name, "Title")
                file.paragraph(Paragraph((Span(block.title, bold=True),)), "Subtitle")


def _text(file: WordFile, block: Text) -> None:
    match block.form:
        case "section":
            file.paragraph(block.text, "Heading 1")
        case "part":
            file.paragraph(block.text, "Heading 2")
        case "caption":
            file.paragraph(block.text, "Caption")
        case "item":
            file.paragraph(f"- {block.text}", "Report Text")
        case _:
            file.paragraph(block.text, "Report Text")


def _table(file: WordFile, table: Table) -> None:
    rows = [_row(table, row, italic=at in table.parts) for at, row in enumerate(table.rows)]
    if table.last:
        rows.append(_row(table, table.last, bold=True))
    file.table(
        [column.name for column in table.columns], rows, [column.width for column in table.columns],
        aligns=[column.align for column in table.columns],
        style="Report Cell" if len(table.columns) > _MANY else "Table Text",
    )  # fmt: skip


def _row(table: Table, row: Sequence[Value], *, bold: bool = False, italic: bool = False) -> list[Cell]:
    shown = (column.show(value) for column, value in zip(table.columns, row, strict=True))
    return [Cell((Paragraph((Span(text, bold=bold, italic=italic),)),)) for text in shown]


def _foot(file: WordFile, told: Paper) -> None:
    signer = [line(told.signer_title, bold=True)]
    if told.signed:
        signer += [line(""), line(wording.SIGNED, italic=True), line(""), line(told.signed.name, bold=True)]
    else:
        signer += [line("")] * 4
    foot(file, recipients=recipients(told), signer=signer)
