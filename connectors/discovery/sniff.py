"""What a body is at first sight: a feed, a sitemap, a web page, or something else."""

import re
from enum import Enum, auto
from typing import Final

from connectors.parse.charset import decode
from connectors.parse.html import plain
from connectors.parse.text import cut

#: Bytes in which the first element is looked for; licences, comments and style sheets may stand before it.
LOOKED_AT: Final = 8_192

_FIRST: Final = re.compile(
    rb"<(?:[a-z]+:)?(rss|feed|rdf|urlset|sitemapindex|opml|html|head|body|div|table)[\s>:]", re.IGNORECASE
)
_JSON_FEED: Final = re.compile(rb'"version"\s*:\s*"https?:(?:\\?/){2}(?:www\.)?jsonfeed\.org')
#: The first title of a document is its own, unless an item came before.
_TITLE: Final = re.compile(
    r"\A(?:(?!<item[\s>]|<entry[\s>]).)*?(?:<title[^>]*>(?:\s*<!\[CDATA\[(.*?)\]\]>|([^<]*))|\"title\"\s*:\s*\"([^\"\\]*)\")",
    re.DOTALL,
)
#: Characters of a name.
NAME_LIMIT: Final = 200


class Body(Enum):
    """Kinds of bodies."""

    FEED = auto()
    SITEMAP = auto()
    SITEMAP_INDEX = auto()
    PAGE = auto()
    OTHER = auto()


_KINDS: Final = {
    b"rss": Body.FEED, b"feed": Body.FEED, b"rdf": Body.FEED, b"urlset": Body.SITEMAP,
    b"sitemapindex": Body.SITEMAP_INDEX,
}  # fmt: skip


def what_is(body: bytes) -> Body:
    """The kind of a body; a list of feeds (OPML) is a page that names some. UTF-16 reads as ASCII without its zeros."""
    opening = _without_comments(body[:LOOKED_AT].replace(b"\0", b""))
    if opening.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        # Members of an object have no order: the version may stand behind the items.
        return Body.FEED if _JSON_FEED.search(opening) or _JSON_FEED.search(body[-LOOKED_AT:]) else Body.OTHER
    first = _FIRST.search(opening)
    if first is None:
        return Body.OTHER
    return _KINDS.get(first[1].lower(), Body.PAGE)


def _without_comments(opening: bytes) -> bytes:
    # Not a pattern: one that is never closed would be looked for from each of its beginnings to the end.
    before, *rest = opening.split(b"<!--")
    return before + b"".join(part.partition(b"-->")[2] for part in rest)


def name_of(body: bytes, content_type: str = "") -> str:
    """What a feed calls itself, as far as its beginning tells; "" where it does not."""
    opening, _ = decode(body[:LOOKED_AT], content_type)
    found = _TITLE.search(opening)
    return cut(plain((found[1] or found[2] or found[3]).strip()), NAME_LIMIT) if found else ""
