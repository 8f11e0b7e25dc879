"""The one HTTP client of the hub: sources are fetched and destinations are written through here and nowhere else.

    get   a source      conditional GET, own redirect loop, one request at a time per host   -> Capture | Unchanged
    send  a destination one request, no redirect, never repeated by itself                   -> Answer

Every dial passes the address guard (connectors.addresses), every body is counted while it is read, and whatever goes
wrong comes out as an error of connectors.errors by the table in connectors.outcomes. Error texts name the host and
the row of that table: never a path, query, header or body, which may hold a token or a marked text.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from time import monotonic
from types import SimpleNamespace, TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver

from connectors.addresses import METADATA_HOSTS, WEB_PORTS, Allowance, Gate, RefusedAddress
from connectors.base import Capture, Cursor, Hints, Unchanged
from connectors.bodies import CHUNK, BrokenAnswer, Limits, first_bytes, whole_body
from connectors.codings import ACCEPT_ENCODING
from connectors.errors import Fault, HubError
from connectors.freshness import conditional_headers, max_age, new_cursor, retry_after
from connectors.outcomes import CameBack, Purpose, came_back, error_for
from connectors.parse.url import host_of, origin_of, web_url
from connectors.turns import Turns

__all__ = ["ANSWER_LIMIT", "FEEDS", "SEND_PATIENCE", "Answer", "Http", "Limits"]

#: What a feed reader prefers; the last entry keeps servers content that know only text/html.
FEEDS: Final = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9,"
    " application/json;q=0.8, */*;q=0.5"
)

#: Most of a destination's answer that is read, in bytes, unless more is asked for.
ANSWER_LIMIT: Final = 64 * 1024

#: Longest Retry-After of a destination that is kept, in seconds; of a source it is a day.
SEND_PATIENCE: Final = 6 * 3_600.0

#: Larger bodies are handed over as a file: written at once they would hold up the loop, and aiohttp warns of it.
_SMALL: Final = 512 * 1024
_PERMANENT: Final = frozenset({301, 308})
_KEPT_HEADERS: Final = ("content-language", "content-location", "link", "x-wp-totalpages")
_NONE: Final[Mapping[str, str]] = {}
#: Idle connections to destinations are dropped before common servers drop them (Apache and Node: 5 s), because a
#: request that meets a closing connection ends as unconfirmed.
_KEEP_ALIVE: Final = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a destination answered."""

    status: int
    headers: Mapping[str, str]  #: case-insensitive
    body: bytes = field(repr=False)  #: decoded; cut at the limit asked for
    cut: bool = False  #: there was more


class _LostConnection(Exception):
    """The connection broke under a request."""


class Http:
    """The client; made by the composition root and used as an async context manager."""

    def __init__(
        self,
        *,
        user_agent: str,
        allow_private: frozenset[Allowance] = frozenset(),
        per_host: int = 1,
        limits: Limits | None = None,
        hosts_refused: frozenset[str] = METADATA_HOSTS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        resolver: AbstractResolver | None = None,
    ) -> None:
        """Take what every request shares.

        `allow_private` holds for every request made here, `per_host` is how many fetches may run at once on one host,
        `hosts_refused` are names nobody may ask for (metadata services, our database and broker). `user_agent` names
        the hub and whom to write to: `provincial-hub/0.1 (+mailto:...)`.
        """
        self.limits = limits or Limits()
        self._allow_private = allow_private
        self._ports: frozenset[int] = frozenset()
        self._hosts_refused = hosts_refused
        self._clock = clock
        self._turns = Turns(per_host)
        self._connections = _Connections(user_agent, resolver)

    async def __aenter__(self) -> Self:
        self._connections.open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connections.close()

    def scoped(
        self,
        *,
        limits: Limits | None = None,
        allow: frozenset[Allowance] = frozenset(),
        ports: frozenset[int] = frozenset(),
    ) -> "Http":
        """This client for one endpoint: own limits, further doors; turns and connections are shared.

        `ports` are further ports that public addresses may be asked on: the source's own.
        """
        view = copy(self)
        view.limits = limits or self.limits
        view._allow_private = self._allow_private | allow
        view._ports = self._ports | ports
        return view

    def now(self) -> datetime:
        """The time now, by the clock this client was given."""
        return self._clock()

    async def get(
        self,
        url: str,
        *,
        cursor: Cursor = _NONE,
        limits: Limits | None = None,
        accept: str = FEEDS,
        headers: Mapping[str, str] = _NONE,
    ) -> Capture | Unchanged:
        """Fetch a body whole, or learn that it is unchanged since `cursor`.

        `headers` go to the origin that was asked and to no other that it redirects to: they may hold a key.

        Raises by the fetch column of connectors.outcomes: TransientError, ThrottledError, BlockedError, or
        RejectedError for our refusals.
        """
        fetch = _Fetch(
            asked=web_url(url),
            cursor=cursor,
            accept=accept,
            limits=limits or self.limits,
            gate=self._gate(),
            headers=headers,
        )
        step = _Redirect(fetch.asked, permanent=True)
        moved_to = ""
        seen: set[str] = set()
        left = fetch.limits.total
        while True:
            seen.add(step.to)
            async with self._turns.turn(host_of(step.to)):
                began = monotonic()
                answer = await self._visit(step.to, fetch, seconds=left, moved_to=moved_to)
                left -= monotonic() - began
            if not isinstance(answer, _Redirect):
                return answer
            step = _Redirect(answer.to, permanent=step.permanent and answer.permanent)
            moved_to = step.to if step.permanent else moved_to
            # Without cookies the same address gives the same answer: a second visit cannot end otherwise.
            if step.to in seen or len(seen) > fetch.limits.redirects:
                raise _failure(CameBack.REDIRECTS, Purpose.FETCH, "GET", host_of(fetch.asked))

    async def _visit(
        self, url: str, fetch: "_Fetch", *, seconds: float, moved_to: str
    ) -> "Capture | Unchanged | _Redirect":
        """One hop of a fetch."""
        condition = conditional_headers(fetch.cursor, url, fetch.asked)
        own = fetch.headers if origin_of(url) == origin_of(fetch.asked) else _NONE
        async with self._ask(
            "GET",
            url,
            gate=fetch.gate,
            purpose=Purpose.FETCH,
            headers={"Accept": fetch.accept, "Accept-Encoding": ACCEPT_ENCODING, **own, **condition},
            seconds=seconds,
            idle=fetch.limits.idle,
            headers_limit=fetch.limits.headers,
            # Our settings name the first address, the member's site those that follow.
            blame=None if url == fetch.asked else Fault.MEMBER,
        ) as response:
            headers = response.headers
            wait = retry_after(headers.get("Retry-After", ""), self.now())
            fresh = max_age(headers.get("Cache-Control", ""))
            hints = Hints(retry_after=wait, max_age=fresh, moved_to=moved_to)
            match response.status:
                case 200 | 203:
                    if (response.content_length or 0) > fetch.limits.wire:
                        raise BrokenAnswer(CameBack.TOO_LARGE)
                    body = await whole_body(response.content.iter_chunked(CHUNK), _coding(response), fetch.limits)
                    return Capture(
                        url=url,
                        content_type=headers.get("Content-Type", ""),
                        body=body,
                        fetched_at=self.now(),
                        cursor=new_cursor(headers, url, fetch.asked),
                        headers={key: headers[key] for key in _KEPT_HEADERS if key in headers},
                        hints=hints,
                    )
                case 304 if condition:
                    return Unchanged(hints=hints)
                case 301 | 302 | 303 | 307 | 308 if location := headers.get("Location"):
                    # "" when web_url refuses it: the next hop then ends like any refused address.
                    to = web_url(location, url).partition("#")[0]
                    return _Redirect(to, permanent=response.status in _PERMANENT)
                case 304:
                    raise BrokenAnswer(CameBack.UNREADABLE)
                case status:
                    raise _refusal(status, Purpose.FETCH, "GET", host_of(url), wait)

    async def send(
        self,
        method: str,
        url: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] = _NONE,
        timeout: float,  # noqa: ASYNC109  # a bound of the request like the others, not of the caller's wait
        allow: frozenset[Allowance] = frozenset(),
        repeatable: bool,
        accept_status: frozenset[int] = frozenset(),
        answer_limit: int = ANSWER_LIMIT,
    ) -> Answer:
        """Make one request to a destination; it is never repeated here and follows no redirect.

        Returns an answer of 2xx or of `accept_status`. Raises by the other columns of connectors.outcomes: GET and HEAD
        as reads, else by whether sending the same again is safe (`repeatable`). `timeout` is in seconds for everything.
        The port is the address's own: it comes from settings, not from a source.
        """
        reading = method in ("GET", "HEAD")
        purpose = Purpose.READ if reading else Purpose.SEND if repeatable else Purpose.SEND_ONCE
        url = web_url(url)
        async with self._ask(
            method,
            url,
            gate=self._gate(allow, frozenset({_endpoint(url)[1]})),
            purpose=purpose,
            headers={"Accept-Encoding": "identity", **headers},
            body=body,
            seconds=timeout,
            idle=timeout,
            headers_limit=self.limits.headers,
            keep_alive=purpose is not Purpose.SEND_ONCE,
        ) as response:
            status = response.status
            if not 200 <= status < 300 and status not in accept_status:
                wait = retry_after(response.headers.get("Retry-After", ""), self.now(), longest=SEND_PATIENCE)
                raise _refusal(status, purpose, method, host_of(url), wait)
            chunks = response.content.iter_chunked(CHUNK)
            answer, cut = await first_bytes(chunks, _coding(response), answer_limit)
            return Answer(status=status, headers=response.headers, body=answer, cut=cut)

    @asynccontextmanager
    async def _ask(
        self,
        method: str,
        url: str,
        *,
        gate: Gate,
        purpose: Purpose,
        headers: Mapping[str, str],
        body: bytes = b"",
        seconds: float,
        idle: float,
        headers_limit: int,
        keep_alive: bool = False,
        blame: Fault | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """One request. Whatever fails before, during or while the answer is read becomes an error of the tree."""
        host, port = _endpoint(url)
        if not host or not gate.admits_host(host, port):
            raise _failure(CameBack.ADDRESS_REFUSED, purpose, method, host, fault=blame)
        call = SimpleNamespace(sent=False)
        response = None
        try:
            async with asyncio.timeout(seconds):
                response = await self._connections.session(gate, keep_alive).request(
                    method,
                    url,
                    data=BytesIO(body) if len(body) > _SMALL else body or None,
                    headers=headers,
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(total=None, sock_connect=idle, sock_read=idle),
                    trace_request_ctx=call,
                )
                if len(response.headers) > headers_limit:
                    raise BrokenAnswer(CameBack.UNREADABLE)
                yield response
        except BrokenAnswer as error:
            raise _failure(error.what, purpose, method, host, fault=blame) from None
        except (aiohttp.ClientError, _LostConnection, OSError) as error:  # TimeoutError is an OSError
            # Without the cause: texts of HTTP libraries carry whole addresses and pieces of what was received.
            raise _failure(_row_of(error, sent=call.sent), purpose, method, host, fault=blame, error=error) from None
        finally:
            if response is not None:
                response.close()  # a connection whose answer was read to its end has gone back to the pool by now

    def _gate(self, allow: frozenset[Allowance] = frozenset(), ports: frozenset[int] = frozenset()) -> Gate:
        return Gate(self._allow_private | allow, WEB_PORTS | self._ports | ports, self._hosts_refused)


class _Connections:
    """A session for each gate: a kept connection must not serve somebody to whom the guard would have refused it."""

    def __init__(self, user_agent: str, resolver: AbstractResolver | None) -> None:
        self.open = False
        self._user_agent = user_agent
        self._resolver = resolver
        self._sessions: dict[tuple[Gate, bool], aiohttp.ClientSession] = {}

    def session(self, gate: Gate, keep_alive: bool) -> aiohttp.ClientSession:
        if not self.open:
            raise RuntimeError("Http is used outside its context")
        session = self._sessions.get((gate, keep_alive))
        if session is None:
            connector = aiohttp.TCPConnector(
                limit=0,
                resolver=self._resolver,
                socket_factory=gate.open_socket,
                **({"keepalive_timeout": _KEEP_ALIVE} if keep_alive else {"force_close": True}),
            )
            session = self._sessions[gate, keep_alive] = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self._user_agent},
                trust_env=False,  # behind a proxy the guard would see the proxy's address only
                auto_decompress=False,
                middlewares=(_once,),
                trace_configs=[_notes_when_sent()],
            )
        return session

    async def close(self) -> None:
        self.open = False
        while self._sessions:
            await self._sessions.popitem()[1].close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fetch:
    """What stays the same over the hops of one fetch."""

    asked: str
    cursor: Cursor
    accept: str
    limits: Limits
    gate: Gate
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Redirect:
    to: str
    permanent: bool


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending a PUT, DELETE or GET again when the connection breaks: only a stage may repeat."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
        raise _LostConnection from None


def _notes_when_sent() -> aiohttp.TraceConfig:
    """Marks a request as sent once its head is handed to the connection: from then on it may have happened."""

    async def sent(
        _session: aiohttp.ClientSession, context: SimpleNamespace, _sent: aiohttp.TraceRequestHeadersSentParams
    ) -> None:
        context.trace_request_ctx.sent = True

    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(sent)
    return trace


def _endpoint(url: str) -> tuple[str, int]:
    """Host and port of an address that passed `web_url`; `("", 80)` for one that did not."""
    parts = urlsplit(url)
    return host_of(url), parts.port or (443 if parts.scheme == "https" else 80)


def _row_of(error: Exception, *, sent: bool) -> CameBack:
    """The row of a failure below HTTP; `sent` tells whether the request may have arrived."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return CameBack.NAME_UNKNOWN
        case aiohttp.ClientConnectorCertificateError():
            return CameBack.CERTIFICATE
        case aiohttp.ClientSSLError():
            return CameBack.TLS
        case aiohttp.ClientConnectorError():
            if isinstance(error.os_error, RefusedAddress):
                return CameBack.ADDRESS_REFUSED
            refused = isinstance(error.os_error, ConnectionRefusedError)
            return CameBack.CONNECTION_REFUSED if refused else CameBack.UNREACHABLE
        case _ if not sent:
            return CameBack.UNREACHABLE
        case TimeoutError():
            return CameBack.TIMEOUT
        case aiohttp.ClientPayloadError():
            return CameBack.TRUNCATED
        case aiohttp.ClientResponseError():
            return CameBack.UNREADABLE
        case _:
            return CameBack.RESET


def _coding(response: aiohttp.ClientResponse) -> str:
    return ", ".join(response.headers.getall("Content-Encoding", ()))


def _failure(
    what: CameBack,
    purpose: Purpose,
    method: str,
    host: str,
    *,
    fault: Fault | None = None,
    error: Exception | None = None,
) -> HubError:
    """The error of a row, with a technical text that quotes nothing but the host."""
    cause = f" ({type(error).__name__.lstrip('_')})" if error is not None else ""
    return error_for(what, purpose, f"{method} {host or 'a refused address'}: {what.value}{cause}", fault=fault)


def _refusal(status: int, purpose: Purpose, method: str, host: str, wait: float | None) -> HubError:
    """The error of a status that is not what was asked for."""
    what = came_back(status, retry_after=wait is not None)
    return error_for(what, purpose, f"{method} {host}: HTTP {status}", retry_after=wait)
