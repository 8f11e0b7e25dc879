"""The body of a message: what we write can be read, and whatever else arrives is refused without a crash."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import ConfigError
from hub.broker import connect
from hub.broker.base import KEY_LIMIT, KEYS_PER_MESSAGE, UnreadableError, chunks, decode, encode

KEY = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=KEY_LIMIT)


@given(st.lists(KEY, min_size=1, max_size=KEYS_PER_MESSAGE))
def test_what_is_written_can_be_read(keys: list[str]) -> None:
    assert decode(encode(keys)) == tuple(keys)


def test_the_format_is_compact_json_with_a_version() -> None:
    assert encode(["7", "8"]) == b'{"v":1,"keys":["7","8"]}'


@given(st.binary(max_size=200))
def test_any_bytes_are_keys_or_unreadable(body: bytes) -> None:
    try:
        keys = decode(body)
    except UnreadableError:
        return
    assert keys


@pytest.mark.parametrize(
    "message",
    [
        None, 7, "text", [], {}, {"v": 1}, {"keys": ["a"]}, {"v": 2, "keys": ["a"]}, {"v": "1", "keys": ["a"]},
        {"v": 1, "keys": []}, {"v": 1, "keys": "abc"}, {"v": 1, "keys": {"a": "b"}}, {"v": 1, "keys": [1]},
        {"v": 1, "keys": [""]}, {"v": 1, "keys": [None]}, {"v": 1, "keys": ["x" * (KEY_LIMIT + 1)]},
        {"v": 1, "keys": ["x"] * (KEYS_PER_MESSAGE + 1)},
    ],
)  # fmt: skip
def test_a_message_of_another_shape_is_unreadable(message: object) -> None:
    with pytest.raises(UnreadableError):
        decode(orjson.dumps(message))


def test_a_huge_body_is_unreadable_before_it_is_parsed() -> None:
    with pytest.raises(UnreadableError, match="too long"):
        decode(b"[" * 1_000_000)


def test_the_error_never_quotes_the_body() -> None:
    with pytest.raises(UnreadableError) as caught:
        decode(b'{"v": 1, "keys": "TUY\xe1\xbb\x86T M\xe1\xba\xacT"}')
    assert "TUY" not in str(caught.value)


@given(st.lists(KEY, max_size=3 * KEYS_PER_MESSAGE))
def test_portions_hold_all_keys_in_order_and_none_is_empty(keys: list[str]) -> None:
    portions = list(chunks(keys))
    assert [key for portion in portions for key in portion] == keys
    assert all(0 < len(portion) <= KEYS_PER_MESSAGE for portion in portions)


@pytest.mark.parametrize("url", ["redis://localhost", "http://hub:s3cret@localhost", "rabbit", "amqp.example:5672"])
def test_another_kind_of_broker_is_a_fault_of_the_settings(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        connect(url)
    assert "s3cret" not in str(caught.value)
    assert "broker.url" in caught.value.sentence
