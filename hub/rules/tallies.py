"""How does an item count? What its text says of it: category, author, photos, files, and the days."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from html import unescape
from typing import Any, Final
from zoneinfo import ZoneInfo

from hub.rules.categories import Categories

#: Characters of an author's name that are kept.
AUTHOR_LIMIT: Final = 300
_FIRST_DAY: Final = date(1970, 1, 1).toordinal()
#: Of sanitised HTML: names are in small letters, attributes stand in double quotes.
_PHOTO: Final = re.compile(r'<img\b[^<>]*?\ssrc="([^"<>]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one edition says that is counted."""

    category: str
    author: str = ""  #: the first one's name
    photos: int = 0
    files: int = 0
    issued: date | None = None  #: day of signature
    published: datetime | None = None


def said(body: Mapping[str, Any], categories: Categories, *, of_source: str) -> Said:
    """What an item says; `of_source` is the category that the settings give its source.

    `body` is the item as it is kept, JSON of schemas.item.Item: to make an item of it costs four times the rest.
    """
    pictures = {unescape(address) for address in _PHOTO.findall(body.get("content_html", ""))} | {body.get("image", "")}
    attached = body.get("attachments", ())
    shown = {each["url"] for each in attached if each.get("type", "").startswith("image/")}
    names = (each["name"].strip() for each in body.get("authors", ()))
    issued, published = body.get("issued"), body.get("published")
    return Said(
        category=categories.category_of(body, of_source=of_source),
        author=next(filter(None, names), "")[:AUTHOR_LIMIT],
        photos=len((pictures | shown) - {""}),
        files=len({each["url"] for each in attached} - shown),
        issued=date.fromisoformat(issued) if issued else None,
        published=datetime.fromisoformat(published) if published else None,
    )


def bare(kind: str, categories: Categories, *, of_source: str) -> Said:
    """What is known of an item of which no text is kept: that something of its kind came."""
    return Said(category=categories.category_of({"kind": kind}, of_source=of_source))


def day_of(at: datetime, zone: ZoneInfo) -> int:
    """The day of a moment in the hub's zone, as days since 1970-01-01."""
    return day_number(at.astimezone(zone).date())


def day_number(day: date) -> int:
    """A day as days since 1970-01-01: how it is kept."""
    return day.toordinal() - _FIRST_DAY


def day(number: int) -> date:
    """The day of such a number."""
    return date.fromordinal(number + _FIRST_DAY)
