"""How the sample's hub reads the sites that write no feed for it: what a clerk would have put into settings.toml."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hub.sample.manners import feed_writer, manner
from hub.sample.province import Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One source: the connector, the address below the site's base, and the connector's own keys."""

    connector: str
    path: str
    keys: Mapping[str, Any] = field(default_factory=dict)


def _inhouse(feed: Feed) -> Connection:
    """Blocks with classes in Vietnamese; the date stands between a label and a counter of visitors."""
    path = listing_path(feed)
    return Connection(
        connector="listing", path=path,
        keys={
            "items": "div.tin-item", "link": "a.tieu-de", "published": './/div[@class="thong-tin"]/text()',
            "summary": "div.trich-dan", "image": "img",
            "page_url": f"/{feed.member.slug}{path}&trang={{page}}", "pages": 3,
        },
    )  # fmt: skip


def _vnpt_list(feed: Feed) -> Connection:
    """The blocks of the hosted portal, which all of its sites share."""
    path = listing_path(feed)
    return Connection(
        connector="listing", path=path,
        keys={
            "items": "li.item-news", "link": "h3 a", "published": "span.time-news", "summary": "p.desc-news",
            "page_url": f"/{feed.member.slug}{path}?page={{page}}", "pages": 3,
        },
    )  # fmt: skip


#: by manner; all others are read by their feeds
_OTHERWISE: Final[Mapping[str, Callable[[Feed], Connection]]] = {
    "inhouse": _inhouse,
    "vnpt_list": _vnpt_list,
    "drupal": lambda feed: Connection(connector="drupal", path="/"),
    "static": lambda feed: Connection(connector="sitemap", path="/sitemap.xml"),
}


def connected_otherwise(name: str) -> bool:
    """Whether the sites of this manner are read by something other than a feed."""
    return name in _OTHERWISE


def connection(feed: Feed) -> Connection | None:
    """How the hub reads what stands under this heading; None where nobody has connected it."""
    name = feed.member.manner
    if name in _OTHERWISE:
        return _OTHERWISE[name](feed)
    writer = feed_writer(name)
    return Connection(connector="feed", path=writer.path(feed)) if writer else None


def listing_path(feed: Feed) -> str:
    """Where the heading's list page stands."""
    return manner(feed.member.manner).listing(feed, 1)
