"""Deliveries: one row per item and destination, never lowered, claimed once, settled by whoever holds the lease."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from connectors.base import Receipt
from hub.app import Hub
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store import delivering, health, wanting
from hub.store.delivering import DeliveryClaim
from hub.store.states import AttemptOutcome, DeliveryState
from hub.store.unit import LeaseLostError
from tests.province import Province, row, rows, rss, story, turn

LEASE = timedelta(seconds=60)
INTERVAL = timedelta(milliseconds=1)


async def claim(hub: Hub, limit: int = 100) -> list[DeliveryClaim]:
    return await delivering.claim(
        hub.engine.store, "portal", limit=limit, lease=LEASE, interval=INTERVAL, line=timedelta(seconds=5)
    )


async def claim_one(hub: Hub, id: int) -> DeliveryClaim | None:
    """That delivery, among all that are due."""
    return next((each for each in await claim(hub) if each.id == id), None)


async def want(hub: Hub, content_id: UUID, revision: int) -> None:
    async with hub.engine.store.unit() as unit:
        await wanting.want(unit, [("portal", content_id, revision)])


def receipt(revision: int) -> Receipt:
    return Receipt(remote_id="r", revision=revision, status=200)


@pytest.fixture
def routed(province: Province) -> Province:
    """Twenty stories on their way to the portal."""
    province.source("tin", rss(*(story(number) for number in range(1, 21))))
    province.route(province.destination())
    return province


async def work(hub: Hub) -> None:
    await turn(Harvest(hub.engine))
    await turn(Normalise(hub.engine))


async def test_no_delivery_is_given_to_two_workers(routed: Province) -> None:
    async with routed.open() as hub:
        await work(hub)
        claims = [c for got in await asyncio.gather(*(claim(hub, limit=3) for _ in range(10))) for c in got]
        assert len({c.id for c in claims}) == len(claims) == 20
        assert len({c.send_at for c in claims}) == 20, "each has its own place in the rate"
        assert len(await rows(hub, "attempt", outcome="open")) == 20


async def test_a_claim_carries_the_newest_wanted_edition_and_a_key_that_stays(routed: Province) -> None:
    async with routed.open() as hub:
        await work(hub)
        [first] = await claim(hub, limit=1)
        assert first.edition.revision == 1
        assert first.key == f"{first.content_id}:1:portal"
        routed.clock.advance(seconds=61)
        again = await claim_one(hub, first.id)
        assert again is not None
        assert again.key == first.key
        assert [doubt.revision for doubt in again.doubts] == [1]


async def test_the_wanted_revision_never_falls(routed: Province) -> None:
    async with routed.open() as hub:
        await work(hub)
        content_id = UUID((await rows(hub, "delivery"))[0]["content_id"])
        await asyncio.gather(*(want(hub, content_id, revision) for revision in (3, 7, 5, 2)))
        [left] = await rows(hub, "delivery", content_id=str(content_id))
        assert left["wanted_revision"] == 7


async def test_wanting_more_leaves_a_row_with_whoever_sends_it(routed: Province) -> None:
    async with routed.open() as hub:
        await work(hub)
        [mine] = await claim(hub, limit=1)
        await want(hub, mine.content_id, 2)
        assert await claim_one(hub, mine.id) is None
        async with hub.engine.store.unit() as unit:
            await delivering.delivered(unit, mine, receipt(1))
        left = await row(hub, "delivery", id=mine.id)
        assert (left["state"], left["sent_revision"], left["wanted_revision"]) == ("ready", 1, 2)


async def test_since_when_a_destination_is_behind_is_not_moved_by_further_editions(routed: Province) -> None:
    async with routed.open() as hub:
        await work(hub)
        before = (await rows(hub, "delivery"))[0]
        routed.clock.advance(minutes=5)
        await want(hub, UUID(before["content_id"]), 2)
        assert (await row(hub, "delivery", id=before["id"]))["wanted_at"] == before["wanted_at"]


async def test_a_worker_that_overslept_settles_nothing(routed: Province) -> None:
    async with routed.open() as hub:
        await work(hub)
        [slow] = await claim(hub, limit=1)
        routed.clock.advance(seconds=61)
        quick = await claim_one(hub, slow.id)
        assert quick is not None
        before = await row(hub, "delivery", id=slow.id), await rows(hub, "attempt", delivery=slow.id)
        said = {"outcome": AttemptOutcome.LATER, "code": "x", "sentence": "x", "detail": "x"}
        for late in (
            lambda unit: delivering.delivered(unit, slow, receipt(9)),
            lambda unit: delivering.later(unit, slow, due_at=routed.clock.now(), counts=True, **said),
            lambda unit: delivering.set_aside(unit, slow, DeliveryState.PARKED, **said),
        ):
            with pytest.raises(LeaseLostError):
                async with hub.engine.store.unit() as unit:
                    await late(unit)
        assert (await row(hub, "delivery", id=slow.id), await rows(hub, "attempt", delivery=slow.id)) == before
        async with hub.engine.store.unit() as unit:
            await delivering.delivered(unit, quick, receipt(1))
        assert (await row(hub, "delivery", id=slow.id))["state"] == "done"


async def test_a_sleeper_is_known_by_its_token_where_its_attempt_was_given_back(routed: Province) -> None:
    async with routed.open() as hub:
        await work(hub)
        [slow] = await claim(hub, limit=1)
        said = {"outcome": AttemptOutcome.LATER, "code": "x", "sentence": "x", "detail": "x"}
        async with hub.engine.store.unit() as unit:
            await delivering.later(unit, slow, due_at=routed.clock.now(), counts=False, **said)
        quick = await claim_one(hub, slow.id)
        assert quick is not None
        assert quick.attempts == slow.attempts
        with pytest.raises(LeaseLostError):
            async with hub.engine.store.unit() as unit:
                await delivering.delivered(unit, slow, receipt(1))


@pytest.mark.parametrize("state", ["refused", "parked"])
async def test_what_was_set_aside_rests_until_a_newer_revision(routed: Province, state: str) -> None:
    async with routed.open() as hub:
        await work(hub)
        [mine] = await claim(hub, limit=1)
        async with hub.engine.store.unit() as unit:
            await delivering.set_aside(
                unit, mine, DeliveryState(state), outcome=AttemptOutcome.REFUSED, code="x", sentence="x", detail="x"
            )
        routed.clock.advance(days=30)
        assert await claim_one(hub, mine.id) is None
        await want(hub, mine.content_id, 1)
        assert await claim_one(hub, mine.id) is None, "the same revision is no news"
        await want(hub, mine.content_id, 2)
        assert (await row(hub, "delivery", id=mine.id))["state"] == "ready"


@pytest.mark.parametrize(
    ("change", "given"),
    [
        ("state = 'paused'", 0), ("state = 'blocked'", 0), ("state = 'removed'", 0), ("open_until = 9e15", 0),
        ("failures = 5", 1), ("failures = 4", 20),
    ],
)  # fmt: skip
async def test_a_destination_gets_as_much_as_it_can_take(routed: Province, change: str, given: int) -> None:
    async with routed.open() as hub:
        await work(hub)
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute(f"UPDATE destination SET {change}")
        assert len(await claim(hub)) == given


async def test_after_the_breaker_nobody_else_steps_forward_until_the_first_came_back(routed: Province) -> None:
    async with routed.open() as hub:
        await work(hub)
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute("UPDATE destination SET failures = 5")
        [first] = await claim(hub)
        assert await claim(hub) == [], "the call of the first is under way"
        async with hub.engine.store.unit() as unit:
            await delivering.later(unit, first, due_at=routed.clock.now(), outcome=AttemptOutcome.LATER, code="busy",
                                   sentence="…", detail="", counts=True)  # fmt: skip
        assert len(await claim(hub)) == 1
        routed.clock.advance(seconds=LEASE.seconds + 1)  # the host of that one went down
        [third] = await claim(hub)
        async with hub.engine.store.unit() as unit:
            await delivering.delivered(unit, third, receipt(1))
        assert len(await claim(hub)) == 19, "it is well again: everything goes, also what went down with its host"


async def test_a_hold_is_only_ever_prolonged(routed: Province) -> None:
    async with routed.open() as hub:
        now = routed.clock.now()
        for minutes in (5, 2):
            async with hub.engine.store.unit() as unit:
                await health.wait_until(
                    unit, "portal", until=now + timedelta(minutes=minutes), code="throttled", sentence="…"
                )
        open_until = (await row(hub, "destination"))["open_until"]
        assert open_until == int((now + timedelta(minutes=5)).timestamp() * 1_000_000)
