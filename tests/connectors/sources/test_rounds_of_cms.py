"""Rounds over the interfaces of content systems: one behaviour, four products, each a real server that changes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from connectors.base import Capture, Cursor, SourceContext, Unchanged
from connectors.errors import RejectedError, TransientError
from connectors.http import Http
from connectors.sources import drupal, liferay, sharepoint, wordpress
from schemas.item import Kind
from tests.clock import Clock
from tests.connectors.conftest import AGENT
from tests.fakes import cms
from tests.fakes.server import Fault

PRODUCTS: dict[str, tuple[Any, type[cms.Cms], dict[str, Any]]] = {
    "wordpress": (wordpress, cms.WordPress, {}),
    "drupal": (drupal, cms.Drupal, {"image": "", "tag_fields": []}),
    "liferay": (liferay, cms.Liferay, {"site": "20117"}),
    "sharepoint": (sharepoint, cms.SharePoint, {"list": "Tin tức"}),
}


@dataclass
class Desk:
    """A source of one product, its site, and what the hub would do with both."""

    product: str
    site: cms.Cms
    http: Http
    clock: Clock
    cursor: Cursor

    def source(self, **keys: Any) -> Any:
        module, _, own = PRODUCTS[self.product]
        context = SourceContext(name="mau", kind=Kind.NEWS, url=self.site.origin)
        return module.Connector(context, module.Config(**{"per_page": 5, **own, **keys}))

    async def poll(self, **keys: Any) -> list[int]:
        """One poll and the pages that belong to it: the numbers of the articles it brought."""
        source, brought, more = self.source(**keys), [], True
        while more:
            answer = await source.fetch(self.http, self.cursor)
            if isinstance(answer, Unchanged):
                break
            self.cursor, more = answer.cursor, answer.hints.more
            assert sum(map(len, (*self.cursor.keys(), *self.cursor.values()))) <= 2_000
            brought += numbers(source, answer)
            assert len(self.site.asked) < 500, "a run is bounded"
        return brought

    async def walk(self, since: date, **keys: Any) -> list[int]:
        source, brought, cursor, more = self.source(**keys), [], {}, True
        while more:
            capture = await source.walk(self.http, cursor, since)
            cursor, more = capture.cursor, capture.hints.more
            brought += numbers(source, capture)
            assert len(self.site.asked) < 500, "a walk is bounded"
        return brought


def numbers(source: Any, capture: Capture) -> list[int]:
    split = source.split(capture, frozenset(), capture.fetched_at)
    return [int(source.normalise(record, capture).item.title.split()[-1]) for record in split.records]


@pytest.fixture(params=list(PRODUCTS))
async def desk(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[Desk]:
    async with (
        PRODUCTS[request.param][1]() as site,
        Http(user_agent=AGENT, allow_private=site.doors, clock=clock.now) as http,
    ):
        yield Desk(request.param, site, http, clock, {})


def days_ago(desk: Desk, days: float) -> datetime:
    return (desk.clock.now() - timedelta(days=days)).replace(microsecond=0)


def fill(desk: Desk, count: int, *, first: float = 0.5) -> None:
    """`count` articles, number 1 the newest, a day apart."""
    for number in range(1, count + 1):
        desk.site.write(number, days_ago(desk, first + number - 1))


async def test_the_first_round_brings_the_newest_and_ends_after_its_pages(desk: Desk) -> None:
    fill(desk, 40)
    brought = await desk.poll(max_pages=3)
    assert len(desk.site.asked) == 3
    assert set(range(1, 12)) <= set(brought) <= set(range(1, 16))
    assert "place" not in desk.cursor, "the next poll begins a round"


async def test_a_site_of_few_articles_is_read_whole_in_one_round(desk: Desk) -> None:
    fill(desk, 13)
    assert set(await desk.poll()) == set(range(1, 14))
    assert "since" in desk.cursor


async def test_the_next_round_brings_what_is_new_and_what_changed_however_old_it_is(desk: Desk) -> None:
    fill(desk, 30, first=3)
    await desk.poll()
    before = len(desk.site.asked)
    desk.clock.advance(hours=1)
    desk.site.write(99, desk.clock.now())
    desk.site.articles[27].changed = desk.clock.now()
    assert {99, 28} <= set(await desk.poll())
    assert len(desk.site.asked) - before <= 2, "what did not change is not read through"


async def test_an_article_dated_back_by_a_few_hours_is_not_lost_behind_the_mark(desk: Desk) -> None:
    fill(desk, 6)
    await desk.poll()
    desk.site.write(77, days_ago(desk, 0.9))
    assert 77 in await desk.poll()


async def test_articles_that_appear_while_pages_are_read_push_none_out(desk: Desk) -> None:
    fill(desk, 23)

    def publish(number: int) -> None:
        desk.clock.advance(seconds=5)
        # Before the second page as many as a page holds: it shows what the first one showed.
        for offset in range(3 if number == 2 and desk.product == "drupal" else 5 if number == 2 else 1):
            desk.site.write(1_000 + 10 * number + offset, desk.clock.now())

    desk.site.before = publish
    brought = await desk.poll(max_pages=40)
    desk.site.before = lambda number: None
    assert set(range(1, 24)) <= set(brought)
    assert {article.number for article in desk.site.articles} <= {*brought, *await desk.poll()}


async def test_an_article_removed_while_pages_are_read_lets_none_slip_past(desk: Desk) -> None:
    fill(desk, 23)
    gone = iter((1, 2, 8))
    desk.site.before = lambda number: desk.site.remove(next(gone, 0)) if number > 1 else None
    brought = await desk.poll(max_pages=40)
    assert set(range(9, 24)) <= set(brought)


async def test_many_changes_are_read_over_several_polls_and_none_is_left_out(desk: Desk) -> None:
    fill(desk, 40, first=5)
    await desk.poll(max_pages=40)
    desk.clock.advance(hours=1)
    for article in desk.site.articles:
        article.changed = desk.clock.now() - timedelta(seconds=article.number)
    brought: set[int] = set()
    for _ in range(8):
        before = len(desk.site.asked)
        brought |= set(await desk.poll(max_pages=3))
        assert len(desk.site.asked) - before <= 3
    assert brought == set(range(1, 41))


async def test_a_page_that_fails_is_asked_for_again_and_the_round_goes_on_there(desk: Desk) -> None:
    fill(desk, 18)
    source = desk.source()
    first = await source.fetch(desk.http, {})
    desk.site.fail_next(Fault(status=502))
    with pytest.raises(TransientError):
        await source.fetch(desk.http, first.cursor)
    desk.cursor = first.cursor
    assert set(numbers(source, first)) | set(await desk.poll()) == set(range(1, 19))


async def test_a_page_of_errors_in_place_of_the_second_page_begins_the_round_anew(desk: Desk) -> None:
    fill(desk, 18)
    desk.site.odd.garbled_pages = {2}
    source = desk.source()
    first = await source.fetch(desk.http, {})
    second = await source.fetch(desk.http, first.cursor)
    assert not second.hints.more
    with pytest.raises(RejectedError) as refused:
        source.split(second, frozenset(), desk.clock.now())
    assert refused.value.code == "html_page"
    desk.cursor = second.cursor
    assert set(await desk.poll()) == set(range(1, 19))


async def test_a_site_that_shows_the_first_page_for_every_page_ends_the_run(desk: Desk) -> None:
    fill(desk, 18)
    desk.site.odd.deaf_to_paging = True
    assert set(await desk.poll(max_pages=30)) == set(range(1, 6))
    assert len(desk.site.asked) <= 3
    desk.clock.advance(hours=1)
    for article in desk.site.articles:
        article.changed = desk.clock.now()
    await desk.poll(max_pages=30)
    assert len(desk.site.asked) <= 8


async def test_a_site_that_does_not_know_the_filter_is_left_where_it_grows_old(desk: Desk) -> None:
    fill(desk, 40, first=0.1)
    desk.site.odd.deaf_to_filters = True
    await desk.poll(max_pages=40)
    before = len(desk.site.asked)
    assert 1 in await desk.poll(max_pages=40)
    assert len(desk.site.asked) - before <= 3


async def test_a_site_with_validators_is_not_read_again_while_nothing_changed(desk: Desk) -> None:
    fill(desk, 3, first=0.1)
    desk.site.odd.validators = True
    await desk.poll()  # everything
    await desk.poll()  # the window since the mark
    before = len(desk.site.asked)
    answer = await desk.source().fetch(desk.http, desk.cursor)
    assert "If-None-Match" in desk.site.asked[before].headers
    if desk.product != "wordpress":  # which also asks for changes of older posts
        assert isinstance(answer, Unchanged)
    desk.site.articles[1].changed = desk.clock.now()
    assert 2 in await desk.poll()


async def test_a_date_from_the_future_hides_nothing_that_comes_before_it(desk: Desk) -> None:
    fill(desk, 3)
    desk.site.write(50, days_ago(desk, -400))
    await desk.poll()
    desk.clock.advance(hours=2)
    desk.site.write(51, desk.clock.now())
    assert 51 in await desk.poll()


async def test_the_token_goes_with_every_question(desk: Desk) -> None:
    fill(desk, 8)
    await desk.poll(authorization="bWF1OmJpLW1hdA==", scheme="Basic")
    assert {asked.headers["Authorization"] for asked in desk.site.asked} == {"Basic bWF1OmJpLW1hdA=="}


async def test_a_walk_goes_back_to_its_day_and_ends(desk: Desk) -> None:
    fill(desk, 60)
    since = days_ago(desk, 30).date()
    brought = await desk.walk(since)
    assert set(range(1, 30)) <= set(brought)
    assert max(brought) <= 32


async def test_a_walk_over_a_site_deaf_to_filters_ends_where_it_grows_too_old(desk: Desk) -> None:
    fill(desk, 60)
    desk.site.odd.deaf_to_filters = True
    brought = await desk.walk(days_ago(desk, 10).date())
    assert set(range(1, 10)) <= set(brought)
    if desk.product != "wordpress":  # it has known `after` since there is a REST interface
        assert max(brought) <= 20


async def test_a_walk_that_meets_a_page_of_errors_waits_in_place_of_leaving_a_gap(desk: Desk) -> None:
    fill(desk, 12)
    source, since = desk.source(), days_ago(desk, 60).date()
    first = await source.walk(desk.http, {}, since)
    desk.site.odd.garbled_pages = {2}
    with pytest.raises(TransientError) as error:
        await source.walk(desk.http, first.cursor, since)
    assert error.value.code == "unreadable"
    second = await source.walk(desk.http, first.cursor, since)
    assert len({*numbers(source, first), *numbers(source, second)}) > 5


async def test_a_cursor_of_another_kind_begins_anew(desk: Desk) -> None:
    fill(desk, 4)
    desk.cursor = {"since": "hôm qua", "pages": "-3", "total": "x", "mark": "2026-01-01T00:00:00"}
    assert set(await desk.poll()) == {1, 2, 3, 4}


@pytest.mark.parametrize("desk", ["drupal", "sharepoint"], indirect=True)
async def test_a_next_page_on_another_host_is_not_asked_for(desk: Desk) -> None:
    fill(desk, 12)
    desk.site.odd.next_origin = "https://tin-khac.example.vn"
    assert set(await desk.poll()) == {1, 2, 3, 4, 5}


@pytest.mark.parametrize("desk", ["drupal", "sharepoint"], indirect=True)
async def test_a_next_page_under_another_scheme_of_the_same_host_is_asked_for_where_we_are(desk: Desk) -> None:
    fill(desk, 12)
    desk.site.odd.next_origin = "https://127.0.0.1"  # what stands behind a proxy knows neither scheme nor port
    assert set(await desk.poll()) == set(range(1, 13))
