"""Documents as typed items: what a source says of one, under its own names, becomes the fields of the schema."""

import tomllib
from collections.abc import Mapping
from datetime import date
from importlib import resources
from typing import Any

import pytest

from connectors.base import Normalised, SourceContext
from connectors.errors import RejectedError
from connectors.parse.entry import Text
from connectors.parse.item import make_item
from schemas.document import Document, Validity
from schemas.item import ITEM, Kind

CONTEXT = SourceContext(name="vanban", kind=Kind.DOCUMENT, url="https://so.example.vn/van-ban")


def made(details: Mapping[str, Any], title: str = "Về việc giao đất") -> Normalised:
    entry: Any = {"id": "1", "details": details} | ({"title": Text(title, False)} if title else {})
    return make_item(entry, CONTEXT, base=CONTEXT.url, pointer="item 1")


def document(details: Mapping[str, Any], title: str = "Về việc giao đất") -> Document:
    item = made(details, title).item
    assert isinstance(item, Document)
    return item


def test_a_feed_that_gives_only_a_title_is_a_sound_document() -> None:
    item = document({})
    assert item.model_dump(exclude_defaults=True) == {
        "guid": "1", "title": "Về việc giao đất", "language": "vi",
    }  # fmt: skip
    assert ITEM.validate_json(item.model_dump_json()) == item


def test_what_a_register_says_becomes_the_fields() -> None:
    item = document({
        "number": "15 /2024/qđ-ubnd", "issuer": "UBND tỉnh", "issuer_code": "H52", "signer": "Nguyễn Văn A",
        "signer_position": "Chủ tịch", "signer_competence": "TM.", "issued": "20/11/2024",
        "effective": "01/12/2024", "expired": "0001-01-01T00:00:00", "validity": "Văn bản đang có hiệu lực",
        "sectors": ["Đất đai", "Nhà ở"], "scope": "Toàn tỉnh", "gazette": "Công báo số 1",
        "procedures": "1.004194.000.00.00.H52",
    })  # fmt: skip
    assert item.number == "15/2024/QĐ-UBND"
    assert item.number_given == "15 /2024/qđ-ubnd"
    assert (item.document_type.code, item.document_type.name) == ("QĐ", "Quyết định")
    assert (item.issuer.code, item.issuer.name) == ("H52", "UBND tỉnh")
    assert (item.signer.name, item.signer.position, item.signer.competence) == ("Nguyễn Văn A", "Chủ tịch", "TM.")
    assert (item.issued, item.effective, item.expired) == (date(2024, 11, 20), date(2024, 12, 1), None)
    assert item.validity is Validity.IN_FORCE
    assert [one.name for one in item.sectors] == ["Đất đai", "Nhà ở"]
    assert item.procedures == ("1.004194.000.00.00.H52",)


def test_what_is_read_again_stays_as_it_is() -> None:
    first = document({
        "number": "01/NQ-HĐND và 02/NQ-HĐND", "issued": "20/11/2024", "validity": "Hết hiệu lực",
        "relations": [{"kind": "Văn bản căn cứ", "number": "42/2022/nđ-cp", "issued": "24/06/2022"}, "Luật Đất đai"],
        "issuer": ["HĐND tỉnh", "UBND tỉnh"], "signer": ["A", "B"], "document_type": "nghị quyết",
    })  # fmt: skip
    own = set(Document.model_fields) - {"kind", "guid", "title", "language"}
    said = {name: value for name, value in first.model_dump(mode="json", exclude_defaults=True).items() if name in own}
    assert document(said) == first
    assert first.further_numbers == ("02/NQ-HĐND",)
    assert [one.name for one in first.further_issuers] == ["UBND tỉnh"]
    assert [one.name for one in first.further_signers] == ["B"]
    assert [one.kind for one in first.relations] == ["based_on", "related"]


def test_signed_means_in_force_from_the_day_of_issue() -> None:
    assert document({"issued": "20/11/2024", "effective": "Kể từ ngày ký"}).effective == date(2024, 11, 20)
    assert document({"effective": "kể từ ngày ký"}).effective is None
    clause = document({"issued": "20/11/2024", "effective": "có hiệu lực thi hành từ ngày 01/12/2024"})
    assert clause.effective == date(2024, 12, 1)


def test_what_cannot_be_read_is_a_remark_and_never_a_lost_item() -> None:
    read = made({"number": "chưa rõ số nào", "issued": "32/13/2024", "validity": "tạm được", "color": "đỏ"})
    assert set(read.remarks) == {"number_unread", "date_refused", "validity_unknown", "detail_unknown"}
    assert isinstance(read.item, Document)
    assert read.item.number == ""
    assert read.item.number_given == "chưa rõ số nào"
    assert read.item.validity is Validity.UNKNOWN


@pytest.mark.parametrize("none", ["Không số", "K/s"])
def test_a_document_without_number_says_so(none: str) -> None:
    read = made({"number": none, "document_type": "Hiến pháp"})
    assert read.remarks == ()
    assert isinstance(read.item, Document)
    assert (read.item.number, read.item.number_given) == ("", none)


def test_a_title_gives_the_number_where_nothing_else_does() -> None:
    item = document({}, "Quyết định số 15/2024/QĐ-UBND ngày 20/11/2024 của UBND tỉnh")
    assert (item.number, item.issued, item.document_type.code) == ("15/2024/QĐ-UBND", date(2024, 11, 20), "QĐ")
    stated = document({"number": "16/2024/QĐ-UBND"}, "Quyết định số 15/2024/QĐ-UBND")
    assert stated.number == "16/2024/QĐ-UBND"


def test_the_abstract_is_the_title_where_there_is_no_other() -> None:
    item = document({"abstract": "Về việc giao đất", "number": "1/QĐ-UBND"}, "")
    assert (item.title, item.abstract) == ("Về việc giao đất", "")
    assert document({"number": "1/QĐ-UBND"}, "").title == "1/QĐ-UBND"
    assert document({"abstract": "Về việc khác"}).abstract == "Về việc khác"


@pytest.mark.parametrize("details", [{"number": "12/BC-UBND(M)"}, {"further_numbers": ["1/KH-UBND", "2/KH-UBND (TM)"]}])
def test_a_mark_of_secrecy_in_the_number_refuses_the_document_and_quotes_nothing(details: dict[str, Any]) -> None:
    with pytest.raises(RejectedError) as refused:
        made(details)
    assert refused.value.code == "secrecy_mark"
    assert "UBND" not in str(refused.value) + refused.value.sentence


def test_a_mark_of_secrecy_in_the_title_does_too() -> None:
    with pytest.raises(RejectedError, match="mark of secrecy"):
        made({}, "Báo cáo số 12/BC-UBND(M) về tình hình")


@pytest.mark.parametrize(
    ("words", "validity"),
    [
        ("Hết hiệu lực (một phần)", Validity.PARTLY_EXPIRED),
        ("Hết hiệu lực: 1 phần", Validity.PARTLY_EXPIRED),
        ("Hết hiệu lực – một phần từ 01/01/2024", Validity.PARTLY_EXPIRED),
        ("Hết hiệu lực do bị thay thế một phần", Validity.PARTLY_EXPIRED),
        ("Còn hiệu lực (một phần)", Validity.PARTLY_EXPIRED),
        ("Ngưng hiệu lực (một phần)", Validity.PARTLY_SUSPENDED),
        ("Chưa có hiệu lực (một phần)", Validity.UNKNOWN),
        ("Hết hiệu lực bởi 15/QĐ-UBND", Validity.EXPIRED),
        ("Hết hiệu lực từ 01/01/2024", Validity.EXPIRED),
        ("Còn hiệu lực, trừ Điều 5", Validity.UNKNOWN),
    ],
)
def test_a_state_for_a_part_is_not_taken_for_the_whole(words: str, validity: Validity) -> None:
    assert document({"validity": words}).validity is validity


def test_the_day_behind_a_number_is_its_day_of_issue_where_nothing_else_says_one() -> None:
    said = document({"number": "15/QĐ-UBND ngày 01/02/2024"})
    assert (said.number, said.issued) == ("15/QĐ-UBND", date(2024, 2, 1))
    stated = document({"number": "15/QĐ-UBND ngày 01/02/2024", "issued": "05/02/2024"})
    assert stated.issued == date(2024, 2, 5)


@pytest.mark.parametrize("nothing", ["0000-00-00", "00/00/0000", "0001-01-01T00:00:00", "/Date(-62135596800000)/"])
def test_what_programs_put_for_no_day_is_no_fault(nothing: str) -> None:
    made_of = made({"expired": nothing})
    assert (made_of.item.model_dump()["expired"], made_of.remarks) == (None, ())


def test_the_list_of_words_names_only_states_and_fields_that_exist() -> None:
    data = tomllib.loads(resources.files("connectors.data").joinpath("documents.toml").read_text("utf-8"))
    assert set(data["validity"]) <= {one.value for one in Validity}
    parts = {"signer_position"}
    assert {name for names in data["labels"].values() for name in names} <= set(Document.model_fields) | parts
