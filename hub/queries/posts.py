"""What waits for a person before a destination shows it?"""

from dataclasses import dataclass
from datetime import datetime

from hub.store.instants import moment
from hub.store.unit import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPost:
    """One item at one destination."""

    content_id: str
    destination: str
    revision: int
    shown: int  #: revision that is there now; 0: none
    title: str
    member: str
    since: datetime


async def held_posts(store: Store, *, destination: str | None = None, limit: int = 100) -> list[HeldPost]:
    """What waits, oldest first."""
    chosen = " AND d.destination = ?" if destination is not None else ""
    rows = await store.fetch(
        "SELECT d.content_id, d.destination, d.wanted_revision AS revision, d.sent_revision AS shown, i.title,"
        " coalesce(m.name, i.member) AS member, d.wanted_at FROM delivery d JOIN item i ON i.content_id = d.content_id"
        f" LEFT JOIN member m ON m.code = i.member WHERE d.state = 'held'{chosen} ORDER BY d.wanted_at, d.id LIMIT ?",
        *([destination] if destination is not None else []), limit,
    )  # fmt: skip
    return [
        HeldPost(
            content_id=row["content_id"], destination=row["destination"], revision=row["revision"],
            shown=row["shown"], title=row["title"], member=row["member"], since=moment(row["wanted_at"]),
        )
        for row in rows
    ]  # fmt: skip
