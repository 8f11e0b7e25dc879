"""Liferay: web content, blogs or documents of one site over headless delivery, `/o/headless-delivery/v1.0/…`.

fetch     a round (connectors/rounds.py), the newest change first, page by page by number
split     one page: `items`, texts in `contentFields` by the names that the site's structure gives them
normalise connectors/parse/item.py
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from pydantic import Field

from connectors.base import Capture, Cursor, Normalised, Record, SourceContext, Split, Unchanged
from connectors.parse.data.apis import (
    ACCEPT,
    Gone,
    fill,
    glance,
    listed,
    load,
    newest,
    refuse_answer,
    set_dates,
    split_list,
    string,
    value,
    whole_number,
)
from connectors.parse.dates import parse_date
from connectors.parse.entry import Entry, Link, Person, Text
from connectors.parse.item import make_item
from connectors.parse.url import origin_of, with_parameters
from connectors.rounds import Page, PagedConfig, Round, in_gmt, next_number

if TYPE_CHECKING:
    from connectors.http import Http

_INTERFACE: Final = "/o/headless-delivery/v1.0"
#: Workflow states of what was public and is not any more: expired, denied, inactive, in the bin.
_WITHDRAWN: Final = frozenset({3, 4, 5, 8})
#: Fields inside fields that are looked through; structures are not deeper.
_DEPTH: Final = 5


class Content(StrEnum):
    """What of a site is read."""

    WEB_CONTENT = "structured-contents"
    BLOGS = "blog-postings"
    DOCUMENTS = "documents"


#: Where the portal shows an item of each kind, unless the settings say otherwise (Liferay 7.4).
_PAGES: Final = {Content.WEB_CONTENT: "/w/{friendlyUrlPath}", Content.BLOGS: "/b/{friendlyUrlPath}"}


class Config(PagedConfig):
    """Keys of a Liferay source."""

    site: str = Field(min_length=1, max_length=100)  #: id or key of the site: 20117, guest
    content: Content = Content.WEB_CONTENT  #: what is read
    structure: int | None = Field(default=None, ge=1)  #: id of a structure: only web content made with it
    body: tuple[str, ...] = ("Content", "content", "NoiDung", "Body")  #: fields of the text; the first that has one
    summary: tuple[str, ...] = ("Summary", "TomTat", "TrichYeu")  #: fields of the summary, before the description
    image: tuple[str, ...] = ("Image", "AnhDaiDien", "HinhAnh")  #: fields of the picture; else the first picture
    link: str = Field(default="", max_length=500)  #: page of an item: `/web/soyte/-/{friendlyUrlPath}`; empty: /w/, /b/
    locale: str = Field(default="vi-VN", pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")  #: translation that is asked for
    per_page: int = Field(default=20, ge=1, le=200)  #: items of one page


class Connector:
    """The content of one site; `url` is the portal's home page or the whole address of the list."""

    def __init__(self, context: SourceContext, config: Config) -> None:
        self.context = context
        self.config = config

    async def fetch(self, http: "Http", cursor: Cursor) -> Capture | Unchanged:
        """Get the next page of the round."""
        standing = Round.of(cursor)
        since = f"dateModified ge {in_gmt(standing.window)}" if standing.window else ""
        url = self._address(standing, sort="dateModified:desc", filter=since)
        answer = await http.get(url, cursor=standing.condition(url), accept=ACCEPT, headers=self._headers())
        if isinstance(answer, Unchanged):
            return answer
        page = self._look(await glance(answer), standing, "dateModified")
        if page is not None and standing.behind(page.newest):
            page = replace(page, next="")
        return standing.after(answer, page, asked=url, max_pages=self.config.max_pages)

    async def walk(self, http: "Http", cursor: Cursor, since: date) -> Capture:
        """The next page of everything written since a day, newest first."""
        standing = Round.of(cursor)
        start = datetime.combine(since, time(), ZoneInfo(self.context.timezone))
        # Unlike datePublished, which documents lack, this one can be filtered by in every version.
        url = self._address(standing, sort="dateCreated:desc", filter=f"dateCreated ge {in_gmt(start)}")
        capture = await http.get(url, accept=ACCEPT, headers=self._headers())
        assert isinstance(capture, Capture)  # nothing was asked on a condition
        page = self._look(await glance(capture), standing, "dateCreated")
        if page is not None and page.newest is not None and page.newest < start:
            page = replace(page, next="")
        return standing.walked(capture, page, asked=url)

    def _headers(self) -> dict[str, str]:
        return {"Accept-Language": f"{self.config.locale}, *;q=0.1", **self.config.credentials()}

    def _address(self, standing: Round, *, sort: str, filter: str) -> str:
        config, parts = self.config, urlsplit(self.context.url)
        if _INTERFACE not in parts.path:
            below = f"/sites/{quote(config.site, safe='')}/{config.content.value}"
            if config.structure is not None and config.content is Content.WEB_CONTENT:
                below = f"/content-structures/{config.structure}/structured-contents"
            parts = parts._replace(path=parts.path.rstrip("/") + _INTERFACE + below)
        flatten = "" if config.structure is not None else "true"  # what lies in folders belongs to the site too
        return with_parameters(
            urlunsplit(parts),
            [
                ("page", standing.place or "1"), ("pageSize", str(config.per_page)), ("sort", sort),
                ("filter", filter), ("flatten", flatten),
            ],
        )  # fmt: skip

    def _look(self, document: Any, standing: Round, date: str) -> Page | None:
        """What a page says about the way on; None when it is none."""
        items = value(document, "items")
        if not isinstance(items, list):
            return None
        # Behind its last page Liferay shows that page again: what it says it is counts.
        number = whole_number(document, "page") or _number(standing.place)
        last, total = whole_number(document, "lastPage") or number, whole_number(document, "totalCount")
        return Page(
            shows=tuple(string(item, "id") for item in items),
            newest=newest(items, (date,), timezone=self.context.timezone),
            next=next_number(number, last, standing, total) if items else "",
            total=total,
        )

    def split(self, capture: Capture, known: Container[bytes], now: datetime) -> Split:
        """Cut and parse one page.

        Raises RejectedError: `api_error`, `not_this_api` or a code of connectors/parse/data/nodata.py.
        """
        document = load(capture.body, capture.content_type)
        items = value(document, "items")
        if not isinstance(items, list):
            failed = string(document, "status")
            raise refuse_answer("api_error" if failed else "not_this_api")
        if items and not any(string(item, "id") and string(item, "dateModified") for item in items):
            raise refuse_answer("not_this_api")
        asked = dict(parse_qsl(urlsplit(capture.url).query))
        part = "filter" in asked or asked.get("page", "1") != "1" or (whole_number(document, "lastPage") or 1) > 1
        return split_list(
            items, lambda item: self._read(item, capture.url, now), format="liferay", known=known, incremental=part
        )

    def normalise(self, record: Record, capture: Capture) -> Normalised:
        """Clean every field. Raises RejectedError: `no_identity`, `no_text`."""
        return make_item(cast(Entry, record.fields), self.context, base=capture.url, pointer=record.pointer)

    def _read(self, item: Mapping[str, Any], url: str, now: datetime) -> Entry | Gone | None:
        # `uuid` belongs to one version of a web content, `id` to all of them.
        guid, state = string(item, "id"), whole_number(item, "status", "code") or 0
        if state in _WITHDRAWN:
            moment = parse_date(string(item, "dateModified"), now=now, timezone=self.context.timezone)
            return Gone(guid, moment)
        if state:
            return None
        entry: Entry = {"id": guid, "title": Text(string(item, "title") or string(item, "headline"), False)}
        if link := self._link(item, url):
            entry["link"] = link
        fields = list(_fields(listed(item, "contentFields")))
        if text := string(item, "articleBody") or _text(fields, self.config.body):
            entry["content"] = Text(text, True, url)
        description = string(item, "description") or string(item, "alternativeHeadline")
        if text := _text(fields, self.config.summary) or description:
            entry["summary"] = Text(text)
        published = string(item, "datePublished") or string(item, "dateCreated")
        set_dates(entry, published, string(item, "dateModified"), now=now, timezone=self.context.timezone)
        if name := string(item, "creator", "name"):
            entry["authors"] = [Person(name)]
        entry["image"] = string(item, "image", "contentUrl") or _picture(fields, self.config.image)
        categories = (string(one, "taxonomyCategoryName") for one in listed(item, "taxonomyCategoryBriefs"))
        entry["categories"] = [name for name in (*categories, *map(string, listed(item, "keywords"))) if name]
        files = [value(field, "contentFieldValue", "document") for field in fields]
        if self.config.content is Content.DOCUMENTS:
            files.append(item)
        entry["enclosures"] = [_file(file) for file in files if string(file, "contentUrl")]
        return entry

    def _link(self, item: Mapping[str, Any], url: str) -> str:
        template = self.config.link or _PAGES.get(self.config.content, "")
        path = fill(template, item) if template else string(item, "contentUrl")
        home = origin_of(url) + urlsplit(url).path.partition(_INTERFACE)[0]
        return path if not path or "://" in path else home + "/" + path.lstrip("/")


def _number(place: str) -> int:
    return int(place) if place.isascii() and place.isdigit() else 1


def _fields(fields: list[Any], depth: int = _DEPTH) -> Iterator[Any]:
    """The fields of an item and those inside them, in the order of the structure."""
    for field in fields:
        yield field
        if depth:
            yield from _fields(listed(field, "nestedContentFields"), depth - 1)


def _text(fields: list[Any], names: tuple[str, ...]) -> str:
    """The text of the first of `names` that a field has; a field that repeats gives all of its texts."""
    for name in names:
        texts = [string(field, "contentFieldValue", "data") for field in fields if string(field, "name") == name]
        if any(texts):
            return "\n".join(text for text in texts if text)
    return ""


def _picture(fields: list[Any], names: tuple[str, ...]) -> str:
    """The picture of the first of `names` that has one, else the first picture of all."""
    found = {
        string(field, "name"): string(field, "contentFieldValue", "image", "contentUrl") for field in reversed(fields)
    }
    addresses = [found.get(name, "") for name in names] + list(reversed(found.values()))
    return next((address for address in addresses if address), "")


def _file(file: Any) -> Link:
    title = string(file, "title") or string(file, "fileName")
    size, kind = string(file, "sizeInBytes"), string(file, "encodingFormat")
    return Link(string(file, "contentUrl"), "enclosure", kind, title, size)
