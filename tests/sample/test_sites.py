"""The member sites as a visitor meets them: every product has a home page, lists with paging, articles and files."""

import io
import re
import zipfile
from collections.abc import AsyncIterator
from datetime import datetime
from urllib.parse import urljoin
from xml.etree import ElementTree

import aiohttp
import pytest
from lxml import html as lxml_html

from hub.sample.province import Province, SampleMember, load_province
from hub.sample.sites import Sites
from hub.sample.world import HANOI, World

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=HANOI)
PROVINCE = load_province()
#: the first well member of each manner
FIRST = {member.manner: member for member in reversed(PROVINCE.members) if not member.sick}
#: draws its lists by a script
LISTLESS = "static"


class Visitor:
    """Opens pages as a browser would."""

    def __init__(self, sites: Sites, session: aiohttp.ClientSession) -> None:
        self.sites = sites
        self.session = session

    async def open(self, url: str) -> tuple[int, str, bytes]:
        async with self.session.get(url) as answer:
            return answer.status, answer.content_type, await answer.read()

    async def page(self, url: str) -> lxml_html.HtmlElement:
        status, kind, body = await self.open(url)
        assert (status, kind) == (200, "text/html"), url
        page = lxml_html.document_fromstring(body.decode())
        page.make_links_absolute(url)
        return page

    def home(self, member: SampleMember) -> str:
        return self.sites.base(member) + "/"


@pytest.fixture
def sample_province() -> Province:
    return PROVINCE


@pytest.fixture
async def visitor(sample_province: Province) -> AsyncIterator[Visitor]:
    world = World(sample_province, seed=2026, clock=lambda: NOON)
    async with Sites(world) as sites, aiohttp.ClientSession() as session:
        yield Visitor(sites, session)


def article_links(page: lxml_html.HtmlElement) -> list[str]:
    """Addresses with the number of a story."""
    links = (str(link) for link in page.xpath("//a/@href"))
    return list(dict.fromkeys(link for link in links if re.search(r"\d{6}", link)))


@pytest.mark.parametrize("name", sorted(FIRST))
async def test_a_product_shows_home_lists_and_articles_that_lead_on(visitor: Visitor, name: str) -> None:
    member = FIRST[name]
    home = await visitor.page(visitor.home(member))
    assert member.name in home.text_content()
    if name == LISTLESS:
        return
    heading = next(a for a in home.iter("a") if "Tin tức - Sự kiện" in a.text_content())
    listing = await visitor.page(heading.get("href"))
    links = article_links(listing)
    assert len(links) >= 8
    article = await visitor.page(links[0])
    assert len(article.xpath("//h1")) == 1
    assert "2026" in article.text_content() or "/26" in article.text_content()
    for link in links[1:]:
        status, kind, _ = await visitor.open(link)
        assert (status, kind) == (200, "text/html")


@pytest.mark.parametrize("name", sorted(set(FIRST) - {LISTLESS}))
async def test_a_second_list_page_shows_older_stories(visitor: Visitor, name: str) -> None:
    home = await visitor.page(visitor.home(FIRST[name]))
    first_url = next(a for a in home.iter("a") if "Tin tức - Sự kiện" in a.text_content()).get("href")
    first = await visitor.page(first_url)
    second_url = next(a for a in first.iter("a") if a.text_content().strip() == "2").get("href")
    second = await visitor.page(second_url)
    assert len(set(article_links(second)) - set(article_links(first))) >= 4


async def test_what_the_feeds_link_to_is_an_article_page(visitor: Visitor) -> None:
    wordpress = visitor.sites.base(FIRST["wordpress"])
    _, kind, body = await visitor.open(f"{wordpress}/category/tin-tuc/feed/")
    assert kind == "application/rss+xml"
    for item in ElementTree.fromstring(body).iter("item"):
        page = await visitor.page(item.findtext("link") or "")
        assert item.findtext("title") in page.text_content()


async def test_attachments_are_files_of_their_kind(visitor: Visitor) -> None:
    found: dict[str, bytes] = {}
    for name in ("sharepoint", "legacy", "inhouse", "vnpt"):
        home = await visitor.page(visitor.home(FIRST[name]))
        for link in article_links(home):
            for file in (await visitor.page(link)).xpath("//a[contains(@href, '.pdf') or contains(@href, '.docx')]"):
                status, kind, body = await visitor.open(file.get("href"))
                assert status == 200
                found[kind] = body
    assert found["application/pdf"].startswith(b"%PDF")
    [docx] = [body for kind, body in found.items() if kind.endswith("document")]
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        assert package.testzip() is None
        assert b"<w:t>" in package.read("word/document.xml")


async def test_robots_txt_stands_at_the_root_and_names_the_sitemap(visitor: Visitor) -> None:
    base = visitor.sites.base(FIRST["static"])
    status, kind, body = await visitor.open(urljoin(base, "/robots.txt"))
    assert (status, kind) == (200, "text/plain")
    assert f"Sitemap: {base}/sitemap.xml" in body.decode()
    _, _, sitemap = await visitor.open(f"{base}/sitemap.xml")
    locations = [node.text or "" for node in ElementTree.fromstring(sitemap).iter() if node.tag.endswith("}loc")]
    assert len(locations) >= 12
    assert (await visitor.page(locations[0])).xpath("//article")


async def test_interfaces_page_through_everything_once(visitor: Visitor) -> None:
    wordpress, drupal = (visitor.sites.base(FIRST[name]) for name in ("wordpress", "drupal"))
    seen: list[int] = []
    for page in range(1, 10):
        async with visitor.session.get(f"{wordpress}/wp-json/wp/v2/posts?per_page=10&page={page}") as answer:
            seen += [post["id"] for post in await answer.json()]
            if page == int(answer.headers["X-WP-TotalPages"]):
                assert len(seen) == len(set(seen)) == int(answer.headers["X-WP-Total"])
                break
    nodes: list[str] = []
    url = f"{drupal}/jsonapi/node/article?page[limit]=5"
    while url:
        async with visitor.session.get(url) as answer:
            document = await answer.json(content_type="application/vnd.api+json")
        nodes += [node["id"] for node in document["data"]]
        url = document["links"].get("next", {}).get("href", "")
    assert len(nodes) == len(set(nodes)) >= 12


async def test_a_page_of_another_member_or_of_nobody_is_not_found(visitor: Visitor) -> None:
    base = visitor.sites.base(FIRST["inhouse"])
    for path in (
        "/ChiTietTin.aspx?id=100000",
        "/khong-co",
        "/tep/999999999.pdf",
        "/DanhSachTin.aspx?cm=tin-tuc&trang=99",
    ):
        assert (await visitor.open(base + path))[0] == 404
