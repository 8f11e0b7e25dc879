"""Articles that are made in the background, tokens that are good for one use, and answers of 200 that mean no."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Found, Receipt
from connectors.destinations.zalo import Config, Connector
from connectors.errors import (
    BlockedError,
    HubError,
    RejectedError,
    ThrottledError,
    TransientError,
    UnconfirmedError,
)
from connectors.http import Http
from connectors.presentation.link import marker
from connectors.zaloapi import Means, Row, Until, is_night, rows, seconds_until
from connectors.zaloarticles import Article, article_of
from schemas.edition import PublishedItem, Withdrawal
from schemas.item import Kind
from tests.clock import Clock
from tests.connectors.conftest import AGENT
from tests.fakes.memory import FakeMemory
from tests.fakes.server import Fault
from tests.fakes.zalo import APP_ID, FIRST_REFRESH, ZaloAccount, marks_of

SECRET = "Khoa-Ung-Dung-Zalo"
ID = UUID("5f0c8a54-6a3c-5d0b-9f0e-3a4b5c6d7e8f")
PAGE = f"https://tinh-mau.vn/tin/{ID}"
COVER = "https://tinh-mau.vn/bieu-trung.png"


@pytest.fixture
async def account(clock: Clock) -> AsyncIterator[ZaloAccount]:
    async with ZaloAccount(SECRET, clock.now) as account:
        yield account


@pytest.fixture
async def http(account: ZaloAccount, clock: Clock) -> AsyncIterator[Http]:
    async with Http(user_agent=AGENT, allow_private=account.doors, clock=clock.now) as http:
        yield http


def config(origin: str = "http://127.0.0.1:9", **keys: Any) -> Config:
    fields = {
        "app_id": APP_ID, "app_secret": SECRET, "refresh_token": FIRST_REFRESH, "base_url": origin, "cover": COVER,
        "oauth_url": f"{origin}/v4/oa/access_token", "link": "https://tinh-mau.vn/tin/{content_id}", "timeout": "1s",
        "poll": "10ms",
    }  # fmt: skip
    return Config.model_validate(fields | keys)


def desk(account: ZaloAccount, memory: FakeMemory | None = None, **keys: Any) -> Connector:
    made = Connector("oa-tinh", config(account.origin, **keys))
    made.memory = memory or FakeMemory()
    return made


def item(revision: int = 1, **fields: Any) -> PublishedItem:
    return PublishedItem.model_validate(
        {
            "content_id": ID, "revision": revision, "kind": Kind.NEWS, "title": f"Tiêm chủng tháng ba (bản {revision})",
            "summary": "Trạm y tế mở cửa cả thứ bảy.", "content_html": "<p>Trạm y tế phường <b>Kim Long</b></p>",
            "member": "H52.12", "member_name": "Sở Y tế", "source": "so-y-te",
            "published": datetime(2026, 3, 2, 1, tzinfo=UTC),
        } | fields
    )  # fmt: skip


def withdrawal(revision: int = 9) -> Withdrawal:
    return Withdrawal(content_id=ID, revision=revision, at=datetime(2026, 3, 3, 20, tzinfo=UTC))


async def deliver(at: Connector, http: Http, what: PublishedItem | Withdrawal, remote_id: str = "") -> Receipt:
    payload = at.present(what)
    call = at.withdraw if isinstance(what, Withdrawal) else at.send
    return await call(http, payload, key=f"{ID}:{what.revision}", remote_id=remote_id)


async def find(at: Connector, http: Http, what: PublishedItem | Withdrawal, remote_id: str = "") -> Found | None:
    return await at.find(http, at.present(what), remote_id=remote_id)


def titles(account: ZaloAccount) -> list[str]:
    return [one.fields["title"] for one in account.visible()]


# ------------------------------------------------------------------------------------------------- what is shown


async def test_an_article_is_made_hidden_then_shown(account: ZaloAccount, http: Http) -> None:
    receipt = await deliver(desk(account), http, item())
    assert account.calls == ["create", "verify", "update", "verify"]
    [article] = account.visible()
    assert receipt == Receipt(remote_id=article.id, revision=1, status=200)
    fields = article.fields
    assert (fields["title"], fields["author"]) == ("Tiêm chủng tháng ba (bản 1)", "Sở Y tế")
    assert fields["description"] == "Trạm y tế mở cửa cả thứ bảy."
    assert fields["body"] == [
        {"type": "text", "content": "Trạm y tế phường Kim Long\nNguồn: Sở Y tế"},
        {"type": "text", "content": f"Xem chi tiết: {PAGE}"},
    ]
    assert (fields["cover"], fields["comment"]) == (
        {"cover_type": "photo", "photo_url": COVER, "status": "hide"}, "hide",
    )  # fmt: skip


async def test_pictures_stand_where_they_stood_and_the_first_is_the_cover(account: ZaloAccount, http: Http) -> None:
    html = '<p>Một</p><img src="https://syt.vn/a.jpg"><p>Hai</p><img src="https://syt.vn/b.jpg"><p>Ba</p>'
    await deliver(desk(account), http, item(content_html=html))
    fields = account.visible()[0].fields
    assert fields["cover"] == {"cover_type": "photo", "photo_url": "https://syt.vn/a.jpg", "status": "show"}
    assert [one.get("url") or one["content"].partition("\n")[0] for one in fields["body"]][:4] == [
        "Một", "Hai", "https://syt.vn/b.jpg", "Ba",
    ]  # fmt: skip


@pytest.mark.parametrize("slow", [0, 2])
async def test_an_article_whose_pictures_cannot_be_loaded_goes_without(
    account: ZaloAccount, http: Http, slow: int
) -> None:
    account.unloadable, account.slow = {"https://syt.vn/a.jpg"}, slow
    at = desk(account)
    receipt = await deliver(at, http, item(image="https://syt.vn/a.jpg"))
    assert receipt.note == "without its pictures"
    assert account.visible()[0].fields["cover"]["photo_url"] == COVER
    await deliver(at, http, item(2, image="https://syt.vn/a.jpg"), receipt.remote_id)
    assert (len(account.articles), titles(account)) == (1, ["Tiêm chủng tháng ba (bản 2)"])


async def test_a_picture_that_breaks_a_later_edition_is_left_out_of_it(account: ZaloAccount, http: Http) -> None:
    at = desk(account)
    await deliver(at, http, item(1))
    account.unloadable = {"https://syt.vn/a.jpg"}
    receipt = await deliver(at, http, item(2, image="https://syt.vn/a.jpg"))
    assert receipt.note == "without its pictures"
    assert titles(account) == ["Tiêm chủng tháng ba (bản 2)"]


async def test_a_default_picture_that_cannot_be_loaded_is_told(account: ZaloAccount, http: Http) -> None:
    account.unloadable = {COVER}
    with pytest.raises(RejectedError) as caught:
        await deliver(desk(account), http, item())
    assert caught.value.code == "zalo_media"
    assert "cover" in caught.value.sentence
    assert account.articles == {}


@given(title=st.text(min_size=1, max_size=400), summary=st.text(max_size=900), agency=st.text(min_size=1, max_size=90))
def test_whatever_a_source_says_stays_below_the_limits(title: str, summary: str, agency: str) -> None:
    at = Connector("oa", config())
    article = article_of(at.present(item(title=title, summary=summary, member_name=agency, content_html="")))
    assert article is not None
    assert len(article.title) < 150
    assert len(article.description) < 300
    assert 0 < len(article.author) < 50
    assert article.blocks[-1]["content"].endswith(PAGE)
    assert all(one.get("content") or one.get("url") for one in article.blocks)


def test_a_long_text_is_cut_and_the_preview_says_so() -> None:
    at = Connector("oa", config())
    face = at.face(at.present(item(content_html="<p>Lịch tiêm của trạm.</p>" * 3_000, title="Tiêm chủng " * 20)))
    assert face.notes == [
        "Đã rút gọn tiêu đề cho vừa độ dài.", "Đã rút gọn nội dung cho vừa độ dài.",
        "Mục tin không có ảnh nên bài dùng ảnh đại diện mặc định.",
    ]  # fmt: skip
    assert 29_000 < len(face.text) < 31_000
    assert (face.images, face.text.endswith(f"Xem chi tiết: {PAGE}")) == ((COVER,), True)
    assert at.face(at.present(withdrawal())).notes == ("Bài trên tài khoản Zalo sẽ bị xoá.",)


# --------------------------------------------------------------------------------------- edits, withdrawals, doubts


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


# --------------------------------------------------------------------------------------------------- comparison


async def test_only_our_articles_that_followers_see_are_compared(account: ZaloAccount, http: Http) -> None:
    at = desk(account)
    await deliver(at, http, item(1))
    other = item(1, content_id=UUID(int=9), title="Lịch họp hội đồng nhân dân tỉnh")
    account.fail_next(Fault(committed=True), Fault(status=403))
    with pytest.raises(HubError):
        await at.send(http, at.present(other), key="k")
    for _ in range(20):
        account.by_hand()
    held, cursor, more = [], {}, True
    while more:
        page = await at.holdings(http, cursor)
        held, cursor, more = [*held, *page.held], dict(page.cursor), page.more
        assert page.whole
    [one] = held
    assert (one.key, one.title) == ("2026-03-02 tiem chung thang ba ban 1", "Tiêm chủng tháng ba (bản 1)")
    assert at.differences(item(1), one) == ()
    [difference] = at.differences(item(2), one)
    assert difference.ours != difference.theirs


async def test_a_second_article_with_our_marker_is_nobodys(account: ZaloAccount, http: Http) -> None:
    at = desk(account)
    first = await deliver(at, http, item(1))
    copy = account.by_hand(**account.articles[first.remote_id].fields)
    page = await at.holdings(http, {})
    assert [one.key for one in page.held] == [copy.id, "2026-03-02 tiem chung thang ba ban 1"]


# ------------------------------------------------------------------------------------------------------- tokens


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


# ------------------------------------------------------------------------------------------------------ broadcast


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


# ------------------------------------------------------------------------------------------------------- refusals

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
