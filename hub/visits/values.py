"""Numbers, days and paths as exports and counters of visits write them. Nothing is guessed: what is unclear is none.

3.910.575   1,234   12 345   00391057   a whole number
1.5   12.34   1.234,5   -3              none: no visits are counted in parts
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from connectors.parse.days import read_day
from connectors.parse.text import clean_text
from connectors.parse.url import canonical_url

#: No counter of a province's portal comes near it; whatever does is no count.
MOST: Final = 10**12
#: Characters of a cell that are looked at, and of a path that is kept.
CELL_LIMIT: Final = 2_000
PATH_LIMIT: Final = 500
#: Days are counted from here in the database.
_EPOCH: Final = date(1970, 1, 1).toordinal()

_GROUPED: Final = re.compile(r"[0-9]{1,3}(?:([.,' \u2019])[0-9]{3}(?:\1[0-9]{3})*)?|[0-9]{1,18}")
#: A run of digits in a longer text, with what may part them.
_NUMBER: Final = re.compile(r"(?<![-0-9])[0-9]+(?:[.,' \u2019][0-9]+)*")
_BLANKS: Final = re.compile(r"[\s\u00a0\u2009\u202f]+")
_DIGIT: Final = re.compile(r"[0-9]")


def whole_number(text: str) -> int | None:
    """The count that a cell says, and nothing but a count; None for anything else."""
    text = _BLANKS.sub(" ", text[: CELL_LIMIT + 1]).strip()
    if (not text.isascii() and "\u2019" not in text) or not _GROUPED.fullmatch(text):
        return None
    number = int(re.sub(r"[^0-9]", "", text))
    return number if number <= MOST else None


def counter_number(texts: Sequence[str]) -> int | None:
    """What a counter on a page shows: one number, or one digit in each of its elements; None where it is not clear."""
    parts = [_BLANKS.sub(" ", one[: CELL_LIMIT + 1]).strip() for one in texts]
    parts = [one for one in parts if one]
    if len(parts) > 1 and all(_DIGIT.fullmatch(one) for one in parts):
        return whole_number("".join(parts))
    found = [number[0] for one in parts for number in _NUMBER.finditer(one)]
    return whole_number(found[0]) if len(found) == 1 else None


def day_of(text: str) -> date | None:
    """The day that a cell says, the day before the month: 31/01/2026, 2026-01-31, 20260131."""
    return read_day(text)


def day_number(day: date) -> int:
    """The day as the database counts it."""
    return day.toordinal() - _EPOCH


def day_at(number: int) -> date:
    """The day of a number of the database."""
    return date.fromordinal(number + _EPOCH)


def path_of(text: str) -> str:
    """The path of a page, the same however its address is written; "" for a text that is none or is too long."""
    text = clean_text(text[: CELL_LIMIT + 1])
    if not text or len(text) > CELL_LIMIT:
        return ""
    whole = text if re.match(r"https?://", text, re.IGNORECASE) else _under_a_host(text)
    key = canonical_url(whole)
    if not key:
        return ""
    rest = key[len(re.split(r"[/?]", key, maxsplit=1)[0]) :]
    path = rest if rest.startswith("/") else f"/{rest}"
    return path if len(path) <= PATH_LIMIT else ""


def _under_a_host(text: str) -> str:
    """An address without a scheme: a host before its first stroke, or none."""
    head = re.split(r"[/?#]", text, maxsplit=1)[0]
    if re.fullmatch(r"(?:[a-z0-9-]+\.)+(?:vn|com|net|org|gov|local)(?::[0-9]{1,5})?", head, re.IGNORECASE):
        return f"https://{text}"
    return f"https://site/{text.lstrip('/')}"
