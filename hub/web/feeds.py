"""Outgoing feeds: RSS 2.0, Atom 1.0 and JSON Feed 1.1 of one list, with paging (RFC 5005) and tombstones (RFC 6721).

Pure: a `FeedPage` in, bytes out. Every item passes hub/gate.py on its way. What an element must have is said by
RFC 4287 (Atom), rssboard.org/rss-specification and jsonfeed.org/version/1.1; tests/web/requirements.py checks it.

An entry's `updated` is when its public edition last changed here: that is what a reader compares.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape

import orjson
from lxml import etree

from hub.gate import outgoing
from hub.sheets.characters import legal
from hub.sheets.details import summary
from hub.store.publishing import PublicEdition
from schemas.edition import PublishedItem, Withdrawal, WithdrawalKind
from schemas.item import Attachment

ATOM = "http://www.w3.org/2005/Atom"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
MEDIA = "http://search.yahoo.com/mrss/"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """One page of a list, and where it stands."""

    title: str
    description: str
    author: str  #: who speaks where an entry names nobody
    home: str  #: page for people that belongs to the list
    items: str  #: what the addresses of our own item pages begin with
    address: str  #: of this very page
    first: str  #: of the newest page: the subscription document
    next: str  #: of the page with older entries; empty on the last
    language: str
    updated: datetime | None  #: newest change of an entry; None on an empty page
    entries: Sequence[PublicEdition]

    def link(self, item: PublishedItem) -> str:
        """Where a reader finds the item: at its source, else with us."""
        return item.url or f"{self.items}{item.content_id}"


def identifier(edition: PublishedItem | Withdrawal) -> str:
    """The one name of an item in every outgoing feed, for ever (RFC 4287, 4.2.6)."""
    return f"urn:uuid:{edition.content_id}"


def reason(gone: Withdrawal) -> str:
    """What readers are told; of what shall vanish, nothing."""
    return "" if gone.kind is WithdrawalKind.VANISH else gone.reason


# -------------------------------------------------------------------------------------------------------- Atom


def atom(page: FeedPage) -> bytes:
    """Atom 1.0 (RFC 4287); withdrawn items as at:deleted-entry."""
    feed = etree.Element(_q(ATOM, "feed"), nsmap={None: ATOM, "at": TOMBSTONES, "dc": DC, "media": MEDIA})
    feed.set(XML_LANG, page.language)
    _text(feed, ATOM, "id", page.first)
    _text(feed, ATOM, "title", page.title)
    _text(feed, ATOM, "subtitle", page.description)
    _text(feed, ATOM, "updated", _iso(page.updated))
    _text(_child(feed, ATOM, "author"), ATOM, "name", page.author)
    _child(feed, ATOM, "link", rel="alternate", type="text/html", href=page.home)
    _standing(feed, page, "application/atom+xml")
    for entry in page.entries:
        if isinstance(entry.edition, Withdrawal):
            gone = _child(feed, TOMBSTONES, "deleted-entry", ref=identifier(entry.edition), when=_iso(entry.public_at))
            if told := reason(entry.edition):
                _text(gone, TOMBSTONES, "comment", told)
        else:
            _atom_entry(feed, page, _told(entry.edition), entry.public_at)
    return _document(feed)


def _atom_entry(feed: etree._Element, page: FeedPage, item: PublishedItem, public_at: datetime) -> None:
    entry = _child(feed, ATOM, "entry")
    if item.language and item.language != page.language:
        entry.set(XML_LANG, legal(item.language))
    _text(entry, ATOM, "id", identifier(item))
    _text(entry, ATOM, "title", item.title)
    _text(entry, ATOM, "updated", _iso(public_at))
    if item.published:
        _text(entry, ATOM, "published", _iso(item.published))
    _child(entry, ATOM, "link", rel="alternate", type="text/html", href=page.link(item))
    for name in authors(item):
        _text(_child(entry, ATOM, "author"), ATOM, "name", name)
    for term in item.tags:
        _child(entry, ATOM, "category", term=term)
    for file in item.attachments:
        _child(entry, ATOM, "link", rel="enclosure", href=file.url, **_described(file))
    if item.summary:
        _text(entry, ATOM, "summary", item.summary)
    if item.content_html:
        _text(entry, ATOM, "content", item.content_html, type="html")
    elif not item.summary:  # a reader is shown the title rather than an error
        _text(entry, ATOM, "summary", item.title)
    _catalogued(entry, item)


def _described(file: Attachment) -> dict[str, str]:
    described = {"type": file.type, "title": file.title, "length": "" if file.length is None else str(file.length)}
    return {name: value for name, value in described.items() if value}


# --------------------------------------------------------------------------------------------------------- RSS


def rss(page: FeedPage) -> bytes:
    """RSS 2.0 with content:encoded and dc:creator. RSS has no tombstones: withdrawn items are left out."""
    root = etree.Element("rss", nsmap={"atom": ATOM, "content": CONTENT, "dc": DC, "media": MEDIA}, version="2.0")
    channel = etree.SubElement(root, "channel")
    for name, value in (
        ("title", page.title), ("link", page.home), ("description", page.description), ("language", page.language),
    ):  # fmt: skip
        _text(channel, "", name, value)
    if page.updated:
        _text(channel, "", "lastBuildDate", format_datetime(page.updated))
    _standing(channel, page, "application/rss+xml")
    for entry in page.entries:
        if isinstance(entry.edition, PublishedItem):
            _rss_item(channel, page, _told(entry.edition), entry.public_at)
    return _document(root)


def _rss_item(channel: etree._Element, page: FeedPage, item: PublishedItem, public_at: datetime) -> None:
    node = etree.SubElement(channel, "item")
    _text(node, "", "title", item.title)
    _text(node, "", "link", page.link(item))
    _text(node, "", "guid", identifier(item), isPermaLink="false")
    if item.published:
        _text(node, "", "pubDate", format_datetime(item.published))
    _text(node, ATOM, "updated", _iso(public_at))  # RSS itself cannot say that an item was corrected
    for name in authors(item):
        _text(node, DC, "creator", name)
    for term in item.tags:
        _text(node, "", "category", term)
    if item.summary:
        _text(node, "", "description", escape(item.summary, quote=False))  # readers take it for HTML
    if item.content_html:
        _text(node, CONTENT, "encoded", item.content_html)
    for file in item.attachments[:1]:  # readers of RSS expect at most one; all three attributes are required
        kind = file.type or "application/octet-stream"
        _child(node, "", "enclosure", url=file.url, length=str(file.length or 0), type=kind)
    for file in item.attachments[1:]:
        described = {"fileSize" if name == "length" else name: value for name, value in _described(file).items()}
        title = described.pop("title", "")
        more = _child(node, MEDIA, "content", url=file.url, **described)
        if title:
            _text(more, MEDIA, "title", title)
    _catalogued(node, item)


def _standing(parent: etree._Element, page: FeedPage, content_type: str) -> None:
    """Where the page stands among its like (RFC 5005, section 3)."""
    for rel, href in (("self", page.address), ("first", page.first), ("next", page.next)):
        if href:
            _child(parent, ATOM, "link", rel=rel, type=content_type, href=href)


def _catalogued(entry: etree._Element, item: PublishedItem) -> None:
    """What neither format has words for: the office that publishes, the kind, the lead picture."""
    _text(entry, DC, "publisher", item.member_name or item.member)
    _text(entry, DC, "type", item.kind)
    if item.image:
        _child(entry, MEDIA, "thumbnail", url=item.image)


# ---------------------------------------------------------------------------------------------------- JSON Feed


def json_feed(page: FeedPage) -> bytes:
    """JSON Feed 1.1; withdrawn items stand in the extension `_hub.withdrawn`."""
    items, withdrawn = list[dict[str, object]](), list[dict[str, object]]()
    for entry in page.entries:
        if isinstance(entry.edition, Withdrawal):
            gone = {"id": identifier(entry.edition), "at": _iso(entry.public_at), "reason": reason(entry.edition)}
            withdrawn.append(_stated(gone))
        else:
            items.append(_json_item(page, _told(entry.edition), entry.public_at))
    feed = _stated(
        {
            "version": "https://jsonfeed.org/version/1.1", "title": page.title, "description": page.description,
            "home_page_url": page.home, "feed_url": page.first, "next_url": page.next, "language": page.language,
            "authors": [{"name": page.author}],
        }
    )  # fmt: skip
    return orjson.dumps(feed | {"_hub": {"withdrawn": withdrawn}, "items": items})


def _json_item(page: FeedPage, item: PublishedItem, public_at: datetime) -> dict[str, object]:
    return _stated(
        {
            "id": identifier(item), "url": page.link(item), "title": item.title, "summary": item.summary,
            "content_html": item.content_html,
            "content_text": "" if item.content_html else item.summary or item.title,
            "image": item.image, "date_published": _iso(item.published) if item.published else "",
            "date_modified": _iso(public_at), "language": item.language, "tags": item.tags,
            "authors": [{"name": name} for name in authors(item)],
            "attachments": [
                _stated({"url": file.url, "mime_type": file.type or "application/octet-stream", "title": file.title,
                         "size_in_bytes": file.length})
                for file in item.attachments
            ],
            "_hub": {"revision": item.revision, "kind": item.kind, "member": item.member, "source": item.source}
            | ({"details": item.details} if item.details else {}),
        }
    )  # fmt: skip


def _stated(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value or value == 0}


def _told(edition: PublishedItem) -> PublishedItem:
    """The edition as it leaves; a procedure or document without a text says in a sentence what it is."""
    item = outgoing(edition)
    return item if item.summary else item.model_copy(update={"summary": summary(item)})


@dataclass(frozen=True, slots=True)
class Format:
    """One way of writing a page."""

    write: Callable[[FeedPage], bytes]
    content_type: str


#: by the ending of the address
FORMATS = {
    "rss": Format(rss, "application/rss+xml; charset=utf-8"),
    "atom": Format(atom, "application/atom+xml; charset=utf-8"),
    "json": Format(json_feed, "application/feed+json; charset=utf-8"),
}


def authors(item: PublishedItem) -> list[str]:
    """The persons named; the office speaks where nobody is. Atom wants an author on every entry."""
    return [author.name for author in item.authors if author.name] or [item.member_name or item.member]


def _text(parent: etree._Element, space: str, name: str, value: str, **attributes: str) -> None:
    _child(parent, space, name, **attributes).text = legal(value)


def _child(parent: etree._Element, space: str, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, _q(space, name), {key: legal(value) for key, value in attributes.items()})


def _q(space: str, name: str) -> str:
    return f"{{{space}}}{name}" if space else name


def _iso(at: datetime | None) -> str:
    """RFC 3339. A list without entries has not changed since ever."""
    return at.isoformat() if at else "1970-01-01T00:00:00+00:00"


def _document(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")
