"""What a screen says: which rules hit, where, and what happens. Never the text that matched."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Outcome(StrEnum):
    """What a hit leads to."""

    PURGE = "purge"  #: a mark of a state secret: the text is kept nowhere
    HOLD = "hold"  #: a person decides, with restricted access


#: What a rule looks for, for a clerk; `Finding.rule` is one of these.
LABELS: Final = {
    "stamp": "dấu chỉ độ mật",
    "field": "mục ghi độ mật",
    "number_suffix": "ký hiệu độ mật trong số, ký hiệu văn bản",
    "metadata": "trường dữ liệu ghi độ mật",
    "envelope": "dấu quản lý tài liệu mật",
    "stamp_beside": "mức độ mật ghi trong ngoặc ở đầu hoặc cuối dòng",
    "stamp_without_marks": "dòng chữ không dấu giống dấu chỉ độ mật",
    "field_choices": "mục độ mật liệt kê nhiều mức",
    "envelope_letter": "ký hiệu A, B, C của bì đựng tài liệu mật",
    "circulation": "chỉ dẫn hạn chế phạm vi lưu hành",
    "declassified": "dấu giải mật hoặc thay đổi độ mật",
    "no_text_layer": "tệp không có lớp chữ để kiểm tra",
    "read_in_part": "tệp chỉ kiểm tra được một phần",
    "identity_numbers": "số định danh cá nhân, số giấy tờ tuỳ thân",
    "personal_table": "danh sách có thông tin cá nhân",
    "bank_account": "số tài khoản ngân hàng",
    "contacts": "nhiều số điện thoại hoặc thư điện tử cá nhân",
    "screen_failed": "nội dung mà phần mềm không kiểm tra được",
    "listed_word": "từ ngữ trong danh mục của tỉnh",
    "listed_issuer": "cơ quan ban hành trong danh mục của tỉnh",
    "listed_addressee": "nơi nhận trong danh mục của tỉnh",
}

#: Places that are told in a sentence; the findings have them all.
SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One hit."""

    rule: str  #: stable name, one of LABELS
    outcome: Outcome
    where: str  #: name of the field (`content_html`, `details.steps`) or address of the attachment

    @property
    def label(self) -> str:
        """What was found, for a clerk."""
        return LABELS[self.rule]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything that one screening found; each rule once per place. Empty: may be shown."""

    findings: tuple[Finding, ...] = ()

    @property
    def purge(self) -> bool:
        """Whether the text carries a mark of a state secret."""
        return any(finding.outcome is Outcome.PURGE for finding in self.findings)

    @property
    def hold(self) -> bool:
        """Whether a person has to look, and nothing says that the text must not be kept."""
        return bool(self.findings) and not self.purge

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that hit, once each, those that purge first."""
        ordered = sorted(self.findings, key=lambda finding: finding.outcome is not Outcome.PURGE)
        return tuple(dict.fromkeys(finding.rule for finding in ordered))

    @property
    def sentence(self) -> str:
        """For a clerk: what kind of mark stands where, and what to do; empty when nothing was found."""
        if not self.findings:
            return ""
        of_outcome = [one for one in self.findings if one.outcome is (Outcome.PURGE if self.purge else Outcome.HOLD)]
        kinds = "; ".join(dict.fromkeys(one.label for one in of_outcome))
        where = list(dict.fromkeys(one.where for one in of_outcome))
        places = ", ".join(where[:SHOWN]) + (f" và {len(where) - SHOWN} chỗ khác" if len(where) > SHOWN else "")
        if self.purge:
            return (
                f"Nội dung có dấu hiệu bí mật nhà nước ({kinds}) tại: {places}. Hệ thống đã xoá và không lưu nội dung;"
                " đề nghị đơn vị gỡ bài tại nguồn và báo ngay người phụ trách bảo vệ bí mật nhà nước."
            )
        return (
            f"Nội dung cần người có thẩm quyền xem trước khi công khai ({kinds}) tại: {places}."
            " Đề nghị kiểm tra tại trang nguồn rồi quyết định cho đăng hoặc trả lại đơn vị."
        )
