"""pause, resume, free, replay: what a person decides about places, and about work that was set aside."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from hub.app import Hub
from hub.commands.free import free
from hub.commands.pause import pause, resume
from hub.commands.replay import replay
from hub.store.deciding import DecisionRefusedError
from hub.store.instants import moment
from tests.fakes.server import Fault
from tests.province import Province, events, row, rows, rss, story

WHO = "quan-tri"


@pytest.fixture
async def hub(province: Province) -> AsyncIterator[Hub]:
    province.source("tin", rss(story(1), story(2)))
    province.route(province.destination())
    async with province.open(chance=lambda: 0.9) as hub:
        yield hub


async def test_a_paused_source_is_not_asked_and_a_resumed_one_at_once(province: Province, hub: Hub) -> None:
    await pause(hub.engine, "source", "tin", who=WHO, why="bảo trì")
    await hub.once(everything=True)
    assert province.site.asked == []
    await resume(hub.engine, "source", "tin", who=WHO)
    await hub.once()
    assert len(province.site.asked) == 1
    assert (await events(hub))[:2] == ["source_paused", "source_active"]


async def test_work_for_a_paused_destination_waits_and_is_not_lost(province: Province, hub: Hub) -> None:
    await pause(hub.engine, "destination", "portal", who=WHO)
    await hub.once()
    assert province.portal.requests == []
    assert {d["state"] for d in await rows(hub, "delivery")} == {"ready"}
    await resume(hub.engine, "destination", "portal", who=WHO)
    await hub.once()
    assert len(province.portal.shown()) == 2


async def test_resuming_a_destination_gives_what_failed_there_all_its_patience_again(
    province: Province, hub: Hub
) -> None:
    province.portal.fail_next(Fault(status=500), Fault(status=500))
    await hub.once()
    assert moment((await rows(hub, "delivery"))[0]["due_at"]) - province.clock.now() > timedelta(seconds=1)
    await pause(hub.engine, "destination", "portal", who=WHO)
    province.clock.advance(days=8)
    await resume(hub.engine, "destination", "portal", who=WHO)
    province.portal.fail_next(Fault(status=500))
    await hub.once()
    assert "parked" not in {d["state"] for d in await rows(hub, "delivery")}


@pytest.mark.parametrize("endpoint", ["source", "destination"])
async def test_there_is_a_sentence_for_an_unknown_name(hub: Hub, endpoint: str) -> None:
    for decide in (pause, resume):
        with pytest.raises(DecisionRefusedError) as refused:
            await decide(hub.engine, endpoint, "khong-co", who=WHO)  # type: ignore[arg-type]
        assert "khong-co" in refused.value.sentence


async def test_what_was_refused_is_sent_again_when_a_person_frees_it(province: Province, hub: Hub) -> None:
    province.portal.fail_next(Fault(status=422), Fault(status=422))
    await hub.once()
    refused = [d["id"] for d in await rows(hub, "delivery", state="refused")]
    assert len(refused) == 2
    assert await free(hub.engine, refused[:1], who=WHO) == 1
    await hub.once()
    assert len(province.portal.shown()) == 1
    assert await free(hub.engine, who=WHO) == 1
    assert await free(hub.engine, who=WHO) == 0
    await hub.once()
    assert len(province.portal.shown()) == 2


async def test_a_replay_says_how_much_it_will_read_and_what_is_kept_no_more(province: Province, hub: Hub) -> None:
    await hub.once()
    province.site.serve("/tin.rss", rss(story(3)))
    await hub.once(everything=True)
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("DELETE FROM capture_body WHERE id = (SELECT min(id) FROM capture)")
    replayed = await replay(hub.engine, source="tin", who=WHO)
    assert (replayed.captures, replayed.without_body) == (1, 1)
    await hub.once()
    assert {c["state"] for c in await rows(hub, "capture")} == {"done"}
    assert await replay(hub.engine, source="khac", who=WHO) == type(replayed)(0, 0)
    assert (await row(hub, "event", what="replayed", source="tin"))["who"] == WHO
