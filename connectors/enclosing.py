"""Puts the files of a document inside its message: fetched by their addresses, checked, bounded; others are named.

A file that is not there, is larger than may go, or is a web page in truth is left out, and the message says so. A site
that does not answer now is another matter: nothing has been sent, so the whole document is tried again later.
"""

import asyncio
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Final

from connectors.bodies import Limits
from connectors.errors import BlockedError, HubError, RejectedError
from connectors.outcomes import CameBack
from connectors.parse.edxml.message import Attachment, Message
from connectors.parse.edxml.outgoing import without
from connectors.parse.files.types import UNKNOWN, is_page_for_file, type_of
from connectors.parse.url import same_host

if TYPE_CHECKING:
    from connectors.http import Http

#: Codes by which a site says that it has no such file.
_NOT_THERE: Final = frozenset({CameBack.NOT_FOUND.value, CameBack.GONE.value})
#: Seconds that a file may take at least, however many came before it.
_LEAST: Final = 1.0


async def with_files(http: "Http", message: Message, *, size: int, seconds: float, besides: str = "") -> Message:
    """The message with the files that it lists, `size` bytes together at most; all of them within `seconds`.

    Files at the host of `besides`, an address that only we may dial, are not fetched: items name addresses, and an item
    must not reach what settings opened for the hub. Raises TransientError for a site that is away.
    """
    until = monotonic() + seconds
    files: list[Attachment] = []
    left_out: list[Attachment] = []
    for one in message.attachments:
        body = None
        if not (besides and same_host(one.description, besides)):
            body = await _fetched(http, one, size, max(until - monotonic(), _LEAST))
        if body is None:
            left_out.append(one)
            continue
        size -= len(body)
        found = await asyncio.to_thread(type_of, body)
        files.append(replace(one, body=body, type=one.type if found == UNKNOWN else found))
    kept = without(message, left_out)
    return replace(kept, attachments=tuple(files))


async def _fetched(http: "Http", file: Attachment, size: int, seconds: float) -> bytes | None:
    """The bytes of a file; None for one that is left out."""
    if size <= 0:
        return None
    limits = Limits(wire=size, decoded=size, total=seconds)
    try:
        answer = await http.get(file.description, limits=limits, accept="*/*")
    except (RejectedError, BlockedError):
        return None
    except HubError as error:
        if error.code in _NOT_THERE:
            return None
        raise
    body: bytes = getattr(answer, "body", b"")
    if not body or is_page_for_file(type_of(body), name=file.name, declared=file.type):
        return None
    return body
