"""One item as those who work with it see it: what is public, every edition with its text, deliveries, differences.

The text of an edition that a screen holds is for the duty officer alone: nobody else's page is given it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from connectors.parse.url import web_url
from hub.queries.trace import Trace, trace
from hub.rules.access import NOWHERE, Scope
from hub.store.database import Row, marks
from hub.store.instants import maybe_moment, moment
from hub.store.roster import member_name
from hub.store.unit import Store
from schemas.edition import EditionState, UpdateType, Withdrawal
from schemas.item import ITEM, ItemBase, Kind

#: Editions whose texts are read: where a source counts its visitors in the text, an item has thousands.
NEWEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEdition:
    """One edition with its text, where there is one and the viewer may see it."""

    place: int  #: in the queue, where it is held
    revision: int
    state: EditionState
    update_type: UpdateType
    item: ItemBase | None
    withdrawal: Withdrawal | None
    restricted: bool  #: a screen holds it, and the viewer may not see it
    purged: bool  #: its text is kept no more
    why: dict[str, Any]
    seen_at: datetime
    decided_by: str
    decided_at: datetime | None
    capture: int | None
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDifference:
    """Where a destination and the hub do not agree about the item."""

    destination: str
    key: str
    kind: str
    reason: str
    state: str
    fields: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFile:
    """Everything that is known of one item."""

    content_id: UUID
    title: str  #: of its newest edition; empty where only the duty officer may see it
    kind: Kind
    member: str
    member_name: str
    source: str
    guid: str
    url: str
    state: str  #: live, withdrawn
    withdrawn_by: str
    revision: int
    approved_revision: int
    first_seen: datetime
    changed_at: datetime
    published: datetime | None
    public_at: datetime | None
    editions: Sequence[ReadEdition]  #: newest first: the last NEWEST, the public one, and those that were asked for
    count: int  #: how many there are

    def edition(self, revision: int) -> ReadEdition | None:
        """The edition of this number."""
        return next((each for each in self.editions if each.revision == revision), None)

    @property
    def public(self) -> ReadEdition | None:
        """What readers see now, or what says that it is gone; None for what was never public."""
        return self.edition(self.approved_revision)


async def item_file(
    store: Store, content_id: UUID, *, screen: Scope = NOWHERE, also: Collection[int] = ()
) -> ItemFile | None:  # fmt: skip
    """One item; None when there is none. `screen` is where the viewer may see what the screens hold.

    `also` are revisions that are read however old they are.
    """
    rows = await store.fetch("SELECT * FROM item WHERE content_id = ?", str(content_id))
    if not rows:
        return None
    row = rows[0]
    may = row["member"] in screen
    asked = sorted({row["approved_revision"], *(each for each in also if 0 < each <= row["revision"])})
    editions = await store.fetch(
        f"SELECT * FROM edition WHERE content_id = ? AND (revision > ? OR revision IN ({marks(len(asked))}))"
        " ORDER BY revision DESC",
        str(content_id), row["revision"] - NEWEST, *asked,
    )  # fmt: skip
    [counted] = await store.fetch("SELECT count(*) AS n FROM edition WHERE content_id = ?", str(content_id))
    return ItemFile(
        content_id=content_id, title=row["title"] if may or not row["restricted"] else "", kind=Kind(row["kind"]),
        member=row["member"], member_name=await member_name(store, row["member"]) or row["member"],
        source=row["source"], guid=row["guid"], url=web_url(row["url"]), state=row["state"],
        withdrawn_by=row["withdrawn_by"],
        revision=row["revision"], approved_revision=row["approved_revision"], first_seen=moment(row["first_seen"]),
        changed_at=moment(row["changed_at"]), published=maybe_moment(row["published"]),
        public_at=maybe_moment(row["public_at"]), editions=[_edition(each, may) for each in editions],
        count=counted["n"],
    )  # fmt: skip


def _edition(row: Row, may: bool) -> ReadEdition:
    shown = may or not row["restricted"]
    return ReadEdition(
        place=row["id"], revision=row["revision"], state=EditionState(row["state"]),
        update_type=UpdateType(row["update_type"]),
        item=ITEM.validate_json(row["body"]) if row["body"] and shown else None,
        withdrawal=Withdrawal.model_validate_json(row["withdrawal"]) if row["withdrawal"] else None,
        restricted=not shown, purged=not row["body"] and not row["withdrawal"], why=orjson.loads(row["why"]),
        seen_at=moment(row["seen_at"]), decided_by=row["decided_by"], decided_at=maybe_moment(row["decided_at"]),
        capture=row["capture"], pointer=row["pointer"],
    )  # fmt: skip


async def item_trace(store: Store, content_id: UUID) -> Trace | None:
    """The stages of one item, with its NEWEST editions and events; None when there is none."""
    return next(iter(await trace(store, str(content_id), newest=NEWEST)), None)


async def differences_of(store: Store, content_id: UUID) -> list[OpenDifference]:
    """What the last comparisons found about it."""
    rows = await store.fetch(
        "SELECT * FROM difference WHERE content_id = ? AND state <> 'settled' ORDER BY destination, key",
        str(content_id),
    )
    return [
        OpenDifference(
            destination=row["destination"], key=row["key"], kind=row["kind"], reason=row["reason"],
            state=row["state"], fields=orjson.loads(row["fields"]),
        )
        for row in rows
    ]  # fmt: skip
