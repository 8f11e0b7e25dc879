"""A generated site whose lists are drawn by a script: only a sitemap with the news extension names what it has."""

from collections.abc import Mapping
from html import escape

from hub.sample.manners import Product, Shelf, Written
from hub.sample.province import Feed
from hub.sample.story import Site, Story


def identity(site: Site, story: Story) -> tuple[str, str]:
    return "", f"{site.base}/{story.feed.word}/{story.slug}-{story.id}/"


def listing(feed: Feed, page: int) -> str:
    return f"/{feed.word}/" + (f"{page}/" if page > 1 else "")


def _sitemap(shelf: Shelf, query: Mapping[str, str]) -> Written:
    """`/sitemap.xml`: every article with the time of its last change, title and day in the news extension."""
    entries = []
    for story in shelf.stories:
        _, address = identity(shelf.site, story)
        entries.append(
            f"<url><loc>{address}</loc><lastmod>{story.updated.isoformat(timespec='seconds')}</lastmod>"
            f"<news:news><news:publication><news:name>{escape(shelf.site.member.name)}</news:name>"
            "<news:language>vi</news:language></news:publication>"
            f"<news:publication_date>{story.published.isoformat(timespec='seconds')}</news:publication_date>"
            f"<news:title>{escape(story.draft.title)}</news:title></news:news></url>"
        )
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        f' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{"".join(entries)}</urlset>'
    )
    return Written(body=body.encode(), content_type="application/xml", validators=True, shown=shelf.stories)


PRODUCT = Product(pages="static", sitemap="/sitemap.xml", others={"/sitemap.xml": _sitemap})
