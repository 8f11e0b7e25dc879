"""A catalogue laid over a list: what it adds and renames, and what it must not take away."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from hub.codes.catalogue import Renamed, Updated, updated
from hub.codes.reading import ReadList, read
from hub.codes.rows import CodeFile
from hub.codes.shipped import shipped
from hub.rules.codes import CodeList


def listed(name: str, text: str) -> ReadList:
    [found] = read([CodeFile(name=f"{name}.csv", body=text.encode())], name)
    return found


def laid(name: str, rows: list[dict[str, str]], before: CodeList) -> tuple[Updated, ReadList]:
    found = updated(name, rows, before)
    return found, listed(name, found.csv)


def test_a_first_catalogue_is_the_list() -> None:
    rows = [{"code": "G03-GD10", "name": "Giáo dục", "ministry": "G03"}, {"code": "G03-GD11", "name": "Y tế"}]
    found, after = laid("fields", rows, CodeList(()))
    assert (found.new, found.absent, found.unread) == (("G03-GD10", "G03-GD11"), (), 0)
    assert [one.name for one in after.records] == ["Giáo dục", "Y tế"]
    assert after.records.records("G03-GD10")[0].attributes == {"ministry": "G03"}


def test_what_the_catalogue_does_not_know_stays() -> None:
    before = listed(
        "organisations",
        "mã,tên,từ ngày,đến ngày,mã kế thừa,ghi chú\n"
        "000.00.09.H52,Sở Tư pháp,01/01/2020,,,giữ\n"
        "000.00.10.H52,Sở cũ,,30/06/2025,H52.09,\n"
        "000.00.11.H52,Sở Y tế,,,,\n",
    )
    found, after = laid("organisations", [{"code": "H52.09", "name": "Sở Tư pháp tỉnh Mẫu"}], before.records)
    assert found.renamed == (Renamed(code="H52.09", before="Sở Tư pháp", now="Sở Tư pháp tỉnh Mẫu"),)
    assert found.absent == ("H52.11",)
    [justice] = after.records.records("H52.09")
    assert (justice.name, justice.valid_from) == ("Sở Tư pháp tỉnh Mẫu", date(2020, 1, 1))
    assert justice.attributes["note"] == "giữ"
    kept = {one.code: one for one in before.records}
    assert [one for one in after.records if one.code != "H52.09"] == [kept["H52.10"], kept["H52.11"]]


def test_a_code_that_ended_and_means_something_else_now_begins_anew() -> None:
    before = listed("fields", "mã,tên,đến ngày\nA1,Đất đai,30/06/2025\nA2,Môi trường,30/06/2025\n")
    rows = [{"code": "A1", "name": "Đất Đai"}, {"code": "A2", "name": "Khí tượng"}]
    found, after = laid("fields", rows, before.records)
    assert (found.ended, found.new) == (("A1",), ("A2",))
    assert not after.fallen
    old, new = after.records.records("A2")
    assert (old.name, new.name, new.valid_from, new.confirmed) == ("Môi trường", "Khí tượng", date(2025, 7, 1), False)
    assert len(after.records.records("A1")) == 1


def test_rows_that_cannot_be_read_are_in_the_file_and_loading_names_them() -> None:
    rows = [{"code": "01", "name": "Thành phố Hà Nội"}, {"code": "không mã", "name": "Lạ"}, {"code": "02", "name": ""}]
    found, after = laid("provinces", rows, CodeList(()))
    assert (found.unread, len(after.records)) == (2, 1)
    assert sorted(one.reason for one in after.fallen) == ["bad_code", "no_name"]


def test_the_provinces_that_we_ship_keep_their_history_under_a_catalogue_of_today() -> None:
    come = shipped("provinces")
    assert come is not None
    rows = [{"code": one.code, "name": one.name} for one in come.records if one.valid_until is None]
    found, after = laid("provinces", rows, come.records)
    assert (found.new, found.renamed, found.absent, found.ended) == ((), (), (), ())
    assert list(after.records) == list(come.records)


CODES = st.sampled_from(["A1", "A2", "A3", "", "mã lạ!"])


@given(st.dictionaries(CODES, st.sampled_from(["X", "Y", ""]), max_size=5))
def test_laying_the_same_catalogue_twice_changes_nothing_more(names: dict[str, str]) -> None:
    rows = [{"code": code, "name": name} for code, name in names.items()]
    before = listed("fields", "mã,tên,đến ngày\nA1,X,\nA2,Y,30/06/2025\nA9,Z,\n")
    _, once = laid("fields", rows, before.records)
    _, twice = laid("fields", rows, once.records)
    assert list(twice.records) == list(once.records)
    assert {one.code for one in before.records} <= {one.code for one in once.records}
