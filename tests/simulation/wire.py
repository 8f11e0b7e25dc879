"""The simulated network below the hub's one HTTP client: requests, answers that get lost, and effects that come late.

The client is the real one with its table of outcomes; what it asks for a session gets this one.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from random import Random
from types import SimpleNamespace
from typing import Any, Final, Protocol, cast
from urllib.parse import parse_qsl, urlsplit

import aiohttp
from aiohttp.client_reqrep import ConnectionKey
from multidict import CIMultiDict, MultiDict

from connectors.addresses import Gate
from connectors.exchange import Exchange
from tests.simulation.loop import SimulatedLoop

#: seconds after which the client hears no more of a call that hangs; less than any timeout of the settings
HANGS: Final = 4.5
#: the longest that a request which nobody waits for any more takes to have its effect; less than `settling`
LATEST: Final = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What becomes of one request."""

    latency: float = 0.01
    refused: bool = False  #: no connection: nothing happened, and the client knows
    acts: bool = True  #: the request has its effect
    late: float = 0.0  #: seconds until it has, where the client does not wait so long
    lost: str = ""  #: reset, hang: no answer; torn: half of one
    status: int = 0  #: answered in place of the true one
    retry_after: int = 0
    page: bool = False  #: a page for people with the status 200

    @property
    def unknown(self) -> bool:
        """Whether the client cannot know what became of a call that changes something."""
        return bool(self.lost) or self.page or self.status in (500, 502)


@dataclass(slots=True)
class Call:
    """One request, as the fakes look at it."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    at: float
    path: str = ""
    query: MultiDict[str] = field(default_factory=MultiDict)
    match_info: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        self.path = parts.path
        self.query = MultiDict(parse_qsl(parts.query, keep_blank_values=True))
        self.match_info = {"id": parts.path.rpartition("/")[2]}


@dataclass(frozen=True, slots=True)
class Reply:
    """A true answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Host(Protocol):
    """Somebody who is asked."""

    def fate(self, call: Call) -> Fate:
        """What becomes of a request that is about to leave."""

    def left(self, call: Call) -> None:
        """The request is on its way."""

    def act(self, call: Call) -> Reply:
        """It arrived."""

    def known(self, call: Call, fate: Fate | None) -> None:
        """What the client can know of it; None: the client died meanwhile."""


class Network:
    """Everybody who can be reached, by name."""

    def __init__(self, loop: SimulatedLoop, rng: Random) -> None:
        self.loop, self.rng = loop, rng
        self.hosts: dict[str, Host] = {}
        self.requests = 0
        self.reading = 0.0  #: seconds that the next body takes to be read: our own machine is busy


class SimulatedExchange(Exchange):
    """The exchange of one process; dead with it."""

    def __init__(self, network: Network) -> None:
        super().__init__("simulation", None)
        self.dead = False
        self._session = _Session(network, lambda: self.dead)

    def session(self, gate: Gate, keep_alive: bool) -> aiohttp.ClientSession:
        return cast(aiohttp.ClientSession, self._session)


class _Session:
    def __init__(self, network: Network, is_dead: Callable[[], bool]) -> None:
        self._network, self._is_dead = network, is_dead

    async def request(
        self, method: str, url: str, *, data: bytes | BytesIO | None, headers: Mapping[str, str],
        trace_request_ctx: SimpleNamespace, **_: Any,
    ) -> "_Response":  # fmt: skip
        network = self._network
        loop, name = network.loop, urlsplit(url).hostname or ""
        body = data.getvalue() if isinstance(data, BytesIO) else data or b""
        call = Call(method, url, CIMultiDict(headers), body, loop.time())
        host = network.hosts[name]
        fate = host.fate(call)
        await asyncio.sleep(fate.latency)
        self._must_live(name)
        if fate.refused:
            raise aiohttp.ClientConnectorError(_key(name), ConnectionRefusedError())
        if loop.time() > call.at + HANGS:  # the machine stood still meanwhile, and nobody waited with the handshake
            raise aiohttp.ClientConnectorError(_key(name), TimeoutError())
        network.requests += 1
        trace_request_ctx.sent = True
        host.left(call)
        try:
            loop.instant("before a request arrives")
            if self._is_dead():
                if network.rng.random() < 0.5:
                    loop.call_later(network.rng.random() * LATEST, host.act, call)
                self._must_live(name)
            reply = self._arrive(host, call, fate)
            loop.instant("after a request arrived")
            self._must_live(name)
            answer = await self._answer(fate, reply)
        except asyncio.CancelledError:
            host.known(call, None)
            raise
        except BaseException:
            host.known(call, None if self._is_dead() else fate)
            raise
        host.known(call, fate)
        return answer

    def _arrive(self, host: Host, call: Call, fate: Fate) -> Reply | None:
        if fate.late:
            self._network.loop.call_later(HANGS + fate.late, host.act, call)
            return None
        return host.act(call) if fate.acts else None

    async def _answer(self, fate: Fate, reply: Reply | None) -> "_Response":
        if fate.lost == "hang":
            await asyncio.sleep(HANGS)
            raise TimeoutError
        await asyncio.sleep(fate.latency)
        if fate.lost == "reset":
            raise aiohttp.ServerDisconnectedError
        if fate.page:
            return _Response(Reply(200, {"Content-Type": "text/html"}, b"<!doctype html><title>Xin cho</title>"))
        if fate.status:
            headers = {"Retry-After": str(fate.retry_after)} if fate.retry_after else {}
            return _Response(Reply(fate.status, headers, b"{}"))
        assert reply is not None
        return _Response(reply, torn=fate.lost == "torn")

    def _must_live(self, name: str) -> None:
        if self._is_dead():
            raise aiohttp.ClientConnectorError(_key(name), OSError())

    async def close(self) -> None:
        """Nothing is kept open."""


def _key(name: str) -> ConnectionKey:
    return ConnectionKey(name, 80, False, True, None, None, None)


class _Response:
    """What the client reads of an answer."""

    def __init__(self, reply: Reply, *, torn: bool = False) -> None:
        self.status = reply.status
        self.headers = CIMultiDict(reply.headers)
        self.content_length = len(reply.body)
        self.content = self
        self._body, self._torn = reply.body, torn

    async def iter_chunked(self, size: int) -> AsyncIterator[bytes]:
        if self._torn:
            yield self._body[: len(self._body) // 2]
            raise aiohttp.ClientPayloadError
        if self._body:
            yield self._body

    def close(self) -> None:
        """Nothing is kept open."""
