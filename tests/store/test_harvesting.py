"""Claims of sources: each to one worker, few per host, for a time; whoever overslept changes nothing."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from connectors.base import Capture
from connectors.errors import Fault
from hub.app import Hub
from hub.store import harvesting
from hub.store.harvesting import SourceClaim, SourceFault
from hub.store.unit import LeaseLostError
from tests.province import Province, row, rows

LEASE = timedelta(seconds=60)
HOSTS = 5


async def claim(hub: Hub, *names: str, limit: int = 100, per_host: int = 1) -> list[SourceClaim]:
    return await harvesting.claim(hub.engine.store, names or None, limit=limit, lease=LEASE, per_host=per_host)


@pytest.fixture
def hosts(province: Province) -> Province:
    """Three sources on each of five hosts."""
    for host in range(HOSTS):
        for number in range(3):
            province.source(f"s{host}-{number}", url=f"http://xa-{host}.gov.vn/{number}.rss")
    return province


async def test_no_source_is_given_to_two_workers_and_no_host_to_more_than_its_share(hosts: Province) -> None:
    async with hosts.open() as hub:
        for per_host in (1, 2):
            claimed = [c for got in await asyncio.gather(*(claim(hub, limit=4, per_host=per_host) for _ in range(6)))
                       for c in got]  # fmt: skip
            names = [c.name for c in claimed]
            assert len(names) == len(set(names)) == HOSTS
            busy = {name.partition("-")[0] for name in names}
            assert len(busy) == HOSTS


async def test_named_sources_are_taken_only_when_they_are_due_and_free(hosts: Province) -> None:
    async with hosts.open() as hub:
        assert {c.name for c in await claim(hub, "s1-0", "s2-1")} == {"s1-0", "s2-1"}
        assert await claim(hub, "s1-0", "s1-2", "unknown") == [], "its host is busy"
        assert await claim(hub, "s3-0", limit=0) == []


async def test_what_became_due_later_is_left_to_the_next_round(hosts: Province) -> None:
    async with hosts.open() as hub:
        began = hosts.clock.now()
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute("UPDATE source SET due_at = due_at + 1 WHERE name <> 's0-0'")
        hosts.clock.advance(minutes=1)
        store = hub.engine.store
        assert [c.name for c in await harvesting.claim(store, None, limit=9, lease=LEASE, per_host=1, until=began)] == [
            "s0-0"
        ]


async def test_a_lease_that_ended_is_given_to_another_and_the_first_changes_nothing(hosts: Province) -> None:
    async with hosts.open() as hub:
        [slow] = await claim(hub, "s0-0")
        hosts.clock.advance(seconds=61)
        [quick] = await claim(hub, "s0-0")
        assert (slow.attempts, quick.attempts) == (1, 2)
        at = hosts.clock.now()
        body = Capture(url="http://xa-0.gov.vn/0.rss", content_type="", body=b"x", fetched_at=at, cursor={"etag": "1"})
        fault = SourceFault(code="timeout", side=Fault.MEMBER, sentence="…")
        for settle in (
            lambda unit: harvesting.captured(unit, slow, body, due_at=at, reason=""),
            lambda unit: harvesting.unchanged(unit, slow, due_at=at, reason=""),
            lambda unit: harvesting.postponed(unit, slow, due_at=at, reason=""),
            lambda unit: harvesting.failed(unit, slow, fault, due_at=at, reason=""),
        ):
            with pytest.raises(LeaseLostError):
                async with hub.engine.store.unit() as unit:
                    await settle(unit)
        assert await rows(hub, "capture") == []
        source = await row(hub, "source", name="s0-0")
        assert (source["cursor"], source["failures"], source["lease_token"]) == ("{}", 0, quick.token)
        async with hub.engine.store.unit() as unit:
            assert await harvesting.captured(unit, quick, body, due_at=at, reason="")
        assert (await row(hub, "source", name="s0-0"))["cursor"] == '{"etag":"1"}'


async def test_a_sleeper_is_known_by_its_token_where_the_count_began_anew(hosts: Province) -> None:
    async with hosts.open() as hub:
        [slow] = await claim(hub, "s0-0")
        hosts.clock.advance(seconds=61)
        [quick] = await claim(hub, "s0-0")
        at = hosts.clock.now()
        async with hub.engine.store.unit() as unit:
            await harvesting.unchanged(unit, quick, due_at=at, reason="")
        [third] = await claim(hub, "s0-0")
        assert third.attempts == slow.attempts
        with pytest.raises(LeaseLostError):
            async with hub.engine.store.unit() as unit:
                await harvesting.unchanged(unit, slow, due_at=at, reason="")


async def test_capture_and_cursor_come_together_or_not_at_all(hosts: Province) -> None:
    async with hosts.open() as hub:
        [mine] = await claim(hub, "s0-0")
        at = hosts.clock.now()
        body = Capture(url="u", content_type="", body=b"x", fetched_at=at, cursor={"etag": "1"})
        with suppress(ZeroDivisionError):
            async with hub.engine.store.unit() as unit:
                assert await harvesting.captured(unit, mine, body, due_at=at, reason="")
                raise ZeroDivisionError
        assert await rows(hub, "capture") == []
        assert (await row(hub, "source", name="s0-0"))["cursor"] == "{}"


async def test_paused_sources_are_neither_due_nor_claimed(hosts: Province) -> None:
    async with hosts.open() as hub:
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute("UPDATE source SET state = 'paused' WHERE name <> 's4-2'")
        assert [c.name for c in await claim(hub)] == ["s4-2"]
        hosts.clock.advance(seconds=61)
        assert [each["name"] for each in await harvesting.due(hub.engine.store)] == ["s4-2"]


async def test_a_bell_rings_once_for_each_source_that_became_due(hosts: Province) -> None:
    async with hosts.open() as hub:
        began = hosts.clock.now()
        assert len(await harvesting.due(hub.engine.store)) == 3 * HOSTS
        assert await harvesting.due(hub.engine.store, since=began) == []
