"""The key of a story: the same for members who publish it, another for another story."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.presentation.story import KEY_LIMIT, story_key
from tests.presentation.builders import published


@pytest.mark.parametrize(
    "title",
    [
        "LỊCH TIÊM CHỦNG THÁNG BA TẠI CÁC TRẠM Y TẾ",
        "Lịch tiêm chủng tháng ba, tại các trạm y tế.",
        "«Lịch tiêm chủng» tháng ba – tại các trạm y tế",
        "Lich tiem chung thang ba tai cac tram y te",
        "Li\u0323ch tiêm chủng  tháng ba tại các trạm y tế 💉",
    ],
)
def test_minor_edits_of_a_title_change_nothing(title: str) -> None:
    assert (
        story_key(published(title=title))
        == story_key(published())
        == "2026-03-02 lich tiem chung thang ba tai cac tram y te"
    )


def test_another_day_another_word_or_another_number_is_another_story() -> None:
    keys = {
        story_key(published()),
        story_key(published(published=datetime(2026, 3, 3, 1, tzinfo=UTC))),
        story_key(published(title="Lịch tiêm chủng tháng tư tại các trạm y tế")),
        story_key(published(title="Kết quả bốc thăm đợt 1 năm 2026")),
        story_key(published(title="Kết quả bốc thăm đợt 2 năm 2026")),
    }
    assert len(keys) == 5


def test_the_day_is_that_of_vietnam() -> None:
    assert story_key(published(published=datetime(2026, 3, 1, 23, tzinfo=UTC))) == story_key(published())


@pytest.mark.parametrize("title", ["Thông báo", "🎉🎉🎉 🎉 🎉 🎉", "a b c d e", "12 34 56 78 90", "…", "Tin mới nhất"])
def test_a_title_that_says_too_little_has_no_key(title: str) -> None:
    assert story_key(published(title=title)) == ""


def test_an_item_without_a_day_has_no_key() -> None:
    assert story_key(published(published=None)) == ""


def test_long_titles_that_begin_alike_are_told_apart() -> None:
    one, other = (story_key(published(title="Quyết định phê duyệt danh mục " * 12 + end)) for end in ("A", "B"))
    assert one != other
    assert len(one) <= KEY_LIMIT


@given(st.text(min_size=1, max_size=400))
def test_a_key_is_short_and_on_one_line_whatever_the_title(title: str) -> None:
    key = story_key(published(title=title))
    assert len(key) <= KEY_LIMIT
    assert "\n" not in key
