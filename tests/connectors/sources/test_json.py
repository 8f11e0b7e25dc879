"""JSON by a mapping: paging in all its forms, resumed and bounded; headers with secrets; what settings refuse."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from connectors.base import Capture, Cursor, SourceContext, Unchanged, Walker
from connectors.errors import RejectedError, TransientError
from connectors.http import Http
from connectors.sources.json import Config, Connector
from schemas.item import Kind
from tests.fakes.paged import PagedSite

NOW = datetime(2026, 11, 20, tzinfo=UTC)
FIELDS = {"id": "id", "title": "ten", "published": "ngay"}


@pytest.fixture
async def site() -> AsyncIterator[PagedSite]:
    async with PagedSite() as site:
        yield site


def connector(url: str, **config: Any) -> Connector:
    settings = Config.model_validate({"fields": FIELDS, "items": "items"} | config)
    return Connector(SourceContext(name="mau", kind=Kind.NEWS, url=url), settings)


def body(*ids: int, **more: Any) -> bytes:
    rows = [{"id": one, "ten": f"Tin số {one}", "ngay": f"2026-11-{one:02}"} for one in ids]
    return orjson.dumps({"items": rows, **more})


def shown(source: Connector, capture: Capture) -> list[str]:
    """Identities of the items of a page."""
    split = source.split(capture, frozenset(), NOW)
    return [source.normalise(record, capture).item.guid for record in split.records]


async def run(source: Connector, http: Http, cursor: Cursor, polls: int = 20) -> tuple[list[list[str]], Cursor]:
    """Poll until the round ends; identities page by page, and the cursor that is left."""
    pages = []
    for _ in range(polls):
        answer = await source.fetch(http, cursor)
        assert isinstance(answer, Capture)
        assert sum(len(key) + len(value) for key, value in answer.cursor.items()) <= 2_048
        pages.append(shown(source, answer))
        cursor = answer.cursor
        if not answer.hints.more:
            return pages, cursor
    raise AssertionError("the round does not end")


# ---------------------------------------------------------------------------------------------------- one page


async def test_one_page_is_asked_for_conditionally(site: PagedSite, http: Http) -> None:
    source = connector(site.serve("/api", body(1), etag='"a"', content_type="application/json"))
    answer = await source.fetch(http, {})
    assert isinstance(answer, Capture)
    assert (shown(source, answer), answer.hints.more, dict(answer.cursor)) == (["1"], False, {"etag": '"a"'})
    assert isinstance(await source.fetch(http, answer.cursor), Unchanged)
    assert site.asked[0].headers["Accept"].startswith("application/json")


async def test_headers_of_the_settings_are_sent_with_their_secrets(site: PagedSite, http: Http) -> None:
    headers = [{"name": "dstcode", "value": "VN:GOV:000.00.00.H52"}, {"name": "Authorization", "secret": "Bearer a.b"}]
    source = connector(site.serve("/api", body(1)), headers=headers, accept="application/vnd.api+json")
    await source.fetch(http, {})
    sent = site.asked[0].headers
    assert (sent["dstcode"], sent["Authorization"]) == ("VN:GOV:000.00.00.H52", "Bearer a.b")
    assert sent["Accept"] == "application/vnd.api+json"
    assert "a.b" not in repr(source.config)


# -------------------------------------------------------------------------------------------------------- paging


async def test_pages_are_read_one_per_poll_until_one_is_empty(site: PagedSite, http: Http) -> None:
    url = site.serve("/api", body())
    site.serve("/api?loai=1&page=1", body(9, 8), etag='"first"')
    site.serve("/api?loai=1&page=2", body(7, 6), etag='"second"')
    source = connector(url + "?loai=1", paging={"by": "page", "parameter": "page"})
    pages, cursor = await run(source, http, {})
    assert pages == [["9", "8"], ["7", "6"], []]
    assert cursor == {"etag": '"first"'}
    assert isinstance(await source.fetch(http, cursor), Unchanged)


async def test_a_page_with_fewer_records_than_a_full_one_is_the_last(site: PagedSite, http: Http) -> None:
    url = site.serve("/api", body())
    site.serve("/api?size=2&from=0", body(9, 8))
    site.serve("/api?size=2&from=2", body(7))
    paging = {"by": "offset", "parameter": "from", "size": 2, "size_parameter": "size"}
    assert (await run(connector(url, paging=paging), http, {}))[0] == [["9", "8"], ["7"]]
    assert site.paths == ["/api?size=2&from=0", "/api?size=2&from=2"]


async def test_a_token_leads_on_until_there_is_none(site: PagedSite, http: Http) -> None:
    url = site.serve("/api", body(9, lastId="a+b/=="))
    site.serve("/api?lastId=a+b/==", body(8, lastId=None))
    paging = {"by": "cursor", "parameter": "lastId", "next": "lastId"}
    assert (await run(connector(url, paging=paging), http, {}))[0] == [["9"], ["8"]]


async def test_a_token_may_stand_around_the_json_that_is_inside(site: PagedSite, http: Http) -> None:
    url = site.serve("/api", orjson.dumps({"d": body(9).decode(), "tiep": 2}))
    site.serve("/api?p=2", orjson.dumps({"d": body(8).decode()}))
    paging = {"by": "cursor", "parameter": "p", "next": "tiep"}
    assert (await run(connector(url, inside="d", paging=paging), http, {}))[0] == [["9"], ["8"]]


async def test_the_key_of_the_last_record_leads_on(site: PagedSite, http: Http) -> None:
    url = site.serve("/api", body(1, 2))
    site.serve("/api?after_id=2", body(3))
    site.serve("/api?after_id=3", body())
    paging = {"by": "keyset", "parameter": "after_id"}
    assert (await run(connector(url, paging=paging), http, {}))[0] == [["1", "2"], ["3"], []]


async def test_an_address_in_the_body_or_in_the_header_leads_on(site: PagedSite, http: Http) -> None:
    url = site.serve("/api", body(9, links={"next": "?trang=2"}), headers={"Link": '</other>; rel="next"'})
    site.serve("/api?trang=2", body(8))
    assert (await run(connector(url, paging={"by": "link", "next": "links.next"}), http, {}))[0] == [["9"], ["8"]]

    site.serve("/tin", body(9), headers={"Link": f'<{site.origin}/tin?p=0>; rel="prev", </tin?p=2>; rel="next"'})
    site.serve("/tin?p=2", body(8))
    assert (await run(connector(site.origin + "/tin", paging={"by": "link"}), http, {}))[0] == [["9"], ["8"]]


async def test_an_address_on_another_host_is_not_followed_for_headers_may_hold_a_key(
    site: PagedSite, http: Http
) -> None:
    url = site.serve("/api", body(9, next="http://198.51.100.7/api?page=2"))
    assert (await run(connector(url, paging={"by": "link", "next": "next"}), http, {}))[0] == [["9"]]


# --------------------------------------------------------------------------------------- resumed and bounded


async def test_a_page_that_fails_is_where_the_next_poll_goes_on(site: PagedSite, http: Http) -> None:
    url = site.serve("/api", body())
    site.serve("/api?page=1", body(9))
    site.serve("/api?page=2", body(8))
    source = connector(url, paging={"by": "page", "parameter": "page"})
    first = await source.fetch(http, {})
    assert isinstance(first, Capture)
    before = site.break_down("/api?page=2", 503)
    with pytest.raises(TransientError):
        await source.fetch(http, first.cursor)
    site.pages["/api?page=2"] = before
    assert (await run(source, http, first.cursor))[0] == [["8"], []]


async def test_a_page_that_holds_no_data_is_tried_again_and_ends_the_round_at_last(site: PagedSite, http: Http) -> None:
    url = site.serve("/api?page=1", body(9), etag='"a"')
    site.serve("/api?page=2", b"<html><title>Loi</title></html>", content_type="text/html")
    source = connector(url, paging={"by": "page", "parameter": "page"})
    answer = await source.fetch(http, {})
    for _ in range(3):
        assert isinstance(answer, Capture)
        answer = await source.fetch(http, answer.cursor)
        assert isinstance(answer, Capture)
        assert not answer.hints.more
        with pytest.raises(RejectedError) as refused:
            source.split(answer, frozenset(), NOW)
        assert refused.value.code == "html_page"
    assert site.paths == ["/api?page=1", *["/api?page=2"] * 3]
    assert isinstance(answer, Capture)
    assert answer.cursor == {"etag": '"a"'}


async def test_a_page_behind_the_last_that_is_not_found_ends_the_round(site: PagedSite, http: Http) -> None:
    url = site.origin + "/api"
    site.serve("/api?page=1", body(9), etag='"a"')
    pages, cursor = await run(connector(url, paging={"by": "page", "parameter": "page"}), http, {})
    assert pages == [["9"], ["9"]]
    assert cursor == {"etag": '"a"'}


@pytest.mark.parametrize(
    ("paging", "polls"),
    [
        ({"by": "page", "parameter": "page"}, 2),  # the server ignores the parameter
        ({"by": "cursor", "parameter": "t", "next": "token"}, 2),  # the same token over and over
        ({"by": "link", "next": "token"}, 2),
        ({"by": "keyset", "parameter": "sau"}, 2),
    ],
)
async def test_paging_that_turns_in_a_circle_ends(
    site: PagedSite, http: Http, paging: dict[str, str], polls: int
) -> None:
    source = connector(site.serve("/api", body(9, token="/api")), paging=paging)
    assert len((await run(source, http, {}))[0]) == polls


async def test_paging_that_never_ends_is_cut_at_max_pages(site: PagedSite, http: Http) -> None:
    url = site.serve("/api", body(1))
    for page in range(1, 12):
        site.serve(f"/api?page={page}", body(page))
    source = connector(url, paging={"by": "page", "parameter": "page", "max_pages": 7})
    assert len((await run(source, http, {}))[0]) == 7


async def test_a_token_too_long_to_keep_ends_the_round(site: PagedSite, http: Http) -> None:
    source = connector(
        site.serve("/api", body(9, t="x" * 5_000)), paging={"by": "cursor", "parameter": "t", "next": "t"}
    )
    assert (await run(source, http, {}))[0] == [["9"]]


async def test_a_long_token_beside_long_validators_leaves_a_cursor_that_can_be_kept(
    site: PagedSite, http: Http
) -> None:
    long = "x" * 950
    url = site.serve("/api", body(9, t=long), etag=f'"{long}"', last_modified=long)
    site.serve(f"/api?t={long}", body(8))
    pages, cursor = await run(connector(url, paging={"by": "cursor", "parameter": "t", "next": "t"}), http, {})
    assert (pages, cursor) == ([["9"], ["8"]], {})


async def test_a_cursor_of_other_settings_begins_anew(site: PagedSite, http: Http) -> None:
    url = site.serve("/api", body(9))
    source = connector(url, paging={"by": "page", "parameter": "page"})
    for odd in ({"by": "cursor", "at": "abc"}, {"by": "page", "at": "abc"}, {"by": "page", "at": "-1"}):
        await source.fetch(http, odd)
    assert set(site.paths) == {"/api?page=1"}


# ------------------------------------------------------------------------------------------------------ history


async def test_a_walk_goes_back_until_everything_is_older(site: PagedSite, http: Http) -> None:
    url = site.serve("/api", body())
    for page, ids in enumerate([(19, 18), (17, 10), (9, 8), (7, 6)], start=1):
        site.serve(f"/api?page={page}", body(*ids), etag='"x"')
    source = connector(url, paging={"by": "page", "parameter": "page", "max_pages": 1})
    assert isinstance(source, Walker)
    cursor: Cursor = {}
    seen = []
    for _ in range(10):
        capture = await source.walk(http, cursor, date(2026, 11, 10))
        seen.append(shown(source, capture))
        cursor = capture.cursor
        if not capture.hints.more:
            break
    assert seen == [["19", "18"], ["17", "10"], ["9", "8"]]
    assert cursor == {}


async def test_a_walk_through_a_list_that_begins_with_the_oldest_reads_all_of_it(site: PagedSite, http: Http) -> None:
    url = site.serve("/api", body())
    site.serve("/api?page=1", body(1, 2))
    site.serve("/api?page=2", body(18, 19))
    source = connector(url, paging={"by": "page", "parameter": "page"})
    first = await source.walk(http, {}, date(2026, 11, 10))
    assert first.hints.more
    assert shown(source, await source.walk(http, first.cursor, date(2026, 11, 10))) == ["18", "19"]


async def test_a_walk_without_pages_is_the_one_body(site: PagedSite, http: Http) -> None:
    source = connector(site.serve("/api", body(1), etag='"a"'))
    capture = await source.walk(http, {}, date(2020, 1, 1))
    assert (shown(source, capture), capture.hints.more, capture.cursor) == (["1"], False, {})


# ---------------------------------------------------------------------------------------------------- the split


def split(data: object, **config: Any) -> Any:
    source = connector("https://stp.tinhmau.gov.vn/api", **config)
    raw = data if isinstance(data, bytes) else orjson.dumps(data)
    capture = Capture(url=source.context.url, content_type="application/json", body=raw, fetched_at=NOW)
    return source.split(capture, frozenset(), NOW)


def test_records_behind_max_items_are_named_and_not_counted_as_known() -> None:
    made = split({"items": [{"id": n, "ten": "Tin"} for n in range(10_000)]}, max_items=3)
    assert (len(made.records), len(made.fingerprints)) == (3, 3)
    assert [(one.pointer, one.code) for one in made.fallen] == [("item 4 to 10000", "too_many")]


def test_a_single_object_is_a_list_of_one_and_a_string_is_read_again() -> None:
    assert len(split({"items": {"id": 1, "ten": "Một"}}).records) == 1
    assert len(split({"items": '[{"id": 1}, {"id": 2}]'}).records) == 2


def test_one_page_of_many_says_nothing_about_what_it_does_not_show() -> None:
    assert not split({"items": []}).incremental
    assert split({"items": []}, paging={"by": "page", "parameter": "p"}).incremental


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"[" * 100_000 + b"]" * 100_000, "too_deep"),
        (b'{"items": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"}", "too_deep"),
        (b'{"items": [{"id": 1}', "bad_json"),
        (b"[" + b" " * (8 * 1024 * 1024) + b"]", "too_large"),
        ({"items": 5}, "items_missing"),
        ({"items": True}, "items_missing"),
        ({"items": "khong phai JSON"}, "bad_json"),
        ({"error": "x"}, "items_missing"),
        (b"<html><body>captcha</body></html>", "block_page"),
    ],
)
def test_what_holds_no_list_is_refused_by_name(data: object, code: str) -> None:
    with pytest.raises(RejectedError) as refused:
        split(data)
    assert refused.value.code == code
    assert refused.value.sentence.endswith(".")


# ---------------------------------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("config", "place", "says"),
    [
        ({"items": "data.[", "fields": FIELDS}, "items", "wrong at character"),
        ({"fields": FIELDS | {"title": "ten ||"}}, "fields", "wrong at character 7"),
        ({"fields": FIELDS | {"link": "https://x.vn/{a.}"}}, "fields", "in the hole {a.}: no JMESPath"),
        ({"fields": FIELDS | {"title": "doc('x')"}}, "fields", "no function of JMESPath: doc()"),
        ({"fields": FIELDS | {"tieu_de": "x"}}, "fields", "Extra inputs"),
        ({"fields": {"title": "ten"}}, "fields", "id or link must be given"),
        ({"fields": FIELDS | {"title": "a" * 1_001}}, "fields", "1000 characters"),
        ({"fields": FIELDS, "paging": {"by": "page"}}, "paging", "must be given: the parameter"),
        ({"fields": FIELDS, "paging": {"by": "cursor", "parameter": "t"}}, "paging", "must be given: the expression"),
        ({"fields": FIELDS, "paging": {"by": "cursor", "parameter": "t", "next": "a["}}, "paging", "character 3"),
        ({"fields": FIELDS, "paging": {"by": "post"}}, "paging", "'page', 'offset'"),
        ({"fields": FIELDS, "headers": [{"name": "User-Agent", "value": "Mozilla"}]}, "headers", "hub itself"),
        ({"fields": FIELDS, "headers": [{"name": "X", "value": "a\r\nHost: b"}]}, "headers", "printable ASCII"),
        ({"fields": FIELDS, "headers": [{"name": "X", "secret": "khoá"}]}, "headers", "printable ASCII"),
        ({"fields": FIELDS, "headers": [{"name": "X", "secret": "a", "value": "b"}]}, "headers", "value or a secret"),
        ({"fields": FIELDS, "withdrawn_values": []}, "withdrawn_values", "at least 1 item"),
        ({"fields": FIELDS, "max_items": 10_001}, "max_items", "10000"),
        ({"fields": FIELDS, "date_order": "ymd"}, "date_order", "dmy"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_their_place(config: dict[str, Any], place: str, says: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Config.model_validate(config)
    [fault] = refused.value.errors()
    assert fault["loc"][0] == place
    assert says in fault["msg"]
