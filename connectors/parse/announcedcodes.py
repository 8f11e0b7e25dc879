"""Codes of procedures inside other texts: in a cell that may hold several, behind a name, in a line of a file."""

import re
from typing import Final

from connectors.parse.codes import ProcedureCode, read_code
from connectors.parse.text import clean_text, cut
from schemas.base import TITLE_LIMIT

#: A code wherever it stands in a text; what follows it must not go on like one.
CODE: Final = re.compile(
    r"(?<![\w.])(?:[1-9]\s?\.\s?\d{6}(?:\s?\.\s?\d{3}\s?\.\s?\d{2}\s?\.\s?\d{2}\s?\.\s?[^\W\d_]\s?\d{2}(?:\.\d{1,3}){0,2}"
    r"|\s?\.\s?[^\W\d_]\d{2}(?:\.\d{1,3}){0,2})?|[tT]\s?-\s?[a-zA-Z]{2,4}\s?-\s?\d{4,6}(?:-TT)?)(?!\w|\.\d)"
)
_BESIDE_CODE: Final = re.compile(
    r"(?i)\s*[(\[]?\s*(?:mã\s*(?:số)?\s*(?:tthc|thủ tục(?: hành chính)?|hồ sơ)?\s*[:.]?)?\s*$"
)
_SEVERAL: Final = re.compile(r"[\s,;/&-]|và")
_OWN_NUMBER: Final = re.compile(r"^(?:\d{1,4}\s*[.)/]\s*|[-–•+*]\s+)+(?=\D)")
_LETTERS: Final = re.compile(r"[^\W\d_]")
_NONE: Final = frozenset({"không", "không có", "chưa có", "chưa có mã", "chưa cấp mã"})
#: Codes of one procedure.
_CODES: Final = 5


def codes_in(text: str) -> list[str] | None:
    """The codes of a cell; none where it is empty or says that there is none; None where it says something else."""
    text = clean_text(text.replace("\n", " "))
    if not _LETTERS.search(text) and not any(letter.isdigit() for letter in text):
        return []
    if whole := told(read_code(text)):
        return [whole]
    if text.lower().strip(" .") in _NONE:
        return []
    codes = list(dict.fromkeys(told(read_code(one[0])) for one in CODE.finditer(text)))
    if not codes or "" in codes or len(codes) > _CODES or _SEVERAL.sub("", CODE.sub("", text)).strip("."):
        return None
    return codes


def parted(text: str) -> tuple[str, str]:
    """A name and the one code that stands in front of it or behind it; the text as it is where it has none."""
    found = list(CODE.finditer(text))
    if len(found) != 1 or not (code := told(read_code(found[0][0]))):
        return text, ""
    before, after = text[: found[0].start()], text[found[0].end() :]
    before, after = _BESIDE_CODE.sub("", before), after.lstrip(" )]:.–-")
    if before and after and _LETTERS.search(before) and _LETTERS.search(after):
        return text, ""
    return (before if _LETTERS.search(before) else after).strip(" :–-"), code


def told(read: ProcedureCode) -> str:
    """The code, if the text is one of any form that is known; else ""."""
    return read.code if read.national or read.remark == "code_old_form" else ""


def without_number(name: str) -> str:
    """A name without the number that it has in the list."""
    return cut(_OWN_NUMBER.sub("", name).strip(), TITLE_LIMIT)
