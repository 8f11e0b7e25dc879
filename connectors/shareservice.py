"""A conversation with the share interface of the national base: login, calls, and one more login when one ends.

POST {url}{login_path}  {username, password}                     -> {session, error_code}
POST {url}{call_path}   {session, madonvi, service, …}           -> {error_code, result}
GET  {url}/{service}?…  of provinces, with the headers they want  -> the same, often inside a string

Paths, names of services and the routing code are settings: no document with a contract is public. There is no table of
error codes either. A call that is refused in a session which has answered before may mean that the session has ended:
then there is one more login, and the call is made once more. What is refused after that is refused.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Final, Protocol

from pydantic import Field, SecretStr

from connectors.base import Capture, ConnectorConfig
from connectors.errors import BlockedError, Fault, RejectedError
from connectors.fields import Allowed
from connectors.parse.shareanswer import Reply, read_reply
from connectors.parse.url import with_parameters

if TYPE_CHECKING:
    from connectors.http import Http

JSON: Final = "application/json; charset=utf-8"

Path = Annotated[
    str, Field(min_length=1, max_length=300, pattern=r"^[A-Za-z0-9._~/-]+$"), Allowed("a path below the address")
]


class Session(ConnectorConfig):
    """The account at the interface, and where it is used; all of it is issued together with the account."""

    username: Annotated[str, Field(min_length=1, max_length=200)]
    password: SecretStr
    login_path: Path
    call_path: Path
    dstcode: Annotated[str, Field(max_length=200, pattern=r"^[\x21-\x7e]*$"), Allowed("printable ASCII")] = Field(
        default="", description="header dstcode: routing code of the base on the document axis"
    )
    unit: str = Field(default="", max_length=100, description="parameter madonvi: code of the province")


class Asking(Protocol):
    """How one service is asked."""

    async def call(self, service: str, parameters: Mapping[str, str]) -> Capture:
        """The answer, whatever it says. Raises by the fetch column of connectors.outcomes."""
        ...


class Conversation:
    """Calls in one session, which begins with the first of them; a new one for each poll."""

    def __init__(self, http: "Http", url: str, session: Session, headers: Mapping[str, str] | None = None) -> None:
        self._http = http
        self._url = url
        self._account = session
        self._headers = {"Content-Type": JSON, **({"dstcode": session.dstcode} if session.dstcode else {}),
                         **(headers or {})}  # fmt: skip
        self._session = ""
        self._has_answered = False

    async def call(self, service: str, parameters: Mapping[str, str]) -> Capture:
        """The answer to one call. Raises BlockedError: `login_refused`."""
        if not self._session:
            await self._login()
        answer, refused = await self._once(service, parameters)
        if refused and self._has_answered:
            self._has_answered = False
            await self._login()
            answer, refused = await self._once(service, parameters)
        self._has_answered = self._has_answered or not refused
        if isinstance(answer, BlockedError):
            raise answer
        return answer

    async def _once(self, service: str, parameters: Mapping[str, str]) -> tuple[Capture | BlockedError, bool]:
        """The answer, and whether it is a refusal; some systems say so with 401."""
        said = {"session": self._session, "madonvi": self._account.unit, "service": service, **parameters}
        try:
            answer = await self._post(self._account.call_path, said)
        except BlockedError as blocked:
            return blocked, True
        reply = reply_of(answer)
        return answer, reply is not None and not reply.ok

    async def _login(self) -> None:
        said = {"username": self._account.username, "password": self._account.password.get_secret_value()}
        answer = await self._post(self._account.login_path, said)
        reply = read_reply(answer.body, answer.content_type)
        if not reply.ok or not reply.session:
            raise BlockedError(
                f"login refused, error_code {reply.code!r}", code="login_refused", fault=Fault.HUB,
                sentence="Cơ sở dữ liệu quốc gia không chấp nhận tài khoản kết nối. Bộ phận kỹ thuật cần kiểm tra tên"
                " đăng nhập, mật khẩu và mã định tuyến (dstcode) đã được cấp.",
            )  # fmt: skip
        self._session = reply.session

    async def _post(self, path: str, said: Mapping[str, str]) -> Capture:
        body = json.dumps(dict(said), ensure_ascii=False).encode()
        return await self._http.post(below(self._url, path), body, headers=self._headers)


class Gets:
    """Services that are asked by GET, each at an address of its own: those of the provinces' platforms."""

    def __init__(self, http: "Http", url: str, headers: Mapping[str, str]) -> None:
        self._http = http
        self._url = url
        self._headers = headers

    async def call(self, service: str, parameters: Mapping[str, str]) -> Capture:
        """The answer to one call."""
        url = with_parameters(below(self._url, service), list(parameters.items()))
        answer = await self._http.get(url, accept="application/json, */*;q=0.5", headers=self._headers)
        assert isinstance(answer, Capture)  # nothing was asked on a condition
        return answer


def reply_of(answer: Capture) -> Reply | None:
    """What an answer says; None when it is none of this service's."""
    try:
        return read_reply(answer.body, answer.content_type)
    except RejectedError:
        return None


def below(url: str, path: str) -> str:
    """The address of a path below the one of the settings, whose own query stays."""
    address, mark, query = url.partition("?")
    return f"{address.rstrip('/')}/{path.lstrip('/')}{mark}{query}"
