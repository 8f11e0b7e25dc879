"""What stands side by side when a person edits an item: our text, the source's, what is public; and what differs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hub.rules.access import Scope
from hub.rules.editing import Difference, differences
from hub.store.deciding import decidable
from hub.store.editing import KeptEdition, editions
from hub.store.instants import moment
from hub.store.scoping import within
from hub.store.states import EditionOrigin, ItemState
from hub.store.unit import Store
from schemas.edition import EditionState
from schemas.item import ItemBase, Kind

_IN_FORCE = (EditionState.HELD, EditionState.APPROVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """An item's texts, as an editor meets them."""

    content_id: UUID
    revision: int  #: the newest: what an edit is fenced by
    item_state: ItemState
    source: str
    member: str
    kind: Kind
    restricted: bool
    editions: Sequence[KeptEdition]  #: the newest first

    @property
    def newest(self) -> KeptEdition:
        """The newest edition, whoever wrote it."""
        return self.editions[0]

    @property
    def ours(self) -> KeptEdition:
        """What an editor goes on with: a person's text that is public or waits, else the newest not refused."""
        return _ours(self.editions)

    @property
    def theirs(self) -> KeptEdition | None:
        """What the source, or the contributor, said last."""
        return next((e for e in self.editions if e.origin is not EditionOrigin.PERSON and e.item is not None), None)

    @property
    def public(self) -> ItemBase | None:
        """What readers see."""
        return next((e.item for e in self.editions if e.state is EditionState.APPROVED), None)

    @property
    def in_conflict(self) -> bool:
        """Whether the source says something newer than a person's text, and nobody has chosen."""
        theirs, ours = self.theirs, self.ours
        return (
            theirs is not None and theirs.state is EditionState.HELD and ours.origin is EditionOrigin.PERSON
            and theirs.revision > ours.revision
        )  # fmt: skip

    def before(self, seen: int) -> ItemBase:
        """The text that an editor had who opened the page when `seen` was the newest."""
        item = _ours([e for e in self.editions if e.revision <= seen] or self.editions).item
        assert item is not None
        return item

    def like(self, edition: KeptEdition, *, until: int) -> ItemBase | None:
        """What the same hand (people, or the source) had said before, up to a revision."""
        by_person = edition.origin is EditionOrigin.PERSON
        if by_person:
            return self.before(until)
        older = (e for e in self.editions if e.revision <= until and e.origin is not EditionOrigin.PERSON)
        return next((e.item for e in older if e.item is not None), None)


def _ours(kept: Sequence[KeptEdition]) -> KeptEdition:
    written = [e for e in kept if e.item is not None]
    by_people = (e for e in written if e.origin is EditionOrigin.PERSON and e.state in _IN_FORCE)
    standing = (e for e in written if e.state in _IN_FORCE)
    found = next(by_people, None) or next(standing, None) or next(iter(written), None)
    return found or kept[0]


async def texts(store: Store, content_id: UUID) -> Texts:
    """Raises DecisionRefusedError when there is no such item."""
    newest = await decidable(store, content_id, None)
    rows = await store.fetch("SELECT restricted FROM item WHERE content_id = ?", str(content_id))
    kept = [e for e in await editions(store, content_id) if e.revision <= newest.item_revision]
    return Texts(
        content_id=content_id, revision=newest.item_revision, item_state=newest.item_state, source=newest.source,
        member=newest.member, kind=newest.kind, restricted=bool(rows and rows[0]["restricted"]), editions=kept,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """An edited item of which the source says something newer, and nobody has chosen yet."""

    content_id: UUID
    revision: int  #: of what the source says now
    title: str
    source: str
    member: str
    since: datetime
    differences: tuple[Difference, ...]  #: from the source's earlier text to its new one


async def conflicts(store: Store, scope: Scope, *, limit: int = 100) -> list[Conflict]:
    """Edited items with newer words of their sources, the oldest first."""
    where, members = within(scope, "i.member")
    rows = await store.fetch(
        f"""
        SELECT e.content_id, e.revision, e.seen_at, i.title, i.source, i.member
          FROM edition e JOIN item i ON i.content_id = e.content_id
         WHERE e.state = 'held' AND e.origin <> 'person' AND i.restricted = 0 AND {where}
           AND EXISTS (SELECT 1 FROM edition p WHERE p.content_id = e.content_id AND p.origin = 'person'
                          AND p.revision < e.revision AND p.state IN ('held', 'approved'))
         ORDER BY e.id LIMIT ?
        """,
        *members, limit,
    )  # fmt: skip
    found = []
    for row in rows:
        kept = await editions(store, UUID(row["content_id"]))
        said = [e.item for e in kept if e.origin is not EditionOrigin.PERSON and e.item is not None]
        found.append(
            Conflict(
                content_id=UUID(row["content_id"]), revision=row["revision"], title=row["title"],
                source=row["source"], member=row["member"], since=moment(row["seen_at"]),
                differences=differences(said[1], said[0]) if len(said) > 1 else (),
            )
        )  # fmt: skip
    return found
