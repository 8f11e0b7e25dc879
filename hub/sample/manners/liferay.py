"""Liferay: Atom-like RSS from an asset publisher; addresses with an instance id; guid is the address; gzip."""

from email.utils import format_datetime
from html import escape

from hub.sample.manners import Written
from hub.sample.province import Feed
from hub.sample.story import Site, Story, text_html
from hub.sample.world import Window


def path(feed: Feed) -> str:
    return f"/rss/-/asset_publisher/{feed.serial * 7919:08x}/rss"


def identity(site: Site, story: Story) -> tuple[str, str]:
    address = f"{site.base}/web/guest/-/asset_publisher/{story.feed.serial * 7919:08x}/content/{story.slug}-{story.id}"
    return address, address


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
