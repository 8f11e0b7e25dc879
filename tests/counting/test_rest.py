"""Copies are looked for while the hub rests: what waits to be read comes first, though not for ever."""

import pytest

from hub import schedule
from hub.app import Hub
from hub.schedule import Schedule
from hub.store import stories
from tests.web.press import Press, news


async def wants_copies(hub: Hub) -> bool:
    return await stories.wanting(hub.engine.store)


async def unread(hub: Hub) -> None:
    """A capture that waits to be read."""
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute(
            "UPDATE capture SET state = 'new', due_at = ? WHERE id = (SELECT max(id) FROM capture)", unit.at
        )


@pytest.fixture
async def counted(hub: Hub, press: Press) -> Schedule:
    """Everything is counted, nothing was compared, and a capture waits."""
    await press.publish(news("1"), news("2"))
    await unread(hub)
    looking = Schedule(hub.engine)
    await looking._look(None)
    assert await hub.engine.store.fetch("SELECT count(*) AS n FROM tally") == [{"n": 2}]
    return looking


async def test_what_waits_to_be_read_comes_before_copies(hub: Hub, counted: Schedule) -> None:
    assert await wants_copies(hub)
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE capture SET state = 'done'")
    await counted._look(None)
    assert not await wants_copies(hub)


async def test_a_capture_that_is_read_again_tomorrow_holds_nothing_up(hub: Hub, counted: Schedule) -> None:
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE capture SET due_at = due_at + 1000 WHERE state = 'new'")
    await counted._look(None)
    assert not await wants_copies(hub)


async def test_a_hub_that_always_reads_finds_them_too(
    hub: Hub, counted: Schedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    await counted._look(None)
    assert await wants_copies(hub)
    monkeypatch.setattr(schedule, "COPIES_WAIT", 0.0)
    await counted._look(None)
    assert not await wants_copies(hub)
