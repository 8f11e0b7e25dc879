"""Articles that are made in the background, and answers that never come."""

import asyncio
from uuid import UUID

import pytest

from connectors.base import Found
from connectors.errors import (
    TransientError,
    UnconfirmedError,
)
from connectors.http import Http
from connectors.presentation.link import marker
from tests.connectors.zalo.desk import ID, deliver, desk, find, item, titles, withdrawal
from tests.fakes.memory import FakeMemory
from tests.fakes.server import Fault
from tests.fakes.zalo import ZaloAccount, marks_of


async def test_an_edit_changes_the_article_and_a_withdrawal_removes_it(account: ZaloAccount, http: Http) -> None:
    at = desk(account)
    first = await deliver(at, http, item(1))
    second = await deliver(at, http, item(2), first.remote_id)
    assert (first.remote_id, titles(account)) == (second.remote_id, ["Tiêm chủng tháng ba (bản 2)"])
    await deliver(at, http, withdrawal(3), first.remote_id)
    assert account.articles == {}
    assert (await deliver(at, http, withdrawal(3), first.remote_id)).note == "already gone"
    await deliver(at, http, item(4), first.remote_id)
    assert titles(account) == ["Tiêm chủng tháng ba (bản 4)"]


async def test_an_article_that_somebody_removed_is_made_again_once(account: ZaloAccount, http: Http) -> None:
    at = desk(account)
    first = await deliver(at, http, item(1))
    del account.articles[first.remote_id]
    second = await deliver(at, http, item(2), first.remote_id)
    assert second.remote_id != first.remote_id
    assert titles(account) == ["Tiêm chủng tháng ba (bản 2)"]


async def test_what_zalo_works_on_is_asked_about_until_it_is_done(account: ZaloAccount, http: Http) -> None:
    account.slow = 3
    await deliver(desk(account), http, item())
    assert account.calls == ["create", *["verify"] * 4, "update", *["verify"] * 4]
    assert len(account.visible()) == 1


async def test_what_zalo_works_on_for_long_is_asked_about_by_the_next_look_and_never_made_again(
    account: ZaloAccount, http: Http
) -> None:
    at = desk(account, poll="2s")  # longer than `timeout`: asked once
    account.slow = 1_000
    with pytest.raises(UnconfirmedError) as caught:
        await deliver(at, http, item())
    assert caught.value.code == "zalo_processing"
    for call in (find(at, http, item()), deliver(at, http, item()), deliver(at, http, withdrawal())):
        with pytest.raises(TransientError) as waiting:
            await call
        assert waiting.value.code == "zalo_processing"
    for job in account.jobs.values():
        job.left = 1
    account.slow = 0
    with pytest.raises(TransientError):
        await find(at, http, item())
    assert await find(at, http, item()) is None  # there, and hidden
    await deliver(at, http, item())
    assert account.calls.count("create") == 1
    assert len(account.articles) == 1
    assert titles(account) == ["Tiêm chủng tháng ba (bản 1)"]


async def test_showing_that_takes_long_is_found_when_it_is_done(account: ZaloAccount, http: Http) -> None:
    at = desk(account, poll="2s")  # longer than `timeout`: asked once
    first = await deliver(at, http, item(1))
    account.slow = 1_000
    with pytest.raises(UnconfirmedError):
        await deliver(at, http, item(2), first.remote_id)
    list(account.jobs.values())[-1].left = 1
    with pytest.raises(TransientError):
        await find(at, http, item(2), first.remote_id)
    assert await find(at, http, item(2), first.remote_id) == Found(remote_id=first.remote_id, revision=2)


@pytest.mark.parametrize("committed", [True, False])
async def test_a_lost_answer_leaves_at_worst_a_hidden_article_that_is_then_shown(
    account: ZaloAccount, http: Http, committed: bool
) -> None:
    at = desk(account)
    for _ in range(12):
        account.by_hand()
    account.fail_next(Fault(committed=committed, reset=True))
    with pytest.raises(UnconfirmedError):
        await deliver(at, http, item(1))
    assert len(account.visible()) == 12
    assert await find(at, http, item(1)) is None
    await deliver(at, http, item(1))
    ours = [one for one in account.articles.values() if marker(ID) in marks_of(one)]
    assert [one.fields["status"] for one in ours] == ["show"]


async def test_a_hidden_article_is_found_on_a_later_page_of_the_list(account: ZaloAccount, http: Http) -> None:
    at = desk(account)
    account.fail_next(Fault(committed=True, reset=True))
    with pytest.raises(UnconfirmedError):
        await deliver(at, http, item(1))
    for _ in range(25):
        account.by_hand()
    await deliver(at, http, item(1))
    assert len(account.articles) == 26


async def test_without_a_memory_an_article_is_found_by_its_link(account: ZaloAccount, http: Http) -> None:
    await deliver(desk(account), http, item(1))
    at = desk(account, refresh_token=account.refresh)
    found = await find(at, http, item(1))
    assert found is not None
    assert found.revision == 1
    await deliver(at, http, item(2), found.remote_id)
    assert len(account.articles) == 1


async def test_the_id_alone_is_enough_and_the_key_of_a_story_is_none(account: ZaloAccount, http: Http) -> None:
    first = await deliver(desk(account), http, item(1))
    at = desk(account, refresh_token=account.refresh)
    await deliver(at, http, item(2), first.remote_id)
    assert titles(account) == ["Tiêm chủng tháng ba (bản 2)"]
    other = item(1, content_id=UUID(int=9))
    payload = at.present(other)
    await at.send(http, payload, key="k", remote_id=payload.key)
    assert len(account.articles) == 2


async def test_an_article_that_others_changed_is_not_what_we_sent(account: ZaloAccount, http: Http) -> None:
    at = desk(account)
    first = await deliver(at, http, item(1))
    account.articles[first.remote_id].fields["description"] = "Sửa tay"
    assert await find(at, http, item(1)) == Found(remote_id=first.remote_id, revision=None)


async def test_two_workers_make_one_article(account: ZaloAccount, http: Http) -> None:
    memory = FakeMemory()
    await asyncio.gather(*(deliver(desk(account, memory), http, item(1)) for _ in range(2)))
    assert len(account.articles) == 1
    assert account.renewals == 1
