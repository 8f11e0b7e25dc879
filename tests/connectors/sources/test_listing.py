"""List pages over HTTP and as bytes: paging, the end of a run, redesigns, walking back, selectors that are refused."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.base import Capture, SourceContext, Split, Unchanged
from connectors.errors import RejectedError, TransientError
from connectors.http import Http
from connectors.sources.listing import Config, Connector
from schemas.item import Kind
from tests.fakes.site import Site

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
SELECTORS: dict[str, Any] = {"items": "li.tin", "published": ".ngay"}


def row(number: int, day: str = "", *, more: str = "") -> str:
    return f'<li class="tin" {more}><a href="/tin/{number}">Tin số {number}</a> <i class="ngay">{day}</i></li>'


def page(*rows: str, tail: str = "") -> bytes:
    return f"<html><head><title>Tin tức</title></head><body><ul>{''.join(rows)}</ul>{tail}</body></html>".encode()


def source(url: str = "https://soyte.tinhmau.gov.vn/tin", **config: Any) -> Connector:
    return Connector(SourceContext(name="mau", kind=Kind.NEWS, url=url), Config(**SELECTORS | config))


def split(body: bytes, known: frozenset[bytes] = frozenset(), **config: Any) -> Split:
    made = source(**config)
    capture = Capture(url=made.context.url, content_type="text/html", body=body, fetched_at=NOW)
    return made.split(capture, known, NOW)


def links(made: Split) -> list[str]:
    return [record.fields["link"].rpartition("/")[2] for record in made.records]


async def taken(answer: Capture | Unchanged) -> Capture:
    assert isinstance(answer, Capture)
    return answer


# ------------------------------------------------------------------------------------------------------ one page


async def test_one_page_is_asked_for_conditionally(http: Http, site: Site) -> None:
    made = source(site.serve("/tin", page(row(1)), content_type="text/html", etag='"a"'))
    first = await taken(await made.fetch(http, {}))
    assert (first.cursor, first.hints.more) == ({"etag": '"a"'}, False)
    assert links(made.split(first, frozenset(), NOW)) == ["1"]
    assert isinstance(await made.fetch(http, first.cursor), Unchanged)


async def test_a_list_that_robots_txt_closes_is_left_alone(http: Http, site: Site) -> None:
    site.serve("/robots.txt", b"User-agent: *\nDisallow: /")
    with pytest.raises(RejectedError) as caught:
        await source(site.serve("/tin", page(row(1)))).fetch(http, {})
    assert caught.value.code == "robots_disallowed"


def test_visitor_counters_and_classes_leave_a_block_as_it_was() -> None:
    before = split(page(row(1, more="data-view=7")))
    after = split(page(row(2), row(1, more='data-view="8" style="color:red"')), frozenset(before.fingerprints))
    assert links(after) == ["2"]
    assert after.records[0].pointer == "item 1"


def test_a_changed_title_or_date_is_read_again() -> None:
    known = frozenset(split(page(row(1, "19/11/2026"))).fingerprints)
    assert links(split(page(row(1, "20/11/2026")), known)) == ["1"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Ngày đăng: 19/11/2026 08:15 | Lượt xem: 127", "2026-11-19T08:15:00+07:00"),
        ("(05-11-2026)", "2026-11-05T00:00:00+07:00"),
        ("08:15, 19/11/2026 - Người đăng: Nguyễn Văn A", "2026-11-19T08:15:00+07:00"),
        ("Từ 01/11/2026 đến 05/11/2026", None),
        ("Hôm nay", None),
    ],
)
def test_a_date_is_found_among_other_words_and_never_guessed(written: str, read: str | None) -> None:
    at = split(page(row(1, written))).records[0].fields["published"]
    assert (at.isoformat() if at else None) == read


def test_the_order_of_day_and_month_is_a_setting() -> None:
    assert split(page(row(1, "11/05/2026")), day_first=False).records[0].fields["published"].month == 11


def test_the_attribute_for_machines_counts_more_than_what_people_read() -> None:
    body = page('<li class=tin><a href=/1>A</a><time class=ngay datetime="2026-11-19T10:00:00Z">hôm qua</time></li>')
    assert split(body).records[0].fields["published"].isoformat() == "2026-11-19T10:00:00+00:00"


def test_more_blocks_than_the_limit_fall_as_one_and_are_not_known() -> None:
    made = split(page(*map(row, range(1, 11))), max_items=4)
    assert links(made) == ["1", "2", "3", "4"]
    assert [(one.pointer, one.code) for one in made.fallen] == [("the last 6 items", "too_many")]
    assert len(made.fingerprints) == 4


def test_a_page_that_was_cut_off_keeps_what_is_whole() -> None:
    body = page(row(1), row(2))
    cut = split(body[: body.index(b"Tin s\xe1\xbb\x91 2") + 4])
    assert (links(cut), cut.truncated) == (["1"], True)


# ------------------------------------------------------------------------------------- pages that are no list


def refused(body: bytes, **config: Any) -> RejectedError:
    with pytest.raises(RejectedError) as caught:
        split(body, **config)
    assert "soyte.tinhmau.gov.vn" in caught.value.sentence
    return caught.value


def test_selectors_that_find_nothing_are_an_alarm_and_no_empty_list() -> None:
    assert refused(page("<li class=moi>Tin</li>")).code == "list_selector_empty"


def test_a_page_most_of_whose_blocks_say_nothing_has_changed() -> None:
    empty = "<li class='tin'><span>Tin</span></li>"
    assert refused(page(row(1), empty, empty)).code == "list_page_changed"
    assert links(split(page(row(1), row(2), "<li class='tin'></li>"))) == ["1", "2"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_body"), (b"\0\0 ", "empty_body"), (b'{"error": 1}', "not_a_page"),
        (b"Service Unavailable", "error_page"),
        ("<p>Bạn không phải là người máy?</p>".encode(), "captcha_page"),
        (b"<form><input type=password></form>", "login_page"),
        ("<h1>Tên miền này đã hết hạn</h1>".encode(), "parked_domain"),
    ],
)  # fmt: skip
def test_what_stands_in_place_of_the_list_is_named(body: bytes, code: str) -> None:
    assert refused(body).code == code


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_no_bytes_make_it_fail_in_another_way(body: bytes) -> None:
    code = ""
    try:
        split(b"<ul><li class=tin>" + body, published="time, .ngay", image="img", summary="p", tag="b")
    except RejectedError as error:
        code = error.code
    assert code in ("", "list_page_changed", "list_selector_empty", "not_a_page")


def test_thousands_of_attributes_and_levels_take_no_time() -> None:
    began = time.process_time()
    tag = b"<li class=tin " + b" ".join(b"a%d=b" % number for number in range(100_000)) + b">"
    assert links(split(page(row(1)).replace(b'<li class="tin" >', tag))) == ["1"]
    split(page(row(1), "<div>" * 20_000))
    assert time.process_time() - began < 5


def test_blocks_inside_blocks_are_read_until_it_is_too_much() -> None:
    # 240 blocks, each of them with all links of the page: 119 s without a bound.
    began = time.process_time()
    made = split(page('<li class="tin"><div>' * 120, row(1), "<a href=/x>x</a>" * 40_000))
    assert time.process_time() - began < 10
    assert [one.code for one in made.fallen] == ["too_many"]
    assert made.records


# ---------------------------------------------------------------------------------------------------- more pages


def lead(site: Site, pages: int) -> str:
    """A list of so many pages with two items each; each leads to the next."""
    for number in range(1, pages + 1):
        tail = f'<a rel="next" href="?trang={number + 1}">Sau</a>' if number < pages else ""
        days = [f"{21 - number:02}/11/2025"] * 2
        rows = [row(number * 10 + i, day) for i, day in enumerate(days)]
        site.serve("/tin" if number == 1 else f"/tin/{number}", page(*rows, tail=tail.replace("?trang=", "/tin/")))
    return site.origin + "/tin"


async def test_pages_are_read_one_by_one_and_then_the_round_begins_again(http: Http, site: Site) -> None:
    made = source(lead(site, 5), pages=3, next="a[rel=next]")
    site.pages["/tin"] = replace(site.pages["/tin"], etag='"a"')
    cursor: dict[str, str] = {}
    seen, more = [], []
    for _ in range(3):
        capture = await taken(await made.fetch(http, cursor))
        cursor = dict(capture.cursor)
        piece = made.split(capture, frozenset(), NOW)
        assert piece.incremental
        seen += links(piece)
        more.append(capture.hints.more)
    assert (seen, more) == (["10", "11", "20", "21", "30", "31"], [True, True, False])
    assert sum(map(len, cursor.values())) < 2_048
    assert isinstance(await made.fetch(http, cursor), Unchanged), "the first page's validators came through"


async def test_a_page_that_fails_is_asked_for_again_by_the_next_poll(http: Http, site: Site) -> None:
    made = source(lead(site, 3), pages=3, next="a[rel=next]")
    first = await taken(await made.fetch(http, {}))
    whole = site.pages["/tin/2"]
    site.serve("/tin/2", status=500)
    with pytest.raises(TransientError):
        await made.fetch(http, first.cursor)
    site.pages["/tin/2"] = whole
    second = await taken(await made.fetch(http, first.cursor))
    assert links(made.split(second, frozenset(), NOW)) == ["20", "21"]


async def test_numbers_go_into_the_address_of_further_pages(http: Http, site: Site) -> None:
    site.serve("/tin", page(row(1)))
    made = source(site.origin + "/tin", pages=3, page_url="/tin?start={page}", first_page=0, page_step=20)
    first = await taken(await made.fetch(http, {}))
    assert first.cursor["next"] == site.origin + "/tin?start=20"


async def test_a_site_that_shows_its_last_page_for_ever_ends_the_run(http: Http, site: Site) -> None:
    site.serve("/tin", page(row(1)))
    made = source(site.origin + "/tin", pages=50, page_url="/tin?p={page}")
    first = await taken(await made.fetch(http, {}))
    second = await taken(await made.fetch(http, first.cursor))
    assert (first.hints.more, second.hints.more) == (True, False)
    assert "next" not in second.cursor


async def test_an_empty_page_behind_the_last_one_is_an_end_and_no_alarm(http: Http, site: Site) -> None:
    site.serve("/tin", page(row(1)))
    site.serve("/tin/2", page())
    made = source(site.origin + "/tin", pages=5, page_url="/tin/{page}")
    first = await taken(await made.fetch(http, {}))
    second = await taken(await made.fetch(http, first.cursor))
    assert not second.hints.more
    assert not made.split(second, frozenset(), NOW).records


async def test_a_firewall_in_the_middle_of_a_run_is_named(http: Http, site: Site) -> None:
    made = source(lead(site, 2), pages=2, next="a[rel=next]")
    site.serve("/tin/2", "<h1>Truy cập bị chặn</h1>".encode())
    second = await taken(await made.fetch(http, (await taken(await made.fetch(http, {}))).cursor))
    with pytest.raises(RejectedError) as caught:
        made.split(second, frozenset(), NOW)
    assert caught.value.code == "block_page"


async def test_a_next_page_on_another_host_is_not_followed(http: Http, site: Site) -> None:
    tail = '<a rel=next href="https://example.com/tin">Sau</a>'
    made = source(site.serve("/tin", page(row(1), tail=tail)), pages=2, next="a[rel=next]")
    assert not (await taken(await made.fetch(http, {}))).hints.more


async def test_where_a_further_page_moved_says_nothing_about_the_list(http: Http, site: Site) -> None:
    made = source(lead(site, 3), pages=3, next="a[rel=next]")
    site.pages["/tin/cu"] = site.pages["/tin/2"]
    site.serve("/tin/2", status=301, to="/tin/cu")
    second = await taken(await made.fetch(http, (await taken(await made.fetch(http, {}))).cursor))
    assert (second.hints.moved_to, second.hints.more) == ("", True)


# --------------------------------------------------------------------------------------------------------- walks


async def walked(made: Connector, http: Http, since: date) -> list[str]:
    cursor: dict[str, str] = {}
    seen: list[str] = []
    for _ in range(20):
        capture = await made.walk(http, cursor, since)
        seen += links(made.split(capture, frozenset(), NOW))
        if not capture.hints.more:
            return seen
        cursor = dict(capture.cursor)
    raise AssertionError("the walk does not end")


async def test_a_walk_goes_back_to_the_first_page_that_is_wholly_older(http: Http, site: Site) -> None:
    made = source(lead(site, 9), next="a[rel=next]")
    assert await walked(made, http, date(2025, 11, 18)) == ["10", "11", "20", "21", "30", "31", "40", "41"]


async def test_a_walk_without_dates_goes_to_the_end_or_to_its_limit(http: Http, site: Site) -> None:
    url = lead(site, 4)
    assert len(await walked(source(url, next="a[rel=next]", published=None), http, date(2026, 11, 20))) == 8
    assert len(await walked(source(url, next="a[rel=next]", max_pages=2), http, date(2000, 1, 1))) == 4


async def test_a_walk_stops_with_an_error_where_a_firewall_stands_in_the_way(http: Http, site: Site) -> None:
    made = source(lead(site, 3), next="a[rel=next]")
    site.serve("/tin/2", "<h1>Truy cập bị chặn</h1>".encode())
    with pytest.raises(RejectedError) as caught:
        await walked(made, http, date(2000, 1, 1))
    assert caught.value.code == "block_page"


async def test_a_walk_over_a_list_of_one_page_reads_that_page(http: Http, site: Site) -> None:
    assert await walked(source(site.serve("/tin", page(row(1)))), http, date(2026, 1, 1)) == ["1"]


# ------------------------------------------------------------------------------------------------------ settings


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({"items": None}, "items or link"),
        ({"link": "//a"}, "./ or @"),
        ({"title": "/html/body//h3"}, "./ or @"),
        ({"items": "li["}, "CSS"),
        ({"items": "//li[document('/etc/passwd')]"}, "character 6"),
        ({"pages": 3}, "next or page_url"),
        ({"pages": 3, "next": "a", "page_url": "/{page}"}, "not both"),
        ({"page_url": "/tin?p=2"}, "{page}"),
        ({"page_url": "/tin?p={page}&x={0.__class__}"}, "{page}"),
        ({"page_url": "ftp://a.vn/{page}"}, "{page}"),
        ({"trang": 1}, "Extra inputs"),
    ],
)
def test_settings_that_cannot_work_are_refused_with_the_reason(config: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError) as caught:
        source(**config)
    assert why in str(caught.value)


def test_links_alone_are_enough() -> None:
    assert links(split(page(row(1), row(2)), items=None, link="//li/a", published=None)) == ["1", "2"]
