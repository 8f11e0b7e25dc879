"""Reads JSON as sites write it: exact and fast first, then with the faults that programs make; values as texts.

body -> orjson -> tolerant (raw line ends in strings, NaN, half surrogate pairs, numbers beyond 64 bits)
     -> unwrapped from `<string>` (ASP.NET services) -> named refusal
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final

import orjson

from connectors.errors import RejectedError
from connectors.parse import xml
from connectors.parse.charset import decode
from connectors.parse.data.nodata import refuse_data, what_came_instead

#: Bytes of one body that are read.
BODY_LIMIT: Final = 8 * 1024 * 1024

#: Digits that no 64-bit integer surely holds: orjson would round such an identity to a float and merge neighbours.
_LONG_NUMBER: Final = re.compile(rb"[0-9]{19}")
_LONG_DIGITS: Final = 18
#: What only the tolerant parser lets in, and no encoder lets out.
_HALF_PAIR: Final = re.compile("[\ud800-\udfff]")
#: Values of a nested list that are looked at for texts.
_LOOKED_AT: Final = 10_000


def load(body: bytes, content_type: str) -> Any:
    """Parse a body. Raises RejectedError: `empty_body`, `bad_json`, `too_deep`, `too_large`, or what page came."""
    if len(body) > BODY_LIMIT:
        raise refuse_data("too_large")
    exact = body.removeprefix(b"\xef\xbb\xbf")
    if not _LONG_NUMBER.search(exact):
        try:
            return orjson.loads(exact)
        except orjson.JSONDecodeError:
            pass
    text = decode(body, content_type)[0].strip("\ufeff\0 \t\r\n")
    if text.startswith("<"):
        inside = _unwrapped(body, content_type)
        if inside is None:
            raise what_came_instead(text, "bad_json")
        text = inside
    return loads(text)


def loads(text: str) -> Any:
    """Parse a text, with the faults that programs make. Raises RejectedError as `load`."""
    try:
        return json.loads(text, strict=False, parse_int=_whole, parse_constant=lambda _: None)
    except RecursionError as error:
        raise refuse_data("too_deep") from error
    except ValueError as error:
        raise what_came_instead(text, "bad_json") from error


def texts_of(value: object) -> Iterator[str]:
    """A value as texts: numbers and truth as JSON writes them, lists one by one; objects and null say nothing."""
    waiting, looked_at = [value], 0
    while waiting and looked_at < _LOOKED_AT:
        one = waiting.pop()
        looked_at += 1
        if isinstance(one, list):
            waiting.extend(reversed(one[:_LOOKED_AT]))
        elif text := text_of(one):
            yield text


def text_of(value: object) -> str:
    """One value as a text; a whole number is written as one, whatever its type."""
    match value:
        case str():
            return _HALF_PAIR.sub("\ufffd", value)
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float() if math.isfinite(value):
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return ""


def canonical(value: object) -> bytes:
    """The same bytes for the same value, whatever the order of its keys."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # half a surrogate pair, which only the tolerant parser lets in; or nested too deep
        return _plainly(value)


def _plainly(value: object) -> bytes:
    try:
        return json.dumps(value, sort_keys=True).encode()
    except RecursionError as error:
        raise refuse_data("too_deep") from error


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONG_DIGITS else digits


def _unwrapped(body: bytes, content_type: str) -> str | None:
    """The text of an XML document that is nothing but a text: `<string xmlns="http://tempuri.org/">[…]</string>`."""
    try:
        document = xml.document(body, content_type)
        root = xml.parse(document.data) if document else None
    except (xml.NotWellFormedError, RejectedError):
        return None
    if root is None or len(root) or str(root.tag).rpartition("}")[2] != "string":
        return None
    return (root.text or "").strip()
