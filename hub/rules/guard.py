"""The brake on mass-vanish, flood and drift: does a run look like a site's ordinary day, or like a broken site?

    Pass      go on
    Suspect   go on, and raise an alarm: there is nothing to hold back
    Hold      nothing of this run goes out before a person released it

A list that came short or empty withdraws nothing, ever (docs/adr/009-absence-is-not-deletion.md); it is an alarm.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When a change is a mass change."""

    share: float = 0.5  #: more than this part of what the poll shows …
    count: int = 20  #: … and more than this many items
    flood: float = 10.0  #: times the usual number of new items


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One run of one source in numbers of items."""

    known_before: int  #: items of this source that the hub held before the run
    shown: int  #: different items in the capture, unchanged ones included
    new: int = 0
    moved: int = 0  #: adopted under a new name, and what readers see of them differs (an address counts)
    changed: int = 0  #: known items with new content
    gone: int = 0  #: withdrawn by explicit signs: tombstones, status fields
    fallen: int = 0  #: records that could not become items
    usual_new: float | None = None  #: median of new items per run that brought any; None before there is a habit
    incremental: bool = False  #: the source shows only what changed: an empty answer is an ordinary one
    backfill: bool = False  #: a person asked for old items, a replay, or released this very run


@dataclass(frozen=True, slots=True)
class Pass:
    """An ordinary run."""

    reason: str


@dataclass(frozen=True, slots=True)
class Suspect:
    """Go on, and tell somebody."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Stop until a person decides."""

    code: str
    sentence: str


Verdict = Pass | Suspect | Hold
#: What is a mass change everywhere.
MASS = Limits()


def inspect(poll: Poll, limits: Limits = MASS) -> Verdict:
    """Judge a run before anything of it is announced."""
    if poll.backfill:
        return Pass("asked for by a person")
    if poll.known_before == 0:
        return Pass("first items of this source")
    if poll.shown == 0 and poll.gone == 0:
        return Pass("nothing changed") if poll.incremental and not poll.fallen else _emptiness(poll)
    # An answer that shows only changes is all change: it is measured by what the source has.
    whole = poll.known_before if poll.incremental else poll.shown + poll.gone
    of = "đã có của nguồn" if poll.incremental else "của lần thu này"
    for code, number, what in (
        ("mass_gone", poll.gone, "báo gỡ"),
        ("mass_moved", poll.moved, "đổi địa chỉ"),
        ("mass_new", poll.new, "là tin mới"),
        ("mass_change", poll.new + poll.moved + poll.gone, "là tin mới, đổi địa chỉ hoặc báo gỡ"),
    ):
        if number > limits.count and number > limits.share * whole:
            return Hold(
                code,
                f"{number} trên {whole} mục {of} {what}, nhiều bất thường; có thể cổng thành viên vừa thay "
                "đổi hoặc gặp sự cố. Đề nghị kiểm tra rồi cho đi tiếp hoặc loại bỏ lượt thu.",
            )
    if poll.usual_new is not None and poll.new > limits.count and poll.new >= limits.flood * max(poll.usual_new, 1.0):
        return Hold(
            "flood",
            f"Nguồn đưa ra {poll.new} tin mới trong một lần, bình thường khoảng {poll.usual_new:g}; có thể cổng thành "
            "viên đăng lại tin cũ. Đề nghị kiểm tra rồi cho đi tiếp hoặc loại bỏ lượt thu.",
        )
    return _drift(poll, limits)


def _emptiness(poll: Poll) -> Verdict:
    if poll.fallen:
        return Suspect(
            "all_fallen",
            f"Không đọc được mục nào trong {poll.fallen} mục của nguồn, trước đây vẫn đọc được; các tin đã thu "
            "được giữ nguyên. Đề nghị kiểm tra cấu hình của nguồn và cổng thành viên.",
        )
    return Suspect(
        "empty_list",
        "Danh sách của nguồn trống, trước đây vẫn có tin; các tin đã thu được giữ nguyên. Đề nghị đơn vị quản trị cổng "
        "thành viên kiểm tra.",
    )


def _drift(poll: Poll, limits: Limits) -> Verdict:
    shown = poll.known_before if poll.incremental else poll.shown
    if poll.changed > limits.count and poll.changed > limits.share * shown:
        return Suspect(
            "mass_edit",
            f"{poll.changed} trên {shown} tin của nguồn đổi nội dung cùng lúc; có thể giao diện của cổng thành "
            "viên đã thay đổi. Đề nghị xem lại một vài tin.",
        )
    if poll.fallen > limits.share * (poll.shown + poll.fallen):
        return Suspect(
            "mostly_fallen",
            f"{poll.fallen} trên {poll.shown + poll.fallen} mục của nguồn không đọc được. Đề nghị kiểm tra cấu hình "
            "của nguồn và cổng thành viên.",
        )
    return Pass("nothing unusual")
