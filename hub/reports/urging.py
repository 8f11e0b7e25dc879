"""What urging says, as an office writes to another: a notice, a reminder, the list for the chairman; and as Word file.

Only gaps are told that are the member's own; the text says so, and asks to be told where we look in the wrong place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from hub.reports import wording
from hub.rules.periods import written
from hub.rules.urging import Gap, Step
from hub.sheets.prose import Cell, Paragraph, Span

#: With room for the number, which the register gives.
_NUMBER: Final = "Số:         "
_RECIPIENTS: Final = ("- Như trên;", "- Lưu: VT.")
#: Who the list goes to.
LEADERS: Final = "Lãnh đạo Ủy ban nhân dân tỉnh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Who urges, as it stands over and under the letter."""

    agency: str
    above: str = ""
    place: str = ""
    signer_title: str = ""
    portal: str = ""  #: what the information is for

    @property
    def reader(self) -> str:
        """What the information is for, as sentences name it."""
        return self.portal or self.agency


@dataclass(frozen=True, slots=True, kw_only=True)
class Urging:
    """One letter: to a member about all its gaps, or to the chairman about all members."""

    step: Step
    to: str
    contact: str = ""  #: person or unit there
    office: Office
    day: date  #: on which it was written
    gaps: Sequence[Gap]
    told: date | None = None  #: when the step before went out


@dataclass(frozen=True, slots=True)
class Said:
    """The letter in words."""

    subject: str
    to: str
    opening: str
    lines: tuple[str, ...]
    closing: tuple[str, ...]


def said(one: Urging) -> Said:
    """What the letter says. The same gaps on the same day give the same words."""
    match one.step:
        case Step.NOTICE:
            return _notice(one)
        case Step.REMINDER:
            return _reminder(one)
        case Step.LIST:
            return _list(one)


def _notice(one: Urging) -> Said:
    agency, portal = one.office.agency, one.office.reader
    return Said(
        subject=f"V/v cung cấp thông tin cho {portal}",
        to=_addressed(one),
        opening=f"Tính đến ngày {written(one.day)}, qua theo dõi việc cung cấp thông tin trên {portal}, {agency}"
        " chưa ghi nhận đủ thông tin của Quý cơ quan thuộc các chuyên mục sau:",
        lines=tuple(_capital(_line(gap)) for gap in one.gaps),
        closing=(
            "Để bảo đảm thông tin được cung cấp đầy đủ, kịp thời, kính đề nghị Quý cơ quan rà soát và cung cấp thông"
            " tin theo quy định.",
            _ELSEWHERE.format(agency=agency),
            _THANKS,
        ),
    )


def _reminder(one: Urging) -> Said:
    agency, portal = one.office.agency, one.office.reader
    before = f"Ngày {written(one.told)}, {agency} đã có" if one.told else f"{agency} đã có"
    return Said(
        subject=f"V/v đôn đốc cung cấp thông tin cho {portal}",
        to=_addressed(one),
        opening=f"{before} thông báo đề nghị {one.to} cung cấp thông tin theo quy định. Tính đến ngày"
        f" {written(one.day)}, qua theo dõi trên {portal} vẫn chưa ghi nhận đủ thông tin của Quý cơ quan"
        " thuộc các chuyên mục sau:",
        lines=tuple(_capital(_line(gap)) for gap in one.gaps),
        closing=(
            "Đề nghị Quý cơ quan quan tâm chỉ đạo bộ phận phụ trách khẩn trương cung cấp thông tin còn thiếu, đồng"
            f" thời thông tin lại cho {agency} những khó khăn, vướng mắc (nếu có) để phối hợp tháo gỡ.",
            _ELSEWHERE.format(agency=agency),
            _THANKS,
        ),
    )


def _list(one: Urging) -> Said:
    agency = one.office.agency
    return Said(
        subject="Danh sách cơ quan, đơn vị chưa cung cấp thông tin sau khi đã được đôn đốc",
        to=LEADERS,
        opening=f"{agency} báo cáo danh sách cơ quan, đơn vị đã được thông báo nhắc và đôn đốc nhưng chưa cung cấp"
        f" thông tin cho {one.office.reader} theo quy định, tính đến ngày {written(one.day)}:",
        lines=tuple(f"{gap.name}: {_line(gap)}" for gap in one.gaps),
        closing=(
            "Danh sách này không gồm những trường hợp hệ thống chưa đọc được trang của đơn vị hoặc thông tin đã gửi đến"
            " nhưng chưa được công khai.",
            f"{agency} kính trình Lãnh đạo xem xét, chỉ đạo.",
        ),
    )


_ELSEWHERE: Final = (
    "Trường hợp thông tin đã được đăng ở chuyên mục hoặc địa chỉ khác, xin Quý cơ quan cho biết để {agency} kiểm tra,"
    " cập nhật."
)
_THANKS: Final = "Trân trọng cảm ơn sự phối hợp của Quý cơ quan."


def _addressed(one: Urging) -> str:
    return f"{one.to} ({one.contact})" if one.contact else one.to


def _line(gap: Gap) -> str:
    """One gap: what, since when, when the last came, by which rule."""
    last = f"thông tin gần nhất ngày {written(gap.last_item)}" if gap.last_item else "chưa ghi nhận thông tin nào"
    late = f", quá hạn {gap.late_days} ngày làm việc" if gap.late_days else ""
    return (
        f"chuyên mục “{gap.category}” chưa có đủ thông tin từ ngày {written(gap.first)} đến hết ngày"
        f" {written(gap.until)}{late}; {last}{_by(gap)}."
    )


def _by(gap: Gap) -> str:
    if not gap.rule:
        return ""
    return f" (căn cứ {gap.rule}{'' if gap.confirmed else '; quy định đang chờ Ban biên tập xác nhận'})"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def docx(one: Urging) -> bytes:
    """The letter as a Word file, with room for number and signature."""
    # What only judges reminders and mails them, each hub's schedule, has no use for the library of Word files.
    from hub.reports.letterhead import foot, head, line
    from hub.sheets.word import WordFile

    told, office = said(one), one.office
    file = WordFile(title=told.subject, author=office.agency, keywords="", changed=None)
    about = "" if one.step is Step.LIST else told.subject
    dateline = wording.dateline(office.place, None, one.day.year)
    head(file, above=office.above.upper(), agency=office.agency.upper(), number=_NUMBER, dateline=dateline, about=about)
    if not about:
        file.paragraph("DANH SÁCH", "Title")
        file.paragraph(Paragraph((Span(told.subject, bold=True),)), "Subtitle")
    file.paragraph(Paragraph((Span(f"Kính gửi: {told.to}"),)), "Subtitle")
    file.paragraph(told.opening, "Report Text")
    if one.step is Step.LIST:
        file.table(
            ("TT", "Cơ quan, đơn vị", "Chuyên mục", "Căn cứ", "Thông tin gần nhất", "Quá hạn (ngày làm việc)"),
            [_row(place, gap) for place, gap in enumerate(one.gaps, 1)], (6, 26, 20, 22, 13, 13),
            aligns=("center", "left", "left", "left", "center", "center"),
        )  # fmt: skip
    else:
        for each in told.lines:
            file.paragraph(f"- {each}", "Report Text")
    for text in told.closing:
        file.paragraph(text, "Report Text")
    foot(file, recipients=_RECIPIENTS, signer=[line(office.signer_title.upper(), bold=True)])
    return file.finish()


def _row(place: int, gap: Gap) -> list[Cell]:
    last = f"{written(gap.last_item)}" if gap.last_item else "chưa có"
    rule = f"{gap.rule}{'' if gap.confirmed else ' (chờ xác nhận)'}"
    late = "" if gap.late_days is None else str(gap.late_days)
    return [Cell((Paragraph((Span(text),)),)) for text in (str(place), gap.name, gap.category, rule, last, late)]
