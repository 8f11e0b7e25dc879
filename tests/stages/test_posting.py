"""What a destination shows only after a person said yes, and the brake that stops a flood."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from connectors.errors import UnconfirmedError
from hub import control
from hub.app import Hub
from hub.commands.withdraw import withdraw
from hub.queries.posts import held_posts
from hub.rules.posting import Approval, waits
from hub.store.deciding import DecisionRefusedError
from tests.fakes.server import Fault
from tests.province import Province, events, row, rows
from tests.stages.sending import WHO, delivery, send, show

Open = Callable[..., AbstractAsyncContextManager[Hub]]


@pytest.fixture
def opened(province: Province) -> Open:
    """The hub before a page with these settings."""

    @asynccontextmanager
    async def opened(**keys: object) -> AsyncIterator[Hub]:
        province.source("tin")
        province.route(province.destination("portal", **keys))
        async with province.open() as hub:
            yield hub

    return opened


async def decide(hub: Hub, command: str) -> int:
    item = await row(hub, "item")
    arguments = {"content_id": item["content_id"], "destination": "portal", "who": WHO, "why": "đã xem"}
    revision: int = await control.execute(hub.engine, command, arguments)
    return revision


@pytest.mark.parametrize(
    ("approval", "sent", "cleared", "waiting"),
    [
        (Approval.NONE, 0, 0, False), (Approval.FIRST, 0, 0, True), (Approval.FIRST, 0, 1, False),
        (Approval.FIRST, 1, 0, False), (Approval.EACH, 1, 1, True), (Approval.EACH, 0, 2, False),
    ],
)  # fmt: skip
def test_when_a_person_is_asked(approval: Approval, sent: int, cleared: int, waiting: bool) -> None:
    assert waits(approval, wanted=2, sent=sent, cleared=cleared) is waiting


async def test_the_first_showing_waits_and_corrections_go_by_themselves(province: Province, opened: Open) -> None:
    async with opened(approval="first") as hub:
        await show(province, hub, 1)
        await send(hub)
        assert (await delivery(hub))["state"] == "held"
        assert [(each.revision, each.shown) for each in await held_posts(hub.engine.store)] == [(1, 0)]
        assert province.portal.effects == []
        assert await decide(hub, "approve_post") == 1
        await send(hub)
        assert list(province.portal.shown().values()) == [1]
        await show(province, hub, 1, text="Chỉ tiêu là 20")
        await send(hub)
        assert list(province.portal.shown().values()) == [2]


async def test_a_yes_to_what_was_looked_at_is_none_to_a_newer_revision(province: Province, opened: Open) -> None:
    async with opened(approval="each") as hub:
        await show(province, hub, 1)
        await send(hub)
        await show(province, hub, 1, text="Chỉ tiêu là 20")
        await send(hub)
        seen = {"content_id": (await row(hub, "item"))["content_id"], "destination": "portal", "who": WHO}
        for command in ("approve_post", "refuse_post"):
            with pytest.raises(DecisionRefusedError):
                await control.execute(hub.engine, command, {**seen, "revision": 1})
        assert await control.execute(hub.engine, "approve_post", {**seen, "revision": 2}) == 2


async def test_each_revision_waits_where_that_is_wanted_and_a_withdrawal_never_does(
    province: Province, opened: Open
) -> None:
    async with opened(approval="each") as hub:
        await show(province, hub, 1)
        await send(hub)
        await decide(hub, "approve_post")
        await send(hub)
        await show(province, hub, 1, text="Chỉ tiêu là 20")
        await send(hub)
        assert (await delivery(hub))["state"] == "held"
        assert list(province.portal.shown().values()) == [1]
        await withdraw(hub.engine, (await row(hub, "item"))["content_id"], who=WHO)
        await send(hub)
        assert province.portal.shown() == {}


async def test_a_no_stands_until_a_newer_edition_asks_again(province: Province, opened: Open) -> None:
    async with opened(approval="first") as hub:
        await show(province, hub, 1)
        await send(hub)
        await decide(hub, "refuse_post")
        refused = await delivery(hub)
        assert (refused["state"], refused["error_code"]) == ("refused", "not_approved")
        with pytest.raises(DecisionRefusedError):
            await decide(hub, "approve_post")
        await show(province, hub, 1, text="Chỉ tiêu là 20")
        await send(hub)
        assert (await delivery(hub))["state"] == "held"
        assert province.portal.effects == []


async def test_a_newer_edition_that_comes_while_a_person_decides_is_what_they_decide_about(
    province: Province, opened: Open
) -> None:
    async with opened(approval="first") as hub:
        await show(province, hub, 1)
        await send(hub)
        await show(province, hub, 1, text="Chỉ tiêu là 20")
        await send(hub)
        assert await decide(hub, "approve_post") == 2


@pytest.mark.parametrize("command", ["confirm_post", "free"])
async def test_where_nobody_can_tell_a_person_looks_and_their_word_ends_the_doubt(
    province: Province, opened: Open, command: str
) -> None:
    async with opened(fenced=False, settling=0) as hub:
        place = hub.engine.destinations["portal"]

        async def untold(*args: object, **more: object) -> None:
            raise UnconfirmedError("the page cannot be asked", code="untold", sentence="Cần người kiểm tra.")

        place.destination.find = untold  # type: ignore[method-assign]
        await show(province, hub, 1)
        province.portal.fail_next(Fault(committed=command == "confirm_post", reset=True))
        await send(hub)
        province.clock.advance(minutes=1)
        await send(hub)
        parked = await delivery(hub)
        assert (parked["state"], parked["error_code"]) == ("parked", "untold")
        assert len(province.portal.requests) == 1, "nothing was sent again"
        if command == "confirm_post":
            assert await decide(hub, command) == 1
        else:
            await control.execute(hub.engine, "free", {"deliveries": None, "who": WHO})
            await send(hub)
        assert (await delivery(hub))["state"] == "done"
        await show(province, hub, 1, text="Chỉ tiêu là 20")
        await send(hub)
        assert list(province.portal.shown().values()) == [2], "no doubt is left"
        assert province.portal.doubled() == []


async def test_a_flood_pauses_the_page_before_anything_is_shown(province: Province, opened: Open) -> None:
    async with opened(brake=3) as hub:
        await show(province, hub, 1, 2, 3, 4, 5)
        assert await send(hub) == 0
        page = await row(hub, "destination")
        assert (page["state"], page["fault_code"]) == ("paused", "braked")
        assert "5 nội dung" in page["fault_sentence"]
        assert "destination_braked" in await events(hub)
        await control.execute(hub.engine, "resume", {"endpoint": "destination", "name": "portal", "who": WHO})
        province.clock.advance(seconds=1)
        while await send(hub):
            pass
        assert len(province.portal.shown()) == 5


async def test_what_stays_below_the_brake_and_corrections_pass(province: Province, opened: Open) -> None:
    async with opened(brake=3) as hub:
        await show(province, hub, 1, 2, 3)
        await send(hub)
        await show(province, hub, 1, 2, 3, text="Chỉ tiêu là 20")
        province.clock.advance(hours=2)
        await show(province, hub, 1, 2, 3, 4, text="Chỉ tiêu là 30")
        await send(hub)
        assert len(province.portal.shown()) == 4
        assert [each["state"] for each in await rows(hub, "destination")] == ["active"]


async def test_a_fanpage_has_a_brake_unless_it_is_told_otherwise(province: Province) -> None:
    page = {"connector": "telegram", "chat": "@tinhmau", "token": f"110201543:{'A' * 35}"}
    for name, keys in (("page", page), ("free", page | {"brake": 0}), ("strict", page | {"brake": 3})):
        province._add("destination", name=name, **keys)
    province.destination("portal")
    async with province.open() as hub:
        brakes = {name: place.brake for name, place in hub.engine.destinations.items()}
    assert brakes == {"page": 10, "free": 0, "strict": 3, "portal": 0}
