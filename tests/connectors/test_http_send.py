"""Sending to a destination: what came back decides whether it may have happened."""

import asyncio

import pytest

from connectors.errors import (
    BlockedError,
    HubError,
    RejectedError,
    ThrottledError,
    TransientError,
    UnconfirmedError,
)
from connectors.http import Http
from tests.clock import Clock
from tests.connectors.conftest import AGENT
from tests.fakes.site import Site


async def failing(http: Http, url: str, method: str = "PUT", repeatable: bool = True, timeout: float = 5) -> HubError:  # noqa: ASYNC109
    with pytest.raises(HubError) as caught:
        await http.send(
            method,
            url,
            body=b'{"a":1}',
            headers={"Authorization": "Bearer chuyen-mat"},
            timeout=timeout,
            repeatable=repeatable,
        )
    assert "chuyen-mat" not in repr(caught.value) + str(caught.value) + caught.value.sentence
    return caught.value


async def test_an_answer_comes_with_status_headers_and_body(http: Http, site: Site) -> None:
    url = site.serve("/items/1", b'{"id":1}', status=201, content_type="application/json", headers={"X-A": "b"})
    answer = await http.send("PUT", url, body=b"{}", headers={"Idempotency-Key": "k"}, timeout=5, repeatable=True)
    assert (answer.status, answer.body, answer.cut) == (201, b'{"id":1}', False)
    assert answer.headers["x-a"] == "b"
    assert '"id"' not in repr(answer)
    asked = site.asked[0]
    assert (asked.method, asked.headers["User-Agent"], asked.headers["Idempotency-Key"]) == ("PUT", AGENT, "k")


async def test_a_long_answer_is_cut_and_says_so(http: Http, site: Site) -> None:
    url = site.serve("/", b"x" * 300_000)
    answer = await http.send("GET", url, timeout=5, repeatable=True)
    assert (len(answer.body), answer.cut) == (64 * 1024, True)
    whole = await http.send("GET", url, timeout=5, repeatable=True, answer_limit=1_000_000)
    assert (len(whole.body), whole.cut) == (300_000, False)


@pytest.mark.parametrize(
    ("page", "error"),
    [
        ({"status": 400}, RejectedError), ({"status": 401}, BlockedError), ({"status": 403}, BlockedError),
        ({"status": 404}, RejectedError), ({"status": 409}, RejectedError), ({"status": 410}, BlockedError),
        ({"status": 413}, RejectedError), ({"status": 422}, RejectedError), ({"status": 429}, ThrottledError),
        ({"status": 500}, UnconfirmedError), ({"status": 502}, UnconfirmedError), ({"status": 503}, UnconfirmedError),
        ({"status": 503, "headers": {"Retry-After": "9"}}, ThrottledError), ({"status": 302, "to": "/b"}, BlockedError),
        ({"raw": (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",)}, UnconfirmedError),
        ({"raw": (b"garbage\r\n\r\n",)}, UnconfirmedError), ({"stall": True}, UnconfirmedError),
    ],
)  # fmt: skip
@pytest.mark.parametrize("repeatable", [True, False])
async def test_each_answer_ends_by_the_send_columns(
    http: Http, site: Site, page: dict[str, object], error: type[HubError], repeatable: bool
) -> None:
    url = site.serve("/items/1", **page)  # type: ignore[arg-type]
    caught = await failing(http, url, repeatable=repeatable, timeout=0.3)
    assert type(caught) is error
    assert len(site.asked) == 1, "a redirect was followed or the request repeated"
    if isinstance(caught, UnconfirmedError):
        assert ("gửi lại cùng mã" in caught.sentence) is repeatable


async def test_a_status_that_the_connector_reads_itself_is_an_answer(http: Http, site: Site) -> None:
    url = site.serve("/", b"{}", status=409)
    answer = await http.send("PUT", url, timeout=5, repeatable=True, accept_status=frozenset({409}))
    assert answer.status == 409


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
@pytest.mark.parametrize("repeatable", [True, False])
async def test_a_broken_connection_is_unconfirmed_and_sent_once(
    http: Http, site: Site, method: str, repeatable: bool
) -> None:
    url = site.serve("/items/1", raw=(b"",))
    caught = await failing(http, url, method=method, repeatable=repeatable)
    assert (type(caught), caught.code) == (UnconfirmedError, "reset")
    assert len(site.asked) == 1, "the library repeated the request by itself"


async def test_a_failed_read_changed_nothing(http: Http, site: Site) -> None:
    for page in ({"status": 500}, {"raw": (b"",)}, {"stall": True}):
        caught = await failing(http, site.serve("/items/1", **page), method="GET", repeatable=False, timeout=0.2)
        assert type(caught) is TransientError


async def test_what_never_left_is_not_unconfirmed(http: Http, site: Site) -> None:
    await site.close()
    caught = await failing(http, f"{site.origin}/items/1", repeatable=False)
    assert (type(caught), caught.code) == (TransientError, "connection_refused")


async def test_the_wait_named_by_a_destination_is_capped_at_six_hours(http: Http, site: Site, clock: Clock) -> None:
    caught = await failing(http, site.serve("/", status=429, headers={"Retry-After": "86400"}))
    assert isinstance(caught, ThrottledError)
    assert caught.retry_after == 6 * 3600


async def test_sends_may_run_side_by_side_on_one_host(http: Http, site: Site) -> None:
    gate = asyncio.Event()
    url = site.serve("/", b"{}", hold=gate)
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(http.send("PUT", url, timeout=5, repeatable=True))
        while site.most_at_once < 3:
            site.arrived.clear()
            await site.arrived.wait()
        gate.set()
    assert site.most_at_once == 3


async def test_a_refusal_that_comes_before_the_body_was_taken_is_a_refusal(http: Http, site: Site) -> None:
    url = site.serve("/", raw=(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n",))
    with pytest.raises(RejectedError):
        await http.send("PUT", url, body=b"x" * 3_000_000, timeout=5, repeatable=True)


async def test_an_address_that_a_source_named_is_asked_on_ports_of_the_web_or_through_a_door(
    http: Http, site: Site
) -> None:
    with pytest.raises(RejectedError) as refused:
        await http.send("POST", "http://day.tinhmau.gov.vn:25/", timeout=5, repeatable=True, any_port=False)
    assert refused.value.code == "address_refused"
    answer = await http.send("POST", site.serve("/hub", b"ok"), timeout=5, repeatable=True, any_port=False)
    assert answer.status == 200


async def test_a_wait_that_a_host_named_holds_for_all_requests_of_its_view(site: Site) -> None:
    clock = Clock()
    async with Http(user_agent=AGENT, allow_private=site.doors, clock=clock.now) as http:
        view = http.scoped(keeps_waits=60)
        busy = site.serve("/busy", status=429, headers={"Retry-After": "30"})
        well = site.serve("/well", b"{}")
        await failing(view, busy)
        clock.advance(seconds=10)
        for method in ("PUT", "GET"):
            error = await failing(view, well, method)
            assert isinstance(error, ThrottledError)
            assert error.retry_after == 20
        with pytest.raises(ThrottledError):
            await view.scoped(limits=view.limits).get(well)  # of the same endpoint
        assert len(site.asked) == 1
        await http.send("PUT", well, timeout=5, repeatable=True)  # somebody else's
        clock.advance(seconds=20)
        await view.send("PUT", well, timeout=5, repeatable=True)


async def test_a_long_wait_is_kept_no_longer_than_was_said(site: Site) -> None:
    clock = Clock()
    async with Http(user_agent=AGENT, allow_private=site.doors, clock=clock.now) as http:
        view = http.scoped(keeps_waits=60)
        busy = site.serve("/", status=503, headers={"Retry-After": "3600"})
        error = await failing(view, busy)
        assert isinstance(error, ThrottledError)
        assert error.retry_after == 3600
        clock.advance(seconds=60)
        await failing(view, busy)
        assert len(site.asked) == 2
