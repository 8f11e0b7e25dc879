"""The sitemap (sitemaps.org, protocol 0.9) of all public items, and robots.txt.

Up to SITEMAP_PAGE items stand in /sitemap.xml itself. Beyond, it is an index of pages, each with the items whose id
begins with the same digits: ids are hashes, so the pages are of one size, and no page moves when another one grows.
"""

from collections.abc import Sequence
from datetime import datetime

from aiohttp import web
from lxml import etree

from hub.store import publishing
from hub.web.answers import answer
from hub.web.site import SITE

#: Addresses of one page, on average; the protocol allows LARGEST.
SITEMAP_PAGE, LARGEST = 10_000, 50_000
XML = "application/xml; charset=utf-8"
SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


async def sitemap(request: web.Request) -> web.Response:
    """All items, or the index of the pages that have them."""
    site = request.app[SITE]
    digits = _digits(await publishing.count_live(site.engine.store))
    if not digits:
        return await _page(request, "")
    starts = (f"{number:0{digits}x}" for number in range(16**digits))
    return answer(request, _index([f"{site.base}/sitemap-{start}.xml" for start in starts]), XML)


async def sitemap_page(request: web.Request) -> web.Response:
    """The items whose id begins with the digits in the address."""
    return await _page(request, request.match_info["starting"])


async def robots(request: web.Request) -> web.Response:
    """Everything here may be read; the sitemap says what there is."""
    body = f"User-agent: *\nAllow: /\nSitemap: {request.app[SITE].base}/sitemap.xml\n"
    return answer(request, body.encode(), "text/plain; charset=utf-8")


async def _page(request: web.Request, starting: str) -> web.Response:
    site = request.app[SITE]
    found = await publishing.live_items(site.engine.store, starting=starting, limit=LARGEST)
    return answer(request, _addresses([(site.base + site.item(one), changed) for one, changed in found]), XML)


def _digits(items: int) -> int:
    """How many digits of the id part the items into pages of SITEMAP_PAGE or fewer."""
    digits = 0
    while items > SITEMAP_PAGE * 16**digits:
        digits += 1
    return digits


def _addresses(pages: Sequence[tuple[str, datetime]]) -> bytes:
    root = etree.Element(f"{{{SPACE}}}urlset", nsmap={None: SPACE})
    for address, changed in pages:
        url = etree.SubElement(root, f"{{{SPACE}}}url")
        etree.SubElement(url, f"{{{SPACE}}}loc").text = address
        etree.SubElement(url, f"{{{SPACE}}}lastmod").text = changed.isoformat(timespec="seconds")
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _index(addresses: Sequence[str]) -> bytes:
    root = etree.Element(f"{{{SPACE}}}sitemapindex", nsmap={None: SPACE})
    for address in addresses:
        etree.SubElement(etree.SubElement(root, f"{{{SPACE}}}sitemap"), f"{{{SPACE}}}loc").text = address
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")
