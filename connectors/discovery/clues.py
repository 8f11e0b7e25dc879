"""What a page says about how its site can be read. Pure; a page is hostile, so everything is counted.

alternates   <link rel="alternate" type="application/rss+xml">
feed links   anchors that lead to feeds, or to the page that lists them; the entries of an OPML list
news pages   links of the menu to headings like "Tin tức - Sự kiện", best first
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from lxml.html import HtmlElement

from connectors.discovery.products import Product, instances_of, product_of
from connectors.discovery.sniff import LOOKED_AT
from connectors.errors import RejectedError
from connectors.parse.charset import decode
from connectors.parse.feeds.opml import read_opml
from connectors.parse.pages.tree import read_tree
from connectors.parse.text import clean_text, cut, fold
from connectors.parse.url import canonical_url, host_of, web_url

#: Anchors of one page that are looked at; characters of one anchor's text.
ANCHORS_LIMIT: Final = 3_000
TEXT_LIMIT: Final = 300
#: Characters of a line that may be the name of a feed.
LINE_LIMIT: Final = 120
#: Elements of one page, counted as opening angle brackets, above which it is not looked at.
ELEMENTS_LIMIT: Final = 150_000
#: Clues of one kind that are kept.
KEPT: Final = 20

_ALTERNATES: Final = frozenset({
    "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "application/rss",
})  # fmt: skip
#: Addresses that speak of feeds: /rss, rss.aspx, /tin-tuc.rss, feed.json, atom.xml; `feedback` does not.
_FEED_ADDRESS: Final = re.compile(
    r"(?:^|[/._=-])(?:rss|rdf|atom|feeds?)(?:$|[/._?=&;#-]|\d)|[a-z]rss(?:\.\w+)?(?:$|[/?])|\.(?:rss|rdf|atom)\b", re.I
)
_FEED_WORDS: Final = re.compile(r"(?:kenh |nguon |dich vu |thong tin )*(?:rss|atom)(?: feeds?)?")
#: What menus call the page of news, folded, and what that is worth.
_NEWS: Final = (
    (re.compile(r"tin tuc (?:-|va|,|&)? ?su kien.*"), 10),
    (re.compile(r"tin (?:tuc|bai)(?: (?:moi|chung|hoat dong|trong (?:tinh|nganh)|dia phuong|noi bat))?"), 8),
    (re.compile(r"(?:tin|ban tin|tin tuc) (?:hoat dong|trong tinh|dia phuong|nganh|noi bo|tong hop|moi).*"), 7),
    (re.compile(r"hoat dong (?:cua|nganh|so|dia phuong|lanh dao).*|su kien.*|tin tuc.*|news"), 6),
    (re.compile(r"thong bao.*|tin (?:noi bat|moi nhat|van)|thoi su.*"), 3),
)  # fmt: skip
_LONGEST_HEADING: Final = 48
_OPML: Final = re.compile(rb"<opml[\s>]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pointer:
    """An address with what the page calls it."""

    url: str
    text: str
    feed: bool = False  #: its words or its address speak of a feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """What one page says."""

    title: str = ""
    product: Product | None = None
    instances: tuple[str, ...] = ()
    alternates: tuple[Pointer, ...] = ()
    feed_links: tuple[Pointer, ...] = ()
    news_pages: tuple[Pointer, ...] = ()
    heading: str = ""  #: what menus call this very page, where that is a heading of news


def read_clues(body: bytes, *, url: str, content_type: str = "") -> Clues | None:
    """The clues of a page; None where it is no HTML, or larger than is looked at."""
    if body.count(b"<") > ELEMENTS_LIMIT:
        return None
    if _OPML.search(body[:LOOKED_AT]):
        return _of_opml(body, url, content_type)
    page = read_tree(body, url=url, content_type=content_type)
    if page is None:
        return None
    source, _ = decode(body, content_type)
    product = product_of(source)
    title = page.root.findtext(".//title")
    anchors = list(_anchors(page.root, page.base, url))
    return Clues(
        title=cut(clean_text(title or ""), TEXT_LIMIT),
        product=product,
        instances=instances_of(product, source)[:KEPT] if product else (),
        alternates=_unique(_alternates(page.root, page.base, url)),
        feed_links=_unique(pointer for pointer in anchors if pointer.feed),
        news_pages=_news(anchors, url),
        heading=_heading(anchors, url),
    )


def _of_opml(body: bytes, url: str, content_type: str) -> Clues | None:
    """A list of feeds that the site offers for import."""
    try:
        feeds = read_opml(body, url=url, content_type=content_type)
    except RejectedError:
        return None
    named = (Pointer(one.feed_url, cut(one.title, TEXT_LIMIT), True) for one in feeds)
    return Clues(feed_links=_unique(one for one in named if is_same_site(one.url, url)))


def _alternates(root: HtmlElement, base: str, url: str) -> Iterator[Pointer]:
    for link in islice(root.iter("link"), ANCHORS_LIMIT):
        kind = link.get("type", "").partition(";")[0].strip().lower()
        if "alternate" in link.get("rel", "").lower().split() and kind in _ALTERNATES:
            address = web_url(link.get("href", ""), base)
            title = cut(clean_text(link.get("title", "")), TEXT_LIMIT)
            # Comments are no news, whatever their feed says.
            if address and is_same_site(address, url) and "/comments/" not in address:
                yield Pointer(address, title)


def _anchors(root: HtmlElement, base: str, url: str) -> Iterator[Pointer]:
    """Links to the site itself, each with its words, or those of its picture."""
    for anchor in islice(root.iter("a"), ANCHORS_LIMIT):
        address = web_url(anchor.get("href", ""), base)
        if not address or not is_same_site(address, url):
            continue
        text = clean_text("".join(islice(anchor.itertext(), 50))[:TEXT_LIMIT])
        if not text:
            picture = anchor.find(".//img")
            text = clean_text((picture.get("alt", "") if picture is not None else "") or anchor.get("title", ""))
        named = bool(_FEED_WORDS.fullmatch(fold(text)))
        if named or "://" in text:
            text = _beside(anchor) or text
        yield Pointer(address, cut(text, TEXT_LIMIT), named or bool(_FEED_ADDRESS.search(_below_host(address))))


def _beside(anchor: HtmlElement) -> str:
    """What stands on the same line as a link that is called `RSS` or by its address."""
    line = next((each for each in islice(anchor.iterancestors(), 4) if each.tag in ("li", "tr", "p", "dd")), None)
    if line is None:
        return ""
    texts = (clean_text(str(text)) for text in islice(line.itertext(), 20))
    named = " ".join(text for text in texts if text and "://" not in text)
    return named if len(named) <= LINE_LIMIT else ""


def is_same_site(address: str, home: str) -> bool:
    """Whether an address belongs to the site: its host, with or without `www.`, or one below or above it."""
    one, other = host_of(address).removeprefix("www."), host_of(home).removeprefix("www.")
    return one == other or one.endswith(f".{other}") or (other.endswith(f".{one}") and one.count(".") >= 2)


def _below_host(address: str) -> str:
    return address.partition("://")[2].partition("/")[2]


def _news(anchors: list[Pointer], url: str) -> tuple[Pointer, ...]:
    """Pages of the site that menus call news, best first; the first of equals stands highest on the page."""
    here = canonical_url(url)
    scored = [
        (worth, pointer)
        for pointer in anchors
        if not pointer.feed and (worth := _worth(pointer.text)) and canonical_url(pointer.url) != here
    ]
    scored.sort(key=lambda each: -each[0])
    return _unique(pointer for _, pointer in scored)


def _heading(anchors: list[Pointer], url: str) -> str:
    here = canonical_url(url)
    links = (one for one in anchors if not one.feed and _worth(one.text))
    return next((one.text for one in links if canonical_url(one.url) == here), "")


def _worth(text: str) -> int:
    if len(text) > _LONGEST_HEADING:  # a title, not a heading
        return 0
    heading = " ".join(fold(text).split())
    return next((worth for words, worth in _NEWS if words.fullmatch(heading)), 0)


def _unique(pointers: Iterable[Pointer]) -> tuple[Pointer, ...]:
    """One of each address, in order, and not too many."""
    kept: dict[str, Pointer] = {}
    for pointer in pointers:
        kept.setdefault(pointer.url.partition("#")[0], pointer)
        if len(kept) == KEPT:
            break
    return tuple(kept.values())
