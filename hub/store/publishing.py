"""What readers may see now: the public list, by kind, member and tag, newest first, with tombstones."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from connectors.parse.text import fold
from hub.store.database import marks
from hub.store.delivering import public
from hub.store.instants import micros, moment
from hub.store.unit import Store, Unit
from schemas.edition import PublishedItem, Withdrawal


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicEdition:
    """One entry of the public list, and when it last changed in public."""

    edition: PublishedItem | Withdrawal
    public_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page of the list ended; the next begins behind it."""

    public_at: datetime
    content_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which part of the public list; an empty field selects everything."""

    kind: str = ""
    member: str = ""
    tag: str = ""


async def retag(
    unit: Unit, items: Iterable[tuple[UUID, Sequence[str]]], *, fresh: Collection[UUID] = ()
) -> None:  # fmt: skip
    """The tags of public editions; `fresh` names items that had none before."""
    items = list(items)
    old = [(str(content_id),) for content_id, _ in items if content_id not in fresh]
    await unit.tx.execute_many("DELETE FROM item_tag WHERE content_id = ?", old)
    await unit.tx.execute_many(
        "INSERT INTO item_tag (content_id, tag, folded) VALUES (?, ?, ?)",
        [(str(content_id), tag, fold(tag)) for content_id, tags in items for tag in {t[:200] for t in tags}],
    )


async def public_list(
    store: Store, selection: Selection, *, limit: int, after: Place | None = None
) -> list[PublicEdition]:  # fmt: skip
    """Newest public changes first, withdrawals included."""
    where, args = ["i.public_at IS NOT NULL"], list[str | int]()
    for column, value in (("i.kind", selection.kind), ("i.member", selection.member)):
        if value:
            where.append(f"{column} = ?")
            args.append(value)
    if selection.tag:
        where.append("i.content_id IN (SELECT content_id FROM item_tag WHERE folded = ?)")
        args.append(fold(selection.tag))
    if after:
        where.append("(i.public_at < ? OR (i.public_at = ? AND i.content_id < ?))")
        args += [micros(after.public_at), micros(after.public_at), str(after.content_id)]
    rows = await store.fetch(
        f"""
        SELECT e.content_id, e.revision, e.update_type, e.body, e.withdrawal, i.member, m.name AS member_name, i.source,
               i.public_at
          FROM item i
          JOIN edition e ON e.content_id = i.content_id AND e.revision = i.approved_revision
          LEFT JOIN member m ON m.code = i.member
         WHERE {" AND ".join(where)} ORDER BY i.public_at DESC, i.content_id DESC LIMIT ?
        """,
        *args, limit,
    )  # fmt: skip
    return [PublicEdition(edition=public(row), public_at=moment(row["public_at"])) for row in rows]


async def last_public_change(store: Store, selection: Selection) -> datetime | None:
    """When this part of the list last changed: the newest entry's time."""
    newest = await public_list(store, selection, limit=1)
    return newest[0].public_at if newest else None


async def public_items(store: Store, ids: Sequence[UUID]) -> list[PublishedItem | Withdrawal]:
    """These items as the public sees them; whatever was never public is left out."""
    rows = await store.fetch(
        f"""
        SELECT e.content_id, e.revision, e.update_type, e.body, e.withdrawal, i.member, m.name AS member_name, i.source
          FROM item i
          JOIN edition e ON e.content_id = i.content_id AND e.revision = i.approved_revision
          LEFT JOIN member m ON m.code = i.member
         WHERE i.public_at IS NOT NULL AND i.content_id IN ({marks(len(ids))})
        """,
        *(str(one) for one in ids),
    )
    return [public(row) for row in rows]
