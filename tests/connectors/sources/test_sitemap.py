"""Sitemaps over HTTP: one document, an index read one by one, rounds, loops, failures, walks; and what is left out."""

import gzip
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import Capture, Cursor, SourceContext, Split, Unchanged
from connectors.errors import RejectedError, TransientError
from connectors.http import Http
from connectors.sources.sitemap import Config, Connector, title_of
from schemas.item import Kind
from tests.clock import Clock
from tests.fakes.site import Site

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
ADDRESS = "https://tinhmau.gov.vn/sitemap.xml"


def source(url: str = ADDRESS, **config: Any) -> Connector:
    return Connector(SourceContext(name="mau", kind=Kind.NEWS, url=url), Config(**config))


def urlset(*places: tuple[str, str], origin: str = "https://tinhmau.gov.vn") -> bytes:
    urls = (f"<url><loc>{origin}{path}</loc><lastmod>{day}</lastmod></url>" for path, day in places)
    return f"<urlset>{''.join(urls)}</urlset>".encode()


def index(*children: tuple[str, str]) -> bytes:
    each = (f"<sitemap><loc>{path}</loc><lastmod>{day}</lastmod></sitemap>" for path, day in children)
    return f"<sitemapindex>{''.join(each)}</sitemapindex>".encode()


def split(body: bytes, known: frozenset[bytes] = frozenset(), cursor: Cursor | None = None, **config: Any) -> Split:
    capture = Capture(url=ADDRESS, content_type="text/xml", body=body, fetched_at=NOW, cursor=cursor or {})
    return source(**config).split(capture, known, NOW)


def paths(made: Split) -> list[str]:
    return [str(record.fields["link"]).partition("//")[2].partition("/")[2] for record in made.records]


def codes(made: Split) -> dict[str, str]:
    return {one.code: one.detail for one in made.fallen}


# --------------------------------------------------------------------------------------------------- one sitemap


def test_places_are_filtered_by_age_and_address() -> None:
    body = urlset(("/tin/a", "2026-11-19"), ("/tin/b", "2026-01-01"), ("/rao-vat/c", "2026-11-19"), ("/tin/d", ""))
    assert paths(split(body, include=["/tin/*"])) == ["tin/a", "tin/d"]
    assert paths(split(body, exclude=["/rao-vat/*"], newer_than=1_000)) == ["tin/a", "tin/b", "tin/d"]


def test_of_too_many_places_the_newest_are_read_and_the_rest_comes_with_the_next_change() -> None:
    body = urlset(*((f"/{day}", f"2026-11-{day:02}") for day in range(1, 11)))
    first = split(body, max_items=4)
    assert paths(first) == ["7", "8", "9", "10"]
    assert codes(first) == {"too_many": "6 addresses beyond what is read"}
    assert paths(split(body, frozenset(first.fingerprints), max_items=4)) == ["3", "4", "5", "6"]


def test_addresses_of_other_hosts_are_left_out_and_counted() -> None:
    body = b"<urlset><url><loc>https://tinhmau.gov.vn/a</loc></url><url><loc>https://b.vn/a</loc></url></urlset>"
    made = split(body)
    assert (paths(made), codes(made)) == (["a"], {"foreign_host": "1 addresses of other hosts"})


def test_the_same_address_twice_is_one_record() -> None:
    assert paths(split(urlset(("/a", "2026-11-18"), ("/a", "2026-11-19")))) == ["a"]


def test_what_a_sitemap_does_not_say_is_no_reason_to_think_that_anything_is_gone() -> None:
    assert split(urlset()).incremental
    assert split(urlset()).records == []


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("https://a.vn/tin/hop-bao-thang-11-1188122.html", "Hop bao thang 11"),
        ("https://a.vn/ke-hoach-nam-2026.htm", "Ke hoach nam 2026"),
        ("https://a.vn/Th%C3%B4ng_b%C3%A1o/", "Thông báo"),
        ("https://a.vn/tin/post88122", "Post88122"),
        ("https://a.vn/", "https://a.vn/"),
    ],
)
def test_a_title_is_made_of_the_address(address: str, title: str) -> None:
    assert title_of(address) == title


async def test_a_gzipped_sitemap_is_read_and_asked_for_conditionally(http: Http, site: Site) -> None:
    body = gzip.compress(urlset(("/a", "2026-11-19"), origin=site.origin))
    made = source(site.serve("/sitemap.xml.gz", body, content_type="application/octet-stream", etag='"a"'))
    answer = await made.fetch(http, {})
    assert isinstance(answer, Capture)
    assert (answer.cursor, answer.hints.more) == ({"etag": '"a"'}, False)
    assert paths(made.split(answer, frozenset(), NOW)) == ["a"]
    assert isinstance(await made.fetch(http, answer.cursor), Unchanged)


async def test_a_sitemap_that_robots_txt_closes_is_left_alone(http: Http, site: Site) -> None:
    site.serve("/robots.txt", b"User-agent: *\nDisallow: /")
    with pytest.raises(RejectedError) as caught:
        await source(site.serve("/sitemap.xml", urlset())).fetch(http, {})
    assert caught.value.code == "robots_disallowed"


# ----------------------------------------------------------------------------------------------------- an index


async def round_of(
    made: Connector, http: Http, cursor: Cursor, *, since: date | None = None
) -> tuple[list[str], Cursor, dict[str, str]]:
    """All polls of one round: what they gave, the cursor at its end, what its last one told."""
    given: list[str] = []
    for _ in range(200):
        answer = await (made.walk(http, cursor, since) if since else made.fetch(http, cursor))
        if isinstance(answer, Unchanged):
            return given, cursor, {}
        piece = made.split(answer, frozenset(), answer.fetched_at)
        given += paths(piece)
        cursor = answer.cursor
        assert sum(map(len, cursor.values())) < 2_048
        if not answer.hints.more:
            return given, cursor, codes(piece)
    raise AssertionError("the round does not end")


def asked(site: Site) -> list[str]:
    return [one.path for one in site.asked if one.path != "/robots.txt"]


@pytest.fixture
def day(clock: Clock) -> str:
    """Today, by the clock that fetches are stamped with."""
    return clock.now().date().isoformat()


def serve_index(site: Site, *children: tuple[str, str], **page: Any) -> str:
    for path, changed in children:
        site.serve(path, urlset((f"/bai{path}", changed), origin=site.origin))
    return site.serve("/sitemap.xml", index(*((site.origin + path, at) for path, at in children)), **page)


async def test_an_index_is_read_one_sitemap_a_poll_and_the_newest_first(http: Http, site: Site, day: str) -> None:
    url = serve_index(site, ("/1.xml", "2000-01-01"), ("/2.xml", f"{day}T01:00:00Z"), ("/3.xml", f"{day}T02:00:00Z"))
    given, _, told = await round_of(source(url), http, {})
    assert asked(site) == ["/sitemap.xml", "/3.xml", "/2.xml"]
    assert (given, told) == (["bai/3.xml", "bai/2.xml"], {})


async def test_the_next_round_reads_only_what_changed(http: Http, site: Site, day: str, clock: Clock) -> None:
    made = source(serve_index(site, ("/1.xml", f"{day}T01:00:00Z"), ("/2.xml", f"{day}T02:00:00Z"), etag='"a"'))
    _, cursor, _ = await round_of(made, http, {})
    assert isinstance(await made.fetch(http, cursor), Unchanged)
    clock.advance(days=5)
    later = clock.now().date().isoformat()
    serve_index(site, ("/1.xml", f"{later}T01:00:00Z"), ("/2.xml", "2000-01-01"), etag='"b"')
    site.asked.clear()
    assert (await round_of(made, http, cursor))[0] == ["bai/1.xml"]
    assert asked(site) == ["/sitemap.xml", "/1.xml"]


async def test_a_date_from_the_future_hides_nothing_that_comes_later(
    http: Http, site: Site, day: str, clock: Clock
) -> None:
    made = source(serve_index(site, ("/1.xml", "2099-01-01"), ("/2.xml", day)))
    _, cursor, _ = await round_of(made, http, {})
    clock.advance(days=5)
    serve_index(site, ("/1.xml", "2000-01-01"), ("/2.xml", clock.now().date().isoformat()))
    assert (await round_of(made, http, cursor))[0] == ["bai/2.xml"]


async def test_sitemaps_without_a_date_are_read_in_every_round(http: Http, site: Site) -> None:
    made = source(serve_index(site, ("/1.xml", ""), etag='"a"'))
    given, cursor, _ = await round_of(made, http, {})
    assert given == (await round_of(made, http, cursor))[0] == ["bai/1.xml"]


async def test_an_index_that_names_itself_ends_and_says_so(http: Http, site: Site, day: str) -> None:
    url = site.origin + "/sitemap.xml"
    site.serve("/sitemap.xml", index((url, day), (site.origin + "/1.xml", day)))
    site.serve("/1.xml", urlset(("/a", day), origin=site.origin))
    given, _, told = await round_of(source(url), http, {})
    assert (given, list(told), len(asked(site))) == (["a"], ["sitemap_loop"], 2)


async def test_indexes_that_name_each_other_end_and_say_so(http: Http, site: Site, day: str) -> None:
    site.serve("/a.xml", index((site.origin + "/b.xml", day)))
    site.serve("/b.xml", index((site.origin + "/a.xml", day), (site.origin + "/c.xml", day)))
    site.serve("/c.xml", urlset(("/tin", day), origin=site.origin))
    given, _, told = await round_of(source(site.origin + "/a.xml"), http, {})
    assert (given, list(told)) == (["tin"], ["sitemap_loop"])
    assert sorted(asked(site)) == ["/a.xml", "/b.xml", "/c.xml"]


async def test_an_index_without_end_is_read_to_a_limit_that_is_told(http: Http, site: Site, day: str) -> None:
    made = source(serve_index(site, *((f"/{number:02}.xml", day) for number in range(30))), max_pages=6)
    given, cursor, told = await round_of(made, http, {})
    assert len(given) == 5
    assert told == {"too_many_sitemaps": "25 sitemaps"}
    assert "queue" not in cursor


async def test_an_index_longer_than_a_cursor_is_read_whole(http: Http, site: Site, day: str) -> None:
    names = [(f"/{'rat-dai-' * 6}{number:03}.xml", day) for number in range(40)]
    made = source(serve_index(site, *names), max_pages=100)
    given, _, told = await round_of(made, http, {})
    assert (len(set(given)), len(given), told) == (40, 40, {})


async def test_a_sitemap_that_is_gone_is_told_and_the_others_are_read(http: Http, site: Site, day: str) -> None:
    url = serve_index(site, ("/1.xml", day), ("/2.xml", day), ("/3.xml", day))
    del site.pages["/3.xml"]
    given, cursor, told = await round_of(source(url), http, {})
    assert (given, told) == (["bai/2.xml", "bai/1.xml"], {"sitemap_unread": "1 sitemaps"})
    assert cursor["missed"] == "1"


async def test_a_site_that_fails_in_the_middle_is_asked_for_the_same_sitemap_again(
    http: Http, site: Site, day: str
) -> None:
    made = source(serve_index(site, ("/1.xml", day), ("/2.xml", day)))
    first = await made.fetch(http, {})
    assert isinstance(first, Capture)
    whole = site.pages["/2.xml"]
    site.serve("/2.xml", raw=(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<urlset",))
    with pytest.raises(TransientError):
        await made.fetch(http, first.cursor)
    site.pages["/2.xml"] = whole
    assert (await round_of(made, http, first.cursor))[0] == ["bai/2.xml", "bai/1.xml"]


async def test_what_a_failing_server_withheld_is_asked_for_in_the_next_round(http: Http, site: Site, day: str) -> None:
    made = source(serve_index(site, ("/1.xml", day), ("/2.xml", day)))
    whole = site.pages["/2.xml"]
    site.serve("/2.xml", status=500)
    given, cursor, told = await round_of(made, http, {})
    assert (given, list(told)) == (["bai/1.xml"], ["sitemap_unread"])
    site.pages["/2.xml"] = whole
    assert "bai/2.xml" in (await round_of(made, http, cursor))[0]


async def test_an_error_page_in_place_of_a_sitemap_costs_nothing(http: Http, site: Site, day: str) -> None:
    made = source(serve_index(site, ("/1.xml", day), ("/2.xml", day), etag='"a"'))
    whole = site.pages["/1.xml"]
    site.serve("/1.xml", "<html><title>Lỗi hệ thống</title></html>".encode())
    cursor: Cursor = {}
    for _ in range(3):
        answer = await made.fetch(http, cursor)
        assert isinstance(answer, Capture)
        cursor = answer.cursor
    assert isinstance(answer, Capture)
    with pytest.raises(RejectedError) as caught:
        made.split(answer, frozenset(), answer.fetched_at)
    assert caught.value.code == "error_page"
    site.pages["/1.xml"] = whole
    assert "bai/1.xml" in (await round_of(made, http, cursor))[0]


async def test_sitemaps_of_other_hosts_are_not_followed(http: Http, site: Site, day: str) -> None:
    site.serve("/sitemap.xml", index(("https://b.example/1.xml", day)))
    _, _, told = await round_of(source(site.origin + "/sitemap.xml"), http, {})
    assert told == {"foreign_host": "1 addresses of other hosts"}
    assert asked(site) == ["/sitemap.xml"]


# --------------------------------------------------------------------------------------------------------- walks


async def test_a_walk_reads_all_that_changed_since_a_day_whatever_newer_than_says(http: Http, site: Site) -> None:
    url = serve_index(site, ("/1.xml", "2024-05-01"), ("/2.xml", "2024-03-01"), ("/3.xml", "2023-01-01"))
    given, _, _ = await round_of(source(url, newer_than=1), http, {}, since=date(2024, 2, 1))
    assert given == ["bai/1.xml", "bai/2.xml"]


async def test_a_walk_through_a_single_sitemap_is_one_page(http: Http, site: Site) -> None:
    body = urlset(("/a", "2024-05-01"), ("/b", "2023-01-01"), origin=site.origin)
    given, _, _ = await round_of(source(site.serve("/s.xml", body)), http, {}, since=date(2024, 2, 1))
    assert given == ["a"]


@pytest.mark.parametrize("config", [{"include": [""]}, {"include": ["*" * 201]}, {"newer_than": 0}, {"them": 1}])
def test_settings_that_cannot_work_are_refused(config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        source(**config)
