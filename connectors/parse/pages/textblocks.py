"""The paragraphs, cells and headings of a page with the text of each, in document order, and sums for every element."""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Final

from lxml import etree

from connectors.parse.pages.tree import Element

#: Elements that stand inside a line of text.
INLINE: Final = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "del", "dfn", "em", "font", "i", "img",
    "ins", "kbd", "label", "mark", "picture", "q", "rp", "rt", "ruby", "s", "samp", "small", "source", "span", "strike",
    "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
})  # fmt: skip
HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_PAUSES: Final = re.compile("[,;،、，；。]")


@dataclass(slots=True)
class Block:
    """One element with text of its own."""

    element: Element
    text: str  #: on one line; text of blocks inside it is not counted
    linked: int = 0  #: characters of it inside links


@dataclass(slots=True)
class Sum:
    """What all blocks of an element have together."""

    text: int = 0  #: characters
    linked: float = 0  #: characters inside links
    pauses: int = 0  #: commas: prose has them, navigation has none
    paragraphs: int = 0
    images: int = 0
    headings: int = 0

    @property
    def density(self) -> float:
        """Share of the text that leads elsewhere."""
        return self.linked / self.text if self.text else 0.0


def blocks_of(root: Element, without: Container[Element] = ()) -> list[Block]:
    """Every element with text of its own. The text of inline elements belongs to the block around them.

    Elements in `without` are passed over with all that is inside.
    """
    pieces: dict[Element, list[str]] = {}
    linked: dict[Element, int] = {}
    owners = [root]
    links = 0
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, one in walk:
        inline = one.tag in INLINE and one is not root
        if event == "start":
            if not inline:
                owners.append(one)
                pieces[one] = []
            elif one.tag == "br":
                pieces.setdefault(owners[-1], []).append(" ")
            links += _leads_away(one)
            text = one.text
            if one in without:
                walk.skip_subtree()
                text = None
        else:
            if not inline:
                owners.pop()
                if owners[-1] in pieces:
                    pieces[owners[-1]].append(" ")
            links -= _leads_away(one)
            text = one.tail if one is not root else None
        if text:
            owner = owners[-1]
            pieces.setdefault(owner, []).append(text)
            if links:
                linked[owner] = linked.get(owner, 0) + len(" ".join(text.split()))
    found = ((one, " ".join("".join(parts).split())) for one, parts in pieces.items())
    return [Block(one, text, linked.get(one, 0)) for one, text in found if text]


def _leads_away(one: Element) -> bool:
    return one.tag == "a" and not one.get("href", "#").startswith("#")


def sums_of(root: Element, blocks: Iterable[Block]) -> dict[Element, Sum]:
    """What every element holds with everything inside it."""
    sums = {one: Sum() for one in root.iter()}
    for block in blocks:
        own = sums[block.element]
        own.text, own.linked = len(block.text), block.linked
        own.pauses = len(_PAUSES.findall(block.text))
    for one in reversed(sums):
        own = sums[one]
        own.paragraphs += one.tag == "p"
        own.images += one.tag == "img"
        own.headings += one.tag in HEADINGS
        parent = one.getparent()
        if one is not root and parent is not None:
            above = sums[parent]
            above.text += own.text
            above.linked += own.linked
            above.pauses += own.pauses
            above.paragraphs += own.paragraphs
            above.images += own.images
            above.headings += own.headings
    return sums
