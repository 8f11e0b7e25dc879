"""What a report says of members that have not given what they owe: named with the rule, or told why not blamed.

A member is named as one that sent nothing only where `Missing.sent_nothing` says so.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from hub.reports.figures import two
from hub.reports.snapshot import Missing
from hub.reports.wording import GROUP, lower
from hub.rules.silences import Silence

UNCONFIRMED: Final = "quy định chưa được Ban biên tập xác nhận"
#: The lists of section III: heading, and why its members stand there.
NOTHING_CAME: Final = "Cơ quan, đơn vị không cung cấp thông tin thuộc chuyên mục phải cung cấp"
TOO_LITTLE: Final = "Cơ quan, đơn vị đã cung cấp nhưng chưa đủ theo quy định"
UNREAD: Final = "Trường hợp hệ thống chưa đọc được trang của đơn vị"
KEPT: Final = "Trường hợp thông tin đã gửi đến nhưng chưa được công khai"
WHY_UNREAD: Final = (
    "Việc thu nhận thông tin của các đơn vị dưới đây bị gián đoạn hoặc chưa được kết nối; chưa có căn cứ để kết luận"
    " đơn vị không cung cấp thông tin, đề nghị không tính là thiếu sót của đơn vị."
)
WHY_KEPT: Final = (
    "Các đơn vị dưới đây đã cung cấp thông tin; thông tin đang chờ duyệt, được giữ lại để kiểm tra, bị loại hoặc đã gỡ"
    " tại hệ thống, nên không tính là không cung cấp."
)
#: Of the category, where a member never had an item.
NEVER: Final = "chưa từng có"
VERDICT: Final = {Silence.UNREAD: "Hệ thống chưa đọc được", Silence.KEPT: "Đã gửi, chưa công khai"}


def rule_of(row: Missing) -> str:
    """The rule that asks for it; one that nobody confirmed is marked."""
    rule = row.rule or "Chưa ghi văn bản quy định"
    return rule if row.confirmed else f"{rule} ({UNCONFIRMED})"


def verdict(row: Missing) -> str:
    """In one phrase, for a cell; silence of ours is never told as theirs."""
    if row.sent_nothing:
        return "Không cung cấp trong kỳ"
    return VERDICT.get(row.silence, "Cung cấp chưa đủ")


def nobody_missing() -> str:
    """Where section III has nobody to name."""
    return "Trong kỳ không có cơ quan, đơn vị nào chưa thực hiện nghĩa vụ cung cấp thông tin đang theo dõi."


def how_many_silent(rows: Sequence[Missing]) -> str:
    """Under NOTHING_CAME, before those who are named."""
    return (
        f"Có {in_groups(rows)} không cung cấp thông tin thuộc chuyên mục phải cung cấp; hệ thống đọc được trang của"
        " các đơn vị này trong kỳ. Cụ thể:"
    )


def silent(rows: Sequence[Missing]) -> str:
    """Those who owe one category by one rule and sent nothing, named."""
    first = rows[0]
    mark = "" if first.confirmed else f" ({UNCONFIRMED})"
    asked = f", theo {first.rule}{mark}" if first.rule else mark
    by_group = "; ".join(
        f"{two(len(same))} {lower(name)}: {', '.join(each.name for each in same)}" for name, same in _groups(rows)
    )
    return f"Chuyên mục “{first.category_name}”{asked}: {by_group}."


def in_groups(rows: Sequence[Missing]) -> str:
    """12 cơ quan, đơn vị (09 sở, ban, ngành; 03 …); each counts once, however much it owes."""
    told = [f"{two(len({each.code for each in same}))} {lower(name)}" for name, same in _groups(rows)]
    return f"{two(len({each.code for each in rows}))} cơ quan, đơn vị ({'; '.join(told)})"


def _groups(rows: Sequence[Missing]) -> Iterable[tuple[str, list[Missing]]]:
    """Departments, districts, communes, others, each with its members."""
    for group, name in GROUP.items():
        if same := [row for row in rows if row.group is group]:
            yield name, same
