"""A hand-made .NET site: a byte order mark, no guid, relative links, `05/11/2026 08:30`, text pasted out of Word.

The export also writes the empty row at the end of its grid: a record without any name. The hub sets it aside and says
so: the five feeds of this manner give the «5 no_identity» of the summary, and nothing is lost with them.
"""

from html import escape

from hub.sample.manners import Product, Written
from hub.sample.province import Feed
from hub.sample.story import Site, Story, text_html
from hub.sample.world import Window

PRODUCT = Product(pages="inhouse", headers={"X-Powered-By": "ASP.NET"})


def path(feed: Feed) -> str:
    return f"/Rss.aspx?chuyenmuc={feed.word}"


def identity(site: Site, story: Story) -> tuple[str, str]:
    return "", f"{site.base}/ChiTiet.aspx?id={story.id}"


def listing(feed: Feed, page: int) -> str:
    return f"/DanhSachTin.aspx?cm={feed.serial}" + (f"&trang={page}" if page > 1 else "")


def write(site: Site, window: Window) -> Written:
    word = ' class="MsoNormal" style="mso-bidi-font-size:14.0pt;text-align:justify"'
    items = []
    for story in window.stories:
        address = f"/{site.member.slug}/ChiTiet.aspx?id={story.id}"
        html = text_html(story, f"/{site.member.slug}", attributes=word)
        items.append(
            f"<item><title>{escape(story.draft.title)}</title><link>{address}</link>"
            f"<description><![CDATA[<!--[if gte mso 9]><xml></xml><![endif]-->{html}]]></description>"
            f"<pubDate>{story.published:%d/%m/%Y %H:%M}</pubDate></item>"
        )
    items.append("<item><title></title><link></link><description></description></item>")
    body = (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>{escape(window.feed.title)}</title><link>{site.base}/</link>"
        f"<description>{escape(window.feed.title)}</description>{''.join(items)}</channel></rss>"
    )
    return Written(body=b"\xef\xbb\xbf" + body.encode(), content_type="text/xml; charset=utf-8")
