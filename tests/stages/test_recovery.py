"""How soon all is well again after a fault has ended (promise I2): five minutes, whatever happened before."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from connectors.errors import ThrottledError, UnconfirmedError
from hub.app import Hub
from hub.stages.deliver import Deliver
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store.health import BREAKER_AFTER, BREAKER_FIRST
from hub.store.instants import moment
from tests.fakes.portal import Portal
from tests.fakes.server import Fault
from tests.province import Province, row, rss, story, turn
from tests.stages.sending import show

STORIES = 8


@pytest.fixture
async def hub(province: Province) -> AsyncIterator[Hub]:
    """A hub with some stories for the portal."""
    province.source("tin", rss(*(story(number) for number in range(STORIES))))
    province.route(province.destination())
    async with province.open() as hub:
        await turn(Harvest(hub.engine))
        await turn(Normalise(hub.engine))
        yield hub


async def test_a_portal_that_was_down_for_a_day_is_never_left_alone_for_longer_than_five_minutes(
    province: Province, hub: Hub, portal: Portal
) -> None:
    stage = Deliver(hub.engine, "portal")
    began = province.clock.now()
    pauses = []
    while province.clock.now() - began < timedelta(days=1):
        portal.fail_next(*[Fault(status=500)] * STORIES)
        assert await turn(stage) >= 1
        portal.faults.clear()
        opens = moment((await row(hub, "destination"))["open_until"] or 0)
        pauses.append(max(opens - province.clock.now(), timedelta(seconds=1)))
        province.clock.advance(seconds=pauses[-1].total_seconds())
    assert timedelta(minutes=3) < max(pauses) < timedelta(minutes=5)
    await turn(stage)
    assert len(portal.shown()) == 1
    assert (await row(hub, "destination"))["failures"] == 0


async def test_a_call_that_succeeds_just_after_the_breaker_opened_closes_it(hub: Hub, portal: Portal) -> None:
    stage = Deliver(hub.engine, "portal")
    claims = await stage.claim(None, STORIES)
    portal.fail_next(*[Fault(status=500)] * BREAKER_AFTER)
    for claim in claims[:BREAKER_AFTER]:
        with pytest.raises(UnconfirmedError) as failed:
            await stage.handle(claim)
        await stage.failed(claim, failed.value)
    assert (await row(hub, "destination"))["open_until"] is not None
    await stage.handle(claims[BREAKER_AFTER])  # it was under way when the others failed
    place = await row(hub, "destination")
    assert (place["failures"], place["open_until"], place["fault_code"]) == (0, None, "")


async def test_calls_that_fail_together_make_one_pause_and_not_a_longer_one(
    province: Province, hub: Hub, portal: Portal
) -> None:
    stage = Deliver(hub.engine, "portal")
    portal.fail_next(*[Fault(status=500)] * STORIES)
    await turn(stage)
    place = await row(hub, "destination")
    assert moment(place["open_until"]) - province.clock.now() == BREAKER_FIRST
    assert place["failures"] == BREAKER_AFTER


async def test_a_wait_that_the_portal_named_outlasts_successes_and_is_heeded_by_rows_claimed_before(
    province: Province, hub: Hub, portal: Portal
) -> None:
    stage = Deliver(hub.engine, "portal")
    under_way, told, *others = await stage.claim(None, STORIES)
    gate = asyncio.Event()
    portal.fail_next(Fault(wait=gate), Fault(status=429, retry_after="120"))
    call = asyncio.create_task(stage.handle(under_way))
    await portal.arrived.wait()
    with pytest.raises(ThrottledError) as failed:
        await stage.handle(told)
    await stage.failed(told, failed.value)
    for claim in others:
        with pytest.raises(ThrottledError) as failed:
            await stage.handle(claim)
        await stage.failed(claim, failed.value)
    gate.set()
    await call
    assert len(portal.requests) == 2, "nobody asked inside the wait"
    place = await row(hub, "destination")
    assert moment(place["open_until"]) - province.clock.now() == timedelta(seconds=120)
    assert place["fault_code"] == "throttled"


async def test_once_something_arrives_all_that_had_failed_arrives_within_five_minutes(
    province: Province, portal: Portal
) -> None:
    province.source("tin", rss(*(story(number) for number in range(STORIES))))
    province.route(province.destination())
    async with province.open(chance=lambda: 0.99) as hub:
        await turn(Harvest(hub.engine))
        await turn(Normalise(hub.engine))
        stage = Deliver(hub.engine, "portal")
        for _ in range(12 * STORIES):  # hours of failures: each row's own patience has grown to its longest
            portal.fail_next(*[Fault(status=500)] * STORIES)
            await turn(stage)
            portal.faults.clear()
            province.clock.advance(minutes=4, seconds=10)  # the longest pause of the breaker
        recovered = province.clock.now()
        while len(portal.shown()) < STORIES:
            await turn(stage)
            province.clock.advance(seconds=10)
            assert province.clock.now() - recovered < timedelta(minutes=5)
        assert portal.doubled() == []


async def test_a_clock_that_was_set_back_holds_up_nothing_that_comes_after_it(
    province: Province, hub: Hub, portal: Portal
) -> None:
    """The place that was taken in the rate lay hours ahead: nothing was sent until the clock had caught up."""
    await turn(Deliver(hub.engine, "portal"))
    assert len(portal.shown()) == STORIES
    await show(province, hub, STORIES + 1, after=-6 * 3600)
    await turn(Deliver(hub.engine, "portal"))
    assert len(portal.shown()) == STORIES + 1
