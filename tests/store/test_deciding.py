"""What people decide: fenced by the state they saw, with one event each; of two at once one wins, the other is told."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from hub.app import Hub
from hub.commands.approve import approve
from hub.commands.reject import reject
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store import deciding
from hub.store.deciding import DecisionRefusedError
from hub.store.states import EndpointState
from tests.province import Province, events, row, rows, rss, story, turn

WHO = "bien-tap"


@pytest.fixture
async def hub(province: Province) -> AsyncIterator[Hub]:
    """A hub whose one source waits for people, with one story held."""
    province.source("tin", rss(story(1)), review="hold")
    province.route(province.destination())
    async with province.open() as hub:
        await work(province, hub)
        yield hub


async def work(province: Province, hub: Hub) -> None:
    await turn(Harvest(hub.engine))
    await turn(Normalise(hub.engine))
    province.clock.advance(minutes=20)


async def content_id(hub: Hub) -> UUID:
    return UUID((await row(hub, "item"))["content_id"])


async def test_of_two_people_who_decide_at_once_one_wins_and_the_other_reads_why(hub: Hub) -> None:
    identity = await content_id(hub)
    decided = await asyncio.gather(
        approve(hub.engine, identity, who="an"), approve(hub.engine, identity, who="binh"),
        reject(hub.engine, identity, who="chi"), return_exceptions=True,
    )  # fmt: skip
    refused = [each for each in decided if isinstance(each, DecisionRefusedError)]
    assert len(refused) == 2
    assert all("người khác xử lý" in each.sentence for each in refused)
    assert len([e for e in await events(hub) if e in ("approved", "rejected")]) == 1


async def test_an_older_edition_cannot_be_approved_after_a_newer_one_came(province: Province, hub: Hub) -> None:
    province.site.serve("/tin.rss", rss(story(1, text="Chỉ tiêu là 20")))
    await work(province, hub)
    with pytest.raises(DecisionRefusedError):
        await approve(hub.engine, await content_id(hub), revision=1, who=WHO)
    assert await approve(hub.engine, await content_id(hub), who=WHO) == 2
    assert [e["state"] for e in await rows(hub, "edition")] == ["superseded", "approved"]


async def test_approval_names_who_it_was_and_sends_the_edition_where_routing_says(hub: Hub) -> None:
    await approve(hub.engine, await content_id(hub), who=WHO, why="đã kiểm tra")
    edition, delivery, item = await row(hub, "edition"), await row(hub, "delivery"), await row(hub, "item")
    assert (edition["state"], edition["decided_by"]) == ("approved", WHO)
    assert (delivery["wanted_revision"], delivery["state"]) == (1, "ready")
    assert (item["approved_revision"], item["public_at"] is not None) == (1, True)
    told = (await rows(hub, "event", what="approved"))[0]
    assert (told["who"], told["why"]) == (WHO, '{"why":"đã kiểm tra"}')


async def test_what_was_rejected_stays_unseen(hub: Hub) -> None:
    await reject(hub.engine, await content_id(hub), who=WHO)
    assert (await row(hub, "edition"))["state"] == "rejected"
    assert await rows(hub, "delivery") == []
    with pytest.raises(DecisionRefusedError):
        await approve(hub.engine, await content_id(hub), who=WHO)


async def test_an_unknown_item_is_a_sentence_and_not_a_traceback(hub: Hub) -> None:
    with pytest.raises(DecisionRefusedError) as refused:
        await approve(hub.engine, UUID(int=7), who=WHO)
    assert refused.value.sentence


async def test_a_refused_decision_leaves_no_event(hub: Hub) -> None:
    before = await events(hub)
    with pytest.raises(DecisionRefusedError):
        await approve(hub.engine, await content_id(hub), revision=9, who=WHO)
    assert await events(hub) == before


async def test_a_run_that_is_not_held_can_be_neither_released_nor_thrown_away(hub: Hub) -> None:
    capture = (await row(hub, "capture"))["id"]
    for decide in (deciding.run_released, deciding.run_discarded):
        with pytest.raises(DecisionRefusedError):
            async with hub.engine.store.unit() as unit:
                await decide(unit, capture, who=WHO, why="")
    assert (await row(hub, "capture"))["state"] == "done"


async def test_what_was_taken_out_of_the_settings_cannot_be_resumed(hub: Hub) -> None:
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE source SET state = 'removed'")
    with pytest.raises(DecisionRefusedError, match="no source tin"):
        async with hub.engine.store.unit() as unit:
            await deciding.endpoint_set(unit, "source", "tin", EndpointState.ACTIVE, who=WHO, why="")
