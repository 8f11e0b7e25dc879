"""Routes, validators, walks over HTTP, what a stranger may learn, and how failures look from outside."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from aiohttp import ClientSession, web
from aiohttp.http_parser import HttpRequestParser, HttpRequestParserPy
from aiohttp.test_utils import TestClient, TestServer
from lxml import etree
from structlog.testing import capture_logs
from yarl import URL

from connectors.errors import ConfigError, TransientError
from hub.app import Hub, open_hub
from hub.commands.reject import reject
from hub.web import lists
from hub.web.feeds import FORMATS
from hub.web.server import application, demand_strict_parser, guarded, serve
from hub.web.site import SITE, Site
from schemas.edition import WithdrawalKind
from schemas.item import Kind, Notice
from tests.clock import Clock
from tests.web.conftest import BASE, settings_in
from tests.web.press import Press, id_of, news
from tests.web.requirements import atom_faults, json_faults, rss_faults

Client = TestClient[web.Request, web.Application]
ATOM = "{http://www.w3.org/2005/Atom}"
GONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
FAULTS = {"atom": atom_faults, "rss": rss_faults, "json": json_faults}
every_format = pytest.mark.parametrize("ending", FORMATS)


async def read(client: Client, path: str, status: int = 200, **headers: str) -> bytes:
    async with client.get(URL(path, encoded=True), headers=headers, allow_redirects=False) as response:
        assert response.status == status, path
        return await response.read()


def path_of(address: str) -> str:
    assert address.startswith(BASE)
    return address.removeprefix(BASE)


# Feeds


@every_format
async def test_every_part_of_the_list_has_a_valid_feed(client: Client, press: Press, ending: str) -> None:
    await press.publish(news("a", tags=("Y tế/Dự phòng",), content_html="<p>x</p>"))
    await press.publish(Notice(guid="b", title="Thông báo"), source="xa-ha-lieu-tin")
    await press.withdraw("b")
    for path in ("all", "kind/news", "kind/question", "member/H52.30", "tag/Y%20t%E1%BA%BF/D%E1%BB%B1%20ph%C3%B2ng"):
        body = await read(client, f"/feeds/{path}.{ending}")
        assert FAULTS[ending](body) == [], path


async def test_the_address_of_a_tag_leads_back_to_its_feed(client: Client, press: Press) -> None:
    tags = ("Y tế/Dự phòng", "100% & hơn?", "a.b", "..", "#1", "Đà Nẵng + Huế;x", "rss.atom")
    await press.publish(news("a", tags=tags))
    for tag in tags:
        await leads_back(client, tag)


async def leads_back(client: Client, tag: str) -> None:
    """From the feed of a tag by its own links to itself, and to the page for people."""
    site = client.app[SITE]  # type: ignore[union-attr]
    feed = etree.fromstring(await read(client, site.feed("tag", tag, "atom")))
    assert feed.findtext(f"{ATOM}entry/{ATOM}title") == "Tin a"
    links = {link.get("rel"): link.get("href") or "" for link in feed.findall(f"{ATOM}link")}
    again = etree.fromstring(await read(client, path_of(links["self"])))
    assert again.findtext(f"{ATOM}id") == feed.findtext(f"{ATOM}id")
    assert "Tin a" in (await read(client, path_of(links["alternate"]))).decode()


async def test_a_slash_in_a_tag_may_come_encoded_or_not(client: Client, press: Press) -> None:
    await press.publish(news("a", tags=("x/y",)))
    assert await read(client, "/feeds/tag/x%2Fy.json") == await read(client, "/feeds/tag/x/y.json")


NO_PAGES = [
    "/feeds/all.xml", "/feeds/all", "/feeds/kind/weather.atom", "/feeds/member/H00.atom", "/feeds/author/x.atom",
    "/feeds/tag/%00.atom", f"/feeds/tag/{'a' * 201}.atom", "/feeds/all.atom?before=", "/feeds/all.atom?before=1",
    "/feeds/all.rss?before=1-2-3", f"/feeds/all.atom?before=9{'0' * 17}-1-{uuid4()}", "/?before=x",
    f"/?before=99999999999999999-1-{uuid4()}x", "/?kind=weather", "/?member=H00", "/?tag=%0A", "/items/x",
    f"/items/{uuid4()}", "/static/..%2Fpages.py", "/static/pages.py", "/sitemap-x.xml", "/nowhere",
]  # fmt: skip


async def test_what_is_no_page_of_ours_is_a_vietnamese_404(client: Client) -> None:
    for path in NO_PAGES:
        page = (await read(client, path, 404)).decode()
        assert '<html lang="vi">' in page, path
        assert "Không tìm thấy trang" in page, path


async def test_far_times_in_a_cursor_are_an_empty_page(client: Client, press: Press) -> None:
    await press.publish(news("a"))
    assert orjson.loads(await read(client, f"/feeds/all.json?before=0-0-{uuid4()}"))["items"] == []
    last = f"/feeds/all.json?before={'9' * 17}-{'9' * 17}-{uuid4()}"
    assert len(orjson.loads(await read(client, last))["items"]) == 1


@every_format
async def test_following_next_meets_every_item_once_though_the_list_moves(
    client: Client, press: Press, ending: str
) -> None:  # fmt: skip
    count = lists.FEED_PAGE * 2 + 7
    await press.publish(*(news(f"n{n}") for n in range(count)))
    await press.publish(news("held"), held=True)
    met: list[str] = []
    path, changed = f"/feeds/all.{ending}", 0
    for _ in range(5):
        body = await read(client, path)
        assert FAULTS[ending](body) == []
        if ending == "json":
            feed = orjson.loads(body)
            met += [item["id"] for item in [*feed["items"], *feed["_hub"]["withdrawn"]]]
            following = feed.get("next_url", "")
        else:
            tree = etree.fromstring(body)
            met += [node.text or "" for node in tree.iter("guid")]
            met += [entry.findtext(f"{ATOM}id") or "" for entry in tree.iter(f"{ATOM}entry")]
            met += [node.get("ref") or "" for node in tree.iter(GONE)]
            following = next((ln.get("href") or "" for ln in tree.iter(f"{ATOM}link") if ln.get("rel") == "next"), "")
        await press.publish(*(news(f"n{n}", title="Đã sửa") for n in range(changed, changed + 20)), news(f"m{changed}"))
        changed += 20
        if not following:
            break
        path = path_of(following)
    assert sorted(met) == sorted(f"urn:uuid:{id_of(f'n{n}')}" for n in range(count))


async def test_a_page_of_very_long_articles_is_shorter_and_loses_none(client: Client, press: Press) -> None:
    long = "<p>" + "a" * (lists.FEED_PAGE_TEXT // 3) + "</p>"
    await press.publish(*(news(f"n{n}", content_html=long) for n in range(4)))
    first = orjson.loads(await read(client, "/feeds/all.json"))
    rest = orjson.loads(await read(client, path_of(first["next_url"])))
    assert (len(first["items"]), len(rest["items"])) == (2, 2)
    assert len({item["id"] for item in first["items"] + rest["items"]}) == 4
    assert "next_url" not in rest


# Leaks


async def test_nothing_that_was_not_approved_is_on_any_route(client: Client, press: Press, hub: Hub) -> None:
    secret = {"title": "CHUACONGKHAI", "summary": "CHUACONGKHAI", "tags": ("CHUACONGKHAI",)}
    await press.publish(news("open", tags=("mở",)), news("gone"))
    await press.publish(news("open", **secret), news("held", **secret), news("rejected", **secret), held=True)
    await press.publish(news("withdrawn", **secret), held=True)
    await press.publish(news("bare", **secret), source="xa-ha-lieu-tin", held=True)
    await press.withdraw("withdrawn", WithdrawalKind.NOTICE, reason="CHUACONGKHAI")
    await press.withdraw("gone")
    await reject(hub.engine, id_of("rejected"), who="an")
    never = [id_of(name) for name in ("held", "rejected", "withdrawn", "bare")]
    parts = ["all", *(f"kind/{kind}" for kind in Kind), "member/H52.12", "member/H52.30", "tag/m%E1%BB%9F"]
    visited = {
        "/": ["/", "/?kind=news", "/?member=H52.30", "/?tag=m%E1%BB%9F"],
        "/feeds/{part}.{format}": [f"/feeds/all.{ending}" for ending in FORMATS],
        "/feeds/{part}/{name}.{format}": [f"/feeds/{part}.{ending}" for part in parts[1:] for ending in FORMATS],
        "/items/{content_id}": [f"/items/{id_of('open')}", f"/items/{id_of('gone')}"],
        "/items/{content_id}.{format}": [f"/items/{id_of('open')}.json", f"/items/{id_of('gone')}.json"],
        "/sitemap.xml": ["/sitemap.xml"],
        "/sitemap-{starting}.xml": [f"/sitemap-{digit:x}.xml" for digit in range(16)],
        "/robots.txt": ["/robots.txt"], "/static/{name}": ["/static/hub.css"],
        "/healthz": ["/healthz"], "/readyz": ["/readyz"], "/metrics": ["/metrics"],
        "/search": ["/search?q=tin"],
    }  # fmt: skip
    routes = {resource.canonical for resource in application(hub.engine, hub.settings).router.resources()}
    others = {"/websub/{token}", "/console", "/api/v1", "/files/{sha256}"}
    assert routes - others == set(visited), "callbacks, photos, the console and the API have tests of their own"
    for path in (path for paths in visited.values() for path in paths):
        body = (await read(client, path, 410 if str(id_of("gone")) in path else 200)).decode()
        assert "CHUACONGKHAI" not in body, path
        for content_id in never:
            assert str(content_id) not in body, path
    unknown = await read(client, f"/items/{uuid4()}", 404)
    for content_id in never:
        assert await read(client, f"/items/{content_id}", 404) == unknown
    for ending in FORMATS:  # a tag that only a held edition has looks as one that nobody has
        assert b"urn:uuid" not in await read(client, f"/feeds/tag/CHUACONGKHAI.{ending}")


# Validators


async def test_an_unchanged_feed_is_a_304_with_the_same_validators(client: Client, press: Press, clock: Clock) -> None:
    await press.publish(news("a"))
    clock.advance(minutes=2)
    async with client.get("/feeds/all.atom") as first:
        headers = first.headers
        assert headers["Cache-Control"] == "public, max-age=60"
        assert parsedate_to_datetime(headers["Last-Modified"]) == clock.now() - timedelta(minutes=2)
    asked: list[dict[str, str]] = [
        {"If-None-Match": headers["ETag"]}, {"If-None-Match": f'"other", {headers["ETag"].removeprefix("W/")}'},
        {"If-None-Match": "*"}, {"If-Modified-Since": headers["Last-Modified"]},
        {"If-Modified-Since": format_datetime(clock.now(), usegmt=True)},
        {"If-None-Match": headers["ETag"], "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    ]  # fmt: skip
    for conditions in asked:
        async with client.get("/feeds/all.atom", headers=conditions) as second:
            assert second.status == 304, conditions
            assert await second.read() == b""
            for name in ("ETag", "Cache-Control", "Vary", "Last-Modified"):
                assert second.headers[name] == headers[name]


async def test_a_changed_feed_is_not_a_304(client: Client, press: Press, clock: Clock) -> None:
    await press.publish(news("a"))
    clock.advance(minutes=2)
    async with client.get("/feeds/all.atom") as first:
        headers = first.headers
    await press.withdraw("a")
    clock.advance(minutes=2)
    asked: list[dict[str, str]] = [
        {"If-None-Match": headers["ETag"]}, {"If-Modified-Since": headers["Last-Modified"]},
        {"If-None-Match": '"x"', "If-Modified-Since": format_datetime(clock.now(), usegmt=True)},
        {"If-Modified-Since": "hôm qua".encode("ascii", "ignore").decode()},
    ]  # fmt: skip
    for conditions in asked:
        assert b"deleted-entry" in await read(client, "/feeds/all.atom", **conditions)


async def test_a_change_of_this_second_has_no_last_modified_yet(client: Client, press: Press, clock: Clock) -> None:
    await press.publish(news("a"))
    async with client.get("/feeds/all.rss") as response:
        assert "Last-Modified" not in response.headers
    now = format_datetime(clock.now() + timedelta(seconds=5), usegmt=True)
    assert b"Tin a" in await read(client, "/feeds/all.rss", **{"If-Modified-Since": now})


async def test_an_item_that_lost_a_tag_changes_the_feed_of_that_tag(client: Client, press: Press, clock: Clock) -> None:
    await press.publish(news("a", tags=("x",)))
    await press.publish(news("b", tags=("x",)))
    clock.advance(minutes=2)
    async with client.get("/feeds/tag/x.json") as first:
        modified = first.headers["Last-Modified"]
    await press.publish(news("b", tags=()))
    clock.advance(minutes=2)
    feed = orjson.loads(await read(client, "/feeds/tag/x.json", **{"If-Modified-Since": modified}))
    assert [item["title"] for item in feed["items"]] == ["Tin a"]


async def test_pages_have_an_etag_and_are_compressed_for_who_takes_it(client: Client, press: Press) -> None:
    await press.publish(news("a"))
    for path in ("/", f"/items/{id_of('a')}", "/sitemap.xml", "/static/hub.css"):
        async with client.get(path) as first:
            etag = first.headers["ETag"]
            body = await first.read()
        assert await read(client, path, 304, **{"If-None-Match": etag}) == b""
        async with client.get(path, headers={"Accept-Encoding": "gzip;q=0, br"}) as plain:
            assert "Content-Encoding" not in plain.headers
            assert plain.headers["Vary"] == "Accept-Encoding"
            assert (plain.headers["ETag"], await plain.read()) == (etag, body)
    async with client.get("/static/hub.css") as style:
        assert style.headers["Content-Encoding"] == "gzip"


# Every answer


PUBLIC = ["/", "/feeds/all.atom", "/feeds/all.rss", "/feeds/all.json", "/sitemap.xml", "/robots.txt", "/healthz",
          "/readyz", "/static/hub.css", "/nowhere"]  # fmt: skip


async def test_every_answer_forbids_what_no_page_of_ours_needs(client: Client) -> None:
    for path in PUBLIC:
        async with client.get(path) as response:
            policy = response.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; style-src 'self'")
            assert "script" not in policy
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Referrer-Policy"] == "no-referrer"
            assert "aiohttp" not in response.headers["Server"]
            assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(("base", "told"), [(BASE, "max-age=31536000"), ("http://tin.tinhmau.gov.vn", None)])
async def test_a_browser_that_came_by_https_comes_by_nothing_else(tmp_path: Path, base: str, told: str | None) -> None:
    settings = settings_in(tmp_path, f"sqlite://{tmp_path / 'hub.db'}", base=base)
    async with open_hub(settings) as hub, TestClient(TestServer(application(hub.engine, settings))) as client:
        for path in (*PUBLIC, "/console/login", "/console/", "/console/nowhere", "/api/v1/items", "/api/v1/nowhere"):
            async with client.get(path, allow_redirects=False) as response:
                assert response.headers.get("Strict-Transport-Security") == told, path
        async with client.post("/feeds/all.atom", data=b"x") as response:
            assert response.headers.get("Strict-Transport-Security") == told


async def test_head_has_the_headers_of_get_and_no_body(client: Client) -> None:
    for path in PUBLIC:
        async with client.get(path) as full, client.head(path) as head:
            assert await head.read() == b"", path
            assert head.status == full.status
            for name in ("Content-Type", "ETag", "Cache-Control"):
                assert head.headers.get(name) == full.headers.get(name), path


async def test_nothing_can_be_sent_here(client: Client) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"):
        async with client.request(method, "/feeds/all.atom", data=b"x") as response:
            assert response.status == 405
            assert response.headers["Allow"] == "GET,HEAD"
            assert "chỉ để đọc" in await response.text()


async def test_a_query_is_ignored_where_it_is_not_ours_and_refused_when_it_is_huge(client: Client) -> None:
    assert await read(client, "/feeds/all.atom?utm_source=x") == await read(client, "/feeds/all.atom")
    assert "quá dài" in (await read(client, f"/?x={'a' * 3_000}", 414)).decode()


async def test_feeds_may_be_read_by_pages_of_other_sites(client: Client) -> None:
    async with client.get("/feeds/all.json") as response:
        assert response.headers["Access-Control-Allow-Origin"] == "*"


# Failures


async def failing(hub: Hub, error: BaseException, look: Callable[[Client], Awaitable[None]]) -> list[Any]:
    """Let a handler behind our middleware fail; returns what the log says."""

    async def handler(request: web.Request) -> web.Response:
        raise error

    app = web.Application(middlewares=[guarded])
    app[SITE] = Site(engine=hub.engine, name="Tỉnh Mẫu", base=BASE)
    app.router.add_get("/", handler)
    with capture_logs() as log:
        async with TestClient(TestServer(app)) as client:
            await look(client)
    return log


async def test_a_defect_is_a_500_that_tells_the_log_and_nobody_else(hub: Hub) -> None:
    async def look(client: Client) -> None:
        page = (await read(client, "/", 500)).decode()
        assert "Lỗi ở phía chúng tôi" in page
        assert "mật khẩu" not in page
        assert "Traceback" not in page

    [line] = await failing(hub, KeyError("mật khẩu"), look)
    assert (line["log_level"], line["exc_info"], line["path"]) == ("error", True, "/")


@pytest.mark.parametrize("error", [TransientError("postgres://hub:secret@db"), TimeoutError()])
async def test_an_absent_database_is_a_503_that_says_when_to_come_again(hub: Hub, error: Exception) -> None:
    async def look(client: Client) -> None:
        async with client.get("/") as response:
            assert response.status == 503
            assert response.headers["Retry-After"] == "60"
            assert response.headers["Cache-Control"] == "no-store"
            assert "secret" not in await response.text()

    [line] = await failing(hub, error, look)
    assert line["log_level"] == "warning"


# Health


async def test_the_hub_says_how_it_is(client: Client, clock: Clock) -> None:
    clock.advance(seconds=90)
    assert orjson.loads(await read(client, "/healthz")) == {"status": "ok", "up_seconds": 90}
    report = orjson.loads(await read(client, "/readyz"))
    assert report == {
        "status": "ready", "database": "ok",
        "broker": {
            "status": "ok", "waiting": {"harvest": 0, "normalise": 0, "deliver": 0},
            "since_start": {"published": 0, "forgotten": 0, "consumed": 0, "redelivered": 0, "unreadable": 0},
        },
    }  # fmt: skip


async def test_without_its_database_it_lives_and_is_not_ready(hub: Hub, client: Client, database_url: str) -> None:
    await hub.engine.store.database.close()
    assert orjson.loads(await read(client, "/healthz"))["status"] == "ok"
    body = await read(client, "/readyz", 503)
    assert orjson.loads(body)["database"] == "no answer"
    assert database_url.encode() not in body


# Listening


def test_requests_from_outside_are_read_by_the_parser_in_c_or_not_at_all() -> None:
    demand_strict_parser(HttpRequestParser)
    with pytest.raises(ConfigError, match="parser in C"):
        demand_strict_parser(HttpRequestParserPy)


async def test_port_0_takes_a_free_port_and_links_name_it(tmp_path: Path, clock: Clock) -> None:
    settings = settings_in(tmp_path, f"sqlite://{tmp_path / 'hub.db'}", base="")
    async with open_hub(settings, clock=clock) as hub, serve(hub.engine, settings) as address:
        async with ClientSession() as session, session.get(f"{address}/feeds/all.json") as response:
            feed = orjson.loads(await response.read())
        assert feed["feed_url"] == f"{address}/feeds/all.json"
        assert not address.endswith(":0")
        taken = settings.model_copy(
            update={"web": settings.web.model_copy(update={"port": int(address.rpartition(":")[2])})}
        )
        with pytest.raises(ConfigError, match="cannot listen"):
            async with serve(hub.engine, taken):
                pass


async def test_the_hub_serves_its_web_role_until_it_is_stopped(tmp_path: Path, clock: Clock) -> None:
    settings = settings_in(tmp_path, f"sqlite://{tmp_path / 'hub.db'}", base="")
    async with open_hub(settings, clock=clock) as hub:
        up: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        running = asyncio.create_task(hub.run(("web",), ready=up.set_result))
        async with asyncio.timeout(10):
            address = await up
        async with ClientSession() as session, session.get(f"{address}/healthz") as response:
            assert response.status == 200
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_behind_a_proxys_folder_pages_stay_in_it(hub: Hub, press: Press) -> None:
    await press.publish(news("a"))
    folder = hub.settings.web.model_copy(update={"base_url": f"{BASE}/tin/"})
    app = application(hub.engine, hub.settings.model_copy(update={"web": folder}))
    async with TestClient(TestServer(app)) as client:
        page = (await read(client, "/")).decode()
        feed = orjson.loads(await read(client, "/feeds/all.json"))
    assert f'href="/tin/items/{id_of("a")}"' in page
    assert 'href="/tin/static/hub.css?v=' in page
    assert 'href="/tin/feeds/all.atom"' in page
    assert feed["feed_url"] == f"{BASE}/tin/feeds/all.json"
