"""The seam from the corpus to the product for `check_misc.py lists`: a page is read as the connector `listing` does."""

from datetime import UTC, datetime
from typing import Any

from connectors.base import Capture, SourceContext
from connectors.sources.listing import Config, Connector
from schemas.item import Kind


def lists(body: bytes, xpath: str, base: str) -> list[dict[str, Any]]:
    """The items of a page whose links the XPath finds."""
    source = Connector(SourceContext(name="bench", kind=Kind.NEWS, url=base), Config(link=xpath))
    now = datetime.now(UTC)
    capture = Capture(url=base, content_type="", body=body, fetched_at=now)
    split = source.split(capture, frozenset(), now)
    items = [source.normalise(record, capture).item for record in split.records]
    return [{"title": item.title, "link": item.url} for item in items]
