"""A source is pushed by a WebSub hub: it is asked, asks back, is renewed and left; only what we asked is confirmed."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientSession

from connectors.errors import ConfigError
from hub.commands.pause import pause, resume
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.stages.subscribe import Subscribe
from hub.store.instants import moment
from hub.store.unit import LeaseLostError
from tests.fakes.server import Fault
from tests.fakes.websub import WebSubHub
from tests.province import Province, events, rows, rss, story, turn
from tests.web.newsroom import Newsroom

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
    assert await room.works()
    room.province.clock.advance(days=3)
    await room.ask()
    assert (await room.row())["state"] == "asking"
    assert (await events(room.hub))[-1] == "subscription_lost"
    room.pusher.faults.clear()
    room.province.clock.advance(hours=6)
    await room.ask()
    assert (await room.row())["state"] == "active"


async def test_a_hub_that_grants_seconds_is_not_asked_every_second(room: Newsroom) -> None:
    room.pusher.grants = 1
    await room.subscribe()
    for _ in range(600):
        room.province.clock.advance(seconds=1)
        await room.ask()
    assert len(room.pusher.requests) <= 12
    room.province.clock.advance(seconds=2)
    assert not await room.works()


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
    other = "-" if asked.callback.endswith("_") else "_"
    assert (await verify(replace(asked, callback=asked.callback[:-1] + other)))[0] == 404
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
