"""What Telegram refuses, and the token that stands in the path of every address."""

import logging
from dataclasses import replace

import pytest
from pydantic import ValidationError

from connectors.base import Payload
from connectors.botapi import Means, Row, row_of, rows
from connectors.destinations.telegram import Connector
from connectors.errors import (
    BlockedError,
    HubError,
    RejectedError,
    ThrottledError,
    UnconfirmedError,
)
from connectors.http import Http
from tests.clock import Clock
from tests.connectors.telegram.desk import ID, TOKEN, config, deliver, desk, find, item, withdrawal
from tests.fakes.memory import FakeMemory
from tests.fakes.server import Fault
from tests.fakes.telegram import ChannelRefusal, TelegramChannel

CLASSES = {
    Means.WAIT: ThrottledError, Means.BLOCKED: BlockedError, Means.REJECTED: RejectedError,
    Means.UNKNOWN: UnconfirmedError,
}  # fmt: skip


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.code}-{row.name}")
async def test_each_row_of_the_table_has_its_outcome(channel: TelegramChannel, http: Http, row: Row) -> None:
    said = f"Bad Request: {row.says[0].upper()} cua {TOKEN}" if row.says else f"gi do cua {TOKEN}"
    assert row_of(row.code, said) == row
    channel.refuse = ChannelRefusal(row.code, said, retry_after=7)
    with pytest.raises(HubError) as caught:
        await deliver(desk(channel), http, item(1))
    error = caught.value
    assert (type(error), error.code) == (CLASSES[row.means], row.name)
    assert row.sentence in error.sentence
    assert "cua" not in str(error)
    assert channel.messages == {}


async def test_a_told_wait_is_told_on_and_nothing_is_remembered_as_in_doubt(
    channel: TelegramChannel, http: Http, clock: Clock
) -> None:
    at = desk(channel)
    channel.throttle(40)
    with pytest.raises(ThrottledError) as caught:
        await deliver(at, http, item(1))
    assert caught.value.retry_after == 40
    assert await find(at, http, item(1)) is None
    clock.advance(seconds=40)
    await deliver(at, http, item(1))
    assert (channel.shown(), channel.too_early) == ({str(ID): 1}, 1)


async def test_rights_that_were_taken_away_pause_the_channel(channel: TelegramChannel, http: Http) -> None:
    at = desk(channel)
    channel.rights = {"post"}
    first = await deliver(at, http, item(1))
    for what in (item(2), withdrawal(3)):
        with pytest.raises(BlockedError) as caught:
            await deliver(at, http, what, first.remote_id)
        assert caught.value.code == "telegram_rights"


async def test_an_unlisted_code_goes_by_its_status(channel: TelegramChannel, http: Http) -> None:
    channel.refuse = ChannelRefusal(413, "Request Entity Too Large")
    with pytest.raises(RejectedError):
        await deliver(desk(channel), http, item(1))


async def test_a_page_in_place_of_json_leaves_it_open(channel: TelegramChannel, http: Http) -> None:
    channel.fail_next(Fault(html=True))
    with pytest.raises(UnconfirmedError) as caught:
        await deliver(desk(channel), http, item(1))
    assert caught.value.code == "unreadable"


async def test_the_token_stands_in_no_error_log_or_memory(
    channel: TelegramChannel, http: Http, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    at = desk(channel)
    errors: list[HubError] = []
    faults = (
        Fault(status=401), Fault(status=404), Fault(status=500), Fault(status=302), Fault(reset=True), Fault(hang=True),
        Fault(html=True),
    )  # fmt: skip
    for fault in faults:
        channel.fail_next(fault)
        with pytest.raises(HubError) as caught:
            await at.send(http, replace(at.present(item(1)), revision=len(errors) + 1), key="k")
        errors.append(caught.value)
        at.memory = FakeMemory()
    await channel.close()
    with pytest.raises(HubError) as caught:
        await deliver(at, http, item(1))
    errors.append(caught.value)
    printed = [repr(at), repr(vars(at)), repr(config()), caplog.text, repr(vars(at.memory))]
    for error in errors:
        printed += [str(error), repr(error), error.sentence, repr(error.__cause__), repr(error.__context__)]
    assert TOKEN.partition(":")[2] not in "".join(printed)


@pytest.mark.parametrize(
    ("key", "value"),
    [("token", "khong-phai-ma"), ("token", "1:ngan"), ("chat", "tinhmau"), ("chat", "-12345"), ("look_chat", "@ban")],
)
def test_a_setting_that_cannot_work_is_a_fault_that_quotes_no_token(key: str, value: str) -> None:
    with pytest.raises(ValidationError) as caught:
        config(**{key: value})
    assert key in str(caught.value)
    assert key != "token" or value not in str(caught.value)


def test_a_payload_is_the_same_each_time() -> None:
    at = Connector("kenh", config())
    payload: Payload = at.present(item(1))
    assert at.present(item(1)) == payload
    assert payload.key == "2026-03-02 tiem chung thang ba ban 1"
