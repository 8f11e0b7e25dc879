"""What came back, and what it means: the one table from answers and failures to the error tree.

Each row is something that can come back from a request, each column a purpose of asking:

    FETCH        a source is read
    READ         a destination is read (find, list); nothing can have happened
    SEND         a destination is written to, and sending the same key again has one effect
    SEND_ONCE    a destination is written to, and it must be looked at (`find`) before anything is sent again

A row that leaves it open whether the request took effect is Transient in the first two columns and Unconfirmed in
the last two. Sentences are for a clerk; they never quote the other side.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from connectors.errors import (
    BlockedError,
    Fault,
    HubError,
    RejectedError,
    ThrottledError,
    TransientError,
    UnconfirmedError,
)


class Purpose(StrEnum):
    """Why we ask: the column of the table."""

    FETCH = "fetch"
    READ = "read"
    SEND = "send"
    SEND_ONCE = "send_once"


class CameBack(StrEnum):
    """What came back: the row of the table, and the code of the error."""

    ADDRESS_REFUSED = "address_refused"  #: our own guard, before anything was dialled
    NAME_UNKNOWN = "name_unknown"  #: DNS
    CONNECTION_REFUSED = "connection_refused"
    UNREACHABLE = "unreachable"  #: no route, or no connection in time
    CERTIFICATE = "certificate"
    TLS = "tls"
    TIMEOUT = "timeout"  #: after the request left
    RESET = "reset"  #: after the request left
    TRUNCATED = "truncated"  #: the body ended early or does not decode
    UNREADABLE = "unreadable"  #: not HTTP, or a status nobody asked for
    TOO_LARGE = "too_large"  #: more bytes than the limit, on the wire or decoded
    BOMB = "bomb"  #: decoded far beyond its size on the wire
    REDIRECTS = "redirects"  #: more hops than the limit, or one that leads nowhere
    MOVED = "moved"  #: 3xx to a request that does not follow
    BAD_REQUEST = "bad_request"  #: other 4xx
    UNAUTHORISED = "unauthorised"  #: 401
    FORBIDDEN = "forbidden"  #: 403
    NOT_FOUND = "not_found"  #: 404
    TRY_AGAIN = "try_again"  #: 408, 425: nothing was processed
    GONE = "gone"  #: 410
    THROTTLED = "throttled"  #: 429, and 503 with Retry-After
    SERVER_ERROR = "server_error"  #: 5xx


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one row means for one kind of place."""

    error: type[HubError]
    fault: Fault
    sentence: str


#: Statuses with a row of their own; all others go by their hundred.
STATUSES: Final[Mapping[int, CameBack]] = MappingProxyType(
    {
        401: CameBack.UNAUTHORISED,
        403: CameBack.FORBIDDEN,
        404: CameBack.NOT_FOUND,
        408: CameBack.TRY_AGAIN,
        410: CameBack.GONE,
        425: CameBack.TRY_AGAIN,
        429: CameBack.THROTTLED,
    }
)


def came_back(status: int, *, retry_after: bool) -> CameBack:
    """The row of a status that is not what was asked for; `retry_after` tells whether the answer named a time."""
    if status in STATUSES:
        return STATUSES[status]
    if status == 503 and retry_after:
        return CameBack.THROTTLED
    match status // 100:
        case 3:
            return CameBack.MOVED
        case 4:
            return CameBack.BAD_REQUEST
        case 5:
            return CameBack.SERVER_ERROR
    return CameBack.UNREADABLE


def error_for(
    what: CameBack, purpose: Purpose, message: str, *, retry_after: float | None = None, fault: Fault | None = None
) -> HubError:
    """The error that this row means for this purpose; `message` is the technical cause, `fault` overrules the table."""
    outcome = FETCHING[what] if purpose is Purpose.FETCH else SENDING[what]
    error, sentence = outcome.error, outcome.sentence
    if error is UnconfirmedError:
        if purpose is Purpose.READ:  # a read that failed changed nothing
            error = TransientError
            sentence += " Sẽ tự hỏi lại sau."
        else:
            sentence += _SAME_KEY if purpose is Purpose.SEND else _LOOK_FIRST
    if error is ThrottledError:
        return ThrottledError(message, retry_after=retry_after, sentence=sentence)
    return error(message, code=what.value, fault=fault or outcome.fault, sentence=sentence)


_SAME_KEY: Final = " Chưa rõ nơi nhận đã ghi hay chưa; sẽ gửi lại cùng mã nên không bị trùng."
_LOOK_FIRST: Final = " Chưa rõ nơi nhận đã ghi hay chưa; sẽ kiểm tra tại nơi nhận trước khi gửi lại."

_HUB, _MEMBER, _NETWORK = Fault.HUB, Fault.MEMBER, Fault.NETWORK

FETCHING: Final[Mapping[CameBack, Outcome]] = MappingProxyType(
    {
        CameBack.ADDRESS_REFUSED: Outcome(
            RejectedError, _HUB,
            "Địa chỉ này thuộc vùng không được phép truy cập. Nếu đúng là trang nội bộ của đơn vị, bộ phận kỹ thuật "
            "cần thêm địa chỉ và cổng vào danh sách cho phép (allow_private).",
        ),
        CameBack.NAME_UNKNOWN: Outcome(
            TransientError, _NETWORK,
            "Không tìm thấy tên miền của trang. Kiểm tra lại địa chỉ nguồn hoặc DNS; hệ thống sẽ tự thử lại.",
        ),
        CameBack.CONNECTION_REFUSED: Outcome(
            TransientError, _MEMBER,
            "Máy chủ của đơn vị không nhận kết nối, có thể dịch vụ web đang tắt. Hệ thống sẽ tự thử lại.",
        ),
        CameBack.UNREACHABLE: Outcome(
            TransientError, _NETWORK, "Không kết nối được tới máy chủ của đơn vị. Hệ thống sẽ tự thử lại.",
        ),
        CameBack.CERTIFICATE: Outcome(
            TransientError, _MEMBER,
            "Chứng thư số (HTTPS) của trang không hợp lệ hoặc đã hết hạn. Đơn vị cần gia hạn chứng thư.",
        ),
        CameBack.TLS: Outcome(
            TransientError, _MEMBER,
            "Không thiết lập được kết nối bảo mật (HTTPS) với trang. Đơn vị cần kiểm tra cấu hình máy chủ.",
        ),
        CameBack.TIMEOUT: Outcome(
            TransientError, _MEMBER, "Trang của đơn vị trả lời quá chậm. Hệ thống sẽ tự thử lại.",
        ),
        CameBack.RESET: Outcome(
            TransientError, _NETWORK, "Kết nối bị ngắt giữa chừng khi đang lấy tin. Hệ thống sẽ tự thử lại.",
        ),
        CameBack.TRUNCATED: Outcome(
            TransientError, _MEMBER,
            "Nội dung trang gửi về không trọn vẹn nên chưa được ghi nhận. Hệ thống sẽ tự thử lại.",
        ),
        CameBack.UNREADABLE: Outcome(
            TransientError, _MEMBER, "Máy chủ của đơn vị trả lời không đúng quy cách. Hệ thống sẽ tự thử lại.",
        ),
        CameBack.TOO_LARGE: Outcome(
            RejectedError, _MEMBER,
            "Nội dung trang gửi về vượt dung lượng cho phép. Đơn vị cần giảm số mục trong nguồn tin, hoặc bộ "
            "phận kỹ thuật nâng giới hạn cho nguồn này.",
        ),
        CameBack.BOMB: Outcome(
            RejectedError, _MEMBER,
            "Nội dung nén phình to bất thường nên bị từ chối. Đơn vị cần kiểm tra trang có bị tấn công hay không.",
        ),
        CameBack.REDIRECTS: Outcome(
            TransientError, _MEMBER,
            "Trang chuyển hướng lòng vòng, không tới được nội dung. Đơn vị cần sửa lại cấu hình chuyển hướng.",
        ),
        CameBack.MOVED: Outcome(
            TransientError, _MEMBER,
            "Trang chuyển hướng nhưng không cho biết địa chỉ mới. Đơn vị cần sửa lại cấu hình chuyển hướng.",
        ),
        CameBack.BAD_REQUEST: Outcome(
            RejectedError, _HUB,
            "Trang từ chối yêu cầu lấy tin. Bộ phận kỹ thuật cần kiểm tra lại địa chỉ và loại nguồn.",
        ),
        CameBack.UNAUTHORISED: Outcome(
            BlockedError, _MEMBER, "Trang yêu cầu đăng nhập. Đơn vị cần mở nguồn tin hoặc cấp tài khoản cho hệ thống.",
        ),
        CameBack.FORBIDDEN: Outcome(
            BlockedError, _MEMBER, "Trang không cho hệ thống truy cập. Đơn vị cần bỏ chặn đối với hệ thống.",
        ),
        CameBack.NOT_FOUND: Outcome(
            TransientError, _MEMBER,
            "Không thấy nguồn tin ở địa chỉ này. Hệ thống sẽ thử lại thưa hơn; nếu kéo dài, hỏi đơn vị địa chỉ mới.",
        ),
        CameBack.TRY_AGAIN: Outcome(
            TransientError, _MEMBER, "Trang của đơn vị chưa phục vụ được yêu cầu. Hệ thống sẽ tự thử lại.",
        ),
        CameBack.GONE: Outcome(
            BlockedError, _MEMBER, "Đơn vị báo nguồn tin này đã bị gỡ bỏ. Cần cập nhật địa chỉ mới hoặc ngừng nguồn.",
        ),
        CameBack.THROTTLED: Outcome(
            ThrottledError, _MEMBER, "Trang đề nghị truy cập thưa hơn. Hệ thống sẽ chờ đúng thời gian được yêu cầu.",
        ),
        CameBack.SERVER_ERROR: Outcome(
            TransientError, _MEMBER, "Máy chủ của đơn vị đang gặp lỗi. Hệ thống sẽ tự thử lại.",
        ),
    }
)  # fmt: skip

SENDING: Final[Mapping[CameBack, Outcome]] = MappingProxyType(
    {
        CameBack.ADDRESS_REFUSED: Outcome(
            RejectedError, _HUB,
            "Địa chỉ nơi nhận thuộc vùng không được phép truy cập. Bộ phận kỹ thuật cần thêm địa chỉ và cổng vào danh "
            "sách cho phép (allow_private) của nơi nhận này.",
        ),
        CameBack.NAME_UNKNOWN: Outcome(
            TransientError, _NETWORK,
            "Không tìm thấy tên miền của nơi nhận. Kiểm tra lại địa chỉ hoặc DNS; hệ thống sẽ tự gửi lại.",
        ),
        CameBack.CONNECTION_REFUSED: Outcome(
            TransientError, _MEMBER,
            "Máy chủ nơi nhận không nhận kết nối. Chưa có gì được gửi; hệ thống sẽ tự gửi lại.",
        ),
        CameBack.UNREACHABLE: Outcome(
            TransientError, _NETWORK, "Không kết nối được tới nơi nhận. Chưa có gì được gửi; hệ thống sẽ tự gửi lại.",
        ),
        CameBack.CERTIFICATE: Outcome(
            TransientError, _MEMBER,
            "Chứng thư số (HTTPS) của nơi nhận không hợp lệ hoặc hết hạn nên chưa gửi gì. Nơi nhận cần gia hạn.",
        ),
        CameBack.TLS: Outcome(
            TransientError, _MEMBER,
            "Không thiết lập được kết nối bảo mật (HTTPS) với nơi nhận. Chưa có gì được gửi; hệ thống sẽ tự gửi lại.",
        ),
        CameBack.TIMEOUT: Outcome(UnconfirmedError, _MEMBER, "Nơi nhận không trả lời kịp."),
        CameBack.RESET: Outcome(UnconfirmedError, _NETWORK, "Kết nối tới nơi nhận bị ngắt trước khi có trả lời."),
        CameBack.TRUNCATED: Outcome(UnconfirmedError, _MEMBER, "Câu trả lời của nơi nhận bị cắt giữa chừng."),
        CameBack.UNREADABLE: Outcome(UnconfirmedError, _MEMBER, "Nơi nhận trả lời không đúng quy cách."),
        CameBack.TOO_LARGE: Outcome(UnconfirmedError, _MEMBER, "Câu trả lời của nơi nhận quá dài."),
        CameBack.BOMB: Outcome(UnconfirmedError, _MEMBER, "Câu trả lời nén của nơi nhận phình to bất thường."),
        CameBack.REDIRECTS: Outcome(
            BlockedError, _HUB, "Địa chỉ nơi nhận chuyển hướng lòng vòng. Bộ phận kỹ thuật cần kiểm tra lại địa chỉ.",
        ),
        CameBack.MOVED: Outcome(
            BlockedError, _HUB, "Nơi nhận đã chuyển sang địa chỉ khác. Bộ phận kỹ thuật cần cập nhật địa chỉ nơi nhận.",
        ),
        CameBack.BAD_REQUEST: Outcome(
            RejectedError, _HUB,
            "Nơi nhận không chấp nhận nội dung này và gửi lại cũng vậy. Cần kiểm tra mục tin và cấu hình nơi nhận.",
        ),
        CameBack.UNAUTHORISED: Outcome(
            BlockedError, _HUB, "Nơi nhận không công nhận mã truy cập của hệ thống. Bộ phận kỹ thuật cần thay mã mới.",
        ),
        CameBack.FORBIDDEN: Outcome(
            BlockedError, _MEMBER,
            "Nơi nhận không cho hệ thống ghi. Nơi nhận cần cấp quyền cho tài khoản của hệ thống.",
        ),
        CameBack.NOT_FOUND: Outcome(
            RejectedError, _HUB, "Nơi nhận không có địa chỉ này. Bộ phận kỹ thuật cần kiểm tra lại cấu hình nơi nhận.",
        ),
        CameBack.TRY_AGAIN: Outcome(
            TransientError, _MEMBER, "Nơi nhận chưa xử lý được yêu cầu. Hệ thống sẽ tự gửi lại.",
        ),
        CameBack.GONE: Outcome(
            BlockedError, _MEMBER, "Nơi nhận báo điểm tiếp nhận này đã đóng. Bộ phận kỹ thuật cần hỏi địa chỉ mới.",
        ),
        CameBack.THROTTLED: Outcome(
            ThrottledError, _MEMBER, "Nơi nhận đề nghị gửi chậm lại. Hệ thống sẽ chờ đúng thời gian được yêu cầu.",
        ),
        CameBack.SERVER_ERROR: Outcome(UnconfirmedError, _MEMBER, "Máy chủ nơi nhận báo lỗi."),
    }
)  # fmt: skip
