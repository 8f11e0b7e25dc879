"""What tests of the deliver stage share: stories become editions, a turn of the stage, what it left behind."""

from datetime import timedelta

from hub.app import Hub
from hub.stages.deliver import Deliver
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store.database import Row
from hub.store.harvesting import make_due
from hub.store.instants import moment
from tests.province import Province, row, rows, rss, story, turn

WHO = "bien-tap"
SETTLING = 60


async def show(province: Province, hub: Hub, *numbers: int, text: str = "Chỉ tiêu là 10", after: float = 1200) -> None:
    """The site lists these stories with this text, `after` so many seconds; the hub has them as editions."""
    province.site.serve("/tin.rss", rss(*(story(number, text=text) for number in numbers)))
    province.clock.advance(seconds=after)
    await make_due(hub.engine.store)
    await turn(Harvest(hub.engine))
    await turn(Normalise(hub.engine))


async def send(hub: Hub, name: str = "portal", limit: int = 100) -> int:
    return await turn(Deliver(hub.engine, name), limit)


async def delivery(hub: Hub) -> Row:
    return await row(hub, "delivery")


async def outcomes(hub: Hub) -> list[str]:
    return [attempt["outcome"] for attempt in await rows(hub, "attempt")]


def due_in(province: Province, at: int) -> timedelta:
    return moment(at) - province.clock.now()
