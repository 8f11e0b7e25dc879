"""How a source is, in one word and one sentence: nothing new is never shown without why.

    refused or failing ─ a run is held ─ quiet for too long ─ nothing ever came ─ paused ─ not asked yet ─ good

The first that holds is told, so that a list of sources sorted by it begins with what needs somebody most.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from hub.rules.gaps import WORDS, Side
from schemas.item import Kind


class Condition(StrEnum):
    """Of a source, worst first."""

    BLOCKED = "blocked"  #: it refuses us; nothing is asked until a person resumes it
    FAILING = "failing"
    HELD = "held"  #: a run waits for a person, and all that come after it
    QUIET = "quiet"  #: it answers, and is silent for longer than it ever is
    EMPTY = "empty"  #: it answers, and nothing ever came of it
    PAUSED = "paused"  #: by a person
    NEW = "new"  #: not asked yet
    GOOD = "good"


#: Place in a list that is sorted worst first.
RANK: Final = {condition: place for place, condition in enumerate(Condition)}
#: Days that "lately" means in a list.
LATELY: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of a source."""

    kind: Kind
    state: str = "active"  #: active, paused, blocked
    fault_code: str = ""
    fault_side: str = ""
    fault_sentence: str = ""
    fault_since: datetime | None = None
    asked: bool = True
    held: str | None = None  #: what is said of the run that waits; None: none does
    quiet: str = ""  #: hub.rules.quiet's sentence; empty: its silence is an ordinary one
    any_item: bool = True  #: whether anything ever came of it
    any_rejection: bool = False
    lately: int = 0  #: new items of the last LATELY days


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How it is, whose turn it is, and what a clerk is told."""

    condition: Condition
    side: Side | None  #: None: nobody's
    sentence: str
    since: datetime | None = None


def health(seen: Seen) -> Health:
    """Judge a source."""
    side = Side(seen.fault_side) if seen.fault_side in set(Side) else Side.MEMBER
    what = WORDS[seen.kind]
    if seen.state == "paused":
        return _told(Condition.PAUSED, Side.PERSON, _PAUSED)
    if seen.state == "blocked":
        said = f"{seen.fault_sentence or seen.fault_code} Hệ thống không hỏi nữa; xử lý xong thì bấm Chạy tiếp."
        return _told(Condition.BLOCKED, side, said.strip(), seen.fault_since)
    if seen.held is not None:
        said = f"Một lượt thu đang tạm giữ, chờ người quyết định. {seen.held}"
        return _told(Condition.HELD, Side.PERSON, said.strip())
    if seen.fault_code:
        return _told(Condition.FAILING, side, seen.fault_sentence or seen.fault_code, seen.fault_since)
    if not seen.asked:
        return _told(Condition.NEW, Side.HUB, "Nguồn chưa được thu lần nào; hệ thống sẽ tự thu trong ít phút.")
    if seen.quiet:
        return _told(Condition.QUIET, Side.MEMBER, seen.quiet)
    if not seen.any_item:
        said = (
            _ALL_REJECTED if seen.any_rejection else f"Nguồn trả lời bình thường nhưng chưa có {what} nào. Đề nghị đơn"
            " vị đăng, hoặc cho biết địa chỉ đúng của chuyên mục."
        )  # fmt: skip
        return _told(Condition.EMPTY, Side.MEMBER, said)
    if seen.lately:
        said = f"Hoạt động bình thường: {seen.lately} {what} mới trong {LATELY} ngày qua."
    else:
        said = f"{LATELY} ngày qua không có {what} mới; nguồn vẫn trả lời, khoảng lặng này chưa dài hơn thường lệ."
    return _told(Condition.GOOD, None, said)


_PAUSED: Final = "Nguồn đang tạm dừng theo lệnh; chưa thu gì cho đến khi có người cho chạy tiếp."
_ALL_REJECTED: Final = (
    "Nguồn có dữ liệu nhưng mục nào cũng bị loại; xem các lý do loại rồi sửa khai báo của nguồn, hoặc đề nghị đơn vị"
    " sửa dữ liệu."
)


def _told(condition: Condition, side: Side | None, sentence: str, since: datetime | None = None) -> Health:
    return Health(condition=condition, side=side, sentence=sentence, since=since)
