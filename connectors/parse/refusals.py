"""What came in place of a feed: one table of refusals, and the eye that tells error, login and block pages apart."""

import re
from typing import Final

from connectors.errors import Fault, RejectedError

#: code -> technical cause, whose fault, sentence for a clerk.
_REFUSALS: Final[dict[str, tuple[str, Fault, str]]] = {
    "empty_body": (
        "the body is empty", Fault.MEMBER,
        "Trang nguồn trả về nội dung rỗng thay cho bản tin RSS. Đề nghị đơn vị quản trị trang nguồn kiểm tra lại.",
    ),
    "html_page": (
        "an HTML page in place of a feed", Fault.MEMBER,
        "Địa chỉ nguồn tin trả về một trang web thông thường thay cho bản tin RSS. Đề nghị kiểm tra lại địa chỉ nguồn"
        " hoặc liên hệ đơn vị quản trị trang nguồn.",
    ),
    "login_page": (
        "a login page in place of a feed", Fault.MEMBER,
        "Trang nguồn yêu cầu đăng nhập nên không lấy được tin. Đề nghị đơn vị quản trị trang nguồn mở công khai"
        " địa chỉ RSS.",
    ),
    "block_page": (
        "a firewall or captcha page in place of a feed", Fault.MEMBER,
        "Tường lửa của trang nguồn đã chặn hệ thống thu thập tin. Đề nghị đơn vị quản trị trang nguồn cho phép địa chỉ"
        " của hệ thống.",
    ),
    "not_a_feed": (
        "neither RSS, Atom nor JSON Feed", Fault.MEMBER,
        "Nội dung nhận được không phải là bản tin RSS, Atom hay JSON Feed. Đề nghị kiểm tra lại địa chỉ nguồn tin.",
    ),
    "bad_json": (
        "JSON that cannot be read", Fault.MEMBER,
        "Bản tin JSON của trang nguồn bị lỗi cấu trúc nên không đọc được. Đề nghị đơn vị quản trị trang nguồn sửa lại.",
    ),
    "bad_xml": (
        "XML so broken that not even the tolerant parser reads it", Fault.MEMBER,
        "Bản tin XML của trang nguồn bị lỗi cấu trúc nên không đọc được. Đề nghị đơn vị quản trị trang nguồn sửa lại.",
    ),
    "doctype": (
        "a DOCTYPE or entity declaration that is not known to be harmless", Fault.MEMBER,
        "Bản tin của trang nguồn có khai báo DOCTYPE không được phép vì lý do an toàn. Đề nghị đơn vị quản trị trang"
        " nguồn bỏ khai báo này.",
    ),
    "too_large": (
        "the body is larger than is read", Fault.MEMBER,
        "Bản tin của trang nguồn vượt quá dung lượng cho phép (8 MB). Đề nghị đơn vị quản trị trang nguồn giảm số tin"
        " trong một bản tin.",
    ),
    "too_deep": (
        "markup nested deeper than is read", Fault.MEMBER,
        "Bản tin của trang nguồn có cấu trúc lồng nhau quá sâu, có dấu hiệu bị lỗi hoặc bị can thiệp. Đề nghị đơn vị"
        " quản trị trang nguồn kiểm tra.",
    ),
}  # fmt: skip

_HTML = re.compile(r"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
_LOGIN = re.compile(
    r"""type\s*=\s*["']?password|<form[^>]{0,300}(?:login|signin|dang-?nhap)"""
    r"""|<title>[^<]{0,80}(?:đăng nhập|login|sign in)""",
    re.IGNORECASE,
)
_BLOCK = re.compile(
    r"captcha|cf-chl|challenge-platform|cf-browser-verification|attention required|checking your browser"
    r"|just a moment|ddos protection|access denied|request (?:was )?(?:blocked|rejected)|support id is|incapsula"
    r"|web application firewall|\bwaf\b|sucuri|mod_security|bị chặn|từ chối truy cập|xác minh bạn",
    re.IGNORECASE,
)
#: Characters of a page that are looked at: the marks stand early, and a page may be as large as a body may be.
_LOOKED_AT: Final = 65_536


def refuse(code: str) -> RejectedError:
    """Make the error for one of the codes above; it never quotes the body."""
    message, fault, sentence = _REFUSALS[code]
    return RejectedError(message, code=code, fault=fault, sentence=sentence)


def looks_like_html(text: str) -> bool:
    """Whether `text` is a web page, as opposed to a feed."""
    return _HTML.search(text[:_LOOKED_AT]) is not None


def what_came(text: str) -> RejectedError:
    """Name what `text`, which holds no feed, is."""
    page = text[:_LOOKED_AT]
    if not page.strip("\ufeff \t\r\n\0"):
        return refuse("empty_body")
    if not looks_like_html(page):
        return refuse("block_page") if len(text) < 5_000 and _BLOCK.search(page) else refuse("not_a_feed")
    if _BLOCK.search(page):
        return refuse("block_page")
    if _LOGIN.search(page):
        return refuse("login_page")
    return refuse("html_page")
