"""List pages of sites that have no feed: blocks found by CSS or XPath, page after page.

fetch     one page each poll; with `pages` the cursor goes on to the next ones, one by one
split     connectors/parse/pages/listpage.py: blocks, links, titles, dates
normalise connectors/parse/item.py; the article's own page is read later
walk      back through the pages for `hub backfill`
"""

import asyncio
from collections.abc import Container, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar, Self, cast

from pydantic import Field, field_validator, model_validator

from connectors.base import Capture, Cursor, Normalised, Record, SourceContext, Split, Unchanged
from connectors.errors import RejectedError
from connectors.freshness import validators_of
from connectors.parse.entry import Entry
from connectors.parse.feeds.reader import RECORD_LIMIT
from connectors.parse.item import make_item
from connectors.parse.pages.listblocks import ListPage, ListSelectors, next_page, read_list
from connectors.parse.pages.listpage import check, date_of, page_of, records_of, too_many
from connectors.parse.selectors import CssOrXPath
from connectors.parse.url import web_url

if TYPE_CHECKING:
    from connectors.http import Http


class Config(ListSelectors):
    """Settings of an HTML list."""

    lists_only: ClassVar[bool] = True

    pages: int = Field(default=1, ge=1, le=50, description="pages read in each round of polls")
    next: CssOrXPath | None = Field(default=None, description="the link to the next page")
    page_url: str | None = Field(
        default=None, max_length=1_000, description="address of further pages, like `/tin-tuc?page={page}`"
    )
    first_page: int = Field(default=1, ge=0, le=1_000, description="number of the first page in `page_url`")
    page_step: int = Field(default=1, ge=1, le=1_000, description="by how much that number grows, like 20 for ?start=")
    max_pages: int = Field(default=500, ge=1, le=10_000, description="pages of one walk back through the history")
    max_items: int = Field(default=RECORD_LIMIT, ge=1, le=10_000, description="blocks of one page that are read")

    @field_validator("page_url")
    @classmethod
    def _has_a_place_for_the_number(cls, template: str | None) -> str | None:
        if template is None:
            return None
        rest = template.replace("{page}", "", 1)
        if (
            rest == template
            or "{" in rest
            or "}" in rest
            or not web_url(template.replace("{page}", "1"), "http://a.vn")
        ):
            raise ValueError("an address with {page} in the place of the number")
        return template

    @model_validator(mode="after")
    def _can_go_on(self) -> Self:
        if self.next is not None and self.page_url is not None:
            raise ValueError("next or page_url, not both")
        if self.pages > 1 and self.next is None and self.page_url is None:
            raise ValueError("pages needs next or page_url: where the further pages are")
        return self


class Connector:
    """A list at one address."""

    def __init__(self, context: SourceContext, config: Config) -> None:
        self.context = context
        self.config = config

    async def fetch(self, http: "Http", cursor: Cursor) -> Capture | Unchanged:
        """Get the first page unless it is unchanged, or the page that the last poll left for this one."""
        if url := cursor.get("next", ""):
            answer, page = await http.page(url), _page(cursor) + 1
        else:
            answer, page = await http.page(self.context.url, cursor=cursor), 1
        if isinstance(answer, Unchanged) or (page == 1 and self.config.pages == 1):
            return answer
        kept = validators_of(cursor if page > 1 else answer.cursor)  # those of the first page
        return await self._placed(answer, page, self.config.pages, kept, cursor.get("seen", ""))

    async def walk(self, http: "Http", cursor: Cursor, since: date) -> Capture:
        """One page further back; the end is a page without next, older than `since`, or the same as the last one."""
        answer, page = await http.page(cursor.get("next") or self.context.url), _page(cursor) + 1
        assert isinstance(answer, Capture)  # nothing was asked conditionally
        return await self._placed(answer, page, self.config.max_pages, {}, cursor.get("seen", ""), since)

    async def _placed(
        self, capture: Capture, page: int, most: int, kept: Mapping[str, str], seen: str, since: date | None = None
    ) -> Capture:
        """The capture with a cursor that says where it stands among the pages and where the next one is."""
        try:
            following, mark = await asyncio.to_thread(self._following, capture, page, seen, since)
        except RejectedError:
            if since is not None:  # what lies behind it would be lost without a word
                raise
            following, mark, kept = "", "", {}  # split names it; the next round begins anew, changed or not
        following = following if page < most else ""
        cursor = {**kept, "page": str(page)}
        if following:
            cursor |= {"next": following, "seen": mark}
        # Where a further page moved says nothing about the address of the list.
        moved_to = capture.hints.moved_to if page == 1 else ""
        return replace(capture, cursor=cursor, hints=replace(capture.hints, more=bool(following), moved_to=moved_to))

    def _following(self, capture: Capture, page: int, seen: str, since: date | None) -> tuple[str, str]:
        """The address of the next page and the mark of this one; empty where the list ends. Raises as `split` does."""
        body, kind, url = capture.body, capture.content_type, capture.url
        tree = page_of(body, kind, url)
        listed = read_list(tree, self.config, self.config.max_items)
        check(listed, body, kind, url, further=page > 1)
        mark = listed.mark
        if not listed.blocks or mark == seen or (since is not None and self._all_before(listed, since, capture)):
            return "", ""
        if self.config.next is not None:
            return next_page(tree, self.config.next), mark
        if self.config.page_url is None:
            return "", ""
        number = self.config.first_page + page * self.config.page_step
        return web_url(self.config.page_url.replace("{page}", str(number)), self.context.url), mark

    def _all_before(self, page: ListPage, since: date, capture: Capture) -> bool:
        dates = [
            at.date()
            for one in page.listed
            if (at := date_of(one, capture.fetched_at, self.context.timezone, self.config.day_first))
        ]
        return bool(dates) and max(dates) < since

    def split(self, capture: Capture, known: Container[bytes], now: datetime) -> Split:
        """Find the blocks.

        Raises RejectedError: `list_selector_empty`, `list_page_changed`, `empty_body`, `not_a_page`, or what
        connectors/parse/pages/blockpage.py names.
        """
        url, further = capture.url, _page(capture.cursor) > 1
        page = read_list(page_of(capture.body, capture.content_type, url), self.config, self.config.max_items)
        check(page, capture.body, capture.content_type, url, further=further)
        records, fallen, marks = records_of(
            page, known=known, now=now, timezone=self.context.timezone, day_first=self.config.day_first
        )
        return Split(
            format="html",
            title=page.title,
            home=self.context.url,
            records=records,
            fallen=[*fallen, *too_many(page)],
            fingerprints=marks,
            truncated=page.cut_off,
            incremental=further or "next" in capture.cursor or self.config.pages > 1,
        )

    def normalise(self, record: Record, capture: Capture) -> Normalised:
        """Clean every field. Raises RejectedError: `no_identity`, `no_text`."""
        return make_item(cast(Entry, record.fields), self.context, base=capture.url, pointer=record.pointer)


def _page(cursor: Cursor) -> int:
    """Which page a cursor was written with; 0 for one that begins."""
    text = cursor.get("page", "")
    return int(text) if text.isdecimal() else 0
