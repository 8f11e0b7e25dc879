"""The Word file: what a citizen finds in it, its form, and that it opens whatever an item holds."""

import io
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import docx as reader
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.gate import outgoing
from hub.sheets.characters import legal
from hub.sheets.details import sections
from hub.sheets.docx import docx
from hub.sheets.facts import Cases, Facts, Prose, Table
from hub.sheets.prose import Grid, blocks
from hub.sheets.word import PARAGRAPHS_LIMIT
from schemas.edition import PublishedItem, UpdateType
from schemas.item import ITEM, Attachment, ItemBase
from schemas.procedure import Dossier, LegalBasis, Paper, Procedure, Steps
from tests.sheets.any_item import DOCUMENTS, PROCEDURES

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def published(item: ItemBase | str, **fields: Any) -> PublishedItem:
    if isinstance(item, str):
        item = ITEM.validate_json((EXAMPLES / f"{item}.json").read_bytes())
    made = PublishedItem.of(
        item, item.kind, content_id=UUID(int=1), revision=3, update_type=UpdateType.MAJOR, member="H52.12",
        member_name="Sở Tư pháp", source="nguon",
    )  # fmt: skip
    return outgoing(made.model_copy(update=fields))


def opened(item: PublishedItem) -> WordDocument:
    return reader.Document(io.BytesIO(docx(item, ZONE)))


def headings(file: WordDocument) -> list[str]:
    return [one.text for one in file.paragraphs if one.style and one.style.name == "Heading 1"]


def rows(file: WordDocument, first: str) -> list[list[str]]:
    """The table whose first cell says this."""
    [found] = [table for table in file.tables if table.cell(0, 0).text == first]
    return [[cell.text for cell in row.cells] for row in found.rows]


def letters(text: str) -> str:
    return re.sub(r"\s", "", legal(text))


def told(file: WordDocument) -> str:
    """Everything that can be read, links included, in order."""
    return letters("".join(one.text or "" for one in file.element.body.iter(qn("w:t"))))


def links(file: WordDocument) -> dict[str, str]:
    """Text -> address."""
    addresses = {key: rel.target_ref for key, rel in file.part.rels.items() if rel.is_external}
    return {
        "".join(text.text or "" for text in link.iter(qn("w:t"))): addresses[link.get(qn("r:id"))]
        for link in file.element.body.iter(qn("w:hyperlink"))
    }


# What stands in it


def test_a_procedure_stands_in_the_order_of_the_national_page() -> None:
    file = opened(published("procedure"))
    assert [one.text for one in file.paragraphs[:3]] == ["SỞ TƯ PHÁP", "THỦ TỤC HÀNH CHÍNH", "Thông báo lưu trú"]
    assert headings(file) == [
        "1. Thông tin chung", "2. Trình tự thực hiện", "3. Cách thức thực hiện", "4. Thành phần hồ sơ",
        "5. Đối tượng, cơ quan thực hiện và kết quả", "6. Căn cứ pháp lý", "7. Yêu cầu, điều kiện thực hiện",
        "8. Thông tin thêm",
    ]  # fmt: skip
    assert rows(file, "Mã thủ tục")[:2] == [
        ["Mã thủ tục", "1.004194.000.00.00.H52"], ["Số quyết định", "1250/QĐ-UBND"],
    ]  # fmt: skip
    assert rows(file, "Hình thức nộp")[1] == [
        "Trực tiếp", "1 ngày làm việc", "Lệ phí: Không", "Tiếp nhận trong giờ hành chính.",
    ]  # fmt: skip
    steps = [one.text for one in file.paragraphs if one.text.startswith(("1.\t", "2.\t"))]
    assert steps[0].startswith("1.\tNgười đại diện cơ sở lưu trú")
    assert len(steps) == 2
    assert links(file)["CT01.docx"] == "https://dichvucong.tinhmau.gov.vn/bieu-mau/CT01.docx"
    assert file.paragraphs[-1].text == "Mã nội dung: 00000000-0000-0000-0000-000000000001, phiên bản 3"


def test_lines_of_a_step_are_paragraphs_of_their_own() -> None:
    counted = Steps(steps=("Nộp hồ sơ:\n- trực tiếp\n\n- qua mạng", "Nhận kết quả"))
    steps = (counted, Steps(steps=("Bước 1: a\nBước 2: b",)))
    file = opened(published(Procedure(guid="g", title="t", steps=steps)))
    at = [one.text for one in file.paragraphs].index("1. Trình tự thực hiện")
    assert [one.text for one in file.paragraphs[at + 1 : at + 7]] == [
        "1.\tNộp hồ sơ:", "- trực tiếp", "- qua mạng", "2.\tNhận kết quả", "Bước 1: a", "Bước 2: b",
    ]  # fmt: skip


def test_a_line_that_ends_with_a_break_is_not_stretched() -> None:
    file = opened(published(Procedure(guid="g", title="t", conditions_html="<p>một<br>hai</p><p>ba</p>")))
    alignments = {one.text: one.alignment for one in file.paragraphs}
    assert (alignments["một\nhai"], alignments["ba"]) == (None, WD_ALIGN_PARAGRAPH.JUSTIFY)


def test_a_document_stands_with_its_text_and_files() -> None:
    table = "<table><tr><th>STT</th><th>Tên</th></tr><tr><td>1</td><td>Quy chế</td></tr></table>"
    text = f"<p>Điều 1. <b>Ban hành</b></p>{table}"
    item = published("document", content_html=text, updated=datetime(2026, 3, 1, 20, tzinfo=UTC))
    file = opened(item)
    assert headings(file) == ["1. Thuộc tính văn bản", "2. Văn bản liên quan", "3. Nội dung", "4. Tệp đính kèm"]
    assert rows(file, "STT") == [["STT", "Tên"], ["1", "Quy chế"]]
    assert file.paragraphs[-1].text.endswith("cập nhật ngày 02/03/2026")
    assert "15.signed.pdf" in links(file)


def test_a_bare_title_is_a_page_with_a_title() -> None:
    file = opened(published("procedure-title-only"))
    assert headings(file) == []
    assert file.paragraphs[2].text == published("procedure-title-only").title


# Its form


def test_page_letters_and_language_are_those_of_offices() -> None:
    file = opened(published("procedure"))
    [page] = file.sections
    sides = (page.page_width, page.page_height, page.top_margin, page.bottom_margin, page.left_margin)
    assert [round(side.mm) for side in (*sides, page.right_margin) if side is not None] == [210, 297, 20, 20, 30, 20]
    assert page.different_first_page_header_footer
    assert not page.first_page_header.paragraphs[0].text
    assert "PAGE" in page.header._element.xml
    fonts = {
        one.get(qn(f"w:{part}"))
        for one in file.styles.element.iter(qn("w:rFonts"))
        for part in ("ascii", "hAnsi", "cs")
    }
    assert fonts == {"Times New Roman"}
    assert file.styles["Normal"].font.size.pt == 13  # type: ignore[union-attr]
    assert {one.get(qn("w:val")) for one in file.styles.element.iter(qn("w:lang"))} == {"vi-VN"}


def test_heads_are_repeated_on_each_page_and_short_rows_stay_whole() -> None:
    papers = (Paper(name="Đơn", originals=1), Paper(name="x " * 1_000, originals=1))
    file = opened(published(Procedure(guid="g", title="t", dossiers=(Dossier(papers=papers),))))
    [table] = file.tables
    head, short, long = [row._tr for row in table.rows]
    assert head.find(f".//{qn('w:tblHeader')}") is not None
    assert [row.find(f".//{qn('w:cantSplit')}") is not None for row in (head, short, long)] == [True, True, False]
    assert sum(int(column.get(qn("w:w"))) for column in table._tbl.iter(qn("w:gridCol"))) <= 9071


def test_properties_tell_title_office_and_language_and_nothing_of_us() -> None:
    file = opened(published("procedure", updated=datetime(2026, 3, 1, 8, tzinfo=ZONE), tags=("Cư trú",)))
    told = file.core_properties
    assert (told.title, told.author, told.language, told.keywords) == (
        "Thông báo lưu trú", "Sở Tư pháp", "vi-VN", "Cư trú",
    )  # fmt: skip
    assert (told.modified, told.comments) == (datetime(2026, 3, 1, 1, tzinfo=UTC), "")
    names = zipfile.ZipFile(io.BytesIO(docx(published("procedure"), ZONE))).namelist()
    assert not [
        name for name in names if re.search(r"vba|macro|thumbnail|customXml|app\.xml|embed", name, re.IGNORECASE)
    ]


def test_the_same_edition_gives_the_same_bytes() -> None:
    first, again = docx(published("document"), ZONE), docx(published("document"), ZONE)
    assert first == again
    assert {one.date_time for one in zipfile.ZipFile(io.BytesIO(first)).infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_cells_that_reach_over_rows_and_columns_stand_where_they_stood() -> None:
    table = (
        "<table><tr><td rowspan=2 colspan=2>A</td><td>1</td></tr><tr><td>2</td><td>3</td></tr>"
        "<tr><td>4</td><td colspan=3>5</td></tr></table>"
    )
    [found] = opened(published(Procedure(guid="g", title="t", conditions_html=table))).tables
    assert [[found.cell(row, column).text for column in range(4)] for row in range(3)] == [
        ["A", "A", "1", ""], ["A", "A", "2", "3"], ["4", "5", "5", "5"],
    ]  # fmt: skip


def test_a_long_record_ends_with_a_word_about_it() -> None:
    many = tuple(Steps(case=f"Trường hợp {n}", steps=("a",) * 500) for n in range(PARAGRAPHS_LIMIT // 500 + 1))
    file = opened(published(Procedure(guid="g", title="t", steps=many)))
    assert "xem đầy đủ" in file.paragraphs[-1].text
    assert len(file.paragraphs) == PARAGRAPHS_LIMIT


# Whatever an item holds


def test_links_that_are_none_are_texts() -> None:
    bad = LegalBasis(title="Luật", url="javascript:alert(1)")
    file = opened(
        published(
            Procedure(guid="g", title="t", legal_basis=(bad,)), url="file:///etc/passwd",
            attachments=(Attachment(url="ftp://a.vn/x", title="tệp"),),
        )
    )  # fmt: skip
    assert links(file) == {}
    assert "Luật" in told(file)


@settings(max_examples=60, deadline=None)
@given(st.one_of(PROCEDURES, DOCUMENTS))
def test_whatever_an_item_holds_the_file_opens_and_no_text_is_lost(item: PublishedItem) -> None:
    file = opened(item)
    assert all(address.startswith(("http://", "https://")) for address in links(file).values())
    expected: list[str] = [item.title, item.member_name.upper()]
    for section in sections(item):
        match section:
            case Facts():
                expected += [line.text for _, lines in section.rows for line in lines]
            case Cases():
                expected += [step for case in section.cases for step in (case.name, *case.steps)]
            case Table():
                expected += [line.text for _, of in section.cases for row in of for cell in row for line in cell]
            case Prose():
                expected += _texts(section.html)
    text = told(file)
    for one in [*expected, *_texts(item.content_html)]:
        assert letters(one) in text


def _texts(fragment: str) -> list[str]:
    found = []
    for block in blocks(fragment):
        cells = [cell.paragraphs for row in block.rows for cell in row] if isinstance(block, Grid) else [(block,)]
        found += ["".join(span.text for span in one.spans) for paragraphs in cells for one in paragraphs]
    return found
