"""Any XML by a mapping of XPath 1.0 expressions, with namespaces, page by page.

fetch     one GET, of the page at which the round stands (connectors/parse/data/paging.py)
split     connectors/parse/xml.py parses, `items` finds the records, `fields` what each of them says
normalise connectors/parse/item.py

An expression in `fields` starts at the record: `tieuDe`, `@id`, `file/@url`. The prefixes of all expressions are
declared in `namespaces`; a default namespace of the document needs one there too, as XPath 1.0 has it.
"""

import re
from collections.abc import Container, Sequence
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

from lxml import etree
from pydantic import Field, ValidationInfo, field_validator

from connectors.base import Capture, Cursor, Normalised, Record, SourceContext, Split, Unchanged
from connectors.fields import Allowed
from connectors.parse import xml
from connectors.parse.charset import decode
from connectors.parse.data.jsontext import BODY_LIMIT, text_of
from connectors.parse.data.mapping import VALUES_LIMIT, Fields, Mapped, Piece, dates_of, read_pieces
from connectors.parse.data.nodata import refuse_data, what_came_instead
from connectors.parse.data.paging import Page, Pager
from connectors.parse.data.requests import Asking, PageBy, Paging
from connectors.parse.entry import Entry
from connectors.parse.feeds.xmltext import inner
from connectors.parse.item import make_item
from connectors.parse.records import fingerprint
from connectors.parse.selectors import XPath, compiled_xpath, prefixes_of, within

if TYPE_CHECKING:
    from connectors.http import Http

ACCEPT: Final = "application/xml, text/xml;q=0.9, */*;q=0.5"

Namespaces = tuple[tuple[str, str], ...]

#: Elements of all records together that are looked through.
ELEMENTS_LIMIT: Final = 500_000

#: An expression that may look beyond the record: what it finds belongs to what the record says.
_OUTWARD: Final = re.compile(r"^\s*\(*\s*/|\.\.|\b(?:ancestor|parent|preceding|following)")
#: A path whose last step can be told from those before: `/a/b/c`, `//rows/row[@x]`.
_LAST_STEP: Final = re.compile(r"(.*[^/])/+[^/\[\]|()\"']+(?:\[[^\[\]/]*\])?")
_PREFIX: Final = re.compile(r"[A-Za-z_][\w.-]*")
_PAGES: Final = frozenset({b"html", b"xhtml"})


class _Compiled:
    """Names the language."""

    @classmethod
    def check(cls, expression: str) -> None:
        """Raises ValueError with the character at which the expression is wrong."""
        compiled_xpath(expression, tuple((prefix, "urn:any") for prefix in prefixes_of(expression)))


class XmlFields(_Compiled, Fields):
    """XPath 1.0 expressions that find each field, from the record on."""

    @classmethod
    def check(cls, expression: str) -> None:
        """Refuses what searches the whole document too: each record would say the same."""
        if expression.lstrip(" (").startswith("//"):
            raise ValueError("// searches the whole document for each record: write .// to search inside the record")
        super().check(expression)


class XmlPaging(_Compiled, Paging):
    """How the next page is found; `next` is an XPath over the document, with keyset over the last record."""


class Config(Asking, Mapped):
    """Settings of a source of XML."""

    namespaces: Annotated[dict[str, str], Allowed("a table of prefixes, each with the address of its namespace")] = (
        Field(default={}, max_length=30, validate_default=True)
    )  #: prefixes of the expressions
    fields: XmlFields  #: XPath expressions inside one record
    items: XPath  #: XPath that finds the records
    paging: XmlPaging | None = None  #: how the next page is found; left out: there is one page

    @field_validator("namespaces")
    @classmethod
    def _are_those_of_the_fields(cls, namespaces: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        for prefix, address in namespaces.items():
            if not _PREFIX.fullmatch(prefix) or not address:
                raise ValueError(f"each prefix is a name, and stands for the address of a namespace: {prefix}")
        fields = info.data.get("fields")  # declared by the base, so read before
        _check_prefixes(fields.expressions() if fields else [], namespaces)
        return namespaces

    @field_validator("items")
    @classmethod
    def _is_declared(cls, items: str, info: ValidationInfo) -> str:
        _check_prefixes([items], info.data.get("namespaces"))
        return items

    @field_validator("paging")
    @classmethod
    def _is_declared_too(cls, paging: XmlPaging | None, info: ValidationInfo) -> XmlPaging | None:
        _check_prefixes([paging.next] if paging else [], info.data.get("namespaces"))
        return paging


def _check_prefixes(expressions: Sequence[str], namespaces: dict[str, str] | None) -> None:
    """Raises ValueError for a prefix that stands for nothing; says nothing where the namespaces are wrong already."""
    for expression in expressions if namespaces is not None else ():
        for prefix in prefixes_of(expression):
            if prefix != "xml" and prefix not in (namespaces or {}):
                raise ValueError(f"the prefix {prefix} of {expression} must be declared in namespaces")


class Connector:
    """An XML document at one address."""

    def __init__(self, context: SourceContext, config: Config) -> None:
        self.context = context
        self.config = config
        self._namespaces: Namespaces = tuple(sorted(config.namespaces.items()))
        self._outward = [one for one in config.fields.expressions() if _OUTWARD.search(one)]
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
        elements = self._elements(_parsed(capture))
        pieces = (
            Piece(pointer=f"item {place}", fingerprint=self._mark(one), find=_Finder(one, self._namespaces))
            for place, one in enumerate(within(elements[: self.config.max_items], ELEMENTS_LIMIT), start=1)
        )
        return read_pieces(
            pieces, self.config, self.context, capture, known, now, total=len(elements), format="xml",
            incremental=self.config.paging is not None,
        )  # fmt: skip

    def normalise(self, record: Record, capture: Capture) -> Normalised:
        """Clean every field. Raises RejectedError: `no_identity` for what nobody could find again, `no_text`."""
        return make_item(cast(Entry, record.fields), self.context, base=capture.url, pointer=record.pointer)

    # ------------------------------------------------------------------------------------------------ the body

    def _elements(self, root: etree._Element) -> list[etree._Element]:
        """The records. Where there are none, the place where they would stand must be there: else it is no list."""
        if found := _elements(root, self.config.items, self._namespaces):
            return found
        path = _LAST_STEP.fullmatch(self.config.items)
        if path is None or _elements(root, path[1], self._namespaces):
            return []
        raise refuse_data("items_missing", f"items = {self.config.items}")

    def _mark(self, element: etree._Element) -> bytes:
        around = (text for one in self._outward for text in _texts(element, one, self._namespaces))
        return fingerprint(etree.tostring(element, with_tail=False), *(text.encode() for text in around))

    def _look(self, capture: Capture, dated: bool) -> Page:
        root = _parsed(capture)
        elements = within(self._elements(root), ELEMENTS_LIMIT)
        finders = [_Finder(one, self._namespaces) for one in elements] if dated else []
        return Page(
            marks=[self._mark(one) for one in elements],
            next=self._token(root, elements),
            dates=dates_of(self.config, finders, self.context.timezone),
        )

    def _token(self, root: etree._Element, elements: Sequence[etree._Element]) -> str:
        """What names the next page."""
        paging = self.config.paging
        if paging is not None and paging.by is PageBy.KEYSET and elements:
            expression = paging.next or self.config.fields.id
            return next(iter(_texts(elements[-1], expression, self._namespaces) if expression else ()), "").strip()
        return next(iter(_texts(root, paging.next, self._namespaces) if paging and paging.next else ()), "").strip()


class _Finder:
    """What expressions find in one record."""

    def __init__(self, element: etree._Element, namespaces: Namespaces) -> None:
        self._element = element
        self._namespaces = namespaces

    def __call__(self, expression: str, *, markup: bool = False) -> Sequence[str]:
        return _texts(self._element, expression, self._namespaces, markup=markup)


def _parsed(capture: Capture) -> etree._Element:
    """The document, mended where it has the usual faults."""
    if len(capture.body) > BODY_LIMIT:
        raise refuse_data("too_large")
    document = xml.document(capture.body, capture.content_type)
    if document is None or document.root.lower() in _PAGES:
        raise what_came_instead(decode(capture.body[:100_000], capture.content_type)[0], "bad_xml")
    try:
        return xml.parse(document.data)
    except xml.NotWellFormedError:
        pass
    try:
        return xml.parse(xml.mend(document.data, document.entities))
    except xml.NotWellFormedError as error:
        raise what_came_instead(document.data[:100_000].decode("utf-8", "replace"), "bad_xml") from error


def _found(node: etree._Element, expression: str, namespaces: Namespaces) -> list[Any]:
    try:
        found = compiled_xpath(expression, namespaces)(node)
    except etree.XPathError:  # a function was given what it cannot take: nothing is found
        return []
    return found if isinstance(found, list) else [found]


def _elements(node: etree._Element, expression: str, namespaces: Namespaces) -> list[etree._Element]:
    return [one for one in _found(node, expression, namespaces) if isinstance(one, etree._Element)]


def _texts(node: etree._Element, expression: str, namespaces: Namespaces, *, markup: bool = False) -> list[str]:
    """Attribute values, text nodes, all text inside each element, or its content as HTML; numbers and truth too."""
    return [_text(one, markup) for one in islice(_found(node, expression, namespaces), VALUES_LIMIT)]


def _text(found: Any, markup: bool) -> str:
    if isinstance(found, etree._Element):
        return inner(found) if markup and len(found) else "".join(found.itertext())
    return text_of(found)
