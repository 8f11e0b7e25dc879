"""A subscriber as a real server: it checks signatures, refuses what is stale, and keeps a ledger of what it took."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from connectors.destinations.webhook import verify
from tests.fakes.server import FakeServer


@dataclass(frozen=True, slots=True)
class Told:
    """One event that took effect."""

    event: str
    content_id: str
    revision: int
    key: str
    body: dict[str, Any]


class Subscriber(FakeServer):
    """Takes each key once, and no revision that is not above the one it holds."""

    def __init__(self, secret: str, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.told: list[Told] = []
        self.unsigned = 0  #: calls whose signature did not hold
        self.requests: list[tuple[str, str]] = []
        self.arrived = asyncio.Event()
        self._secret = secret
        self._now = now
        self._keys: set[str] = set()
        self._revisions: dict[str, int] = {}
        self.app.router.add_route("POST", "/hook", self._handle)

    @property
    def url(self) -> str:
        """Where to POST."""
        return f"{self.origin}/hook"

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.requests.append((request.method, request.headers.get("Idempotency-Key", "")))
        self.arrived.set()
        fault = self.next_fault()
        if fault is None:
            return self._act(request, body)
        if fault.wait is not None:
            await fault.wait.wait()
        spared = not (fault.status or fault.reset or fault.hang or fault.html)
        answer = self._act(request, body) if fault.committed or spared else web.Response()
        return await self.strike(request, fault, answer)

    def _act(self, request: web.Request, body: bytes) -> web.Response:
        if not verify(self._secret, request.headers, body, self._now()):
            self.unsigned += 1
            return web.Response(status=401)
        event = json.loads(body)
        key = request.headers["Idempotency-Key"]
        if key in self._keys:
            return web.Response(status=200)
        if event["revision"] <= self._revisions.get(event["content_id"], 0):
            return web.Response(status=409)
        self._keys.add(key)
        self._revisions[event["content_id"]] = event["revision"]
        self.told.append(Told(request.headers["Hub-Event"], event["content_id"], event["revision"], key, event))
        return web.Response(status=204)
