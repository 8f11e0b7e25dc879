"""Thirteen manners in which portal products publish, one file each, with the quirks that their makers left in.

A manner is a module with these names:

    PRODUCT               how its pages look and what else it answers
    identity(site, story) the guid that its feed gives (empty where it gives none) and the address of the article
    listing(feed, page)   where the list page of a heading stands below the site's base

and where the product writes feeds:

    path(feed)            where the feed stands below the site's base
    write(site, window)   the feed as this product writes it

Each module's docstring names its quirks; all were seen at sites of Vietnamese offices.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Protocol, cast

from hub.sample.province import Feed
from hub.sample.story import Site, Story
from hub.sample.world import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a product answers, as bytes, and how it serves them."""

    body: bytes
    content_type: str
    validators: bool = False  #: whether it sends ETag and Last-Modified, and answers 304
    gzip: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    shown: tuple[Story, ...] = ()  #: stories that an interface or sitemap told of


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Everything that a member's site can show at one moment."""

    site: Site
    headings: tuple[Window, ...]  #: what stands under each heading; `stories` goes back to the first one

    def heading(self, word: str) -> tuple[Story, ...]:
        """The stories of a heading by the word that stands for it in addresses."""
        return next((window.stories for window in self.headings if window.feed.word == word), ())

    @property
    def stories(self) -> tuple[Story, ...]:
        """All of them, newest first."""
        mixed = (story for window in self.headings for story in window.stories)
        return tuple(sorted(mixed, key=lambda story: story.published, reverse=True))


#: What stands at an address that is neither page nor feed: an interface, a sitemap. Given the query too.
Other = Callable[[Shelf, Mapping[str, str]], Written]


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What a portal product shows beside its feeds."""

    pages: str  #: name of the template of its pages
    headers: Mapping[str, str] = field(default_factory=dict)  #: of every page
    feeds_page: str = ""  #: path of a page that lists the feeds for people
    files: str = ""  #: path under which files are stored, where that is not /tep/
    sitemap: str = ""  #: path of the sitemap, named in robots.txt
    others: Mapping[str, Other] = field(default_factory=dict)  #: by path


class Manner(Protocol):
    """What every module of this package offers."""

    PRODUCT: Product

    def identity(self, site: Site, story: Story) -> tuple[str, str]: ...

    def listing(self, feed: Feed, page: int) -> str: ...


class FeedWriter(Protocol):
    """What those offer whose product writes feeds."""

    def path(self, feed: Feed) -> str: ...

    def write(self, site: Site, window: Window) -> Written: ...


def manner(name: str) -> Manner:
    """The module of this name."""
    return cast(Manner, import_module(f"{__name__}.{name}"))


def feed_writer(name: str) -> FeedWriter | None:
    """The module of this name, if its product writes feeds."""
    module = import_module(f"{__name__}.{name}")
    return cast(FeedWriter, module) if hasattr(module, "write") else None
