"""What the settings of a source point at on the page of an item: selectors first, they know better than we do."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from connectors.base import ConnectorConfig
from connectors.parse.entry import Person
from connectors.parse.feeds.people import distinct, person
from connectors.parse.pages.tree import Element, Page
from connectors.parse.selectors import CssOrXPath, select, texts
from connectors.parse.text import clean_text
from connectors.parse.url import web_url


class PageConfig(ConnectorConfig):
    """Where things stand on the page of an item; what is not said is found out."""

    title: CssOrXPath | None = None
    content: CssOrXPath | None = None
    summary: CssOrXPath | None = None
    published: CssOrXPath | None = None
    author: CssOrXPath | None = None
    image: CssOrXPath | None = None
    attachments: CssOrXPath | None = None  #: links to files
    remove: tuple[CssOrXPath, ...] = ()  #: what does not belong to the article
    date_order: Literal["dmy", "mdy"] = "dmy"


@dataclass(frozen=True, slots=True)
class Selected:
    """What selectors for single values found; empty where there is no selector, or where it finds nothing."""

    title: str
    summary: str
    published: str
    authors: tuple[Person, ...]
    image: str


def read_selected(page: Page, config: PageConfig) -> Selected:
    """Ask the selectors, before the head and the scripts of the page are gone."""
    return Selected(
        title=_first(_said(page, config.title)),
        summary=_first(_said(page, config.summary)),
        published=_first(_dates(page, config.published)),
        authors=tuple(distinct(person(name) for name in _said(page, config.author))),
        image=web_url(_first(_images(page, config.image)), page.base),
    )


def elements(page: Page, selector: CssOrXPath | None) -> tuple[Element, ...]:
    """The elements that a selector finds; of those that stand inside one another, the outer one."""
    found: dict[Element, None] = {}
    for one in select(page.root, selector) if selector else ():
        if not any(above in found for above in one.iterancestors()):
            found[one] = None  # type: ignore[index]  # the tree was made by lxml.html, whose elements these are
    return tuple(found)


def _said(page: Page, selector: CssOrXPath | None) -> list[str]:
    return [clean_text(text) for text in texts(page.root, selector)] if selector else []


def _dates(page: Page, selector: CssOrXPath | None) -> Iterable[str]:
    """What machines are told comes before what readers see."""
    for one in select(page.root, selector) if selector else ():
        yield clean_text(one.get("datetime") or one.get("content") or "")
    yield from _said(page, selector)


def _images(page: Page, selector: CssOrXPath | None) -> Iterable[str]:
    for one in select(page.root, selector) if selector else ():
        for image in one.iter("img", "meta", "a"):
            yield image.get("data-src") or image.get("src") or image.get("content") or image.get("href") or ""
    yield from _said(page, selector)


def _first(found: Iterable[str]) -> str:
    return next((text for text in found if text), "")
