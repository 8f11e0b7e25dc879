"""Copies are looked for while the hub rests: what waits to be read comes first, though not for ever."""

import pytest

from hub import schedule
from hub.app import Hub
from hub.schedule import COPIES_EVERY, COPIES_PAUSE, COPIES_REST, COPIES_WAIT, Copies, Schedule
from hub.store import normalising, stories
from hub.store.normalising import Business
from tests.web.press import Press, news

QUIET, READING = Business(7, behind=False), Business(7, behind=True)


def first_time(seen: dict[float, Business], copies: Copies) -> float | None:
    """When it is time, looking each second at what was seen last."""
    business = QUIET
    for second in range(1_000):
        business = seen.get(second, business)
        if copies.are_due(second, business):
            return second
    return None


def test_a_hub_that_rests_is_looked_through_after_some_seconds() -> None:
    assert first_time({}, Copies()) == COPIES_REST
    assert first_time({4: READING, 20: QUIET}, Copies()) == 20 + COPIES_REST


def test_captures_that_were_read_between_two_looks_are_noticed() -> None:
    assert first_time({5: Business(8, behind=False)}, Copies()) == 5 + COPIES_REST


def test_a_hub_that_never_rests_is_looked_through_too() -> None:
    assert first_time({0: READING}, Copies()) == COPIES_WAIT
    copies = Copies()
    copies.looked(0, 0.1)
    assert first_time({0: READING}, copies) == COPIES_EVERY + COPIES_WAIT


@pytest.mark.parametrize(("took", "after"), [(0.0, COPIES_EVERY), (2.0, 2.0 * COPIES_PAUSE)])
def test_a_long_look_is_followed_by_a_longer_pause(took: float, after: float) -> None:
    copies = Copies()
    assert not copies.are_due(0, QUIET)
    copies.looked(100, 100 + took)
    assert not copies.are_due(100 + after - 0.1, QUIET)
    assert copies.are_due(100 + after, QUIET)


async def business_of(hub: Hub) -> Business:
    return await normalising.business(hub.engine.store)


async def test_a_capture_that_is_read_again_tomorrow_holds_nothing_up(hub: Hub, press: Press) -> None:
    assert await business_of(hub) == Business(0, behind=False)
    await press.publish(news("1"))
    assert await business_of(hub) == Business(1, behind=False)
    for state, later, behind in (("new", 0, True), ("new", 1, False), ("working", 1, True), ("held", 0, False)):
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute("UPDATE capture SET state = ?, due_at = ?", state, unit.at + later)
        assert await business_of(hub) == Business(1, behind=behind), (state, later)


async def test_numbers_do_not_wait_for_the_rest_and_copies_do(
    hub: Hub, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    await press.publish(news("1"), news("2"))
    looking = Schedule(hub.engine)
    await looking._look(None)
    assert await hub.engine.store.fetch("SELECT count(*) AS n FROM tally") == [{"n": 2}]
    assert await stories.wanting(hub.engine.store)
    monkeypatch.setattr(schedule, "COPIES_REST", 0.0)
    looking = Schedule(hub.engine)
    await looking._look(None)
    assert not await stories.wanting(hub.engine.store)
