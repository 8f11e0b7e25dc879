"""What an office does with duties and numbers, in a browser: urge a unit, make and sign a report, check a number."""

from datetime import date

import pytest

from hub.rules.periods import Span
from tests.e2e.conftest import DESK, TELEPHONE, Sits
from tests.e2e.morning import SILENT
from tests.e2e.office import Office

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: Days in which everything of the morning lies, whenever it is read.
FIRST, LAST = "2026-01-01", "2027-12-31"


async def test_a_unit_that_published_nothing_is_urged(sits: Sits, office: Office) -> None:
    desk = await sits("bien-tap")
    await desk.begin()
    await desk.go("Duties")
    await desk.follow("Đấu thầu, Sở Tư pháp", translate=False, whole=False)
    assert "Đơn vị không đăng" in await desk.page.inner_text("main")
    await desk.press("Remind the unit")
    await desk.follow("All reminders")
    await desk.press("Send the ticked ones")
    state = "SELECT state FROM reminder WHERE member = ? AND duty = 'dau-thau'"
    assert office.value(state, SILENT) == "sent"
    assert office.events("bien-tap")[-2:] == ["reminder_prepared", "reminder_sent"]


async def test_a_report_is_made_written_and_signed(sits: Sits, office: Office) -> None:
    chief = await sits("truong-ban")
    await chief.begin()
    await chief.go("Reports")
    await chief.fill("or from", FIRST)
    await chief.fill("to", LAST)
    await chief.press("Make the report")
    await chief.follow("Words")
    await chief.fill("Proposals", "Đề nghị các đơn vị cung cấp thông tin đúng hạn.")
    await chief.press("Save the words")
    await chief.begin()
    await chief.go("Reports")
    await chief.follow(Span(date.fromisoformat(FIRST), date.fromisoformat(LAST)).name, translate=False)
    await chief.follow("Sign…")
    await chief.fill("Number of the report", "09")
    await chief.press("Sign")
    [(report, state, number, signer, words)] = office.query(
        "SELECT id, state, number, signer, words FROM report WHERE last_day = ?", LAST
    )
    assert (state, number, signer) == ("signed", "09", "Trần Văn Trưởng")
    assert "đúng hạn" in words
    answer = await chief.page.request.get(f"{office.url}/console/reports/{report}/file.pdf")
    assert (await answer.body())[:5] == b"%PDF-"


@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
async def test_a_number_opens_the_list_of_that_length(sits: Sits, office: Office, size: tuple[int, int]) -> None:
    reader = await sits("xem", size=size, scripts=False)
    await reader.begin()
    await reader.go("Reports")
    await reader.follow("Numbers")
    await reader.fill("From day", FIRST)
    await reader.fill("to", LAST)
    await reader.press("Show")
    total = reader.page.locator("tr.total a")
    said = int(await total.inner_text())
    await total.click()
    assert await reader.page.locator("tbody tr").count() == said > 3
    assert said == office.value("SELECT count(*) FROM tally WHERE state = 'public' AND story IN ('', content_id)")
