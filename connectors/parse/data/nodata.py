"""What came in place of the data that a mapping expects: one table of refusals for xml, json and csv.

The eye that tells error, login and block pages apart is that of connectors/parse/refusals.py; here are the sentences
that speak of data, not of feeds, and the refusals that only a mapping knows.
"""

from typing import Final

from connectors.errors import Fault, RejectedError
from connectors.parse.refusals import what_came

#: code -> technical cause, whose fault, sentence for a clerk.
_REFUSALS: Final[dict[str, tuple[str, Fault, str]]] = {
    "empty_body": (
        "the body is empty", Fault.MEMBER,
        "Trang nguồn trả về nội dung rỗng thay cho dữ liệu. Đề nghị đơn vị quản trị trang nguồn kiểm tra lại.",
    ),
    "html_page": (
        "an HTML page in place of data", Fault.MEMBER,
        "Địa chỉ nguồn trả về một trang web thông thường thay cho dữ liệu. Đề nghị kiểm tra lại địa chỉ nguồn hoặc liên"
        " hệ đơn vị quản trị trang nguồn.",
    ),
    "login_page": (
        "a login page in place of data", Fault.MEMBER,
        "Trang nguồn yêu cầu đăng nhập nên không lấy được dữ liệu. Đề nghị đơn vị quản trị trang nguồn mở công khai"
        " địa chỉ này hoặc cấp khoá truy cập.",
    ),
    "block_page": (
        "a firewall or captcha page in place of data", Fault.MEMBER,
        "Tường lửa của trang nguồn đã chặn hệ thống thu thập tin. Đề nghị đơn vị quản trị trang nguồn cho phép địa chỉ"
        " của hệ thống.",
    ),
    "bad_json": (
        "JSON that cannot be read", Fault.MEMBER,
        "Dữ liệu JSON của trang nguồn bị lỗi cấu trúc nên không đọc được. Đề nghị đơn vị quản trị trang nguồn sửa lại.",
    ),
    "bad_xml": (
        "XML that cannot be read", Fault.MEMBER,
        "Dữ liệu XML của trang nguồn bị lỗi cấu trúc nên không đọc được. Đề nghị đơn vị quản trị trang nguồn sửa lại.",
    ),
    "not_a_table": (
        "neither a workbook nor a table of texts with the columns of the settings", Fault.MEMBER,
        "Nội dung nhận được không phải là bảng tính hay tệp CSV đọc được. Đề nghị kiểm tra lại địa chỉ nguồn hoặc liên"
        " hệ đơn vị cung cấp tệp.",
    ),
    "bad_workbook": (
        "a workbook that is damaged or locked with a password", Fault.MEMBER,
        "Tệp bảng tính của trang nguồn bị hỏng hoặc được đặt mật khẩu nên không đọc được. Đề nghị đơn vị cung cấp tệp"
        " xuất lại và không đặt mật khẩu.",
    ),
    "workbook_too_large": (
        "a workbook that unpacks to more cells or bytes than are read", Fault.MEMBER,
        "Tệp bảng tính của trang nguồn quá lớn sau khi giải nén nên không được đọc. Đề nghị đơn vị cung cấp tệp chia"
        " nhỏ bảng hoặc xoá các dòng, cột trống được định dạng thừa.",
    ),
    "too_large": (
        "the body is larger than is read", Fault.MEMBER,
        "Dữ liệu của trang nguồn vượt quá dung lượng cho phép (8 MB). Đề nghị đơn vị quản trị trang nguồn chia dữ liệu"
        " thành nhiều trang.",
    ),
    "too_deep": (
        "data nested deeper than is read", Fault.MEMBER,
        "Dữ liệu của trang nguồn có cấu trúc lồng nhau quá sâu, có dấu hiệu bị lỗi hoặc bị can thiệp. Đề nghị đơn vị"
        " quản trị trang nguồn kiểm tra.",
    ),
    "items_missing": (
        "the place that `items` names is not in the body", Fault.HUB,
        "Không tìm thấy danh sách mục tin tại vị trí đã khai báo; có thể trang nguồn báo lỗi hoặc vừa đổi cấu trúc dữ"
        " liệu. Đề nghị bộ phận kỹ thuật đối chiếu lại khoá «items» trong cấu hình của nguồn.",
    ),
    "columns_missing": (
        "columns that `fields` names are not in the table", Fault.HUB,
        "Bảng dữ liệu thiếu cột đã khai báo; có thể đơn vị vừa đổi tên hoặc bỏ cột. Đề nghị bộ phận kỹ thuật đối chiếu"
        " lại bảng «fields» trong cấu hình của nguồn.",
    ),
    "sheet_missing": (
        "the workbook has no such sheet", Fault.HUB,
        "Tệp bảng tính không có trang tính đã khai báo; có thể đơn vị vừa đổi tên trang tính. Đề nghị bộ phận kỹ thuật"
        " đối chiếu lại khoá «sheet» trong cấu hình của nguồn.",
    ),
}  # fmt: skip


def refuse_data(code: str, detail: str = "") -> RejectedError:
    """Make the error for one of the codes above. `detail` may quote the settings, never the body."""
    message, fault, sentence = _REFUSALS[code]
    return RejectedError(f"{message}: {detail}" if detail else message, code=code, fault=fault, sentence=sentence)


def what_came_instead(text: str, otherwise: str) -> RejectedError:
    """Name what `text`, which holds no data, is: a page of some kind, or else the code `otherwise`."""
    code = what_came(text).code
    return refuse_data(code if code in _REFUSALS else otherwise)
