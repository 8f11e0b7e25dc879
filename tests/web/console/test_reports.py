"""Reports on the console: numbers that stay, words that nobody loses, a signature that ends both."""

import re

import pytest

from hub import counting
from hub.commands.make_report import make_report
from hub.commands.write_words import write_words
from hub.reports.snapshot import Slot
from tests.web.desk import Desk
from tests.web.press import Press, news

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def report(desk: Desk, press: Press) -> str:
    """A report that counted three items, two of which are withdrawn by now."""
    await press.publish(*(news(f"n{n}") for n in range(3)))
    made = await make_report(desk.hub.engine, "2026-03", who="truong-ban")
    await press.withdraw("n0")
    await press.withdraw("n1")
    await counting.up_to_date(desk.hub.engine)
    return f"/reports/{made.report}"


async def test_a_number_of_a_report_opens_what_it_counted_then(desk: Desk, report: str) -> None:
    page = await (await desk.person("xem", "viewer")).get(report)
    viewer = await desk.person("xem-2", "viewer")
    [path] = re.findall(r'class="total">.*?href="[^"]*/console(/numbers/list[^"]*)"', page.text, re.DOTALL)
    opened = await viewer.get(path.replace("&amp;", "&"))
    assert "<h1>3 mục</h1>" in opened.text
    assert opened.text.count("<tr>\n  <th scope") == 3
    assert "<h1>1 mục</h1>" in (await viewer.get("/numbers/list?first=2026-03-01&last=2026-03-31")).text


async def test_whoever_sees_a_part_of_the_province_gets_no_list_that_is_too_short(desk: Desk, report: str) -> None:
    page = await (await desk.person("xa", "editor", "H52.30")).get(report)
    assert page.status == 200
    assert "/numbers/list" not in page.text
    assert "file.docx" in page.text
    assert f"{report}/sign" not in page.text


async def test_who_writes_later_sees_both_texts_and_nothing_is_lost(desk: Desk, report: str) -> None:
    person = await desk.person("lan", "editor")
    await write_words(
        desk.hub.engine, int(report.rpartition("/")[2]), {Slot.RESULTS: "Của Hoa."}, seen=0, who="hoa"
    )  # fmt: skip
    answer = await person.post(f"{report}/words", results="Của Lan <b>", seen="0")
    assert answer.status == 409
    assert "Của Lan &lt;b&gt;</textarea>" in answer.text
    assert "Của Hoa." in answer.text
    [seen] = re.findall(r'name="seen" value="(\d+)"', answer.text)
    assert (await person.post(f"{report}/words", results="Của cả hai.", seen=seen)).status == 303
    assert "Của cả hai.</textarea>" in (await person.get(f"{report}/words")).text


async def test_a_signed_report_is_changed_by_nobody(desk: Desk, report: str) -> None:
    chief = await desk.person("truong-ban", "chief_editor")
    assert (await chief.post(f"{report}/sign", number="09", signer="Trần Văn Trưởng", seen="0")).status == 303
    page = await chief.get(report)
    assert "số 09/BC-BBT" in page.words
    assert f"{report}/drop" not in page.text
    assert (await chief.post(f"{report}/words", results="Thêm", seen="0")).status == 422
    assert (await chief.post(f"{report}/drop")).status == 422
    assert (await (await desk.person("lan", "editor")).post(f"{report}/sign", number="1", signer="x")).status == 403


async def test_days_in_the_wrong_order_make_no_report(desk: Desk) -> None:
    answer = await (await desk.person("lan", "editor")).post("/reports", first="2026-05-02", last="2026-05-01")
    assert answer.status == 422
    assert "trước khi bắt đầu" in answer.text
    assert await desk.hub.engine.store.fetch("SELECT id FROM report") == []
    assert (await (await desk.person("xem", "viewer")).get("/reports/999999999999999999")).status == 404
