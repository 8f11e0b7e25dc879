"""When the page of an item is fetched beside its entry in a list, how often it is looked at again, and when it is gone.

    never    what the list says is all there is
    teaser   the page is fetched where the list has no text, or only a few words of it
    always   the page is fetched for every item

A page that answers 404 or 410 is missing; only one that stays missing is gone (promise I12).
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from connectors.parse.html import plain
from hub.rules import guard
from schemas.item import ItemBase

#: Characters of text below which an entry is a teaser; leads of Vietnamese portals have 100 to 350.
TEASER_LIMIT: Final = 500
#: Endings of a text that was cut off.
_CUT_OFF: Final = ("…", "...", "[…]", "[...]")

#: A text of which less than this part is left was not edited: its page has changed around it.
LEAST_LEFT: Final = 0.25
_FRONT_PAGE: Final = re.compile(
    r"(?:/(?:vi|vn|en|vi-vn))?/?(?:(?:index|default|home|trang-?chu)(?:\.\w{2,5})?)?/?", re.IGNORECASE
)

#: A page is gone when it was missing so often, over so long.
MISSES, MISSING_FOR = 3, timedelta(hours=24)
#: The first look back at a page; each later one comes after as long again as the page has been watched.
FIRST_LOOK = timedelta(hours=6)
#: Between two looks at a missing page.
MISSING_LOOK = timedelta(hours=8)
#: How often a missing page is looked at whose neighbours are missing too, and for how long.
STILL_MISSING_LOOK, STILL_MISSING_FOR = timedelta(days=1), timedelta(days=7)
#: How long a page that could not be had is asked again, where the settings watch it for less.
TRIED_FOR = timedelta(days=7)
#: How long an item waits for its page before it goes out with what the list said.
PATIENCE = timedelta(minutes=15)

#: Why a capture about an item has no page: nobody asked for one, or the page stayed missing and the item is withdrawn.
NOT_ASKED, GONE = "not_asked", "page_gone"
#: Why a page that came is not the item's: the site leads to its front page, or next to nothing of the text is left.
ELSEWHERE, POORER = "page_elsewhere", "page_poorer"


class Fetch(StrEnum):
    """Whether an item's own page is fetched."""

    NEVER = "never"
    TEASER = "teaser"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a source's settings want of its items' pages."""

    fetch: Fetch = Fetch.NEVER
    files: bool = False  #: attachments are kept and read
    watch: timedelta = timedelta()  #: how long a page is looked at again

    def wants_page(self, item: ItemBase) -> bool:
        """Whether this item waits for its own page."""
        if not item.url or self.fetch is Fetch.NEVER:
            return False
        return self.fetch is Fetch.ALWAYS or is_teaser(item)

    def wants_files(self, item: ItemBase) -> bool:
        """Whether this item waits for its attachments, its page aside."""
        return self.files and bool(item.attachments)


#: Where the settings want no pages.
NO_PLAN: Final = Plan()


def is_teaser(item: ItemBase) -> bool:
    """Whether what a list says of an item is less than the item: no text, few words, or a text cut off."""
    text = plain(item.content_html) if item.content_html else item.summary
    return len(text) < TEASER_LIMIT or text.rstrip().endswith(_CUT_OFF)


def leads_elsewhere(asked: str, came: str) -> bool:
    """Whether a site answered with its front page, as many do for what they do not have any more."""
    return _is_front(came) and not _is_front(asked)


def _is_front(url: str) -> bool:
    parts = urlsplit(url)
    return not parts.query and _FRONT_PAGE.fullmatch(parts.path) is not None


def is_poorer(before: ItemBase, now: ItemBase) -> bool:
    """Whether so little is left of an item's text that its page shows something else: a notice, a banner, a lead."""
    had, has = len(plain(before.content_html)), len(plain(now.content_html))
    return had >= TEASER_LIMIT and has < LEAST_LEFT * had


def next_look(*, wanted_at: datetime, now: datetime, watch: timedelta) -> datetime | None:
    """When a page that is there is looked at again; None when it was watched for long enough."""
    watched = now - wanted_at
    pause = max(FIRST_LOOK, watched)
    return now + pause if watched + pause <= watch else None


def next_try(*, wanted_at: datetime, now: datetime, watch: timedelta) -> datetime | None:
    """When a page that could not be had is asked again; None when it was asked for long enough."""
    return next_look(wanted_at=wanted_at, now=now, watch=max(watch, TRIED_FOR))


def is_mass(*, missing: int, watched: int) -> bool:
    """Whether so many pages of one source are missing that the site has moved or is broken: a mass change (I15)."""
    return missing > guard.MASS.count and missing > guard.MASS.share * watched


def is_gone(*, misses: int, missed_since: datetime, now: datetime) -> bool:
    """Whether a page that was missing `misses` times in a row since `missed_since` is gone for good."""
    return misses >= MISSES and now - missed_since >= MISSING_FOR
