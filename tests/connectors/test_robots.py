"""robots.txt as RFC 9309 says: whose group counts, which rule wins, what is remembered, and for how long."""

import codecs
import tracemalloc
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import BlockedError, HubError, RejectedError, ThrottledError, TransientError
from connectors.robots import LONGEST_DELAY, ROBOTS_LIMIT, RobotsCache, may_fetch_page, read_robots
from tests.clock import Clock
from tests.connectors.conftest import AGENT

SITE = "https://soyte.tinhmau.gov.vn"


def allowed(text: str, path: str, agent: str = AGENT) -> bool:
    return may_fetch_page(text.encode(), SITE + path, agent)


@pytest.mark.parametrize("text", ["", "\ufeff", "Disallow: /", "<!DOCTYPE html><title>404</title>", "User-agent: *"])
def test_a_file_without_a_rule_for_us_allows_everything(text: str) -> None:
    assert allowed(text, "/tin-tuc")


def test_our_own_group_counts_in_place_of_the_one_for_everybody() -> None:
    text = "User-agent: *\nDisallow: /\n\nUser-agent: Provincial-Hub\nDisallow: /noi-bo/\n"
    assert allowed(text, "/tin-tuc")
    assert not allowed(text, "/noi-bo/lich")
    assert not allowed(text, "/tin-tuc", agent="otherbot/2.0")


@pytest.mark.parametrize("name", ["provincial-hub/0.1", "provincial-hub*", "PROVINCIAL-HUB"])
def test_our_name_is_known_with_a_version_a_star_or_in_capitals(name: str) -> None:
    assert not allowed(f"User-agent: {name}\nDisallow: /", "/tin-tuc")


@pytest.mark.parametrize("name", ["provincial", "hub", "p", "provincial-hub-images"])
def test_a_name_that_only_resembles_ours_is_somebody_else(name: str) -> None:
    assert allowed(f"User-agent: {name}\nDisallow: /", "/tin-tuc")


def test_groups_of_one_agent_are_read_as_one_and_agents_in_a_row_share_their_rules() -> None:
    text = "user-agent: a\nuser-agent: b\ndisallow: /x\nuser-agent: c\ndisallow: /y\nuser-agent: b\ndisallow: /z"
    paths = ["/x", "/y", "/z"]
    assert [allowed(text, path, "a") for path in paths] == [False, True, True]
    assert [allowed(text, path, "b") for path in paths] == [False, True, False]
    assert [allowed(text, path, "c") for path in paths] == [True, False, True]


def test_other_lines_among_the_agents_do_not_end_the_group() -> None:
    text = "User-agent: a\nCrawl-delay: 7\nSitemap: /s.xml\nNgười-dùng: x\nUser-agent: b\nDisallow: /x"
    assert not allowed(text, "/x", "a")
    assert not allowed(text, "/x", "b")
    assert (read_robots(text.encode(), "a").delay, read_robots(text.encode(), "b").delay) == (7, 0)


def test_agents_and_delays_without_end_cost_nothing() -> None:
    """Each delay once kept a copy of all agents before it: 460 KB of this took gigabytes."""
    text = "".join(f"User-agent: a{number}\nCrawl-delay: 3\n" for number in range(14_000))
    tracemalloc.start()
    try:
        assert read_robots(text.encode(), AGENT).delay == 0
        assert tracemalloc.get_traced_memory()[1] < 32 * 1024**2
    finally:
        tracemalloc.stop()


def test_the_longest_rule_wins_and_allow_wins_a_draw() -> None:
    text = "User-agent: *\nDisallow: /tin\nAllow: /tin/cong-khai\nDisallow: /vb\nAllow: /vb"
    assert not allowed(text, "/tin/noi-bo")
    assert allowed(text, "/tin/cong-khai/1")
    assert allowed(text, "/vb")


def test_stars_ends_and_percent_signs_are_understood() -> None:
    text = "User-agent: *\nDisallow: /*?print=\nDisallow: *.pdf$\nDisallow: /v%C4%83n-b%E1%BA%A3n"
    assert not allowed(text, "/tin?print=1")
    assert not allowed(text, "/tep/a.pdf")
    assert allowed(text, "/tep/a.pdf?x=1")
    assert not allowed(text, "/văn-bản/1")


def test_typing_errors_and_forgotten_colons_are_forgiven() -> None:
    for line in ("Dissalow: /x", "Desallow: /x", "disallow /x", "  DISALLOW :/x  # của nhà mình"):
        assert not allowed(f"useragent *\n{line}", "/x"), line


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-16-le"])
def test_other_encodings_with_a_mark_are_read(encoding: str) -> None:
    marks = {"utf-16-be": codecs.BOM_UTF16_BE, "utf-16-le": codecs.BOM_UTF16_LE}
    body = marks.get(encoding, b"") + "User-agent: *\r\nDisallow: /x\r\n".encode(encoding)
    assert not may_fetch_page(body, f"{SITE}/x", AGENT)
    assert may_fetch_page(body, f"{SITE}/y", AGENT)


@pytest.mark.parametrize(
    ("delay", "seconds"),
    [("5", 5), ("0.5", 0.5), ("3600", LONGEST_DELAY), ("9" * 400, 0), ("inf", 0), ("-1", 0), ("năm", 0), ("1e9", 0)],
)
def test_a_delay_is_kept_within_reason_and_nonsense_is_none(delay: str, seconds: float) -> None:
    assert read_robots(f"User-agent: *\nCrawl-delay: {delay}".encode(), AGENT).delay == seconds


def test_sitemaps_are_named_once_each_whoever_stands_above_them() -> None:
    text = "Sitemap: https://a/s.xml\nUser-agent: x\nsitemap: https://a/s.xml\nSitemap: /n.xml"
    assert read_robots(text.encode(), AGENT).sitemaps == ("https://a/s.xml", "/n.xml")


def test_what_stands_behind_the_limit_is_not_looked_at() -> None:
    body = b"User-agent: *\nDisallow: /a\n" + b"#" * ROBOTS_LIMIT + b"\nDisallow: /b\n"
    assert not may_fetch_page(body, f"{SITE}/a", AGENT)
    assert may_fetch_page(body, f"{SITE}/b", AGENT)


@given(st.binary(max_size=400), st.text(max_size=40))
@settings(deadline=None)
def test_no_bytes_make_it_fail(body: bytes, path: str) -> None:
    head = b"User-agent: *\nDisallow: "
    assert may_fetch_page(head + body, f"{SITE}/{path}", AGENT) in (True, False)


# --------------------------------------------------------------------------------------------- what is remembered


class Asked:
    """A site's robots.txt: what it answers next, and how often it was asked."""

    def __init__(self, answer: bytes | HubError) -> None:
        self.answer = answer
        self.addresses: list[str] = []

    async def __call__(self, url: str) -> bytes:
        self.addresses.append(url)
        if isinstance(self.answer, HubError):
            raise self.answer
        return self.answer


FORBIDS = b"User-agent: *\nDisallow: /x"


async def test_each_origin_is_asked_once_an_hour(clock: Clock) -> None:
    cache, ask = RobotsCache(AGENT, clock.now), Asked(FORBIDS)
    for path in ("/x", "/y"):
        assert (await cache.of(SITE + path, ask)).allows(SITE + path) is (path == "/y")
    assert ask.addresses == [f"{SITE}/robots.txt"]
    await cache.of(f"{SITE}:8443/x", ask)
    assert ask.addresses[1:] == [f"{SITE}:8443/robots.txt"]
    clock.advance(hours=1)
    ask.answer = b""
    assert (await cache.of(f"{SITE}/x", ask)).allows(f"{SITE}/x")


@pytest.mark.parametrize(
    ("code", "kind"),
    [("not_found", TransientError), ("forbidden", BlockedError), ("bad_request", RejectedError), ("gone", BlockedError),
     ("redirects", TransientError)],
)  # fmt: skip
async def test_where_there_is_none_everything_may_be_read(clock: Clock, code: str, kind: type[HubError]) -> None:
    cache = RobotsCache(AGENT, clock.now)
    assert (await cache.of(SITE, Asked(kind(code=code)))).allows(f"{SITE}/x")


async def test_where_nobody_answers_nothing_is_read_and_the_fault_is_named(clock: Clock) -> None:
    cache, ask = RobotsCache(AGENT, clock.now), Asked(TransientError("GET x: HTTP 500", code="server_error"))
    with pytest.raises(TransientError) as caught:
        await cache.of(SITE, ask)
    assert caught.value.code == "robots_unreachable"
    assert "robots.txt" in caught.value.sentence
    assert len(cache) == 0


async def test_where_the_host_is_not_there_the_sentence_speaks_of_the_host(clock: Clock) -> None:
    cause = TransientError("GET x: name_unknown", code="name_unknown", sentence="Không tìm thấy tên miền của trang.")
    with pytest.raises(TransientError) as caught:
        await RobotsCache(AGENT, clock.now).of(SITE, Asked(cause))
    assert (caught.value.code, caught.value.sentence) == ("robots_unreachable", cause.sentence)


async def test_an_older_answer_holds_on_while_nobody_answers(clock: Clock) -> None:
    cache, ask = RobotsCache(AGENT, clock.now), Asked(FORBIDS)
    await cache.of(SITE, ask)
    clock.advance(days=2)
    ask.answer = TransientError(code="timeout")
    assert not (await cache.of(SITE, ask)).allows(f"{SITE}/x")


@pytest.mark.parametrize("refusal", [ThrottledError(retry_after=60), RejectedError(code="address_refused")])
async def test_being_told_to_wait_or_refused_by_our_guard_says_nothing_about_robots(
    clock: Clock, refusal: HubError
) -> None:
    cache, ask = RobotsCache(AGENT, clock.now), Asked(refusal)
    with pytest.raises(type(refusal)) as caught:
        await cache.of(SITE, ask)
    assert caught.value is refusal


async def test_only_so_many_origins_are_remembered(clock: Clock) -> None:
    cache = RobotsCache(AGENT, clock.now)
    ask: Callable[[str], Awaitable[bytes]] = Asked(TransientError(code="not_found"))
    for number in range(1_010):
        await cache.of(f"https://xa{number}.gov.vn", ask)
    assert len(cache) == 1_000
