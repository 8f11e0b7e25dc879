"""An old site: UTF-16 on the wire, RSS 0.92, dates in Vietnamese words, the address is the only name of a story."""

from html import escape

from hub.sample.manners import Product, Written
from hub.sample.province import Feed
from hub.sample.story import Site, Story, text_html
from hub.sample.world import Window

DAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")

PRODUCT = Product(pages="old", feeds_page="/rss/")


def path(feed: Feed) -> str:
    return f"/rss/{feed.word.replace('-', '')}.xml"


def identity(site: Site, story: Story) -> tuple[str, str]:
    return "", f"{site.base}/tin/{story.id}.htm"


def listing(feed: Feed, page: int) -> str:
    return f"/{feed.word.replace('-', '')}{f'_{page}' if page > 1 else ''}.htm"


def write(site: Site, window: Window) -> Written:
    items = []
    for story in window.stories:
        _, address = identity(site, story)
        day = DAYS[story.published.weekday()]
        items.append(
            f"<item><title>{escape(story.draft.title)}</title><link>{address}</link>"
            f"<description>{escape(text_html(story, site.base))}</description>"
            f"<pubDate>{day}, ngày {story.published:%d/%m/%Y - %H:%M} GMT+7</pubDate></item>"
        )
    body = (
        '<?xml version="1.0" encoding="utf-16"?><rss version="0.92"><channel>'
        f"<title>{escape(window.feed.title)}</title><link>{site.base}/</link>"
        f"<description>{escape(window.feed.title)}</description>{''.join(items)}</channel></rss>"
    )
    return Written(body=body.encode("utf-16"), content_type="text/xml")
