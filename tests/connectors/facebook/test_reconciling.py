"""A Facebook Page: what it holds of ours, compared with what it should show."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from connectors.destinations.facebook import Connector
from connectors.errors import (
    TransientError,
)
from connectors.http import Http
from schemas.edition import Withdrawal
from tests.clock import Clock
from tests.connectors.facebook.page import LINK, connect, item, send, withdraw
from tests.fakes.graph import Fault, Graph, Refusal


async def held(connector: Connector, http: Http) -> tuple[dict[str, dict[str, Any]], bool]:
    """Everything that the page holds of ours, by key, and whether that is all."""
    found, cursor, whole = {}, {}, True
    for _ in range(50):
        holdings = await connector.holdings(http, cursor)
        found.update({one.key: dict(one.record) for one in holdings.held})
        whole = whole and holdings.whole
        if not holdings.more:
            return found, whole
        cursor = dict(holdings.cursor)
    raise AssertionError("the pages do not end")


async def test_the_page_is_compared_with_what_it_should_show(page: Graph, http: Http) -> None:
    connector = connect(page)
    page.page_size = 2
    for _ in range(5):
        page.add("Bài của cán bộ phụ trách trang, không có dấu của hệ thống")
    there = await send(connector, http, item(1))
    page.add("Bản nháp", published=False)
    found, whole = await held(connector, http)
    key = connector.present(item(1)).key
    assert whole
    assert found == {key: {"id": there, "message": page.posts[there].message}}
    holdings = await connector.holdings(http, {})
    assert connector.differences(item(1), holdings.held[0]) == ()
    page.posts[there].message = f"Bị sửa tay {LINK}"
    holdings = await connector.holdings(http, {})
    (difference,) = connector.differences(item(1), holdings.held[0])
    assert difference.theirs == f"Bị sửa tay {LINK}"


async def test_a_second_post_with_our_marker_is_nobodys_and_can_be_taken_away(page: Graph, http: Http) -> None:
    connector = connect(page)
    there = await send(connector, http, item(1))
    double = page.add(page.posts[there].message, link=LINK, by_officer=False)
    found, _ = await held(connector, http)
    assert found.keys() == {connector.present(item(1)).key, double.id}
    stranger = Withdrawal(content_id=UUID(int=7), revision=1, at=datetime(2026, 3, 3, tzinfo=UTC))
    await connector.withdraw(http, connector.present(stranger), key="k", remote_id=double.id)
    assert [post.id for post in page.visible()] == [there]


async def test_a_post_that_stands_after_its_withdrawal_is_nobodys(page: Graph, http: Http) -> None:
    connector = connect(page)
    there = await send(connector, http, item(1))
    page.refuse_next(Refusal(code=100, subcode=33, at="delete"))
    await withdraw(connector, http)
    found, _ = await held(connector, http)
    assert found.keys() == {there}


async def test_a_list_with_a_window_or_at_its_limit_is_not_called_whole(page: Graph, http: Http, clock: Clock) -> None:
    connector = connect(page, reconcile_days=30)
    await send(connector, http, item(1))
    clock.advance(days=31)
    assert await held(connector, http) == ({}, False)
    for _ in range(551):
        page.add("Bài của cán bộ")
    assert (await held(connect(page), http))[1] is False


async def test_a_list_that_is_none_says_nothing(page: Graph, http: Http) -> None:
    page.fail_next(Fault(html=True))
    with pytest.raises(TransientError):
        await connect(page).holdings(http, {})
