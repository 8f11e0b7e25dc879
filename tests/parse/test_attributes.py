"""Tables of attributes on the pages of documents, in the shapes in which portals write them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import SourceContext
from connectors.parse.entry import Text
from connectors.parse.item import make_item
from connectors.parse.pages.attributes import attributes_of
from connectors.parse.pages.page import PageConfig, complete, read_page
from connectors.parse.pages.textblocks import blocks_of
from connectors.parse.pages.tree import read_tree
from schemas.document import Document, Validity
from schemas.item import Kind

URL = "https://so.example.vn/van-ban/15"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
CONTEXT = SourceContext(name="vanban", kind=Kind.DOCUMENT, url=URL)

TABLE = """
<table>
 <tr><td class=label>Số ký hiệu</td><td>15/2024/QĐ-UBND</td><td>Ngày ban hành</td><td>20/11/2024</td></tr>
 <tr><td>Loại văn bản</td><td><a href="/loai?id=3">Quyết định</a></td><td>Ngày có hiệu lực</td><td>01/12/2024</td></tr>
 <tr><td>Lĩnh vực</td><td><ul><li>Đất đai</li><li>Nhà ở</li></ul></td><td>Tình trạng hiệu lực:</td><td>Còn hiệu lực</td></tr>
 <tr><td>Cơ quan ban hành/ Chức danh / Người ký</td><td>UBND tỉnh</td><td>Chủ tịch</td><td>Nguyễn Văn A</td></tr>
 <tr><td>Ngày hết hiệu lực</td><td></td><td>Trích yếu</td><td>Về giá đất</td></tr>
</table>"""  # noqa: E501
SAID = {
    "number": "15/2024/QĐ-UBND", "issued": "20/11/2024", "document_type": "Quyết định", "effective": "01/12/2024",
    "sectors": ["Đất đai", "Nhà ở"], "validity": "Còn hiệu lực", "issuer": "UBND tỉnh", "signer_position": "Chủ tịch",
    "signer": "Nguyễn Văn A", "abstract": "Về giá đất",
}  # fmt: skip


def attributes(html: str) -> dict[str, Any]:
    page = read_tree(f"<html><body>{html}</body></html>".encode(), url=URL, content_type="text/html; charset=utf-8")
    assert page is not None
    return attributes_of(blocks_of(page.root))


def test_a_table_with_labels_beside_values() -> None:
    assert attributes(TABLE) == SAID


@pytest.mark.parametrize(
    "html",
    [
        "<dl><dt>Số hiệu</dt><dd>15/QĐ-UBND</dd><dt>Ngày ký:</dt><dd>20/11/2024</dd></dl>",
        "<ul><li><span>Số ký hiệu:</span> 15/QĐ-UBND</li><li><b>Ngày ban hành</b>: 20/11/2024</li></ul>",
        "<p><strong>Số hiệu</strong> 15/QĐ-UBND</p><p><strong>Ngày ban hành</strong> 20/11/2024</p>",
        "<p>SỐ HIỆU: 15/QĐ-UBND</p><p>Ngày ban hành : 20/11/2024</p>",
        "<div><div>Số hiệu</div><div>15/QĐ-UBND</div></div><div><div>Ngày ban hành</div><div>20/11/2024</div></div>",
        "<div><div><label>Số hiệu</label></div><div>15/QĐ-UBND</div></div><p>Ngày ký: 20/11/2024</p>",
        "<table><tr><th>Số hiệu</th><td>15/QĐ-UBND</td></tr><tr><th>Ngày ký</th><td>20/11/2024</td></tr></table>",
    ],
)
def test_other_shapes_of_the_same(html: str) -> None:
    assert attributes(html) == {"number": "15/QĐ-UBND", "issued": "20/11/2024"}


def test_labels_above_columns_are_a_list_of_documents() -> None:
    rows = "".join(f"<tr><td>{n}</td><td>{n}/QĐ-UBND</td><td>20/11/2024</td><td>Về việc</td></tr>" for n in (1, 2))
    head = "<tr><td>STT</td><td>Số ký hiệu</td><td>Ngày ban hành</td><td>Trích yếu</td></tr>"
    assert attributes(f"<table>{head}{rows}</table>") == {}
    assert attributes(f"<table><thead>{head.replace('td', 'th')}</thead>{rows}</table>") == {}


def test_words_of_validity_among_the_choices_of_a_page_say_nothing() -> None:
    choices = "<ul><li>Còn hiệu lực</li><li>Hết hiệu lực toàn bộ</li></ul><label>Tình trạng</label>"
    found = attributes(f"<div>{choices}</div><p>Số hiệu: 15/QĐ-UBND</p><p>Ngày ký: 20/11/2024</p>")
    assert found == {"number": "15/QĐ-UBND", "issued": "20/11/2024"}
    legend = "<p>Hiệu lực: Còn hiệu lực</p><p>Hiệu lực: Hết hiệu lực</p>"
    assert "validity" not in attributes(f"{legend}<p>Số hiệu: 15/QĐ-UBND</p><p>Ngày ký: 20/11/2024</p>")


def test_a_menu_of_all_types_is_no_value() -> None:
    menu = "<div><h3>Loại văn bản</h3><ul><li>Nghị định</li><li>Thông tư</li></ul></div>"
    assert attributes(menu + TABLE)["document_type"] == "Quyết định"


def test_days_of_other_documents_on_a_page_without_a_number_are_not_its_own() -> None:
    assert attributes("<p>Hiến pháp 1980</p><p>Ngày ban hành: 18/12/1980</p><p>Hiệu lực: Còn hiệu lực</p>") == {}


def test_prose_that_speaks_of_labels_is_no_table() -> None:
    assert attributes("<p>Số hiệu</p><p>của văn bản được ghi ở góc trái.</p><p>Ngày ký: xem văn bản</p>") == {}


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["<td>", "</td>", "<tr>", "<p>", "Số hiệu", ":", "1/QĐ-UBND", "<b>", "<div>", "</div>"]))
)
def test_whatever_stands_there_is_read_without_failing(pieces: list[str]) -> None:
    attributes("".join(pieces))


def test_a_page_of_a_document_gives_a_typed_item_by_itself() -> None:
    html = f"<html><body><h1>Quyết định về giá đất</h1>{TABLE}</body></html>"
    entry = read_page(
        html.encode(), url=URL, content_type="text/html; charset=utf-8", config=PageConfig(), context=CONTEXT, now=NOW
    )
    item = make_item(entry, CONTEXT, base=URL, pointer="page").item
    assert isinstance(item, Document)
    assert (item.number, item.issued, item.validity) == ("15/2024/QĐ-UBND", date(2024, 11, 20), Validity.IN_FORCE)
    assert (item.signer.name, item.signer.position, item.issuer.name) == ("Nguyễn Văn A", "Chủ tịch", "UBND tỉnh")
    assert item.expired is None


def test_a_page_of_another_kind_is_not_asked_for_attributes() -> None:
    context = SourceContext(name="tin", kind=Kind.NEWS, url=URL)
    html = f"<html><body><h1>Tin</h1><p>{'Nội dung bài viết. ' * 30}</p>{TABLE}</body></html>"
    entry = read_page(
        html.encode(), url=URL, content_type="text/html; charset=utf-8", config=PageConfig(), context=context, now=NOW
    )
    assert "details" not in entry


def test_what_the_list_said_stays_and_the_page_fills_the_rest() -> None:
    listed: Any = {
        "link": URL, "title": Text("Về giá đất", False), "details": {"number": "21-LCT/HDNN8", "issued": "19/11/2024"},
    }  # fmt: skip
    teaser = make_item(listed, CONTEXT, base=URL, pointer="item 1")
    html = f"<html><body><h1>Về giá đất</h1>{TABLE}</body></html>"
    entry = read_page(
        html.encode(), url=URL, content_type="text/html; charset=utf-8", config=PageConfig(), context=CONTEXT, now=NOW
    )
    item = complete(teaser, entry, CONTEXT, url=URL).item
    assert isinstance(item, Document)
    assert (item.number, item.issued) == ("21-LCT/HDNN8", date(2024, 11, 19))
    assert (item.signer.name, item.document_type.code) == ("Nguyễn Văn A", "QĐ")
