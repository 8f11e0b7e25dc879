"""Why nothing of a member is to be seen: in the hub, or at a destination. One reason, whose turn it is, what to do.

Reasons stand in the order of the way that an item goes; of several sources the one that came furthest is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from schemas.item import Kind


class Side(StrEnum):
    """Whose turn it is."""

    MEMBER = "member"
    NETWORK = "network"
    HUB = "hub"
    DESTINATION = "destination"
    PERSON = "person"  #: the editorial board, or an officer


class Reason(StrEnum):
    """Why nothing of a member is to be seen, in the order of an item's way."""

    NO_SOURCE = "no_source"  #: the settings name none
    PAUSED = "paused"  #: by a person
    NOT_ASKED = "not_asked"  #: it is new
    BLOCKED = "blocked"  #: the source refuses us
    FAULTY = "faulty"
    EMPTY = "empty"  #: it answers well and has never shown one
    REJECTED = "rejected"  #: nothing of what it shows can become an item
    READING = "reading"  #: the items wait for their pages
    HELD = "held"  #: all wait for a person
    DECLINED = "declined"  #: a person refused them all
    WITHDRAWN = "withdrawn"  #: the member took all of them back
    NOT_ROUTED = "not_routed"  #: no route leads to the destination
    PLACE_PAUSED = "place_paused"
    PLACE_FAULTY = "place_faulty"
    REFUSED = "refused"  #: the destination does not take them
    PARKED = "parked"  #: set aside after many tries
    OVERDUE = "overdue"  #: an officer was asked, and the day has passed
    ASKED = "asked"  #: an officer was asked
    LOST = "lost"  #: confirmed there, and missing when the destination was compared last
    SENDING = "sending"  #: on the way


_FURTHEST: Final = list(Reason).index
#: Kinds of items inside a sentence.
WORDS: Final[Mapping[Kind, str]] = {
    Kind.NEWS: "tin, bài", Kind.NOTICE: "thông báo", Kind.DOCUMENT: "văn bản", Kind.PROCEDURE: "thủ tục hành chính",
    Kind.QUESTION: "hỏi đáp",
}  # fmt: skip
#: Code of a source that shows records none of which can become an item.
_ALL_REJECTED: Final = "all_rejected"
#: Codes of refusals that are about what the member publishes, not about the destination.
_OF_THE_MEMBER: Final = frozenset({"key_taken", "no_code", "not_in_force", "row_refused"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """Why a source or a destination does not work."""

    state: str = "active"  #: active, paused, blocked
    code: str = ""
    side: str = ""  #: member, hub, network; of a source
    sentence: str = ""
    since: datetime | None = None
    by: str = ""  #: who paused it


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source that should bring items of the kind."""

    name: str
    halt: Halt = Halt()
    asked: bool = True  #: it was polled at least once
    held: int = 0  #: items, or runs, that wait for a person
    declined: int = 0  #: items that a person refused
    withdrawn: int = 0
    reading: int = 0  #: items that wait for their pages
    rejected: Mapping[str, int] = field(default_factory=dict)  #: records, by reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of a member's items at one destination."""

    there: int = 0  #: items that were confirmed there
    states: Mapping[str, int] = field(default_factory=dict)  #: of the others; `done`: it was there once
    code: str = ""  #: the most frequent error
    sentence: str = ""
    due: date | None = None  #: earliest day of what an officer was asked for


@dataclass(frozen=True, slots=True)
class Why:
    """A reason."""

    reason: Reason
    side: Side
    sentence: str  #: for a clerk: what happened, what to do
    since: datetime | None = None
    source: str = ""


# ------------------------------------------------------------------------------------------------- in the hub


def why_not_here(kind: Kind, sources: Sequence[Source]) -> Why:
    """The reason of the source that came furthest."""
    told = [_of_a_source(kind, source) for source in sources] or [_without_source(kind)]
    return max(told, key=lambda why: _FURTHEST(why.reason))


def _without_source(kind: Kind) -> Why:
    return Why(
        Reason.NO_SOURCE, Side.HUB,
        f"Hệ thống chưa khai báo nguồn {WORDS[kind]} của đơn vị. Cần hỏi đơn vị công bố ở đâu, rồi thêm nguồn vào"
        " cấu hình.",
    )  # fmt: skip


def _of_a_source(kind: Kind, source: Source) -> Why:
    """The first question that a source fails."""
    what, name, halt = WORDS[kind], source.name, source.halt
    if halt.state == "paused":
        by = f" theo lệnh của {halt.by}" if halt.by else ""
        said = f"Nguồn {name} đang tạm dừng{by}{_day(halt.since)}. Khi thu lại được, chạy hub resume source {name}."
        return Why(Reason.PAUSED, Side.PERSON, said, halt.since, name)
    if halt.state == "blocked":
        said = f"Nguồn {name} từ chối hệ thống{_moment(halt.since)}: {halt.sentence} Xử lý xong, chạy hub resume source"
        return Why(Reason.BLOCKED, _side(halt), f"{said} {name}.", halt.since, name)
    if halt.code:
        said = f"Nguồn {name} không đọc được{_moment(halt.since)}: {halt.sentence or halt.code}{_most(source)}"
        reason = Reason.REJECTED if halt.code == _ALL_REJECTED else Reason.FAULTY
        return Why(reason, _side(halt), said, halt.since, name)
    if not source.asked:
        said = f"Nguồn {name} chưa được thu lần nào. Hệ thống sẽ tự thu; nếu kéo dài, xem hub run có đang chạy không."
        return Why(Reason.NOT_ASKED, Side.HUB, said, None, name)
    if source.held:
        said = f"Cả {source.held} {what} của nguồn {name} đang chờ duyệt. Ban biên tập xem bằng lệnh hub held."
        return Why(Reason.HELD, Side.PERSON, said, None, name)
    if source.reading:
        said = f"{source.reading} {what} của nguồn {name} đang chờ đọc trang chi tiết; hệ thống sẽ tự làm tiếp."
        return Why(Reason.READING, Side.HUB, said, None, name)
    if source.declined:
        said = f"Ban biên tập đã từ chối cả {source.declined} {what} của nguồn {name}. Đề nghị đơn vị sửa rồi đăng lại."
        return Why(Reason.DECLINED, Side.MEMBER, said, None, name)
    if source.withdrawn:
        said = f"Đơn vị đã gỡ cả {source.withdrawn} {what} của nguồn {name}. Cần hỏi lại đơn vị có đúng vậy không."
        return Why(Reason.WITHDRAWN, Side.MEMBER, said, None, name)
    if source.rejected:
        said = (
            f"Nguồn {name} có dữ liệu nhưng mục nào cũng bị loại. Xem bằng lệnh hub dead, rồi sửa cấu hình nguồn hoặc"
            f" đề nghị đơn vị sửa dữ liệu.{_most(source)}"
        )
        return Why(Reason.REJECTED, Side.MEMBER, said, None, name)
    said = (
        f"Nguồn {name} trả lời bình thường nhưng chưa có {what} nào. Đề nghị đơn vị đăng, hoặc cho biết địa chỉ đúng"
        " của chuyên mục."
    )
    return Why(Reason.EMPTY, Side.MEMBER, said, None, name)


# ------------------------------------------------------------------------------------------- at a destination


def why_not_there(kind: Kind, place: str, sent: Sent, halt: Halt, today: date) -> Why:
    """Why nothing of what is public here is at a destination."""
    what, states = WORDS[kind], sent.states
    if not any(states.values()):
        said = f"Không tuyến nào chuyển {what} của đơn vị tới {place}. Cần xem lại các mục [[route]] trong cấu hình."
        return Why(Reason.NOT_ROUTED, Side.HUB, said)
    if halt.state == "paused":
        by = f" theo lệnh của {halt.by}" if halt.by else ""
        said = (
            f"Nơi nhận {place} đang tạm dừng{by}{_day(halt.since)}. Để gửi tiếp, chạy hub resume destination {place}."
        )
        return Why(Reason.PLACE_PAUSED, Side.PERSON, said, halt.since)
    if states.get("asked"):
        return _of_an_officer(what, place, sent, today)
    if halt.state == "blocked" or halt.code:
        said = f"Nơi nhận {place} chưa nhận được{_moment(halt.since)}: {halt.sentence or halt.code}"
        return Why(Reason.PLACE_FAULTY, Side.DESTINATION, said, halt.since)
    if states.get("ready") or states.get("sending"):
        why = f": {sent.sentence}" if sent.sentence else "; hệ thống đang chuyển."
        return Why(Reason.SENDING, Side.HUB, f"Chưa có {what} nào của đơn vị tới được {place}{why}")
    if states.get("done"):
        said = (
            f"Lần đối soát gần nhất không còn thấy {what} của đơn vị trên {place}, dù trước đó đã xác nhận. Xem bằng"
            f" lệnh hub reconcile {place} --list."
        )
        return Why(Reason.LOST, Side.DESTINATION, said)
    reason, verb = (Reason.REFUSED, "từ chối") if states.get("refused") else (Reason.PARKED, "chưa nhận được")
    side = Side.MEMBER if sent.code in _OF_THE_MEMBER else Side.DESTINATION
    said = f"Nơi nhận {place} {verb} cả {sum(states.values())} {what} của đơn vị: {sent.sentence or sent.code}"
    return Why(reason, side, said)


def _of_an_officer(what: str, place: str, sent: Sent, today: date) -> Why:
    asked = sent.states["asked"]
    if sent.due is not None and sent.due < today:
        said = (
            f"Cán bộ phụ trách chưa nhập {asked} {what} của đơn vị vào {place}; hạn là ngày {sent.due:%d/%m/%Y}, đã quá"
            f" {(today - sent.due).days} ngày."
        )
        return Why(Reason.OVERDUE, Side.PERSON, said)
    due = f", hạn ngày {sent.due:%d/%m/%Y}" if sent.due else ""
    return Why(Reason.ASKED, Side.PERSON, f"Đã giao cán bộ nhập {asked} {what} của đơn vị vào {place}{due}.")


def _most(source: Source) -> str:
    """Why most records were rejected."""
    if not source.rejected:
        return ""
    code, count = max(source.rejected.items(), key=lambda each: (each[1], each[0]))
    return f" Lý do loại nhiều nhất: {code} ({count} mục)."


def _side(halt: Halt) -> Side:
    return Side(halt.side) if halt.side in set(Side) else Side.MEMBER


def _day(at: datetime | None) -> str:
    return f" từ ngày {at:%d/%m/%Y}" if at else ""


def _moment(at: datetime | None) -> str:
    return f" từ {at:%H:%M ngày %d/%m/%Y}" if at else ""
