"""Liferay: Atom-like RSS from an asset publisher; addresses with an instance id; guid is the address; gzip.

The headless interface answers guests too: structured contents by page, newest change first.
"""

import json
from collections.abc import Mapping
from datetime import UTC
from email.utils import format_datetime
from html import escape

from hub.sample.manners import Product, Shelf, Written
from hub.sample.province import Feed
from hub.sample.story import Site, Story, text_html
from hub.sample.world import Window


def path(feed: Feed) -> str:
    return f"/rss/-/asset_publisher/{feed.serial * 7919:08x}/rss"


def identity(site: Site, story: Story) -> tuple[str, str]:
    address = f"{site.base}/web/guest/-/asset_publisher/{story.feed.serial * 7919:08x}/content/{story.slug}-{story.id}"
    return address, address


def listing(feed: Feed, page: int) -> str:
    return f"/web/guest/{feed.word}" + (f"?_101_INSTANCE_{feed.serial * 7919:08x}_cur={page}" if page > 1 else "")


def write(site: Site, window: Window) -> Written:
    items = []
    for story in window.stories:
        guid, address = identity(site, story)
        items.append(
            f"<item><title>{escape(story.draft.title)}</title><link>{address}</link>"
            f"<description>{escape(text_html(story, site.base))}</description>"
            f"<pubDate>{format_datetime(story.published)}</pubDate><guid>{guid}</guid>"
            f"<dc:creator>{escape(story.draft.desk)}</dc:creator><dc:date>{story.published.isoformat()}</dc:date></item>"
        )
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">'
        "<channel>"
        f"<title>{escape(window.feed.title)}</title><link>{site.base}/</link>"
        f"<description>{escape(window.feed.title)}</description>{''.join(items)}</channel></rss>"
    )
    return Written(body=body.encode(), content_type="text/xml;charset=UTF-8", gzip=True)


def _contents(shelf: Shelf, query: Mapping[str, str]) -> Written:
    """`/o/headless-delivery/v1.0/sites/guest/structured-contents`."""
    stories = sorted(shelf.stories, key=lambda story: story.updated, reverse=True)
    size, page = min(100, int(query.get("pageSize", "20"))), int(query.get("page", "1"))
    shown = stories[(page - 1) * size : page * size]
    document = {
        "actions": {}, "facets": [], "items": [_content(shelf.site, story) for story in shown],
        "lastPage": max(1, -(-len(stories) // size)), "page": page, "pageSize": size, "totalCount": len(stories),
    }  # fmt: skip
    body = json.dumps(document, ensure_ascii=False).encode()
    return Written(body=body, content_type="application/json", gzip=True)


def _content(site: Site, story: Story) -> dict[str, object]:
    html = text_html(story, f"/{site.member.slug}")
    return {
        "id": story.id, "key": str(story.id), "uuid": f"00000000-0000-4000-8000-{story.id:012d}",
        "title": story.draft.title, "description": story.draft.lead, "friendlyUrlPath": f"{story.slug}-{story.id}",
        "datePublished": f"{story.published.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "dateModified": f"{story.updated.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "creator": {"name": story.draft.desk}, "keywords": list(story.draft.tags),
        "contentFields": [
            {"name": "Content", "dataType": "string", "inputControl": "rich_text", "contentFieldValue": {"data": html}}
        ],
    }  # fmt: skip


PRODUCT = Product(
    pages="liferay",
    headers={"Liferay-Portal": "Liferay Community Edition Portal 7.4 GA"},
    others={"/o/headless-delivery/v1.0/sites/guest/structured-contents": _contents},
)
