"""The public list: a walk over it meets everything once though it moves, and what was never public is not in it."""

import random
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from hub.app import Hub, open_hub
from hub.store import publishing
from hub.store.publishing import Place, PublicEdition, Selection
from schemas.edition import PublishedItem, Withdrawal
from schemas.item import Kind, Notice
from tests.clock import Clock
from tests.web.conftest import settings_in
from tests.web.press import Press, id_of, news

EVERYTHING = Selection()


@pytest.fixture
async def hub(database_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Hub]:
    async with open_hub(settings_in(tmp_path, database_url), clock=clock) as opened:
        yield opened


@pytest.fixture
def press(hub: Hub, clock: Clock) -> Press:
    return Press(hub, clock)


async def ids(hub: Hub, selection: Selection = EVERYTHING) -> list[UUID]:
    found = await publishing.public_list(hub.engine.store, selection, limit=100)
    return [entry.edition.content_id for entry in found]


class Walk:
    """From page to page, as a reader that follows `next`."""

    def __init__(self, hub: Hub, selection: Selection = EVERYTHING, *, size: int) -> None:
        self.store, self.selection, self.size = hub.engine.store, selection, size
        self.met: list[PublicEdition] = []
        self.after: Place | None = None

    async def step(self) -> bool:
        """Read one page; False when it was the last."""
        page = await publishing.public_list(self.store, self.selection, limit=self.size, after=self.after)
        if not page:
            return False
        self.met += page
        began = self.after.began if self.after else page[0].public_at
        last = page[-1]
        self.after = Place(began=began, place=last.place, content_id=last.edition.content_id)
        return len(page) == self.size


async def test_the_newest_change_stands_first_and_every_part_has_its_own(hub: Hub, press: Press) -> None:
    await press.publish(news("a", tags=("Y tế",)), news("b"))
    await press.publish(Notice(guid="c", title="Thông báo", tags=("y te", "Khác")), source="xa-ha-lieu-tin")
    await press.publish(news("a", title="Tin a, đã sửa", tags=("Y tế",)))
    assert (await ids(hub))[:2] == [id_of("a"), id_of("c")]
    assert set(await ids(hub, Selection(kind=Kind.NEWS))) == {id_of("a"), id_of("b")}
    assert await ids(hub, Selection(member="H52.30")) == [id_of("c")]
    assert await ids(hub, Selection(tag="Y TẾ")) == [id_of("a"), id_of("c")]
    assert await ids(hub, Selection(tag="không ai dùng")) == []


async def test_a_tag_is_found_only_while_the_public_edition_has_it(hub: Hub, press: Press) -> None:
    await press.publish(news("a", tags=("cũ",)))
    await press.publish(news("a", tags=("mới",)))
    await press.publish(news("a", tags=("chờ duyệt",)), held=True)
    assert await ids(hub, Selection(tag="cũ")) == []
    assert await ids(hub, Selection(tag="mới")) == [id_of("a")]
    assert await ids(hub, Selection(tag="chờ duyệt")) == []


async def test_a_tag_that_grows_by_folding_is_kept_and_found(hub: Hub, press: Press) -> None:
    tag = "ß" * 200
    await press.publish(news("a", tags=(tag, tag + "quá dài")))
    assert await ids(hub, Selection(tag=tag)) == [id_of("a")]


async def test_a_held_edition_changes_nothing_in_public(hub: Hub, press: Press) -> None:
    await press.publish(news("a"), news("b"))
    await press.publish(news("a", title="Chưa duyệt"), held=True)
    await press.publish(news("c", title="Chưa duyệt"), held=True)
    found = await publishing.public_list(hub.engine.store, EVERYTHING, limit=10)
    assert {entry.edition.title for entry in found if isinstance(entry.edition, PublishedItem)} == {"Tin a", "Tin b"}
    assert await publishing.public_item(hub.engine.store, id_of("c")) is None
    await press.approve("a")
    assert (await ids(hub))[0] == id_of("a")


async def test_a_withdrawal_is_told_only_of_what_was_public(hub: Hub, press: Press) -> None:
    await press.publish(news("public"))
    await press.publish(news("held"), held=True)
    await press.withdraw("public")
    await press.withdraw("held")
    [entry] = await publishing.public_list(hub.engine.store, EVERYTHING, limit=10)
    assert isinstance(entry.edition, Withdrawal)
    assert entry.edition.content_id == id_of("public")
    assert await publishing.count_live(hub.engine.store) == 0


@pytest.mark.parametrize("seed", range(4))
async def test_a_walk_meets_every_item_once_whatever_changes_meanwhile(hub: Hub, press: Press, seed: int) -> None:
    chance = random.Random(seed)
    names = [f"n{n}" for n in range(14)]
    for start in range(0, 14, 3):  # three of a kind share an instant
        await press.publish(*(news(name, tags=("chung",)) for name in names[start : start + 3]))
    await press.publish(news("held-before"), held=True)
    walk = Walk(hub, Selection(tag="chung"), size=chance.choice([1, 2, 3]))
    live, fresh = set(names), 0
    for turn in range(40):
        if not await walk.step():
            break
        for _ in range(chance.randrange(3)):
            name = chance.choice(names)
            match chance.choice(["correct", "withdraw", "new", "hold", "approve"]):
                case "correct" if name in live:
                    await press.publish(news(name, title=f"Tin {name}, lần {turn}", tags=("chung",)))
                case "withdraw" if name in live:
                    live.discard(name)
                    await press.withdraw(name)
                case "new":
                    fresh += 1
                    await press.publish(news(f"fresh{fresh}", tags=("chung",)))
                case "hold" if name in live:
                    await press.publish(news(name, title="Chưa duyệt", tags=("chung",)), held=True)
                case "approve" if "held-before" not in live:
                    live.add("held-before")
                    await press.approve("held-before")
    else:
        pytest.fail("the walk does not end")
    met = [entry.edition.content_id for entry in walk.met]
    assert sorted(met, key=str) == sorted((id_of(name) for name in names), key=str)
    titles = [entry.edition.title for entry in walk.met if isinstance(entry.edition, PublishedItem)]
    assert "Chưa duyệt" not in titles


async def test_what_changed_before_the_walk_came_to_it_is_met_as_it_is_now(hub: Hub, press: Press) -> None:
    for name in ("old", "older", "newest"):
        await press.publish(news(name))
    walk = Walk(hub, size=1)
    await walk.step()
    await press.publish(news("old", title="Đã sửa"))
    await press.withdraw("older")
    while await walk.step():
        continue
    assert isinstance(walk.met[1].edition, Withdrawal)
    assert isinstance(walk.met[2].edition, PublishedItem)
    assert walk.met[2].edition.title == "Đã sửa"
    assert walk.met[2].place < walk.met[2].public_at


async def test_shelves_name_what_ever_published_something_in_the_order_of_the_names(hub: Hub, press: Press) -> None:
    await press.publish(news("held"), held=True)
    empty = await publishing.shelves(hub.engine.store, list(Kind))
    assert (empty.kinds, empty.members) == ([], [])
    await press.publish(news("a"))
    await press.publish(Notice(guid="c", title="Thông báo"), source="xa-ha-lieu-tin")
    full = await publishing.shelves(hub.engine.store, list(Kind))
    assert full.kinds == [Kind.NEWS, Kind.NOTICE]
    assert full.members == [("H52.12", "Sở Y tế"), ("H52.30", "Xã Hạ Liễu")]


async def test_live_items_are_parted_by_the_beginning_of_their_ids(hub: Hub, press: Press) -> None:
    await press.publish(*(news(f"n{n}") for n in range(40)))
    await press.withdraw("n0")
    whole = await publishing.live_items(hub.engine.store, limit=100)
    parts = [await publishing.live_items(hub.engine.store, starting=f"{d:x}", limit=100) for d in range(16)]
    assert whole == [one for part in parts for one in part]
    assert len(whole) == await publishing.count_live(hub.engine.store) == 39


async def test_the_newest_change_is_known_and_none_before_the_first(hub: Hub, press: Press, clock: Clock) -> None:
    assert await publishing.newest_change(hub.engine.store) is None
    await press.publish(news("a"))
    assert await publishing.newest_change(hub.engine.store) == clock.now()


async def test_a_tag_of_very_many_items_is_found_as_well(hub: Hub, press: Press) -> None:
    await press.publish(news("a", tags=("chung",)), news("b"))
    await press.insert_many(publishing.COMMON_TAG)
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute(
            "INSERT INTO item_tag (content_id, tag, folded) SELECT content_id, 'chung', 'chung' FROM item"
            " WHERE guid LIKE 'many%'"
        )
        await unit.tx.execute("UPDATE item SET public_at = NULL WHERE guid LIKE 'many%'")
    assert await ids(hub, Selection(tag="Chung")) == [id_of("a")]
