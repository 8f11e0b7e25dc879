"""Reads OPML: lists of feeds, as sites offer them for import; `hub discover` follows them."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from lxml import etree

from connectors.errors import Fault, RejectedError
from connectors.parse import xml
from connectors.parse.text import clean_text
from connectors.parse.url import web_url

#: Bytes and outlines of one list that are read.
OPML_LIMIT: Final = 8 * 1024 * 1024
OUTLINES_LIMIT: Final = 10_000
#: Types of outlines that are feeds.
_FEEDS: Final = frozenset({"rss", "atom", "rdf", "feed"})

#: A quotation mark that neither begins nor ends an attribute: text="Báo "Nhân Dân" điện tử".
_QUOTE_INSIDE: Final = re.compile(rb"""(?<!=)(?<!=\s)"(?!\s*+(?:[/?]?>|[\w:.-]{1,50}+\s*+=))""")
_TOLERANT: Final = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True,
    collect_ids=False, recover=True,
)  # fmt: skip


class Outline(NamedTuple):
    """One feed of a list."""

    title: str  #: plain text, may be empty
    feed_url: str  #: absolute


def read_opml(body: bytes, *, url: str = "", content_type: str = "") -> list[Outline]:
    """The feeds that a list names, in its order and each once, whatever folders they stand in.

    `url` is what relative addresses are relative to. Lists inside the list (`type="include"`) are not followed. What is
    broken is mended as far as it goes. Raises RejectedError: `not_opml`, `too_large`, `doctype`, `too_deep`.
    """
    if len(body) > OPML_LIMIT:
        raise _refuse("too_large")
    document = xml.document(body, content_type)
    if document is None or document.root.rpartition(b":")[2].lower() != b"opml":
        raise _refuse("not_opml")
    data = xml.mend(document.data, document.entities)
    try:
        root = xml.parse(data)
    except xml.NotWellFormedError:
        xml.check_for_tolerant_parser(data)
        root = etree.fromstring(_QUOTE_INSIDE.sub(b"&quot;", data), _TOLERANT)
        if root is None:
            raise _refuse("not_opml") from None
    feeds: dict[str, Outline] = {}
    for feed in _outlines(root, url):
        feeds.setdefault(feed.feed_url, feed)
        if len(feeds) == OUTLINES_LIMIT:
            break
    return list(feeds.values())


def _outlines(root: etree._Element, url: str) -> Iterator[Outline]:
    for element in root.iter(etree.Element):
        if etree.QName(element).localname.lower() != "outline":
            continue
        said = {str(name).lower(): value for name, value in element.attrib.items()}
        # Some programs write `url` for feeds; for `link` and `include` it is the address of a page or of another list.
        address = said.get("xmlurl") or (said.get("url", "") if said.get("type", "").lower() in _FEEDS else "")
        if feed := web_url(address, url):
            title = clean_text(said.get("text", "")) or clean_text(said.get("title", ""))
            yield Outline(title, feed)


#: code -> technical cause, whose fault, sentence for a clerk.
_REFUSALS: Final[dict[str, tuple[str, Fault, str]]] = {
    "not_opml": (
        "not an OPML document", Fault.MEMBER,
        "Tệp này không phải là danh sách nguồn tin OPML. Cần chọn lại đúng tệp, hoặc đề nghị đơn vị xuất lại danh"
        " sách.",
    ),
    "too_large": (
        f"more than {OPML_LIMIT // 1024 ** 2} MiB", Fault.MEMBER,
        "Danh sách nguồn tin OPML vượt quá dung lượng cho phép (8 MB). Đề nghị chia nhỏ danh sách.",
    ),
}  # fmt: skip


def _refuse(code: str) -> RejectedError:
    cause, fault, sentence = _REFUSALS[code]
    return RejectedError(cause, code=code, fault=fault, sentence=sentence)
