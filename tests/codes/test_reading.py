"""Files of a board and of a ministry as lists: every oddity mended, or refused with its row and a reason."""

import codecs
import unicodedata
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.parse.documentwords import TYPES, type_called, type_on_axis
from hub.codes.lists import LISTS
from hub.codes.reading import ReadList, read
from hub.codes.rows import CodeFile, CodesRefusedError
from hub.codes.shipped import shipped
from hub.codes.writing import as_csv
from hub.rules.codes import Code, Outcome, Successor

TODAY = date(2026, 11, 22)


def lists(wanted: str = "", **files: str | bytes) -> dict[str, ReadList]:
    """The lists that files make; `provinces_csv` is the file provinces.csv."""
    made = [
        CodeFile(
            name=".".join(name.replace("__", "-").rsplit("_", 1)),
            body=body if isinstance(body, bytes) else body.encode(),
        )
        for name, body in files.items()
    ]
    return {one.name: one for one in read(made, wanted)}


def communes(text: str | bytes) -> ReadList:
    return lists(communes_csv=text)["communes"]


def reasons(found: ReadList) -> list[tuple[int, str]]:
    return [(one.row, one.reason) for one in found.fallen]


@pytest.mark.parametrize(
    "text",
    [
        "mã,tên\n00004,Phường Ba Đình\n",
        "code;name\n00004;Phường Ba Đình\n",
        "Mã\tTên gọi\n4\tPhường Ba Đình\n",
        "\ufeffMÃ,TÊN\r\n00004,Phường Ba Đình\r\n",
        "stt,Tên,Mã\n1,Phường Ba Đình,4.0\n",
        'mã,tên\n"\'00004","Phường  Ba\nĐình"\n',
        "mã,tên\n４,Phường Ba Đình\u200b\n",
        "Danh mục năm 2026,\n\nmã,tên\n00004,Phường Ba Đình\n",
        unicodedata.normalize("NFD", "mã,tên\n00004,Phường Ba Đình\n"),
        "mã,tên\n00004,Phường Bа Đình\n",  # a Cyrillic а
        codecs.BOM_UTF16_LE + "mã\ttên\n00004\tPhường Ba Đình\n".encode("utf-16-le"),
        "mã,tên\n00004,Phường Ba Ðình\n",  # Icelandic Ð
    ],
)
def test_what_a_spreadsheet_does_is_mended(text: str | bytes) -> None:
    found = communes(text)
    assert list(found.records) == [Code(code="00004", name="Phường Ba Đình")]
    assert found.fallen == ()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",Phường Ba Đình", "no_code"),
        ("00004,", "no_name"),
        ("1E+05,Phường", "damaged_code"),
        ("0000O,Phường", "bad_code"),
        ("000041,Phường", "bad_code"),
        ("-4,Phường", "bad_code"),
        ("00004,Phường,32/01/2025", "bad_date"),
        ("00004,Phường,2025", "bad_date"),
        ("00004,Phường,01/07/2025,30/06/2025", "dates_reversed"),
        ("00004,Phường,,,,00008", "successor_without_end"),
        ("00004,Phường,,30/06/2025,,00008 (toàn bộ)", "bad_successor"),
        ("00004,Phường,,30/06/2025,,nowhere:00008", "bad_successor"),
        ("00004,Phường,,30/06/2025,,abc", "bad_code"),
        ("00004,Phường,,,,,thừa", "row_shifted"),
        (f"00004,{'x' * 501}", "name_too_long"),
    ],
)
def test_a_row_that_cannot_be_used_falls_alone_with_its_number(row: str, reason: str) -> None:
    found = communes(f"mã,tên,từ ngày,đến ngày,mã cấp trên,mã kế thừa\n00001,Phường Một\n{row}\n")
    assert reasons(found) == [(3, reason)]
    assert [one.code for one in found.records] == ["00001"]
    assert found.fallen[0].sentence.endswith(".")
    assert found.fallen[0].file == "communes.csv"


def test_lines_are_counted_as_a_person_sees_them() -> None:
    found = communes('mã,tên\n00001,"Phường\nMột"\n\n00002,\n')
    assert reasons(found) == [(5, "no_name")]


def test_the_same_row_twice_is_one_code_and_a_contradiction_falls() -> None:
    found = communes("mã,tên\n00001,Phường Yên Hoà\n1,Phường Yên Hòa\n00001,Phường Khác\n")
    assert [one.name for one in found.records] == ["Phường Yên Hoà"]
    assert reasons(found) == [(4, "duplicate_code")]
    assert "dòng 2" in found.fallen[0].sentence
    assert (found.rows, found.mended) == (3, 1)


def test_a_code_may_be_given_again_when_its_time_is_over_but_not_before() -> None:
    head = "mã,tên,từ ngày,đến ngày,mã kế thừa\n"
    found = communes(head + "00004,Trúc Bạch,,30/06/2025,00004\n00004,Ba Đình,01/07/2025,,\n")
    assert found.records.resolve("00004", on=TODAY, then=date(2025, 1, 1)).outcome is Outcome.REPLACED
    overlapping = communes(head + "00004,Trúc Bạch,,30/06/2025,00004\n00004,Ba Đình,30/06/2025,,\n")
    assert reasons(overlapping) == [(3, "duplicate_code")]


def test_successors_in_a_circle_fall_together() -> None:
    head = "mã,tên,đến ngày,mã kế thừa\n"
    found = communes(head + "1,A,30/06/2025,2\n2,B,30/06/2025,1\n3,C,30/06/2025,4\n4,D,,\n")
    assert reasons(found) == [(2, "successor_circle"), (3, "successor_circle")]
    assert [one.code for one in found.records] == ["00003", "00004"]


def test_successors_may_be_several_in_part_and_of_another_list() -> None:
    found = lists(districts_csv="mã,tên,đến ngày,mã kế thừa\n1,Huyện,30/06/2025,2; 3 (một phần); communes:4\n")
    [record] = found["districts"].records
    assert record.successors == (
        Successor(code="002"), Successor(code="003", part=True), Successor(code="00004", list="communes")
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("communes_csv", "tên,cấp\nA,xã\n", "codes_bad_columns"),
        ("communes_csv", "mã,mã số,tên\n1,2,A\n", "codes_bad_columns"),
        ("xa_phuong_csv", "mã,tên\n1,A\n", "codes_unknown_list"),
        ("communes_csv", "mã,tên\n", "codes_empty"),
        ("communes_csv", "mã,tên\n,A\n1E9,B\n", "codes_empty"),
        ("communes_csv", "mã,tên\n1,Phường".encode("cp1258", "replace") + b"\xfe\xff\n", "codes_unreadable"),
        ("communes_json", "[1, 2", "codes_unreadable"),
        ("communes_json", '{"a": 1}', "codes_unreadable"),
        ("communes_toml", "list = ", "codes_unreadable"),
        ("communes_csv", b"", "codes_bad_columns"),
        ("communes_json", "[]", "codes_empty"),
    ],
)
def test_a_file_that_is_no_list_is_refused_as_a_whole(name: str, body: str | bytes, code: str) -> None:
    with pytest.raises(CodesRefusedError) as refused:
        lists(**{name: body})
    assert refused.value.code == code
    assert refused.value.sentence


def test_all_bad_rows_of_one_list_cost_the_load_though_another_list_is_good() -> None:
    with pytest.raises(CodesRefusedError, match="no usable row"):
        lists(communes_csv="mã,tên\n1E9,A\n", districts_csv="mã,tên\n001,B\n")


def test_json_and_toml_say_the_same_as_csv() -> None:
    toml = 'list = "holidays"\n[[entry]]\ncode = 2027-02-08\nname = "Tết"\nkind = "nghỉ"\nconfirmed = "chưa"\n'
    json = '[{"ngày": "08/02/2027", "tên": "Tết", "loại": "nghỉ", "xác nhận": "chưa"}]'
    csv = "ngày,tên,loại,xác nhận\n8/2/2027,Tết,Nghỉ,chưa\n"
    one, two, three = lists(x_toml=toml), lists(holidays_json=json), lists(holidays_csv=csv)
    assert list(one["holidays"].records) == list(two["holidays"].records) == list(three["holidays"].records)
    [day] = one["holidays"].records
    assert (day.code, day.confirmed, day.attributes) == ("2027-02-08", False, {"kind": "off"})


def test_organisations_are_kept_in_one_form_with_what_was_written() -> None:
    found = lists(h53_csv="code,name\n000.20.31.H53,UBND Thị trấn Bến Cầu\nH53.31,UBND huyện\n000.1137.H53,Phòng\n")
    district, town = sorted(found["organisations"].records, key=lambda one: one.code)
    assert (district.code, district.attributes) == ("H53.31", {})
    assert (town.code, town.parent, town.attributes) == ("H53.31.20", "H53.31", {"raw": "000.20.31.H53"})
    assert reasons(found["organisations"]) == [(4, "bad_code")]


def test_a_list_is_known_by_its_columns_or_by_what_the_user_says() -> None:
    assert set(lists(danh__muc_csv="TT,Tỉnh/ Thành phố,Mã vùng\n1,An Giang,296\n")) == {"area-codes"}
    assert set(
        lists(tu__dvcqg_json='[{"MALINHVUC":"G03-GD10","TENLINHVUC":"Giáo dục","MANGANH":"G03"}]', wanted="fields")
    ) == {"fields"}
    with pytest.raises(CodesRefusedError) as refused:
        lists("xa-phuong", x_csv="mã,tên\n1,A\n")
    assert refused.value.code == "codes_unknown_list"


def test_what_is_exported_reads_back_whole() -> None:
    name = "organisations"
    before = lists(
        organisations_csv="mã,tên,đến ngày,mã kế thừa\n000.20.31.H53,Thị trấn,30/06/2025,H53.40 (một phần); communes:4"
    )[name]
    after = lists(name, x_csv=as_csv(before.records))[name]
    assert (list(after.records), after.fallen) == (list(before.records), ())


@pytest.mark.parametrize("name", ["provinces", "prefixes", "document-types", "holidays"])
def test_what_comes_with_the_program_is_whole_and_reads_back_as_it_is_written(name: str) -> None:
    come = shipped(name)
    assert come is not None
    assert (come.fallen, come.mended) == ((), 0)
    assert list(lists(name, x_csv=as_csv(come.records))[name].records) == list(come.records)


def test_a_board_sees_the_types_by_which_documents_are_read() -> None:
    come = shipped("document-types")
    assert come is not None
    seen = {}
    for one in come.records:
        if code := one.attributes.get("abbreviation"):
            known = seen[code] = type_called(one.name)
            assert known is TYPES[code.upper()]
            assert all(type_called(word) is known for word in one.attributes.get("words", "").split(";") if word)
            if place := one.attributes.get("type"):
                assert type_on_axis(int(place), int(one.attributes["type_detail"])) is known
    assert sorted(seen) == sorted(one.coded.code for one in TYPES.values())


def test_the_provinces_that_come_with_the_program_were_63_and_are_34() -> None:
    come = shipped("provinces")
    prefixes = shipped("prefixes")
    assert come is not None
    assert prefixes is not None
    before = [one for one in come.records if one.covers(date(2025, 1, 1))]
    assert (len(before), sum(one.covers(TODAY) for one in come.records)) == (63, 34)
    for one in before:
        [now] = come.records.resolve(one.code, on=TODAY, then=date(2025, 1, 1)).present
        [follows] = prefixes.records.resolve(one.attributes["prefix"], on=TODAY).present
        assert now.attributes["prefix"] == follows.code, one.name


@given(st.dictionaries(st.integers(1, 99999).map("{:05}".format), st.text(max_size=30), max_size=8))
def test_any_name_in_any_row_becomes_a_code_or_falls_with_a_reason(names: dict[str, str]) -> None:
    rows = [f'{code},"{name.replace(chr(34), "")}"' for code, name in names.items()]
    body = "\n".join(["mã,tên", "00000,Xã đầu tiên", *rows]).encode("utf-8", "replace")
    found = lists(communes_csv=body)["communes"]
    assert len(found.records) + len(found.fallen) == found.rows
    assert {one.reason for one in found.fallen} <= {"no_name"}


@given(st.binary(max_size=300), st.sampled_from(["csv", "json", "toml"]))
def test_whatever_the_bytes_nothing_but_a_refusal_is_raised(body: bytes, suffix: str) -> None:
    with suppress(CodesRefusedError):
        assert set(lists(**{f"communes_{suffix}": body})) <= set(LISTS)
