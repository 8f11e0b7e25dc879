"""What RFC 4287, RFC 5005, RFC 6721, the RSS 2.0 specification and JSON Feed 1.1 require, as far as we write it.

Each function names the faults of a document; an empty list means that none was found.
"""

import json
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


def _aware(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _absolute(address: str | None) -> bool:
    return (address or "").startswith(("http://", "https://", "urn:"))


def atom_faults(body: bytes) -> list[str]:
    """RFC 4287 section 4, RFC 5005 section 3, RFC 6721 section 3."""
    feed = etree.fromstring(body)
    faults = [
        f"feed: {n} × {name}" for name in ("id", "title", "updated") if (n := len(feed.findall(ATOM + name))) != 1
    ]
    rels = [link.get("rel") for link in feed.findall(f"{ATOM}link")]
    faults += [f"feed: {rels.count(rel)} links {rel}" for rel in ("self", "alternate", "first") if rels.count(rel) != 1]
    if rels.count("next") > 1:
        faults.append("feed: more than one next")
    if not feed.findall(f"{ATOM}author/{ATOM}name"):
        faults.append("feed: no author")
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")]
    if len(ids) != len(set(ids)):
        faults.append("an id stands twice")
    for entry in feed.findall(f"{ATOM}entry"):
        faults += _entry_faults(entry)
    for gone in feed.findall(DELETED):
        if not _absolute(gone.get("ref")) or not _aware(gone.get("when", "")):
            faults.append("deleted-entry: ref or when")
    faults += [f"date {d.text!r}" for d in feed.iter(f"{ATOM}updated", f"{ATOM}published") if not _aware(d.text or "")]
    return faults + [f"link to {a.get('href')!r}" for a in feed.iter(f"{ATOM}link") if not _absolute(a.get("href"))]


def _entry_faults(entry: etree._Element) -> list[str]:
    faults = [
        f"entry: {n} × {name}" for name in ("id", "title", "updated") if (n := len(entry.findall(ATOM + name))) != 1
    ]
    if not _absolute(entry.findtext(f"{ATOM}id")):
        faults.append("entry: id is no IRI")
    if not any(author.findtext(f"{ATOM}name") for author in entry.findall(f"{ATOM}author")):
        faults.append("entry: no author")
    alternates = [link for link in entry.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
    if len(alternates) != 1:
        faults.append(f"entry: {len(alternates)} alternates")
    for name in ("published", "summary", "content"):
        if len(entry.findall(ATOM + name)) > 1:
            faults.append(f"entry: more than one {name}")
    return faults


def rss_faults(body: bytes) -> list[str]:
    """RSS 2.0: required elements of channel, item and enclosure, and the form of dates."""
    root = etree.fromstring(body)
    channel = root.find("channel")
    if root.tag != "rss" or root.get("version") != "2.0" or channel is None:
        return ["no RSS 2.0"]
    faults = [f"channel: no {name}" for name in ("title", "link", "description") if not channel.findtext(name)]
    for item in channel.findall("item"):
        guid = item.find("guid")
        if guid is None or not guid.text or guid.get("isPermaLink") != "false":
            faults.append("item: guid")
        if not item.findtext("title") and not item.findtext("description"):
            faults.append("item: neither title nor description")
        if not _absolute(item.findtext("link")):
            faults.append("item: link")
        if len(item.findall("enclosure")) > 1:
            faults.append("item: more than one enclosure")
        for file in item.findall("enclosure"):
            if not (
                _absolute(file.get("url")) and (file.get("length") or "").isdigit() and "/" in file.get("type", "")
            ):
                faults.append("enclosure: url, length or type")
    for date in root.iter("pubDate", "lastBuildDate"):
        if parsedate_to_datetime(date.text or "").tzinfo is None:
            faults.append(f"date {date.text!r}")
    return faults


def json_faults(body: bytes) -> list[str]:
    """JSON Feed 1.1: required members, types, and addresses."""
    feed: dict[str, Any] = json.loads(body)
    faults = [] if feed.get("version") == "https://jsonfeed.org/version/1.1" else ["version"]
    if not isinstance(feed.get("title"), str) or not isinstance(feed.get("items"), list):
        faults.append("title or items")
    if feed.get("next_url") == feed.get("feed_url"):
        faults.append("next_url is feed_url")
    for item in feed["items"]:
        if not isinstance(item.get("id"), str) or not item["id"]:
            faults.append("item: id")
        if not item.get("content_html") and not item.get("content_text"):
            faults.append("item: no content")
        faults += [f"item: {name}" for name in ("url", "image") if name in item and not _absolute(item[name])]
        faults += [f"item: {n}" for n in ("date_published", "date_modified") if n in item and not _aware(item[n])]
        faults += ["author" for author in item["authors"] if not author.get("name")]
        faults += [
            "attachment" for file in item.get("attachments", ()) if not (file.get("url") and file.get("mime_type"))
        ]
    return faults
