"""Hashtags: words of tags joined, as platforms link them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.presentation.hashtags import HASHTAG_LIMIT, HashtagRule, hashtags
from schemas.item import Kind
from tests.presentation.builders import published


@pytest.mark.parametrize(
    ("tags", "made"),
    [
        (["y tế"], ["#YTế"]),
        (["Cải cách hành chính", "cải  cách - hành chính", "CẢI CÁCH HÀNH CHÍNH"], ["#CảiCáchHànhChính"]),
        (["UBND tỉnh"], ["#UBNDTỉnh"]),
        (["2026", "19/5", "½"], []),
        (["Đề án 06"], ["#ĐềÁn06"]),
        (["#covid_19"], ["#Covid19"]),
        (["", "  ", "🎉🎉", "---"], []),
        (["Nghị quyết về một số nhiệm vụ và giải pháp trọng tâm của năm"], []),
        (["a", "b", "c", "d"], ["#A", "#B", "#C"]),
        (["<b>tin</b>"], ["#BTinB"]),
    ],
)
def test_tags_become_hashtags(tags: list[str], made: list[str]) -> None:
    assert list(hashtags(published(tags=tags), HashtagRule())) == made


def test_marks_may_be_left_out() -> None:
    assert hashtags(published(tags=["Đường bộ", "y tế"]), HashtagRule(marks=False)) == ("#DuongBo", "#YTe")


def test_what_every_post_has_comes_first_then_its_kind_then_its_tags() -> None:
    rule = HashtagRule(
        always=("Thành phố Huế",), by_kind={Kind.NEWS: ("tin tức",), Kind.NOTICE: ("thông báo",)}, most=9
    )
    assert hashtags(published(tags=["y tế", "tin tức"]), rule) == ("#ThànhPhốHuế", "#TinTức", "#YTế")
    assert hashtags(published(tags=["y tế"]), rule.model_copy(update={"from_tags": False})) == (
        "#ThànhPhốHuế",
        "#TinTức",
    )
    assert hashtags(published(tags=["y tế"]), rule.model_copy(update={"most": 0})) == ()


def test_a_rule_is_checked() -> None:
    with pytest.raises(ValidationError):
        HashtagRule.model_validate({"most": -1})
    with pytest.raises(ValidationError):
        HashtagRule.model_validate({"by_kind": {"tin": ["x"]}})


@given(st.lists(st.text(max_size=60), max_size=8), st.booleans())
def test_whatever_a_tag_holds_a_hashtag_is_one_short_word(tags: list[str], marks: bool) -> None:
    made = hashtags(published(tags=tags), HashtagRule(marks=marks, most=30))
    assert len(made) == len(set(made))
    for one in made:
        assert re.fullmatch(r"#[^\W_]+", one)
        assert not one[1:].isnumeric()
        assert len(one) <= HASHTAG_LIMIT
