"""The published shapes of administrative units, and how a conversion table joins two lists that disagree."""

import json
from datetime import date
from typing import Any

from hub.codes.reading import ReadList, read
from hub.codes.rows import CodeFile
from hub.rules.codes import Outcome, Successor
from hub.rules.places import Asked, Places

TODAY = date(2026, 11, 22)
OLD = """Tỉnh Thành Phố,Mã TP,Quận Huyện,Mã QH,Phường Xã,Mã PX,Cấp,Tên Tiếng Anh
Thành phố Mẫu,01,Quận Một,001,Phường Trúc,00001,Phường,
Thành phố Mẫu,01,Quận Một,001,Phường Ngọc,00004,Phường,
Thành phố Mẫu,01,Quận Một,001,Phường 14,00035,Phường,
Thành phố Mẫu,01,Quận Một,001,Xã Hoằng Đông,00041,Xã,
Thành phố Mẫu,01,Quận Một,001,Xã Hoằng Đồng,00042,Xã,
Thành phố Mẫu,01,Quận Một,001,Xã Bị Quên,00050,Xã,
Tỉnh Biển,02,Huyện Đảo,318,,,Huyện,
"""
NEW: list[dict[str, Any]] = [
    {
        "Code": "01", "FullName": "Thành phố Mẫu", "FullNameEn": "Mau City",
        "Wards": [
            {"Code": "00004", "FullName": "Phường Một", "ProvinceCode": "01"},
            {"Code": "00042", "FullName": "Xã Hoằng Mới", "ProvinceCode": "01"},
            {"Code": "06978", "FullName": "Xã Ba Chẽ", "ProvinceCode": "01"},
            {"Code": "11948", "FullName": "Đặc khu Đảo", "ProvinceCode": "01"},
        ],
    }
]  # fmt: skip
TABLE = """Đơn vị hành chính từ ngày 01/7/2025,,,Đơn vị hành chính trước ngày 01/7/2025,,,,
"Tỉnh, thành phố",Tên Xã mới,Mã Xã mới,Tên Xã cũ,Mã Xã cũ,Ghi chú,Quận/huyện,Tỉnh cũ
THÀNH PHỐ MẪU  ,,,,,,,
Thành phố Mẫu (01),Phường Một,00004,Phường Trúc,00001,Nhập toàn bộ,Quận Một (001),Thành phố Mẫu (01)
Thành phố Mẫu (01),Phường Một,00004,Phường Ngọc,00004,Nhập một  phần,Quận Một (001),Thành phố Mẫu (01)
Thành phố Mẫu (01),Xã Hoằng Mới,00042,Phường Ngọc,00004,Nhập một phần diện tích,Quận Một (001),Thành phố Mẫu (01)
Thành phố Mẫu (01),Phường Một,00004,Phường 14,00029,Nhập toàn bộ,Quận Một (001),Thành phố Mẫu (01)
Thành phố Mẫu (01),Xã Hoằng Mới,00042,Xã Hoằng Đông,00041,Nhập toàn bộ,Quận Một (001),Thành phố Mẫu (01)
Thành phố Mẫu (01),Xã Ba Chẽ,06970,Xã Hoằng Đồng,00042,Nhập toàn bộ,Quận Một (001),Thành phố Mẫu (01)
Thành phố Mẫu (01),"Đặc khu Đảo
",11948,,,Sắp xếp toàn bộ huyện Đảo thành đặc khu Đảo,Huyện Đảo (318),Tỉnh Biển (02)
Thành phố Mẫu (01),Phường Một,00004,Khu vực bãi bồi,,Nhập toàn bộ,Quận Một (001),Thành phố Mẫu (01)
Thành phố Mẫu (01),Phường Một,00004,Xã Lạ,00099,Nhập toàn bộ,Quận Một (001),Thành phố Mẫu (01)
Thành phố Mẫu (01),Phường Một,,Xã Hỏng,00098,Nhập toàn bộ,Quận Một (001),Thành phố Mẫu (01)
"""


def loaded(**files: str) -> dict[str, ReadList]:
    return {
        one.name: one for one in read([CodeFile(name=n.replace("_", "."), body=b.encode()) for n, b in files.items()])
    }


def everything() -> dict[str, ReadList]:
    return loaded(old_csv=OLD, new_json=json.dumps(NEW), table_csv=TABLE)


def test_every_row_of_the_three_files_is_counted_and_the_bad_one_named() -> None:
    found = everything()
    fallen = [(one.file, one.row, one.reason) for one in found["communes"].fallen]
    assert fallen == [("table.csv", 14, "no_code")]
    assert {name: len(one.records) for name, one in found.items()} == {"communes": 11, "districts": 2, "provinces": 3}
    assert sum(one.covers(TODAY) for one in found["communes"].records) == 4


def test_an_old_commune_leads_to_what_it_became_in_whole_or_in_part() -> None:
    records = everything()["communes"].records
    [village] = records.records("00001")
    assert (village.valid_until, village.successors) == (date(2025, 6, 30), (Successor(code="00004"),))
    shared = records.records("00004")[0]
    assert shared.successors == (Successor(code="00004", part=True), Successor(code="00042", part=True))
    assert records.resolve("00004", on=TODAY, then=date(2025, 1, 1)).outcome is Outcome.SPLIT
    assert records.resolve("00004", on=TODAY, then=TODAY).present[0].name == "Phường Một"


def test_two_publications_with_other_codes_for_one_unit_are_joined_by_its_name() -> None:
    records = everything()["communes"].records
    assert [one.code for one in records.resolve("00035", on=TODAY).present] == ["00004"]
    assert records.records("00029") == (), "the table's own code for it"
    assert [one.code for one in records.resolve("00042", on=TODAY, then=date(2025, 1, 1)).present] == ["06978"]
    assert records.records("06970") == ()


def test_a_commune_that_only_the_table_knows_is_kept_and_one_that_it_forgot_is_closed() -> None:
    records = everything()["communes"].records
    assert [one.code for one in records.resolve("00099", on=TODAY).present] == ["00004"]
    assert records.resolve("00050", on=TODAY).outcome is Outcome.CLOSED


def test_an_island_without_communes_and_a_province_have_successors_too() -> None:
    found = everything()
    places = Places(*(found[name].records for name in ("provinces", "districts", "communes")))
    assert [one.name for one in places.district(Asked(text="Huyện Đảo"), on=TODAY).present] == ["Đặc khu Đảo"]
    assert [one.name for one in places.province(Asked(text="Tỉnh Biển"), on=TODAY).present] == ["Thành phố Mẫu"]


def test_a_row_of_the_table_under_a_wrong_province_moves_no_province() -> None:
    head, columns = OLD.splitlines()[0], "\n".join(TABLE.splitlines()[:2])
    old = f"{head}\nTỉnh Long,80,Thành phố Tân,794,Phường 4,27691,Phường,\nTỉnh Tiền,82,Huyện Gò,815,Xã Gò,28001,Xã,\n"
    table = (
        f"{columns}\nTỉnh Tây (80),Phường Long,27694,Phường 4,27691,Nhập toàn bộ,Thành phố Tân (794),Tỉnh Tiền (82)\n"
        "Tỉnh Đồng (82),Xã Gò Mới,28002,Xã Gò,28001,Nhập toàn bộ,Huyện Gò (815),Tỉnh Tiền (82)\n"
    )
    provinces = loaded(old_csv=old, table_csv=table)["provinces"].records
    became = {one.name: [s.code for s in one.successors] for one in provinces if one.valid_until}
    assert became == {"Tỉnh Long": ["80"], "Tỉnh Tiền": ["82"]}


def test_a_list_alone_is_read_too() -> None:
    alone = loaded(table_csv=TABLE)
    assert len([one for one in alone["communes"].records if one.covers(TODAY)]) == 4
    assert set(loaded(old_csv=OLD)) == set(loaded(new_json=json.dumps(NEW))) | {"districts"}
