"""Ten manners in which portal products write feeds, one file each, with the quirks that their makers left in.

A manner is a module with three names:

    path(feed)            where the feed stands below the site's base
    identity(site, story) the guid that the feed gives (empty where it gives none) and the address of the article
    write(site, window)   the feed as this product writes it

Each module's docstring names its quirks; all were seen at sites of Vietnamese offices.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from hub.sample.province import Feed
from hub.sample.story import Site, Story
from hub.sample.world import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A feed as bytes, and how the product serves it."""

    body: bytes
    content_type: str
    validators: bool = False  #: whether it sends ETag and Last-Modified, and answers 304
    gzip: bool = False


class Manner(Protocol):
    """What every module of this package offers."""

    def path(self, feed: Feed) -> str: ...

    def identity(self, site: Site, story: Story) -> tuple[str, str]: ...

    def write(self, site: Site, window: Window) -> Written: ...


def manner(name: str) -> Manner:
    """The module of this name."""
    return cast(Manner, import_module(f"{__name__}.{name}"))
