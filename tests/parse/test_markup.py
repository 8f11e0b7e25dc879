"""Tags and references are taken out of a text in one pass: the same as by the expressions that say what they are."""

import html
import re

from hypothesis import example, given
from hypothesis import strategies as st

from connectors.parse.levels import IN_BYTES, LEVEL_NAMES, levels_in
from connectors.parse.markup import Tags, unescape
from hub.rules.screen.canonical import SHOWN_ATTRIBUTES, attribute_texts

INLINE = re.compile(r"</?(?:a|b|i|s|span|kbd|o:p)(?=[\s/>])[^<>]*+>", re.IGNORECASE)
PIECES = st.sampled_from(
    ["<", ">", "/", "!", "?", "=", '"', "'", " ", "\n", "&", ";", "<b>", "</b>", "<p>", "<s x='1'>", "<ſ>", "<Ka>",
     "<\u212abd>", "<br/>", "![CDATA[", "]]>", "--", "a", "ậ", "o:p", "alt", "TITLE", "tıtle", "aria-label", "value",
     "content ", "x-alt", "&lt;", "&amp;", "&amp;lt;", "&quot;", "&#39;", "&#x6d;", "&copy", "&nbsp;"]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=30).map("".join)


@given(TEXTS)
def test_tags_go_as_two_expressions_would_take_them(text: str) -> None:
    assert Tags(INLINE, "\n").out_of(text) == Tags.TAG.sub("\n", INLINE.sub("", text))


@given(TEXTS)
@example("&amp;lt; &lt;")
def test_references_are_read_as_the_standard_library_reads_them(text: str) -> None:
    assert unescape(text) == html.unescape(text)


@given(TEXTS)
def test_what_attributes_say_is_what_their_expression_finds(text: str) -> None:
    assert attribute_texts(text) == [one[0] or one[1] or one[2] for one in SHOWN_ATTRIBUTES.findall(text)]


NAMES = st.sampled_from(
    [*sorted(LEVEL_NAMES), "muc_do_bao_mat", "Cap-Do-Mat", "securityClassification", "format", "sec"]
)
BYTES = st.sampled_from(["<", ">", '"', "'", "/", ":", "{", "}", ",", " ", "<![CDATA[", "</", "Mật", "x", "_", "-"])


@given(st.lists(NAMES | BYTES, max_size=30).map(lambda pieces: "".join(pieces).encode()))
def test_levels_are_found_as_their_expression_finds_them(body: bytes) -> None:
    found = [(one[1].decode(), one[2].decode("utf-8", "replace").strip()) for one in IN_BYTES.finditer(body)]
    assert list(levels_in(body)) == found
