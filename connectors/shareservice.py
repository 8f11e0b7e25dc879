"""A conversation with the share interface of a national base: login, calls, and one more login when a session ends.

POST {url}{login_path}  {username, password}                     -> {session, error_code}
POST {url}{call_path}   {session, madonvi, service, …}           -> {error_code, result}
POST {url}{path}        {session, madonvi, service, data: […]}   -> {error_code, result: [a result for each row]}
GET  {url}/{service}?…  of provinces, with the headers they want  -> the same, often inside a string

Paths, names of services and the routing code are settings: no document with a contract is public. There is no table of
error codes either. A call that is refused in a session which has answered before may mean that the session has ended:
then there is one more login, and the call is made once more; what is refused in a session that has ended did nothing.
What is refused after that is refused.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final, Protocol

from pydantic import Field, SecretStr

from connectors.addresses import Allowance
from connectors.base import Capture, ConnectorConfig
from connectors.errors import BlockedError, Fault, RejectedError, UnconfirmedError
from connectors.fields import Allowed
from connectors.outcomes import CameBack, Purpose, error_for
from connectors.parse.data.jsontext import BODY_LIMIT
from connectors.parse.data.requests import Header
from connectors.parse.shareanswer import Reply, read_reply
from connectors.parse.url import host_of, with_parameters

if TYPE_CHECKING:
    from connectors.http import Http

JSON: Final = "application/json; charset=utf-8"
_ACCEPT: Final = "application/json, */*;q=0.5"

Path = Annotated[
    str, Field(min_length=1, max_length=300, pattern=r"^[A-Za-z0-9._~/-]+$"), Allowed("a path below the address")
]
#: A further path or service that may be left out.
PathOrNone = Annotated[
    str, Field(max_length=300, pattern=r"^[A-Za-z0-9._~/-]*$"), Allowed("a path below the address, or nothing")
]
Names = Annotated[
    dict[Annotated[str, Field(max_length=100)], Annotated[str, Field(max_length=100)]],
    Allowed("a table of names and names of the service"),
]
Parameters = Annotated[
    dict[Annotated[str, Field(max_length=100)], Annotated[str, Field(max_length=500)]],
    Allowed("a table of names and texts"),
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


class Services(ConnectorConfig):
    """How a base is asked for what it has; the services themselves are named by the connector."""

    session: Session | None = Field(
        default=None, description="account at the national base; left out: services are asked by GET"
    )
    headers: tuple[Header, ...] = Field(
        default=(), max_length=20, description="further headers: Authorization, AppName, AccessKey, SecretKey"
    )
    parameters: Parameters = Field(
        default={}, max_length=20, description="further parameters of the list: maLinhVuc, …"
    )
    names: Names = Field(
        default={}, max_length=100, description="fields that this base calls otherwise: its name = name of the service"
    )

    def said_headers(self) -> dict[str, str]:
        """The further headers with their secrets."""
        return {header.name: header.text for header in self.headers}


class ProcedureServices(Services):
    """The services for administrative procedures, by the names that the national base gives them."""

    list_service: Path = Field(
        default="LayDanhSachTTHC", description="what gives the list of codes; by GET a path below the address"
    )
    record_service: Path = Field(default="LayThuTuc", description="what gives one record")
    code_parameter: str = Field(default="maTTHC", pattern=r"^\w{1,100}$", description="parameter of one record's code")


# ------------------------------------------------------------------------------------------------- one request


class Line(Protocol):
    """How a request goes out and what its failures mean."""

    async def get(self, url: str, headers: Mapping[str, str]) -> Capture:
        """Ask by GET."""
        ...

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Capture:
        """Ask by POST; asking changes nothing there."""
        ...


class FetchLine:
    """The line of a source: patient and mannerly; failures are those of the fetch column of connectors.outcomes."""

    def __init__(self, http: "Http") -> None:
        self._http = http

    async def get(self, url: str, headers: Mapping[str, str]) -> Capture:
        answer = await self._http.get(url, accept=_ACCEPT, headers=headers)
        assert isinstance(answer, Capture)  # nothing was asked on a condition
        return answer

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Capture:
        return await self._http.post(url, body, headers=headers)


class PlaceLine:
    """The line of a destination, with its own doors and patience: the read column, and for writes that of SEND_ONCE."""

    def __init__(self, http: "Http", *, timeout: float, allow: frozenset[Allowance]) -> None:
        self._http = http
        self._timeout = timeout
        self._allow = allow

    async def get(self, url: str, headers: Mapping[str, str]) -> Capture:
        return await self._send("GET", url, b"", headers, Purpose.READ)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Capture:
        try:
            return await self._send("POST", url, body, headers, Purpose.READ)
        except UnconfirmedError as error:  # a question that failed changed nothing, whatever its method
            raise error_for(CameBack(error.code), Purpose.READ, str(error)) from error

    async def write(self, url: str, body: bytes, headers: Mapping[str, str]) -> Capture:
        """Write by POST: what has no clear answer may have happened."""
        return await self._send("POST", url, body, headers, Purpose.SEND_ONCE)

    async def _send(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str], purpose: Purpose
    ) -> Capture:  # fmt: skip
        answer = await self._http.send(
            method, url, body=body, headers={"Accept": _ACCEPT, **headers}, timeout=self._timeout, allow=self._allow,
            repeatable=purpose is not Purpose.SEND_ONCE, answer_limit=BODY_LIMIT,
        )  # fmt: skip
        if answer.cut:
            raise error_for(CameBack.TOO_LARGE, purpose, f"{method} {host_of(url)}: more than is read")
        kind = answer.headers.get("Content-Type", "")
        return Capture(url=url, content_type=kind, body=answer.body, fetched_at=self._http.now())


# ------------------------------------------------------------------------------------------------ conversations


class Asking(Protocol):
    """How one service is asked."""

    async def call(self, service: str, parameters: Mapping[str, str]) -> Capture:
        """The answer, whatever it says. Raises by the column of its line."""
        ...


class Writing(Protocol):
    """How rows are handed to a service."""

    async def push(
        self, path: str, service: str, rows: Mapping[str, Sequence[Any]], *, took: Callable[[Reply], bool]
    ) -> Capture:
        """The answer, whatever it says; `rows` under the name of their parameter. Raises as `PlaceLine.write`.

        `took` tells whether an answer speaks of these rows, so that a refusal is theirs and not that of a session.
        """
        ...


class Ticket:
    """The session that conversations share; it is kept in memory only."""

    def __init__(self) -> None:
        self.session = ""
        self.renewing = asyncio.Lock()


class Conversation:
    """Calls in one session, which begins with the first of them where the ticket has none yet."""

    def __init__(
        self, line: Line, url: str, account: Session, headers: Mapping[str, str] | None = None,
        ticket: Ticket | None = None,
    ) -> None:  # fmt: skip
        self._line = line
        self._url = url
        self._account = account
        self._headers = {"Content-Type": JSON, **({"dstcode": account.dstcode} if account.dstcode else {}),
                         **(headers or {})}  # fmt: skip
        self._ticket = ticket or Ticket()
        #: the session was begun here and has not answered yet: what it refuses is refused
        self._is_new = False

    async def call(self, service: str, parameters: Mapping[str, str]) -> Capture:
        """The answer to one question. Raises BlockedError: `login_refused`."""
        return await self._told(self._line.post, self._account.call_path, {"service": service, **parameters})

    async def push(
        self, path: str, service: str, rows: Mapping[str, Sequence[Any]], *, took: Callable[[Reply], bool]
    ) -> Capture:
        """The answer to rows; raises as `call` does, and UnconfirmedError where they may have been taken."""
        assert isinstance(self._line, PlaceLine)  # sources ask only
        return await self._told(self._line.write, path or self._account.call_path, {"service": service, **rows}, took)

    async def _told(
        self, post: "_Post", path: str, said: Mapping[str, Any], took: Callable[[Reply], bool] = lambda reply: reply.ok
    ) -> Capture:
        if not self._ticket.session:
            await self._login("")
        session = self._ticket.session
        answer, refused = await self._once(post, path, said, took)
        if refused and not self._is_new:
            await self._login(session)
            answer, refused = await self._once(post, path, said, took)
        self._is_new = self._is_new and refused
        if isinstance(answer, BlockedError):
            raise answer
        return answer

    async def _once(
        self, post: "_Post", path: str, said: Mapping[str, Any], took: Callable[[Reply], bool]
    ) -> tuple[Capture | BlockedError, bool]:
        """The answer, and whether it is a refusal; some systems say so with 401."""
        whole = {"session": self._ticket.session, "madonvi": self._account.unit, **said}
        try:
            answer = await self._post(post, path, whole)
        except BlockedError as blocked:
            return blocked, True
        reply = reply_of(answer)
        return answer, reply is not None and not reply.ok and not took(reply)

    async def _login(self, ended: str) -> None:
        """Begin a session in place of the one that has ended, unless another conversation has done so meanwhile."""
        async with self._ticket.renewing:
            self._is_new = True
            if self._ticket.session == ended:
                self._ticket.session = await self._new_session()

    async def _new_session(self) -> str:
        said = {"username": self._account.username, "password": self._account.password.get_secret_value()}
        answer = await self._post(self._line.post, self._account.login_path, said)
        reply = reply_of(answer)
        if reply is None and isinstance(self._line, PlaceLine):  # a page in its place says nothing about the item
            raise error_for(CameBack.UNREADABLE, Purpose.READ, "login: no answer of this service")
        reply = reply or read_reply(answer.body, answer.content_type)  # a source is told what came instead
        if not reply.ok or not reply.session:
            raise BlockedError(
                f"login refused, error_code {reply.code!r}", code="login_refused", fault=Fault.HUB,
                sentence="Cơ sở dữ liệu quốc gia không chấp nhận tài khoản kết nối. Bộ phận kỹ thuật cần kiểm tra tên"
                " đăng nhập, mật khẩu và mã định tuyến (dstcode) đã được cấp.",
            )  # fmt: skip
        return reply.session

    async def _post(self, post: "_Post", path: str, said: Mapping[str, Any]) -> Capture:
        return await post(below(self._url, path), _json(said), self._headers)


class Gets:
    """Services that are asked by GET, each at an address of its own: those of the provinces' platforms."""

    def __init__(self, line: Line, url: str, headers: Mapping[str, str]) -> None:
        self._line = line
        self._url = url
        self._headers = headers

    async def call(self, service: str, parameters: Mapping[str, str]) -> Capture:
        """The answer to one question."""
        return await self._line.get(with_parameters(below(self._url, service), list(parameters.items())), self._headers)

    async def push(
        self, path: str, service: str, rows: Mapping[str, Sequence[Any]], *, took: Callable[[Reply], bool]
    ) -> Capture:
        """The answer to rows, which are posted to the service's address unless there is another path for them."""
        assert isinstance(self._line, PlaceLine)  # sources ask only
        body = _json({"service": service, **rows})
        return await self._line.write(below(self._url, path or service), body, {"Content-Type": JSON, **self._headers})


class _Post(Protocol):
    """A way to post: asking or writing."""

    async def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> Capture: ...


def _json(said: Mapping[str, Any]) -> bytes:
    return json.dumps(dict(said), ensure_ascii=False).encode()


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
