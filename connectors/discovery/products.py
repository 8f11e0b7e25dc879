"""Portal products of Vietnamese offices: by which marks a page shows its product, and what stands where.

Addresses are relative to the site's home page. They are customs, not certainties: each is asked before it is proposed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

#: Characters of a page in which the marks are looked for.
LOOKED_AT: Final = 300_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One product."""

    name: str
    marks: re.Pattern[str]  #: in the source of a page
    feeds: Sequence[str] = ()  #: where its feeds stand by custom; {instance} is filled from the page
    connector: str = ""  #: the connector that reads its interface; "" where it has none
    instances: re.Pattern[str] | None = None  #: names of parts that have a feed each


PRODUCTS: Final = (
    Product(
        name="WordPress",
        marks=re.compile(r'<meta[^>]+content="WordPress\b|/wp-content/|/wp-json/|api\.w\.org', re.IGNORECASE),
        feeds=("feed/",),
        connector="wordpress",
    ),
    Product(
        name="Drupal",
        marks=re.compile(r'<meta[^>]+content="Drupal\b|data-drupal-|drupal-settings-json|/sites/default/files/', re.I),
        feeds=("rss.xml",),
        connector="drupal",
    ),
    Product(
        name="Liferay",
        marks=re.compile(r"Liferay\.|\bp_p_id_|/-/asset_publisher/|\blfr-[a-z]+-|/o/[a-z-]+-theme/"),
        feeds=("rss/-/asset_publisher/{instance}/rss", "rss/-/home"),
        connector="liferay",
        instances=re.compile(r"asset_publisher/([0-9A-Za-z]{4,16})\b|AssetPublisherPortlet_INSTANCE_([0-9A-Za-z]{4,16})_"),
    ),
    Product(
        name="SharePoint",
        marks=re.compile(r'content="Microsoft SharePoint|/_layouts/(?:15/)?|_spPageContextInfo|\bms-rtestate-', re.I),
        feeds=("Pages/rss.aspx", "_layouts/15/listfeed.aspx", "rss/Pages/index.aspx"),
        connector="sharepoint",
    ),
    Product(
        name="DNN",
        marks=re.compile(r'content="DotNetNuke|\bdnn_ctr\d|/DesktopModules/|/Portals/_default/|__dnnVariable', re.I),
        feeds=("rss.aspx", "?rss=1"),
    ),
    Product(
        name="VNPT Portal",
        marks=re.compile(r"storage-vnportal|\bvnportal\b|vnpt-portlet|vnptportal", re.IGNORECASE),
        feeds=("rss",),
    ),
)  # fmt: skip

#: Where any site may have a feed, and a sitemap.
ANY_FEEDS: Final = ("rss", "feed", "rss.xml", "atom.xml")
ANY_SITEMAPS: Final = ("sitemap-news.xml", "sitemap.xml")


def product_of(source: str) -> Product | None:
    """The product that a page's source shows, if any."""
    head = source[:LOOKED_AT]
    return next((product for product in PRODUCTS if product.marks.search(head)), None)


def instances_of(product: Product, source: str) -> tuple[str, ...]:
    """The parts of a page that may have a feed each, in their order."""
    if product.instances is None:
        return ()
    found = (next(filter(None, match.groups())) for match in product.instances.finditer(source[:LOOKED_AT]))
    return tuple(dict.fromkeys(found))
