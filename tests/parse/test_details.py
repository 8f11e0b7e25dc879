"""Details of an entry: in words or as values, brought to typed fields, and never a reason to lose an item."""

import json
from datetime import date
from time import process_time
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Normalised, SourceContext
from connectors.parse.details import DETAILS, details_of, prose
from connectors.parse.entry import Text
from connectors.parse.item import make_item
from schemas.base import ItemBase, Kind
from schemas.item import ITEM_TYPES
from schemas.json_schema import FOLDER
from schemas.procedure import ENTRIES_LIMIT, Channel, FeeKind, Procedure, Status, TimeUnit
from schemas.shapes import LINE_LIMIT

BASE = "https://tthc.tinhmau.gov.vn/danh-muc/"


def made(details: dict[str, Any], kind: Kind = Kind.PROCEDURE) -> Normalised:
    context = SourceContext(name="tthc", kind=kind, url=BASE)
    return make_item({"id": "1", "title": Text("Thủ tục"), "details": details}, context, base=BASE, pointer="item 1")


def procedure(details: dict[str, Any]) -> Procedure:
    return cast(Procedure, made(details).item)


def test_words_of_a_table_become_a_way_with_its_limit_and_fees() -> None:
    item = procedure(
        {
            "code": "1.004194", "levels": "Cấp tỉnh, Cấp xã", "time_limit": "07 Ngày làm việc",
            "fee": "Phí: 150.000 Đồng (mỗi hồ sơ)\nLệ phí: Không", "channel": ["Trực tiếp", "Trực tuyến"],
            "subjects": "Tổ chức (không bao gồm doanh nghiệp, HTX), Cán bộ, công chức, viên chức, Doanh nghiệp",
            "papers": ["Đơn đề nghị", "Bản sao giấy phép"], "status": "Còn hiệu lực", "keywords": "cư trú; lưu trú",
        }
    )  # fmt: skip
    assert item.levels == ("Cấp tỉnh", "Cấp xã")
    assert [way.channel for way in item.ways] == [Channel.IN_PERSON, Channel.ONLINE]
    (limit,) = item.ways[0].time_limits
    assert (limit.value, limit.unit) == (7, TimeUnit.WORKING_DAY)
    assert [(fee.kind, fee.amount, fee.text, fee.description) for fee in limit.fees] == [
        (FeeKind.FEE, 150_000, "", "mỗi hồ sơ"), (FeeKind.CHARGE, 0, "Không", ""),
    ]  # fmt: skip
    assert [one.name for one in item.subjects] == [
        "Tổ chức (không bao gồm doanh nghiệp, HTX)", "Cán bộ, công chức, viên chức", "Doanh nghiệp",
    ]  # fmt: skip
    assert [paper.name for paper in item.dossiers[0].papers] == ["Đơn đề nghị", "Bản sao giấy phép"]
    assert (item.status, item.source_status) == (Status.IN_FORCE, "Còn hiệu lực")
    assert item.keywords == ("cư trú", "lưu trú")


def test_payments_run_together_are_told_apart() -> None:
    fee = "Phí: 150.000 ĐồngXem chi tiết Lệ phí: 500.000 ĐồngXem chi tiết"
    limits = procedure({"fee": fee, "time_limit": "Không quy định"}).ways[0].time_limits
    assert [(fee.kind, fee.amount) for fee in limits[0].fees] == [(FeeKind.FEE, 150_000), (FeeKind.CHARGE, 500_000)]
    assert limits[0].text == "Không quy định"


@pytest.mark.parametrize(
    ("fee", "amounts"),
    [
        ("Phí: 150.000 đồng; Lệ phí: 10.000 đồng", [150_000, 10_000]),
        ("Phí: 150.000 đồng, lệ phí: 10.000 đồng", [150_000, 10_000]),
        ("Phí: 150.000 đồng (mỗi hồ sơ; phí: theo Thông tư)", [150_000]),
        ("Phí: 150.000 đồng (mỗi hồ sơ)\nLệ phí: Không", [150_000, 0]),
    ],
)
def test_several_payments_may_stand_on_one_line(fee: str, amounts: list[int]) -> None:
    assert [one.amount for one in procedure({"fee": fee}).ways[0].time_limits[0].fees] == amounts


def test_a_payment_in_another_currency_stays_a_text() -> None:
    (fee,) = procedure({"fee": "Lệ phí: 03 USD"}).ways[0].time_limits[0].fees
    assert (fee.amount, fee.text) == (None, "03 USD")


def test_copies_and_originals_are_counted_from_words() -> None:
    papers = [{"name": "Đơn", "quantity": "Bản chính: 1 - Bản sao: 0"}, {"name": "Giấy", "quantity": "1 bản chính"},
              {"name": "Thẻ", "quantity": "theo yêu cầu"}]  # fmt: skip
    kept = procedure({"dossiers": [{"papers": papers}]}).dossiers[0].papers
    assert [(one.originals, one.copies, one.originals_text) for one in kept] == [
        (1, 0, ""), (1, None, ""), (None, None, "theo yêu cầu"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "originals", "copies"),
    [
        ("Bản chính: 1\nBản sao: 0", 1, 0),
        ("Bản chính: 0\nBản sao: 5", 0, 5),
        ("Bản chính 02, bản sao 03", 2, 3),
        ("Bản chính: 1\nBản sao:", 1, None),
        ("1 bản chính,1 bản sao", 1, 1),
        ("02 (hai) bản sao 1 bản chính", 1, 2),
        ("BẢN SAO: 4", None, 4),
    ],
)
def test_a_number_belongs_to_the_label_on_its_side(words: str, originals: int | None, copies: int | None) -> None:
    (paper,) = procedure({"papers": [{"name": "Đơn", "quantity": words}]}).dossiers[0].papers
    assert (paper.originals, paper.copies) == (originals, copies)


@pytest.mark.parametrize(
    ("fee", "amount"),
    [
        ("Miễn phí", 0),
        ("Miễn phí (Không)", 0),
        ("Miễn phí (theo Điều 4 Thông tư 75/2022/TT-BTC ngày 22/12/2022, điểm 2 đầu mục)", 0),
        ("Miễn phí (- Lệ phí cấp giấy phép lái xe: 135.000 đồng/lần.)", None),
        ("Phí : 0 Đồng (Dưới 50 tỷ: 10 triệu đồng/giấy)", None),
        ("Phí: 0 đồng (0 đồng từ ngày 01/01/2026)", 0),
        ("Lệ phí: Không (03 USD/giấy phép)", None),
        ("Lệ phí: 10.000 đồng (50.000 đồng nếu nộp trực tiếp)", 10_000),
    ],
)
def test_nothing_is_called_free_whose_description_names_a_sum(fee: str, amount: int | None) -> None:
    (paid,) = procedure({"fee": fee}).ways[0].time_limits[0].fees
    assert paid.amount == amount
    assert paid.description == (fee.split("(", 1)[1].removesuffix(")") if "(" in fee else "")


def test_a_legal_basis_has_the_number_that_its_title_begins_with() -> None:
    stated = [
        "Nghị định số 99/2022/NĐ-CP ngày 30/11/2022",
        {"title": "Thông tư 07/2019/TT-BTP", "number": "07"},
        {"title": "Luật Đất đai", "number": ""},
        {"title": "<p>Thông tư&nbsp;số <b>07/2019/TT-BTP</b></p>", "number": "Không có thông tin"},
        {"title": "Sửa đổi một số điều của Nghị định số 99/2022/NĐ-CP"},
    ]
    kept = procedure({"legal_basis": stated}).legal_basis
    assert [one.number for one in kept] == ["99/2022/NĐ-CP", "07", "", "07/2019/TT-BTP", ""]
    assert kept[0].title == stated[0]


def test_words_for_nothing_are_nothing() -> None:
    details = {"description": "Không có thông tin", "executing_agencies": ["Không có thông tin."], "keywords": "--",
               "steps": [{"steps": ["<p>Không có thông tin</p>"]}], "status": ""}  # fmt: skip
    assert procedure(details) == procedure({})


def test_words_of_a_status_that_nobody_knows_are_kept_and_decide_nothing() -> None:
    item = procedure({"status": "Đang xem xét"})
    assert (item.status, item.source_status) == (None, "Đang xem xét")


def test_texts_are_cleaned_by_their_shape() -> None:
    item = procedure(
        {
            "decision": "1250/QÐ-UBND\n ngày",
            "steps": "<p>Bước 1</p><script>x()</script><p>Bước 2</p>",
            "conditions_html": "<p onclick='x()'>Không <a href='/dk'>điều kiện</a></p>",
            "results": [{"name": "Giấy phép", "url": "javascript:alert(1)"}],
            "dossiers": {"papers": {"name": "Đơn", "form_url": "../mau/1.docx"}},
        }
    )
    assert item.decision == "1250/QĐ-UBND ngày"
    assert item.steps[0].steps == ("Bước 1\nBước 2",)
    assert "onclick" not in item.conditions_html
    assert 'href="https://tthc.tinhmau.gov.vn/dk"' in item.conditions_html
    assert item.results[0].url == ""
    assert item.dossiers[0].papers[0].form_url == "https://tthc.tinhmau.gov.vn/mau/1.docx"


def test_what_cannot_be_kept_becomes_a_remark_and_the_item_stays() -> None:
    remarks = made(
        {
            "procedure_type": "x" * (LINE_LIMIT + 1), "keywords": ["k"] * (ENTRIES_LIMIT + 1), "khong_co": "1",
            "ways": [{"time_limits": [{"value": -3}]}], "legal_basis": [{"issued": "32/13/2020", "number": "1"}],
        }
    ).remarks  # fmt: skip
    assert set(remarks) == {"detail_cut", "detail_unknown", "detail_refused", "date_refused"}


def test_days_are_days_and_empty_days_are_none() -> None:
    (one, other) = procedure(
        {"legal_basis": [{"issued": "13/11/2020", "number": "1"}, {"issued": date(2020, 1, 2)}]}
    ).legal_basis
    assert (one.issued, other.issued) == (date(2020, 11, 13), date(2020, 1, 2))
    empty = made({"legal_basis": [{"issued": "0001-01-01T00:00:00", "number": "1"}]})
    assert "date_refused" not in empty.remarks


def test_an_example_passes_unchanged() -> None:
    example = json.loads((FOLDER.parent / "examples" / "procedure.json").read_text("utf-8"))
    own = {name: value for name, value in example.items() if name not in ItemBase.model_fields}
    kept = json.loads(procedure(own).model_dump_json(exclude_defaults=True))
    assert {name: kept[name] for name in own} == json.loads(
        Procedure(guid="1", title="t", **own).model_dump_json(include=set(own), exclude_defaults=True)
    )


def test_settings_may_name_every_field_of_every_kind() -> None:
    for model in ITEM_TYPES.values():
        assert model.model_fields.keys() - ItemBase.model_fields.keys() <= DETAILS.keys()


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["<p>", "&lt;", "&amp;", "<br>", "a", "</p>", "<", "\n"])).map("".join)
)
def test_prose_of_prose_is_the_same(text: str) -> None:
    assert prose(prose(text)) == prose(text)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.just("2020-05-06"),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["name", "code", "steps", "papers", "time_limits", "fees", "channel", "value",
                                       "issued", "url", "quantity", "fee", "x"]), inner, max_size=4),
    max_leaves=10,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([Kind.PROCEDURE, Kind.DOCUMENT]),
    st.dictionaries(st.sampled_from(sorted(DETAILS)), VALUES, max_size=6),
)
def test_whatever_details_hold_an_item_comes_out(kind: Kind, details: dict[str, Any]) -> None:
    item = made(details, kind).item
    again, _ = details_of(
        kind, {"title": Text("Thủ tục"), "details": item.model_dump(exclude=set(ItemBase.model_fields))}
    )
    assert ITEM_TYPES[kind](guid="1", title="t", **again)


@pytest.mark.parametrize("unit", [" ", "\n", ", A", "(", "1.", "Phí:", "<a", "&lt;", "bản chính ", "Xem chi tiết "])
def test_long_texts_are_read_in_bounded_time(unit: str) -> None:
    text = unit * (300_000 // len(unit))
    began = process_time()
    made({"code": text, "levels": text, "fee": text, "time_limit": text, "keywords": text, "steps": text,
          "dossiers": [{"papers": [{"name": text, "quantity": text}]}]})  # fmt: skip
    assert process_time() - began < 5
