"""Atom 1.0 with tombstones (RFC 6721): the one product that says what it takes back; JSON Feed beside it."""

from collections.abc import Mapping
from html import escape

from hub.sample.manners import Other, Product, Shelf, Written, jsonfeed
from hub.sample.province import TITLES, Feed
from hub.sample.story import Site, Story, text_html
from hub.sample.world import Window


def path(feed: Feed) -> str:
    return f"/{feed.word}/atom.xml"


def identity(site: Site, story: Story) -> tuple[str, str]:
    return (
        f"tag:{site.member.slug}.example,2026:{story.id}",
        f"{site.base}/{story.feed.word}/{story.slug}-{story.id}.html",
    )


def listing(feed: Feed, page: int) -> str:
    return f"/chuyen-muc/{feed.word}" + (f"?trang={page}" if page > 1 else "")


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


def _as_json(word: str) -> Other:
    """`/WORD/feed.json`."""

    def answer(shelf: Shelf, query: Mapping[str, str]) -> Written:
        window = next((w for w in shelf.headings if w.feed.word == word), shelf.headings[0])
        newest = Window(feed=window.feed, stories=window.stories[:20], gone=(), changed=window.changed)
        return jsonfeed.document(shelf.site, newest, identity, f"/{word}/feed.json")

    return answer


PRODUCT = Product(pages="modern", others={f"/{word}/feed.json": _as_json(word) for _, word in TITLES.values()})
