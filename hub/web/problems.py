"""What went wrong, for programs that send to us: problem details (RFC 9457), in Vietnamese and in English."""

from typing import Final

import orjson
from aiohttp import web

#: code -> status, Vietnamese sentence (what happened, whose fault, what to do), English one
_REFUSALS: Final[dict[str, tuple[int, str, str]]] = {
    "wrong_method": (
        405,
        "Hộp nhận chỉ nhận dữ liệu gửi bằng phương thức POST. Đề nghị đơn vị kiểm tra phần mềm gửi tin.",
        "The inbox takes POST only.",
    ),
    "bad_signature": (
        401,
        "Hộp nhận không tồn tại, hoặc chữ ký của gói tin thiếu hay không đúng. Đề nghị đơn vị kiểm tra địa chỉ, khoá bí"
        " mật và cách tính chữ ký.",
        "There is no such inbox, or the signature is missing or wrong.",
    ),
    "clock_skew": (
        401,
        "Thời điểm ghi trên gói tin lệch quá 5 phút so với đồng hồ của hệ thống. Đề nghị đơn vị chỉnh đồng hồ máy chủ"
        " rồi ký và gửi lại.",
        "The timestamp differs from our clock by more than 5 minutes; set the clock, sign and send again.",
    ),
    "repeated": (
        409,
        "Gói tin này đã được tiếp nhận trước đó. Không cần gửi lại.",
        "This very request was taken before; nothing is left to do.",
    ),
    "too_large": (
        413,
        "Gói tin vượt quá dung lượng cho phép. Đề nghị đơn vị chia thành nhiều gói nhỏ hơn.",
        "The body is larger than is taken; send less at once.",
    ),
    "bad_coding": (
        415,
        "Nội dung nén của gói tin không giải nén được. Đề nghị đơn vị gửi không nén, hoặc nén đúng bằng gzip.",
        "The body is not what its Content-Encoding says; send it plain or as gzip.",
    ),
    "cut_off": (
        400,
        "Gói tin bị đứt giữa chừng nên không được tiếp nhận. Đề nghị đơn vị gửi lại.",
        "The body ended early; send it again.",
    ),
    "empty_body": (
        400,
        "Gói tin không có nội dung. Đề nghị đơn vị kiểm tra phần mềm gửi tin.",
        "The body is empty.",
    ),
    "too_often": (
        429,
        "Đơn vị gửi quá nhiều gói tin trong một phút. Đề nghị chờ theo thời gian đã báo rồi gửi tiếp, hoặc gộp nhiều"
        " tin vào một gói.",
        "Too many requests in a minute; wait as told, or send more items at once.",
    ),
    "paused": (
        503,
        "Hộp nhận đang tạm dừng theo quyết định của cơ quan quản trị. Đề nghị giữ lại gói tin và gửi lại sau.",
        "The inbox is paused by its operators; keep what you have and send it later.",
    ),
    "no_room": (
        503,
        "Hệ thống sắp hết dung lượng lưu trữ nên tạm ngừng tiếp nhận; đơn vị không có lỗi. Đề nghị gửi lại sau.",
        "We are short of disk space; send it again later.",
    ),
    "busy": (
        503,
        "Hệ thống đang bận hoặc gặp sự cố, gói tin có thể chưa được tiếp nhận; đơn vị không có lỗi. Đề nghị gửi lại sau"
        " một phút.",
        "We are busy or out of order, and may not have taken it; send it again in a minute.",
    ),
}
#: Seconds after which to try again, where nobody knows better.
RETRY_AFTER: Final = {"no_room": 3_600.0, "busy": 60.0}
#: By what name a code is a type of problem.
TYPE: Final = "urn:provincial-hub:problem:"


def problem(code: str, *, retry_after: float | None = None, **more: object) -> web.Response:
    """The answer for one of the codes above; `retry_after` in seconds, `more` are further members."""
    status, sentence, title = _REFUSALS[code]
    wait = RETRY_AFTER.get(code) if retry_after is None else retry_after
    headers = {"Cache-Control": "no-store", "Content-Type": "application/problem+json"}
    if wait is not None:
        headers["Retry-After"] = str(max(1, round(wait + 0.5)))
    if status == 405:
        headers["Allow"] = "POST"
    said = {"type": TYPE + code, "status": status, "title": title, "detail": sentence, "code": code, **more}
    return web.Response(status=status, body=orjson.dumps(said), headers=headers)
