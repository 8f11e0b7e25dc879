"""What an entry says of a legal document, brought under the names and words of schemas/document.py.

    details {"number": "15 /2024/qđ-ubnd", "signer_position": "Chủ tịch", "validity": "Còn hiệu lực"}
    ->      {"number": "15/2024/QĐ-UBND", "number_given": ..., "document_type": {"code": "QĐ", ...},
             "signer": {"position": "Chủ tịch"}, "validity": "in_force"}

connectors/parse/details.py cleans and bounds what comes out of here. A source may name parts of a field by themselves
(`PARTS`), for tables have a column for each. What the number says for certain fills the type and the issuer where the
source says nothing; a date of posting never becomes a date of issue.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from connectors.errors import Fault, RejectedError
from connectors.parse.cleaning import as_plain, title_of
from connectors.parse.codes import as_list
from connectors.parse.data.jsontext import text_of
from connectors.parse.days import is_no_day, read_day
from connectors.parse.documentwords import ON_SIGNING, folded, relation_called, type_called, validity_called
from connectors.parse.entry import Entry, Text
from connectors.parse.numbers import (
    NUMBERS_LIMIT,
    Numbers,
    has_secrecy_mark,
    issuer_in,
    normal_number,
    number_in_title,
    read_numbers,
    type_of_number,
)
from connectors.parse.text import clean_text, fold
from schemas.document import Validity

#: What a source may name by itself: name -> field, and part of it.
PARTS: Final[Mapping[str, tuple[str, str]]] = {
    "document_type_code": ("document_type", "code"),
    "issuer_code": ("issuer", "code"),
    "signer_position": ("signer", "position"),
    "signer_competence": ("signer", "competence"),
}
#: Which part of a field a plain text is.
_FROM_TEXT: Final = {"document_type": "name", "issuer": "name", "signer": "name"}
_DAYS: Final = ("issued", "effective", "expired", "partly_expired", "gazette_date")
#: More that a register writes behind the words of validity: a date, an article.
_BEHIND_WORDS: Final = re.compile(
    r"\s*(?:[(\[:;–-]|\b(?:từ|kể từ|tính đến|đến|ngày|bởi|do|theo)\b|[0-9]).*$", re.IGNORECASE
)
#: Among that: it holds for a part of the document only, and the state is another one.
_PARTLY: Final = re.compile(r"\b(?:mot|1|tung) phan\b")
#: A clause in place of a date of effect: the day closes it.
_FROM_DAY: Final = re.compile(r"(?:có )?hiệu lực (?:thi hành )?(?:kể )?từ (?:ngày )?(?=[0-9])", re.IGNORECASE)
_RELATION_TEXTS: Final = ("number", "title", "issuer", "url", "id")


def refuse_secret(entry: Entry, pointer: str) -> None:
    """Refuse a document whose number carries a mark of secrecy: it must not go on, and its text stands in no message.

    Raises RejectedError: `secrecy_mark`.
    """
    details = entry.get("details", {})
    stated = [
        text_of(one) for name in ("number", "number_given", "further_numbers") for one in as_list(details.get(name))
    ]
    if any(map(has_secrecy_mark, stated)) or number_in_title(as_plain(title_of(entry))).secret:
        raise RejectedError(
            "the number carries a mark of secrecy", pointer=pointer, code="secrecy_mark", fault=Fault.MEMBER,
            sentence="Số, ký hiệu của văn bản mang dấu hiệu độ mật nên hệ thống không tiếp nhận. Đề nghị đơn vị kiểm"
            " tra và gỡ ngay văn bản này khỏi trang thông tin.",
        )  # fmt: skip


def titled(entry: Entry) -> Entry:
    """The entry with a title: registers have no other than the abstract, or the number."""
    if as_plain(title_of(entry)):
        return entry
    details = entry.get("details", {})
    stated = (clean_text(text_of(details.get(name))) for name in ("abstract", "number"))
    title = next((text for text in stated if text), "")
    return {**entry, "title": Text(title, False)} if title else entry


def document_details(entry: Entry) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The details of an entry under the names of the fields, and remarks: `number_unread`, `validity_unknown`.

    It may be applied to its own result.
    """
    details = _gathered(entry.get("details", {}))
    title = as_plain(title_of(entry))
    remarks: list[str] = []
    if _put_numbers(details, title).unread:
        remarks.append("number_unread")
    number = details.get("number", "")
    _put_type(details, number)
    if not _said(details.get("issuer")) and (issuer := issuer_in(number)):
        details["issuer"] = {"name": issuer}
    _put_days(details)
    if words := text_of(details.get("validity")):
        validity = read_validity(words)
        if validity is None:
            remarks.append("validity_unknown")
        details["validity"] = (validity or Validity.UNKNOWN).value
    if relations := as_list(details.get("relations")):
        details["relations"] = [_relation(one) for one in relations]
    if fold(clean_text(text_of(details.get("abstract")))) == fold(title):
        details.pop("abstract", None)  # the title is it
    return details, tuple(remarks)


def _gathered(stated: Mapping[str, Any]) -> dict[str, Any]:
    """Parts put together; the first of several values is the field, the rest goes to `further_…`."""
    details = {name: value for name, value in stated.items() if name not in PARTS and value not in (None, "")}
    for name in _FROM_TEXT:
        values = as_list(details.get(name))
        if len(values) > 1 and f"further_{name}s" not in details and name != "document_type":
            details[f"further_{name}s"] = values[1:]
        if values:
            details[name] = values[0]
    for name, (whole, part) in PARTS.items():
        if text := next(filter(None, map(text_of, as_list(stated.get(name)))), ""):
            held = details.get(whole, {})
            held = dict(held) if isinstance(held, Mapping) else {_FROM_TEXT[whole]: held}
            details[whole] = {**held, part: held.get(part) or text}
    return details


def _put_numbers(details: dict[str, Any], title: str) -> Numbers:
    """The numbers in their right form, and what was written where that differs; gives what was read."""
    stated = "\n".join(filter(None, map(text_of, as_list(details.pop("number", "")))))
    given = clean_text(text_of(details.pop("number_given", "")))
    read = read_numbers(stated)
    if not read.given:
        heading = number_in_title(title)
        read = Numbers(numbers=(heading.number,) if heading.number else ())
        if heading.day and "issued" not in details:
            details["issued"] = heading.day
    elif read.day and "issued" not in details:
        details["issued"] = read.day
    more = [normal_number(text_of(one)) or text_of(one) for one in as_list(details.pop("further_numbers", ()))]
    numbers = list(dict.fromkeys((*read.numbers, *filter(None, more))))[:NUMBERS_LIMIT]
    if numbers:
        details["number"] = numbers[0]
    if len(numbers) > 1:
        details["further_numbers"] = numbers[1:]
    given = given or read.given
    if given and [given] != numbers[:1]:
        details["number_given"] = given
    return read


def _put_type(details: dict[str, Any], number: str) -> None:
    """The type under its usual code and name; else what the letters of the number say."""
    stated = details.get("document_type", "")
    held = dict(stated) if isinstance(stated, Mapping) else {"name": text_of(stated)}
    known = type_called(text_of(held.get("name"))) or type_called(text_of(held.get("code")))
    if not _said(held):
        known = type_of_number(number)
    if known is not None and not (held.get("code") and held.get("name")):
        details["document_type"] = {"code": known.coded.code, "name": held.get("name") or known.coded.name}
        if type_called(text_of(held.get("name"))) is known:
            details["document_type"]["name"] = known.coded.name


def _put_days(details: dict[str, Any]) -> None:
    """Days that can be read; what is no day and no empty one stays for a remark."""
    for name in _DAYS:
        stated = next(iter(as_list(details.pop(name, None))), None)
        if isinstance(stated, date):
            details[name] = stated
        elif text := text_of(stated):
            day = read_day(_FROM_DAY.sub("", clean_text(text), count=1))
            if day is None and name == "effective" and folded(text) in ON_SIGNING:
                day = details.get("issued") if isinstance(details.get("issued"), date) else None
            elif day is None and not is_no_day(text):
                details[name] = text
            if day is not None:
                details[name] = day


def read_validity(words: str) -> Validity | None:
    """The state that a register's words say, also with a date or an article behind them; None for other words."""
    try:
        return Validity(words)
    except ValueError:
        before = _BEHIND_WORDS.sub("", clean_text(words))
        partly = _PARTLY.search(fold(clean_text(words)[len(before) :]))
        return validity_called(words) or validity_called(f"{before} một phần" if partly else before)


def _relation(stated: Any) -> dict[str, Any]:
    """A relation under the names of schemas; a text is a title, or a number if it is one."""
    if not isinstance(stated, Mapping):
        text = clean_text(text_of(stated))
        number = normal_number(text) or number_in_title(text).number
        return {"number": number, "title": "" if normal_number(text) else text}
    relation: dict[str, Any] = {name: stated[name] for name in _RELATION_TEXTS if stated.get(name)}
    relation["kind"] = relation_called(text_of(stated.get("kind")))
    if written := text_of(relation.pop("number", "")):
        if number := normal_number(written):
            relation["number"] = number
        elif not relation.get("title"):
            relation["title"] = written
    if (issued := stated.get("issued")) is not None:
        day = issued if isinstance(issued, date) else read_day(text_of(issued))
        if day is not None:
            relation["issued"] = day
    return relation


def _said(value: Any) -> bool:
    """Whether a field that may be a text or an object says anything."""
    values: Iterable[Any] = value.values() if isinstance(value, Mapping) else (value,)
    return any(text_of(one) for one in values if one is not None)
