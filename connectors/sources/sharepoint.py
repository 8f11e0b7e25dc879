"""SharePoint: the items of one list over REST, `/_api/web/lists/…`, or its own RSS, `/_layouts/15/listfeed.aspx`.

fetch     rest: a round (connectors/rounds.py), the newest change first, page by page along the server's next link
          listfeed: one conditional GET
split     rest: one page, with or without metadata; listfeed: connectors/parse/feeds/reader.py
normalise connectors/parse/item.py
"""

import re
from collections.abc import Container, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from enum import StrEnum
from html import unescape
from typing import TYPE_CHECKING, Annotated, Any, Final, Self, cast
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from connectors.base import Capture, Cursor, Normalised, Record, SourceContext, Split, Unchanged
from connectors.parse.data.apis import (
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
from connectors.parse.feeds.reader import read_feed
from connectors.parse.item import make_item
from connectors.parse.url import next_address, origin_of, with_parameters
from connectors.rounds import Page, PagedConfig, Round, in_gmt

if TYPE_CHECKING:
    from connectors.http import Http

#: SharePoint 2013 without its updates knows only `odata=verbose` and answers so.
ACCEPT: Final = "application/json;odata=nometadata, application/json;odata=verbose;q=0.8, */*;q=0.1"
_FEED: Final = "/_layouts/15/listfeed.aspx"
_GUID: Final = re.compile(r"\{?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?")
_NEXT: Final = ("odata.nextLink", "@odata.nextLink", "__next")
#: State of a list with approval: 0 approved, 1 rejected, 2 pending, 3 draft, 4 planned.
_REJECTED: Final = 1
_IMAGE: Final = re.compile(r"<img[^>]{0,2000}?\ssrc\s*=\s*[\"']([^\"']{1,2000})", re.IGNORECASE)

FieldName = Annotated[str, Field(pattern=r"^[A-Za-z_]\w{0,99}$")]


class Mode(StrEnum):
    """How a list is read."""

    REST = "rest"
    LISTFEED = "listfeed"


class Config(PagedConfig):
    """Keys of a SharePoint source."""

    mode: Mode = Mode.REST  #: rest: whole items with attachments; listfeed: the RSS of the list
    list: str = Field(default="", max_length=255)  #: title or id of the list: "Tin tức", "Pages"
    title: FieldName = "Title"  #: field of the title, by its internal name
    body: tuple[FieldName, ...] = ("PublishingPageContent", "Body", "NoiDung")  #: the text; the first that has one
    summary: tuple[FieldName, ...] = ("TomTat", "TrichYeu", "Comments")  #: the summary
    published: tuple[FieldName, ...] = ("ArticleStartDate", "Created")  #: the date of publication
    image: tuple[FieldName, ...] = ("PublishingPageImage", "PublishingRollupImage", "AnhDaiDien")  #: the picture
    author: tuple[FieldName, ...] = ("ArticleByLine", "TacGia")  #: the author's name
    tag_fields: tuple[FieldName, ...] = ("ChuyenMuc", "LinhVuc")  #: choices, terms or texts that become tags
    link: str = Field(default="", max_length=500)  #: page of an item: `/tin-tuc/xem.aspx?ItemID={ID}`; empty: its own
    attachments: bool = True  #: ask for attached files; false for lists that have none and refuse
    per_page: int = Field(default=20, ge=1, le=1_000)  #: items of one page

    @model_validator(mode="after")
    def _names_a_list(self) -> Self:
        if self.mode is Mode.REST and not self.list:
            raise ValueError("mode rest needs the title or id of a list")
        return self


class Connector:
    """One list; `url` is the address of the site that has it, or the whole address of its feed."""

    def __init__(self, context: SourceContext, config: Config) -> None:
        self.context = context
        self.config = config

    async def fetch(self, http: "Http", cursor: Cursor) -> Capture | Unchanged:
        """Get the next page of the round, or the feed."""
        if self.config.mode is Mode.LISTFEED:
            return await http.get(self._feed_address(), cursor=cursor, headers=self.config.credentials())
        standing = Round.of(cursor)
        since = f"Modified ge datetime'{in_gmt(standing.window)}'" if standing.window else ""
        url = standing.place or self._address("Modified desc,ID desc", since)
        condition, headers = standing.condition(url), self.config.credentials()
        answer = await http.get(url, cursor=condition, accept=ACCEPT, headers=headers)
        if isinstance(answer, Unchanged):
            return answer
        page = self._look(await glance(answer), answer.url, "Modified")
        if page is not None and standing.behind(page.newest):
            page = replace(page, next="")
        return standing.after(answer, page, asked=url, max_pages=self.config.max_pages)

    async def walk(self, http: "Http", cursor: Cursor, since: date) -> Capture:
        """The next page of everything made since a day, newest first; a feed has one page."""
        if self.config.mode is Mode.LISTFEED:
            capture = await http.get(self._feed_address(), headers=self.config.credentials())
            assert isinstance(capture, Capture)  # nothing was asked on a condition
            return replace(capture, cursor={})
        standing = Round.of(cursor)
        start = datetime.combine(since, time(), ZoneInfo(self.context.timezone))
        url = standing.place or self._address("ID desc", f"Created ge datetime'{in_gmt(start)}'")
        capture = await http.get(url, accept=ACCEPT, headers=self.config.credentials())
        assert isinstance(capture, Capture)
        page = self._look(await glance(capture), capture.url, "Created")
        if page is not None and page.newest is not None and page.newest < start:
            page = replace(page, next="")
        return standing.walked(capture, page, asked=url)

    def _feed_address(self) -> str:
        parts = urlsplit(self.context.url)
        if parts.path.lower().endswith(".aspx") or not self.config.list:
            return self.context.url
        found = _GUID.fullmatch(self.config.list)
        path = parts.path.rstrip("/") + _FEED
        named = found[1] if found else self.config.list
        return with_parameters(urlunsplit(parts._replace(path=path)), [("List", named)])

    def _address(self, order: str, filter: str) -> str:
        config, parts = self.config, urlsplit(self.context.url)
        if "/_api/" not in parts.path:
            found = _GUID.fullmatch(config.list)
            title = quote(config.list.replace("'", "''"), safe="")
            below = f"lists(guid'{found[1]}')" if found else f"lists/getbytitle('{title}')"
            parts = parts._replace(path=f"{parts.path.rstrip('/')}/_api/web/{below}/items")
        return with_parameters(
            urlunsplit(parts),
            [
                ("$select", "*,FileRef" + (",AttachmentFiles" if config.attachments else "")),
                ("$expand", "AttachmentFiles" if config.attachments else ""), ("$orderby", order),
                ("$filter", filter), ("$top", str(config.per_page)),
            ],
        )  # fmt: skip

    def _look(self, document: Any, url: str, date: str) -> Page | None:
        """What a page says about the way on; None when it is none."""
        items = _items(document)
        if items is None:
            return None
        link = next((text for name in _NEXT if (text := string(document, name) or string(document, "d", name))), "")
        return Page(
            shows=tuple(_guid(item) for item in items),
            newest=newest(items, (date,), timezone=self.context.timezone),
            next=next_address(link, at=url, own=self.context.url) if link and items else "",
        )

    def split(self, capture: Capture, known: Container[bytes], now: datetime) -> Split:
        """Cut and parse one page, or the feed.

        Raises RejectedError: `api_error`, `not_this_api` or a code of parse/data/nodata.py; for a feed those of
        parse/refusals.py.
        """
        if self.config.mode is Mode.LISTFEED:
            return read_feed(
                capture.body, url=capture.url, now=now, content_type=capture.content_type, headers=capture.headers,
                known=known, timezone=self.context.timezone,
            ).split  # fmt: skip
        document = load(capture.body, capture.content_type)
        items = _items(document)
        if items is None:
            failed = value(document, "error") or value(document, "odata.error")
            raise refuse_answer("api_error" if failed else "not_this_api")
        if items and not any(_guid(item) for item in items):
            raise refuse_answer("not_this_api")
        asked = dict(parse_qsl(urlsplit(capture.url).query))
        more = any(value(document, name) or value(document, "d", name) for name in _NEXT)
        return split_list(
            items, lambda item: self._read(item, capture.url, now), format="sharepoint", known=known,
            incremental=more or not asked.keys().isdisjoint({"$filter", "$skiptoken"}),
        )  # fmt: skip

    def normalise(self, record: Record, capture: Capture) -> Normalised:
        """Clean every field. Raises RejectedError: `no_identity`, `no_text`."""
        return make_item(cast(Entry, record.fields), self.context, base=capture.url, pointer=record.pointer)

    def _read(self, item: Mapping[str, Any], url: str, now: datetime) -> Entry | Gone | None:
        config, guid, modified = self.config, _guid(item), string(item, "Modified")
        state = whole_number(item, "OData__ModerationStatus")
        if state == _REJECTED:
            return Gone(guid, parse_date(modified, now=now, timezone=self.context.timezone))
        if state:
            return None
        entry: Entry = {"id": guid, "title": Text(string(item, config.title))}
        if link := self._link(item, url):
            entry["link"] = link
        if text := _first(item, config.body):
            entry["content"] = Text(text, True, entry.get("link", url))
        if text := _first(item, config.summary):
            entry["summary"] = Text(text)
        set_dates(entry, _first(item, config.published), modified, now=now, timezone=self.context.timezone)
        if name := _first(item, config.author):
            entry["authors"] = [Person(name)]
        if picture := _first(item, config.image):
            found = _IMAGE.search(picture)
            entry["image"] = unescape(found[1]) if found else picture
        entry["categories"] = [tag for name in config.tag_fields for tag in _texts(value(item, name)) if tag]
        files = listed(item, "AttachmentFiles", "results") or listed(item, "AttachmentFiles")
        entry["enclosures"] = [
            Link(_quoted(path), "enclosure", "", string(file, "FileName"))
            for file in files
            if (path := string(file, "ServerRelativeUrl"))
        ]
        return entry

    def _link(self, item: Mapping[str, Any], url: str) -> str:
        """The page of an item: by the template, else its own file, else the form that shows it."""
        home = origin_of(url) + urlsplit(url).path.partition("/_api/")[0]
        path = string(item, "FileRef")
        if self.config.link:
            filled = fill(self.config.link, item)
            return filled if not filled or "://" in filled else home + "/" + filled.lstrip("/")
        if not path.startswith("/"):
            return ""
        if "/Lists/" in path:  # an item of a list has no file: /Lists/TinTuc/12_.000
            form = path.rpartition("/")[0] + "/DispForm.aspx"
            return f"{origin_of(url)}{_quoted(form)}?ID={string(item, 'ID') or string(item, 'Id')}"
        return origin_of(url) + _quoted(path)


def _quoted(path: str) -> str:
    """A path as it stands in an address; half characters become question marks."""
    return quote(path, safe="/%", errors="replace")


def _items(document: Any) -> list[Any] | None:
    """The items of a page, in the dialect without metadata or in the old one; None when it is none."""
    for path in (("value",), ("d", "results"), ("d",)):
        if isinstance(found := value(document, *path), list):
            return found
    return None


def _guid(item: Any) -> str:
    return string(item, "GUID") or string(item, "UniqueId") or string(item, "ID") or string(item, "Id")


def _first(item: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """The text of the first field that has one; a picture or address field gives its address."""
    return next((text for name in names for text in _texts(value(item, name)) if text), "")


def _texts(found: Any) -> list[str]:
    """The texts of a field: one, several, terms with a label, lookups with a title, addresses."""
    many = listed(found, "results") or (found if isinstance(found, list) else [found])
    return [string(one) or _said(one) for one in many]


def _said(one: Any) -> str:
    """What a composite value says. The label of a single term is a number where the list never resolved it."""
    label = string(one, "Label")
    if label and label != string(one, "WssId"):
        return label
    return next((text for name in ("Title", "Url", "serverRelativeUrl") if (text := string(one, name))), "")
