"""The inbox: nothing is fetched, a request is known by its signature, and hostile bodies end in our own words."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.base import Capture, SourceContext, Split, Unchanged
from connectors.errors import RejectedError
from connectors.http import Http
from connectors.sources.inbox import Config, Connector, sign, signature_of
from schemas.item import ITEM, Kind
from schemas.json_schema import FOLDER

KEY, NEXT = "khoa-thu-nhat-cua-so", "khoa-thu-hai-cua-so-"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
AT = "1795334400"
EXAMPLES = sorted((FOLDER.parent / "examples").glob("*.json"))


def config(**keys: Any) -> Config:
    return Config(**{"secret": KEY} | keys)


def split(body: bytes, **keys: Any) -> Split:
    context = SourceContext(name="hop-nhan", kind=Kind.NEWS, url="")
    capture = Capture(url="", content_type="application/json", body=body, fetched_at=NOW)
    return Connector(context, config(**keys)).split(capture, frozenset(), NOW)


def refused(body: bytes) -> str:
    with pytest.raises(RejectedError) as error:
        split(body)
    assert error.value.sentence
    return error.value.code


async def test_there_is_nothing_to_fetch(http: Http) -> None:
    context = SourceContext(name="hop-nhan", kind=Kind.NEWS, url="")
    assert await Connector(context, config()).fetch(http, {}) == Unchanged()
    assert not Config.addressed


def keys(*given: str) -> Iterator[str]:
    return iter(given)


@given(st.binary(max_size=100))
def test_either_key_of_the_member_signs_and_no_other(body: bytes) -> None:
    for key in (KEY, NEXT):
        digest = sign(key, AT, body)
        for written in (f"sha256={digest}", f" SHA256={digest.upper()} "):
            assert signature_of(keys(KEY, NEXT), AT, body, written) == digest, "one signature, however it is written"
        assert not signature_of(keys("khoa-cua-nguoi-khac"), AT, body, f"sha256={digest}")
        assert not signature_of(keys(KEY, NEXT), AT + "0", body, f"sha256={digest}")
        assert not signature_of(keys(KEY, NEXT), AT, body + b" ", f"sha256={digest}")
        assert not signature_of(keys(KEY, NEXT), AT, body, f"sha1={digest}")


@pytest.mark.parametrize("header", ["", "sha256", "sha256=", "sha256=é", "=", "sha256=" + "0" * 64])
def test_what_is_no_signature_proves_nothing(header: str) -> None:
    assert signature_of(keys(KEY), AT, b"", header) == ""


def test_a_short_key_is_refused_and_not_quoted() -> None:
    for short in ({"secret": "ngan"}, {"next_secret": "ngan"}):
        with pytest.raises(ValidationError, match="at least 16 characters") as error:
            config(**short)
        assert "ngan" not in str(error.value)
    assert list(config(next_secret=NEXT).keys()) == [KEY, NEXT]


def test_what_is_missing_from_a_push_says_nothing() -> None:
    assert split(b'{"items": []}').incremental
    assert split(b'<rss version="2.0"><channel><title>T</title></channel></rss>', reads="feed").incremental


def test_records_beyond_the_limit_fall_as_one() -> None:
    many = {"items": [{"guid": str(n), "title": "Tin"} for n in range(5)], "withdrawn": ["a", "b", "c"]}
    read = split(orjson.dumps(many), max_items=2)
    assert (len(read.records), len(read.tombstones), len(read.fingerprints)) == (2, 2, 2)
    assert [(one.pointer, one.code) for one in read.fallen] == [
        ("item 3 to 5", "too_many"), ("withdrawn 3 to 3", "too_many"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"items": {}}', "not_items"), (b'{"items": [], "withdrawn": 1}', "not_items"), (b"[]", "not_items"),
        (b"null", "not_items"), (b'{"items": [', "bad_json"), (b" " * 100, "empty_body"),
        (b'{"items": [' + b'{"a":' * 400 + b"1" + b"}" * 400 + b"]}", "too_deep"),
        (b'{"items": [' + b"[" * 5_000, "bad_json"), (b"{" + b" " * (8 * 1024 * 1024) + b"}", "too_large"),
        (b"<!doctype html><html><body>502</body></html>", "html_page"),
    ],
)  # fmt: skip
def test_what_holds_no_items_is_refused_by_name(body: bytes, code: str) -> None:
    assert refused(body) == code


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["guid", "title", "url", "published", "attachments", "authors", "tags", "at", "x"]), inner
        )
    ),
    max_leaves=20,
)


@given(st.lists(_JSON, max_size=4), st.lists(_JSON, max_size=4))
def test_whatever_stands_in_the_lists_each_entry_is_read_or_falls(items: list[Any], withdrawn: list[Any]) -> None:
    try:
        read = split(orjson.dumps({"items": items, "withdrawn": withdrawn}, default=str))
    except TypeError:  # an integer that JSON libraries do not write
        return
    assert len(read.records) + len(read.tombstones) + len(read.fallen) == len(items) + len(withdrawn)
    assert len(read.fingerprints) == len(items)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_item_of_our_schemas_may_be_sent_as_it_stands(path: Path) -> None:
    example = orjson.loads(path.read_bytes())
    context = SourceContext(name="hop-nhan", kind=Kind(example["kind"]), url="", language="vi")
    body = orjson.dumps({"items": [example]})
    capture = Capture(url="", content_type="application/json", body=body, fetched_at=NOW)
    inbox = Connector(context, config())
    [record] = inbox.split(capture, frozenset(), NOW).records
    made = inbox.normalise(record, capture)
    sent = ITEM.validate_python(example).model_dump(exclude={"language"})
    assert made.item.model_dump(exclude={"language"}) == sent


def test_fields_of_another_kind_are_passed_over() -> None:
    [record] = split(orjson.dumps({"items": [{"guid": "1", "title": "Tin", "number": "15/QĐ-UBND"}]})).records
    assert "details" not in record.fields
