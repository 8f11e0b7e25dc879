"""Tokens that are good for one use."""

import logging
from datetime import timedelta

import pytest

from connectors.errors import (
    BlockedError,
    HubError,
    TransientError,
)
from connectors.http import Http
from tests.clock import Clock
from tests.connectors.zalo.desk import SECRET, config, deliver, desk, item, titles
from tests.fakes.memory import FakeMemory
from tests.fakes.server import Fault
from tests.fakes.zalo import FIRST_REFRESH, ZaloAccount


async def test_a_pair_is_kept_as_a_secret_before_it_is_used(account: ZaloAccount, http: Http) -> None:
    memory = FakeMemory()
    account.refuse = dict.fromkeys(("create",), -204)
    with pytest.raises(BlockedError):
        await deliver(desk(account, memory), http, item())
    assert memory.secret == {"token"}
    assert memory.remembered[1][0] == "token"  # after the intent to make an article, before any call about one
    assert "refresh-1" in memory.values["token"]


async def test_each_renewal_uses_the_token_that_the_last_one_gave(
    account: ZaloAccount, http: Http, clock: Clock
) -> None:
    memory = FakeMemory()
    for revision in range(1, 5):
        await deliver(desk(account, memory), http, item(revision))
        clock.advance(hours=26)
    assert (account.renewals, account.spent_again) == (4, 0)


@pytest.mark.parametrize("code", [-216, -220])
async def test_a_token_that_ended_early_is_renewed_once_and_the_call_made_again(
    account: ZaloAccount, http: Http, code: int
) -> None:
    at = desk(account)
    await deliver(at, http, item(1))
    if code == -216:
        account.access.clear()
    else:
        account.end_tokens()
    await deliver(at, http, item(2))
    assert (account.renewals, titles(account)) == (2, ["Tiêm chủng tháng ba (bản 2)"])


@pytest.mark.parametrize("code", [-216, -220])
async def test_a_new_token_that_is_refused_too_pauses_the_account(account: ZaloAccount, http: Http, code: int) -> None:
    account.refuse = {"create": code}
    with pytest.raises(BlockedError) as caught:
        await deliver(desk(account), http, item())
    assert (caught.value.code, account.renewals) == ("zalo_token", 2)


async def test_a_refresh_token_that_was_used_elsewhere_pauses_the_account_until_a_new_one_is_set(
    account: ZaloAccount, http: Http
) -> None:
    memory = FakeMemory()
    account.refresh = "dung-o-noi-khac"
    with pytest.raises(BlockedError) as caught:
        await deliver(desk(account, memory), http, item())
    assert caught.value.code == "zalo_login"
    await deliver(desk(account, memory, refresh_token="dung-o-noi-khac"), http, item())
    assert len(account.visible()) == 1


async def test_a_new_refresh_token_in_the_settings_takes_the_place_of_what_is_remembered(
    account: ZaloAccount, http: Http
) -> None:
    memory = FakeMemory()
    await deliver(desk(account, memory), http, item(1))
    account.access.clear()
    account.refresh = "cap-lai"
    await deliver(desk(account, memory, refresh_token="cap-lai"), http, item(2))
    await deliver(desk(account, memory, refresh_token="cap-lai"), http, item(3))
    assert (account.spent_again, titles(account)) == (0, ["Tiêm chủng tháng ba (bản 3)"])


@pytest.mark.parametrize("fault", [Fault(reset=True), Fault(status=502), Fault(html=True), Fault(hang=True)])
async def test_a_renewal_without_an_answer_is_no_doubt_about_an_article(
    account: ZaloAccount, http: Http, fault: Fault
) -> None:
    account.faults_at = ("renewal",)
    account.fail_next(fault)
    with pytest.raises(TransientError) as caught:
        await deliver(desk(account, timeout="200ms"), http, item())
    assert caught.value.code == "zalo_login_unclear"
    assert account.articles == {}


async def test_the_end_of_the_refresh_token_is_known(account: ZaloAccount, http: Http, clock: Clock) -> None:
    at = desk(account)
    assert await at.expires() is None
    await deliver(at, http, item())
    assert await at.expires() == clock.now() + timedelta(days=90)


async def test_reading_what_is_there_keeps_the_refresh_token_alive(
    account: ZaloAccount, http: Http, clock: Clock
) -> None:
    at = desk(account)
    for _ in range(100):
        await at.holdings(http, {})
        clock.advance(days=1)
    assert (account.renewals, account.spent_again) == (50, 0)  # every other day: a token is good for 25 hours


async def test_secrets_stand_in_no_error_or_log(
    account: ZaloAccount, http: Http, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    printed = [repr(config()), repr(vars(desk(account)))]
    account.refresh = "khac"
    for code in (0, -216, -201):
        account.refuse = {"create": code} if code else {}
        with pytest.raises(HubError) as caught:
            await deliver(desk(account), http, item())
        account.refresh = FIRST_REFRESH
        printed += [str(caught.value), repr(caught.value), caught.value.sentence, repr(caught.value.__cause__)]
    everything = "".join([*printed, caplog.text])
    for secret in (SECRET, FIRST_REFRESH, "access-1", "refresh-1"):
        assert secret not in everything
