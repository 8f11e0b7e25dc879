"""Copies are looked for beside whoever writes: what changes between the look and the naming is looked at again."""

from collections.abc import Awaitable, Callable

import pytest

from hub import counting
from hub.app import Hub
from hub.commands.withdraw import withdraw
from hub.store import screening, stories
from hub.store.database import Row
from schemas.edition import WithdrawalKind
from tests.counting.ledger import Ledger
from tests.counting.test_copies import COMMUNE, DISTRICT, HEALTH, STORIES, telling
from tests.counting.test_copies import stories as stories_of
from tests.web.press import Press, id_of

Change = Callable[[Hub, Press], Awaitable[object]]


async def counted(hub: Hub) -> list[Row]:
    """Everything is counted, and nobody looks for copies."""
    while await hub.engine.store.seal():
        pass
    await counting.catch_up(hub.engine, copies=False)
    return await hub.engine.store.fetch("SELECT content_id, story, day, likeness FROM tally ORDER BY content_id")


async def named(hub: Hub, found: stories.Compared | None) -> bool:
    assert found is not None
    async with hub.engine.store.unit() as unit:
        return await stories.named(unit, found)


async def other_text(hub: Hub, press: Press) -> None:
    await press.publish(telling("copy", days=2, text=STORIES[1]), source=COMMUNE)


async def other_day(hub: Hub, press: Press) -> None:
    await press.publish(telling("copy", days=4), source=COMMUNE)


async def taken_back(hub: Hub, press: Press) -> None:
    await withdraw(hub.engine, id_of("copy"), kind=WithdrawalKind.GONE, reason="", redirect_to="", who="an")


async def purged(hub: Hub, press: Press) -> None:
    async with hub.engine.store.unit() as unit:
        await screening.hit(
            unit,
            screening.NewHit(source=COMMUNE, member="H52.30", url="", rules=("stamp",), fingerprint="f",
                             content_ids=(id_of("copy"),), capture=1, names=()),
        )  # fmt: skip


async def approved(hub: Hub, press: Press) -> None:
    await press.approve("waits")


@pytest.mark.parametrize("change", [other_text, other_day, taken_back, purged, approved])
@pytest.mark.parametrize("is_new", [True, False], ids=["new", "named before"])
async def test_what_changed_since_the_look_is_looked_at_again(
    hub: Hub, press: Press, ledger: Ledger, change: Change, is_new: bool
) -> None:
    await press.publish(telling("copy", days=2), source=COMMUNE)
    if not is_new:
        await ledger.rows()
    await press.publish(telling("first"), source=HEALTH)
    await press.publish(telling("waits", days=1), source=DISTRICT, held=True)
    await counted(hub)
    found = await stories.compared(hub.engine.store)
    await change(hub, press)
    before = await counted(hub)
    assert not await named(hub, found)
    assert await counted(hub) == before, "nothing was written"
    after = await stories_of(ledger)
    await counting.begin_again(hub.engine)
    assert await stories_of(ledger) == after
    assert after["first"] == "first"
    assert after.get("copy") == ("first" if change in (approved, other_day) else "copy" if "copy" in after else None)
    assert after["waits"] == ("first" if change is approved else "waits")


async def test_what_comes_since_the_look_is_compared_with_what_was_named(
    hub: Hub, press: Press, ledger: Ledger
) -> None:
    await press.publish(telling("copy", days=2), source=COMMUNE)
    await counted(hub)
    found = await stories.compared(hub.engine.store)
    await press.publish(telling("first"), source=HEALTH)
    await counted(hub)
    assert await named(hub, found)
    assert await stories_of(ledger) == {"copy": "first", "first": "first"}


async def test_who_was_named_by_another_meanwhile_is_looked_at_again(hub: Hub, press: Press, ledger: Ledger) -> None:
    await press.publish(telling("copy", days=2), source=COMMUNE)
    await press.publish(telling("first"), source=HEALTH)
    await counted(hub)
    one, other = await stories.compared(hub.engine.store), await stories.compared(hub.engine.store)
    assert await named(hub, one)
    assert not await named(hub, other)
    assert await stories.compared(hub.engine.store) is None
    assert await stories_of(ledger) == {"copy": "first", "first": "first"}
