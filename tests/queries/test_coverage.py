"""Coverage from the rows: a roster with duties, its sources in all their states, and what its destinations have."""

import pytest

from connectors.errors import ConfigError
from hub.app import Hub
from hub.cli.covering import in_short, told
from hub.commands.pause import pause
from hub.queries.coverage import coverage
from hub.queries.status import status
from hub.rules.coverage import Coverage, Group, Seen
from hub.rules.gaps import Reason
from hub.store.database import Row
from schemas.item import Kind
from tests.fakes.server import Fault
from tests.province import Province, row, rows, rss, story

PAGE = b"<html><body>502 Bad gateway</body></html>"


def department(province: Province, number: int, **keys: object) -> str:
    return province.member(f"H52.{number}", f"Sở {number}", duties=["procedure"], **keys)


async def asked(hub: Hub, **changes: object) -> list[Coverage]:
    return await coverage(hub.engine.store, hub.engine.zone, **changes)  # type: ignore[arg-type]


def reasons(seen: Seen) -> dict[str, Reason]:
    return {gap.code: gap.reason for gap in seen.missing}


async def test_each_member_with_the_duty_counts_and_each_missing_one_has_its_reason(province: Province) -> None:
    names = ("co", "khong-nguon", "tam-dung", "hong", "rong", "cho-duyet", "loai")
    codes = {name: department(province, number) for number, name in enumerate(names, start=20)}
    for name, body in (
        ("co", rss(story(1), story(2))), ("tam-dung", rss()), ("hong", PAGE), ("rong", rss()),
        ("cho-duyet", rss(story(3))), ("loai", rss(story(4, guid="", title="", text="", link=""))),
    ):  # fmt: skip
        review = "hold" if name == "cho-duyet" else "auto"
        province.source(name, body, member=codes[name], kind="procedure", review=review)
    department(province, 40, valid_until="2026-03-01")
    province.member("H52.41", "Bảo tàng tỉnh")
    province.member("H52.50", "Xã Hạ Liễu", "commune", duties=["procedure", "news"])
    province.route(province.destination())
    async with province.open() as hub:
        await pause(hub.engine, "source", "tam-dung", who="cli:lan")
        await hub.once()
        departments, communes = await asked(hub, kind=Kind.PROCEDURE)
        assert (departments.due, departments.hub.members, departments.hub.items) == (7, 1, 2)
        assert reasons(departments.hub) == {
            codes["khong-nguon"]: Reason.NO_SOURCE, codes["tam-dung"]: Reason.PAUSED, codes["hong"]: Reason.FAULTY,
            codes["rong"]: Reason.EMPTY, codes["cho-duyet"]: Reason.HELD, codes["loai"]: Reason.REJECTED,
        }  # fmt: skip
        said = {gap.code: gap.sentence for gap in departments.hub.missing}
        assert "cli:lan từ ngày 02/03/2026" in said[codes["tam-dung"]]
        fault = await row(hub, "source", name="hong")
        assert fault["fault_sentence"] in said[codes["hong"]]
        assert (departments.at["portal"].members, departments.at["portal"].items) == (1, 2)
        assert departments.at["portal"].missing == departments.hub.missing
        assert (communes.group, communes.due, reasons(communes.hub)) == (
            Group.COMMUNE, 1, {"H52.50": Reason.NO_SOURCE}
        )  # fmt: skip
        assert [one.kind for one in await asked(hub)] == [Kind.NEWS, Kind.PROCEDURE, Kind.PROCEDURE]


async def test_what_a_destination_refused_is_in_the_hub_and_not_there(province: Province) -> None:
    first, second, third = (department(province, number) for number in (21, 22, 23))
    for number, code in enumerate((first, second, third)):
        province.source(f"nguon-{number}", rss(story(number)), member=code, kind="procedure")
    province.route(province.destination(), source=["nguon-0", "nguon-1"])
    async with province.open() as hub:
        province.portal.fail_next(Fault(status=422))
        await hub.once()
        [found] = await asked(hub)
        assert (found.hub.members, found.at["portal"].members) == (3, 1)
        assert sorted(reasons(found.at["portal"]).values()) == [Reason.NOT_ROUTED, Reason.REFUSED]
        assert reasons(found.at["portal"])[third] is Reason.NOT_ROUTED
        [one] = await asked(hub, at="portal")
        assert one == found
        with pytest.raises(ConfigError) as caught:
            await asked(hub, at="khong-co")
        assert "portal" in caught.value.sentence


async def test_what_was_withdrawn_is_there_no_more_until_it_is_sent_again(province: Province) -> None:
    code = department(province, 21)
    province.source("nguon", rss(story(1)), member=code, kind="procedure")
    province.route(province.destination())
    async with province.open() as hub:
        await hub.once()
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute("UPDATE edition SET withdrawal = '{}'")
            await unit.tx.execute("UPDATE delivery SET state = 'ready'")
        [found] = await asked(hub)
        assert reasons(found.at["portal"]) == {code: Reason.SENDING}
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute("UPDATE item SET state = 'withdrawn'")
        [found] = await asked(hub)
        assert reasons(found.hub) == {code: Reason.WITHDRAWN}


async def test_what_a_reconciliation_misses_is_there_no_more(province: Province) -> None:
    code = department(province, 21)
    province.source("nguon", rss(story(1)), member=code, kind="procedure")
    province.route(province.destination())
    async with province.open() as hub:
        await hub.once()
        item = await row(hub, "item")
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute(
                "INSERT INTO difference (destination, key, kind, reason, content_id, digest, state, run, found_at)"
                " VALUES ('portal', '1.000001', 'missing', 'lost', ?, '', 'open', 1, ?)",
                item["content_id"], unit.at,
            )  # fmt: skip
        [found] = await asked(hub)
        assert reasons(found.at["portal"]) == {code: Reason.LOST}
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute("UPDATE difference SET state = 'applied'")
        [found] = await asked(hub)
        assert found.at["portal"].members == 1


async def test_an_officer_who_let_the_day_pass_is_named_with_the_day(province: Province) -> None:
    code = department(province, 21)
    province.source("nguon", rss(story(1), story(2)), member=code, kind="procedure")
    province.route(province.destination())
    async with province.open() as hub:
        await hub.once()
        item = (await rows(hub, "item"))[0]
        await ask_an_officer(hub, item, days=5)
        [found] = await asked(hub)
        assert reasons(found.at["portal"]) == {code: Reason.ASKED}
        assert "09/03/2026" in found.at["portal"].missing[0].sentence
        province.clock.advance(days=8)
        [found] = await asked(hub)
        assert reasons(found.at["portal"]) == {code: Reason.OVERDUE}
        assert "đã quá 1 ngày" in found.at["portal"].missing[0].sentence


async def ask_an_officer(hub: Hub, item: Row, *, days: int) -> None:
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE delivery SET state = 'asked', sent_revision = 0")
        await unit.tx.execute(
            "INSERT INTO task (what, destination, subject, content_id, days, state, opened_at)"
            " VALUES ('enter', 'portal', '1.000001', ?, ?, 'open', ?)",
            item["content_id"], days, unit.at,
        )  # fmt: skip


async def test_who_left_the_settings_has_no_duties_any_more(province: Province) -> None:
    department(province, 21)
    async with province.open() as hub:
        [found] = await asked(hub)
        assert found.due == 1
    province.without("member", "Sở 21")
    department(province, 22)
    async with province.open() as hub:
        [found] = await asked(hub)
        assert reasons(found.hub) == {"H52.22": Reason.NO_SOURCE}


async def test_the_lines_name_numbers_places_and_reasons(province: Province) -> None:
    first, second = department(province, 21), department(province, 22)
    province.source("nguon", rss(story(1)), member=first, kind="procedure")
    province.source("hong", PAGE, member=second, kind="procedure")
    province.route(province.destination())
    async with province.open() as hub:
        await hub.once()
        found = (await status(hub.engine.store, hub.engine.zone)).coverage
        short, missing = in_short(found)
        assert short == "Thủ tục hành chính (coverage): 1/2 sở, ban, ngành đã có trên hệ thống, portal"
        assert missing.startswith("Thiếu: Sở 22 (H52.22) – phía đơn vị: Nguồn hong không đọc được từ 08:00")
        lines = list(told(found))
        assert "  Sở, ban, ngành  1/2 (1)   1/2 (1)" in lines
        assert sum("Sở 22" in line for line in lines) == 1
    assert list(told([])) == ["Chưa đơn vị nào được khai báo nghĩa vụ công bố (duties) trong cấu hình."]
