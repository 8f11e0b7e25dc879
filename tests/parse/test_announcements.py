"""Decisions that announce procedures: the lists in their pages and files as several provinces write them."""

from html import escape
from itertools import chain, repeat
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Normalised, SourceContext
from connectors.parse.announcedwords import Outline, agency_in, announces_procedures, column_called, heading, said
from connectors.parse.announcements import UNREAD, read_announced
from connectors.parse.entry import Text
from connectors.parse.files.file import read_file
from connectors.parse.item import make_item
from connectors.parse.text import clean_text, words
from schemas.document import LINES_LIMIT, STATED_LIMIT, Action, Document
from schemas.item import Kind
from tests.fakes.documents import docx, paragraph

CONTEXT = SourceContext(name="vanban", kind=Kind.DOCUMENT, url="https://vp.example.vn/van-ban")
SEVERAL = "Quyết định công bố Danh mục thủ tục hành chính mới ban hành; được sửa đổi, bổ sung; thay thế; bị bãi bỏ"
NEW = "Quyết định về việc công bố thủ tục hành chính mới ban hành thuộc thẩm quyền giải quyết của Sở Tư pháp"


def table(*rows: str) -> str:
    """Rows of cells between strokes; `3>text` reaches over three columns, `2v text` over two rows."""
    return f"<table>{''.join(map(_row, rows))}</table>"


def _row(row: str) -> str:
    cells = []
    for cell in row.split("|"):
        text, span = cell.strip(), ""
        if text[1:2] == ">":
            text, span = text[2:], f' colspan="{text[0]}"'
        elif text[1:3] == "v ":
            text, span = text[3:], f' rowspan="{text[0]}"'
        cells.append(f"<td{span}><p>{escape(text).replace('/n', '</p><p>')}</p></td>")
    return f"<tr>{''.join(cells)}</tr>"


def lines(title: str, markup: str = "", *texts: str) -> list[tuple[str, str, str]]:
    """Action, code and name of each line."""
    return [(one.action.value, one.code, one.name) for one in read_announced(title, markup, texts).lines]


def made(title: str, markup: str = "", **details: Any) -> Normalised:
    entry: Any = {"id": "1", "title": Text(title, False), "content": Text(markup), "details": details}
    return make_item(entry, CONTEXT, base=CONTEXT.url, pointer="item 1")


# ---------------------------------------------------------------------------------------------------------- titles


@pytest.mark.parametrize(
    "title",
    [
        SEVERAL, NEW, NEW.upper(),
        "Quyết định số 1187/QĐ-UBND ngày 18/5/2026 của Chủ tịch UBND tỉnh về việc công bố Danh mục TTHC bị bãi bỏ",
        "V/v công bố 05 thủ tục hành chính sửa đổi lĩnh vực chăn nuôi",
        "Về việc công bố bổ sung, sửa đổi và bãi bỏ thủ tục hành chính thuộc thẩm quyền giải quyết của Sở Y tế",
        "Công bố thủ tục hành mới ban hành, thủ tục hành chính bị bãi bỏ của Sở Tư pháp",
        "UBND tỉnh ban hành Quyết định về việc công bố thủ tục hành chính chuẩn hóa của Sở Nội vụ",
        "Bãi bỏ thủ tục hành chính thuộc thẩm quyền giải quyết của Sở Lao động",
        "Công bố Danh mục thủ tục hành chính thuộc phạm vi quản lý của Thanh tra tỉnh",
    ],
)  # fmt: skip
def test_a_title_that_announces_procedures_is_known(title: str) -> None:
    assert announces_procedures(title)


@pytest.mark.parametrize(
    "title",
    [
        "Kế hoạch rà soát, công bố, công khai thủ tục hành chính năm 2026",
        "Ban hành Quy chế công bố, công khai thủ tục hành chính",
        "Quyết định công bố Danh mục thủ tục hành chính thực hiện tiếp nhận qua dịch vụ bưu chính công ích",
        "Quyết định công bố Danh mục thủ tục hành chính nội bộ trong hệ thống hành chính nhà nước",
        "Quyết định công bố Danh mục thủ tục hành chính cung cấp dịch vụ công trực tuyến toàn trình",
        "Quyết định phê duyệt quy trình nội bộ giải quyết thủ tục hành chính mới ban hành",
        "Quyết định công bố kết quả chỉ số cải cách thủ tục hành chính",
        "Công bố công khai dự toán ngân sách năm 2026",
        "Về việc thay thế cán bộ đầu mối kiểm soát thủ tục hành chính",
        "",
    ],
)
def test_other_titles_are_not(title: str) -> None:
    assert not announces_procedures(title)


def test_what_is_done_is_only_told_beside_the_procedures() -> None:
    assert said("Danh mục TTHC mới ban hành lĩnh vực sửa đổi giấy phép").action is Action.NEW
    assert said("Thủ tục hành chính trong lĩnh vực đổi mới sáng tạo").action is None
    assert said("THỦ TỤC HÀNH CHÍNH ĐƯỢC SỬA ĐỔI, BỔ SUNG HOẶC BỊ THAY THẾ").action is Action.AMENDED
    assert said("TTHC mới ban hành và thủ tục hành chính bị hủy bỏ, bãi bỏ").actions == {Action.NEW, Action.ABOLISHED}
    assert said("công bố sửa đổi, bãi bỏ 05 thủ tục hành chính").actions == {Action.AMENDED, Action.ABOLISHED}
    assert said("thủ tục hành chính môi trường, mọi lĩnh vực").action is None


def test_a_title_says_whose_procedures_they_are() -> None:
    assert agency_in(NEW) == "Sở Tư pháp"
    assert agency_in("… thuộc phạm vi chức năng quản lý và giải quyết của Sở Y tế trên địa bàn tỉnh") == "Sở Y tế"
    assert agency_in("Công bố thủ tục hành chính mới") == ""


def test_headings_are_told_from_sentences_and_sectors() -> None:
    assert heading("Bãi bỏ các thủ tục hành chính tại Quyết định số 12/QĐ-UBND.") is None
    assert heading("Điều 1. Công bố kèm theo Quyết định này 02 thủ tục hành chính mới ban hành") is None
    assert heading("I. LĨNH VỰC HỘ TỊCH (03 TTHC)") is None
    assert heading("1. Đăng ký khai sinh") is None
    found = heading("II. DANH MỤC 03 TTHC BỊ BÃI BỎ CẤP XÃ")
    assert found is not None
    assert (found.style, found.said.action, found.agency) == ("roman", Action.ABOLISHED, "Ủy ban nhân dân cấp xã")


def test_a_part_ends_what_the_part_before_it_said() -> None:
    outline = Outline(action=None)
    for text, expected in (
        ("A. THỦ TỤC HÀNH CHÍNH CẤP TỈNH", None), ("I. TTHC mới ban hành", Action.NEW),
        ("II. TTHC bị bãi bỏ", Action.ABOLISHED), ("B. THỦ TỤC HÀNH CHÍNH CẤP XÃ", None),
        ("I. TTHC được sửa đổi, bổ sung", Action.AMENDED), ("PHẦN II. NỘI DUNG CỤ THỂ CỦA TỪNG TTHC", None),
        ("PHỤ LỤC II", None), ("DANH MỤC TTHC MỚI BAN HÀNH", Action.NEW), ("1. TTHC cấp tỉnh", Action.NEW),
        ("2. TTHC cấp xã", Action.NEW), ("DANH MỤC THỦ TỤC HÀNH CHÍNH", None),
    ):  # fmt: skip
        head = heading(text)
        assert head is not None, text
        outline.take(head)
        assert outline.now is expected, text


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("STT", "number"), ("Mã số TTHC", "code"), ("SỐ HỒ SƠ TTHC (1)", "code"), ("Tên thủ tục hành chính", "name"),
        ("Mã số TTHC/ Tên TTHC", "name"), ("Thời hạn giải quyết (ngày làm việc)", "time_limit"),
        ("Phí, lệ phí (nếu có)", "fee"), ("Địa điểm thực hiện", "place"), ("Căn cứ pháp lý", "basis"),
        ("Tên VBQPPL quy định việc bãi bỏ thủ tục hành chính", "basis"), ("Tên TTHC được thay thế", "old_name"),
        ("Tên TTHC thay thế", "name"), ("Mã số TTHC bị thay thế", "old_code"), ("Ghi chú", "note"), ("Người ký", ""),
    ],
)  # fmt: skip
def test_columns_are_called_in_many_ways(label: str, role: str) -> None:
    assert column_called(label) == role


# ---------------------------------------------------------------------------------------------------------- tables


def test_a_list_with_all_its_columns_is_read_as_it_is_stated() -> None:
    page = "<p>PHỤ LỤC</p><p>DANH MỤC TTHC MỚI BAN HÀNH THUỘC THẨM QUYỀN GIẢI QUYẾT CỦA SỞ TƯ PHÁP</p>" + table(
        "STT|Mã số TTHC|Tên thủ tục hành chính|Thời hạn giải quyết|Địa điểm thực hiện|Phí, lệ phí|Căn cứ pháp lý",
        "(1)|(2)|(3)|(4)|(5)|(6)|(7)",
        "I|6>LĨNH VỰC HỘ TỊCH",
        "1|1.004194.000.00.00.H52|Đăng ký tạm trú|03 ngày/nlàm việc|2v Một cửa cấp tỉnh|Không|- Luật A/n- Luật B",
        "2|l.OO4195.000.00.00.Н52|2. Đăng ký thường trú|05 ngày|15.000 đồng|Luật A",
    )
    read = read_announced(SEVERAL, page)
    assert read.whole
    first, second = read.lines
    assert first.model_dump(mode="json", exclude_defaults=True) == {
        "action": "new", "code": "1.004194.000.00.00.H52", "name": "Đăng ký tạm trú", "agency": "SỞ TƯ PHÁP",
        "time_limit": "03 ngày\nlàm việc", "place": "Một cửa cấp tỉnh", "fee": "Không",
        "basis": "- Luật A\n- Luật B",
    }  # fmt: skip
    assert (second.code, second.name) == ("1.004195.000.00.00.H52", "Đăng ký thường trú")
    assert second.place == first.place


def test_sections_by_action_and_then_by_level() -> None:
    labels = "STT|Số hồ sơ TTHC|Tên TTHC|Căn cứ pháp lý"
    page = (
        "<h3>A. DANH MỤC TTHC ĐƯỢC SỬA ĐỔI, BỔ SUNG</h3><p>I. TTHC cấp tỉnh</p>"
        + table(labels, "1|1.000001|Cấp giấy phép một|Luật")
        + "<p>II. TTHC cấp xã</p>"
        + table(labels, "1|1.000002|Cấp giấy phép hai|Luật")
        + "<h3>B. DANH MỤC TTHC BỊ BÃI BỎ</h3>"
        + table(
            "STT|Số hồ sơ TTHC|Tên TTHC|Tên VBQPPL quy định việc bãi bỏ TTHC", "1|T-BPC-280421|Cấp giấy phép ba|NĐ 1"
        )
    )
    read = read_announced(SEVERAL, page).lines
    assert [(one.action, one.code, one.agency) for one in read] == [
        (Action.AMENDED, "1.000001", ""), (Action.AMENDED, "1.000002", "Ủy ban nhân dân cấp xã"),
        (Action.ABOLISHED, "T-BPC-280421", ""),
    ]  # fmt: skip


def test_sections_by_level_and_then_by_action_inside_one_table() -> None:
    page = table(
        "TT|Mã TTHC|Tên thủ tục hành chính|Lĩnh vực|Cơ quan thực hiện",
        "A|4>THỦ TỤC HÀNH CHÍNH CẤP TỈNH",
        "I|4>Thủ tục hành chính mới ban hành",
        "1|1.000001|Cấp giấy phép một|Đất đai|Sở Nông nghiệp và Môi trường",
        "II|4>Thủ tục hành chính bị bãi bỏ",
        "1|1.000002|Cấp giấy phép hai|Đất đai|Sở Nông nghiệp và Môi trường",
        "B|4>THỦ TỤC HÀNH CHÍNH CẤP XÃ",
        "1|1.000003|Không rõ làm gì|Đất đai|UBND cấp xã",
        "I|4>Thủ tục hành chính thay thế",
        "1|1.000004|Cấp giấy phép bốn|Đất đai|UBND cấp xã",
    )
    read = read_announced(SEVERAL, page)
    assert [(one.action, one.code, one.agency) for one in read.lines] == [
        (Action.NEW, "1.000001", "Sở Nông nghiệp và Môi trường"),
        (Action.ABOLISHED, "1.000002", "Sở Nông nghiệp và Môi trường"), (Action.REPLACED, "1.000004", "UBND cấp xã"),
    ]  # fmt: skip
    assert not read.whole, "nobody says what is done to the third"


def test_a_table_that_goes_on_in_the_next_one_goes_on_with_its_own_headings() -> None:
    labels = "STT|Mã số|Tên thủ tục hành chính"
    page = (
        "<p>A. TTHC MỚI BAN HÀNH</p>" + table(labels, "1|1.000001|Cấp giấy phép một", "B|2>TTHC bị bãi bỏ")
        + "<p>Trang 2</p>" + table(labels, "1|1.000002|Cấp giấy phép hai")
    )  # fmt: skip
    assert lines(SEVERAL, page) == [
        ("new", "1.000001", "Cấp giấy phép một"), ("abolished", "1.000002", "Cấp giấy phép hai"),
    ]  # fmt: skip


def test_what_replaces_what_is_told_by_the_labels() -> None:
    page = table(
        "STT|Mã số TTHC|Tên TTHC được thay thế|Tên TTHC thay thế|Mã số TTHC được thay thế",
        "1|1.000002|Cấp giấy phép cũ|Cấp giấy phép mới hơn|1.000001",
    )
    [line] = read_announced("Công bố thủ tục hành chính thay thế", page).lines
    assert (line.action, line.code, line.name) == (Action.REPLACED, "1.000002", "Cấp giấy phép mới hơn")
    assert [(one.code, one.name) for one in line.replaces] == [("1.000001", "Cấp giấy phép cũ")]
    only = table("STT|Mã số TTHC được thay thế|Tên TTHC được thay thế", "1|1.000003|Cấp giấy phép ba")
    assert lines("Công bố thủ tục hành chính được thay thế", only) == [("replaced", "1.000003", "Cấp giấy phép ba")]


def test_a_note_says_what_is_done_where_nothing_else_does_and_never_against_it() -> None:
    labels = "STT|Mã số TTHC|Tên TTHC|Ghi chú"
    page = table(
        labels, "1|1.000001|Cấp giấy phép một|Mới ban hành", "2|1.000002|Cấp giấy phép hai|TTHC bị bãi bỏ",
        "3|1.000003|Cấp giấy phép ba|Xem lại",
    )  # fmt: skip
    read = read_announced(SEVERAL, page)
    assert [(one.action.value, one.code) for one in read.lines] == [("new", "1.000001"), ("abolished", "1.000002")]
    assert not read.whole
    against = read_announced(NEW, page)
    assert [one.code for one in against.lines] == ["1.000001", "1.000003"], "a note that contradicts its list"
    assert not against.whole


def test_a_code_stands_in_the_cell_of_the_name_too_and_a_procedure_may_have_two() -> None:
    page = table(
        "STT|Tên thủ tục hành chính (Mã số TTHC)|Thời hạn giải quyết",
        "1|Đăng ký khai sinh (1.001193.000.00.00.H52)|Trong ngày",
        "2|Mã TTHC: 2.000635 Đăng ký kết hôn|Trong ngày",
        "3|Đăng ký nhận cha, mẹ, con|03 ngày",
    ) + table("STT|Mã số TTHC|Tên TTHC", "1|1.000001/n2.000002|Cấp giấy phép một", "2|-|Cấp giấy phép hai")
    assert lines(NEW, page) == [
        ("new", "1.001193.000.00.00.H52", "Đăng ký khai sinh"), ("new", "2.000635", "Đăng ký kết hôn"),
        ("new", "", "Đăng ký nhận cha, mẹ, con"), ("new", "1.000001", "Cấp giấy phép một"),
        ("new", "2.000002", "Cấp giấy phép một"), ("new", "", "Cấp giấy phép hai"),
    ]  # fmt: skip


def test_a_code_that_cannot_be_read_makes_no_line() -> None:
    read = read_announced(
        NEW, table("STT|Mã số TTHC|Tên TTHC", "1|1.00419|Cấp giấy phép một", "2|1.000002|Cấp giấy hai")
    )
    assert [one.code for one in read.lines] == ["1.000002"]
    assert not read.whole


def test_merged_cells_make_one_procedure_with_several_limits() -> None:
    page = table(
        "2v STT|2v Mã số TTHC|2v Tên TTHC|2>Thời hạn giải quyết|2v Phí, lệ phí", "Trực tiếp|Trực tuyến",
        "2v 1|2v 1.000001|2v Cấp giấy phép một|5 ngày|3 ngày|Không", "10 ngày (phức tạp)|3 ngày|50.000 đồng",
        "STT|Mã số TTHC|Tên TTHC|Thời hạn giải quyết||Phí, lệ phí", "2|1.000002|Cấp giấy phép hai|2>2 ngày|Không",
    )  # fmt: skip
    first, second = read_announced(NEW, page).lines
    assert (first.time_limit, first.fee) == ("5 ngày\n3 ngày\n10 ngày (phức tạp)", "Không\n50.000 đồng")
    assert (second.time_limit, second.fee) == ("2 ngày", "Không")


def test_a_list_inside_tables_of_the_layout_and_with_tables_inside_its_cells() -> None:
    inner = table("STT|Mã số TTHC|Tên TTHC|Phí", "1|1.000001|Cấp giấy phép một|Không").replace(
        "Không", "<table><tr><td>Tên</td><td>5.000 đồng</td></tr></table>"
    )
    page = (
        f"<table><tr><td>Menu</td><td><table><tr><td><p>TTHC BỊ BÃI BỎ</p>{inner}</td></tr></table></td></tr></table>"
    )
    [line] = read_announced(SEVERAL, page).lines
    assert (line.action, line.code, line.fee) == (Action.ABOLISHED, "1.000001", "Tên\n5.000 đồng")


@pytest.mark.parametrize(
    "page",
    [
        table("1|1.000001|Cấp giấy phép một", "2|1.000002|Cấp giấy phép hai"),
        table("Họ và tên|Chức vụ", "Nguyễn Văn A|Chủ tịch"),
        "<p>DANH MỤC TTHC MỚI, BỊ BÃI BỎ</p>" + table("STT|Mã số TTHC|Tên TTHC", "1|1.000001|Cấp giấy phép một"),
        "<p>TTHC mới ban hành</p>" + table("STT|Mã số TTHC|Tên TTHC bị bãi bỏ", "1|1.000001|Cấp giấy phép một"),
        "<p>Nội dung cụ thể của từng thủ tục hành chính</p>"
        + table("STT|Mã số TTHC|Tên TTHC", "1|1.000001|Cấp giấy một"),
        "<p>Chi tiết tại tệp đính kèm.</p>",
        "",
    ],
)
def test_nothing_is_guessed(page: str) -> None:
    assert lines(SEVERAL, page) == []


# ----------------------------------------------------------------------------------------------------------- texts

CELLS = """QUYẾT ĐỊNH
Về việc công bố Danh mục thủ tục hành chính mới ban hành, bị bãi bỏ
Điều 1. Công bố kèm theo Quyết định này 02 thủ tục hành chính mới ban hành, thay thế mã 1.999999 đã công bố.
PHỤ LỤC
DANH MỤC THỦ TỤC HÀNH CHÍNH MỚI BAN HÀNH,
BỊ BÃI BỎ THUỘC THẨM QUYỀN GIẢI QUYẾT CỦA SỞ TƯ PHÁP
(Ban hành kèm theo Quyết định số 12/QĐ-UBND)
A. DANH MỤC TTHC MỚI BAN HÀNH
STT
Mã số TTHC
Tên thủ tục hành chính
Thời hạn giải quyết
I
Lĩnh vực Hộ tịch
1
1.004194.000.00.
00.H52
Đăng ký tạm trú có yếu tố nước ngoài tại
Việt Nam
03 ngày làm việc
2
1.004195.000.00.00.H52
Đăng ký thường trú
trong ngày làm việc
B. DANH MỤC TTHC BỊ BÃI BỎ
1. Đổi giấy khai sinh cũ của
công dân (Mã số TTHC: T-BPC-280421)
PHẦN II. NỘI DUNG CỤ THỂ CỦA TỪNG THỦ TỤC HÀNH CHÍNH
1. Đăng ký tạm trú khác (1.004196.000.00.00.H52)
"""
FROM_CELLS = [
    ("new", "1.004194.000.00.00.H52", "Đăng ký tạm trú có yếu tố nước ngoài tại Việt Nam"),
    ("new", "1.004195.000.00.00.H52", "Đăng ký thường trú"),
    ("abolished", "T-BPC-280421", "Đổi giấy khai sinh cũ của công dân"),
]
BOTH = "Về việc công bố Danh mục thủ tục hành chính mới ban hành, bị bãi bỏ"


def test_a_text_without_borders_gives_the_codes_with_their_names() -> None:
    assert lines(BOTH, "", CELLS) == FROM_CELLS
    assert {one.agency for one in read_announced(BOTH, "", [CELLS]).lines} == {"SỞ TƯ PHÁP"}


def test_a_docx_is_read_through_its_text() -> None:
    facts = read_file(docx("".join(map(paragraph, CELLS.splitlines()))), name="phu-luc.docx")
    assert lines(BOTH, "", facts.text) == FROM_CELLS


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("1. 1.000001 - Đăng ký khai sinh", "Đăng ký khai sinh"),
        ("1 1.000001.000.00.00.H52 Đăng ký khai sinh\ncó yếu tố nước ngoài", "Đăng ký khai sinh có yếu tố nước ngoài"),
        ("- Đăng ký khai sinh (1.000001)", "Đăng ký khai sinh"),
        ("1\nĐăng ký khai sinh\n1.000001\n2", "Đăng ký khai sinh"),
        ("Tên TTHC\nMã số TTHC\n1\nĐăng ký khai sinh\n1.000001\nHộ tịch", "Đăng ký khai sinh"),
        ("1\n1.000001\nĐăng ký khai sinh\n03 ngày", "Đăng ký khai sinh"),
    ],
)
def test_a_name_stands_on_the_line_or_beside_it(text: str, name: str) -> None:
    read = read_announced(NEW, "", [text])
    assert [one.name for one in read.lines] == [name]
    assert read.whole


@pytest.mark.parametrize(
    "text",
    [
        "1 1.000001 Đăng ký khai sinh Trong ngày làm việc Không",  # columns run into each other
        "STT Mã số TTHC Tên TTHC Lĩnh vực Thời hạn giải quyết\n1 1.000001 Đăng ký khai sinh Hộ tịch",
        "Bãi bỏ thủ tục có mã 1.000001 tại Quyết định số 5/QĐ-UBND",
        "1.000001\nĐăng ký khai sinh\nĐăng ký kết hôn",  # is it the name before or after?
        "1\n1.000001\n2\n1.000002",
        "1.000001 và 1.000002 Đăng ký khai sinh",
        "1 1.000001.000.00. Đăng ký khai\n00.H52 sinh",
        "1\n1.000001\n05 ngày làm việc",
    ],
)
def test_a_name_that_is_not_certain_is_refused_and_the_list_is_not_whole(text: str) -> None:
    read = read_announced(NEW, "", [text])
    assert (read.lines, read.whole) == ((), False)


def test_files_add_what_the_page_does_not_say_and_nothing_twice() -> None:
    page = table("STT|Mã số TTHC|Tên TTHC", "1|1.000001|Cấp giấy phép một", "2|1.0000|Cấp giấy phép hai")
    assert lines(NEW, page, "1. 1.000001 Cấp giấy phép một\n2. 1.000002 Cấp giấy phép hai") == [
        ("new", "1.000001", "Cấp giấy phép một"), ("new", "1.000002", "Cấp giấy phép hai"),
    ]  # fmt: skip


# ----------------------------------------------------------------------------------------------------------- items


def test_an_item_has_its_list_and_a_remark_where_it_could_not_be_read() -> None:
    read = made(NEW, table("STT|Mã số TTHC|Tên TTHC", "1|1.000001|Cấp giấy phép một"))
    assert isinstance(read.item, Document)
    assert [one.code for one in read.item.announces] == ["1.000001"]
    assert read.remarks == ()
    assert made(NEW, "<p>Xem tệp đính kèm</p>").remarks == (UNREAD,)
    assert made("Quyết định giao đất", table("STT|Mã số TTHC|Tên TTHC", "1|1.000001|Cấp giấy")).remarks == ()


def test_a_plan_of_the_same_title_announces_nothing() -> None:
    read = made(NEW, table("STT|Mã số TTHC|Tên TTHC", "1|1.000001|Cấp giấy phép một"), document_type="Công văn")
    assert isinstance(read.item, Document)
    assert (read.item.announces, read.remarks) == ((), ())


def test_a_list_that_the_source_gives_as_data_stays() -> None:
    read = made(
        NEW, "<p>Không có bảng</p>", announces=[{"action": "abolished", "code": "1.000009", "name": "Cấp giấy"}]
    )
    assert isinstance(read.item, Document)
    assert [(one.action, one.code) for one in read.item.announces] == [(Action.ABOLISHED, "1.000009")]
    assert read.remarks == ()


# ---------------------------------------------------------------------------------------------------------- bounds


def test_a_huge_list_is_bounded_and_says_so() -> None:
    rows = [f"{n}|1.{n:06}|Cấp giấy phép thứ {n}|{'Một cửa. ' * 500 if n == 1 else 'Một cửa'}" for n in range(1, 2_500)]
    began = perf_counter()
    read = read_announced(NEW, table("STT|Mã số TTHC|Tên TTHC|Địa điểm", *rows))
    assert perf_counter() - began < 10
    assert (len(read.lines), read.whole) == (LINES_LIMIT, False)
    assert len(read.lines[0].place) <= STATED_LIMIT
    text = "\n".join(f"{n}. 1.{n:06} Cấp giấy phép thứ {n}" for n in range(1, 2_500))
    read = read_announced(NEW, "", [text])
    assert (len(read.lines), read.whole) == (LINES_LIMIT, False)


def test_spans_that_reach_for_ever_cost_no_more_than_the_page() -> None:
    wide = '<tr><td colspan="99999" rowspan="99999">Tên TTHC</td><td>Mã số TTHC</td></tr>' * 200
    began = perf_counter()
    assert read_announced(NEW, f"<table>{wide}</table>").lines == ()
    assert read_announced(NEW, "<table><tr><td>" * 200 + "Tên TTHC").lines == ()
    assert perf_counter() - began < 5


WORDS = st.sampled_from([
    "STT", "Mã số TTHC", "Tên TTHC", "1.004194.000.00.00.H52", "1.004194", "T-BPC-280421", "1", "I", "A",
    "Đăng ký khai sinh", "A. DANH MỤC TTHC MỚI BAN HÀNH", "TTHC bị bãi bỏ", "Ghi chú", "Mới", "", "PHỤ LỤC",
    "nội dung cụ thể", "03 ngày", "và",
])  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(WORDS | st.text(max_size=20), max_size=6), max_size=12), st.lists(st.integers(0, 4), max_size=8)
)  # fmt: skip
def test_any_table_and_any_text_gives_sound_lines_only(rows: list[list[str]], spans: list[int]) -> None:
    cells = chain(spans, repeat(1))
    page = "".join(
        "<tr>" + "".join(f'<td colspan="{next(cells)}" rowspan="{next(cells)}">{escape(one)}</td>' for one in row)
        for row in rows
    )
    text = "\n".join(" ".join(row) for row in rows) + "\n" + "\n".join(one for row in rows for one in row)
    stated = set(words(clean_text(" ".join(text.splitlines()))))
    read = read_announced(NEW, f"<table>{page}</table>", [text])
    for line in read.lines:
        assert line.name
        assert set(words(line.name)) <= stated
