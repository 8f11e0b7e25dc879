"""JSON of content systems: loading what servers make of it, picking values, cutting into records."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Capture
from connectors.errors import RejectedError
from connectors.parse.data.apis import PAGE_LIMIT, Gone, fill, glance, listed, load, newest, split_list, string, value
from connectors.parse.entry import Entry

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    "before",
    [b"", b"\xef\xbb\xbf", b"\r\n ", "<br />\n<b>Warning</b>: mảng [lang] trong /home/x.php:21<br />\n".encode()],
)
def test_json_is_found_behind_what_servers_print_before_it(before: bytes) -> None:
    assert load(before + b'[{"id": 1, "title": "Tin"}]', "text/html") == [{"id": 1, "title": "Tin"}]


def test_a_page_with_data_in_a_script_is_a_page() -> None:
    page = b'<!doctype html><html><body><script>var a = [{"id": 1}];</script></body></html>'
    with pytest.raises(RejectedError) as refused:
        load(page, "text/html")
    assert refused.value.code == "html_page"


@given(st.binary(max_size=200))
def test_whatever_bytes_come_they_are_read_or_refused_by_name(body: bytes) -> None:
    refusal = None
    try:
        load(body, "application/json")
    except RejectedError as refused:
        refusal = refused
    assert refusal is None or (refusal.code != "rejected" and refusal.sentence.endswith("."))


@given(ANYTHING)
def test_values_are_picked_from_anything_without_a_fault(found: Any) -> None:
    assert isinstance(string(found, "a", 0, "b"), str)
    assert isinstance(listed(found, "a"), list)
    assert value({"a": [found]}, "a", 0) == found
    assert newest([found], ("a",), timezone="UTC") is None or isinstance(found, dict)


def test_an_object_stands_for_a_list_of_one_and_a_number_for_a_text() -> None:
    assert listed({"data": {"id": 7}}, "data") == [{"id": 7}]
    assert (string({"id": 7}, "id"), string({"id": True}, "id"), string({"id": [7]}, "id")) == ("7", "", "")


@pytest.mark.parametrize(
    ("template", "link"),
    [("/tin/{ID}", "/tin/12"), ("/tin?t={Ten}", "/tin?t=c%C3%B4ng%20b%E1%BB%91%26x%3D1"), ("/tin/{Thieu}", ""),
     ("/w/{duong}", "/w/a/b-c")],
)  # fmt: skip
def test_a_link_is_filled_with_escaped_values_or_left_out(template: str, link: str) -> None:
    assert fill(template, {"ID": 12, "Ten": "công bố&x=1", "duong": "a/b-c"}) == link


def read(item: Any) -> Entry | Gone | None:
    return {"gone": Gone(item["id"]), "draft": None}.get(item["state"], Entry(id=item["id"]))


def items(*states: str) -> list[Any]:
    return [{"id": str(place), "state": state} for place, state in enumerate(states)]


def test_every_piece_has_a_fingerprint_and_known_ones_are_not_read_again() -> None:
    rows = [*items("live", "gone", "draft"), "chữ"]
    whole = split_list(rows, read, format="x", known=frozenset(), incremental=True)
    assert [record.pointer for record in whole.records] == ["item 1"]
    assert [stone.guid for stone in whole.tombstones] == ["1"]
    assert [(one.pointer, one.code) for one in whole.fallen] == [("item 4", "bad_json")]
    assert len(set(whole.fingerprints)) == 4
    again = split_list(rows, read, format="x", known=frozenset(whole.fingerprints), incremental=True)
    assert [*again.records, *again.tombstones, *again.fallen] == []
    assert again.fingerprints == whole.fingerprints


def test_what_an_item_is_made_from_beside_itself_changes_its_fingerprint() -> None:
    marks = [
        split_list(items("live"), read, format="x", known=frozenset(), incremental=False, context=lambda _, t=tag: t)
        for tag in ("Y tế", "Giáo dục")
    ]
    assert marks[0].fingerprints != marks[1].fingerprints


def test_a_page_of_ten_thousand_items_is_read_to_its_limit_and_says_so() -> None:
    split = split_list(items(*["live"] * 10_000), read, format="x", known=frozenset(), incremental=False)
    assert len(split.records) == len(split.fingerprints) == PAGE_LIMIT
    assert [one.code for one in split.fallen] == ["too_many"]


async def test_a_glance_at_what_is_no_json_sees_nothing_and_raises_nothing() -> None:
    async def seen(body: bytes) -> Any:
        return await glance(Capture(url="", content_type="", body=body, fetched_at=datetime(2026, 11, 20, tzinfo=UTC)))

    assert await seen(orjson.dumps({"a": 1})) == {"a": 1}
    assert await seen(b"<html>") is None
    assert await seen(b"") is None
