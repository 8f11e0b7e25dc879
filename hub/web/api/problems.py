"""Why the API refuses: problem details (RFC 9457), in Vietnamese and in English, one code for each reason.

    raise Refused("bad_cursor")
    raise Refused("bad_parameter", errors=[{"where": "limit", "what": "…"}])

Nothing of what was sent stands in a refusal but the names of its fields.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from aiohttp import web

from connectors.errors import HubError
from hub.web.site import SITE

#: code -> status, Vietnamese sentence (what happened, whose fault, what to do), English one
_REFUSALS: Final[dict[str, tuple[int, str, str]]] = {
    "bad_parameter": (
        400,
        "Một tham số của yêu cầu không đúng; danh sách «errors» nêu rõ tham số nào. Hãy sửa theo tài liệu rồi gửi lại.",
        "A parameter is unknown or has a value that is not allowed; `errors` names it.",
    ),
    "bad_cursor": (
        400,
        "Con trỏ đọc tiếp không phải của hệ thống này hoặc không còn dùng được. Hãy đọc lại từ đầu, không kèm con trỏ.",
        "The cursor is none of this database; begin again without one.",
    ),
    "bad_json": (
        400,
        "Dữ liệu gửi lên không phải JSON đúng quy cách: sai cú pháp, trùng khoá hoặc lồng quá sâu. Hãy kiểm tra phần"
        " mềm gửi.",
        "The body is no JSON, names a key twice or is nested too deeply.",
    ),
    "key_needed": (
        401,
        "Địa chỉ này cần khoá truy cập hoặc phiên đăng nhập. Hãy gửi khoá trong tiêu đề Authorization: Bearer.",
        "This needs a key: send it as Authorization: Bearer.",
    ),
    "bad_key": (
        401,
        "Khoá truy cập không đúng hoặc đã bị thu hồi. Hãy liên hệ quản trị hệ thống để được cấp khoá mới.",
        "The key is unknown or was ended.",
    ),
    "not_permitted": (
        403,
        "Khoá hoặc tài khoản này không có quyền thực hiện việc này. Hãy liên hệ quản trị hệ thống.",
        "The key or account has no permission for this.",
    ),
    "not_meant": (
        403,
        "Yêu cầu thay đổi không đến từ trang của hệ thống hoặc thiếu mã xác nhận phiên. Hãy tải lại trang rồi thử lại.",
        "The request does not come from a page of ours, or lacks the session's token (X-CSRF-Token).",
    ),
    "not_found": (
        404,
        "Không có nội dung ở địa chỉ này. Hãy kiểm tra lại địa chỉ hoặc mã.",
        "There is nothing at this address.",
    ),
    "method_not_allowed": (
        405,
        "Địa chỉ này không nhận phương thức đã gửi; tiêu đề Allow nêu các phương thức được dùng.",
        "The address does not take this method; Allow says which it takes.",
    ),
    "repeat_in_progress": (
        409,
        "Yêu cầu cùng khoá Idempotency-Key đang được xử lý hoặc chưa rõ kết quả. Hãy xem tình trạng hiện tại trước khi"
        " gửi lại.",
        "A request with this Idempotency-Key is being answered, or its outcome is unknown; look before you repeat it.",
    ),
    "no_inbox": (
        409,
        "Đơn vị chưa có hộp nhận cho loại nội dung này. Đề nghị quản trị hệ thống mở hộp nhận (nguồn có connector"
        " inbox) cho đơn vị.",
        "The member has no inbox for items of this kind; the hub's operators have to open one.",
    ),
    "inbox_paused": (
        503,
        "Hộp nhận của đơn vị đang tạm dừng theo quyết định của cơ quan quản trị. Đề nghị giữ lại nội dung và gửi sau.",
        "The member's inbox is paused by its operators; keep the item and send it later.",
    ),
    "withdrawn": (
        410,
        "Nội dung này đã được gỡ; mục «withdrawal» cho biết hình thức và lý do. Đề nghị gỡ bản sao nếu có.",
        "The item was withdrawn; `withdrawal` says how and why. Take down your copies.",
    ),
    "revision_differs": (
        412,
        "Phiên bản hiện tại khác với phiên bản nêu trong If-Match. Hãy đọc lại phiên bản hiện tại rồi gửi lại.",
        "The item has another revision than If-Match names; read it again.",
    ),
    "body_too_large": (
        413,
        "Dữ liệu gửi lên vượt quá dung lượng cho phép. Hãy gửi ít hơn trong một lần.",
        "The body is larger than is taken.",
    ),
    "address_too_long": (
        414,
        "Địa chỉ yêu cầu quá dài. Hãy rút gọn các tham số.",
        "The address is too long; shorten its parameters.",
    ),
    "not_json": (
        415,
        "Dữ liệu phải có kiểu application/json, không nén hoặc nén đúng bằng gzip. Hãy sửa tiêu đề Content-Type.",
        "The body must be application/json, plain or as gzip.",
    ),
    "bad_body": (
        422,
        "Dữ liệu gửi lên không đúng quy cách; danh sách «errors» nêu rõ trường nào. Hãy sửa theo tài liệu rồi gửi lại.",
        "The body does not fit its schema; `errors` names the fields.",
    ),
    "repeat_differs": (
        422,
        "Khoá Idempotency-Key này đã dùng cho một yêu cầu khác. Hãy dùng khoá mới cho mỗi yêu cầu.",
        "This Idempotency-Key was used for another request; take a new one for each.",
    ),
    "quota_spent": (
        429,
        "Đã vượt số yêu cầu cho phép trong một phút. Hãy chờ theo thời gian đã báo; chương trình đọc thường xuyên nên"
        " xin khoá truy cập.",
        "Too many requests in a minute; wait as Retry-After says. Programs that read often should have a key.",
    ),
    "out_of_order": (
        500,
        "Hệ thống gặp lỗi khi xử lý yêu cầu; người gửi không có lỗi. Lỗi đã được ghi nhật ký, đề nghị báo bộ phận kỹ"
        " thuật thời điểm xảy ra.",
        "A defect of ours; it is in the log.",
    ),
    "unavailable": (
        503,
        "Hệ thống đang bận hoặc gặp sự cố; người gửi không có lỗi. Hãy thử lại sau một phút.",
        "We are busy or out of order; try again in a minute.",
    ),
    "too_many_listeners": (
        503,
        "Đã đủ số chương trình cùng theo dõi thay đổi. Hãy thử lại sau, hoặc hỏi định kỳ bằng /changes.",
        "No place for another listener; try later, or ask /changes from time to time.",
    ),
}
CODES: Final = frozenset(_REFUSALS)
#: Seconds after which to try again, where nobody knows better.
RETRY_AFTER: Final = {"unavailable": 60, "too_many_listeners": 60, "inbox_paused": 3_600}
#: Of aiohttp's own refusals to ours.
_OF_STATUS: Final = {
    401: "key_needed", 403: "not_permitted", 404: "not_found", 405: "method_not_allowed", 408: "bad_json",
    413: "body_too_large", 414: "address_too_long", 415: "not_json", 503: "unavailable",
}  # fmt: skip
PROBLEM: Final = "application/problem+json"


class Refused(Exception):
    """The request is answered by a problem."""

    def __init__(self, code: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.headers = dict(headers or {})
        self.more = more


def status_of(code: str) -> int:
    """The status of a code."""
    return _REFUSALS[code][0]


def meaning_of(code: str) -> tuple[str, str]:
    """What a code says, in Vietnamese and in English."""
    return _REFUSALS[code][1:]


def problem(
    request: web.Request, code: str, *, headers: Mapping[str, str] | None = None, **more: Any
) -> web.Response:  # fmt: skip
    """The answer for one of the codes above; `more` are further members."""
    status, sentence, title = _REFUSALS[code]
    return _written(request, status, code, title, sentence, headers or {}, more)


def problem_of_status(request: web.Request, status: int) -> web.Response:
    """The answer for a refusal of the server itself."""
    return problem(request, _OF_STATUS.get(status, "bad_parameter" if status < 500 else "out_of_order"))


def problem_of_error(request: web.Request, status: int, error: HubError) -> web.Response:
    """The answer for an error of the tree, in its own words."""
    return _written(request, status, error.code, str(error), error.sentence, {}, {})


def _written(
    request: web.Request, status: int, code: str, title: str, sentence: str, headers: Mapping[str, str],
    more: Mapping[str, Any],
) -> web.Response:  # fmt: skip
    said = {
        "type": f"{request.app[SITE].base}/api/v1/#{code}", "title": title, "status": status, "detail": sentence,
        "instance": request.path, "code": code, **more,
    }  # fmt: skip
    sent = {"Cache-Control": "no-store", "Content-Type": PROBLEM, **headers}
    if code in RETRY_AFTER:
        sent.setdefault("Retry-After", str(RETRY_AFTER[code]))
    if status == 401:
        sent["WWW-Authenticate"] = 'Bearer realm="hub"'
    return web.Response(status=status, body=orjson.dumps(said), headers=sent)
