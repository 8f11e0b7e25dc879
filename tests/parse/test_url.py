"""The gate for addresses, the key for finding a page again, and the addresses that are asked for next."""

from time import process_time
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from connectors.parse.url import canonical_url, host_of, next_address, same_host, web_url, with_parameters
from schemas.item import ADDRESS_LIMIT

BASE = "https://soyte.example.gov.vn/tin-tuc/2026/"

#: Pieces of addresses, good and bad, to be put together in any order.
PIECES = """http https : / // @ ? # % %2f &amp; = . .. [ ] ::1 javascript: data: a.vn 127.0.0.1 0x7f 2130706433 ① 。 ế đ
    :80 www."""
pieces = st.lists(st.sampled_from([*PIECES.split(), "\\", " ", "\t", "\u202e", "\ud800"]), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://example.gov.vn/tin/1.html", "https://example.gov.vn/tin/1.html"),
        ("HTTP://Example.GOV.vn/Tin/1.HTML?A=b#C", "http://example.gov.vn/Tin/1.HTML?A=b#C"),
        ("  https://example.gov.vn/tin\n/1.html ", "https://example.gov.vn/tin/1.html"),
        ("https://example.gov.vn", "https://example.gov.vn"),
        ("https://example.gov.vn./a", "https://example.gov.vn/a"),
        ("https://example.gov.vn:8443/a", "https://example.gov.vn:8443/a"),
        ("https://example.gov.vn:/a", "https://example.gov.vn/a"),
        ("https://example.gov.vn/văn bản.pdf", "https://example.gov.vn/v%C4%83n%20b%E1%BA%A3n.pdf"),
        ("https://example.gov.vn/v%C4%83n?q=100%&x=[1]", "https://example.gov.vn/v%C4%83n?q=100%25&x=[1]"),
        ("https://example.gov.vn/a/../b", "https://example.gov.vn/a/../b"),
        ("https://tỉnh.example.vn/", "https://xn--tnh-dlz.example.vn/"),
        ("http://10.1.2.3/a", "http://10.1.2.3/a"),
        ("http://[2001:DB8::1]:81/a", "http://[2001:db8::1]:81/a"),
        ("http://so_y_te.example.vn/", "http://so_y_te.example.vn/"),
    ],
)
def test_an_absolute_address_passes_as_written_or_mended(text: str, url: str) -> None:
    assert web_url(text) == url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("/a.html", "https://soyte.example.gov.vn/a.html"),
        ("a.html", "https://soyte.example.gov.vn/tin-tuc/2026/a.html"),
        ("../a.html", "https://soyte.example.gov.vn/tin-tuc/a.html"),
        ("/./a/../b.html", "https://soyte.example.gov.vn/b.html"),
        ("?id=7", "https://soyte.example.gov.vn/tin-tuc/2026/?id=7"),
        ("//cdn.example.vn/a.jpg", "https://cdn.example.vn/a.jpg"),
        ("ảnh bìa.jpg", "https://soyte.example.gov.vn/tin-tuc/2026/%E1%BA%A3nh%20b%C3%ACa.jpg"),
        ("http://other.vn/x", "http://other.vn/x"),
    ],
)
def test_a_relative_address_is_resolved(text: str, url: str) -> None:
    assert web_url(text, BASE) == url


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "a.html", "/a.html", "//a.vn/", "www.example.vn",
        "javascript:alert(1)", "java\nscript:alert(1)", " JavaScript:alert(1)", "data:text/html,x",
        "ftp://a.vn/", "file:///etc/passwd", "mailto:a@b.vn", "tel:113",
        "http:a.vn", "http:/a.vn/", "https:", "https://", "http:///a", "http://a.vn\\@b.vn/", "http:\\\\a.vn",
        "/\\a.vn", "https://a.vn/b\\c", "https://user@a.vn/", "https://user:secret@a.vn/", "https://a.vn@b.vn/", "https://a.vn%40b.vn/",
        "http://127.1/", "http://0/", "http://2130706433/", "http://0x7f.1/", "http://0x7f000001/",
        "http://017700000001/", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://１２７.0.0.1/", "http://ｅxample.vn/",
        "http://[::1%eth0]/", "http://[::1", "http://[1.2.3.4]/", "http://[::1]x/", "http://a..vn/", "http://.vn/",
        "http://-a.vn/", "http://a.vn:0/", "http://a.vn:65536/", "http://a.vn:８０/", "http://a.vn:80x/",
        "http://a b.vn/", "http://a.vn\x00/", "http://a.vn/\x07b", "http://a.vn/\ud800", "http://" + "a" * 64 + ".vn/",
        "http://a.vn/" + "a" * ADDRESS_LIMIT, "http://a.vn/" + "ế" * 300,
    ],
)  # fmt: skip
def test_whatever_is_not_surely_a_web_address_is_refused(text: str) -> None:
    assert web_url(text) == ""


@pytest.mark.parametrize("text", ["javascript:alert(1)", "/\\a.vn", "tin:1.html", "//user@a.vn/", "http:a.html"])
def test_a_base_lets_nothing_more_through(text: str) -> None:
    assert web_url(text, BASE) == ""


@pytest.mark.parametrize("base", ["", "soyte.example.gov.vn", "javascript:1", "ftp://a.vn/"])
def test_a_bad_base_resolves_nothing(base: str) -> None:
    assert web_url("/a.html", base) == ""


@given(st.text(max_size=40) | pieces | pieces.map("http://".__add__), st.sampled_from(["", BASE]))
def test_what_passes_is_plain_short_and_passes_again(text: str, base: str) -> None:
    url = web_url(text, base)
    assert web_url(url, base) == url
    if url:
        parts = urlsplit(url)
        assert parts.scheme in ("http", "https")
        assert parts.hostname
        assert "@" not in parts.netloc
        assert url.isascii()
        assert url.isprintable()
        assert not set(url) & set(" \\\"'<>") - {"'"}
        assert len(url) <= ADDRESS_LIMIT


SAME = [
    "https://www.example.gov.vn/tin/bai-1.html?id=7&lang=vi",
    "http://example.gov.vn/tin/bai-1.html?lang=vi&id=7",
    "https://EXAMPLE.gov.vn:443/tin/bai-1.html/?id=7&lang=vi#binh-luan",
    "http://example.gov.vn:80/tin/b%61i-1.html?utm_source=zalo&id=7&lang=vi&fbclid=x&_x_tr_sl=vi&zarsrc=30",
    "http://example.gov.vn/tin/bai-1.html;jsessionid=A1B2?id=7&&lang=vi",
]


@pytest.mark.parametrize("text", SAME)
def test_the_same_page_has_one_key(text: str) -> None:
    assert canonical_url(text) == "example.gov.vn/tin/bai-1.html?id=7&lang=vi"


@pytest.mark.parametrize(
    "other",
    [
        "https://example.gov.vn/tin/bai-2.html?id=7&lang=vi",
        "https://example.gov.vn/tin/Bai-1.html?id=7&lang=vi",
        "https://example.gov.vn/tin/bai-1.html?id=8&lang=vi",
        "https://example.gov.vn:8080/tin/bai-1.html?id=7&lang=vi",
        "https://soyte.example.gov.vn/tin/bai-1.html?id=7&lang=vi",
        "https://example.gov.vn/tin%2Fbai-1.html?id=7&lang=vi",
    ],
)
def test_another_page_has_another_key(other: str) -> None:
    assert canonical_url(other) != canonical_url(SAME[0])


def test_a_text_that_is_no_address_has_no_key_and_no_host() -> None:
    assert canonical_url("urn:uuid:1") == ""
    assert canonical_url("/tin/1") == ""
    assert host_of("") == ""
    assert host_of("http://[::1") == ""


def test_the_host_stands_without_port_and_case() -> None:
    assert host_of("https://Soyte.Example.gov.vn:8443/a") == "soyte.example.gov.vn"
    assert host_of("http://[2001:db8::1]:81/") == "2001:db8::1"


@given(pieces.map("http://a.vn/".__add__))
def test_a_key_is_the_key_of_its_own_address(text: str) -> None:
    key = canonical_url(text)
    assert not key or canonical_url(f"https://{key}") == key


@pytest.mark.parametrize("text", ["http://" + "a." * 10**6, "%" * 10**6, " " * 10**6, "http://a.vn/" + "%" * 2000])
def test_hostile_addresses_cost_little(text: str) -> None:
    start = process_time()
    web_url(text, BASE)
    canonical_url(text)
    assert process_time() - start < 0.5


def test_a_host_is_the_same_with_and_without_www() -> None:
    assert same_host("https://www.tinhmau.gov.vn/a", "http://tinhmau.gov.vn:8080/")
    assert not same_host("https://tinhmau.gov.vn.evil.example/a", "https://tinhmau.gov.vn/")


@pytest.mark.parametrize(
    ("url", "made"),
    [
        ("https://x.vn/api", "https://x.vn/api?p=2"),
        ("https://x.vn/api?", "https://x.vn/api?p=2"),
        ("https://x.vn/api#tin?a", "https://x.vn/api?p=2"),
        ("https://x.vn/api?a=1", "https://x.vn/api?a=1&p=2"),
        ("https://x.vn/api?p=1&a=%2F&b", "https://x.vn/api?a=%2F&b&p=2"),
        ("https://x.vn/api?%70=1", "https://x.vn/api?p=2"),
        ("https://x.vn/api?pp=1&p=1&p=3", "https://x.vn/api?pp=1&p=2"),
    ],
)
def test_a_parameter_is_set_and_the_others_stay_as_they_are_written(url: str, made: str) -> None:
    assert with_parameters(url, [("p", "2"), ("rong", "")]) == made


def test_nothing_to_set_leaves_the_address() -> None:
    assert with_parameters("https://x.vn/api?a=%2F", [("a", "")]) == "https://x.vn/api?a=%2F"
    assert with_parameters("https://x.vn/api", []) == "https://x.vn/api"


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=40))
def test_any_parameter_arrives_as_it_is(name: str, value: str) -> None:
    made = with_parameters("https://x.vn/api?a=1", [(name, value)])
    assert made.isascii()
    assert URL(made, encoded=True).query[name] == value


def test_half_a_character_in_a_parameter_is_no_fault() -> None:
    assert with_parameters("https://x.vn/api", [("p", "a\ud800")]) == "https://x.vn/api?p=a%3F"


@pytest.mark.parametrize(
    ("href", "wanted"),
    [
        ("/tin?trang=2", "https://tin.x.vn:8443/tin?trang=2"),
        ("?trang=2#dau", "https://tin.x.vn:8443/api/tin?trang=2"),
        ("http://tin.x.vn/a", "https://tin.x.vn:8443/a"),
        ("https://www.tin.x.vn/a", "https://tin.x.vn:8443/a"),
        ("https://cu.x.vn/a", "https://tin.x.vn:8443/a"),
        ("https://evil.vn/a", ""),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_the_next_page_is_asked_for_at_home_or_not_at_all(href: str, wanted: str) -> None:
    # The page was answered by an older host, which redirects still lead to.
    assert next_address(href, at="https://cu.x.vn/api/tin", own="https://tin.x.vn:8443/api") == wanted
