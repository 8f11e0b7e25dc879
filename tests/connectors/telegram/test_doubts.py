"""A channel that can be written and not read: when a person is asked, and what a look through another chat finds."""

from uuid import UUID

import pytest

from connectors.base import Found
from connectors.channellook import GAP
from connectors.destinations.telegram import Connector
from connectors.errors import (
    TransientError,
    UnconfirmedError,
)
from connectors.http import Http
from tests.clock import Clock
from tests.connectors.telegram.desk import ID, asks, deliver, desk, find, item, lose, withdrawal
from tests.fakes.server import Fault
from tests.fakes.telegram import OPERATORS, ChannelRefusal, TelegramChannel


@pytest.mark.parametrize("committed", [True, False])
async def test_nobody_can_tell_so_a_person_is_asked_and_nothing_is_sent(
    channel: TelegramChannel, http: Http, committed: bool
) -> None:
    at = desk(channel)
    await lose(at, channel, http, item(1), committed=committed)
    for what in (item(1), item(2), withdrawal(3)):
        await asks(at, http, what)
    assert len(channel.messages) == committed


async def test_what_a_person_frees_is_sent_again(channel: TelegramChannel, http: Http) -> None:
    at = desk(channel)
    await lose(at, channel, http, item(1), committed=False)
    await asks(at, http, item(1))
    await deliver(at, http, item(1))
    assert channel.shown() == {str(ID): 1}
    await deliver(at, http, item(2))
    assert channel.shown() == {str(ID): 2}


async def test_what_a_person_confirms_without_its_id_is_asked_about_again_when_it_changes(
    channel: TelegramChannel, http: Http
) -> None:
    at = desk(channel)
    await lose(at, channel, http, item(1), committed=True)
    await asks(at, http, item(1))
    for what in (item(2), withdrawal(3)):
        with pytest.raises(UnconfirmedError, match="cannot be looked for"):
            await deliver(at, http, what)
    assert len(channel.messages) == 1


@pytest.mark.parametrize("named", ["1", "https://t.me/tinhmau/1", "https://t.me/c/1234567890/1"])
async def test_what_a_person_confirms_with_its_id_is_edited(channel: TelegramChannel, http: Http, named: str) -> None:
    at = desk(channel)
    await lose(at, channel, http, item(1), committed=True)
    await asks(at, http, item(1))
    receipt = await deliver(at, http, item(2), named)
    assert (receipt.remote_id, channel.shown()) == ("1", {str(ID): 2})


async def test_the_key_of_a_story_is_no_id(channel: TelegramChannel, http: Http) -> None:
    at = desk(channel)
    payload = at.present(item(1))
    assert payload.key
    await at.send(http, payload, key="k", remote_id=payload.key)
    assert channel.shown() == {str(ID): 1}


async def test_an_edit_or_deletion_without_an_answer_is_simply_made_again(channel: TelegramChannel, http: Http) -> None:
    at = desk(channel)
    first = await deliver(at, http, item(1))
    channel.fail_next(Fault(committed=True, reset=True))
    with pytest.raises(UnconfirmedError):
        await deliver(at, http, item(2), first.remote_id)
    assert await find(at, http, item(2), first.remote_id) == Found(remote_id="1", revision=None)
    await deliver(at, http, item(2), first.remote_id)
    assert await find(at, http, item(2), first.remote_id) == Found(remote_id="1", revision=2)
    channel.fail_next(Fault(committed=True, status=502, html=True))
    with pytest.raises(UnconfirmedError):
        await deliver(at, http, withdrawal(3), first.remote_id)
    assert (await deliver(at, http, withdrawal(3), first.remote_id)).note == "already gone"
    assert channel.messages == {}


async def looking(channel: TelegramChannel) -> Connector:
    """A destination that may look, in a channel where something was posted before."""
    at = desk(channel, look_chat=OPERATORS)
    await at.memory.remember("last", str(channel.by_hand().id))
    return at


async def test_a_message_without_an_answer_is_found_among_those_of_others(channel: TelegramChannel, http: Http) -> None:
    at = await looking(channel)
    channel.by_hand()
    await lose(at, channel, http, item(1), committed=True)
    channel.by_hand()
    assert await find(at, http, item(1)) == Found(remote_id="3", revision=1)
    assert channel.copies == {}
    await deliver(at, http, item(2), "3")
    assert channel.shown() == {str(ID): 2}
    assert len(channel.messages) == 4


async def test_a_message_that_never_arrived_is_sent_again(channel: TelegramChannel, http: Http) -> None:
    at = await looking(channel)
    await lose(at, channel, http, item(1), committed=False)
    assert await find(at, http, item(1)) is None
    await deliver(at, http, item(1))
    assert channel.shown() == {str(ID): 1}


async def test_deleted_messages_before_the_last_known_one_hide_nothing(channel: TelegramChannel, http: Http) -> None:
    at = await looking(channel)
    for _ in range(GAP + 5):
        channel.remove_by_hand(channel.by_hand().id)
    await lose(at, channel, http, item(1), committed=True)
    other = item(1, content_id=UUID(int=7))
    await at.send(http, at.present(other), key="k")
    assert await find(at, http, item(1)) == Found(remote_id=str(GAP + 7), revision=1)


async def test_an_edition_that_came_while_it_was_in_doubt_edits_what_is_found(
    channel: TelegramChannel, http: Http
) -> None:
    at = await looking(channel)
    await lose(at, channel, http, item(1), committed=True)
    assert await find(at, http, item(2)) == Found(remote_id="2", revision=None)
    await deliver(at, http, item(2))
    assert channel.shown() == {str(ID): 2}


async def test_a_withdrawal_in_doubt_finds_the_message_and_deletes_it(channel: TelegramChannel, http: Http) -> None:
    at = await looking(channel)
    await lose(at, channel, http, item(1), committed=True)
    await deliver(at, http, withdrawal(2))
    assert channel.shown() == {}


async def test_where_nothing_was_posted_before_or_nothing_may_be_forwarded_a_person_is_asked(
    channel: TelegramChannel, http: Http
) -> None:
    first = desk(channel, look_chat=OPERATORS)
    await lose(first, channel, http, item(1), committed=True)
    await asks(first, http, item(1))
    at = await looking(channel)
    await lose(at, channel, http, item(1), committed=True)
    channel.protected = True
    await asks(at, http, item(1))


async def test_a_look_that_fails_is_made_again(channel: TelegramChannel, http: Http, clock: Clock) -> None:
    at = await looking(channel)
    await lose(at, channel, http, item(1), committed=True)
    channel.refuse = ChannelRefusal(500, "Internal Server Error")
    with pytest.raises(TransientError) as caught:
        await find(at, http, item(1))
    assert type(caught.value) is TransientError
    channel.refuse = None
    assert await find(at, http, item(1)) is not None
