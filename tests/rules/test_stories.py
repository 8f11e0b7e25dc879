"""One story told twice is found again; two notices of one form never are."""

import random
from datetime import date
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.parse.text import words
from hub.rules.stories import Likeness, Names, Told, alike, likeness, origin, quoted
from schemas.document import Coded
from schemas.item import Document, ItemBase, News, Notice, Procedure
from tests.counting.prose import article

REPORT = (
    "Trong tuần {week}, từ ngày {day}/3/2026, toàn xã {place} đã nhận {some} hồ sơ, giải quyết đúng hạn {more} hồ sơ."
    " Bộ phận một cửa thực hiện niêm yết công khai thủ tục, bố trí cán bộ trực và hướng dẫn người dân nộp hồ sơ trực"
    " tuyến. Công tác vệ sinh môi trường, phòng cháy chữa cháy rừng, an ninh trật tự tiếp tục được giữ vững. Các"
    " đoàn thể vận động hội viên tham gia phong trào chung sức xây dựng nông thôn mới. Kinh phí thực hiện là {money}"
    " triệu đồng, do ngân sách xã {place} bảo đảm theo dự toán được giao đầu năm."
)


def made(text: str, title: str = "Khánh thành cầu dân sinh", **fields: object) -> Likeness:
    found = likeness(News.model_validate({"guid": "1", "title": title, "content_html": text} | fields))
    assert found is not None
    return found


def report(**changes: object) -> str:
    return REPORT.format(**{"week": 12, "day": 16, "place": "Hạ Liễu", "some": 134, "more": 129, "money": 45} | changes)


STORY = article(random.Random(3), 24)
PARTS = STORY.split(". ")


@pytest.mark.parametrize(
    "copy",
    [
        STORY,
        f"(Cổng TTĐT) - {STORY} Minh An",
        f"<p>{STORY}</p><p>Theo Sở Y tế</p>",
        f"<div>{STORY.replace('. ', '.</p><p>')}</div>",
        ". ".join(PARTS[: len(PARTS) // 2]) + ".",
        ". ".join(PARTS[:5] + PARTS[6:]),
        STORY + " Mời bà con theo dõi các tin tiếp theo trên trang thông tin của xã Hạ Liễu trong những ngày tới.",
        STORY.replace("òa", "oà").replace("úy", "uý").replace("ủy", "uỷ"),
    ],
    ids=["same", "byline", "credit", "markup", "half", "a sentence less", "a sentence more", "old tone marks"],
)
def test_a_copy_is_known(copy: str) -> None:
    assert alike(made(STORY), made(copy))
    assert alike(made(copy), made(STORY))


#: By what a likeness that is kept can be compared with one of today.
FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93)
RUNS = st.sampled_from(
    ["xã", "Hạ", "Liễu,", "15/3/2026", "3-4", "QĐ-UBND", "–", "tổ", "chức", "(theo", "Lan)", "15h30", "Đà"]
)  # fmt: skip


@given(
    st.lists(RUNS, max_size=400), st.sampled_from(["", "(TTXVN) - ", "(TTXVN)"]), st.sampled_from(["", " Minh An", "Z"])
)
def test_what_is_kept_are_the_least_hashes_of_three_words_in_a_row(runs: list[str], dateline: str, byline: str) -> None:
    story = " ".join(["khởi", "công", *runs, "một", "cây", "cầu."])
    item = News(guid="1", title="Tin vui", summary=f"{dateline}{story}{byline}")
    told = [crc32(word.encode()) for word in words(f"Tin vui. {story}")]
    places = [[one * factor >> 34 & 0x3FFFFFFF for one in told] for factor in FACTORS]
    expected = {a ^ b ^ c for a, b, c in zip(places[0], places[1][1:], places[2][2:], strict=False)}
    found = likeness(item)
    if len(expected) < 12:
        assert found is None
    else:
        assert found is not None
        assert (found.size, found.shingles) == (len(expected), tuple(sorted(expected)[:64]))


def test_a_likeness_says_the_same_as_one_that_was_kept_long_ago() -> None:
    assert crc32(made(STORY).to_bytes()) == 1474656210
    assert crc32(made(f"(Cổng TTĐT) - {report()} Minh An").to_bytes()) == 1757578349


def test_a_copy_under_another_title_is_known() -> None:
    assert alike(made(STORY), made(STORY, title="Niềm vui ngày thông cầu"))


@pytest.mark.parametrize(
    "changes",
    [{"week": 13, "day": 23}, {"some": 140}, {"place": "Hạ Long"}, {"money": 50}, {"more": 130, "some": 135}],
    ids=str,
)
def test_two_reports_of_one_form_are_two(changes: dict[str, object]) -> None:
    assert not alike(made(report(), title="Báo cáo tuần"), made(report(**changes), title="Báo cáo tuần"))


def test_two_stories_are_two() -> None:
    rng = random.Random(9)
    stories = [made(article(rng, 12)) for _ in range(60)]
    assert not any(alike(one, other) for n, one in enumerate(stories) for other in stories[:n])


def test_two_short_notices_with_one_title_are_two() -> None:
    one, other = "Mời nhân dân đến họp vào 8 giờ ngày 3/4", "Mời nhân dân đến họp vào 8 giờ ngày 5/4"
    texts = [likeness(Notice(guid="1", title="Thông báo", summary=each)) for each in (one, other)]
    assert not any(first and second and alike(first, second) for first in texts for second in texts if first != second)


def test_a_text_that_says_too_little_has_no_likeness() -> None:
    assert likeness(News(guid="1", title="Thông báo", content_html="<p>Xem tệp đính kèm.</p>")) is None


def test_a_procedure_is_no_copy_of_another() -> None:
    assert likeness(Procedure(guid="1", title="Cấp giấy phép " * 20)) is None


def document(**fields: object) -> Document:
    given: dict[str, object] = {
        "guid": "1", "title": "Quyết định phê duyệt kế hoạch", "number": "15/QĐ-UBND", "issued": date(2026, 3, 2),
        "issuer": Coded(name="UBND xã Hạ Liễu"),
    }  # fmt: skip
    return Document.model_validate(given | fields)


@pytest.mark.parametrize(
    ("fields", "same"),
    [
        ({}, True),
        ({"title": "Về việc phê duyệt kế hoạch"}, True),
        ({"number": "15/qđ-ubnd"}, True),
        ({"number": "16/QĐ-UBND"}, False),
        ({"issued": date(2026, 3, 3)}, False),
        ({"issuer": Coded(name="UBND xã Thượng Hà")}, False),
    ],
    ids=str,
)
def test_a_document_is_known_by_number_day_and_issuer(fields: dict[str, object], same: bool) -> None:
    one, other = likeness(document()), likeness(document(**fields))
    assert one is not None
    assert other is not None
    assert alike(one, other) is same


@given(st.integers(0, 200), st.integers(2, 20))
def test_a_likeness_is_kept_and_read_in_one_way(seed: int, sentences: int) -> None:
    found = made(article(random.Random(seed), sentences))
    assert Likeness.from_bytes(found.to_bytes()) == found
    assert len(found.to_bytes()) < 950


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 20), st.integers(1, 20))
def test_alike_does_not_ask_who_is_first(one: int, other: int, short: int, long: int) -> None:
    a, b = (made(article(random.Random(seed), size)) for seed, size in ((one, short), (other, long)))
    assert alike(a, b) is alike(b, a)


MEMBERS = Names.of(
    [("a", "Sở Y tế", "https://www.soyte.tinhmau.gov.vn/"), ("b", "Xã Hạ Liễu", ""), ("c", "Xã Hạ Liễu", "")]
)


@pytest.mark.parametrize(
    ("text", "code"),
    [("Theo Sở Y tế tỉnh, ...", "a"), ("Tin. (Nguồn: soyte.tinhmau.gov.vn)", "a"), ("Nguồn tin: SỞ Y TẾ", "a"),
     ("Theo đó, Sở Y tế", ""), ("Nguồn: Xã Hạ Liễu", ""), ("Nguồn nước sạch của Sở Y tế", ""), ("", "")],
)  # fmt: skip
def test_a_text_names_its_source_at_its_edges(text: str, code: str) -> None:
    assert MEMBERS.credited(quoted(text)) == code


def test_the_origin_is_the_earliest_but_not_one_that_names_another() -> None:
    first = Told(content_id="1", member="b", at=5, first_seen=9, credit="a")
    second = Told(content_id="2", member="a", at=7, first_seen=8, credit="a")
    third = Told(content_id="3", member="c", at=6, first_seen=7, credit="z")
    assert origin([first, second, third]) == "3"
    assert origin([first, second]) == "2"
    assert origin([first, third]) == "1"


def kinds() -> list[type[ItemBase]]:
    return [News, Notice]


def test_a_notice_may_be_a_copy_of_news() -> None:
    news, notice = (
        likeness(kind.model_validate({"guid": "1", "title": "Tin", "content_html": STORY})) for kind in kinds()
    )
    assert news is not None
    assert notice is not None
    assert alike(news, notice)
