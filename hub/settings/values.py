"""The small types of the hub's own settings: durations, rates, sizes, names. Each says in one place what it allows.

Those that connectors use too stand in connectors/fields.py.
"""

import re
from datetime import time
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field

from connectors import fields
from connectors.fields import Allowed
from connectors.parse.url import web_url
from hub.rules.routing import Window, pattern

_PERIODS: Final = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_SIZES: Final = {"": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ATOM, _LABEL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+", r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
_MAIL_ADDRESS: Final = re.compile(rf"{_ATOM}(\.{_ATOM})*@{_LABEL}(\.{_LABEL})*")
_LONGEST_MAIL_ADDRESS: Final = 254


def seconds(value: object) -> float:
    """Read a duration of more than nothing and at most a year, in seconds. Raises ValueError."""
    found = fields.seconds(value)
    if not 0 < found < 366 * 86_400:
        raise ValueError("not a duration")
    return found


def seconds_or_none(value: object) -> float:
    """Like `seconds`, and may be nothing. Raises ValueError."""
    return 0.0 if fields.seconds(value) == 0 else seconds(value)


def per_second(value: object) -> float:
    """Read `"20/s"`, `"10/m"` or `"100/h"` as calls per second. Raises ValueError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)/([smhd])", value) if isinstance(value, str) else None
    if match is None or not 0 < float(match[1]) <= 100_000:
        raise ValueError("not a rate")
    return float(match[1]) / _PERIODS[match[2]]


def size(value: object) -> int:
    """Read `"4MiB"` or a number of bytes. Raises ValueError."""
    match = re.fullmatch(r"(\d+) ?(KiB|MiB|GiB|)", str(value)) if isinstance(value, int | str) else None
    if match is None or isinstance(value, bool) or not int(match[1]):
        raise ValueError("not a size")
    return int(match[1]) * _SIZES[match[2]]


def _rate(per_second: float) -> str:
    return f"{per_second:g}/s"


def _size(count: int) -> str:
    unit = next(unit for unit in ("GiB", "MiB", "KiB", "") if count % _SIZES[unit] == 0)
    return f"{count // _SIZES[unit]}{unit}"


def _matching(pattern: re.Pattern[str]) -> BeforeValidator:
    def check(value: object) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ValueError("not such a name")
        return value

    return BeforeValidator(check)


def _address_or_nothing(value: object) -> str:
    if value == "":
        return ""
    if not isinstance(value, str) or not (address := web_url(value)):
        raise ValueError("not a web address")
    return address


def mail_address(value: object) -> str:
    """A mail address, its domain in lower case. Raises ValueError."""
    if not isinstance(value, str) or len(value) > _LONGEST_MAIL_ADDRESS or not _MAIL_ADDRESS.fullmatch(value):
        raise ValueError("not a mail address")
    local, _, domain = value.rpartition("@")
    return f"{local}@{domain.lower()}"


def _mail_address_or_nothing(value: object) -> str:
    return "" if value == "" else mail_address(value)


def _zone(value: object) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (OSError, ValueError, KeyError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise ValueError("not a time zone") from error


def _pattern(value: object) -> re.Pattern[str]:
    if isinstance(value, re.Pattern):
        return value
    try:
        return pattern(str(value))
    except re.error as error:
        raise ValueError(f"the pattern does not compile: {error}") from error


def hours(value: object) -> Window:
    """Hours of the day like "22:00-06:00"; they may run over midnight."""
    if isinstance(value, Window):
        return value
    begin, _, end = str(value).partition("-")
    try:
        window = Window(time.fromisoformat(begin.strip()), time.fromisoformat(end.strip()))
    except ValueError:
        raise ValueError("not hours of the day") from None
    if window.begin == window.end or window.begin.tzinfo or window.end.tzinfo:
        raise ValueError("not hours of the day")
    return window


Hours = Annotated[Window, BeforeValidator(hours), Allowed('hours of the day like "22:00-06:00"')]
Duration = Annotated[
    float,
    BeforeValidator(seconds),
    Allowed('seconds, or a duration like "90s", "15m", "1h30m", "1d"; at most a year', fields.duration),
]
DurationOrNone = Annotated[
    float,
    BeforeValidator(seconds_or_none),
    Allowed('0, seconds, or a duration like "90s", "15m", "1h30m", "1d"; at most a year', fields.duration),
]
Rate = Annotated[float, BeforeValidator(per_second), Allowed('a rate like "20/s", "10/m", "100/h"', _rate)]
Size = Annotated[int, BeforeValidator(size), Allowed('bytes, or a size like "64KiB", "4MiB"', _size)]
Name = Annotated[
    str,
    _matching(_NAME),
    Allowed("a name of lower-case letters, digits, - and _, at most 63, that begins with no sign"),
]
Code = Annotated[
    str, _matching(_CODE), Allowed("a code of letters, digits, dot, - and _, at most 64, that begins with no sign")
]
WebAddressOrNothing = Annotated[
    str, BeforeValidator(_address_or_nothing), Allowed('an http or https address without user name, or ""')
]
MailAddress = Annotated[
    str, BeforeValidator(mail_address), Allowed('a mail address like "toa-soan@tinhmau.gov.vn", in ASCII')
]
MailAddressOrNothing = Annotated[
    str,
    BeforeValidator(_mail_address_or_nothing),
    Allowed('a mail address like "hub@tinhmau.gov.vn", in ASCII, or ""'),
]
OneLine = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f\x85\u2028\u2029]*$"), Allowed("text of one line")]
TimeZone = Annotated[str, BeforeValidator(_zone), Allowed('the name of a time zone, like "Asia/Ho_Chi_Minh"')]
Pattern = Annotated[
    re.Pattern[str], BeforeValidator(_pattern), Allowed("a regular expression; upper and lower case are the same")
]
