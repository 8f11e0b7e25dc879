"""What waits for a person at a destination: may it be shown there, and is it there after a call without an answer?"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hub.rules.access import EVERYWHERE, Scope
from hub.rules.retry import UNTOLD
from hub.store.instants import moment
from hub.store.scoping import within
from hub.store.unit import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPost:
    """One item at one destination."""

    content_id: str
    destination: str
    revision: int
    shown: int  #: revision that is there now; 0: none
    title: str  #: empty where only the duty officer may see it
    member: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UnconfirmedPost:
    """A call of which nobody knows the outcome, at a place that cannot be asked: somebody has to look."""

    delivery: int
    content_id: str
    destination: str
    revision: int
    withdraws: bool  #: the call was to take it back: nothing should be there
    title: str  #: empty where only the duty officer may see it
    member: str
    since: datetime
    sentence: str


#: An item of which a screen holds the newest edition has a title for the duty officer alone.
_TITLE = "CASE WHEN i.restricted = 1 THEN '' ELSE i.title END AS title"
_FROM = (
    "FROM delivery d JOIN item i ON i.content_id = d.content_id JOIN destination p ON p.name = d.destination"
    " LEFT JOIN member m ON m.code = i.member WHERE p.state <> 'removed'"
)


async def held_posts(
    store: Store, *, destination: str | None = None, scope: Scope = EVERYWHERE, limit: int = 100
) -> list[HeldPost]:  # fmt: skip
    """What waits to be shown, oldest first."""
    chosen = " AND d.destination = ?" if destination is not None else ""
    where, members = within(scope, "i.member")
    rows = await store.fetch(
        f"SELECT d.content_id, d.destination, d.wanted_revision AS revision, d.sent_revision AS shown, {_TITLE},"
        f" coalesce(m.name, i.member) AS member, d.wanted_at {_FROM} AND d.state = 'held'{chosen} AND {where}"
        " ORDER BY d.wanted_at, d.id LIMIT ?",
        *([destination] if destination is not None else []), *members, limit,
    )  # fmt: skip
    return [
        HeldPost(
            content_id=row["content_id"], destination=row["destination"], revision=row["revision"],
            shown=row["shown"], title=row["title"], member=row["member"], since=moment(row["wanted_at"]),
        )
        for row in rows
    ]  # fmt: skip


async def unconfirmed_posts(
    store: Store, *, content_id: UUID | None = None, scope: Scope = EVERYWHERE, limit: int = 100
) -> list[UnconfirmedPost]:  # fmt: skip
    """What may be there or not, oldest first; of one item, or of all."""
    where, values = within(scope, "i.member")
    if content_id is not None:
        where, values = f"{where} AND d.content_id = ?", (*values, str(content_id))
    rows = await store.fetch(
        f"SELECT d.id, d.content_id, d.destination, d.wanted_revision, i.state, i.revision, {_TITLE},"
        f" coalesce(m.name, i.member) AS member, d.wanted_at, d.error_sentence {_FROM} AND d.state = 'parked'"
        f" AND d.error_code = ? AND {where} ORDER BY d.wanted_at, d.id LIMIT ?",
        UNTOLD, *values, limit,
    )  # fmt: skip
    return [
        UnconfirmedPost(
            delivery=row["id"], content_id=row["content_id"], destination=row["destination"],
            revision=row["wanted_revision"],
            withdraws=row["state"] == "withdrawn" and row["wanted_revision"] == row["revision"], title=row["title"],
            member=row["member"], since=moment(row["wanted_at"]), sentence=row["error_sentence"],
        )
        for row in rows
    ]  # fmt: skip
