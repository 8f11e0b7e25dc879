"""The API of a Zalo Official Account: calls with an access token, and what its error codes mean.

The HTTP status is 200 whatever happened: `{"error": 0, "message": …, "data": …}` is judged by its `error`, after
connectors/data/zalo.toml. A token that has ended is renewed once, and the call, of which nothing happened, made again.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import orjson

from connectors.addresses import Allowance
from connectors.base import Memory
from connectors.errors import (
    BlockedError,
    Fault,
    HubError,
    RejectedError,
    ThrottledError,
    TransientError,
    UnconfirmedError,
)
from connectors.outcomes import CameBack, Purpose, error_for
from connectors.parse.url import with_parameters
from connectors.zalotoken import Tokens

if TYPE_CHECKING:
    from connectors.http import Answer, Http

#: Bytes of an answer that are read.
ANSWER_LIMIT: Final = 4 * 1024 * 1024
#: Hours of the night, in Vietnam, in which nothing may be broadcast.
NIGHT_FROM, NIGHT_TO = 22, 6

_VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")


class Means(StrEnum):
    """What an error code means; the words of zalo.toml."""

    TOKEN = "token"
    WAIT = "wait"
    BLOCKED = "blocked"
    REJECTED = "rejected"
    PROCESSING = "processing"


class Until(StrEnum):
    """How long a wait lasts."""

    MINUTE = "minute"
    MIDNIGHT = "midnight"
    MORNING = "morning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of zalo.toml, for one code."""

    code: int
    means: Means
    until: Until | None
    name: str
    fault: Fault
    sentence: str


@lru_cache(maxsize=1)
def rows() -> Mapping[int, Row]:
    """The table of error codes."""
    table = tomllib.loads(resources.files("connectors.data").joinpath("zalo.toml").read_text(encoding="utf-8"))
    return {
        code: Row(
            code=code, means=Means(row["outcome"]), until=Until(row["until"]) if "until" in row else None,
            name=row["name"], fault=Fault(row["fault"]), sentence=row["sentence"],
        )
        for row in table["row"]
        for code in row["codes"]
    }  # fmt: skip


def is_night(now: datetime) -> bool:
    """Whether nothing may be broadcast now."""
    hour = now.astimezone(_VIETNAM).hour
    return hour >= NIGHT_FROM or hour < NIGHT_TO


def seconds_until(until: Until, now: datetime) -> float:
    """How long a wait lasts from now."""
    if until is Until.MINUTE:
        return 60.0
    here = now.astimezone(_VIETNAM)
    at = here.replace(hour=0 if until is Until.MIDNIGHT else NIGHT_TO, minute=0, second=0, microsecond=0)
    return (at + timedelta(days=at <= here) - here).total_seconds()


class ZaloApi:
    """The calls of one account."""

    def __init__(
        self, name: str, tokens: Tokens, *, base_url: str, timeout: float, allow: frozenset[Allowance]
    ) -> None:  # fmt: skip
        self._name, self._tokens = name, tokens
        self._base_url, self._timeout, self._allow = base_url.rstrip("/"), timeout, allow

    async def get(self, http: "Http", memory: Memory, path: str, query: Sequence[tuple[str, str]]) -> Mapping[str, Any]:
        """Read something; gives its `data`. Raises as a read does, RejectedError for what is not there."""
        return await self._call(
            http, memory, "GET", with_parameters(f"{self._base_url}/{path}", query), b"", reads=True
        )

    async def post(
        self, http: "Http", memory: Memory, path: str, fields: Mapping[str, Any], *, reads: bool = False
    ) -> Mapping[str, Any]:
        """Do something; gives its `data`. What `reads` has no effect."""
        return await self._call(http, memory, "POST", f"{self._base_url}/{path}", orjson.dumps(fields), reads=reads)

    async def _call(
        self, http: "Http", memory: Memory, method: str, url: str, body: bytes, *, reads: bool
    ) -> Mapping[str, Any]:
        token = await self._tokens.access(http, memory)
        try:
            return await self._once(http, method, url, body, token, reads=reads)
        except BlockedError as error:
            if error.code != "zalo_token":
                raise
        token = await self._tokens.access(http, memory, spent=token)
        return await self._once(http, method, url, body, token, reads=reads)

    async def _once(
        self, http: "Http", method: str, url: str, body: bytes, token: str, *, reads: bool
    ) -> Mapping[str, Any]:
        purpose = Purpose.READ if reads else Purpose.SEND_ONCE
        headers = {"access_token": token} | ({"Content-Type": "application/json"} if body else {})
        try:
            answer = await http.send(
                method, url, body=body, headers=headers, timeout=self._timeout, allow=self._allow, repeatable=False,
                answer_limit=ANSWER_LIMIT,
            )  # fmt: skip
        except UnconfirmedError as error:
            raise error if not reads else error_for(CameBack(error.code), purpose, str(error)) from None
        read = _object(answer)
        code = read.get("error") if read is not None else None
        if read is None or not isinstance(code, int):
            raise error_for(CameBack.UNREADABLE, purpose, f"{self._name}: {method} answered with no JSON of Zalo")
        if code != 0:
            raise self._error(code, method, purpose, http.now())
        data = read.get("data")
        return data if isinstance(data, dict) else {}

    def _error(self, code: int, method: str, purpose: Purpose, now: datetime) -> HubError:
        row, cause = rows().get(code), f"{self._name}: {method} answered {code}"
        if row is None:
            return error_for(CameBack.UNREADABLE, purpose, cause)
        match row.means:
            case Means.WAIT:
                told = seconds_until(row.until or Until.MINUTE, now)
                return ThrottledError(cause, retry_after=told, sentence=row.sentence)
            case Means.REJECTED:
                return RejectedError(cause, code=row.name, fault=row.fault, sentence=row.sentence)
            case Means.PROCESSING:
                return TransientError(cause, code=row.name, fault=row.fault, sentence=row.sentence)
        return BlockedError(cause, code=row.name, fault=row.fault, sentence=row.sentence)


def _object(answer: "Answer") -> Mapping[str, Any] | None:
    """The answer's object; None when it is none, or not whole."""
    try:
        read = orjson.loads(answer.body) if not answer.cut else None
    except orjson.JSONDecodeError:
        return None
    return read if isinstance(read, dict) else None
