"""Edits and withdrawals at Zalo and Telegram while every fourth call goes wrong: nothing twice, old or left behind.

The loop does what the deliver stage does: after an unknown outcome it lets calls land, looks, and only then writes. A
person who is asked takes away what is there, and frees the delivery.
`CHANNEL_PUSHES=10000 pytest --timeout=0 tests/connectors/test_channel_storms.py` makes it long.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any, Protocol
from uuid import UUID, uuid5

import pytest

from connectors.errors import HubError, ThrottledError, TransientError, UnconfirmedError
from connectors.http import Http
from connectors.registry import destination_connector
from schemas.edition import PublishedItem, Withdrawal
from tests.clock import Clock
from tests.connectors.conftest import AGENT
from tests.connectors.zalo.desk import COVER, SECRET, item
from tests.connectors.zalo.desk import ID as SPACE
from tests.fakes.memory import FakeMemory
from tests.fakes.server import FakeServer, Fault
from tests.fakes.telegram import CHANNEL, OPERATORS, TelegramChannel
from tests.fakes.zalo import APP_ID, FIRST_REFRESH, ZaloAccount, marks_of

PUSHES = int(os.environ.get("CHANNEL_PUSHES", "80"))
TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
LINK = {"link": "https://tinh-mau.vn/tin/{content_id}", "timeout": 0.25}


class Storm:
    """What goes wrong: a quarter of the calls, most after they took effect."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.late: list[asyncio.Event] = []  #: calls that land when the hub thinks them dead
        self.struck: Counter[str] = Counter()

    def __call__(self) -> Fault | None:
        drawn = self.chance.random()
        if drawn < 0.03:
            self.late.append(asyncio.Event())
            return self._note("late", Fault(wait=self.late[-1]))
        if drawn < 0.18:
            lost = [Fault(committed=True, reset=True), Fault(committed=True, status=500),
                    Fault(committed=True, status=502, html=True), Fault(committed=True, html=True)]  # fmt: skip
            return self._note("lost", self.chance.choice(lost))
        if drawn < 0.25:
            refused = [Fault(reset=True), Fault(status=503, retry_after="1"), Fault(status=408), Fault(html=True)]
            return self._note("nothing happened", self.chance.choice(refused))
        return None

    def _note(self, kind: str, fault: Fault) -> Fault:
        self.struck[kind] += 1
        return fault


class Feed(Protocol):
    """A fake and how it is looked at."""

    server: Any

    def shown(self) -> list[tuple[str, str]]:
        """Marker or id and title of everything that readers see of ours."""

    def cleared(self, content_id: UUID) -> None:
        """A person takes away what is there of an item."""


class Zalo:
    def __init__(self, clock: Clock, chance: Random) -> None:
        calls = ("create", "update", "remove", "verify", "getslice")
        self.server, self._chance = ZaloAccount(SECRET, clock.now, faults_at=calls), chance

    def config(self) -> dict[str, Any]:
        origin = self.server.origin
        return {
            "app_id": APP_ID, "app_secret": SECRET, "refresh_token": FIRST_REFRESH, "base_url": origin, "cover": COVER,
            "oauth_url": f"{origin}/v4/oa/access_token", "poll": 0.001,
        }  # fmt: skip

    def shown(self) -> list[tuple[str, str]]:
        self.server.slow = self._chance.randrange(3)
        return [(mark, one.fields["title"]) for one in self.server.visible() for mark in marks_of(one)]

    def cleared(self, content_id: UUID) -> None:
        raise AssertionError("nobody has to be asked at Zalo")


class Telegram:
    def __init__(self, clock: Clock, *, look_chat: str) -> None:
        self.server, self._look_chat = TelegramChannel(TOKEN, clock.now), look_chat

    def config(self) -> dict[str, Any]:
        return {"chat": CHANNEL, "token": TOKEN, "base_url": self.server.origin, "look_chat": self._look_chat}

    def shown(self) -> list[tuple[str, str]]:
        # A notice that could not be deleted any more shows nothing of its item.
        texts = [one.text for one in self.server.posted() if one.ours and "/tin/" in one.text]
        return [(text.partition("/tin/")[2][:36].replace("-", "")[:16], text.partition("\n")[0]) for text in texts]

    def cleared(self, content_id: UUID) -> None:
        for one in self.server.posted():
            if str(content_id) in one.text:
                self.server.remove_by_hand(one.id)


FEEDS: dict[str, Callable[[Clock, Random], Any]] = {
    "zalo": Zalo,
    "telegram": lambda clock, _: Telegram(clock, look_chat=""),
    "telegram-looked-at": lambda clock, _: Telegram(clock, look_chat=OPERATORS),
}


@pytest.mark.parametrize("name", FEEDS)
async def test_in_a_storm_each_item_is_there_once_and_as_it_should_be(name: str, clock: Clock) -> None:
    chance = Random(20260302)
    storm, feed = Storm(chance), FEEDS[name](clock, chance)
    asked = 0
    async with feed.server as server, Http(user_agent=AGENT, allow_private=server.doors, clock=clock.now) as http:
        module = destination_connector(name.partition("-")[0])
        memory = FakeMemory()
        if isinstance(server, TelegramChannel):
            await memory.remember("last", str(server.by_hand().id))
        server.weather = storm
        wanted: dict[UUID, int] = {}
        revisions: Counter[UUID] = Counter()
        for _ in range(PUSHES):
            at = module.Connector(name, module.Config.model_validate(feed.config() | LINK))
            at.memory = memory  # all that outlives a process
            content_id = uuid5(SPACE, str(chance.randrange(min(PUSHES // 6 + 1, 200))))
            revisions[content_id] += 1
            revision, gone = revisions[content_id], chance.random() < 0.2
            edition: PublishedItem | Withdrawal = (
                Withdrawal(content_id=content_id, revision=revision, at=clock.now()) if gone
                else item(revision, content_id=content_id)
            )  # fmt: skip
            asked += await _pushed(at, http, feed, storm, edition)
            wanted.pop(content_id, None) if gone else wanted.update({content_id: revision})
            right = sorted((each.hex[:16], f"Tiêm chủng tháng ba (bản {number})") for each, number in wanted.items())
            assert sorted(feed.shown()) == right
            clock.advance(minutes=1)
        assert sum(storm.struck.values()) >= PUSHES // 5
        assert (asked > 0) == (name == "telegram")


async def _pushed(at: Any, http: Http, feed: Any, storm: Storm, edition: PublishedItem | Withdrawal) -> int:
    """Deliver one edition, as hub/stages/deliver.py does; gives how often a person was asked."""
    gone, in_doubt, asked = isinstance(edition, Withdrawal), False, 0
    payload = at.present(edition)
    call: Callable[..., Awaitable[Any]] = at.withdraw if gone else at.send
    for _ in range(100):
        try:
            if in_doubt:
                await _settled(feed.server, storm)
                found = await at.find(http, payload)
                there = found is not None and not found.withdrawn
                if gone and not there:
                    return asked
                if not gone and found is not None and there and found.revision == edition.revision:
                    return asked
            # Now and then the process is killed in the middle of a delivery.
            async with asyncio.timeout(0.006 if storm.chance.random() < 0.05 else 30):
                await call(http, payload, key="k", remote_id="")
            if in_doubt:
                found = await at.find(http, payload)
                if (found is not None and not found.withdrawn) == gone:
                    continue
            return asked
        except (UnconfirmedError, TimeoutError) as error:
            in_doubt = getattr(error, "code", "") != "untold"
            if not in_doubt:
                await _settled(feed.server, storm)
                feed.cleared(edition.content_id)
                asked += 1
        except (TransientError, ThrottledError):
            pass
        except HubError as error:
            raise AssertionError(f"a storm refuses nothing for good: {error!r}") from error
    raise AssertionError("it never ended")


async def _settled(server: FakeServer, storm: Storm) -> None:
    """Whatever is under way lands."""
    for late in storm.late:
        late.set()
    storm.late.clear()
    await asyncio.sleep(0.03)  # what a killed process sent last may not have reached the server yet
    async with asyncio.timeout(5):
        while server.underway:  # type: ignore[attr-defined]  # noqa: ASYNC110 - it acts when nobody waits any more
            await asyncio.sleep(0.001)
