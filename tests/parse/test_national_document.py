"""Documents in the form of the legal database: read as bases write them, written back, and compared by meaning."""

import json
from datetime import date
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import SourceContext
from connectors.parse.documentdifferences import FIELDS, document_differences
from connectors.parse.documentkey import number_in_key, written_key
from connectors.parse.item import make_item
from connectors.parse.nationaldocument import identity, national_names, read_document, write_document
from schemas.document import Document, Relation, Signer, Validity
from schemas.item import Kind
from schemas.shapes import Coded

CONTEXT = SourceContext(name="csdl", kind=Kind.DOCUMENT, url="https://vbpl.example.vn/")
FULL = Document(
    guid="15/2024/QĐ-UBND", language="vi", title="Quy định mức thu học phí", number="15/2024/QĐ-UBND",
    document_type=Coded(code="QĐ", name="Quyết định"), issuer=Coded(code="H52", name="Ủy ban nhân dân tỉnh Mẫu"),
    signer=Signer(name="Lê Văn Mẫu", position="Chủ tịch", competence="TM."),
    further_signers=(Signer(name="Trần Thị Thử"),), issued=date(2024, 11, 20), effective=date(2024, 12, 1),
    expired=date(2026, 1, 1), partly_expired=date(2025, 6, 1), validity=Validity.PARTLY_EXPIRED,
    validity_reason="Được thay thế", sectors=(Coded(code="GD", name="Giáo dục"),), abstract="Về mức thu học phí 2024",
    scope="Toàn tỉnh", gazette="Công báo số 12", gazette_date=date(2024, 12, 5),
    relations=(Relation(kind="replaces", number="2/2020/QĐ-UBND", issued=date(2020, 1, 7), title="Mức thu cũ"),),
    procedures=("1.004194.000.00.00.H52",),
)  # fmt: skip


def read(record: dict[str, Any]) -> Document:
    return cast(Document, make_item(read_document(record), CONTEXT, base=CONTEXT.url, pointer="1").item)


def fields(ours: Document, theirs: Document) -> list[str]:
    return [one.field for one in document_differences(ours, theirs)]


def test_a_document_is_written_and_read_as_the_same() -> None:
    assert read(json.loads(json.dumps(write_document(FULL)))) == FULL


def test_a_record_of_the_base_is_read_in_its_shapes() -> None:
    item = read({
        "ItemID": 17, "vbpqSOKYHIEU": " 15/2024/QÐ-UBND ", "VBPQTrichYeu": "Quy định mức thu học phí",
        "VBPQLoaivanban": {"LookupId": 4, "LookupValue": "Quyết định"}, "VBPQCoquanbanhanh": "12;#UBND tỉnh Mẫu",
        "VBPQNguoiKy": "3;#Lê Văn Mẫu;#4;#Trần Thị Thử", "VBPQChucDanh": "1;#Chủ tịch",
        "VBPQNgayBanHanh": "2024-11-20T00:00:00", "VBPQNgayHetHieuLuc": "0001-01-01T00:00:00",
        "VBPQTinhTrangHieuLuc": {"LookupValue": "Còn hiệu lực"}, "VBPQLinhVuc": json.dumps(["1;#Giáo dục", "Y tế"]),
        "txtLienKetTTHC": "1.004194;1.004222",
    })  # fmt: skip
    assert (item.number, item.issued, item.expired) == ("15/2024/QĐ-UBND", date(2024, 11, 20), None)
    assert (item.issuer.name, item.document_type.code) == ("UBND tỉnh Mẫu", "QĐ")
    assert [(one.name, one.position) for one in (item.signer, *item.further_signers)] == [
        ("Lê Văn Mẫu", "Chủ tịch"), ("Trần Thị Thử", ""),
    ]  # fmt: skip
    assert [one.name for one in item.sectors] == ["Giáo dục", "Y tế"]
    assert item.validity is Validity.IN_FORCE
    assert item.procedures == ("1.004194", "1.004222")


def test_a_place_in_a_list_is_no_code() -> None:
    item = read(write_document(FULL) | {"VBPQLinhVuc": [{"LookupId": 9, "LookupValue": "Giáo dục"}]})
    assert item.sectors == (Coded(name="Giáo dục"),)
    assert fields(FULL, item) == []


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.sampled_from(["1;#", ";#", "[", "{}", "0001"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["LookupValue", "Url", "x"]), inner),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from([*write_document(FULL), "VBPQPhanHetHieuLuc", "VBPQNganh"]), JUNK))
def test_whatever_a_record_holds_it_is_read_and_does_not_differ_from_what_is_written_of_it(
    record: dict[str, Any],
) -> None:
    item = read(record | {"Title": "Quy định"})
    again = read(write_document(item))
    assert fields(item, again) == []


# ------------------------------------------------------------------------------------------------- the key


@pytest.mark.parametrize(
    "change",
    [
        {"number": "15/2024/QD-UBND"},
        {"issuer": Coded(name="UBND tỉnh Mẫu")},
        {"issuer": Coded(name="ỦY BAN NHÂN DÂN  TỈNH MẪU", code="000.00.00.H52")},
        {"title": "Khác"},
    ],
)
def test_the_key_is_one_text_for_what_is_written_alike(change: dict[str, Any]) -> None:
    key = written_key(FULL)
    assert key == "15/2024/QĐ-UBND ngày 20/11/2024 – uy ban nhan dan tinh mau"
    assert number_in_key(key) == "15/2024/QĐ-UBND"
    assert written_key(FULL.model_copy(update=change)) == key


@pytest.mark.parametrize("missing", [{"number": ""}, {"issuer": Coded()}, {"issued": None}])
def test_without_issuer_number_and_day_there_is_no_key(missing: dict[str, Any]) -> None:
    assert written_key(FULL.model_copy(update=missing)) == ""


def test_a_joint_document_has_the_same_key_whichever_number_comes_first() -> None:
    one = FULL.model_copy(update={"number": "9/TTLT-BCA", "further_numbers": ("12/TTLT-BTP",)})
    other = FULL.model_copy(update={"number": "12/TTLT-BTP", "further_numbers": ("9/TTLT-BCA",)})
    assert written_key(one) == written_key(other)
    assert read(write_document(one)).further_numbers == ("12/TTLT-BTP",)
    assert set(identity(one)) == {"VBPQSokyhieu", "VBPQCoquanbanhanh", "VBPQNgayBanHanh"}


# ------------------------------------------------------------------------------------------------- differences


CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("number", {"number": "16/2024/QĐ-UBND"}),
    ("issuer", {"issuer": Coded(name="Sở Giáo dục")}),
    ("issued", {"issued": date(2024, 11, 21)}),
    ("abstract", {"abstract": "Về mức thu khác"}),
    ("document_type", {"document_type": Coded(code="CT", name="Chỉ thị")}),
    ("signer", {"signer": Signer(name="Lê Văn Mẫu", position="Phó Chủ tịch", competence="KT.")}),
    ("effective", {"effective": None}),
    ("expired", {"expired": date(2027, 1, 1)}),
    ("partly_expired", {"partly_expired": None}),
    ("validity", {"validity": Validity.EXPIRED}),
    ("validity_reason", {"validity_reason": ""}),
    ("sectors", {"sectors": ()}),
    ("scope", {"scope": "Thành phố"}),
    ("gazette", {"gazette": "Công báo số 13"}),
    ("gazette_date", {"gazette_date": date(2024, 12, 6)}),
    ("relations", {"relations": ()}),
    ("procedures", {"procedures": ("1.004222.000.00.00.H52",)}),
]


def test_the_changes_of_this_test_touch_every_field_that_is_compared() -> None:
    assert {field for field, _ in CHANGES} == FIELDS


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=4, unique_by=lambda change: change[0]))
def test_exactly_the_fields_that_changed_are_named(changes: list[tuple[str, dict[str, Any]]]) -> None:
    changed = FULL.model_copy(update={name: value for _, values in changes for name, value in values.items()})
    found = document_differences(FULL, read(write_document(changed)))
    assert {one.field for one in found} == {field for field, _ in changes}
    assert not any(one.conflict for one in found)


def test_differences_are_in_words() -> None:
    (one,) = document_differences(FULL, FULL.model_copy(update={"validity": Validity.EXPIRED}))
    assert one.ours == "Tình trạng hiệu lực: Hết hiệu lực một phần"
    assert one.theirs == "Tình trạng hiệu lực: Hết hiệu lực toàn bộ"


def test_the_title_is_the_abstract_where_there_is_no_other() -> None:
    bare = FULL.model_copy(update={"abstract": "", "title": "Về mức thu học phí 2024"})
    assert fields(bare, FULL) == []


def test_fields_that_a_base_keeps_for_itself_have_names_there() -> None:
    assert national_names(["gazette", "signer"]) == {"VBPQNguontrich", "VBPQNguoiKy", "VBPQChucDanh"}
