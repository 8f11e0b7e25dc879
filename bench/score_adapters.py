"""Our functions in the forms that the scoring tools call: feeds, sanitiser, dates, charsets."""

from datetime import UTC, datetime
from typing import Any, Literal

from connectors.errors import RejectedError
from connectors.parse import charset, dates, html, url
from connectors.parse.cleaning import as_html, byte_length, title_of
from connectors.parse.entry import Entry, Link, Person
from connectors.parse.feeds.reader import read_feed
from connectors.parse.text import clean_text

#: The tools ask for every item of a document; the product's own limit is a setting of the source.
EVERYTHING = 10_000
#: Stands in for the address of a document that has none; relative links must stay relative then.
NOWHERE = "http://nowhere.invalid"


def parse(path: str, data: bytes, url: str, headers: dict[str, str]) -> dict[str, Any]:
    """The neutral document; a body that we refuse by name is a document without items."""
    lower = {key.lower(): value for key, value in headers.items()}
    url = url or NOWHERE
    zone = "Asia/Ho_Chi_Minh" if "/vi/" in path else "UTC"
    try:
        feed = read_feed(
            data, url=url, now=datetime.now(UTC), content_type=lower.get("content-type", ""), headers=lower,
            timezone=zone, limit=EVERYTHING,
        )  # fmt: skip
    except RejectedError as refused:
        return {"refused": refused.code, "feed": {}, "items": []}
    entries: list[Any] = [record.fields for record in feed.split.records]
    return {
        "format": feed.split.format, "reader": feed.reader, "feed": _neutral(feed.info, url, feed=True),
        "items": [_neutral(entry, url) for entry in entries],
    }  # fmt: skip


def parse_as_stored(path: str, data: bytes, url: str, headers: dict[str, str]) -> dict[str, Any]:
    """The neutral document with titles as the product stores them: plain text, not the HTML that the suites state."""
    document = parse(path, data, url, headers)
    for one in (document["feed"], *document["items"]):
        one["title"] = html.plain(one.get("title", ""))
    return document


def clean(text: str) -> str:
    """For check_sanitizer."""
    return html.clean(text, "https://a.example.gov.vn/")


def date(text: str) -> datetime | None:
    """For check_misc dates."""
    return dates.parse_date(text)


def date_in_utc(text: str) -> datetime | None:
    """For check_misc dates: texts of foreign suites mean UTC where they name no zone."""
    return dates.parse_date(text, timezone="UTC")


def decode(body: bytes, content_type: str | None) -> str:
    """For check_misc charset."""
    return charset.decode(body, content_type or "")[0]


def _neutral(entry: Entry, base: str, *, feed: bool = False) -> dict[str, Any]:
    document: dict[str, Any] = {
        "id": clean_text(entry.get("id", "")),
        "link": _address(entry.get("link", ""), base),
        "title": as_html(title_of(entry)),
        "published": _iso(entry.get("published")),
        "updated": _iso(entry.get("updated")),
        "authors": [_person(one) for one in entry.get("authors", ())],
        "contributors": [_person(one) for one in entry.get("contributors", ())],
        "categories": [clean_text(term) for term in entry.get("categories", ())],
        "enclosures": [_enclosure(one, base) for one in entry.get("enclosures", ())],
        "rights": _html(entry, "rights"),
        "language": entry.get("language", ""),
        "image": _address(entry.get("image", ""), base),
    }
    if feed:
        document["subtitle"] = _html(entry, "summary")
    else:
        document["summary"] = _html(entry, "summary")
        document["content_html"] = _html(entry, "content")
        document["comments"] = _address(entry.get("comments", ""), base)
        document["source_title"] = clean_text(entry.get("source_title", ""))
    return document


def _html(entry: Entry, key: Literal["summary", "content", "rights"]) -> str:
    return as_html(entry.get(key)).replace(f'"{NOWHERE}/', '"/')


def _address(address: str, base: str) -> str:
    return url.web_url(address, base).removeprefix(NOWHERE) if address else ""


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _person(one: Person) -> dict[str, str]:
    return {"name": clean_text(one.name), "email": clean_text(one.email), "url": url.web_url(one.url)}


def _enclosure(link: Link, base: str) -> dict[str, Any]:
    kind = clean_text(link.type)
    return {"url": _address(link.href, base), "type": kind, "length": byte_length(link.length)}
