"""Captures as they are kept: their bytes, to be read again, and for technicians who may take them away."""

from collections.abc import Sequence
from typing import Final

import orjson

from connectors.base import Capture
from hub.packing import unpack
from hub.store.database import Transaction, marks
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


#: Conditions of SQL: the bytes of this capture are kept still. The table is called `c`, or by its own name.
HAS_BODY: Final = "EXISTS (SELECT 1 FROM capture_body b WHERE b.id = c.id)"
CAPTURE_HAS_BODY: Final = "EXISTS (SELECT 1 FROM capture_body b WHERE b.id = capture.id)"
#: Bodies that are dropped at once.
_BATCH: Final = 500


async def drop_bodies(tx: Transaction, captures: Sequence[int]) -> None:
    """Let go of the bytes of these captures; their rows stay."""
    for start in range(0, len(captures), _BATCH):
        part = captures[start : start + _BATCH]
        await tx.execute(f"DELETE FROM capture_body WHERE id IN ({marks(len(part))})", *part)


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
        "SELECT c.url, c.content_type, c.headers, b.body, c.fetched_at FROM capture c"
        f" JOIN capture_body b ON b.id = c.id WHERE c.id = ? AND c.state = ?{only}",
        number, CaptureState.DONE,
    )  # fmt: skip
    if not rows:
        return None
    row = rows[0]
    return Capture(
        url=row["url"], content_type=row["content_type"], body=unpack(row["body"]),
        fetched_at=moment(row["fetched_at"]), cursor={}, headers=orjson.loads(row["headers"]),
    )  # fmt: skip
