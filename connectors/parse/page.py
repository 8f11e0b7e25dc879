"""Whole articles out of detail pages."""

from typing import Literal

from connectors.base import ConnectorConfig
from connectors.parse.selectors import CssOrXPath


class PageConfig(ConnectorConfig):
    """Where things stand on the page of an item; what is not said is found out."""

    title: CssOrXPath | None = None
    content: CssOrXPath | None = None
    summary: CssOrXPath | None = None
    published: CssOrXPath | None = None
    author: CssOrXPath | None = None
    image: CssOrXPath | None = None
    attachments: CssOrXPath | None = None  #: links to files
    remove: tuple[CssOrXPath, ...] = ()  #: what does not belong to the article
    date_order: Literal["dmy", "mdy"] = "dmy"
