"""What the fakes share: a real aiohttp server on a free loopback port, and faults that can be ordered in advance."""

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass, field
from typing import Self

from aiohttp import web

from connectors.addresses import Allowance, parse_allowance


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """How one request goes wrong. Without `committed` nothing happens behind the answer."""

    committed: bool = False  #: the effect takes place all the same
    status: int = 0  #: answered in place of the true status; 0 = the true answer
    retry_after: str = ""  #: header as it stands
    reset: bool = False  #: the connection is dropped without an answer
    hang: bool = False  #: no answer until the server closes
    html: bool = False  #: a page with status 200, or the status given
    wait: asyncio.Event | None = field(default=None, compare=False)  #: nothing happens before this


class FakeServer:
    """A server that is up between `start` and `close`; used as an async context manager."""

    def __init__(self) -> None:
        self.app = web.Application(client_max_size=64 * 1024 * 1024)
        self.port = 0
        self.faults: deque[Fault] = deque()
        self.closing = asyncio.Event()
        self._runner: web.AppRunner | None = None

    @property
    def origin(self) -> str:
        """`http://127.0.0.1:PORT`"""
        return f"http://127.0.0.1:{self.port}"

    @property
    def allowance(self) -> Allowance:
        """The door in the address guard that leads here."""
        return parse_allowance(f"127.0.0.1:{self.port}")

    @property
    def doors(self) -> frozenset[Allowance]:
        """`allowance` as the client wants it."""
        return frozenset({self.allowance})

    def fail_next(self, *faults: Fault) -> None:
        """The next requests go wrong in these ways, in this order."""
        self.faults.extend(faults)

    async def start(self, port: int = 0, tls: ssl.SSLContext | None = None) -> Self:
        """Listen, with TLS if a context is given; a restarted server takes its old port again."""
        self.closing.clear()
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port or self.port, ssl_context=tls)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def close(self) -> None:
        """Let go of everybody and stop listening."""
        self.closing.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def next_fault(self) -> Fault | None:
        """The fault ordered for the request that is being handled."""
        return self.faults.popleft() if self.faults else None

    async def strike(self, request: web.Request, fault: Fault, answer: web.Response) -> web.StreamResponse:
        """Answer as the fault says; `answer` is what would have been said."""
        if fault.hang:
            await self.closing.wait()
        if fault.reset or fault.hang:
            drop(request)
            return answer
        headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
        if fault.html:
            page = "<!doctype html><title>Vui lòng xác minh</title><p>Bạn không phải là người máy?"
            return web.Response(status=fault.status or 200, text=page, content_type="text/html", headers=headers)
        if fault.status:
            return web.json_response({"error": "fault"}, status=fault.status, headers=headers)
        return answer


def drop(request: web.Request) -> None:
    """Cut the connection of a request at once."""
    if request.transport is not None:
        request.transport.abort()
