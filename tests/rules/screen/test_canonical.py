"""The canonical form: every disguise comes off, and nothing else changes the words."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.screen.canonical import (
    attribute_texts,
    canonical,
    joined,
    letters,
    without_accents,
)

WORD = "MẬT"


@pytest.mark.parametrize(
    ("html", "blocks"),
    [
        ("<p>TỐI <b>M</b>ẬT</p>", ["TỐI MẬT"]),
        ("<p>TỐI</p><p>MẬT</p>", ["TỐI", "MẬT"]),
        ("<td>Độ mật</td><td>Mật</td>", ["Độ mật", "Mật"]),
        ("<dl><dt>Độ mật</dt><dd>Mật</dd></dl>", ["Độ mật", "Mật"]),
        ("<p>TỐI\n   MẬT</p>", ["TỐI MẬT"]),
        ("Số 1<br/>MẬT<br>Nơi nhận", ["Số 1", "MẬT", "Nơi nhận"]),
        ("<p>M<!-- gì đó -->ẬT</p>", ["MẬT"]),
        ("<a><![CDATA[MẬT]]></a><b><![cdata[<p>TỐI</p> MẬT]]></b>", ["MẬT", "TỐI", "MẬT"]),
        ("<a>M<![CDATA[Ậ]]>T 1 > 0</a>", ["MẬT 1 > 0"]),
        ("<a>&lt;![CDATA[MẬT]]&gt;</a>", ["MẬT"]),
        ("<p>Có <![if !vml]>ảnh<![endif]></p>", ["Có", "ảnh"]),
        ("<p><!-- MẬT --></p>", []),
        ("<p>a <!-- không đóng MẬT", ["a không đóng MẬT"]),
        ("<p>M&#7852;T</p>", ["MẬT"]),
        ("<p>M&amp;#7852;T</p>", ["MẬT"]),
        ("&lt;p&gt;M&lt;b&gt;Ậ&lt;/b&gt;T&lt;/p&gt;", ["MẬT"]),
        ("<img src='a.png' alt='MẬT'>", ["MẬT"]),
        ('<a href="https://a.vn/mat" title="Tối mật">Xem</a>', ["Xem", "Tối mật"]),
        ('<img alt="a > MẬT">', ['MẬT">']),
        ("<p hidden>MẬT</p><div style='display:none'>Tối mật</div>", ["MẬT", "Tối mật"]),
    ],
)
def test_markup_becomes_blocks_and_a_tag_inside_a_word_does_not_split_it(html: str, blocks: list[str]) -> None:
    found = [" ".join(line.split()) for line in canonical(html, markup=True).split("\n")]
    assert [block for block in found if block] == blocks


@pytest.mark.parametrize(
    "text",
    [
        "MA\u0302\u0323T",
        "MA\u0323\u0302T",
        "M\u00c2\u0323T",
        "M\u1ea0\u0302T",
        "M\u00adẬ\u200bT\u2060",
        "\ufeffMẬT",
        "M\u034fẬT",
        "МẬТ",
        "ΜẬΤ",
        "ＭＡ\u0323\u0302Ｔ",
        "\U0001d40c\U0001d400\u0323\u0302\U0001d413",
        "M\u0336Ậ\u0336T\u0336",
        "MA\u0332\u0323\u0302T",
        "ⓂＡ\u0302\u0323Ⓣ",
        "M\u200dẬ\ufe0fT",
        "M\u202eẬ\u202cT",
        "\U0001f17cẬ\U0001f183",
        "M\U000e0041ẬT",
    ],
)
def test_a_disguised_word_is_the_word(text: str) -> None:
    assert canonical(text).split("\n")[0].strip() == WORD


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("HᾺNH", "HÀNH"),
        ("CΌ", "CÓ"),
        ("SΌ", "SÓ"),
        ("ПЀ", "ПÈ"),
        ("ṆỘĨ ḄỘ", "NỘĨ BỘ"),
        ("ʟưᴜ ʜàɴʜ", "lưu hành"),
        ("ӐN", "ĂN"),
    ],
)
def test_a_letter_with_its_tone_comes_out_of_another_script_as_one(text: str, word: str) -> None:
    assert canonical(text) == word


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("TuyÖt mËt", "Tuyệt mật"),
        ("MËT", "MậT"),
        ("– Tèi mËt –", "– Tối mật –"),
        ("« mËt »", "mật"),
        ("TOÁI MAÄT", "TỐI MẬT"),
        ("Ñoä maät: Maät", "Độ mật: Mật"),
        ("L\u00adu hµnh néi bé", "Lưu hành nội bộ"),
        ("Độ mật: mËt", "Độ mật: mật"),
    ],
)
def test_a_line_in_an_old_font_follows_in_unicode(text: str, read: str) -> None:
    assert read in canonical(text).split("\n")


@pytest.mark.parametrize(
    "text", ["Đặng Thuỳ Trâm – 50 m²", "Mắt, mặt, mất và mát", "Đ/c: 12 “Lê Lợi”", "Hoà Bình/Hòa Bình"]
)
def test_ordinary_text_keeps_its_words(text: str) -> None:
    assert letters(canonical(text)) == letters(unicodedata.normalize("NFKC", text))


def test_letters_and_spaced_out_words() -> None:
    assert letters("*** [TỐI  MẬT] – 10 ***") == "TỐIMẬT"
    assert joined("t ố i m ậ t là gì") == "tốimật là gì"
    assert joined("ông A và bà B") == "ông A và bà B"
    assert without_accents("Tuyệt mật, Độ") == "tuyet mat, do"


@given(st.text())
def test_any_text_has_a_canonical_form_that_is_its_own(text: str) -> None:
    for markup in (True, False, None):
        canonical(text, markup=markup)
    plain = letters(canonical(text, markup=False))
    assert unicodedata.is_normalized("NFC", plain)


@given(
    st.lists(
        st.sampled_from(["\u00ad", "\u200b", "\u2060", "\ufeff", "\u0336", "<b>", "</b>", "<i>", "<!-- x -->", ""]),
        max_size=12,
    )
)
def test_what_nobody_sees_never_hides_a_word(hidden: list[str]) -> None:
    html = "".join(a + b for a, b in zip([*WORD, *[""] * 12], [*hidden, *[""] * 15], strict=False))
    assert letters(canonical(html, markup=True).split("\n")[0]) == WORD


@pytest.mark.parametrize(
    "name", ["alt", "TITLE", "abbr", "summary", "label", "aria-label", "placeholder", "value", "content"]
)
def test_every_attribute_that_is_shown_is_read(name: str) -> None:
    assert attribute_texts(f"<input type=text {name} = 'MẬT'") == attribute_texts(f"<input {name}=MẬT") == ["MẬT"]
    assert attribute_texts(f"<input type=text {name}='MAT'") == ["MAT"]


@pytest.mark.parametrize(
    "piece", ["<", "<a ", 'alt="', "m ", "&amp;", "Ë ", "М", "<!--", "&#0000", "a \u0323", "<a =", "\n", "content "]
)
def test_a_long_text_of_anything_takes_little_time(piece: str) -> None:
    hostile = piece * (300_000 // len(piece))
    began = time.process_time()
    letters(joined(canonical(hostile)))
    assert time.process_time() - began < 3  # 0.03 to 0.3 s; what grows with the square takes minutes
