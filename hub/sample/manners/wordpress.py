"""WordPress: teaser in description, whole text in content:encoded, categories, ETag and Last-Modified honoured.

Its REST interface answers too: pages by number, totals in headers, times without a zone beside times in GMT.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from hub.sample.manners import Product, Shelf, Written
from hub.sample.province import Feed
from hub.sample.story import Site, Story, text_html
from hub.sample.world import Window


def path(feed: Feed) -> str:
    return f"/category/{feed.word}/feed/"


def identity(site: Site, story: Story) -> tuple[str, str]:
    return f"{site.base}/?p={story.id}", f"{site.base}/{story.slug}-{story.id}/"


def listing(feed: Feed, page: int) -> str:
    return f"/category/{feed.word}/" + (f"page/{page}/" if page > 1 else "")


def write(site: Site, window: Window) -> Written:
    items = []
    for story in window.stories:
        guid, address = identity(site, story)
        tags = "".join(f"<category><![CDATA[{tag}]]></category>" for tag in story.draft.tags)
        file = f'<enclosure url="{site.base}{story.file_path}" length="0" type="application/pdf"/>'
        items.append(
            f"<item><title>{escape(story.draft.title)}</title><link>{address}</link>"
            f"<dc:creator><![CDATA[{story.draft.desk}]]></dc:creator>"
            f"<pubDate>{format_datetime(story.published.astimezone(UTC))}</pubDate>{tags}"
            f'<guid isPermaLink="false">{guid}</guid>'
            f"<description><![CDATA[<p>{escape(story.draft.lead)} [&hellip;]</p>]]></description>"
            f"<content:encoded><![CDATA[{text_html(story, site.base)}]]></content:encoded>"
            f"{file if story.file_path else ''}</item>"
        )
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"'
        ' xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>'
        f'<title>{escape(window.feed.title)}</title><atom:link href="{site.base}{path(window.feed)}" rel="self"'
        f' type="application/rss+xml"/><link>{site.base}</link>'
        f"<description>{escape(window.feed.member.name)}</description>"
        f"<lastBuildDate>{format_datetime(window.changed.astimezone(UTC))}</lastBuildDate><language>vi</language>"
        f"<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>{''.join(items)}"
        "</channel></rss>"
    )
    return Written(body=body.encode(), content_type="application/rss+xml; charset=UTF-8", validators=True)


def _posts(shelf: Shelf, query: Mapping[str, str]) -> Written:
    """`/wp-json/wp/v2/posts`, as far as readers ask: pages, headings, what changed after an instant."""
    stories = shelf.stories
    if chosen := query.get("categories"):
        stories = tuple(story for story in stories if str(story.feed.serial) in chosen.split(","))
    if after := query.get("modified_after"):
        limit = datetime.fromisoformat(after)
        stories = tuple(story for story in stories if story.updated >= (limit if limit.tzinfo else limit.astimezone()))
    size, page = min(100, int(query.get("per_page", "10"))), int(query.get("page", "1"))
    shown = stories[(page - 1) * size : page * size]
    return _json(
        [_post(shelf.site, story) for story in shown],
        {"X-WP-Total": str(len(stories)), "X-WP-TotalPages": str(-(-len(stories) // size))},
    )


def _post(site: Site, story: Story) -> dict[str, object]:
    guid, address = identity(site, story)
    published, updated = story.published.replace(microsecond=0), story.updated.replace(microsecond=0)
    return {
        "id": story.id, "date": f"{published:%Y-%m-%dT%H:%M:%S}", "modified": f"{updated:%Y-%m-%dT%H:%M:%S}",
        "date_gmt": f"{published.astimezone(UTC):%Y-%m-%dT%H:%M:%S}", "guid": {"rendered": guid},
        "modified_gmt": f"{updated.astimezone(UTC):%Y-%m-%dT%H:%M:%S}", "slug": story.slug, "status": "publish",
        "type": "post", "link": address, "title": {"rendered": escape(story.draft.title)},
        "content": {"rendered": text_html(story, site.base), "protected": False},
        "excerpt": {"rendered": f"<p>{escape(story.draft.lead)} [&hellip;]</p>", "protected": False},
        "author": 1, "featured_media": 0, "categories": [story.feed.serial], "tags": [],
    }  # fmt: skip


def _categories(shelf: Shelf, query: Mapping[str, str]) -> Written:
    """`/wp-json/wp/v2/categories`."""
    rows = [
        {
            "id": window.feed.serial, "count": len(window.stories), "name": window.feed.title, "slug": window.feed.word,
            "link": f"{shelf.site.base}{listing(window.feed, 1)}",
        }
        for window in shelf.headings
        if query.get("slug", window.feed.word) == window.feed.word
    ]  # fmt: skip
    return _json(rows, {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": "1"})


def _index(shelf: Shelf, query: Mapping[str, str]) -> Written:
    """`/wp-json/`: what the interface is and where it stands."""
    name = shelf.site.member.name
    return _json({"name": name, "home": shelf.site.base, "namespaces": ["oembed/1.0", "wp/v2"]}, {})


def _whole(shelf: Shelf, query: Mapping[str, str]) -> Written:
    """`/feed/`: the newest of all headings."""
    first = shelf.headings[0]
    newest = shelf.stories[:10]
    changed = max((story.updated for story in newest), default=first.changed)
    return write(shelf.site, Window(feed=first.feed, stories=newest, gone=(), changed=changed))


def _json(document: object, headers: Mapping[str, str]) -> Written:
    body = json.dumps(document, ensure_ascii=False).encode()
    return Written(body=body, content_type="application/json; charset=UTF-8", headers=headers)


PRODUCT = Product(
    pages="wordpress",
    others={
        "/feed/": _whole,
        "/wp-json/": _index,
        "/wp-json/wp/v2/posts": _posts,
        "/wp-json/wp/v2/categories": _categories,
    },
)
