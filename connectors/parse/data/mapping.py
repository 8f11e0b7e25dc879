"""A mapping of the settings, and what becomes of what it finds: expressions -> texts -> an entry.

Shared by the sources whose format nobody fixed: xml, json and csv. Each has its own language of expressions; what
stands in the table `fields`, and how the texts that were found are read, is the same for all:

    title = "tieuDe"  ->  find("tieuDe") gives ["Lịch tiếp công dân"]  ->  Entry(title=Text("Lịch tiếp công dân"))
"""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Annotated, Any, Final, Literal, Protocol, cast
from urllib.parse import quote

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from connectors.base import Capture, ConnectorConfig, Fallen, Record, SourceContext, Split, Tombstone
from connectors.fields import Allowed
from connectors.parse.dates import parse_date
from connectors.parse.details import DETAILS
from connectors.parse.entry import Entry, Link, Text
from connectors.parse.feeds.people import distinct, person
from connectors.parse.text import clean_text
from connectors.parse.url import web_url
from schemas.item import ADDRESS_LIMIT

#: Characters of one expression of the settings.
EXPRESSION_LIMIT: Final = 1_000
#: Texts that one expression may give, and characters of one of them; more is a fault of the mapping.
VALUES_LIMIT: Final = 100
TEXT_LIMIT: Final = 2_000_000
#: Records of one body that are read, unless the settings say otherwise.
RECORD_LIMIT: Final = 2_000

_HOLE: Final = re.compile(r"\{([^{}]*)\}")
_ADDRESS: Final = ("http://", "https://", "/")
#: Evidence that a text is HTML: a tag, a comment or a character reference. Without it every character is itself.
_MARKUP: Final = re.compile(r"<[a-zA-Z/!]|&(?:#[0-9]{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")

#: A text that stands for itself, in every language of expressions.
_CONSTANT: Final = re.compile(r"'([^']*)'")

Expression = Annotated[str, Field(max_length=EXPRESSION_LIMIT), Allowed("an expression, or an address with {holes}")]


def constant(expression: str) -> str | None:
    """The text of an expression that is one in single quotes: what every record of the source has."""
    found = _CONSTANT.fullmatch(expression.strip())
    return found[1] if found else None


class Find(Protocol):
    """What an expression finds in one record, as texts in document order."""

    def __call__(self, expression: str, *, markup: bool = False) -> Sequence[str]:
        """`markup` asks for elements as HTML where the format has elements. Finding nothing is an empty sequence."""


class Fields(ConnectorConfig):
    """What finds each field inside one record; what is left out, the source does not say.

    A subclass names the language. In any of them a text such as `https://host/tin/{id}` is a template: what stands in
    braces is an expression, and each text it gives makes an address.
    """

    model_config = ConfigDict(validate_default=True)  # leaving out both id and link is a fault

    id: Expression = ""  #: the source's own identity; left out: the link
    link: Expression = ""  #: page of the item
    title: Expression = ""
    summary: Expression = ""
    content: Expression = ""  #: full text, HTML or plain
    published: Expression = ""
    updated: Expression = ""
    authors: Expression = ""
    tags: Expression = ""
    image: Expression = ""
    attachments: Expression = ""  #: addresses of files
    attachment_titles: Expression = ""  #: as many as addresses, in the same order
    language: Expression = ""
    withdrawn: Expression = ""  #: what says that the item is gone, if it is one of `withdrawn_values`
    details: Annotated[
        dict[str, Expression], Allowed("a table with names of the fields of the kind, each with an expression")
    ] = Field(default={}, max_length=len(DETAILS))  #: what only this kind of item has: number, issuer, issued …

    @classmethod
    def check(cls, expression: str) -> None:
        """Compile one expression. Raises ValueError with the character at which it is wrong."""
        raise TypeError("a subclass names the language")

    @classmethod
    def is_template(cls, expression: str) -> bool:
        """Whether the text is a template and not an expression of the language."""
        return "{" in expression and expression.startswith(_ADDRESS)

    @classmethod
    def parts(cls, expression: str) -> list[str]:
        """The expressions in a field: itself, those in the holes of a template, or none in a text in quotes."""
        if constant(expression) is not None:
            return []
        return _HOLE.findall(expression) if cls.is_template(expression) else [expression]

    def expressions(self) -> list[str]:
        """Every expression that is given."""
        given = (getattr(self, name) for name in type(self).model_fields if name != "details")
        return list(chain.from_iterable(self.parts(one) for one in (*given, *self.details.values()) if one))

    @field_validator("*")
    @classmethod
    def _compiles(cls, given: str | dict[str, str]) -> str | dict[str, str]:
        for expression in given.values() if isinstance(given, dict) else (given,):
            for part in cls.parts(expression) if expression else ():
                try:
                    cls.check(part)
                except ValueError as error:
                    if part == expression:
                        raise
                    raise ValueError(f"in the hole {{{part}}}: {error}") from None
        return given

    @field_validator("details")
    @classmethod
    def _are_fields_of_a_kind(cls, details: dict[str, str]) -> dict[str, str]:
        if unknown := details.keys() - DETAILS.keys():
            raise ValueError(f"no kind of item has the field {min(unknown)}; there are {', '.join(sorted(DETAILS))}")
        return details

    @field_validator("link")
    @classmethod
    def _tells_records_apart(cls, link: str, info: ValidationInfo) -> str:
        if not link and not info.data.get("id", "?"):
            raise ValueError("id or link must be given: without either no record is recognised again")
        return link


class Mapped(ConnectorConfig):
    """Settings that all mapping sources have."""

    fields: Fields
    withdrawn_values: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field(
        default=("true", "1"), min_length=1, description="values of the field withdrawn that say that an item is gone"
    )
    date_order: Literal["dmy", "mdy"] = Field(
        default="dmy", description="whether 05/11/2026 is 5 November (dmy) or May 11 (mdy)"
    )
    separator: str = Field(
        default="", max_length=5, description="what separates several authors, tags or files in one text"
    )
    max_items: int = Field(default=RECORD_LIMIT, ge=1, le=10_000, description="records of one body that are read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One record before it is read."""

    pointer: str
    fingerprint: bytes
    find: Find
    fault: Fallen | None = None  #: why it cannot be read at all


def read_pieces(
    pieces: Iterable[Piece], config: Mapped, context: SourceContext, capture: Capture, known: Container[bytes],
    now: datetime, *, total: int, format: str, title: str = "", word: str = "item", incremental: bool = False,
) -> Split:  # fmt: skip
    """Read the pieces that are not known. `total` is how many the body has; those behind `max_items` are named."""
    records, tombstones, fallen, marks = [], [], [], []
    for piece in pieces:
        marks.append(piece.fingerprint)
        if piece.fingerprint in known:
            continue
        if piece.fault:
            fallen.append(piece.fault)
            continue
        entry = read_entry(config, piece.find, base=capture.url, now=now, timezone=context.timezone)
        if not is_withdrawn(config, piece.find):
            fields = cast("dict[str, Any]", entry)
            records.append(Record(pointer=piece.pointer, fingerprint=piece.fingerprint, fields=fields))
        elif guid := _guid(entry, capture.url):
            at = entry.get("updated") or entry.get("published")
            stone = Tombstone(pointer=piece.pointer, guid=guid, at=at, fingerprint=piece.fingerprint)
            tombstones.append(stone)
        else:
            detail = "withdrawn, with neither id nor link"
            fell = Fallen(pointer=piece.pointer, code="no_identity", detail=detail, fingerprint=piece.fingerprint)
            fallen.append(fell)
    if total > len(marks):
        # Their fingerprints are not kept: they were not read, so they must not count as known.
        detail = f"{total} records, of which {len(marks)} are read"
        fallen.append(Fallen(pointer=f"{word} {len(marks) + 1} to {total}", code="too_many", detail=detail))
    return Split(
        format=format, title=title, records=tuple(records), tombstones=tuple(tombstones), fallen=tuple(fallen),
        fingerprints=tuple(marks), incremental=incremental,
    )  # fmt: skip


def read_entry(config: Mapped, find: Find, *, base: str, now: datetime, timezone: str) -> Entry:
    """What the mapping finds in one record; texts as they stand, dates read."""
    fields = config.fields

    def all_of(expression: str, *, markup: bool = False) -> list[str]:
        return _found(fields, expression, find, markup=markup) if expression else []

    def first_of(expression: str, *, markup: bool = False) -> str:
        return next(iter(all_of(expression, markup=markup)), "")

    def split_of(expression: str) -> list[str]:
        found = all_of(expression)
        parts = chain.from_iterable(one.split(config.separator) for one in found) if config.separator else found
        return [part for part in map(str.strip, parts) if part][:VALUES_LIMIT]

    entry: Entry = {"base": base}
    if identity := first_of(fields.id):
        entry["id"] = identity
    if link := first_of(fields.link):
        entry["link"] = link
    if title := first_of(fields.title):
        entry["title"] = _text(title, base)
    if summary := first_of(fields.summary, markup=True):
        entry["summary"] = _text(summary, base)
    if content := first_of(fields.content, markup=True):
        entry["content"] = _text(content, base)
    day_first = config.date_order == "dmy"
    if raw := first_of(fields.published):
        entry["published_raw"] = raw
        entry["published"] = parse_date(raw, now=now, timezone=timezone, day_first=day_first)
    if raw := first_of(fields.updated):
        entry["updated_raw"] = raw
        entry["updated"] = parse_date(raw, now=now, timezone=timezone, day_first=day_first)
    if people := distinct(person(one) for one in split_of(fields.authors)):
        entry["authors"] = people
    if tags := list(dict.fromkeys(split_of(fields.tags))):
        entry["categories"] = tags
    if image := first_of(fields.image):
        entry["image"] = image
    if files := _files(split_of(fields.attachments), split_of(fields.attachment_titles)):
        entry["enclosures"] = files
    if language := first_of(fields.language):
        entry["language"] = language
    details: dict[str, Any] = {}
    for name, expression in fields.details.items():
        if values := split_of(expression) if DETAILS[name] else all_of(expression, markup=name.endswith("_html")):
            details[name] = values if len(values) > 1 else values[0]
    if details:
        entry["details"] = details
    return entry


def dates_of(config: Mapped, finders: Iterable[Find], timezone: str) -> list[datetime]:
    """When the records were published, in their order, as far as they say so."""
    fields, day_first = config.fields, config.date_order == "dmy"
    expression = fields.published or fields.updated
    raw = (_found(fields, expression, find)[:1] for find in finders) if expression else ()
    read = (parse_date(text[0], timezone=timezone, day_first=day_first) for text in raw if text)
    return [at for at in read if at is not None]


def is_withdrawn(config: Mapped, find: Find) -> bool:
    """Whether the record says that its item is gone. Values are compared without regard to upper and lower case."""
    if not config.fields.withdrawn:
        return False
    gone = {clean_text(value).casefold() for value in config.withdrawn_values}
    said = _found(config.fields, config.fields.withdrawn, find)
    return any(clean_text(one).casefold() in gone for one in said)


def _found(fields: Fields, expression: str, find: Find, *, markup: bool = False) -> list[str]:
    """The texts that an expression or a template gives, without blank ones."""
    if (text := constant(expression)) is not None:
        found: Iterable[str] = [text]
    elif not fields.is_template(expression):
        found = find(expression, markup=markup)
    else:
        coded = expression.startswith(_ADDRESS)
        filled = zip(*([one.strip() for one in find(part)] for part in fields.parts(expression)), strict=False)
        found = [_fill(expression, values, coded) for values in filled if all(values)]
    return [text[:TEXT_LIMIT] for one in list(found)[:VALUES_LIMIT] if (text := one.strip())]


def _fill(template: str, values: Sequence[str], coded: bool) -> str:
    left = iter(values)
    return _HOLE.sub(lambda _: quote(next(left), safe="/", errors="replace") if coded else next(left), template)


def _text(value: str, base: str) -> Text:
    return Text(value, _MARKUP.search(value) is not None, base)


def _files(addresses: list[str], titles: list[str]) -> list[Link]:
    """Titles belong to addresses only where there are as many: a list with gaps would name the wrong files."""
    named = titles if len(titles) == len(addresses) else [""] * len(addresses)
    return [Link(href=href, rel="enclosure", title=title) for href, title in zip(addresses, named, strict=True)]


def _guid(entry: Entry, base: str) -> str:
    """The identity that the item had when it was published (connectors/parse/item.py), or ""."""
    files = entry.get("enclosures", [])
    addresses = (entry.get("link", ""), files[0].href if files else "")
    guid = clean_text(entry.get("id", "")) or next(filter(None, (web_url(one, base) for one in addresses if one)), "")
    return guid if len(guid) <= ADDRESS_LIMIT else ""
