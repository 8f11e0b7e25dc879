"""JSON Feed 1.1 from a new site: attachments, tags, an honest date_modified, ETag."""

import json
from collections.abc import Callable

from hub.sample.manners import Product, Written
from hub.sample.province import Feed
from hub.sample.story import Site, Story, text_html
from hub.sample.world import Window

PRODUCT = Product(pages="modern")


def path(feed: Feed) -> str:
    return f"/api/{feed.word}/feed.json"


def identity(site: Site, story: Story) -> tuple[str, str]:
    return f"urn:{site.member.slug}:{story.id}", f"{site.base}/bai-viet/{story.slug}-{story.id}"


def listing(feed: Feed, page: int) -> str:
    return f"/chuyen-muc/{feed.word}" + (f"?trang={page}" if page > 1 else "")


def write(site: Site, window: Window) -> Written:
    return document(site, window, identity, path(window.feed))


def document(site: Site, window: Window, name: Callable[[Site, Story], tuple[str, str]], place: str) -> Written:
    """The feed of any site that calls its stories so and serves it there."""
    items = []
    for story in window.stories:
        guid, address = name(site, story)
        item = {
            "id": guid, "url": address, "title": story.draft.title, "summary": story.draft.lead,
            "content_html": text_html(story, site.base), "date_published": story.published.isoformat(),
            "date_modified": story.updated.isoformat(), "tags": list(story.draft.tags),
            "authors": [{"name": story.draft.desk}],
        }  # fmt: skip
        if story.image_path:
            item["image"] = site.base + story.image_path
        if story.file_path:
            item["attachments"] = [
                {"url": site.base + story.file_path, "mime_type": "application/pdf", "title": story.draft.file}
            ]
        items.append(item)
    feed = {
        "version": "https://jsonfeed.org/version/1.1", "title": window.feed.title, "home_page_url": f"{site.base}/",
        "feed_url": site.base + place, "language": "vi", "items": items,
    }  # fmt: skip
    body = json.dumps(feed, ensure_ascii=False).encode()
    return Written(body=body, content_type="application/feed+json; charset=utf-8", validators=True)
