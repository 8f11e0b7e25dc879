"""A hosted portal of a telecom: RSS 2.0 in one line, CDATA everywhere, local dates without a zone."""

from html import escape

from hub.sample.manners import Product, Written
from hub.sample.province import Feed
from hub.sample.story import Site, Story, text_html
from hub.sample.world import Window

PRODUCT = Product(pages="vnpt", feeds_page="/rss", files="/storage-vnportal/")


def path(feed: Feed) -> str:
    return f"/rss/{feed.serial}/{feed.word}.rss"


def identity(site: Site, story: Story) -> tuple[str, str]:
    address = f"{site.base}/{story.feed.word}/-/{story.slug}-{story.id}.html"
    return address, address


def listing(feed: Feed, page: int) -> str:
    return f"/{feed.word}" + (f"?page={page}" if page > 1 else "")


def write(site: Site, window: Window) -> Written:
    items = []
    for story in window.stories:
        guid, address = identity(site, story)
        items.append(
            f"<item><title><![CDATA[{story.draft.title}]]></title>"
            f"<description><![CDATA[{text_html(story, site.base)}]]></description>"
            f"<link><![CDATA[{address}]]></link><guid><![CDATA[{guid}]]></guid>"
            f"<pubDate><![CDATA[{story.published:%Y-%m-%d %H:%M:%S}]]></pubDate>"
            f"<category><![CDATA[{window.feed.title}]]></category></item>"
        )
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
        f"<title><![CDATA[{window.feed.title}]]></title><link>{escape(site.base)}/</link>"
        f"<description><![CDATA[{window.feed.title}]]></description>{''.join(items)}</channel></rss>"
    )
    return Written(body=body.encode(), content_type="application/xml; charset=utf-8", gzip=True)
