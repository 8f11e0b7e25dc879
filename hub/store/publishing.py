"""What readers may see now: the public list, by kind, member and tag, newest first, with tombstones.

Every question of the web role is asked here, and each of them starts from `public_at` and `approved_revision`: an
edition that was never approved cannot be reached.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from connectors.parse.text import fold
from hub.store.database import Row, marks
from hub.store.delivering import public
from hub.store.instants import maybe_moment, micros, moment
from hub.store.unit import Store, Unit
from schemas.edition import PublishedItem, Withdrawal
from schemas.item import Kind

#: characters of a tag, and of its folded form, that are kept
TAG_LIMIT = 200
#: uses from which a tag is looked for in the list instead of the list being made of its uses
COMMON_TAG = 20_000
#: items that changed since a walk began and still find their old place in it; see `public_list`
MOVED_LIMIT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicEdition:
    """One entry of the public list."""

    edition: PublishedItem | Withdrawal
    public_at: datetime  #: when it last changed in public
    place: datetime  #: where it stands in the walk that asked: `public_at` as it was when that began


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page of the list ended; the next begins behind it."""

    began: datetime  #: the newest change when the walk read its first page
    place: datetime
    content_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which part of the public list; an empty field selects everything."""

    kind: str = ""
    member: str = ""
    tag: str = ""
    source: str = ""
    since: datetime | None = None  #: what changed in public at this time or later
    until: datetime | None = None  #: and before this one
    live: bool = False  #: without what was withdrawn


async def retag(
    unit: Unit, items: Iterable[tuple[UUID, Sequence[str]]], *, fresh: Collection[UUID] = ()
) -> None:  # fmt: skip
    """The tags of public editions; `fresh` names items that had none before."""
    items = list(items)
    old = [(str(content_id),) for content_id, _ in items if content_id not in fresh]
    await unit.tx.execute_many("DELETE FROM item_tag WHERE content_id = ?", old)
    await unit.tx.execute_many(
        "INSERT INTO item_tag (content_id, tag, folded) VALUES (?, ?, ?)",
        [
            (str(content_id), tag, _tag_key(tag))
            for content_id, tags in items
            for tag in dict.fromkeys(t[:TAG_LIMIT] for t in tags)
        ],
    )


def _tag_key(tag: str) -> str:
    # Folding can lengthen: ß becomes ss.
    return fold(tag[:TAG_LIMIT])[:TAG_LIMIT]


async def public_list(
    store: Store, selection: Selection, *, limit: int, after: Place | None = None
) -> list[PublicEdition]:  # fmt: skip
    """Newest public changes first, withdrawals included; `after` goes on with a walk.

    A walk from page to page meets every item that was public when it began exactly once, each as it is now, though
    items move to the front of the list meanwhile: what changed since keeps, for this walk, the place that its history
    says it had. This holds for up to MOVED_LIMIT changes; beyond, an item that moved is met at the front only.
    """
    where, args = await _selected(store, selection)
    if after is None:
        listed, values = _newest(where), [*args, limit]
    else:
        began, behind = micros(after.began), (micros(after.place), str(after.content_id))
        listed = _behind(where)
        values = [*args, min(began, behind[0]), *behind, limit, began, *args, began, MOVED_LIMIT, *behind]
    rows = await store.fetch(
        f"""
        SELECT e.content_id, e.revision, e.update_type, e.body, e.withdrawal, i.member, m.name AS member_name, i.source,
               i.public_at, l.place
          FROM ({listed}) AS l
          JOIN item i ON i.content_id = l.content_id
          JOIN edition e ON e.content_id = i.content_id AND e.revision = i.approved_revision
          LEFT JOIN member m ON m.code = i.member
         ORDER BY l.place DESC, l.content_id DESC LIMIT ?
        """,
        *values, limit,
    )  # fmt: skip
    return [entry(row) for row in rows]


def _newest(where: str) -> str:
    return f"""
        SELECT i.content_id, i.public_at AS place FROM item i {where}
         ORDER BY i.public_at DESC, i.content_id DESC LIMIT ?"""


def _behind(where: str) -> str:
    """What did not change since the walk began, and what did, at the place that its history says it had."""
    still = _newest(f"{where} AND i.public_at <= ? AND (i.public_at, i.content_id) < (?, ?)")
    return f"""
        SELECT content_id, place FROM ({still}) AS still
         UNION ALL
        SELECT content_id, place FROM (
               SELECT i.content_id, (SELECT max(h.decided_at) FROM edition h WHERE h.content_id = i.content_id
                                        AND h.decided_at <= ? AND h.state <> 'rejected') AS place
                 FROM item i {where} AND i.public_at > ? ORDER BY i.public_at LIMIT ?) AS moved
         WHERE (place, content_id) < (?, ?)"""


async def _selected(store: Store, selection: Selection) -> tuple[str, list[str | int]]:
    where, args = ["i.public_at IS NOT NULL"], list[str | int]()
    named = (("i.kind", selection.kind), ("i.member", selection.member), ("i.source", selection.source))
    for column, value in named:
        if value:
            where.append(f"{column} = ?")
            args.append(value)
    for condition, at in (("i.public_at >= ?", selection.since), ("i.public_at < ?", selection.until)):
        if at is not None:
            where.append(condition)
            args.append(micros(at))
    if selection.live:
        where.append("i.state = 'live'")
    if selection.tag:
        key = _tag_key(selection.tag)
        [row] = await store.fetch(
            "SELECT count(*) AS n FROM (SELECT 1 AS one FROM item_tag WHERE folded = ? LIMIT ?) AS used",
            key, COMMON_TAG,
        )  # fmt: skip
        # Few items: take them all and sort. Many: go down the list until a page is full, asking each item for its tags
        # (`|| ''` keeps SQLite from reading the whole index of the tag for each of them: 800 ms instead of 10).
        rare = "i.content_id IN (SELECT content_id FROM item_tag WHERE folded = ?)"
        common = "EXISTS (SELECT 1 FROM item_tag t WHERE t.content_id = i.content_id AND t.folded || '' = ?)"
        where.append(common if row["n"] == COMMON_TAG else rare)
        args.append(key)
    return f"WHERE {' AND '.join(where)}", args


def entry(row: Row) -> PublicEdition:
    """A row of the public edition of an item, with `public_at` and `place`."""
    return PublicEdition(edition=public(row), public_at=moment(row["public_at"]), place=moment(row["place"]))


async def public_item(store: Store, content_id: UUID) -> PublicEdition | None:
    """One item as the public sees it; None when it never was public."""
    rows = await store.fetch(
        """
        SELECT e.content_id, e.revision, e.update_type, e.body, e.withdrawal, i.member, m.name AS member_name, i.source,
               i.public_at, i.public_at AS place
          FROM item i
          JOIN edition e ON e.content_id = i.content_id AND e.revision = i.approved_revision
          LEFT JOIN member m ON m.code = i.member
         WHERE i.public_at IS NOT NULL AND i.content_id = ?
        """,
        str(content_id),
    )
    return entry(rows[0]) if rows else None


async def newest_change(store: Store) -> datetime | None:
    """When anything public last changed; None when nothing was ever public."""
    [row] = await store.fetch("SELECT max(public_at) AS newest FROM item")
    return maybe_moment(row["newest"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelves:
    """The parts of the public list that have items."""

    kinds: Sequence[str]
    members: Sequence[tuple[str, str]]  #: code and name, by name


async def shelves(store: Store, kinds: Iterable[str]) -> Shelves:
    """Which of these kinds, and which members of the roster, ever published something."""
    # The least kind, or member, from this one on: one look into an index. PostgreSQL takes `kind = $1` and EXISTS for a
    # reason to read the whole table when nearly all items are of one kind or member: 250 ms instead of 1.
    present = []
    for kind in kinds:
        [row] = await store.fetch(
            "SELECT min(kind) AS least FROM item WHERE kind >= ? AND public_at IS NOT NULL", kind
        )  # fmt: skip
        if row["least"] == kind:
            present.append(kind)
    members = await store.fetch(
        "SELECT m.code, m.name FROM member m WHERE m.code ="
        " (SELECT min(i.member) FROM item i WHERE i.member >= m.code AND i.public_at IS NOT NULL)"
    )
    named = sorted(((row["code"], row["name"]) for row in members), key=lambda one: (fold(one[1]), one[1], one[0]))
    return Shelves(kinds=present, members=named)


async def member_name(store: Store, code: str) -> str | None:
    """What this member is called; None when there is no such member."""
    rows = await store.fetch("SELECT name FROM member WHERE code = ?", code)
    return rows[0]["name"] if rows else None


async def count_live(store: Store) -> int:
    """How many items are public and not withdrawn."""
    [row] = await store.fetch("SELECT count(*) AS n FROM item WHERE public_at IS NOT NULL AND state = 'live'")
    return int(row["n"])


async def live_items(store: Store, *, starting: str = "", limit: int) -> list[tuple[UUID, datetime]]:
    """Public items that are not withdrawn, with the time of their last change: those whose id starts so, by id."""
    rows = await store.fetch(
        "SELECT content_id, public_at FROM item WHERE public_at IS NOT NULL AND state = 'live'"
        " AND content_id >= ? AND content_id < ? ORDER BY content_id LIMIT ?",
        starting, f"{starting}g", limit,
    )  # fmt: skip
    return [(UUID(row["content_id"]), moment(row["public_at"])) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """An item that became public in some time and still is, without its text."""

    content_id: UUID
    kind: Kind
    member: str
    is_new: bool  #: not public before that time
    tags: Sequence[str]


#: items of which `became_public` reads the tags at once
_BATCH = 500


async def became_public(store: Store, *, after: datetime, until: datetime, only_major: bool) -> list[Published]:
    """Items with an edition that became public after one moment and up to another, newest first.

    Those that were withdrawn since are left out, and with `only_major` those that only had small corrections.
    """
    public = "h.content_id = i.content_id AND h.withdrawal IS NULL AND h.state IN ('approved', 'superseded')"
    fresh = f"SELECT 1 AS one FROM edition h WHERE {public} AND h.decided_at > ? AND h.decided_at <= ?"
    rows = await store.fetch(
        f"""
        SELECT * FROM (
               SELECT i.content_id, i.kind, i.member, i.public_at,
                      CASE WHEN EXISTS (SELECT 1 AS one FROM edition h WHERE {public} AND h.decided_at <= ?)
                           THEN 0 ELSE 1 END AS is_new,
                      CASE WHEN EXISTS ({fresh} AND h.update_type = 'major') THEN 1 ELSE 0 END AS is_major
                 FROM item i WHERE i.public_at > ? AND i.state = 'live' AND EXISTS ({fresh})) AS found
         WHERE is_new = 1 OR is_major = 1 OR CAST(? AS INTEGER) = 0
         ORDER BY public_at DESC, content_id DESC
        """,
        *(micros(each) for each in (after, after, until, after, after, until)), int(only_major),
    )  # fmt: skip
    tags: dict[str, list[str]] = {row["content_id"]: [] for row in rows}
    ids = list(tags)
    for start in range(0, len(ids), _BATCH):
        part = ids[start : start + _BATCH]
        for row in await store.fetch(
            f"SELECT content_id, tag FROM item_tag WHERE content_id IN ({marks(len(part))}) ORDER BY id", *part
        ):
            tags[row["content_id"]].append(row["tag"])
    return [
        Published(
            content_id=UUID(row["content_id"]), kind=Kind(row["kind"]), member=row["member"],
            is_new=bool(row["is_new"]), tags=tags[row["content_id"]],
        )
        for row in rows
    ]  # fmt: skip
