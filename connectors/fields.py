"""Kinds of values that settings share, the hub's and those of connectors: durations, addresses, doors, tokens.

A kind says in one place how it is read, what it allows and how it is shown: faults of `hub check` and the reference
page of the settings quote it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, SecretStr

from connectors.addresses import Allowance, parse_allowance
from connectors.parse.url import web_url

_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a setting allows, in words, and how a value of it is written."""

    text: str
    written: Callable[[Any], str] | None = None  #: None: as the value shows itself


def seconds(value: object) -> float:
    """Read `"15m"`, `"1h30m"`, `"250ms"` or a number of seconds, as text too. Raises ValueError."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        text = value.strip()
        if _NUMBER.fullmatch(text):
            return float(text)
        parts = list(_PART.finditer(text))
        if parts and "".join(part[0] for part in parts) == text:
            return sum(float(part[1]) * _UNITS[part[2]] for part in parts)
    raise ValueError("not a duration")


def duration(seconds: float) -> str:
    """Seconds as `seconds` reads them: 5400 is `1h30m`."""
    text, left = "", round(seconds * 1_000)
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)):
        count, left = divmod(left, size)
        text += f"{count}{unit}" if count else ""
    return text or "0s"


def _allowance(value: object) -> Allowance:
    return value if isinstance(value, Allowance) else parse_allowance(str(value))


def _address(value: str) -> str:
    address = web_url(value).partition("#")[0]
    if not address:
        raise ValueError("not a web address")
    return address


def _fits_a_header(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("must be printable ASCII without blanks")  # the value is never quoted
    return value


def _absolute(path: str) -> str:
    if not path.startswith("/") or "\0" in path or ".." in path.split("/") or not path.strip("/"):
        raise ValueError("not an absolute path")
    return path.rstrip("/")


#: A span of time in seconds, more than nothing.
Seconds = Annotated[
    float,
    BeforeValidator(seconds),
    Field(gt=0, le=86_400, allow_inf_nan=False),
    Allowed('seconds, or a duration like "90s", "15m", "1h30m"; at most a day', duration),
]

#: Like Seconds, and may be nothing.
SecondsOrNone = Annotated[
    float,
    BeforeValidator(seconds),
    Field(ge=0, le=86_400, allow_inf_nan=False),
    Allowed('0, seconds, or a duration like "90s", "15m", "1h30m"; at most a day', duration),
]

#: A door in the address guard.
PrivateAddress = Annotated[
    Allowance,
    BeforeValidator(_allowance),
    PlainSerializer(str, return_type=str),
    Allowed('an address or network with one port, like "127.0.0.1:9100", "10.1.0.0/16:80", "[::1]:80"'),
]

#: Private addresses that may be dialled.
Allowances = frozenset[PrivateAddress]

#: An absolute http or https address, without its fragment.
WebAddress = Annotated[str, AfterValidator(_address), Allowed("an http or https address without user name")]

#: A folder on the hub's machine.
FolderPath = Annotated[str, AfterValidator(_absolute), Allowed("an absolute path, without .., of a folder")]

#: A secret that travels in a header.
HeaderSecret = Annotated[SecretStr, AfterValidator(_fits_a_header)]
