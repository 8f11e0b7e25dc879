"""Atom 1.0 with tombstones (RFC 6721): the one product that says what it takes back."""

from html import escape

from hub.sample.manners import Written
from hub.sample.province import Feed
from hub.sample.story import Site, Story, text_html
from hub.sample.world import Window


def path(feed: Feed) -> str:
    return f"/{feed.word}/atom.xml"


def identity(site: Site, story: Story) -> tuple[str, str]:
    return (
        f"tag:{site.member.slug}.example,2026:{story.id}",
        f"{site.base}/{story.feed.word}/{story.slug}-{story.id}.html",
    )


def write(site: Site, window: Window) -> Written:
    parts = []
    for gone in window.gone:
        guid, _ = identity(site, gone.story)
        parts.append(f'<at:deleted-entry ref="{guid}" when="{gone.at.isoformat()}"/>')
    for story in window.stories:
        guid, address = identity(site, story)
        tags = "".join(f'<category term="{escape(tag)}"/>' for tag in story.draft.tags)
        file = (
            f'<link rel="enclosure" type="application/pdf" href="{site.base}{story.file_path}"'
            f' title="{escape(story.draft.file)}"/>'
        )
        parts.append(
            f'<entry><id>{guid}</id><title>{escape(story.draft.title)}</title><link rel="alternate" href="{address}"/>'
            f"<published>{story.published.isoformat()}</published><updated>{story.updated.isoformat()}</updated>"
            f"<author><name>{escape(story.draft.desk)}</name></author>{tags}{file if story.file_path else ''}"
            f"<summary>{escape(story.draft.lead)}</summary>"
            f'<content type="html">{escape(text_html(story, site.base))}</content></entry>'
        )
    body = (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"'
        ' xmlns:at="http://purl.org/atompub/tombstones/1.0" xml:lang="vi">'
        f"<id>{site.base}{path(window.feed)}</id><title>{escape(window.feed.title)}</title>"
        f'<link rel="self" href="{site.base}{path(window.feed)}"/><link href="{site.base}/"/>'
        f"<updated>{window.changed.isoformat()}</updated>{''.join(parts)}</feed>"
    )
    return Written(body=body.encode(), content_type="application/atom+xml; charset=utf-8", validators=True)
