"""Items that members send one by one by the API: the newest word about each, and what became of it.

    PUT, DELETE ──> submission, capture of the member's inbox ──commit──> normalise, screens, guard, review, routing

What is sent goes the way of everything: a capture that is kept, read and replayed like the answer to a poll.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from connectors.base import Capture
from hub.rules.identity import guid_key
from hub.store import harvesting, receiving
from hub.store.database import Row, marks
from hub.store.receiving import PAUSED_FOR, PutOff
from hub.store.states import Origin
from hub.store.unit import Store, Unit

#: received: kept, not read yet; held: a person decides; public: readers see this very word; rejected: it never will be;
#: withdrawn: it was taken back.
State = Literal["received", "held", "public", "rejected", "withdrawn"]
#: States of a capture of which nothing came, so that the same words may be sent again.
_FAILED = ("rejected", "dead", "purged")


@dataclass(frozen=True, slots=True)
class Taken:
    """It is kept, and will be read."""

    is_new: bool  #: nothing was sent under this guid before


@dataclass(frozen=True, slots=True)
class Same:
    """These very words were taken before."""


@dataclass(frozen=True, slots=True)
class Differs:
    """The item has another revision than the sender thinks."""

    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of what was sent."""

    source: str
    content_id: str  #: empty: it is no item yet
    state: State
    revision: int  #: of the item; 0: none yet
    public_revision: int  #: that readers see; 0: none
    reason: str  #: stable code; may be empty
    sentence: str  #: for a clerk of the member; may be empty


async def submit(
    store: Store, source: str, guid: str, capture: Capture, *, said: bytes, consumer: int, expected: int | None
) -> Taken | Same | Differs | PutOff:  # fmt: skip
    """Take what a member says about one item; `said` are its words, empty for "it is gone".

    `expected` is the revision that the sender has seen; None: whatever it is.
    """
    sent, named = hashlib.sha256(said).hexdigest() if said else "", _digest(guid)
    async with store.unit() as unit:
        if not await receiving.is_open(unit, source):
            return PutOff(PAUSED_FOR, paused=True)
        if expected is not None:
            revision = await _revision(unit, source, guid)
            if revision != expected:
                return Differs(revision)
        earlier = await unit.tx.fetch(
            "SELECT s.body_sha256, c.state FROM submission s LEFT JOIN capture c ON c.id = s.capture"
            " WHERE s.source = ? AND s.guid_sha256 = ?",
            source, named,
        )  # fmt: skip
        if earlier and earlier[0]["body_sha256"] == sent and earlier[0]["state"] not in _FAILED:
            return Same()
        kept = await harvesting.keep(unit, source, capture, Origin.POLL)
        await unit.tx.execute(
            "INSERT INTO submission (source, guid_sha256, body_sha256, capture, consumer, at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (source, guid_sha256) DO UPDATE SET body_sha256 = excluded.body_sha256,"
            " capture = excluded.capture, consumer = excluded.consumer, at = excluded.at",
            source, named, sent, kept, consumer, unit.at,
        )  # fmt: skip
        await unit.tx.execute("UPDATE source SET changed_at = ? WHERE name = ?", unit.at, source)
        return Taken(is_new=not earlier)


async def fate(store: Store, sources: Sequence[str], guid: str) -> Fate | None:
    """What became of the newest word about an item in one of these inboxes; None when nothing was ever said."""
    rows = await store.fetch(
        "SELECT s.source, s.capture, s.body_sha256, c.state, c.note FROM submission s"
        f" LEFT JOIN capture c ON c.id = s.capture WHERE s.source IN ({marks(len(sources))}) AND s.guid_sha256 = ?"
        " ORDER BY s.at DESC, s.id DESC LIMIT 1",  # a row keeps its id when the item is sent again
        *sources, _digest(guid),
    )  # fmt: skip
    if not rows:
        return None
    sent = rows[0]
    item = await _item(store, sent["source"], guid)
    state, reason, sentence = await _judged(store, sent, item)
    live = item is not None and item["state"] == "live"
    return Fate(
        source=sent["source"], content_id=item["content_id"] if item else "", state=state,
        revision=item["revision"] if item else 0, public_revision=item["approved_revision"] if item and live else 0,
        reason=reason, sentence=sentence,
    )  # fmt: skip


async def _judged(store: Store, sent: Row, item: Row | None) -> tuple[State, str, str]:
    match sent["state"]:
        case "new" | "working":
            return "received", "", ""
        case "held":
            return "held", "run_held", sent["note"]
        case "rejected" | "dead" | "purged":
            return "rejected", f"capture_{sent['state']}", sent["note"]
    fallen = await store.fetch(
        "SELECT code, detail FROM rejection WHERE capture = ? ORDER BY id LIMIT 1", sent["capture"]
    )  # fmt: skip
    if fallen:
        return "rejected", fallen[0]["code"], ""
    if item is None:
        return "received", "", ""
    if item["state"] == "withdrawn":
        return "withdrawn", "", ""
    match item["edition_state"]:
        case "held" if item["restricted"]:
            return "held", "screened", "Nội dung đang được cán bộ trực kiểm tra trước khi công khai."
        case "held":
            review: dict[str, Any] = orjson.loads(item["why"]).get("review", {})
            return "held", str(review.get("reason", "")), str(review.get("sentence", ""))
        case "rejected":
            return "rejected", "rejected", item["remark"]
    return "public", "", ""


async def _item(store: Store, source: str, guid: str) -> Row | None:
    rows = await store.fetch(
        "SELECT i.content_id, i.revision, i.approved_revision, i.state, e.state AS edition_state, e.why, e.remark,"
        " e.restricted FROM item i JOIN edition e ON e.content_id = i.content_id AND e.revision = i.revision"
        " WHERE i.source = ? AND (i.guid = ? OR i.content_id IN"
        " (SELECT content_id FROM item_key WHERE source = ? AND key = ?)) ORDER BY i.changed_at DESC LIMIT 1",
        source, guid, source, guid_key(guid),
    )  # fmt: skip
    return rows[0] if rows else None


async def _revision(unit: Unit, source: str, guid: str) -> int:
    rows = await unit.tx.fetch(
        "SELECT revision FROM item WHERE source = ? AND (guid = ? OR content_id IN"
        " (SELECT content_id FROM item_key WHERE source = ? AND key = ?)) ORDER BY changed_at DESC LIMIT 1",
        source, guid, source, guid_key(guid),
    )  # fmt: skip
    return int(rows[0]["revision"]) if rows else 0


def _digest(guid: str) -> str:
    return hashlib.sha256(guid.encode()).hexdigest()
