"""The package of an item: which files, what its note says, names that are safe everywhere."""

import json
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from connectors.errors import ConfigError
from hub.rules.completeness import Severity
from hub.sheets.downloads import FORMS, NAME_LIMIT, offered, stem
from hub.sheets.package import NOTE, package
from hub.sheets.requirements import requirements
from schemas.edition import PublishedItem
from schemas.item import Attachment, Kind
from schemas.procedure import Dossier, Paper, Procedure
from tests.sheets.any_item import DOCUMENTS, PROCEDURES
from tests.sheets.test_docx import published
from tests.web.press import news

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
ASKED = requirements()


def note(item: PublishedItem, task: str = "") -> list[str]:
    return package(item, ASKED, ZONE, task=task).files[NOTE].decode("utf-8-sig").split("\r\n")


def test_a_procedure_has_all_its_files_and_a_note() -> None:
    made = package(published("procedure"), ASKED, ZONE, task="Nhập mới")
    name = "thu-tuc-1.004194.000.00.00.H52"
    assert made.name == name
    assert sorted(made.files) == sorted([NOTE, f"{name}.docx", f"{name}.json", f"{name}.xml"])
    assert PublishedItem.model_validate_json(made.files[f"{name}.json"]) == published("procedure")
    assert etree.fromstring(made.files[f"{name}.xml"]).findtext("MATTHC") == "1.004194.000.00.00.H52"
    assert (made.count(Severity.MUST), made.fault) == (0, "")
    lines = note(published("procedure"), "Nhập mới")
    assert lines[:2] == ["Thông báo lưu trú", "Mã, số ký hiệu: 1.004194.000.00.00.H52"]
    assert "Nhập mới" in lines
    assert "- CT01.docx: https://dichvucong.tinhmau.gov.vn/bieu-mau/CT01.docx" in lines


def test_a_document_has_no_national_record() -> None:
    made = package(published("document"), ASKED, ZONE)
    assert made.name == "van-ban-15-2024-qd-ubnd"
    assert {name.rpartition(".")[2] for name in made.files} == {"docx", "json", "txt"}
    assert "Đủ nội dung theo danh mục kiểm tra." in note(published("document"))


def test_what_is_lacking_stands_in_the_note_with_its_reason() -> None:
    item = Procedure(guid="g", title="Cấp phép", dossiers=(Dossier(papers=(Paper(form_name="Mẫu 1"),)),))
    made, lines = package(published(item), ASKED, ZONE), note(published(item))
    assert made.count(Severity.MUST) > 5
    must, should = lines.index("CÒN THIẾU, PHẢI BỔ SUNG TRƯỚC KHI NHẬP"), lines.index("NÊN BỔ SUNG")
    assert must < lines.index("- Có giấy tờ trong thành phần hồ sơ chưa ghi tên. Đề nghị đơn vị bổ sung. (Mục 1.1.)")
    assert must < should
    assert "Đủ nội dung theo danh mục kiểm tra." not in lines


def test_an_item_that_cannot_be_read_has_only_what_can_be_made() -> None:
    made = package(published("procedure", details={"of_tomorrow": 1}), ASKED, ZONE)
    assert {name.rpartition(".")[2] for name in made.files} == {"docx", "json", "txt"}
    assert made.omissions == ()
    assert "chỉ có phần chung" in made.files[NOTE].decode()


def test_files_of_an_item_are_named_once() -> None:
    papers = (Paper(name="Đơn", form_url="https://a.vn/1"), Paper(name="Đơn 2", form_url="https://a.vn/1"))
    item = published(
        Procedure(guid="g", title="t", dossiers=(Dossier(papers=papers),)),
        attachments=(Attachment(url="https://a.vn/1"), Attachment(url="https://a.vn/2")),
    )
    assert [line for line in note(item) if "https:" in line] == ["- Đơn: https://a.vn/1", "- https://a.vn/2"]


def test_news_are_offered_as_no_file_but_can_be_had_as_json() -> None:
    item = published(news("a"))
    assert offered(item) == []
    assert [ending for ending, form in FORMS.items() if form.suits(item)] == ["json"]
    assert offered(published("procedure")) == ["docx", "xml", "json"]
    assert json.loads(FORMS["json"].make(item, ZONE))["kind"] == Kind.NEWS


@settings(max_examples=60, deadline=None)
@given(st.one_of(PROCEDURES, DOCUMENTS))
def test_names_are_safe_and_no_package_breaks_its_schema(item: PublishedItem) -> None:
    made = package(item, ASKED, ZONE)
    assert made.fault == ""
    for name in (made.name, *made.files):
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9]", name), name
        assert len(name) <= NAME_LIMIT + 20
    assert stem(item) == made.name


def test_a_board_has_its_own_list(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[[procedure]]\ncode="a"\nseverity="must"\nhas=["code"]\nsentence="S."\nreason="R."\n', "utf-8")
    made = package(published("procedure-title-only"), requirements(own), ZONE)
    assert [omission.sentence for omission in made.omissions] == ["S."]
    assert requirements(own)[Kind.DOCUMENT] == ()


@pytest.mark.parametrize(
    "text",
    ["[[procedur]]\n", "x", "\udcff", "[[procedure]]\ncode = 1\n", "procedure = 1\n", '[procedure]\ncode="a"\n'],
)
def test_a_list_that_is_none_is_refused_with_a_sentence(text: str, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError) as refused:
        requirements(own)
    assert refused.value.code == "bad_completeness"
    assert "own.toml" in refused.value.sentence
    with pytest.raises(ConfigError):
        requirements(tmp_path / "nowhere.toml")
