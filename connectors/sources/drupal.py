"""Drupal: nodes of one type over JSON:API, `/jsonapi/node/…`, with pictures, files and tags of the same answer.

fetch     a round (connectors/rounds.py), the newest change first, page by page along `links.next`
split     one page: `data`, what it refers to in `included`
normalise connectors/parse/item.py
"""

from collections.abc import Container, Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated, Any, Final, cast
from urllib.parse import parse_qsl, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from pydantic import Field

from connectors.base import Capture, Cursor, Normalised, Record, SourceContext, Split, Unchanged
from connectors.parse.data.apis import (
    Gone,
    glance,
    listed,
    load,
    newest,
    refuse_answer,
    set_dates,
    split_list,
    string,
    value,
)
from connectors.parse.dates import parse_date
from connectors.parse.entry import Entry, Link, Person, Text
from connectors.parse.item import make_item
from connectors.parse.url import next_address, origin_of, with_parameters
from connectors.rounds import Page, PagedConfig, Round

if TYPE_CHECKING:
    from connectors.http import Http

ACCEPT: Final = "application/vnd.api+json, application/json;q=0.9, */*;q=0.5"
#: Nodes that two neighbouring pages share: one that vanishes between them must not let another slip past.
LAP: Final = 2
_OFFSET: Final = "page[offset]"
#: A name of a field, or a path through references: field_media.field_media_image
_PATH: Final = r"[a-z][a-z0-9_]{0,63}(\.[a-z][a-z0-9_]{0,63}){0,2}"
FieldPath = Annotated[str, Field(pattern=f"^{_PATH}$")]


class Config(PagedConfig):
    """Keys of a Drupal source."""

    bundle: str = Field(default="article", pattern=r"^[a-z][a-z0-9_]{0,63}$")  #: machine name of the content type
    body: str = Field(default="body", pattern=r"^[a-z][a-z0-9_]{0,63}$")  #: field of the text
    image: str = Field(default="field_image", pattern=f"^({_PATH})?$")  #: field of the picture; "" for none
    tag_fields: tuple[FieldPath, ...] = ("field_tags",)  #: fields that refer to terms
    files: tuple[FieldPath, ...] = ()  #: fields of attached files; through media "field_media.field_media_document"
    per_page: int = Field(default=20, ge=1, le=50)  #: nodes of one page; Drupal gives 50 at most


class Connector:
    """The nodes of one type; `url` is the site's home page or the whole address of the collection."""

    def __init__(self, context: SourceContext, config: Config) -> None:
        self.context = context
        self.config = config

    async def fetch(self, http: "Http", cursor: Cursor) -> Capture | Unchanged:
        """Get the next page of the round."""
        standing = Round.of(cursor)
        since = _since("changed", standing.window) if standing.window else []
        url = self._address(standing.place, ("sort", "-changed"), *since)
        condition, headers = standing.condition(url), self.config.credentials()
        answer = await http.get(url, cursor=condition, accept=ACCEPT, headers=headers)
        if isinstance(answer, Unchanged):
            return answer
        page = self._look(await glance(answer), answer.url, "changed")
        if page is not None and standing.behind(page.newest):
            page = Page(shows=page.shows, newest=page.newest)
        return standing.after(answer, page, asked=url, max_pages=self.config.max_pages)

    async def walk(self, http: "Http", cursor: Cursor, since: date) -> Capture:
        """The next page of everything written since a day, newest first."""
        standing = Round.of(cursor)
        start = datetime.combine(since, time(), ZoneInfo(self.context.timezone))
        url = self._address(standing.place, ("sort", "-created"), *_since("created", start))
        capture = await http.get(url, accept=ACCEPT, headers=self.config.credentials())
        assert isinstance(capture, Capture)  # nothing was asked on a condition
        page = self._look(await glance(capture), capture.url, "created")
        if page is not None and page.newest is not None and page.newest < start:
            page = Page(shows=page.shows)
        return standing.walked(capture, page, asked=url)

    def _address(self, place: str, *parameters: tuple[str, str]) -> str:
        """The address of the first page, or the one that a page named."""
        if place:
            return place
        parts = urlsplit(self.context.url)
        if "/jsonapi/" not in parts.path + "/":
            parts = parts._replace(path=f"{parts.path.rstrip('/')}/jsonapi")
        if parts.path.rstrip("/").endswith("/jsonapi"):
            parts = parts._replace(path=f"{parts.path.rstrip('/')}/node/{self.config.bundle}")
        include = [path for path in (self.config.image, *self.config.tag_fields, *self.config.files) if path]
        limit = ("page[limit]", str(self.config.per_page))
        return with_parameters(urlunsplit(parts), [*parameters, limit, ("include", ",".join(dict.fromkeys(include)))])

    def _look(self, document: Any, url: str, date: str) -> Page | None:
        """What a page says about the way on; None when it is none."""
        nodes = value(document, "data")
        if not isinstance(nodes, list):
            return None
        link = value(document, "links", "next")
        following = next_address(string(link, "href") or string(link), at=url, own=self.context.url) if nodes else ""
        return Page(
            shows=tuple(string(node, "id") for node in nodes),
            newest=newest(nodes, ("attributes", date), timezone=self.context.timezone),
            next=_lapped(following, len(nodes)),
        )

    def split(self, capture: Capture, known: Container[bytes], now: datetime) -> Split:
        """Cut and parse one page.

        Raises RejectedError: `api_error`, `not_this_api` or a code of connectors/parse/data/nodata.py.
        """
        document = load(capture.body, capture.content_type)
        nodes = value(document, "data")
        if not isinstance(nodes, list):
            failed = listed(document, "errors")
            raise refuse_answer("api_error" if failed else "not_this_api")
        if nodes and not any(value(node, "attributes") for node in nodes):
            raise refuse_answer("not_this_api")
        asked = dict(parse_qsl(urlsplit(capture.url).query))
        part = _OFFSET in asked or any(key.startswith("filter[") for key in asked)
        included = _Included(listed(document, "included"))
        return split_list(
            nodes, lambda node: self._read(node, included, capture.url, now), format="drupal", known=known,
            incremental=part or value(document, "links", "next") is not None, context=self._around(included),
        )  # fmt: skip

    def normalise(self, record: Record, capture: Capture) -> Normalised:
        """Clean every field. Raises RejectedError: `no_identity`, `no_text`."""
        return make_item(cast(Entry, record.fields), self.context, base=capture.url, pointer=record.pointer)

    def _around(self, included: "_Included") -> Any:
        paths = [path for path in (self.config.image, *self.config.tag_fields, *self.config.files) if path]
        return lambda node: [value(found, "attributes") for path in paths for found, _ in included.at(node, path)]

    def _read(self, node: Mapping[str, Any], included: "_Included", url: str, now: datetime) -> Entry | Gone | None:
        guid, fields = string(node, "id"), value(node, "attributes")
        changed = string(fields, "changed")
        if value(fields, "status") is False:
            return Gone(guid, parse_date(changed, now=now, timezone=self.context.timezone))
        entry: Entry = {"id": guid, "title": Text(string(fields, "title"), False)}
        if link := _link(fields, url):
            entry["link"] = link
        texts = value(fields, self.config.body)
        texts = texts[0] if isinstance(texts, list) and texts else texts
        if text := string(texts, "processed") or string(texts, "value") or string(texts):
            entry["content"] = Text(text, True, entry.get("link", url))
        if text := string(texts, "summary"):
            entry["summary"] = Text(text)
        set_dates(entry, string(fields, "created"), changed, now=now, timezone=self.context.timezone)
        if self.config.image:
            for picture, _ in included.at(node, self.config.image):
                entry["image"] = _file_address(picture)
                break
        terms = (term for path in self.config.tag_fields for term, _ in included.at(node, path))
        entry["categories"] = [name for term in terms if (name := string(term, "attributes", "name"))]
        files = (found for path in self.config.files for found in included.at(node, path))
        entry["enclosures"] = [_file(file, said) for file, said in files if _file_address(file)]
        if author := string(included.first(node, "uid"), "attributes", "display_name"):
            entry["authors"] = [Person(author)]
        if (language := string(fields, "langcode")) not in ("", "und", "zxx"):
            entry["language"] = language
        return entry


class _Included:
    """The resources that came with a page, found by the references of its nodes."""

    def __init__(self, resources: list[Any]) -> None:
        self._by_name = {(string(one, "type"), string(one, "id")): one for one in resources}

    def at(self, node: Mapping[str, Any], path: str) -> list[tuple[Any, Any]]:
        """What a path of reference fields leads to, each with what the last reference says of it."""
        found: list[tuple[Any, Any]] = [(node, None)]
        for name in path.split("."):
            found = [
                (self._by_name[key], value(reference, "meta"))
                for one, _ in found
                for reference in listed(one, "relationships", name, "data")
                if (key := (string(reference, "type"), string(reference, "id"))) in self._by_name
            ][:100]
        return found

    def first(self, node: Mapping[str, Any], path: str) -> Any:
        return next((one for one, _ in self.at(node, path)), None)


def _since(field: str, moment: datetime) -> list[tuple[str, str]]:
    """A filter by date; Drupal compares with the seconds that it stores."""
    condition = "filter[since][condition]"
    stamp = str(int(moment.timestamp()))
    return [(f"{condition}[path]", field), (f"{condition}[operator]", ">="), (f"{condition}[value]", stamp)]


def _lapped(url: str, shown: int) -> str:
    """The address of the next page, begun a few nodes earlier."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query)
    offset = dict(query).get(_OFFSET, "")
    if shown <= LAP or not offset.isascii() or not offset.isdigit() or len(offset) > 9:
        return url
    earlier = str(max(1, int(offset) - LAP))
    return with_parameters(url, [(_OFFSET, earlier)])


def _link(fields: Any, url: str) -> str:
    """The page of a node: its alias, else its number, below the place where Drupal is installed."""
    alias, number = string(fields, "path", "alias"), string(fields, "drupal_internal__nid")
    home = origin_of(url) + urlsplit(url).path.partition("/jsonapi")[0]
    return f"{home}{alias}" if alias.startswith("/") else f"{home}/node/{number}" if number else ""


def _file_address(file: Any) -> str:
    return string(file, "attributes", "uri", "url") or string(file, "attributes", "url")


def _file(file: Any, said: Any) -> Link:
    attributes = value(file, "attributes")
    title = string(said, "description") or string(attributes, "filename")
    size = string(attributes, "filesize")
    return Link(_file_address(file), "enclosure", string(attributes, "filemime"), title, size)
