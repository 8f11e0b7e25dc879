"""Head and foot of an administrative document as Word has them: Nghị định 30/2020/NĐ-CP, Appendix I."""

from collections.abc import Sequence

from hub.reports import wording
from hub.sheets.prose import Cell, Paragraph, Span
from hub.sheets.word import WordFile


def head(file: WordFile, *, above: str, agency: str, number: str, dateline: str, about: str = "") -> None:
    """Authority and agency on the left, the nation on the right; under them number, `about`, place and day."""
    nation, motto = wording.NATION
    left = [*([line(above)] if above else []), line(agency, bold=True), Paragraph((), line=36)]
    right = [line(nation, bold=True), line(motto, bold=True), Paragraph((), line=62)]
    numbered = [line(number), *([line(about)] if about else [])]
    file.table((), [
        (Cell(tuple(left)), Cell(tuple(right))),
        (Cell(tuple(numbered)), Cell((line(dateline, italic=True),))),
    ], (38, 62), ruled=False, style="Letterhead")  # fmt: skip


def foot(file: WordFile, *, recipients: Sequence[str], signer: Sequence[Paragraph]) -> None:
    """Who gets it, on the left; who signs, on the right."""
    small = [Paragraph((Span(wording.RECIPIENTS, bold=True, italic=True),), align="left")]
    small += [Paragraph((Span(one),), align="left") for one in recipients]
    file.paragraph("", "Letterhead")
    file.table((), [(Cell(tuple(small)), Cell(tuple(signer)))], (50, 50), ruled=False, style="Letterhead")


def line(text: str, *, bold: bool = False, italic: bool = False) -> Paragraph:
    """One line in the middle of its cell."""
    return Paragraph((Span(text, bold=bold, italic=italic),))
