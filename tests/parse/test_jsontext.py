"""JSON as sites write it: exact where it is sound, tolerant where a program made it, refused by name otherwise."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import RejectedError
from connectors.parse.data.jsontext import canonical, load, loads, text_of, texts_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_sound_json_is_read_as_it_is(value: object) -> None:
    assert load(orjson.dumps(value), "application/json") == value
    assert loads(orjson.dumps(value).decode()) == value


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": "x\ny\t"}', {"a": "x\ny\t"}),
        (b'[NaN, Infinity, -Infinity, 1]', [None, None, None, 1]),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b"[9007199254740993123, 9007199254740993124]", ["9007199254740993123", "9007199254740993124"]),
        (b"[123456789012345678]", [123456789012345678]),
        (b"[" + b"9" * 10_000 + b"]", ["9" * 10_000]),
        (b'["\\ud83d"]', ["\ud83d"]),
        (b'<?xml version="1.0"?><string xmlns="http://tempuri.org/">{"a":"&lt;b&gt;"}</string>', {"a": "<b>"}),
        ('{"a": "Quyết định"}'.encode("utf-16"), {"a": "Quyết định"}),
        (b"null", None),
    ],
)  # fmt: skip
def test_what_programs_get_wrong_is_read(body: bytes, value: object) -> None:
    assert load(body, "application/json") == value


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_body"),
        (b" \r\n\0", "empty_body"),
        (b"{", "bad_json"),
        (b'{"a": 1} x', "bad_json"),
        (b"{'a': 1}", "bad_json"),
        (b"<string>{</string>", "bad_json"),
        (b"<loi>x</loi>", "bad_json"),
        (b"[" * 100_000, "too_deep"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "too_deep"),
        (b"<html><form><input type='password'></form></html>", "login_page"),
        (b"[" + b" " * 8 * 1024 * 1024 + b"]", "too_large"),
    ],
)
def test_what_is_no_json_is_refused_by_name(body: bytes, code: str) -> None:
    with pytest.raises(RejectedError) as refused:
        load(body, "")
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"), (False, "false"), (0, "0"), (12.0, "12"), (12.5, "12.5"), (1e300, "1e+300"), (None, ""),
        ({}, ""), (float("nan"), ""), (float("inf"), ""), ("\ud83d x", "\ufffd x"),
    ],
)  # fmt: skip
def test_a_value_is_a_text(value: object, text: str) -> None:
    assert text_of(value) == text


def test_lists_are_read_in_their_order_at_any_depth_and_bounded() -> None:
    assert list(texts_of(["a", ["b", [None, {"x": 1}, 3]], "", "c"])) == ["a", "b", "3", "c"]
    deep: list[object] = ["end"]
    for _ in range(100_000):
        deep = [deep]
    assert list(texts_of(deep)) == []
    assert len(list(texts_of(["x"] * 1_000_000))) < 10_001


@given(VALUES)
def test_the_order_of_keys_does_not_change_what_is_canonical(value: object) -> None:
    def turned(one: object) -> object:
        if isinstance(one, dict):
            return {key: turned(inner) for key, inner in reversed(one.items())}
        return [turned(inner) for inner in one] if isinstance(one, list) else one

    assert canonical(value) == canonical(turned(value))


def test_what_orjson_does_not_write_is_canonical_too() -> None:
    assert canonical(["\ud83d"]) == b'["\\ud83d"]'
