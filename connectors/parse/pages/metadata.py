"""What a page says of itself for machines: JSON-LD, OpenGraph, Dublin Core, meta tags and links of its head.

Everything is a claim: portals fill these fields with the name of the site, and with dates of the template. Who asks
decides in connectors/parse/pages/page.py.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from connectors.parse.pages.tree import Element, Page
from connectors.parse.text import clean_text
from connectors.parse.url import same_host, web_url

#: Values of JSON-LD that are looked at, and characters of one script.
_VALUES_LIMIT: Final = 2_000
_SCRIPT_LIMIT: Final = 500_000
_ARTICLES: Final = re.compile(r"article|posting|report|creativework$|governmentservice|legislation", re.IGNORECASE)
#: Paths of home pages, which some portals declare as the canonical address of all their pages.
_HOME: Final = re.compile(
    r"(?:[a-z-]{2,5}/)?(?:pages/)?(?:default|index|home|trang-?chu)?(?:\.\w{3,5})?/?$", re.IGNORECASE
)
_CONTROLS: Final = re.compile("[\x00-\x1f]")

_TITLES: Final = ("og:title", "twitter:title", "dc.title", "dcterms.title", "its_title")
_PUBLISHED: Final = (
    "article:published_time", "og:article:published_time", "article:published", "datepublished", "pubdate",
    "publishdate", "publish-date", "date.issued", "dc.date.issued", "dcterms.issued", "dcterms.created",
    "dc.date.created", "dc.date", "parsely-pub-date", "sailthru.date", "date",
)  # fmt: skip
_UPDATED: Final = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "lastmod",
    "last-modified",
    "dcterms.modified",
)
_AUTHORS: Final = ("author", "article:author", "dc.creator", "dcterms.creator", "byl")
_IMAGES: Final = ("og:image", "og:image:secure_url", "twitter:image", "twitter:image:src", "thumbnailurl")
_SUMMARIES: Final = ("og:description", "description", "twitter:description", "dc.description")
_TAGS: Final = ("news_keywords", "article:tag", "keywords")


@dataclass(frozen=True, slots=True)
class Claims:
    """What the head claims, best first; nothing is cleaned beyond spaces."""

    titles: tuple[str, ...] = ()
    site: str = ""
    published: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    people: tuple[str, ...] = ()  #: authors by JSON-LD
    authors: tuple[str, ...] = ()  #: by meta tags, where many portals name the maker of their software
    images: tuple[str, ...] = ()
    summaries: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    canonical: str = ""  #: absolute; empty when it leads to another site or to its home page
    language: str = ""


@dataclass(slots=True)
class _Linked:
    """What JSON-LD says of the article."""

    titles: list[str] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    summaries: list[str] = field(default_factory=list)


def claims_of(page: Page, url: str) -> Claims:
    """Read the head of a page that was fetched from `url`."""
    metas = _metas(page.root)
    linked = _linked(page.root)

    def said(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(value for name in names for value in metas.get(name, ()))

    title = clean_text(page.root.findtext(".//head/title") or page.root.findtext(".//title") or "")
    tags = next((values for name in _TAGS if (values := metas.get(name))), [])
    return Claims(
        titles=_distinct(*said(_TITLES), *linked.titles, title),
        site=next(iter(said(("og:site_name", "application-name"))), ""),
        published=(*linked.published, *said(_PUBLISHED)),
        updated=(*linked.updated, *said(_UPDATED)),
        people=_distinct(*linked.people),
        authors=_distinct(*said(_AUTHORS)),
        images=(*said(_IMAGES), *linked.images),
        summaries=(*said(_SUMMARIES), *linked.summaries),
        tags=_distinct(*(clean_text(tag) for value in tags for tag in value.split(","))),
        canonical=_canonical(page, url, next(iter(said(("og:url",))), "")),
        language=clean_text(page.root.get("lang", "")),
    )


def _distinct(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _metas(root: Element) -> Mapping[str, list[str]]:
    """Lower-case name, property or itemprop -> what is said under it."""
    said: dict[str, list[str]] = {}
    for meta in root.iter("meta"):
        value = clean_text(meta.get("content") or "")
        if value:
            names = {(meta.get(key) or "").strip().lower() for key in ("property", "name", "itemprop")}
            for name in names - {""}:
                said.setdefault(name, []).append(value)
    return said


def _canonical(page: Page, url: str, open_graph: str) -> str:
    links = (link.get("href", "") for link in page.root.iter("link") if link.get("rel", "").lower() == "canonical")
    for address in (*links, open_graph):
        absolute = web_url(address, page.base)
        path = absolute.partition("://")[2].partition("/")[2].strip("/")
        if absolute and same_host(absolute, url) and path and not _HOME.match(path):
            return absolute
    return ""


def _linked(root: Element) -> _Linked:
    found = _Linked()
    for script in root.iter("script"):
        text = script.text or ""
        if "ld+json" not in script.get("type", "").lower() or not 2 < len(text) < _SCRIPT_LIMIT:
            continue
        try:
            value = orjson.loads(_CONTROLS.sub(" ", text).strip().rstrip(";"))
        except orjson.JSONDecodeError:
            continue
        for one in _objects(value):
            if _ARTICLES.search(" ".join(_texts(one.get("@type")))):
                found.titles += _texts(one.get("headline"))
                found.published += _texts(one.get("datePublished"))
                found.updated += _texts(one.get("dateModified"))
                found.people += [name for person in _listed(one.get("author")) for name in _names(person)]
                found.images += [address for image in _listed(one.get("image"))[:3] for address in _addresses(image)]
                found.summaries += _texts(one.get("description"))
    return found


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document, breadth first, up to a limit."""
    waiting = [value]
    for number, one in enumerate(waiting):
        if number == _VALUES_LIMIT:
            return
        if isinstance(one, dict):
            yield one
            waiting += [inner for inner in one.values() if isinstance(inner, dict | list)]
        elif isinstance(one, list):
            waiting += [inner for inner in one[:_VALUES_LIMIT] if isinstance(inner, dict | list)]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _texts(value: Any) -> list[str]:
    return [clean_text(one) for one in _listed(value) if isinstance(one, str) and one.strip()]


def _names(person: Any) -> list[str]:
    return _texts(person.get("name")) if isinstance(person, dict) else _texts(person)


def _addresses(image: Any) -> list[str]:
    return _texts(image.get("url")) if isinstance(image, dict) else _texts(image)
