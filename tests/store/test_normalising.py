"""Claims of captures: in order within a source, side by side between sources, fenced like every claim."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from connectors.base import Capture
from connectors.errors import Fault
from hub.app import Hub
from hub.packing import unpack
from hub.store import harvesting, normalising, restored
from hub.store.harvesting import SourceFault
from hub.store.normalising import CaptureClaim, Outcome
from hub.store.states import CaptureState
from hub.store.unit import LeaseLostError
from tests.province import Province, row, rows

LEASE = timedelta(seconds=60)
FAULT = SourceFault(code="not_a_feed", side=Fault.MEMBER, sentence="Trang trả về không phải nguồn tin.")


async def claim(hub: Hub, *ids: int, limit: int = 100) -> list[CaptureClaim]:
    return await normalising.claim(hub.engine.store, ids or None, limit=limit, lease=LEASE)


async def keep(hub: Hub, source: str, *bodies: bytes) -> list[int]:
    """Captures of a source, one after the other."""
    kept = []
    for body in bodies:
        [mine] = await harvesting.claim(hub.engine.store, [source], limit=1, lease=LEASE, per_host=9)
        now = hub.engine.store.now()
        capture = Capture(url="http://syt.gov.vn/", content_type="", body=body, fetched_at=now)
        async with hub.engine.store.unit() as unit:
            kept.append(await harvesting.captured(unit, mine, capture, due_at=now, reason=""))
    return [number for number in kept if number is not None]


async def settle(hub: Hub, mine: CaptureClaim, **outcome: Any) -> None:
    async with hub.engine.store.unit() as unit:
        await normalising.record(unit, mine, Outcome(format="rss20", counts={}, **outcome))


@pytest.fixture
def sources(province: Province) -> Province:
    for name in ("a", "b", "c"):
        province.source(name)
    return province


async def test_captures_of_one_source_come_in_order_and_other_sources_beside_it(sources: Province) -> None:
    async with sources.open() as hub:
        first, second = await keep(hub, "a", b"1", b"2")
        [other] = await keep(hub, "b", b"3")
        claims = await claim(hub)
        assert [c.id for c in claims] == [first, other]
        assert await claim(hub, second) == [], "not even when a bell names it"
        await settle(hub, claims[0])
        assert [(c.id, unpack(c.packed)) for c in await claim(hub)] == [(second, b"2")]


async def test_no_capture_is_given_to_two_workers(sources: Province) -> None:
    async with sources.open() as hub:
        for name in ("a", "b", "c"):
            await keep(hub, name, b"1", b"2", b"3")
        for _ in range(3):
            claims = [c for got in await asyncio.gather(*(claim(hub, limit=2) for _ in range(5))) for c in got]
            assert sorted(c.source for c in claims) == ["a", "b", "c"]
            for mine in claims:
                await settle(hub, mine)
        assert {c["state"] for c in await rows(hub, "capture")} == {"done"}


async def test_a_capture_waiting_for_its_next_try_holds_back_the_later_ones(sources: Province) -> None:
    async with sources.open() as hub:
        await keep(hub, "a", b"1", b"2")
        [mine] = await claim(hub)
        async with hub.engine.store.unit() as unit:
            await normalising.later(unit, mine, due_at=sources.clock.now() + timedelta(minutes=1), note="", counts=True)
        assert await claim(hub) == []
        sources.clock.advance(minutes=1)
        [again] = await claim(hub)
        assert (again.id, again.attempts) == (mine.id, 2)


async def test_later_gives_an_attempt_back_that_does_not_count(sources: Province) -> None:
    async with sources.open() as hub:
        await keep(hub, "a", b"1")
        [mine] = await claim(hub)
        async with hub.engine.store.unit() as unit:
            await normalising.later(unit, mine, due_at=sources.clock.now(), note="", counts=False)
        assert [c.attempts for c in await claim(hub)] == [1]


async def test_a_worker_that_overslept_writes_nothing(sources: Province) -> None:
    async with sources.open() as hub:
        await keep(hub, "a", b"1")
        [slow] = await claim(hub)
        sources.clock.advance(seconds=61)
        [quick] = await claim(hub)
        for late in (
            lambda unit: normalising.record(unit, slow, Outcome(format="", counts={}, identity="link")),
            lambda unit: normalising.refuse(unit, slow, CaptureState.REJECTED, FAULT),
            lambda unit: normalising.later(unit, slow, due_at=sources.clock.now(), note="", counts=True),
        ):
            with pytest.raises(LeaseLostError):
                async with hub.engine.store.unit() as unit:
                    await late(unit)
        assert (await row(hub, "source", name="a"))["fault_code"] == ""
        await settle(hub, quick)
        assert (await row(hub, "capture"))["state"] == "done"


async def test_a_sleeper_is_known_by_its_token_where_its_attempt_was_given_back(sources: Province) -> None:
    async with sources.open() as hub:
        await keep(hub, "a", b"1")
        [slow] = await claim(hub)
        async with hub.engine.store.unit() as unit:
            await normalising.later(unit, slow, due_at=sources.clock.now(), note="", counts=False)
        [quick] = await claim(hub)
        assert quick.attempts == slow.attempts
        with pytest.raises(LeaseLostError):
            await settle(hub, slow)
        await settle(hub, quick)


async def test_who_reads_while_the_hub_is_marked_as_restored_does_it_again(sources: Province) -> None:
    """The number from which editions are counted was taken with the claim."""
    async with sources.open() as hub:
        await keep(hub, "a", b"1")
        [before] = await claim(hub)
        async with hub.engine.store.unit() as unit:
            await restored.mark_restored(unit, who="ky-thuat", why={})
        with pytest.raises(LeaseLostError):
            await settle(hub, before)
        sources.clock.advance(seconds=1)
        [after] = await claim(hub)
        assert before.numbered_from == 0 < after.numbered_from
        await settle(hub, after)


async def test_a_held_capture_blocks_its_own_source_only(sources: Province) -> None:
    async with sources.open() as hub:
        await keep(hub, "a", b"1", b"2")
        await keep(hub, "b", b"3")
        [held, other] = await claim(hub)
        async with hub.engine.store.unit() as unit:
            await normalising.refuse(unit, held, CaptureState.HELD, FAULT)
        await settle(hub, other)
        await keep(hub, "b", b"4")
        assert [c.source for c in await claim(hub)] == ["b"]


async def test_the_source_remembers_which_piece_became_which_item(sources: Province) -> None:
    from uuid import UUID

    pieces = {bytes([n]) * 16: UUID(int=n) if n % 2 else None for n in range(1, 5)}
    async with sources.open() as hub:
        await keep(hub, "a", b"1")
        await settle(hub, (await claim(hub))[0], pieces=pieces)
        await keep(hub, "a", b"2")
        assert (await claim(hub))[0].known == pieces


async def test_many_keys_are_looked_up_in_portions(sources: Province) -> None:
    async with sources.open() as hub:
        keys = [f"g:{number}" for number in range(2_000)]
        assert await normalising.held_items(hub.engine.store, "a", keys) == {}
        assert await normalising.held_items(hub.engine.store, "a", []) == {}
