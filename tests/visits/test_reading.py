"""Files of visits: an office's CSV, Matomo, GA4; what is refused is told by line, and hostile files cost no more."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.visits import reading
from hub.visits.reading import Count, VisitFile, VisitsRefusedError, read

FIRST, SECOND = date(2026, 1, 30), date(2026, 1, 31)


def told(text: str, encoding: str = "utf-8") -> VisitFile:
    return read("lượt.csv", text.encode(encoding))


def test_an_offices_file_is_read_by_its_vietnamese_heads() -> None:
    found = told("BÁO CÁO LƯỢT TRUY CẬP\n\nSTT;Ngày;Lượt truy cập\n1;30/01/2026;1.250\n2;31/01/2026;980\n")
    assert found.counts == [Count(day=FIRST, path="", visits=1_250), Count(day=SECOND, path="", visits=980)]
    assert (found.rows, found.refused) == (2, [])


def test_what_is_no_count_is_told_with_its_line_and_the_rest_is_taken() -> None:
    found = told(
        "Ngày,Đường dẫn,Lượt truy cập\n30/01/2026,/a,5\n31/02/2026,/a,5\n30/01/2026,/b,-1\n30/01/2026,/a,7\n"
        "Tổng cộng,,17\n30/01/2026,http://[,3\n30/01/2026,/c\n31/01/2026,,9\n"
    )
    assert found.counts == [Count(day=FIRST, path="/a", visits=5), Count(day=SECOND, path="", visits=9)]
    assert [(one.line, one.code) for one in found.refused] == [
        (3, "visits_day"), (4, "visits_number"), (5, "visits_twice"), (6, "visits_total"), (7, "visits_path"),
        (8, "visits_number"),
    ]  # fmt: skip


def test_addresses_of_one_page_are_added_up() -> None:
    found = told("date,page,views\n20260131,/a?utm_source=zalo,5\n20260131,/a,7\n")
    assert found.counts == [Count(day=SECOND, path="/a", visits=12)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("head", ["date", "Dates", "label"])
def test_matomo_is_read_whatever_its_column_of_days_is_called(head: str, encoding: str) -> None:
    found = told(f"{head},nb_uniq_visitors,nb_visits,nb_actions\n2026-01-30,3,12,40\n2026-01-31,1,7,9\n", encoding)
    assert found.counts == [Count(day=FIRST, path="", visits=12), Count(day=SECOND, path="", visits=7)]


def test_pages_of_matomo_keep_their_labels() -> None:
    found = told("date\tlabel\tnb_visits\tnb_hits\n2026-01-30\t/tin/1\t12\t40\n", "utf-16")
    assert found.counts == [Count(day=FIRST, path="/tin/1", visits=12)]


GA4 = (
    "# ----------------------------------------\n# Pages and screens: Page path and screen class\n# Account: Tỉnh\n"
    "# ----------------------------------------\n#\n# All Users\n# Start date: {}\n# End date: {}\n"
    "Page path and screen class{},Views,Active users\n"
)


def test_ga4_counts_on_its_column_of_days_or_on_its_only_day() -> None:
    by_day = told(GA4.format("20260130", "20260131", ",Date") + "/,20260130,10,4\n/tin,20260131,20,4\n")
    assert by_day.counts == [Count(day=FIRST, path="/", visits=10), Count(day=SECOND, path="/tin", visits=20)]
    one_day = told(GA4.format("20260131", "20260131", "") + "/,10,4\n")
    assert one_day.counts == [Count(day=SECOND, path="/", visits=10)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (GA4.format("20260101", "20260131", "") + "/,10,4\n", "visits_no_day"),
        ("Đường dẫn,Lượt xem\n/a,3\n", "visits_no_day"),
        ("", "visits_no_columns"),
        ("Tên,Điện thoại\nLan,123\n", "visits_no_columns"),
        ("<html><body>Đăng nhập</body></html>", "visits_no_columns"),
        ("Ngày,Ghi chú\n30/01/2026,x\n", "visits_no_columns"),
        ("Ngày,Lượt truy cập\n30/01/2026,\"" + "9" * 200_000 + "\n", "visits_unreadable"),
    ],
)  # fmt: skip
def test_a_file_that_says_no_counts_is_refused_whole(text: str, code: str) -> None:
    with pytest.raises(VisitsRefusedError) as refused:
        told(text)
    assert refused.value.code == code
    assert "lượt.csv" in refused.value.sentence


@pytest.mark.parametrize(
    "body", [b"\xff\xfe\x00", b"Ng\xe0y,L\xf2", b"x" * (reading.SIZE_LIMIT + 1)], ids=["half", "legacy", "large"]
)
def test_bytes_that_are_no_text_or_too_many_are_refused(body: bytes) -> None:
    with pytest.raises(VisitsRefusedError) as refused:
        read("a.csv", body)
    assert refused.value.code == "visits_unreadable"


def test_more_rows_than_a_year_of_pages_are_refused() -> None:
    with pytest.raises(VisitsRefusedError):
        told("Ngày,Lượt truy cập\n" + "x,1\n" * (reading.ROW_LIMIT + 1))


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: f"Ngày,Lượt truy cập,url\n{text}".encode()))
def test_no_bytes_end_otherwise_than_in_counts_or_a_refusal(body: bytes) -> None:
    found = VisitFile(counts=(), refused=(), rows=0)
    with suppress(VisitsRefusedError):
        found = read("a.csv", body)
    assert len(found.counts) + len(found.refused) <= found.rows
    assert all(one.visits >= 0 for one in found.counts)


def test_the_sum_below_a_list_of_pages_is_no_page() -> None:
    found = told("# Start date: 20260131\n# End date: 20260131\nPage path,Views\n/a,5\nGrand total,5\n/tong,2\n")
    assert found.counts == [Count(day=SECOND, path="/a", visits=5), Count(day=SECOND, path="/tong", visits=2)]
    assert [(one.line, one.code) for one in found.refused] == [(5, "visits_total")]
