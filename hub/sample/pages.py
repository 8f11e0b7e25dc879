"""The pages of a member's site as its portal product draws them: home, lists with paging, articles, the list of feeds.

One template for each product in templates/sites; a template draws all four views. Around what is meant stands what
stands around it everywhere: menus, the day's date, what others read, links to other offices.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.sample.manners import Shelf, feed_writer, manner
from hub.sample.prose import WEEKDAYS
from hub.sample.province import Feed
from hub.sample.story import Story, text_html

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)
#: stories on one list page, and of each heading on the home page
PAGE_SIZE = 8
ON_HOME = 5
#: most read, and related
ASIDE = 4
OFFICES = ("Cổng thông tin điện tử tỉnh Mẫu", "Cổng dịch vụ công tỉnh Mẫu", "Công báo tỉnh Mẫu", "Báo Tỉnh Mẫu điện tử")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A story as lists show it."""

    title: str
    url: str
    published: datetime
    lead: str
    desk: str
    image: str  #: path, or empty
    tags: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading of the site: its list page, its feed if it has one, its newest stories."""

    name: str  #: Tin tức - Sự kiện
    word: str
    serial: int
    url: str
    feed: str  #: address, or empty
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class File:
    """An attachment as a page names it."""

    title: str
    url: str
    kind: str  #: PDF, DOCX


class Pages:
    """The pages of one site at one moment."""

    def __init__(self, shelf: Shelf, now: datetime, *, procedures: str = "") -> None:
        """`procedures` is where the member's procedures are listed; empty: it has none."""
        self._shelf = shelf
        self._site = shelf.site
        self._manner = manner(shelf.site.member.manner)
        self._now = now
        self._procedures = procedures
        self._base = f"/{shelf.site.member.slug}"

    def home(self) -> str:
        """The home page."""
        return self._draw("home", title="Trang chủ")

    def feeds(self) -> str:
        """The page that lists the feeds for people."""
        return self._draw("feeds", title="RSS")

    def listing(self, feed: Feed, page: int) -> str:
        """The list page of a heading."""
        stories = self._shelf.heading(feed.word)
        heading = next(each for each in self._headings() if each.serial == feed.serial)
        last = pages_of(stories)
        return self._draw(
            "list",
            title=heading.name,
            heading=heading,
            rows=[self._row(story) for story in stories[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]],
            page=page,
            pages=[(n, self._local(self._manner.listing(feed, n))) for n in range(1, last + 1)],
        )

    def article(self, story: Story) -> str:
        """The page of one story."""
        related = [self._row(each) for each in self._shelf.heading(story.feed.word) if each.id != story.id]
        return self._draw(
            "article",
            title=story.draft.title,
            story=story,
            row=self._row(story),
            heading=next(each for each in self._headings() if each.serial == story.feed.serial),
            text=text_html(story, self._base, files=False),
            files=self._files(story),
            related=related[:ASIDE],
        )

    def _draw(self, view: str, **values: Any) -> str:
        member, product = self._site.member, self._manner.PRODUCT
        unset: Mapping[str, Any] = {"story": None, "heading": None, "rows": (), "pages": (), "page": 1, "files": ()}
        return TEMPLATES.get_template(f"sites/{product.pages}.html").render(
            {
                **unset, "view": view, "member": member, "base": self._base, "site": self._site.base,
                "today": f"{WEEKDAYS[self._now.weekday()]}, {self._now:%d/%m/%Y}", "now": self._now,
                "headings": self._headings(), "feeds_page": self._local(product.feeds_page),
                "most_read": [self._row(story) for story in self._shelf.stories[2 : 2 + ASIDE]], "offices": OFFICES,
                "procedures": self._procedures,
                **values,
            }
        )  # fmt: skip

    def _headings(self) -> list[Heading]:
        writer = feed_writer(self._site.member.manner)
        return [
            Heading(
                name=window.feed.title.partition(" - " + self._site.member.name)[0], word=window.feed.word,
                serial=window.feed.serial, url=self._local(self._manner.listing(window.feed, 1)),
                feed=self._site.base + writer.path(window.feed) if writer else "",
                rows=[self._row(story) for story in window.stories[:ON_HOME]],
            )
            for window in self._shelf.headings
        ]  # fmt: skip

    def _row(self, story: Story) -> Row:
        _, url = self._manner.identity(self._site, story)
        return Row(
            title=story.draft.title, url=url.removeprefix(self._site.root), published=story.published,
            lead=story.draft.lead, desk=story.draft.desk, tags=story.draft.tags,
            image=self._base + story.image_path if story.image_path else "",
        )  # fmt: skip

    def _files(self, story: Story) -> list[File]:
        """The attachments, where the product stores files."""
        place = self._manner.PRODUCT.files
        found = []
        for path, kind in ((story.file_path, "PDF"), (story.draft_path, "DOCX")):
            if path:
                stored = f"{place}{self._site.member.slug}/{story.published:%Y/%m}/{story.slug[:40]}-"
                url = self._local(stored + path.rpartition("/")[2] if place else path)
                found.append(File(story.draft.file, url, kind))
        return found

    def _local(self, path: str) -> str:
        return self._base + path if path else ""


def pages_of(stories: Sequence[Story]) -> int:
    """How many list pages they fill."""
    return max(1, -(-len(stories) // PAGE_SIZE))
