"""What a clerk sees of decisions that announce procedures, as a question and through `hub announcements`."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hub.app import Hub, open_hub
from hub.queries.announcements import called, decisions, lines
from schemas.document import Action, Announced, Document
from schemas.item import Procedure
from tests.cli.test_at_work import hub as command
from tests.clock import Clock
from tests.province import Province, rss, story
from tests.web.conftest import settings_in
from tests.web.press import Press, id_of

LIST = (
    Announced(action=Action.NEW, code="1.000001", name="Đăng ký hoạt động"),
    Announced(action=Action.ABOLISHED, code="1.000002", name="Thu hồi giấy phép"),
    Announced(action=Action.AMENDED, code="1.000003", name="Cấp lại giấy phép"),
)


@pytest.fixture
async def hub(database_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Hub]:
    async with open_hub(settings_in(tmp_path, database_url), clock=clock) as opened:
        press = Press(opened, clock)
        await press.publish(
            Document(guid="cu", title="Công bố TTHC", number="1/QĐ-UBND", published=datetime(2025, 1, 1, tzinfo=UTC),
                     announces=LIST[:1]),
            Document(guid="moi", title="Công bố TTHC", number="12/QĐ-UBND", issued=date(2026, 5, 18), announces=LIST),
            Document(guid="khac", title="Quyết định giao đất", number="13/QĐ-UBND"),
            Procedure(guid="a", title="Đăng ký hoạt động", code="1.000001"),
            Procedure(guid="b", title="Thu hồi giấy phép", code="1.000002"),
        )  # fmt: skip
        yield opened


async def test_decisions_come_with_what_became_of_their_lines(hub: Hub) -> None:
    found = {one.number: one for one in await decisions(hub.engine.store)}
    assert set(found) == {"1/QĐ-UBND", "12/QĐ-UBND"}
    newest = found["12/QĐ-UBND"]
    assert (newest.lines, newest.linked, dict(newest.open), newest.unread) == (
        3, 2, {"still_there": 1, "unseen": 1}, False,
    )  # fmt: skip
    assert (newest.issued, newest.content_id) == ("2026-05-18", str(id_of("moi")))
    assert len(await decisions(hub.engine.store, limit=1)) == 1


async def test_one_decision_is_told_line_by_line(hub: Hub) -> None:
    [found] = await called(hub.engine.store, "12/qđ-ubnd")
    assert [found] == await called(hub.engine.store, str(id_of("moi")))
    told = await lines(hub.engine.store, found)
    assert [(one.place, one.action, one.procedure_state, one.task_what, one.task_state) for one in told] == [
        (1, "new", "live", "", ""), (2, "abolished", "live", "still_there", "open"),
        (3, "amended", "", "unseen", "open"),
    ]  # fmt: skip
    assert told[0].procedure_title == "Đăng ký hoạt động"
    assert await called(hub.engine.store, "99/QĐ-UBND") == await called(hub.engine.store, "") == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_command_tells_what_was_read_and_what_was_not(province: Province) -> None:
    table = (
        "<table><tr><td>STT</td><td>Mã số TTHC</td><td>Tên TTHC</td></tr>"
        "<tr><td>1</td><td>1.000001</td><td>Đăng ký hoạt động</td></tr></table>"
    )
    title = "Quyết định số {}/QĐ-UBND ngày 18/5/2026 về việc công bố thủ tục hành chính mới ban hành của Sở Tư pháp"
    feed = rss(
        story(1, title=title.format(12), text=table), story(2, title=title.format(13), text="Xem tệp đính kèm."),
    )  # fmt: skip
    province.source("vb", feed, kind="document")
    settings = province.write(web={"port": 0})
    assert (await command(settings, "once", "--json")).code == 0
    listed = await command(settings, "announcements")
    assert "12/QĐ-UBND ngày 18/05/2026 · Sở Y tế" in listed.out, listed.err
    assert "1 thủ tục, 0 đã gắn với thủ tục trên hệ thống, 1 chưa có trên hệ thống" in listed.out
    assert "chưa đọc được hết danh mục" in listed.out.partition("13/QĐ-UBND")[2].partition("12/QĐ-UBND")[0]
    one = await command(settings, "announcements", "12/QĐ-UBND")
    assert "  1. [mới ban hành] 1.000001 Đăng ký hoạt động" in one.out
    assert "chưa có trên hệ thống · việc 1 đang chờ" in one.out
    document = (await command(settings, "announcements", "12/QĐ-UBND", "--json")).document
    assert document[0]["announced"][0]["code"] == "1.000001"
    unknown = await command(settings, "announcements", "99/QĐ-UBND")
    assert (unknown.code, "Traceback" in unknown.err) == (1, False)
    assert "(not known)" in unknown.out
