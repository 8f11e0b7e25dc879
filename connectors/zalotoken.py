"""Access to a Zalo Official Account: a pair of tokens that is renewed by one worker of all hosts at a time.

    access token    25 hours; renewed shortly before its end, or when Zalo says that it has ended
    refresh token   3 months, and good for one use: what comes back holds the next one

A pair is durable before it is used. If the answer with a new pair is lost, the old refresh token may be spent: then
Zalo refuses it, and a person must grant access again. The first refresh token stands in the settings; another one put
there later takes the place of what is remembered.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import orjson

from connectors.addresses import Allowance
from connectors.base import Memory
from connectors.errors import BlockedError, Fault, TransientError, UnconfirmedError

if TYPE_CHECKING:
    from pydantic import SecretStr

    from connectors.http import Http

#: Keys in the destination's memory: the pair, and the day on which the refresh token ends (ISO 8601, no secret).
PAIR, ENDS = "token", "token_ends"
#: How long a refresh token is good for.
REFRESH_LIFE: Final = timedelta(days=90)
#: Seconds before its end from which an access token is renewed, and its life where Zalo names none.
EARLY, ACCESS_LIFE = 600.0, 90_000.0

_LOGIN: Final = (
    "Zalo không gia hạn mã truy cập nữa: mã gia hạn đã hết hạn hoặc đã được dùng. Người quản trị tài khoản Zalo cần"
    " cấp quyền lại cho ứng dụng, bộ phận kỹ thuật thay `refresh_token` rồi cho chạy lại."
)
_UNCLEAR: Final = "Chưa gia hạn được mã truy cập Zalo vì Zalo không trả lời. Hệ thống sẽ tự thử lại."


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A pair of tokens."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    until: float  #: unix time at which the access token ends
    first: str  #: digest of the refresh token in the settings from which this pair descends


class Tokens:
    """The tokens of one account."""

    def __init__(
        self, name: str, *, url: str, app_id: str, app_secret: "SecretStr", first: "SecretStr", timeout: float,
        allow: frozenset[Allowance],
    ) -> None:  # fmt: skip
        self._name, self._url, self._app_id, self._secret, self._first = name, url, app_id, app_secret, first
        self._timeout, self._allow = timeout, allow

    async def access(self, http: "Http", memory: Memory, *, spent: str = "") -> str:
        """An access token that is not `spent`. Raises BlockedError `zalo_login` when a person must grant access."""
        kept = await self._kept(memory)
        if not self._good(kept, http, spent):
            async with memory.alone(PAIR, seconds=2 * self._timeout):
                kept = await self._kept(memory)  # somebody else may have been faster
                if not self._good(kept, http, spent):
                    kept = await self._renewed(http, memory, kept)
        assert kept is not None
        return kept.access

    def _good(self, kept: Pair | None, http: "Http", spent: str) -> bool:
        return kept is not None and kept.access != spent and http.now().timestamp() < kept.until - EARLY

    async def _kept(self, memory: Memory) -> Pair | None:
        value = await memory.recall(PAIR)
        kept = Pair(**orjson.loads(value)) if value else None
        return kept if kept is not None and kept.first == self._digest() else None

    async def _renewed(self, http: "Http", memory: Memory, kept: Pair | None) -> Pair:
        refresh = kept.refresh if kept else self._first.get_secret_value()
        form = {"app_id": self._app_id, "grant_type": "refresh_token", "refresh_token": refresh}
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "secret_key": self._secret.get_secret_value(),
        }
        try:
            answer = await http.send(
                "POST", self._url, body=urlencode(form).encode(), headers=headers, timeout=self._timeout,
                allow=self._allow, repeatable=False,
            )  # fmt: skip
        except UnconfirmedError as error:  # of the article nothing was sent
            raise TransientError(str(error), code="zalo_login_unclear", sentence=_UNCLEAR) from None
        read = _object(answer.body)
        if read is None:
            raise TransientError(f"{self._name}: no JSON in answer to a renewal", code="zalo_login_unclear",
                                 fault=Fault.MEMBER, sentence=_UNCLEAR)  # fmt: skip
        access, following = read.get("access_token"), read.get("refresh_token")
        if not (isinstance(access, str) and access and isinstance(following, str) and following):
            raise BlockedError(f"{self._name}: renewal refused", code="zalo_login", sentence=_LOGIN)
        now = http.now()
        pair = Pair(
            access=access, refresh=following, until=now.timestamp() + _seconds(read), first=self._digest()
        )  # fmt: skip
        await memory.remember(PAIR, orjson.dumps(asdict(pair)).decode(), secret=True)
        await memory.remember(ENDS, (now + REFRESH_LIFE).astimezone(UTC).isoformat())
        return pair

    def _digest(self) -> str:
        return sha256(self._first.get_secret_value().encode()).hexdigest()[:32]


async def ends(memory: Memory) -> datetime | None:
    """When the refresh token ends unless it is used before; None while none was used."""
    value = await memory.recall(ENDS)
    return datetime.fromisoformat(value) if value else None


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return read if isinstance(read, dict) else None


def _seconds(read: Mapping[str, Any]) -> float:
    """`expires_in`, which Zalo gives as a text: "90000"."""
    told = str(read.get("expires_in", ""))
    return float(told[:9]) if told.isascii() and told.isdigit() else ACCESS_LIFE
