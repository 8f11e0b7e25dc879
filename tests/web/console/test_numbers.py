"""Numbers of a period on the console: each opens the list of that length, sums add up, nobody sees another unit's."""

import re

import pytest

from hub import counting
from schemas.document import Document
from tests.web.desk import Answer, Desk
from tests.web.press import Press, news

YEAR = "period=2026"
#: For what does not depend on the database.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def document(guid: str, number: str) -> Document:
    """A document of the unit; a year in its number makes it a normative one."""
    return Document.model_validate({"guid": guid, "title": f"Văn bản {guid}", "number": number})


@pytest.fixture
async def counted(desk: Desk, press: Press) -> None:
    """Three news and two documents of one unit, one news of another; one more waits."""
    await press.publish(*(news(f"n{n}", authors=[{"name": "Nguyễn Thị Hoa"}]) for n in range(3)))
    await press.publish(document("d1", "15/2026/QĐ-UBND"), document("d2", "16/UBND-VX"))
    await press.publish(news("xa"), source="xa-ha-lieu-tin")
    await press.publish(news("waits"), held=True)
    await counting.up_to_date(desk.hub.engine)


def numbers(answer: Answer) -> dict[str, tuple[int, str]]:
    """The lines of the table of sums: how many items, and where their list is."""
    rows = re.findall(r"<tr[^>]*><th scope=\"row\"[^>]*>(.*?)</th>\s*<td class=\"number\"[^>]*>(.*?)</td>", answer.text)
    found = {}
    for name, cell in rows:
        link = re.search(r'href="[^"]*/console([^"]*)"', cell)
        found[name] = (int(re.sub(r"<[^>]*>|\.", "", cell)), link[1].replace("&amp;", "&") if link else "")
    return found


def length(answer: Answer) -> int:
    """How many a list says it has, which is how many stand there."""
    [said] = re.findall(r"<h1>(\d+) ", answer.text)
    assert answer.text.count("<tr>\n  <th scope") == int(said)
    return int(said)


@pytest.mark.usefixtures("counted")
async def test_every_number_opens_the_list_of_that_length(desk: Desk) -> None:
    viewer = await desk.person("xem", "viewer")
    for by in ("category", "kind", "member", "author", "source"):
        lines = numbers(await viewer.get(f"/numbers?{YEAR}&by={by}"))
        opened = [(name, many, path) for name, (many, path) in lines.items() if path]
        assert len(opened) >= 2
        for name, many, path in opened:
            assert length(await viewer.get(path)) == many, (by, name)
        assert lines["Tổng cộng"][0] == 6
    held = numbers(await viewer.get(f"/numbers?{YEAR}&state=held"))
    assert held["Tổng cộng"][0] == length(await viewer.get(held["Tổng cộng"][1])) == 1


@ON_SQLITE
@pytest.mark.usefixtures("counted")
async def test_parts_stand_in_their_sum_and_sums_in_the_total(desk: Desk) -> None:
    viewer = await desk.person("xem", "viewer")
    lines = {name: many for name, (many, _) in numbers(await viewer.get(f"/numbers?{YEAR}")).items()}
    assert lines == {
        "Văn bản": 2, "Văn bản chỉ đạo, điều hành": 1, "Văn bản quy phạm pháp luật": 1, "Tin, bài": 4, "Tổng cộng": 6,
    }  # fmt: skip


@ON_SQLITE
@pytest.mark.usefixtures("counted")
async def test_numbers_are_those_of_the_own_unit(desk: Desk) -> None:
    of_the_commune = await desk.person("xa", "editor", "H52.30")
    lines = numbers(await of_the_commune.get(f"/numbers?{YEAR}&by=member"))
    assert lines == {"Xã Hạ Liễu": (1, lines["Xã Hạ Liễu"][1]), "Tổng cộng": (1, lines["Tổng cộng"][1])}
    assert length(await of_the_commune.get(f"/numbers/list?{YEAR}")) == 1
    assert "Tin n0" not in (await of_the_commune.get(f"/numbers/list?{YEAR}&member=H52.12")).text


@ON_SQLITE
async def test_a_period_that_ends_before_it_begins_is_told(desk: Desk) -> None:
    viewer = await desk.person("xem", "viewer")
    answer = await viewer.get("/numbers?first=2026-05-02&last=2026-05-01")
    assert answer.status == 200
    assert "trước khi bắt đầu (02/05/2026)" in answer.text
    assert (await viewer.get("/numbers/list?first=2026-05-02&last=2026-05-01")).status == 422


@ON_SQLITE
async def test_a_long_list_goes_on_where_a_page_ends(desk: Desk, press: Press) -> None:
    await press.publish(*(news(f"n{n:03}") for n in range(60)))
    await counting.up_to_date(desk.hub.engine)
    viewer = await desk.person("xem", "viewer")
    first = await viewer.get(f"/numbers/list?{YEAR}&kind=news")
    [older] = re.findall(r'href="[^"]*/console(/numbers/list[^"]*)" rel="next"', first.text)
    second = await viewer.get(older.replace("&amp;", "&"))
    titles = re.findall(r">(Tin n\d+)</a>", first.text + second.text)
    assert len(titles) == len(set(titles)) == 60
    assert "<h1>60 mục</h1>" in second.text


@ON_SQLITE
@pytest.mark.usefixtures("counted")
async def test_the_ledger_names_authors_with_the_lists_of_their_items(desk: Desk, press: Press) -> None:
    await press.publish(news("trick", authors=[{"name": "=1+1"}]))
    await counting.up_to_date(desk.hub.engine)
    viewer = await desk.person("xem", "viewer")
    page = await viewer.get(f"/ledger?{YEAR}")
    [path] = re.findall(r'href="[^"]*/console(/numbers/list[^"]*)" aria-label="3: Nguyễn Thị Hoa"', page.text)
    assert length(await viewer.get(path.replace("&amp;", "&"))) == 3
    written = await viewer.get(f"/ledger.csv?{YEAR}")
    assert "Nguyễn Thị Hoa,Sở Y tế,3," in written.text
    assert ",'=1+1," in written.text  # no formula of a spreadsheet
    commune = await desk.person("xa", "editor", "H52.30")
    assert "Nguyễn Thị Hoa" not in (await commune.get(f"/ledger?{YEAR}")).text
