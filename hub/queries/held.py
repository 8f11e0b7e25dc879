"""Which editions wait for a person, and why? The review queue, oldest first."""

from dataclasses import dataclass
from datetime import datetime

import orjson

from hub.store.instants import moment
from hub.store.unit import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldEdition:
    """One edition that nobody decided about yet."""

    content_id: str
    revision: int
    title: str
    url: str
    source: str
    member: str
    since: datetime
    reason: str  #: stable code of hub.rules.review
    sentence: str  #: the same for a clerk


async def held(store: Store, *, limit: int = 100) -> list[HeldEdition]:
    """Up to `limit` held editions."""
    rows = await store.fetch(
        "SELECT e.content_id, e.revision, i.title, i.url, i.source, i.member, e.seen_at, e.why"
        " FROM edition e JOIN item i ON i.content_id = e.content_id WHERE e.state = 'held' ORDER BY e.id LIMIT ?",
        limit,
    )
    return [
        HeldEdition(
            content_id=row["content_id"], revision=row["revision"], title=row["title"], url=row["url"],
            source=row["source"], member=row["member"], since=moment(row["seen_at"]),
            **orjson.loads(row["why"]).get("review", {"reason": "", "sentence": ""}),
        )
        for row in rows
    ]  # fmt: skip
