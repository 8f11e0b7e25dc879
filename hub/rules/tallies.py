"""How does an item count? What its text says of it: category, author, photos, files, and the days."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from html import unescape
from typing import Final
from zoneinfo import ZoneInfo

from hub.rules.categories import Categories
from schemas.document import Document
from schemas.item import ITEM_TYPES, ItemBase, Kind

#: Characters of an author's name that are kept.
AUTHOR_LIMIT: Final = 300
_FIRST_DAY: Final = date(1970, 1, 1).toordinal()
#: Of sanitised HTML: attributes stand in double quotes.
_PHOTO: Final = re.compile(r'<img\b[^<>]*?\ssrc="([^"<>]+)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one edition says that is counted."""

    category: str
    author: str = ""  #: the first one's name
    photos: int = 0
    files: int = 0
    issued: date | None = None  #: day of signature
    published: datetime | None = None


def said(item: ItemBase, categories: Categories, *, of_source: str) -> Said:
    """What an item says; `of_source` is the category that the settings give its source."""
    pictures = {unescape(address) for address in _PHOTO.findall(item.content_html)} | {item.image}
    shown = {each.url for each in item.attachments if each.type.startswith("image/")}
    return Said(
        category=categories.category_of(item, of_source=of_source),
        author=next((each.name.strip() for each in item.authors if each.name.strip()), "")[:AUTHOR_LIMIT],
        photos=len((pictures | shown) - {""}),
        files=len({each.url for each in item.attachments} - shown),
        issued=item.issued if isinstance(item, Document) else None,
        published=item.published,
    )


def bare(kind: str, categories: Categories, *, of_source: str) -> Said:
    """What is known of an item of which no text is kept: that something of its kind came."""
    nothing_but_kind = ITEM_TYPES[Kind(kind)](guid="-", title="-")
    return Said(category=categories.category_of(nothing_but_kind, of_source=of_source))


def day_of(at: datetime, zone: ZoneInfo) -> int:
    """The day of a moment in the hub's zone, as days since 1970-01-01."""
    return day_number(at.astimezone(zone).date())


def day_number(day: date) -> int:
    """A day as days since 1970-01-01: how it is kept."""
    return day.toordinal() - _FIRST_DAY


def day(number: int) -> date:
    """The day of such a number."""
    return date.fromordinal(number + _FIRST_DAY)
