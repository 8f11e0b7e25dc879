"""A community page of the province behind the Graph API, and the page itself as citizens see it.

    POST   /vNN.N/{page}/feed              message, link, published                  -> {id}
    POST   /vNN.N/{post}                   message | is_published=true               -> {success}
    DELETE /vNN.N/{post}                                                             -> {success}
    GET    /vNN.N/{post}                                                             -> the post
    GET    /vNN.N/{page}/published_posts   since, limit, after                       -> {data, paging}
    GET    /                               what stands there, the newest first; ?page= ?live=0
    GET    /bai/{number}                   one post

As outside: what was written shows in the list a little later, headers tell how much of the hour's budget is used, and
no call carries a key by which it would be known when it comes twice. Now and then an answer is lost after the deed, or
a call fails before it: who repeats without looking makes a second post, and the page counts those.
"""

import hmac
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import orjson
import structlog
from aiohttp import web

from connectors.errors import ConfigError
from hub.sample.fanpage_cards import Cards
from hub.sample.fanpage_pages import Pages
from hub.sample.fanpage_shelf import Counted, Counters, FanpageShelf, Kept
from hub.sample.showing import HEADERS

log = structlog.get_logger(__name__)

#: Number of the page, and the version of the interface that it speaks.
PAGE_ID: Final = "520260001122"
VERSION: Final = "v25.0"
#: How much later than a write the list shows it.
LAG: Final = timedelta(seconds=1)
#: Calls in an hour.
BUDGET: Final = 4_000
#: Of so many writes one is done and its answer lost; of so many one fails. Both show on the first morning.
LOSES, FAILS = 17, 29
#: Longest body, in bytes, and posts on one page of the list.
_BODY_LIMIT: Final = 1024 * 1024
_MOST: Final = 100
#: code, subcode: what is wrong
_TOKEN, _PARAMETER, _NO_POST, _USED_UP = (190, 467), (100, 0), (100, 33), (32, 0)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class SampleFanpage:
    """The page as a server, up between `__aenter__` and `__aexit__`; `counters` can be read afterwards too."""

    def __init__(
        self, folder: Path, *, name: str, token: str, portal: str, host: str = "127.0.0.1", port: int = 0,
        lag: timedelta = LAG, loses: int = LOSES, fails: int = FAILS, budget: int = BUDGET,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        """`portal` is the address of the site to which posts lead; `loses` and `fails`: 0 for never, 1 for always."""
        self._folder, self._name, self._portal = folder, name, portal
        self._authorization = f"Bearer {token}".encode()
        self._host, self._port = host, port
        self._lag, self._loses, self._fails, self._budget, self._now = lag, loses, fails, budget, now
        self._cards = Cards(portal)
        self._writes = 0
        self._calls: list[datetime] = []
        self._runner: web.AppRunner | None = None
        self._shelf: FanpageShelf
        self._pages: Pages
        self.door = ""  #: `host:port`

    @property
    def url(self) -> str:
        """The address without its last slash."""
        return f"http://{self.door}"

    @property
    def counters(self) -> Counters:
        """What was done here, since the folder was new."""
        return self._shelf.counters

    @property
    def doubled(self) -> int:
        """How many posts stand there twice."""
        return self._shelf.doubled

    async def __aenter__(self) -> Self:
        """Open the file and listen. Raises ConfigError when the port is taken."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._shelf = FanpageShelf(self._folder / "fanpage.db", self._now)
        await self._cards.__aenter__()
        self._pages = Pages(self._name, self._portal, self._shelf, self._cards, self._now)
        app = web.Application(middlewares=[self._guarded], client_max_size=_BODY_LIMIT)
        app.add_routes([
            web.post(f"/{VERSION}/{PAGE_ID}/feed", self._create),
            web.get(f"/{VERSION}/{PAGE_ID}/published_posts", self._list),
            web.get(f"/{VERSION}/{{post}}", self._read),
            web.post(f"/{VERSION}/{{post}}", self._change),
            web.delete(f"/{VERSION}/{{post}}", self._delete),
            *self._pages.routes(),
        ])  # fmt: skip
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self.__aexit__(None, None, None)
            raise ConfigError(
                f"sample fanpage: cannot listen on {self._host}:{self._port}: {error.strerror or error}",
                sentence=f"Không mở được cổng {self._port} cho trang cộng đồng mẫu: có chương trình khác đang dùng."
                " Hãy dừng chương trình ấy hoặc chọn số cổng khác.",
            ) from error
        self.door = f"{self._host}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        await self._cards.__aexit__(None, None, None)
        self._shelf.close()

    # ------------------------------------------------------------------------------------------------ the interface

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The interface wants the token, keeps the budget and has its bad moments; pages are for everybody."""
        response: web.StreamResponse
        speaks_json = request.path.startswith(f"/{VERSION}/")
        try:
            response = await (self._called(request, handler) if speaks_json else handler(request))
        except web.HTTPException as refusal:
            response = _error(_PARAMETER) if speaks_json else self._pages.problem(refusal.status)
        except Exception:
            log.exception("request failed by a defect", path=request.path)
            response = _error((1, 0), 500) if speaks_json else self._pages.problem(500)
        response.headers.update(HEADERS)
        return response

    async def _called(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._authorization):
            return _error(_TOKEN)
        now = self._now()
        self._calls = [call for call in self._calls if now - call < timedelta(hours=1)] + [now]
        percent = 100 * len(self._calls) // self._budget
        response = await self._answered(request, handler) if percent <= 100 else _error(_USED_UP)
        response.headers["X-Page-Usage"] = orjson.dumps(
            {"call_count": percent, "total_cputime": percent // 2, "total_time": percent // 2}
        ).decode()
        return response

    async def _answered(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method == "GET":
            return await handler(request)
        self._writes += 1
        if self._fails and self._writes % self._fails == 0:
            self._shelf.count(Counted.FAILED)
            return web.Response(status=500, text="<html><title>Error</title></html>", content_type="text/html")
        response = await handler(request)
        if self._loses and self._writes % self._loses == 0 and request.transport is not None:
            self._shelf.count(Counted.LOST)
            request.transport.abort()
        return response

    async def _create(self, request: web.Request) -> web.Response:
        form = await request.post()
        message, link = str(form.get("message", "")).strip(), str(form.get("link", ""))
        if not message or not (link == "" or link.startswith(("http://", "https://"))):
            return _error(_PARAMETER)
        number = self._shelf.add(message, link, shown=form.get("published") != "false")
        return _json({"id": f"{PAGE_ID}_{number}"})

    async def _change(self, request: web.Request) -> web.Response:
        form, number = await request.post(), _number(request)
        there = self._shelf.find(number) is not None
        if there and "message" in form:
            message = str(form["message"]).strip()
            if not message:
                return _error(_PARAMETER)
            there = self._shelf.edit(number, message)
        if there and form.get("is_published") == "true":
            there = self._shelf.show(number)
        return _json({"success": True}) if there else _error(_NO_POST)

    async def _delete(self, request: web.Request) -> web.Response:
        return _json({"success": True}) if self._shelf.remove(_number(request)) else _error(_NO_POST)

    async def _read(self, request: web.Request) -> web.Response:
        kept = self._shelf.find(_number(request))
        return _json(_shown(kept)) if kept else _error(_NO_POST)

    async def _list(self, request: web.Request) -> web.Response:
        self._shelf.count(Counted.LOOKED)
        size = min(_whole(request.query.get("limit", "25")) or 25, _MOST)
        skip, since = _whole(request.query.get("after", "")), _whole(request.query.get("since", ""))
        found = self._shelf.shown(skip=skip, limit=size + 1, since=since, lag=self._lag)
        paging: dict[str, Any] = {"cursors": {"before": str(skip), "after": str(skip + size)}}
        if len(found) > size:
            paging["next"] = f"{self.url}{request.path}?after={skip + size}"
        return _json({"data": [_shown(kept) for kept in found[:size]], "paging": paging})


def _number(request: web.Request) -> int:
    """The number of a post in its id; 0, which none has, for another page's or none."""
    page, _, number = request.match_info["post"].partition("_")
    return _whole(number) if page == PAGE_ID else 0


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _shown(kept: Kept) -> dict[str, Any]:
    at = kept.shown or kept.created
    shown: dict[str, Any] = {
        "id": f"{PAGE_ID}_{kept.number}", "message": kept.message, "is_published": kept.shown is not None,
        "created_time": at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
    }  # fmt: skip
    return shown | ({"attachments": {"data": [{"unshimmed_url": kept.link}]}} if kept.link else {})


def _error(reason: tuple[int, int], status: int = 400) -> web.Response:
    code, subcode = reason
    error = {"message": f"(#{code})", "type": "OAuthException", "code": code, "fbtrace_id": "mau"}
    return _json({"error": error | ({"error_subcode": subcode} if subcode else {})}, status)


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(value), content_type="application/json")
