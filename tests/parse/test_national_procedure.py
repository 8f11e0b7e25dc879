"""The record of the national base: read as systems write it, and back without loss."""

import json
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Normalised, SourceContext
from connectors.parse.item import make_item
from connectors.parse.nationalprocedure import read_national, write_national
from schemas.item import Kind
from schemas.procedure import Channel, FeeKind, Procedure, Status, TimeUnit

CONTEXT = SourceContext(name="dvcqg", kind=Kind.PROCEDURE, url="https://truc.example.vn/")

RECORD: dict[str, Any] = {
    "ID": 71234,
    "MATTHC": "1.004194.000.00.00.H52",
    "TENTTHC": "Thông báo lưu trú",
    "MACOQUANCONGBO": "H52",
    "LOAITTHC": 1,
    "TRANGTHAI": 1,
    "QUYETDINH": "1250/QĐ-UBND",
    "TUKHOA": "lưu trú; tạm trú, khai báo",
    "YEUCAU": "<p>Không quá <b>30</b> ngày</p><script>alert(1)</script>",
    "CAPTHUCHIEN": {"CAPTHUCHIEN": "Cấp xã"},
    "LINHVUCTHUCHIEN": [{"MALINHVUC": "G01-CT01", "TENLINHVUC": "Cư trú"}],
    "TRINHTUTHUCHIEN": [{"TRUONGHOP": "", "TRINHTU": [{"TENTRINHTU": "Bước 1: Nộp hồ sơ.\nBước 2: Nhận kết quả."}]}],
    "CACHTHUCTHUCHIEN": [
        {
            "KENH": 2,
            "THOIGIAN": {
                "THOIGIANGIAIQUYET": 15,
                "DONVITINH": "Ngày làm việc",
                "MOTA": "Kể từ ngày nhận đủ hồ sơ",
                "PHILEPHI": [
                    {"MAPHILEPHI": "1'", "SOTIEN": "1.500.000", "DONVI": "Đồng", "MOTA": "Mỗi hồ sơ", "URL": None},
                    {"MAPHILEPHI": "2'", "SOTIEN": "Không", "DONVI": "Đồng"},
                    {"MAPHILEPHI": "2", "SOTIEN": "05", "DONVI": "USD"},
                ],
            },
        }
    ],
    "THANHPHANHOSO": [
        {
            "TRUONGHOP": "Người chưa thành niên",
            "GIAYTO": {"MAGIAYTO": "GT1", "TENGIAYTO": "Tờ khai", "SOBANCHINH": "01", "SOBANSAO": "02 bộ",
                       "TENMAUDON": "CT01.doc", "URL": "https://csdl.example.vn/CT01.doc"},
        }
    ],
    "KETQUATHUCHIEN": None,
    "CANCUPHAPLY": [
        {"SOVANBAN": "68/2020/QH14", "TENVANBAN": "Luật Cư trú", "NGAYBANHANH": "13/11/2020",
         "NGAYHIEULUC": "0001-01-01T00:00:00", "COQUANBANHANH": "Quốc hội"},
    ],
    "COQUANTHUCHIEN": json.dumps([{"MADONVI": "H52.10", "TENDONVI": "Công an cấp xã"}]),
    "TTHCLIENQUAN": "Đăng ký tạm trú",
}  # fmt: skip


def made(record: dict[str, Any]) -> Normalised:
    return make_item(read_national(record), CONTEXT, base=CONTEXT.url, pointer="record 1")


def item_of(record: dict[str, Any]) -> Procedure:
    return cast(Procedure, made(record).item)


def test_a_record_becomes_a_typed_procedure() -> None:
    item = item_of(RECORD)
    assert (item.guid, item.title) == ("1.004194.000.00.00.H52", "Thông báo lưu trú")
    assert (item.national_code, item.agency_suffix) == ("1.004194", "000.00.00.H52")
    assert (item.status, item.source_status, item.national_id, item.procedure_type) == (
        Status.IN_FORCE, "1", "71234", "1",
    )  # fmt: skip
    assert item.levels == ("Cấp xã",)
    assert item.sectors[0].code == "G01-CT01"
    assert item.tags == ("Cư trú",)
    assert item.keywords == ("lưu trú", "tạm trú", "khai báo")
    assert item.conditions_html == "<p>Không quá <b>30</b> ngày</p>"
    assert item.steps[0].steps == ("Bước 1: Nộp hồ sơ.\nBước 2: Nhận kết quả.",)
    assert item.executing_agencies[0].name == "Công an cấp xã"
    assert item.related[0].name == "Đăng ký tạm trú"
    assert item.results == ()


def test_ways_carry_their_time_limits_and_fees() -> None:
    (way,) = item_of(RECORD).ways
    assert way.channel is Channel.ONLINE
    (limit,) = way.time_limits
    assert (limit.value, limit.unit, limit.unit_name) == (15, TimeUnit.WORKING_DAY, "Ngày làm việc")
    assert [(fee.kind, fee.amount, fee.text) for fee in limit.fees] == [
        (FeeKind.FEE, 1_500_000, ""),
        (FeeKind.CHARGE, 0, "Không"),
        (FeeKind.CHARGE, None, "05"),
    ]


@pytest.mark.parametrize("stated", [0, "0", "Miễn phí"])
def test_a_sum_of_nothing_beside_words_that_name_one_is_no_sum(stated: Any) -> None:
    fee = {"SOTIEN": stated, "DONVI": "Đồng", "MOTA": "135.000 đồng/lần"}
    way = {"KENH": 1, "THOIGIAN": [{"PHILEPHI": [fee]}]}
    item = item_of({**RECORD, "CACHTHUCTHUCHIEN": [way]})
    (paid,) = item.ways[0].time_limits[0].fees
    assert (paid.amount, paid.text, paid.description) == (None, "Miễn phí" if stated == "Miễn phí" else "", fee["MOTA"])
    assert item_of(write_national(item)).ways == item.ways


def test_papers_and_documents_keep_what_is_no_number_and_no_day() -> None:
    item = item_of(RECORD)
    (paper,) = item.dossiers[0].papers
    assert (paper.originals, paper.originals_text, paper.copies, paper.copies_text) == (1, "", None, "02 bộ")
    (basis,) = item.legal_basis
    assert (str(basis.issued), basis.effective) == ("2020-11-13", None)
    assert "date_refused" not in made(RECORD).remarks


@pytest.mark.parametrize("status", [0, "0", 2, "3", -1, "Hết hiệu lực"])
def test_any_status_but_1_means_withdrawn(status: object) -> None:
    assert item_of(RECORD | {"TRANGTHAI": status}).status is Status.WITHDRAWN


@pytest.mark.parametrize("status", [None, "", "  "])
def test_no_status_says_nothing(status: object) -> None:
    assert item_of(RECORD | {"TRANGTHAI": status}).status is None


def test_names_are_known_in_any_case_and_under_their_misspellings() -> None:
    item = item_of({"maTTHC": "2.000622", "TenTTHC": "Cấp bản sao", "YEUCAUDIEUKIEN": "Không", "KETQUA": ["Bản sao"],
                    "CACHTHUCHIEN": {"KENH": "Trực tiếp"}})  # fmt: skip
    assert (item.code, item.conditions_html, item.results[0].name) == ("2.000622", "Không", "Bản sao")
    assert item.ways[0].channel is Channel.IN_PERSON


def test_names_of_the_settings_lead_to_names_of_the_service() -> None:
    entry = read_national({"Ma": "1.000001", "Ten": "Thử"}, {"Ma": "MATTHC", "Ten": "TENTTHC"})
    assert entry["id"] == "1.000001"
    assert entry["title"].value == "Thử"


def test_fields_that_nobody_knows_are_remarked() -> None:
    assert "fields_unknown" in made(RECORD | {"MUCDO": 4}).remarks
    assert "fields_unknown" not in made(RECORD).remarks


def test_a_record_is_written_back_and_read_as_the_same_item() -> None:
    item = item_of(RECORD)
    written = write_national(item)
    assert item_of(written) == item
    assert item_of(json.loads(json.dumps(written))) == item
    assert write_national(item_of(written)) == written


TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "Không", "Không có thông tin", "1.500.000", "<p>a</p>b", "a<b", "&lt;", "1'", "02", "[]",
                     "{", "Đ\n\nx", "3 Ngày", "x, y;z", "&#44;", "https://a.vn/b c", "/tep", "0001-01-01"]),
)  # fmt: skip
SCALARS = st.one_of(TEXTS, st.none(), st.integers(-5, 10**9), st.floats(allow_nan=False), st.booleans())
KEYS = ["MATTHC", "TENTTHC", "TRANGTHAI", "TUKHOA", "YEUCAU", "MOTA", "ID", "QUYETDINH", "DIACHITIEPNHAN"]


def rows(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A list of rows, or one row, or null, or a text, or JSON in a string."""
    row = st.fixed_dictionaries({}, optional=keys)
    many = st.lists(row, max_size=2)
    return st.one_of(many, row, st.none(), TEXTS, many.map(json.dumps))


def scalars(*names: str) -> dict[str, st.SearchStrategy[Any]]:
    return dict.fromkeys(names, SCALARS)


FEES = rows(**scalars("MAPHILEPHI", "SOTIEN", "DONVI", "MOTA", "URL"))
LIMITS = rows(**scalars("THOIGIANGIAIQUYET", "DONVITINH", "MOTA"), PHILEPHI=FEES)
PAPERS = rows(**scalars("MAGIAYTO", "TENGIAYTO", "SOBANCHINH", "SOBANSAO", "TENMAUDON", "URL", "MAKETQUATHAYTHE"))
RECORDS = st.fixed_dictionaries(
    {"TENTTHC": TEXTS.map(lambda text: f"Thủ tục {text}")},
    optional=scalars(*(key for key in KEYS if key != "TENTTHC"))
    | {
        "CAPTHUCHIEN": rows(CAPTHUCHIEN=SCALARS),
        "LINHVUCTHUCHIEN": rows(**scalars("MALINHVUC", "TENLINHVUC")),
        "TRINHTUTHUCHIEN": rows(TRUONGHOP=SCALARS, TRINHTU=rows(TENTRINHTU=SCALARS)),
        "CACHTHUCTHUCHIEN": rows(KENH=SCALARS, THOIGIAN=LIMITS),
        "THANHPHANHOSO": rows(TRUONGHOP=SCALARS, GIAYTO=PAPERS),
        "KETQUATHUCHIEN": rows(**scalars("MAKETQUA", "TENKETQUA", "TENTEP", "URL")),
        "CANCUPHAPLY": rows(
            **scalars("SOVANBAN", "TENVANBAN", "DIACHITRUYCAP", "NGAYBANHANH", "NGAYHIEULUC", "COQUANBANHANH")
        ),
        "COQUANTHUCHIEN": rows(**scalars("MADONVI", "TENDONVI")),
        "TTHCLIENTHONG": rows(**scalars("MATTHC", "TENTTHC")),
    },
)


@settings(max_examples=150, deadline=None)
@given(RECORDS)
def test_whatever_a_record_holds_the_round_trip_loses_nothing(record: dict[str, Any]) -> None:
    first = item_of(record)
    second = item_of(write_national(first))
    assert second.model_dump(exclude={"guid"}) == first.model_dump(exclude={"guid"})
