"""Reads a sitemap: urlset with news and images, index of sitemaps, plain text; gzipped or not, whatever its namespaces.

    bytes -> gunzipped, bounded -> XML -> cut at <url>, known pieces left out -> lxml -> places
                                       -> index: its children
                                -> text: one address on each line

Namespaces are not looked at: half of the sitemaps in use get theirs wrong. A feed is no matter of this module.
"""

import re
import zlib
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from lxml import etree

from connectors.errors import Fault, RejectedError
from connectors.parse import records, xml
from connectors.parse.charset import decode
from connectors.parse.pages.blockpage import refuse_block_page
from connectors.parse.refusals import refuse as refuse_document
from connectors.parse.url import web_url

#: Largest sitemap that is read, in bytes after unzipping; the protocol allows 50 MB and 50,000 addresses.
SITEMAP_LIMIT: Final = 16 * 1024 * 1024
#: Addresses of one sitemap that are looked at, by the protocol.
ADDRESSES_LIMIT: Final = 50_000
#: Pictures and keywords of one place that are kept.
_FEW: Final = 20

_GZIP: Final = b"\x1f\x8b"
_FEEDS: Final = frozenset({"rss", "rdf", "feed"})


class Child(NamedTuple):
    """A sitemap that an index names."""

    address: str
    lastmod: str  #: as written; may be empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A page that a sitemap names; texts as written."""

    number: int  #: among the addresses of the sitemap, from 1
    fingerprint: bytes
    address: str  #: absolute
    lastmod: str = ""
    title: str = ""  #: news extension
    published: str = ""  #: news extension
    language: str = ""  #: news extension
    keywords: tuple[str, ...] = ()  #: news extension
    image: str = ""  #: image extension, the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """A sitemap as read. Places whose fingerprint was known are not among them."""

    form: str  #: urlset, sitemapindex, text
    places: Sequence[Place] = ()
    children: Sequence[Child] = ()
    fingerprints: Sequence[bytes] = ()  #: of all places, known ones included
    total: int = 0  #: addresses, those beyond the limit included
    bad: int = 0  #: addresses that are none
    cut_off: bool = False


def unzipped(body: bytes) -> bytes:
    """The sitemap behind a `.gz`; other bytes as they are. Raises RejectedError(code="too_large")."""
    if not body.startswith(_GZIP):
        return body
    decoder = zlib.decompressobj(wbits=31)
    try:
        data = decoder.decompress(body, SITEMAP_LIMIT + 1)
    except zlib.error:
        return b""
    if len(data) > SITEMAP_LIMIT:
        raise refuse("too_large")
    return data


def form_of(body: bytes, content_type: str) -> str:
    """What an unzipped body is by its beginning: urlset, sitemapindex, text, feed (which may stand for one), or ""."""
    document = xml.document(body, content_type, trusting=True)
    root = _local(document.root.decode("utf-8", "replace")) if document else ""
    if root in _FEEDS:
        return "feed"
    if root in ("urlset", "sitemapindex"):
        return root
    return "text" if not root and _lines(body, content_type) else ""


def read_sitemap(body: bytes, *, url: str, content_type: str = "", known: Container[bytes] = frozenset()) -> Sitemap:
    """Read an unzipped sitemap that came from `url`; places whose fingerprint is `known` are left out.

    Raises RejectedError: `empty_body`, `not_a_sitemap`, `bad_xml`, `too_large`, `doctype`, `too_deep`, or what
    connectors/parse/pages/blockpage.py names.
    """
    if len(body) > SITEMAP_LIMIT:
        raise refuse("too_large")
    if not body.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise refuse("empty_body")
    document = xml.document(body, content_type)
    form = form_of(body, content_type)
    if form == "text":
        return _of_text(_lines(body, content_type), known)
    if document is None or form not in ("urlset", "sitemapindex"):
        refuse_block_page(body, url, content_type)
        raise refuse("not_a_sitemap")
    data = xml.mend(document.data, document.entities)
    data, cut_off = _with_end(data, document.root, b"sitemap" if form == "sitemapindex" else b"url")
    if form == "sitemapindex":
        children = _children(_parsed(data), url)
        return Sitemap(form=form, children=children, total=len(children), cut_off=cut_off)
    return _of_urlset(data, document.root, url, known, cut_off)


# --------------------------------------------------------------------------------------------------------- forms


def _of_urlset(data: bytes, root: bytes, url: str, known: Container[bytes], cut_off: bool) -> Sitemap:
    found = records.cut(data, _beside(root, b"url"))
    spans = found.spans[:ADDRESSES_LIMIT]
    marks = records.fingerprints(data, spans, b"")
    wanted = [number for number, mark in enumerate(marks) if mark not in known]
    left_out = [span for span, mark in zip(spans, marks, strict=True) if mark in known]
    elements = _named(_parsed(records.without(data, [*left_out, *found.spans[ADDRESSES_LIMIT:]])), "url")
    total = len(found.spans)
    if found.open or len(elements) != len(wanted):  # the cutter was fooled: prefixes, capitals
        elements = _named(_parsed(data), "url")
        total, elements = len(elements), elements[:ADDRESSES_LIMIT]
        marks = [records.fingerprint(etree.tostring(one, with_tail=False)) for one in elements]
        wanted = [number for number, mark in enumerate(marks) if mark not in known]
        elements = [elements[number] for number in wanted]
    places = [_place(element, number, marks[number], url) for number, element in zip(wanted, elements, strict=True)]
    sound = tuple(place for place in places if place.address)
    return Sitemap(
        form="urlset", places=sound, fingerprints=tuple(marks), total=total, bad=len(places) - len(sound),
        cut_off=cut_off,
    )  # fmt: skip


def _place(element: etree._Element, number: int, mark: bytes, url: str) -> Place:
    news = next(iter(_named(element, "news")), None)
    publication = next(iter(_named(news, "publication")), None)
    pictures = (_word(one, "loc") for one in _named(element, "image")[:_FEW])
    return Place(
        number=number + 1,
        fingerprint=mark,
        address=web_url(_word(element, "loc"), url),
        lastmod=_word(element, "lastmod"),
        title=_word(news, "title"),
        published=_word(news, "publication_date"),
        language=_word(publication, "language"),
        keywords=tuple(filter(None, (one.strip() for one in _word(news, "keywords").split(",")[:_FEW]))),
        image=next((address for one in pictures if (address := web_url(one, url))), ""),
    )


def _children(root: etree._Element, url: str) -> tuple[Child, ...]:
    found = ((web_url(_word(one, "loc"), url), _word(one, "lastmod")) for one in _named(root, "sitemap"))
    children = {address: Child(address, lastmod) for address, lastmod in found if address}
    return tuple(children.values())[:ADDRESSES_LIMIT]


def _lines(body: bytes, content_type: str) -> list[str]:
    """The lines of a text sitemap; empty when most of them are no addresses."""
    lines = [line.strip() for line in decode(body, content_type)[0].lstrip("\ufeff").splitlines()]
    lines = [line for line in lines if line]
    addresses = sum(re.match(r"https?://\S+$", line, re.IGNORECASE) is not None for line in lines)
    return lines if 2 * addresses > len(lines) else []


def _of_text(lines: Sequence[str], known: Container[bytes]) -> Sitemap:
    marks = [records.fingerprint(line.encode("utf-8", "replace")) for line in lines[:ADDRESSES_LIMIT]]
    places = [
        Place(number=number, fingerprint=mark, address=web_url(line))
        for number, (line, mark) in enumerate(zip(lines, marks, strict=False), 1)
        if mark not in known
    ]
    sound = tuple(place for place in places if place.address)
    return Sitemap(form="text", places=sound, fingerprints=tuple(marks), total=len(lines), bad=len(places) - len(sound))


# ------------------------------------------------------------------------------------------------------- markup


def _parsed(data: bytes) -> etree._Element:
    try:
        return xml.parse(data)
    except xml.NotWellFormedError as error:
        raise refuse_document("bad_xml") from error


def _with_end(data: bytes, root: bytes, name: bytes) -> tuple[bytes, bool]:
    """Drop junk behind the end; where the end is missing, put it behind the last whole record and say so."""
    end = data.rfind(b"</" + root)
    if end >= 0:
        return data[: data.find(b">", end) + 1 or len(data)], False
    if re.match(rb"<[^<>]*/>", data):
        return data, False
    spans = records.cut(data, _beside(root, name)).spans
    start = data.find(b">") + 1
    return data[: spans[-1][1] if spans else start or len(data)] + b"</" + root + b">", True


def _beside(root: bytes, name: bytes) -> bytes:
    """The name of a record, with the prefix of the root."""
    prefix, colon, _ = root.rpartition(b":")
    return prefix + colon + name


def _local(name: str) -> str:
    return name.rpartition(":")[2].rpartition("}")[2].lower()


def _named(element: etree._Element | None, name: str) -> list[etree._Element]:
    """Children by their local name."""
    return [] if element is None else [c for c in element if isinstance(c.tag, str) and _local(c.tag) == name]


def _word(element: etree._Element | None, name: str) -> str:
    """The text of the first child of this name."""
    return next(("".join(child.itertext()).strip() for child in _named(element, name)), "")


# ---------------------------------------------------------------------------------------------------- refusals

#: code -> technical cause, whose fault, sentence for a clerk.
_REFUSALS: Final[dict[str, tuple[str, Fault, str]]] = {
    "empty_body": (
        "the body is empty, or a gzip that cannot be read", Fault.MEMBER,
        "Sơ đồ trang (sitemap) của trang nguồn rỗng hoặc tệp nén bị hỏng. Đề nghị đơn vị quản trị trang kiểm tra lại.",
    ),
    "not_a_sitemap": (
        "neither urlset, sitemapindex nor a list of addresses", Fault.HUB,
        "Địa chỉ này không trả về sơ đồ trang (sitemap). Bộ phận kỹ thuật cần kiểm tra lại địa chỉ nguồn; địa chỉ"
        " đúng thường được ghi trong tệp robots.txt của trang.",
    ),
    "too_large": (
        f"more than {SITEMAP_LIMIT // 1024 ** 2} MiB", Fault.MEMBER,
        "Sơ đồ trang (sitemap) của trang nguồn vượt quá dung lượng cho phép (16 MB). Đề nghị đơn vị quản trị trang chia"
        " thành nhiều tệp nhỏ hơn.",
    ),
}  # fmt: skip


def refuse(code: str) -> RejectedError:
    """The error for one of the codes above; it never quotes the body."""
    cause, fault, sentence = _REFUSALS[code]
    return RejectedError(cause, code=code, fault=fault, sentence=sentence)
