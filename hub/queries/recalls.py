"""Is a recalled item gone everywhere? For each place where it ever was: the proof, or the exception by its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import orjson

from hub.store.database import Row
from hub.store.instants import maybe_moment, moment
from hub.store.unit import Store


class Standing(StrEnum):
    """How far a place is with taking an item back."""

    PROVEN = "proven"  #: it confirmed that the item is gone
    NEVER = "never"  #: it never showed the item
    PENDING = "pending"  #: asked, not answered yet
    BY_HAND = "by_hand"  #: an officer has to remove it, and was asked to
    UNKNOWN = "unknown"  #: asked, and nobody knows whether it happened
    REFUSED = "refused"  #: it refuses to take the item back, or was given up
    READ = "read"  #: mails that were read cannot be called back
    COPIES = "copies"  #: readers' programs and search engines keep copies until they ask again


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place where the item was, or may have been."""

    name: str  #: destination, digest; empty: the pages, feeds and API of the hub itself
    standing: Standing
    at: datetime | None = None  #: of the proof; else since when it is so
    receipt: str = ""  #: what the place answered, as proof
    sentence: str = ""  #: why there is none
    readers: int = 0  #: of mails: to how many it went


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallShown:
    """A recalled item with every place."""

    content_id: str
    at: datetime
    by: str
    reason: str
    places: Sequence[Place]

    @property
    def settled(self) -> bool:
        """Whether nothing more can come of it by itself or by an officer's hand."""
        waits = {Standing.PENDING, Standing.BY_HAND, Standing.UNKNOWN, Standing.REFUSED}
        return not any(place.standing in waits for place in self.places)


async def recalls(store: Store, content_id: UUID | None = None, *, limit: int = 100) -> list[RecallShown]:
    """Recalled items, newest first; of one item when it is named."""
    where, args = ("WHERE content_id = ?", [str(content_id)]) if content_id else ("", [])
    rows = await store.fetch(f"SELECT * FROM recall {where} ORDER BY at DESC, content_id LIMIT ?", *args, limit)
    return [
        RecallShown(
            content_id=row["content_id"], at=moment(row["at"]), by=row["by"], reason=row["reason"],
            places=[*await _own(store, row), *await _destinations(store, row), *await _mails(store, row)],
        )
        for row in rows
    ]  # fmt: skip


async def _own(store: Store, recall: Row) -> list[Place]:
    """Our own pages say so from the commit on; what copied them may keep its copy for a while."""
    rows = await store.fetch("SELECT public_at FROM item WHERE content_id = ?", recall["content_id"])
    if not rows or rows[0]["public_at"] is None:
        return []
    at = moment(recall["at"])
    return [Place(name="", standing=Standing.PROVEN, at=at), Place(name="", standing=Standing.COPIES, at=at)]


async def _destinations(store: Store, recall: Row) -> list[Place]:
    rows = await store.fetch(
        "SELECT d.*, (SELECT max(a.ended_at) FROM attempt a WHERE a.delivery = d.id AND a.outcome = 'done') AS done_at,"
        " (SELECT count(*) FROM attempt a WHERE a.delivery = d.id AND a.outcome = 'unknown' AND a.revision >= ?)"
        " AS lost FROM delivery d WHERE d.content_id = ? ORDER BY d.destination",
        recall["revision"], recall["content_id"],
    )  # fmt: skip
    return [_destination(row, recall) for row in rows]


def _destination(row: Row, recall: Row) -> Place:
    name, since = row["destination"], moment(recall["at"])
    receipt = orjson.loads(row["receipt"])
    if row["sent_revision"] >= recall["revision"]:
        never = receipt.get("note") == "never shown there"
        said = " ".join(str(receipt[key]) for key in ("status", "remote_id", "note") if receipt.get(key))
        return Place(
            name=name, standing=Standing.NEVER if never else Standing.PROVEN, at=maybe_moment(row["done_at"]),
            receipt=said,
        )  # fmt: skip
    standing = Standing.PENDING
    if row["state"] == "asked":
        standing = Standing.BY_HAND
    elif row["state"] in ("refused", "parked"):
        standing = Standing.REFUSED
    elif row["lost"]:
        standing = Standing.UNKNOWN
    return Place(name=name, standing=standing, at=since, sentence=row["error_sentence"])


async def _mails(store: Store, recall: Row) -> list[Place]:
    """Mails with it: those that went out cannot be called back, those that wait go without it."""
    rows = await store.fetch(
        "SELECT r.digest, max(m.settled_at) AS at, count(*) AS n FROM mail m JOIN digest_run r ON r.id = m.run"
        " WHERE r.items LIKE ? AND m.state IN ('done', 'unknown') GROUP BY r.digest ORDER BY r.digest",
        f"%{recall['content_id']}%",
    )
    return [
        Place(name=row["digest"], standing=Standing.READ, at=maybe_moment(row["at"]), readers=row["n"]) for row in rows
    ]
