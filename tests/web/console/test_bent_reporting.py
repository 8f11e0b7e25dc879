"""Addresses of pages about duties, numbers, reports and visits that somebody bent: never a fault of ours."""

import itertools

import pytest

from hub.commands.make_report import make_report
from tests.web.desk import Desk
from tests.web.press import Press, news

#: Nothing of it depends on the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NONSENSE = (
    "", "x", "%00", "9" * 40, "-1", "0001-01-01", "9999-12-31", "1900", "9999", "0000", "2026-02-30", "%EF%BC%91",
    "%ED%A0%80", "%FF", "2026-01-01..2025-01-01", "9999-12-31..9999-12-31", "1e9", "=1+1", "NaN", "all", "9999-W53",
)  # fmt: skip
ASKED = {
    "/numbers": ("period", "first", "last", "by", "state", "group", "kind", "category", "member", "once"),
    "/numbers/list": (
        "first", "last", "state", "group", "kind", "category", "member", "once", "undated", "report", "after", "source",
    ),
    "/duties": ("day", "group", "category", "state", "member", "silence"), "/ledger": ("period", "first", "last"),
    "/ledger.csv": ("period", "first"), "/reports": ("before",),
    "/visits": ("period", "first", "site", "day"), "/reminders": ("state",), "/duties/x/y": ("day",),
    "/reports/999999999999999999": ("x",), "/reports/1": ("tab",),
}  # fmt: skip


@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", ASKED)
async def test_a_bent_address_is_answered(desk: Desk, press: Press, path: str) -> None:
    await press.publish(news("1"))
    await make_report(desk.hub.engine, "2026", who="an")
    viewer = await desk.person("xem", "viewer")
    bent = [f"{path}?{field}={value}" for field, value in itertools.product(ASKED[path], NONSENSE)]
    if path == "/numbers/list":
        bent += [f"{path}?first=2026-01-01&last=2026-12-31&report=1&{one.split('?')[1]}" for one in bent[42:]]
        bent += [f"{path}?first=0001-01-01&last=9999-12-31", f"{path}?first=2026-01-01&last=2026-12-31&after=1.%00"]
    faults = [(one, answer.status) for one in bent if (answer := await viewer.get(one)).status >= 500]
    assert faults == []
