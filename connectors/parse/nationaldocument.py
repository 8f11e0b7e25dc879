"""A document in the form of the national legal database, under the names of its fields (VBPQ…), as JSON.

    read_document(record)   values as texts, `12;#Quyết định`, {LookupId, LookupValue}, or lists of them
    write_document(item)    every field; names and codes as {Code, LookupValue}, days as yyyy-mm-dd, "" for the unknown

No document with a contract of the write service is public: fields that have no name there (relations, quyền hạn ký)
have names of ours, and settings may name any field otherwise. A LookupId is a place in a list and never a code.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from connectors.parse.codes import as_list, folded_keys, unwrapped
from connectors.parse.data.jsontext import text_of
from connectors.parse.data.vbpl import PROCEDURE_CODE, lookups_in
from connectors.parse.documentwords import VALIDITY_WORDS
from connectors.parse.entry import Entry, Link, Text
from connectors.parse.text import clean_text
from schemas.document import Document, Relation, Signer
from schemas.item import Attachment
from schemas.shapes import Coded

#: Names of fields that tell one document from the others.
NUMBER: Final = "VBPQSokyhieu"
_ISSUER: Final = "VBPQCoquanbanhanh"
_ISSUED: Final = "VBPQNgayBanHanh"

#: name in the base -> field that is one text, or one day
_TEXTS: Final = {
    "VBPQLidohetHieuLuc": "validity_reason",
    "VBPQPhamvidieuchinh": "scope",
    "VBPQNguontrich": "gazette",
}
_DAYS: Final = {
    _ISSUED: "issued",
    "VBPQNgaycohieuluc": "effective",
    "VBPQNgayHetHieuLuc": "expired",
    "VBPQNgayHetHieuLuc1phan": "partly_expired",
    "VBPQNgaydangcongbao": "gazette_date",
}
#: name in the base -> field of another shape, for those who leave it out
_SHAPED: Final = {
    "VBPQTrichYeu": "abstract", "VBPQLoaivanban": "document_type", "VBPQNguoiKy": "signer", "VBPQChucDanh": "signer",
    "VBPQTinhTrangHieuLuc": "validity", "VBPQLinhVuc": "sectors", "VBPQVanBanLienQuan": "relations",
    "txtLienKetTTHC": "procedures",
}  # fmt: skip
_NUMBERS_BETWEEN: Final = " và "
_RELATION: Final = {
    "LOAIQUANHE": "kind", "SOKYHIEU": "number", "TRICHYEU": "title", "COQUANBANHANH": "issuer",
    "NGAYBANHANH": "issued", "URL": "url", "ID": "id",
}  # fmt: skip


def national_names(fields: Iterable[str]) -> frozenset[str]:
    """The names in the base of these fields of an item."""
    wanted = set(fields)
    return frozenset(name for name, field in {**_TEXTS, **_DAYS, **_SHAPED}.items() if field in wanted)


# ---------------------------------------------------------------------------------------------------- reading


def read_document(record: Mapping[Any, Any], id: str = "") -> Entry:
    """An entry made of a record; `id` is its identity, else its number."""
    row = folded_keys(record)
    title, abstract = _said(row, "Title"), _said(row, "VBPQTrichYeu")
    numbers = [number for one in as_list(row.get(NUMBER.upper())) if (number := _plain(one))]
    details: dict[str, Any] = {
        "number": numbers,
        "document_type": next(iter(_coded(row, "VBPQLoaivanban")), ""),
        "issuer": _coded(row, _ISSUER),
        "signer": _signers(row),
        "validity": next((one["name"] for one in _coded(row, "VBPQTinhTrangHieuLuc")), ""),
        "sectors": [*_coded(row, "VBPQNganh"), *_coded(row, "VBPQLinhVuc")],
        "procedures": _procedures(row.get("TXTLIENKETTTHC")),
        "relations": [_relation(one) for one in as_list(row.get("VBPQVANBANLIENQUAN"))],
        "abstract": abstract,
    }
    details |= {field: _said(row, name) for name, field in {**_TEXTS, **_DAYS}.items()}
    if part := _said(row, "VBPQPhanHetHieuLuc"):
        details["validity_reason"] = "\n".join(filter(None, (details["validity_reason"], part)))
    entry: Entry = {
        "id": id or "".join(numbers[:1]),
        "title": Text(title or abstract or "".join(numbers[:1])),
        "details": {name: value for name, value in details.items() if value},
        "enclosures": [link for one in as_list(row.get("LISTFILEATTACH")) if (link := _file(one)).href],
    }
    if content := _said(row, "VBPQToanVan"):
        entry["content"] = Text(content, True)
    return entry


def _plain(value: Any) -> str:
    return clean_text(text_of(value))


def _said(row: Mapping[str, Any], name: str) -> str:
    """A text, of an object its value; brackets alone make no object of a text."""
    value = row.get(name.upper())
    inside = unwrapped(value)
    if isinstance(inside, Mapping) and "LOOKUPVALUE" in (said := folded_keys(inside)):
        value = said["LOOKUPVALUE"]
    return text_of(value)


def _coded(row: Mapping[str, Any], name: str) -> list[dict[str, str]]:
    return [one for value in as_list(row.get(name.upper())) for one in _names(value) if one["name"] or one["code"]]


def _names(value: Any) -> list[dict[str, str]]:
    """Names, and codes where they are called so, of one value."""
    value = unwrapped(value)
    if isinstance(value, Mapping):
        said = folded_keys(value)
        name = next((text for key in ("LOOKUPVALUE", "NAME", "TEN") if (text := text_of(said.get(key)))), "")
        return [{"code": _plain(said.get("CODE") or said.get("MA")), "name": clean_text(name)}]
    return [{"code": "", "name": one.name} for one in lookups_in(text_of(value))]


def _signers(row: Mapping[str, Any]) -> list[dict[str, str]]:
    """Who signed; the post stands beside the name, or in a field of its own for the first of them."""
    signers = []
    for value in as_list(row.get("VBPQNGUOIKY")):
        said = folded_keys(value) if isinstance(value, Mapping) else {}
        more = {"position": text_of(said.get("CHUCDANH")), "competence": text_of(said.get("QUYENHAN"))}
        signers += [{"name": one["name"], **more} for one in _names(value)]
    position = next((one["name"] for one in _coded(row, "VBPQChucDanh")), "")
    if signers or position:
        first = signers[0] if signers else {"name": "", "position": "", "competence": ""}
        signers[:1] = [first | {"position": first["position"] or position}]
    return signers


def _procedures(value: Any) -> list[str]:
    codes = [text_of(one) for one in as_list(value)]
    if isinstance(unwrapped(value), str):
        codes = PROCEDURE_CODE.findall(codes[0]) if codes else []
    return list(dict.fromkeys(filter(None, map(clean_text, codes))))


def _relation(value: Any) -> Any:
    value = unwrapped(value)
    if not isinstance(value, Mapping):
        return text_of(value)
    return {field: said for name, said in folded_keys(value).items() if (field := _RELATION.get(name)) and said}


def _file(value: Any) -> Link:
    said = {key: text_of(one) for key, one in folded_keys(value).items()} if isinstance(value, Mapping) else {}
    return Link(said.get("URL", ""), "enclosure", said.get("TYPE", ""), said.get("NAME", ""))


# ---------------------------------------------------------------------------------------------------- writing


def write_document(item: Document) -> dict[str, Any]:
    """The record of an item."""
    record = identity(item)
    record |= {
        "Title": item.title,
        "VBPQTrichYeu": item.abstract or item.title,
        "VBPQLoaivanban": _written(item.document_type),
        "VBPQNguoiKy": [_signed(one) for one in (item.signer, *item.further_signers) if one != Signer()],
        "VBPQChucDanh": item.signer.position,
        "VBPQTinhTrangHieuLuc": {"LookupValue": VALIDITY_WORDS[item.validity]},
        "VBPQLinhVuc": [_written(one) for one in item.sectors],
        "txtLienKetTTHC": list(item.procedures),
        "VBPQVanBanLienQuan": [_related(one) for one in item.relations],
        "VBPQToanVan": item.content_html,
        "ListFileAttach": [_attached(one) for one in item.attachments],
    }
    record |= {name: getattr(item, field) for name, field in _TEXTS.items()}
    return record | {name: _written_day(getattr(item, field)) for name, field in _DAYS.items()}


def identity(item: Document) -> dict[str, Any]:
    """The fields that tell the document from others."""
    return {
        NUMBER: _NUMBERS_BETWEEN.join(filter(None, (item.number, *item.further_numbers))),
        _ISSUER: [_written(one) for one in (item.issuer, *item.further_issuers) if one.code or one.name],
        _ISSUED: _written_day(item.issued),
    }


def _written(one: Coded) -> dict[str, str]:
    return {"Code": one.code, "LookupValue": one.name}


def _signed(one: Signer) -> dict[str, str]:
    return {"LookupValue": one.name, "ChucDanh": one.position, "QuyenHan": one.competence}


def _related(one: Relation) -> dict[str, str]:
    return {
        "LoaiQuanHe": one.kind, "SoKyHieu": one.number, "TrichYeu": one.title, "CoQuanBanHanh": one.issuer,
        "NgayBanHanh": _written_day(one.issued), "URL": one.url, "ID": one.id,
    }  # fmt: skip


def _attached(one: Attachment) -> dict[str, str]:
    return {"Name": one.title, "Url": one.url, "Type": one.type}


def _written_day(day: date | None) -> str:
    return day.isoformat() if day else ""
