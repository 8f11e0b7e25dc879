"""Numbers of a report: they add up whatever came, each opens the list of its length, and nothing divides by zero."""

from collections.abc import Iterator
from datetime import date
from urllib.parse import parse_qsl

from hub.app import Hub
from hub.commands.make_report import make_report
from hub.queries.filters import Filter
from hub.queries.report import snapshot
from hub.queries.tallies import counted
from hub.reports.snapshot import Number, Snapshot
from hub.rules.coverage import Group
from hub.rules.periods import span
from hub.store import reports
from tests.province import MEMBER, Province
from tests.reports.rows import Row, put

H1 = span("2026-H1")
HEALTH, LABOUR, DISTRICT, COMMUNE = MEMBER, "H52.9", "H52.40", "H52.100"


def numbers(found: Snapshot) -> Iterator[Number]:
    """Every number that has a list of items."""
    for one in (found.items, *found.totals, *found.months):
        yield from (one, *one.parts)
    for sender in found.senders:
        yield from (sender.total, *sender.categories)
    if found.decisions:
        decided = found.decisions
        yield from (decided.approved, decided.waiting, decided.rejected, decided.withdrawn)


def filled(province: Province) -> None:
    province.member(LABOUR, "Sở Nội vụ")
    province.member(COMMUNE, "Xã Hạ Liễu", "commune")
    province.member("H52.101", "Xã Thượng Liễu", "commune", valid_from="2026-07-01")
    province.member(DISTRICT, "Huyện Liễu", "district", valid_until="2026-03-31", successors=[COMMUNE])


async def seeded(hub: Hub) -> Snapshot:
    origin = Row(day=date(2026, 2, 3), photos=2, hours=5)
    await put(
        hub.engine.store,
        origin,
        Row(day=date(2026, 1, 1), author="Lò Thị Mai", photos=1, files=1, hours=1),
        Row(day=date(2026, 6, 30), author="Lò Thị Mai", category="legal", kind="document", issued=date(2026, 6, 1)),
        Row(day=date(2026, 3, 1), category="directives", kind="document", member=LABOUR, hours=100),
        Row(day=date(2026, 3, 2), category="documents", kind="document", member=LABOUR, dated=0),
        Row(day=date(2026, 3, 3), category="", kind="notice", member=DISTRICT, author="=cmd|' /C calc'!A0"),
        Row(day=date(2026, 3, 4), category="của-năm-trước", member=COMMUNE),
        Row(day=date(2026, 2, 4), member=LABOUR, story=origin.content_id, photos=2),
        Row(day=date(2026, 2, 5), member=DISTRICT, story=origin.content_id),
        Row(day=date(2026, 4, 1), state="held"), Row(day=date(2026, 4, 1), state="held", member=COMMUNE),
        Row(day=date(2026, 4, 2), state="rejected"), Row(day=date(2026, 4, 3), state="withdrawn"),
        Row(day=date(2025, 12, 31)), Row(day=date(2025, 12, 30), member=DISTRICT), Row(day=date(2025, 7, 1)),
        Row(day=date(2026, 7, 1)), Row(day=date(2025, 6, 30), member=COMMUNE),
    )  # fmt: skip
    return (await snapshot(hub.engine, H1))[0]


async def test_parts_add_up_to_their_totals(province: Province) -> None:
    filled(province)
    async with province.open() as hub:
        found = await seeded(hub)
    assert (found.items.now, found.items.before) == (7, 3)
    assert (found.copies, found.undated, found.photos.now, found.files.now) == (2, 1, 3, 1)
    for part in (found.totals, found.months, [sender.total for sender in found.senders]):
        assert sum(each.now for each in part) == found.items.now
    assert sum(each.total.before or 0 for each in found.senders) == found.items.before
    assert sum(sender.copies for sender in found.senders) == found.copies
    assert sum(sender.photos for sender in found.senders) == found.photos.now
    for sender in found.senders:
        assert sum(each.now for each in sender.categories) == sender.total.now
        assert [each.code for each in sender.categories] == [each.code for each in found.totals]
    for total in found.totals:
        assert not total.parts or sum(part.now for part in total.parts) == total.now
    documents = next(each for each in found.totals if each.code == "documents")
    assert [(part.code, part.now) for part in documents.parts] == [
        ("directives", 1), ("legal", 1), ("documents-beside", 1)
    ]  # fmt: skip
    assert [(each.code, each.now) for each in found.totals[-3:]] == [("news", 2), ("của-năm-trước", 1), ("-", 1)]
    assert [(each.code, each.now, each.before) for each in found.months[:3]] == [
        ("2026-01", 1, 1), ("2026-02", 1, 0), ("2026-03", 4, 0)
    ]  # fmt: skip
    assert sum(found.kinds.values()) == found.items.now


async def test_senders_stand_in_the_order_of_the_roster_with_what_became_of_them(province: Province) -> None:
    filled(province)
    async with province.open() as hub:
        found = await seeded(hub)
    assert [(one.code, one.group) for one in found.senders] == [
        (LABOUR, Group.DEPARTMENT), (HEALTH, Group.DEPARTMENT), (DISTRICT, Group.DISTRICT), (COMMUNE, Group.COMMUNE),
    ]  # fmt: skip
    district = found.senders[2]
    assert (district.until, district.successors) == (date(2026, 3, 31), ("Xã Hạ Liễu",))
    assert [one.delay_hours for one in found.senders] == [100.0, 3.0, None, None]
    assert found.decisions is not None
    assert found.decisions.delay_hours == 5.0
    decided = (found.decisions.approved, found.decisions.waiting, found.decisions.rejected, found.decisions.withdrawn)
    assert [one.now for one in decided] == [9, 2, 1, 1]


async def test_each_number_opens_the_list_of_its_length_now_and_in_the_kept_report(province: Province) -> None:
    filled(province)
    async with province.open() as hub:
        await seeded(hub)
        made = await make_report(hub.engine, "2026-H1", who="an")
        _, found = await reports.read(hub.engine.store, made.report)
        for number in numbers(found):
            for report in ({}, {"report": str(made.report)}):
                chosen = Filter.read(dict(parse_qsl(number.list)) | report) if number.list else None
                if chosen:
                    length = await counted(hub.engine.store, chosen, categories=hub.engine.categories)
                    assert length == number.now, (number.code, number.list)
                else:
                    assert number.code == "documents-beside"


async def test_authors_are_owed_by_the_tariff(province: Province) -> None:
    filled(province)
    province.reports(points={"news": 1.5, "documents": 2})
    async with province.open() as hub:
        found = await seeded(hub)
    assert [(one.author, one.points, one.total, dict(one.categories), one.photos) for one in found.contributors] == [
        ("Lò Thị Mai", 3.5, 2, {"legal": 1, "news": 1}, 1), ("=cmd|' /C calc'!A0", 0, 1, {"-": 1}, 0)
    ]  # fmt: skip


async def test_a_hub_that_has_seen_nothing_reports_noughts(province: Province) -> None:
    async with province.open() as hub:
        found, lines = await snapshot(hub.engine, H1)
        assert lines == []
        assert (found.items.now, found.items.before, found.photos.now) == (0, None, 0)
        assert {each.now for each in numbers(found)} == {0}
        assert found.decisions is not None
        assert found.decisions.delay_hours is found.decisions.approval_hours is None
        assert [sender.total.now for sender in found.senders] == [0]
        assert any("chưa kết thúc" in remark for remark in found.remarks)
        assert any("chưa có số liệu của kỳ trước (6 tháng cuối năm 2025)" in remark for remark in found.remarks)
        made = await make_report(hub.engine, "2026-H1", who="an")
        again = await make_report(hub.engine, "2026-H1", who="an")
        assert made.sha256 == again.sha256


async def test_what_is_asked_in_time_is_told_in_time(province: Province) -> None:
    filled(province)
    province.duty("vb", category="legal", within=2)
    async with province.open() as hub:
        day = date(2026, 3, 3)
        await put(
            hub.engine.store,
            Row(day=day, category="legal", kind="document", hours=24),
            Row(day=day, category="legal", kind="document", hours=24, issued=date(2026, 2, 2)),
            Row(day=day, category="legal", kind="document"), Row(day=day, hours=500),
        )  # fmt: skip
        found = (await snapshot(hub.engine, H1))[0]
    health = next(one for one in found.senders if one.code == HEALTH)
    assert (health.timed, health.in_time) == (2, 1)
    assert any("vb" in remark for remark in found.remarks)
