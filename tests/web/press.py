"""Makes public, held, corrected and withdrawn items through the store's own functions, as the stages would."""

import hashlib
import zlib
from datetime import timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from hub.app import Hub
from hub.commands.approve import approve
from hub.commands.withdraw import withdraw
from hub.store import normalising, searching
from hub.store.editions import NewEdition
from hub.store.instants import micros
from hub.store.normalising import Outcome
from schemas.edition import EditionState, UpdateType, WithdrawalKind
from schemas.item import ItemBase, News
from tests.clock import Clock

SOURCE = "so-y-te-tin"
_LEASE = timedelta(minutes=5)


def news(guid: str, **fields: object) -> News:
    """A plain news item; what a test cares about goes into `fields`."""
    given: dict[str, object] = {"guid": guid, "title": f"Tin {guid}", "url": f"http://soyte.example.vn/tin/{guid}"}
    return News.model_validate(given | fields)


def id_of(guid: str) -> UUID:
    """The content_id that the press gives an item."""
    return uuid5(NAMESPACE_URL, guid)


class Press:
    """One second passes before each thing it does, so that no two changes share an instant."""

    def __init__(self, hub: Hub, clock: Clock) -> None:
        self.engine = hub.engine
        self.clock = clock

    async def publish(
        self, *items: ItemBase, source: str = SOURCE, held: bool = False, waiting: bool = False
    ) -> list[UUID]:
        """Store these as the next edition of each; approved, or held for a person. `waiting`: not found yet."""
        self.clock.advance(seconds=1)
        state = EditionState.HELD if held else EditionState.APPROVED
        editions = [await self._edition(item, state) for item in items]
        async with self.engine.store.unit() as unit:
            [made] = await unit.tx.fetch(
                "INSERT INTO capture (source, url, sha256, size, fetched_at, state, due_at)"
                " VALUES (?, 'http://soyte.example.vn/rss', '', 0, ?, 'new', ?) RETURNING id",
                source, unit.at, unit.at,
            )  # fmt: skip
            await unit.tx.execute("INSERT INTO capture_body (id, body) VALUES (?, ?)", made["id"], zlib.compress(b""))
        [claim] = await normalising.claim(self.engine.store, None, limit=1, lease=_LEASE)
        async with self.engine.store.unit() as unit:
            await normalising.record(unit, claim, Outcome(format="rss20", counts={}, editions=editions))
        if not waiting:
            await searching.caught_up(self.engine.store)
        return [edition.content_id for edition in editions]

    async def _edition(self, item: ItemBase, state: EditionState) -> NewEdition:
        content_id = id_of(item.guid)
        held = await self.engine.store.fetch("SELECT revision FROM item WHERE content_id = ?", str(content_id))
        return NewEdition(
            content_id=content_id, revision=(held[0]["revision"] if held else 0) + 1, item=item, kind=item.kind,
            digest=hashlib.sha256(item.model_dump_json().encode()).hexdigest(), update_type=UpdateType.MAJOR,
            state=state, why={}, pointer="item 1", destinations=(),
        )  # fmt: skip

    async def approve(self, guid: str) -> None:
        """A person approves what is held."""
        self.clock.advance(seconds=1)
        await approve(self.engine, id_of(guid), who="an")

    async def withdraw(
        self, guid: str, kind: WithdrawalKind = WithdrawalKind.GONE, reason: str = "", redirect_to: str = ""
    ) -> None:  # fmt: skip
        """A person withdraws an item."""
        self.clock.advance(seconds=1)
        await withdraw(self.engine, id_of(guid), kind=kind, reason=reason, redirect_to=redirect_to, who="an")

    async def insert_many(self, count: int) -> None:
        """Many public items at once, by SQL: only for what counts rows."""
        at = micros(self.engine.store.now())
        rows = [
            (str(id_of(f"many-{n}")), SOURCE, f"many-{n}", f"Tin {n}", at, at, at)
            for n in range(count)
        ]  # fmt: skip
        async with self.engine.store.unit() as unit:
            await unit.tx.execute_many(
                "INSERT INTO item (content_id, source, guid, kind, member, title, revision, approved_revision, digest,"
                " state, first_seen, changed_at, public_at) VALUES (?, ?, ?, 'news', 'H52.12', ?, 1, 1, '', 'live',"
                " ?, ?, ?)",
                rows,
            )
