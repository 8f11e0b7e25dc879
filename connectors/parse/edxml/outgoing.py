"""An edition of the hub as a message of the axis, marked with its revision so that it is known again when it is seen.

    first edition    0 new, or 3 in place of the documents that its relations say it replaces
    later edition    2 update of what the receivers have; `settled` makes a first message of it where they have nothing
    withdrawal       1 take-back: under the header of what was public, else under no more than the identity

The axis has no field for a revision. It stands at the end of the reason, in words: "Cập nhật văn bản (phiên bản 3)".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Final
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from connectors.errors import Fault, RejectedError
from connectors.parse.edxml.documents import message_of
from connectors.parse.edxml.message import (
    Attachment,
    Business,
    BusinessType,
    Code,
    Header,
    Message,
    Organ,
    Promulgation,
    Trace,
)
from connectors.parse.text import clean_text, cut
from schemas.document import Document, Relation
from schemas.edition import PublishedItem, Withdrawal
from schemas.item import Kind

_VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")
_REASONS: Final = {
    BusinessType.NEW: "Văn bản mới", BusinessType.UPDATE: "Cập nhật văn bản", BusinessType.REPLACE: "Thay thế văn bản",
    BusinessType.REVOKE: "Thu hồi văn bản",
}  # fmt: skip
_REVISION: Final = re.compile(r"\(phiên bản ([0-9]{1,9})\)$")
#: What an identity on the axis looks like; anything else in a relation is one of another system.
_IDENTITY: Final = re.compile(r"[^\s,]+,\d{4}/\d{2}/\d{2},\S.*")
_REASON_LIMIT: Final = 500
_NAME_LIMIT: Final = 200
_REPLACES: Final = "replaces"


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Who sends, to whom, and where the documents are issued."""

    sender: Organ
    receivers: tuple[Organ, ...]
    place: str


def message_for(item: PublishedItem, office: Office, *, attach: bool) -> Message:
    """The message of an edition; with `attach` its files are listed with their addresses, to be fetched.

    Raises RejectedError: `not_a_document`, `no_number`, `no_issue_day`.
    """
    document = _document(item)
    replaced = tuple(filter(None, (_identity(one, office.sender) for one in document.relations)))
    kind = BusinessType.UPDATE if item.revision > 1 else BusinessType.REPLACE if replaced else BusinessType.NEW
    listed = [
        Attachment(content_id=str(place), name=_file_name(one.url, one.title), description=one.url, type=one.type)
        for place, one in enumerate(item.attachments, start=1)
    ]
    message = message_of(
        document, sender=office.sender, receivers=office.receivers, place=office.place, now=_moment(item, document),
        business=kind, reason=_reason(kind, item.revision), replaced=replaced, attachments=listed,
    )  # fmt: skip
    return message if attach else without(message, message.attachments)


def take_back(withdrawal: Withdrawal, last: PublishedItem | None, office: Office) -> Message:
    """The message that takes a document back; without `last` it names no document yet (`settled` does)."""
    reason = _reason(BusinessType.REVOKE, withdrawal.revision, withdrawal.reason)
    if last is not None:
        try:
            document = _document(last)
        except RejectedError:
            pass  # an earlier edition had number and day, or nothing was ever sent
        else:
            return message_of(
                document, sender=office.sender, receivers=office.receivers, place=office.place, now=withdrawal.at,
                business=BusinessType.REVOKE, reason=reason,
            )  # fmt: skip
    return Message(
        header=Header(sender=office.sender, receivers=office.receivers, subject=_REASONS[BusinessType.REVOKE]),
        trace=(Trace(organ_id=office.sender.organ_id, timestamp=_stamp(withdrawal.at)),),
        business=Business(type=BusinessType.REVOKE.value, reason=reason, paper="0"),
    )  # fmt: skip


def settled(message: Message, earlier: str) -> Message:
    """The message as it is sent to receivers who have the document under the identity `earlier`, or have nothing."""
    acts = message.business
    if acts.type == BusinessType.REVOKE:
        header = message.header if message.header.document_id else _named(message.header, earlier)
        return replace(message, header=header, business=replace(acts, document_id=earlier or header.document_id))
    replaced = () if earlier else acts.replacements
    kind = BusinessType.UPDATE if earlier else BusinessType.REPLACE if replaced else BusinessType.NEW
    names = {BusinessType.NEW: "", BusinessType.UPDATE: earlier, BusinessType.REPLACE: message.header.document_id}
    reason = _reason(kind, revision_of(message) or 1)
    return replace(
        message,
        business=replace(acts, type=kind.value, document_id=names[kind], replacements=replaced, reason=reason),
    )


def without(message: Message, files: Iterable[Attachment]) -> Message:
    """The message without these files; its content names them and where they are."""
    left_out = tuple(files)
    if not left_out:
        return message
    named = "; ".join(f"{one.name} ({one.description})" if one.description else one.name for one in left_out)
    content = clean_text(f"{message.header.content} Tệp không gửi kèm trong gói tin: {named}.")
    kept = tuple(one for one in message.attachments if one not in left_out)
    return replace(message, header=replace(message.header, content=content), attachments=kept)


def revision_of(message: Message) -> int:
    """The revision with which the hub marked a message; 0: it is none of the hub's."""
    found = _REVISION.search(message.business.reason)
    return int(found[1]) if found else 0


def _document(item: PublishedItem) -> Document:
    if item.kind is not Kind.DOCUMENT:
        raise _unfit("not_a_document")
    fields = item.model_dump(include={"title", "summary", "content_html", "url", "language"})
    try:
        document = Document.model_validate({**fields, "guid": str(item.content_id), **item.details})
    except ValidationError as error:
        raise _unfit("not_a_document") from error
    if not (document.number or document.number_given):
        raise _unfit("no_number")
    if document.issued is None:
        raise _unfit("no_issue_day")
    return document


def _identity(relation: Relation, sender: Organ) -> str:
    """The identity of a document that is replaced: as stated, else one of ours by day and number."""
    if relation.kind != _REPLACES:
        return ""
    if _IDENTITY.fullmatch(relation.id):
        return relation.id
    ours = relation.issuer in ("", sender.organ_id, sender.name)
    known = relation.number and relation.issued and ours
    return ",".join((sender.organ_id, f"{relation.issued:%Y/%m/%d}", relation.number)) if known else ""


def _named(header: Header, document_id: str) -> Header:
    """A header for a document of which nothing but its identity is left."""
    _, _, rest = document_id.partition(",")
    day, _, whole = rest.partition(",")
    number, _, notation = whole.partition("/")
    subject = f"{header.subject} số {whole}" if whole else header.subject
    return replace(
        header, document_id=document_id, code=Code(number=number, notation=notation),
        promulgation=Promulgation(date=day), subject=subject,
    )  # fmt: skip


def _moment(item: PublishedItem, document: Document) -> datetime:
    """When the edition changed, as its source says; the axis is told no time of ours, so that repeats are the same."""
    return item.updated or item.published or datetime.combine(document.issued or date.min, time(), _VIETNAM)


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(_VIETNAM):%Y/%m/%d %H:%M:%S}"


def _reason(kind: BusinessType, revision: int, stated: str = "") -> str:
    return f"{cut(clean_text(stated), _REASON_LIMIT) or _REASONS[kind]} (phiên bản {revision})"


def _file_name(url: str, title: str) -> str:
    """What a file is called: its title where that has the ending of a file, else as in its address."""
    last = clean_text(unquote(urlsplit(url).path.rpartition("/")[2]))
    name = clean_text(title)
    if not name or ("." in last and "." not in name[-6:]):
        name = last or name
    return cut(name or url, _NAME_LIMIT)


#: code -> technical cause, whose fault, sentence for a clerk
_UNFIT: Final = {
    "not_a_document": (
        "the item is no document", Fault.HUB,
        "Trục liên thông chỉ nhận văn bản, mục tin này không phải là văn bản. Bộ phận kỹ thuật cần sửa tuyến chuyển tới"
        " nơi nhận.",
    ),
    "no_number": (
        "the document has no number", Fault.MEMBER,
        "Văn bản chưa có số, ký hiệu nên không lập được gói tin liên thông. Đề nghị đơn vị ban hành bổ sung số, ký"
        " hiệu.",
    ),
    "no_issue_day": (
        "the document has no day of issue", Fault.MEMBER,
        "Văn bản chưa có ngày ban hành nên không lập được gói tin liên thông. Đề nghị đơn vị ban hành bổ sung ngày ban"
        " hành.",
    ),
}  # fmt: skip


def _unfit(code: str) -> RejectedError:
    message, fault, sentence = _UNFIT[code]
    return RejectedError(message, code=code, fault=fault, sentence=sentence)
