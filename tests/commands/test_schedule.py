"""schedule, unschedule: public from an hour on, nothing before, nothing else instead; and decisions that take two."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from hub import control
from hub.app import Hub
from hub.commands.approve import approve
from hub.commands.edit import edit
from hub.commands.propose import confirm, decline, propose_post, propose_withdrawal
from hub.commands.reject import reject
from hub.commands.schedule import carry_out_plans, schedule, unschedule
from hub.commands.withdraw import withdraw
from hub.queries.planned import planned
from hub.queries.proposals import proposals
from hub.rules.editing import Changes
from hub.rules.two_persons import Matter
from hub.schedule import Schedule
from hub.store.deciding import DecisionRefusedError, SecondPersonNeededError
from hub.store.states import PlanState
from tests.province import Province, events, row, rows, rss, story
from tests.store.interruption import cancel_everywhere

WHO = "bien-tap"
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
#: The test clock starts on 2 March 2026, 08:00 in Hanoi.
TOMORROW = datetime(2026, 3, 3, 7, 30, tzinfo=HANOI)


@pytest.fixture
async def hub(province: Province) -> AsyncIterator[Hub]:
    """One story that waits for a person."""
    province.source("tin", rss(story(1)), review="hold")
    province.route(province.destination())
    async with province.open() as hub:
        await hub.once()
        yield hub


async def content_id(hub: Hub) -> UUID:
    return UUID((await row(hub, "item"))["content_id"])


async def test_nothing_is_public_before_the_hour_and_everything_after_it(province: Province, hub: Hub) -> None:
    identity = await content_id(hub)
    plan = await schedule(hub.engine, identity, at=datetime(2026, 3, 3, 7, 30), who=WHO, why="cùng lễ khai mạc")
    assert plan.at == TOMORROW, "a time without a zone is one of the hub"
    province.clock.advance(hours=23, minutes=29)
    assert await carry_out_plans(hub.engine) == 0
    await hub.once()
    assert province.portal.shown() == {}
    assert (await row(hub, "item"))["public_at"] is None
    province.clock.advance(minutes=1)
    await Schedule(hub.engine)._look(None)
    await hub.once()
    assert province.portal.shown() == {str(identity): 1}
    assert (await row(hub, "edition"))["decided_by"] == WHO
    assert await carry_out_plans(hub.engine) == 0, "once"
    assert [e for e in await events(hub) if e in ("planned", "approved", "plan_carried_out")] == [
        "planned", "plan_carried_out", "approved",
    ]  # fmt: skip


async def test_an_hour_that_passed_while_the_hub_was_down_is_kept_at_the_start(province: Province) -> None:
    province.source("tin", rss(story(1)), review="hold")
    async with province.open() as hub:
        await hub.once()
        await schedule(hub.engine, await content_id(hub), at=TOMORROW, who=WHO)
    province.clock.advance(days=2)
    async with province.open() as restarted:
        assert await carry_out_plans(restarted.engine) == 1
        assert (await row(restarted, "item"))["approved_revision"] == 1


async def test_a_newer_edition_voids_the_plan_and_is_not_approved_in_its_place(province: Province, hub: Hub) -> None:
    identity = await content_id(hub)
    await schedule(hub.engine, identity, at=TOMORROW, who=WHO)
    province.site.serve("/tin.rss", rss(story(1, text="Chỉ tiêu là 20")))
    await hub.once(everything=True)
    [void] = await planned(hub.engine.store)
    assert (void.state, void.note) == (PlanState.VOID, "newer_edition")
    assert "phiên bản mới hơn" in void.sentence
    province.clock.advance(days=2)
    assert await carry_out_plans(hub.engine) == 0
    assert (await row(hub, "item"))["approved_revision"] == 0
    await schedule(hub.engine, identity, at=TOMORROW + timedelta(days=9), who=WHO)
    assert [plan.state for plan in await planned(hub.engine.store)] == [PlanState.WAITING], "planned anew"


async def test_what_a_person_decides_before_ends_the_plan(hub: Hub) -> None:
    identity = await content_id(hub)
    await schedule(hub.engine, identity, at=TOMORROW, who=WHO)
    await reject(hub.engine, identity, who=WHO)
    assert [plan.note for plan in await planned(hub.engine.store)] == ["edition_refused"]
    assert await unschedule(hub.engine, identity, who=WHO) == 1
    assert await planned(hub.engine.store) == []
    with pytest.raises(DecisionRefusedError, match="nothing is planned"):
        await unschedule(hub.engine, identity, who=WHO)


async def test_an_approval_by_hand_carries_the_plan_out(hub: Hub) -> None:
    identity = await content_id(hub)
    await schedule(hub.engine, identity, at=TOMORROW, who=WHO)
    await approve(hub.engine, identity, who="truong")
    assert await planned(hub.engine.store) == []
    with pytest.raises(DecisionRefusedError, match="not held"):
        await schedule(hub.engine, identity, at=TOMORROW, who=WHO)


async def test_a_plan_that_cannot_be_carried_out_waits_for_a_person_with_its_reason(hub: Hub) -> None:
    identity = await content_id(hub)
    await edit(hub.engine, identity, Changes(title="Tiêu đề mới"), seen=1, who="an")
    await schedule(hub.engine, identity, at=TOMORROW, who="an")
    strict = replace(hub.engine, two_persons=frozenset({Matter.EDITS}))
    hub.engine.clock.advance(days=2)  # type: ignore[attr-defined]
    assert await carry_out_plans(strict) == 0
    [void] = await planned(hub.engine.store)
    assert (void.note, "hai người" in void.sentence) == ("second_person_needed", True)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("days", [0, -1, 400])
async def test_only_a_time_ahead_and_within_a_year_can_be_planned(hub: Hub, days: int) -> None:
    at, identity = hub.engine.store.now() + timedelta(days=days), await content_id(hub)
    with pytest.raises(DecisionRefusedError) as refused:
        await schedule(hub.engine, identity, at=at, who=WHO)
    assert refused.value.code == "bad_time"


# ------------------------------------------------------------------------------------------ two people


async def test_a_withdrawal_that_takes_two_is_proposed_by_one_and_confirmed_by_another(
    province: Province, hub: Hub
) -> None:
    engine = replace(hub.engine, two_persons=frozenset({Matter.WITHDRAWALS}))
    identity = await content_id(hub)
    await approve(engine, identity, who=WHO)
    with pytest.raises(SecondPersonNeededError):
        await withdraw(engine, identity, who="an")
    proposal = await propose_withdrawal(engine, identity, reason="Tin sai.", who="an")
    assert await propose_withdrawal(engine, identity, reason="Tin sai.", who="an") == proposal, "the form came twice"
    with pytest.raises(SecondPersonNeededError):
        await confirm(engine, proposal, who="an")
    assert [each.who for each in await proposals(engine.store)] == ["an"]
    province.site.serve("/tin.rss", rss(story(1, text="Chỉ tiêu là 20")))
    await hub.once(everything=True)
    assert await confirm(engine, proposal, who="binh") is Matter.WITHDRAWALS
    assert (await row(hub, "item"))["state"] == "withdrawn"
    assert '"Tin sai."' in (await rows(hub, "edition"))[-1]["withdrawal"]
    assert await proposals(engine.store) == []
    with pytest.raises(DecisionRefusedError, match="not open"):
        await confirm(engine, proposal, who="chi")


async def test_what_several_propose_at_once_is_one_proposal_and_one_event(hub: Hub) -> None:
    identity = await content_id(hub)
    people = [f"nguoi-{n}" for n in range(6)]
    found = await asyncio.gather(*(propose_withdrawal(hub.engine, identity, reason="Sai.", who=p) for p in people))
    [proposal] = await proposals(hub.engine.store)
    assert set(found) == {proposal.id}, "everybody is led to the one that waits"
    assert (await events(hub)).count("proposed") == 1
    other = await propose_withdrawal(hub.engine, identity, reason="Sai nữa.", who="an")
    assert other != proposal.id, "what differs is another proposal"
    await decline(hub.engine, proposal.id, who="an")
    again = await propose_withdrawal(hub.engine, identity, reason="Sai.", who="an")
    assert [each.id for each in await proposals(hub.engine.store)] == [other, again], "what was declined may come again"


async def test_a_proposal_is_declined_or_falls_when_there_is_nothing_left_to_do(hub: Hub) -> None:
    identity = await content_id(hub)
    first = await propose_withdrawal(hub.engine, identity, who="an")
    assert await decline(hub.engine, first, who="binh", why="tin đúng") is Matter.WITHDRAWALS
    second = await propose_withdrawal(hub.engine, identity, who="an")
    await withdraw(hub.engine, identity, who=WHO)
    with pytest.raises(DecisionRefusedError, match="withdrawn already"):
        await confirm(hub.engine, second, who="binh")
    post = await propose_post(hub.engine, identity, "portal", revision=1, who="an")
    with pytest.raises(DecisionRefusedError, match="nothing of"):
        await confirm(hub.engine, post, who="binh")
    assert [p["state"] for p in await rows(hub, "proposal")] == ["declined", "void", "void"]


# ------------------------------------------------------------------------------------- as commands, and in the dark


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_command_line_plans_edits_and_returns_with_plain_words(hub: Hub) -> None:
    item = (await row(hub, "item"))["content_id"]
    told = {"content_id": item, "who": WHO}
    made = await control.execute(hub.engine, "edit", told | {"changes": {"title": "Tiêu đề mới"}, "seen": 1})
    assert (made["revision"], made["state"], made["update_type"]) == (2, "held", "major")
    planned_for = await control.execute(hub.engine, "schedule", told | {"at": "2026-03-03T07:30:00"})
    assert (planned_for["revision"], planned_for["at"]) == (2, TOMORROW)
    assert await control.execute(hub.engine, "return", told | {"remark": "Sai tên xã."}) == 2


async def test_whatever_cuts_an_approval_off_it_happened_wholly_or_not_at_all(hub: Hub) -> None:
    identity = await content_id(hub)
    await schedule(hub.engine, identity, at=TOMORROW, who=WHO)
    hub.engine.clock.advance(days=2)  # type: ignore[attr-defined]

    async def one_story() -> None:
        plan = (await hub.engine.store.fetch("SELECT state FROM planned"))[0]["state"]
        item, told = await row(hub, "item"), await events(hub)
        seen = (plan, item["approved_revision"], told.count("plan_carried_out"), told.count("approved"))
        assert seen in (("waiting", 0, 0, 0), ("done", 1, 1, 1))

    assert await cancel_everywhere(lambda: carry_out_plans(hub.engine), one_story, 1) >= 0
    assert (await row(hub, "item"))["approved_revision"] == 1


async def test_more_events_than_one_batch_are_sealed_in_one_look(hub: Hub) -> None:
    async with hub.engine.store.unit() as unit:
        for number in range(1_200):
            unit.tell("tried", why={"number": number})
    await Schedule(hub.engine)._look(None)
    [left] = await hub.engine.store.fetch("SELECT count(*) AS n FROM event WHERE sequence IS NULL AND what = 'tried'")
    assert left["n"] == 0
