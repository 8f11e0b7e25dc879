"""RSS, RDF, Atom and JSON feeds: the connector of almost every member site.

fetch     one conditional GET
split     connectors/parse/feeds/reader.py: cut, leave out what is known, parse
normalise connectors/parse/item.py: clean every field, mend what is missing, make the item
"""

from collections.abc import Container
from datetime import datetime
from typing import TYPE_CHECKING, cast

from pydantic import Field

from connectors.base import (
    Capture,
    ConnectorConfig,
    Cursor,
    Normalised,
    Record,
    SourceContext,
    Split,
    Unchanged,
)
from connectors.parse.entry import Entry
from connectors.parse.feeds.reader import RECORD_LIMIT, read_feed
from connectors.parse.item import make_item

if TYPE_CHECKING:
    from connectors.http import Http


class Config(ConnectorConfig):
    """Settings of a feed source."""

    max_items: int = Field(default=RECORD_LIMIT, ge=1, le=10_000)  #: records of one body that are read
    websub: bool = False  #: let the hub that the feed names push it to us; needs `web.base_url`


class Connector:
    """A feed at one address."""

    def __init__(self, context: SourceContext, config: Config) -> None:
        self.context = context
        self.config = config

    async def fetch(self, http: "Http", cursor: Cursor) -> Capture | Unchanged:
        """Get the feed, unless the site says that nothing changed."""
        return await http.get(self.context.url, cursor=cursor)

    def split(self, capture: Capture, known: Container[bytes], now: datetime) -> Split:
        """Cut and parse; codes of RejectedError are listed in connectors/parse/refusals.py."""
        feed = read_feed(
            capture.body, url=capture.url, now=now, content_type=capture.content_type, headers=capture.headers,
            known=known, timezone=self.context.timezone, limit=self.config.max_items,
        )  # fmt: skip
        return feed.split

    def normalise(self, record: Record, capture: Capture) -> Normalised:
        """Clean every field. Raises RejectedError: `no_identity` for what nobody could find again, `no_text`."""
        return make_item(cast(Entry, record.fields), self.context, base=capture.url, pointer=record.pointer)
