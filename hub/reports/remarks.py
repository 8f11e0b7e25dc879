"""What a reader has to know beside the numbers: which of them may still change, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.reports.snapshot import Number, Snapshot
from hub.rules.calendar import WorkingCalendar
from hub.rules.duties import Duty
from hub.rules.periods import Span, written


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """How sure the numbers of a period are."""

    span: Span
    now: datetime  #: in the hub's zone
    is_over: bool
    calendar: WorkingCalendar
    duties: Sequence[Duty]
    before: bool  #: whether anything is known of the period before
    pending: bool  #: events wait to be counted
    uncompared: int  #: items that were not compared with those of other members yet


def remarks(known: Known) -> Iterator[str]:
    """Sentences, the gravest first."""
    span = known.span
    if not known.is_over:
        at = f"{known.now:%H:%M} ngày {written(known.now.date())}"
        yield f"Kỳ báo cáo chưa kết thúc; số liệu tính đến {at} và sẽ còn thay đổi."
    if known.pending:
        yield "Hệ thống đang đếm lại nên số liệu có thể còn thiếu; hãy lập lại báo cáo sau khi đếm xong."
    if known.uncompared:
        yield f"{known.uncompared} mục tin chưa được so sánh trùng lặp, tạm tính là tin của chính đơn vị đăng."
    if not known.before:
        yield f"Hệ thống chưa có số liệu của kỳ trước ({span.before.inside}) để so sánh."
    in_force = [
        duty
        for duty in known.duties
        if (duty.since or span.last) <= span.last and (duty.until or span.first) >= span.first
    ]
    unconfirmed = [duty.name for duty in in_force if not duty.confirmed]
    if unconfirmed:
        yield f"Quy định làm căn cứ cho các nghĩa vụ sau chưa được Ban biên tập xác nhận: {', '.join(unconfirmed)}."
    if in_force:
        yield from _holidays(known)


def _holidays(known: Known) -> Iterator[str]:
    span = known.span
    years = [year for year in range(span.first.year, span.last.year + 1) if year not in known.calendar.years]
    if years:
        yield (
            f"Danh mục ngày nghỉ chưa có ngày nào của năm {', '.join(map(str, years))} nên số ngày làm việc có thể thay"
            " đổi."
        )
    days = [day for day in sorted(known.calendar.unconfirmed) if day in span]
    if days:
        yield f"Ngày nghỉ, ngày làm bù chưa được xác nhận: {', '.join(map(written, days))}."


def compared(now: Snapshot, signed: Snapshot, number: str) -> Iterator[str]:
    """How numbers that were made anew differ from those of the signed report over the same days."""
    pairs = [(now.items, signed.items), (now.photos, signed.photos), (now.files, signed.files)]
    tops = {each.code: each for each in signed.totals}
    pairs += [(each, tops.pop(each.code, _none_of(each))) for each in now.totals]
    pairs += [(_none_of(each), each) for each in tops.values()]
    found = [f"{one.name} {one.now} (đã ký {other.now})" for one, other in pairs if one.now != other.now]
    counts = [("đơn vị", len(now.senders), len(signed.senders)), ("thiếu", len(now.missing), len(signed.missing))]
    found += [f"{name} {one} (đã ký {other})" for name, one, other in counts if one != other]
    called = f"báo cáo số {number} đã ký"
    if found:
        yield f"So với {called} cho cùng kỳ, số liệu tính lại có khác: {'; '.join(found)}."
    elif _rest(now) != _rest(signed):
        yield f"So với {called} cho cùng kỳ, tổng số không đổi nhưng số liệu chi tiết tính lại có khác."
    else:
        yield f"Số liệu trùng với {called} cho cùng kỳ."


def _none_of(number: Number) -> Number:
    return Number(code=number.code, name=number.name, now=0)


def _rest(snapshot: Snapshot) -> dict[str, Any]:
    """What is told of the period, without when and under which head."""
    return snapshot.model_dump(exclude={"version", "made_at", "head", "remarks"})
