"""What the public may know beside the items: editions that were public, members, sources, kinds and tags in use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from hub.store.instants import maybe_moment, moment
from hub.store.unit import Store

#: Connectors whose address is nobody's business: a folder of ours, a door to which a member sends.
_ADDRESSLESS = ("folder", "inbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicEditionFact:
    """One edition that is or was public."""

    revision: int
    update_type: str
    state: str  #: approved, superseded, withdrawn
    public_at: datetime


async def public_editions(store: Store, content_id: UUID) -> list[PublicEditionFact]:
    """The editions of an item that were ever public, oldest first; none where the item never was.

    An edition that a newer one overtook before anybody decided about it is superseded too, but was never public.
    """
    rows = await store.fetch(
        "SELECT e.revision, e.update_type, e.state, e.decided_at FROM edition e"
        " JOIN item i ON i.content_id = e.content_id WHERE e.content_id = ? AND i.public_at IS NOT NULL"
        " AND e.state IN ('approved', 'superseded', 'withdrawn') AND e.decided_at IS NOT NULL ORDER BY e.revision",
        str(content_id),
    )
    return [
        PublicEditionFact(
            revision=row["revision"], update_type=row["update_type"], state=row["state"],
            public_at=moment(row["decided_at"]),
        )
        for row in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberFact:
    """An organisation as the roster has it."""

    code: str
    name: str
    kind: str
    parent: str
    home: str
    valid_from: str
    valid_until: str
    successors: Sequence[str]
    duties: Sequence[str]


async def members(store: Store, code: str = "") -> list[MemberFact]:
    """All members by code, or the one with this code."""
    where, args = (" WHERE code = ?", (code,)) if code else ("", ())
    rows = await store.fetch(
        "SELECT code, name, kind, parent, home, valid_from, valid_until, successors, duties FROM member"
        f"{where} ORDER BY code",
        *args,
    )
    return [
        MemberFact(**{**row, "successors": orjson.loads(row["successors"]), "duties": orjson.loads(row["duties"])})
        for row in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFact:
    """A source as far as it is public: neither its health nor its manners."""

    name: str
    member: str
    member_name: str
    kind: str
    url: str  #: without a query, in which some sites want a key
    last_new: datetime | None
    items: int


async def sources(store: Store) -> list[SourceFact]:
    """Sources in use, by name."""
    counts = await _counts(store, "source")
    rows = await store.fetch(
        "SELECT s.name, s.member, coalesce(m.name, '') AS member_name, s.kind, s.url, s.connector, s.new_at"
        " FROM source s LEFT JOIN member m ON m.code = s.member WHERE s.state <> 'removed' ORDER BY s.name"
    )
    return [
        SourceFact(
            name=row["name"], member=row["member"], member_name=row["member_name"], kind=row["kind"],
            url="" if row["connector"] in _ADDRESSLESS else row["url"].partition("?")[0],
            last_new=maybe_moment(row["new_at"]), items=counts.get(row["name"], 0),
        )
        for row in rows
    ]  # fmt: skip


async def kinds(store: Store) -> dict[str, int]:
    """Public items of each kind that has any."""
    return await _counts(store, "kind")


async def topics(store: Store, *, limit: int) -> list[tuple[str, int]]:
    """Tags of public items as they are mostly written, the most used first."""
    rows = await store.fetch(
        "SELECT min(t.tag) AS tag, count(*) AS n FROM item_tag t JOIN item i ON i.content_id = t.content_id"
        " WHERE i.state = 'live' AND i.public_at IS NOT NULL GROUP BY t.folded ORDER BY n DESC, t.folded LIMIT ?",
        limit,
    )
    return [(row["tag"], row["n"]) for row in rows]


async def _counts(store: Store, column: str) -> dict[str, int]:
    rows = await store.fetch(
        f"SELECT {column} AS name, count(*) AS n FROM item WHERE state = 'live' AND public_at IS NOT NULL"
        f" GROUP BY {column}"
    )
    return {row["name"]: row["n"] for row in rows}
