"""Plain text, folded text, words and cuts."""

import unicodedata
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.parse.text import ELLIPSIS, clean_text, cut, fold, words

#: Text with what portals leave in it: marks apart from their letters, controls, invisible and odd characters.
dirty = st.text(
    st.one_of(
        st.sampled_from(
            "aăâđêôơưyÐðƉ ờ\u0300\u0309\u0323\xa0\xad\u200b\u202e\ufeff\x00\x1f\n\t\r\u2028\ud800\ufffe\u034f"
        ),
        st.characters(),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("  Thông\tbáo\r\n về\xa0việc  họp ", "Thông báo về việc họp"),
        ("Tie\u0302\u0301ng Vie\u0323\u0302t", "Tiếng Việt"),
        ("M\u00adẬ\u200bT", "MẬT"),
        ("M\u034fẬT", "MẬT"),
        ("an\u202etoàn\u2066", "antoàn"),
        ("\ufeffTin\x00 tức\x1b", "Tin tức"),
        ("Tin\ud800 tức\ufffe", "Tin tức"),
        ("ðường Ðiện Biên Phủ", "đường Điện Biên Phủ"),
        ("Ɖảng bộ tỉnh", "Đảng bộ tỉnh"),
        ("Số 12/QÐ-UBND", "Số 12/QĐ-UBND"),
        ("HÐND", "HĐND"),
        ("Ísland: það er gott veður", "Ísland: það er gott veður"),
        ("👨‍👩‍👧 gia đình".replace("\u200d", ""), "👨👩👧 gia đình"),
        ("", ""),
    ],
)
def test_text_is_mended_to_one_clean_line(raw: str, text: str) -> None:
    assert clean_text(raw) == text


@given(dirty)
def test_clean_text_is_stable_composed_and_free_of_what_cannot_be_stored(raw: str) -> None:
    text = clean_text(raw)
    assert clean_text(text) == text
    assert unicodedata.is_normalized("NFC", text)
    text.encode("utf-8")
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in text)
    assert "  " not in text
    assert text == text.strip()


@pytest.mark.parametrize(
    ("shown", "folded"),
    [
        ("Đường Hồ Chí Minh", "duong ho chi minh"),
        ("QUYẾT ĐỊNH số 12/QĐ-UBND", "quyet dinh so 12/qd-ubnd"),
        ("thuỷ lợi", "thuy loi"),
        ("Straße", "strasse"),
        ("한국", "한국"),
    ],
)
def test_folding_drops_case_and_marks(shown: str, folded: str) -> None:
    assert fold(shown) == folded


@pytest.mark.parametrize(("old", "new"), [("hoà", "hòa"), ("thuý", "thúy"), ("uỷ", "ủy"), ("khoẻ", "khỏe")])
def test_both_placements_of_a_tone_fold_alike(old: str, new: str) -> None:
    assert fold(old) == fold(new)


@given(dirty)
def test_folding_is_stable_and_blind_to_composition(raw: str) -> None:
    folded = fold(raw)
    assert fold(folded) == folded
    assert fold(unicodedata.normalize("NFD", raw)) == folded
    assert not any(unicodedata.combining(c) for c in folded)


def test_words_are_folded_runs_of_letters_and_digits() -> None:
    assert words("Số 12/QĐ-UBND, ngày 20/11: «Hoà_Bình»") == [
        "so",
        "12",
        "qd",
        "ubnd",
        "ngay",
        "20",
        "11",
        "hoa",
        "binh",
    ]
    assert words(" -- ") == []


@given(dirty)
def test_words_are_those_of_the_folded_text(raw: str) -> None:
    assert "".join(words(raw)) == "".join(c for word in words(fold(raw)) for c in word)


def test_a_full_memory_of_words_changes_no_answer() -> None:
    many = " ".join(f"Từ{n}" for n in range(40_000))
    assert fold(many).startswith("tu0 tu1 ")
    assert fold("Điện") == "dien"


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("Thông báo về việc họp", 21, "Thông báo về việc họp"),
        ("Thông báo về việc họp", 20, "Thông báo về việc…"),
        ("Thông báo, về việc họp", 12, "Thông báo…"),
        ("Thôngbáovềviệchọp", 8, "Thôngbá…"),
        ("Thông báo", 1, "…"),
        ("Thông báo", 0, ""),
    ],
)
def test_a_long_text_is_cut_at_a_word(text: str, limit: int, short: str) -> None:
    assert cut(text, limit) == short


@given(st.text(), st.integers(0, 40))
def test_a_cut_fits_and_says_that_it_is_one(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert len(short) <= limit or short == text
    assert short == text or not limit or short.endswith(ELLIPSIS)


@pytest.mark.parametrize(
    "text", [" " * 10**6, "\x00" * 10**6, "a\u0300" * 5 * 10**5, "ð" * 10**6, "\u200b " * 5 * 10**5]
)
def test_a_million_odd_characters_take_linear_time(text: str) -> None:
    start = process_time()
    clean_text(text)
    fold(text)
    assert process_time() - start < 5
