"""Captures as they are kept: their bytes, for a preview of them and for technicians who may take them away."""

import zlib

import orjson

from connectors.base import Capture
from hub.store.instants import moment
from hub.store.states import CaptureState
from hub.store.unit import Store


async def kept(store: Store, number: int) -> Capture | None:
    """A capture that was read, and so was screened; None where its bytes are gone, were purged, or nobody read them."""
    rows = await store.fetch(
        "SELECT url, content_type, headers, body, fetched_at FROM capture WHERE id = ? AND state = ?"
        " AND body IS NOT NULL",
        number, CaptureState.DONE,
    )  # fmt: skip
    if not rows:
        return None
    row = rows[0]
    return Capture(
        url=row["url"], content_type=row["content_type"], body=zlib.decompress(row["body"]),
        fetched_at=moment(row["fetched_at"]), cursor={}, headers=orjson.loads(row["headers"]),
    )  # fmt: skip
