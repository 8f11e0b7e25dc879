"""The counts that a board published, from rows to paper: what Word, Excel and PDF say is what the database holds."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hub.commands.load_visits import load_visits
from hub.commands.make_report import make_report
from hub.engine import Engine
from hub.reports.docx import docx
from hub.reports.pdf import pdf
from hub.reports.snapshot import Signed, Slot, Snapshot
from hub.reports.xlsx import xlsx
from hub.store import reports
from tests.reports.reading import cells, pdf_text, word
from tests.year.days import AFTER, FIRST, MERGED, at
from tests.year.halfyear import COUNTS, DOCUMENTS, PHOTOS, RULE, SITE, VISITS, HalfYear, half_year, visits
from tests.year.judging import Judge
from tests.year.plan import HALF
from tests.year.texts import days

WORDS = {Slot.OPENING: "Thực hiện Công văn 2732/UBND-KGVX ngày 29/8/2017 của UBND tỉnh.",
         Slot.PROPOSALS: "Đề nghị các cơ quan, đơn vị cung cấp thông tin đầy đủ, kịp thời."}  # fmt: skip
SIGNED = Signed(name="Lò Thị Hoa", day=AFTER)


async def in_database(engine: Engine) -> dict[str, int]:
    """The numbers by plain questions: by category, photos, visits."""
    where = "state = 'public' AND story IN ('', content_id) AND day BETWEEN ? AND ?"
    span = days(FIRST), days(MERGED)
    rows = await engine.store.fetch(f"SELECT category, count(*) AS n FROM tally WHERE {where} GROUP BY category", *span)
    [photos] = await engine.store.fetch(f"SELECT sum(photos) AS n FROM tally WHERE {where}", *span)
    [read] = await engine.store.fetch("SELECT sum(visits) AS n FROM visit WHERE day BETWEEN ? AND ?", *span)
    found = {row["category"]: int(row["n"]) for row in rows}
    return found | {"documents": found["directives"] + found["legal"], "photos": int(photos["n"]),
                    "visits": int(read["n"])}  # fmt: skip


async def made(given: HalfYear, folder: Path, url: str) -> tuple[Snapshot, dict[str, int], dict[str, str]]:
    """The report's numbers, those of the database, and the names of categories."""
    judge = Judge.of(given.year, folder, url)
    async with judge.opened(at(FIRST)) as hub:
        await judge.begin(hub.engine)
        await judge.filling.up_to(hub.engine, judge.clock, HALF)
        file = folder / "luot-truy-cap.csv"
        file.write_text(visits(given.year.seed), encoding="utf-8")
        await load_visits(hub.engine, str(file), site=SITE, member="", who="cli:lan")
        report = await make_report(hub.engine, "2025-H1", who="cli:lan")
        _, snapshot = await reports.read(hub.engine.store, report.report)
        names = {each.code: each.name for each in hub.engine.categories.listed}
        return snapshot, await in_database(hub.engine), names


def number(said: Any) -> int:
    """A number as a cell has it: 3.910.575 on paper, 3910575.0 in a sheet."""
    return int(said) if isinstance(said, float) else int(str(said).replace(".", ""))


def by_name(rows: list[list[Any]], head: str, column: str) -> dict[str, int]:
    """What a table says of each name, whether it is a table of Word or a sheet of Excel."""
    at_head = next(place for place, row in enumerate(rows) if head in row and column in row)
    name, value = rows[at_head].index(head), rows[at_head].index(column)
    found: dict[str, int] = {}
    for row in rows[at_head + 1 :]:
        if len(row) > max(name, value) and row[name] and re.fullmatch(r"[\d.]+", str(row[value])):
            found.setdefault(str(row[name]).removeprefix("Trong đó: "), number(row[value]))
    return found


def tables(file: bytes) -> list[list[list[Any]]]:
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in word(file).tables]


def the_table(of: list[list[list[Any]]], head: str, column: str) -> list[list[Any]]:
    return next(rows for rows in of if any(head in row and column in row for row in rows))


@pytest.mark.parametrize("seed", [7])
async def test_the_three_files_say_what_the_database_holds(tmp_path: Path, database_url: str, seed: int) -> None:
    given = half_year(seed)
    snapshot, held, names = await made(given, tmp_path, database_url)
    wanted = COUNTS | {"documents": DOCUMENTS, "photos": PHOTOS, "visits": VISITS, "procedures": 18 + 11}
    assert held == wanted
    silent = {one.code for one in snapshot.missing if one.duty == "tin-2732" and one.sent_nothing}
    assert silent == given.silent
    sent_nothing = {office.name for office in given.year.offices if office.code in given.silent}
    counted = {names[code]: count for code, count in held.items() if code in names}
    senders = {one.name: one.total.now for one in snapshot.senders if one.total.now}
    said = {"now": counted, "senders": senders, "silent": sent_nothing}
    check_word(docx(snapshot, WORDS, number="09", signed=SIGNED), said, held)
    check_excel(xlsx(snapshot, WORDS, number="09", signed=SIGNED), said, held)
    check_pdf(pdf(snapshot, WORDS, number="09", signed=SIGNED), said, held)


def check_word(file: bytes, said: Mapping[str, Any], held: Mapping[str, int]) -> None:
    of = tables(file)
    totals = by_name(the_table(of, "Nội dung", "Kỳ này"), "Nội dung", "Kỳ này")
    assert {name: totals.get(name) for name in said["now"]} == said["now"]
    assert by_name(the_table(of, "Cơ quan, đơn vị", "Tổng số"), "Cơ quan, đơn vị", "Tổng số").items() >= {
        **said["senders"]
    }.items()  # fmt: skip
    read = by_name(the_table(of, "Trang", "Lượt truy cập"), "Trang", "Lượt truy cập")
    assert read[SITE] == held["visits"]
    lacking = the_table(of, "Cơ quan, đơn vị", "Số kỳ còn thiếu")
    assert {row[1] for row in lacking if "Tin, bài" in row} == said["silent"]
    text = "\n".join(paragraph.text for paragraph in word(file).paragraphs)
    check_text(text, said, held)


def check_excel(file: bytes, said: Mapping[str, Any], held: Mapping[str, int]) -> None:
    sheets = cells(file)
    totals = by_name(sheets["Tổng hợp"], "Nội dung", "Kỳ này")
    assert {name: totals.get(name) for name in said["now"]} == said["now"]
    assert held["photos"] in totals.values()
    members = by_name(sheets["Theo đơn vị"], "Cơ quan, đơn vị", "Tổng số")
    assert members.items() >= said["senders"].items()
    assert by_name(sheets["Lượt truy cập"], "Trang", "Lượt truy cập")[SITE] == held["visits"]
    lacking = sheets["Chưa cung cấp"]
    heads = next(row for row in lacking if "Cơ quan, đơn vị" in row)
    name, category = heads.index("Cơ quan, đơn vị"), heads.index("Chuyên mục")
    assert {row[name] for row in lacking if "Tin, bài" in row[category]} == said["silent"]
    assert all(RULE in str(row) for row in lacking if "Tin, bài" in row[category])


def check_pdf(file: bytes, said: Mapping[str, Any], held: Mapping[str, int]) -> None:
    text = pdf_text(file)
    check_text(text, said, held)
    for name, count in {**said["now"], **said["senders"]}.items():
        assert re.search(rf"{re.escape(name)}\D*\b{count:,}\b".replace(",", "."), text), (name, count)


def check_text(text: str, said: Mapping[str, Any], held: Mapping[str, int]) -> None:
    """The sentences that a reader of the report looks for."""
    for sentence in (
        f"{held['news']} tin, bài", f"{held['photos']} ảnh", f"{held['decisions']} quyết định",
        f"{held['receptions']} lịch tiếp công dân", f"{held['questions']} câu hỏi", "3.910.575 lượt",
        f"{held['documents']} văn bản, gồm {held['directives']} văn bản chỉ đạo, điều hành và {held['legal']} văn bản"
        " quy phạm pháp luật", "18/19 sở, ban, ngành", "11/12 huyện, thị xã, thành phố", RULE,
        *said["silent"],
    ):  # fmt: skip
        assert sentence in text, sentence
