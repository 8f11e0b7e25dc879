"""What an item can be taken away as: Word for people, XML for national bases, JSON for programs."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from connectors.parse.text import fold
from hub.sheets import xml
from hub.sheets.details import typed
from schemas.edition import PublishedItem
from schemas.item import Document, Kind, Procedure

CONTENT_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: Kinds that have a sheet on paper.
SHEETS: Final = frozenset({Kind.PROCEDURE, Kind.DOCUMENT})
#: Characters of a file's name without its ending.
NAME_LIMIT: Final = 80

_STEMS: Final = {Kind.PROCEDURE: "thu-tuc", Kind.DOCUMENT: "van-ban"}
_OUTSIDE: Final = re.compile(r"[^A-Za-z0-9.]+")


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of file."""

    name: str  #: as people call it
    content_type: str
    suits: Callable[[PublishedItem], bool]
    make: Callable[[PublishedItem, ZoneInfo], bytes]  #: of an item that it suits and that has passed the gate
    packed: bool = False  #: compressed in itself


def _is_sheet(item: PublishedItem) -> bool:
    return item.kind in SHEETS


def _is_procedure(item: PublishedItem) -> bool:
    return isinstance(typed(item), Procedure)


def _docx(item: PublishedItem, zone: ZoneInfo) -> bytes:
    from hub.sheets.docx import docx  # with the library of Word files, which a process that makes none does not load

    return docx(item, zone)


def _record(item: PublishedItem, _: ZoneInfo) -> bytes:
    procedure = typed(item)
    assert isinstance(procedure, Procedure)
    return xml.record(procedure)


def _json(item: PublishedItem, _: ZoneInfo) -> bytes:
    return item.model_dump_json().encode()


#: By the ending of the address, and of the file.
FORMS: Final = {
    "docx": Form("DOCX", CONTENT_TYPE, _is_sheet, _docx, packed=True),
    "xml": Form("XML", "application/xml; charset=utf-8", _is_procedure, _record),
    "json": Form("JSON", "application/json; charset=utf-8", lambda item: True, _json),
}


def offered(item: PublishedItem) -> list[str]:
    """The endings of the files that a reader of its page is offered; news are read where they stand."""
    return [ending for ending, form in FORMS.items() if form.suits(item)] if _is_sheet(item) else []


def stem(item: PublishedItem) -> str:
    """What its files are called: by its code or number, else by its title; safe as a name on every system."""
    match typed(item):
        case Procedure(code=told) | Document(number=told) if told:
            told = told if told.isascii() else fold(told)
        case _:
            told = fold(item.title)
    safe = _OUTSIDE.sub("-", told)[:NAME_LIMIT].strip("-.")
    return f"{_STEMS.get(item.kind, item.kind)}-{safe or item.content_id}"
