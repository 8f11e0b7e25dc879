"""Looking for a post among those that came after it, over a line that loses answers."""

from datetime import timedelta

import pytest

from connectors.errors import TransientError, UnconfirmedError
from connectors.http import Http
from connectors.pagelist import PageList
from tests.clock import Clock
from tests.connectors.facebook.page import ID, LINK, connect, item, send
from tests.fakes.graph import PAGE, Fault, Graph, Post


def filled(page: Graph, clock: Clock, count: int, *, ours: bool = False, minutes: int = 1) -> None:
    """Posts of the officers at this distance; the first may be ours."""
    for number in range(count):
        text = f"Ảnh sinh hoạt chi đoàn số {number}"
        page.posts[f"{PAGE}_9{number}"] = Post(
            id=f"{PAGE}_9{number}", message=f"{text} {LINK}" if ours and not number else text, created=clock.now()
        )
        clock.advance(minutes=minutes)


def list_of(page: Graph) -> PageList:
    return connect(page)._list


async def test_a_search_goes_on_where_an_answer_is_lost(page: Graph, http: Http, clock: Clock) -> None:
    page.page_size = 10
    began = clock.now()
    filled(page, clock, 60, ours=True)
    page.fail_next(Fault(reset=True), Fault(status=500), Fault(html=True))
    assert await list_of(page).search(http, ID, began) == f"{PAGE}_90"
    page.fail_next(*[Fault(reset=True)] * 4)
    with pytest.raises(TransientError):
        await list_of(page).search(http, ID, began)


async def test_what_came_later_is_not_read(page: Graph, http: Http, clock: Clock) -> None:
    page.page_size = 10
    began = clock.now()
    filled(page, clock, 60, ours=True)
    before = len(page.calls)
    assert await list_of(page).search(http, ID, began, began + timedelta(minutes=9)) == f"{PAGE}_90"
    assert len(page.calls) == before + 1


async def test_a_doubt_of_last_week_is_settled_by_a_page_of_the_list(page: Graph, http: Http, clock: Clock) -> None:
    connector = connect(page, drafts=False)
    page.fail_next(Fault(committed=True, reset=True))
    with pytest.raises(UnconfirmedError):
        await send(connector, http, item())
    clock.advance(hours=1)
    filled(page, clock, 40, minutes=60)
    clock.advance(days=7)
    page.page_size = 2
    page.fail_next(Fault(reset=True))
    asked = page.calls.count("list")
    found = await connector.find(http, connector.present(item()))
    assert found is not None
    assert found.revision == 1
    assert page.calls.count("list") <= asked + 2
