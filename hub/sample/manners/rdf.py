"""RSS 1.0: items beside the channel, W3C dates, the address is the name."""

from html import escape

from hub.sample.manners import Product, Written
from hub.sample.province import Feed
from hub.sample.story import Site, Story, text_html
from hub.sample.world import Window

PRODUCT = Product(pages="old")


def path(feed: Feed) -> str:
    return f"/rss/{feed.word}.rdf"


def identity(site: Site, story: Story) -> tuple[str, str]:
    address = f"{site.base}/{story.feed.word}/{story.id}"
    return address, address


def listing(feed: Feed, page: int) -> str:
    return f"/{feed.word}.htm" + (f"?p={page}" if page > 1 else "")


def write(site: Site, window: Window) -> Written:
    stories = [(identity(site, story)[1], story) for story in window.stories]
    listed = "".join(f'<rdf:li rdf:resource="{address}"/>' for address, _ in stories)
    items = "".join(
        f'<item rdf:about="{address}"><title>{escape(story.draft.title)}</title><link>{address}</link>'
        f"<description>{escape(text_html(story, site.base))}</description>"
        f"<dc:creator>{escape(story.draft.desk)}</dc:creator>"
        f"<dc:date>{story.published.isoformat()}</dc:date></item>"
        for address, story in stories
    )
    body = (
        '<?xml version="1.0" encoding="utf-8"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<channel rdf:about="{site.base}/"><title>{escape(window.feed.title)}</title><link>{site.base}/</link>'
        f"<description>{escape(window.feed.title)}</description><items><rdf:Seq>{listed}</rdf:Seq></items></channel>"
        f"{items}</rdf:RDF>"
    )
    return Written(body=body.encode(), content_type="application/rdf+xml")
