"""Who writes: items, edits and withdrawals straight into the hub's store, and the answer key of what is to be shown.

The key is written by what is done here; nothing of the hub's is read for it. Each title tells its item and its
revision, so that whatever a place shows can be known again by any reader.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from uuid import NAMESPACE_URL, UUID, uuid5

from hub.app import Hub
from hub.store import editions
from hub.store.editions import NewEdition, Origin
from schemas.edition import EditionState, UpdateType, Withdrawal
from schemas.item import ItemBase, News
from tests.clock import START

_MARK = re.compile(r"số (\d{6}) \(bản (\d+)\)")
ORIGIN = Origin(source="chien-dich", member="H52.12", capture=1)

#: Makes an item of its number and title.
MakesItem = Callable[[int, str], ItemBase]


def title_of(number: int, revision: int) -> str:
    """What an item is called in this revision."""
    return f"Thông báo về lịch làm việc của bộ phận một cửa số {number:06} (bản {revision})"


def mark_in(text: str) -> tuple[int, int] | None:
    """Number and revision that a text tells."""
    found = _MARK.search(text)
    return (int(found[1]), int(found[2])) if found else None


def news(number: int, title: str) -> News:
    """A piece of news."""
    return News(
        guid=f"tin-{number}", title=title, summary=f"{title}.", content_html=f"<p>{title}: nội dung đầy đủ.</p>",
        url=f"http://syt.gov.vn/tin/{number}.html",
    )  # fmt: skip


@dataclass(slots=True)
class Written:
    """An item as it was written last."""

    number: int
    content_id: UUID
    revision: int = 0
    is_live: bool = False


class Author:
    """Writes one thing after the other; the seed says what."""

    def __init__(self, seed: int, destination: str, make: MakesItem) -> None:
        self.chance = Random(f"{seed} author")
        self.items: list[Written] = []
        self.edits = self.withdrawals = self.returns = 0
        self._seed, self._destination, self._make = seed, destination, make
        self._by_id: dict[UUID, Written] = {}

    @property
    def revisions(self) -> int:
        """How many revisions there are, withdrawals included."""
        return sum(one.revision for one in self.items)

    def item(self, content_id: UUID) -> Written:
        """An item by its identity."""
        return self._by_id[content_id]

    def key(self) -> dict[int, int]:
        """What every place has to show in the end: revision by number."""
        return {one.number: one.revision for one in self.items if one.is_live}

    async def write(self, hub: Hub, count: int, busy: Sequence[Written] = ()) -> None:
        """Some new items, edits and withdrawals; half of the changes hit what is `busy`: under way or in doubt."""
        for _ in range(count):
            if len(self.items) < 5 or self.chance.random() < 0.3:
                await self._begin(hub)
                continue
            known = busy if busy and self.chance.random() < 0.5 else self.items
            await self.change(hub, self.chance.choice(known), self.chance)

    async def change(self, hub: Hub, item: Written, chance: Random) -> None:
        """Edit an item, or withdraw it; what is withdrawn may come back."""
        if not item.is_live:
            self.returns += 1
            await self._edition(hub, item)
        elif chance.random() < 0.3:
            await self._withdraw(hub, item)
        else:
            self.edits += 1
            await self._edition(hub, item)

    async def _begin(self, hub: Hub) -> None:
        number = len(self.items) + 1
        item = Written(number, uuid5(NAMESPACE_URL, f"urn:chien-dich:{self._seed}:{number}"))
        self.items.append(item)
        self._by_id[item.content_id] = item
        await self._edition(hub, item)

    async def _edition(self, hub: Hub, item: Written) -> None:
        revision = item.revision + 1
        made = self._make(item.number, title_of(item.number, revision))
        made = made.model_copy(update={"published": START - timedelta(minutes=item.number)})
        edition = NewEdition(
            content_id=item.content_id, revision=revision, item=made, kind=str(getattr(made, "kind", "")),
            digest=f"{item.number}-{revision}", update_type=UpdateType.MAJOR, state=EditionState.APPROVED, why={},
            pointer=f"item {item.number}", destinations=(self._destination,),
        )  # fmt: skip
        async with hub.engine.store.unit() as unit:
            await editions.write(unit, ORIGIN, [edition])
        item.revision, item.is_live = revision, True

    async def _withdraw(self, hub: Hub, item: Written) -> None:
        store, revision = hub.engine.store, item.revision + 1
        gone = Withdrawal(content_id=item.content_id, revision=revision, at=store.now())
        async with store.unit() as unit:
            await editions.withdraw(unit, item.content_id, item.revision, gone, by="person", who="bien-tap")
        item.revision, item.is_live = revision, False
        self.withdrawals += 1
