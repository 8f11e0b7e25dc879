"""The small types of the settings: durations, rates, sizes, names. Each says in one place what it allows."""

import re
from dataclasses import dataclass
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator

from connectors.addresses import Allowance, parse_allowance
from connectors.parse.url import web_url
from hub.rules.routing import pattern


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a setting allows, in the words that `hub check` and the reference page show."""

    text: str


_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SIZES: Final = {"": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def seconds(value: object) -> float:
    """Read `"15m"`, `"1h30m"`, `"2s"` or a number of seconds. Raises ValueError."""
    found = _number(value)
    if found is None and isinstance(value, str):
        parts = _PART.findall(value)
        if parts and "".join(number + unit for number, unit in parts) == value:
            found = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if found is None or not 0 < found < 366 * 86_400:
        raise ValueError("not a duration")
    return found


def per_second(value: object) -> float:
    """Read `"20/s"`, `"10/m"` or `"100/h"` as calls per second. Raises ValueError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)/([smhd])", value) if isinstance(value, str) else None
    if match is None or not 0 < float(match[1]) <= 100_000:
        raise ValueError("not a rate")
    return float(match[1]) / _UNITS[match[2]]


def size(value: object) -> int:
    """Read `"4MiB"` or a number of bytes. Raises ValueError."""
    match = re.fullmatch(r"(\d+) ?(KiB|MiB|GiB|)", str(value)) if isinstance(value, int | str) else None
    if match is None or isinstance(value, bool) or not int(match[1]):
        raise ValueError("not a size")
    return int(match[1]) * _SIZES[match[2]]


def _number(value: object) -> float | None:
    """A number, also one that the environment gave as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    return None


def _matching(pattern: re.Pattern[str]) -> BeforeValidator:
    def check(value: object) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ValueError("not such a name")
        return value

    return BeforeValidator(check)


def _address(value: object) -> str:
    if not isinstance(value, str) or not (address := web_url(value)):
        raise ValueError("not a web address")
    return address


def _address_or_nothing(value: object) -> str:
    return "" if value == "" else _address(value)


def _zone(value: object) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (OSError, ValueError, KeyError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise ValueError("not a time zone") from error


def _allowance(value: object) -> Allowance:
    return value if isinstance(value, Allowance) else parse_allowance(str(value))


def _pattern(value: object) -> re.Pattern[str]:
    if isinstance(value, re.Pattern):
        return value
    try:
        return pattern(str(value))
    except re.error as error:
        raise ValueError(f"the pattern does not compile: {error}") from error


Duration = Annotated[
    float, BeforeValidator(seconds), Allowed('seconds, or a duration like "90s", "15m", "1h30m", "1d"; at most a year')
]
Rate = Annotated[float, BeforeValidator(per_second), Allowed('a rate like "20/s", "10/m", "100/h"')]
Size = Annotated[int, BeforeValidator(size), Allowed('bytes, or a size like "64KiB", "4MiB"')]
Name = Annotated[
    str,
    _matching(_NAME),
    Allowed("a name of lower-case letters, digits, - and _, at most 63, that begins with no sign"),
]
Code = Annotated[
    str, _matching(_CODE), Allowed("a code of letters, digits, dot, - and _, at most 64, that begins with no sign")
]
WebAddress = Annotated[str, BeforeValidator(_address), Allowed("an http or https address without user name")]
WebAddressOrNothing = Annotated[
    str, BeforeValidator(_address_or_nothing), Allowed('an http or https address without user name, or ""')
]
TimeZone = Annotated[str, BeforeValidator(_zone), Allowed('the name of a time zone, like "Asia/Ho_Chi_Minh"')]
PrivateAddress = Annotated[
    Allowance,
    BeforeValidator(_allowance),
    Allowed('an address or network with one port, like "127.0.0.1:9100", "10.1.0.0/16:80", "[::1]:80"'),
]
Pattern = Annotated[
    re.Pattern[str], BeforeValidator(_pattern), Allowed("a regular expression; upper and lower case are the same")
]
