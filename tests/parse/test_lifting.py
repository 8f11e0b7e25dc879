"""Long texts taken out before the parse: the tree says the same as without, and what is doubtful stays in place."""

from datetime import UTC, datetime
from html import escape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from connectors.parse import xml
from connectors.parse.feeds.reader import read_feed
from connectors.parse.lifting import lift

NOW = datetime(2026, 11, 20, tzinfo=UTC)
LONG = "<p>Ủy ban nhân dân xã họp phiên thường kỳ; phát triển kinh tế – xã hội 🌾.</p>\n" * 12
CDATA = f"<![CDATA[{LONG}]]>"
ESCAPED = escape(LONG, quote=False)
#: As lift() leaves a document alone that holds this character, it stands for "without lifting" here.
DELETE = "\x7f"


def tree(data: bytes, texts: dict[str, str]) -> list[tuple[Any, ...]]:
    """Everything that a document says, in order."""
    said = []
    for one in xml.parse(data).iter(etree.Element):
        text = (one.text or "").strip()
        said.append((one.tag, dict(one.attrib), texts.get(text, text), (one.tail or "").strip()))
    return said


def outcome(data: bytes, texts: dict[str, str]) -> Any:
    try:
        return tree(data, texts)
    except xml.NotWellFormedError:
        return "not well-formed"


pieces = st.sampled_from(
    [
        "<description>", "</description>", "<content type='html'>", "</content>", "<content:encoded>", "<b>", "</b>",
        "</content:encoded>", "<summary/>", "<description at='>'>", "<!--", "-->", "<?x", "?>", "<![CDATA[", "]]>",
        CDATA, CDATA, ESCAPED, ESCAPED, LONG, "&nbsp;", "&#127;0", "&#x7F;1", "&amp;", "\r\n", "\r", "\x0b", "\ufffe",
        "\ufdd0", "\x85", " ", "ngắn", "]", "]]", ">", "\n\t",
    ]
)  # fmt: skip
documents = st.lists(pieces, max_size=12).map(
    lambda parts: f'<rss xmlns:content="urn:c"><item>{"".join(parts)}</item></rss>'.encode()
)
elements = st.lists(
    st.tuples(
        st.sampled_from(["description", "content:encoded", "summary", "title", "x"]),
        st.sampled_from(["", " ", "\n"]),
        st.sampled_from([CDATA, ESCAPED, "ngắn", f"<b/>{ESCAPED}", f"{ESCAPED}<b/>", CDATA + CDATA, f"<!-- -->{CDATA}",
                         f"<x><description>{CDATA}</description></x>", f"{CDATA} đuôi", f"đầu {ESCAPED}&#13;"]),
    ).map(lambda one: f"<{one[0]}>{one[1]}{one[2]}{one[1]}</{one[0]}>"),
    min_size=1, max_size=5,
).map(lambda parts: f'<rss xmlns:content="urn:c"><item>{"".join(parts)}</item></rss>'.encode())  # fmt: skip


@given(documents | elements)
def test_a_document_says_the_same_with_its_texts_lifted(data: bytes) -> None:
    lifted = lift(data)
    assert outcome(lifted.data, lifted.texts) == outcome(data, {})


@pytest.mark.parametrize(
    "inside",
    [
        f"<description>{CDATA}</description>",
        f"<content:encoded>\n {CDATA} \n</content:encoded>",
        f"<description at='1'>{CDATA}</description>",
        f"<description>{CDATA}</description>".replace("\n", "\r\n"),
        f"<description>{CDATA}</description>".replace("\n", "\r"),
        f"<description>{ESCAPED}</description>".replace("\n", "\r\n"),
        f'<content type="html">\n{ESCAPED}\n</content>',
        f"<summary>{'Nước sạch về bản. ' * 30}</summary>",
    ],
)
def test_the_text_of_an_article_is_lifted(inside: str) -> None:
    lifted = lift(f'<item xmlns:content="urn:c">{inside}</item>'.encode())
    whole = etree.fromstring(f'<item xmlns:content="urn:c">{inside}</item>')
    assert list(lifted.texts.values()) == [(whole[0].text or "").strip()]
    assert len(lifted.data) < 100


@pytest.mark.parametrize(
    "inside",
    [
        f"<title>{CDATA}</title>",
        f"<description>a{CDATA}</description>",
        f"<description>{CDATA}a</description>",
        f"<description>{CDATA}{CDATA}</description>",
        f"<description><!-- -->{CDATA}</description>",
        f"<description><b/>{CDATA}</description>",
        f"<description><b/>{ESCAPED}</description>",
        f"<description>{ESCAPED}<b/></description>",
        f"<description>{ESCAPED}&nbsp;</description>",
        f"<description>{ESCAPED}\x0b</description>",
        f"<description>{CDATA.replace('họp', chr(11))}</description>",
        f"<description>{CDATA.replace('họp', chr(0xFFFF))}</description>",
        f"<!-- <description>{CDATA}</description> -->",
        f"<?x <description>{ESCAPED}</description> ?>",
        f"<?x <description ?>{CDATA}",
        f"<x><![CDATA[<description>]]>{ESCAPED}</x>",
        f"<x><![CDATA[<description>{ESCAPED}</description>]]></x>",
        f"<description>{CDATA}</description>{DELETE}",
        f"<description>{CDATA}</description><title>&#127;0</title>",
        f"<description>{CDATA}</description><title>&#x007F;0</title>",
    ],
)
def test_what_is_doubtful_stays_in_place(inside: str) -> None:
    data = f"<item>{inside}</item>".encode()
    lifted = lift(data)
    assert lifted.data == data
    assert not lifted.texts


def test_bytes_that_are_no_text_stay_in_place() -> None:
    data = f"<item><description>{CDATA}</description></item>".encode().replace(b"x", b"\xff")
    assert lift(data).data == data


def test_a_section_that_has_to_stay_keeps_no_other() -> None:
    lifted = lift(f"<item><x>{CDATA}</x><description>{CDATA}</description></item>".encode())
    assert list(lifted.texts.values()) == [LONG.strip()]
    assert LONG.encode() in lifted.data


RSS = (
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com'
    '/mrss/" xmlns:xhtml="http://www.w3.org/1999/xhtml" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
    "<title>Tin</title>%s</channel></rss>"
)
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>Tin</title>%s</feed>'


@pytest.mark.parametrize(
    ("feed", "record"),
    [
        (RSS, f"<item><description>{CDATA}</description><content:encoded>{CDATA}</content:encoded></item>"),
        (RSS, f"<item><description><![CDATA[{' ' * 500}]]></description><summary>kurz</summary></item>"),
        (RSS, f"<item><description> </description><summary>{CDATA}</summary><title>t</title></item>"),
        (RSS, f"<item><description>{CDATA}</description><description>{CDATA}2</description></item>"),
        (RSS, f"<item><description>{CDATA}</description><summary></summary></item>"),
        (RSS, f"<item><media:group><media:description>{CDATA}</media:description></media:group></item>"),
        (RSS, f"<item><atom:content type='text'>{CDATA}</atom:content></item>"),
        (RSS, f"<description>{CDATA}</description><item><title>t</title></item>"),
        (RSS, f"<image><description>{CDATA}</description></image><item><title>t</title></item>"),
        (RSS, f"<item><author><description>{CDATA}</description></author></item>"),
        (RSS, f"<item><guid><summary>{ESCAPED}</summary></guid></item>"),
        (RSS, f"<item><description><details><summary>{CDATA}</summary></details></description></item>"),
        (ATOM, f"<entry><content type='html'>{ESCAPED}</content><summary>{ESCAPED}</summary></entry>"),
        (ATOM, f"<entry><content type='text/plain'>{ESCAPED}</content></entry>"),
        (ATOM, f"<entry><content type='image/svg+xml'>{CDATA}</content></entry>"),
        (ATOM, f"<entry><content type='image/png'>{'QUFB' * 200}</content></entry>"),
        (ATOM, f"<entry><content type='xhtml'><div><summary>{ESCAPED}</summary></div></content></entry>"),
        (ATOM, f"<entry><title type='xhtml'><div><summary>{ESCAPED}</summary></div></title></entry>"),
    ],
)
def test_a_feed_is_read_as_if_nothing_had_been_lifted(feed: str, record: str) -> None:
    whole = read_feed((feed % record).encode(), url="https://a.vn/", now=NOW)
    left = read_feed((feed % (record + f"<!--{DELETE}-->")).encode(), url="https://a.vn/", now=NOW)
    assert lift((feed % record).encode()).texts
    assert not lift((feed % (record + f"<!--{DELETE}-->")).encode()).texts
    assert whole.reader == "fast"
    assert (whole.info, whole.split) == (left.info, left.split)
    assert DELETE not in repr(whole)
