"""Answers of the SOAP service of the national legal database (vbpl): envelopes, SharePoint values, documents.

    <Envelope><Body><GetByIdResponse><GetByIdResult>…118 fields…   -> one document
    <GetList…Result><VanBan>…</VanBan><VanBan>…                    -> several
    <Fault>                                                        -> a fault, for this question only

Values are SharePoint's: `12;#Quyết định`, several as `1;#Đất đai;#2;#Nhà ở`, or elements LookupId and LookupValue. A
date of the year 1 is none. Fields are known by their local names, whatever the prefix.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from connectors.parse import xml
from connectors.parse.charset import decode
from connectors.parse.data.jsontext import BODY_LIMIT
from connectors.parse.data.nodata import refuse_data, what_came_instead
from connectors.parse.documentwords import RELATED, relation_called
from connectors.parse.entry import Link
from connectors.parse.text import clean_text

#: Documents of one answer that are read.
DOCUMENTS_LIMIT: Final = 500

#: Our name -> theirs; the first that says something counts.
_TEXTS: Final = {
    "number": ("VBPQSokyhieu",),
    "abstract": ("VBPQTrichYeu",),
    "issued": ("VBPQNgayBanHanh",),
    "effective": ("VBPQNgaycohieuluc",),
    "expired": ("VBPQNgayHetHieuLuc",),
    "partly_expired": ("VBPQNgayHetHieuLuc1phan",),
    "gazette": ("VBPQNguontrich",),
    "gazette_date": ("VBPQNgaydangcongbao",),
    "scope": ("VBPQPhamvidieuchinh",),
}
_LOOKUPS: Final = {
    "document_type": ("VBPQLoaivanban",),
    "issuer": ("VBPQCoquanbanhanh",),
    "signer": ("VBPQNguoiKy",),
    "signer_position": ("VBPQChucDanh",),
    "validity": ("VBPQTinhTrangHieuLuc",),
}
_REASONS: Final = ("VBPQLidohetHieuLuc", "VBPQPhanHetHieuLuc")
_SECTORS: Final = ("VBPQNganh", "VBPQLinhVuc")
_PROCEDURES: Final = "txtLienKetTTHC"
_FILES: Final = "ListFileAttach"
_IDS: Final = ("ItemID", "ID", "Id")
#: What tells a document from other parts of an answer.
_MARKS: Final = frozenset({"VBPQSokyhieu", "VBPQTrichYeu", "VBPQLoaivanban"})

_PAIRS: Final = re.compile(r"([0-9]{1,12});#([^;]*(?:;(?!#)[^;]*)*)")
PROCEDURE_CODE: Final = re.compile(r"[0-9]\.[0-9]{6}(?:\.[0-9A-Z]{2,3})*")


@dataclass(frozen=True, slots=True)
class Lookup:
    """A value that refers to an entry of another list."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service says."""

    documents: Sequence[etree._Element] = ()
    beyond: int = 0  #: documents behind DOCUMENTS_LIMIT
    fault: bool = False


def read_answer(body: bytes, content_type: str) -> Answer:
    """The documents of an answer; none where the service knows none.

    Raises RejectedError with a code of connectors/parse/data/nodata.py for what is no envelope.
    """
    if len(body) > BODY_LIMIT:
        raise refuse_data("too_large")
    root = _root(body, content_type)
    if local(root) != "Envelope":
        raise refuse_data("bad_xml", "no SOAP envelope")
    if any(local(one) == "Fault" for one in root.iter(etree.Element)):
        return Answer(fault=True)
    found = [one for one in root.iter(etree.Element) if not _MARKS.isdisjoint(map(local, one))]
    return Answer(tuple(found[:DOCUMENTS_LIMIT]), max(0, len(found) - DOCUMENTS_LIMIT))


def _root(body: bytes, content_type: str) -> etree._Element:
    document = xml.document(body, content_type)
    if document is None or document.root.lower() in (b"html", b"xhtml"):
        raise what_came_instead(decode(body[:100_000], content_type)[0], "bad_xml")
    try:
        return xml.parse(document.data)
    except xml.NotWellFormedError:
        pass
    try:
        return xml.parse(xml.mend(document.data, document.entities))
    except xml.NotWellFormedError as error:
        raise what_came_instead(document.data[:100_000].decode("utf-8", "replace"), "bad_xml") from error


def local(element: Any) -> str:
    """The name of an element without its namespace; "" for what is no element."""
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""


def identity(document: etree._Element) -> str:
    """The ItemID of a document, or ""."""
    return next((text for name in _IDS if (text := text_at(document, name)) and text != "0"), "")


def text_at(document: etree._Element, *names: str) -> str:
    """The text of the first field of these names that has one."""
    for name in names:
        for one in document:
            if local(one) == name and (text := "".join(one.itertext()).strip()):
                return text
    return ""


def is_one_of(document: etree._Element, name: str, values: Sequence[str]) -> bool:
    """Whether a field says one of these values; lookups by their name."""
    said = {one.name.casefold() for one in lookups(document, name)}
    return bool(said & {clean_text(value).casefold() for value in values})


def lookups(document: etree._Element, name: str) -> list[Lookup]:
    """The values of a field that refers to another list."""
    return [found for one in document if local(one) == name for found in _lookups(one)]


def _lookups(element: etree._Element) -> Iterator[Lookup]:
    """Of one element: its own LookupId and LookupValue, those of the elements inside it, or its text."""
    if value := text_at(element, "LookupValue"):
        yield Lookup(text_at(element, "LookupId"), clean_text(value))
        return
    if len(element):
        for one in element:
            yield from _lookups(one)
        return
    yield from lookups_in(element.text or "")


def lookups_in(text: str) -> list[Lookup]:
    """The values that a text refers to, `1;#Đất đai;#2;#Nhà ở`; any other text is one value without a number."""
    text = text.strip()
    if pairs := _PAIRS.findall(text):
        return [Lookup(id, clean_text(name)) for id, name in pairs if name.strip()]
    return [Lookup("", clean_text(text))] if clean_text(text) else []


def details_of(document: etree._Element) -> dict[str, Any]:
    """What the fields of a document say, under our names and in their words."""
    details: dict[str, Any] = {ours: text for ours, theirs in _TEXTS.items() if (text := text_at(document, *theirs))}
    for ours, (theirs,) in _LOOKUPS.items():
        if names := [one.name for one in lookups(document, theirs)]:
            details[ours] = names if ours in ("issuer", "signer") else names[0]
    if reasons := [text for name in _REASONS if (text := text_at(document, name))]:
        details["validity_reason"] = "\n".join(reasons)
    # Their ids are places in a list of SharePoint, and no codes.
    if sectors := [one.name for name in _SECTORS for one in lookups(document, name)]:
        details["sectors"] = sectors
    if codes := PROCEDURE_CODE.findall(text_at(document, _PROCEDURES)):
        details["procedures"] = list(dict.fromkeys(codes))
    if relations := list(_relations(document)):
        details["relations"] = relations
    return details


def _relations(document: etree._Element) -> Iterator[dict[str, str]]:
    """The other documents that fields of relations refer to; they need not exist."""
    for one in document:
        kind = relation_called(local(one))
        if kind == RELATED and "lienquan" not in local(one).lower():
            continue
        for other in _lookups(one):
            yield {"kind": kind, "id": other.id, "number": other.name}


def files_of(document: etree._Element) -> list[Link]:
    """Attached files: in each entry the address, and what is called a name."""
    files = []
    for holder in (one for one in document if local(one) == _FILES):
        for entry in list(holder) or [holder]:
            said = {
                local(one): (one.text or "").strip() for one in entry.iter(etree.Element) if (one.text or "").strip()
            }
            href = next((text for text in said.values() if text.startswith(("http://", "https://", "/"))), "")
            title = next((text for name, text in said.items() if text != href and "name" in name.lower()), "")
            if href:
                files.append(Link(href, "enclosure", title=title))
    return files
