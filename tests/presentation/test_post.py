"""The text of a post: the values of an item, and what is cut first when it does not fit."""

import html
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import RejectedError
from connectors.presentation.hashtags import HashtagRule, hashtags
from connectors.presentation.post import LEAST_TITLE, values_of, write
from connectors.presentation.template import NAMES, Template, template_of
from connectors.presentation.text import Units, length
from schemas.item import Kind
from tests.presentation.builders import published

LINK = "https://syt.example.vn/tin/12"
HOSTILE = [
    "<script>alert(1)</script>",
    "{{ link }}{% for %}",
    "\u202egpj.exe",
    "😀" * 40,
    "@[4:Ai đó]",
    "a\x00b\r\nc",
    "\ud83d",
    "",
]


def test_every_name_of_a_template_has_a_value() -> None:
    assert values_of(published(), link=LINK).keys() == NAMES.keys()


def test_a_document_gives_its_number_type_issuer_and_day() -> None:
    item = published(
        kind=Kind.DOCUMENT, title="Về việc tăng cường phòng, chống bão",
        details={"number": "12/CT-UBND", "document_type": {"code": "CT", "name": "Chỉ thị"}, "issued": "2026-03-01",
                 "issuer": {"code": "H57", "name": "UBND tỉnh"}},
    )  # fmt: skip
    shown = write(template_of(Kind.DOCUMENT, {}), values_of(item, link=LINK), 5_000).text
    assert shown.splitlines()[:3] == [
        "Chỉ thị số 12/CT-UBND ngày 01/03/2026 của UBND tỉnh", "", "Về việc tăng cường phòng, chống bão",
    ]  # fmt: skip
    assert shown.endswith(f"Đơn vị đăng tải: Sở Y tế\nXem toàn văn: {LINK}")


def test_a_procedure_gives_its_code_and_decision() -> None:
    details = {"code": "1.004194.000.00.00.H57", "decision": "45/QĐ-UBND"}
    shown = write(
        template_of(Kind.PROCEDURE, {}), values_of(published(kind=Kind.PROCEDURE, details=details), link=LINK), 5_000
    )
    assert "Mã thủ tục: 1.004194.000.00.00.H57\nCông bố tại Quyết định số 45/QĐ-UBND" in shown.text


@pytest.mark.parametrize(
    "details", [{"number": 5}, {"issuer": "x"}, {"issued": "mai"}, {"document_type": []}, {"code": None}]
)
def test_details_of_another_shape_are_empty(details: dict[str, Any]) -> None:
    values = values_of(published(details=details), link=LINK)
    assert not any(values[name] for name in ("number", "issuer", "issued", "document_type", "code"))


def test_the_day_is_that_of_vietnam() -> None:
    late = published(published=datetime(2026, 3, 2, 20, tzinfo=UTC))
    assert values_of(late, link=LINK)["published"] == "03/03/2026"


def test_an_item_without_a_summary_begins_with_its_text_and_one_without_a_name_has_its_code() -> None:
    values = values_of(published(content_html="<p>" + "Nội dung " * 100 + "</p>", member_name=""), link=LINK)
    assert values["summary"].startswith("Nội dung Nội dung")
    assert len(values["summary"]) <= 300
    assert values["agency"] == "H57.12"


def test_content_of_html_templates_is_cleaned_again() -> None:
    values = values_of(published(content_html='<p onclick="x()">A</p><script>b</script>'), link=LINK, html=True)
    assert Template("{{ content }}", html=True).render(values) == "<p>A</p>"


def test_the_summary_is_cut_before_hashtags_and_the_title_last() -> None:
    item = published(summary="Tóm tắt dài. " * 60, title="Tiêu đề khá dài của bài viết " * 5)
    values = values_of(item, link=LINK, hashtags=("#YTế", "#TiêmChủng"))
    template = template_of(Kind.NEWS, {})
    whole = length(template.render(values))
    assert write(template, values, whole).cut == ()
    assert write(template, values, whole - 1).cut == ("summary",)
    assert write(template, values, 215).cut == ("summary", "hashtags")
    short = write(template, values, 120)
    assert short.cut == ("summary", "hashtags", "title")
    assert "Sở Y tế" in short.text
    assert LINK in short.text
    assert "Tiêu đề khá dài" in short.text


def test_a_post_for_which_even_the_title_leaves_no_room_is_refused() -> None:
    with pytest.raises(RejectedError) as caught:
        write(template_of(Kind.NEWS, {}), values_of(published(), link=LINK), LEAST_TITLE + 20)
    assert caught.value.code == "post_too_long"
    assert caught.value.sentence


fields = st.sampled_from(HOSTILE) | st.text(max_size=400)


@given(fields, fields, fields, st.lists(fields, max_size=3), st.integers(150, 900), st.sampled_from(Units))
def test_agency_and_link_survive_whatever_the_item_says(
    title: str, summary: str, content: str, tags: list[str], limit: int, units: Units
) -> None:
    item = published(title=title or "-", summary=summary, content_html=f"<p>{html.escape(content)}</p>", tags=tags)
    values = values_of(item, link=LINK, hashtags=hashtags(item, HashtagRule()))
    for kind in Kind:
        text = write(template_of(kind, {}), values, limit, units).text
        assert length(text, units) <= limit
        assert "Sở Y tế" in text
        assert LINK in text
        assert "\x00" not in text
        assert "\u202e" not in text
