"""The ledger of contributors: the same as in a report, and files in which no name becomes a formula."""

import csv
import io
import zipfile
from datetime import date

from hub.queries.ledger import ledger
from hub.queries.report import snapshot
from hub.reports import ledger as files
from hub.reports.contributors import columns
from hub.rules.access import Scope
from hub.rules.periods import span
from tests.province import MEMBER, Province
from tests.reports.frozen import MADE_AT
from tests.reports.reading import cells
from tests.reports.rows import Row, put

H1 = span("2026-H1")
EVIL = ("=HYPERLINK(1)", "+1", "-1", "@SUM(A1)")


async def test_authors_have_in_the_ledger_what_they_have_in_a_report(province: Province) -> None:
    province.member("H52.9", "Sở Nội vụ")
    province.reports(points={"news": 1.5, "documents": 2})
    async with province.open() as hub:
        day = date(2026, 3, 3)
        await put(
            hub.engine.store,
            Row(day=day, author="Lò Thị Mai", photos=2), Row(day=day, author="Lò Thị Mai", category="legal"),
            Row(day=day, author="Lò Thị Mai", member="H52.9"), Row(day=day),
            Row(day=day, author="Lò Thị Mai", state="held"), Row(day=date(2026, 7, 1), author="Lò Thị Mai"),
            Row(day=day, author="Lò Thị Mai", story="khac"), *(Row(day=day, author=name, category="") for name in EVIL),
        )  # fmt: skip
        found = await ledger(hub.engine, H1)
        assert tuple(found) == (await snapshot(hub.engine, H1))[0].contributors
        assert [(one.member, one.points, one.total, one.photos) for one in found[:2]] == [
            (MEMBER, 3.5, 2, 2), ("H52.9", 1.5, 1, 0)
        ]  # fmt: skip
        assert [one.member for one in await ledger(hub.engine, H1, scope=Scope(frozenset({"H52.9"})))] == ["H52.9"]
        names = columns(found, hub.engine.categories)

    text = files.csv(found, names)
    assert text.startswith(b"\xef\xbb\xbf")
    _, *lines = csv.reader(io.StringIO(text.decode("utf-8-sig")))
    assert lines[0][1:3] == ["Lò Thị Mai", "Sở Y tế"]
    assert list(names) == ["legal", "news", "-"]
    assert {line[1] for line in lines[2:]} == {f"'{name}" for name in EVIL}

    file = files.xlsx(found, names, H1, made_at=MADE_AT)
    assert file == files.xlsx(found, names, H1, made_at=MADE_AT)
    [sheet] = cells(file).values()
    assert {line[1] for line in sheet[3:9]} == {"Lò Thị Mai", *EVIL}
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        assert "<f>" not in parts.read("xl/worksheets/sheet1.xml").decode()


async def test_a_ledger_of_nobody_is_a_file_with_nothing_in_it(province: Province) -> None:
    async with province.open() as hub:
        found = await ledger(hub.engine, H1)
        assert found == []
        assert len(files.csv(found, {}).splitlines()) == 1
        assert files.xlsx(found, {}, H1, made_at=MADE_AT)
