"""Administrative procedures (thủ tục hành chính, TTHC): the record of the national base under English names.

The national name of a field, as the share service LayThuTuc spells it, closes its description. What readers see of a
procedure is here; how the national form is read and written stands in connectors/parse/nationalprocedure.py.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from schemas.base import Frozen, ItemBase, Kind
from schemas.shapes import Address, Coded, Html, Line, Prose

#: Entries of one list inside a procedure; real ones stay below a hundred.
ENTRIES_LIMIT: Final = 500

#: Largest number of papers, of units of time, and of dong that is believed.
COUNT_LIMIT: Final = 1_000_000
AMOUNT_LIMIT: Final = 1_000_000_000_000_000

Count = Annotated[int, Field(ge=0, le=COUNT_LIMIT)]
Amount = Annotated[int, Field(ge=0, le=AMOUNT_LIMIT)]
Entries = Field(default=(), max_length=ENTRIES_LIMIT)


class Status(StrEnum):
    """Whether a procedure may be used."""

    IN_FORCE = "in_force"
    WITHDRAWN = "withdrawn"


class Channel(StrEnum):
    """How a dossier is handed in."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    POST = "post"


class TimeUnit(StrEnum):
    """What a time limit counts."""

    MINUTE = "minute"
    HOUR = "hour"
    WORKING_HOUR = "working_hour"
    DAY = "day"
    WORKING_DAY = "working_day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class FeeKind(StrEnum):
    """The two kinds of payment that the law on fees knows."""

    FEE = "fee"  #: phí: covers the cost of a service
    CHARGE = "charge"  #: lệ phí: a fixed sum for an act of the state


class Fee(Frozen):
    """What is paid (PHILEPHI)."""

    from_text: ClassVar[str] = "text"

    kind: FeeKind | None = Field(default=None, description="fee (phí) or charge (lệ phí) (MAPHILEPHI 1, 2)")
    kind_code: Line = Field(default="", description="another kind, as the source writes it (MAPHILEPHI)")
    amount: Amount | None = Field(
        default=None, description="whole dong; 0: free of charge; null: not a sum in dong, see text (SOTIEN)"
    )
    text: Line = Field(default="", description="the sum as stated, where it is more than digits (SOTIEN)")
    unit: Line = Field(default="", description="currency, and what the sum is for each of (DONVI)")
    description: Prose = Field(default="", description="who pays it and when (MOTA)")
    url: Address = Field(default="", description="page or file about the fee (URL)")


class TimeLimit(Frozen):
    """How long the office may take, and what that costs (THOIGIAN)."""

    from_text: ClassVar[str] = "text"

    value: Count | None = Field(default=None, description="number of units; null: see text (THOIGIANGIAIQUYET)")
    unit: TimeUnit | None = Field(default=None, description="what is counted, where it is known (DONVITINH)")
    unit_name: Line = Field(default="", description="what is counted, as the source names it (DONVITINH)")
    text: Line = Field(default="", description="the limit as stated, where it is no number (THOIGIANGIAIQUYET)")
    description: Prose = Field(default="", description="conditions of this limit (MOTA)")
    fees: tuple[Fee, ...] = Entries


class Way(Frozen):
    """A way of carrying the procedure out, with its time limits (CACHTHUCTHUCHIEN)."""

    channel: Channel | None = Field(default=None, description="in person, online, by public post (KENH 1, 2, 3)")
    channel_name: Line = Field(default="", description="another way, as the source names it (KENH)")
    time_limits: tuple[TimeLimit, ...] = Entries


class Steps(Frozen):
    """What happens, step by step, in one case (TRINHTUTHUCHIEN)."""

    from_text: ClassVar[str] = "steps"

    case: Prose = Field(default="", description="the case; empty: all cases (TRUONGHOP)")
    steps: tuple[Prose, ...] = Field(default=(), max_length=ENTRIES_LIMIT, description="in order (TENTRINHTU)")


class Paper(Frozen):
    """One paper of a dossier (GIAYTO)."""

    from_text: ClassVar[str] = "name"

    code: Line = Field(default="", description="MAGIAYTO")
    name: Prose = Field(default="", description="TENGIAYTO")
    originals: Count | None = Field(default=None, description="number of originals (SOBANCHINH)")
    originals_text: Line = Field(default="", description="the same where it is no number (SOBANCHINH)")
    copies: Count | None = Field(default=None, description="number of copies (SOBANSAO)")
    copies_text: Line = Field(default="", description="the same where it is no number (SOBANSAO)")
    form_name: Line = Field(default="", description="name of the form to fill in (TENMAUDON)")
    form_url: Address = Field(default="", description="address of the form (URL)")
    replaced_by: Line = Field(default="", description="code of a result that may stand in its place (MAKETQUATHAYTHE)")


class Dossier(Frozen):
    """The papers of one case (THANHPHANHOSO)."""

    from_text: ClassVar[str] = "papers"

    case: Prose = Field(default="", description="the case; empty: all cases (TRUONGHOP)")
    papers: tuple[Paper, ...] = Entries


class Result(Frozen):
    """What the applicant gets (KETQUATHUCHIEN)."""

    from_text: ClassVar[str] = "name"

    code: Line = Field(default="", description="MAKETQUA")
    name: Prose = Field(default="", description="TENKETQUA")
    file_name: Line = Field(default="", description="name of a specimen (TENTEP)")
    url: Address = Field(default="", description="address of the specimen (URL)")


class LegalBasis(Frozen):
    """A document that the procedure rests on: the join to documents (CANCUPHAPLY)."""

    from_text: ClassVar[str] = "title"

    number: Line = Field(default="", description="SOVANBAN")
    title: Prose = Field(default="", description="TENVANBAN")
    issuer: Line = Field(default="", description="COQUANBANHANH")
    issued: date | None = Field(default=None, description="NGAYBANHANH")
    effective: date | None = Field(default=None, description="NGAYHIEULUC")
    url: Address = Field(default="", description="DIACHITRUYCAP")


class Procedure(ItemBase):
    """Administrative procedures (thủ tục hành chính)."""

    kind: Literal[Kind.PROCEDURE] = Kind.PROCEDURE

    code: Line = Field(default="", description="code in one normal form, or as stated where it has none (MATTHC)")
    national_code: Line = Field(default="", description="part that all agencies share, D.DDDDDD")
    agency_suffix: Line = Field(default="", description="part that names the agency which localises it")
    national_id: Line = Field(default="", description="key of the record inside the national base (ID)")
    status: Status | None = Field(default=None, description="null: the source says nothing (TRANGTHAI; 1 is in force)")
    source_status: Line = Field(default="", description="the status as the source writes it (TRANGTHAI)")
    procedure_type: Line = Field(default="", description="regulated in detail, specific … (LOAITTHC)")
    levels: tuple[Line, ...] = Field(
        default=(), max_length=ENTRIES_LIMIT, description="levels that carry it out (CAPTHUCHIEN)"
    )
    sectors: tuple[Coded, ...] = Field(
        default=(), max_length=ENTRIES_LIMIT, description="field, lĩnh vực (LINHVUCTHUCHIEN)"
    )

    announced_by: Line = Field(default="", description="code of the announcing agency (MACOQUANCONGBO)")
    announced_by_name: Line = Field(default="", description="its name, where the source gives one")
    decision: Line = Field(default="", description="number of the decision of announcement (QUYETDINH)")
    decision_id: Line = Field(default="", description="its key in the national base (IDQUYETDINHCONGBO)")

    steps: tuple[Steps, ...] = Field(
        default=(), max_length=ENTRIES_LIMIT, description="steps, case by case (TRINHTUTHUCHIEN)"
    )
    ways: tuple[Way, ...] = Field(
        default=(), max_length=ENTRIES_LIMIT, description="ways of carrying out (CACHTHUCTHUCHIEN)"
    )
    dossiers: tuple[Dossier, ...] = Field(
        default=(), max_length=ENTRIES_LIMIT, description="papers, case by case (THANHPHANHOSO)"
    )
    subjects: tuple[Coded, ...] = Field(
        default=(), max_length=ENTRIES_LIMIT, description="who may use it (DOITUONGTHUCHIEN)"
    )
    subjects_text: Prose = Field(default="", description="the same in words (MOTADOITUONGTHUCHIEN)")
    executing_agencies: tuple[Coded, ...] = Field(
        default=(), max_length=ENTRIES_LIMIT, description="who carries it out (COQUANTHUCHIEN)"
    )
    executing_text: Prose = Field(default="", description="the same in words (MOTACOQUANTHUCHIEN)")
    competent_agencies: tuple[Coded, ...] = Field(
        default=(), max_length=ENTRIES_LIMIT, description="who decides (COQUANCOTHAMQUYEN)"
    )
    competent_text: Prose = Field(default="", description="the same in words (MOTACOQUANTHAMQUYEN)")
    delegated_agencies: tuple[Coded, ...] = Field(
        default=(), max_length=ENTRIES_LIMIT, description="who may act for them (COQUANDUOCUYQUYEN)"
    )
    coordinating_agencies: tuple[Coded, ...] = Field(
        default=(), max_length=ENTRIES_LIMIT, description="who takes part (COQUANPHOIHOP)"
    )
    place_of_receipt: Prose = Field(default="", description="where dossiers are taken (DIACHITIEPNHAN)")
    results: tuple[Result, ...] = Field(default=(), max_length=ENTRIES_LIMIT, description="KETQUATHUCHIEN")
    legal_basis: tuple[LegalBasis, ...] = Field(default=(), max_length=ENTRIES_LIMIT, description="CANCUPHAPLY")
    conditions_html: Html = Field(default="", description="requirements and conditions, sanitised HTML (YEUCAU)")
    description: Prose = Field(default="", description="MOTA")
    keywords: tuple[Line, ...] = Field(default=(), max_length=ENTRIES_LIMIT, description="TUKHOA")
    related: tuple[Coded, ...] = Field(
        default=(), max_length=ENTRIES_LIMIT, description="other procedures (TTHCLIENQUAN)"
    )
    connected: tuple[Coded, ...] = Field(
        default=(), max_length=ENTRIES_LIMIT, description="procedures that are done in one go with it (TTHCLIENTHONG)"
    )
