"""Kinds of values that connector settings share: durations, doors in the address guard, tokens, web addresses."""

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, SecretStr

from connectors.addresses import Allowance, parse_allowance
from connectors.parse.url import web_url

_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?")
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, None: 1.0}


def seconds(value: Any) -> Any:
    """`"30s"`, `"15m"`, `"1h"`, `"250ms"` or a number as seconds; anything else is left for pydantic to refuse."""
    if isinstance(value, str) and (match := _DURATION.fullmatch(value.strip())):
        return float(match[1]) * _UNITS[match[2]]
    return value


def _allowances(value: Any) -> Any:
    if isinstance(value, list | tuple | set | frozenset):
        return frozenset(parse_allowance(entry) if isinstance(entry, str) else entry for entry in value)
    return value


def _address(value: str) -> str:
    url = web_url(value).partition("#")[0]
    if not url:
        raise ValueError("must be a whole http:// or https:// address, without a user name")
    return url


def _fits_a_header(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("must be printable ASCII without blanks")  # the value is never quoted
    return value


#: A span of time in seconds, more than nothing; in settings.toml also "30s", "15m", "1h".
Seconds = Annotated[float, BeforeValidator(seconds), Field(gt=0, le=86_400, allow_inf_nan=False)]

#: Like Seconds, and may be nothing.
SecondsOrNone = Annotated[float, BeforeValidator(seconds), Field(ge=0, le=86_400, allow_inf_nan=False)]

#: Private addresses that may be dialled: "127.0.0.1:9200", "10.1.0.0/16:8080".
Allowances = Annotated[
    frozenset[Allowance],
    BeforeValidator(_allowances),
    PlainSerializer(lambda doors: sorted(str(door) for door in doors), return_type=list[str]),
]

#: An absolute http or https address.
WebAddress = Annotated[str, AfterValidator(_address)]

#: A secret that travels in a header.
HeaderSecret = Annotated[SecretStr, AfterValidator(_fits_a_header)]
