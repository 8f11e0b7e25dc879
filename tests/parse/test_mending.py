"""What a sloppy XML document is mended to, and what in it is left alone."""

import pytest

from connectors.errors import RejectedError
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
