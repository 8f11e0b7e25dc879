"""HTML as paragraphs and tables: no text is lost, none is doubled."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from connectors.parse.html import clean
from hub.sheets.prose import Block, Cell, Grid, Paragraph, Span, blocks


def plain(found: list[Block] | tuple[Paragraph, ...]) -> str:
    told = []
    for one in found:
        if isinstance(one, Grid):
            told += [plain(cell.paragraphs) for row in one.rows for cell in row]
        else:
            told.append("".join(span.text for span in one.spans))
    return "".join("".join(told).split())


def test_paragraphs_lists_and_headings_keep_their_form() -> None:
    found = blocks(
        "<h3>Điều kiện</h3><p>Có <b>hộ khẩu</b>\n và <a href='https://a.vn/x'>mẫu <i>đơn</i></a>.<br>Dòng hai</p>"
        "<ol start=3><li>Nộp<ul><li>bản chính</li></ul></li><li><p>Nhận</p></li></ol><blockquote>trích</blockquote>"
    )
    assert [(one.form, one.mark, one.depth) for one in found if isinstance(one, Paragraph)] == [
        ("heading", "", 0), ("text", "", 0), ("item", "3.", 1), ("item", "–", 2), ("item", "4.", 1), ("quote", "", 0),
    ]  # fmt: skip
    assert isinstance(found[1], Paragraph)
    assert found[1].spans == (
        Span("Có "), Span("hộ khẩu", bold=True), Span(" và "), Span("mẫu ", href="https://a.vn/x"),
        Span("đơn", italic=True, href="https://a.vn/x"), Span("."), Span("\n"), Span("Dòng hai"),
    )  # fmt: skip


def test_a_table_keeps_what_its_cells_reach_over() -> None:
    [caption, grid] = blocks(
        "<table><caption>Bảng 1</caption><tr><th colspan=2>A</th></tr>"
        "<tr><td rowspan='2'>1</td><td>x<sup>2</sup></td></tr>"
        "<tr><td><table><tr><td>lồng</td><td>nhau</td></tr></table></td></tr></table>"
    )
    assert caption == Paragraph((Span("Bảng 1", bold=True),))
    assert isinstance(grid, Grid)
    assert grid.rows[0] == (Cell((Paragraph((Span("A", bold=True),)),), columns=2),)
    assert grid.rows[1][0].rows == 2
    assert grid.rows[1][1].paragraphs[0].spans[1] == Span("2", raised="superscript")
    assert [plain((one,)) for one in grid.rows[2][0].paragraphs] == ["lồng", "nhau"]


def test_what_says_nothing_is_nothing() -> None:
    assert blocks(" \n") == []
    assert blocks("<p> <b> </b></p><table><tr><td> </td></tr><tr></tr></table><ul><li></li></ul><!-- x -->") == []
    assert blocks("<p><img src='https://a.vn/1.png' alt=' Sơ đồ '></p><p><img src='https://a.vn/2.png'></p>") == [
        Paragraph((Span("[Ảnh: Sơ đồ]", italic=True),))
    ]


def test_numbers_that_are_none_reach_over_one_cell() -> None:
    [grid] = blocks(
        "<table><tr><td colspan='99999999999'>a</td><td rowspan='x'>b</td><td colspan=-1>c</td></tr></table>"
    )
    assert isinstance(grid, Grid)
    assert [(cell.columns, cell.rows) for cell in grid.rows[0]] == [(1, 1)] * 3


def test_what_is_nested_deeper_than_anybody_reads_is_still_told() -> None:
    assert plain(blocks(clean("<div>" * 5_000 + "đáy"))) == "đáy"
    assert plain(blocks(clean("<ul><li>" * 3_000 + "đáy"))) == "đáy"


PIECES = st.sampled_from([
    "<p>", "</p>", "<ul>", "</ul>", "<ol>", "<li>", "</li>", "<table>", "</table>", "<tr>", "</tr>", "<td colspan=2>",
    "</td>", "<th>", "<b>", "</b>", "<br>", "<h2>", "</h2>", "<a href='https://a.vn'>", "</a>", "<div>", "</div>",
    "chữ", " ", "a", "&amp;", "\n", "<pre>", "</pre>", "<dl><dt>", "<dd>", "<caption>", "<center>",
    "<sub>",
])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_text_is_lost_and_none_is_doubled(markup: str) -> None:
    fragment = clean(markup)
    whole = html.fragment_fromstring(fragment, create_parent="div").text_content() if fragment.strip() else ""
    told = re.findall(r"\S", plain(blocks(fragment)))
    lists = re.findall(r"\S", whole)
    assert sorted(told) == sorted(lists)
