"""The web role: what others pull. Feeds, the sitemap, a page for each public item, and the health of the process.

Everything here is public and read-only; only editions that were approved are reachable, by one query
(hub.store.publishing). Thin: parse the request, ask, present.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import quote
from uuid import UUID

import structlog
from aiohttp import web

from connectors.errors import HubError
from hub.engine import Engine
from hub.settings import Settings
from hub.store import publishing
from hub.store.instants import micros, moment
from hub.store.publishing import Place, Selection
from hub.web import pages
from hub.web.feeds import FORMATS, FeedPage, Format, sitemap
from schemas.edition import PublishedItem, Withdrawal, WithdrawalKind
from schemas.item import Kind

log = structlog.get_logger(__name__)

#: entries of one page of a feed
PAGE = 50
#: addresses of one page of the sitemap; the protocol allows 50,000
SITEMAP_PAGE = 10_000
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' https: http:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class Site:
    """What the handlers need."""

    engine: Engine
    name: str  #: of the province
    base: str  #: public address, without a slash at the end


SITE = web.AppKey("site", Site)


@asynccontextmanager
async def serve(engine: Engine, settings: Settings) -> AsyncIterator[str]:
    """Listen as the settings say; yields the address that answers."""
    runner = web.AppRunner(application(engine, settings), access_log=None, handle_signals=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.web.host, settings.web.port)
        await site.start()
        host, port = runner.addresses[0][:2]
        log.info("listening", address=f"http://{host}:{port}")
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def application(engine: Engine, settings: Settings) -> web.Application:
    """The web application, without a socket."""
    app = web.Application(middlewares=[guarded], client_max_size=64 * 1024)
    app[SITE] = Site(engine, settings.hub.name, settings.public_url)
    formats = "|".join(FORMATS)
    app.add_routes(
        [
            web.get("/", home),
            web.get("/feeds/{part:all}.{format:(?:" + formats + ")}", feed),
            web.get("/feeds/{part:kind|member|tag}/{name}.{format:(?:" + formats + ")}", feed),
            web.get("/items/{content_id}", item_page),
            web.get("/sitemap.xml", sitemap_page),
            web.get("/static/{name:[a-z.]+}", pages.static),
            web.get("/healthz", healthz),
            web.get("/readyz", readyz),
        ]
    )
    return app


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every answer carries the headers that keep a page what it is; a failure names no cause to the outside."""
    try:
        response = await handler(request)
    except web.HTTPException as refusal:
        response = pages.problem(refusal.status, request.app[SITE].name)
    except HubError as error:
        log.warning("request failed", path=request.path, code=error.code, cause=str(error))
        response = pages.problem(503, request.app[SITE].name)
    response.headers.update(HEADERS)
    return response


async def feed(request: web.Request) -> web.Response:
    """One page of the public list, or of one kind, member or tag."""
    site = request.app[SITE]
    part, name = request.match_info["part"], request.match_info.get("name", "")
    selection = _selection(part, name)
    written = FORMATS[request.match_info["format"]]
    after = _place(request.query.get("before", ""))
    found = await publishing.public_list(site.engine.store, selection, limit=PAGE + 1, after=after)
    entries, more = found[:PAGE], len(found) > PAGE
    first = f"{site.base}{quote(request.path)}"
    last = entries[-1] if entries else None
    page = FeedPage(
        title=f"{site.name}{' – ' + name if name else ''}",
        description="Tin, bài, văn bản và thủ tục đã được ban biên tập duyệt.",
        home=f"{site.base}/",
        address=first if after is None else f"{first}?before={request.query['before']}",
        first=first,
        next=f"{first}?before={micros(last.public_at)}-{last.edition.content_id}" if last and more else "",
        language="vi",
        updated=entries[0].public_at if entries else None,
        entries=entries,
    )
    return _conditional(request, written, page)


def _selection(part: str, name: str) -> Selection:
    match part:
        case "kind" if name in Kind:
            return Selection(kind=name)
        case "member":
            return Selection(member=name)
        case "tag":
            return Selection(tag=name)
        case "all":
            return Selection()
    raise web.HTTPNotFound


def _place(before: str) -> Place | None:
    """The `before` of a next link. Anything else is no page of ours."""
    if not before:
        return None
    at, _, content_id = before.partition("-")
    try:
        return Place(public_at=moment(int(at)), content_id=UUID(content_id))
    except (ValueError, OverflowError):
        raise web.HTTPNotFound from None


def _conditional(request: web.Request, written: Format, page: FeedPage) -> web.Response:
    """200 with validators, or 304 when the reader has this very page."""
    body = written.write(page)
    etag = hashlib.sha256(body).hexdigest()[:32]
    headers = {"ETag": f'"{etag}"', "Cache-Control": "public, max-age=60"}
    if page.updated:
        headers["Last-Modified"] = format_datetime(page.updated.replace(microsecond=0), usegmt=True)
    if _has_already(request, etag, page.updated):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, headers={**headers, "Content-Type": written.content_type})


def _has_already(request: web.Request, etag: str, updated: datetime | None) -> bool:
    """If-None-Match decides; If-Modified-Since only speaks without it (RFC 9110, 13.2.2)."""
    if request.if_none_match is not None:
        return any(tag.value in (etag, "*") for tag in request.if_none_match)
    since = request.headers.get("If-Modified-Since", "")
    try:
        return updated is not None and updated.replace(microsecond=0) <= parsedate_to_datetime(since).astimezone(UTC)
    except (ValueError, TypeError):
        return False


async def item_page(request: web.Request) -> web.Response:
    """The public face of one item; a withdrawn one answers as its withdrawal says."""
    site = request.app[SITE]
    try:
        content_id = UUID(request.match_info["content_id"])
    except ValueError:
        raise web.HTTPNotFound from None
    found = await publishing.public_items(site.engine.store, [content_id])
    match found:
        case [PublishedItem() as item]:
            return pages.item(item, site.name, site.engine.zone)
        case [Withdrawal(kind=WithdrawalKind.VANISH)] | []:
            raise web.HTTPNotFound
        case [Withdrawal(kind=WithdrawalKind.REDIRECT) as gone] if gone.redirect_to:
            return web.Response(status=301, headers={"Location": gone.redirect_to})
        case _:
            return pages.gone(found[0], site.name)


async def home(request: web.Request) -> web.Response:
    """The newest public items, and where to subscribe."""
    site = request.app[SITE]
    newest = await publishing.public_list(site.engine.store, Selection(), limit=30)
    items = [entry.edition for entry in newest if isinstance(entry.edition, PublishedItem)]
    return pages.home(items, site.name, site.engine.zone)


async def sitemap_page(request: web.Request) -> web.Response:
    """Addresses of all public items with the time of their last change."""
    site = request.app[SITE]
    found = await publishing.public_list(site.engine.store, Selection(), limit=SITEMAP_PAGE)
    addresses = [
        (f"{site.base}/items/{entry.edition.content_id}", entry.public_at)
        for entry in found
        if isinstance(entry.edition, PublishedItem)
    ]
    return web.Response(body=sitemap(addresses), content_type="application/xml", charset="utf-8")


async def healthz(request: web.Request) -> web.Response:
    """The process lives."""
    return web.json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """The database answers; a broker that is away only makes us slower."""
    site = request.app[SITE]
    await site.engine.store.fetch("SELECT 1 AS one")
    return web.json_response({"status": "ready"})
