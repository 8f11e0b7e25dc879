"""Claims of subscriptions: each to one worker, only what is due, and nothing by whoever overslept."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from hub.app import Hub
from hub.store import subscribing
from hub.store.subscribing import SubscriptionClaim
from hub.store.unit import LeaseLostError
from tests.province import Province, row, rows, rss

LEASE = timedelta(seconds=60)
SOURCES = tuple(f"tin-{number}" for number in range(6))


async def claim(hub: Hub, sources: Sequence[str] = SOURCES, limit: int = 9) -> list[SubscriptionClaim]:
    return await subscribing.claim(hub.engine.store, None, sources, limit=limit, lease=LEASE)


async def advertise(hub: Hub, source: str, where: str = "https://day.example.vn/", topic: str = "") -> None:
    async with hub.engine.store.unit() as unit:
        await subscribing.advertised(unit, source, where, topic or f"https://{source}.gov.vn/rss")


@pytest.fixture
def sources(province: Province) -> Province:
    for name in SOURCES:
        province.source(name, rss())
    return province


async def test_no_subscription_is_given_to_two_workers(sources: Province) -> None:
    async with sources.open() as hub:
        for name in SOURCES:
            await advertise(hub, name)
        claimed = [one for got in await asyncio.gather(*(claim(hub, limit=2) for _ in range(6))) for one in got]
        ids = [one.id for one in claimed]
        assert len(ids) == len(set(ids)) >= 2
        assert {one.mode for one in claimed} == {"subscribe"}


async def test_what_is_asked_is_on_record_before_it_is_asked(sources: Province) -> None:
    async with sources.open() as hub:
        await advertise(hub, "tin-0")
        [one] = await claim(hub)
        found = await subscribing.by_token(hub.engine.store, one.token)
        assert found is not None
        assert (found.asked.mode, found.asked.topic, found.asked.at) == ("subscribe", one.topic, sources.clock.now())


async def test_whoever_overslept_changes_nothing(sources: Province) -> None:
    async with sources.open() as hub:
        await advertise(hub, "tin-0")
        [late] = await claim(hub)
        sources.clock.advance(seconds=61)
        [now] = await claim(hub)
        for settle in (subscribing.left, subscribing.asked):
            with pytest.raises(LeaseLostError):
                async with hub.engine.store.unit() as unit:
                    await settle(unit, late, **({"due_at": unit.now} if settle is subscribing.asked else {}))
        assert (await row(hub, "subscription"))["lease_token"] == now.lease_token


async def test_the_same_word_of_a_poll_again_changes_nothing(sources: Province) -> None:
    async with sources.open() as hub:
        await advertise(hub, "tin-0")
        before = await row(hub, "subscription")
        await advertise(hub, "tin-0")
        assert await row(hub, "subscription") == before


async def test_a_feed_that_names_no_hub_any_more_ends_what_it_had(sources: Province) -> None:
    async with sources.open() as hub:
        await advertise(hub, "tin-0")
        await advertise(hub, "tin-0", where="")
        assert await claim(hub) == []
        assert [one["state"] for one in await rows(hub, "subscription")] == ["ended"]


async def test_only_sources_that_want_it_are_subscribed(sources: Province) -> None:
    async with sources.open() as hub:
        await advertise(hub, "tin-0")
        await advertise(hub, "tin-1")
        assert [one.source for one in await claim(hub, ["tin-1"])] == ["tin-1"]


async def test_two_sources_have_callbacks_and_secrets_of_their_own(sources: Province) -> None:
    async with sources.open() as hub:
        for name in SOURCES:
            await advertise(hub, name, topic="https://chung.gov.vn/rss")
        kept = await rows(hub, "subscription")
        assert len({one["token"] for one in kept}) == len({one["secret"] for one in kept}) == len(SOURCES)
