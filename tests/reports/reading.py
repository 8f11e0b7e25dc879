"""What a person finds in the three files: all text of Word and PDF, all cells of Excel."""

import io
import re
from typing import Any

import docx
from docx.document import Document
from docx.oxml.ns import qn
from pypdf import PdfReader
from python_calamine import CalamineWorkbook


def word(file: bytes) -> Document:
    return docx.Document(io.BytesIO(file))


def word_text(file: bytes) -> str:
    """Paragraphs and cells from top to bottom."""
    found = word(file).element.body.iter(qn("w:p"))
    return "\n".join("".join(text.text or "" for text in one.iter(qn("w:t"))) for one in found)


def pdf_text(file: bytes) -> str:
    """Words from top to bottom; lines are not kept apart."""
    pages = (page.extract_text() for page in PdfReader(io.BytesIO(file)).pages)
    return re.sub(r"\s+", " ", " ".join(pages))


def cells(file: bytes) -> dict[str, list[list[Any]]]:
    """Sheets, rows, values."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(file))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
