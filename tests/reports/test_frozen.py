"""What happens after a report was made changes nothing of it; one that is made anew says how it differs."""

from datetime import date
from urllib.parse import parse_qsl

from hub.app import Hub
from hub.commands.make_report import make_report
from hub.commands.sign_report import sign_report
from hub.queries.filters import Filter
from hub.queries.tallies import listed
from hub.rules.tallies import day_number
from hub.store import reports
from tests.province import MEMBER, Province, row, rows
from tests.reports.rows import Row, put

DISTRICT, COMMUNE = "H52.40", "H52.100"
MOVED, GONE = "moved", "gone"


async def lists(hub: Hub, report: int) -> list[list[str]]:
    """The items behind each number of a kept report."""
    _, snapshot = await reports.read(hub.engine.store, report)
    found = []
    numbers = [snapshot.items, *snapshot.totals, *snapshot.months]
    numbers += [each for sender in snapshot.senders for each in (sender.total, *sender.categories)]
    for number in numbers:
        chosen = Filter.read(dict(parse_qsl(number.list)) | {"report": str(report)})
        page = await listed(hub.engine.store, chosen, categories=hub.engine.categories, limit=100)
        assert len(page.items) == number.now
        found.append([one.counted.content_id for one in page.items])
    return found


async def test_a_report_over_a_past_period_does_not_change_after_later_merges(province: Province) -> None:
    province.member(DISTRICT, "Huyện Liễu", "district")
    async with province.open() as hub:
        await put(
            hub.engine.store, Row(day=date(2026, 1, 5), content_id=MOVED), Row(day=date(2026, 1, 6), content_id=GONE),
            Row(day=date(2026, 2, 1), member=DISTRICT), Row(day=date(2026, 2, 2), state="held"),
        )  # fmt: skip
        made = await make_report(hub.engine, "2026-01-01..2026-02-28", who="an")
        await sign_report(hub.engine, made.report, number="09", signer="Trần Thị Lan", who="lan")
        kept, behind = await row(hub, "report", id=made.report), await lists(hub, made.report)
        lines = await rows(hub, "report_item", report=made.report)

    province.clock.advance(days=90)
    province.without_member(DISTRICT)
    province.without_member(MEMBER)
    province.member(MEMBER, "Sở Y tế và Dân số")
    province.member(DISTRICT, "Huyện Liễu", "district", valid_until="2026-05-31", successors=[COMMUNE])
    province.member(COMMUNE, "Xã Liễu", "commune", valid_from="2026-06-01")
    async with province.open() as hub:
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute(
                "UPDATE tally SET day = ? WHERE content_id = ?", day_number(date(2025, 12, 31)), MOVED
            )
            await unit.tx.execute("UPDATE tally SET state = 'withdrawn' WHERE content_id = ?", GONE)
        assert await row(hub, "report", id=made.report) == kept
        assert await rows(hub, "report_item", report=made.report) == lines
        assert await lists(hub, made.report) == behind
        _, then = await reports.read(hub.engine.store, made.report)
        assert then.items.now == 3
        assert {sender.name for sender in then.senders} == {"Sở Y tế", "Huyện Liễu"}

        anew = await make_report(hub.engine, "2026-01-01..2026-02-28", who="an")
        _, now = await reports.read(hub.engine.store, anew.report)
        assert now.items.now == 1
        assert now.remarks[-1].startswith("So với báo cáo số 09/BC-BBT đã ký cho cùng kỳ, số liệu tính lại có khác:")
        assert "Tổng số 1 (đã ký 3)" in now.remarks[-1]
        assert {sender.name for sender in now.senders} == {"Sở Y tế và Dân số", "Huyện Liễu"}


async def test_a_report_that_was_made_again_of_the_same_says_so(province: Province) -> None:
    async with province.open() as hub:
        await put(hub.engine.store, Row(day=date(2026, 1, 5)))
        made = await make_report(hub.engine, "2026-01", who="an")
        await sign_report(hub.engine, made.report, number="01", signer="Trần Thị Lan", who="lan")
        again = await make_report(hub.engine, "2026-01", who="an")
        _, now = await reports.read(hub.engine.store, again.report)
        assert now.remarks[-1] == "Số liệu trùng với báo cáo số 01/BC-BBT đã ký cho cùng kỳ."
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute("UPDATE tally SET author = 'Lò Thị Mai'")
        third = await make_report(hub.engine, "2026-01", who="an")
        _, now = await reports.read(hub.engine.store, third.report)
        assert "tổng số không đổi nhưng số liệu chi tiết tính lại có khác" in now.remarks[-1]
