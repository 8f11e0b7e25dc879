"""Addresses of pages: one parameter is set, the others stay as they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from connectors.parse.paging import with_parameter


@pytest.mark.parametrize(
    ("url", "made"),
    [
        ("https://x.vn/api", "https://x.vn/api?p=2"),
        ("https://x.vn/api?", "https://x.vn/api?p=2"),
        ("https://x.vn/api?a=1", "https://x.vn/api?a=1&p=2"),
        ("https://x.vn/api?p=1&a=%2F&b", "https://x.vn/api?a=%2F&b&p=2"),
        ("https://x.vn/api?%70=1", "https://x.vn/api?p=2"),
        ("https://x.vn/api?pp=1&p=1&p=3", "https://x.vn/api?pp=1&p=2"),
    ],
)
def test_one_parameter_is_set(url: str, made: str) -> None:
    assert with_parameter(url, "p", "2") == made


@given(st.text(min_size=1, max_size=20), st.text(max_size=40))
def test_any_token_arrives_as_it_is(name: str, value: str) -> None:
    made = with_parameter("https://x.vn/api?a=1", name, value)
    assert made.isascii()
    if name != "a" and not any("\ud800" <= c <= "\udfff" for c in name + value):
        assert URL(made, encoded=True).query[name] == value
