"""The parts of a detail page one by one: dates in its head, files, title, authors, pictures, claims."""

from datetime import datetime
from time import process_time

import pytest

from connectors.parse.pages.attachments import type_of
from connectors.parse.pages.metadata import claims_of
from connectors.parse.pages.tree import make_plain, read_tree
from tests.parse.test_page import NOW, PROSE, URL, page, read

TITLE = "Tăng cường quản lý giá dịp cuối năm"


def article(head: str = "", above: str = "", below: str = "", *, body: str = PROSE, meta: str = "") -> str:
    return page(
        f"<div class='top'>Chủ nhật, 22/11/2026</div><div class='bai'>{above}<h1>{TITLE}</h1>{head}"
        f"<div class='noidung'>{body}</div>{below}</div><div class='chan'>Bản quyền 2026</div>",
        meta,
    )


def published(html: str, **config: str) -> str | None:
    date = read(html, **config).item.published
    return date.isoformat(timespec="minutes") if date else None


# ------------------------------------------------------------------------------------------------------------ dates


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("Thứ Năm, 18/5/2017 20:11'(GMT+7)", "2017-05-18T20:11+07:00"),
        ("Ngày đăng: 9:53 | 25/05/18", "2018-05-25T09:53+07:00"),
        ("Ngày đăng: 9:53 | 25/05/18 | Lượt xem: 1.024 | Tác giả: Lê Na", "2018-05-25T09:53+07:00"),
        ("Thứ sáu, 25/11/2022 20:38", "2022-11-25T20:38+07:00"),
        ("Đăng ngày 24 tháng 6 năm 2022", "2022-06-24T00:00+07:00"),
        ("24-06-2022", "2022-06-24T00:00+07:00"),
        ("20/11/2026 3:05 CH", "2026-11-20T15:05+07:00"),
        ("08 giờ 30 phút, ngày 5/9/2025", "2025-09-05T08:30+07:00"),
        ("Cập nhật lúc 8h30, 05/09/2025", "2025-09-05T08:30+07:00"),
        ("Xuất bản: Chủ nhật, 15/11/2026, 06:00 (GMT+7)", "2026-11-15T06:00+07:00"),
        ("<time datetime='2026-11-15T06:00:00+07:00'>một tuần trước</time>", "2026-11-15T06:00+07:00"),
        ("22/11/2026 08:15", "2026-11-22T08:15+07:00"),
        ("Lượt xem: 2026", None),
        ("Số 12/2026/QĐ-UBND", None),
    ],
)
def test_the_line_below_the_title_says_when(line: str, wanted: str | None) -> None:
    assert published(article(f"<div class='dong'>{line}</div>")) == wanted


def test_a_date_above_the_title_counts_unless_it_is_today() -> None:
    assert published(article(above="<span class='date'>Thứ ba, 25/1/2022, 06:00</span>")) == "2022-01-25T06:00+07:00"
    assert published(article(above="<span class='date'>Chủ nhật, 22/11/2026</span>")) is None


def test_the_dates_of_other_articles_are_not_its_own() -> None:
    related = "<div class='khac'><a href='/b'>Tin thứ hai của ngày</a> <i>(01/02/2026)</i></div>"
    assert published(article(below=related)) is None


def test_a_day_that_the_text_speaks_of_is_not_its_date() -> None:
    assert (
        published(article(body=f"<p>Ngày 12/10/2026, Sở Tài chính, Cục Quản lý thị trường họp bàn.</p>{PROSE}")) is None
    )


def test_a_labelled_date_elsewhere_counts_when_it_is_the_only_one() -> None:
    line = "<div class='x'>Ngày đăng: 03/04/2026</div>"
    assert published(article() + line) == "2026-04-03T00:00+07:00"
    assert published(article() + line + "<div class='x'>Ngày đăng: 05/04/2026</div>") is None


def test_a_local_time_that_claims_to_be_utc_is_local() -> None:
    meta = '<meta property="article:published_time" content="2026-11-20T08:00:00Z">'
    assert published(article("<p class='d'>20/11/2026 08:00</p>", meta=meta)) == "2026-11-20T08:00+07:00"
    assert published(article("<p class='d'>20/11/2026 15:00</p>", meta=meta)) == "2026-11-20T08:00+00:00"


def test_the_date_that_is_pointed_at_is_not_replaced_by_another() -> None:
    made = read(article("<i class='a'>hôm qua</i><p class='d'>20/11/2026</p>"), published=".a")
    assert (made.item.published, made.remarks) == (None, ("date_refused",))


def test_month_first_only_where_the_settings_say_so() -> None:
    line = "<p class='d'>Ngày đăng: 11/05/2026</p>"
    assert published(article(line)) == "2026-05-11T00:00+07:00"
    assert published(article(line), date_order="mdy") == "2026-11-05T00:00+07:00"


# ------------------------------------------------------------------------------------------------------------ files


def files(html: str) -> list[tuple[str, str]]:
    return [(one.url.removeprefix("https://sonoivu.example.gov.vn"), one.title) for one in read(html).item.attachments]


@pytest.mark.parametrize(
    ("link", "wanted"),
    [
        ("<p><a href='/kh.pdf'>Kế hoạch 12</a></p>", ("/kh.pdf", "Kế hoạch 12")),
        ("<p>Xem <a href='/files/Ke%20hoach.DOCX'>tại đây</a></p>", ("/files/Ke%20hoach.DOCX", "Ke hoach.DOCX")),
        ("<p><a href='/a.xlsx' title='Biểu mẫu số 1'>Tải về</a></p>", ("/a.xlsx", "Biểu mẫu số 1")),
        ("<table><tr><td>1</td><td>Phụ lục kèm theo</td><td><a href='/p.rar'>Tải về</a></td></tr></table>",
         ("/p.rar", "Phụ lục kèm theo")),
        ("<p><a href='/getfile?id=7'>Tờ trình</a></p>", ("/getfile?id=7", "Tờ trình")),
        ("<embed src='/xem/congvan.pdf'>", ("/xem/congvan.pdf", "congvan.pdf")),
        ("<object data='/xem/qd.pdf'><p>Trình duyệt không hỗ trợ.</p></object>", ("/xem/qd.pdf", "qd.pdf")),
    ],
)  # fmt: skip
def test_links_to_files_in_the_text_are_attachments(link: str, wanted: tuple[str, str]) -> None:
    assert files(article(body=PROSE + link)) == [wanted]


def test_a_file_is_named_once_and_navigation_has_none() -> None:
    body = PROSE + "<p><a href='/a.pdf'>Bản một</a> <a href='http://www.sonoivu.example.gov.vn/a.pdf'>Bản hai</a></p>"
    menu = "<nav><a href='/quy-che.pdf'>Quy chế</a></nav><div class='chan'><a href='/so-do.pdf'>Sơ đồ</a></div>"
    assert files(article(body=body) + menu) == [("/a.pdf", "Bản một")]


def test_a_class_without_end_around_many_links_costs_little() -> None:
    # Each link asked for the whole class again: 9 s for 500 of them inside 200 KB.
    links = "<p><a href='/x.pdf'>a</a></p>" * 500
    started = process_time()
    read(article(below=f"<div class='{'bar_' * 50_000}'>{links}</div>"))
    assert process_time() - started < 4


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://a.vn/x.PDF", "application/pdf"),
        ("https://a.vn/documents/1/x.doc/0a-1?t=5", "application/msword"),
        ("https://a.vn/tai.ashx?f=/x/y.zip&v=1", "application/zip"),
        ("https://a.vn/pdf/tin.html", ""),
        ("https://a.vn/x.pdfx", ""),
        ("https://doc.vn/", ""),
    ],
)
def test_a_document_is_known_by_its_extension(address: str, kind: str) -> None:
    assert type_of(address) == kind


# --------------------------------------------------------------------------------------- title, authors, pictures


@pytest.mark.parametrize(
    ("title", "body", "wanted"),
    [
        ("Tin A trong ngày hôm nay - Sở Y tế", "<h1>Sở Y tế</h1><h2>Tin A trong ngày hôm nay</h2>",
         "Tin A trong ngày hôm nay"),
        ("Cổng thông tin điện tử tỉnh", "<div class='tieude'>Mời họp báo quý IV</div>", "Mời họp báo quý IV"),
        ("Khởi công cầu Bến Than | Báo tỉnh", "", "Khởi công cầu Bến Than"),
        ("Giá vàng - bài học cũ, giá mới", "", "Giá vàng - bài học cũ, giá mới"),
    ],
)  # fmt: skip
def test_the_title_is_the_heading_that_the_head_agrees_with(title: str, body: str, wanted: str) -> None:
    html = f"<html><head><title>{title}</title></head><body>{body}<div class='content'>{PROSE}</div></body></html>"
    assert read(html).item.title == wanted


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("Tác giả: Nguyễn Văn An", ["Nguyễn Văn An"]),
        ("Tác giả: Admin", []),
        ("Nguồn: Báo Nhân Dân", ["Báo Nhân Dân"]),
        ("Tác giả: Lê Na - Nguồn: TTXVN", ["Lê Na"]),
        ("<span class='author'>Trần Minh</span>", ["Trần Minh"]),
        ("<blockquote><span class='author'>Trần Minh</span></blockquote>", []),
        ("<p style='text-align: right'><b>Thu Hằng</b></p>", ["Thu Hằng"]),
        ("<p>Thu Hằng</p>", []),
    ],
)
def test_who_wrote_it_is_said_by_a_label_a_class_or_a_signature(line: str, wanted: list[str]) -> None:
    assert [one.name for one in read(article(body=f"{PROSE}<div>{line}</div>")).item.authors] == wanted


def test_pictures_that_load_late_are_there_and_those_that_count_readers_are_not() -> None:
    body = (
        "<p><img src='/blank.gif' data-original='/1.jpg'></p><p><img srcset='/s.jpg 300w, /2.jpg 900w'></p>"
        "<p><img src='data:image/gif;base64,AA' data-src='/3.jpg'><noscript><img src='/3.jpg'></noscript></p>"
        "<img src='/dem.gif' width='1' height='1'><img src='/dem2.gif' style='width:1px;height:1px'>"
    )
    item = read(article(body=PROSE + body)).item
    assert [f"/{number}.jpg" in item.content_html for number in (1, 2, 3)] == [True] * 3
    assert "dem" not in item.content_html
    assert item.image == "https://sonoivu.example.gov.vn/1.jpg"


@pytest.mark.parametrize("width", ["²", "9" * 5_000, "١٢", "-1", "100%"])
def test_a_width_that_is_no_number_of_pixels_makes_no_icon(width: str) -> None:
    assert read(article(body=f"{PROSE}<img src='/anh.jpg' width='{width}'>")).item.image.endswith("/anh.jpg")


def test_repeated_paragraphs_tables_and_code_stay_as_they_are() -> None:
    table = "<table><tr><th>A</th></tr><tr><td>1</td></tr></table><pre>x = 1</pre>"
    body = f"{PROSE}<p>Xin cảm ơn.</p>{table}{PROSE}<p>Hết.</p>"
    html = read(article(body=body)).item.content_html
    assert html.count("Đoạn 3 của bài viết") == 2
    assert "<th>A</th>" in html
    assert "<pre>x = 1</pre>" in html


def test_a_canonical_link_to_the_home_page_or_to_another_site_is_not_believed() -> None:
    for declared in ("/", "/trang-chu", "/default.aspx", "https://other.example.vn/a"):
        tree = read_tree(page("", f'<link rel="canonical" href="{declared}">').encode(), url=URL)
        assert tree is not None
        assert claims_of(tree, URL).canonical == ""


def test_a_page_that_hides_itself_until_its_script_ran_is_read() -> None:
    assert (
        "Đoạn 5"
        in read(f"<html><body style='visibility:hidden'><h1>{TITLE}</h1>{PROSE}</body></html>").item.content_html
    )


def test_what_stands_behind_the_end_of_a_page_within_a_page_is_read() -> None:
    inner = "<html><body><p>Trang con của cổng.</p></body></html>"
    assert "Đoạn 5" in read(f"<html><body>{inner}<h1>{TITLE}</h1><div>{PROSE}</div></body></html>").item.content_html


def test_what_is_hidden_is_not_read() -> None:
    assert (
        "bí mật" not in read(article(body=f"{PROSE}<p style='display:none'>Đoạn bí mật, ẩn đi.</p>")).item.content_html
    )


def test_a_tree_is_made_plain_without_losing_the_text_behind_what_goes() -> None:
    tree = read_tree(b"<html><body><p>a<script>x</script>b<iframe src='/y'></iframe>c</p></body></html>", url=URL)
    assert tree is not None
    make_plain(tree)
    assert tree.root.text_content() == "abc"


@pytest.mark.parametrize("odd", ["\x01", "\x0b", "\x1f", "\ufffe", "&#1;", "&#011", "&#x1F;", "&#65534;", "&#xFFFE;"])
def test_a_control_character_beside_what_goes_does_not_stop_the_page(odd: str) -> None:
    last = "Đoạn cuối của bài có chữ Hy Lạp &#x1Fa5; ở giữa, một ảnh và một dấu lạ ở bên cạnh phần bị bỏ đi."
    body = f"{PROSE}<p>{last}<script>x</script>{odd} Hết bài. <img data-src='/anh{odd}.jpg'></p>"
    content = read(article(body=body)).item.content_html
    assert "Hết bài." in content
    assert "/anh.jpg" in content
    assert "\u1fa5" in content, "other references stay"


def test_a_date_after_tomorrow_is_refused() -> None:
    assert read(article("<p class='d'>20/12/2026</p>"), now=NOW).item.published is None
    assert read(
        article("<p class='d'>20/12/2026</p>"), now=datetime.fromisoformat("2027-01-01T00:00:00+07:00")
    ).item.published


def test_the_table_that_begins_an_article_keeps_all_of_its_rows() -> None:
    rows = [("STT", "Họ và tên", "Ngày sinh"), ("1", "Lê Hoàng Giả", "15/07/2008"), ("2", "Trần Thị Mẫu", "27/05/2005"),
            ("3", "Bùi Thị Kiểm", "02/07/2004"), ("4", "Phạm Thị Ví Dụ", "24/03/2003")]  # fmt: skip
    table = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    content = read(article(body=f"<table>{table}</table>{PROSE}")).item.content_html
    for row in rows:
        for cell in row:
            assert f"<td>{cell}</td>" in content


def test_a_form_feed_is_white_space_between_attributes() -> None:
    content = read(article(body=f"{PROSE}<p>Họp\x0cbáo<img\x0csrc='/a.jpg'></p>")).item.content_html
    assert "Họp báo" in content
    assert "/a.jpg" in content
