"""What states are called on the screen: one Vietnamese word for each code that a row may hold."""

from collections.abc import Mapping
from typing import Final

ITEMS: Final = {"live": "đang có", "withdrawn": "đã gỡ"}
EDITIONS: Final = {
    "approved": "đã duyệt",
    "held": "chờ duyệt",
    "rejected": "bị từ chối",
    "superseded": "đã thay thế",
    "withdrawn": "gỡ bài",
}
CHANGES: Final = {"major": "thay đổi lớn", "minor": "thay đổi nhỏ"}
CAPTURES: Final = {"held": "tạm giữ", "rejected": "bị loại", "dead": "không đọc được"}
DELIVERIES: Final = {
    "done": "đã xác nhận",
    "ready": "chờ gửi",
    "sending": "đang gửi",
    "asked": "chờ cán bộ nhập",
    "held": "chờ duyệt đăng",
    "refused": "bị từ chối",
    "parked": "tạm gác",
}
ATTEMPTS: Final = {
    "open": "chưa kết thúc",
    "done": "đã xác nhận",
    "refused": "bị từ chối",
    "later": "chưa gửi được",
    "unknown": "chưa xác nhận",
}
MAILS: Final = {
    "ready": "chờ gửi",
    "sending": "đang gửi",
    "done": "máy chủ thư đã nhận",
    "refused": "bị từ chối",
    "unknown": "không rõ đã tới hay chưa",
    "parked": "tạm gác",
    "dropped": "đã bỏ",
}
SOURCES: Final = {"paused": "tạm dừng", "blocked": "bị chặn", "removed": "đã bỏ"}
DESTINATIONS: Final = {
    "paused": "đang tạm dừng theo lệnh (hub resume destination)",
    "blocked": "từ chối nhận, cần xem lại",
}
KINDS: Final = {
    "news": "Tin, bài",
    "notice": "Thông báo",
    "document": "Văn bản",
    "procedure": "Thủ tục hành chính",
    "question": "Hỏi đáp",
}
GROUPS: Final = {
    "department": "sở, ban, ngành",
    "district": "huyện",
    "commune": "xã, phường",
    "other": "đơn vị khác",
}
SIDES: Final = {
    "member": "phía đơn vị",
    "network": "đường truyền",
    "hub": "phía hệ thống",
    "destination": "phía nơi nhận",
    "person": "chờ người quyết định",
}
STANDINGS: Final = {
    "fresh": "đã cung cấp đủ",
    "due": "đang trong kỳ, chưa có",
    "late": "chậm",
    "empty": "hiện trống",
    "never": "chưa từng có",
}
SILENCES: Final = {
    "nothing": "đơn vị chưa đăng",
    "unread": "hệ thống chưa đọc được",
    "kept": "đã nhận nhưng đang giữ lại",
}
EVERY: Final = {
    "week": "hằng tuần",
    "month": "hằng tháng",
    "quarter": "hằng quý",
    "half-year": "6 tháng một lần",
    "year": "hằng năm",
}
REPORTS: Final = {"draft": "dự thảo", "signed": "đã ký", "dropped": "đã hủy"}
RUNS: Final = {
    "pulling": "đang đọc dữ liệu của nơi nhận",
    "comparing": "đang so sánh",
    "applying": "đang xử lý các khác biệt đã chấp nhận",
    "done": "đã đối soát xong",
    "failed": "đối soát không thành",
    "stopped": "đã dừng theo yêu cầu",
}
DIFFERENCES: Final = {"missing": "còn thiếu", "outdated": "đã cũ", "orphan": "thừa", "conflict": "xung đột"}
REASONS: Final = {
    "not_sent": "chưa gửi lên lần nào",
    "lost": "đã gửi nhưng nơi nhận không còn",
    "changed_here": "bản của hệ thống mới hơn",
    "changed_there": "có người đã sửa tại nơi nhận",
    "unknown_here": "hệ thống không có nội dung này",
    "withdrawn_here": "hệ thống đã gỡ nội dung này",
    "two_owners": "nhiều đơn vị cùng nhận một mã",
    "two_items": "một đơn vị đăng cùng một mã hai lần",
    "other_owner": "bản ghi tại nơi nhận thuộc cơ quan khác",
    "refused_there": "nơi nhận từ chối tiếp nhận",
    "both_changed": "cả hai bên đều đã sửa",
    "withdrawn_there": "nơi nhận đã hủy công khai",
}
DIFFERENCE_STATES: Final = {
    "open": "chờ quyết định",
    "accepted": "đã chấp nhận, chờ xử lý",
    "applied": "đã yêu cầu gửi",
    "settled": "đã quyết định để như hiện tại",
}
#: why a difference waits for a person that the settings would have accepted
DOUBTS: Final = {
    "applied_in_vain": "đã gửi mà vẫn chưa khớp, không tự gửi lại",
    "many_at_once": "cùng lúc có quá nhiều, không tự gửi lại",
}
TASKS: Final = {
    "enter": "Nhập mới",
    "change": "Sửa lại",
    "remove": "Hủy công khai",
    "unseen": "Thủ tục đã công bố",
    "still_there": "Thủ tục đã bãi bỏ",
}
TASK_STATES: Final = {"open": "đang chờ", "done": "đã xong", "dropped": "không còn cần"}
STEPS: Final = {"notice": "thông báo nhắc", "reminder": "đôn đốc", "list": "danh sách báo cáo lãnh đạo"}
REMINDER_STATES: Final = {
    "prepared": "chờ gửi",
    "sent": "đã gửi",
    "stopped": "đã dừng",
    "settled": "đã có thông tin",
}
#: why a gap is not urged
DOUBTS_OF_URGING: Final = {
    "not_over": "chưa hết kỳ",
    "ours": "có thể do hệ thống chưa đọc được hoặc đang giữ lại",
    "done": "đã làm bước này cho kỳ này",
    "too_soon": "chưa đủ 5 ngày làm việc từ bước trước",
    "not_yet": "chưa gửi bước trước",
}
COUNTER_FAULTS: Final = {
    "ran_backwards": "bộ đếm chạy lùi ở lần đọc gần nhất",
    "jumped": "bộ đếm tăng bất thường ở lần đọc gần nhất",
    "unreadable": "không đọc được bộ đếm ở lần gần nhất",
}
ANNOUNCED: Final = {
    "new": "mới ban hành",
    "amended": "sửa đổi, bổ sung",
    "replaced": "thay thế",
    "abolished": "bãi bỏ",
}


def listed(counts: Mapping[str, int], words: Mapping[str, str]) -> str:
    """`3 đã duyệt, 1 chờ duyệt`; a code without a word stands for itself."""
    return ", ".join(f"{count} {words.get(name, name)}" for name, count in sorted(counts.items())) or "0"
