"""Records of contributions and their photos.

The text is fenced by the counter that its writer saw. Photos are not: each is a row of its own, and what two windows do
to them adds up; but none changes while the contribution waits for a decision.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from connectors.errors import HubError
from hub.rules.access import Scope
from hub.store.database import Row
from hub.store.instants import maybe_moment, moment
from hub.store.scoping import within
from hub.store.states import DraftState
from hub.store.unit import Store, Unit
from schemas.item import Kind


class DraftRefusedError(HubError):
    """This cannot be done with a contribution now: it lacks something, or somebody changed it meanwhile."""

    code = "draft_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftText:
    """What a contributor typed."""

    kind: Kind
    title: str
    summary: str
    content: str  #: hub/rules/markup.py
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A photo of a contribution."""

    id: int
    place: int  #: what the text calls it
    sha256: str
    type: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A contribution as it is now."""

    id: int
    author: str
    member: str
    text: DraftText
    state: DraftState
    remark: str
    remark_by: str
    counter: int
    guid: str
    content_id: UUID
    revision: int
    changed_at: datetime
    sent_at: datetime | None
    restricted: bool = False  #: a screen holds what was sent: it is for its author and the duty officer
    photos: Sequence[Photo] = ()


async def begin(unit: Unit, text: DraftText, *, author: str, member: str, guid: str, content_id: UUID) -> int:
    """A new contribution; one of this author that bears the guid already stays as it is. Returns its id."""
    rows = await unit.tx.fetch(
        "INSERT INTO draft (author, member, kind, title, summary, content, tags, state, counter, guid, content_id,"
        " revision, began_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'writing', 1, ?, ?, 0, ?, ?)"
        " ON CONFLICT (content_id) DO UPDATE SET author = draft.author WHERE draft.author = excluded.author"
        " RETURNING id",
        author, member, text.kind, text.title, text.summary, text.content, _tags(text), guid, str(content_id),
        unit.at, unit.at,
    )  # fmt: skip
    if not rows:
        raise DraftRefusedError(
            "the guid of somebody else's draft", sentence="Biểu mẫu này không dùng được; hãy mở lại trang rồi nhập lại."
        )
    return int(rows[0]["id"])


async def rewrite(unit: Unit, draft: int, counter: int, text: DraftText) -> bool:
    """The text from now on; one that was taken is written on. False when it changed since, or waits for a decision."""
    return bool(
        await unit.tx.execute(
            "UPDATE draft SET kind = CASE WHEN revision = 0 THEN CAST(? AS TEXT) ELSE kind END, title = ?, summary = ?,"
            " content = ?, tags = ?, counter = counter + 1, changed_at = ?,"
            " state = CASE WHEN state = 'taken' THEN 'writing' ELSE state END"
            " WHERE id = ? AND counter = ? AND state <> 'sent'",
            text.kind, text.title, text.summary, text.content, _tags(text), unit.at, draft, counter,
        )
    )  # fmt: skip


async def sent(unit: Unit, draft: int, counter: int, revision: int) -> bool:
    """Its edition waits for the board. False when it changed since, or waits already."""
    return bool(
        await unit.tx.execute(
            "UPDATE draft SET state = 'sent', revision = ?, counter = counter + 1, sent_at = ?, changed_at = ?"
            " WHERE id = ? AND counter = ? AND state <> 'sent'",
            revision, unit.at, unit.at, draft, counter,
        )
    )  # fmt: skip


async def taken_back(unit: Unit, draft: int) -> bool:
    """Its author writes on before anybody decided. False when somebody did."""
    return bool(
        await unit.tx.execute(
            "UPDATE draft SET state = 'writing', counter = counter + 1, changed_at = ? WHERE id = ? AND state = 'sent'",
            unit.at, draft,
        )
    )  # fmt: skip


async def taken(unit: Unit, content_id: UUID, revision: int) -> None:
    """An edition from this contribution, or what the board made of it, is approved."""
    await unit.tx.execute(
        "UPDATE draft SET state = 'taken', remark = '', remark_by = '', counter = counter + 1, changed_at = ?"
        " WHERE content_id = ? AND revision <= ? AND state = 'sent'",
        unit.at, str(content_id), revision,
    )  # fmt: skip


async def returned(unit: Unit, content_id: UUID, revision: int, *, remark: str, who: str) -> None:
    """It goes back to its author with a remark."""
    await unit.tx.execute(
        "UPDATE draft SET state = 'returned', remark = ?, remark_by = ?, counter = counter + 1, changed_at = ?"
        " WHERE content_id = ? AND revision <= ? AND state = 'sent'",
        remark, who, unit.at, str(content_id), revision,
    )  # fmt: skip


async def holds_open(unit: Unit, draft: int) -> bool:
    """Whether its photos may change; then nobody else changes or sends it before this transaction ends."""
    return bool(
        await unit.tx.execute("UPDATE draft SET counter = counter WHERE id = ? AND state <> 'sent'", draft)
    )  # fmt: skip


async def add_photo(
    unit: Unit, draft: int, *, sha256: str, type: str, width: int, height: int, size: int
) -> int:  # fmt: skip
    """A further photo, after `holds_open`. Returns its place, which the text calls it by."""
    [row] = await unit.tx.fetch(
        "INSERT INTO draft_photo (draft, place, sha256, type, width, height, size, alt)"
        " SELECT CAST(? AS BIGINT), coalesce(max(place), 0) + 1, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS INTEGER),"
        " CAST(? AS INTEGER), CAST(? AS BIGINT), '' FROM draft_photo WHERE draft = ? RETURNING place",
        draft, sha256, type, width, height, size, draft,
    )  # fmt: skip
    return int(row["place"])


async def describe_photos(unit: Unit, draft: int, alts: dict[int, str]) -> None:
    """What each photo shows, by its place; after `holds_open`."""
    for place, alt in alts.items():
        await unit.tx.execute("UPDATE draft_photo SET alt = ? WHERE draft = ? AND place = ?", alt, draft, place)


async def drop_photo(unit: Unit, draft: int, place: int) -> None:
    """The contribution does without it, after `holds_open`. Its bytes stay: another edition may show them."""
    await unit.tx.execute("DELETE FROM draft_photo WHERE draft = ? AND place = ?", draft, place)


async def read(store: Store, draft: int) -> Draft | None:
    """One contribution with its photos; None when there is none."""
    rows = await store.fetch(f"{_SELECT} WHERE d.id = ?", draft)
    if not rows:
        return None
    photos = await store.fetch("SELECT * FROM draft_photo WHERE draft = ? ORDER BY place", draft)
    return _draft(rows[0], photos)


async def listed(
    store: Store, *, author: str, scope: Scope, limit: int, before: int | None = None
) -> list[Draft]:  # fmt: skip
    """Contributions of this author, and those that were sent from the members of `scope`, newest first; of others
    none that a screen holds."""
    where, members = within(scope, "d.member")
    older = " AND d.id < ?" if before is not None else ""
    rows = await store.fetch(
        f"{_SELECT} WHERE (d.author = ? OR (d.state <> 'writing' AND {_RESTRICTED} = 0 AND {where})){older}"
        " ORDER BY d.id DESC LIMIT ?",
        author, *members, *([before] if before is not None else []), limit,
    )  # fmt: skip
    return [_draft(row, ()) for row in rows]


#: Whether a screen holds the edition that was sent last.
_RESTRICTED = (
    "coalesce((SELECT e.restricted FROM edition e WHERE e.content_id = d.content_id AND e.revision = d.revision), 0)"
)
_SELECT = f"SELECT d.*, {_RESTRICTED} AS restricted FROM draft d"


async def public_photo(store: Store, sha256: str) -> str | None:
    """The type of a photo that a public contribution shows; None for any other file."""
    rows = await store.fetch(
        "SELECT p.type, e.body FROM draft_photo p JOIN draft d ON d.id = p.draft"
        " JOIN item i ON i.content_id = d.content_id AND i.state = 'live' AND i.public_at IS NOT NULL"
        " JOIN edition e ON e.content_id = i.content_id AND e.revision = i.approved_revision"
        " WHERE p.sha256 = ?",
        sha256,
    )
    return next((row["type"] for row in rows if row["body"] and sha256 in row["body"]), None)


def _tags(text: DraftText) -> str:
    return orjson.dumps(list(text.tags)).decode()


def _draft(row: Row, photos: Sequence[Row]) -> Draft:
    return Draft(
        id=row["id"], author=row["author"], member=row["member"],
        text=DraftText(
            kind=Kind(row["kind"]), title=row["title"], summary=row["summary"], content=row["content"],
            tags=tuple(orjson.loads(row["tags"])),
        ),
        state=DraftState(row["state"]), remark=row["remark"], remark_by=row["remark_by"], counter=row["counter"],
        guid=row["guid"], content_id=UUID(row["content_id"]), revision=row["revision"],
        changed_at=moment(row["changed_at"]),
        sent_at=maybe_moment(row["sent_at"]), restricted=bool(row["restricted"]),
        photos=[
            Photo(
                id=p["id"], place=p["place"], sha256=p["sha256"], type=p["type"], width=p["width"],
                height=p["height"], alt=p["alt"],
            )
            for p in photos
        ],
    )  # fmt: skip
