"""Between messages of the axis and documents of the hub.

    entry_of    a message becomes an entry: new, updated, or in place of others
    gone        a message that takes a document back names it
    message_of  a document becomes a message

Staff, telephone numbers and internal receivers stay out of items: they are personal, or nobody's business but theirs.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from connectors.parse.dates import parse_date
from connectors.parse.documentwords import NORMATIVE, folded, type_called, type_on_axis
from connectors.parse.edxml.message import (
    Attachment,
    Business,
    BusinessType,
    Code,
    DocumentType,
    Header,
    Message,
    Organ,
    Promulgation,
    Replacement,
    ResponseFor,
    Signer,
    Trace,
)
from connectors.parse.entry import Entry, Text
from connectors.parse.numbers import is_normative, normal_number
from schemas.document import Document

_VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")
#: Relation to the document that is answered.
_RESPONDS: Final = "responds_to"
#: A sphere of promulgation that keeps a document inside the administration.
_INTERNAL: Final = frozenset(map(folded, ("Lưu hành nội bộ", "Nội bộ", "Không phổ biến")))


def entry_of(message: Message, *, now: datetime | None = None) -> Entry:
    """The document of a message. Remarks: those of the message, `internal_only` for what is not meant for the public.

    An update speaks of the document that it names in its business part; a replacement is a document of its own, related
    to those it replaces. `now` is when the message came: dates after the day that follows it are refused.
    """
    header, remarks = message.header, list(message.remarks)
    if folded(header.other.sphere) in _INTERNAL:
        remarks.append("internal_only")
    entry: Entry = {
        "id": identity_of(message), "title": Text(header.subject, False), "details": _details(message),
        "remarks": remarks,
    }  # fmt: skip
    if header.content and header.content != header.subject:
        entry["summary"] = Text(header.content, False)
    at, stamp = stamp_of(message, now)
    issued = header.promulgation.date
    if message.business.type == BusinessType.UPDATE and issued and stamp:
        entry["published"], entry["published_raw"] = _moment(issued, now), issued
        entry["updated"], entry["updated_raw"] = at, stamp
    elif stamp:
        entry["published"], entry["published_raw"] = at, stamp
    return entry


def stamp_of(message: Message, now: datetime | None = None) -> tuple[datetime | None, str]:
    """When a message was sent, else when its document was issued, and the same as it is written; None: no such date."""
    stamp = next((one.timestamp for one in message.trace if one.timestamp), "") or message.header.promulgation.date
    return _moment(stamp, now), stamp


def _moment(stamp: str, now: datetime | None) -> datetime | None:
    return parse_date(stamp.replace("/", "-"), now=now, timezone="Asia/Ho_Chi_Minh")


def gone(message: Message) -> str:
    """The identity of the document that a message takes back; "" where it takes none."""
    return identity_of(message) if message.business.type == BusinessType.REVOKE else ""


def identity_of(message: Message) -> str:
    """What a document is known by on the axis: DocumentId, else sender, day and number as it would be made of them."""
    header, business = message.header, message.business
    acts_on = business.document_id if business.type in (BusinessType.REVOKE, BusinessType.UPDATE) else ""
    made = ",".join(filter(None, (header.sender.organ_id, header.promulgation.date, _number(header.code))))
    return acts_on or header.document_id or made


def _number(code: Code) -> str:
    """The whole number; some senders write it whole into one of the two parts."""
    if code.notation and code.number and "/" not in code.number:
        return f"{code.number}/{code.notation}"
    return code.number or code.notation


def _details(message: Message) -> dict[str, Any]:
    header = message.header
    relations = [_related("replaces", one.document_id) for one in message.business.replacements]
    relations += [
        {
            "kind": _RESPONDS, "number": one.code, "issued": one.date, "id": one.document_id, "issuer": one.organ_id,
        }
        for one in header.responses
    ]  # fmt: skip
    details: dict[str, Any] = {
        "number": _number(header.code),
        "document_type": _type_name(header.document_type),
        "issuer": {"code": header.sender.organ_id, "name": header.sender.name},
        "signer": {
            "name": header.signer.name, "position": header.signer.position, "competence": header.signer.competence,
        },
        "issued": header.promulgation.date,
        "relations": relations,
    }  # fmt: skip
    return {name: value for name, value in details.items() if value}


def _type_name(said: DocumentType) -> str:
    if said.name:
        return said.name
    known = None
    if said.group.isascii() and said.group.isdigit() and said.detail.isascii() and said.detail.isdigit():
        known = type_on_axis(int(said.group[:6]), int(said.detail[:6]))
    return known.coded.name if known else ""


def _related(kind: str, document_id: str) -> dict[str, str]:
    """A document by its identity "organId,yyyy/MM/dd,number", or by one that says nothing."""
    office, _, rest = document_id.partition(",")
    day, _, number = rest.partition(",")
    known = normal_number(number)
    return {"kind": kind, "id": document_id} | ({"number": known, "issued": day, "issuer": office} if known else {})


def message_of(
    document: Document,
    *,
    sender: Organ,
    receivers: Sequence[Organ],
    place: str,
    now: datetime,
    business: BusinessType = BusinessType.NEW,
    reason: str = "",
    replaced: Sequence[str] = (),
    attachments: Sequence[Attachment] = (),
) -> Message:
    """A document as a message of `sender`; `place` is where it was issued, `now` when it is sent.

    `replaced` are identities on the axis of the documents that it replaces.
    """
    whole = document.number or document.number_given
    number, _, notation = whole.partition("/")
    issued = _day(document.issued)
    said = document.abstract or ("" if document.content_html else document.summary)
    header = Header(
        sender=sender, receivers=tuple(receivers), code=Code(number=number, notation=notation),
        document_id=",".join((sender.organ_id, issued, whole)),
        promulgation=Promulgation(place=place, date=issued), document_type=_on_axis(document),
        subject=document.title, content=said or document.title, responses=_responses(document),
        signer=Signer(
            competence=document.signer.competence, position=document.signer.position, name=document.signer.name
        ),
    )  # fmt: skip
    stamp = f"{now.astimezone(_VIETNAM):%Y/%m/%d %H:%M:%S}"
    acts = Business(
        document_id=header.document_id if business is not BusinessType.NEW else "", type=business.value, reason=reason,
        paper="0", replacements=tuple(Replacement(document_id=one) for one in replaced),
    )  # fmt: skip
    return Message(
        header=header, trace=(Trace(organ_id=sender.organ_id, timestamp=stamp),), business=acts,
        attachments=tuple(attachments),
    )  # fmt: skip


def _responses(document: Document) -> tuple[ResponseFor, ...]:
    return tuple(
        ResponseFor(organ_id=one.issuer, code=one.number or one.title, date=_day(one.issued), document_id=one.id)
        for one in document.relations
        if one.kind == _RESPONDS
    )


def _day(day: date | None) -> str:
    return f"{day:%Y/%m/%d}" if day else ""


def _on_axis(document: Document) -> DocumentType:
    """Group and number of a type, where the lists of the standard have it; the name in any case."""
    known = type_called(document.document_type.name) or type_called(document.document_type.code)
    place = known.edxml if known else None
    if known and known.normative and is_normative(document.number):
        place = known.normative
    assert place is None or place[0] >= NORMATIVE
    name = document.document_type.name or (known.coded.name if known else "")
    return DocumentType(group=str(place[0]) if place else "", detail=str(place[1]) if place else "", name=name)
