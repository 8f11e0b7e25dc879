"""A member site as a real server: programmable bodies, validators, redirects, and every way of answering badly."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from tests.fakes.server import FakeServer, drop

FEED = "application/rss+xml; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one path answers. With `etag` or `last_modified` a matching conditional GET gets 304."""

    body: bytes = b""
    status: int = 200
    content_type: str = FEED
    etag: str = ""
    last_modified: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    to: str = ""  #: Location
    raw: tuple[bytes, ...] = ()  #: written to the connection as they stand, then it is closed
    endless: bool = False  #: `body` over and over until the other side hangs up
    stall: bool = False  #: `body` (or `raw`), and then silence
    hold: asyncio.Event | None = None  #: no answer before this


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that came."""

    method: str
    path: str  #: with query
    headers: Mapping[str, str]


class Site(FakeServer):
    """Pages by path; what was asked is in `asked`, and how many were asking at once in `most_at_once`."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, Page] = {}
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self.arrived = asyncio.Event()  #: set whenever a request comes
        self._now = 0
        self.app.router.add_route("*", "/{path:.*}", self._answer)

    def serve(self, path: str, body: bytes = b"", **page: object) -> str:
        """Let `path` answer so, and return its address."""
        self.pages[path] = Page(body=body, **page)  # type: ignore[arg-type]
        return self.origin + path

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(Asked(request.method, request.path_qs, dict(request.headers)))
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        self.arrived.set()
        try:
            return await self._page(request)
        finally:
            self._now -= 1

    async def _page(self, request: web.Request) -> web.StreamResponse:
        page = self.pages.get(request.path)
        if page is None:
            return web.Response(status=404, text="không có trang này")
        if page.hold is not None:
            await page.hold.wait()
        if page.raw:
            return await self._raw(request, page)
        headers = {"Content-Type": page.content_type, **page.headers}
        validators = {"ETag": page.etag, "Last-Modified": page.last_modified, "Location": page.to}
        headers |= {name: value for name, value in validators.items() if value}
        if page.status == 200 and _unchanged(request, page):
            return web.Response(status=304, headers={k: v for k, v in headers.items() if k != "Content-Type"})
        if page.endless or page.stall:
            return await self._stream(request, page, headers)
        return web.Response(status=page.status, body=page.body, headers=headers)

    async def _raw(self, request: web.Request, page: Page) -> web.StreamResponse:
        transport = request.transport
        assert transport is not None
        for piece in page.raw:
            if transport.is_closing():
                break
            transport.write(piece)
            await asyncio.sleep(0.01)  # so that the pieces leave one by one
        if page.stall and not transport.is_closing():
            await self.closing.wait()
        transport.close()
        return web.Response()

    async def _stream(self, request: web.Request, page: Page, headers: Mapping[str, str]) -> web.StreamResponse:
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        await response.write(page.body)
        while page.endless and not self.closing.is_set():
            try:
                await response.write(page.body)
            except ConnectionError:
                return response
        await self.closing.wait()
        drop(request)
        return response


def _unchanged(request: web.Request, page: Page) -> bool:
    if page.etag:
        return request.headers.get("If-None-Match") == page.etag
    return bool(page.last_modified) and request.headers.get("If-Modified-Since") == page.last_modified
