"""Tables: headings found and columns named, delimiters and encodings told, workbooks bounded before they are opened."""

import unicodedata
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import Capture, SourceContext, Split, Unchanged
from connectors.errors import RejectedError
from connectors.http import Http
from connectors.sources.csv import Config, Connector
from schemas.item import Kind
from tests.fakes.site import Site

NOW = datetime(2026, 11, 20, tzinfo=UTC)
FIELDS = {"id": "Số", "title": "Tiêu đề"}


def connector(url: str = "https://stp.tinhmau.gov.vn/bang", **config: Any) -> Connector:
    settings = Config.model_validate({"fields": FIELDS} | config)
    return Connector(SourceContext(name="mau", kind=Kind.NEWS, url=url), settings)


def split(data: bytes | str, known: frozenset[bytes] = frozenset(), **config: Any) -> Split:
    raw = data.encode() if isinstance(data, str) else data
    capture = Capture(url="https://stp.tinhmau.gov.vn/bang", content_type="", body=raw, fetched_at=NOW)
    return connector(**config).split(capture, known, NOW)


def rows(made: Split) -> list[tuple[str, str]]:
    return [(one.fields.get("id", ""), one.fields["title"].value) for one in made.records]


async def test_a_table_is_asked_for_conditionally(site: Site, http: Http) -> None:
    source = connector(site.serve("/bang.csv", b"x", etag='"1"', content_type="text/csv"))
    answer = await source.fetch(http, {})
    assert isinstance(answer, Capture)
    assert isinstance(await source.fetch(http, answer.cursor), Unchanged)
    assert site.asked[0].headers["Accept"].startswith("text/csv")


@pytest.mark.parametrize("delimiter", [";", "\t", ",", "|"])
def test_the_delimiter_is_told_by_the_headings(delimiter: str) -> None:
    text = f'Số{delimiter}Tiêu đề\n1{delimiter}"Một{delimiter} hai"\n'
    assert rows(split(text)) == [("1", f"Một{delimiter} hai")]
    assert rows(split(f"sep={delimiter}\r\n{text}")) == [("1", f"Một{delimiter} hai")]


def test_other_delimiters_in_a_title_above_do_not_mislead() -> None:
    assert rows(split("DANH MỤC, QUÝ IV, NĂM 2026, SỞ TƯ PHÁP\nSố;Tiêu đề\n1;a, b, c, d, e\n")) == [
        ("1", "a, b, c, d, e")
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
def test_the_encoding_is_told_by_the_bytes(encoding: str) -> None:
    text = (
        "Số,Tiêu đề\n1,Kế hoạch cải cách thủ tục hành chính của Ủy ban nhân dân tỉnh năm hai nghìn không trăm hai sáu\n"
    )
    # Python's codec wants marks apart from the letters that carry them.
    data = b"".join(map(_cp1258, text)) if encoding == "cp1258" else text.encode(encoding)
    assert rows(split(data)) == [("1", text.splitlines()[1][2:])]


def _cp1258(letter: str) -> bytes:
    marks = unicodedata.normalize("NFD", letter)
    tones = "".join(mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323")
    return (unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in tones)) + tones).encode("cp1258")


@pytest.mark.parametrize("heading", ["tieu de", "TIÊU ĐỀ", " Tiêu\nđề: ", "Tiêu đề (*)"[:8], "Tiêu  đề *"])
def test_headings_are_compared_without_marks_case_and_blanks(heading: str) -> None:
    assert rows(split(f'Số;"{heading}"\n1;Một\n')) == [("1", "Một")]


def test_columns_are_called_by_letter_or_number_too() -> None:
    for title in ("B", "2"):
        made = split("Số;Tiêu đề\n1;Một\n", header_row=1, fields={"id": "A", "title": title})
        assert rows(made) == [("1", "Một")]
    assert rows(split("1;Một\n2;Hai\n", header_row=0, fields={"id": "A", "title": "B"}, delimiter=";")) == [
        ("1", "Một"), ("2", "Hai"),
    ]  # fmt: skip


def test_a_heading_wins_over_a_letter() -> None:
    assert rows(split("x;ID;Tiêu đề\n0;7;Bảy\n", fields={"id": "ID", "title": "Tiêu đề"})) == [("7", "Bảy")]


def test_blank_rows_are_skipped_and_pointers_name_the_row() -> None:
    made = split("\n\nSố;Tiêu đề\n;\n1;Một\n;;\n  ;\n2;Hai\n")
    assert [one.pointer for one in made.records] == ["row 5", "row 8"]


def test_a_running_number_in_front_changes_nothing() -> None:
    before = split("TT;Số;Tiêu đề\n1;a;A\n2;b;B\n")
    after = split("TT;Số;Tiêu đề\n1;c;C\n2;a;A\n3;b;B\n", frozenset(before.fingerprints))
    assert rows(after) == [("c", "C")]


def test_a_row_that_was_cut_off_is_left_out_and_said() -> None:
    made = split("Số;Tiêu đề;Ngày\n1;Một;1/1/2026\n2;Ha")
    assert (rows(made), made.truncated) == ([("1", "Một")], True)
    assert not split("Số;Tiêu đề;Ngày\n1;Một;1/1/2026").truncated


def test_records_behind_max_items_are_named() -> None:
    made = split("Số;Tiêu đề\n" + "".join(f"{n};Tin\n" for n in range(100_000)), max_items=5)
    assert len(made.records) == 5
    assert [(one.pointer, one.code) for one in made.fallen] == [("record 6 to 100000", "too_many")]


@pytest.mark.parametrize(
    ("data", "config", "code"),
    [
        ("", {}, "empty_body"),
        ("<html><table><tr><td>Số</td></tr></table></html>", {}, "html_page"),
        ("Dịch vụ tạm ngừng", {}, "not_a_table"),
        ("Số;Tên\n1;Một\n", {}, "columns_missing"),
        ("Số;Tiêu đề\n", {"header_row": 2}, "not_a_table"),
        ("Số;Tiêu đề\n1;Một\n", {"fields": {"id": "A", "title": "ZZ"}, "header_row": 1}, "columns_missing"),
        (b"PK\x03\x04 damaged", {}, "bad_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, {}, "bad_workbook"),
        (b"a;b\n" * (2 * 1024 * 1024 + 1), {}, "too_large"),
    ],
)  # fmt: skip
def test_what_is_no_such_table_is_refused_by_name(data: bytes | str, config: dict[str, Any], code: str) -> None:
    with pytest.raises(RejectedError) as refused:
        split(data, **config)
    assert refused.value.code == code
    assert refused.value.sentence.endswith(".")


def test_the_missing_columns_are_named_and_nothing_of_the_body() -> None:
    with pytest.raises(RejectedError) as refused:
        split("Số;bí mật\n1;Một\n")
    assert "Tiêu đề" in str(refused.value)
    assert "bí mật" not in str(refused.value)


# ---------------------------------------------------------------------------------------------------- workbooks


def book(*members: tuple[str, str]) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return packed.getvalue()


OFFICE = "http://schemas.openxmlformats.org"
REL = f"{OFFICE}/officeDocument/2006/relationships"


def xlsx(cells: str, *more: tuple[str, str]) -> bytes:
    return book(
        ("_rels/.rels", f'<Relationships xmlns="{OFFICE}/package/2006/relationships"><Relationship Id="r1"'
         f' Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>'),
        ("xl/workbook.xml", f'<workbook xmlns="{OFFICE}/spreadsheetml/2006/main" xmlns:r="{REL}"><sheets>'
         '<sheet name="Danh mục" sheetId="1" r:id="r1"/></sheets></workbook>'),
        ("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{OFFICE}/package/2006/relationships"><Relationship'
         f' Id="r1" Type="{REL}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'),
        ("xl/worksheets/sheet1.xml",
         f'<worksheet xmlns="{OFFICE}/spreadsheetml/2006/main"><sheetData>{cells}</sheetData></worksheet>'),
        *more,
    )  # fmt: skip


def text_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


HEAD = f'<row r="1">{text_cell("A1", "Số")}{text_cell("B1", "Tiêu đề")}</row>'


def test_a_workbook_is_told_by_its_content_and_read_by_the_name_of_its_sheet() -> None:
    data = xlsx(HEAD + f'<row r="3"><c r="A3"><v>7</v></c>{text_cell("B3", "=1+1")}</row>')
    made = split(data, sheet="danh muc")
    assert (made.format, rows(made), made.records[0].pointer) == ("workbook", [("7", "=1+1")], "row 3")
    with pytest.raises(RejectedError) as refused:
        split(data, sheet=2)
    assert refused.value.code == "sheet_missing"


def test_a_table_that_begins_below_and_beside_the_corner_keeps_its_letters() -> None:
    data = xlsx(f'<row r="5">{text_cell("C5", "a")}{text_cell("D5", "Tin")}</row>')
    assert rows(split(data, header_row=0, fields={"id": "C", "title": "D"})) == [("a", "Tin")]


def test_cells_that_say_no_place_stand_behind_the_one_before() -> None:
    data = xlsx(HEAD + '<row><c><v>7</v></c><c t="inlineStr"><is><t>Bảy</t></is></c></row>')
    assert rows(split(data)) == [("7", "Bảy")]


ODS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table='
    '"urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
    '<office:body><office:spreadsheet><table:table table:name="S">{}</table:table></office:spreadsheet></office:body>'
    "</office:document-content>"
)
ODS_HEAD = "".join(
    f'<table:table-cell office:value-type="string"><text:p>{one}</text:p></table:table-cell>'
    for one in ("Số", "Tiêu đề")
)


def ods(table: str) -> bytes:
    return book(
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'),
        ("content.xml", ODS.format(table)),
    )


def test_an_ods_with_the_usual_filling_to_the_last_row_is_read() -> None:
    filling = '<table:table-cell table:number-columns-repeated="16382"/>'
    row = f"<table:table-row>{ODS_HEAD}{filling}</table:table-row>"
    last = f'<table:table-row table:number-rows-repeated="1048500">{filling}</table:table-row>'
    assert rows(split(ods(row + row + last))) == [("Số", "Tiêu đề")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        # calamine would ask for 550 GB and abort the process
        (xlsx(HEAD + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "workbook_too_large"),
        (xlsx(HEAD + '<row r="1048576"><c b=">" r="XFD1048576"><v>1</v></c></row>'), "workbook_too_large"),
        (xlsx(HEAD + '<row r="1048576"><x:c xmlns:x="u" r="XFD1048576"><v>1</v></x:c></row>'), "workbook_too_large"),
        (xlsx("".join(f'<row><c r="B{n}"><v>1</v></c></row>' for n in range(1, 600_000))), "workbook_too_large"),
        (xlsx(HEAD + '<row r="1048576"><c r="XFD1048576" <v>1</v></row>'), "bad_workbook"),
        (xlsx(HEAD, ("xl/sharedStrings.xml", " " * 40_000_000)), "workbook_too_large"),
        (xlsx(HEAD, *((f"xl/x{n}.xml", "") for n in range(2_001))), "workbook_too_large"),
        (xlsx(HEAD)[:-30], "bad_workbook"),
        (xlsx("<row"), "bad_workbook"),
        (book(("word/document.xml", "<w/>")), "not_a_table"),
        (ods(f'<table:table-row table:number-rows-repeated="600000">{ODS_HEAD}</table:table-row>'),
         "workbook_too_large"),
        (ods(f'<table:table-row table:number-rows-repeated="9999">{ODS_HEAD}<table:table-cell office:value="1"'
             ' table:number-columns-repeated="9999"/></table:table-row>'), "workbook_too_large"),
    ],
    ids=range(12),
)  # fmt: skip
def test_a_workbook_that_would_be_too_much_is_refused_before_it_is_opened(data: bytes, code: str) -> None:
    with pytest.raises(RejectedError) as refused:
        split(data)
    assert refused.value.code == code


def test_a_list_that_lies_about_what_it_unpacks_to_is_believed_and_not_exceeded() -> None:
    data = bytearray(xlsx(HEAD, ("xl/sharedStrings.xml", "a" * 3_000_000)))
    real, lie = (3_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")
    assert data.count(real) == 2
    with pytest.raises(RejectedError) as refused:
        split(bytes(data).replace(real, lie))
    assert refused.value.code == "bad_workbook"


# ----------------------------------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("config", "place", "says"),
    [
        ({"fields": {"id": "A", "title": "2"}}, "header_row", "nothing tells the headings"),
        ({"header_row": 0}, "header_row", "which this is not: Số"),
        ({"delimiter": "#"}, "delimiter", "';'"),
        ({"sheet": 0}, "sheet", "from 1 on"),
        ({"sheet": ""}, "sheet", "from 1 on"),
        ({"fields": {"id": "{Số}/{ }", "title": "B"}}, "fields", "a column has a name"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_their_place(config: dict[str, Any], place: str, says: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Config.model_validate({"fields": FIELDS} | config)
    fault = refused.value.errors()[0]
    assert fault["loc"][0] == place
    assert says in fault["msg"]
