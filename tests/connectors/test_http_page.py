"""Reading pages made for people: robots.txt first, on every origin, and slowly."""

import asyncio
from time import monotonic

import pytest

from connectors.base import Capture, Unchanged
from connectors.errors import Fault, RejectedError, ThrottledError, TransientError
from connectors.http import Http
from connectors.turns import Pauses
from tests.clock import Clock
from tests.connectors.conftest import AGENT
from tests.fakes.site import Site

PAGE = "<html><body>Tin tức</body></html>".encode()
FORBIDS = b"User-agent: *\nDisallow: /noi-bo\n"


def asked(site: Site) -> list[str]:
    return [one.path for one in site.asked]


async def test_robots_txt_is_asked_first_and_once(http: Http, site: Site) -> None:
    site.serve("/robots.txt", FORBIDS, content_type="text/plain")
    url = site.serve("/tin", PAGE, content_type="text/html", etag='"a"')
    first = await http.page(url)
    assert isinstance(first, Capture)
    assert first.body == PAGE
    assert isinstance(await http.page(url, cursor=first.cursor), Unchanged)
    assert asked(site) == ["/robots.txt", "/tin", "/tin"]
    assert {one.headers["User-Agent"] for one in site.asked} == {AGENT}


async def test_a_feed_is_fetched_without_asking_robots_txt(http: Http, site: Site) -> None:
    site.serve("/robots.txt", b"User-agent: *\nDisallow: /")
    await http.get(site.serve("/rss", PAGE))
    assert asked(site) == ["/rss"]


async def test_a_page_that_robots_txt_forbids_is_not_read(http: Http, site: Site) -> None:
    site.serve("/robots.txt", FORBIDS)
    with pytest.raises(RejectedError) as caught:
        await http.page(site.serve("/noi-bo/1", PAGE))
    assert (caught.value.code, caught.value.fault) == ("robots_disallowed", Fault.MEMBER)
    assert "«provincial-hub»" in caught.value.sentence
    assert "/noi-bo" not in str(caught.value)
    assert asked(site) == ["/robots.txt"]


async def test_a_redirect_to_a_forbidden_page_ends_there(http: Http, site: Site) -> None:
    site.serve("/robots.txt", FORBIDS)
    site.serve("/noi-bo/1", PAGE)
    with pytest.raises(RejectedError, match="robots"):
        await http.page(site.serve("/tin", status=302, to="/noi-bo/1"))
    assert "/noi-bo/1" not in asked(site)


async def test_the_origin_that_a_page_redirects_to_is_asked_too(site: Site, clock: Clock) -> None:
    async with Site() as other, Http(user_agent=AGENT, allow_private=site.doors | other.doors) as http:
        other.serve("/robots.txt", FORBIDS)
        url = site.serve("/tin", status=301, to=other.serve("/noi-bo/1", PAGE))
        with pytest.raises(RejectedError) as caught:
            await http.page(url)
        assert caught.value.code == "robots_disallowed"
        assert asked(other) == ["/robots.txt"]


async def test_a_redirect_to_a_refused_address_is_the_members_fault(http: Http, site: Site) -> None:
    url = site.serve("/tin", status=302, to="http://169.254.169.254/latest")
    with pytest.raises(RejectedError) as caught:
        await http.page(url)
    assert (caught.value.code, caught.value.fault) == ("address_refused", Fault.MEMBER)


@pytest.mark.parametrize("status", [401, 403, 404, 410, 418])
async def test_a_site_without_robots_txt_is_open(http: Http, site: Site, status: int) -> None:
    site.serve("/robots.txt", b"User-agent: *\nDisallow: /", status=status)
    assert isinstance(await http.page(site.serve("/tin", PAGE)), Capture)


async def test_a_robots_txt_that_redirects_in_a_circle_is_none(http: Http, site: Site) -> None:
    site.serve("/robots.txt", status=302, to="/robots2.txt")
    site.serve("/robots2.txt", status=302, to="/robots.txt")
    assert isinstance(await http.page(site.serve("/tin", PAGE)), Capture)


async def test_a_robots_txt_elsewhere_counts_for_the_origin_that_was_asked(http: Http, site: Site) -> None:
    site.serve("/robots.txt", status=301, to="/vi/robots.txt")
    site.serve("/vi/robots.txt", FORBIDS)
    with pytest.raises(RejectedError):
        await http.page(site.serve("/noi-bo", PAGE))


async def test_while_robots_txt_cannot_be_read_the_page_is_left_alone(http: Http, site: Site) -> None:
    site.serve("/robots.txt", status=500)
    with pytest.raises(TransientError) as caught:
        await http.page(site.serve("/tin", PAGE))
    assert caught.value.code == "robots_unreachable"
    site.serve("/robots.txt", status=503, headers={"Retry-After": "60"})
    with pytest.raises(ThrottledError) as told:
        await http.page(site.origin + "/tin")
    assert told.value.retry_after == 60
    assert "/tin" not in asked(site)


async def test_an_endless_robots_txt_is_read_to_its_limit(http: Http, site: Site) -> None:
    site.serve("/robots.txt", FORBIDS + b"#" * 65_000, endless=True)
    assert isinstance(await http.page(site.serve("/tin", PAGE)), Capture)
    with pytest.raises(RejectedError):
        await http.page(site.serve("/noi-bo", PAGE))


async def test_pages_asked_for_at_once_ask_for_robots_txt_once_and_come_one_by_one(http: Http, site: Site) -> None:
    urls = [site.serve(f"/tin/{number}", PAGE) for number in range(5)]
    await asyncio.gather(*map(http.page, urls))
    assert asked(site).count("/robots.txt") == 1
    assert site.most_at_once == 1


async def test_a_pause_lies_between_two_pages_of_a_host(site: Site) -> None:
    async with Http(user_agent=AGENT, allow_private=site.doors, page_pause=0.05) as http:
        url = site.serve("/tin", PAGE)
        began = monotonic()
        await http.page(url)
        assert monotonic() - began < 0.05, "nobody waits before the first"
        await http.scoped().page(url)
        assert monotonic() - began >= 0.05


async def test_a_site_may_ask_for_longer_pauses(http: Http, site: Site) -> None:
    site.serve("/robots.txt", b"User-agent: *\nCrawl-delay: 0.08")
    url = site.serve("/tin", PAGE)
    await http.page(url)
    began = monotonic()
    await http.page(url)
    assert monotonic() - began >= 0.07


def test_a_pause_is_counted_from_the_end_of_the_last_page_and_forgotten_once_nobody_waits() -> None:
    pauses = Pauses(0.0)
    assert pauses.left("a", 10) == 0
    pauses.begin("a")
    assert 9 < pauses.left("a", 10) <= 10
    assert pauses.left("b", 10) == 0
    for number in range(1_001):
        pauses.begin(str(number))
    assert len(pauses) <= 1_000
