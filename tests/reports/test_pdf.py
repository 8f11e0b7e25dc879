"""The PDF of a report: the numbers and the form of the Word file, and that names of others are never markup."""

import io
from functools import cache

from pypdf import PdfReader

from hub.reports.pdf import pdf
from tests.reports.paper import RULE, SIGNED, SILENT_DEPARTMENTS, SILENT_LOCALITIES, WORDS, snapshot, son_la
from tests.reports.reading import pdf_text


@cache
def made(*, signed: bool = False) -> bytes:
    """The half-year of Sơn La, which many tests read."""
    return pdf(son_la(), WORDS, number="09", signed=SIGNED) if signed else pdf(son_la(), WORDS)


def test_every_number_of_son_la_stands_in_it() -> None:
    told = pdf_text(made())
    for said in (
        "737 tin, bài",
        "459 ảnh",
        "9 quyết định",
        "14 lịch tiếp công dân",
        "1 văn bản trả lời",
        "13 câu hỏi",
        "446 văn bản, gồm 258 văn bản chỉ đạo, điều hành và 188 văn bản quy phạm pháp luật",
        "3.910.575 lượt",
        "18/19 sở, ban, ngành",
        "11/12 huyện, thị xã, thành phố",
        RULE,
        *SILENT_DEPARTMENTS,
        *SILENT_LOCALITIES,
    ):
        assert said in told, said


def test_the_form_is_that_of_the_word_file() -> None:
    file = PdfReader(io.BytesIO(made(signed=True)))
    first, second = (file.pages[at].extract_text() for at in (0, 1))
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in first
    assert "Số: 09/BC-BBT" in first
    assert "Sơn La, ngày 06 tháng 7 năm 2026" in first
    assert not first.startswith("1\n")
    assert second.startswith("2\n")
    told = " ".join(page.extract_text() for page in file.pages)
    assert "(Đã ký)" in told
    assert "Nguyễn Văn Minh" in told
    wide = file.pages[-1].mediabox
    assert wide.width > wide.height
    assert [round(float(each) / 72 * 25.4) for each in (file.pages[0].mediabox.width, wide.width)] == [210, 297]


def test_letters_are_embedded_and_the_file_tells_its_title_and_language() -> None:
    file = PdfReader(io.BytesIO(made()))
    assert file.metadata is not None
    assert file.metadata.title == "Kết quả cung cấp thông tin của các cơ quan, đơn vị 6 tháng đầu năm 2026"
    assert str(file.root_object["/Lang"]).startswith("vi")
    fonts = file.pages[0]["/Resources"]["/Font"]
    assert all("Libertinus" in str(fonts[name].get_object()["/BaseFont"]) for name in fonts)


def test_what_others_wrote_is_never_markup() -> None:
    hostile = '#panic("x") *a* _b_ $x$ ]#read("/etc/passwd") <w> `c` \\ "'
    told = pdf_text(pdf(snapshot(remarks=(hostile,)), {}))
    assert hostile in told


def test_a_report_that_nobody_signed_says_so() -> None:
    told = pdf_text(pdf(snapshot(), {}))
    assert "(Đã ký)" not in told
    assert "không ghi nhận thông tin nào" in told
    assert "0%" not in told


def test_the_same_report_has_the_same_bytes() -> None:
    assert pdf(son_la(), WORDS, number="09", signed=SIGNED) == made(signed=True)
