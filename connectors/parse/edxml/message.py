"""What a message of the axis says, element by element: each field names the element that holds it.

Reading and writing walk these declarations, so that an element that is declared here is both read and written. Every
text is kept as it was sent, dates and numbers too; the order of the fields is that of our own messages.
"""

# ruff: noqa: RUF009  # the functions below call dataclasses.field, and every default they make is immutable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeVar

T = TypeVar("T")

NAMESPACE: Final = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
#: What files of the axis may weigh together, in bytes; gateways take no more.
ATTACHMENTS_LIMIT: Final = 50 * 1024 * 1024
#: Entries of one list of a message that are read.
ENTRIES_LIMIT: Final = 2_000


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a field stands."""

    element: str
    holds: type | None = None  #: a shape of this module; None: text
    many: bool = False
    within: str = ""  #: element around the entries of a list


def _text(element: str) -> Any:
    return field(default="", metadata={"slot": Slot(element)})


def _one(element: str, holds: type[T]) -> Any:
    return field(default_factory=holds, metadata={"slot": Slot(element, holds)})


def _many(element: str, holds: type | None = None, within: str = "") -> Any:
    return field(default=(), metadata={"slot": Slot(element, holds, many=True, within=within)})


class BusinessType(StrEnum):
    """What a message does to a document."""

    NEW = "0"
    REVOKE = "1"
    UPDATE = "2"
    REPLACE = "3"


class StatusCode(StrEnum):
    """What a receiver reports of a document (Quyết định 28/2018/QĐ-TTg)."""

    ARRIVED = "01"
    REFUSED = "02"
    ACCEPTED = "03"
    ASSIGNED = "04"
    IN_PROCESS = "05"
    FINISHED = "06"
    TAKE_BACK = "13"  #: the sender asks to take it back
    AGREED = "15"  #: to an update or a take-back
    DECLINED = "16"  #: the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Organ:
    """An organisation on the axis."""

    organ_id: str = _text("OrganId")
    in_charge: str = _text("OrganizationInCharge")
    name: str = _text("OrganName")
    address: str = _text("OrganAdd")
    email: str = _text("Email")
    telephone: str = _text("Telephone")
    fax: str = _text("Fax")
    website: str = _text("Website")


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Number and notation: 7816 and VPCP-TTĐT."""

    number: str = _text("CodeNumber")
    notation: str = _text("CodeNotation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Promulgation:
    """Where and when it was issued."""

    place: str = _text("Place")
    date: str = _text("PromulgationDate")  #: yyyy/MM/dd


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentType:
    """Group, number in the group, name."""

    group: str = _text("Type")
    detail: str = _text("TypeDetail")
    name: str = _text("TypeName")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who signed."""

    competence: str = _text("Competence")
    position: str = _text("Position")
    name: str = _text("FullName")


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherInfo:
    """What else the register says."""

    priority: str = _text("Priority")  #: 0 normal, 1 urgent, 2, 3, 4 more so
    sphere: str = _text("SphereOfPromulgation")
    typer: str = _text("TyperNotation")
    amount: str = _text("PromulgationAmount")
    pages: str = _text("PageAmount")
    direction: str = _text("Direction")
    appendixes: tuple[str, ...] = _many("Appendix", within="Appendixes")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFor:
    """The document that is answered."""

    organ_id: str = _text("OrganId")
    code: str = _text("Code")
    date: str = _text("PromulgationDate")
    document_id: str = _text("DocumentId")


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Who did it at the sender's. Personal data: it goes into no item."""

    department: str = _text("Department")
    department_id: str = _text("DepartmentId")
    staff: str = _text("Staff")
    staff_id: str = _text("StaffId")
    email: str = _text("Email")
    mobile: str = _text("Mobile")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The business header of a document."""

    sender: Organ = _one("From", Organ)
    receivers: tuple[Organ, ...] = _many("To", Organ)
    document_id: str = _text("DocumentId")
    code: Code = _one("Code", Code)
    promulgation: Promulgation = _one("PromulgationInfo", Promulgation)
    document_type: DocumentType = _one("DocumentType", DocumentType)
    subject: str = _text("Subject")
    content: str = _text("Content")
    signer: Signer = _one("SignerInfo", Signer)
    due: str = _text("DueDate")
    places: tuple[str, ...] = _many("Place", within="ToPlaces")
    other: OtherInfo = _one("OtherInfo", OtherInfo)
    responses: tuple[ResponseFor, ...] = _many("ResponseFor", ResponseFor)
    steering: str = _text("SteeringType")
    tasks: tuple[str, ...] = _many("TaskCode", within="ResponseForTask")
    application: str = _text("ApplicationType")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One station on the way."""

    organ_id: str = _text("OrganId")
    timestamp: str = _text("Timestamp")  #: yyyy/MM/dd HH:mm:ss


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Who is meant by an update or a take-back."""

    organ_id: str = _text("OrganId")
    type: str = _text("ReceiverType")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Which parts of a document an update touches."""

    document: str = _text("DocumentInfo")
    receiver: str = _text("DocumentReceiver")
    receivers: tuple[Receiver, ...] = _many("Receiver", Receiver, within="ReceiverList")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A document that is replaced, and for whom."""

    document_id: str = _text("DocumentId")
    organ_ids: tuple[str, ...] = _many("OrganId", within="OrganIdList")


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """What the message does (the standard spells it Bussiness)."""

    document_id: str = _text("DocumentId")
    type: str = _text("BussinessDocType")
    reason: str = _text("BussinessDocReason")
    paper: str = _text("Paper")  #: 1: a copy on paper follows
    changes: Changes = _one("BussinessDocumentInfo", Changes)
    staff: Staff = _one("StaffInfo", Staff)
    replacements: tuple[Replacement, ...] = _many("ReplacementInfo", Replacement, within="ReplacementInfoList")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file of a message."""

    content_id: str = ""  #: without `cid:`
    name: str = ""
    description: str = ""
    type: str = ""  #: as declared; application/zip may only say how it was packed
    body: bytes | None = field(default=None, repr=False)  #: as sent; None: missing, or not what base64 may be


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A document on the axis."""

    header: Header = field(default_factory=Header)
    trace: tuple[Trace, ...] = ()
    business: Business = field(default_factory=Business)
    attachments: tuple[Attachment, ...] = ()
    #: what was odd: `attachment_broken`, `attachment_missing`, `attachment_mistyped`, `element_unknown`
    remarks: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a receiver reports of a document."""

    sender: Organ = _one("From", Organ)
    response_for: ResponseFor = _one("ResponseFor", ResponseFor)
    staff: Staff = _one("StaffInfo", Staff)
    code: str = _text("StatusCode")  #: one of StatusCode, or one that is not known yet
    description: str = _text("Description")
    timestamp: str = _text("Timestamp")
    remarks: tuple[str, ...] = field(default=(), compare=False)
