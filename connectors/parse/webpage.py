"""The bytes of a web page as a tree, with the address that its links are relative to."""

import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

from connectors.parse.charset import decode
from connectors.parse.text import clean_text
from connectors.parse.url import web_url

Element = etree._Element

#: Largest page that is read, in bytes.
PAGE_LIMIT: Final = 8 * 1024 * 1024

_PARSER: Final = etree.HTMLParser(
    encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False, collect_ids=False
)
_ELEMENT = re.compile(r"<[a-zA-Z]")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class WebPage:
    """A parsed page. What is broken in it was mended as browsers do."""

    root: Element
    base: str  #: address of its links: `<base>`, else its own
    title: str
    cut_off: bool  #: the page ends inside a tag or a text


def read_page(body: bytes, content_type: str, url: str) -> WebPage | None:
    """Parse the page that came from `url`; None for a body without a single element."""
    text = _ILLEGAL.sub("", decode(body[:PAGE_LIMIT], content_type)[0])
    if not _ELEMENT.search(text):
        return None
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), _PARSER)
    except etree.XMLSyntaxError:
        return None
    if root is None:
        return None
    declared = root.find(".//base[@href]")
    base = web_url(declared.get("href", ""), url) if declared is not None else ""
    end = text.rstrip()
    return WebPage(
        root=root,
        base=base or url,
        title=clean_text("".join(root.findtext(".//title") or "")),
        cut_off=len(body) > PAGE_LIMIT or not end.endswith(">"),
    )
