"""What a file is, and the text in it: every format that members publish, and files that are not what they say."""

import io
import random
import tracemalloc
import zipfile
import zlib
from time import process_time

import docx
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf.generic import NameObject

from connectors.parse.files import types as filetype
from connectors.parse.files.file import FileFacts, Note, read_file
from connectors.parse.files.members import has_twins
from tests.fakes import documents as made

TITLE = "Quyết định về việc phê duyệt kế hoạch chuyển đổi số năm 2026"
#: A line in the font .VnTime: the Latin letters that stand where TCVN3 has Vietnamese ones.
OLD = "ViÖc ban hµnh quyÕt ®Þnh cña uû ban nh©n d©n tØnh"
NEW = "Việc ban hành quyết định của uỷ ban nhân dân tỉnh"
LONG = "Uy ban nhan dan tinh ban hanh ke hoach trien khai thuc hien nghi quyet cua Hoi dong nhan dan tinh nam 2026"


def lines(facts: FileFacts) -> list[str]:
    return facts.text.split("\n")


# --------------------------------------------------------------------------------------------- type by content


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (made.pdf(made.shown("a")), filetype.PDF),
        (b"\r\n\r\n" + made.pdf(made.shown("a")), filetype.PDF),
        (made.docx(made.paragraph("a")), filetype.DOCX),
        (made.xlsx({"A1": "a"}), filetype.XLSX),
        (made.pptx("a"), filetype.PPTX),
        (made.odf("text", "<text:p>a</text:p>"), filetype.ODT),
        (made.odf("spreadsheet", "<text:p>a</text:p>"), filetype.ODS),
        (made.ole("Root Entry", "WordDocument"), filetype.DOC),
        (made.ole("Root Entry", "Workbook"), filetype.XLS),
        (made.ole("Root Entry", "PowerPoint Document"), filetype.PPT),
        (made.ole("Root Entry"), filetype.OLE),
        (rb"{\rtf1 a}", filetype.RTF),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n\0", "image/png"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"\0\0\0\x18ftypisom", "video/mp4"),
        (b"Rar!\x1a\x07\x01\0", "application/vnd.rar"),
        (b"7z\xbc\xaf\x27\x1c\0\x04", "application/x-7z-compressed"),
        (made.packed({"a.txt": "a"}), filetype.ZIP),
        (b"<!DOCTYPE html><title>a</title>", filetype.HTML),
        (b"<?xml version='1.0'?><a/>", filetype.XML),
        ("Thông báo".encode(), filetype.PLAIN),
        ("Thông báo".encode("utf-16"), filetype.PLAIN),
        (b"a;b\n1;2\n3;4\n", filetype.CSV),
        (b"", filetype.UNKNOWN),
        (b"\0\1\2\3", filetype.UNKNOWN),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_type_is_told_by_the_bytes(body: bytes, expected: str) -> None:
    assert read_file(body).type == expected
    assert read_file(body, name="gì đó.exe", declared="application/octet-stream").type == expected


@pytest.mark.parametrize(
    ("name", "declared", "differs"),
    [
        ("qd-12.pdf", "application/pdf", False),
        ("qd-12.PDF", "", False),
        ("qd-12", "application/x-pdf", False),
        ("qd-12.pdf", "application/octet-stream", False),
        ("qd-12.doc", "application/pdf; charset=utf-8", False),
        ("", "", False),
        ("qd-12.doc", "", True),
        ("qd-12.docx", "application/msword", True),
    ],
)
def test_a_name_and_a_site_that_both_say_something_else_are_noted(name: str, declared: str, differs: bool) -> None:
    facts = read_file(made.pdf(made.shown(LONG)), name=name, declared=declared)
    assert facts.readable
    assert facts.note == (Note.TYPE_DIFFERS if differs else "")


# ------------------------------------------------------------------------------------------------------------ PDF


def test_the_text_of_a_pdf_keeps_its_lines() -> None:
    facts = read_file(made.pdf(made.shown("UY BAN NHAN DAN", "MAT", LONG), made.shown("Trang hai")))
    assert lines(facts) == ["UY BAN NHAN DAN", "MAT", LONG, "Trang hai"]
    assert (facts.pages, facts.readable, facts.note) == (2, True, "")


def test_a_stamp_beside_the_motto_stands_on_a_line_of_its_own() -> None:
    page = made.shown("UBND TINH MAU", "MAT", LONG) + made.shown("CONG HOA XA HOI", "Doc lap - Tu do", left=330)
    side_by_side = b" ".join(
        made.shown(text, left=left, top=top)
        for top, pair in ((800, ("UBND TINH MAU", "CONG HOA XA HOI")), (780, ("MAT", "Doc lap - Tu do")))
        for left, text in zip((50, 330), pair, strict=True)
    )
    assert "MAT" in lines(read_file(made.pdf(page)))
    assert "MAT" in lines(read_file(made.pdf(side_by_side)))


def test_a_scan_has_no_text_layer_and_what_the_signing_program_wrote_over_it_is_kept_for_the_screens() -> None:
    bare = read_file(made.pdf(made.SCAN))
    assert (bare.text, bare.readable, bare.note, bare.pages) == ("", False, Note.NO_TEXT_LAYER, 1)
    signed = read_file(made.pdf(made.SCAN + made.shown("Ky boi: UBND tinh Mau"), annotation="MẬT"))
    assert (signed.readable, signed.note) == (False, Note.NO_TEXT_LAYER)
    assert lines(signed) == ["Ky boi: UBND tinh Mau", "MẬT"]


def test_a_pdf_of_which_only_some_pages_are_scans_says_so() -> None:
    facts = read_file(made.pdf(made.shown(LONG), made.SCAN))
    assert (facts.readable, facts.note, facts.text) == (True, Note.PARTLY_WITHOUT_TEXT, LONG)


def test_an_empty_page_is_no_scan_but_text_as_outlines_is() -> None:
    assert read_file(made.pdf(made.shown(LONG), b"")).note == ""
    assert read_file(made.pdf(made.shown(LONG), b"0 0 m 9 9 l 9 0 l f")).note == Note.PARTLY_WITHOUT_TEXT


def test_a_picture_on_a_page_with_text_is_a_picture() -> None:
    assert read_file(made.pdf(made.SCAN + made.shown(LONG, LONG))).note == ""


def test_text_in_fonts_from_before_unicode_is_read() -> None:
    assert read_file(made.pdf(made.shown(OLD, OLD), font=".VnTime")).text == f"{NEW}\n{NEW}"
    assert read_file(made.pdf(made.shown("MËT", LONG), font=".VnTimeH")).text.split("\n")[0].upper() == "MẬT"
    assert read_file(made.pdf(made.shown("MËT", LONG))).text.split("\n")[0] == "MËT", "without evidence nothing changes"


def _encrypted(password: str, algorithm: str) -> bytes:
    writer, out = pypdf.PdfWriter(), io.BytesIO()
    writer.append(io.BytesIO(made.pdf(made.shown(LONG))))
    writer.encrypt(password, "chu-so-huu", algorithm=algorithm)
    writer.write(out)
    return out.getvalue()


def test_a_pdf_with_a_password_is_encrypted_and_one_that_only_forbids_changes_is_read() -> None:
    locked = read_file(_encrypted("mat-khau", "RC4-128"))
    assert (locked.readable, locked.note, locked.text) == (False, Note.ENCRYPTED, "")
    assert read_file(_encrypted("", "RC4-128")).text == LONG


def test_a_pdf_with_a_cipher_that_we_have_not_is_encrypted() -> None:
    body = made.pdf(made.shown(LONG)).replace(
        b"trailer<<",
        b"trailer<</Encrypt<</Filter/Standard/V 5/R 6/Length 256/O(%s)/U(%s)/OE(%s)/UE(%s)/Perms(%s)/P -4/CF<</StdCF"
        b"<</CFM/AESV3/Length 32>>>>/StmF/StdCF/StrF/StdCF>>/ID[(a)(b)]"
        % (b"o" * 48, b"u" * 48, b"e" * 32, b"e" * 32, b"p" * 16),
    )
    assert read_file(body).note == Note.ENCRYPTED


def test_pages_beyond_the_limit_are_left_out_by_name() -> None:
    facts = read_file(made.pdf(*[made.shown(f"Trang {n}") for n in range(310)]))
    assert (facts.readable, facts.note, facts.pages) == (True, Note.TOO_LARGE, 310)
    assert lines(facts)[-1] == "Trang 299"


def test_a_pdf_that_unpacks_without_end_is_a_bomb_within_a_second_and_little_memory() -> None:
    body = made.pdf(b"", compressed=zlib.compress(b"0 " * 40_000_000, 9))
    assert len(body) < 200_000
    began = process_time()
    tracemalloc.start()
    facts = read_file(body)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (facts.readable, facts.note) == (False, Note.BOMB)
    assert process_time() - began < 5
    assert peak < 100 * 1024**2


def test_many_pages_that_each_unpack_to_nearly_too_much_are_a_bomb() -> None:
    body = made.pdf(*[b""] * 50, compressed=zlib.compress(b"0 " * 3_500_000, 9))
    tracemalloc.start()
    facts = read_file(body)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (facts.readable, facts.note) == (False, Note.BOMB)
    assert peak < 200 * 1024**2


def test_a_page_of_endless_instructions_is_too_large_and_the_others_are_read() -> None:
    began = process_time()
    facts = read_file(made.pdf(made.shown(LONG), b"BT " + b"(a) Tj " * 400_000 + b"ET", made.shown("Trang ba")))
    assert process_time() - began < 5
    assert (facts.note, lines(facts)) == (Note.TOO_LARGE, [LONG, "Trang ba"])


def test_a_page_that_is_drawn_by_itself_ends() -> None:
    writer, out = pypdf.PdfWriter(), io.BytesIO()
    writer.append(io.BytesIO(made.pdf(made.shown(LONG))))
    kids = writer.root_object["/Pages"].get_object()["/Kids"]
    kids.append(writer.root_object["/Pages"].indirect_reference)  # a tree of pages that contains itself
    writer.root_object["/Pages"].get_object()[NameObject("/Kids")] = kids
    writer.write(out)
    assert read_file(out.getvalue()).type == filetype.PDF


def test_nothing_of_a_broken_pdf_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    body = made.pdf(made.shown("MAT", LONG))
    for cut in range(0, len(body), 97):
        read_file(body[:cut] + b"/#MAT" + body[cut:])
        read_file(body[:cut])
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "")


# ---------------------------------------------------------------------------------------------------------- Office


def test_every_place_of_a_docx_in_which_a_stamp_may_stand_is_read() -> None:
    document, out = docx.Document(), io.BytesIO()
    document.add_paragraph(TITLE)
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "MẬT", "Số: 12/QĐ-UBND"
    document.sections[0].header.paragraphs[0].text = "Đầu trang"
    document.sections[0].footer.paragraphs[0].text = "Chân trang"
    document.save(out)
    facts = read_file(out.getvalue(), name="qd.docx")
    assert lines(facts) == ["Đầu trang", TITLE, "MẬT", "Số: 12/QĐ-UBND", "Chân trang"]
    assert (facts.readable, facts.note) == (True, "")


def test_a_text_box_is_a_line_of_its_own_and_its_older_copy_is_not_read_twice() -> None:
    box = f"<w:txbxContent>{made.paragraph('M', 'Ậ', 'T')}</w:txbxContent>"
    inside = f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    body = f"<w:p><w:r><w:t>Kính </w:t></w:r><w:r>{inside}</w:r><w:r><w:t>gửi:</w:t><w:br/><w:t>Sở</w:t></w:r></w:p>"
    assert lines(read_file(made.docx(body))) == ["MẬT", "Kính gửi:", "Sở"]


def test_deleted_text_footnotes_and_comments_of_a_docx_are_read_too() -> None:
    note = f'<w:footnotes xmlns:w="{made.WORD}">{made.paragraph("Độ mật: Tối mật")}</w:footnotes>'
    body = "<w:p><w:del><w:r><w:delText>TUYỆT MẬT</w:delText></w:r></w:del></w:p>"
    assert lines(read_file(made.docx(body, {"word/footnotes.xml": note}))) == ["TUYỆT MẬT", "Độ mật: Tối mật"]


def test_a_docx_in_an_old_font_is_read() -> None:
    body = f'<w:p><w:r><w:rPr><w:rFonts w:ascii=".VnTime"/></w:rPr><w:t>{OLD}</w:t></w:r></w:p>'
    assert read_file(made.docx(body)).text == NEW


def test_slides_are_read_in_their_order() -> None:
    facts = read_file(made.pptx(*(f"Trang chiếu {n}" for n in range(1, 12))))
    assert lines(facts) == [f"Trang chiếu {n}" for n in range(1, 12)]
    assert facts.pages == 11


def test_open_document_text_and_tables_are_read() -> None:
    body = (
        "<text:h>Thông báo</text:h><text:p>Mời <text:span>thầu</text:span><text:s/>gói<text:line-break/>số 1</text:p>"
    )
    assert lines(read_file(made.odf("text", body))) == ["Thông báo", "Mời thầu gói", "số 1"]
    row = "<table:table-row><table:table-cell {}><text:p>MẬT</text:p></table:table-cell></table:table-row>"
    many = 'table:number-columns-repeated="16384"'
    assert lines(read_file(made.odf("spreadsheet", row.format("") + row.format(many)))) == ["MẬT", "MẬT"]


def test_cells_of_a_workbook_are_lines_and_dates_are_dates() -> None:
    cells: dict[str, str | float] = {
        "A1": "Họ và tên",
        "B1": "Ngày sinh",
        "A2": "Nguyễn Văn Mẫu",
        "B2": 33_239,
        "C2": 12.5,
    }
    facts = read_file(made.xlsx(cells, dates=["B2"]), name="danh-sach.xlsx")
    assert lines(facts) == ["Danh sách", "Họ và tên", "Ngày sinh", "Nguyễn Văn Mẫu", "01/01/1991", "12.5"]
    assert facts.note == ""


def test_two_cells_in_far_corners_do_not_end_the_process() -> None:
    facts = read_file(made.xlsx({"A1": "a", "XFD1048576": "b"}))
    assert (facts.readable, facts.note) == (False, Note.TOO_LARGE)


def test_a_workbook_of_a_million_rows_is_bounded() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 1_000_001))
    with zipfile.ZipFile(io.BytesIO(made.xlsx({"A1": "a"}))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = f'<worksheet xmlns="{made.SHEET}"><sheetData>{rows}</sheetData></worksheet>'
    began = process_time()
    facts = read_file(made.packed(members | {"xl/worksheets/sheet1.xml": sheet}))
    assert process_time() - began < 10
    assert facts.note == Note.TOO_LARGE
    assert len(facts.text) <= 1_000_000


@pytest.mark.parametrize("member", ["word/document.xml", "xl/worksheets/sheet1.xml", "ppt/media/film.bin"])
def test_a_zip_file_that_unpacks_without_end_is_a_bomb(member: str) -> None:
    facts = read_file(made.packed({"word/document.xml": "<a/>", "xl/workbook.xml": "<a/>", member: b"\0" * 64_000_000}))
    assert (facts.readable, facts.note) == (False, Note.BOMB)


def test_a_zip_file_that_lies_about_its_size_is_broken_and_not_unpacked() -> None:
    body = bytearray(made.packed({"word/document.xml": b"<a>" + b"\0" * 64_000_000}))
    for place in (body.find(b"PK\x03\x04") + 22, body.find(b"PK\x01\x02") + 24):
        body[place : place + 4] = (100).to_bytes(4, "little")
    assert read_file(bytes(body)).note == Note.BROKEN


def test_a_zip_file_of_endless_members_is_a_bomb() -> None:
    assert read_file(made.packed({f"word/{n}.xml": "" for n in range(5_001)})).note == Note.BOMB


def test_entities_are_not_followed_and_do_not_grow() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    document = (
        f'<!DOCTYPE a [<!ENTITY e0 "phát">{entities}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        f'<w:document xmlns:w="{made.WORD}">{made.paragraph("&e9;&f;", "an toàn")}</w:document>'
    )
    facts = read_file(made.packed({"word/document.xml": document}))
    assert "root:" not in facts.text
    assert len(facts.text) < 100


def test_markup_nested_without_end_is_broken() -> None:
    assert read_file(made.docx("<w:p>" * 2_000)).note == Note.BROKEN


@pytest.mark.parametrize("body", [made.ole("EncryptionInfo", "EncryptedPackage")])
def test_an_office_file_with_a_password_is_encrypted(body: bytes) -> None:
    facts = read_file(body, name="mat.docx")
    assert (facts.type, facts.readable, facts.note) == (filetype.OLE, False, Note.ENCRYPTED)


@pytest.mark.parametrize(
    "body", [made.ole("Root"), made.packed({"a.txt": "a"}), b"Rar!\x1a\x07\0", b"\0\1\2", b""]
)  # fmt: skip
def test_formats_whose_text_is_not_taken_say_so(body: bytes) -> None:
    facts = read_file(body)
    assert (facts.text, facts.readable, facts.note) == ("", False, Note.NOT_READ)


def test_what_can_be_overheard_in_an_old_office_file_is_for_the_screens_and_clears_nothing() -> None:
    text = "UBND TỈNH MẪU\rMẬT\rSố: 12/BC-UBND\x07Báo cáo tình hình\x07\r"
    for kind in ("WordDocument", "PowerPoint Document"):
        facts = read_file(made.ole(kind) + text.encode("utf-16-le") + b"\xff\xfe\0\1" * 300)
        assert (facts.readable, facts.note) == (False, Note.NOT_READ)
        assert {"MẬT", "UBND TỈNH MẪU", "Báo cáo tình hình"} <= set(lines(facts))


def test_a_picture_in_an_old_office_file_is_not_taken_for_text() -> None:
    body = made.ole("WordDocument") + random.Random(7).randbytes(4 * 1024**2)
    began = process_time()
    assert len(read_file(body).text) < 5_000
    assert process_time() - began < 5


def test_an_old_office_file_in_an_old_font_is_overheard_too() -> None:
    body = made.ole("WordDocument") + f"{OLD}\r{OLD}\r".encode("cp1252") + b"\0" * 9 + ".VnTime".encode("utf-16-le")
    assert NEW in lines(read_file(body))


def test_a_picture_has_no_text_layer() -> None:
    assert read_file(b"\x89PNG\r\n\x1a\n" + b"\0" * 99).note == Note.NO_TEXT_LAYER


# ------------------------------------------------------------------------------------------------- whatever comes in

WHOLE = [
    made.pdf(made.shown(LONG), made.SCAN),
    made.docx(made.paragraph(TITLE)),
    made.xlsx({"A1": TITLE, "B2": 1.0}),
    made.pptx(TITLE),
    made.odf("text", f"<text:p>{TITLE}</text:p>"),
    rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\u7852?\par text}",
    f"<html><p>{TITLE}</p></html>".encode(),
]


@pytest.mark.parametrize("body", WHOLE, ids=lambda body: filetype.type_of(body).rpartition(".")[2].rpartition("/")[2])
def test_a_file_cut_off_anywhere_gives_facts(body: bytes) -> None:
    for cut in range(0, len(body), max(1, len(body) // 50)):
        facts = read_file(body[:cut])
        assert facts.note in list(Note)
        assert facts.readable <= bool(facts.text)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(WHOLE), st.data())
def test_a_file_with_damaged_bytes_gives_facts(body: bytes, data: st.DataObject) -> None:
    damaged = bytearray(body)
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    facts = read_file(bytes(damaged))
    assert facts.note in list(Note)
    assert facts == read_file(bytes(damaged)), "same bytes, same facts"


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"%PDF-1.4 ", b"PK\x03\x04", rb"{\rtf1", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]),
)
def test_any_bytes_give_facts(body: bytes, opening: bytes) -> None:
    facts = read_file(opening + body, name="a.b", declared="x/y")
    assert facts.type
    assert not any(letter in facts.text for letter in "\0\r\u200b")


@pytest.mark.parametrize(
    ("names", "twins"),
    [
        (["word/document.xml", "word/Document.XML"], True), (["word/document.xml", "word\\document.xml"], True),
        (["word/document.xml", "/word/./document.xml"], True), (["word/document.xml", "word/document.xml"], True),
        (["word/document.xml", "word/document1.xml", "word/media/a.png", "word/media/a.png"], False),
    ],
)  # fmt: skip
def test_two_parts_of_one_name_are_seen_however_they_are_written(names: list[str], twins: bool) -> None:
    assert has_twins(names) is twins
