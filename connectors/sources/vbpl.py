"""The national legal database (vbpl): documents one by one from its SOAP read service, `vbqppl.asmx`.

fetch     one question a poll, with a pause before it: the service asks for 1.5 s between calls
split     connectors/parse/data/vbpl.py: the document of the answer, a fault, or nothing
normalise connectors/parse/item.py

Documents are asked for by number (ItemID), from `first` to `last` or as listed in `ids`, `per_round` in each round of
polls; behind the last one it begins again, for states of validity change. A number that the service does not know is no
withdrawal. Only the open read operations are used; names of operation and parameters are settings.
"""

import asyncio
from collections.abc import Container, Mapping
from dataclasses import replace
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Annotated, Any, Final, Self, cast
from urllib.parse import parse_qs, urlsplit

from lxml import etree
from pydantic import Field, field_validator, model_validator

from connectors.base import (
    Capture,
    ConnectorConfig,
    Cursor,
    Fallen,
    Normalised,
    Record,
    SourceContext,
    Split,
    Tombstone,
)
from connectors.errors import RejectedError
from connectors.fields import Allowed, SecondsOrNone, WebAddress
from connectors.parse.data import vbpl
from connectors.parse.dates import parse_date
from connectors.parse.days import read_day
from connectors.parse.entry import Entry, Text
from connectors.parse.item import make_item
from connectors.parse.records import fingerprint
from connectors.parse.url import with_parameters
from connectors.rounds import unreadable

if TYPE_CHECKING:
    from connectors.http import Http

ACCEPT: Final = "text/xml, application/soap+xml;q=0.9, */*;q=0.1"
_ENVELOPE: Final = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
    '<{operation} xmlns="{namespace}">{parameters}</{operation}></soap:Body></soap:Envelope>'
)

Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$"), Allowed("a name of letters, digits and _")]
ItemId = Annotated[int, Field(ge=1, le=10**9)]


class Config(ConnectorConfig):
    """Keys of a source that reads vbpl; `url` is the address of the service."""

    ids: tuple[ItemId, ...] = Field(default=(), max_length=10_000)  #: numbers of the documents that are read
    first: ItemId | None = None  #: in place of `ids`: the first number
    last: ItemId | None = None  #: the last number; left out: until `gap` numbers are unknown
    gap: int = Field(default=50, ge=1, le=10_000)  #: unknown numbers in a row behind which there are no more
    per_round: int = Field(default=100, ge=1, le=5_000)  #: documents asked for in one round of polls
    pause: SecondsOrNone = 1.5  #: before each further question; the public service asks for 1.5 s
    operation: Name = "GetById"  #: operation that answers with documents
    id_parameter: Name = "ItemID"  #: its parameter for the number
    parameters: Annotated[dict[Name, str], Allowed("a table of names and texts")] = Field(
        default={"TypeVB": "1"}, max_length=20
    )  #: its further parameters
    namespace: str = Field(default="http://tempuri.org/", pattern=r"^[!#-;=?-~]{1,200}$")  #: of the operation
    link: str = Field(
        default="https://vbpl.vn/van-ban/chi-tiet/van-ban--{id}", max_length=500
    )  #: page of a document; {id} is its number
    files: WebAddress = "https://vbpl.vn/"  #: what relative addresses of files are relative to
    state_field: str = Field(default="", max_length=100)  #: field that says that a document was withdrawn
    withdrawn_values: tuple[str, ...] = ("Đã gỡ", "Thu hồi")  #: values of it that do

    @field_validator("link")
    @classmethod
    def _has_a_place_for_the_number(cls, link: str) -> str:
        if link.count("{id}") != 1 or "{" in link.replace("{id}", ""):
            raise ValueError("an address with {id} in the place of the number")
        return link

    @model_validator(mode="after")
    def _says_which_documents(self) -> Self:
        if bool(self.ids) == (self.first is not None):
            raise ValueError("ids or first: which documents are read")
        if self.last is not None and (self.first is None or self.last < self.first):
            raise ValueError("last is a number behind first")
        return self


class Connector:
    """Documents of the national legal database."""

    def __init__(self, context: SourceContext, config: Config) -> None:
        self.context = context
        self.config = config

    async def fetch(self, http: "Http", cursor: Cursor) -> Capture:
        """Ask for the next document. Raises TransientError where the answer is none of the service's."""
        place, asked, unknown = (_number(cursor.get(name)) for name in ("place", "asked", "unknown"))
        number = self._id(place)
        if asked:
            await asyncio.sleep(self.config.pause)
        # The service reads the body alone; the address names the question too, in its log as in ours.
        url = with_parameters(
            self.context.url, [("op", self.config.operation), (self.config.id_parameter, str(number))]
        )
        action = f'"{self.config.namespace}{self.config.operation}"'
        capture = await http.post(
            url, self._question(number), accept=ACCEPT, fault_type="text/xml",
            headers={"Content-Type": "text/xml; charset=utf-8", "SOAPAction": action},
        )  # fmt: skip
        try:
            answer = await asyncio.to_thread(vbpl.read_answer, capture.body, capture.content_type)
        except RejectedError as error:
            raise unreadable(url) from error
        unknown = 0 if answer.documents or answer.fault else unknown + 1
        place, asked = place + 1, asked + 1
        over = self._id_or_none(place) is None or (self.config.last is None and unknown >= self.config.gap)
        more = not over and asked < self.config.per_round
        told = {"place": 0 if over else place, "asked": asked if more else 0, "unknown": 0 if over else unknown}
        kept = {name: str(value) for name, value in told.items() if value}
        return replace(capture, cursor=kept, hints=replace(capture.hints, more=more))

    def _id_or_none(self, place: int) -> int | None:
        config = self.config
        if config.first is None:
            return config.ids[place] if place < len(config.ids) else None
        return config.first + place if config.last is None or config.first + place <= config.last else None

    def _id(self, place: int) -> int:
        """The number at a place; the settings may have changed since the cursor was written: then the first one."""
        found = self._id_or_none(place)
        return found if found is not None else cast(int, self._id_or_none(0))

    def _question(self, number: int) -> bytes:
        said = {self.config.id_parameter: str(number), **self.config.parameters}
        parameters = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in said.items())
        return _ENVELOPE.format(
            operation=self.config.operation, namespace=escape(self.config.namespace), parameters=parameters
        ).encode()

    def split(self, capture: Capture, known: Container[bytes], now: datetime) -> Split:
        """The documents of an answer. Raises RejectedError with a code of connectors/parse/data/nodata.py."""
        answer = vbpl.read_answer(capture.body, capture.content_type)
        asked = next(iter(parse_qs(urlsplit(capture.url).query).get(self.config.id_parameter, ())), "")
        if answer.fault:
            detail, mark = "the service answers with a fault", fingerprint(b"fault", asked.encode())
            fallen = [Fallen(pointer=f"document {asked}", code="soap_fault", detail=detail, fingerprint=mark)]
            return Split(format="vbpl", fallen=[] if mark in known else fallen, fingerprints=(mark,), incremental=True)
        records, stones, fallen, marks = [], [], [], []
        alone = len(answer.documents) == 1
        for place, document in enumerate(answer.documents, start=1):
            mark = fingerprint(etree.tostring(document, with_tail=False))
            marks.append(mark)
            if mark in known:
                continue
            number = vbpl.identity(document) or (asked if alone else "")
            pointer = f"document {number or place}"
            if not number:
                detail = "a document without ItemID"
                fallen.append(Fallen(pointer=pointer, code="no_identity", detail=detail, fingerprint=mark))
            elif self.config.state_field and vbpl.is_one_of(
                document, self.config.state_field, self.config.withdrawn_values
            ):
                stones.append(Tombstone(pointer=pointer, guid=number, fingerprint=mark))
            else:
                fields = cast(Mapping[str, Any], self._entry(document, number, now))
                records.append(Record(pointer=pointer, fingerprint=mark, fields=fields))
        if answer.beyond:  # not read, so their fingerprints must not count as known
            detail = f"{len(marks) + answer.beyond} documents, of which {len(marks)} are read"
            fallen.append(Fallen(pointer=f"the last {answer.beyond} documents", code="too_many", detail=detail))
        return Split(
            format="vbpl", records=records, tombstones=stones, fallen=fallen, fingerprints=marks, incremental=True
        )

    def normalise(self, record: Record, capture: Capture) -> Normalised:
        """Clean every field. Raises RejectedError: `no_identity`, `no_text`, `secrecy_mark`."""
        return make_item(cast(Entry, record.fields), self.context, base=self.config.files, pointer=record.pointer)

    def _entry(self, document: etree._Element, number: str, now: datetime) -> Entry:
        details = vbpl.details_of(document)
        title = vbpl.text_at(document, "Title", "VBPQTrichYeu")
        entry: Entry = {
            "id": number, "link": self.config.link.replace("{id}", number), "title": Text(title), "details": details,
            "enclosures": vbpl.files_of(document),
        }  # fmt: skip
        if content := vbpl.text_at(document, "VBPQToanVan"):
            entry["content"] = Text(content, True, self.config.files)
        issued = read_day(details.get("issued", ""))
        if issued is not None and issued.year >= 1970:  # before that it is no date of a feed, but in the details
            entry["published_raw"] = issued.isoformat()
            entry["published"] = parse_date(entry["published_raw"], now=now, timezone=self.context.timezone)
        if modified := vbpl.text_at(document, "Modified"):
            entry["updated"], entry["updated_raw"] = (
                parse_date(modified, now=now, timezone=self.context.timezone), modified,
            )  # fmt: skip
        return entry


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
