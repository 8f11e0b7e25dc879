"""A small provincial portal to push to: the portal protocol, and pages at which a person sees what arrived.

    PUT, DELETE, GET /portal/items/{content_id}     the protocol (docs/reference/portal-protocol.md)
    GET              /portal/items
    GET              /                              what arrived, the newest first; ?member= ?kind= ?page= ?live=0
    GET              /tin/{content_id}              one item

It plays somebody else's system: nothing but the protocol connects it with the hub. Fenced by revision, and what arrived
stays in one file (portal_shelf.py) over restarts.
"""

import hmac
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from uuid import UUID

import orjson
import structlog
from aiohttp import web
from pydantic import ConfigDict, Field, ValidationError

from connectors.errors import ConfigError
from hub.sample.portal_pages import Pages
from hub.sample.portal_shelf import Counters, Held, KeyReused, Outcome, Shelf
from hub.sample.showing import HEADERS
from schemas.edition import PublishedItem
from schemas.item import TITLE_LIMIT

log = structlog.get_logger(__name__)

#: Longest body of a PUT, in bytes: two million letters of content, in Vietnamese, with what stands around them.
BODY_LIMIT: Final = 8 * 1024 * 1024
#: Longest Idempotency-Key, in characters.
KEY_LIMIT: Final = 300
#: Largest revision; SQLite's integers end there.
REVISION_LIMIT: Final = 2**63 - 1
#: Where the protocol stands.
API: Final = "/portal/items"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Arriving(PublishedItem):
    """The body of a PUT. Fields that later releases add are ignored, as the protocol asks."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    revision: int = Field(ge=1, le=REVISION_LIMIT, strict=True)
    title: str = Field(min_length=1, max_length=TITLE_LIMIT)


class SamplePortal:
    """The portal as a server, up between `__aenter__` and `__aexit__`; `counters` can be read afterwards too."""

    def __init__(
        self, folder: Path, *, name: str, token: str, host: str = "127.0.0.1", port: int = 0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._folder = folder
        self._name = name
        self._authorization = f"Bearer {token}".encode()
        self._host, self._port = host, port
        self._now = now
        self._origin = ""
        self._runner: web.AppRunner | None = None
        self._shelf: Shelf

    @property
    def base_url(self) -> str:
        """What settings.toml calls `base_url`."""
        return f"{self._origin}/portal"

    @property
    def page_url(self) -> str:
        """Where a person sees what arrived."""
        return f"{self._origin}/"

    @property
    def counters(self) -> Counters:
        """What became of everything that came, since the folder was new."""
        return self._shelf.counters

    async def __aenter__(self) -> Self:
        """Open the file and listen. Raises ConfigError when the port is taken."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._shelf = Shelf(self._folder / "portal.db", self._now)
        app = web.Application(middlewares=[self._guarded], client_max_size=BODY_LIMIT)
        pages = Pages(self._name, self._shelf, self._now)
        app.add_routes([
            web.put(f"{API}/{{content_id}}", self._put),
            web.delete(f"{API}/{{content_id}}", self._delete),
            web.get(f"{API}/{{content_id}}", self._get),
            web.get(API, self._list),
            *pages.routes(),
        ])  # fmt: skip
        self._pages = pages
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self.__aexit__(None, None, None)
            raise ConfigError(
                f"sample portal: cannot listen on {self._host}:{self._port}: {error.strerror or error}",
                sentence=f"Không mở được cổng {self._port} cho cổng thông tin mẫu: có chương trình khác đang dùng."
                " Hãy dừng chương trình ấy hoặc chọn số cổng khác.",
            ) from error
        self._origin = f"http://{self._host}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        self._shelf.close()

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The protocol wants the token and speaks JSON, pages are for everybody; both say what went wrong."""
        speaks_json = request.path == API or request.path.startswith(f"{API}/")
        response: web.StreamResponse
        try:
            if speaks_json and not self._knows(request):
                response = _problem(401, "The header Authorization: Bearer carries no valid token.")
                response.headers["WWW-Authenticate"] = "Bearer"
            else:
                response = await handler(request)
        except web.HTTPException as refusal:
            response = _problem(refusal.status, refusal.reason) if speaks_json else self._pages.problem(refusal.status)
            if "Allow" in refusal.headers:
                response.headers["Allow"] = refusal.headers["Allow"]
        except Exception:
            log.exception("request failed by a defect", path=request.path)
            response = _problem(500, "A defect of the portal.") if speaks_json else self._pages.problem(500)
        response.headers.update(HEADERS)
        return response

    def _knows(self, request: web.Request) -> bool:
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(given, self._authorization)

    async def _put(self, request: web.Request) -> web.Response:
        content_id, key = _content_id(request), _key(request)
        if content_id is None or key is None:
            return _problem(400, "The address ends in a UUID, and the header Idempotency-Key says which change it is.")
        try:
            item = Arriving.model_validate_json(await request.read())
        except ValidationError as error:
            return _problem(400, _reason(error))
        if item.content_id != content_id:
            return _problem(400, "content_id: not that of the address")
        return self._answer(lambda: self._shelf.put(item, key))

    async def _delete(self, request: web.Request) -> web.Response:
        content_id, key, version = _content_id(request), _key(request), request.headers.get("X-Version", "")
        if content_id is None or key is None:
            return _problem(400, "The address ends in a UUID, and the header Idempotency-Key says which change it is.")
        if not (version.isascii() and version.isdigit() and len(version) < 20 and 1 <= int(version) <= REVISION_LIMIT):
            return _problem(400, "X-Version: the revision of the withdrawal, a whole number from 1")
        return self._answer(lambda: self._shelf.withdraw(content_id, int(version), key))

    async def _get(self, request: web.Request) -> web.Response:
        content_id = _content_id(request)
        held = self._shelf.held(content_id) if content_id else None
        if held is None:
            return _problem(404, "Nothing is held under this id.")
        return _json(_entry(held), 200 if held.item else 410)

    async def _list(self, _: web.Request) -> web.Response:
        return _json([
            {"content_id": content_id, "revision": revision} | ({"withdrawn": True} if withdrawn else {})
            for content_id, revision, withdrawn in self._shelf.versions()
        ])  # fmt: skip

    def _answer(self, change: Callable[[], tuple[Outcome, Held]]) -> web.Response:
        try:
            outcome, held = change()
        except KeyReused:
            return _problem(422, "Idempotency-Key: it was used for another change before")
        status = {Outcome.NEW: 201, Outcome.STALE: 409}.get(outcome, 200)
        return _json(_entry(held), status)


def _content_id(request: web.Request) -> UUID | None:
    try:
        return UUID(request.match_info["content_id"])
    except ValueError:
        return None


def _key(request: web.Request) -> str | None:
    key = request.headers.get("Idempotency-Key", "")
    return key if 0 < len(key) <= KEY_LIMIT and key.isascii() else None


def _reason(error: ValidationError) -> str:
    """The first fault as `field: what it must be`; never the value, which may be anything."""
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return f"{'.'.join(map(str, fault['loc'])) or 'body'}: {fault['msg']}"


def _entry(held: Held) -> dict[str, object]:
    entry: dict[str, object] = {"content_id": str(held.content_id), "revision": held.revision}
    return entry if held.item else entry | {"withdrawn": True}


def _problem(status: int, detail: str) -> web.Response:
    """A refusal in the form of RFC 9457."""
    return _json({"status": status, "detail": detail}, status, "application/problem+json")


def _json(value: object, status: int = 200, content_type: str = "application/json") -> web.Response:
    return web.Response(status=status, body=orjson.dumps(value), content_type=content_type)
