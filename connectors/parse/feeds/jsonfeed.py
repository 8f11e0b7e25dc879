"""Reads JSON Feed 1.0 and 1.1; what has an odd type is read where its meaning is plain, and left out otherwise."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson

from connectors.parse.charset import decode
from connectors.parse.dates import parse_date
from connectors.parse.entry import Entry, Link, Person, Text
from connectors.parse.feeds.people import distinct
from connectors.parse.feeds.relative import join
from connectors.parse.levels import VALUE_LIMIT, is_level
from connectors.parse.refusals import refuse

_ITEMS = re.compile(r'"items"\s*:\s*\[')
_NEXT = re.compile(r"[\s,]*")
#: Brackets that may be open at once; deeper JSON would exhaust the standard library's parser.
_DEPTH_LIMIT: Final = 200


def load(body: bytes, content_type: str) -> tuple[dict[str, Any], bool]:
    """Parse the document, item by item where it is broken; the flag says that it was cut off.

    Raises RejectedError: `bad_json`, or `not_a_feed` for JSON of another kind.
    """
    text, truncated = body.removeprefix(b"\xef\xbb\xbf"), False
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        decoded, _ = decode(body, content_type)
        try:
            document = orjson.loads(decoded.removeprefix("\ufeff").encode("utf-8", "replace"))
        except orjson.JSONDecodeError as error:
            document, truncated = _complete_items(decoded), not decoded.rstrip().endswith("}")
            if not any(document["items"]):
                raise refuse("bad_json") from error
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise refuse("not_a_feed")
    if "jsonfeed" not in str(document.get("version", "")) and not _has_entries(document["items"]):
        raise refuse("not_a_feed")
    return document, truncated


def read_feed(document: Mapping[str, Any], base: str) -> Entry:
    """Read what the document says about the feed itself."""
    feed: Entry = {"base": base}
    if title := _string(document, "title"):
        feed["title"] = Text(title)  # plain by the standard, with HTML entities by habit
    if description := _string(document, "description"):
        feed["summary"] = Text(description, False)
    if home := _string(document, "home_page_url"):
        feed["link"] = join(base, home)
    if address := _string(document, "feed_url"):
        feed["id"] = address
    if links := _links(document, base):
        feed["links"] = links
    if language := _string(document, "language"):
        feed["language"] = language
    if image := _string(document, "icon") or _string(document, "favicon"):
        feed["image"] = join(base, image)
    if authors := _authors(document, base):
        feed["authors"] = authors
    return feed


def read_item(item: Mapping[str, Any], feed: Entry, now: datetime, timezone: str, language: str = "") -> Entry:
    """Read one item; base, language and authors are the feed's where it names none."""
    base = feed.get("base", "")
    entry: Entry = {"base": base}
    if identity := _string(item, "id"):
        entry["id"] = identity
    if link := _string(item, "url") or _string(item, "external_url"):
        entry["link"] = join(base, link)
    elif identity.startswith(("http://", "https://")):
        entry["link"] = identity
    if title := _string(item, "title"):
        entry["title"] = Text(title)
    if summary := _string(item, "summary"):
        entry["summary"] = Text(summary, False)
    if content := _string(item, "content_html"):
        entry["content"] = Text(content, True, base)
    elif content := _string(item, "content_text"):
        entry["content"] = Text(content, False)
    if raw := _string(item, "date_published"):
        entry["published_raw"] = raw
        entry["published"] = parse_date(raw, now=now, timezone=timezone)
    if raw := _string(item, "date_modified"):
        entry["updated_raw"] = raw
        entry["updated"] = parse_date(raw, now=now, timezone=timezone)
    if authors := _authors(item, base) or feed.get("authors"):
        entry["authors"] = authors
    tags = item.get("tags")
    if isinstance(tags, list) and (terms := [tag.strip() for tag in tags if isinstance(tag, str) and tag.strip()]):
        entry["categories"] = list(dict.fromkeys(terms))
    if files := _attachments(item, base):
        entry["enclosures"] = files
    if image := _string(item, "image") or _string(item, "banner_image"):
        entry["image"] = join(base, image)
    if own := _string(item, "language") or feed.get("language", language):
        entry["language"] = own
    if levels := {name: str(item[name])[:VALUE_LIMIT] for name in item if is_level(name)}:
        entry["levels"] = levels
    return entry


def _complete_items(text: str) -> dict[str, Any]:
    """What a document that was cut off still holds: the items before the cut, read one by one."""
    items: list[Any] = []
    document: dict[str, Any] = {"items": items}
    start = _ITEMS.search(text)
    if start is None or _depth(text) > _DEPTH_LIMIT:
        return document
    for key in ("version", "title", "home_page_url", "language"):
        if found := re.search(rf'"{key}"\s*:\s*"([^"\\]*)"', text[: start.start()]):
            document[key] = found.group(1)
    decoder, position = json.JSONDecoder(), start.end()
    while True:
        position = _NEXT.match(text, position).end()  # type: ignore[union-attr]  # matches everywhere
        try:
            _, end = decoder.raw_decode(text, position)
        except ValueError:
            return document
        try:
            items.append(orjson.loads(text[position:end].encode("utf-8", "replace")))
        except orjson.JSONDecodeError:
            items.append(None)  # NaN, half a surrogate pair: this item falls, its neighbours stay
        position = end


def _depth(text: str) -> int:
    """Upper bound of the nesting: brackets in strings count too, which can only refuse more."""
    depth = deepest = 0
    for bracket in re.findall(r"[\[{\]}]", text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _has_entries(items: list[Any]) -> bool:
    keys = {"id", "url", "title", "content_html", "content_text"}
    return any(isinstance(item, dict) and not keys.isdisjoint(item) for item in items)


def _string(item: Mapping[str, Any], key: str) -> str:
    """A string, or a number where a string was meant."""
    value = item.get(key)
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _authors(item: Mapping[str, Any], base: str) -> list[Person]:
    """`author` of 1.0 and `authors` of 1.1, each an object or, by mistake, a name."""
    named = item.get("authors")
    people = []
    for one in [item.get("author"), *(named if isinstance(named, list) else ())]:
        if isinstance(one, str):
            people.append(Person(one.strip()))
        elif isinstance(one, dict):
            url = _string(one, "url")
            people.append(Person(_string(one, "name"), _string(one, "email"), join(base, url) if url else ""))
    return distinct(people)


def _links(document: Mapping[str, Any], base: str) -> list[Link]:
    """The address of the feed itself, and the WebSub hubs that push it."""
    listed = document.get("hubs")
    hubs = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    links = [
        Link(join(base, url), "hub")
        for one in hubs
        if _string(one, "type").lower() in ("", "websub") and (url := _string(one, "url"))
    ]
    address = _string(document, "feed_url")
    return [*links, Link(join(base, address), "self")] if address else links


def _attachments(item: Mapping[str, Any], base: str) -> list[Link]:
    listed = item.get("attachments")
    files = []
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and (url := _string(one, "url")):
            length = _string(one, "size_in_bytes")
            files.append(Link(join(base, url), "enclosure", _string(one, "mime_type"), _string(one, "title"), length))
    return files
