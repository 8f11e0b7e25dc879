"""Editions as they are written: numbered, superseding, withdrawn; and what that means for the public and for places.

Whoever makes an edition (a capture, a person) writes it here, in the transaction of its own unit. Each write is fenced
by the revision that was seen: of two who number the next one, only one succeeds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import orjson

from hub.rules.indexing import Indexed
from hub.store import announcing, numbers, planning, publishing, restored, searching, wanting
from hub.store.instants import maybe_micros
from hub.store.unit import OvertakenError, Unit
from hub.store.wanting import Wanted
from schemas.edition import EditionState, UpdateType, Withdrawal
from schemas.item import ItemBase


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where editions come from."""

    source: str
    member: str
    capture: int
    numbered_from: int | None = None  #: as hub.store.restored has it; None: asked where it is needed


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEdition:
    """An edition to be written; revision 1 makes the item."""

    content_id: UUID
    revision: int  #: the one after the item's; in a restored hub it gets a higher one
    item: ItemBase
    kind: str
    digest: str
    update_type: UpdateType
    state: EditionState
    why: Mapping[str, Any]
    pointer: str
    destinations: tuple[str, ...]  #: routed; places that already have the item are added
    not_before: Mapping[str, datetime] = field(default_factory=dict)
    restricted: bool = False  #: a screen holds it: only the duty officer may see its text
    indexed: Indexed | None = None  #: its entry in the index of the search, where the child that read it made one
    body: str = ""  #: the item as it is kept, likewise


async def number(unit: Unit, revision: int) -> int:
    """The number of an edition that comes now: this one, or in a restored hub one that was never given before."""
    return max(revision, await restored.numbered_from(unit) + 1)


async def write(unit: Unit, origin: Origin, new: Sequence[NewEdition]) -> None:
    """Number them, make new items, publish what is approved; an item that changed meanwhile is OvertakenError."""
    if not new:
        return
    floor = origin.numbered_from if origin.numbered_from is not None else await restored.numbered_from(unit)
    numbered = [(e.revision - 1, replace(e, revision=max(e.revision, floor + 1))) for e in new]
    # What is fetched again after a restore alerts nobody a second time.
    numbered = [
        (before, replace(e, update_type=UpdateType.MINOR))
        if not before and restored.may_be_known(unit, floor, e.item.published)
        else (before, e)
        for before, e in numbered
    ]
    editions, first = [e for _, e in numbered], [e for before, e in numbered if not before]
    if first:
        await unit.tx.execute_many(
            "INSERT INTO item (content_id, source, guid, kind, member, title, url, revision, approved_revision, digest,"
            " state, withdrawn_by, published, first_seen, changed_at, public_at, capture, pointer, restricted)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'live', '', ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    str(e.content_id), origin.source, e.item.guid, e.kind, origin.member, e.item.title, e.item.url,
                    e.revision, e.revision if e.state is EditionState.APPROVED else 0, e.digest,
                    maybe_micros(e.item.published), unit.at, unit.at,
                    unit.at if e.state is EditionState.APPROVED else None, origin.capture, e.pointer, int(e.restricted),
                )
                for e in first
            ],
        )  # fmt: skip
    for before, e in numbered:
        if before:
            await _next_revision(unit, origin, e, before)
    await unit.tx.execute_many(
        "INSERT INTO edition (content_id, revision, digest, update_type, state, body, why, seen_at, capture, pointer,"
        " decided_by, decided_at, restricted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                str(e.content_id), e.revision, e.digest, e.update_type, e.state, e.body or e.item.model_dump_json(),
                orjson.dumps(dict(e.why)).decode(), unit.at, origin.capture, e.pointer,
                *(("auto", unit.at) if e.state is EditionState.APPROVED else ("", None)), int(e.restricted),
            )
            for e in editions
        ],
    )  # fmt: skip
    for e in editions:
        unit.tell(
            f"edition_{e.state}", content_id=e.content_id, revision=e.revision, source=origin.source,
            why={"capture": origin.capture, "pointer": e.pointer, "update_type": e.update_type},
        )  # fmt: skip
    public = [e for e in editions if e.state is EditionState.APPROVED]
    await publishing.retag(unit, [(e.content_id, e.item.tags) for e in public], fresh={e.content_id for e in first})
    await wanting.want_everywhere(
        unit,
        [
            Wanted(content_id=e.content_id, revision=e.revision, destinations=e.destinations, not_before=e.not_before)
            for e in public
        ],
    )
    await numbers.made_public(unit, [(e.content_id, e.item) for e in public])
    await announcing.made_public(unit, [(e.content_id, e.revision, e.item) for e in public])
    seen = [e for e in first if not e.restricted]
    await searching.added(
        unit, origin.member,
        [(e.content_id, e.revision, e.item, e.state is EditionState.APPROVED, e.indexed) for e in seen],
    )  # fmt: skip
    await searching.renewed(unit, [e.content_id for before, e in numbered if before])


async def _next_revision(unit: Unit, origin: Origin, e: NewEdition, before: int) -> None:
    approved = e.state is EditionState.APPROVED
    changed = await unit.tx.execute(
        "UPDATE item SET revision = ?, digest = ?, title = ?, url = ?, published = ?, changed_at = ?, capture = ?,"
        " pointer = ?, restricted = ?"
        + (
            ", approved_revision = ?, public_at = ?, change_number = NULL, state = 'live', withdrawn_by = ''"
            if approved
            else ""
        )
        + " WHERE content_id = ? AND revision = ?",
        e.revision, e.digest, e.item.title, e.item.url, maybe_micros(e.item.published), unit.at, origin.capture,
        e.pointer, int(e.restricted), *([e.revision, unit.at] if approved else []), str(e.content_id), before,
    )  # fmt: skip
    if changed != 1:
        raise OvertakenError(e.content_id)
    await supersede(unit, e.content_id, e.revision, approved=approved, keeps_edits=not approved)


async def supersede(
    unit: Unit, content_id: UUID, revision: int, *, approved: bool, keeps_edits: bool = False
) -> None:  # fmt: skip
    """Older editions give way: what was held always, what was approved only to something approved.

    `keeps_edits`: what a person wrote and nobody decided about waits beside what the source says now (ADR 034).
    """
    states = "'held', 'approved'" if approved else "'held'"
    kept = " AND origin <> 'person'" if keeps_edits else ""
    await unit.tx.execute(
        f"UPDATE edition SET state = 'superseded' WHERE content_id = ? AND revision < ? AND state IN ({states}){kept}",
        str(content_id), revision,
    )  # fmt: skip
    await planning.overtaken(unit, content_id, revision)


async def withdraw(
    unit: Unit, content_id: UUID, revision: int, withdrawal: Withdrawal, *, by: Literal["person", "source", "screen"],
    who: str = "hub", capture: int | None = None, pointer: str = "",
) -> int:  # fmt: skip
    """The item is gone: the next revision says so, everywhere it ever was. `revision` is the one that is held now.

    Returns the number of the withdrawal. Raises OvertakenError when `revision` is not held any more.
    """
    gone = await number(unit, withdrawal.revision)
    withdrawal = withdrawal.model_copy(update={"revision": gone})
    changed = await unit.tx.execute(
        "UPDATE item SET revision = ?, approved_revision = ?, state = 'withdrawn',"
        # What a screen took back stays the duty officer's matter, whoever takes it back after that.
        " withdrawn_by = CASE WHEN withdrawn_by = 'screen' THEN 'screen' ELSE CAST(? AS TEXT) END,"
        " changed_at = ?, public_at = CASE WHEN public_at IS NULL THEN NULL ELSE CAST(? AS BIGINT) END,"
        " change_number = NULL, capture = coalesce(CAST(? AS BIGINT), capture) WHERE content_id = ? AND revision = ?",
        gone, gone, by, unit.at, unit.at, capture, str(content_id), revision,
    )  # fmt: skip
    if changed != 1:
        raise OvertakenError(content_id)
    edited = by == "source" and await _is_edited(unit, content_id)
    await supersede(unit, content_id, gone, approved=True)
    await unit.tx.execute(
        "INSERT INTO edition (content_id, revision, digest, update_type, state, body, withdrawal, why, seen_at,"
        " capture, pointer, decided_by, decided_at) VALUES (?, ?, '', 'major', 'withdrawn', NULL, ?, ?, ?, ?, ?, ?, ?)",
        str(content_id), gone, withdrawal.model_dump_json(), orjson.dumps({"by": by}).decode(), unit.at, capture,
        pointer, who, unit.at,
    )  # fmt: skip
    places = await unit.tx.fetch("SELECT destination FROM delivery WHERE content_id = ?", str(content_id))
    await wanting.want(unit, [(row["destination"], content_id, gone) for row in places])
    await announcing.withdrawn(unit, content_id)
    await searching.renewed(unit, [content_id])
    # What a person made of it goes too: an edit does not overrule the source's explicit word. The account says so.
    why = {"by": by, "kind": withdrawal.kind} | ({"edited": True} if edited else {})
    unit.tell("withdrawn", who=who, content_id=content_id, revision=gone, why=why)
    return gone


async def _is_edited(unit: Unit, content_id: UUID) -> bool:
    """Whether a person's text is public, or waits."""
    return bool(
        await unit.tx.fetch(
            "SELECT 1 AS one FROM edition WHERE content_id = ? AND origin = 'person' AND state IN ('held', 'approved')",
            str(content_id),
        )
    )
