"""The title of an article: the heading on its page that the head of the page agrees with."""

import re
from collections.abc import Sequence
from typing import Final

from connectors.parse.boilerplate import named
from connectors.parse.pagetree import Element
from connectors.parse.prose import HEADINGS, Block
from connectors.parse.text import fold

#: A class or id that says "title of the article".
_NAMED: Final = re.compile(r"title|tieu-?de|headline|heading|subject", re.IGNORECASE)
_SITE: Final = re.compile(r"logo|banner|brand|site-?(?:title|name)|masthead|slogan", re.IGNORECASE)
#: What stands between a title and the name of the site.
_BETWEEN: Final = re.compile(r"\s+[|–—»·:-]\s+|\s*[|»]\s*")
_LIMITS: Final = (8, 400)
_WORD: Final = re.compile(r"\w+")


def find_title(blocks: Sequence[Block], claims: Sequence[str], body: Sequence[Element]) -> tuple[str, Element | None]:
    """The title and the element that shows it, None where only the head of the page names it.

    `claims` are the titles that the head names, best first; `body` is where the text of the article stands.
    """
    inside = {one for node in body for one in node.iter()}
    start = next((number for number, block in enumerate(blocks) if block.element in inside), len(blocks))
    wanted = [_plain(claim) for claim in claims]
    best: tuple[int, int, Block] | None = None
    for number, block in enumerate(blocks):
        value = _value(block, wanted)
        if value is None:
            continue
        distance = abs(start - number) if number <= start + 3 else 2 * (number - start)
        rank = (value, -distance)
        if (value >= _AGREED or number <= start + 3) and (best is None or rank > best[:2]):
            best = (*rank, block)
    if best is not None:
        return best[2].text, best[2].element
    return _without_site(claims), None


_AGREED: Final = 10


def _value(block: Block, wanted: Sequence[str]) -> int | None:
    """How much speaks for a block being the title; None when it cannot be."""
    one, text = block.element, block.text
    names = named(one)
    named_so = _NAMED.search(names) is not None
    if one.tag not in HEADINGS and not (named_so and one.tag in ("div", "p", "td", "li", "strong", "a")):
        plain = _plain(text)
        # Old portals show the title in a bold cell: only what the head of the page names word for word.
        return _AGREED if len(plain) > 20 and plain in wanted else None
    if not _LIMITS[0] <= len(text) <= _LIMITS[1] or _is_site(one):
        return None
    plain = _plain(text)
    value = {"h1": 5, "h2": 3, "h3": 2}.get(str(one.tag), 1) + 2 * named_so
    if plain in wanted:
        return value + 2 * _AGREED
    if any(plain and (claim.startswith(plain) or claim.endswith(plain)) for claim in wanted if len(plain) > 12):
        return value + _AGREED
    if block.linked > 0.5 * len(text):  # the title of another article, or of a section
        return None
    return value


def _is_site(one: Element) -> bool:
    return any(_SITE.search(named(above)) for above in (one, *list(one.iterancestors())[:2]))


def _without_site(claims: Sequence[str]) -> str:
    """The first title of the head, without the name of the site behind it."""
    for claim in claims:
        parts = [part.strip() for part in _BETWEEN.split(claim) if part.strip()]
        if len(parts) > 1 and len(parts[0]) >= len(claim) / 3:
            whole = [other for other in claims if _plain(other) == _plain(parts[0])]
            return whole[0] if whole else _BETWEEN.split(claim.strip())[0].strip()
        if parts:
            return claim.strip()
    return ""


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(fold(text)))
