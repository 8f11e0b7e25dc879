"""Text of files that are text (plain, tables, pages, RTF), and of those typed in fonts from before Unicode."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.parse.files import types as filetype
from connectors.parse.files.file import FileFacts, Note, read_file
from connectors.parse.files.oldfonts import mend
from connectors.parse.legacy import decode_legacy

TITLE = "Quyết định về việc phê duyệt kế hoạch chuyển đổi số năm 2026"
#: A line in the font .VnTime: the Latin letters that stand where TCVN3 has Vietnamese ones.
OLD = "ViÖc ban hµnh quyÕt ®Þnh cña uû ban nh©n d©n tØnh"
NEW = "Việc ban hành quyết định của uỷ ban nhân dân tỉnh"


def lines(facts: FileFacts) -> list[str]:
    return facts.text.split("\n")


# ------------------------------------------------------------------------------------------------------------ text


def test_rtf_of_a_vietnamese_editor_is_read() -> None:
    body = (
        rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\froman\fcharset0 Times New Roman;}{\f1\fnil\fcharset163 Arial;}}"
        rb"{\colortbl;\red0\green0\blue0;}{\*\generator Riched20 10.0;}{\info{\title Kh\'f4ng}}"
        rb"{\header M\u7852?T\par}\pard\f0 Quy\u7871?t \u273\'64\u7883?nh\line s\u7889? 12 \f1 \'d4\'c2\'cc\par "
        rb"\trowd\intbl \u212?\'d2 m\u7897?t\cell \f0 hai\cell\row {\*\shpinst{\sp{\sn x}{\sv 1}}{\shptxt T\u7889?i m"
        rb"\u7853?t\par}}{\pict\wmetafile8 0102030405}\u-10179?\u-8704? }"
    )
    facts = read_file(body, name="van-ban.rtf")
    assert lines(facts) == ["MẬT", "Quyết định", "số 12 ÔẦ", "Ổ một", "hai", "Tối mật", "😀"]


def test_rtf_in_an_old_font_is_read() -> None:
    text = "".join(f"\\'{byte:02x}" for byte in OLD.encode("cp1252"))
    body = rb"{\rtf1\ansi{\fonttbl{\f0\fnil\fcharset0 .VnTime;}}\f0 " + text.encode() + b"}"
    assert read_file(body).text == NEW


def test_rtf_that_nests_without_end_is_broken() -> None:
    assert read_file(rb"{\rtf1 " + b"{" * 100_000).note == Note.BROKEN


def test_rtf_that_calls_for_fonts_without_end_is_read_at_once() -> None:
    # One expression for the whole entry took 32 s for 8 KB of this, and eight times as long for twice as much.
    body = rb"{\rtf1 " + rb"\f1\fcharset0 " * 14_000 + rb"h\u7871?t}"
    started = process_time()
    assert lines(read_file(body)) == ["hết"]
    assert process_time() - started < 2


def test_the_fonts_of_an_rtf_by_word_are_known() -> None:
    table = (
        rb"{\fonttbl{\f0;}"
        rb"{\f1\fbidi \froman\fcharset163\fprq2{\*\panose 02020603050405020304}Times New Roman{\*\falt Times};}"
        rb"{\f2\fswiss\fprq2\fcharset204 Arial Cyr;}}"
    )
    assert lines(read_file(rb"{\rtf1\ansi" + table + rb"\f1 \'c2\'cc\f2 \'cc}")) == ["ẦМ"]


def test_what_stands_inside_a_line_of_a_page_does_not_end_it() -> None:
    page = "<html><p>Hà Nội, <time>20/11/2026</time> <ruby>M</ruby><img src='a.png'>ẬT<br>hai</p></html>"
    assert lines(read_file(page.encode(), name="a.html")) == ["Hà Nội, 20/11/2026 MẬT", "hai"]


def test_the_blocks_of_a_page_are_lines() -> None:
    page = "<html><style>p{}</style><table><tr><td>M<b>Ậ</b>T<td>Số\n12</table><p>Một<br>hai<script>MẬT</script></html>"
    assert lines(read_file(page.encode(), name="a.html")) == ["MẬT", "Số 12", "Một", "hai"]


def test_cells_of_a_table_in_text_are_lines_whatever_its_rows_look_like() -> None:
    body = 'STT;Nội dung;Độ mật\n1;"Báo cáo; phụ lục";MẬT\n2;Khác\n'
    assert lines(read_file(body.encode(), name="ds.csv"))[3:6] == ["1", "Báo cáo; phụ lục", "MẬT"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1258"])
def test_text_in_any_encoding_is_nfc(encoding: str) -> None:
    text = "Uỷ ban nhân dân tỉnh thông báo về việc nghỉ lễ Quốc khánh"
    body = text.encode(encoding) if encoding != "cp1258" else _as_1258(text)
    assert read_file(body, name="tb.txt", declared="text/plain").text == text


def _as_1258(text: str) -> bytes:
    body = b""
    for letter in text:
        try:
            body += letter.encode("cp1258")
        except UnicodeEncodeError:
            # the tone stands behind its letter
            body += next(
                base.encode("cp1258") + mark.encode("cp1258")
                for base in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
                for mark in "\u0300\u0301\u0303\u0309\u0323"
                if decode_legacy(base.encode("cp1258") + mark.encode("cp1258"), "windows-1258") == letter
            )
    return body


def test_invisible_letters_are_gone_and_letters_are_whole() -> None:
    assert read_file("M\u00adA\u0302\u0323\u200bT\r\n\r\n\x0cHết".encode()).text == "MẬT\nHết"


def test_more_text_than_is_kept_is_noted() -> None:
    facts = read_file(("dòng chữ\n" * 200_000).encode())
    assert (facts.readable, facts.note) == (True, Note.TOO_LARGE)
    assert len(facts.text) <= 1_000_000


def test_a_file_larger_than_is_read_is_only_told_by_type() -> None:
    facts = read_file(b"%PDF-1.7\n" + b"\0" * (64 * 1024**2))
    assert (facts.type, facts.readable, facts.note) == (filetype.PDF, False, Note.TOO_LARGE)


# ------------------------------------------------------------------------------------------------------- old fonts


def test_lines_in_old_fonts_change_and_all_others_stay() -> None:
    assert mend(f"{OLD}\n{TITLE}\nplain") == f"{NEW}\n{TITLE}\nplain"


@pytest.mark.parametrize(
    "text", [TITLE, "café, déjà vu, naïve, crème brûlée, garçon, hôtel", "Größe über Straße", "MAT"]
)
def test_text_that_is_right_stays(text: str) -> None:
    assert mend(text) == text


def test_one_word_changes_only_where_a_font_says_so() -> None:
    assert mend("®Þnh") == "®Þnh"
    assert mend("®Þnh", [".VnTime"]) == "định"
    assert mend("Vieät", ["ABCDEF+VNI-Times"]) == "Việt"


@given(st.text(max_size=200))
def test_mending_ends_and_keeps_the_number_of_lines(text: str) -> None:
    assert mend(text, [".VnTime"]).count("\n") == text.count("\n")
