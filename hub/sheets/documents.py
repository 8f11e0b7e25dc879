"""A legal or directive document as citizens read it: the table of attributes that registers of documents show."""

from typing import Final

from connectors.parse.documentwords import VALIDITY_WORDS
from hub.sheets.facts import Cell, Section, coded_names, day, facts, link, names, table
from schemas.document import Action, Announced, Document, Signer

#: Nghị định 30/2020/NĐ-CP, Appendix I: letters before a signature, and the words that they stand for.
COMPETENCES: Final = {
    "TM.": "thay mặt",
    "KT.": "ký thay",
    "TL.": "thừa lệnh",
    "TUQ.": "thừa ủy quyền",
    "Q.": "quyền",
}
#: What another document is to this one; a kind that a board added to its list is said as "Liên quan".
RELATIONS: Final = {
    "based_on": "Căn cứ",
    "basis_of": "Là căn cứ của",
    "replaces": "Thay thế",
    "replaced_by": "Bị thay thế bởi",
    "partly_replaces": "Thay thế một phần",
    "partly_replaced_by": "Bị thay thế một phần bởi",
    "abolishes": "Bãi bỏ",
    "abolished_by": "Bị bãi bỏ bởi",
    "partly_abolishes": "Bãi bỏ một phần",
    "partly_abolished_by": "Bị bãi bỏ một phần bởi",
    "amends": "Sửa đổi, bổ sung",
    "amended_by": "Được sửa đổi, bổ sung bởi",
    "guides": "Hướng dẫn",
    "guided_by": "Được hướng dẫn bởi",
    "related": "Liên quan",
}
#: What a decision does to a procedure.
ACTIONS: Final = {
    Action.NEW: "Mới ban hành",
    Action.AMENDED: "Sửa đổi, bổ sung",
    Action.REPLACED: "Thay thế",
    Action.ABOLISHED: "Bãi bỏ",
}


def sections(item: Document) -> list[Section]:
    """The attributes, the procedures that it announces, and the documents around it."""
    rows: list[tuple[str, Cell]] = [
        ("Số ký hiệu", (item.number, *item.further_numbers)),
        ("Loại văn bản", item.document_type.name or item.document_type.code),
        ("Cơ quan ban hành", names((item.issuer, *item.further_issuers))),
        ("Người ký", [signer_text(one) for one in (item.signer, *item.further_signers)]),
        ("Ngày ban hành", day(item.issued)),
        ("Ngày có hiệu lực", day(item.effective)),
        ("Ngày hết hiệu lực", day(item.expired)),
        ("Ngày hết hiệu lực một phần", day(item.partly_expired)),
        ("Tình trạng hiệu lực", VALIDITY_WORDS[item.validity]),
        ("Lý do, phần hết hiệu lực", item.validity_reason),
        ("Lĩnh vực", names(item.sectors)),
        ("Trích yếu", item.abstract or item.title),
        ("Phạm vi điều chỉnh", item.scope),
        ("Công báo", [item.gazette, f"Ngày đăng: {day(item.gazette_date)}" if item.gazette_date else ""]),
        ("Thủ tục hành chính liên quan", item.procedures),
    ]
    attributes = facts("Thuộc tính văn bản", rows)
    if not item.abstract and attributes == facts("Thuộc tính văn bản", [("Trích yếu", item.title)]):
        attributes = []  # the title stands above the page: alone it is no table
    relations = [
        (
            RELATIONS.get(one.kind, RELATIONS["related"]),
            one.number,
            link(one.title, one.url),
            one.issuer,
            day(one.issued),
        )
        for one in item.relations
        if one.number or one.title or one.url or one.issuer or one.issued
    ]  # fmt: skip
    columns = ("Quan hệ", "Số ký hiệu", "Trích yếu", "Cơ quan ban hành", "Ngày ban hành")
    return [*attributes, *_announced(item), *table("Văn bản liên quan", columns, [("", relations)])]


def _announced(item: Document) -> list[Section]:
    rows = [
        (ACTIONS[one.action], one.code, (one.name, *_replaced(one)), _stated(one))
        for one in item.announces
        if one.code or one.name
    ]  # fmt: skip
    columns = ("Công bố", "Mã thủ tục", "Tên thủ tục", "Nội dung")
    return table("Thủ tục hành chính được công bố", columns, [("", rows)])


def _replaced(one: Announced) -> list[str]:
    return [f"Thay thế: {name}" for name in coded_names(one.replaces)]


def _stated(one: Announced) -> list[str]:
    told = (
        ("Cơ quan giải quyết", one.agency), ("Thời hạn giải quyết", one.time_limit), ("Địa điểm", one.place),
        ("Phí, lệ phí", one.fee), ("Căn cứ", one.basis),
    )  # fmt: skip
    return [f"{label}: {text}" for label, text in told if text.strip()]


def sentence(item: Document) -> str:
    """What it is in one sentence, as offices cite a document; empty when it says nothing of itself."""
    issuers = ", ".join(names((item.issuer, *item.further_issuers)))
    cited = (
        f"số {item.number}" if item.number else "",
        f"ngày {day(item.issued)}" if item.issued else "",
        f"của {issuers}" if issuers else "",
    )
    effect = f"có hiệu lực từ ngày {day(item.effective)}" if item.effective else ""
    validity = VALIDITY_WORDS[item.validity].lower()
    if not (any(cited) or effect or validity or item.abstract):
        return ""
    said = " ".join(filter(None, (item.document_type.name or "Văn bản", *cited)))
    told = ", ".join(filter(None, (said, effect, f"tình trạng: {validity}" if validity else "")))
    return f"{told}: {item.abstract}" if item.abstract else f"{told}."


def signer_text(signer: Signer) -> str:
    """Nguyễn Văn Mẫu, Phó Chủ tịch (ký thay)."""
    told = ", ".join(filter(None, (signer.name, signer.position)))
    competence = COMPETENCES.get(signer.competence.strip().upper(), signer.competence)
    return f"{told} ({competence})" if told and competence else told
