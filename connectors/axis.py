"""A document exchange axis over HTTP: one account, its signed headers, and what the methods are for.

    getReceivedEdocList  messagetype edoc | status        what waits for us, ours until we acknowledge it
    getEdoc              docId                            one message
    updateStatus         docId, status done               we have it: it is not shown again
    getSentEdocList      messagetype edoc                 what we sent
    sendEdoc             from, to; body octet-stream      hand a message over

Each call is `POST {url}/{method}`. Its parameters are headers with a prefix, and three more headers sign them: their
names, themselves as JSON, and the HMAC-SHA256 of that JSON under the secret of the organisation. The client in use
(VXP SDK 2.0) does it so; nothing binding is public, so names, prefix and paths are settings. `docId` stands in the
query too, which the axis does not read: it names the question in logs.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator

from connectors.base import Capture, ConnectorConfig
from connectors.errors import BlockedError, Fault, HubError, RejectedError, TransientError
from connectors.fields import Allowed
from connectors.outcomes import CameBack, Purpose, error_for
from connectors.parse.edxml.answers import Reply, read_reply
from connectors.parse.url import with_parameters

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.addresses import Allowance
    from connectors.bodies import Limits
    from connectors.http import Http

_VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")
_SERVICE: Final = "eDoc"


class Method(StrEnum):
    """What can be asked of an axis."""

    RECEIVED = "getReceivedEdocList"
    SENT = "getSentEdocList"
    GET = "getEdoc"
    SEND = "sendEdoc"
    ACKNOWLEDGE = "updateStatus"


class Kind(StrEnum):
    """The two kinds of messages."""

    DOCUMENT = "edoc"
    STATUS = "status"


#: Headers by the names that the client in use gives them.
_HEADERS: Final = frozenset({
    "servicetype", "messagetype", "from", "to", "docId", "status", "systemid", "timestamp", "hash-file",
    "sign-header-key", "sign-header", "hash-header", "version", "Content-Type",
})  # fmt: skip

OrganId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,60}$"), Allowed("an identifier like 000.00.12.H52")]
_Path = Annotated[str, Field(pattern=r"^[A-Za-z0-9._~/-]{1,300}$"), Allowed("a path below the address")]
_HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$"), Allowed("the name of a header")]


class Account(ConnectorConfig):
    """An organisation's registration at an axis, and how this axis names things."""

    system_id: Annotated[str, Field(pattern=r"^[!-~]{1,100}$"), Allowed("printable ASCII without blanks")]
    secret: SecretStr
    organ: OrganId | None = None  #: header `from` of every call; left out: the system's own
    prefix: str = Field(default="XroadVnpt-", pattern=r"^[A-Za-z0-9-]{0,40}$")  #: before the name of each header
    version: str = Field(default="3.0.201608", pattern=r"^[!-~]{0,40}$")  #: header `version`; empty: none is sent
    paths: dict[Method, _Path] = Field(default={}, max_length=20)  #: methods that this axis has elsewhere
    names: dict[str, _HeaderName] = Field(default={}, max_length=20)  #: headers that this axis calls otherwise
    #: `hash-file` of a message that is sent: `sdk` leaves out a zero before a single digit, as the client in use does
    file_hash: Literal["sdk", "hex", "none"] = "sdk"
    #: ErrorCode that says more than that this message is not taken: the account is refused, or it is to be tried later
    error_codes: dict[str, Literal["blocked", "later", "rejected"]] = Field(default={}, max_length=100)

    @field_validator("secret")
    @classmethod
    def _is_there(cls, secret: SecretStr) -> SecretStr:
        if not secret.get_secret_value():
            raise ValueError("must not be empty")
        return secret

    @field_validator("names")
    @classmethod
    def _are_known(cls, names: dict[str, str]) -> dict[str, str]:
        if unknown := sorted(names.keys() - _HEADERS):
            raise ValueError(f"no headers of an axis: {', '.join(unknown)}")
        return names


class Axis:
    """The methods of one axis, for one account."""

    def __init__(self, url: str, account: Account) -> None:
        self._url = url
        self._account = account

    # ----------------------------------------------------------------------------------------------- asking

    async def listed(self, http: "Http", method: Method, kind: Kind) -> Reply:
        """A list of messages. Raises as `Http.post`, TransientError: `unreadable`, `call_refused`; BlockedError."""
        answer = await self._ask(http, method, {"messagetype": kind.value})
        reply = self._read(answer)
        if reply is None:
            raise error_for(CameBack.UNREADABLE, Purpose.FETCH, f"{method.value}: no answer of an axis")
        if not reply.ok:
            raise self._refusal(reply, f"{method.value} is refused")
        return reply

    async def message(self, http: "Http", doc_id: str, *, limits: "Limits | None" = None) -> Capture:
        """The answer with one message, whatever it says. Raises as `Http.post`."""
        return await self._ask(http, Method.GET, {"docId": doc_id}, limits=limits)

    async def acknowledge(self, http: "Http", doc_id: str) -> None:
        """Say that we have a message for good; may be repeated. Raises as `Http.post`, or `unreadable`.

        A refusal is passed over: the message is shown again, and is known by then.
        """
        answer = await self._ask(http, Method.ACKNOWLEDGE, {"docId": doc_id, "status": "done"})
        if self._read(answer) is None:
            raise error_for(CameBack.UNREADABLE, Purpose.FETCH, "updateStatus: no answer of an axis")

    async def _ask(
        self, http: "Http", method: Method, parameters: Mapping[str, str], *, limits: "Limits | None" = None
    ) -> Capture:
        headers = self._signed({"servicetype": _SERVICE, **parameters}, http.now(), "application/json")
        return await http.post(self._address(method, parameters), b"", headers=headers, limits=limits)

    # ---------------------------------------------------------------------------------------------- sending

    async def send(
        self, http: "Http", message: bytes, *, sender: str, receivers: Sequence[str],
        timeout: float,  # noqa: ASYNC109  # a bound of the request, as in Http.send
        allow: "frozenset[Allowance]",
    ) -> Reply:  # fmt: skip
        """Hand a message over, once. Raises by the last column of connectors.outcomes, and by `error_codes`."""
        said = {"servicetype": _SERVICE, "messagetype": Kind.DOCUMENT.value, "from": sender,
                "to": json.dumps(list(receivers))}  # fmt: skip
        if self._account.file_hash != "none":
            said["hash-file"] = _sum(message, self._account.file_hash)
        answer = await http.send(
            "POST", self._address(Method.SEND, {}), body=message, timeout=timeout, allow=allow, repeatable=False,
            headers=self._signed(said, http.now(), "application/octet-stream"),
        )  # fmt: skip
        try:
            reply = read_reply(answer.body, answer.headers.get("Content-Type", ""))
        except RejectedError:  # a login page, a firewall's challenge: the axis itself said nothing
            raise error_for(CameBack.UNREADABLE, Purpose.SEND_ONCE, "sendEdoc: no answer of an axis") from None
        if not reply.ok:
            raise self._refusal(reply, "sendEdoc is refused", sending=True)
        return reply

    def _refusal(self, reply: Reply, cause: str, *, sending: bool = False) -> HubError:
        """The error of an ErrorCode. Its text is never quoted: it is the axis's own."""
        message = f"{cause}, ErrorCode {reply.code!r}"
        match self._account.error_codes.get(reply.code, "rejected" if sending else "later"):
            case "blocked":
                return BlockedError(message, code="account_refused", fault=Fault.HUB, sentence=_ACCOUNT_REFUSED)
            case "rejected" if sending:
                return RejectedError(
                    message, code="axis_refused",
                    sentence=f"Trục liên thông văn bản không nhận gói tin này (mã lỗi {reply.code}). Cần đối chiếu mã"
                    " lỗi với đơn vị vận hành trục rồi sửa nội dung văn bản hoặc danh sách nơi nhận.",
                )  # fmt: skip
        return TransientError(
            message, code="call_refused", fault=Fault.MEMBER,
            sentence=f"Trục liên thông văn bản chưa thực hiện được yêu cầu (mã lỗi {reply.code}). Hệ thống sẽ tự thử"
            " lại; nếu kéo dài, cần báo đơn vị vận hành trục.",
        )  # fmt: skip

    # ---------------------------------------------------------------------------------------------- headers

    def _signed(self, parameters: Mapping[str, str], now: "datetime", content_type: str) -> dict[str, str]:
        """The headers of a call: each parameter with the prefix, and what signs all of them."""
        account = self._account
        said = {"timestamp": f"{now.astimezone(_VIETNAM):%d%m%YT%H%M%S%z}", "systemid": account.system_id}
        if account.organ:
            said["from"] = account.organ
        said |= {"Content-Type": content_type, **parameters}
        named = {self._name(name): text for name, text in said.items()}
        signed = json.dumps({f"{account.prefix}{name}": text for name, text in named.items()}, separators=(",", ":"))
        digest = hmac.new(account.secret.get_secret_value().encode(), signed.encode(), hashlib.sha256).hexdigest()
        proof = {"sign-header-key": ";".join(named), "sign-header": signed, "hash-header": digest}
        if account.version:
            proof["version"] = account.version
        named |= {self._name(name): text for name, text in proof.items()}
        return {"Content-Type": content_type, **{f"{account.prefix}{name}": text for name, text in named.items()}}

    def _name(self, name: str) -> str:
        return self._account.names.get(name, name)

    def _address(self, method: Method, parameters: Mapping[str, str]) -> str:
        address, mark, query = self._url.partition("?")
        path = self._account.paths.get(method, method.value).lstrip("/")
        return with_parameters(f"{address.rstrip('/')}/{path}{mark}{query}", list(parameters.items()))

    @staticmethod
    def _read(answer: Capture) -> Reply | None:
        try:
            return read_reply(answer.body, answer.content_type)
        except RejectedError:
            return None


_ACCOUNT_REFUSED: Final = (
    "Trục liên thông văn bản không chấp nhận tài khoản kết nối. Bộ phận kỹ thuật cần kiểm tra mã hệ thống (system_id)"
    " và khoá bí mật đã được cấp."
)


def port_of(url: str) -> frozenset[int]:
    """The port of an address of the settings, as `Http.scoped` wants it: it may be any."""
    parts = urlsplit(url)
    return frozenset({parts.port or (443 if parts.scheme == "https" else 80)})


def _sum(message: bytes, written: str) -> str:
    """SHA-256 of a message; `sdk`: without the zero before a single digit, so that servers that compare texts agree."""
    digest = hashlib.sha256(message).digest()
    return "".join(f"{byte:x}" for byte in digest) if written == "sdk" else digest.hex()
