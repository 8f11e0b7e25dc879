"""What contributors type becomes plain, safe HTML; whatever else they type stays text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.parse.html import clean, plain
from hub.rules.markup import Picture, to_html

PHOTOS = {
    1: Picture(url="https://hub.vn/files/a", alt="Lễ khai mạc", width=800, height=600),
    2: Picture(url="https://hub.vn/files/b", alt='Đoàn "diễu hành"', width=800, height=600),
}


@pytest.mark.parametrize(
    ("typed", "made"),
    [
        ("Một đoạn.\nvẫn đoạn ấy.\n\nĐoạn hai.", "<p>Một đoạn.<br>vẫn đoạn ấy.</p>\n<p>Đoạn hai.</p>"),
        ("## Kết quả\n### Chi tiết", "<h2>Kết quả</h2>\n<h3>Chi tiết</h3>"),
        ("- một\n- hai\n\n1. ba\n2) bốn", "<ul><li>một</li><li>hai</li></ul>\n<ol><li>ba</li><li>bốn</li></ol>"),
        ("> Tôi rất vui.", "<blockquote><p>Tôi rất vui.</p></blockquote>"),
        ("**Rất** *quan trọng*, 2*3*4", "<p><strong>Rất</strong> <em>quan trọng</em>, 2*3*4</p>"),
        ("<b>x</b> & <script>y</script>", "<p>&lt;b&gt;x&lt;/b&gt; &amp; &lt;script&gt;y&lt;/script&gt;</p>"),
        ("[xấu](javascript:alert(1))", "<p>[xấu](javascript:alert(1))</p>"),
        ("[xấu](javascript:x)", "<p>xấu</p>"),
        ("#thẻ không phải tiêu đề", "<p>#thẻ không phải tiêu đề</p>"),
    ],
)  # fmt: skip
def test_a_few_signs_are_understood(typed: str, made: str) -> None:
    assert to_html(typed, {}) == made


def test_a_link_leads_to_web_addresses_only() -> None:
    made = to_html("Xem [cổng tỉnh](https://tinh.gov.vn/a?b=1&c=2).", {})
    assert 'href="https://tinh.gov.vn/a?b=1&amp;c=2"' in made
    assert plain(made) == "Xem cổng tỉnh."


def test_photos_stand_where_they_are_named_and_the_rest_at_the_end() -> None:
    made = to_html("Mở đầu.\n[Ảnh 2]\nKết.\n[ảnh 2]\n[ảnh 9]", PHOTOS)
    assert made.index("files/b") < made.index("Kết.") < made.index("files/a")
    assert made.count("<img") == 2
    assert 'alt="Đoàn &quot;diễu hành&quot;"' in made
    assert "<figcaption>Lễ khai mạc</figcaption>" in made


@given(st.text(alphabet=st.sampled_from("ab *#>-[]()1.\n<&\"'/:ảnh "), max_size=200))
def test_whatever_is_typed_comes_out_clean(typed: str) -> None:
    made = to_html(typed, PHOTOS)
    assert clean(made) == made
    assert made.count("<img") == 2
    assert "<script" not in made
