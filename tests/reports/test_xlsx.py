"""The Excel file of a report: numbers that are numbers, sums that are formulas, and names that are never formulas."""

import io
import re
import zipfile
from datetime import date
from typing import Any

from hub.reports.snapshot import Contributor
from hub.reports.tables import senders
from hub.reports.xlsx import xlsx
from tests.reports.paper import (
    RULE,
    SIGNED,
    SILENT_DEPARTMENTS,
    SILENT_LOCALITIES,
    WORDS,
    large_year,
    snapshot,
    son_la,
)
from tests.reports.reading import cells

SHEETS = ["Tổng hợp", "Theo đơn vị", "Chưa cung cấp", "Kịp thời", "Nơi nhận", "Lượt truy cập", "Cộng tác viên"]


def by_name(rows: list[list[Any]]) -> dict[Any, list[Any]]:
    return {row[1]: row[2:4] for row in rows if row[1]}


def headed(rows: list[list[Any]]) -> list[dict[str, Any]]:
    """The rows under the heads."""
    at = next(at for at, row in enumerate(rows) if row[0] == "TT")
    return [dict(zip(rows[at], row, strict=True)) for row in rows[at + 1 :]]


def parts(file: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(file)) as opened:
        return opened.read(name).decode()


def test_every_number_of_son_la_is_the_one_of_the_snapshot() -> None:
    told, made = son_la(), cells(xlsx(son_la(), WORDS))
    assert list(made) == SHEETS
    found = by_name(made["Tổng hợp"])
    for number in (*told.totals, told.photos, told.files):
        assert found[number.name] == [number.now, number.before]
    assert found["Văn bản"][0] == 446
    assert found["Trong đó: Văn bản chỉ đạo, điều hành"][0] == 258
    assert found["Trong đó: Văn bản quy phạm pháp luật"][0] == 188
    assert found["Tổng cộng"] == [1220, 1092]
    assert found["Lượt truy cập"][0] == 3_910_575
    covered = [row[3:5] for row in made["Tổng hợp"] if row[1] == "Thủ tục hành chính"]
    assert covered == [[19, 18], [12, 11]]


def test_members_have_the_numbers_of_the_snapshot_and_a_line_of_sums() -> None:
    told = son_la()
    rows = headed(cells(xlsx(told, {}))["Theo đơn vị"])
    by_code = {row["Mã"]: row for row in rows}
    for sender in told.senders:
        row = by_code[sender.code]
        assert (row["Tổng số"], row["Ảnh"], row["Đúng hạn"]) == (sender.total.now, sender.photos, sender.in_time)
        assert [row[each.name] for each in sender.categories] == [each.now for each in sender.categories]
    [last] = [row for row in rows if row["Cơ quan, đơn vị"] == "Tổng cộng"]
    assert (last["Tổng số"], last["Ảnh"], last["Văn bản"]) == (told.items.now, 459, 446)
    assert len(senders(told).rows) == 31


def test_sums_are_formulas_with_the_value_of_the_snapshot() -> None:
    made = xlsx(son_la(), {})
    formulas = dict(re.findall(r"<f>([^<]*)</f><v>([^<]*)</v>", parts(made, "xl/worksheets/sheet1.xml")))
    assert {formula: value for formula, value in formulas.items() if value in ("446", "1220")} == {
        "SUM(C12,C13)": "446",
        "SUM(C8,C9,C10,C11,C14,C15)": "1220",
        "SUM(C29:C34)": "1220",
    }


def test_a_sum_that_would_not_give_the_number_is_no_formula() -> None:
    told = son_la()
    odd = told.totals[3].model_copy(update={"now": 447})
    made = xlsx(told.model_copy(update={"totals": (*told.totals[:3], odd, *told.totals[4:])}), {})
    assert "<f>SUM(C12,C13)</f>" not in parts(made, "xl/worksheets/sheet1.xml")
    assert by_name(cells(made)["Tổng hợp"])["Văn bản"][0] == 447


def test_gaps_tell_member_rule_and_day_and_whose_silence_it_is() -> None:
    rows = headed(cells(xlsx(son_la(), {}))["Chưa cung cấp"])
    silent = [row for row in rows if row["Kết luận"] == "Không cung cấp trong kỳ"]
    assert [row["Cơ quan, đơn vị"] for row in silent] == [*SILENT_DEPARTMENTS, *SILENT_LOCALITIES]
    assert {row["Quy định"] for row in silent} == {RULE}
    assert silent[0]["Tin gần nhất"] == date(2025, 11, 4)
    verdicts = {row["Cơ quan, đơn vị"]: row["Kết luận"] for row in rows if row not in silent}
    assert verdicts["Ban Dân tộc"] == "Hệ thống chưa đọc được"
    assert verdicts["Sở Nội vụ"] == "Đã gửi, chưa công khai"
    assert verdicts["Sở Tài chính"] == "Cung cấp chưa đủ"


def test_a_name_is_never_a_formula_nor_a_link() -> None:
    names = ['=HYPERLINK("http://x","y")', "@SUM(1)", "+1", "-1", "http://x.example/", "1234", "\x00=1\x0b"]
    authors = tuple(
        Contributor(author=name, member="m", member_name=name, categories={}, total=1, photos=0, points=1.0)
        for name in names
    )
    made = xlsx(snapshot(contributors=authors), {})
    found = [row["Tác giả"] for row in headed(cells(made)["Cộng tác viên"])]
    assert found[: len(names)] == [*names[:-1], "=1"]
    sheet = parts(made, "xl/worksheets/sheet7.xml")
    assert "hyperlink" not in sheet
    assert set(re.findall("<f>([^<]*)</f>", sheet)) <= {f"SUM({column}4:{column}10)" for column in "DEFGH"}


def test_heads_stay_in_view() -> None:
    made = xlsx(son_la(), {})
    assert '<pane xSplit="3" ySplit="3"' in parts(made, "xl/worksheets/sheet2.xml")


def test_the_same_report_has_the_same_bytes_and_was_made_when_the_numbers_were_taken() -> None:
    made = xlsx(son_la(), WORDS, number="09", signed=SIGNED)
    assert made == xlsx(son_la(), WORDS, number="09", signed=SIGNED)
    assert "2026-07-03T01:30:00Z" in parts(made, "docProps/core.xml")


def test_a_period_in_which_nothing_happened_has_sheets_that_say_so() -> None:
    made = cells(xlsx(snapshot(), {}))
    assert all(any("Không có số liệu." in row for row in made[name]) for name in SHEETS[1:])
    assert by_name(made["Tổng hợp"])["Tổng cộng"] == [0, "–"]


def test_all_contributors_of_a_large_year_stand_in_it() -> None:
    told = large_year()
    rows = headed(cells(xlsx(told, {}))["Cộng tác viên"])
    [last] = [row for row in rows if row["Tác giả"] == "Tổng cộng"]
    assert last["Điểm"] == sum(each.points for each in told.contributors)
    assert len([row for row in rows if row["TT"]]) == 2_000
