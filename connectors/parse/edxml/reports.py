"""What receivers report of our documents: reports of status, gathered by the document that they are about.

    {"statuses": [{"organ": "000.00.02.H52", "name": "Sở Y tế", "code": "03", "at": "2026/11/20 10:00:00", "said": ""}]}

Reports come one by one, twice, and in any order. A record of them grows: two records of one document are joined, and
the newest word of each receiver counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from connectors.base import Difference, Holding
from connectors.parse.edxml.message import Status, StatusCode
from connectors.parse.text import clean_text, cut

#: Longest text of a receiver that is kept, in characters.
_SAID_LIMIT: Final = 300
_KEY_LIMIT: Final = 300
#: Reports of one document that are kept, the newest.
_KEPT: Final = 2_000
_NO: Final = {
    StatusCode.REFUSED: "từ chối tiếp nhận văn bản", StatusCode.DECLINED: "không đồng ý cập nhật hoặc thu hồi văn bản",
}  # fmt: skip


def held_of(statuses: Iterable[Status]) -> Sequence[Holding]:
    """A record for each document that is reported about; a report that names none is left out."""
    found: dict[str, Holding] = {}
    for status in statuses:
        about = status.response_for
        key = about.document_id or ",".join(filter(None, (about.organ_id, about.date, about.code)))
        if not key:
            continue
        said = {
            "organ": cut(status.sender.organ_id, _SAID_LIMIT), "name": cut(status.sender.name, _SAID_LIMIT),
            "code": cut(status.code, 20), "at": cut(status.timestamp, 40),
            "said": cut(clean_text(status.description), _SAID_LIMIT),
        }  # fmt: skip
        one = Holding(key=key[:_KEY_LIMIT], record={"statuses": [said]}, title=cut(about.code, _SAID_LIMIT))
        found[one.key] = joined(found[one.key], one) if one.key in found else one
    return list(found.values())


def joined(known: Holding, news: Holding) -> Holding:
    """Two records of one document as one, whatever came first or twice."""
    every = {tuple(sorted(one.items())): one for held in (known, news) for one in held.record["statuses"]}
    ordered = sorted(every.values(), key=lambda one: (one["at"], one["organ"], one["code"]))
    return Holding(key=news.key, record={"statuses": ordered[-_KEPT:]}, title=news.title or known.title)


def refusals(number: str, record: Mapping[str, Any]) -> Sequence[Difference]:
    """Who does not take the document: a difference for each whose last word is no. A person has to write to them."""
    last: dict[str, Mapping[str, str]] = {}
    for one in sorted(record.get("statuses", ()), key=lambda one: one["at"]):
        last[one["organ"]] = one
    found = []
    for organ, one in sorted(last.items()):
        if (words := _NO.get(one["code"])) is not None:  # type: ignore[call-overload]  # a StrEnum is its text
            because = f": {one['said']}" if one["said"] else ""
            theirs = f"{one['name'] or organ} {words}{because}"
            found.append(Difference(field="status", ours=f"đã gửi văn bản {number}", theirs=theirs, conflict=True))
    return found
