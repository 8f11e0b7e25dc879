"""Headers that say when to come back, and the cursor of a conditional GET."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.freshness import DAY, conditional_headers, max_age, new_cursor, retry_after
from tests.clock import START


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120), (" 0 ", 0), ("1.5", 1.5), ("999999999", DAY), ("", None), ("soon", None), ("-5", None),
        ("1e9", None),
        ("Mon, 02 Mar 2026 01:02:00 GMT", 120), ("Monday, 02-Mar-26 01:02:00 GMT", 120),
        ("Mon Mar  2 01:02:00 2026", 120),
        ("Mon, 02 Mar 2026 08:02:00 +0700", 120), ("Mon, 02 Mar 2026 00:00:00 GMT", 0),
        ("Fri, 01 Jan 2100 00:00:00 GMT", DAY),
        ("Mon, 99 Mar 2026 01:02:00 GMT", None),
        ("Dec 31 1 999999999999999999:00:00", None), ("Mon, 02 Mar 2026 01:02:00 +99999999999999999999", None),
    ],
)  # fmt: skip
def test_retry_after_is_read_in_both_forms_and_capped(value: str, seconds: float | None) -> None:
    assert retry_after(value, START) == seconds


@given(st.text(max_size=60))
def test_retry_after_never_fails_and_stays_in_bounds(value: str) -> None:
    assert 0 <= (retry_after(value, START) or 0) <= DAY


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("max-age=600", 600), ("public, max-age=60, must-revalidate", 60), ('MAX-AGE="30"', 30), ("max-age = 5", 5),
        ("no-cache, max-age=600", None), ("no-store", None), ("s-maxage=60", None), ("", None), ("max-age=-1", None),
        ("max-age=999999999", DAY), ("max-age=1" + "0" * 400, DAY),
    ],
)  # fmt: skip
def test_cache_control_is_read_for_its_max_age(value: str, seconds: float | None) -> None:
    assert max_age(value) == seconds


def test_a_body_without_validators_clears_the_old_ones() -> None:
    assert new_cursor({}, "http://a.vn/", "http://a.vn/") == {}


def test_validators_that_cannot_be_sent_back_are_dropped() -> None:
    assert new_cursor({"ETag": '"a\x00"', "Last-Modified": "x" * 2_000}, "http://a.vn/", "http://a.vn/") == {}


def test_validators_are_only_given_back_to_the_address_that_gave_them() -> None:
    asked, other = "http://a.vn/rss", "https://b.vn/rss"
    moved = new_cursor({"ETag": '"1"'}, other, asked)
    assert conditional_headers(moved, other, asked) == {"If-None-Match": '"1"'}
    assert conditional_headers(moved, asked, asked) == {}
    stayed = new_cursor({"ETag": '"1"', "Last-Modified": "x"}, asked, asked)
    assert stayed == {"etag": '"1"', "last_modified": "x"}
    assert conditional_headers(stayed, other, asked) == {}
