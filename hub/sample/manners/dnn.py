"""DotNetNuke: an .ashx handler; `&amp;` in links; GMT+7 as zone; a relative guid; junk before `<?xml`."""

from html import escape

from hub.sample.manners import Product, Written
from hub.sample.province import Feed
from hub.sample.story import Site, Story, text_html
from hub.sample.world import Window

PRODUCT = Product(pages="dnn", headers={"X-AspNet-Version": "4.0.30319"})


def path(feed: Feed) -> str:
    return f"/DesktopModules/TinTuc/rss.ashx?tabid={100 + feed.serial}&lang=vi-VN"


def identity(site: Site, story: Story) -> tuple[str, str]:
    local = f"/tabid/{100 + story.feed.serial}/id/{story.id}/Default.aspx"
    return local, f"{site.base}{local}"


def listing(feed: Feed, page: int) -> str:
    return f"/tabid/{100 + feed.serial}{f'/page/{page}' if page > 1 else ''}/Default.aspx"


def write(site: Site, window: Window) -> Written:
    items = []
    for story in window.stories:
        guid, address = identity(site, story)
        items.append(
            f"<item><title>{escape(story.draft.title)}</title><link>{escape(address)}</link>"
            f"<description>{escape(text_html(story, site.base))}</description>"
            f"<pubDate>{story.published:%a, %d %b %Y %H:%M:%S} GMT+7</pubDate><guid>{guid}</guid></item>"
        )
    body = (
        '\n  <?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>{escape(window.feed.title)}</title><link>{site.base}/Default.aspx</link>"
        f"<description>{escape(window.feed.title)}</description>{''.join(items)}</channel></rss>"
    )
    return Written(body=body.encode(), content_type="text/xml")
