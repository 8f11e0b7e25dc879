"""The sitemap: every live public item once, in pages of bounded size."""

from aiohttp import web
from aiohttp.test_utils import TestClient
from lxml import etree

from hub.web import sitemap
from tests.web.conftest import BASE
from tests.web.press import Press, id_of, news

Client = TestClient[web.Request, web.Application]
SPACE = f"{{{sitemap.SPACE}}}"


async def tree(client: Client, path: str) -> etree._Element:
    async with client.get(path) as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "application/xml; charset=utf-8"
        return etree.fromstring(await response.read())


def addresses(root: etree._Element) -> list[str]:
    return [node.text or "" for node in root.iter(f"{SPACE}loc")]


async def test_a_small_hub_has_one_page_of_what_is_live(client: Client, press: Press) -> None:
    await press.publish(news("a"), news("gone"))
    await press.publish(news("held"), held=True)
    await press.withdraw("gone")
    root = await tree(client, "/sitemap.xml")
    assert root.tag == f"{SPACE}urlset"
    assert addresses(root) == [f"{BASE}/items/{id_of('a')}"]
    assert root.findtext(f"{SPACE}url/{SPACE}lastmod") == "2026-03-02T01:00:01+00:00"


async def test_a_large_hub_has_an_index_whose_pages_hold_everything_once(client: Client, press: Press) -> None:
    await press.insert_many(sitemap.SITEMAP_PAGE + 1)
    index = await tree(client, "/sitemap.xml")
    assert index.tag == f"{SPACE}sitemapindex"
    pages = addresses(index)
    assert len(pages) == 16
    found: list[str] = []
    for page in pages:
        part = addresses(await tree(client, page.removeprefix(BASE)))
        assert len(part) <= sitemap.SITEMAP_PAGE
        found += part
    assert len(found) == len(set(found)) == sitemap.SITEMAP_PAGE + 1


async def test_robots_are_led_to_the_sitemap(client: Client) -> None:
    async with client.get("/robots.txt") as response:
        assert f"Sitemap: {BASE}/sitemap.xml" in (await response.text()).splitlines()
