"""Two descriptions of a procedure are compared by what they mean, and what differs is named."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import SourceContext
from connectors.parse.differences import SHOWN
from connectors.parse.item import make_item
from connectors.parse.nationalprocedure import read_national, write_national
from connectors.parse.proceduredifferences import FIELDS, procedure_differences
from schemas.item import Kind
from schemas.procedure import (
    Channel,
    Dossier,
    Fee,
    FeeKind,
    LegalBasis,
    Paper,
    Procedure,
    Result,
    Steps,
    TimeLimit,
    TimeUnit,
    Way,
)
from schemas.shapes import Coded
from tests.parse.test_national_procedure import RECORDS

CONTEXT = SourceContext(name="csdl", kind=Kind.PROCEDURE, url="https://truc.example.vn/")
CODE = "1.004194.000.00.00.H52"
FULL = Procedure(
    guid=CODE, code=CODE, title="Thông báo lưu trú", announced_by="H52", decision="1250/QĐ-UBND", procedure_type="1",
    levels=("Cấp xã", "Cấp tỉnh"), sectors=(Coded(code="G01-CT01", name="Cư trú"),),
    steps=(Steps(case="Trực tiếp", steps=("Nộp hồ sơ", "Nhận kết quả")), Steps(steps=("Nộp trên cổng",))),
    ways=(
        Way(channel=Channel.IN_PERSON, time_limits=(
            TimeLimit(value=5, unit=TimeUnit.WORKING_DAY, unit_name="Ngày làm việc",
                      fees=(Fee(kind=FeeKind.FEE, amount=1_500_000, unit="Đồng"), Fee(kind=FeeKind.CHARGE, amount=0)),
                      ),)),
        Way(channel=Channel.ONLINE, time_limits=(TimeLimit(text="Ngay khi nhận đủ hồ sơ"),)),
    ),
    dossiers=(Dossier(case="Người thành niên", papers=(Paper(name="Tờ khai", originals=1, copies=2),)),),
    subjects=(Coded(name="Công dân Việt Nam"),), subjects_text="Cá nhân", executing_text="Công an xã",
    executing_agencies=(Coded(code="H52.10", name="Công an cấp xã"),), competent_text="Công an xã",
    competent_agencies=(Coded(name="Công an cấp huyện"),), delegated_agencies=(Coded(name="Trực ban"),),
    coordinating_agencies=(Coded(name="UBND cấp xã"),), place_of_receipt="Số 1 đường Lê Lợi",
    results=(Result(name="Sổ tiếp nhận"),),
    legal_basis=(LegalBasis(number="68/2020/QH14", title="Luật Cư trú", issued=date(2020, 11, 13), issuer="Quốc hội"),),
    conditions_html="<p>Không quá <b>30</b> ngày</p>", description="Khai báo khách", keywords=("lưu trú", "tạm trú"),
    related=(Coded(code="1.004222", name="Đăng ký thường trú"),), connected=(Coded(code="2.000001", name="Khai sinh"),),
)  # fmt: skip


def read(record: dict[str, Any]) -> Procedure:
    return cast(Procedure, make_item(read_national(record), CONTEXT, base=CONTEXT.url, pointer="1").item)


def fields(ours: Procedure, theirs: Procedure) -> list[str]:
    return [one.field for one in procedure_differences(ours, theirs)]


def test_what_is_written_and_read_again_does_not_differ() -> None:
    assert fields(FULL, read(json.loads(json.dumps(write_national(FULL))))) == []


@settings(max_examples=60, deadline=None)
@given(RECORDS)
def test_whatever_a_record_holds_it_does_not_differ_from_what_is_written_of_it(record: dict[str, Any]) -> None:
    item = read(record)
    assert fields(item, read(write_national(item))) == []


@pytest.mark.parametrize(
    ("national", "said"),
    [
        ("TENTTHC", "  Thông  báo\tlưu trú\n"),
        ("TENTTHC", "Thông báo lưu trú"),  # NFD
        ("YEUCAU", "<div>Không quá\n<i>30</i>&nbsp;ngày</div>"),
        ("YEUCAU", "Không quá 30 ngày"),
        ("MACOQUANCONGBO", "000.00.00.h52"),
        ("TUKHOA", "tạm trú; lưu trú"),
        ("CAPTHUCHIEN", [{"CAPTHUCHIEN": "Cấp tỉnh"}, {"CAPTHUCHIEN": "Cấp xã"}]),
        ("LINHVUCTHUCHIEN", {"TENLINHVUC": "Cư trú"}),
        ("DOITUONGTHUCHIEN", [{"MADOITUONG": "CD", "TENDOITUONG": "Công dân Việt Nam"}]),
        ("ID", 998),
        ("IDQUYETDINHCONGBO", "77"),
        ("LUOTXEM", 15),
        ("TRANGTHAI", None),
    ],
)
def test_another_spelling_of_the_same_is_no_difference(national: str, said: Any) -> None:
    assert fields(FULL, read(write_national(FULL) | {national: said})) == []


@pytest.mark.parametrize("sum_of_money", ["1.500.000", "1500000", "1,500,000", 1500000, "1.500.000 đồng", "1 500 000"])
@pytest.mark.parametrize("unit", ["", "Đồng", "VNĐ", "đồng"])
def test_a_sum_is_one_sum_however_it_is_written(sum_of_money: Any, unit: str) -> None:
    record = json.loads(json.dumps(write_national(FULL)))
    fee = record["CACHTHUCTHUCHIEN"][0]["THOIGIAN"][0]["PHILEPHI"][0]
    fee |= {"SOTIEN": sum_of_money, "DONVI": unit}
    record["CACHTHUCTHUCHIEN"].reverse()
    assert fields(FULL, read(record)) == []


def test_nothing_and_what_pages_put_for_nothing_are_the_same() -> None:
    bare = Procedure(guid=CODE, code=CODE, title="Thông báo lưu trú", announced_by="H52")
    record = {"MATTHC": CODE, "TENTTHC": bare.title, "MACOQUANCONGBO": "H52", "MOTA": "Không có thông tin",
              "KETQUATHUCHIEN": [{"TENKETQUA": ""}], "DOITUONGTHUCHIEN": None, "CANCUPHAPLY": {}}  # fmt: skip
    assert fields(bare, read(record)) == []


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the full procedure."""

    field: str
    values: dict[str, Any]


WAY, LIMIT = FULL.ways[0], FULL.ways[0].time_limits[0]


def _way(**limit: Any) -> dict[str, Any]:
    changed = WAY.model_copy(update={"time_limits": (LIMIT.model_copy(update=limit),)})
    return {"ways": (changed, *FULL.ways[1:])}


CHANGES = [
    Change("announced_by", {"announced_by": "G01"}),
    Change("decision", {"decision": "9/QĐ-UBND"}),
    Change("title", {"title": "Khai báo tạm vắng"}),
    Change("levels", {"levels": ("Cấp xã",)}),
    Change("procedure_type", {"procedure_type": "2"}),
    Change("sectors", {"sectors": (Coded(code="G01-CT02", name="Cư trú"),)}),
    Change("sectors", {"sectors": (Coded(code="G01-CT01", name="Hộ tịch"),)}),
    Change("steps", {"steps": (FULL.steps[1], FULL.steps[0])}),
    Change("steps", {"steps": FULL.steps[:1]}),
    Change("ways", _way(value=7)),
    Change("ways", _way(unit=TimeUnit.DAY, unit_name="Ngày")),
    Change("ways", _way(description="Kể từ ngày nhận đủ hồ sơ")),
    Change("ways.fees", _way(fees=(Fee(kind=FeeKind.FEE, amount=1_500_001, unit="Đồng"), LIMIT.fees[1]))),
    Change("ways.fees", _way(fees=LIMIT.fees[:1])),
    Change("ways.fees", _way(fees=(Fee(kind=FeeKind.CHARGE, amount=1_500_000, unit="Đồng"), LIMIT.fees[1]))),
    Change("dossiers", {"dossiers": (Dossier(case="Người thành niên", papers=(Paper(name="Tờ khai", originals=1),)),)}),
    Change("subjects", {"subjects": ()}),
    Change("subjects_text", {"subjects_text": "Tổ chức"}),
    Change("executing_agencies", {"executing_agencies": (Coded(code="H52.11", name="Công an cấp xã"),)}),
    Change("executing_text", {"executing_text": ""}),
    Change("competent_agencies", {"competent_agencies": ()}),
    Change("competent_text", {"competent_text": "Bộ Công an"}),
    Change("place_of_receipt", {"place_of_receipt": "Số 2 đường Lê Lợi"}),
    Change("delegated_agencies", {"delegated_agencies": (Coded(name="Công an"),)}),
    Change("coordinating_agencies", {"coordinating_agencies": (*FULL.coordinating_agencies, Coded(name="Sở Tư pháp"))}),
    Change("results", {"results": (Result(name="Giấy xác nhận"),)}),
    Change("legal_basis", {"legal_basis": (FULL.legal_basis[0].model_copy(update={"issued": date(2020, 11, 14)}),)}),
    Change("conditions_html", {"conditions_html": "<p>Không quá <b>31</b> ngày</p>"}),
    Change("description", {"description": "Khác"}),
    Change("keywords", {"keywords": ("lưu trú",)}),
    Change("related", {"related": ()}),
    Change("connected", {"connected": (Coded(code="2.000002", name="Khai sinh"),)}),
]


def test_the_changes_of_this_test_touch_every_field_that_is_compared() -> None:
    assert {change.field for change in CHANGES} == FIELDS


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=4, unique_by=lambda change: change.field.split(".")[0]))
def test_exactly_the_fields_that_changed_are_named(changes: list[Change]) -> None:
    changed = FULL.model_copy(update={name: value for change in changes for name, value in change.values.items()})
    theirs = read(write_national(changed))
    found = procedure_differences(FULL, theirs)
    assert {one.field for one in found} == {change.field for change in changes}
    assert {one.field for one in found if one.conflict} <= {"announced_by"}
    assert all(max(len(one.ours), len(one.theirs)) <= SHOWN and (one.ours or one.theirs) for one in found)
    assert {one.field for one in procedure_differences(theirs, FULL)} == {one.field for one in found}


def test_differences_show_what_only_one_side_has_in_words() -> None:
    changed = FULL.model_copy(update=CHANGES[12].values | {"levels": ("Cấp xã", "Cấp huyện")})
    levels, fees = procedure_differences(FULL, changed)
    assert (levels.ours, levels.theirs) == ("Cấp thực hiện: Cấp tỉnh", "Cấp thực hiện: Cấp huyện")
    assert fees.ours == "Phí, lệ phí: Trực tiếp Phí 1.500.000 đồng"
    assert fees.theirs == "Phí, lệ phí: Trực tiếp Phí 1.500.001 đồng"


def test_where_we_name_no_agency_the_base_does() -> None:
    ours = FULL.model_copy(update={"announced_by": ""})
    assert procedure_differences(ours, FULL) == ()
    (one,) = procedure_differences(FULL, ours)
    assert (one.field, one.conflict) == ("announced_by", False)


def test_what_the_base_keeps_for_itself_is_not_compared() -> None:
    other = FULL.model_copy(update={"keywords": (), "title": "Khác"})
    assert [one.field for one in procedure_differences(FULL, other, ignore=["keywords"])] == ["title"]


def test_long_lists_are_compared_in_a_moment() -> None:
    papers = tuple(Paper(name=f"Giấy {number}") for number in range(500))
    ours = FULL.model_copy(update={"dossiers": tuple(Dossier(case=str(case), papers=papers) for case in range(40))})
    theirs = ours.model_copy(update={"dossiers": tuple(reversed(ours.dossiers[1:]))})
    (one,) = procedure_differences(ours, theirs)
    assert one.field == "dossiers"
    assert (len(one.ours) <= SHOWN, one.theirs) == (True, "")
