"""What an item is as an article of any content system, and what a delivery of several calls may take."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.cms.article import ARTICLE, Article, article_of, digest_of, is_withdrawn, mapped, with_addresses
from connectors.destinations.wordpress import Config, Connector
from connectors.errors import UnconfirmedError
from connectors.http import Http
from connectors.parse.html import clean
from schemas.edition import WithdrawalKind
from schemas.item import Author, Kind
from tests.connectors.cmsdesk import ID, attached, deliver, item, with_picture, withdrawal
from tests.connectors.conftest import AGENT
from tests.fakes.cmsportals import USERNAME
from tests.fakes.wordpress import WordPressSite


def made(**fields: Any) -> Article:
    return article_of(item(1, **fields), items_url="https://hub.example.vn/items", source_line=True, pictures=True,
                      inline=True)  # fmt: skip


def test_files_stand_at_the_end_with_names_and_sizes() -> None:
    html = made(attachments=(attached(), attached().model_copy(update={"title": "", "length": None}))).html
    assert '<a href="https://syt.example.vn/tep/lich.pdf">Lịch &lt;tiêm&gt;</a> (1,2 MB)</li>' in html
    assert '<a href="https://syt.example.vn/tep/lich.pdf">lich.pdf</a></li>' in html
    assert html.index("Tệp đính kèm") < html.index("Nguồn:")


def test_documents_and_procedures_lead_to_the_page_that_says_more() -> None:
    for kind, leads in ((Kind.NEWS, False), (Kind.DOCUMENT, True), (Kind.PROCEDURE, True)):
        assert (f'href="https://hub.example.vn/items/{ID}"' in made(kind=kind).html) == leads


def test_the_source_line_names_agency_and_authors() -> None:
    html = made(authors=(Author(name="Lê <b>Văn</b> Mẫu"),), member_name="Sở & ban").html
    assert html.endswith(
        '<p>Nguồn: <a href="https://syt.example.vn/tin/12">Sở &amp; ban</a>. Tác giả: Lê &lt;b&gt;Văn&lt;/b&gt; Mẫu</p>'
    )


def test_an_item_without_a_text_shows_its_summary() -> None:
    assert made(content_html="").html.startswith("<p>Các trạm y tế mở cửa cả thứ bảy.</p>")


def test_what_we_add_is_safe_to_show() -> None:
    html = made(attachments=(attached(),), kind=Kind.PROCEDURE).html
    # The sanitiser adds what it wants of links, and takes nothing away.
    assert clean(html).replace(' rel="noopener noreferrer nofollow"', "") == html


def test_pictures_of_the_text_get_other_addresses_and_nothing_else_does() -> None:
    article = made(
        content_html='<p>a="https://x.vn/1.jpg?a=1&amp;b=2" <img alt="A" src="https://x.vn/1.jpg?a=1&amp;b=2"></p>'
    )
    assert article.inline == ("https://x.vn/1.jpg?a=1&b=2",)
    changed = with_addresses(article.html, {"https://x.vn/1.jpg?a=1&b=2": "/tep/anh-1.jpg?x=1&y=2"})
    assert 'src="/tep/anh-1.jpg?x=1&amp;y=2"' in changed
    assert 'a="https://x.vn/1.jpg?a=1&amp;b=2" <img' in changed
    assert digest_of(changed) == digest_of(article.html)


@given(st.text(max_size=200))
def test_no_text_of_a_member_is_taken_for_a_notice(text: str) -> None:
    for html in (clean(text), clean(f'<p class="hub-withdrawn">{text}</p>')):
        assert not is_withdrawn(html)


@pytest.mark.parametrize("kind", WithdrawalKind)
def test_a_notice_quotes_nothing_that_could_act(kind: WithdrawalKind) -> None:
    desk = Connector("a", Config(url="https://a.vn", username="a", password="b"))
    gone = withdrawal(2, kind, reason="<script>alert(1)</script>", redirect_to='https://a.vn/"onclick="x')
    article = ARTICLE.validate_json(desk.present(gone, last=item()).body)
    assert is_withdrawn(article.html)
    assert "<script" not in article.html
    assert '"onclick' not in article.html


def test_tables_go_by_tag_member_and_kind_whatever_their_case() -> None:
    article = made(tags=("Y Tế", "Lạ"), member="H52.12")
    assert mapped(article, {"y te": 1, "h52.12": 2, "NEWS": 3, "khác": 4}) == [1, 2, 3]
    assert mapped(article, {"y te": 1, "news": 1}) == [1]
    assert mapped(article, {"khác": 4}, [9]) == [9]
    assert mapped(article, {}) == []


@given(st.text(max_size=80), st.uuids())
def test_an_article_is_read_as_it_was_written(title: str, content_id: UUID) -> None:
    title = title.encode("utf-8", "ignore").decode()
    article = Article(content_id=content_id, revision=1, title=title, withdrawal=WithdrawalKind.GONE, tags=("a",))
    assert ARTICLE.validate_json(ARTICLE.dump_json(article)) == article


async def test_a_picture_that_takes_too_long_is_left_out() -> None:
    async with WordPressSite("mat-khau") as site, Http(user_agent=AGENT, allow_private=site.doors) as http:
        desk = portal(site)
        site.picture = asyncio.Event()
        receipt = await deliver(desk, http, with_picture(site))
        assert receipt.note == "without 1 of its pictures"
        assert site.shown() == {str(ID): 1}


async def test_a_delivery_of_several_slow_calls_ends_before_its_lease() -> None:
    async with WordPressSite("mat-khau") as site, Http(user_agent=AGENT, allow_private=site.doors) as http:
        site.add(slug=f"hub-{ID.hex}")
        site.add(slug=f"hub-{ID.hex}-2")
        site.delay = 0.3
        with pytest.raises(UnconfirmedError) as caught:
            await deliver(portal(site), http, item(), "99")
        assert caught.value.code == "timeout"
        assert len(site.asked) >= 3  # each of them was in time


def portal(site: WordPressSite) -> Connector:
    config = {"url": site.origin, "username": USERNAME, "password": "mat-khau", "timeout": 0.5}
    return Connector("a", Config.model_validate(config))
