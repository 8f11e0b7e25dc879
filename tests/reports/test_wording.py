"""Sentences of a report: numbers as an office writes them, nothing divided by zero, nobody blamed without cause."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.reports import figures, gaps, tables, wording
from hub.reports.paper import Text, paper
from hub.reports.snapshot import Period, Slot
from hub.rules.coverage import Group
from hub.rules.silences import Silence
from tests.reports.paper import WORDS, missing, number, snapshot, son_la


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        (737, 655, "tăng 82 (12,5%) so với kỳ trước (655)"),
        (9, 11, "giảm 2 (18,2%) so với kỳ trước (11)"),
        (13, 13, "bằng kỳ trước (13)"),
        (0, 0, "kỳ trước cũng không có"),
        (5, 0, "kỳ trước không có"),
        (5, None, "chưa có số liệu kỳ trước để so sánh"),
        (3_910_575, 3_910_574, "tăng 1 (dưới 0,1%) so với kỳ trước (3.910.574)"),
        (20, 10, "tăng 10 (100%) so với kỳ trước (10)"),
    ],
)
def test_a_number_beside_that_of_the_period_before(now: int, before: int | None, told: str) -> None:
    assert figures.change(now, before) == told


@given(st.integers(0, 10**9), st.none() | st.integers(0, 10**9))
def test_no_two_numbers_are_without_a_sentence(now: int, before: int | None) -> None:
    assert figures.change(now, before)
    assert figures.percent(figures.grown(now, before))


@given(st.integers(1, 10**6), st.data())
def test_nearly_all_is_not_all_and_nearly_nothing_not_nothing(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    told = figures.percent(figures.share(part, whole))
    assert (told == "100%") == (part == whole)
    assert (told == "0%") == (part == 0)


def test_days_and_numbers_are_written_as_an_office_writes_them() -> None:
    assert figures.spoken(date(2026, 7, 6)) == "ngày 06 tháng 7 năm 2026"
    assert [figures.decimal(each) for each in (0.25, 1234.5, 4.0)] == ["0,2", "1.234,5", "4"]
    assert figures.percent(figures.share(0, 0)) == figures.UNKNOWN


def test_parts_are_told_beside_their_sum() -> None:
    told = wording.line(son_la().totals[3])
    assert told.startswith(
        "Văn bản: 446 văn bản, gồm 258 văn bản chỉ đạo, điều hành và 188 văn bản quy phạm pháp luật;"
    )


def test_categories_and_what_belongs_to_none_make_all_items() -> None:
    told = son_la(items=number("items", "Tổng số", 1230, 1100))
    assert tables.categories(told)[-1] == number("-", "Chưa xếp vào chuyên mục", 10, 8)
    assert sum(each.now for each in tables.categories(told)) == 1230


def test_categories_of_which_nothing_is_to_be_told_share_a_line() -> None:
    none = (number("a", "Đấu thầu", 0), number("b", "Quy hoạch", 0, 0), number("c", "Ngân sách", 0, 3))
    told = [one.text for one in paper(snapshot(totals=none), {}).body if isinstance(one, Text)]
    assert "Chuyên mục không có thông tin trong kỳ: Đấu thầu; Quy hoạch." in told
    assert "Ngân sách: trong kỳ không có; kỳ trước có 3." in told


def test_the_name_of_a_period_stands_in_a_sentence_and_days_are_not_told_twice() -> None:
    quarter = Period(first=date(2026, 1, 1), last=date(2026, 3, 31), name="Quý I năm 2026")
    told = wording.opening(snapshot(period=quarter))
    assert "đơn vị quý I năm 2026 (từ ngày 01/01/2026 đến ngày 31/03/2026;" in told
    days = quarter.model_copy(update={"name": "Từ ngày 01/01/2026 đến ngày 31/3/2026"})
    assert wording.opening(snapshot(period=days)).count("từ ngày") == 1


def test_without_a_period_before_that_is_said_once() -> None:
    alone = snapshot(items=number("items", "Tổng số", 5), totals=(number("news", "Tin, bài", 5),))
    blocks = paper(alone, {}).body
    told = [one.text for one in blocks if isinstance(one, Text)]
    assert "Tin, bài: 5 tin, bài." in told
    assert sum("chưa có số liệu kỳ trước" in one for one in told) == 1
    [table] = [one for one in blocks if isinstance(one, tables.Table)]
    assert [column.name for column in table.columns] == ["TT", "Nội dung", "Kỳ này"]


def test_points_are_told_only_where_there_is_a_tariff() -> None:
    author = son_la().contributors[0]
    assert "132,5 điểm" in wording.contributors(snapshot(contributors=(author,)))
    assert "điểm" not in wording.contributors(snapshot(contributors=(author.model_copy(update={"points": 0.0}),)))


def test_a_member_counts_once_however_much_it_owes() -> None:
    rows = [missing("a", "Sở A"), missing("a", "Sở A", category="documents"), missing("b", "Xã B", Group.COMMUNE)]
    assert gaps.in_groups(rows) == "02 cơ quan, đơn vị (01 sở, ban, ngành; 01 xã, phường)"


def test_two_rules_for_one_category_are_told_apart_and_an_unconfirmed_one_is_marked() -> None:
    rows = (missing("a", "Sở A"), missing("a", "Sở A", duty="khac", rule="Kế hoạch 12/KH-UBND", confirmed=False))
    told = [one.text for one in paper(snapshot(missing=rows), {}).body if isinstance(one, Text)]
    [first, second] = [line for line in told if line.startswith("Chuyên mục “Tin, bài”")]
    assert "2732" in first
    assert "chưa được Ban biên tập xác nhận" not in first
    assert "Kế hoạch 12/KH-UBND (quy định chưa được Ban biên tập xác nhận)" in second


@pytest.mark.parametrize("silence", [Silence.UNREAD, Silence.KEPT])
def test_who_could_not_be_read_or_was_kept_back_is_never_named_as_silent(silence: Silence) -> None:
    rows = (missing("a", "Sở A", silence=silence),)
    told = [one.text for one in paper(snapshot(missing=rows), {}).body if isinstance(one, Text)]
    assert not [line for line in told if gaps.NOTHING_CAME in line]
    assert gaps.verdict(rows[0]) != gaps.verdict(missing("a", "Sở A"))
    why = gaps.WHY_UNREAD if silence is Silence.UNREAD else gaps.WHY_KEPT
    assert why in told


def test_visits_are_compared_only_where_all_sites_were_counted_before() -> None:
    reader = son_la().readers[0]
    told = wording.visits(son_la(readers=(reader, reader.model_copy(update={"before": None, "days": 100}))))
    assert told.startswith("Tổng số 7.821.150 lượt truy cập vào 02 trang; chưa có số liệu kỳ trước")
    assert "01 trang không đủ số liệu của cả 181 ngày" in told


def test_what_people_wrote_stands_in_its_section_and_empty_sections_are_left_out() -> None:
    told = [one.text for one in paper(son_la(), WORDS).body if isinstance(one, Text)]
    assert told[0] == WORDS[Slot.OPENING]
    assert told.index("VIII. NHẬN XÉT, KIẾN NGHỊ") < told.index(WORDS[Slot.PROPOSALS].splitlines()[1])
    without = [one.text for one in paper(son_la(), {}).body if isinstance(one, Text)]
    assert "VIII. GHI CHÚ VỀ SỐ LIỆU" in without
