"""What pages say about how their site can be read."""

import pytest

from connectors.discovery.clues import ANCHORS_LIMIT, KEPT, Clues, is_same_site, read_clues
from connectors.discovery.ranking import kind_of
from connectors.discovery.sniff import Body, what_is
from schemas.item import Kind

HOME = "https://soyte.tinhmau.gov.vn/"


def clues(body: str, url: str = HOME) -> Clues:
    found = read_clues(f"<html><body>{body}</body></html>".encode(), url=url, content_type="text/html; charset=utf-8")
    assert found is not None
    return found


def test_feeds_that_the_head_names_are_taken_with_their_titles_and_comments_are_not() -> None:
    found = clues(
        '<link rel="alternate" type="application/rss+xml" title="Tin tức" href="/feed/">'
        '<link rel="ALTERNATE" type="application/atom+xml; charset=utf-8" href="atom.xml">'
        '<link rel="alternate" type="application/rss+xml" href="/comments/feed/">'
        '<link rel="alternate" hreflang="en" href="/en/"><link rel="stylesheet" type="text/css" href="/rss.css">'
        '<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">'
    )
    assert [(p.url, p.text) for p in found.alternates] == [(f"{HOME}feed/", "Tin tức"), (f"{HOME}atom.xml", "")]


@pytest.mark.parametrize(
    "href",
    ["/rss", "/rss/", "/Pages/rss.aspx?ItemID=5", "/tin-tuc.rss", "/rss/tintuc.xml", "/feed", "/?feed=rss2",
     "/atom.xml", "/DesktopModules/TinTuc/rss.ashx?tabid=1", "/Rss.aspx?cm=1", "/tin/feed.json", "/news.rdf"],
)  # fmt: skip
def test_addresses_that_speak_of_feeds_are_known(href: str) -> None:
    assert [p.url for p in clues(f'<a href="{href}">Tin</a>').feed_links] == [HOME.rstrip("/") + href]


@pytest.mark.parametrize("href", ["/feedback", "/phan-hoi/feedback.html", "/tin-tuc", "/crossword", "/gia-su-rsso"])
def test_addresses_that_only_look_so_are_not(href: str) -> None:
    assert clues(f'<a href="{href}">Góp ý</a>').feed_links == ()


def test_a_feed_link_without_words_of_its_own_is_called_by_its_line() -> None:
    found = clues('<ul><li>Thông báo <a href="/kenh/2"><img alt="RSS" src="/rss.gif"></a></li></ul>')
    assert [(p.url, p.text) for p in found.feed_links] == [(f"{HOME}kenh/2", "Thông báo")]


def test_the_menu_leads_to_the_news_best_first() -> None:
    found = clues(
        '<a href="/thong-bao">Thông báo</a><a href="/gioi-thieu">Giới thiệu</a><a href="/hoat-dong">Tin hoạt động</a>'
        '<a href="/tin-tuc">TIN TỨC - SỰ KIỆN</a><a href="/">Tin tức</a><a href="https://khac.vn/t">Tin tức</a>'
        '<a href="/bai-1">Tin tức sự kiện nổi bật trong tuần của Sở Y tế và các đơn vị trực thuộc</a>'
    )
    assert [p.url.removeprefix(HOME) for p in found.news_pages] == ["tin-tuc", "hoat-dong", "thong-bao"]
    assert found.heading == "Tin tức"


@pytest.mark.parametrize(
    ("markup", "product"),
    [
        ('<meta name="generator" content="WordPress 6.6">', "WordPress"),
        ('<div data-drupal-selector="x">', "Drupal"),
        ('<a href="/web/guest/-/asset_publisher/aB3dE6gH/content/tin">', "Liferay"),
        ('<img src="/_layouts/15/images/x.gif">', "SharePoint"),
        ('<div id="dnn_ctr412_ContentPane">', "DNN"),
        ('<a href="https://storage-vnportal.vnpt.vn/tinhmau/a.pdf">', "VNPT Portal"),
        ("<p>Liferay, WordPress và Drupal là ba phần mềm.</p>", ""),
    ],
)
def test_products_are_known_by_their_marks(markup: str, product: str) -> None:
    found = clues(markup).product
    assert (found.name if found else "") == product


def test_parts_of_a_liferay_page_that_have_a_feed_each_are_named_once() -> None:
    page = (
        "<a href='/-/asset_publisher/aB3dE6gH/x'></a>" * 3 + "<i id='p_p_id_x_AssetPublisherPortlet_INSTANCE_zz99yy_'>"
    )
    assert clues(page).instances == ("aB3dE6gH", "zz99yy")


def test_too_many_clues_are_counted_and_not_kept() -> None:
    found = clues("".join(f'<a href="/rss/{n}">RSS</a>' for n in range(2 * ANCHORS_LIMIT)))
    assert len(found.feed_links) == KEPT


def test_what_is_no_page_or_has_too_many_elements_says_nothing() -> None:
    assert read_clues(b"%PDF-1.4", url=HOME) is None
    assert read_clues(b"<html>" + b"<b>" * 200_000, url=HOME) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://www.tinhmau.gov.vn/a", "https://tinhmau.gov.vn/", True),
        ("https://rss.tinhmau.gov.vn/a", "https://tinhmau.gov.vn/", True),
        ("https://tinhmau.gov.vn/a", "https://soyte.tinhmau.gov.vn/", True),
        ("https://gov.vn/a", "https://tinhmau.gov.vn/", False),
        ("https://xtinhmau.gov.vn/", "https://tinhmau.gov.vn/", False),
    ],
)
def test_a_site_is_its_host_with_what_stands_below_and_above(one: str, other: str, same: bool) -> None:
    assert is_same_site(one, other) is same


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Tin tức - Sự kiện", Kind.NEWS), ("Thông báo", Kind.NOTICE), ("thong-bao.rss", Kind.NOTICE),
        ("Văn bản chỉ đạo điều hành", Kind.DOCUMENT), ("Thủ tục hành chính", Kind.PROCEDURE), ("Hỏi - đáp", Kind.NEWS),
        ("Hỏi đáp", Kind.QUESTION), ("", Kind.NEWS),
    ],
)  # fmt: skip
def test_the_kind_of_a_source_follows_from_its_name(name: str, kind: Kind) -> None:
    assert kind_of(name) is kind


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'\n <?xml version="1.0"?><!-- <html> --><rss version="2.0">', Body.FEED),
        ('<?xml version="1.0"?><feed xmlns="x">'.encode("utf-16"), Body.FEED),
        (b'<rdf:RDF xmlns="x">', Body.FEED),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', Body.FEED),
        (
            b'{"items": [], "x": "' + b"a" * 20_000 + b'", "version": "https:\\/\\/jsonfeed.org\\/version\\/1"}',
            Body.FEED,
        ),
        (b'{"version": 1}', Body.OTHER),
        (b'<urlset xmlns="x">', Body.SITEMAP),
        (b"<sitemapindex>", Body.SITEMAP_INDEX),
        (b"<!doctype html><html><body><rss>", Body.PAGE),
        (b"<div>", Body.PAGE),
        (b"%PDF-1.4", Body.OTHER),
        (b"", Body.OTHER),
    ],
)
def test_what_a_body_is_shows_at_its_beginning(body: bytes, kind: Body) -> None:
    assert what_is(body) is kind


def test_a_list_of_feeds_names_those_of_the_site() -> None:
    body = (
        '<?xml version="1.0"?><opml version="2.0"><head><title>Kênh tin</title></head><body>'
        '<outline text="Sở Y tế"><outline type="rss" text="Tin tức" xmlUrl="/rss/tin-tuc.rss"/>'
        '<outline type="rss" text="Báo khác" xmlUrl="https://bao.vn/rss"/></outline></body></opml>'
    ).encode()
    assert what_is(body) is Body.PAGE
    found = read_clues(body, url=HOME)
    assert found is not None
    assert [(p.url, p.text, p.feed) for p in found.feed_links] == [(f"{HOME}rss/tin-tuc.rss", "Tin tức", True)]
    assert read_clues(b"<opml><body><outline", url=HOME) in (None, Clues())


def test_comments_that_never_end_cost_nothing() -> None:
    assert what_is(b"<!--" * 2_000 + b"<rss version='2.0'>") is Body.OTHER
    assert what_is(b"<!-- <html> --><rss version='2.0'>") is Body.FEED
