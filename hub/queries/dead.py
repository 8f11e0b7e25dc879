"""What was set aside and waits for a person: refused and parked deliveries, dead captures, rejected records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.store.instants import maybe_moment, moment
from hub.store.unit import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadDelivery:
    """A delivery that will not be tried again by itself."""

    id: int
    content_id: str
    title: str
    destination: str
    state: str
    code: str
    sentence: str
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadCapture:
    """A capture that could not be read, or that the guard holds."""

    id: int
    source: str
    state: str
    sentence: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRecord:
    """A record that could not become an item."""

    capture: int
    source: str
    pointer: str
    code: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """Everything set aside, newest first."""

    deliveries: Sequence[DeadDelivery]
    captures: Sequence[DeadCapture]
    records: Sequence[RejectedRecord]


async def dead(store: Store, *, limit: int = 100) -> Dead:
    """Up to `limit` of each."""
    deliveries = await store.fetch(
        "SELECT d.id, d.content_id, i.title, d.destination, d.state, d.error_code, d.error_sentence, d.failed_since"
        " FROM delivery d JOIN item i ON i.content_id = d.content_id WHERE d.state IN ('refused', 'parked')"
        " ORDER BY d.id DESC LIMIT ?",
        limit,
    )
    captures = await store.fetch(
        "SELECT id, source, state, note, fetched_at FROM capture WHERE state IN ('held', 'dead', 'rejected')"
        " ORDER BY id DESC LIMIT ?",
        limit,
    )
    records = await store.fetch(
        "SELECT capture, source, pointer, code, detail, at FROM rejection ORDER BY id DESC LIMIT ?", limit
    )
    return Dead(
        deliveries=[
            DeadDelivery(
                id=row["id"], content_id=row["content_id"], title=row["title"], destination=row["destination"],
                state=row["state"], code=row["error_code"], sentence=row["error_sentence"],
                since=maybe_moment(row["failed_since"]),
            )
            for row in deliveries
        ],
        captures=[
            DeadCapture(
                id=row["id"], source=row["source"], state=row["state"], sentence=row["note"],
                fetched_at=moment(row["fetched_at"]),
            )
            for row in captures
        ],
        records=[RejectedRecord(**{**row, "at": moment(row["at"])}) for row in records],
    )  # fmt: skip
