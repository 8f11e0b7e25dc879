"""A source that is pushed by a WebSub hub: asked, verified, pushed, renewed, left; and polls that nothing starves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from connectors.base import Capture
from connectors.errors import ConfigError
from hub.app import Hub
from hub.commands.pause import pause, resume
from hub.rules import rhythm
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.stages.subscribe import Subscribe
from hub.store import receiving, subscribing
from hub.store.instants import moment
from hub.store.unit import LeaseLostError
from hub.web.server import serve
from tests.fakes.server import Fault
from tests.fakes.websub import Request, WebSubHub
from tests.province import MEMBER, Province, Story, events, row, rows, rss, story, turn
from tests.store.interruption import cancel_everywhere


@pytest.fixture
async def pusher() -> AsyncIterator[WebSubHub]:
    async with WebSubHub() as pusher:
        yield pusher


class Newsroom:
    """A hub whose source `tin` names a WebSub hub, with its callback on the web."""

    def __init__(self, hub: Hub, province: Province, pusher: WebSubHub, topic: str, path: str) -> None:
        self.hub, self.province, self.pusher, self.topic, self.path = hub, province, pusher, topic, path
        self.address = ""

    def show(self, *stories: Story, hub: str | None = None) -> bytes:
        """The site's feed from now on; it names the WebSub hub."""
        links = f'<atom:link rel="hub" href="{self.pusher.url if hub is None else hub}"/>'
        links += f'<atom:link rel="self" href="{self.topic}"/>'
        body = rss(*stories).replace(b"<channel>", b"<channel>" + links.encode())
        body = body.replace(b'<rss version="2.0">', b'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">')
        self.province.site.serve(self.path, body)
        return body

    async def poll(self) -> None:
        """Poll, read what came."""
        assert await turn(Harvest(self.hub.engine)) == 1
        await self.read()

    async def read(self) -> int:
        return await turn(Normalise(self.hub.engine))

    async def ask(self) -> int:
        """One turn of the subscribe stage."""
        return await turn(Subscribe(self.hub.engine, f"{self.address}/websub/"))

    async def subscribe(self) -> Request:
        """Until the subscription is active."""
        self.show(story(1))
        await self.poll()
        assert await self.ask() == 1
        assert (await self.row())["state"] == "active"
        return self.pusher.requests[-1]

    async def row(self, **where: Any) -> Any:
        return await row(self.hub, "subscription", **where)

    async def source(self) -> Any:
        return await row(self.hub, "source", name="tin")


@pytest.fixture
def opened(province: Province, pusher: WebSubHub) -> Callable[[], Any]:
    @asynccontextmanager
    async def open_newsroom() -> AsyncIterator[Newsroom]:
        async with province.open() as hub, serve(hub.engine, hub.settings) as address:
            room = Newsroom(hub, province, pusher, province.site.origin + "/tin-tuc", "/tin.rss")
            room.address = f"http://127.0.0.1:{address.rpartition(':')[2]}"
            yield room

    doors = [f"127.0.0.1:{province.site.port}", f"127.0.0.1:{pusher.port}"]
    province._top["fetch"] = {"allow_private": doors, "timeout": 5}
    province._top["web"] = {"base_url": "http://tin.tinhmau.gov.vn", "port": 0}
    province.site.serve("/tin.rss", rss())
    province._add(
        "source", name="tin", member=MEMBER, connector="feed", url=province.site.origin + "/tin.rss", websub=True
    )  # fmt: skip
    return open_newsroom


@pytest.fixture
async def room(opened: Callable[[], Any]) -> AsyncIterator[Newsroom]:
    async with opened() as newsroom:
        yield newsroom


# --------------------------------------------------------------------------------------------------- subscribing


async def test_a_hub_that_a_poll_names_is_asked_and_asks_back(room: Newsroom) -> None:
    asked = await room.subscribe()
    assert (asked.mode, asked.topic, asked.lease) == ("subscribe", room.topic, 864_000)
    kept = await room.row()
    assert asked.callback == f"{room.address}/websub/{kept['token']}"
    assert asked.secret == kept["secret"]
    assert len(asked.secret) >= 40
    assert room.pusher.answers == [(200, "4yUcizBVkad718pZ")]
    lease = moment(kept["granted_until"]) - room.province.clock.now()
    assert lease.days == 10
    assert (await events(room.hub))[-1] == "subscribed"
    assert await room.ask() == 0, "nothing is due before the renewal"


async def test_a_hub_may_ask_back_later_and_again_when_our_answer_was_lost(room: Newsroom) -> None:
    room.pusher.asks_back = False
    room.show(story(1))
    await room.poll()
    await room.ask()
    assert (await room.row())["state"] == "asking"
    room.province.clock.advance(minutes=5)
    asked = room.pusher.requests[0]
    for _ in range(2):
        assert (await room.pusher.verify(asked))[0] == 200
    assert (await room.row())["state"] == "active"
    assert (await events(room.hub)).count("subscribed") == 1


async def test_a_source_without_websub_asks_nobody(province: Province, pusher: WebSubHub) -> None:
    feed = rss(story(1)).replace(b"<channel>", f'<channel><link rel="hub" href="{pusher.url}"/>'.encode())
    province.source("tin", feed)
    async with province.open() as hub:
        await turn(Harvest(hub.engine))
        await turn(Normalise(hub.engine))
        assert await rows(hub, "subscription") == []


async def test_websub_without_a_public_address_is_a_fault_of_the_settings(province: Province) -> None:
    province.source("tin", rss(), websub=True)
    with pytest.raises(ConfigError, match=r"source\[0\].websub.*web.base_url"):
        province.settings()


async def test_a_lease_is_renewed_before_it_ends(room: Newsroom) -> None:
    await room.subscribe()
    before = await room.row()
    room.province.clock.advance(days=6.5)
    assert await room.ask() == 0
    room.province.clock.advance(days=0.5)
    assert await room.ask() == 1
    after = await room.row()
    assert after["granted_until"] > before["granted_until"]
    assert (after["state"], after["token"], after["secret"]) == ("active", before["token"], before["secret"])


async def test_a_hub_that_is_away_is_asked_again_and_again_until_the_lease_is_lost(room: Newsroom) -> None:
    await room.subscribe()
    room.pusher.fail_next(*[Fault(status=502)] * 200)
    room.province.clock.advance(days=7)
    for _ in range(3):
        assert await room.ask() == 1
        assert await room.ask() == 0
        room.province.clock.advance(minutes=40)
    assert (await room.row())["fault_code"] == "server_error"
    assert await works(room)
    room.province.clock.advance(days=3)
    await room.ask()
    assert (await room.row())["state"] == "asking"
    assert (await events(room.hub))[-1] == "subscription_lost"
    room.pusher.faults.clear()
    room.province.clock.advance(hours=6)
    await room.ask()
    assert (await room.row())["state"] == "active"


@pytest.mark.parametrize("status", [400, 403, 404, 410, 422])
async def test_a_hub_that_refuses_is_asked_again_on_another_day(room: Newsroom, status: int) -> None:
    room.pusher.status = status
    room.show(story(1))
    await room.poll()
    await room.ask()
    assert (await room.row())["state"] == "denied"
    room.province.clock.advance(hours=23)
    assert await room.ask() == 0
    room.province.clock.advance(hours=1)
    assert await room.ask() == 1
    assert (await events(room.hub)).count("subscription_denied") == 1, "told once"


async def test_a_hub_that_asks_for_patience_gets_it(room: Newsroom) -> None:
    room.pusher.fail_next(Fault(status=429, retry_after="7200"))
    room.show(story(1))
    await room.poll()
    await room.ask()
    room.province.clock.advance(minutes=119)
    assert await room.ask() == 0
    room.province.clock.advance(minutes=1)
    await room.ask()
    assert (await room.row())["state"] == "active"


async def test_the_address_of_a_hub_passes_the_address_guard(room: Newsroom) -> None:
    room.show(story(1), hub="http://127.0.0.1:1/hub")
    await room.poll()
    await room.ask()
    assert ((await room.row())["state"], (await room.row())["fault_code"]) == ("denied", "address_refused")


async def test_a_feed_that_moves_to_another_hub_leaves_the_first(room: Newsroom) -> None:
    await room.subscribe()
    async with WebSubHub() as other:
        doors = room.hub.engine.sources["tin"].http.scoped(allow=other.doors)
        sources = {"tin": replace(room.hub.engine.sources["tin"], http=doors)}
        room.hub.engine = replace(room.hub.engine, sources=sources)
        room.show(story(1), story(2), hub=other.url)
        room.province.clock.advance(hours=7)
        await room.poll()
        assert await room.ask() == 2
        assert [one["state"] for one in await rows(room.hub, "subscription")] == ["ended", "active"]
        assert (len(room.pusher.subscribers), len(other.subscribers)) == (0, 1)
        # ... and back again, with a new callback.
        room.show(story(1), story(3))
        room.province.clock.advance(hours=7)
        await room.poll()
        assert await room.ask() == 2
        assert [one["state"] for one in await rows(room.hub, "subscription")] == ["active", "ended"]
        assert room.pusher.requests[-1].callback != room.pusher.requests[0].callback


async def test_a_paused_source_is_unsubscribed_and_a_resumed_one_subscribed_again(room: Newsroom) -> None:
    asked = await room.subscribe()
    await pause(room.hub.engine, "source", "tin", who="an")
    assert await room.ask() == 1
    assert (room.pusher.requests[-1].mode, (await room.row())["state"]) == ("unsubscribe", "ended")
    assert room.pusher.subscribers == {}
    assert await room.pusher.push(asked, rss(story(9))) == 410
    assert await room.ask() == 0
    await resume(room.hub.engine, "source", "tin", who="an")
    assert await room.ask() == 1
    assert (await room.row())["state"] == "active"


async def test_a_source_that_left_the_settings_is_unsubscribed_and_the_hub_is_told_that_it_was_we(
    opened: Callable[[], Any], province: Province, pusher: WebSubHub
) -> None:
    async with opened() as room:
        await room.subscribe()
    province.without("source", "tin")
    async with opened() as room:
        # The callback of the first process stands in the subscription; the row decides, not the port.
        pusher.asks_back = False
        assert await room.ask() == 1
        assert pusher.requests[-1].mode == "unsubscribe"
        assert (await pusher.verify(pusher.requests[-1]))[0] == 200
        assert (await room.row())["state"] == "ended"
        assert (await events(room.hub))[-1] == "unsubscribed"


async def test_a_hub_that_asks_back_after_we_changed_our_mind_is_told_so(room: Newsroom) -> None:
    room.pusher.asks_back = False
    room.show(story(1))
    await room.poll()
    await room.ask()
    await pause(room.hub.engine, "source", "tin", who="an")
    assert await room.ask() == 0, "it granted nothing yet, so there is nothing to end"
    assert (await room.pusher.verify(room.pusher.requests[0]))[0] == 404
    assert (await room.row())["state"] == "ended"


async def test_a_hub_that_does_not_let_us_go_is_left_all_the_same(room: Newsroom) -> None:
    await room.subscribe()
    await pause(room.hub.engine, "source", "tin", who="an")
    room.pusher.fail_next(*[Fault(status=500)] * 9)
    for _ in range(5):
        await room.ask()
        room.province.clock.advance(hours=6)
    assert (await room.row())["state"] == "ended"
    assert len(room.pusher.requests) == 6


async def test_a_worker_that_died_while_asking_is_followed_by_another(room: Newsroom) -> None:
    room.show(story(1))
    await room.poll()
    stage = Subscribe(room.hub.engine, f"{room.address}/websub/")
    [claim] = await stage.claim(None, 9)
    assert await stage.claim(None, 9) == [], "a lease is held"
    room.province.clock.advance(seconds=61)
    assert await room.ask() == 1
    with pytest.raises(LeaseLostError):
        await stage.failed(claim, asyncio.CancelledError())
    assert (await room.row())["state"] == "active"


async def test_our_own_shutdown_counts_no_attempt(room: Newsroom) -> None:
    room.show(story(1))
    await room.poll()
    stage = Subscribe(room.hub.engine, f"{room.address}/websub/")
    [claim] = await stage.claim(None, 9)
    await stage.failed(claim, asyncio.CancelledError())
    assert (await room.row())["attempts"] == 0
    assert await room.ask() == 1


# -------------------------------------------------------------------------------------------------- verification


async def test_only_what_was_asked_is_confirmed(room: Newsroom) -> None:
    asked = await room.subscribe()
    verify = room.pusher.verify
    assert (await verify(asked, topic=asked.topic + "?x"))[0] == 404
    assert (await verify(asked, mode="unsubscribe"))[0] == 404
    assert (await verify(replace(asked, callback=asked.callback[:-1] + "_")))[0] == 404
    assert (await verify(replace(asked, callback=asked.callback + "x")))[0] == 404
    room.province.clock.advance(hours=2)
    assert (await verify(asked))[0] == 404, "long after we asked"
    assert (await room.row())["state"] == "active"


@pytest.mark.parametrize("query", [{"challenge": ""}, {"lease_seconds": "-5"}, {"mode": "publish"}])
async def test_what_is_no_question_of_a_hub_is_refused(room: Newsroom, query: dict[str, str]) -> None:
    asked = await room.subscribe()
    assert (await room.pusher.verify(asked, **{"challenge": "x"} | query))[0] == 400


async def test_a_challenge_is_echoed_as_plain_text_whatever_it_is(room: Newsroom) -> None:
    asked = await room.subscribe()
    script = "<script>alert(1)</script>"
    question = {"hub.mode": "subscribe", "hub.topic": asked.topic, "hub.challenge": script, "hub.lease_seconds": "60"}
    async with ClientSession() as http, http.get(asked.callback, params=question) as response:
        assert (response.status, await response.text()) == (200, script)
        assert response.content_type == "text/plain"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_denial_ends_the_subscription_until_another_day(room: Newsroom) -> None:
    asked = await room.subscribe()
    assert (await room.pusher.verify(asked, challenge="", mode="denied", reason="full", lease_seconds=""))[0] == 200
    assert (await room.row())["state"] == "denied"
    assert (await events(room.hub))[-1] == "subscription_denied"
    assert await room.pusher.push(asked, rss(story(2))) == 202, "what it still pushes is taken"
    room.province.clock.advance(days=1)
    await room.ask()
    assert (await room.row())["state"] == "active"


# -------------------------------------------------------------------------------------------------- distribution


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
async def test_a_signed_push_becomes_items_and_touches_no_poll(room: Newsroom, method: str) -> None:
    asked = await room.subscribe()
    before = await room.source()
    assert await room.pusher.push(asked, rss(story(2), story(3)), method=method) == 202
    assert await room.read() == 1
    assert len(await rows(room.hub, "item")) == 3
    after = await room.source()
    same = ("cursor", "body_sha256", "known", "due_at", "polled_at", "failures", "rhythm_reason")
    assert {key: after[key] for key in same} == {key: before[key] for key in same}
    [_, pushed] = await rows(room.hub, "capture")
    assert (pushed["origin"], pushed["url"]) == ("push", room.topic)
    assert (await room.row())["pushes"] == 1


@pytest.mark.parametrize(
    "header", ["sha256=" + "0" * 64, "", "sha256", "md5=00", "sha1=" + "0" * 40, "sha256=\xe9"]
)  # fmt: skip
async def test_a_push_with_a_wrong_signature_is_ignored_and_counted(room: Newsroom, header: str) -> None:
    asked = await room.subscribe()
    with capture_logs() as logs:
        assert await room.pusher.push(asked, rss(story(2)), **{"X-Hub-Signature": header}) == 202
    assert (len(await rows(room.hub, "capture")), (await room.row())["refused"]) == (1, 1)
    assert not await works(room), "nobody relies on it"
    told = repr(logs)
    assert "tin" in told
    for secret in (asked.secret, asked.callback.rpartition("/")[2], "Tin thứ"):
        assert secret not in told


async def test_the_same_push_twice_is_kept_once(room: Newsroom) -> None:
    asked = await room.subscribe()
    for body in (rss(story(2)), rss(story(2)), rss(story(3)), rss(story(2))):
        assert await room.pusher.push(asked, body) == 202
    assert len(await rows(room.hub, "capture", origin="push")) == 3


async def test_a_push_that_is_no_feed_leaves_the_source_well(room: Newsroom) -> None:
    asked = await room.subscribe()
    assert await room.pusher.push(asked, b"<!doctype html><html><body>Loi</body></html>") == 202
    await room.read()
    assert [one["state"] for one in await rows(room.hub, "capture")] == ["done", "rejected"]
    assert ((await room.source())["failures"], (await room.source())["fault_code"]) == (0, "")


async def test_a_flood_of_pushes_is_put_off(room: Newsroom) -> None:
    asked = await room.subscribe()
    statuses = [await room.pusher.push(asked, rss(story(n))) for n in range(2, receiving.WAITING_LIMIT + 4)]
    assert statuses == [202] * receiving.WAITING_LIMIT + [429] * 2
    while await room.read():
        continue
    assert await room.pusher.push(asked, rss(story(99))) == 202


async def test_a_body_beyond_the_bounds_is_not_taken(room: Newsroom) -> None:
    asked = await room.subscribe()
    assert await room.pusher.push(asked, b" " * (5 * 1024 * 1024)) == 413
    assert await room.pusher.push(asked, b"xyz", **{"Content-Encoding": "zstd"}) == 400


async def test_nobody_but_a_callback_of_ours_is_answered(room: Newsroom) -> None:
    async with ClientSession() as http:
        for path in ("websub/", "websub/x", "websub/" + "a" * 32, "websub/" + "a" * 33):
            async with http.post(f"{room.address}/{path}", data=b"x") as response:
                assert response.status == 404, path


# -------------------------------------------------------------------------------------------- polls that back it up


async def works(room: Newsroom) -> bool:
    return await subscribing.works(room.hub.engine.store, "tin")


async def test_polls_are_slower_while_pushes_come_and_no_slower_than_six_hours(room: Newsroom) -> None:
    await room.subscribe()
    assert await works(room)
    room.province.clock.advance(minutes=15)
    await room.poll()
    source = await room.source()
    assert source["rhythm_reason"] == rhythm.BACKUP
    wait = moment(source["due_at"]) - room.province.clock.now()
    assert rhythm.DEFAULT_EVERY < wait.total_seconds() <= 6 * 3_600


async def test_no_number_of_pushes_moves_the_next_poll(room: Newsroom) -> None:
    asked = await room.subscribe()
    room.province.clock.advance(minutes=15)
    await room.poll()
    due = (await room.source())["due_at"]
    for number in range(2, 12):
        room.province.clock.advance(minutes=30)
        await room.pusher.push(asked, rss(story(number)))
        await room.read()
        assert (await room.source())["due_at"] == due
    room.province.clock.advance(hours=1)
    asked_before = len(room.province.site.asked)
    await room.poll()
    assert len(room.province.site.asked) == asked_before + 1


async def test_a_poll_that_finds_news_first_makes_polls_quick_again_until_the_next_push(room: Newsroom) -> None:
    asked = await room.subscribe()
    room.show(story(1), story(2))
    room.province.clock.advance(minutes=15)
    await room.poll()
    assert not await works(room)
    room.province.clock.advance(minutes=1)
    await room.pusher.push(asked, rss(story(3)))
    assert await works(room)


async def test_news_that_were_pushed_are_not_missed(room: Newsroom) -> None:
    asked = await room.subscribe()
    room.province.clock.advance(minutes=15)
    await room.pusher.push(asked, room.show(story(1), story(2)))
    await room.read()
    await room.poll()
    assert await works(room)
    assert len(await rows(room.hub, "item")) == 2


async def test_a_subscription_that_ends_gives_the_polls_their_rhythm_back(room: Newsroom) -> None:
    asked = await room.subscribe()
    room.province.clock.advance(minutes=15)
    await room.poll()
    await room.pusher.verify(asked, challenge="", mode="denied", lease_seconds="")
    wait = moment((await room.source())["due_at"]) - room.province.clock.now()
    assert wait.total_seconds() == rhythm.DEFAULT_EVERY


# ---------------------------------------------------------------------------------------------------- interruptions


async def test_a_push_that_is_cut_off_anywhere_is_kept_whole_or_not_at_all(room: Newsroom) -> None:
    asked = await room.subscribe()
    store = room.hub.engine.store
    found = await subscribing.by_token(store, asked.callback.rpartition("/")[2])
    assert found is not None
    body = iter(range(2, 500))

    async def take() -> None:
        capture = Capture(
            url=room.topic, content_type="", body=rss(story(next(body))), fetched_at=store.now()
        )  # fmt: skip
        await receiving.distributed(store, found, capture)

    async def check() -> None:
        kept = await rows(room.hub, "capture", origin="push")
        assert (await room.row())["pushes"] == len(kept)
        while await room.read():
            continue

    work: Callable[[], Awaitable[None]] = take
    assert await cancel_everywhere(work, check, 1) > 1
