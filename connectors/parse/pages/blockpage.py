"""What stands in place of a web page: a firewall's challenge, a captcha, a login, a parked domain, a closed site.

Such a page comes with status 200. It is small, has little to read and tell-tale marks; a real page may hold the same
words in a form or a script, so words count only where there is hardly anything else to read.
"""

import re
from typing import Final, NamedTuple

from connectors.errors import Fault, RejectedError
from connectors.parse.charset import decode
from connectors.parse.html import plain
from connectors.parse.text import clean_text
from connectors.parse.url import host_of

#: Characters of the source that are looked at.
_LOOKED_AT: Final = 300_000
#: Readable characters above which a page is taken for what it says it is.
_LITTLE: Final = 1_500
#: Readable characters below which a page shows nothing.
_NOTHING: Final = 60
#: Characters in which an error page says that it is one.
_BEGINNING: Final = 200


class _Refusal(NamedTuple):
    cause: str
    sentence: str  #: with {host}


_REFUSALS: Final[dict[str, _Refusal]] = {
    "block_page": _Refusal(
        "a firewall's page",
        "Tường lửa của trang {host} đã chặn hệ thống thu thập tin. Các tin đã thu vẫn được giữ. Đề nghị đơn vị quản trị"
        " trang cho phép địa chỉ của hệ thống.",
    ),
    "captcha_page": _Refusal(
        "a captcha in place of the page",
        "Trang {host} yêu cầu nhập mã xác nhận (captcha) nên hệ thống không đọc được tin. Các tin đã thu vẫn được giữ."
        " Đề nghị đơn vị quản trị trang bỏ yêu cầu này đối với địa chỉ của hệ thống.",
    ),
    "login_page": _Refusal(
        "a login page",
        "Trang {host} yêu cầu đăng nhập nên không đọc được tin. Các tin đã thu vẫn được giữ. Đề nghị đơn vị quản trị"
        " trang mở công khai địa chỉ này, hoặc kiểm tra lại địa chỉ nguồn.",
    ),
    "parked_domain": _Refusal(
        "a parked domain or a suspended account",
        "Tên miền {host} không còn là trang của đơn vị: đã hết hạn, bị tạm khoá hoặc đang được rao bán. Các tin đã thu"
        " vẫn được giữ. Cần liên hệ đơn vị để xác minh địa chỉ mới trước khi thu tin tiếp.",
    ),
    "maintenance_page": _Refusal(
        "a page that says the site is closed for maintenance",
        "Trang {host} đang bảo trì hoặc nâng cấp nên chưa có tin mới. Các tin đã thu vẫn được giữ; hệ thống sẽ tự thử"
        " lại; nếu kéo dài, đề nghị liên hệ đơn vị quản trị trang.",
    ),
    "error_page": _Refusal(
        "an error page with status 200",
        "Trang {host} báo lỗi thay cho nội dung. Các tin đã thu vẫn được giữ; hệ thống sẽ tự thử lại; nếu kéo dài, đề"
        " nghị đơn vị quản trị trang kiểm tra, hoặc bộ phận kỹ thuật kiểm tra lại địa chỉ nguồn.",
    ),
}  # fmt: skip

#: Marks in the source that only such a page has, whatever else stands there.
_FIREWALL_SOURCE: Final = re.compile(
    r"cf-chl|/cdn-cgi/challenge-platform|cf-browser-verification|_Incapsula_Resource|sucuri_cloudproxy|ddos-guard"
    r"|__ddg\d|awsWafCookieDomainList|imunify360|perimeterx|datadome|aliyun_waf",
    re.IGNORECASE,
)
#: A page without text whose script sets a cookie and loads it again.
_COOKIE: Final = re.compile(r"document\.cookie\s*=", re.IGNORECASE)
_AGAIN: Final = re.compile(r"location\s*(?:=|\.(?:reload|replace|assign|href))", re.IGNORECASE)
_CAPTCHA: Final = re.compile(r"captcha|cf-turnstile|hcaptcha", re.IGNORECASE)
_PASSWORD: Final = re.compile(r"""<input\b[^>]{0,300}\btype\s*=\s*["']?password""", re.IGNORECASE)
_LOGIN_ADDRESS: Final = re.compile(
    r"(?:^|[/?&])(?:dang-?nhap|log-?in|sign-?in|returnurl=|authenticate\.aspx|wp-login|auth/realms)", re.IGNORECASE
)

#: What such a page tells its reader.
_FIREWALL_TEXT: Final = re.compile(
    r"attention required|just a moment|checking your browser|ddos protection|access denied|access to this page has been"
    r"|request (?:was |has been )?(?:blocked|rejected|denied)|requested url was rejected|support id|incident id"
    r"|web application firewall|not acceptable!|mod_security|(?:yêu cầu|truy cập)(?: của bạn| này)? (?:đã )?bị"
    r" (?:chặn|từ chối)|bị chặn bởi|từ chối truy cập|tường lửa|hoạt động bất thường",
    re.IGNORECASE,
)
_CAPTCHA_TEXT: Final = re.compile(
    r"not a robot|are you human|verify(?:ing)? (?:that )?you are human|không phải là (?:người máy|robot)"
    r"|xác (?:minh|nhận) (?:bạn|rằng bạn) (?:là|không)|nhập mã (?:xác nhận|bảo vệ|captcha)|unusual traffic",
    re.IGNORECASE,
)
_PARKED_TEXT: Final = re.compile(
    r"domain (?:name )?(?:is )?(?:may be )?for sale|buy this domain|this domain (?:has expired|is parked)"
    r"|parked (?:free|domain)|sedoparking|account (?:has been )?suspended|website (?:is )?suspended"
    r"|tên miền (?:này )?(?:đã hết hạn|đang được (?:rao )?bán|chưa được trỏ|đã bị (?:thu hồi|tạm ngừng))"
    r"|(?:website|trang web|hosting|dịch vụ)(?: này)? (?:đã |đang )?bị (?:tạm )?(?:khóa|khoá|ngưng|ngừng)",
    re.IGNORECASE,
)
_MAINTENANCE_TEXT: Final = re.compile(
    r"under (?:maintenance|construction)|maintenance mode|(?:đang|tạm ngừng để|đang được) (?:bảo trì|nâng cấp)"
    r"|tạm dừng hoạt động",
    re.IGNORECASE,
)
#: How an error page begins: its title and its first words.
_ERROR_TEXT: Final = re.compile(
    r"^\W*(?:error|lỗi|http)\W{0,3}[45]\d\d\b|^\W*[45]\d\d\W*(?:$|error|forbidden)|^\W*forbidden"
    r"|service (?:temporarily )?unavailable|bad gateway|gateway time-?out"
    r"|internal server error|(?:page|file|resource)[\w ]{0,20} not found|runtime error|server error in '/"
    r"|trang (?:bạn (?:yêu cầu|tìm) )?không (?:tồn tại|tìm thấy)|không tìm thấy trang|lỗi (?:hệ thống|máy chủ)"
    r"|error establishing a database connection",
    re.IGNORECASE,
)
_TITLE: Final = re.compile(r"<title[^>]{0,100}>([^<]{0,300})", re.IGNORECASE)
_LOGIN_TITLE: Final = re.compile(r"đăng nhập|log ?in|sign ?in", re.IGNORECASE)


def refuse_block_page(body: bytes, url: str, content_type: str = "") -> None:
    """Raise RejectedError when `body`, which came from `url`, is no page of the site but stands in its way.

    Codes: `block_page`, `captcha_page`, `login_page`, `parked_domain`, `maintenance_page`, `error_page`. The error
    never quotes the body; a page with something to read passes.
    """
    code = _what_stands_there(decode(body[:_LOOKED_AT], content_type)[0], url)
    if code:
        raise refuse_page(code, url)


def refuse_page(code: str, url: str) -> RejectedError:
    """The error for one of the codes above."""
    cause, sentence = _REFUSALS[code]
    host = host_of(url)
    return RejectedError(f"{host}: {cause}", code=code, fault=Fault.MEMBER, sentence=sentence.format(host=host))


def _what_stands_there(html: str, url: str) -> str:
    """The code of what came in place of the page, or ""."""
    title = _TITLE.search(html)
    read = clean_text(f"{plain(title[1]) if title else ''} {plain(html)}")
    if len(read) > _LITTLE:
        return ""
    if _PASSWORD.search(html) and (_LOGIN_TITLE.search(title[1] if title else "") or _LOGIN_ADDRESS.search(url)):
        return "login_page"
    if _CAPTCHA_TEXT.search(read) or (_CAPTCHA.search(html) and len(read) < 5 * _NOTHING):
        return "captcha_page"
    if _FIREWALL_SOURCE.search(html) or _FIREWALL_TEXT.search(read):
        return "block_page"
    if len(read) < _NOTHING and _COOKIE.search(html) and _AGAIN.search(html):
        return "block_page"
    if _PARKED_TEXT.search(read):
        return "parked_domain"
    if _MAINTENANCE_TEXT.search(read):
        return "maintenance_page"
    if _ERROR_TEXT.search(read[:_BEGINNING]):
        return "error_page"
    return "login_page" if _PASSWORD.search(html) and len(read) < 10 * _NOTHING else ""
