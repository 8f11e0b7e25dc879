"""What tests of mails share: a morning of the schedule, a turn of the stage, a process that dies, what readers got."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from hub.app import Hub
from hub.schedule import Schedule
from hub.stages.mail import Mail
from tests.fakes.smtp import MailHost
from tests.province import Province, rows, turn

PAPER, OFFICE = "toa-soan@baomau.vn", "vpub@tinhmau.gov.vn"


async def morning(province: Province, hub: Hub, **after: float) -> None:
    """Time goes on, and the schedule looks at the clock once."""
    province.clock.advance(**(after or {"days": 1}))
    await beat(hub)


async def beat(hub: Hub) -> None:
    await Schedule(hub.engine)._look(None)


async def send(hub: Hub) -> int:
    return await turn(stage(hub))


def stage(hub: Hub) -> Mail:
    assert hub.engine.mailing is not None
    return Mail(hub.engine, hub.engine.mailing)


async def states(hub: Hub) -> dict[str, str]:
    return {mail["recipient"]: mail["state"] for mail in await rows(hub, "mail")}


def text_to(post: MailHost, recipient: str) -> str:
    """The newest mail to a reader."""
    part = post.to(recipient)[-1].message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


async def settle(stage: Mail, claim: Any) -> None:
    """One row, as the worker handles it."""
    try:
        await stage.handle(claim)
    except Exception as error:
        await stage.failed(claim, error)


@asynccontextmanager
async def killed(ours: Mail, when: Callable[[], Awaitable[Any]]) -> AsyncIterator[None]:
    """One mail is begun and its process dies at that moment: nothing of it is settled."""
    [claim] = await ours.claim(None, 1)
    task = asyncio.create_task(ours.handle(claim))
    await when()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    yield


def longest(ours: Mail) -> float:
    return ours._lease.total_seconds() + 1
