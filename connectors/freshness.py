"""What an answer says about when to come back: Retry-After, Cache-Control, and the validators of a conditional GET."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from connectors.base import Cursor

DAY: Final = 86_400.0

#: Keys of a cursor that make a GET of the same address a conditional one.
_VALIDATORS: Final = ("etag", "last_modified", "answered_by")

#: Longest validator that is kept, in characters; a longer one is dropped, and the next GET is unconditional.
_VALIDATOR_LIMIT: Final = 1_000

_MAX_AGE: Final = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,12})", re.IGNORECASE)


def retry_after(value: str, now: datetime, *, longest: float = DAY) -> float | None:
    """Seconds to wait as a Retry-After header says (RFC 9110 10.2.3), at most `longest`; None when it says nothing.

    Both forms are read: seconds, and an HTTP date, which counts from `now`. A date in the past is 0.
    """
    value = value.strip()
    if re.fullmatch(r"\d{1,12}(?:\.\d{1,6})?", value):
        return min(float(value), longest)
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # "99 Dec 31 999999999999:00:00" is too much for the standard library
        return None
    if at.tzinfo is None:  # "-0000": UTC by RFC 5322
        at = at.replace(tzinfo=UTC)
    return min(max(0.0, (at - now).total_seconds()), longest)


def max_age(cache_control: str) -> float | None:
    """Seconds for which a Cache-Control header calls the answer fresh, at most a day; None when it names none."""
    if re.search(r"\bno-(?:cache|store)\b", cache_control, re.IGNORECASE):
        return None
    match = _MAX_AGE.search(cache_control)
    return min(float(match[1]), DAY) if match else None


def conditional_headers(cursor: Cursor, url: str, asked: str) -> dict[str, str]:
    """Headers that ask only for what changed since `cursor`; none when another address gave the validators.

    A site that moved may hold an older copy: a date from the old address would hide its first entries for ever.
    """
    if cursor.get("answered_by", asked) != url:
        return {}
    pairs = (("If-None-Match", cursor.get("etag")), ("If-Modified-Since", cursor.get("last_modified")))
    return {name: value for name, value in pairs if value}


def validators_of(cursor: Cursor) -> dict[str, str]:
    """What a cursor keeps for a conditional GET, whatever else a connector keeps in it."""
    return {key: cursor[key] for key in _VALIDATORS if key in cursor}


def new_cursor(headers: Mapping[str, str], url: str, asked: str) -> dict[str, str]:
    """The cursor after a body: only what this answer sent, so that a body without validators clears the old ones."""
    pairs = (("etag", headers.get("ETag", "")), ("last_modified", headers.get("Last-Modified", "")))
    cursor = {key: value for key, value in pairs if value.isprintable() and 0 < len(value) <= _VALIDATOR_LIMIT}
    if cursor and url != asked:
        cursor["answered_by"] = url
    return cursor
