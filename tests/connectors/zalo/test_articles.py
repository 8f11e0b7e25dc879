"""Articles: what one says, how it is changed and taken back, and which are ours."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Receipt
from connectors.destinations.zalo import Connector
from connectors.errors import (
    HubError,
    RejectedError,
)
from connectors.http import Http
from connectors.zaloarticles import article_of
from tests.connectors.zalo.desk import COVER, PAGE, config, deliver, desk, item, titles, withdrawal
from tests.fakes.server import Fault
from tests.fakes.zalo import ZaloAccount


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
