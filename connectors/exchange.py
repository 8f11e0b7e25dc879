"""One request and its answer: the guard before it, a session to make it in, and one error for whatever goes wrong.

Error texts name the host and the row of connectors.outcomes: never a path, query, header or body, which may hold a
token or a marked text.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from io import BytesIO
from types import SimpleNamespace
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver

from connectors.addresses import Gate, RefusedAddress
from connectors.bodies import BrokenAnswer
from connectors.errors import Fault, HubError
from connectors.outcomes import CameBack, Purpose, came_back, error_for
from connectors.parse.url import host_of

#: Larger bodies are handed over as a file: written at once they would hold up the loop, and aiohttp warns of it.
_SMALL: Final = 512 * 1024
#: Idle connections to destinations are dropped before common servers drop them (Apache and Node: 5 s), because a
#: request that meets a closing connection ends as unconfirmed.
_KEEP_ALIVE: Final = 4.0


class _LostConnection(Exception):
    """The connection broke under a request."""


class Exchange:
    """Makes requests, in a session for each gate.

    A kept connection must not serve somebody to whom the guard would have refused it.
    """

    def __init__(self, user_agent: str, resolver: AbstractResolver | None) -> None:
        self.open = False
        self._user_agent = user_agent
        self._resolver = resolver
        self._sessions: dict[tuple[Gate, bool], aiohttp.ClientSession] = {}

    @asynccontextmanager
    async def ask(
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
        host, port = endpoint(url)
        if not host or not gate.admits_host(host, port):
            door = f"[{host}]:{port}" if ":" in host else f"{host}:{port}" if host else host
            raise failure(CameBack.ADDRESS_REFUSED, purpose, method, door, fault=blame)
        call = SimpleNamespace(sent=False)
        response = None
        try:
            async with asyncio.timeout(seconds):
                response = await self.session(gate, keep_alive).request(
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
            raise failure(error.what, purpose, method, host, fault=blame) from None
        except (aiohttp.ClientError, _LostConnection, OSError) as error:  # TimeoutError is an OSError
            # Without the cause: texts of HTTP libraries carry whole addresses and pieces of what was received.
            raise failure(_row_of(error, sent=call.sent), purpose, method, host, fault=blame, error=error) from None
        finally:
            if response is not None:
                response.close()  # a connection whose answer was read to its end has gone back to the pool by now

    def session(self, gate: Gate, keep_alive: bool) -> aiohttp.ClientSession:
        """Who makes requests through this gate; the one place that touches the network."""
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
        """Close every session; no request is made from here on."""
        self.open = False
        while self._sessions:
            await self._sessions.popitem()[1].close()


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


def endpoint(url: str) -> tuple[str, int]:
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


def coding(response: aiohttp.ClientResponse) -> str:
    """The content codings of an answer in the order in which they were applied; "" for none."""
    return ", ".join(response.headers.getall("Content-Encoding", ()))


def failure(
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


def refusal(status: int, purpose: Purpose, method: str, host: str, wait: float | None) -> HubError:
    """The error of a status that is not what was asked for."""
    what = came_back(status, retry_after=wait is not None)
    return error_for(what, purpose, f"{method} {host}: HTTP {status}", retry_after=wait)
