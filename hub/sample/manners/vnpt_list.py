"""The telecom's hosted portal where nobody switched the feeds on: list pages, files at the host that stores them."""

from hub.sample.manners import Product
from hub.sample.province import Feed
from hub.sample.story import Site, Story

PRODUCT = Product(pages="vnpt", files="/storage-vnportal/")


def identity(site: Site, story: Story) -> tuple[str, str]:
    return "", f"{site.base}/{story.feed.word}/-/{story.slug}-{story.id}.html"


def listing(feed: Feed, page: int) -> str:
    return f"/{feed.word}" + (f"?page={page}" if page > 1 else "")
