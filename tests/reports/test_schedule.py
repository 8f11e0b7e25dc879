"""Reports that are made by themselves: once for each stretch, on its first working day, and the board is told."""

from datetime import UTC, date, datetime

from hub.commands.make_report import make_due_reports, make_report
from hub.commands.sign_report import sign_report
from hub.schedule import Schedule
from hub.stages.mail import Mail
from hub.store import reports
from tests.clock import Clock
from tests.fakes.smtp import MailHost
from tests.province import Province, events, rows, turn
from tests.reports.rows import Row, put

BOARD = "bbt@tinhmau.gov.vn"


def at(clock: Clock, moment: datetime) -> None:
    clock.advance(seconds=(moment - clock.now()).total_seconds())


async def test_a_draft_is_made_once_and_the_board_hears_of_it_and_of_its_signature(province: Province) -> None:
    async with MailHost() as post:
        province.mails(post.port)
        province.reports(made=["month", "quarter"], to=[BOARD])
        at(province.clock, datetime(2026, 3, 31, 1, tzinfo=UTC))
        async with province.open() as hub:
            await put(hub.engine.store, Row(day=date(2026, 3, 30)))
            assert await make_due_reports(hub.engine) == []
            province.clock.advance(days=1)
            await Schedule(hub.engine)._look(None)
            quarter, month = await reports.listed(hub.engine.store)
            assert [each.period.name for each in (month, quarter)] == ["Tháng 3 năm 2026", "Quý I năm 2026"]
            assert {each.made_by for each in (month, quarter)} == {"hub"}
            assert await make_due_reports(hub.engine) == []
            await sign_report(hub.engine, month.id, number="31", signer="Trần Thị Lan", who="lan")
            assert hub.engine.mailing is not None
            await turn(Mail(hub.engine, hub.engine.mailing))
            assert [one.recipient for one in post.box] == [BOARD] * 3
            subjects = [str(one.message["Subject"]) for one in post.box]
            assert subjects[0] == "Tỉnh Mẫu: Báo cáo tháng 3 năm 2026: dự thảo"
            assert subjects[2] == "Tỉnh Mẫu: Báo cáo tháng 3 năm 2026 đã ký, số 31/BC-BBT"
            body = post.box[0].message.get_body(("plain",))
            assert body is not None
            assert f"/console/reports/{month.id}" in body.get_content()
            assert (await events(hub)).count("report_mailed") == 3


async def test_a_stretch_that_has_a_report_gets_none_by_itself(province: Province) -> None:
    province.reports(made=["month"], to=[BOARD])
    at(province.clock, datetime(2026, 4, 2, 1, tzinfo=UTC))
    async with province.open() as hub:
        await make_report(hub.engine, "2026-03", who="an")
        assert await make_due_reports(hub.engine) == []
        assert await rows(hub, "mail") == []
        province.clock.advance(days=30)  # the 2nd of May is a Saturday, and without a mail server nobody is told
        assert await make_due_reports(hub.engine) == []
        province.clock.advance(days=2)
        assert [each.period for each in await make_due_reports(hub.engine)] == ["Tháng 4 năm 2026"]
