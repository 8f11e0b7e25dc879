"""The procedure record of the national base (share service LayThuTuc), read into an entry and written from an item.

    read_national(record)   names in any case and under their known misspellings; an array may be missing, null, one
                            object, or JSON in a string
    write_national(item)    every field of the record, in the order of the page that people know; arrays always arrays

What is read, made an item and written comes back as the same item: neither direction loses a field. What the record
holds beyond the known fields is left out with the remark `fields_unknown`.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from connectors.parse.codes import (
    as_list,
    folded_keys,
    read_amount,
    read_channel,
    read_code,
    read_count,
    read_fee_kind,
    read_unit,
    unwrapped,
    written_amount,
)
from connectors.parse.data.jsontext import text_of
from connectors.parse.details import prose
from connectors.parse.entry import Entry, Text
from connectors.parse.procedurewords import says_nothing
from connectors.parse.shareanswer import Naming
from connectors.parse.text import clean_text
from schemas.procedure import (
    Channel,
    Dossier,
    Fee,
    FeeKind,
    LegalBasis,
    Paper,
    Procedure,
    Result,
    Status,
    Steps,
    TimeLimit,
    Way,
)
from schemas.shapes import Coded

#: Other spellings of names that systems use; the right one is that of the service.
SPELLINGS: Final[Mapping[str, str]] = {
    "YEUCAUDIEUKIEN": "YEUCAU",
    "CACHTHUCHIEN": "CACHTHUCTHUCHIEN",
    "KETQUA": "KETQUATHUCHIEN",
    "LINHVUC": "LINHVUCTHUCHIEN",
    "DOITUONG": "DOITUONGTHUCHIEN",
    "MATHUTUC": "MATTHC",
    "TENTHUTUC": "TENTTHC",
}

_STATUS_IN_FORCE: Final = "1"
_STATUSES: Final = {None: "", Status.IN_FORCE: _STATUS_IN_FORCE, Status.WITHDRAWN: "0"}
_CHANNELS: Final = {Channel.IN_PERSON: "1", Channel.ONLINE: "2", Channel.POST: "3"}
_FEE_KINDS: Final = {FeeKind.FEE: "1", FeeKind.CHARGE: "2"}

#: national name -> name of a text of the item
_TEXTS: Final = {
    "ID": "national_id",
    "MACOQUANCONGBO": "announced_by",
    "LOAITTHC": "procedure_type",
    "IDQUYETDINHCONGBO": "decision_id",
    "QUYETDINH": "decision",
    "MOTADOITUONGTHUCHIEN": "subjects_text",
    "MOTACOQUANTHUCHIEN": "executing_text",
    "MOTACOQUANTHAMQUYEN": "competent_text",
    "DIACHITIEPNHAN": "place_of_receipt",
    "MOTA": "description",
    "YEUCAU": "conditions_html",
}
#: national name -> name of a list of codes and names, and the keys of both in one row
_CODED: Final = {
    "LINHVUCTHUCHIEN": ("sectors", "MALINHVUC", "TENLINHVUC"),
    "DOITUONGTHUCHIEN": ("subjects", "MADOITUONG", "TENDOITUONG"),
    "COQUANTHUCHIEN": ("executing_agencies", "MADONVI", "TENDONVI"),
    "COQUANCOTHAMQUYEN": ("competent_agencies", "MADONVI", "TENDONVI"),
    "COQUANDUOCUYQUYEN": ("delegated_agencies", "MADONVI", "TENDONVI"),
    "COQUANPHOIHOP": ("coordinating_agencies", "MADONVI", "TENDONVI"),
    "TTHCLIENQUAN": ("related", "MATTHC", "TENTTHC"),
    "TTHCLIENTHONG": ("connected", "MATTHC", "TENTTHC"),
}
#: national name -> name of what else is a list
_LISTS: Final = {
    "CAPTHUCHIEN": "levels",
    "TRINHTUTHUCHIEN": "steps",
    "CACHTHUCTHUCHIEN": "ways",
    "THANHPHANHOSO": "dossiers",
    "KETQUATHUCHIEN": "results",
    "CANCUPHAPLY": "legal_basis",
    "TUKHOA": "keywords",
}
_KNOWN: Final = frozenset({"MATTHC", "TENTTHC", "TRANGTHAI", *_LISTS, *_TEXTS, *_CODED})


def procedure_naming(names: Mapping[str, str]) -> Naming:
    """How a base names the rows of procedures; `names` are its other names for fields of the service."""
    return Naming("MATTHC", full_code, names)


def full_code(stated: object) -> str:
    """A code as the base has it: provinces also write 1.012766.H19 for 1.012766.000.00.00.H19."""
    read = read_code(stated)
    return f"{read.national}.000.00.00.{read.suffix}" if read.suffix[:1].isalpha() else read.code


def national_names(fields: Iterable[str]) -> frozenset[str]:
    """The national names of these fields of an item."""
    wanted = set(fields)
    ours = {**_TEXTS, **_LISTS, **{national: name for national, (name, _, _) in _CODED.items()}}
    return frozenset(national for national, name in ours.items() if name in wanted)


# ---------------------------------------------------------------------------------------------------- reading


def read_national(record: Mapping[Any, Any], names: Mapping[str, str] = {}) -> Entry:
    """An entry made of a record; `names` are further spellings, other name -> name of the service.

    A status that is not 1 makes the procedure withdrawn: an explicit sign. No status at all says nothing.
    """
    row = _renamed(record, names)
    code, title = read_code(_line(row, "MATTHC")), _said(row, "TENTTHC")
    details: dict[str, Any] = {"code": code.code}
    for national, name in _TEXTS.items():
        details[name] = _said(row, national)
    for national, (name, code_key, name_key) in _CODED.items():
        details[name] = [_coded(one, code_key, name_key) for one in as_list(row.get(national))]
    if status := _line(row, "TRANGTHAI"):
        in_force = status.removesuffix(".0") == _STATUS_IN_FORCE
        details |= {"status": Status.IN_FORCE if in_force else Status.WITHDRAWN, "source_status": status}
    details["levels"] = [_of(one, "CAPTHUCHIEN") for one in as_list(row.get("CAPTHUCHIEN"))]
    details["keywords"] = _keywords(row.get("TUKHOA"))
    details["steps"] = [_steps(one) for one in as_list(row.get("TRINHTUTHUCHIEN"))]
    details["ways"] = [_way(one) for one in as_list(row.get("CACHTHUCTHUCHIEN"))]
    details["dossiers"] = [_dossier(one) for one in as_list(row.get("THANHPHANHOSO"))]
    details["results"] = [_result(one) for one in as_list(row.get("KETQUATHUCHIEN"))]
    details["legal_basis"] = [_basis(one) for one in as_list(row.get("CANCUPHAPLY"))]
    entry: Entry = {
        "id": code.code,
        "title": Text(title),
        "categories": [name for one in details["sectors"] if (name := one["name"])],
        "details": details,
    }
    remarks = [code.remark] if code.remark else []
    if row.keys() - _KNOWN:
        remarks.append("fields_unknown")
    if remarks:
        entry["remarks"] = remarks
    return entry


def _renamed(record: Mapping[Any, Any], names: Mapping[str, str] = {}) -> dict[str, Any]:
    """A record under the names of the service; its own right names have precedence over other spellings."""
    row = folded_keys(record)
    for other, right in (*folded_keys(names).items(), *SPELLINGS.items()):
        if other in row and (value := row.pop(other)) is not None and row.get(right.upper()) in (None, ""):
            row[right.upper()] = value
    return row


def _fields(value: Any, name: str) -> dict[str, Any]:
    """A row by its keys; a bare text is the field `name` of a row."""
    value = unwrapped(value)
    return folded_keys(value) if isinstance(value, Mapping) else {name: value}


def _said(row: Mapping[str, Any], key: str) -> str:
    text = text_of(row.get(key))
    return "" if says_nothing(text) else text


def _line(row: Mapping[str, Any], key: str) -> str:
    """A text whose meaning depends on each letter: as it will be kept."""
    return clean_text(prose(_said(row, key)))


def _of(value: Any, key: str) -> str:
    return _said(_fields(value, key), key)


def _coded(value: Any, code_key: str, name_key: str) -> dict[str, str]:
    row = _fields(value, name_key)
    return {"code": _said(row, code_key), "name": _said(row, name_key)}


def _keywords(value: Any) -> list[str]:
    texts = [text_of(one) for one in as_list(value)]
    return [word for text in texts for part in prose(text).replace(";", ",").split(",") if (word := clean_text(part))]


def _steps(value: Any) -> dict[str, Any]:
    row = _fields(value, "TRINHTU")
    return {
        "case": _said(row, "TRUONGHOP"),
        "steps": [_of(one, "TENTRINHTU") for one in as_list(row.get("TRINHTU"))],
    }


def _way(value: Any) -> dict[str, Any]:
    row = _fields(value, "KENH")
    channel, name = read_channel(_line(row, "KENH"))
    limits = [_limit(one) for one in as_list(row.get("THOIGIAN"))]
    return {"channel": channel, "channel_name": name, "time_limits": limits}


def _limit(value: Any) -> dict[str, Any]:
    row = _fields(value, "THOIGIANGIAIQUYET")
    stated, unit = _line(row, "THOIGIANGIAIQUYET"), _line(row, "DONVITINH")
    count = read_count(stated)
    return {
        "value": count,
        "unit": read_unit(unit),
        "unit_name": unit,
        "text": "" if count is not None else stated,
        "description": _said(row, "MOTA"),
        "fees": [_fee(one) for one in as_list(row.get("PHILEPHI"))],
    }


def _fee(value: Any) -> dict[str, Any]:
    row = _fields(value, "SOTIEN")
    kind, kind_code = read_fee_kind(_line(row, "MAPHILEPHI"))
    stated, unit = _line(row, "SOTIEN"), _line(row, "DONVI")
    amount = read_amount(stated, unit)
    return {
        "kind": kind,
        "kind_code": kind_code,
        "amount": amount,
        "text": "" if amount is not None and _is_digits(stated) else stated,
        "unit": unit,
        "description": _said(row, "MOTA"),
        "url": _said(row, "URL"),
    }


def _is_digits(sum_of_money: str) -> bool:
    return all(sign.isdigit() or sign in ".," for sign in sum_of_money)


def _dossier(value: Any) -> dict[str, Any]:
    row = _fields(value, "GIAYTO")
    return {"case": _said(row, "TRUONGHOP"), "papers": [_paper(one) for one in as_list(row.get("GIAYTO"))]}


def _paper(value: Any) -> dict[str, Any]:
    row = _fields(value, "TENGIAYTO")
    originals, copies = _line(row, "SOBANCHINH"), _line(row, "SOBANSAO")
    return {
        "code": _said(row, "MAGIAYTO"),
        "name": _said(row, "TENGIAYTO"),
        "originals": read_count(originals),
        "originals_text": "" if read_count(originals) is not None else originals,
        "copies": read_count(copies),
        "copies_text": "" if read_count(copies) is not None else copies,
        "form_name": _said(row, "TENMAUDON"),
        "form_url": _said(row, "URL"),
        "replaced_by": _said(row, "MAKETQUATHAYTHE"),
    }


def _result(value: Any) -> dict[str, str]:
    row = _fields(value, "TENKETQUA")
    return {
        "code": _said(row, "MAKETQUA"),
        "name": _said(row, "TENKETQUA"),
        "file_name": _said(row, "TENTEP"),
        "url": _said(row, "URL"),
    }


def _basis(value: Any) -> dict[str, str]:
    row = _fields(value, "TENVANBAN")
    return {
        "number": _said(row, "SOVANBAN"),
        "title": _said(row, "TENVANBAN"),
        "issuer": _said(row, "COQUANBANHANH"),
        "issued": _said(row, "NGAYBANHANH"),
        "effective": _said(row, "NGAYHIEULUC"),
        "url": _said(row, "DIACHITRUYCAP"),
    }


# ---------------------------------------------------------------------------------------------------- writing


def write_national(item: Procedure) -> dict[str, Any]:
    """The record of an item, as LayThuTuc would answer it: sums with dots, days as yyyy-mm-dd, "" for what is unknown.

    A status that nobody stated stays empty: who publishes the record decides.
    """
    record: dict[str, Any] = {"MATTHC": item.code, "TENTTHC": item.title}
    record |= {national: getattr(item, name) for national, name in _TEXTS.items()}
    record["TRANGTHAI"] = item.source_status or _STATUSES[item.status]
    record["TUKHOA"] = ", ".join(item.keywords)
    record["CAPTHUCHIEN"] = [{"CAPTHUCHIEN": level} for level in item.levels]
    record["TRINHTUTHUCHIEN"] = [_written_steps(one) for one in item.steps]
    record["CACHTHUCTHUCHIEN"] = [_written_way(one) for one in item.ways]
    record["THANHPHANHOSO"] = [_written_dossier(one) for one in item.dossiers]
    record["KETQUATHUCHIEN"] = [_written_result(one) for one in item.results]
    record["CANCUPHAPLY"] = [_written_basis(one) for one in item.legal_basis]
    for national, (name, code_key, name_key) in _CODED.items():
        record[national] = _written_coded(getattr(item, name), code_key, name_key)
    return record


def _written_coded(rows: Iterable[Coded], code_key: str, name_key: str) -> list[dict[str, str]]:
    return [{code_key: one.code, name_key: one.name} for one in rows]


def _written_steps(case: Steps) -> dict[str, Any]:
    return {"TRUONGHOP": case.case, "TRINHTU": [{"TENTRINHTU": step} for step in case.steps]}


def _written_way(way: Way) -> dict[str, Any]:
    return {
        "KENH": _CHANNELS[way.channel] if way.channel else way.channel_name,
        "THOIGIAN": [_written_limit(one) for one in way.time_limits],
    }


def _written_limit(limit: TimeLimit) -> dict[str, Any]:
    return {
        "THOIGIANGIAIQUYET": limit.text if limit.value is None else limit.value,
        "DONVITINH": limit.unit_name,
        "MOTA": limit.description,
        "PHILEPHI": [_written_fee(one) for one in limit.fees],
    }


def _written_fee(fee: Fee) -> dict[str, str]:
    return {
        "MAPHILEPHI": _FEE_KINDS[fee.kind] if fee.kind else fee.kind_code,
        "SOTIEN": fee.text or (written_amount(fee.amount) if fee.amount is not None else ""),
        "DONVI": fee.unit,
        "MOTA": fee.description,
        "URL": fee.url,
    }


def _written_dossier(case: Dossier) -> dict[str, Any]:
    return {"TRUONGHOP": case.case, "GIAYTO": [_written_paper(one) for one in case.papers]}


def _written_paper(paper: Paper) -> dict[str, Any]:
    return {
        "MAGIAYTO": paper.code,
        "TENGIAYTO": paper.name,
        "SOBANCHINH": paper.originals_text if paper.originals is None else paper.originals,
        "SOBANSAO": paper.copies_text if paper.copies is None else paper.copies,
        "TENMAUDON": paper.form_name,
        "URL": paper.form_url,
        "MAKETQUATHAYTHE": paper.replaced_by,
    }


def _written_result(result: Result) -> dict[str, str]:
    return {"MAKETQUA": result.code, "TENKETQUA": result.name, "TENTEP": result.file_name, "URL": result.url}


def _written_basis(basis: LegalBasis) -> dict[str, str]:
    return {
        "SOVANBAN": basis.number,
        "TENVANBAN": basis.title,
        "DIACHITRUYCAP": basis.url,
        "NGAYBANHANH": _written_day(basis.issued),
        "NGAYHIEULUC": _written_day(basis.effective),
        "COQUANBANHANH": basis.issuer,
    }


def _written_day(day: date | None) -> str:
    return day.isoformat() if day else ""
