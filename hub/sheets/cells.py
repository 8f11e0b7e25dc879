"""Texts in the cells of a CSV file: none that a spreadsheet would run as a formula (OWASP, CSV injection)."""

from typing import Final

#: What a cell begins with that is a formula to some spreadsheet: the wide forms (U+FF0B and others) are to those of
#: East Asia, and behind a line end or a tab some look for the first sign that they show.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def harmless(text: str) -> str:
    """A text as a cell: an apostrophe goes before what would be a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
