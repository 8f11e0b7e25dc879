"""Cursors: opaque words by which a reader goes on. Each is bound to what it goes on with, and to this database."""

import base64
import binascii
from typing import Final

from hub.web.api.problems import Refused

VERSION: Final = "1"
#: Letters of the name of the database that a cursor has.
_NAME: Final = 12
LIMIT: Final = 400  #: characters of a cursor


def cursor(epoch: str, what: str, *parts: object) -> str:
    """A cursor of this database for `what`; the parts hold no dot but between numbers and words."""
    text = ".".join([VERSION, epoch[:_NAME], what, *map(str, parts)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def parts_of(word: str, epoch: str, what: str, *, count: int) -> list[str]:
    """The parts of a cursor of ours. Raises Refused: `bad_cursor`, also for one of another database or question."""
    try:
        text = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        raise Refused("bad_cursor") from None
    found = text.split(".")
    ours = found[:3] == [VERSION, epoch[:_NAME], what] and len(found) == 3 + count
    if not ours or cursor(epoch, what, *found[3:]) != word:
        raise Refused("bad_cursor")
    return found[3:]


def number_of(part: str) -> int:
    """A number in a cursor. Raises Refused: `bad_cursor`."""
    if not (part.isascii() and part.isdigit() and len(part) <= 18):
        raise Refused("bad_cursor")
    return int(part)
