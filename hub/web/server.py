"""The web role: what others pull, and where they push. Feeds, the sitemap, a page for each public item, the health of
the process; inboxes of members, and the callback of WebSub hubs.

    /                                    what is new; ?kind= ?member= ?tag= a part of it; ?before= older
    /feeds/all.FORMAT                    FORMAT is rss, atom or json
    /feeds/kind|member|tag/NAME.FORMAT   a part of the list; ?before= older, as the feed's next link says
    /items/ID                            one item, or what became of it
    /items/ID.docx|xml|json              the same to take away: on paper, as national record, as published
    /files/CHECKSUM                      photos of contributions that public items show
    /search                              what is public and has these words
    /coverage                            who publishes what it owes, where the settings show it to everybody
    /sitemap.xml  /robots.txt  /static/  /healthz  /readyz
    /metrics                             numbers for Prometheus, to the networks that the settings name
    /inbox/SOURCE  /websub/TOKEN         what comes in, signed; nothing can be read there
    /console/…                           for those who work with the hub (hub/web/console)
    /api/v1/…                            for programs (hub/web/api)

Every route declares what it demands (hub/web/routes.py). Whatever can be read here without a login is public; only
editions that were approved are reachable, through one file of questions (hub/store/publishing.py). What is sent here is
kept as it came, and read like the answer to a poll.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aiohttp import web
from aiohttp.http_parser import HttpRequestParser, HttpRequestParserPy

from connectors.errors import ConfigError, HubError
from hub.engine import Engine
from hub.settings import Settings
from hub.sheets.downloads import FORMS
from hub.web import coverage, files, health, inbox, items, lists, metrics, pages, photos, search, sitemap, websub
from hub.web.answers import CONSOLE_HEADERS, HEADERS, transport_headers
from hub.web.api import app as api
from hub.web.api.guard import API_HEADERS
from hub.web.api.problems import problem_of_status
from hub.web.bodies import Bodies
from hub.web.connections import BETWEEN, CONNECTIONS, connections, keep_looking, noted
from hub.web.console import app as console
from hub.web.feeds import FORMATS
from hub.web.routes import PREFIX, Handler, Open, Route, all_declared, declare, get, post
from hub.web.site import SITE, Site
from hub.web.streaming import GIVEN_UP

log = structlog.get_logger(__name__)

#: Characters of a query string; our own longest has some 700 (a tag of 200 letters, percent-encoded, and a place).
QUERY_LIMIT = 2_500
#: Seconds after which an answer is given up.
PATIENCE = 20.0
#: The same for forms with photos, which a slow line of a commune takes minutes for.
PATIENCE_WITH_FILES = 300.0
#: Hosts that mean "everywhere": nobody can follow a link to them.
EVERYWHERE = ("0.0.0.0", "::")


@asynccontextmanager
async def serve(engine: Engine, settings: Settings) -> AsyncIterator[str]:
    """Listen as the settings say; yields the address that answers, with the true port where port 0 was set.

    Raises ConfigError when the address is taken, or is none of this machine.
    """
    demand_strict_parser(HttpRequestParser)
    app = application(engine, settings)
    # Bodies are decoded by hub.web.bodies, which counts: a server that decodes by itself has no ceiling.
    runner = web.AppRunner(
        app, access_log=None, handle_signals=False, shutdown_timeout=5.0, auto_decompress=False,
        keepalive_timeout=BETWEEN,
    )  # fmt: skip
    await runner.setup()
    assert runner.server is not None
    looking = asyncio.create_task(keep_looking(app[CONNECTIONS], runner.server), name="look at connections")
    try:
        host, port = settings.web.host, settings.web.port
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise ConfigError(
                f"web: cannot listen on {host}:{port}: {error.strerror or error}",
                sentence=f"Không mở được cổng {port} tại {host}: cổng đang được dùng hoặc địa chỉ không thuộc máy này."
                " Hãy đổi web.host hoặc web.port trong settings.toml.",
            ) from error
        address = f"http://{f'[{host}]' if ':' in host else host}:{runner.addresses[0][1]}"
        if not settings.web.base_url:
            app[SITE].base = address
            if host in EVERYWHERE:
                log.warning("links in feeds lead nowhere: web.base_url is not set", host=host)
        log.info("listening", address=address)
        yield address
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        await runner.cleanup()


def demand_strict_parser(parser: type) -> None:
    """Raises ConfigError for the parser in Python: requests were smuggled past it and its neighbours more than once."""
    if parser is HttpRequestParserPy:
        raise ConfigError(
            "web: aiohttp is installed without its parser in C, the only one that requests from outside are read by",
            sentence="Thư viện aiohttp được cài thiếu bộ phân tích HTTP viết bằng C nên hệ thống không mở cổng. Hãy cài"
            " lại bản dựng sẵn của aiohttp cho máy này.",
        )  # fmt: skip


def application(engine: Engine, settings: Settings) -> web.Application:
    """The web application, without a socket."""
    app = web.Application(middlewares=[noted, metrics.counted, guarded], client_max_size=1_024)
    app[SITE] = Site(engine=engine, name=settings.hub.name, base=settings.public_url, coverage=settings.reports.public)
    app[websub.BODIES] = bodies = Bodies(settings.fetch.limits())
    app[inbox.INBOXES] = inboxes = inbox.inboxes(settings, bodies)
    app[items.MAKING] = asyncio.Semaphore(items.AT_ONCE)
    app[search.SEARCHING] = asyncio.Semaphore(search.AT_ONCE)
    app[coverage.BOARD] = coverage.Board()
    app[CONNECTIONS] = connections()
    app[metrics.WATCH] = metrics.Watch(settings.web.metrics_for)
    app.cleanup_ctx.append(metrics.watching)
    declare(app, _routes(bool(inboxes.by_source), board=settings.reports.public))
    inside = {
        console.PATH: console.console(app[SITE]), api.PATH: api.api(app[SITE], settings.web.api, bodies)
    }  # fmt: skip
    for path, part in inside.items():
        app.add_subapp(path, part)
    all_declared(app, *inside.values())
    return app


def _routes(inboxes: bool, *, board: bool) -> list[Route]:
    """All that is reached without a login."""
    formats, forms, public = "|".join(FORMATS), "|".join(FORMS), Open.PUBLIC
    routes = [
        get("/", lists.listing, public),
        get(f"/feeds/{{part:all}}.{{format:{formats}}}", lists.feed, public),
        get(f"/feeds/{{part:kind|member|tag}}/{{name:.+}}.{{format:{formats}}}", lists.feed, public),
        get(f"/items/{{content_id}}.{{format:{forms}}}", items.download, public),
        get("/items/{content_id}", items.item, public),
        get("/search", search.page, public),
        get("/sitemap.xml", sitemap.sitemap, public),
        get("/sitemap-{starting:[0-9a-f]{1,4}}.xml", sitemap.sitemap_page, public),
        get("/robots.txt", sitemap.robots, public),
        get("/static/{name}", files.static, public),
        get("/files/{sha256:[0-9a-f]{64}}", photos.photo, public),
        get("/healthz", health.healthz, public),
        get("/readyz", health.readyz, public),
        get("/metrics", metrics.metrics, public),
        get(console.PATH, _to_folder, public),
        get(api.PATH, _to_folder, public),
        # Always: a hub that we left asks whether it was we, though no source is pushed any more.
        Route("GET", "/websub/{token:[A-Za-z0-9_-]{32}}", websub.verify, Open.SIGNED),
        post("/websub/{token:[A-Za-z0-9_-]{32}}", websub.receive, Open.SIGNED),
    ]
    if board:
        routes.append(get("/coverage", coverage.coverage, public))
    if inboxes:
        routes.append(Route("*", "/inbox/{source}", inbox.inbox, Open.SIGNED))
    return routes


async def _to_folder(request: web.Request) -> web.StreamResponse:
    return web.Response(status=308, headers={"Location": f"{request.app[SITE].root}{request.path}/"})


@web.middleware
async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every answer carries the headers that keep a page what it is; a failure tells the log its cause, nobody else."""
    site = request.app[SITE]
    try:
        if len(request.rel_url.raw_query_string) > QUERY_LIMIT:
            raise web.HTTPRequestURITooLong
        # The API has routes that wait for something to happen; each of its routes says how long.
        async with asyncio.timeout(None if _is_in(request, api.PATH) else _patience(request)) as request[GIVEN_UP]:
            response = await handler(request)
    except web.HTTPException as refusal:
        if _is_in(request, api.PATH):
            response = problem_of_status(request, refusal.status)
        else:
            response = pages.problem(site, refusal.status)
        if "Allow" in refusal.headers:
            response.headers["Allow"] = refusal.headers["Allow"]
    except (HubError, TimeoutError) as error:
        log.warning("request failed", path=_place(request), cause=repr(error))
        response = pages.problem(site, 503)
    except Exception:
        log.exception("request failed by a defect", path=_place(request))
        response = pages.problem(site, 500)
    if not response.prepared:
        response.headers.update(_headers(request) | transport_headers(site))
    return response


def _headers(request: web.Request) -> dict[str, str]:
    """The console's pages have a script of ours, fonts, and forms; answers of the API depend on the key."""
    if _is_in(request, console.PATH):
        return CONSOLE_HEADERS
    return API_HEADERS if _is_in(request, api.PATH) else HEADERS


def _is_in(request: web.Request, path: str) -> bool:
    """Whether the part of the hub that hangs under this path answers."""
    return request.match_info.apps[-1].get(PREFIX) == path


def _patience(request: web.Request) -> float:
    return PATIENCE_WITH_FILES if request.content_type == "multipart/form-data" else PATIENCE


def _place(request: web.Request) -> str:
    """What the log calls the place that was asked for; the token of a callback is nobody's business."""
    resource = request.match_info.route.resource
    return resource.canonical if resource and "token" in request.match_info else request.path
