"""Editions that people write: an editor's change of an item, a contributor's text; held until somebody decides.

The item's digest stays that of what its source said last, so that a source which repeats itself says nothing new, and
one which says something new meets the editor's text and does not overwrite it (ADR 034). Each write is fenced by the
revision that the writer saw.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from hub.store import searching
from hub.store.editions import number, supersede
from hub.store.instants import maybe_micros
from hub.store.states import EditionOrigin
from hub.store.unit import OvertakenError, Store, Unit
from schemas.edition import EditionState, UpdateType
from schemas.item import ITEM, ItemBase

#: Editions of an item that an editor meets, as their texts are read at once.
NEWEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An edition that a person wrote; revision 1 makes the item."""

    content_id: UUID
    revision: int
    item: ItemBase
    source: str
    member: str
    digest: str
    update_type: UpdateType
    origin: EditionOrigin
    author: str
    why: Mapping[str, Any]
    restricted: bool = False  #: a screen holds it


async def write(unit: Unit, e: Written) -> int:
    """Store it as held and return its number: `revision`, in a restored hub a higher one.

    Raises OvertakenError when the item has another revision than the one before `revision` by now.
    """
    before, revision = e.revision - 1, await number(unit, e.revision)
    # What a contributor says is what the source of a contribution says.
    said = e.origin is not EditionOrigin.PERSON
    if not before:
        await unit.tx.execute(
            "INSERT INTO item (content_id, source, guid, kind, member, title, url, revision, approved_revision, digest,"
            " state, withdrawn_by, published, first_seen, changed_at, restricted)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 'live', '', ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            str(e.content_id), e.source, e.item.guid, e.item.kind, e.member, e.item.title, e.item.url, revision,
            e.digest, maybe_micros(e.item.published), unit.at, unit.at, int(e.restricted),
        )  # fmt: skip
        changed = await unit.tx.execute(
            "UPDATE item SET restricted = restricted WHERE content_id = ? AND revision = ? AND NOT EXISTS"
            " (SELECT 1 FROM edition n WHERE n.content_id = item.content_id)",
            str(e.content_id), revision,
        )  # fmt: skip
    else:
        changed = await unit.tx.execute(
            "UPDATE item SET revision = ?, title = ?, changed_at = ?, restricted = ?,"
            " digest = CASE WHEN CAST(? AS INTEGER) = 1 THEN CAST(? AS TEXT) ELSE digest END"
            " WHERE content_id = ? AND revision = ?",
            revision, e.item.title, unit.at, int(e.restricted), int(said), e.digest, str(e.content_id), before,
        )  # fmt: skip
    if changed != 1:
        raise OvertakenError(e.content_id)
    await supersede(unit, e.content_id, revision, approved=False, keeps_edits=said)
    await unit.tx.execute(
        "INSERT INTO edition (content_id, revision, digest, update_type, state, body, why, seen_at, pointer,"
        " decided_by, origin, author, restricted) VALUES (?, ?, ?, ?, 'held', ?, ?, ?, '', '', ?, ?, ?)",
        str(e.content_id), revision, e.digest, e.update_type, e.item.model_dump_json(),
        orjson.dumps(dict(e.why)).decode(), unit.at, e.origin, e.author, int(e.restricted),
    )  # fmt: skip
    await searching.renewed(unit, [e.content_id])
    return revision


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEdition:
    """One edition as an editor meets it."""

    revision: int
    state: EditionState
    origin: EditionOrigin
    author: str
    digest: str
    update_type: UpdateType
    item: ItemBase | None
    why: Mapping[str, Any]
    remark: str


async def editions(store: Store, content_id: UUID) -> list[KeptEdition]:
    """The editions of an item, the newest first; what a screen holds has no text here.

    The last NEWEST, and whatever is older and still in force.
    """
    rows = await store.fetch(
        "SELECT revision, state, origin, author, digest, update_type, why, remark,"
        " CASE WHEN restricted = 0 THEN body END AS body FROM edition"
        " WHERE content_id = ? AND (state IN ('held', 'approved') OR revision >"
        " (SELECT revision FROM item WHERE content_id = ?) - ?) ORDER BY revision DESC",
        str(content_id), str(content_id), NEWEST,
    )  # fmt: skip
    return [
        KeptEdition(
            revision=row["revision"], state=EditionState(row["state"]), origin=EditionOrigin(row["origin"]),
            author=row["author"], digest=row["digest"], update_type=UpdateType(row["update_type"]),
            item=ITEM.validate_json(row["body"]) if row["body"] else None,
            why=orjson.loads(row["why"]), remark=row["remark"],
        )
        for row in rows
    ]  # fmt: skip
