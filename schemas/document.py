"""Legal and directive documents (văn bản): what the register of an office says of one.

Fields follow the national legal database, whose names close the descriptions, and the document exchange axis (QCVN
102:2016/BTTTT). Dates are days in Vietnam. What a source does not say is empty, null or `unknown`: nothing is guessed.
There is no field for a level of secrecy: a document that has one is no item of the hub.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from schemas.base import ADDRESS_LIMIT, TITLE_LIMIT, Frozen, ItemBase, Kind
from schemas.shapes import Address, Coded, Line, Prose, Shape

#: Longest number of a document that is kept, in characters; what is longer is no number.
NUMBER_LIMIT: Final = 100
#: Offices, signers, sectors, relations and numbers of one document that are kept; real ones stay below a hundred.
ENTRIES_LIMIT: Final = 500
#: Procedures that one decision announces, and characters of what it states of one.
LINES_LIMIT: Final = 2_000
STATED_LIMIT: Final = 1_000

Number = Annotated[str, Shape.LINE, Field(max_length=NUMBER_LIMIT)]


class Validity(StrEnum):
    """Whether a document is in force (tình trạng hiệu lực), in the values of the national legal database."""

    UNKNOWN = "unknown"  #: the source does not say, or in words that nobody has listed yet
    NOT_YET = "not_yet"  #: Chưa có hiệu lực
    IN_FORCE = "in_force"  #: Còn hiệu lực
    PARTLY_EXPIRED = "partly_expired"  #: Hết hiệu lực một phần
    EXPIRED = "expired"  #: Hết hiệu lực toàn bộ
    PARTLY_SUSPENDED = "partly_suspended"  #: Ngưng hiệu lực một phần
    SUSPENDED = "suspended"  #: Ngưng hiệu lực
    OUTDATED = "outdated"  #: Không còn phù hợp


class Signer(Frozen):
    """Who signed, as what, and in whose place."""

    from_text: ClassVar[str] = "name"

    name: Line = Field(default="", description="họ và tên (VBPQNguoiKy)")
    position: Line = Field(default="", description="chức vụ (VBPQChucDanh)")
    competence: Line = Field(default="", description="quyền hạn ký: TM., KT., TL., TUQ., Q.")


class Relation(Frozen):
    """Another document that this one has to do with; nobody promises that it is there."""

    from_text: ClassVar[str] = "title"

    kind: Annotated[str, Shape.LINE, Field(max_length=40)] = Field(
        default="related", description="what the other is to this one, by the list in connectors/data/documents.toml"
    )
    number: Number = ""
    title: Annotated[str, Shape.LINE, Field(max_length=TITLE_LIMIT)] = ""
    issuer: Line = ""
    issued: date | None = None
    url: Address = ""
    id: Annotated[str, Shape.LINE, Field(max_length=ADDRESS_LIMIT)] = Field(
        default="", description="identity of the other document at the same source"
    )


class Action(StrEnum):
    """What a decision of announcement (quyết định công bố) does to a procedure."""

    NEW = "new"  #: mới ban hành
    AMENDED = "amended"  #: sửa đổi, bổ sung; also of a list that the decision calls amended or replaced as a whole
    REPLACED = "replaced"  #: thay thế
    ABOLISHED = "abolished"  #: bãi bỏ


Stated = Annotated[str, Shape.PROSE, Field(max_length=STATED_LIMIT)]


class Announced(Frozen):
    """One procedure in the list of a decision of announcement, as the decision states it."""

    from_text: ClassVar[str] = "name"

    action: Action
    code: Annotated[str, Shape.LINE, Field(max_length=NUMBER_LIMIT)] = Field(
        default="", description="mã số TTHC in one normal form; empty: the list gives none"
    )
    name: Annotated[str, Shape.LINE, Field(max_length=TITLE_LIMIT)] = Field(default="", description="tên TTHC")
    replaces: tuple[Coded, ...] = Field(default=(), max_length=50, description="TTHC được thay thế")
    agency: Annotated[str, Shape.LINE, Field(max_length=TITLE_LIMIT)] = Field(
        default="", description="whose procedures the list holds: thuộc thẩm quyền giải quyết của"
    )
    time_limit: Stated = Field(default="", description="thời hạn giải quyết")
    place: Stated = Field(default="", description="địa điểm thực hiện")
    fee: Stated = Field(default="", description="phí, lệ phí")
    basis: Stated = Field(default="", description="căn cứ pháp lý, văn bản quy định việc sửa đổi hoặc bãi bỏ")


class Document(ItemBase):
    """A legal or directive document. Issuer, number and day of issue together tell it from all others."""

    kind: Literal[Kind.DOCUMENT] = Kind.DOCUMENT

    number: Number = Field(default="", description="số, ký hiệu in its right form; empty: none (VBPQSokyhieu)")
    number_given: Line = Field(default="", description="the same as the source writes it, where it differs")
    further_numbers: tuple[Number, ...] = Field(
        default=(), max_length=ENTRIES_LIMIT, description="of a joint document (VBPQSokyhieu)"
    )
    document_type: Coded = Field(
        default=Coded(), description="loại văn bản; its code is the abbreviation: QĐ, NĐ, CV (VBPQLoaivanban)"
    )
    issuer: Coded = Field(
        default=Coded(), description="cơ quan ban hành; its code is the organisation identifier (VBPQCoquanbanhanh)"
    )
    further_issuers: tuple[Coded, ...] = Field(
        default=(), max_length=ENTRIES_LIMIT, description="of a joint document (VBPQCoquanbanhanh)"
    )
    signer: Signer = Field(default=Signer(), description="người ký")
    further_signers: tuple[Signer, ...] = Field(default=(), max_length=ENTRIES_LIMIT, description="of a joint document")
    issued: date | None = Field(default=None, description="ngày ban hành (VBPQNgayBanHanh)")
    effective: date | None = Field(default=None, description="ngày có hiệu lực (VBPQNgaycohieuluc)")
    expired: date | None = Field(default=None, description="ngày hết hiệu lực (VBPQNgayHetHieuLuc)")
    partly_expired: date | None = Field(
        default=None, description="ngày hết hiệu lực một phần (VBPQNgayHetHieuLuc1phan)"
    )
    validity: Validity = Field(default=Validity.UNKNOWN, description="tình trạng hiệu lực (VBPQTinhTrangHieuLuc)")
    validity_reason: Prose = Field(
        default="", description="why it is not in force, or which part of it (VBPQLidohetHieuLuc, VBPQPhanHetHieuLuc)"
    )
    sectors: tuple[Coded, ...] = Field(
        default=(), max_length=ENTRIES_LIMIT, description="ngành, lĩnh vực (VBPQLinhVuc, VBPQNganh)"
    )
    abstract: Prose = Field(default="", description="trích yếu; empty where the title is it (VBPQTrichYeu)")
    scope: Prose = Field(default="", description="phạm vi điều chỉnh (VBPQPhamvidieuchinh)")
    gazette: Line = Field(default="", description="nguồn trích, số công báo (VBPQNguontrich)")
    gazette_date: date | None = Field(default=None, description="ngày đăng công báo (VBPQNgaydangcongbao)")
    relations: tuple[Relation, ...] = Field(default=(), max_length=ENTRIES_LIMIT, description="văn bản liên quan")
    procedures: tuple[Line, ...] = Field(
        default=(), max_length=ENTRIES_LIMIT,
        description="codes of the administrative procedures that it touches (txtLienKetTTHC)",
    )  # fmt: skip
    announces: tuple[Announced, ...] = Field(
        default=(), max_length=LINES_LIMIT, description="the list of a decision that announces procedures, in its order"
    )
