"""When a call of unknown outcome may still land: counted from the moment nobody waits for it, not from its claim."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from connectors.errors import UnconfirmedError
from hub.app import Hub
from hub.stages.deliver import Deliver
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store.instants import moment
from hub.store.roster import free_leases
from hub.store.unit import LeaseLostError
from tests.fakes.portal import Portal
from tests.province import TOKEN, Province, row, rows, rss, story, turn

SETTLING = 60.0


@pytest.fixture
async def old_portal() -> AsyncIterator[Portal]:
    """A portal where the last write wins."""
    async with Portal(token=TOKEN, fenced=False) as portal:
        yield portal


@pytest.fixture
async def hub(province: Province, old_portal: Portal) -> AsyncIterator[Hub]:
    """A hub with one story for it."""
    province.source("tin", rss(story(1)))
    province.destination("old", old_portal, fenced=False, settling=SETTLING)
    province.route("old")
    async with province.open() as hub:
        await turn(Harvest(hub.engine))
        await turn(Normalise(hub.engine))
        yield hub


async def test_a_call_that_left_late_is_waited_for_as_long_as_any_other(
    province: Province, hub: Hub, old_portal: Portal
) -> None:
    stage = Deliver(hub.engine, "old")
    [claim] = await stage.claim(None, 1)
    province.clock.advance(seconds=50)  # its place in the rate, a look before it, its own time
    await stage.failed(claim, UnconfirmedError("no answer"))
    province.clock.advance(seconds=SETTLING - 5)
    await turn(stage)
    assert old_portal.requests == []  # nothing is asked or sent while it may land
    assert (await row(hub, "delivery"))["error_code"] == "settling"
    province.clock.advance(seconds=6)
    await turn(stage)
    assert [effect.version for effect in old_portal.effects] == [1]


async def test_a_call_of_a_dead_worker_is_waited_for_from_the_end_of_its_lease(province: Province, hub: Hub) -> None:
    stage = Deliver(hub.engine, "old")
    await stage.claim(None, 1)  # its worker dies; nobody knows when its call left
    lease_ends = moment((await row(hub, "delivery"))["lease_until"])
    province.clock.advance(minutes=10)
    [claim] = await stage.claim(None, 1)
    assert [doubt.at for doubt in claim.doubts] == [lease_ends]
    assert [attempt["outcome"] for attempt in await rows(hub, "attempt")] == ["unknown", "open"]


async def test_a_call_of_a_dead_process_is_waited_for_from_the_next_start(province: Province, hub: Hub) -> None:
    stage = Deliver(hub.engine, "old")
    await stage.claim(None, 1)
    province.clock.advance(seconds=20)
    await free_leases(hub.engine.store)
    started = province.clock.now()
    province.clock.advance(seconds=1)
    [claim] = await stage.claim(None, 1)
    assert [doubt.at for doubt in claim.doubts] == [started]


async def test_waiting_does_not_move_the_moment_that_is_waited_for(province: Province, hub: Hub) -> None:
    stage = Deliver(hub.engine, "old")
    [claim] = await stage.claim(None, 1)
    await stage.failed(claim, UnconfirmedError("no answer"))
    given_up = province.clock.now()
    for _ in range(3):
        province.clock.advance(seconds=10)
        await turn(stage)
    province.clock.advance(seconds=SETTLING)
    [claim] = await stage.claim(None, 1)
    assert [doubt.at for doubt in claim.doubts] == [given_up]
    assert province.clock.now() > given_up + timedelta(seconds=SETTLING)


async def test_a_worker_that_overslept_its_lease_sends_nothing(
    province: Province, hub: Hub, old_portal: Portal
) -> None:
    stage = Deliver(hub.engine, "old")
    [claim] = await stage.claim(None, 1)
    province.clock.advance(minutes=10)  # its host was suspended between the claim and the call
    with pytest.raises(LeaseLostError):
        await stage.handle(claim)
    assert old_portal.requests == []
    assert await turn(stage) == 1  # the row comes again after its lease
