"""Pages that stand in the way are told from pages of the site, whatever words both use."""

import pytest

from connectors.errors import Fault, RejectedError
from connectors.parse.pages.blockpage import refuse_block_page

URL = "https://soyte.tinhmau.gov.vn/tin-tuc"
STORY = "Sáng 20/11, Sở Y tế tổ chức hội nghị triển khai công tác phòng, chống dịch tại các xã, phường. " * 30


def code_of(page: str, url: str = URL) -> str:
    try:
        refuse_block_page(page.encode(), url)
    except RejectedError as error:
        refused = error
    else:
        return ""
    assert refused.fault is Fault.MEMBER
    assert "soyte.tinhmau.gov.vn" in refused.sentence
    assert refused.sentence.endswith(".")
    return refused.code


CHALLENGES = [
    "<title>Just a moment...</title><script src='/cdn-cgi/challenge-platform/h/b/orchestrate'></script>",
    "<title>Attention Required! | Cloudflare</title><h1>Sorry, you have been blocked</h1>",
    "<html><body>The requested URL was rejected. Please consult with your administrator.<br>Your support ID is: 12"
    "</body></html>",
    "<script>document.cookie='D1N=0a1b2c;path=/';window.location.reload(true);</script>",
    "<html><head><script src='/_Incapsula_Resource?SWJIYLWA=1'></script></head><body></body></html>",
    "<h1>Yêu cầu của bạn đã bị từ chối</h1><p>Tường lửa ứng dụng web. Mã sự cố 8812.</p>",
    "<h1>Truy cập bị chặn</h1>",
]


@pytest.mark.parametrize("page", CHALLENGES)
def test_a_firewalls_page_is_known(page: str) -> None:
    assert code_of(page) == "block_page"


@pytest.mark.parametrize(
    "page",
    [
        "<title>Xác minh</title><p>Vui lòng xác nhận bạn không phải là người máy.</p><div class='g-recaptcha'></div>",
        "<form><p>Nhập mã xác nhận</p><input name='captcha'></form>",
        "<title>hcaptcha</title><script src='https://js.hcaptcha.com/1/api.js'></script>",
    ],
)
def test_a_captcha_is_known(page: str) -> None:
    assert code_of(page) == "captcha_page"


@pytest.mark.parametrize(
    "page",
    [
        "<title>Đăng nhập hệ thống</title><form><input type='text'><input type='password' name='p'></form>",
        "<form method=post><label>Tài khoản<input><label>Mật khẩu<input type=password></form>",
    ],
)
def test_a_login_page_is_known(page: str) -> None:
    assert code_of(page) == "login_page"


def test_a_redirect_to_a_login_address_with_a_password_field_is_a_login_page() -> None:
    page = "<h1>Cổng dịch vụ</h1><p>" + STORY[:1_000] + "</p><input type='password'>"
    assert code_of(page, "https://soyte.tinhmau.gov.vn/_layouts/15/Authenticate.aspx?Source=%2F") == "login_page"


@pytest.mark.parametrize(
    "page",
    [
        "<h1>soyte.tinhmau.gov.vn</h1><p>This domain is for sale! Buy this domain.</p>",
        "<p>Tên miền này đã hết hạn. Vui lòng liên hệ nhà đăng ký.</p>",
        "<h1>Account Suspended</h1>",
        "<h1>Website này đã bị tạm khóa</h1>",
    ],
)
def test_a_domain_that_is_no_longer_the_members_is_known(page: str) -> None:
    assert code_of(page) == "parked_domain"


@pytest.mark.parametrize("page", ["<h1>Website đang bảo trì</h1>", "<title>Under construction</title><p>Back soon"])
def test_a_closed_site_is_known(page: str) -> None:
    assert code_of(page) == "maintenance_page"


@pytest.mark.parametrize(
    "page",
    [
        "<title>503</title><h1>Service Unavailable</h1>",
        "<title>404 - File or directory not found.</title>",
        "<h1>Server Error in '/' Application.</h1><h2>Runtime Error</h2>",
        "<h1>Lỗi 404</h1><p>Trang bạn tìm không tồn tại</p>",
        "<h1>Error establishing a database connection</h1>",
    ],
)
def test_an_error_page_with_status_200_is_known(page: str) -> None:
    assert code_of(page) == "error_page"


@pytest.mark.parametrize(
    "extra",
    [
        "<form action='/login'>Đăng nhập <input type='password'></form>",
        "<script src='https://www.google.com/recaptcha/api.js'></script><p>Nhập mã xác nhận</p>",
        "<p>Trang đang nâng cấp giao diện; truy cập bị chặn ở phiên bản cũ.</p>",
        "<script>document.cookie = 'a=b'; function f() { location.reload() }</script>",
    ],
)
def test_a_page_with_something_to_read_passes_whatever_else_stands_there(extra: str) -> None:
    assert code_of(f"<html><title>Tin tức</title><body><p>{STORY}</p>{extra}</body></html>") == ""


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<ul></ul>",
        "<h1>Không có tin</h1>",
        "{}",
        "<h1>500 đại biểu dự Đại hội thi đua yêu nước tỉnh</h1><p>Sáng nay",
    ],
)
def test_a_page_that_says_nothing_is_none_of_these(page: str) -> None:
    assert code_of(page) == ""


def test_nothing_of_the_page_is_quoted() -> None:
    with pytest.raises(RejectedError) as caught:
        refuse_block_page("<h1>Truy cập bị chặn</h1><p>MẬT-0917</p>".encode(), URL + "?khoa=MẬT-0918")
    assert "MẬT" not in f"{caught.value}{caught.value.sentence}"


def test_the_declared_charset_is_honoured() -> None:
    with pytest.raises(RejectedError):
        refuse_block_page("<h1>Từ chối truy cập</h1>".encode("utf-16"), URL, "text/html; charset=utf-16")
