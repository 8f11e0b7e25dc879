"""Proposes how a list page is read: which block is repeated, and where link, title, date, teaser and picture stand.

anchors with the words of a title -> the largest block around each that holds no other -> groups of like blocks
-> a selector for each part, tried with the reader of the connector itself -> the group with most items and dates
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from lxml.etree import _Element as Element

from connectors.discovery.clues import ANCHORS_LIMIT, ELEMENTS_LIMIT, is_same_site
from connectors.discovery.naming import classes_of, id_of, names_of, paths_to, signature
from connectors.discovery.paging import paging_of
from connectors.parse.pages.listblocks import ListPage, ListSelectors, read_list
from connectors.parse.pages.listpage import date_of
from connectors.parse.pages.webpage import WebPage, read_page
from connectors.parse.selectors import select
from connectors.parse.text import clean_text, words
from connectors.parse.url import origin_of, web_url

#: Words of a link that may be a title.
TITLE_WORDS: Final = 4
#: Blocks that make a list; blocks of one list that are compared; blocks from which on a list may be longer still,
#: because the anchors that are looked at are counted.
FEWEST: Final = 3
MOST: Final = 100
LONG: Final = 1_000
#: Groups of blocks, and ways to name one part, that are tried.
GROUPS_TRIED: Final = 12
NAMES_TRIED: Final = 30
#: Proposals of one page.
KEPT: Final = 3
#: Levels between a link and the block around it.
DEPTH: Final = 40

_DAY: Final = re.compile(r"\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?\d{2,4}|tháng\s+\d{1,2}", re.IGNORECASE)
#: What stands beside the news of a page.
_BESIDE: Final = re.compile(
    r"menu|nav|footer|sidebar|lien-?ket|link-?web|lien-?quan|related|doc-?nhieu|xem-?nhieu|most|hot|noi-?bat|quang-?cao"
    r"|banner|breadcrumb|duong-?dan|slide|widget|aside|cung-?(?:chuyen-?)?muc|other",
    re.IGNORECASE,
)
_BESIDE_TAGS: Final = frozenset({"nav", "footer", "aside", "header"})
_TITLE_NAMES: Final = re.compile(r"title|tieu-?de|heading|name", re.IGNORECASE)
_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6", "strong")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListProposal:
    """A list on a page, as keys of the connector `listing`."""

    keys: Mapping[str, Any]
    items: int
    dated: int
    score: float


def propose_lists(body: bytes, *, url: str, content_type: str, now: datetime, timezone: str) -> list[ListProposal]:
    """The lists of a page, best first; none for what is no page, or larger than is looked at."""
    if body.count(b"<") > ELEMENTS_LIMIT:
        return []
    page = read_page(body, content_type, url)
    if page is None:
        return []
    links = list(_links(page, url))
    paging = dict(paging_of((text, address) for _, address, text in links))
    if paging and origin_of(paging["page_url"]) == origin_of(url):
        paging["page_url"] = paging["page_url"][len(origin_of(url)) :]
    titled = [(anchor, address) for anchor, address, text in links if len(words(text)) >= TITLE_WORDS]
    groups = sorted(_groups(titled), key=len, reverse=True)[:GROUPS_TRIED]
    tried = (_proposal(page, group, paging, now, timezone) for group in groups if len(group) >= FEWEST)
    found = sorted(filter(None, tried), key=lambda proposal: -proposal.score)
    return list({str(proposal.keys["items"]): proposal for proposal in reversed(found)}.values())[::-1][:KEPT]


@dataclass(frozen=True, slots=True)
class _Block:
    """A block of the page around one title link."""

    element: Element
    anchor: Element
    address: str


def _links(page: WebPage, url: str) -> Iterator[tuple[Element, str, str]]:
    """Links to the site itself with their words."""
    for anchor in islice(page.root.iter("a"), ANCHORS_LIMIT):
        address = web_url(anchor.get("href", ""), page.base).partition("#")[0]
        if address and is_same_site(address, url):
            yield anchor, address, clean_text("".join(map(str, islice(anchor.itertext(), 50)))[:1_000])


def _groups(titled: Sequence[tuple[Element, str]]) -> list[list[_Block]]:
    """Blocks of one kind that stand in places of one kind."""
    inside: dict[Element, str] = {}  # element -> the one address in it, or "" for several
    for anchor, address in titled:
        for element in _upwards(anchor):
            inside[element] = address if inside.get(element, address) == address else ""
    groups: dict[tuple[str, ...], dict[str, _Block]] = {}
    for anchor, address in titled:
        own = [element for element in _upwards(anchor) if inside[element] == address]
        if own:
            key = (signature(own[-1]), *_place(own[-1]))
            groups.setdefault(key, {}).setdefault(address, _Block(own[-1], anchor, address))
    return [list(group.values()) for group in groups.values()]


def _place(block: Element) -> Iterator[str]:
    """What stands around a block, up to the first thing with a name: lists without classes are told apart by it."""
    for around in islice(block.iterancestors(), 6):
        name = id_of(around)
        yield f"{signature(around)}#{name}" if name else signature(around)
        if name or classes_of(around):
            return


def _upwards(anchor: Element) -> Iterator[Element]:
    """The link and what stands around it, below the body."""
    element: Element | None = anchor
    for _ in range(DEPTH):
        if element is None or element.tag in ("body", "html"):
            return
        yield element
        element = element.getparent()


def _proposal(
    page: WebPage, group: Sequence[_Block], paging: Mapping[str, Any], now: datetime, timezone: str
) -> ListProposal | None:
    items = _items(page, group)
    if not items:
        return None
    group = group[:MOST]
    keys: dict[str, Any] = {"items": items}
    if link := _link(page, items, group):
        keys["link"] = link
    if title := _title(group):
        keys["title"] = title
    dated = 0
    for selector in islice(_where_dates_stand(group), NAMES_TRIED):
        listed = _read(page, {**keys, "published": selector})
        count = sum(date_of(one, now, timezone, True) is not None for one in listed.listed)
        if count > dated:
            dated, keys["published"] = count, selector
    if summary := _summary(group):
        keys["summary"] = summary
    if 2 * sum(block.element.find(".//img") is not None for block in group) >= len(group):
        keys["image"] = "img"
    sound = [one for one in _read(page, keys).listed if one.sound]
    if len(sound) < FEWEST:
        return None
    beside = _is_beside(group[0].element)
    if not dated and (beside or len(sound) < FEWEST + 2 or items.isalnum()):  # `a`, `li`: that is anything
        return None
    score = min(len(sound), 30) * (0.2 if beside else 1.0) + 3.0 * min(dated, 30)
    score += sum(min(len(words(one.title)), 12) for one in sound) / len(sound)
    return ListProposal(keys={**keys, **paging}, items=len(sound), dated=dated, score=score)


def _read(page: WebPage, keys: Mapping[str, Any]) -> ListPage:
    return read_list(page, ListSelectors(**keys), MOST)


def _items(page: WebPage, group: Sequence[_Block]) -> str:
    """The shortest selector that finds these blocks, and few others."""
    wanted = {block.element for block in group}
    for selector in islice(paths_to([block.element for block in group]), NAMES_TRIED):
        found = select(page.root, selector)
        if wanted.issubset(found) and (len(found) <= 1.25 * len(wanted) + 1 or len(wanted) >= LONG):
            return selector
    return ""


def _link(page: WebPage, items: str, group: Sequence[_Block]) -> str:
    """Which of a block's links is meant; "" where it is the first."""
    by_element = {block.element: block for block in group}
    names = paths_to([block.anchor for block in group])
    for selector in ("", *islice(names, NAMES_TRIED)):
        listed = _read(page, {"items": items, **({"link": selector} if selector else {})})
        addresses = {one.link for one in listed.listed}
        if sum(block.address in addresses for block in by_element.values()) >= 0.9 * len(group):
            return selector
    return ""


def _title(group: Sequence[_Block]) -> str:
    """Where the title stands, if the link holds more than that: a whole card."""
    if not all(any(True for _ in block.anchor.iter("p", "div", *_HEADINGS)) for block in group):
        return ""
    for tag in _HEADINGS:
        if all(block.anchor.find(f".//{tag}") is not None for block in group):
            return tag
    named = [
        next((e for e in block.anchor.iter() if _TITLE_NAMES.search(e.get("class", ""))), None) for block in group
    ]  # fmt: skip
    found = [element for element in named if element is not None]
    return next(names_of(found), "") if len(found) == len(group) else ""


def _where_dates_stand(group: Sequence[_Block]) -> Iterator[str]:
    """Selectors for what may be the date: elements that hold a day, or the bare text beside other things in them."""
    tried: set[str] = set()
    for block in group[:5]:
        for element in islice(block.element.iter(), 200):
            if not isinstance(element.tag, str) or element is block.anchor:
                continue
            own = [element.text or "", *(child.tail or "" for child in element)]
            if element.get("datetime") is None and not any(_DAY.search(text) for text in own):
                continue
            for name in names_of([element]):
                if element is not block.element:
                    tried.add(name)
                    yield name
            yield _texts_of(element, inside=element is not block.element)


def _texts_of(element: Element, *, inside: bool) -> str:
    """An XPath to the bare texts of such elements, the texts of what stands inside them left out."""
    if not inside:
        return "./text()"
    first = next(iter(names_of([element])), str(element.tag))
    tag, _, name = first.partition(".")
    if element.get("class", "") == name:
        holds = f'[@class="{name}"]' if name else ""
    else:
        holds = f'[contains(concat(" ", normalize-space(@class), " "), " {name} ")]' if name else ""
    return f".//{tag}{holds}/text()"


def _summary(group: Sequence[_Block]) -> str:
    """Where the teaser stands: the longest text beside the title, if most blocks have one."""
    found: list[Element] = []
    for block in group[:10]:
        beside = [
            element
            for element in islice(block.element.iter("p", "div", "span", "td"), 50)
            if element is not block.element and element.find(".//a") is None and _is_apart(element, block.anchor)
        ]
        longest = max(beside, key=_length, default=None)
        if longest is not None and _length(longest) >= 60:
            found.append(longest)
    if 2 * len(found) < min(len(group), 10):
        return ""
    return next(names_of(found), "")


def _is_apart(element: Element, anchor: Element) -> bool:
    return all(around is not anchor for around in element.iterancestors())


def _length(element: Element) -> int:
    return len(" ".join("".join(map(str, islice(element.itertext(), 100))).split()))


def _is_beside(element: Element) -> bool:
    """Whether a block stands in a menu, a side column or a footer."""
    around: Iterable[Element] = (element, *islice(element.iterancestors(), 6))
    return any(
        each.tag in _BESIDE_TAGS or _BESIDE.search(f"{each.get('class', '')} {each.get('id', '')}") for each in around
    )
