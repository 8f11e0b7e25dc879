"""The Word file of a report: its form, its numbers, and that names of others stay names."""

import io
import zipfile
from functools import cache

from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn

from hub.reports.docx import docx
from tests.reports.paper import (
    DEPARTMENTS,
    LOCALITIES,
    RULE,
    SIGNED,
    SILENT_DEPARTMENTS,
    SILENT_LOCALITIES,
    WORDS,
    large_year,
    snapshot,
    son_la,
)
from tests.reports.reading import word, word_text


@cache
def made(*, signed: bool = False) -> bytes:
    """The half-year of Sơn La, which many tests read."""
    return docx(son_la(), WORDS, number="09", signed=SIGNED) if signed else docx(son_la(), WORDS)


def test_every_number_of_son_la_stands_in_it() -> None:
    told = word_text(made())
    for said in (
        "737 tin, bài", "459 ảnh", "9 quyết định", "14 lịch tiếp công dân", "1 văn bản trả lời", "13 câu hỏi",
        "446 văn bản, gồm 258 văn bản chỉ đạo, điều hành và 188 văn bản quy phạm pháp luật", "3.910.575 lượt",
        "18/19 sở, ban, ngành", "11/12 huyện, thị xã, thành phố", "09 sở, ban, ngành:", "03 huyện, thị xã, thành phố:",
    ):  # fmt: skip
        assert said in told, said


def test_those_that_sent_nothing_are_named_with_the_rule() -> None:
    told = word_text(made())
    [named] = [line for line in told.splitlines() if line.startswith("- Chuyên mục “Tin, bài”, theo")]
    assert RULE in named
    assert all(name in named for name in (*SILENT_DEPARTMENTS, *SILENT_LOCALITIES))
    others = {*DEPARTMENTS, *LOCALITIES} - {*SILENT_DEPARTMENTS, *SILENT_LOCALITIES}
    assert not [name for name in others if name in named]


def test_the_form_is_that_of_the_decree() -> None:
    file = word(made(signed=True))
    page = file.sections[0]
    assert page.page_width is not None
    assert page.page_height is not None
    assert [round(each.mm) for each in (page.page_width, page.page_height)] == [210, 297]
    margins = (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)
    assert [round(each.mm) for each in margins if each is not None] == [20, 20, 30, 15]
    assert page.different_first_page_header_footer
    assert "PAGE" in page.header.paragraphs[0]._p.xml
    styles = {name: file.styles[name].font for name in ("Report Text", "Title", "Heading 1")}
    assert {font.name for font in styles.values()} == {"Times New Roman"}
    assert styles["Report Text"].size is not None
    assert styles["Report Text"].size.pt == 14
    head = file.tables[0]
    assert "UBND TỈNH SƠN LA" in head.cell(0, 0).text
    assert "BAN BIÊN TẬP CỔNG THÔNG TIN ĐIỆN TỬ" in head.cell(0, 0).text
    assert head.cell(0, 0)._tc.findall(f".//{qn('w:pBdr')}")
    assert head.cell(0, 1).text.startswith("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc")
    assert [head.cell(1, at).text for at in (0, 1)] == ["Số: 09/BC-BBT", "Sơn La, ngày 06 tháng 7 năm 2026"]
    foot = file.tables[-2].rows[0].cells
    assert foot[0].text == "Nơi nhận:\n- Chủ tịch UBND tỉnh (báo cáo);\n- Lưu: VT, BBT."
    assert foot[1].text.split("\n") == ["TRƯỞNG BAN BIÊN TẬP", "", "(Đã ký)", "", "Nguyễn Văn Minh"]


def test_a_report_that_nobody_signed_has_room_for_number_day_and_name() -> None:
    told = word_text(made())
    assert "(Đã ký)" not in told
    assert "Số:        /BC-BBT" in told
    assert "Sơn La, ngày       tháng       năm 2026" in told


def test_the_whole_number_of_a_signed_report_is_not_given_its_ending_twice() -> None:
    assert "Số: 09/BC-BBT\n" in word_text(docx(son_la(), {}, number="09/BC-BBT", signed=SIGNED))


def test_heads_are_repeated_and_numbers_stand_on_the_right() -> None:
    file = word(made())
    [table] = [one for one in file.tables if one.cell(0, 1).text == "Nội dung"]
    assert table.rows[0]._tr.findall(f".//{qn('w:tblHeader')}")
    assert table.cell(1, 2).paragraphs[0].alignment == WD_ALIGN_PARAGRAPH.RIGHT
    assert [cell.text for cell in table.rows[-1].cells] == ["", "Tổng cộng", "1.220", "1.092", "128", "11,7%"]


def test_the_wide_table_lies_on_a_page_of_its_own() -> None:
    file = word(made())
    assert [page.orientation for page in file.sections] == [WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE]
    width = sum(int(each.get(qn("w:w"))) for each in file.tables[-1]._tbl.tblGrid)
    assert 14_000 < width <= round(252 / 25.4 * 1440)  # 297 mm without the margins


def test_charts_are_pictures_with_their_numbers_as_text() -> None:
    described = [each.get("descr") for each in word(made()).element.body.iter(qn("wp:docPr"))]
    assert described[0] is not None
    assert "03/2026: 223 (kỳ trước 188)" in described[0]
    with zipfile.ZipFile(io.BytesIO(made())) as parts:
        assert [parts.read(f"word/media/image{at}.png")[:4] for at in (1, 2)] == [b"\x89PNG"] * 2


def test_the_same_report_has_the_same_bytes() -> None:
    assert docx(son_la(), WORDS, number="09", signed=SIGNED) == made(signed=True)


def test_a_period_in_which_nothing_happened_is_told_in_words() -> None:
    told = word_text(docx(snapshot(), {}))
    assert "không ghi nhận thông tin nào" in told
    assert "chưa có số liệu lượt truy cập" in told
    assert "0%" not in told


def test_what_others_wrote_stays_text() -> None:
    hostile = '<w:p/>&amp;]]>\x00\x0b#eval("x")'
    told = word_text(docx(son_la(head=son_la().head.model_copy(update={"recipients": (hostile,)})), {}))
    assert '- <w:p/>&amp;]]>#eval("x").' in told


def test_a_years_report_of_a_large_province_is_a_file_that_opens() -> None:
    file = word(docx(large_year(), {}))
    assert len(file.tables[-1].rows) == 132
