"""A report that is made while items move, or while everything is counted anew, has each item once and misses none."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from hub import counting
from hub.app import Hub
from hub.commands.make_report import RecountedError, make_report
from hub.engine import Engine
from hub.queries.tallies import BadFilterError, Filter, listed
from hub.store import reports
from hub.store.database import Row
from hub.store.unit import Store
from tests.counting.ledger import YEAR, Ledger
from tests.web.press import Press, news

PASS = "AS member_kind FROM tally t"


class Interrupted(Store):
    """Something happens just before the items of one state are read."""

    def __init__(self, store: Store, state: str, act: Callable[[], Awaitable[object]], *, times: int = 1) -> None:
        super().__init__(store.database, store.broker, store.clock)
        self._state, self._act, self._left = state, act, times

    async def fetch(self, sql: str, *args: Any) -> list[Row]:
        if self._left and PASS in sql and self._state in args:
            self._left -= 1
            await self._act()
        return await super().fetch(sql, *args)


def during(hub: Hub, state: str, act: Callable[[], Awaitable[object]], *, times: int = 1) -> Engine:
    return replace(hub.engine, store=Interrupted(hub.engine.store, state, act, times=times))


async def items_of(hub: Hub, report: int) -> int:
    await reports.read(hub.engine.store, report)
    kept = await hub.engine.store.fetch("SELECT * FROM report_item WHERE report = ?", report)
    return len(kept)


async def test_an_item_that_is_withdrawn_while_it_is_read_stands_in_the_report_once(
    hub: Hub, press: Press, ledger: Ledger
) -> None:
    await press.publish(news("1"), news("2"))

    async def withdrawn() -> None:
        await press.withdraw("1")
        await counting.up_to_date(hub.engine)

    made = await make_report(during(hub, "withdrawn", withdrawn), "2026", who="an")
    assert (made.items, await items_of(hub, made.report)) == (2, 2)


async def test_a_report_waits_for_numbers_that_are_counted_anew(hub: Hub, press: Press) -> None:
    await press.publish(news("1"), news("2"), news("3"))
    engine = during(hub, "held", lambda: counting.begin_again(hub.engine))
    made = await make_report(engine, "2026", who="an")
    assert (made.items, await items_of(hub, made.report)) == (3, 3)
    engine = during(hub, "public", lambda: counting.begin_again(hub.engine), times=9)
    with pytest.raises(RecountedError):
        await make_report(engine, "2026", who="an")


@pytest.mark.parametrize("after", ["9" * 40 + ".x", "-9999999.x", "99999999.x", "x", "."])
async def test_a_place_that_is_none_is_told_and_not_asked_of_the_database(hub: Hub, after: str) -> None:
    with pytest.raises(BadFilterError):
        await listed(hub.engine.store, Filter(*YEAR), categories=hub.engine.categories, after=after)
