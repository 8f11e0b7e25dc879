"""The repeated blocks of an HTML list page, and what selectors find in each: link, title, date, summary, picture.

A block is known by what its selectors found: a counter of visitors or a class that changes leaves it as it was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Final, Self

from lxml import etree
from pydantic import Field, ValidationInfo, field_validator, model_validator

from connectors.base import ConnectorConfig
from connectors.fields import Allowed
from connectors.parse.details import DETAILS
from connectors.parse.html import plain
from connectors.parse.pages.webpage import WebPage
from connectors.parse.records import fingerprint
from connectors.parse.selectors import CssOrXPath, Element, select, texts, within
from connectors.parse.text import clean_text
from connectors.parse.url import host_of, web_url

_ANCHORS: Final = "descendant-or-self::a[@href]"
_ANYWHERE: Final = f"(./{_ANCHORS})"
_SPARE: Final = "./@title | ./descendant::img/@alt"
#: Where a picture's address stands: scripts that load it late leave it beside a placeholder.
_PICTURES: Final = ("data-src", "data-original", "data-lazy-src", "src")
#: Silent blocks that are looked through for others.
_SILENT: Final = 100
#: Elements of all blocks together that are looked through.
ELEMENTS_LIMIT: Final = 300_000
#: Tags of one block that are kept.
_TAGS: Final = 50


class ListSelectors(ConnectorConfig):
    """Where things stand on a list page."""

    items: CssOrXPath | None = Field(
        default=None, description="the repeated block; all selectors below look inside it, XPath with ./ or @"
    )
    link: CssOrXPath | None = Field(
        default=None, description="the link; left out: the block's first. Without `items`: the links themselves"
    )
    title: CssOrXPath | None = Field(default=None, description="the title; left out: the text of the link")
    published: CssOrXPath | None = Field(default=None, description="the date; other words may stand around it")
    summary: CssOrXPath | None = Field(default=None, description="the teaser")
    image: CssOrXPath | None = Field(default=None, description="the picture")
    tag: CssOrXPath | None = Field(default=None, description="tags, one for each match; `tags` are those of all items")
    details: Annotated[
        dict[str, CssOrXPath],
        Allowed("a table with names of the fields of the kind, each with a CSS selector or XPath"),
    ] = Field(default={}, description="what only this kind of item has: number, issuer, issued …")
    day_first: bool = Field(default=True, description="05/11/2026 is 5 November; false: May 11")

    @field_validator("link", "title", "published", "summary", "image", "tag")
    @classmethod
    def _looks_inside_the_block(cls, selector: str | None, info: ValidationInfo) -> str | None:
        alone = info.field_name == "link" and info.data.get("items") is None
        if selector and selector.startswith("/") and not alone:
            raise ValueError("an XPath that looks inside the block: it begins with ./ or @")
        return selector

    @field_validator("details")
    @classmethod
    def _are_fields_of_a_kind(cls, details: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        if unknown := details.keys() - DETAILS.keys():
            raise ValueError(f"no kind of item has the field {min(unknown)}; there are {', '.join(sorted(DETAILS))}")
        for selector in details.values():
            cls._looks_inside_the_block(selector, info)
        return details

    @model_validator(mode="after")
    def _says_what_an_item_is(self) -> Self:
        if self.items is None and self.link is None:
            raise ValueError("items or link is needed: what an item of the list is")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One block of the page: what its selectors found, links absolute, texts clean."""

    place: int  #: among the blocks, from 1
    link: str
    title: str
    spare: str = ""  #: what a picture or a tooltip says in place of a title
    dates: tuple[str, ...] = ()
    summary: str = ""
    image: str = ""
    tags: tuple[str, ...] = ()
    details: tuple[tuple[str, tuple[str, ...]], ...] = ()  #: what only its kind has

    @property
    def fingerprint(self) -> bytes:
        """16 bytes that change with anything that was found, but not with its place."""
        said: tuple[object, ...] = (self.link, self.title, self.dates, self.summary, self.image, self.tags)
        if self.details:
            said += (self.details,)
        return fingerprint(repr(said).encode("utf-8", "replace"))

    @property
    def sound(self) -> bool:
        """Whether it has what an item needs."""
        return bool(self.link and self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """A list page as read."""

    title: str
    blocks: int  #: blocks on the page
    silent: int  #: … that have neither link nor title: the head of a table, a line between
    beyond: int  #: … that were not read: more than the limit
    listed: Sequence[Listed]  #: the others in page order, each link once
    cut_off: bool

    @property
    def mark(self) -> str:
        """The same for a page with the same links: how a site shows what lies behind its last page."""
        return fingerprint(*(one.link.encode() for one in self.listed)).hex()


def read_list(page: WebPage, selectors: ListSelectors, limit: int) -> ListPage:
    """What stands in the blocks of a page, at most `limit` of them."""
    blocks = select(page.root, selectors.items or selectors.link or "a")
    found: list[Listed] = []
    silent = 0
    for place, block in enumerate(within(blocks[: 2 * limit + _SILENT], ELEMENTS_LIMIT), 1):
        one = _read_block(block, place, selectors, page.base)
        if not (one.link or one.title or one.spare):
            silent += 1
        elif len(found) < limit:
            found.append(one)
        else:
            break
    beyond = len(blocks) - silent - len(found)
    if page.cut_off and found and not beyond:
        found.pop()  # its end is missing, and half a title would pass for a title
    return ListPage(
        title=page.title, blocks=len(blocks), silent=silent, beyond=beyond, listed=tuple(_each_link_once(found)),
        cut_off=page.cut_off,
    )  # fmt: skip


def next_page(page: WebPage, selector: str) -> str:
    """The address of the page that follows on the same site, or ""."""
    for address in _addresses(page.root, selector):
        url = _resolved(address, page.base).partition("#")[0]
        if url and host_of(url) == host_of(page.base):
            return url
    return ""


# ------------------------------------------------------------------------------------------------------- a block


def _read_block(block: Element, place: int, selectors: ListSelectors, base: str) -> Listed:
    inside = selectors.link if selectors.items else None
    anchors = select(block, inside or _ANYWHERE)
    address = next((url for one in _addresses(block, inside or _ANYWHERE) if (url := _resolved(one, base))), "")
    same = _same(anchors or select(block, _ANYWHERE), address, base)
    return Listed(
        place=place,
        link=address,
        title=_title(block, selectors.title, same),
        spare=next((text for one in same for text in _values(one, _SPARE)), ""),
        dates=tuple(_dates(block, selectors.published)),
        summary=_first(block, selectors.summary),
        image=_image(block, selectors.image, base),
        tags=tuple(dict.fromkeys(_values(block, selectors.tag)))[:_TAGS],
        details=tuple(
            (name, values)
            for name, selector in sorted(selectors.details.items())
            if (values := tuple(_values(block, selector))[: _TAGS if DETAILS[name] else 1])
        ),
    )


def _addresses(node: Element, selector: str) -> Iterator[str]:
    """Addresses that a selector finds: of links, of the first link inside other elements, or as texts."""
    found = select(node, selector)
    for element in found:
        inner = element if element.get("href") is not None else next(iter(select(element, _ANYWHERE)), None)
        if inner is not None:
            yield inner.get("href", "")
    if not found:
        yield from texts(node, selector)


def _resolved(address: str, base: str) -> str:
    """An absolute address; "" for one that leads nowhere: `#`, `javascript:`. A place on the page is dropped: comments
    have the address of their article. Applications in the browser have addresses behind `#/` and `#!`.
    """
    address = address.strip()
    page, _, place = web_url(address, base).partition("#") if address and address != "#" else ("", "", "")
    if place.startswith(("/", "!")):
        return f"{page}#{place}"
    return "" if address.startswith("#") else page


def _same(anchors: Sequence[Element], address: str, base: str) -> list[Element]:
    """The links of a block that lead to its item: often a picture first, and then the title."""
    return [one for one in anchors if one.get("href") is None or _resolved(one.get("href", ""), base) == address]


def _title(block: Element, selector: str | None, anchors: Sequence[Element]) -> str:
    """What is written; where a portal cut it, the whole from the link's tooltip."""
    written = _first(block, selector) or next((text for one in anchors if (text := _text(one))), "")
    stem = written.rstrip(".… ")
    if not stem or stem == written:
        return written
    tooltips = (clean_text(one.get("title", "")) for one in anchors)
    return next((whole for whole in tooltips if len(whole) > len(written) and whole.startswith(stem)), written)


def _text(element: Element) -> str:
    return plain(etree.tostring(element, encoding="unicode", method="html", with_tail=False))


def _values(block: Element, selector: str | None) -> Iterator[str]:
    """Texts that a selector finds, on one line each; empty ones are left out."""
    if selector is None:
        return
    found = select(block, selector)
    yield from filter(None, map(_text, found) if found else map(clean_text, texts(block, selector)))


def _first(block: Element, selector: str | None) -> str:
    return next(_values(block, selector), "")


def _dates(block: Element, selector: str | None) -> Iterator[str]:
    """What may be the date: the attribute for machines first."""
    if selector is None:
        return
    for element in select(block, selector):
        yield from filter(None, (element.get("datetime", "").strip(), element.get("content", "").strip()))
    yield from _values(block, selector)


def _image(block: Element, selector: str | None, base: str) -> str:
    if selector is None:
        return ""
    found = select(block, selector)
    pictures = [one for each in found for one in select(each, "./descendant-or-self::img")]
    named = [one.get(key, "") for one in pictures for key in _PICTURES] if found else texts(block, selector)
    return next((url for one in named if (url := _resolved(one, base))), "")


def _each_link_once(found: Sequence[Listed]) -> Iterator[Listed]:
    """Blocks with the same link are one; what the first lacks is taken from the others."""
    by_link: dict[str, Listed] = {}
    without: list[Listed] = []
    for one in found:
        first = by_link.get(one.link)
        if not one.link:
            without.append(one)
        elif first is None:
            by_link[one.link] = one
        else:
            by_link[one.link] = replace(
                first, title=first.title or one.title, spare=first.spare or one.spare, dates=first.dates or one.dates,
                summary=first.summary or one.summary, image=first.image or one.image, tags=first.tags or one.tags,
                details=first.details or one.details,
            )  # fmt: skip
    for one in sorted([*by_link.values(), *without], key=lambda one: one.place):
        yield replace(one, title=one.title or one.spare, spare="")
