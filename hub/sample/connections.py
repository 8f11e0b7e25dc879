"""How the sample's hub reads the sites that write no feed for it: what a clerk would have put into settings.toml."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hub.sample.manners import feed_writer, manner
from hub.sample.province import Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One source: the connector, the address below the site's base, and the connector's own keys."""

    connector: str
    path: str
    keys: Mapping[str, Any] = field(default_factory=dict)


#: by manner; all others are read by their feeds
_OTHERWISE: Final[Mapping[str, Callable[[Feed], Connection]]] = {}


def connected_otherwise(name: str) -> bool:
    """Whether the sites of this manner are read by something other than a feed."""
    return name in _OTHERWISE


def connection(feed: Feed) -> Connection | None:
    """How the hub reads what stands under this heading; None where nobody has connected it."""
    name = feed.member.manner
    if name in _OTHERWISE:
        return _OTHERWISE[name](feed)
    writer = feed_writer(name)
    return Connection(connector="feed", path=writer.path(feed)) if writer else None


def listing_path(feed: Feed) -> str:
    """Where the heading's list page stands."""
    return manner(feed.member.manner).listing(feed, 1)
