"""What a clerk reads of a gap: which category, since when, by which rule, and when the last item came."""

from datetime import date

from hub.rules.duties import Duty, Judgement, State, Stretch
from hub.rules.periods import Span

UNCONFIRMED = "chờ Ban biên tập xác nhận"


def of_standing(duty: Duty, category: str, judgement: Judgement, last_item: date | None) -> str:
    """A gap as it stands on a day; `category` is its name. Empty where nothing is missing."""
    since = f" kể từ {called(judgement.first_unmet)}" if judgement.first_unmet else ""
    match judgement.state:
        case State.LATE:
            unsure = "" if judgement.sure else " (lịch nghỉ chưa được xác nhận đủ)"
            said = f"chậm {judgement.late_days} ngày làm việc{unsure}: chưa đủ {duty.at_least} mục{since}"
        case State.EMPTY:
            said = "hiện không có mục nào công khai, dù trước đây đã có mục gửi đến"
        case State.NEVER:
            said = f"chưa từng có mục nào{since}"
        case _:
            return ""
    return _whole(duty, category, said, last_item)


def of_period(duty: Duty, category: str, *, owed: int, unmet: int, came: int, last_item: date | None) -> str:
    """What is missing of a period; `owed` and `unmet` are stretches, `came` items."""
    what = f"chưa cung cấp đủ {unmet}/{owed} kỳ" if owed > 1 else "chưa cung cấp đủ trong kỳ"
    brought = f"cả kỳ báo cáo có {came} mục" if came else "cả kỳ báo cáo không có mục nào"
    return _whole(duty, category, f"{what}, {brought}", last_item)


def called(stretch: Stretch) -> str:
    """A stretch inside a sentence: tháng 6 năm 2026, tuần 01/06–07/06/2026."""
    if (stretch.last - stretch.first).days < 7:
        return f"tuần {stretch.first:%d/%m}–{stretch.last:%d/%m/%Y}"
    return Span(stretch.first, stretch.last).inside


def by_rule(duty: Duty) -> str:
    """The rule of a duty, and that nobody has confirmed it yet where that is so."""
    rule = duty.rule or "chưa ghi văn bản quy định"
    return rule if duty.confirmed else f"{rule}, {UNCONFIRMED}"


def _whole(duty: Duty, category: str, said: str, last_item: date | None) -> str:
    last = f"mục gần nhất ngày {last_item:%d/%m/%Y}" if last_item else "chưa có mục nào công khai"
    return f"Chuyên mục “{category}” {said}; {last}. Căn cứ: {by_rule(duty)}."
