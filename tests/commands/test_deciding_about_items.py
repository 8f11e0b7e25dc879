"""approve, reject, withdraw: what a person decides about one item, and what readers and portals see of it."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from connectors.errors import HubError
from hub.app import Hub
from hub.commands.approve import approve
from hub.commands.withdraw import withdraw
from schemas.edition import WithdrawalKind
from tests.fakes.portal import Portal
from tests.province import TOKEN, Province, events, row, rows, rss, story

WHO = "bien-tap"


@pytest.fixture
async def second() -> AsyncIterator[Portal]:
    """A portal that only takes what is about health."""
    async with Portal(token=TOKEN) as portal:
        yield portal


@pytest.fixture
async def hub(province: Province, second: Portal) -> AsyncIterator[Hub]:
    """One story about health at both portals."""
    province.source("tin", rss(story(1, tags=("Y tế",))))
    province.route(province.destination())
    province.route(province.destination("y-te", second), tag=["y te"])
    async with province.open() as hub:
        await hub.once()
        yield hub


async def content_id(hub: Hub) -> UUID:
    return UUID((await row(hub, "item"))["content_id"])


async def test_a_withdrawal_reaches_every_place_the_item_ever_went(
    province: Province, hub: Hub, second: Portal
) -> None:
    province.site.serve("/tin.rss", rss(story(1, text="Không còn là tin y tế 5", tags=("Khác",))))
    await hub.once(everything=True)
    assert set(second.shown().values()) == {2}, "who has it gets the new text, though no route says so any more"
    assert (
        await withdraw(hub.engine, await content_id(hub), kind=WithdrawalKind.NOTICE, reason="Tin sai.", who=WHO) == 3
    )
    await hub.once()
    assert province.portal.shown() == second.shown() == {}
    edition = (await rows(hub, "edition"))[-1]
    assert '"Tin sai."' in edition["withdrawal"]


async def test_of_two_people_who_withdraw_at_once_one_wins_and_the_other_is_told(hub: Hub) -> None:
    identity = await content_id(hub)
    both = await asyncio.gather(
        withdraw(hub.engine, identity, who="an"), withdraw(hub.engine, identity, who="binh"), return_exceptions=True
    )
    [refused] = [each for each in both if isinstance(each, BaseException)]
    assert isinstance(refused, HubError)
    assert refused.sentence
    assert (await row(hub, "item"))["revision"] == 2
    assert (await events(hub)).count("withdrawn") == 1


async def test_what_is_gone_is_not_withdrawn_twice_nor_approved(hub: Hub) -> None:
    identity = await content_id(hub)
    await withdraw(hub.engine, identity, who=WHO)
    with pytest.raises(HubError, match="withdrawn already"):
        await withdraw(hub.engine, identity, who=WHO)
    with pytest.raises(HubError, match="cannot be approved"):
        await approve(hub.engine, identity, who=WHO)


async def test_what_a_person_withdrew_comes_back_only_by_approving_its_new_text(province: Province, hub: Hub) -> None:
    identity = await content_id(hub)
    await withdraw(hub.engine, identity, who=WHO)
    province.site.serve("/tin.rss", rss(story(1, text="Nội dung đã sửa lại 2026")))
    await hub.once(everything=True)
    assert province.portal.shown() == {}
    assert await approve(hub.engine, identity, who=WHO) == 3
    await hub.once()
    assert province.portal.shown() == {str(identity): 3}
    assert (await row(hub, "item"))["state"] == "live"
