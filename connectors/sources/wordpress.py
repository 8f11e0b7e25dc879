"""WordPress: posts of any type over its REST interface, `/wp-json/wp/v2/…`.

    fetch     a round (connectors/rounds.py) in two legs: the newest posts, then what changed since the last round
    split     one page: JSON list, author, picture and terms embedded
    normalise connectors/parse/item.py

The newest posts are looked at in every round because a post that was planned ahead appears without being changed on
that day: `modified_after` alone would never show it.
"""

import re
from collections.abc import Container, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from html import unescape
from typing import TYPE_CHECKING, Annotated, Any, Final, cast
from urllib.parse import parse_qsl, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from pydantic import Field

from connectors.base import Capture, Cursor, Normalised, Record, SourceContext, Split, Unchanged
from connectors.errors import RejectedError
from connectors.parse.data.apis import (
    ACCEPT,
    Gone,
    glance,
    listed,
    load,
    refuse_answer,
    set_dates,
    split_list,
    string,
    value,
)
from connectors.parse.dates import parse_date
from connectors.parse.entry import Entry, Person, Text
from connectors.parse.item import make_item
from connectors.parse.url import with_parameters
from connectors.rounds import WALK_LIMIT, Page, PagedConfig, Round, in_gmt, next_number

if TYPE_CHECKING:
    from connectors.http import Http

#: Legs of a round; a place is a page number, in the second leg with this word before it.
_CHANGED: Final = "changed "
#: The category of posts that nobody put into one.
_NO_CATEGORY: Final = frozenset(
    {"uncategorized", "chua-phan-loai", "chua-duoc-phan-loai", "khong-phan-loai", "chua-phan-loai-vi"}
)
#: What was public and is not any more; `future`, `draft` and `pending` never were.
_WITHDRAWN: Final = frozenset({"trash", "private"})
_NEVER: Final = "0000"  # the zero date of MySQL


class Config(PagedConfig):
    """Keys of a WordPress source."""

    post_type: str = Field(default="posts", pattern=r"^[\w-]{1,64}$")  #: `rest_base` of the type: posts, pages, van-ban
    categories: tuple[Annotated[int, Field(ge=1)], ...] = ()  #: ids of categories; empty: all
    per_page: int = Field(default=20, ge=1, le=100)  #: posts of one page
    rest_route: bool = False  #: the site has plain permalinks: `/?rest_route=/wp/v2/posts`


class Connector:
    """The posts of one site; `url` is its home page, `/wp-json/` or the whole address of the list."""

    def __init__(self, context: SourceContext, config: Config) -> None:
        self.context = context
        self.config = config

    async def fetch(self, http: "Http", cursor: Cursor) -> Capture | Unchanged:
        """Get the next page of the round."""
        standing = Round.of(cursor)
        try:
            return await self._read_on(http, standing)
        except RejectedError as error:
            # `rest_post_invalid_page_number`: the list became shorter than its last page was. A parameter that this
            # site does not take would have been refused on the first page.
            changed, number = _place(standing)
            if error.code != "bad_request" or number == 1:
                raise
            if standing.since is None or changed:
                return await self._read_on(http, standing.over())
            return await self._read_on(http, replace(standing, place=f"{_CHANGED}1"))

    async def walk(self, http: "Http", cursor: Cursor, since: date) -> Capture:
        """The next page of everything published since a day, newest first."""
        standing = Round.of(cursor)
        number = _place(standing)[1]
        start = datetime.combine(since, time(), ZoneInfo(self.context.timezone))
        url = self._address(number, orderby="date", after=in_gmt(start))
        try:
            capture = await http.get(url, accept=ACCEPT, headers=self.config.credentials())
        except RejectedError as error:
            if error.code != "bad_request" or number == 1:
                raise
            # Behind the last page: a walk ends with a capture, and this one is the first page's once more.
            return await self.walk(http, {"pages": str(WALK_LIMIT)}, since)
        assert isinstance(capture, Capture)  # nothing was asked on a condition
        page = self._look(await glance(capture), capture, replace(standing, since=None))
        return standing.walked(capture, page, asked=url)

    async def _read_on(self, http: "Http", standing: Round) -> Capture | Unchanged:
        changed, number = _place(standing)
        if changed and standing.window:
            url = self._address(number, orderby="modified", modified_after=in_gmt(standing.window))
        else:
            url = self._address(number, orderby="date")
        condition, headers = standing.condition(url), self.config.credentials()
        answer = await http.get(url, cursor=condition, accept=ACCEPT, headers=headers)
        if isinstance(answer, Capture):
            page = self._look(await glance(answer), answer, standing)
            return standing.after(answer, page, asked=url, max_pages=self.config.max_pages)
        if standing.since is None:
            return answer
        # The newest are as they were; an older one may have changed.
        return await self._read_on(http, standing.beyond_the_first(f"{_CHANGED}1"))

    def _address(self, number: int, **parameters: str) -> str:
        """The address of one page."""
        config, parts = self.config, urlsplit(self.context.url)
        route = f"/wp/v2/{config.post_type}"
        path, interface, below = parts.path.partition("/wp-json")
        if interface:
            path = parts.path if re.match(r"/wp/v2/\w", below) else f"{path}/wp-json{route}"
        elif config.rest_route:
            parameters["rest_route"] = dict(parse_qsl(parts.query)).get("rest_route", route)
        elif "rest_route=" not in parts.query:
            path = f"{path.rstrip('/')}/wp-json{route}"
        return with_parameters(
            urlunsplit(parts._replace(path=path)),
            [
                *parameters.items(), ("order", "desc"), ("per_page", str(config.per_page)),
                ("page", str(number) if number > 1 else ""),
                ("categories", ",".join(map(str, config.categories))), ("_embed", "author,wp:featuredmedia,wp:term"),
            ],
        )  # fmt: skip

    def _look(self, posts: Any, capture: Capture, standing: Round) -> Page | None:
        """What a page says about the way on; None when it is none."""
        if not isinstance(posts, list):
            return None
        changed, number = _place(standing)
        newest = max(filter(None, (self._moment(post, "modified") for post in posts)), default=None)
        last, total = (_count(capture, name) for name in ("x-wp-totalpages", "x-wp-total"))
        if last is None:  # a proxy dropped the header: a full page may have a next one
            last = number + (len(posts) >= self.config.per_page)
        following = next_number(number, last, standing, total) if posts else ""
        if changed:
            following = f"{_CHANGED}{following}" if following and not standing.behind(newest) else ""
        elif standing.window and not (following and self._all_published_since(posts, standing.window)):
            following = f"{_CHANGED}1"  # this page reaches back into the last round
        shows = tuple(string(post, "id") for post in posts)
        return Page(shows=(_CHANGED if changed else "", *shows), newest=newest, next=following, total=total)

    def _all_published_since(self, posts: list[Any], moment: datetime) -> bool:
        return all((at := self._moment(post, "date")) is not None and at >= moment for post in posts)

    def _moment(self, post: Any, name: str) -> datetime | None:
        return parse_date(_date(post, name), timezone=self.context.timezone)

    def split(self, capture: Capture, known: Container[bytes], now: datetime) -> Split:
        """Cut and parse one page.

        Raises RejectedError: `api_error`, `not_this_api`, `nothing_listed` or a code of connectors/parse/refusals.py.
        """
        posts = load(capture.body, capture.content_type)
        if isinstance(posts, dict) and isinstance(posts.get("code"), str) and "message" in posts:
            raise refuse_answer("api_error")
        if not isinstance(posts, list):
            raise refuse_answer("not_this_api")
        asked = dict(parse_qsl(urlsplit(capture.url).query))
        part = not asked.keys().isdisjoint({"modified_after", "after"}) or asked.get("page", "1") != "1"
        if not posts and not part:
            raise refuse_answer("nothing_listed")
        if posts and not any(isinstance(post, dict) and "id" in post and "title" in post for post in posts):
            raise refuse_answer("not_this_api")
        # Where a proxy dropped the header, a full page may be one of many.
        pages = _count(capture, "x-wp-totalpages") or (2 if len(posts) >= self.config.per_page else 1)
        return split_list(
            posts, lambda post: self._read(post, now), format="wordpress", known=known,
            incremental=part or pages > 1,
        )  # fmt: skip

    def normalise(self, record: Record, capture: Capture) -> Normalised:
        """Clean every field. Raises RejectedError: `no_identity`, `no_text`."""
        return make_item(cast(Entry, record.fields), self.context, base=capture.url, pointer=record.pointer)

    def _read(self, post: Mapping[str, Any], now: datetime) -> Entry | Gone | None:
        # The same words as <guid> of the site's feeds, so that a source may change from one to the other.
        guid = unescape(string(post, "guid", "rendered")) or string(post, "link") or string(post, "id")
        status = string(post, "status") or "publish"
        if (
            status in _WITHDRAWN or value(post, "content", "protected") is True
        ):  # a password was set: not for the public
            return Gone(guid, parse_date(_date(post, "modified"), now=now, timezone=self.context.timezone))
        if status != "publish":
            return None
        entry: Entry = {"id": guid, "link": string(post, "link"), "title": Text(string(post, "title", "rendered"))}
        for key, name in (("content", "content"), ("summary", "excerpt")):
            if text := string(post, name, "rendered"):
                entry[key] = Text(text, True, entry["link"])  # type: ignore[literal-required]
        set_dates(entry, _date(post, "date"), _date(post, "modified"), now=now, timezone=self.context.timezone)
        names = (string(author, "name") for author in listed(post, "_embedded", "author"))
        entry["authors"] = [Person(name) for name in names if name]
        picture = value(post, "_embedded", "wp:featuredmedia", 0)
        if string(picture, "media_type") in ("", "image"):
            entry["image"] = string(picture, "source_url") or string(post, "jetpack_featured_media_url")
        terms = [term for group in listed(post, "_embedded", "wp:term") for term in listed(group)]
        entry["categories"] = [
            string(term, "name") for term in terms if string(term, "name") and string(term, "slug") not in _NO_CATEGORY
        ]
        if language := string(post, "lang"):  # Polylang, WPML
            entry["language"] = language
        return entry


def _place(standing: Round) -> tuple[bool, int]:
    """Whether a round is in its second leg, and the number of the page to be read."""
    number = standing.place.removeprefix(_CHANGED)
    return standing.place.startswith(_CHANGED), int(number) if number.isascii() and number.isdigit() else 1


def _date(post: Any, name: str) -> str:
    """A date in GMT, or in the site's own time where it has none in GMT."""
    moment = string(post, f"{name}_gmt")
    if moment and not moment.startswith(_NEVER):
        return moment if moment.endswith("Z") else f"{moment}Z"
    moment = string(post, name)
    return "" if moment.startswith(_NEVER) else moment


def _count(capture: Capture, header: str) -> int | None:
    text = capture.headers.get(header, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
