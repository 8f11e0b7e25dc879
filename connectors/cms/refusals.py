"""What content systems say when they refuse, and what happens next: one table for each product.

A row goes by the product's own code where it gives one (WordPress), else by what was asked and the status. What stands
in no row means what its status means in connectors.outcomes. Sentences are ours; nothing of an answer is quoted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from connectors.errors import BlockedError, Fault, HubError, RejectedError, UnconfirmedError

#: Codes with which an article may be refused because a picture that it refers to is not there any more.
OF_A_PICTURE: Final = frozenset({"picture_lost", "cms_field", "cms_interface"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What one refusal means."""

    error: type[HubError]
    code: str
    fault: Fault
    sentence: str

    def raised(self, cause: str, pointer: str = "") -> HubError:
        """The error; `pointer` is the field that was refused, where the answer names one that we sent."""
        sentence = self.sentence + (f" Trường bị từ chối: {pointer}." if pointer else "")
        if self.error is RejectedError:
            return RejectedError(cause, pointer=pointer, code=self.code, fault=self.fault, sentence=sentence)
        return self.error(cause, code=self.code, fault=self.fault, sentence=sentence)


LOGIN: Final = Refusal(
    error=BlockedError, code="cms_login", fault=Fault.HUB,
    sentence="Cổng không công nhận tài khoản của hệ thống. Bộ phận kỹ thuật cần kiểm tra tên đăng nhập, mật khẩu ứng"
    " dụng hoặc khoá truy cập đã cấp.",
)  # fmt: skip
RIGHT: Final = Refusal(
    error=BlockedError, code="cms_right", fault=Fault.MEMBER,
    sentence="Tài khoản của hệ thống chưa đủ quyền tại cổng. Quản trị cổng cần cấp quyền viết, sửa, đăng và gỡ bài,"
    " kể cả quyền tải ảnh lên và dùng các trường đã khai báo.",
)  # fmt: skip
INTERFACE: Final = Refusal(
    error=BlockedError, code="cms_interface", fault=Fault.HUB,
    sentence="Cổng không có giao diện lập trình (API) tại địa chỉ đã khai báo, hoặc không có loại nội dung đó. Bộ phận"
    " kỹ thuật cần kiểm tra địa chỉ và loại nội dung với quản trị cổng.",
)  # fmt: skip
READ_ONLY: Final = Refusal(
    error=BlockedError, code="cms_read_only", fault=Fault.MEMBER,
    sentence="Giao diện JSON:API của cổng đang ở chế độ chỉ đọc. Quản trị cổng cần mở trang"
    " /admin/config/services/jsonapi và chọn cho phép mọi thao tác đọc, thêm, sửa, xoá.",
)  # fmt: skip
SETTING: Final = Refusal(
    error=BlockedError, code="cms_setting", fault=Fault.HUB,
    sentence="Cổng không có tác giả, chuyên mục hoặc trạng thái đã khai báo cho nơi nhận này. Bộ phận kỹ thuật cần đối"
    " chiếu lại cấu hình với cổng.",
)  # fmt: skip
FIELD: Final = Refusal(
    error=RejectedError, code="cms_field", fault=Fault.HUB,
    sentence="Cổng không nhận nội dung của một trường trong bài này và gửi lại cũng vậy. Cần kiểm tra mục tin, hoặc cấu"
    " hình trường tại cổng.",
)  # fmt: skip
EMPTY: Final = Refusal(
    error=RejectedError, code="cms_empty", fault=Fault.MEMBER,
    sentence="Bài không có tiêu đề lẫn nội dung nên cổng không nhận. Đơn vị cần bổ sung tại trang nguồn.",
)  # fmt: skip
PICTURE: Final = Refusal(
    error=RejectedError, code="cms_picture", fault=Fault.MEMBER,
    sentence="Cổng không nhận tệp ảnh này: quá lớn, hết dung lượng, hoặc loại tệp không được phép. Bài vẫn được đăng,"
    " không kèm ảnh.",
)  # fmt: skip
#: WordPress writes the post first and looks for its picture then: the post is there, with or without a picture.
LOST: Final = Refusal(
    error=UnconfirmedError, code="picture_lost", fault=Fault.MEMBER,
    sentence="Ảnh đã tải lên trước đây không còn trong thư viện của cổng. Hệ thống sẽ kiểm tra bài tại cổng rồi tải ảnh"
    " lên lại.",
)  # fmt: skip

#: By `code` of the answer (wp-includes/rest-api; Application Passwords).
WORDPRESS: Final[Mapping[str, Refusal]] = MappingProxyType(
    {
        "invalid_username": LOGIN,
        "invalid_email": LOGIN,
        "incorrect_password": LOGIN,
        "application_passwords_disabled": LOGIN,
        "application_passwords_disabled_for_user": LOGIN,
        "rest_not_logged_in": LOGIN,
        "rest_forbidden": RIGHT,
        "rest_forbidden_context": RIGHT,
        "rest_forbidden_status": RIGHT,
        "rest_cannot_create": RIGHT,
        "rest_cannot_publish": RIGHT,
        "rest_cannot_edit": RIGHT,
        "rest_cannot_edit_others": RIGHT,
        "rest_cannot_delete": RIGHT,
        "rest_cannot_update": RIGHT,  # a meta key that this account may not write
        "rest_cannot_assign_term": RIGHT,
        "rest_no_route": INTERFACE,
        "rest_invalid_author": SETTING,
        "rest_term_invalid": SETTING,
        "rest_trash_not_supported": SETTING,
        "rest_user_cannot_delete_post": RIGHT,
        "rest_invalid_param": FIELD,
        "rest_missing_callback_param": FIELD,
        "rest_invalid_field": FIELD,
        "empty_content": EMPTY,
        "rest_invalid_featured_media": LOST,
        "rest_upload_file_too_big": PICTURE,
        "rest_upload_limited_space": PICTURE,
        "rest_upload_user_quota_exceeded": PICTURE,
        "rest_upload_sideload_error": PICTURE,
        "rest_upload_invalid_disposition": PICTURE,
    }
)

#: By method and status: codes of JSON:API errors are optional, and Drupal's details are texts for people.
DRUPAL: Final[Mapping[str, Refusal]] = MappingProxyType(
    {
        "401": LOGIN,
        "403": RIGHT,
        "405": READ_ONLY,
        "POST 404": INTERFACE,
        "PATCH 404": INTERFACE,
        "LIST 404": INTERFACE,
        "406": INTERFACE,
        "415": INTERFACE,
        "400": FIELD,
        "422": FIELD,
    }
)

#: By method and status.
LIFERAY: Final[Mapping[str, Refusal]] = MappingProxyType(
    {
        "401": LOGIN,
        "403": RIGHT,
        "405": INTERFACE,
        "PUT 404": INTERFACE,
        "POST 404": INTERFACE,
        "LIST 404": INTERFACE,
        "406": INTERFACE,
        "415": INTERFACE,
        "400": FIELD,
        "422": FIELD,
    }
)
