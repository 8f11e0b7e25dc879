"""A web page as selectors see it: its tree with all classes, its title, and whether its end is missing."""

from dataclasses import dataclass

from connectors.parse.pages.tree import BYTES_LIMIT, Element, read_tree
from connectors.parse.text import clean_text


@dataclass(frozen=True, slots=True)
class WebPage:
    """A parsed page. What is broken in it was mended as browsers do."""

    root: Element
    base: str  #: address of its links: `<base>`, else its own
    title: str
    cut_off: bool  #: the page ends inside a tag or a text


def read_page(body: bytes, content_type: str, url: str) -> WebPage | None:
    """Parse the page that came from `url`; None for what is no page. Of more than 8 MiB the beginning is read."""
    page = read_tree(body, url=url, content_type=content_type, flatten=False)
    if page is None:
        return None
    return WebPage(
        root=page.root,
        base=page.base,
        title=clean_text(page.root.findtext(".//title") or ""),
        cut_off=len(body) > BYTES_LIMIT or not body.rstrip(b" \t\r\n\0").endswith(b">"),
    )
