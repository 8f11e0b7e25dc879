"""Nothing came: whose silence is it? The member's, ours, or did it come and we kept it back?

    something of it came here, and is held, rejected or withdrawn  ──> KEPT     the strongest evidence
    a source of it could not be read, or there is none             ──> UNREAD   nobody may be blamed
    every source answered well, and showed nothing                 ──> NOTHING  only then it is the member's

An outage that has ended excuses nobody: afterwards the source was read, with whatever it had shown meanwhile. But what
it shows then without a date may be of the time of the outage, and so may what was rejected or held then. Nobody knows
either what a source showed before it was declared, or after it was read for the last time.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from hub.rules.duties import Stretch
from hub.rules.gaps import Side


class Silence(StrEnum):
    """The three silences, told apart for every gap."""

    NOTHING = "nothing"  #: the member published nothing, and we would have seen it
    UNREAD = "unread"  #: we could not see it: no source, a connector that fails, a site that does not answer
    KEPT = "kept"  #: it came, and was filtered, held, rejected or withdrawn here


class Back(StrEnum):
    """How something that came was kept back."""

    HELD = "held"  #: an item waits for a person or a screen
    RUN = "run"  #: a whole answer of the source waits for a person
    DECLINED = "declined"  #: a person refused the item
    WITHDRAWN = "withdrawn"  #: a person of the board took it back
    SCREENED = "screened"  #: a screen did
    REJECTED = "rejected"  #: a record could not become an item


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A time in which a source could not be read, or was not asked."""

    since: datetime
    until: datetime | None = None  #: when it answered well again; None: it has not
    why: str = "fault"  #: fault, blocked, paused, removed; of what `silence` finds itself: new, unasked, undated
    code: str = ""
    side: str = ""  #: member, hub, network, person
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Something that came on one day, and is not to be seen."""

    day: date
    how: Back
    count: int = 1
    code: str = ""  #: why a record was rejected
    arrived: bool = False  #: the day is that of its arrival: what it was about may be of the day before


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One source of what is missing, and how it was read."""

    source: str
    asked: bool = True  #: it was asked, or brought something, at least once
    outages: Sequence[Outage] = ()  #: that have not ended
    kept: Sequence[Kept] = ()
    begun: date | None = None  #: the day of its first answer, or on which it came from another member; None: long ago
    answered: datetime | None = None  #: its last good answer; None: it is not polled
    ended: Sequence[Outage] = ()  #: that ended with a good answer
    undated: Sequence[date] = ()  #: on which items without a date of their own came


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whose silence it is."""

    silence: Silence
    side: Side  #: whose turn it is
    sentence: str  #: for a clerk
    evidence: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()  #: that are spoken of


#: The first that there is decides what the sentence says.
_ORDER: Final = list(Back)
_SIDES: Final[Mapping[Back, Side]] = {
    Back.HELD: Side.PERSON, Back.RUN: Side.PERSON, Back.DECLINED: Side.PERSON, Back.WITHDRAWN: Side.PERSON,
    Back.SCREENED: Side.PERSON, Back.REJECTED: Side.HUB,
}  # fmt: skip
_SAID: Final[Mapping[Back, str]] = {
    Back.HELD: "Đơn vị đã đăng: {count} mục đang chờ duyệt trong hệ thống. Đến lượt ban biên tập, xem bằng lệnh hub"
    " held.",
    Back.RUN: "Nguồn của đơn vị có dữ liệu nhưng {count} lượt thu đang tạm giữ vì thay đổi bất thường. Đến lượt ban"
    " biên tập, xem bằng lệnh hub held.",
    Back.DECLINED: "Đơn vị đã đăng nhưng ban biên tập đã từ chối {count} mục. Đến lượt ban biên tập báo lý do để đơn"
    " vị sửa rồi đăng lại.",
    Back.WITHDRAWN: "Đơn vị đã đăng nhưng ban biên tập đã gỡ {count} mục. Đến lượt ban biên tập trao đổi lại với đơn"
    " vị.",
    Back.SCREENED: "Đơn vị đã đăng nhưng {count} mục bị gỡ khi kiểm tra nội dung trước khi công khai. Đến lượt cán bộ"
    " trực xem lại rồi báo cho đơn vị.",
    Back.REJECTED: "Nguồn của đơn vị có dữ liệu nhưng {count} mục bị loại khi đọc. Đến lượt bộ phận kỹ thuật, xem bằng"
    " lệnh hub dead; nếu dữ liệu sai thì đề nghị đơn vị sửa.",
}
_SHORT: Final[Mapping[Back, str]] = {
    Back.HELD: "{count} mục chờ duyệt", Back.RUN: "{count} lượt thu tạm giữ", Back.DECLINED: "{count} mục bị từ chối",
    Back.WITHDRAWN: "{count} mục do ban biên tập gỡ", Back.SCREENED: "{count} mục bị gỡ khi kiểm tra nội dung",
    Back.REJECTED: "{count} mục bị loại khi đọc",
}  # fmt: skip
#: Of an outage: the source left the settings.
REMOVED: Final = "removed"
#: The source was not there yet.
NEW: Final = "new"
#: What an answer brings on the day after a stretch, or after an outage, may be of the time before.
_AFTER: Final = timedelta(days=1)
#: Most lines of evidence; the rest is counted.
_LINES: Final = 8


def silence(unmet: Sequence[Stretch], readings: Sequence[Reading], *, at: datetime) -> Verdict:
    """Judge what is missing in these stretches by the sources that would bring it, as things stand at `at`.

    All times are in the hub's zone. Several stretches are one gap, and the strongest evidence of any speaks for it:
    nobody is blamed while a part of it may be somebody else's.
    """
    kept = {reading.source: _kept(reading, unmet) for reading in readings}
    if any(kept.values()):
        return _it_came(kept)
    broken: dict[str, Outage | None] = {}
    read: dict[str, None] = {}
    for days in unmet:
        there = [reading for reading in readings if not _had_left(reading, days)]
        if not there:
            return _not_read({})
        handed_over = any(each.why == REMOVED for reading in there for each in reading.outages)
        for reading in there:
            outage = _open(reading, days, at) or _unknown(reading, days, at)
            if outage and outage.why == NEW and handed_over:
                continue  # under another name it was there before
            if outage or not reading.asked:
                broken.setdefault(reading.source, outage)
            else:
                read[reading.source] = None
    return _not_read(broken) if broken or not read else _nothing(list(read))


def observed(unmet: Sequence[Stretch], readings: Sequence[Reading], *, at: datetime) -> Sequence[Stretch]:
    """Those of these stretches during all of which the sources were there, if one of them is over; else all."""
    begun = max((reading.begun for reading in readings if reading.begun), default=date.min)
    known = [days for days in unmet if begun <= days.first]
    return known if any(days.last < at.date() for days in known) else unmet


def uncounted() -> Verdict:
    """Of every gap while the numbers lag behind what happened: nobody can be blamed by them."""
    return Verdict(
        silence=Silence.UNREAD, side=Side.HUB,
        sentence="Hệ thống chưa tính xong số liệu nên chưa thể kết luận. Đến lượt hệ thống: đợi ít phút rồi xem lại;"
        " nếu kéo dài, bộ phận kỹ thuật xem hub run có đang chạy không.",
        evidence=("số liệu chưa tính tới những việc gần nhất",),
    )  # fmt: skip


def _kept(reading: Reading, unmet: Sequence[Stretch]) -> list[Kept]:
    return [
        each
        for each in reading.kept
        if each.count
        and any(days.first <= each.day <= (_seen_until(reading, days) if each.arrived else days.last) for days in unmet)
    ]


def _seen_until(reading: Reading, days: Stretch) -> date:
    """The last day on which what was shown in a stretch may have come."""
    return max([days.last, *(each.until.date() for each in _over_its_end(reading, days) if each.until)]) + _AFTER


def _over_its_end(reading: Reading, days: Stretch) -> list[Outage]:
    """Outages that had begun when a stretch ended, and ended later."""
    return [each for each in reading.ended if each.until and each.since.date() <= days.last < each.until.date()]


def _unknown(reading: Reading, days: Stretch, at: datetime) -> Outage | None:
    """Why a source that has no outage cannot speak for a stretch."""
    if reading.begun and days.first < reading.begun:
        return Outage(since=datetime.combine(reading.begun, time(), at.tzinfo), why=NEW)
    is_over = days.last < at.date()
    if is_over and reading.answered and reading.answered.date() <= days.last:
        return Outage(since=reading.answered, why="unasked")
    for outage in _over_its_end(reading, days):
        if outage.until and any(outage.until.date() <= day <= outage.until.date() + _AFTER for day in reading.undated):
            return Outage(since=outage.since, until=outage.until, why="undated", code=outage.code)
    return None


def _had_left(reading: Reading, days: Stretch) -> bool:
    """Whether the source was out of the settings before the stretch began: another one has its place."""
    return any(
        each.why == REMOVED and each.since <= datetime.combine(days.first, time(), each.since.tzinfo)
        for each in reading.outages
    )


def _open(reading: Reading, days: Stretch, at: datetime) -> Outage | None:
    """The outage that touches a stretch and has not ended; the earliest of several."""
    found = [
        each
        for each in reading.outages
        if each.since <= at and (each.until is None or each.until > at) and each.since.date() <= days.last
    ]
    return min(found, key=lambda each: each.since, default=None)


def _it_came(kept: Mapping[str, Sequence[Kept]]) -> Verdict:
    totals: Counter[Back] = Counter()
    for found in kept.values():
        for each in found:
            totals[each.how] += each.count
    how = min(totals, key=_ORDER.index)
    return Verdict(
        silence=Silence.KEPT, side=_SIDES[how], sentence=_SAID[how].format(count=totals[how]),
        evidence=_cut(list(_evidence(kept))), sources=tuple(name for name, found in kept.items() if found),
    )  # fmt: skip


def _evidence(kept: Mapping[str, Sequence[Kept]]) -> Iterator[str]:
    for name, found in kept.items():
        counts: Counter[tuple[Back, str]] = Counter()
        for each in found:
            counts[each.how, each.code] += each.count
        last = max((each.day for each in found), default=None)
        for (how, code), count in sorted(counts.items(), key=lambda one: (_ORDER.index(one[0][0]), one[0][1])):
            why = f" ({code})" if code else ""
            yield f"{name}: {_SHORT[how].format(count=count)}{why}, gần nhất ngày {last:%d/%m/%Y}"


def _not_read(broken: Mapping[str, Outage | None]) -> Verdict:
    if not broken:
        return Verdict(
            silence=Silence.UNREAD, side=Side.HUB,
            sentence="Hệ thống chưa khai báo nguồn nào của đơn vị cho chuyên mục này nên không thể biết đơn vị có đăng"
            " hay không. Đến lượt bộ phận kỹ thuật hỏi đơn vị đăng ở đâu rồi thêm nguồn.",
            evidence=("không có nguồn nào được khai báo",),
        )  # fmt: skip
    side, sentence = next(_unread(name, outage) for name, outage in broken.items())
    return Verdict(
        silence=Silence.UNREAD, side=side, sentence=sentence,
        evidence=_cut([_line(name, outage) for name, outage in broken.items()]), sources=tuple(broken),
    )  # fmt: skip


def _unread(name: str, outage: Outage | None) -> tuple[Side, str]:
    """Whose turn it is, and the sentence."""
    open_question = "Chưa thể kết luận là đơn vị không đăng."
    if outage is None:
        return (
            Side.HUB,
            f"Nguồn {name} chưa được thu lần nào. {open_question} Đến lượt bộ phận kỹ thuật kiểm tra hệ thống.",
        )
    since = f"{outage.since:%H:%M ngày %d/%m/%Y}"
    match outage.why:
        case "paused":
            said = (
                f"Nguồn {name} tạm dừng thu từ {since}. {open_question} Đến lượt ban biên tập cho thu tiếp nguồn này."
            )
            return Side.PERSON, said
        case "removed":
            said = (
                f"Nguồn {name} đã bỏ khỏi cấu hình từ {since}. {open_question} Đến lượt bộ phận kỹ thuật khai báo nguồn"
                " thay thế."
            )
            return Side.HUB, said
        case "new":
            said = (
                f"Nguồn {name} chỉ được thu từ ngày {outage.since:%d/%m/%Y}, sau khi kỳ bắt đầu. {open_question} Đến"
                " lượt bộ phận kỹ thuật nhập dữ liệu cũ của nguồn này nếu cần."
            )
            return Side.HUB, said
        case "unasked":
            said = (
                f"Lần đọc được nguồn {name} gần nhất là {since}, trước khi kỳ kết thúc. {open_question} Đến lượt bộ"
                " phận kỹ thuật kiểm tra hệ thống có đang thu không."
            )
            return Side.HUB, said
        case "undated":
            said = (
                f"Nguồn {name} không đọc được từ {since} tới khi kỳ đã kết thúc, và tin thu được ngay sau đó không ghi"
                f" ngày. {open_question} Đến lượt bộ phận kỹ thuật đề nghị đơn vị ghi ngày đăng trên nguồn."
            )
            return Side.HUB, said
    side = Side(outage.side) if outage.side in set(Side) else Side.HUB
    why = (outage.sentence or outage.code or "không rõ lý do").rstrip(".")
    what = "từ chối hệ thống" if outage.why == "blocked" else "không đọc được"
    turn = (
        "Đến lượt bộ phận kỹ thuật báo cho đơn vị khắc phục trang nguồn"
        if side is Side.MEMBER
        else "Đến lượt bộ phận kỹ thuật khắc phục"
    )
    return side, f"Nguồn {name} {what} từ {since}: {why}. {open_question} {turn}."


def _line(name: str, outage: Outage | None) -> str:
    if outage is None:
        return f"{name}: chưa được thu lần nào"
    code = f" ({outage.code})" if outage.code else ""
    return f"{name}: {_WHYS.get(outage.why, outage.why)}{code} từ {outage.since:%H:%M ngày %d/%m/%Y}"


_WHYS: Final = {
    "fault": "lỗi", "blocked": "bị từ chối", "paused": "tạm dừng", "removed": "đã bỏ", "new": "chỉ được thu",
    "unasked": "chưa đọc lại", "undated": "lỗi, rồi tin không ghi ngày,",
}  # fmt: skip


def _nothing(names: Sequence[str]) -> Verdict:
    which = ", ".join(names[:3]) + (f" và {len(names) - 3} nguồn khác" if len(names) > 3 else "")
    return Verdict(
        silence=Silence.NOTHING, side=Side.MEMBER,
        sentence=f"Nguồn {which} vẫn đọc được bình thường mà không có đủ mục mới. Đến lượt đơn vị đăng bổ sung, hoặc"
        " cho biết địa chỉ đúng của chuyên mục.",
        evidence=_cut([f"{name}: đọc được, không có lỗi nào chưa khắc phục" for name in names]), sources=tuple(names),
    )  # fmt: skip


def _cut(lines: list[str]) -> tuple[str, ...]:
    if len(lines) <= _LINES:
        return tuple(lines)
    return (*lines[:_LINES], f"và {len(lines) - _LINES} dòng khác")
