"""Text that fits: counted as the platform counts, and nothing that a reader sees cut in two."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.presentation.text import Units, fit, length, plain_lines

FAMILY = "👩‍👩‍👧‍👦"
FLAG = "🇻🇳"
LINK = "https://hue.example.vn/tin/lich-tiem-chung"

pieces = st.sampled_from(
    [
        "a",
        "Huế ",
        "ư",
        "e\u0323\u0302",
        " ",
        "\n",
        FAMILY,
        FLAG,
        "👍🏽",
        "1\ufe0f\u20e3",
        LINK,
        " " + LINK + " ",
        "…",
        "\ud83d",
    ]
)
texts = st.lists(pieces, max_size=30).map("".join) | st.text(max_size=80)


@given(texts, st.integers(-3, 60), st.sampled_from(Units))
def test_the_limit_holds_and_fitting_again_changes_nothing(text: str, limit: int, units: Units) -> None:
    fitted = fit(text, limit, units)
    assert length(fitted, units) <= max(limit, 0)
    assert fit(fitted, limit, units) == fitted
    assert unicodedata.is_normalized("NFC", fitted)
    fitted.encode("utf-16")  # no half of a surrogate pair


@given(texts, st.integers(2, 60), st.sampled_from(Units))
def test_what_is_kept_is_the_beginning(text: str, limit: int, units: Units) -> None:
    whole = unicodedata.normalize("NFC", "".join(c for c in text if not "\ud800" <= c <= "\udfff"))
    fitted = fit(text, limit, units)
    assert fitted == whole or (fitted.endswith("…") and whole.startswith(fitted[:-1]))


@pytest.mark.parametrize(
    "cluster", [FAMILY, FLAG, "👍🏽", "1\ufe0f\u20e3", "🏴\U000e0067\U000e0062\U000e007f", "b\u0323\u0302"]
)
@pytest.mark.parametrize("units", Units)
def test_an_emoji_or_a_letter_with_its_marks_is_never_cut_in_two(cluster: str, units: Units) -> None:
    cluster = unicodedata.normalize("NFC", cluster)
    text = cluster * 6
    for limit in range(1, 60):
        kept = fit(text, limit, units).removesuffix("…")
        assert kept == cluster * (len(kept) // len(cluster))


def test_a_link_is_kept_whole_or_left_out() -> None:
    text = f"Xem tại {LINK} hoặc gọi 1022"
    for limit in range(1, len(text)):
        kept = fit(text, limit)
        assert LINK in kept or "http" not in kept


def test_an_emoji_counts_twice_where_utf16_is_counted() -> None:
    assert length("a😀") == 2
    assert length("a😀", Units.UTF16) == 3
    assert fit("😀😀😀", 5, Units.UTF16) == "😀😀…"


def test_marks_that_stand_alone_are_counted_as_composed() -> None:
    assert length("Huê\u0301") == 3
    assert fit("Huê\u0301", 3) == "Huế"


def test_a_cut_is_made_at_a_word_and_leaves_nothing_hanging() -> None:
    assert fit("Thông báo, tuyển dụng viên chức", 12) == "Thông báo…"
    assert fit("Thông báo - tuyển dụng", 13) == "Thông báo…"
    assert fit("Siêudàikhôngkhoảngtrắng", 6) == "Siêud…"


def test_blocks_of_html_are_lines_of_text() -> None:
    assert plain_lines("<p>Một &amp; hai</p><ul><li>Ba</li><li></li></ul>Bốn<br>Năm") == "Một & hai\nBa\nBốn\nNăm"
    assert plain_lines("") == ""
