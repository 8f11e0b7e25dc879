"""Drupal: a feed of teasers for the whole site; the whole texts through JSON:API, with offsets and `links.next`."""

import json
from collections.abc import Mapping
from email.utils import format_datetime
from html import escape
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

from hub.sample.manners import Product, Shelf, Written
from hub.sample.province import Feed
from hub.sample.story import Site, Story, text_html
from hub.sample.world import Window


def path(feed: Feed) -> str:
    return "/rss.xml" if feed.member.feeds[0] is feed.kind else f"/{feed.word}/rss.xml"


def identity(site: Site, story: Story) -> tuple[str, str]:
    return f"{story.id} at {site.base}", f"{site.base}/node/{story.id}"


def listing(feed: Feed, page: int) -> str:
    return f"/{feed.word}" + (f"?page={page - 1}" if page > 1 else "")


def write(site: Site, window: Window) -> Written:
    items = []
    for story in window.stories[:10]:
        guid, address = identity(site, story)
        items.append(
            f"<item><title>{escape(story.draft.title)}</title><link>{address}</link>"
            f"<description>{escape(f'<p>{escape(story.draft.lead)}</p>')}</description>"
            f"<pubDate>{format_datetime(story.published)}</pubDate><dc:creator>{escape(story.draft.desk)}</dc:creator>"
            f'<guid isPermaLink="false">{guid}</guid></item>'
        )
    body = (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xml:base="{site.base}/"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>{escape(site.member.name)}</title>'
        f"<link>{site.base}/</link><description/><language>vi</language>{''.join(items)}</channel></rss>"
    )
    return Written(body=body.encode(), content_type="application/rss+xml; charset=utf-8", validators=True)


def _index(shelf: Shelf, query: Mapping[str, str]) -> Written:
    """`/jsonapi`: the collections that may be read."""
    return _answer({"data": [], "links": {"node--article": {"href": f"{shelf.site.base}/jsonapi/node/article"}}})


def _articles(shelf: Shelf, query: Mapping[str, str]) -> Written:
    """`/jsonapi/node/article`: at most 50 at a time, by the newest change."""
    stories = sorted(shelf.stories, key=lambda story: story.updated, reverse=True)
    size, offset = min(50, int(query.get("page[limit]", "50"))), int(query.get("page[offset]", "0"))
    here = f"{shelf.site.base}/jsonapi/node/article"
    links = {"self": {"href": here}}
    if offset + size < len(stories):
        following = {**query, "page[offset]": str(offset + size), "page[limit]": str(size)}
        links["next"] = {"href": f"{here}?{urlencode(following)}"}
    shown = stories[offset : offset + size]
    nodes = [_node(shelf.site, story) for story in shown]
    return _answer({"jsonapi": {"version": "1.0"}, "data": nodes, "links": links}, tuple(shown))


def _node(site: Site, story: Story) -> dict[str, object]:
    identifier = str(uuid5(NAMESPACE_URL, f"{site.base}/node/{story.id}"))
    html = text_html(story, f"/{site.member.slug}")
    return {
        "type": "node--article", "id": identifier,
        "links": {"self": {"href": f"{site.base}/jsonapi/node/article/{identifier}"}},
        "attributes": {
            "drupal_internal__nid": story.id, "langcode": "vi", "status": True, "title": story.draft.title,
            "created": story.published.isoformat(timespec="seconds"),
            "changed": story.updated.isoformat(timespec="seconds"),
            "path": {"alias": f"/node/{story.id}", "pid": None, "langcode": "vi"},
            "body": {
                "value": html, "format": "full_html", "processed": html, "summary": story.draft.lead,
            },
        },
        "relationships": {},
    }  # fmt: skip


def _answer(document: object, shown: tuple[Story, ...] = ()) -> Written:
    body = json.dumps(document, ensure_ascii=False).encode()
    return Written(body=body, content_type="application/vnd.api+json", shown=shown)


PRODUCT = Product(
    pages="drupal",
    headers={"X-Generator": "Drupal 10 (https://www.drupal.org)", "X-Drupal-Cache": "HIT"},
    others={"/jsonapi": _index, "/jsonapi/node/article": _articles},
)
