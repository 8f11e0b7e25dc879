"""Fetching from a member site: bodies, validators, redirects, manners."""

import asyncio
import gzip

import brotli  # type: ignore[import-untyped]
import pytest

from connectors.base import Capture, Unchanged
from connectors.errors import BlockedError, Fault, RejectedError, ThrottledError, TransientError
from connectors.http import Http, Limits
from tests.clock import Clock
from tests.connectors.conftest import AGENT
from tests.fakes.site import Site

FEED = "<rss version='2.0'><channel><title>Sở Y tế</title></channel></rss>".encode()


async def fetched(http: Http, url: str, **more: object) -> Capture:
    answer = await http.get(url, **more)  # type: ignore[arg-type]
    assert isinstance(answer, Capture)
    return answer


async def test_a_body_comes_as_a_capture_with_what_the_answer_said(http: Http, site: Site, clock: Clock) -> None:
    url = site.serve(
        "/rss", FEED, etag='W/"7"', last_modified="Mon, 02 Mar 2026 00:00:00 GMT",
        headers={"Cache-Control": "public, max-age=600", "Content-Language": "vi", "X-Powered-By": "IIS"},
    )  # fmt: skip
    capture = await fetched(http, url)
    assert capture.body == FEED
    assert capture.url == url
    assert capture.content_type == "application/rss+xml; charset=utf-8"
    assert capture.fetched_at == clock.now()
    assert capture.cursor == {"etag": 'W/"7"', "last_modified": "Mon, 02 Mar 2026 00:00:00 GMT"}
    assert capture.headers == {"content-language": "vi"}
    assert (capture.hints.max_age, capture.hints.retry_after, capture.hints.moved_to) == (600, None, "")


async def test_the_request_says_honestly_who_asks_and_carries_nothing_else(http: Http, site: Site) -> None:
    url = site.serve("/rss", FEED, headers={"Set-Cookie": "a=b"})
    await http.get(url)
    await http.get(url)
    for asked in site.asked:
        assert set(asked.headers) == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}
        assert asked.headers["User-Agent"] == AGENT
        assert asked.headers["Accept-Encoding"] == "gzip, deflate, br"


async def test_a_cursor_makes_the_get_conditional_and_304_is_unchanged(http: Http, site: Site) -> None:
    url = site.serve("/rss", FEED, etag='"a"', headers={"Cache-Control": "max-age=60"})
    cursor = (await fetched(http, url)).cursor
    answer = await http.get(url, cursor=cursor)
    assert isinstance(answer, Unchanged)
    assert answer.hints.max_age == 60
    assert site.asked[1].headers["If-None-Match"] == '"a"'


async def test_a_date_alone_is_validator_enough(http: Http, site: Site) -> None:
    url = site.serve("/rss", FEED, last_modified="Mon, 02 Mar 2026 00:00:00 GMT")
    assert isinstance(await http.get(url, cursor=(await fetched(http, url)).cursor), Unchanged)


async def test_a_body_without_validators_clears_the_cursor(http: Http, site: Site) -> None:
    url = site.serve("/rss", FEED)
    assert (await fetched(http, url, cursor={"etag": '"old"'})).cursor == {}


async def test_a_304_that_nobody_asked_for_is_not_taken_for_unchanged(http: Http, site: Site) -> None:
    url = site.serve("/rss", status=304)
    with pytest.raises(TransientError) as caught:
        await http.get(url)
    assert (caught.value.code, caught.value.fault) == ("unreadable", Fault.MEMBER)


async def test_a_304_with_a_body_does_not_leak_into_the_next_answer(http: Http, site: Site) -> None:
    lie = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad"
    url = site.serve("/rss", raw=(lie,))
    assert isinstance(await http.get(url, cursor={"etag": '"a"'}), Unchanged)
    site.serve("/rss", FEED)
    assert (await fetched(http, url)).body == FEED


@pytest.mark.parametrize("coding", ["gzip", "br"])
async def test_coded_bodies_arrive_decoded(http: Http, site: Site, coding: str) -> None:
    body = gzip.compress(FEED) if coding == "gzip" else brotli.compress(FEED)
    url = site.serve("/rss", body, headers={"Content-Encoding": coding})
    assert (await fetched(http, url)).body == FEED


async def test_a_permanent_redirect_names_the_new_address(http: Http, site: Site) -> None:
    new = site.serve("/moi", FEED, etag='"n"')
    old = site.serve("/cu", status=301, to="/moi")
    capture = await fetched(http, old)
    assert (capture.url, capture.hints.moved_to) == (new, new)
    answer = await http.get(old, cursor=capture.cursor)
    assert isinstance(answer, Unchanged)
    assert answer.hints.moved_to == new
    assert "If-None-Match" not in site.asked[2].headers
    assert site.asked[3].headers["If-None-Match"] == '"n"'


async def test_a_temporary_hop_ends_what_is_known_to_have_moved_for_good(http: Http, site: Site) -> None:
    site.serve("/c", FEED)
    site.serve("/b", status=302, to="/c")
    url = site.serve("/a", status=308, to="/b")
    capture = await fetched(http, url)
    assert capture.hints.moved_to == f"{site.origin}/b"
    assert capture.url == f"{site.origin}/c"


async def test_a_key_goes_to_the_origin_that_was_asked_and_to_no_other(site: Site, clock: Clock) -> None:
    async with Site() as other:
        url = site.serve("/a", status=302, to="/b")
        site.serve("/b", status=302, to=other.serve("/c", FEED))
        async with Http(user_agent=AGENT, allow_private=site.doors | other.doors, clock=clock.now) as http:
            await fetched(http, url, headers={"X-Khoa": "khoa-4711"})
        assert [asked.headers.get("X-Khoa") for asked in site.asked] == ["khoa-4711", "khoa-4711"]
        assert [asked.headers.get("X-Khoa") for asked in other.asked] == [None]


async def test_a_circle_of_redirects_is_left_at_once(http: Http, site: Site) -> None:
    site.serve("/a", status=302, to="/b")
    url = site.serve("/b", status=302, to="/a")
    with pytest.raises(TransientError) as caught:
        await http.get(url)
    assert caught.value.code == "redirects"
    assert len(site.asked) == 2


async def test_six_redirects_are_one_too_many(http: Http, site: Site) -> None:
    for hop in range(6):
        site.serve(f"/{hop}", status=307, to=f"/{hop + 1}")
    site.serve("/6", FEED)
    assert (await fetched(http, f"{site.origin}/1")).body == FEED
    with pytest.raises(TransientError, match="redirects"):
        await http.get(f"{site.origin}/0")


async def test_a_redirect_without_an_address_is_the_members_fault(http: Http, site: Site) -> None:
    with pytest.raises(TransientError) as caught:
        await http.get(site.serve("/a", status=302))
    assert (caught.value.code, caught.value.fault) == ("moved", Fault.MEMBER)


async def test_retry_after_becomes_a_wait_by_our_clock(http: Http, site: Site, clock: Clock) -> None:
    url = site.serve("/rss", status=503, headers={"Retry-After": "Mon, 02 Mar 2026 01:10:00 GMT"})
    clock.advance(minutes=4)
    with pytest.raises(ThrottledError) as caught:
        await http.get(url)
    assert caught.value.retry_after == 360


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [(401, BlockedError, "unauthorised"), (404, TransientError, "not_found"), (410, BlockedError, "gone"),
     (422, RejectedError, "bad_request"), (429, ThrottledError, "throttled"), (500, TransientError, "server_error"),
     (206, TransientError, "unreadable"), (204, TransientError, "unreadable")],
)  # fmt: skip
async def test_other_statuses_end_by_the_fetch_column(
    http: Http, site: Site, status: int, error: type[Exception], code: str
) -> None:
    url = site.serve("/rss?key=bi-mat".partition("?")[0], b"" if status == 204 else b"noi dung kin", status=status)
    with pytest.raises(error) as caught:
        await http.get(url + "?key=bi-mat")
    assert caught.value.code == code  # type: ignore[attr-defined]
    assert str(caught.value) == f"GET 127.0.0.1: HTTP {status}"
    assert "kin" not in caught.value.sentence  # type: ignore[attr-defined]


async def test_one_fetch_at_a_time_on_a_host_and_no_trace_afterwards(http: Http, site: Site) -> None:
    gate = asyncio.Event()
    urls = [site.serve(f"/{n}", FEED, hold=gate) for n in range(4)]
    async with asyncio.TaskGroup() as group:
        for url in urls:
            group.create_task(http.get(url))
        await site.arrived.wait()
        gate.set()
    assert site.most_at_once == 1
    assert len(site.asked) == 4
    assert len(http._turns) == 0


async def test_a_slow_host_does_not_hold_up_another(http: Http, site: Site) -> None:
    gate = asyncio.Event()
    slow = asyncio.create_task(http.get(site.serve("/", FEED, hold=gate)))
    await site.arrived.wait()
    async with Site() as other:
        # another port is the same host for our manners, so this one goes by another name for it
        url = other.serve("/", FEED).replace("127.0.0.1", "localhost")
        answer = await http.scoped(allow=other.doors).get(url)
    gate.set()
    assert isinstance(answer, Capture)
    await slow


async def test_waiting_for_a_turn_does_not_use_up_the_time_of_a_fetch(http: Http, site: Site) -> None:
    gate = asyncio.Event()
    first = asyncio.create_task(http.get(site.serve("/1", FEED, hold=gate)))
    await site.arrived.wait()
    second = asyncio.create_task(http.get(site.serve("/2", FEED), limits=Limits(total=0.5, idle=0.5)))
    await asyncio.sleep(0.6)
    gate.set()
    assert isinstance(await first, Capture)
    assert isinstance(await second, Capture)


async def test_a_scoped_client_has_its_own_limits_and_shares_the_turns(http: Http, site: Site) -> None:
    url = site.serve("/rss", FEED)
    tight = http.scoped(limits=Limits(wire=10))
    with pytest.raises(RejectedError) as caught:
        await tight.get(url)
    assert caught.value.code == "too_large"
    assert (await fetched(http, url)).body == FEED
    assert tight._turns is http._turns


async def test_a_client_outside_its_context_is_a_defect_not_a_network_error(site: Site) -> None:
    http = Http(user_agent=AGENT, allow_private=site.doors)
    with pytest.raises(RuntimeError, match="context"):
        await http.get(site.serve("/", FEED))


async def test_several_link_headers_are_kept_as_one(http: Http, site: Site) -> None:
    head = b'HTTP/1.1 200 OK\r\nLink: </a>; rel="hub"\r\nLink: </b>; rel="self"\r\nContent-Length: 2\r\n\r\nok'
    capture = await http.get(site.serve("/", raw=(head,)))
    assert isinstance(capture, Capture)
    assert capture.headers["link"] == '</a>; rel="hub", </b>; rel="self"'
