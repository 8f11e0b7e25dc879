"""A Facebook Page: one visible post for each item, whatever is lost on the way or shown late."""

import json
import random
from datetime import timedelta

import pytest

from connectors.errors import (
    TransientError,
    UnconfirmedError,
)
from connectors.http import Http
from connectors.pageposts import Step
from tests.clock import Clock
from tests.connectors.facebook.page import (
    LINK,
    LOST,
    connect,
    failing,
    gone,
    item,
    remembered,
    send,
    withdraw,
)
from tests.fakes.graph import Fault, Graph, Refusal
from tests.fakes.memory import FakeMemory


async def test_a_post_is_made_as_a_draft_and_its_id_is_kept_before_it_is_shown(page: Graph, http: Http) -> None:
    memory = FakeMemory()
    there = await send(connect(page, memory), http, item())
    assert page.calls == ["feed", "show"]
    assert [json.loads(value)["step"] for _, value in memory.remembered] == ["drafting", "draft", "shown"]
    assert json.loads(memory.remembered[1][1])["id"] == there
    (post,) = page.visible()
    assert (post.id, post.link) == (there, LINK)


async def test_a_lost_draft_is_made_again_and_readers_see_one_post(page: Graph, http: Http) -> None:
    connector = connect(page)
    page.fail_next(LOST)
    assert type(await failing(connector, http, item())) is UnconfirmedError
    assert await connector.find(http, connector.present(item())) is None
    await send(connector, http, item())
    assert len(page.visible()) == 1
    assert len(page.drafts()) == 1
    assert len(page.effects) == 1


async def test_an_unknown_showing_is_asked_again_not_made_again(page: Graph, http: Http) -> None:
    page.faults_at = ("show",)
    connector = connect(page)
    for fault in (Fault(reset=True), Fault(status=500), LOST):
        page.fail_next(fault)
        assert type(await failing(connector, http, item())) is UnconfirmedError
    found = await connector.find(http, connector.present(item()))
    assert found is not None
    assert found.revision == 1
    assert page.calls.count("feed") == 1
    assert len(page.posts) == 1


async def test_a_text_that_changed_while_its_draft_was_hidden_is_shown_new(page: Graph, http: Http) -> None:
    page.faults_at = ("show",)
    connector = connect(page)
    page.fail_next(Fault(reset=True))
    await failing(connector, http, item(1))
    await send(connector, http, item(2))
    (post,) = page.visible()
    assert "(bản 2)" in post.message
    assert [effect.message for effect in page.effects] == [post.message]


async def test_a_draft_that_the_page_dropped_is_made_again(page: Graph, http: Http) -> None:
    page.faults_at = ("show",)
    connector = connect(page)
    page.fail_next(Fault(reset=True))
    await failing(connector, http, item())
    page.posts.clear()
    await send(connector, http, item())
    assert len(page.visible()) == 1


async def test_withdrawing_deletes_a_draft_too(page: Graph, http: Http) -> None:
    page.faults_at = ("show",)
    connector = connect(page)
    page.fail_next(Fault(reset=True))
    await failing(connector, http, item())
    assert await withdraw(connector, http) == ""
    assert not page.posts
    assert not page.effects


async def test_without_drafts_a_lost_answer_is_looked_up_by_the_marker(page: Graph, http: Http) -> None:
    connector = connect(page, drafts=False)
    page.fail_next(LOST)
    assert type(await failing(connector, http, item())) is UnconfirmedError
    page.add("Một bài của cán bộ phụ trách trang")
    await send(connector, http, item(2))
    assert page.calls == ["feed", "list", "edit"]
    assert [post.message[:40] for post in page.visible() if not post.by_officer] == [
        "Lịch tiêm chủng tháng ba (bản 2)\n\nTại các"[:40]
    ]


async def test_a_list_that_lags_is_asked_twice_with_a_pause_before_anything_is_made(
    page: Graph, http: Http, clock: Clock
) -> None:
    connector = connect(page, drafts=False)
    page.lag = timedelta(seconds=90)
    page.fail_next(LOST)
    await failing(connector, http, item())
    for _ in range(3):
        error = await failing(connector, http, item())
        assert (type(error), error.code) == (TransientError, "facebook_not_seen")
    assert page.calls == ["feed", "list"], "nothing is asked within the pause"
    clock.advance(seconds=121)
    await send(connector, http, item())
    assert page.calls == ["feed", "list", "list", "edit"]
    assert len(page.posts) == 1


async def test_after_two_misses_the_post_is_made_again(page: Graph, http: Http, clock: Clock) -> None:
    connector = connect(page, drafts=False)
    page.fail_next(Fault(reset=True))
    await failing(connector, http, item())
    with pytest.raises(TransientError):
        await connector.find(http, connector.present(item()))
    clock.advance(seconds=121)
    assert await connector.find(http, connector.present(item())) is None
    await send(connector, http, item())
    assert len(page.posts) == 1


async def test_an_item_withdrawn_while_its_post_is_unknown_is_not_shown_in_the_end(
    page: Graph, http: Http, clock: Clock
) -> None:
    connector = connect(page, drafts=False)
    page.lag = timedelta(seconds=60)
    page.fail_next(LOST)
    await failing(connector, http, item())
    with pytest.raises(TransientError):
        await withdraw(connector, http)
    clock.advance(seconds=121)
    await withdraw(connector, http)
    assert not page.posts
    assert remembered(connector) is Step.GONE


async def test_a_refusal_leaves_nothing_to_look_for(page: Graph, http: Http) -> None:
    connector = connect(page, drafts=False)
    page.refuse_next(Refusal(code=32))
    await failing(connector, http, item())
    await send(connector, http, item())
    assert page.calls == ["feed", "feed"]


async def test_an_edit_reaches_the_post_that_is_there(page: Graph, http: Http) -> None:
    connector = connect(page)
    there = await send(connector, http, item(1))
    assert await send(connector, http, item(2), remote_id=there) == there
    (post,) = page.visible()
    assert "(bản 2)" in post.message
    assert page.calls == ["feed", "show", "edit"]


async def test_a_post_is_edited_by_its_id_where_the_memory_was_lost(page: Graph, http: Http) -> None:
    there = await send(connect(page), http, item(1))
    assert await send(connect(page), http, item(2), remote_id=there) == there
    assert len(page.posts) == 1


async def test_the_key_of_a_story_is_not_taken_for_the_id_of_a_post(page: Graph, http: Http) -> None:
    await send(connect(page), http, item(), remote_id="2026-03-02 lich tiem chung thang ba")
    assert page.calls == ["feed", "show"]


async def test_an_unknown_edit_is_found_by_its_text(page: Graph, http: Http) -> None:
    connector = connect(page)
    there = await send(connector, http, item(1))
    page.fail_next(Fault(reset=True))
    await failing(connector, http, item(2))
    found = await connector.find(http, connector.present(item(2)), remote_id=there)
    assert found is not None
    assert found.revision is None
    await send(connector, http, item(2), remote_id=there)
    found = await connector.find(http, connector.present(item(2)), remote_id=there)
    assert found is not None
    assert found.revision == 2


async def test_a_post_that_somebody_deleted_is_made_again_but_not_while_it_may_only_be_late(
    page: Graph, http: Http, clock: Clock
) -> None:
    connector = connect(page)
    there = await send(connector, http, item(1))
    page.refuse_next(Refusal(code=100, subcode=33, at="edit"))
    assert (await failing(connector, http, item(2))).code == "facebook_not_seen"
    assert len(page.posts) == 1
    clock.advance(hours=1)
    del page.posts[there]
    assert await send(connector, http, item(2), remote_id=there) != there
    assert len(page.visible()) == 1


async def test_a_post_that_stands_under_another_id_is_taken_over(page: Graph, http: Http, clock: Clock) -> None:
    connector = connect(page)
    there = await send(connector, http, item(1))
    clock.advance(hours=1)
    del page.posts[there]
    other = page.add(f"Bài cũ {LINK}", by_officer=False)
    assert await send(connector, http, item(2)) == other.id
    assert len(page.visible()) == 1


async def test_deleting_what_is_not_there_is_done_and_deleting_again_asks_nothing(page: Graph, http: Http) -> None:
    connector = connect(page)
    there = await send(connector, http, item())
    page.posts.clear()
    assert await withdraw(connector, http, remote_id=there) == "already gone"
    page.calls.clear()
    assert await withdraw(connector, http) == "already gone"
    assert page.calls == []


async def test_an_item_published_again_after_its_withdrawal_gets_a_new_post(page: Graph, http: Http) -> None:
    connector = connect(page)
    there = await send(connector, http, item(1))
    await withdraw(connector, http, 2, remote_id=there)
    assert await send(connector, http, item(3), remote_id=there) != there
    assert len(page.visible()) == 1


async def test_a_new_post_in_doubt_is_looked_for_though_the_old_one_is_remembered(page: Graph, http: Http) -> None:
    connector = connect(page, drafts=False)
    old = await send(connector, http, item(1))
    await withdraw(connector, http, 2, remote_id=old)
    page.fail_next(LOST)
    with pytest.raises(UnconfirmedError):
        await send(connector, http, item(3), remote_id=old)
    found = await connector.find(http, connector.present(gone(4)), remote_id=old)
    assert found is not None
    assert found.remote_id == page.visible()[0].id != old
    await withdraw(connector, http, 4, remote_id=old)
    assert not page.visible()


async def test_a_withdrawal_without_any_memory_looks_for_the_marker(page: Graph, http: Http) -> None:
    await send(connect(page), http, item())
    await withdraw(connect(page), http)
    assert not page.visible()


@pytest.mark.parametrize("drafts", [True, False])
@pytest.mark.parametrize("seed", range(6))
async def test_whatever_is_lost_readers_see_one_post_and_the_newest_text_in_the_end(
    page: Graph, http: Http, clock: Clock, seed: int, drafts: bool
) -> None:
    """Edits and withdrawals of one item, a third of the calls lost before or after they took effect, a lagging list."""
    chance = random.Random(seed)
    memory = FakeMemory()
    connector = connect(page, memory, drafts=drafts)
    page.lag, remote_id = timedelta(seconds=60), ""
    for revision in range(1, 31):
        shown = chance.random() < 0.8
        payload = connector.present(item(revision) if shown else gone(revision))
        for attempt in range(60):
            if chance.random() < 0.5 and attempt < 50:
                page.fail_next(
                    chance.choice([LOST, Fault(reset=True), Fault(status=500), Fault(committed=True, html=True)])
                )
            if chance.random() < 0.1:
                connector = connect(page, memory, drafts=drafts)  # killed, and started anew
            try:
                found = await connector.find(http, payload, remote_id=remote_id) if attempt else None
                if shown and found is not None and found.revision == revision:
                    remote_id = found.remote_id
                    break
                call = connector.send if shown else connector.withdraw
                remote_id = (await call(http, payload, key="k", remote_id=remote_id)).remote_id
                break
            except (UnconfirmedError, TransientError):
                clock.advance(seconds=70)
            finally:
                page.faults.clear()
                assert len(page.visible()) <= 1
        else:
            raise AssertionError(f"seed {seed}: revision {revision} did not arrive")
        assert [f"(bản {revision})" in post.message for post in page.visible()] == ([True] if shown else [])
        clock.advance(minutes=chance.choice([0, 1, 30]))
