"""An alarm reaches the duty officer by mail, without a word of what was found; the status says so too."""

from collections.abc import AsyncIterator

import pytest

from hub.app import Hub
from hub.queries.status import status
from tests.fakes.smtp import MailHost
from tests.province import Province, events, rss, story
from tests.stages.mailing import beat, send, states, text_to
from tests.stages.test_normalise import show
from tests.stages.test_screening import CANARY, SECRET

OFFICER = "truc-ban@tinhmau.gov.vn"


@pytest.fixture
async def post() -> AsyncIterator[MailHost]:
    """The mail server of the province."""
    async with MailHost() as post:
        yield post


@pytest.fixture
async def hub(province: Province, post: MailHost) -> AsyncIterator[Hub]:
    """A hub with a duty officer."""
    province.source("tin", rss())
    province.mails(post.port)
    province.alarms(OFFICER)
    async with province.open() as hub:
        yield hub


async def test_one_mail_tells_of_alarms_and_says_nothing_of_their_texts(
    province: Province, hub: Hub, post: MailHost
) -> None:
    await show(province, hub, rss(story(1, title=f"Kế hoạch {CANARY}", text=SECRET), story(2)))
    for _ in range(2):
        await beat(hub)
    await send(hub)
    assert await states(hub) == {OFFICER: "done"}
    [one] = post.box
    told = one.message.as_string() + text_to(post, OFFICER)
    assert "hub alarms list" in told
    assert CANARY not in told
    assert "Kế hoạch" not in told
    assert (await events(hub)).count("alarm_mailed") == 1


async def test_the_status_names_alarms_that_nobody_has_looked_at(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(story(1, text=SECRET)))
    troubles = (await status(hub.engine.store, hub.engine.zone)).troubles
    assert [(one.what, one.code) for one in troubles if one.what == "screen"] == [("screen", "secrecy")]
