"""Pages for people: what they show, how withdrawals answer, and that they can be read by everybody."""

import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from lxml import html

import hub.web.files
from hub.store.publishing import Shelves
from hub.web import lists, pages
from hub.web.site import SITE
from schemas.edition import WithdrawalKind
from schemas.item import Attachment, Author, Document, Notice
from tests.web.press import Press, id_of, news

Client = TestClient[web.Request, web.Application]


async def page(client: Client, path: str, status: int = 200) -> html.HtmlElement:
    async with client.get(path, allow_redirects=False) as response:
        assert response.status == status
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"
        return html.document_fromstring(await response.text())


def text(node: html.HtmlElement) -> str:
    return " ".join(node.text_content().split())


# One item


async def test_an_item_shows_who_when_and_where_it_comes_from(client: Client, press: Press) -> None:
    await press.publish(
        news(
            "a", title="Tiêm chủng <mở rộng> & an toàn", content_html='<p onclick="x()">Nội <b>dung</b></p>',
            published=datetime(2026, 3, 1, 23, 5, tzinfo=UTC), updated=datetime(2026, 3, 2, 0, 0, tzinfo=UTC),
            authors=(Author(name="Lê Minh"),), tags=("Y tế/Dự phòng",), url="https://soyte.example.vn/tin/1?a=1&b=2",
            attachments=(
                Attachment(url="https://soyte.example.vn/tep/K%E1%BA%BF%20ho%E1%BA%A1ch.pdf", length=1_834_000),
                Attachment(url="https://soyte.example.vn/tai.aspx?id=3", title="Biểu mẫu", type="application/msword"),
            ),
        )
    )  # fmt: skip
    shown = await page(client, f"/items/{id_of('a')}")
    said = text(shown.find(".//main"))
    assert shown.findtext(".//h1") == "Tiêm chủng <mở rộng> & an toàn"
    for words in ("Sở Y tế", "Đăng 02/03/2026 06:05", "Cập nhật 02/03/2026 07:00", "Lê Minh",
                  "Kế hoạch.pdf PDF, 1,7 MB", "Biểu mẫu application/msword"):  # fmt: skip
        assert words in said, words
    links = {link.text_content().strip(): link.get("href") for link in shown.iter("a")}
    assert links["Xem bài gốc tại soyte.example.vn"] == "https://soyte.example.vn/tin/1?a=1&b=2"
    assert links["Y tế/Dự phòng"] == "/?tag=Y%20t%E1%BA%BF%2FD%E1%BB%B1%20ph%C3%B2ng"
    content = shown.find_class("content")[0]
    assert html.tostring(content[0], encoding="unicode").strip() == "<p>Nội <b>dung</b></p>"
    assert text(await page(client, links["Y tế/Dự phòng"])).count("Tiêm chủng") == 1


async def test_what_a_careless_connector_stored_is_not_shown(client: Client, press: Press) -> None:
    await press.publish(
        news("a", content_html='<script>alert(1)</script><a href="javascript:alert(2)">x</a>',
             url="javascript:alert(3)", image="data:text/html,alert(4)", summary="<img src=x onerror=alert(5)>")
    )  # fmt: skip
    for path in (f"/items/{id_of('a')}", "/"):
        shown = await page(client, path)
        assert shown.findall(".//script") == []
        assert [a.get("href") for a in shown.iter("a") if "script" in (a.get("href") or "")] == []
        assert shown.findall(".//main//img") == []


async def test_an_item_of_few_words_shows_its_summary_and_picture(client: Client, press: Press) -> None:
    await press.publish(news("a", summary="Chỉ có tóm tắt.", image="https://soyte.example.vn/a.jpg", language="en"))
    shown = await page(client, f"/items/{id_of('a')}")
    assert text(shown.find_class("content")[0]) == "Chỉ có tóm tắt."
    assert [img.get("src") for img in shown.findall(".//main//img")] == ["https://soyte.example.vn/a.jpg"]
    assert shown.find(".//article").get("lang") == "en"


# Withdrawn


async def test_each_kind_of_withdrawal_answers_in_its_own_way(client: Client, press: Press) -> None:
    await press.publish(*(news(name) for name in ("notice", "gone", "redirect", "unsafe", "vanish")))
    await press.withdraw("notice", WithdrawalKind.NOTICE, reason="Bài đăng nhầm <số liệu>.")
    await press.withdraw("gone", WithdrawalKind.GONE, reason="Lý do nội bộ")
    await press.withdraw("redirect", WithdrawalKind.REDIRECT, redirect_to="https://soyte.example.vn/moi?a=1&b=2")
    await press.withdraw("unsafe", WithdrawalKind.REDIRECT, redirect_to="javascript:alert(1)")
    await press.withdraw("vanish", WithdrawalKind.VANISH, reason="Chuyện riêng")
    notice = text(await page(client, f"/items/{id_of('notice')}", 410))
    assert "Nội dung này đã được gỡ" in notice
    assert "Bài đăng nhầm <số liệu>." in notice
    assert "Gỡ lúc 02/03/2026 08:00" in notice
    assert "Tin notice" not in notice
    assert "nội bộ" not in text(await page(client, f"/items/{id_of('gone')}", 410))
    async with client.get(f"/items/{id_of('redirect')}", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (301, "https://soyte.example.vn/moi?a=1&b=2")
        assert response.headers["Cache-Control"] == "public, max-age=60"
    assert "alert" not in text(await page(client, f"/items/{id_of('unsafe')}", 410))
    async with client.get(f"/items/{id_of('vanish')}") as vanished, client.get(f"/items/{uuid4()}") as unknown:
        assert vanished.status == unknown.status == 404
        assert await vanished.read() == await unknown.read()


# The list


async def test_the_front_page_shows_what_is_new_and_where_to_subscribe(client: Client, press: Press) -> None:
    await press.publish(news("a", published=datetime(2026, 3, 1, 0, 30, tzinfo=UTC), summary="Tóm tắt"), news("gone"))
    await press.publish(Document(guid="b", title="Quyết định 12"), source="xa-ha-lieu-tin")
    await press.withdraw("gone")
    shown = await page(client, "/")
    said = text(shown.find(".//main"))
    assert [text(heading) for heading in shown.findall(".//li/h2")] == ["Quyết định 12", "Tin a"]
    assert "Xã Hạ Liễu" in said
    assert "01/03/2026 07:30" in said
    for path in ("all", "kind/news", "kind/document", "member/H52.12", "member/H52.30"):
        for ending in ("atom", "rss", "json"):
            assert shown.xpath(f"//aside//a[@href='/feeds/{path}.{ending}']"), path
    assert not shown.xpath("//a[contains(@href, 'kind/procedure')]")
    heads = {link.get("type"): link.get("href") for link in shown.findall(".//head/link[@rel='alternate']")}
    assert heads == {
        "application/atom+xml": "/feeds/all.atom", "application/rss+xml": "/feeds/all.rss",
        "application/feed+json": "/feeds/all.json",
    }  # fmt: skip


async def test_a_part_of_the_list_names_itself_and_its_own_feeds(client: Client, press: Press) -> None:
    await press.publish(news("a"))
    await press.publish(Notice(guid="b", title="Mời thầu"), source="xa-ha-lieu-tin")
    shown = await page(client, "/?member=H52.30")
    assert shown.findtext(".//h1") == "Xã Hạ Liễu"
    assert shown.findtext(".//title") == "Xã Hạ Liễu – Tỉnh Mẫu"
    assert [text(heading) for heading in shown.findall(".//li/h2")] == ["Mời thầu"]
    assert shown.findall(".//head/link[@rel='alternate']")[0].get("href") == "/feeds/member/H52.30.atom"


async def test_older_pages_follow_until_the_last(client: Client, press: Press) -> None:
    await press.publish(*(news(f"n{n}", tags=("x",)) for n in range(lists.LIST_PAGE + 5)))
    first = await page(client, "/?tag=x")
    [older] = first.xpath("//a[@rel='next']/@href")
    await press.publish(news("n0", title="Đã sửa", tags=("x",)))
    second = await page(client, older)
    seen = [link.get("href") for shown in (first, second) for link in shown.findall(".//li/h2/a")]
    assert len(seen) == len(set(seen)) == lists.LIST_PAGE + 5
    assert second.xpath("//a[@rel='next']") == []
    assert second.xpath("//meta[@name='robots']/@content") == ["noindex, follow"]


async def test_an_empty_hub_says_what_will_come(client: Client) -> None:
    shown = await page(client, "/")
    assert "Chưa có nội dung nào được công khai" in text(shown)


# For everybody


async def test_every_page_can_be_used_without_eyes_or_mouse(client: Client, press: Press) -> None:
    await press.publish(news("a", attachments=(Attachment(url="https://x.vn/a.pdf"),)), news("gone"))
    await press.withdraw("gone")
    for path, status in (("/", 200), (f"/items/{id_of('a')}", 200), (f"/items/{id_of('gone')}", 410), ("/khong", 404)):
        shown = await page(client, path, status)
        assert shown.get("lang") == "vi"
        assert len(shown.findall(".//h1")) == 1
        assert shown.xpath("//body/a[1][@class='skip']/@href") == ["#noi-dung"]
        assert shown.xpath("//main/@id") == ["noi-dung"]
        assert shown.xpath("//img[not(@alt)]") == []
        assert shown.xpath("//script | //style | //*[@style] | //*[starts-with(name(@*), 'on')]") == []
        ids = shown.xpath("//@id")
        assert len(ids) == len(set(ids))
        for named in shown.xpath("//@aria-labelledby"):
            assert named in ids
        labels = [link.get("aria-label") or text(link) for link in shown.iter("a")]
        assert all(labels)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_all_text_colours_reach_wcag_aa(scheme: int) -> None:
    sheet = (Path(hub.web.files.__file__).with_name("static") / "hub.css").read_text("utf-8")
    block = re.findall(r":root\s*\{(.*?)\}", sheet, re.DOTALL)[scheme]
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", block))
    for ink in ("ink", "soft", "accent"):
        for ground in ("ground", "sheet", "tint"):
            lighter, darker = sorted((_luminance(colours[ink]), _luminance(colours[ground])), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (ink, ground)


async def test_every_status_has_words_of_its_own_or_those_of_its_class(client: Client) -> None:
    site = client.app[SITE]  # type: ignore[union-attr]
    assert b"Trang n\xc3\xa0y ch\xe1\xbb\x89" in (pages.problem(site, 405).body or b"")  # type: ignore[operator]
    assert pages.problem(site, 418).body == pages.problem(site, 404).body
    assert pages.problem(site, 502).body == pages.problem(site, 500).body


@pytest.mark.parametrize(
    ("length", "said"), [(None, ""), (0, ""), (900, "900 byte"), (48_300, "47 KB"), (1_834_000, "1,7 MB")]
)
def test_sizes_are_said_with_a_decimal_comma(length: int | None, said: str) -> None:
    assert pages.file_size(length).replace("\u00a0", " ") == said


async def test_a_nameless_hub_still_has_a_title(client: Client) -> None:
    site = client.app[SITE]  # type: ignore[union-attr]
    nameless = type(site)(engine=site.engine, name="", base="")
    shelves = Shelves(kinds=[], members=[])
    listing = pages.Listing(part="all", name="", label="", items=[], shelves=shelves, further=False, older="")
    assert html.document_fromstring(pages.listing(nameless, listing)).findtext(".//title") == "Cổng tổng hợp thông tin"
