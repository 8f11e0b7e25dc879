"""What stands in an address, read with care: whoever bends one gets the beginning of the list, never a fault."""

from collections.abc import Collection
from datetime import date
from typing import Final
from uuid import UUID

from aiohttp import web

#: Characters of one value that anything is compared with.
LIMIT: Final = 200


def word(request: web.Request, name: str) -> str:
    """A value of the query, cut; empty where there is none."""
    return request.query.get(name, "")[:LIMIT].replace("\x00", "").strip()


def one_of(request: web.Request, name: str, known: Collection[str]) -> str:
    """A value that is one of those that there are; empty for any other."""
    value = word(request, name)
    return value if value in known else ""


def number(request: web.Request, name: str, most: int = 2**62) -> int:
    """A whole number from 0 to `most`; 0 for anything else."""
    text = word(request, name)
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    return value if value <= most else 0


def day(request: web.Request, name: str) -> date | None:
    """A day as a browser's field sends it; None for anything else."""
    try:
        return date.fromisoformat(word(request, name))
    except ValueError:
        return None


def content_id(request: web.Request) -> UUID:
    """The item that the path names. Raises HTTPNotFound for what is no id."""
    try:
        return UUID(request.match_info["content_id"])
    except ValueError:
        raise web.HTTPNotFound from None


def revision(request: web.Request) -> int:
    """The number of an edition that the path names. Raises HTTPNotFound for what is none."""
    text = request.match_info["revision"]
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10):
        raise web.HTTPNotFound
    return int(text)
