"""A place that shows an article when it has time: what it has taken counts, though the question for it was refused."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from hub.commands.withdraw import withdraw
from tests.connectors.zalo.desk import COVER, SECRET
from tests.fakes.server import Fault
from tests.fakes.zalo import APP_ID, FIRST_REFRESH, ZaloAccount
from tests.province import Province, row
from tests.stages.sending import WHO, delivery, send, show

NAME = "zalo"


@pytest.fixture
async def account(province: Province) -> AsyncIterator[ZaloAccount]:
    async with ZaloAccount(SECRET, province.clock.now, faults_at=("verify",)) as account:
        province._top["hub"]["secret_key"] = "khoa-ma-hoa-cua-bai-thu-nghiem-0001"
        province.source("tin")
        province._add(
            "destination", name=NAME, connector="zalo", app_id=APP_ID, app_secret=SECRET, refresh_token=FIRST_REFRESH,
            cover=COVER, base_url=account.origin, oauth_url=f"{account.origin}/v4/oa/access_token", poll="1ms",
            allow_private=[str(account.allowance)], timeout="5s", rate="500/s",
        )  # fmt: skip
        province.route(NAME)
        yield account


async def test_an_article_that_is_being_shown_is_removed_though_the_account_had_no_time_to_say_so(
    province: Province, account: ZaloAccount
) -> None:
    async with province.open() as hub:
        await show(province, hub, 1)
        account.slow = 1
        account.fail_next(*[Fault(committed=True)] * 2, Fault(status=429, retry_after="60"))  # made, and then shown
        await send(hub, NAME)
        assert (await delivery(hub))["error_code"] == "throttled"
        assert account.visible() == [], "the account is still at it"
        identity = UUID((await row(hub, "item"))["content_id"])
        await withdraw(hub.engine, identity, who=WHO)
        for job in account.jobs.values():
            job.left, account.slow = 0, 0
            account._finish(job)
        assert len(account.visible()) == 1
        for _ in range(4):
            province.clock.advance(minutes=2)
            await send(hub, NAME)
        assert (await delivery(hub))["state"] == "done"
        assert account.visible() == []
