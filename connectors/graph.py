"""The Graph API of Facebook as a Page needs it: calls, what error codes mean, and how much of the budget is used.

The token travels in a header, so no address ever holds it. What Facebook answers is judged by its own codes, whatever
the HTTP status: connectors/data/graph.toml has a row for each. An answer that is no JSON is judged by its status.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from importlib import resources
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

import orjson

from connectors.addresses import Allowance
from connectors.errors import (
    BlockedError,
    Fault,
    HubError,
    RejectedError,
    ThrottledError,
    TransientError,
    UnconfirmedError,
)
from connectors.exchange import refusal
from connectors.freshness import retry_after
from connectors.outcomes import CameBack, Purpose, error_for
from connectors.parse.url import host_of

if TYPE_CHECKING:
    from connectors.http import Answer, Http

#: Bytes of an answer that are read; a page of a hundred long posts.
ANSWER_LIMIT: Final = 8 * 1024 * 1024
#: Percent of a budget above which only withdrawals are sent, and at which nothing is.
SLOW, STOP = 80.0, 100.0
#: Seconds to leave where the headers name no time: budgets are counted over a sliding hour.
SLOW_PAUSE, STOP_PAUSE = 300.0, 3_600.0
#: Longest wait that is believed, in seconds.
LONGEST_PAUSE: Final = 24 * 3_600.0

_ANY_FAILURE: Final = frozenset(range(400, 600))
_USAGE_HEADERS: Final = ("X-App-Usage", "X-Page-Usage", "X-Business-Use-Case-Usage")
_PERCENTS: Final = ("call_count", "total_cputime", "total_time")
_REGAIN: Final = "estimated_time_to_regain_access"


class Means(StrEnum):
    """What an error code means; the words of graph.toml."""

    UNKNOWN = "unknown"
    WAIT = "wait"
    BLOCKED = "blocked"
    REJECTED = "rejected"
    GONE = "gone"
    TWICE = "twice"
    UNSCRAPED = "unscraped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of graph.toml."""

    first: int
    last: int
    subcodes: tuple[int, ...]  #: empty: any
    means: Means
    name: str
    fault: Fault
    sentence: str


class GoneError(RejectedError):
    """There is no such post."""


class TwiceError(UnconfirmedError):
    """The page has such a post already."""


class UnscrapedError(TransientError):
    """The page behind the link could not be read."""


@lru_cache(maxsize=1)
def rows() -> tuple[Row, ...]:
    """The table of error codes, in the order in which it is tried."""
    table = tomllib.loads(resources.files("connectors.data").joinpath("graph.toml").read_text(encoding="utf-8"))
    return tuple(
        Row(
            first=first, last=last, subcodes=tuple(row.get("subcodes", ())), means=Means(row["outcome"]),
            name=row["name"], fault=Fault(row["fault"]), sentence=row["sentence"],
        )
        for row in table["row"]
        for first, last in ([(row["from"], row["to"])] if "from" in row else [(code, code) for code in row["codes"]])
    )  # fmt: skip


def row_of(code: int, subcode: int) -> Row | None:
    """What an error means; None for a code that nobody has listed."""
    return next(
        (row for row in rows() if row.first <= code <= row.last and (not row.subcodes or subcode in row.subcodes)), None
    )


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of the budget is used, by the fullest of all counters."""

    percent: float = 0.0
    regain: float = 0.0  #: seconds until access is given again, where Facebook names them

    @property
    def pause(self) -> float:
        """Seconds to leave before the next call; 0: none."""
        if self.percent < SLOW and not self.regain:
            return 0.0
        return min(self.regain or (STOP_PAUSE if self.percent >= STOP else SLOW_PAUSE), LONGEST_PAUSE)


def usage_of(headers: Mapping[str, str]) -> Usage:
    """What the usage headers say; odd ones say nothing."""
    percent = regain = 0.0
    for name in _USAGE_HEADERS:
        for counter in _counters(headers.get(name, "")):
            percent = max(percent, *(_number(counter.get(key)) for key in _PERCENTS))
            regain = max(regain, 60 * _number(counter.get(_REGAIN)))
    return Usage(percent, regain)


def _counters(value: str) -> Sequence[Mapping[str, Any]]:
    try:
        read = orjson.loads(value) if value else None
    except orjson.JSONDecodeError:
        return ()
    if not isinstance(read, dict):
        return ()
    # By business and type: {"<id>": [{"type": "pages", "call_count": ..}]}; the other two are one flat object.
    listed = [one for many in read.values() if isinstance(many, list) for one in many if isinstance(one, dict)]
    return [read, *listed]


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e6 else 0.0


@dataclass(frozen=True, slots=True)
class File:
    """A file of a form."""

    name: str
    content_type: str
    body: bytes


class Graph:
    """One Page's conversation with the API."""

    def __init__(
        self, name: str, *, base_url: str, version: str, token: str, timeout: float, allow: frozenset[Allowance]
    ) -> None:
        self._name, self._root, self._timeout, self._allow = name, f"{base_url}/{version}", timeout, allow
        self._authorised = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self._usage, self._paused_until = Usage(), datetime.min

    def __repr__(self) -> str:
        return f"Graph({self._name!r}, {self._root!r})"

    def may_call(self, now: datetime, *, urgent: bool = False) -> None:
        """Raises ThrottledError while the budget is nearly used; a withdrawal (`urgent`) may use what is left."""
        left = (self._paused_until - now.replace(tzinfo=None)).total_seconds()
        if left > 0 and not (urgent and self._usage.percent < STOP and not self._usage.regain):
            raise ThrottledError(
                f"{self._name}: {self._usage.percent:.0f} % of the budget is used", retry_after=left, sentence=_SLOWING
            )

    async def get(self, http: "Http", path: str, **parameters: str) -> Mapping[str, Any]:
        """Read. Raises as Source.fetch does, and GoneError."""
        return await self._call(http, "GET", f"{path}?{urlencode(parameters)}" if parameters else path, Purpose.READ)

    async def create(self, http: "Http", path: str, fields: Mapping[str, str], file: File | None = None) -> str:
        """Make something and give its id. Repeating it would make another one: look before it is called again."""
        content_type, body = _multipart(fields, file) if file else (_FORM, urlencode(fields).encode())
        answer = await self._call(http, "POST", path, Purpose.SEND_ONCE, content_type, body)
        made = answer.get("id")
        if not isinstance(made, str) or not made:
            raise error_for(CameBack.UNREADABLE, Purpose.SEND_ONCE, f"{self._name}: created without an id")
        return made

    async def change(self, http: "Http", path: str, fields: Mapping[str, str]) -> None:
        """Change something, to the same effect however often. Raises GoneError when it is not there."""
        self._done(await self._call(http, "POST", path, Purpose.SEND_ONCE, _FORM, urlencode(fields).encode()))

    async def delete(self, http: "Http", path: str) -> None:
        """Take something away. Raises GoneError when it is not there."""
        self._done(await self._call(http, "DELETE", path, Purpose.SEND_ONCE))

    def _done(self, answer: Mapping[str, Any]) -> None:
        if answer.get("success") is not True:
            raise error_for(CameBack.UNREADABLE, Purpose.SEND_ONCE, f"{self._name}: no success in the answer")

    async def _call(
        self, http: "Http", method: str, path: str, purpose: Purpose, content_type: str = "", body: bytes = b""
    ) -> Mapping[str, Any]:
        url = f"{self._root}/{path}"
        answer = await http.send(
            method, url, body=body, timeout=self._timeout, allow=self._allow, repeatable=False,
            headers=self._authorised | ({"Content-Type": content_type} if content_type else {}),
            accept_status=_ANY_FAILURE, answer_limit=ANSWER_LIMIT,
        )  # fmt: skip
        now = http.now()
        self._usage = usage_of(answer.headers)
        self._paused_until = now.replace(tzinfo=None) + timedelta(seconds=self._usage.pause)
        read = _json(answer)
        error = read.get("error") if read is not None else None
        if isinstance(error, dict):
            raise self._error(error, answer, purpose, method, url, now)
        if answer.status >= 400:
            wait = retry_after(answer.headers.get("Retry-After", ""), now)
            raise refusal(answer.status, purpose, method, host_of(url), wait)
        if read is None:
            raise error_for(CameBack.UNREADABLE, purpose, f"{self._name}: {method} answered with no JSON")
        return read

    def _error(
        self, error: Mapping[str, Any], answer: "Answer", purpose: Purpose, method: str, url: str, now: datetime
    ) -> HubError:
        code, subcode = _whole(error.get("code")), _whole(error.get("error_subcode"))
        wait = retry_after(answer.headers.get("Retry-After", ""), now)
        row = row_of(code, subcode)
        if row is None and error.get("is_transient") is True:
            row = row_of(2, 0)
        if row is None:
            # A 2xx with an error inside says nothing about what was done.
            return refusal(answer.status if answer.status >= 400 else 500, purpose, method, host_of(url), wait)
        return _raised(row, f"{self._name}: {method} answered {code}/{subcode}", purpose, self._usage, wait)


def _raised(row: Row, cause: str, purpose: Purpose, usage: Usage, wait: float | None) -> HubError:
    match row.means:
        case Means.WAIT:
            told = max(usage.pause, wait or 0.0) or None
            return ThrottledError(cause, retry_after=told, sentence=row.sentence)
        case Means.UNKNOWN if purpose is Purpose.READ:
            sentence = f"{row.sentence} Hệ thống sẽ tự hỏi lại."
            return TransientError(cause, code=row.name, fault=row.fault, sentence=sentence)
        case Means.UNKNOWN:
            sentence = (
                f"{row.sentence} Chưa rõ bài đã được ghi hay chưa; hệ thống sẽ kiểm tra trên trang trước khi gửi lại."
            )
            return UnconfirmedError(cause, code=row.name, fault=row.fault, sentence=sentence)
    return _CLASSES[row.means](cause, code=row.name, fault=row.fault, sentence=row.sentence)


_CLASSES: Final[Mapping[Means, type[HubError]]] = {
    Means.BLOCKED: BlockedError, Means.REJECTED: RejectedError, Means.GONE: GoneError,
    Means.TWICE: TwiceError, Means.UNSCRAPED: UnscrapedError,
}  # fmt: skip
_SLOWING: Final = (
    "Trang Facebook đã dùng gần hết số lượt gọi được phép. Hệ thống tự gửi chậm lại để trang không bị Facebook khoá."
)
_FORM: Final = "application/x-www-form-urlencoded"


def _json(answer: "Answer") -> Mapping[str, Any] | None:
    """The answer's object; None when it is none, or not whole."""
    try:
        read = orjson.loads(answer.body) if not answer.cut else None
    except orjson.JSONDecodeError:
        return None
    return read if isinstance(read, dict) else None


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _multipart(fields: Mapping[str, str], file: File) -> tuple[str, bytes]:
    """A form with one file under `source` (RFC 7578). The same form gives the same bytes."""
    boundary = f"hub-{sha256(file.body).hexdigest()[:32]}"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{quote(name)}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="source"; filename="{quote(file.name)}"\r\n'
        f"Content-Type: {file.content_type}\r\n\r\n"
    )
    return f"multipart/form-data; boundary={boundary}", b"".join(
        [*parts, head.encode(), file.body, f"\r\n--{boundary}--\r\n".encode()]
    )
