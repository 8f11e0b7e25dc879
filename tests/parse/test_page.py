"""Whole articles out of detail pages: pairs of a page, as products in use write them, and what is read from it."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Normalised, SourceContext
from connectors.errors import RejectedError
from connectors.parse.html import clean
from connectors.parse.item import make_item
from connectors.parse.pages.page import PageConfig, complete, read_page
from schemas.item import Attachment, Author, ItemBase, Kind, News

PAGES = Path(__file__).parent / "pages"
URL = "https://sonoivu.example.gov.vn/tin-tuc/chi-tiet"
NOW = datetime.fromisoformat("2026-11-22T10:00:00+07:00")
CONTEXT = SourceContext(name="so-noi-vu", kind=Kind.NEWS, url="https://sonoivu.example.gov.vn/rss")


def read(html: str | bytes, *, url: str = URL, now: datetime = NOW, **config: Any) -> Normalised:
    body = html if isinstance(html, bytes) else html.encode()
    entry = read_page(
        body, url=url, content_type="text/html; charset=utf-8", config=PageConfig(**config), context=CONTEXT, now=now
    )  # fmt: skip
    return make_item(entry, CONTEXT, base=url, pointer="page")


def page(body: str, head: str = "") -> str:
    return f"<!DOCTYPE html><html><head><title>Tin</title>{head}</head><body>{body}</body></html>"


CODES = {"not_html", "no_article", "no_text", "block_page", "login_page", "captcha_page", "error_page"}


def outcome(html: str | bytes) -> ItemBase | str:
    """The item, or the code of the refusal."""
    try:
        return read(html).item
    except RejectedError as refused:
        return refused.code


PROSE = "".join(
    f"<p>Đoạn {number} của bài viết nói về công tác phòng, chống thiên tai, cứu nạn và khắc phục hậu quả bão.</p>"
    for number in range(1, 6)
)


@pytest.mark.parametrize("expected", sorted(PAGES.glob("*.expected.json")), ids=lambda path: path.name.split(".")[0])
def test_a_page_gives_its_article(expected: Path) -> None:
    wanted = json.loads(expected.read_text("utf-8"))
    html = expected.with_name(expected.name.replace(".expected.json", ".html")).read_bytes()
    made = read(html, **wanted.pop("config", {}))
    item = made.item
    got = {
        "title": item.title,
        "url": item.url,
        "summary": item.summary,
        "published": item.published.isoformat() if item.published else None,
        "updated": item.updated.isoformat() if item.updated else None,
        "authors": [one.name for one in item.authors],
        "image": item.image,
        "attachments": [[one.url, one.title] for one in item.attachments],
    }
    shows, leaves_out = wanted.pop("shows"), wanted.pop("leaves_out")
    assert {key: got[key] for key in wanted} == wanted
    assert [text for text in shows if text not in item.content_html] == []
    assert [text for text in leaves_out if text in item.content_html] == []
    assert clean(item.content_html) == item.content_html


# ------------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("code", "body"),
    [
        ("not_html", b"%PDF-1.7 \xff\xfe binary"),
        ("not_html", b'{"html": "no"}'),
        ("not_html", b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>'),
        ("not_html", b""),
        ("too_large", b"<html>" + b" " * (8 * 1024 * 1024)),
        ("too_large", page("<p>Một hai ba.</p>" * 100_001).encode()),
        ("no_article", page("<div id='app'></div>" + "<a href='/x'>Trang</a> " * 20).encode()),
        ("no_article", page("".join(f"<div><h3><a href='/{n}'>Tin số {n} trong ngày hôm nay</a></h3>"
                                    f"<p>Tóm tắt của tin số {n}, gồm vài chữ.</p></div>" for n in range(9))).encode()),
    ],
)  # fmt: skip
def test_what_is_no_article_is_refused_by_name(code: str, body: bytes) -> None:
    with pytest.raises(RejectedError) as refused:
        read(body)
    assert refused.value.code == code
    assert "sonoivu.example.gov.vn" in refused.value.sentence


def test_a_firewall_is_not_an_article() -> None:
    with pytest.raises(RejectedError) as refused:
        read(page("<h1>Access denied</h1><p>Your request was blocked. Support ID is 123.</p>"))
    assert refused.value.code == "block_page"


# --------------------------------------------------------------------------------------------------- hostile pages


@pytest.mark.parametrize("opened", ["<div>", "<b>", "<table><tr><td>", "<font><i>", "<ul><li>"])
def test_ten_thousand_open_tags_lose_no_text(opened: str) -> None:
    item = read(page(f"<h1>Bài viết trong cùng của trang</h1>{opened * 10_000}{PROSE}")).item
    assert "Đoạn 5 của bài viết" in item.content_html


def test_one_tag_with_a_hundred_thousand_attributes_is_read_at_once() -> None:
    attributes = " ".join(f"data-{number}='v'" for number in range(100_000))
    assert "Đoạn 5" in read(page(f"<div {attributes}>{PROSE}</div>")).item.content_html


def test_eight_megabytes_of_text_are_read() -> None:
    item = read(page(f"<h1>Phụ lục rất dài của quyết định</h1><div>{PROSE}<p>{'a ' * 3_900_000}</p></div>")).item
    assert "Đoạn 1 của bài viết" in item.content_html


def test_what_runs_or_leads_into_a_script_is_gone() -> None:
    evil = (
        "<p onclick='x()'>Một đoạn văn dài hơn, có dấu phẩy, có đủ chữ.</p><script>alert(1)</script>"
        "<a href='javascript:alert(1)'>bấm vào đây</a><a href='/tai-ve/x.pdf'>Tệp kèm theo văn bản</a>"
        "<a href='javascript:x.pdf'>Tệp</a><img src=x onerror=alert(1)><svg onload=alert(1)></svg>"
    )
    item = read(page(f"<h1>Bài có mã độc bên trong</h1><div>{PROSE}{evil}{PROSE}</div>")).item
    for forbidden in ("<script", "javascript:", "onerror", "onclick", "<svg", "alert"):
        assert forbidden not in item.content_html
    assert [one.url for one in item.attachments] == ["https://sonoivu.example.gov.vn/tai-ve/x.pdf"]


def test_what_the_head_claims_is_plain_text() -> None:
    head = (
        '<meta property="og:title" content="&lt;script&gt;alert(1)&lt;/script&gt; Tin trong ngày">'
        '<meta property="og:image" content="javascript:alert(1)"><link rel="canonical" href="javascript:alert(1)">'
        '<script type="application/ld+json">{"@type":"Article","author":{"name":"<b>Lan</b><script>x"},'
        '"datePublished":{"a":["b"]},"image":[[{"url":5}]]}</script>'
        '<script type="application/ld+json">' + "[" * 50_000 + "</script>"
    )
    item = read(page(f"<div>{PROSE}</div>", head)).item
    assert "<" not in item.title + item.summary + "".join(one.name for one in item.authors)
    assert (item.image, item.url) == ("", URL)


@given(st.recursive(
    st.text(alphabet="aă ,.<>&\"'=/1", max_size=40),
    lambda inner: st.builds(
        lambda tag, name, parts: f"<{tag} class={name} href=/a.pdf>{''.join(parts)}</{tag}>",
        st.sampled_from(["div", "p", "td", "table", "tr", "a", "ul", "li", "h1", "time", "iframe", "noscript", "img"]),
        st.sampled_from(["content", "related", "date", "author", "share", "x"]),
        st.lists(inner, max_size=5),
    ),
    max_leaves=40,
))  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_any_markup_gives_a_clean_item_or_is_refused_by_name(markup: str) -> None:
    result = outcome(page(markup + PROSE[:200]))
    if isinstance(result, str):
        assert result in CODES
    else:
        assert clean(result.content_html) == result.content_html
        assert all(one.url.startswith("https://") for one in result.attachments)


@given(st.binary(max_size=2_000))
@settings(max_examples=60, deadline=None)
def test_any_bytes_give_an_item_or_are_refused_by_name(body: bytes) -> None:
    result = outcome(b"<html><body>" + body)
    assert not isinstance(result, str) or result in CODES


# ---------------------------------------------------------------------------------------- teaser and whole article

TEASER = News(guid="g1", url=URL, title="Hội nghị trực tuyến toàn quốc về", summary="Tóm tắt của nguồn.", language="vi")


def whole(**more: Any) -> Any:
    entry = read_page(
        page("<h1>Hội nghị trực tuyến toàn quốc về chuyển đổi số</h1>"
             "<div class='date'>Ngày đăng: 19/11/2026 08:00</div>"
             f"<div class='content'>{PROSE}<p><a href='/a.pdf?utm_source=x'>Kế hoạch</a></p></div>"
             f"<p>Tác giả: Lê Thu Hà</p>").encode(),
        url=URL, content_type="text/html", config=PageConfig(), context=CONTEXT, now=NOW,
    )  # fmt: skip
    entry.update(more)  # type: ignore[typeddict-item]
    return entry


def completed(item: News, *remarks: str, **more: Any) -> Normalised:
    return complete(Normalised(item=item, remarks=remarks), whole(**more), CONTEXT, url=URL)


def test_the_page_gives_the_text_and_what_the_teaser_does_not_say() -> None:
    made = completed(TEASER).item
    assert "Đoạn 5 của bài viết" in made.content_html
    assert made.published == datetime.fromisoformat("2026-11-19T08:00:00+07:00")
    assert [one.name for one in made.authors] == ["Lê Thu Hà"]
    assert (made.guid, made.title, made.summary) == (TEASER.guid, TEASER.title, TEASER.summary)


def test_what_the_source_said_stays() -> None:
    said = TEASER.model_copy(update={
        "published": datetime.fromisoformat("2026-11-18T07:00:00+07:00"), "authors": (Author(name="Toà soạn"),),
        "image": "https://sonoivu.example.gov.vn/anh.jpg", "language": "en",
    })  # fmt: skip
    made = completed(said).item
    assert (made.published, made.authors, made.image, made.language) == (
        said.published, said.authors, said.image, said.language,
    )  # fmt: skip


@pytest.mark.parametrize("ending", ["…", "..."])
def test_a_title_that_was_cut_short_is_continued(ending: str) -> None:
    made = completed(TEASER.model_copy(update={"title": TEASER.title + ending}))
    assert made.item.title == "Hội nghị trực tuyến toàn quốc về chuyển đổi số"


def test_a_cut_title_of_another_article_stays() -> None:
    assert completed(TEASER.model_copy(update={"title": "Tin khác…"})).item.title == "Tin khác…"


@pytest.mark.parametrize("remark", ["title_from_text", "title_from_address", "title_cut"])
def test_a_made_title_gives_way_to_that_of_the_page(remark: str) -> None:
    made = completed(TEASER.model_copy(update={"title": "chi tiet"}), remark)
    assert (made.item.title, made.remarks) == ("Hội nghị trực tuyến toàn quốc về chuyển đổi số", ())


def test_a_refused_date_is_mended_by_the_page() -> None:
    made = completed(TEASER, "date_refused")
    assert made.item.published is not None
    assert made.remarks == ()


def test_files_are_united_by_their_address() -> None:
    said = TEASER.model_copy(update={"attachments": (
        Attachment(url="http://www.sonoivu.example.gov.vn/a.pdf", length=9), Attachment(url="https://b.example.vn/b.zip"),
    )})  # fmt: skip
    files = completed(said).item.attachments
    assert [(one.url, one.title, one.length) for one in files] == [
        ("http://www.sonoivu.example.gov.vn/a.pdf", "Kế hoạch", 9), ("https://b.example.vn/b.zip", "", None),
    ]  # fmt: skip
