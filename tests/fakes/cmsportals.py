"""What the content systems that are written to share: accounts, faults at writes, replicas that lag, a ledger."""

import asyncio
import base64
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from aiohttp import web

from tests.fakes.server import FakeServer, Fault

USERNAME = "cong-tiep-nhan"
#: A picture of 24 by 16 pixels.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAABgAAAAQCAIAAACDRijCAAAAGklEQVR42mOQz99KFcQwatCoQaMGjRpEGQIAqEDkkAzY+qoAAAAASUVORK5CYII="
)


class CmsServer(FakeServer):
    """A content system. What is in `kept` is what it stores; reads see a copy of it while it lags."""

    def __init__(self, password: str) -> None:
        super().__init__()
        self.password = password
        self.kept: dict[str, dict[str, Any]] = {}  #: articles and pictures, by id
        self.effects: list[tuple[str, str, int]] = []  #: put or delete, content_id, revision or 0
        self.asked: list[tuple[str, str]] = []  #: method and path of all that came
        self.uploads = 0
        self.challenge = False  #: a firewall answers everything with a page and 200
        self.faults_at_reads = False
        self.delay = 0.0  #: seconds before any answer
        self.weather: Callable[[], Fault | None] | None = None  #: asked for a fault at every write
        self.underway = 0  #: requests that are being handled, also those for which nobody waits any more
        self.picture: asyncio.Event | None = None  #: the picture is not given before this
        self._copy: dict[str, dict[str, Any]] | None = None
        self.app.router.add_route("*", "/{path:.*}", self._handle)

    def lag(self) -> None:
        """From now on reads see what is there now."""
        self._copy = deepcopy(self.kept)

    def catch_up(self) -> None:
        """Reads see everything again."""
        self._copy = None

    @property
    def seen(self) -> dict[str, dict[str, Any]]:
        """What reads see."""
        return self.kept if self._copy is None else self._copy

    def shown(self) -> dict[str, int]:
        """Revision by content_id of what readers see, notices left out; -1 where none is kept."""
        return {}

    def writes(self) -> list[tuple[str, str]]:
        """The requests that change something."""
        return [one for one in self.asked if one[0] != "GET"]

    def next_fault(self) -> Fault | None:
        """A fault that was ordered, else what the weather brings."""
        return super().next_fault() or (self.weather() if self.weather else None)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.underway += 1
        try:
            return await self._handled(request)
        finally:
            self.underway -= 1

    async def _handled(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        await asyncio.sleep(self.delay)
        if request.path == "/anh.png":
            if self.picture is not None:
                await self.picture.wait()
            return web.Response(body=PICTURE, content_type="image/png")
        self.asked.append((request.method, request.path))
        if self.challenge:
            return web.Response(text="<!doctype html><title>Just a moment...</title>", content_type="text/html")
        fault = self.next_fault() if request.method != "GET" or self.faults_at_reads else None
        if fault is None:
            return self._answer(request, body)
        if fault.wait is not None:
            await fault.wait.wait()
        spared = not (fault.status or fault.reset or fault.hang or fault.html)
        answer = self._answer(request, body) if fault.committed or spared else web.Response()
        return await self.strike(request, fault, answer)

    def _answer(self, request: web.Request, body: bytes) -> web.Response:
        """What the product answers; `body` was read already."""
        return web.Response(status=404)

    def knows(self, request: web.Request) -> bool:
        """Whether user name and password are right."""
        expected = base64.b64encode(f"{USERNAME}:{self.password}".encode()).decode()
        return request.headers.get("Authorization") == f"Basic {expected}"
