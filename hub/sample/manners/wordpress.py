"""WordPress: teaser in description, whole text in content:encoded, categories, ETag and Last-Modified honoured."""

from datetime import UTC
from email.utils import format_datetime
from html import escape

from hub.sample.manners import Written
from hub.sample.province import Feed
from hub.sample.story import Site, Story, text_html
from hub.sample.world import Window


def path(feed: Feed) -> str:
    return f"/category/{feed.word}/feed/"


def identity(site: Site, story: Story) -> tuple[str, str]:
    return f"{site.base}/?p={story.id}", f"{site.base}/{story.slug}-{story.id}/"


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
