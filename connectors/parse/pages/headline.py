"""The title of an article: the heading on its page that the head of the page agrees with."""

import re
from collections.abc import Sequence
from typing import Final

from connectors.parse.pages.boilerplate import named
from connectors.parse.pages.textblocks import HEADINGS, Block
from connectors.parse.pages.tree import Element
from connectors.parse.text import fold

#: A class or id that says "title of the article".
_NAMED: Final = re.compile(r"title|tieu-?de|headline|heading|subject", re.IGNORECASE)
_SITE: Final = re.compile(r"logo|banner|brand|site-?(?:title|name)|masthead|slogan", re.IGNORECASE)
#: What stands between a title and the name of the site.
_BETWEEN: Final = re.compile(r"\s+[|–—»·:-]\s+|\s*[|»]\s*")
_LIMITS: Final = (8, 400)
#: What agreement with the head of the page is worth.
_AGREED: Final = 10
_HOLDERS: Final = frozenset({"div", "p", "td", "li", "strong"})
#: A title that every page of a portal has.
_PORTAL: Final = re.compile(
    r"(?:(?:cổng|trang)\s+(?:thông\s+tin|tin)(?:\s+điện\s+tử)?|trang\s+(?:chủ|tin\s+tức)|chi\s+tiết(?:\s+tin)?|tin\s+tức|home)\b"
    r"[^|–—:»-]{0,80}",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"\w+")


def find_title(blocks: Sequence[Block], claims: Sequence[str], body: Sequence[Element]) -> tuple[str, Element | None]:
    """The title and the element that shows it, None where only the head of the page names it.

    `claims` are the titles that the head names, best first; `body` is where the text of the article stands.
    """
    sites = {_plain(block.text[: _LIMITS[1]]) for block in blocks if _is_site(block.element)}
    own = [claim for claim in claims if _plain(claim) not in sites and not _PORTAL.fullmatch(claim.strip())]
    claims = own or claims
    wanted = [_plain(claim) for claim in claims]
    inside = {one for node in body for one in node.iter()}
    start = next((number for number, block in enumerate(blocks) if block.element in inside), len(blocks))
    best: tuple[int, int, Block] | None = None
    for number, block in enumerate(blocks):
        value = _value(block, wanted, sites)
        rank = (value, -abs(start - number))
        if (value >= _AGREED or (value and number <= start + 3)) and (best is None or rank > best[:2]):
            best = (*rank, block)
    if best is not None:
        return best[2].text, best[2].element
    return _without_site(claims), None


def _value(block: Block, wanted: Sequence[str], sites: set[str]) -> int:
    """How much speaks for a block being the title; 0 when it cannot be."""
    one, text = block.element, block.text
    if not _LIMITS[0] <= len(text) <= _LIMITS[1]:
        return 0
    plain = _plain(text)
    if plain in sites:
        return 0
    named_so = _NAMED.search(f"{named(one)} {named(one[0])}" if len(one) == 1 else named(one)) is not None
    value = {"h1": 5, "h2": 3}.get(str(one.tag), 2 if one.tag in HEADINGS else 1) + 2 * named_so
    if plain in wanted and (len(plain) > 12 or one.tag in HEADINGS):
        return value + 2 * _AGREED
    if len(plain) > 12 and any(claim.startswith(plain) or claim.endswith(plain) for claim in wanted):
        return value + _AGREED
    # Nothing in the head agrees: it must be marked as a title, and not lead to another article.
    marked = one.tag in HEADINGS or (named_so and one.tag in _HOLDERS)
    return value if marked and block.linked <= 0.5 * len(text) else 0


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
