"""Deliver: one destination shows the newest wanted revision of one item, once, whatever the portal answers."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from connectors.errors import ThrottledError
from hub.app import Hub
from hub.commands.pause import resume
from hub.commands.withdraw import withdraw
from hub.queries.trace import trace
from hub.stages.deliver import Deliver
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store.unit import LeaseLostError
from hub.worker import Worker
from tests.fakes.portal import Held, Portal
from tests.fakes.server import Fault
from tests.province import TOKEN, Province, events, row, rows, rss, story, turn
from tests.stages.sending import WHO, delivery, due_in, outcomes, send, show

# ------------------------------------------------------------------------------------------ ordinary


async def test_an_edition_arrives_with_proof(province: Province, hub: Hub, portal: Portal) -> None:
    await show(province, hub, 1)
    assert await send(hub) == 1
    item, done = await row(hub, "item"), await delivery(hub)
    assert portal.shown() == {item["content_id"]: 1}
    assert (done["state"], done["sent_revision"], done["remote_id"]) == ("done", 1, item["content_id"])
    assert '"status":201' in done["receipt"]
    assert await outcomes(hub) == ["done"]
    assert (await events(hub))[-1] == "delivered"
    assert await send(hub) == 0


async def test_revisions_between_are_skipped(province: Province, hub: Hub, portal: Portal) -> None:
    for number in (10, 20, 30):
        await show(province, hub, 1, text=f"Chỉ tiêu là {number}")
    await send(hub)
    assert [effect.version for effect in portal.effects] == [3]


async def test_a_withdrawal_reaches_the_portal(province: Province, hub: Hub, portal: Portal) -> None:
    await show(province, hub, 1)
    await send(hub)
    await withdraw(hub.engine, UUID((await row(hub, "item"))["content_id"]), who=WHO)
    await send(hub)
    assert [(effect.action, effect.version) for effect in portal.effects] == [("put", 1), ("delete", 2)]
    assert portal.shown() == {}
    assert (await delivery(hub))["sent_revision"] == 2


async def test_withdrawing_what_was_never_sent_makes_no_call(province: Province, hub: Hub, portal: Portal) -> None:
    await show(province, hub, 1)
    await withdraw(hub.engine, UUID((await row(hub, "item"))["content_id"]), who=WHO)
    await send(hub)
    assert portal.requests == []
    assert (await delivery(hub))["state"] == "done"
    assert (await events(hub))[-1] == "nothing_to_withdraw"


async def test_withdrawing_what_may_have_arrived_does_make_a_call(province: Province, hub: Hub, portal: Portal) -> None:
    await show(province, hub, 1)
    portal.fail_next(Fault(committed=True, reset=True))
    await send(hub)
    await withdraw(hub.engine, UUID((await row(hub, "item"))["content_id"]), who=WHO)
    await send(hub)
    assert portal.shown() == {}


async def test_a_revision_that_came_while_another_was_sent_follows_it(
    province: Province, hub: Hub, portal: Portal
) -> None:
    await show(province, hub, 1)
    stage = Deliver(hub.engine, "portal")
    [claim] = await stage.claim(None, 1)
    await show(province, hub, 1, text="Chỉ tiêu là 20", after=1)
    await stage.handle(claim)
    between = await delivery(hub)
    assert (between["state"], between["sent_revision"], between["wanted_revision"]) == ("ready", 1, 2)
    await send(hub)
    assert [effect.version for effect in portal.effects] == [1, 2]


async def test_a_new_edition_goes_wherever_the_item_is_though_no_route_leads_there_any_more(
    province: Province, portal: Portal
) -> None:
    province.source("tin", rss())
    province.route(province.destination(), text=["Chỉ tiêu là 10"])
    async with province.open() as hub:
        await show(province, hub, 1)
        await send(hub)
        await show(province, hub, 1, text="Chỉ tiêu là 20")
        await send(hub)
        assert list(portal.shown().values()) == [2]


async def test_what_the_portal_has_newer_is_left_alone(province: Province, hub: Hub, portal: Portal) -> None:
    await show(province, hub, 1)
    item = await row(hub, "item")
    portal.held[item["content_id"]] = Held(7, {"title": "mới hơn"})
    await send(hub)
    done = await delivery(hub)
    assert (done["state"], done["sent_revision"]) == ("done", 7)
    assert portal.effects == []


# ---------------------------------------------------------------------------------- table of outcomes


@pytest.mark.parametrize(
    ("fault", "outcome", "state", "counted"),
    [
        (Fault(status=500), "unknown", "ready", 1),
        (Fault(status=502, committed=True), "unknown", "ready", 1),
        (Fault(reset=True), "unknown", "ready", 1),
        (Fault(reset=True, committed=True), "unknown", "ready", 1),
        (Fault(html=True), "unknown", "ready", 1),
        (Fault(status=408), "later", "ready", 1),
        (Fault(status=429, retry_after="60"), "later", "ready", 0),
        (Fault(status=503, retry_after="60"), "later", "ready", 0),
        (Fault(status=401), "later", "ready", 0),
        (Fault(status=403), "later", "ready", 0),
        (Fault(status=400), "refused", "refused", 1),
        (Fault(status=422), "refused", "refused", 1),
        (Fault(status=413), "refused", "refused", 1),
    ],
)
async def test_each_answer_leaves_the_row_as_the_table_says(
    province: Province, hub: Hub, portal: Portal, fault: Fault, outcome: str, state: str, counted: int
) -> None:
    await show(province, hub, 1)
    portal.fail_next(fault)
    await send(hub)
    left = await delivery(hub)
    assert (left["state"], left["attempts"], await outcomes(hub)) == (state, counted, [outcome])
    assert left["error_sentence"], "a clerk is told why"
    assert left["lease_until"] is None
    assert left["sent_revision"] == 0


async def test_an_unknown_outcome_is_repeated_with_the_same_key_and_shows_once(
    province: Province, hub: Hub, portal: Portal
) -> None:
    await show(province, hub, 1)
    portal.fail_next(Fault(committed=True, reset=True), Fault(status=500, committed=True), Fault(reset=True))
    for _ in range(4):
        await send(hub)
    content_id = (await row(hub, "item"))["content_id"]
    assert portal.requests == [("PUT", f"{content_id}:1:portal")] * 4
    assert portal.doubled() == []
    assert await outcomes(hub) == ["unknown", "unknown", "unknown", "done"]
    assert (await row(hub, "destination"))["failures"] == 0


async def test_told_to_wait_holds_the_whole_destination_and_nothing_in_flight_ends_the_hold(
    province: Province, hub: Hub, portal: Portal
) -> None:
    await show(province, hub, 1, 2, 3)
    stage = Deliver(hub.engine, "portal")
    claims = await stage.claim(None, 2)
    gate = asyncio.Event()
    portal.fail_next(Fault(wait=gate), Fault(status=429, retry_after="600"))
    under_way = asyncio.create_task(stage.handle(claims[0]))
    await portal.arrived.wait()
    with pytest.raises(Exception, match="429") as told:
        await stage.handle(claims[1])
    await stage.failed(claims[1], told.value)
    gate.set()
    await under_way
    place = await row(hub, "destination")
    assert due_in(province, place["open_until"]) == timedelta(minutes=10)
    province.clock.advance(minutes=9.9)
    assert await send(hub) == 0
    province.clock.advance(minutes=0.1)
    assert await send(hub) == 2
    place = await row(hub, "destination")
    assert (place["open_until"], place["fault_code"]) == (None, "")


async def test_what_was_claimed_before_a_wait_was_told_is_not_sent_inside_it(
    province: Province, hub: Hub, portal: Portal
) -> None:
    """Neither by the worker that was told, nor by one that has only the row of the destination to ask."""
    await show(province, hub, 1, 2, 3)
    stage = Deliver(hub.engine, "portal")
    told, same, other = await stage.claim(None, 3)
    portal.fail_next(Fault(status=429, retry_after="30"))
    with pytest.raises(ThrottledError) as caught:
        await stage.handle(told)
    with pytest.raises(ThrottledError):
        await stage.handle(same)  # nothing is written down yet
    await stage.failed(told, caught.value)
    place = hub.engine.destinations["portal"]
    beside = replace(hub.engine, destinations={"portal": replace(place, http=hub.engine.http)})
    province.clock.advance(seconds=10)
    with pytest.raises(ThrottledError) as caught:
        await Deliver(beside, "portal").handle(other)
    assert caught.value.retry_after == 20
    assert len(portal.requests) == 1


@pytest.mark.parametrize("status", [401, 403])
async def test_a_destination_that_refuses_us_is_blocked_once_and_its_work_waits(
    province: Province, hub: Hub, portal: Portal, status: int
) -> None:
    await show(province, hub, 1, 2, 3)
    portal.fail_next(Fault(status=status), Fault(status=status), Fault(status=status))
    await send(hub)
    place = await row(hub, "destination")
    assert (place["state"], (await events(hub)).count("destination_blocked")) == ("blocked", 1)
    assert {d["state"] for d in await rows(hub, "delivery")} == {"ready"}
    province.clock.advance(days=30)
    assert await send(hub) == 0
    await resume(hub.engine, "destination", "portal", who=WHO)
    assert await send(hub) == 3
    assert len(portal.shown()) == 3


async def test_what_was_refused_is_freed_by_a_newer_revision(province: Province, hub: Hub, portal: Portal) -> None:
    await show(province, hub, 1)
    portal.fail_next(Fault(status=422))
    await send(hub)
    province.clock.advance(days=1)
    assert await send(hub) == 0
    await show(province, hub, 1, text="Chỉ tiêu là 20")
    freed = await delivery(hub)
    assert (freed["state"], freed["attempts"], freed["error_code"]) == ("ready", 0, "")
    await send(hub)
    assert list(portal.shown().values()) == [2]


async def test_a_refusal_of_an_older_revision_does_not_hold_back_a_newer_one(
    province: Province, hub: Hub, portal: Portal
) -> None:
    await show(province, hub, 1)
    stage = Deliver(hub.engine, "portal")
    [claim] = await stage.claim(None, 1)
    await show(province, hub, 1, text="Chỉ tiêu là 20", after=1)
    portal.fail_next(Fault(status=422))
    with pytest.raises(Exception, match="422") as refused:
        await stage.handle(claim)
    await stage.failed(claim, refused.value)
    assert (await delivery(hub))["state"] == "ready"
    assert await send(hub) == 1


async def test_a_poisoned_edition_is_parked_and_its_neighbours_go_out(
    province: Province, hub: Hub, portal: Portal
) -> None:
    await show(province, hub, 1, 2, 3)
    [bad] = await rows(hub, "item", guid="tin-2")
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE edition SET body = ? WHERE content_id = ?", '{"kind":"?"}', bad["content_id"])
    for _ in range(6):
        await send(hub)
    assert len(portal.shown()) == 2
    [parked] = await rows(hub, "delivery", content_id=bad["content_id"])
    assert (parked["state"], parked["error_code"]) == ("parked", "defect")
    assert (await row(hub, "destination"))["failures"] == 0


async def test_a_defect_leaves_its_name_and_nothing_of_what_was_being_sent(province: Province, hub: Hub) -> None:
    await show(province, hub, 1)
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE edition SET body = ?", '{"kind":"BONGHOAXUONGRONG"}')
    for _ in range(6):
        await send(hub)
    left, attempts = await delivery(hub), await rows(hub, "attempt")
    assert {each["detail"] for each in attempts} == {"ValidationError"}
    assert "BONGHOAXUONGRONG" not in str((left, attempts, await rows(hub, "event")))


async def test_what_fails_for_a_week_is_parked_and_not_dropped(province: Province, hub: Hub, portal: Portal) -> None:
    await show(province, hub, 1)
    portal.fail_next(Fault(status=500), Fault(status=500))
    await send(hub)
    province.clock.advance(days=7)
    await send(hub)
    assert (await delivery(hub))["state"] == "parked"
    assert (await events(hub))[-1] == "delivery_parked"


# -------------------------------------------------------------------------------------------- breaker


async def test_the_breaker_opens_after_five_and_one_careful_step_closes_it(
    province: Province, hub: Hub, portal: Portal
) -> None:
    await show(province, hub, *range(1, 11))
    portal.fail_next(*[Fault(status=500)] * 5)
    await send(hub, limit=5)
    assert await send(hub) == 0
    assert (await events(hub)).count("destination_failing") == 1
    province.clock.advance(seconds=31)
    portal.fail_next(Fault(status=500))
    assert await send(hub) == 1, "not a crowd"
    province.clock.advance(seconds=59)
    assert await send(hub) == 0, "longer each time"
    province.clock.advance(seconds=2)
    assert await send(hub) == 1
    place = await row(hub, "destination")
    assert (place["failures"], place["fault_code"], place["open_until"]) == (0, "", None)
    assert await send(hub) == 9
    assert len(portal.shown()) == 10
    assert portal.doubled() == []


async def test_a_hung_destination_delays_no_other(province: Province, portal: Portal) -> None:
    async with Portal(token=TOKEN) as hung:
        province.source("tin", rss(story(1), story(2)))
        province.route(province.destination(), province.destination("treo", hung))
        gate = asyncio.Event()
        hung.fail_next(*[Fault(wait=gate)] * 8)
        async with province.open() as hub:
            await turn(Harvest(hub.engine))
            await turn(Normalise(hub.engine))
            workers = [Worker(Deliver(hub.engine, name), hub.engine.broker) for name in ("treo", "portal")]
            tasks = [asyncio.create_task(worker.run()) for worker in workers]
            async with asyncio.timeout(5):
                await hung.arrived.wait()
                await workers[1].idle.wait()
            assert (len(portal.shown()), hung.shown()) == (2, {})
            gate.set()
            for worker in workers:
                worker.stop()
            await asyncio.gather(*tasks)
            assert len(hung.shown()) == 2


# ------------------------------------------------------------------------------------- rate and hours


async def test_calls_are_spaced_by_the_rate_though_two_workers_share_it(province: Province, portal: Portal) -> None:
    province.source("tin", rss(*(story(n) for n in range(1, 13))))
    province.route(province.destination(rate="1/s"))
    async with province.open() as hub:
        await turn(Harvest(hub.engine))
        await turn(Normalise(hub.engine))
        stages = [Deliver(hub.engine, "portal") for _ in range(2)]
        claims = [c for got in await asyncio.gather(*(s.claim(None, 4) for s in stages)) for c in got]
        claims += [c for got in await asyncio.gather(*(s.claim(None, 4) for s in stages)) for c in got]
        waits = sorted((claim.send_at - province.clock.now()).total_seconds() for claim in claims)
        assert waits == [0, 1, 2, 3, 4, 5], "nobody holds a row whose turn is far away"
        assert len({claim.id for claim in claims}) == 6


async def test_a_slow_rate_is_kept_over_minutes(province: Province, portal: Portal) -> None:
    province.source("tin", rss(story(1), story(2), story(3)))
    province.route(province.destination(rate="1/m"))
    async with province.open() as hub:
        await turn(Harvest(hub.engine))
        await turn(Normalise(hub.engine))
        sent = []
        for _ in range(13):
            sent.append(await send(hub))
            province.clock.advance(seconds=10)
        assert sent == [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1]


async def test_outside_its_hours_a_route_only_waits_and_a_withdrawal_does_not(
    province: Province, portal: Portal
) -> None:
    province.source("tin", rss(story(1), story(2)))
    province.route(province.destination(), window={"from": "13:00", "until": "17:00"})
    async with province.open() as hub:  # it is 8 o'clock in Vietnam
        await turn(Harvest(hub.engine))
        await turn(Normalise(hub.engine))
        assert await send(hub) == 0
        await withdraw(hub.engine, UUID((await rows(hub, "item"))[0]["content_id"]), who=WHO)
        assert await send(hub) == 1
        province.clock.advance(hours=5)
        assert await send(hub) == 1
        assert len(portal.shown()) == 1


# --------------------------------------------------------------------------------------------- leases


async def test_a_worker_that_overslept_changes_nothing(province: Province, hub: Hub, portal: Portal) -> None:
    await show(province, hub, 1)
    stage = Deliver(hub.engine, "portal")
    [slow] = await stage.claim(None, 1)
    province.clock.advance(minutes=10)
    await send(hub)
    before = await delivery(hub)
    with pytest.raises(LeaseLostError):
        await stage.handle(slow)
    with pytest.raises(LeaseLostError):
        await stage.failed(slow, ValueError())
    assert await delivery(hub) == before
    assert portal.doubled() == []


async def test_a_stop_in_the_middle_of_a_call_counts_no_attempt(province: Province, hub: Hub, portal: Portal) -> None:
    await show(province, hub, 1)
    gate = asyncio.Event()
    portal.fail_next(Fault(wait=gate))
    stage = Deliver(hub.engine, "portal")
    worker = Worker(stage, hub.engine.broker, grace=0.01)
    task = asyncio.create_task(worker.run())
    await portal.arrived.wait()
    worker.stop()
    await task
    gate.set()
    left = await delivery(hub)
    assert (left["state"], left["attempts"], left["error_code"]) == ("ready", 0, "shutdown")
    assert await outcomes(hub) == ["unknown"], "it may have arrived"
    await send(hub)
    assert portal.doubled() == []


async def test_every_call_is_told_by_the_trace(province: Province, hub: Hub, portal: Portal) -> None:
    await show(province, hub, 1)
    portal.fail_next(Fault(status=500))
    await send(hub)
    await send(hub)
    [told] = await trace(hub.engine.store, story(1).link)
    assert [attempt.outcome for attempt in told.deliveries[0].attempts] == ["unknown", "done"]
    assert [event.what for event in told.events] == ["edition_approved", "delivery_postponed", "delivered"]
