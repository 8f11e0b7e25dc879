"""What an entry says of a procedure in words, brought under the names and values of schemas/procedure.py.

    details {"code": "1.O04194 .000.00.00.Н52", "levels": "Cấp tỉnh, Cấp xã", "time_limit": "07 Ngày làm việc",
             "fee": "Phí: 150.000 Đồng\\nLệ phí: Không", "papers": ["Đơn đề nghị"]}
    ->      {"code": "1.004194.000.00.00.H52", "national_code": …, "levels": ["Cấp tỉnh", "Cấp xã"],
             "ways": [{"time_limits": [{"value": 7, "unit": "working_day", "fees": […]}]}], "dossiers": […]}

What is already under its names and values stays as it is: the national record passes through unchanged.
connectors/parse/details.py cleans and bounds what comes out of here.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from connectors.parse.codes import (
    as_list,
    names_a_sum,
    read_amount,
    read_channel,
    read_code,
    read_count,
    read_fee_kind,
    read_limit,
    read_unit,
)
from connectors.parse.data.jsontext import text_of
from connectors.parse.entry import Entry
from connectors.parse.html import plain
from connectors.parse.numbers import number_in_title
from connectors.parse.text import clean_text, fold
from schemas.procedure import Status

#: What a source may name by itself, and whether it may name several: a table has a column for each.
PARTS: Final[Mapping[str, bool]] = {"channel": True, "time_limit": False, "fee": False, "papers": True}

#: What pages put where there is nothing.
_NOTHING: Final = frozenset({"khong co thong tin", "chua co thong tin", "dang cap nhat", "null", "--"})
_SHORT: Final = 24
#: Characters of a text that may be a list, and of one that may hold payments; a longer one is prose.
_LISTED: Final = 3_000
_PAID: Final = 20_000

_STATUSES: Final = {
    "con hieu luc": Status.IN_FORCE, "dang ap dung": Status.IN_FORCE, "cong khai": Status.IN_FORCE,
    "da cong khai": Status.IN_FORCE, "het hieu luc": Status.WITHDRAWN, "bai bo": Status.WITHDRAWN,
    "bi bai bo": Status.WITHDRAWN, "da bai bo": Status.WITHDRAWN, "huy cong khai": Status.WITHDRAWN,
    "ngung ap dung": Status.WITHDRAWN,
}  # fmt: skip

#: A comma behind which something new begins, not inside brackets: "Doanh nghiệp, Cán bộ, công chức" are two.
_COMMA: Final = re.compile(r"[,;]\s+(?=[^\W\da-z_])(?![^()]*\))|[;\n]+")
_MORE: Final = re.compile(r"\s*Xem chi tiết\s*", re.IGNORECASE)
#: A further payment, not inside brackets.
_PAYMENT: Final = re.compile(r"(?:^|[\n;,])\s*(?=(?:lệ phí|phí)\s*:)(?![^()]*\))", re.IGNORECASE)
_KIND: Final = re.compile(r"(lệ phí|phí)\s*:\s*", re.IGNORECASE)
_SUM: Final = re.compile(r"([^()]*?)\s*(?:\((.*)\)\s*)?", re.DOTALL)
_CURRENCY: Final = re.compile(r"\s*((?:việt nam\s*)?đồng|vnđ|vnd|đ)\.?", re.IGNORECASE)
#: `Bản chính: 1`, and `1 bản chính`: a number belongs to the label before it or behind it.
_LABELLED: Final = re.compile(r"bản (chính|sao)\s*:?\s*([0-9]{1,6})?", re.IGNORECASE)
_COUNTED: Final = re.compile(r"([0-9]{1,6})\s*(?:\([^()]*\)\s*)?bản (chính|sao)", re.IGNORECASE)
_FIRST: Final = re.compile(r"[0-9]|bản (?:chính|sao)", re.IGNORECASE)


def procedure_details(entry: Entry) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The details of an entry under the names of the fields, and remarks: those of connectors/parse/codes.py."""
    stated = entry.get("details", {})
    details = {name: value for name, value in stated.items() if name not in PARTS and not says_nothing(value)}
    remarks = _put_code(details)
    _put_status(details)
    for name in ("levels", "subjects"):
        if name in details:
            details[name] = _parted(details[name], _COMMA)
    for name in ("keywords", "executing_agencies", "competent_agencies", "delegated_agencies",
                 "coordinating_agencies", "sectors", "results"):  # fmt: skip
        if name in details:
            details[name] = _parted(details[name], re.compile(r"[,;\n]+" if name == "keywords" else r"\n+"))
    if "ways" in details:
        details["ways"] = [_with_sums_checked(_way(one)) for one in as_list(details["ways"])]
    elif ways := _ways(stated):
        details["ways"] = list(map(_with_sums_checked, ways))
    if "dossiers" in details:
        details["dossiers"] = [_dossier(one) for one in as_list(details["dossiers"])]
    elif papers := as_list(stated.get("papers")):
        details["dossiers"] = [{"papers": [_paper(one) for one in papers]}]
    if "legal_basis" in details:
        details["legal_basis"] = [_basis(one) for one in as_list(details["legal_basis"])]
    return details, remarks


def says_nothing(value: object) -> bool:
    """Whether a value is missing, or is what pages put where there is nothing."""
    if isinstance(value, str):
        return not value or (len(value) <= _SHORT and fold(clean_text(value)).strip(" .") in _NOTHING)
    return value is None


def _put_code(details: dict[str, Any]) -> tuple[str, ...]:
    if "code" not in details:
        return ()
    code = read_code(details["code"])
    details |= {"code": code.code, "national_code": code.national, "agency_suffix": code.suffix}
    return (code.remark,) if code.remark else ()


def _put_status(details: dict[str, Any]) -> None:
    """The status that words say; other words stay what the source says."""
    words = text_of(details.get("status", ""))
    if not words or words in set(Status):
        return
    details.setdefault("source_status", words)
    del details["status"]
    if status := _STATUSES.get(fold(clean_text(words)).strip(" .")):
        details["status"] = status


def _parted(value: Any, border: re.Pattern[str]) -> list[Any]:
    """The values of a list, some of which may be several in one text."""
    parted: list[Any] = []
    for one in as_list(value):
        parts = [part.strip() for part in border.split(one)] if isinstance(one, str) and len(one) <= _LISTED else [one]
        parted += [part for part in parts if not says_nothing(part)]
    return parted


def _basis(stated: Any) -> Any:
    """A document of the legal basis; where its number stands only in its title, that is its number."""
    row = dict(stated) if isinstance(stated, Mapping) else {"title": stated}
    if says_nothing(text_of(row.get("number"))) and (title := text_of(row.get("title"))[:_LISTED]):
        row["number"] = number_in_title(clean_text(plain(title))).number
    return row


# ------------------------------------------------------------------------------------------ ways, time limits, fees


def _ways(stated: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Ways made of a time limit and a fee that hold for all of them."""
    limit, fee = text_of(stated.get("time_limit")), text_of(stated.get("fee"))
    channels = as_list(stated.get("channel")) or ([""] if limit or fee else [])
    return [_way({"channel": one, "time_limit": limit, "fee": fee}) for one in channels]


def _way(stated: Any) -> Any:
    """A way whose time limit and fee stand beside it in words."""
    if not isinstance(stated, Mapping):
        stated = {"channel": stated}
    way = {key: value for key, value in stated.items() if key not in {"time_limit", "fee", "description"}}
    if isinstance(channel := way.get("channel"), str):
        known, other = read_channel(channel)
        way["channel"] = known or (channel if channel in _CHANNEL_VALUES else None)
        if other and not way["channel"]:
            way.setdefault("channel_name", other)
    if way.keys() == stated.keys():
        return way
    limit = read_time_limit(text_of(stated.get("time_limit")))
    fees = read_fees(text_of(stated.get("fee")))
    description = stated.get("description") or ""
    if limit or fees or description:
        way["time_limits"] = [{**limit, "description": description, "fees": fees}]
    return way


_CHANNEL_VALUES: Final = frozenset({"in_person", "online", "post"})


def read_time_limit(words: str) -> dict[str, Any]:
    """A time limit in words, under the names of TimeLimit; what is no number of units stays a text."""
    words = clean_text(words)
    if says_nothing(words):
        return {}
    value, unit = read_limit(words)
    if value is None:
        return {"text": words}
    return {"value": value, "unit": read_unit(unit), "unit_name": unit}


def read_fees(words: str) -> list[dict[str, Any]]:
    """Payments in words, each under the names of Fee: `Phí: 150.000 Đồng (mỗi hồ sơ)`, one to a line."""
    lines = "\n".join(line for one in words[:_PAID].splitlines() if (line := clean_text(one)))
    parts = _PAYMENT.split(_MORE.sub("\n", lines).strip())
    return [fee for part in parts if (fee := _fee(part.strip()))]


def _fee(words: str) -> dict[str, Any]:
    if says_nothing(words):
        return {}
    fee: dict[str, Any] = {}
    if found := _KIND.match(words):
        fee["kind"] = read_fee_kind(found[1])[0]
        words = words[found.end() :].strip()
    split = _SUM.fullmatch(words)
    stated, description = (split[1], split[2] or "") if split else (words, "")
    if says_nothing(stated):
        stated = ""
    unit = _CURRENCY.search(stated)
    amount = read_amount(stated)
    if amount is not None:
        fee["amount"] = amount
        bare = stated[: unit.start()].strip() if unit else stated
        fee |= {"unit": unit[1] if unit else "", "text": "" if bare[:1].isdigit() else bare}
    elif not (unit and unit.end() - unit.start() == len(stated)):  # a currency alone says nothing
        fee["text"] = stated
    if description:
        fee["description"] = description
    return {key: value for key, value in fee.items() if value != ""}


def _with_sums_checked(way: Any) -> Any:
    """The way, where nothing is called free whose own description names a sum: then the words alone say what it costs.

    Portals show `Miễn phí` for a field that was left at 0 while the sums stand in the description.
    """
    if not isinstance(way, Mapping) or "time_limits" not in way:
        return way
    return {**way, "time_limits": [_limit_checked(one) for one in as_list(way["time_limits"])]}


def _limit_checked(limit: Any) -> Any:
    if not isinstance(limit, Mapping) or "fees" not in limit:
        return limit
    fees = [
        {**one, "amount": None}
        if isinstance(one, Mapping)
        and read_count(one.get("amount")) == 0
        and names_a_sum(text_of(one.get("description")))
        else one
        for one in as_list(limit["fees"])
    ]
    return {**limit, "fees": fees}


# --------------------------------------------------------------------------------------------------------- dossiers


def _dossier(stated: Any) -> Any:
    if not isinstance(stated, Mapping):
        return {"papers": [_paper(one) for one in as_list(stated)]}
    return {**stated, "papers": [_paper(one) for one in as_list(stated.get("papers"))]}


def _paper(stated: Any) -> Any:
    """A paper whose number of originals and copies stands beside it in words (`quantity`)."""
    if not isinstance(stated, Mapping) or "quantity" not in stated:
        return stated
    paper = {key: value for key, value in stated.items() if key != "quantity"}
    words = clean_text(text_of(stated["quantity"]))
    originals, copies = read_quantity(words)
    if originals is None and copies is None:
        bare = read_count(words)
        return {**paper, "originals": bare} if bare is not None else {**paper, "originals_text": words}
    return {**paper, "originals": originals, "copies": copies}


def read_quantity(words: str) -> tuple[int | None, int | None]:
    """Originals and copies: `Bản chính: 1 - Bản sao: 0`, `1 bản chính, 2 bản sao`. The first number of each counts."""
    first = _FIRST.search(words)
    found: dict[str, int] = {}
    if first and first[0].isdigit():
        for one in _COUNTED.finditer(words):
            found.setdefault(one[2].casefold(), int(one[1]))
    elif first:
        for one in _LABELLED.finditer(words):
            if one[2]:
                found.setdefault(one[1].casefold(), int(one[2]))
    return found.get("chính"), found.get("sao")
