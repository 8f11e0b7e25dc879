"""Captures as they are kept: their bytes, to be read again, and for technicians who may take them away."""

import zlib
from typing import Final

import orjson

from connectors.base import Capture
from hub.store.instants import moment
from hub.store.states import CaptureState
from hub.store.unit import Store

#: A condition of SQL: in this capture stands a text that a screen holds for the duty officer, rejected or not. `c` is
#: the table of captures. What a source lists once it goes on listing: later polls have the text too, and so has the one
#: whose teaser led to its page.
holds_a_text: Final = (
    "EXISTS (SELECT 1 FROM edition e JOIN item i ON i.content_id = e.content_id WHERE e.restricted = 1"
    " AND e.capture IS NOT NULL AND i.source = c.source AND (e.capture = c.id OR c.about = e.content_id"
    " OR (c.about = '' AND (c.id >= e.capture OR c.settled_at >="
    " (SELECT a.wanted_at FROM article a WHERE a.content_id = e.content_id)))))"
)


async def kept(store: Store, number: int) -> Capture | None:
    """A capture for a technician: it was read, and so was screened, and nothing in it waits for the duty officer.

    None where its bytes are gone, were purged, nobody read them, or a text in them is restricted.
    """
    return await _capture(store, number, f" AND NOT {holds_a_text}")


async def to_read(store: Store, number: int) -> Capture | None:
    """A capture that was read, to be read and screened once more: its bytes go to the reader and to no person."""
    return await _capture(store, number, "")


async def _capture(store: Store, number: int, only: str) -> Capture | None:
    rows = await store.fetch(
        "SELECT c.url, c.content_type, c.headers, c.body, c.fetched_at FROM capture c WHERE c.id = ? AND c.state = ?"
        f" AND c.body IS NOT NULL{only}",
        number, CaptureState.DONE,
    )  # fmt: skip
    if not rows:
        return None
    row = rows[0]
    return Capture(
        url=row["url"], content_type=row["content_type"], body=zlib.decompress(row["body"]),
        fetched_at=moment(row["fetched_at"]), cursor={}, headers=orjson.loads(row["headers"]),
    )  # fmt: skip
