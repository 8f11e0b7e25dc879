"""WordPress: addresses of every kind, posts planned ahead, lists that become shorter than their last page was."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import Capture, SourceContext, Unchanged
from connectors.errors import RejectedError
from connectors.http import Http
from connectors.rounds import Round
from connectors.sources.wordpress import Config, Connector
from schemas.item import Kind
from tests.clock import Clock
from tests.connectors.conftest import AGENT
from tests.fakes.cms import WordPress


@pytest.fixture
async def wordpress() -> AsyncIterator[WordPress]:
    async with WordPress() as site:
        yield site


@pytest.fixture
async def client(wordpress: WordPress, clock: Clock) -> AsyncIterator[Http]:
    async with Http(user_agent=AGENT, allow_private=wordpress.doors, clock=clock.now) as http:
        yield http


def source(url: str, **keys: Any) -> Connector:
    return Connector(SourceContext(name="mau", kind=Kind.NEWS, url=url), Config(**{"per_page": 5, **keys}))


async def captured(connector: Connector, http: Http, cursor: Any) -> Capture:
    answer = await connector.fetch(http, cursor)
    assert isinstance(answer, Capture)
    return answer


@pytest.mark.parametrize(
    "below", ["", "/", "/wp-json", "/wp-json/", "/wp-json/wp/v2", "/wp-json/wp/v2/posts", "/?rest_route=/wp/v2/posts"]
)
async def test_every_address_of_a_site_leads_to_its_posts(
    client: Http, wordpress: WordPress, clock: Clock, below: str
) -> None:
    wordpress.write(1, clock.now())
    capture = await captured(source(wordpress.origin + below), client, {})
    assert b'"1"' in capture.body
    assert wordpress.asked[0].query["_embed"] == "author,wp:featuredmedia,wp:term"


async def test_plain_permalinks_and_categories_are_asked_as_the_settings_say(
    client: Http, wordpress: WordPress
) -> None:
    wordpress.write(1, client.now())
    await captured(source(wordpress.origin, rest_route=True, categories=[7, 12]), client, {})
    asked = wordpress.asked[0]
    assert (asked.path, asked.query["rest_route"], asked.query["categories"]) == ("/", "/wp/v2/posts", "7,12")


async def test_a_post_planned_a_week_ahead_is_seen_on_its_day(client: Http, wordpress: WordPress, clock: Clock) -> None:
    connector = source(wordpress.origin)
    for number in range(1, 8):
        wordpress.write(number, clock.now() - timedelta(days=number))
    cursor = (await captured(connector, client, (await captured(connector, client, {})).cursor)).cursor
    wordpress.write(50, clock.now(), clock.now() - timedelta(days=7))  # publishing by the clock is no modification
    assert b'"50"' in (await captured(connector, client, cursor)).body


async def test_a_list_that_became_shorter_than_its_page_is_at_its_end_and_no_fault(
    client: Http, wordpress: WordPress, clock: Clock
) -> None:
    connector = source(wordpress.origin)
    for number in range(1, 7):
        wordpress.write(number, clock.now() - timedelta(days=number))
    first = await captured(connector, client, {})
    assert first.hints.more
    wordpress.articles = wordpress.articles[:2]
    again = await captured(connector, client, first.cursor)
    assert wordpress.asked[1].query["page"] == "2"
    assert b'"1"' in again.body
    assert "since" in again.cursor


async def test_a_list_that_shrinks_in_a_later_round_does_not_skip_what_changed(
    client: Http, wordpress: WordPress, clock: Clock
) -> None:
    connector = source(wordpress.origin)
    for number in range(1, 15):
        wordpress.write(number, clock.now() - timedelta(minutes=number))
    cursor = (await captured(connector, client, {"since": clock.now().isoformat()})).cursor
    wordpress.articles = wordpress.articles[10:]  # four are left: there is no second page of the newest
    assert cursor["place"] == "2"
    answer = await captured(connector, client, cursor)
    assert wordpress.asked[-1].query["orderby"] == "modified"
    assert b'"14"' in answer.body


async def test_a_parameter_that_the_site_refuses_on_the_first_page_is_a_fault(
    client: Http, wordpress: WordPress
) -> None:
    connector = source(f"{wordpress.origin}/wp-json/wp/v2/posts?page=9")
    with pytest.raises(RejectedError) as refused:
        await connector.fetch(client, {})
    assert refused.value.code == "bad_request"


async def test_a_walk_behind_the_last_page_is_at_its_end(client: Http, wordpress: WordPress, clock: Clock) -> None:
    connector = source(wordpress.origin)
    for number in range(1, 12):
        wordpress.write(number, clock.now() - timedelta(days=number))
    since = (clock.now() - timedelta(days=90)).date()
    cursor = (await connector.walk(client, (await connector.walk(client, {}, since)).cursor, since)).cursor
    wordpress.articles = wordpress.articles[:6]
    last = await connector.walk(client, cursor, since)
    assert [asked.query.get("page", "1") for asked in wordpress.asked] == ["1", "2", "3", "1"]
    assert not last.hints.more


async def test_while_the_newest_are_unchanged_older_ones_are_still_looked_at(
    client: Http, wordpress: WordPress, clock: Clock
) -> None:
    wordpress.odd.validators = True
    connector = source(wordpress.origin)
    for number in range(1, 4):
        wordpress.write(number, clock.now() - timedelta(days=number))
    cursor = (await captured(connector, client, {})).cursor
    answer = await captured(connector, client, cursor)
    assert [asked.query["orderby"] for asked in wordpress.asked] == ["date", "date", "modified"]
    assert answer.cursor["etag"] == cursor["etag"], "the validators stay those of the newest"


async def test_a_first_round_that_finds_its_page_unchanged_says_so(client: Http, wordpress: WordPress) -> None:
    wordpress.odd.validators = True
    connector = source(wordpress.origin)
    cursor = (await captured(connector, client, {})).cursor  # a site without posts gives no mark
    assert "since" not in cursor
    assert isinstance(await connector.fetch(client, cursor), Unchanged)


def test_a_site_without_totals_in_its_headers_is_read_while_its_pages_are_full() -> None:
    connector = source("https://a.tinhmau.gov.vn/", per_page=2)
    posts = [{"id": 1, "date_gmt": "2026-03-01T00:00:00"}, {"id": 2, "date_gmt": "2026-02-01T00:00:00"}]
    capture = Capture(url="https://a.tinhmau.gov.vn/", content_type="", body=b"", fetched_at=Clock().now())
    full, short = (connector._look(rows, capture, Round()) for rows in (posts, posts[:1]))
    assert full is not None
    assert short is not None
    assert (full.next, short.next) == ("2", "")


@pytest.mark.parametrize("keys", [{"per_page": 101}, {"post_type": "posts/../users"}, {"categories": [0]}, {"page": 1}])
def test_settings_that_cannot_work_are_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Config(**keys)
