"""A Facebook Page: what its error codes mean, how its budget is kept, and what is never told."""

import json

import pytest

from connectors.errors import (
    BlockedError,
    HubError,
    RejectedError,
    ThrottledError,
    TransientError,
    UnconfirmedError,
)
from connectors.graph import Means, Row, rows, usage_of
from connectors.http import Http
from connectors.pageposts import Step
from tests.clock import Clock
from tests.connectors.facebook.page import (
    LINK,
    TOKEN,
    connect,
    failing,
    item,
    remembered,
    send,
    withdraw,
)
from tests.fakes.graph import Fault, Graph, Refusal
from tests.fakes.memory import FakeMemory

EXPECTED = {
    Means.UNKNOWN: UnconfirmedError, Means.WAIT: ThrottledError, Means.BLOCKED: BlockedError,
    Means.REJECTED: RejectedError, Means.GONE: RejectedError, Means.TWICE: UnconfirmedError,
    Means.UNSCRAPED: TransientError,
}  # fmt: skip


def each_row() -> list[tuple[Row, int, int]]:
    """Every row with each of its codes and subcodes; of a range its ends."""
    return [
        (row, code, subcode)
        for row in rows()
        for code in {row.first, row.last}
        for subcode in row.subcodes or (0,)
    ]  # fmt: skip


@pytest.mark.parametrize(("row", "code", "subcode"), each_row(), ids=lambda value: getattr(value, "name", str(value)))
async def test_each_error_code_means_what_its_row_says(
    page: Graph, http: Http, row: Row, code: int, subcode: int
) -> None:
    connector = connect(page)
    page.refuse_next(Refusal(code=code, subcode=subcode, at="feed"))
    error = await failing(connector, http, item())
    assert isinstance(error, EXPECTED[row.means])
    assert isinstance(error, ThrottledError) == (row.means is Means.WAIT)
    assert error.code == row.name
    assert error.sentence.startswith(row.sentence)
    assert not page.visible()


@pytest.mark.parametrize("code", [1, 2])
async def test_a_read_that_failed_for_a_while_is_asked_again(page: Graph, http: Http, code: int) -> None:
    connector = connect(page)
    await send(connector, http, item())
    page.refuse_next(Refusal(code=code, status=500, at="read"))
    with pytest.raises(TransientError):
        await connector.find(http, connector.present(item()))


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        (Refusal(code=999_999, status=400), RejectedError), (Refusal(code=999_999, status=500), UnconfirmedError),
        (Refusal(code=999_999, status=400, is_transient=True), UnconfirmedError),
        (Refusal(code=0, status=403), BlockedError), (Refusal(code=77, status=200), UnconfirmedError),
        (Refusal(code=2, status=200, committed=True), UnconfirmedError),
    ],
)  # fmt: skip
async def test_a_code_that_nobody_listed_goes_by_its_status(
    page: Graph, http: Http, refusal: Refusal, error: type[HubError]
) -> None:
    page.refuse_next(refusal)
    assert type(await failing(connect(page), http, item())) is error


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(html=True), UnconfirmedError), (Fault(html=True, status=500), UnconfirmedError),
        (Fault(html=True, status=403), BlockedError), (Fault(html=True, status=400), RejectedError),
    ],
    ids=repr,
)  # fmt: skip
async def test_a_page_in_place_of_an_answer_goes_by_its_status(
    page: Graph, http: Http, fault: Fault, error: type[HubError]
) -> None:
    page.fail_next(fault)
    assert type(await failing(connect(page), http, item())) is error


async def test_a_double_that_is_ours_is_recorded(page: Graph, http: Http) -> None:
    page.refuses_twins = True
    there = await send(connect(page), http, item())
    connector = connect(page)  # with its memory lost
    assert await send(connector, http, item()) == there
    assert len(page.posts) == 1
    assert remembered(connector) is Step.SHOWN


async def test_a_double_that_cannot_be_found_is_asked_about_until_a_person_has_looked(page: Graph, http: Http) -> None:
    connector = connect(page)
    page.refuse_next(Refusal(code=506))
    assert (await failing(connector, http, item())).code == "untold"
    for _ in range(2):
        with pytest.raises(UnconfirmedError) as caught:
            await connector.find(http, connector.present(item()))
        assert caught.value.code == "untold"
    with pytest.raises(UnconfirmedError):
        await withdraw(connector, http)
    assert page.calls == ["feed", "list", "list", "list", "list"]
    assert await connector.find(http, connector.present(item(2))) is None, "another text is another post"
    await send(connector, http, item())  # as after `hub free`
    assert len(page.visible()) == 1


async def test_a_token_revoked_between_draft_and_showing_blocks_the_page_and_loses_nothing(
    page: Graph, http: Http
) -> None:
    connector = connect(page)
    page.refuse_next(Refusal(code=190, subcode=463, at="show"))
    error = await failing(connector, http, item())
    assert (type(error), error.code) == (BlockedError, "facebook_token_expired")
    await send(connector, http, item())
    assert len(page.posts) == 1


async def test_a_link_that_facebook_cannot_read_is_tried_later_then_left_out(
    page: Graph, http: Http, clock: Clock
) -> None:
    connector = connect(page)
    page.refuse_next(*(Refusal(code=1609005) for _ in range(3)))
    for _ in range(2):
        assert (await failing(connector, http, item())).code == "facebook_unscraped"
        clock.advance(minutes=4)
    clock.advance(minutes=4)
    await send(connector, http, item())
    (post,) = page.visible()
    assert post.link == ""
    assert LINK in post.message


def pages_usage(**counters: float) -> str:
    return json.dumps({"102030": [{"type": "pages", "call_count": 1, "total_cputime": 2, "total_time": 3} | counters]})


@pytest.mark.parametrize(
    ("headers", "percent", "pause"),
    [
        ({}, 0, 0), ({"X-App-Usage": '{"call_count":79,"total_time":10,"total_cputime":3}'}, 79, 0),
        ({"X-Page-Usage": '{"call_count":80,"total_time":1}'}, 80, 300),
        ({"X-App-Usage": '{"total_cputime":100}'}, 100, 3_600), ({"X-App-Usage": '{"call_count":"x"}'}, 0, 0),
        ({"X-Business-Use-Case-Usage": pages_usage(call_count=100, estimated_time_to_regain_access=19)}, 100, 1_140),
        ({"X-Business-Use-Case-Usage": pages_usage(estimated_time_to_regain_access=5)}, 3, 300),
        ({"X-App-Usage": '{"call_count":10}', "X-Page-Usage": '{"call_count":85}'}, 85, 300),
        ({"X-Business-Use-Case-Usage": pages_usage(estimated_time_to_regain_access=99_999)}, 3, 86_400),
        ({"X-App-Usage": "<html>"}, 0, 0), ({"X-App-Usage": "[1]"}, 0, 0),
        ({"X-App-Usage": '{"call_count":true,"total_time":-5,"total_cputime":1e300}'}, 0, 0),
        ({"X-Business-Use-Case-Usage": '{"a":[1,null],"b":3}'}, 0, 0),
    ],
)  # fmt: skip
def test_usage_is_that_of_the_fullest_counter(headers: dict[str, str], percent: float, pause: float) -> None:
    assert usage_of(headers).percent == percent
    assert usage_of(headers).pause == pause


async def test_above_eighty_percent_posts_wait_and_withdrawals_do_not(page: Graph, http: Http, clock: Clock) -> None:
    connector = connect(page)
    page.usage = {"X-Page-Usage": '{"call_count":85}'}
    await send(connector, http, item(1))
    error = await failing(connector, http, item(2))
    assert isinstance(error, ThrottledError)
    assert error.retry_after == 300
    calls = len(page.calls)
    await withdraw(connector, http)
    assert len(page.calls) == calls + 1
    clock.advance(seconds=301)
    page.usage = {}
    await send(connector, http, item(3))


async def test_at_the_limit_nothing_is_asked_until_access_is_given_again(page: Graph, http: Http, clock: Clock) -> None:
    connector = connect(page)
    page.usage = {"X-Business-Use-Case-Usage": pages_usage(call_count=100, estimated_time_to_regain_access=10)}
    await send(connector, http, item(1))
    calls = len(page.calls)
    with pytest.raises(ThrottledError) as caught:
        await withdraw(connector, http)
    assert caught.value.retry_after == 600
    with pytest.raises(ThrottledError):
        await connector.holdings(http, {})
    assert len(page.calls) == calls
    clock.advance(minutes=10)
    page.usage = {}
    await withdraw(connector, http)
    assert not page.visible()


async def test_a_throttled_call_waits_as_long_as_the_headers_say(page: Graph, http: Http) -> None:
    header = {"X-Business-Use-Case-Usage": pages_usage(call_count=100, estimated_time_to_regain_access=42)}
    page.refuse_next(Refusal(code=80001, headers=header))
    error = await failing(connect(page), http, item())
    assert isinstance(error, ThrottledError)
    assert error.retry_after == 42 * 60


async def test_no_address_and_no_error_holds_the_token(page: Graph, http: Http) -> None:
    connector = connect(page)
    page.token = "another"
    error = await failing(connector, http, item())
    page.token = TOKEN
    await send(connector, http, item())
    await connector.find(http, connector.present(item()))
    await connector.holdings(http, {})
    await withdraw(connector, http)
    printed = " ".join([*page.addresses, repr(error), str(error), error.sentence, repr(vars(connector))])
    assert TOKEN not in printed
    assert "access_token" not in printed
    assert isinstance(connector.memory, FakeMemory)
    assert TOKEN not in str(connector.memory.remembered)
