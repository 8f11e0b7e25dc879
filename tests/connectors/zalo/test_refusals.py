"""Answers of 200 that mean no, waits that end by the clock, and followers who are told once."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import (
    BlockedError,
    HubError,
    RejectedError,
    ThrottledError,
    TransientError,
    UnconfirmedError,
)
from connectors.http import Http
from connectors.zaloapi import Means, Row, Until, is_night, rows, seconds_until
from connectors.zaloarticles import Article
from tests.clock import Clock
from tests.connectors.zalo.desk import COVER, PAGE, deliver, desk, find, item, withdrawal
from tests.fakes.server import Fault
from tests.fakes.zalo import ZaloAccount


async def test_followers_are_told_of_a_new_article_once(account: ZaloAccount, http: Http) -> None:
    at = desk(account, broadcast=True)
    first = await deliver(at, http, item(1))
    assert first.note == "followers told"
    for revision in (2, 3):
        assert (await deliver(at, http, item(revision), first.remote_id)).note == ""
    await deliver(at, http, withdrawal(4), first.remote_id)
    await deliver(at, http, item(5))
    assert account.told == [first.remote_id]


async def test_nobody_is_told_unless_the_settings_say_so(account: ZaloAccount, http: Http) -> None:
    await deliver(desk(account), http, item())
    assert account.told == []


async def test_at_night_an_article_appears_and_nobody_is_woken_then_or_later(
    account: ZaloAccount, http: Http, clock: Clock
) -> None:
    at = desk(account, broadcast=True)
    clock.advance(hours=14, minutes=30)  # 22:30
    assert (await deliver(at, http, item(1))).note == "followers not told: night"
    clock.advance(hours=12)
    await deliver(at, http, item(2))
    assert (account.told, len(account.visible())) == ([], 1)


@pytest.mark.parametrize(("code", "why"), [(-211, "throttled"), (-224, "zalo_package"), (-230, "zalo_not_following")])
async def test_a_broadcast_that_is_refused_leaves_the_article_as_delivered(
    account: ZaloAccount, http: Http, code: int, why: str
) -> None:
    account.refuse = {"message": code}
    receipt = await deliver(desk(account, broadcast=True), http, item())
    assert (receipt.note, len(account.visible())) == (f"followers not told: {why}", 1)


async def test_a_broadcast_without_an_answer_is_not_made_again(account: ZaloAccount, http: Http) -> None:
    at = desk(account, broadcast=True)
    account.faults_at = ("message",)
    account.fail_next(Fault(committed=True, reset=True))
    assert (await deliver(at, http, item(1))).note == "followers told, no answer"
    await deliver(at, http, item(2))
    assert len(account.told) == 1


CLASSES = {
    Means.TOKEN: BlockedError, Means.WAIT: ThrottledError, Means.BLOCKED: BlockedError, Means.REJECTED: RejectedError,
    Means.PROCESSING: TransientError,
}  # fmt: skip
LISTED = {
    -32, -200, -201, -204, -205, -209, -210, -211, -212, -213, -214, -216, -219, -220, -221, -223, -224, -230, -232,
    -233, -234, -240, -242, -248,
}  # fmt: skip


@pytest.mark.parametrize("row", rows().values(), ids=lambda row: str(row.code))
async def test_each_row_of_the_table_has_its_outcome(account: ZaloAccount, http: Http, clock: Clock, row: Row) -> None:
    account.refuse = {"create": row.code}
    at = desk(account)
    with pytest.raises(HubError) as caught:
        await deliver(at, http, item())
    error = caught.value
    assert (type(error), error.code, error.sentence) == (CLASSES[row.means], row.name, row.sentence)
    assert account.articles == {}
    if isinstance(error, ThrottledError):
        assert row.until is not None
        assert error.retry_after == seconds_until(row.until, clock.now())
    account.refuse = {}
    account.calls.clear()
    await deliver(at, http, item())  # nothing happened, so there is nothing to look for
    assert account.calls == ["create", "verify", "update", "verify"]


def test_every_known_code_has_a_row() -> None:
    assert set(rows()) == LISTED


@pytest.mark.parametrize(
    ("hour", "minute", "until", "seconds"),
    [
        (8, 0, Until.MINUTE, 60), (8, 0, Until.MIDNIGHT, 16 * 3_600), (0, 0, Until.MIDNIGHT, 24 * 3_600),
        (23, 30, Until.MORNING, 6.5 * 3_600), (5, 0, Until.MORNING, 3_600), (6, 0, Until.MORNING, 24 * 3_600),
    ],
)  # fmt: skip
def test_waits_end_by_the_clock_of_vietnam(hour: int, minute: int, until: Until, seconds: float) -> None:
    now = datetime(2026, 3, 2, hour, minute, tzinfo=UTC) - timedelta(hours=7)
    assert seconds_until(until, now) == seconds


@pytest.mark.parametrize(("hour", "night"), [(5, True), (6, False), (12, False), (21, False), (22, True), (0, True)])
def test_the_night_is_from_ten_to_six(hour: int, night: bool) -> None:
    assert is_night(datetime(2026, 3, 2, hour, 30, tzinfo=UTC) - timedelta(hours=7)) is night


async def test_a_code_that_nobody_listed_is_looked_for(account: ZaloAccount, http: Http) -> None:
    at = desk(account)
    account.refuse = {"create": -999}
    with pytest.raises(UnconfirmedError):
        await deliver(at, http, item())
    account.refuse = {}
    assert await find(at, http, item()) is None
    account.refuse = {"getslice": -999}
    with pytest.raises(TransientError):
        await at.holdings(http, {})


async def test_a_told_wait_while_zalo_works_is_told_on_and_the_token_kept(account: ZaloAccount, http: Http) -> None:
    at = desk(account)
    account.refuse = {"verify": -32}
    with pytest.raises(ThrottledError):
        await deliver(at, http, item())
    account.refuse = {}
    await deliver(at, http, item())
    assert (account.calls.count("create"), len(account.articles)) == (1, 1)


async def test_a_withdrawn_item_has_nothing_to_send(account: ZaloAccount, http: Http) -> None:
    at = desk(account)
    with pytest.raises(RejectedError):
        await at.send(http, at.present(withdrawal()), key="k")


def test_the_fields_of_a_bare_article_have_no_picture_of_its_own() -> None:
    blocks = ({"type": "image", "url": "https://syt.vn/b.jpg"}, {"type": "text", "content": "x"})
    article = Article(title="t", description="d", author="a", link=PAGE, blocks=blocks, picture="https://syt.vn/a.jpg")
    fields = article.fields(COVER, shown=True, comments=True, bare=True)
    assert (fields["cover"]["photo_url"], fields["body"]) == (COVER, [{"type": "text", "content": "x"}])
    assert (fields["status"], fields["comment"]) == ("show", "show")
