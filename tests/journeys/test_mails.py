"""Mails and a hub that is killed (SIGKILL) while it sends one: nothing is lost, and nothing comes twice."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, Process
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.test_at_work import hub
from tests.clock import Clock
from tests.fakes.smtp import MailHost, Trouble
from tests.province import Province, rss
from tests.stages.mailing import PAPER, states
from tests.stages.sending import show

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PATIENCE = 40.0


@pytest.fixture
def clock() -> Clock:
    """Two hours before the real time, in which the child processes live."""
    return Clock(datetime.now(UTC) - timedelta(hours=2))


async def prepared(province: Province, post: MailHost) -> Path:
    """A hub with a public item and a digest whose hour has come; its settings."""
    province.source("tin", rss(), every="10h")
    province.mails(post.port, timeout=30)
    province.digest("tin", PAPER, at="00:00")
    async with province.open() as opened:
        await show(province, opened, 1)
    return province.write(web={"port": 0})


async def started(settings: Path) -> Process:
    program = "from hub.cli import main; main()"
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, "--settings", str(settings), "run", stdout=DEVNULL, stderr=DEVNULL
    )


async def killed_at(settings: Path, moment: asyncio.Event) -> None:
    """A hub works until this moment, and is gone."""
    process = await started(settings)
    try:
        async with asyncio.timeout(PATIENCE):
            await moment.wait()
    finally:
        process.kill()
        await process.wait()


async def stopped(process: Process) -> None:
    process.terminate()
    async with asyncio.timeout(PATIENCE):
        assert await process.wait() == 0


async def test_killed_before_the_message_it_sends_it_after_the_restart(province: Province) -> None:
    async with MailHost() as post:
        settings = await prepared(province, post)
        post.trouble(Trouble(at="rcpt", hang=True))
        await killed_at(settings, post.hanging)
        assert post.box == []
        process = await started(settings)
        try:
            async with asyncio.timeout(PATIENCE):
                await post.taken.wait()
        finally:
            await stopped(process)
        async with province.open() as opened:
            assert await states(opened) == {PAPER: "done"}
        assert len(post.box) == 1


async def test_killed_after_the_server_took_it_nothing_is_sent_again_and_a_person_is_asked(province: Province) -> None:
    async with MailHost() as post:
        settings = await prepared(province, post)
        post.trouble(Trouble(at="message", committed=True, hang=True))
        await killed_at(settings, post.taken)
        process = await started(settings)
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    listed = await hub(settings, "mails", "list", "--json")
                    if [each["state"] for each in listed.document] == ["unknown"]:
                        break
        finally:
            await stopped(process)
        assert len(post.to(PAPER)) == 1
        assert (await hub(settings, "mails", "drop", str(listed.document[0]["id"]), "--why", "đã nhận")).code == 0
        assert (await hub(settings, "mails", "list", "--json")).document == []
