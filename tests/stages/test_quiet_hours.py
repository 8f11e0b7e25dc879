"""Quiet hours of a destination: something new waits for the morning, corrections and withdrawals go at once."""

from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.commands.withdraw import withdraw
from hub.rules.posting import quiet_until
from hub.rules.routing import Window
from tests.province import Province, events, row
from tests.stages.sending import WHO, delivery, send, show

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
NIGHT = Window(time(22), time(6))


@pytest.mark.parametrize(
    ("at", "until"),
    [((2, 21, 59), None), ((2, 22, 0), (3, 6)), ((2, 23, 30), (3, 6)), ((3, 5, 59), (3, 6)), ((3, 6, 0), None)],
)
def test_the_night_runs_over_midnight(at: tuple[int, int, int], until: tuple[int, int] | None) -> None:
    now = datetime(2026, 3, *at, tzinfo=HANOI)
    ends = datetime(2026, 3, until[0], until[1], tzinfo=HANOI) if until else None
    assert quiet_until(NIGHT, now, sent=0) == ends
    assert quiet_until(NIGHT, now, sent=1) is None
    assert quiet_until(None, now, sent=0) is None


@given(begin=st.times(), end=st.times(), now=st.datetimes(timezones=st.just(HANOI)))
def test_the_hours_end_later_than_now_and_within_a_day(begin: time, end: time, now: datetime) -> None:
    quiet = Window(begin, end) if begin != end else NIGHT
    if (until := quiet_until(quiet, now, sent=0)) is not None:
        assert 0 < (until - now).total_seconds() <= 86_400
        assert quiet_until(quiet, until, sent=0) is None


async def test_something_new_waits_for_the_morning_and_what_is_there_is_corrected_and_withdrawn_at_night(
    province: Province,
) -> None:
    province.source("tin")
    province.route(province.destination("portal", quiet="22:00-06:00"))
    province.clock.advance(hours=14)  # 22:00 in Hanoi
    async with province.open() as hub:
        await show(province, hub, 1)
        await send(hub)
        waiting = await delivery(hub)
        assert (waiting["state"], waiting["attempts"], waiting["failed_since"]) == ("ready", 0, None)
        assert province.portal.shown() == {}
        assert (await events(hub))[-1] == "delivery_postponed"
        assert await send(hub) == 0, "it is not looked at again before the morning"
        province.clock.advance(hours=8)
        await send(hub)
        identity = UUID((await row(hub, "item"))["content_id"])
        assert province.portal.shown() == {str(identity): 1}
        province.clock.advance(hours=17)
        await show(province, hub, 1, text="Số đúng là 80.")
        await send(hub)
        assert province.portal.shown() == {str(identity): 2}
        await withdraw(hub.engine, identity, who=WHO)
        await send(hub)
        assert province.portal.shown() == {}
