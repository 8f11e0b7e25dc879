"""What is proposed for list pages: our own pages, each with a habit of some portal, and no list where there is none."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.discovery.lists import ListProposal, propose_lists
from connectors.discovery.paging import paging_of
from connectors.parse.pages.listblocks import ListSelectors, read_list
from connectors.parse.pages.webpage import read_page

URL = "https://soyte.tinhmau.gov.vn/tin-tuc"
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=timezone(timedelta(hours=7)))
TITLES = (
    "Sở Y tế tổng kết công tác năm 2026",
    "Khám sức khỏe miễn phí cho người cao tuổi",
    "Tập huấn sử dụng bệnh án điện tử tại cơ sở",
    "Phòng, chống sốt xuất huyết ở xã Hạ Liễu",
    "Thêm một trạm y tế đạt chuẩn quốc gia",
)
MENU = '<nav><ul class="menu"><li><a href="/">Trang chủ của Sở Y tế</a></li><li><a href="/a">Giới thiệu chung về Sở</a>'
LEAD = "<p>Đoạn tóm tắt của bài viết, dài hơn sáu mươi ký tự để được coi là tóm tắt.</p>"
ASIDE = "".join(f'<li><a href="/x{n}">Thông tin được đọc nhiều thứ {n}</a></li>' for n in range(9))


def page(rows: str, around: str = "") -> bytes:
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>Tin tức</title></head><body>{MENU}</ul></nav>'
        f'<p>Chủ nhật, 22/11/2026</p>{rows}{around}<aside class="sidebar"><ul>{ASIDE}</ul></aside>'
        '<footer><a href="/ban-do">Sơ đồ cổng thông tin điện tử</a></footer></body></html>'
    ).encode()


def rows(template: str) -> str:
    return "".join(template.format(n=n, title=title, day=20 - n) for n, title in enumerate(TITLES, 1))


def best(body: bytes) -> ListProposal:
    return propose_lists(body, url=URL, content_type="text/html", now=NOW, timezone="Asia/Ho_Chi_Minh")[0]


SHAPES = {
    "list with classes": '<ul class="ds">' + rows(
        '<li class="tin"><a href="/t/{n}">{title}</a> <span class="ngay">{day}/11/2026</span></li>') + "</ul>",
    "table without classes": '<table class="bang">' + rows(
        '<tr><td><a href="/t/{n}">{title}</a></td><td>{day}/11/2026 08:30</td></tr>') + "</table>",
    "bare list below an id": '<div id="tin-moi"><ul>' + rows(
        "<li><a href='/t/{n}'>{title}</a> ({day}/11/2026)</li>") + "</ul></div>",
    "picture first, then the title": '<div class="khoi">' + rows(
        '<div class="muc stt-{n}"><a href="/t/{n}"><img src="/a/{n}.jpg" alt=""></a><h3><a href="/t/{n}">{title}</a>'
        f'</h3><time datetime="2026-11-{{day}}T08:00:00+07:00">{{day}} tháng 11</time>{LEAD}</div>') + "</div>",
    "a whole card is the link": '<section class="luoi">' + rows(
        '<a class="card" href="/t/{n}"><h4>{title}</h4><span class="gio">Ngày đăng: 9:5{n} | {day}/11/26</span>'
        f"{LEAD}</a>") + "</section>",
    "a link to the heading before the title": '<div class="c">' + rows(
        '<div class="o"><a class="muc" href="/chuyen-muc/tin">Tin ngành</a> <a class="tt" href="/t/{n}">{title}</a>'
        '<em class="d">Thứ Sáu, {day}/11/2026 - 08:3{n}</em></div>') + "</div>",
    "other words beside the date": '<div class="c">' + rows(
        '<div class="o"><a href="/t/{n}">{title}</a><div class="tt">Ngày đăng: 9:3{n} | {day}/11/26 '
        "<i>Lượt xem: 1{n}</i></div></div>") + "</div>",
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_a_list_is_read_whole_by_the_selectors_that_are_proposed(shape: str) -> None:
    body = page(SHAPES[shape])
    proposal = best(body)
    assert (proposal.items, proposal.dated) == (5, 5), proposal
    tree = read_page(body, "text/html; charset=utf-8", URL)
    assert tree is not None
    listed = read_list(tree, ListSelectors(**proposal.keys), 100)
    assert [one.title for one in listed.listed] == list(TITLES)
    assert [one.link for one in listed.listed] == [f"https://soyte.tinhmau.gov.vn/t/{n}" for n in range(1, 6)]


@pytest.mark.parametrize("shape", SHAPES)
def test_selectors_hang_on_no_position_and_no_number(shape: str) -> None:
    keys = best(page(SHAPES[shape])).keys
    said = " ".join(str(value) for value in keys.values())
    assert "nth" not in said
    assert "position" not in said
    assert not any(character.isdigit() for character in str(keys["items"]))


@pytest.mark.parametrize("count", [150, 8_000])
def test_a_page_that_lists_everything_is_a_list_too(count: int) -> None:
    items = (f'<li class="tin"><a href="/t/{n}">Bài viết khá dài số {n}</a> <i>1/1/2026</i></li>' for n in range(count))
    proposal = best(page("<ul>" + "".join(items) + "</ul>"))
    assert (proposal.keys["items"], proposal.keys["published"], proposal.items) == ("li.tin", "i", 100)


def test_news_with_dates_come_before_a_longer_list_without() -> None:
    other = '<ul class="khac">' + "".join(f'<li><a href="/k{n}">Một bài viết khác số {n}</a></li>' for n in range(20))
    proposal = best(page(SHAPES["list with classes"], other + "</ul>"))
    assert proposal.keys["items"] == "li.tin"


def test_a_page_without_a_list_gets_no_proposal() -> None:
    for body in (
        page("<h1>Giới thiệu</h1><p>Sở Y tế là cơ quan chuyên môn.</p>"),
        b"",
        b"%PDF-1.4",
        b"{}",
        b"\xff\xfe<",
    ):
        found = propose_lists(body, url=URL, content_type="text/html", now=NOW, timezone="Asia/Ho_Chi_Minh")
        assert found == [], body[:20]


def test_menus_and_most_read_are_no_news() -> None:
    found = propose_lists(page(""), url=URL, content_type="text/html", now=NOW, timezone="Asia/Ho_Chi_Minh")
    assert found == []


def test_links_to_other_sites_make_no_list() -> None:
    away = rows('<p class="lk"><a href="https://bao.example/{n}">{title}</a> {day}/11/2026</p>')
    assert propose_lists(page(away), url=URL, content_type="text/html", now=NOW, timezone="Asia/Ho_Chi_Minh") == []


@pytest.mark.parametrize(
    ("links", "keys"),
    [
        ([("1", "/tin?trang=1"), ("2", "/tin?trang=2"), ("3", "/tin?trang=3")], {"page_url": "/tin?trang={page}"}),
        ([("2", "/tin/trang-2"), ("3", "/tin/trang-3")], {"page_url": "/tin/trang-{page}"}),
        ([("2", "/tin?page=1"), ("3", "/tin?page=2")], {"page_url": "/tin?page={page}", "first_page": 0}),
        (
            [("2", "/c/12?start=20"), ("3", "/c/12?start=40")],
            {"page_url": "/c/12?start={page}", "first_page": 0, "page_step": 20},
        ),
        ([("2", "/tin?page=2")], {"page_url": "/tin?page={page}"}),
        ([("2", "/bai-viet-2")], {}),
        ([("2", "/a2"), ("3", "/b3")], {}),
        ([("Sau", "/tin?page=2")], {}),
        ([("3", "/tin?page=3")], {}),
        ([("2", "/tin?page={2}"), ("3", "/tin?page={3}")], {}),
    ],
)
def test_the_address_of_further_pages_is_read_from_the_numbers_below_a_list(
    links: list[tuple[str, str]], keys: dict[str, object]
) -> None:
    assert paging_of(links) == keys


@given(st.lists(st.tuples(st.text(max_size=4), st.text(max_size=30)), max_size=8))
def test_any_links_give_a_template_or_nothing(links: list[tuple[str, str]]) -> None:
    found = paging_of(links)
    assert not found or str(found["page_url"]).count("{page}") == 1


PIECES = (
    "<a href=/t/1>", "</a>", "<ul>", "</ul>", "<li class='tin x'>", "</li>", "<tr>", "<td>", "20/11/2026", "<div", ">",
    "Sở Y tế tổng kết công tác", "<table>", "</table>", "<a href='", "'>", '<p class="', '">', "&nbsp;", "<!--", "]]>",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_no_markup_makes_it_fail(text: str) -> None:
    for proposal in propose_lists(
        text.encode(), url=URL, content_type="text/html", now=NOW, timezone="Asia/Ho_Chi_Minh"
    ):
        ListSelectors(**{key: value for key, value in proposal.keys.items() if key in ListSelectors.model_fields})
