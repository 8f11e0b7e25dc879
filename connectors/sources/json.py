"""Any JSON by a mapping of JMESPath expressions; also JSON inside a JSON string, and page by page.

fetch     one GET, of the page at which the round stands (connectors/parse/data/paging.py)
split     connectors/parse/data/jsontext.py reads the body, `items` finds the records, `fields` what each of them says
normalise connectors/parse/item.py

A single object where a list is expected is a list of one. Numbers and truth are read as texts.
"""

from collections.abc import Container, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, cast

from pydantic import field_validator

from connectors.base import Capture, Cursor, Normalised, Record, SourceContext, Split, Unchanged
from connectors.parse.data import jsontext
from connectors.parse.data.jmes import compiled, is_null_there, search
from connectors.parse.data.mapping import VALUES_LIMIT, Expression, Fields, Mapped, Piece, dates_of, read_pieces
from connectors.parse.data.nodata import refuse_data
from connectors.parse.data.paging import Page, Pager
from connectors.parse.data.requests import Asking, PageBy, Paging
from connectors.parse.entry import Entry
from connectors.parse.item import make_item
from connectors.parse.records import fingerprint

if TYPE_CHECKING:
    from connectors.http import Http

ACCEPT: Final = "application/json, */*;q=0.5"
#: Strings that may stand inside each other, each of them JSON.
_WRAPPINGS: Final = 3


class _Compiled:
    """Names the language."""

    @classmethod
    def check(cls, expression: str) -> None:
        """Raises ValueError with the character at which the expression is wrong."""
        compiled(expression)


class JsonFields(_Compiled, Fields):
    """JMESPath expressions that find each field inside one record."""


class JsonPaging(_Compiled, Paging):
    """How the next page is found; `next` is a JMESPath expression over the body, with keyset over the last record."""


class Config(Asking, Mapped):
    """Settings of a source of JSON."""

    fields: JsonFields  #: JMESPath expressions inside one record
    items: Expression = "@"  #: JMESPath expression that finds the list of records
    inside: Expression = ""  #: JMESPath expression that finds a string which is JSON itself and holds the list
    paging: JsonPaging | None = None  #: how the next page is found; left out: there is one page

    @field_validator("items", "inside")
    @classmethod
    def _compiles(cls, expression: str) -> str:
        if expression:
            compiled(expression)
        return expression


class Connector:
    """A JSON document at one address."""

    def __init__(self, context: SourceContext, config: Config) -> None:
        self.context = context
        self.config = config
        self._pager = Pager(
            url=context.url, paging=config.paging, look=self._look, accept=config.accept or ACCEPT,
            headers={header.name: header.text for header in config.headers},
        )  # fmt: skip

    async def fetch(self, http: "Http", cursor: Cursor) -> Capture | Unchanged:
        """Get the page at which the round stands."""
        return await self._pager.poll(http, cursor)

    async def walk(self, http: "Http", cursor: Cursor, since: date) -> Capture:
        """Get the next page of the history."""
        return await self._pager.walk(http, cursor, since)

    def split(self, capture: Capture, known: Container[bytes], now: datetime) -> Split:
        """Find the records; codes of RejectedError are listed in connectors/parse/data/nodata.py."""
        rows = self._rows(self._documents(capture)[0])
        read = rows[: self.config.max_items]
        marks = (fingerprint(jsontext.canonical(row)) for row in read)
        pieces = (
            Piece(pointer=f"item {place}", fingerprint=mark, find=_Finder(row))
            for place, (mark, row) in enumerate(zip(marks, read, strict=True), start=1)
        )
        return read_pieces(
            pieces, self.config, self.context, capture, known, now, total=len(rows), format="json",
            incremental=self.config.paging is not None,
        )  # fmt: skip

    def normalise(self, record: Record, capture: Capture) -> Normalised:
        """Clean every field. Raises RejectedError: `no_identity` for what nobody could find again, `no_text`."""
        return make_item(cast(Entry, record.fields), self.context, base=capture.url, pointer=record.pointer)

    # ------------------------------------------------------------------------------------------------ the body

    def _documents(self, capture: Capture) -> list[Any]:
        """The document that holds the list, and the one around it, if there is one."""
        outer = jsontext.load(capture.body, capture.content_type)
        if not self.config.inside:
            return [outer]
        inner = _parsed(search(self.config.inside, outer))
        if inner is None:
            raise refuse_data("items_missing", f"inside = {self.config.inside}")
        return [inner, outer]

    def _rows(self, document: Any) -> list[Any]:
        found = _parsed(search(self.config.items, document))
        if isinstance(found, list):
            return found
        if isinstance(found, dict):
            return [found]
        if found is None and is_null_there(self.config.items, document):
            return []
        raise refuse_data("items_missing", f"items = {self.config.items}")

    def _look(self, capture: Capture, dated: bool) -> Page:
        documents = self._documents(capture)
        rows = self._rows(documents[0])
        finders = [_Finder(row) for row in rows] if dated else []
        return Page(
            marks=[fingerprint(jsontext.canonical(row)) for row in rows],
            next=next(self._tokens(documents, rows), ""),
            dates=dates_of(self.config, finders, self.context.timezone),
        )

    def _tokens(self, documents: Sequence[Any], rows: Sequence[Any]) -> Iterator[str]:
        """What names the next page, in order of preference."""
        paging = self.config.paging
        by_key = paging is not None and paging.by is PageBy.KEYSET
        expression = paging.next if paging else ""
        if by_key:
            expression = expression or self.config.fields.id
        for one in rows[-1:] if by_key else documents:
            if expression:
                yield from (text.strip() for text in jsontext.texts_of(search(expression, one)) if text.strip())


class _Finder:
    """What expressions find in one record."""

    def __init__(self, row: Any) -> None:
        self._row = row

    def __call__(self, expression: str, *, markup: bool = False) -> Sequence[str]:
        return list(islice(jsontext.texts_of(search(expression, self._row)), VALUES_LIMIT))


def _parsed(value: Any) -> Any:
    """A value, or what the string that it is holds. Raises RejectedError for a string that is no JSON."""
    for _ in range(_WRAPPINGS):
        if not isinstance(value, str):
            break
        value = jsontext.loads(value)
    return value
