"""What a sloppy XML document is mended to, and what in it is left alone."""

from datetime import UTC, datetime

import feedparser
import pytest

from connectors.errors import RejectedError
from connectors.parse.feeds.reader import read_feed
from connectors.parse.xml import DEPTH_LIMIT, check_for_tolerant_parser, mend


@pytest.mark.parametrize(
    ("sloppy", "mended"),
    [
        ("<a>Tin & bài &amp; &lt; &#7843; &#xEA3;</a>", "<a>Tin &amp; bài &amp; &lt; &#7843; &#xEA3;</a>"),
        ("<a>&nbsp;&xyz;&#11;&#xFFFF;&amp</a>", "<a>&#160;&amp;xyz;&amp;amp</a>"),
        ("<a><![CDATA[a & b &nbsp;]]>&<!-- & -->&</a>", "<a><![CDATA[a & b &nbsp;]]>&amp;<!-- & -->&amp;</a>"),
        ("<a>&<![CDATA[ & never ends", "<a>&amp;<![CDATA[ & never ends"),
        ("<a>]]> & <!-- & never ends", "<a>]]> &amp; <!-- & never ends"),
        ("<a>\x01b\x0b<![CDATA[\x1f]]>\ufffe\uffff\ud7ff\n</a>", "<a>b<![CDATA[]]>\ud7ff\n</a>"),
        ("<a><dc:b o:c='1'/></a>", '<a xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:o="urn:undeclared:o">'
         "<dc:b o:c='1'/></a>"),
        ("<a xmlns:dc='urn:d'><dc:b xml:lang='vi'/></a>", "<a xmlns:dc='urn:d'><dc:b xml:lang='vi'/></a>"),
        ("<a>lúc 8:30 x:y<![CDATA[<o:p at:b='1'>]]><!-- <q:r> --></a>", None),
    ],
)  # fmt: skip
def test_what_is_sloppy_is_mended_and_the_rest_left(sloppy: str, mended: str | None) -> None:
    assert mend(sloppy.encode()).decode() == (sloppy if mended is None else mended)
    assert mend(mend(sloppy.encode())) == mend(sloppy.encode())


def test_a_text_of_the_document_stands_for_its_own_reference() -> None:
    assert mend(b"<a>&tin; &amp;</a>", {b"tin": b"Tin", b"amp": b"no"}) == b"<a>Tin &amp;</a>"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("<a><!ENTITY b 'c'></a>", "doctype"),
        ("<a><!doctype b></a>", "doctype"),
        ("<a><![CDATA[<!ENTITY b 'c'>]]><!-- <!ENTITY> --></a>", None),
        ("<a><![cdata[<!ENTITY b 'c'>]]></a>", None),
        ("<a>" + "<b>" * DEPTH_LIMIT, "too_deep"),
        ("<a>" + "<b></b><br>" * DEPTH_LIMIT, None),
        ("<a><![CDATA[" + "<b>" * DEPTH_LIMIT + "]]>", None),
    ],
)
def test_a_tolerant_parser_sees_no_declaration_and_nothing_too_deep(document: str, code: str | None) -> None:
    if code is None:
        check_for_tolerant_parser(document.encode())
        return
    with pytest.raises(RejectedError) as caught:
        check_for_tolerant_parser(document.encode())
    assert caught.value.code == code


SIGNS = "1 &lt; 2 &amp;amp; &quot;3&quot; &gt; &apos;2&apos; &#60;b>"


def test_an_element_closed_under_a_wrong_name_costs_no_sign_of_any_text_or_address() -> None:
    items = "".join(
        f"<item><title>Tin {n}: {SIGNS}</title><guid>{n}</guid><link>https://soyte.tinhmau.gov.vn/?n={n}&amp;t=1</link>"
        f"<description>&lt;p&gt;{SIGNS}&lt;/p&gt; <![CDATA[<i>&lt;</i>]]></description>"
        f"<enclosure url='https://soyte.tinhmau.gov.vn/a.pdf?n={n}&amp;t=1' type='application/pdf' length='1'/></item>"
        for n in range(3)
    )
    sound = f'<rss version="2.0"><channel><title>Tin</title>{items}</channel></rss>'.encode()
    sick = sound.replace(b"&#60;b></title><guid>1<", b"&#60;b></link><guid>1<")
    assert sick != sound

    def said(body: bytes) -> list[object]:
        feed = read_feed(body, url="https://soyte.tinhmau.gov.vn/rss", now=datetime(2026, 11, 20, tzinfo=UTC))
        assert feed.reader == "fast"
        return [record.fields for record in feed.split.records]

    assert said(sick) == said(sound)
    # The neighbours of the sick one are those of feedparser; the sick one itself is lost to it.
    by_other = [entry.get("title") for entry in feedparser.parse(sick, sanitize_html=False).entries]
    by_us = [record["title"].value for record in said(sick)]  # type: ignore[index]
    assert [by_other[0], by_other[2]] == [by_us[0], by_us[2]]
