"""Deliver to portals where the last write wins: look before repeating, and read back after a doubt."""

from collections.abc import AsyncIterator

import pytest

from hub.app import Hub
from hub.stages.deliver import Deliver
from tests.fakes.portal import Held, Portal
from tests.fakes.server import Fault
from tests.province import TOKEN, Province, row
from tests.stages.sending import SETTLING, delivery, send, show


@pytest.fixture
async def plain() -> AsyncIterator[Portal]:
    """A portal at which the last write wins."""
    async with Portal(token=TOKEN, fenced=False) as portal:
        yield portal


@pytest.fixture
async def wary(province: Province, plain: Portal) -> AsyncIterator[Hub]:
    """The hub before a portal without a fence."""
    province.source("tin")
    province.route(province.destination("portal", plain, fenced=False, settling=SETTLING))
    async with province.open() as hub:
        yield hub


async def test_after_an_unknown_outcome_nothing_is_sent_before_it_has_landed_and_was_looked_for(
    province: Province, wary: Hub, plain: Portal
) -> None:
    await show(province, wary, 1)
    plain.fail_next(Fault(committed=True, reset=True))
    await send(wary)
    for _ in range(3):
        await send(wary)
        province.clock.advance(seconds=19)
    waiting = await delivery(wary)
    assert (waiting["error_code"], waiting["attempts"]) == ("settling", 1), "waiting is no attempt"
    assert [method for method, _ in plain.requests] == ["PUT"]
    province.clock.advance(seconds=3)
    await send(wary)
    assert [method for method, _ in plain.requests] == ["PUT", "GET"]
    done = await delivery(wary)
    assert (done["state"], done["sent_revision"]) == ("done", 1)
    assert plain.doubled() == []


async def test_what_did_not_arrive_is_sent_again_and_read_back(province: Province, wary: Hub, plain: Portal) -> None:
    await show(province, wary, 1)
    plain.fail_next(Fault(reset=True))
    await send(wary)
    province.clock.advance(seconds=SETTLING)
    await send(wary)
    assert [method for method, _ in plain.requests] == ["PUT", "GET", "PUT", "GET"]
    assert (await delivery(wary))["state"] == "done"


async def test_a_call_thought_dead_that_lands_after_the_next_one_is_noticed_and_mended(
    province: Province, wary: Hub, plain: Portal
) -> None:
    await show(province, wary, 1)
    plain.fail_next(Fault(reset=True))
    await send(wary)
    await show(province, wary, 1, text="Chỉ tiêu là 20")
    item = await row(wary, "item")

    class Late(dict[str, Held]):
        """The dead call overwrites what came after it, once."""

        late = True

        def __setitem__(self, key: str, value: Held) -> None:
            super().__setitem__(key, Held(1, {"title": "cũ"}) if self.late else value)
            self.late = False

    plain.held = Late()
    province.clock.advance(seconds=SETTLING)
    await send(wary)
    assert (await delivery(wary))["error_code"] == "overtaken"
    assert (await row(wary, "destination"))["failures"] == 1, "of the lost answer; to be overtaken is our own affair"
    province.clock.advance(seconds=SETTLING)
    await send(wary)
    assert plain.shown() == {item["content_id"]: 2}
    assert (await delivery(wary))["state"] == "done"


async def test_an_older_text_never_goes_over_a_newer_one(province: Province, wary: Hub, plain: Portal) -> None:
    await show(province, wary, 1)
    item = await row(wary, "item")
    plain.fail_next(Fault(reset=True))
    await send(wary)
    plain.held[item["content_id"]] = Held(5, {"title": "mới hơn"})
    province.clock.advance(seconds=SETTLING)
    await send(wary)
    assert plain.shown() == {item["content_id"]: 5}
    assert (await delivery(wary))["state"] == "done"


async def test_a_call_that_a_dead_process_left_open_is_looked_for(province: Province, wary: Hub, plain: Portal) -> None:
    await show(province, wary, 1)
    stage = Deliver(wary.engine, "portal")
    [claim] = await stage.claim(None, 1)
    payload = stage._place.destination.present(claim.edition)
    await stage._send(claim, payload)  # the process dies here: nothing is recorded
    province.clock.advance(hours=1)
    await send(wary)
    assert [method for method, _ in plain.requests] == ["PUT", "GET"]
    assert plain.doubled() == []
