"""A procedure or document on paper: the sections of its page in a Word file that offices print and edit."""

from collections.abc import Iterable, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from hub.sheets.details import sections
from hub.sheets.facts import Cases, Facts, Line, Prose, Section, Table, day
from hub.sheets.prose import Block, Cell, Grid, Paragraph, Span, blocks
from hub.sheets.word import WordFile
from schemas.edition import PublishedItem
from schemas.item import Attachment, Kind

#: What stands above the titles of each kind that has a file.
_HEADS: Final = {Kind.PROCEDURE: "THỦ TỤC HÀNH CHÍNH", Kind.DOCUMENT: "VĂN BẢN"}
#: Shares of the width that columns need; all others need 4.
_WIDTHS: Final = {
    "Tên giấy tờ": 8, "Bản chính": 2, "Bản sao": 2, "Mẫu đơn, tờ khai": 4, "Hình thức nộp": 3, "Thời hạn giải quyết": 3,
    "Phí, lệ phí": 4, "Mô tả": 5, "Số ký hiệu": 4, "Trích yếu": 7, "Ngày ban hành": 3, "Cơ quan ban hành": 4,
    "Quan hệ": 3, "Công bố": 3, "Tên thủ tục": 6, "Nội dung": 6,
}  # fmt: skip
_WIDTH: Final = 4
#: Columns of a table in HTML that have a place on paper, and the letters for which a column is made to fit.
_COLUMNS_LIMIT: Final = 30
_NARROWEST, _WIDEST = 4, 40


def docx(item: PublishedItem, zone: ZoneInfo) -> bytes:
    """The file of an item that has passed the gate; the same edition gives the same bytes. Days are those of `zone`."""
    issuer = item.member_name or item.member
    file = WordFile(
        title=item.title, author=issuer, keywords=", ".join(item.tags), changed=item.updated or item.published
    )
    file.paragraph(issuer.upper(), "Subtitle")
    if head := _HEADS.get(item.kind):
        file.paragraph(head, "Subtitle")
    file.paragraph(item.title, "Title")
    number = 0
    told = sections(item)
    if item.summary and not item.content_html:
        file.paragraph(item.summary)
    for number, section in enumerate(told, start=1):
        file.paragraph(f"{number}. {section.heading}", "Heading 1")
        _section(file, section)
    if content := blocks(item.content_html):
        if told:
            number += 1
            file.paragraph(f"{number}. Nội dung", "Heading 1")
        _prose(file, content)
    if item.attachments:
        file.paragraph(f"{number + 1}. Tệp đính kèm" if number else "Tệp đính kèm", "Heading 1")
        for attached in item.attachments:
            file.paragraph(Paragraph((_attached(attached),), "item", "•", 1))
    for line in _source(item, zone):
        file.paragraph(Paragraph(line), "Note")
    return file.finish()


def _section(file: WordFile, section: Section) -> None:
    match section:
        case Facts():
            rows = [(_cell((Line(label),)), _cell(lines)) for label, lines in section.rows]
            file.table((), rows, (5, 11), labels=True)
        case Cases():
            for case in section.cases:
                if case.name:
                    file.paragraph(case.name, "Heading 2")
                for number, step in enumerate(case.steps, start=1):
                    _step(file, step, f"{number}." if case.numbered else "")
        case Table():
            for name, lines_of in section.cases:
                if name:
                    file.paragraph(name, "Heading 2")
                widths = [_WIDTHS.get(column, _WIDTH) for column in section.columns]
                file.table(section.columns, [[_cell(lines) for lines in row] for row in lines_of], widths)
        case Prose():
            _prose(file, blocks(section.html))


def _step(file: WordFile, step: str, mark: str) -> None:
    """Each line of a step is a paragraph. Its number is text: it stays when an officer copies the step into a form."""
    for place, line in enumerate(one for one in step.splitlines() if one.strip()):
        told = (Span(line),)
        if mark and place == 0:
            file.paragraph(Paragraph(told, "item", mark, 1))
        else:
            file.paragraph(Paragraph(told, depth=int(bool(mark))))


def _prose(file: WordFile, found: Iterable[Block]) -> None:
    for one in found:
        if isinstance(one, Grid):
            file.table((), one.rows, _widths(one))
        else:
            file.paragraph(one)


def _widths(grid: Grid) -> list[int]:
    """Shares of the columns by what stands in them: a number needs less than a sentence."""
    needed: dict[int, int] = {}
    down: dict[int, int] = {}  # column -> rows that a cell above still fills
    for row in grid.rows:
        column, waiting = 0, list(reversed(row))
        while waiting or column in down:
            if column in down:
                needed.setdefault(column, _NARROWEST)
                down = {one: left - (one == column) for one, left in down.items() if left > (one == column)}
                column += 1
                continue
            cell = waiting.pop()
            length = max((sum(len(span.text) for span in one.spans) for one in cell.paragraphs), default=0)
            for one in range(column, column + cell.columns):
                needed[one] = max(needed.get(one, _NARROWEST), min(length // cell.columns, _WIDEST))
                if cell.rows > 1:
                    down[one] = cell.rows - 1
            column += cell.columns
    return [needed.get(column, _NARROWEST) for column in range(min(max(needed) + 1, _COLUMNS_LIMIT))]


def _cell(lines: Sequence[Line]) -> Cell:
    return Cell(tuple(Paragraph((Span(line.text, href=line.href),)) for line in lines))


def _attached(file: Attachment) -> Span:
    return Span(file.title or file.url, href=file.url)


def _source(item: PublishedItem, zone: ZoneInfo) -> Iterable[tuple[Span, ...]]:
    """Where it comes from, and which edition this is."""
    changed = item.updated or item.published
    yield (Span(f"Nguồn: {item.member_name or item.member}", italic=True),)
    if item.url:
        yield (Span("Trang gốc: ", italic=True), Span(item.url, italic=True, href=item.url))
    at = f", cập nhật ngày {day(changed.astimezone(zone).date())}" if changed else ""
    yield (Span(f"Mã nội dung: {item.content_id}, phiên bản {item.revision}{at}", italic=True),)
