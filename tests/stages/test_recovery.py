"""How soon all is well again after a fault has ended (promise I2): five minutes, whatever happened before."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from hub.app import Hub
from hub.stages.deliver import Deliver
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store.instants import moment
from tests.fakes.portal import Portal
from tests.fakes.server import Fault
from tests.province import Province, row, rss, story, turn


@pytest.fixture
async def hub(province: Province) -> AsyncIterator[Hub]:
    """A hub with one story for the portal."""
    province.source("tin", rss(story(1)))
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
        portal.fail_next(Fault(status=500))
        assert await turn(stage) == 1
        opens = moment((await row(hub, "destination"))["open_until"] or 0)
        pauses.append(max(opens - province.clock.now(), timedelta(seconds=1)))
        province.clock.advance(seconds=pauses[-1].total_seconds())
    assert timedelta(minutes=3) < max(pauses) < timedelta(minutes=5)
    await turn(stage)
    assert list(portal.shown().values()) == [1]
    assert (await row(hub, "destination"))["failures"] == 0
