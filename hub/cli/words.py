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
SOURCES: Final = {"paused": "tạm dừng", "blocked": "bị chặn", "removed": "đã bỏ"}
DESTINATIONS: Final = {
    "paused": "đang tạm dừng theo lệnh (hub resume destination)",
    "blocked": "từ chối nhận, cần xem lại",
}


def listed(counts: Mapping[str, int], words: Mapping[str, str]) -> str:
    """`3 đã duyệt, 1 chờ duyệt`; a code without a word stands for itself."""
    return ", ".join(f"{count} {words.get(name, name)}" for name, count in sorted(counts.items())) or "0"
