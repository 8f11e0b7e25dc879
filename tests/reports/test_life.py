"""The life of a report: kept as it was made, words added by people who see each other's, signed once for good."""

import zlib

import pytest

from connectors.errors import HubError
from hub.app import Hub
from hub.commands.drop_report import drop_report
from hub.commands.judging import MarkedTextError
from hub.commands.sign_report import sign_report
from hub.commands.write_words import LIMIT, ReportClosedError, WordsConflictError, write_words
from hub.reports.snapshot import Slot
from hub.store import reports
from hub.store.deciding import DecisionRefusedError
from hub.store.states import ReportState
from tests.province import Province, events, row, rows
from tests.reports.frozen import LINES, snapshot

REMARK = "Đề nghị các sở, ngành cung cấp thông tin đúng hạn."


async def kept(hub: Hub, word: str = "2026-H1") -> int:
    async with hub.engine.store.unit() as unit:
        return (await reports.keep(unit, snapshot(word), LINES, who="an")).id


async def test_what_was_kept_is_read_back_and_listed(province: Province) -> None:
    async with province.open() as hub:
        store = hub.engine.store
        first, second = await kept(hub), await kept(hub, "2026-Q2")
        report, read = await reports.read(store, first)
        assert read == snapshot()
        assert (report.period.name, report.state, report.made_by) == ("6 tháng đầu năm 2026", "draft", "an")
        assert report == await reports.head(store, first)
        assert [each.id for each in await reports.listed(store)] == [second, first]
        assert [each.id for each in await reports.listed(store, before=second)] == [first]
        assert [each.id for each in await reports.over(store, report.first, report.last)] == [first]
        assert len(await rows(hub, "report_item", report=first)) == len(LINES)
        assert (await events(hub))[-2:] == ["report_made", "report_made"]


async def test_numbers_that_were_changed_behind_our_back_are_not_shown(province: Province) -> None:
    async with province.open() as hub:
        report = await kept(hub)
        body = zlib.decompress((await row(hub, "report", id=report))["body"])
        for forged in (zlib.compress(body.replace(b'"now":2', b'"now":3')), b"rubbish"):
            async with hub.engine.store.unit() as unit:
                await unit.tx.execute("UPDATE report SET body = ? WHERE id = ?", forged, report)
            with pytest.raises(reports.ReportDamagedError):
                await reports.read(hub.engine.store, report)
        with pytest.raises(reports.UnknownReportError):
            await reports.read(hub.engine.store, report + 1)


async def test_words_are_added_slot_by_slot_and_nobody_overwrites_another(province: Province) -> None:
    async with province.open() as hub:
        store, report = hub.engine.store, await kept(hub)
        assert await write_words(hub.engine, report, {Slot.OPENING: " Căn cứ  Công văn\n\n số 2732 "}, seen=0, who="an")
        assert await write_words(hub.engine, report, {Slot.OPENING: "Căn cứ Công văn\nsố 2732"}, seen=0, who="an") == 1
        with pytest.raises(WordsConflictError) as conflict:
            await write_words(hub.engine, report, {Slot.PROPOSALS: REMARK}, seen=0, who="binh")
        assert conflict.value.words.slots == {Slot.OPENING: "Căn cứ Công văn\nsố 2732"}
        assert "«an»" in conflict.value.sentence
        assert await write_words(hub.engine, report, {Slot.PROPOSALS: REMARK}, seen=1, who="binh") == 2
        assert await write_words(hub.engine, report, {Slot.OPENING: " "}, seen=2, who="an") == 3
        assert (await reports.head(store, report)).words == reports.Words(
            slots={Slot.PROPOSALS: REMARK}, times=3, by="an"
        )
        assert (await reports.read(store, report))[1] == snapshot()


async def test_words_that_carry_a_mark_or_are_too_long_are_not_kept(province: Province) -> None:
    async with province.open() as hub:
        report = await kept(hub)
        with pytest.raises(MarkedTextError):
            await write_words(hub.engine, report, {Slot.RESULTS: "Văn bản độ mật: Tối mật"}, seen=0, who="an")
        assert await rows(hub, "alarm")
        with pytest.raises(DecisionRefusedError, match="longer"):
            await write_words(hub.engine, report, {Slot.RESULTS: "a" * (LIMIT + 1)}, seen=0, who="an")
        assert (await reports.head(hub.engine.store, report)).words.slots == {}


async def test_a_signed_report_is_signed_once_and_never_changed(province: Province) -> None:
    async with province.open() as hub:
        report = await kept(hub)
        await write_words(hub.engine, report, {Slot.PROPOSALS: REMARK}, seen=0, who="an")
        for number, signer in (("", "Nguyễn Văn An"), ("09", ""), ("09/BC-UBND", "Nguyễn Văn An"), ("9" * 41, "An")):
            with pytest.raises(DecisionRefusedError) as refused:
                await sign_report(hub.engine, report, number=number, signer=signer, who="lan")
            assert refused.value.code == "bad_signature"
        with pytest.raises(WordsConflictError):
            await sign_report(hub.engine, report, number="09", signer="Trần Thị Lan", seen=0, who="lan")
        for _ in range(2):
            await sign_report(hub.engine, report, number="09/BC-BBT", signer="Trần Thị Lan", seen=1, who="lan")
        found = await reports.head(hub.engine.store, report)
        assert (found.state, found.number, found.signer, found.signed_by) == ("signed", "09", "Trần Thị Lan", "lan")
        assert found.signed_at == hub.engine.store.now()
        refusals: list[HubError] = []
        for change in (
            write_words(hub.engine, report, {Slot.OPENING: "Khác"}, seen=1, who="an"),
            sign_report(hub.engine, report, number="10", signer="Trần Thị Lan", who="lan"),
            drop_report(hub.engine, report, who="an"),
        ):
            with pytest.raises(ReportClosedError) as closed:
                await change
            refusals.append(closed.value)
        assert {each.code for each in refusals} == {"report_closed"}
        assert await reports.head(hub.engine.store, report) == found
        assert (await events(hub)).count("report_signed") == 1


async def test_a_draft_that_was_dropped_stays_readable(province: Province) -> None:
    async with province.open() as hub:
        report = await kept(hub)
        await drop_report(hub.engine, report, who="an", why="lập nhầm kỳ")
        assert (await reports.read(hub.engine.store, report))[0].state is ReportState.DROPPED
        with pytest.raises(ReportClosedError):
            await write_words(hub.engine, report, {Slot.OPENING: "Thêm"}, seen=0, who="an")
        with pytest.raises(reports.UnknownReportError):
            await drop_report(hub.engine, report + 1, who="an")
