"""The one SMTP client: one message to one address, and what each answer of a mail server means.

    connect ── TLS ── login ── MAIL ── RCPT ──┤ promise ├── DATA ── message ── answer
    nothing has happened: any failure here is       from here on, a lost answer is an outcome nobody knows;
    refused for good, or tried again later          a mail server cannot be asked what it took

The caller's `promise` is awaited between the two, so that a row can say "it may have gone" before it may have.
"""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address, ip_network
from types import MappingProxyType
from typing import Final, NoReturn, TypeVar

import aiosmtplib
from pydantic import SecretStr

from connectors.errors import (
    BlockedError,
    Fault,
    HubError,
    RejectedError,
    ThrottledError,
    TransientError,
    UnconfirmedError,
)

Result = TypeVar("Result")

#: Seconds that a server may take for its answer to a whole message (RFC 5321, 4.5.3.2.6): scanners are slow, and a
#: wait that ends too early makes a doubt out of a mail that arrives.
ANSWER: Final = 600.0
#: Seconds for the farewell; nothing hangs on it.
_FAREWELL: Final = 2.0
#: Answers before that to the message, at most; each has the timeout for itself.
STEPS: Final = 12
_LONGEST_ANSWER: Final = 200
#: Where a line without TLS may lead: this machine and the private networks of RFC 1918 and RFC 4193.
_NEAR: Final = tuple(map(ip_network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128",
                                      "fc00::/7")))  # fmt: skip
_ENHANCED: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


class Tls(StrEnum):
    """How the line is encrypted."""

    STARTTLS = "starttls"  #: begins plain and must become encrypted (port 587)
    IMPLICIT = "implicit"  #: encrypted from the first byte (port 465)
    NONE = "none"  #: only to this machine or a private network


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """The server that takes our mails, and how it knows us."""

    host: str
    port: int
    tls: Tls = Tls.STARTTLS
    username: str = ""  #: empty: no login
    password: SecretStr = field(default=SecretStr(""), repr=False)
    timeout: float = 30.0  #: seconds for each answer before the message
    answer: float = ANSWER  #: seconds for the answer to the message

    @property
    def longest(self) -> float:
        """Seconds that sending one message may take at most."""
        return STEPS * self.timeout + self.answer


class Step(StrEnum):
    """Where in the talk with a server something came back."""

    GREETING = "greeting"
    TLS = "tls"
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What one answer means."""

    error: type[HubError]
    code: str
    fault: Fault
    sentence: str


_BUSY: Final = Meaning(
    error=TransientError, code="mail_busy", fault=Fault.MEMBER,
    sentence="Máy chủ thư tạm thời chưa nhận thư này. Chưa có gì được gửi; hệ thống sẽ tự gửi lại.",
)  # fmt: skip
_LOGIN: Final = Meaning(
    error=BlockedError, code="mail_login_refused", fault=Fault.HUB,
    sentence="Máy chủ thư không chấp nhận tài khoản gửi thư. Bộ phận kỹ thuật cần kiểm tra tên đăng nhập và mật"
    " khẩu ở mục [mail] trong settings.toml.",
)  # fmt: skip
_SERVER: Final = Meaning(
    error=BlockedError, code="mail_server_refused", fault=Fault.MEMBER,
    sentence="Máy chủ thư từ chối làm việc với hệ thống. Bộ phận kỹ thuật cần liên hệ đơn vị vận hành máy chủ thư.",
)  # fmt: skip
_SENDER: Final = Meaning(
    error=BlockedError, code="mail_sender_refused", fault=Fault.HUB,
    sentence="Máy chủ thư không cho gửi từ địa chỉ người gửi đã khai. Bộ phận kỹ thuật cần kiểm tra sender ở mục"
    " [mail] trong settings.toml.",
)  # fmt: skip
_RECIPIENT: Final = Meaning(
    error=RejectedError, code="mail_recipient_refused", fault=Fault.MEMBER,
    sentence="Máy chủ thư báo không gửi được tới địa chỉ này. Hãy hỏi lại nơi nhận địa chỉ đúng rồi sửa"
    " trong settings.toml.",
)  # fmt: skip
_MESSAGE: Final = Meaning(
    error=RejectedError, code="mail_message_refused", fault=Fault.MEMBER,
    sentence="Máy chủ thư không nhận nội dung thư này, thường do bộ lọc thư rác hoặc do thư quá lớn. Bộ phận kỹ thuật"
    " cần hỏi đơn vị vận hành máy chủ thư.",
)  # fmt: skip

#: What a refusal means, by step and reply code; a code without a row of its own goes by its hundred. 421 is everywhere
#: "come back later", and everything that is not a refusal at all is a server that speaks no SMTP.
ANSWERS: Final[Mapping[tuple[Step, int], Meaning]] = MappingProxyType(
    {
        (Step.GREETING, 4): _BUSY, (Step.GREETING, 5): _SERVER,
        (Step.TLS, 4): _BUSY, (Step.TLS, 5): _SERVER,
        (Step.LOGIN, 4): _BUSY, (Step.LOGIN, 5): _LOGIN,
        (Step.SENDER, 4): _BUSY, (Step.SENDER, 5): _SENDER,
        (Step.SENDER, 530): _LOGIN, (Step.SENDER, 552): _MESSAGE,
        (Step.RECIPIENT, 4): _BUSY, (Step.RECIPIENT, 5): _RECIPIENT,
        (Step.RECIPIENT, 503): _SERVER, (Step.RECIPIENT, 530): _LOGIN,
        (Step.MESSAGE, 4): _BUSY, (Step.MESSAGE, 5): _MESSAGE, (Step.MESSAGE, 530): _LOGIN,
    }
)  # fmt: skip


class Line:
    """An open line to the server, ready to take a message."""

    def __init__(self, smtp: aiosmtplib.SMTP, answer: float) -> None:
        self._smtp, self._answer = smtp, answer

    async def send(
        self, message: bytes, *, sender: str, recipient: str, promise: Callable[[], Awaitable[None]]
    ) -> str:  # fmt: skip
        """Hand over one message; returns what the server said to it, as proof.

        `promise` is awaited just before the message may take effect; what it raises comes through, and nothing was
        sent. Raises UnconfirmedError when the server's word about the message is not known.
        """
        await _took(Step.SENDER, self._smtp.mail(sender))
        await _took(Step.RECIPIENT, self._smtp.rcpt(recipient))
        await promise()
        try:
            said = await self._smtp.data(message, timeout=self._answer)
        except (aiosmtplib.SMTPException, OSError) as error:
            if isinstance(error, aiosmtplib.SMTPDataError) and error.code // 100 in (4, 5):
                _refused(Step.MESSAGE, error.code, error.message)
            raise UnconfirmedError(
                f"no answer to the message: {type(error).__name__}", code="mail_unconfirmed", sentence=_UNCONFIRMED
            ) from None
        return _printable(f"{said.code} {said.message}")


class Mailer:
    """Speaks with one mail server; each message has a line of its own."""

    def __init__(self, server: MailServer, *, context: ssl.SSLContext | None = None) -> None:
        """`context` is for tests; else certificates are judged as the machine judges them."""
        self.server, self._context = server, context

    @asynccontextmanager
    async def line(self, *, hello: str) -> AsyncIterator[Line]:
        """Connect and log in; `hello` is the name we go by. The farewell comes when the block is left.

        Raises TransientError, ThrottledError or BlockedError.
        """
        server = self.server
        smtp = aiosmtplib.SMTP(
            hostname=server.host, port=server.port, timeout=server.timeout, local_hostname=hello,
            use_tls=server.tls is Tls.IMPLICIT, start_tls=False, tls_context=self._context,
        )  # fmt: skip
        try:
            await _took(Step.GREETING, smtp.connect())
            await self._secure(smtp)
            if server.username:
                await self._log_in(smtp)
            yield Line(smtp, server.answer)
            with suppress(aiosmtplib.SMTPException, OSError):
                await smtp.quit(timeout=_FAREWELL)
        finally:
            smtp.close()

    async def _secure(self, smtp: aiosmtplib.SMTP) -> None:
        if self.server.tls is Tls.NONE and not _is_near(smtp.get_transport_info("peername")):
            raise BlockedError(
                "a line without TLS to a public address", code="mail_insecure", fault=Fault.HUB, sentence=_INSECURE
            )
        await _took(Step.GREETING, smtp.ehlo())
        if self.server.tls is Tls.STARTTLS:
            if not smtp.supports_extension("starttls"):
                raise BlockedError("the server offers no STARTTLS", code="mail_no_tls", sentence=_NO_TLS)
            await _took(Step.TLS, smtp.starttls())
            await _took(Step.GREETING, smtp.ehlo())

    async def _log_in(self, smtp: aiosmtplib.SMTP) -> None:
        # One method and no other after it: three failures for one wrong password would lock the account.
        ways = {"plain": smtp.auth_plain, "login": smtp.auth_login}
        way = next((each for name, each in ways.items() if name in smtp.server_auth_methods), None)
        if way is None:
            raise BlockedError("the server offers neither AUTH PLAIN nor LOGIN", code=_LOGIN.code,
                               fault=Fault.HUB, sentence=_LOGIN.sentence)  # fmt: skip
        await _took(Step.LOGIN, way(self.server.username, self.server.password.get_secret_value()))


async def _took(step: Step, call: Awaitable[Result]) -> Result:
    """The result of one step before the message; every failure of it leaves nothing behind."""
    try:
        return await call
    except aiosmtplib.SMTPResponseException as error:
        _refused(step, error.code, error.message)
    except (aiosmtplib.SMTPException, OSError, asyncio.IncompleteReadError) as error:
        cause = error.__cause__ or error
        if isinstance(cause, ssl.SSLError):
            raise TransientError(
                f"no TLS: {cause.reason}", code="mail_certificate", fault=Fault.MEMBER, sentence=_CERTIFICATE
            ) from None
        raise TransientError(f"{step}: {type(cause).__name__}", code="mail_server_away", sentence=_AWAY) from None


def _refused(step: Step, code: int, message: str) -> NoReturn:
    """The error that a reply code means at this step; the server's own words stay out of it, they quote addresses."""
    said = " ".join([str(code), *_ENHANCED.findall(message)[:1]])
    if code == 421:
        raise ThrottledError(f"{step}: {said}", sentence=_BUSY.sentence)
    meaning = ANSWERS.get((step, code)) or ANSWERS.get((step, code // 100), _BUSY)
    raise meaning.error(f"{step}: {said}", code=meaning.code, fault=meaning.fault, sentence=meaning.sentence)


def _is_near(peer: object) -> bool:
    if not isinstance(peer, tuple):
        return False
    address = ip_address(str(peer[0]).partition("%")[0])
    return any(address in network for network in _NEAR if network.version == address.version)


def is_near(host: str) -> bool | None:
    """Whether a line to this host of the settings stays near; None for a name, of which only dialling tells."""
    if host == "localhost":
        return True
    try:
        return _is_near((str(ip_address(host)),))
    except ValueError:
        return None


def _printable(text: str) -> str:
    return "".join(c if c.isascii() and c.isprintable() else " " for c in text)[:_LONGEST_ANSWER]


_AWAY: Final = "Không liên lạc được với máy chủ thư. Chưa có gì được gửi; hệ thống sẽ tự gửi lại."
_CERTIFICATE: Final = (
    "Không thiết lập được kết nối bảo mật với máy chủ thư, thường do chứng thư số hết hạn hoặc không được tin cậy. Chưa"
    " có gì được gửi; đơn vị vận hành máy chủ thư cần kiểm tra chứng thư."
)
_NO_TLS: Final = (
    "Máy chủ thư không hỗ trợ mã hoá đường truyền nên hệ thống không gửi. Bộ phận kỹ thuật cần chọn cổng khác hoặc"
    " sửa tls ở mục [mail] trong settings.toml."
)
_INSECURE: Final = (
    "Cấu hình gửi thư không mã hoá nhưng máy chủ thư nằm ngoài mạng nội bộ nên hệ thống không gửi. Bộ phận kỹ thuật cần"
    " sửa tls ở mục [mail] trong settings.toml."
)
_UNCONFIRMED: Final = (
    "Thư đã được chuyển cho máy chủ thư nhưng không rõ máy chủ có nhận hay không. Hệ thống không tự gửi lại để tránh"
    " trùng; hãy hỏi nơi nhận rồi dùng lệnh hub mails send hoặc hub mails drop."
)
