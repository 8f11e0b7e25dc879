"""The Bot API of Telegram as a channel needs it: calls, and what its refusals mean.

Telegram takes the token in the path of the address and nowhere else. So no text made here holds an address, and what
Telegram says in words is read for the table (connectors/data/telegram.toml) and never quoted.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

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
    from pydantic import SecretStr

    from connectors.http import Answer, Http

#: Longest wait that is believed, in seconds.
LONGEST_WAIT: Final = 24 * 3_600.0

_ANY_FAILURE: Final = frozenset(range(400, 600))


class Means(StrEnum):
    """What a refusal means; the words of telegram.toml."""

    WAIT = "wait"
    BLOCKED = "blocked"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of telegram.toml."""

    code: int
    says: tuple[str, ...]  #: lower case; empty: any
    means: Means
    name: str
    fault: Fault
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What is uploaded with a call."""

    part: str  #: name of the parameter
    name: str
    content_type: str
    body: bytes = field(repr=False)


@lru_cache(maxsize=1)
def rows() -> tuple[Row, ...]:
    """The table of refusals, in the order in which it is tried."""
    table = tomllib.loads(resources.files("connectors.data").joinpath("telegram.toml").read_text(encoding="utf-8"))
    return tuple(
        Row(
            code=row["code"], says=tuple(row.get("says", ())), means=Means(row["outcome"]), name=row["name"],
            fault=Fault(row["fault"]), sentence=row["sentence"],
        )
        for row in table["row"]
    )  # fmt: skip


def row_of(code: int, description: str) -> Row | None:
    """What a refusal means; None for one that nobody has listed."""
    said, code = description.lower(), 500 if code >= 500 else code
    return next(
        (row for row in rows() if row.code == code and (not row.says or any(words in said for words in row.says))), None
    )


class BotApi:
    """The calls of one bot."""

    def __init__(
        self, name: str, *, base_url: str, token: "SecretStr", timeout: float, allow: frozenset[Allowance]
    ) -> None:  # fmt: skip
        self._name, self._base_url, self._token = name, base_url.rstrip("/"), token
        self._timeout, self._allow = timeout, allow

    async def call(
        self, http: "Http", method: str, fields: Mapping[str, Any], file: File | None = None, *, reads: bool = False
    ) -> Any:
        """Call a method and give its result. Raises by telegram.toml; what `reads` has no effect worth a doubt."""
        content_type, body = _multipart(fields, file) if file else ("application/json", orjson.dumps(fields))
        url = f"{self._base_url}/bot{self._token.get_secret_value()}/{method}"
        purpose = Purpose.READ if reads else Purpose.SEND_ONCE
        try:
            answer = await http.send(
                "POST", url, body=body, timeout=self._timeout, allow=self._allow, repeatable=False,
                headers={"Content-Type": content_type}, accept_status=_ANY_FAILURE,
            )  # fmt: skip
        except UnconfirmedError as error:
            raise error if not reads else error_for(CameBack(error.code), purpose, str(error)) from None
        read = _json(answer)
        if read is None or not isinstance(read.get("ok"), bool):
            wait = retry_after(answer.headers.get("Retry-After", ""), http.now())
            if answer.status >= 400:
                raise refusal(answer.status, purpose, "POST", host_of(url), wait)
            raise error_for(CameBack.UNREADABLE, purpose, f"{self._name}: {method} answered with no JSON")
        if read["ok"]:
            return read.get("result")
        raise self._error(read, answer.status, method, purpose)

    def _error(self, read: Mapping[str, Any], status: int, method: str, purpose: Purpose) -> HubError:
        code, parameters = _whole(read.get("error_code")) or status, read.get("parameters")
        row = row_of(code, str(read.get("description", "")))
        cause = f"{self._name}: {method} answered {code}"
        if row is None:
            return refusal(code, purpose, "POST", host_of(self._base_url), None)
        match row.means:
            case Means.WAIT:
                told = _whole(parameters.get("retry_after")) if isinstance(parameters, dict) else 0
                return ThrottledError(cause, retry_after=min(told, LONGEST_WAIT) or None, sentence=row.sentence)
            case Means.BLOCKED:
                return BlockedError(cause, code=row.name, fault=row.fault, sentence=row.sentence)
            case Means.REJECTED:
                return RejectedError(cause, code=row.name, fault=row.fault, sentence=row.sentence)
        if purpose is Purpose.READ:
            sentence = f"{row.sentence} Hệ thống sẽ tự hỏi lại."
            return TransientError(cause, code=row.name, fault=row.fault, sentence=sentence)
        sentence = f"{row.sentence} Chưa rõ bài đã lên kênh hay chưa."
        return UnconfirmedError(cause, code=row.name, fault=row.fault, sentence=sentence)


def _json(answer: "Answer") -> Mapping[str, Any] | None:
    """The answer's object; None when it is none, or not whole."""
    try:
        read = orjson.loads(answer.body) if not answer.cut else None
    except orjson.JSONDecodeError:
        return None
    return read if isinstance(read, dict) else None


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _multipart(fields: Mapping[str, Any], file: File) -> tuple[str, bytes]:
    """A form with one file (RFC 7578); the same form gives the same bytes. Fields that are no text are JSON."""
    boundary = f"hub-{sha256(file.body).hexdigest()[:32]}"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        + (value.encode() if isinstance(value, str) else orjson.dumps(value)) + b"\r\n"
        for name, value in fields.items()
    ]  # fmt: skip
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{file.part}"; filename="{file.name}"\r\n'
        f"Content-Type: {file.content_type}\r\n\r\n"
    )
    end = f"\r\n--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", b"".join([*parts, head.encode(), file.body, end])
