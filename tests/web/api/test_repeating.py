"""Idempotency-Key: what is done is done once, whatever became of the request that asked for it."""

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from hub.app import Hub
from hub.store.deciding import DecisionRefusedError
from hub.web.api.caller import CALLER, Caller
from hub.web.api.operation import Call, Said, send
from hub.web.api.problems import Refused
from hub.web.api.repeating import HEADER, answered_once
from hub.web.api.values import Nothing
from hub.web.routes import Open
from hub.web.site import SITE, Site


async def nothing(call: Call[Nothing, Nothing, None]) -> Said:
    raise AssertionError("only what it is called counts here")


OPERATION = send(
    "POST", "/free", nothing, at=Nothing, body=None, answers={200: Nothing}, tag="t", summary="s", demand=Open.PUBLIC
)


@pytest.fixture
def call(hub: Hub) -> Call[Nothing, Nothing, None]:
    app = web.Application()
    app[SITE] = Site(engine=hub.engine, name="Tỉnh Mẫu", base=hub.settings.public_url)
    request = make_mocked_request("POST", "/free", headers={HEADER: "k-1"}, app=app)
    request[CALLER] = Caller(who="key:portal")
    return Call(request, Nothing(), Nothing(), None)


async def test_where_time_ran_out_whoever_repeats_it_is_told_to_look_first(
    call: Call[Nothing, Nothing, None], hub: Hub
) -> None:
    """It went wrong: the work was committed, the answer was not made in time, and the same request did it twice."""
    committed = asyncio.Event()

    async def slow() -> web.StreamResponse:
        async with hub.engine.store.unit() as unit:
            unit.tell("tried")
        committed.set()
        await asyncio.Event().wait()
        raise AssertionError

    first = asyncio.create_task(answered_once(call, OPERATION, slow))
    await committed.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    with pytest.raises(Refused, match="repeat_in_progress"):
        await answered_once(call, OPERATION, slow)
    assert len(await hub.engine.store.fetch("SELECT id FROM event WHERE what = 'tried'")) == 1


async def test_what_was_refused_may_be_sent_again(call: Call[Nothing, Nothing, None]) -> None:
    async def refused() -> web.StreamResponse:
        raise DecisionRefusedError("not now")

    async def done() -> web.StreamResponse:
        return web.Response(text="{}")

    with pytest.raises(DecisionRefusedError):
        await answered_once(call, OPERATION, refused)
    assert (await answered_once(call, OPERATION, done)).status == 200
