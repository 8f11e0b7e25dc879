"""What happened to one item? Every stage of it, on one page, found by its id or by an address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from hub.rules.identity import keys_of_address
from hub.store.database import Row, marks
from hub.store.instants import maybe_moment, moment
from hub.store.unit import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionStep:
    """One edition: what made it, what became of it."""

    revision: int
    state: str
    update_type: str
    seen_at: datetime
    capture: int | None
    pointer: str
    why: Mapping[str, Any]
    decided_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptStep:
    """One call to a destination."""

    revision: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStep:
    """One destination: what it should show, what it showed last, and every call."""

    id: int
    destination: str
    state: str
    wanted_revision: int
    sent_revision: int
    remote_id: str
    due_at: datetime
    error: str
    receipt: Mapping[str, Any]
    attempts: Sequence[AttemptStep]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStep:
    """One line of the account."""

    at: datetime
    who: str
    what: str
    revision: int
    destination: str
    why: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One item from its source to its readers."""

    content_id: str
    source: str
    member: str
    guid: str
    url: str
    title: str  #: empty where only the duty officer may see it
    state: str
    revision: int
    approved_revision: int
    first_seen: datetime
    editions: Sequence[EditionStep]
    deliveries: Sequence[DeliveryStep]
    events: Sequence[EventStep]


async def trace(store: Store, what: str, *, newest: int = 2**31) -> list[Trace]:
    """Items with this content_id, address or guid; none when nobody knows it. Of editions and events the newest."""
    return [await _trace(store, row, newest) for row in await _find(store, what.strip())]


async def named(store: Store, what: str) -> list[tuple[str, str]]:
    """Ids of the items that are called so, each with its member."""
    return [(row["content_id"], row["member"]) for row in await _find(store, what.strip())]


async def _find(store: Store, what: str) -> list[Row]:
    try:
        identity = str(UUID(what))
    except ValueError:
        keys = [key for key in keys_of_address(what) if key]
        return await store.fetch(
            f"SELECT * FROM item WHERE url = ? OR guid = ? OR content_id IN"
            f" (SELECT content_id FROM item_key WHERE key IN ({marks(len(keys))})) ORDER BY changed_at DESC LIMIT 20",
            what, what, *keys,
        )  # fmt: skip
    return await store.fetch("SELECT * FROM item WHERE content_id = ?", identity)


async def _trace(store: Store, item: Row, newest: int) -> Trace:
    identity = item["content_id"]
    editions = await store.fetch(
        "SELECT revision, state, update_type, seen_at, capture, pointer, why, decided_by FROM edition"
        " WHERE content_id = ? ORDER BY revision DESC LIMIT ?",
        identity, newest,
    )  # fmt: skip
    deliveries = await store.fetch("SELECT * FROM delivery WHERE content_id = ? ORDER BY destination", identity)
    attempts = await store.fetch(
        f"SELECT * FROM attempt WHERE delivery IN ({marks(len(deliveries))}) ORDER BY id",
        *(row["id"] for row in deliveries),
    )
    events = await store.fetch(
        "SELECT at, who, what, revision, destination, why FROM event WHERE content_id = ? ORDER BY id DESC LIMIT ?",
        identity, newest,
    )  # fmt: skip
    return Trace(
        content_id=identity, source=item["source"], member=item["member"], guid=item["guid"], url=item["url"],
        title="" if item["restricted"] else item["title"], state=item["state"], revision=item["revision"],
        approved_revision=item["approved_revision"], first_seen=moment(item["first_seen"]),
        editions=[_edition(row) for row in reversed(editions)],
        deliveries=[_delivery(row, [a for a in attempts if a["delivery"] == row["id"]]) for row in deliveries],
        events=[_event(row) for row in reversed(events)],
    )  # fmt: skip


def _edition(row: Row) -> EditionStep:
    return EditionStep(
        revision=row["revision"], state=row["state"], update_type=row["update_type"], seen_at=moment(row["seen_at"]),
        capture=row["capture"], pointer=row["pointer"], why=orjson.loads(row["why"]), decided_by=row["decided_by"],
    )  # fmt: skip


def _delivery(row: Row, attempts: Sequence[Row]) -> DeliveryStep:
    return DeliveryStep(
        id=row["id"], destination=row["destination"], state=row["state"], wanted_revision=row["wanted_revision"],
        sent_revision=row["sent_revision"], remote_id=row["remote_id"], due_at=moment(row["due_at"]),
        error=row["error_sentence"], receipt=orjson.loads(row["receipt"]),
        attempts=[
            AttemptStep(
                revision=a["revision"], started_at=moment(a["started_at"]), ended_at=maybe_moment(a["ended_at"]),
                outcome=a["outcome"], detail=a["detail"],
            )
            for a in attempts
        ],
    )  # fmt: skip


def _event(row: Row) -> EventStep:
    return EventStep(
        at=moment(row["at"]), who=row["who"], what=row["what"], revision=row["revision"],
        destination=row["destination"], why=orjson.loads(row["why"]),
    )  # fmt: skip
