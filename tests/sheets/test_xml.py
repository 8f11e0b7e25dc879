"""The record as XML: valid whatever an item holds, and read back as the same procedure."""

from pathlib import Path
from typing import Any, cast

from hypothesis import given, settings
from lxml import etree

from connectors.base import SourceContext
from connectors.parse.item import make_item
from connectors.parse.nationalprocedure import read_national, write_national
from hub.sheets import xml
from hub.sheets.characters import legal
from hub.sheets.details import typed
from schemas.edition import PublishedItem
from schemas.item import ITEM, Kind
from schemas.procedure import Procedure
from tests.sheets.any_item import PROCEDURES

ROOT = Path(__file__).parents[2]
SCHEMA = etree.XMLSchema(etree.parse(ROOT / "schemas" / "xsd" / "procedure.xsd"))
CONTEXT = SourceContext(name="s", kind=Kind.PROCEDURE, url="https://truc.example.vn/")


def example(name: str = "procedure") -> Procedure:
    path = ROOT / "schemas" / "examples" / f"{name}.json"
    return cast(Procedure, ITEM.validate_json(path.read_bytes()))


def as_record(element: etree._Element) -> Any:
    """What a member's system makes of the file: elements that repeat are a list, one alone is not."""
    if not len(element):
        return element.text or ""
    record: dict[str, Any] = {}
    for child in element:
        value = as_record(child)
        if str(child.tag) in record:
            before = record[str(child.tag)]
            record[str(child.tag)] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            record[str(child.tag)] = value
    return record


def own(item: Procedure) -> dict[str, Any]:
    return item.model_dump(exclude={"guid", "url", "language", "tags", "announced_by_name"})


def test_the_record_is_written_in_the_order_of_the_national_page() -> None:
    root = etree.fromstring(xml.record(example()))
    SCHEMA.assertValid(root)
    assert list(dict.fromkeys(str(child.tag) for child in root))[:8] == [
        "MATTHC", "QUYETDINH", "TENTTHC", "CAPTHUCHIEN", "LOAITTHC", "LINHVUCTHUCHIEN", "TRINHTUTHUCHIEN",
        "CACHTHUCTHUCHIEN",
    ]  # fmt: skip
    assert root.findtext("CACHTHUCTHUCHIEN[3]/THOIGIAN/PHILEPHI/SOTIEN") == "25.000"
    assert root.findtext("THANHPHANHOSO/GIAYTO/TENMAUDON") == "CT01.docx"
    assert root.findtext("YEUCAU") == "<p>Thông báo trước 23 giờ của ngày bắt đầu lưu trú.</p>"


def test_no_field_of_the_national_record_is_forgotten() -> None:
    assert sorted(xml.ORDER) == sorted(write_national(example()))


def test_what_is_written_is_read_back_as_the_same_procedure() -> None:
    for item in (example(), example("procedure-old-code"), example("procedure-title-only")):
        entry = read_national(as_record(etree.fromstring(xml.record(item))))
        read = make_item(entry | {"id": "g"}, CONTEXT, base="", pointer="1").item
        assert own(cast(Procedure, read)) == own(item)


@settings(max_examples=150, deadline=None)
@given(PROCEDURES)
def test_whatever_a_procedure_holds_its_record_is_valid_and_whole(item: PublishedItem) -> None:
    procedure = typed(item)
    assert isinstance(procedure, Procedure)
    document = xml.record(procedure)
    assert xml.fault(document) == ""
    told = [text for text in etree.fromstring(document).itertext() if text.strip()]
    assert sorted(told) == sorted(text for text in _texts(write_national(procedure)) if text.strip())


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    return [legal(str(value))]


def test_a_record_that_is_none_is_named() -> None:
    assert "TENTTHC" in xml.fault(xml.record(example()).replace(b"TENTTHC", b"TEN"))
