"""JSON Feed 1.1 from a new site: attachments, tags, an honest date_modified, ETag."""

import json

from hub.sample.manners import Written
from hub.sample.province import Feed
from hub.sample.story import Site, Story, text_html
from hub.sample.world import Window


def path(feed: Feed) -> str:
    return f"/api/{feed.word}/feed.json"


def identity(site: Site, story: Story) -> tuple[str, str]:
    return f"urn:{site.member.slug}:{story.id}", f"{site.base}/bai-viet/{story.slug}-{story.id}"


def write(site: Site, window: Window) -> Written:
    items = []
    for story in window.stories:
        guid, address = identity(site, story)
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
        "feed_url": site.base + path(window.feed), "language": "vi", "items": items,
    }  # fmt: skip
    body = json.dumps(feed, ensure_ascii=False).encode()
    return Written(body=body, content_type="application/feed+json; charset=utf-8", validators=True)
