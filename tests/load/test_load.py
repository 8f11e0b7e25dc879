"""Small forms of the load: what counts and orders, not how fast; the long form is `python -m tests.load`."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from hub.app import open_hub
from hub.web.connections import BETWEEN, CONNECTIONS, Patience, keep_looking
from hub.web.server import application
from tests.clock import Clock
from tests.load import backlog, hung, readers, slow
from tests.load.table import Table
from tests.web.conftest import settings_in
from tests.web.press import Press, news

#: Lines that say something of the machine.
TIMED = ("p50", "p95", "closed after", "loop late", "drained", "medians", "memory")


def broken(table: Table) -> list[str]:
    """Promises that were not kept, but for those about time and memory."""
    return [f"{line.name}: {line.seen}" for line in table.missed if not any(word in line.name for word in TIMED)]


async def test_a_backlog_goes_out_newest_first_within_the_rate_and_nothing_urgent_waits(database_url: str) -> None:
    url = "" if database_url.startswith("sqlite") else database_url
    table = await backlog.campaign(250, 25, url, outage=False)
    late = [line for line in table.missed if "arrives after" in line.name and "before the 0 left" not in line.wanted]
    assert [each for each in broken(table) if each.split(":")[0] not in {line.name for line in late}] == []


async def test_readers_are_answered_while_feeds_change_and_every_article_arrives() -> None:
    table = await readers.campaign(8, 8, 6, every="1s", phases=3)
    assert broken(table) == []


async def test_others_get_theirs_beside_a_destination_that_hangs() -> None:
    assert broken(await hung.destinations(20, 1)) == []


async def test_connections_that_only_hold_a_place_are_all_closed_and_others_read_on(tmp_path: Path) -> None:
    limits = dict.fromkeys(("silent", "a letter a second", "never reads"), 20.0)
    async with open_hub(settings_in(tmp_path, f"sqlite://{tmp_path / 'hub.db'}")) as hub:
        press = Press(hub, Clock())
        await press.publish(
            *(news(f"n{number}", content_html=f"<p>{'Nội dung. ' * 1_000}</p>") for number in range(100))
        )
        app = application(hub.engine, hub.settings)
        app[CONNECTIONS].patience = Patience(first=2.0, stalled=2.0)
        runner = web.AppRunner(app, shutdown_timeout=1.0, keepalive_timeout=BETWEEN, auto_decompress=False)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        assert runner.server is not None
        looking = asyncio.create_task(keep_looking(app[CONNECTIONS], runner.server))
        try:
            seen = await slow.watched(
                f"http://127.0.0.1:{runner.addresses[0][1]}", 15, limits, None, others=2, seconds=5
            )
        finally:
            looking.cancel()
            await runner.cleanup()
    assert {kind: one.opened - len(one.closed) for kind, one in seen.kinds.items()} == dict.fromkeys(limits, 0)
    assert seen.failed == []
    assert seen.answers


pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
