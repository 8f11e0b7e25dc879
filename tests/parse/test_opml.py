"""OPML as programs write it: folders, odd attributes, broken markup; what is no list is refused by name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import RejectedError
from connectors.parse.feeds.opml import OPML_LIMIT, Outline, read_opml


def opml(body: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><opml version="2.0"><head/><body>{body}</body></opml>'.encode()


def test_feeds_come_in_their_order_out_of_all_folders() -> None:
    body = opml(
        '<outline text="Sở ngành"><outline text=" Sở  Y tế " type="rss" xmlUrl=" https://soyte.gov.vn/rss "'
        ' htmlUrl="https://soyte.gov.vn/"/><outline text="Sâu"><outline title="Sở Xây dựng" xmlUrl="http://sxd.gov.vn/r"'
        "/></outline></outline><outline text='Ghi chú'/>"
    )
    assert read_opml(body) == [
        Outline("Sở Y tế", "https://soyte.gov.vn/rss"),
        Outline("Sở Xây dựng", "http://sxd.gov.vn/r"),
    ]


def test_each_feed_comes_once_and_text_counts_more_than_title() -> None:
    body = opml('<outline text="A" title="B" xmlUrl="http://a.vn/"/><outline text="C" xmlUrl="http://a.vn/"/>')
    assert [one.title for one in read_opml(body)] == ["A"]


def test_odd_attribute_names_are_understood_and_links_to_pages_and_lists_are_no_feeds() -> None:
    body = opml(
        '<outline text="A" XMLURL="/rss" HTMLURL="/"/><outline type="rss" text="B" url="http://b.vn/r"/>'
        '<outline type="link" url="http://c.vn/"/><outline type="include" url="http://d.vn/l.opml"/>'
        '<outline text="E" xmlUrl="javascript:1"/><outline text="F" xmlUrl=""/>'
    )
    assert read_opml(body, url="https://a.vn/list.opml") == [
        Outline("A", "https://a.vn/rss"), Outline("B", "http://b.vn/r"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        b'<opml><body><outline text="A & B &nbsp; C" xmlUrl="http://a.vn/?x=1&y=2"/></body></opml>',
        b'<opml><body><outline text="A" xmlUrl="http://a.vn/?x=1&amp;y=2"></body></opml>',
        b'<opml><body><x:outline text="A" xmlUrl="http://a.vn/?x=1&amp;y=2"/></x:body></opml>',
        b'<OPML><BODY><OUTLINE text="A" xmlUrl="http://a.vn/?x=1&amp;y=2"/></BODY></OPML>',
        b'<opml><body><outline text="A" xmlUrl="http://a.vn/?x=1&amp;y=2"/><outl',
        b'<opml><outline text="B\xc3\xa1o "A" m\xe1\xbb\x9bi" xmlUrl="http://a.vn/?x=1&amp;y=2"/></opml>',
        b'\xff\xfe' + '<opml><outline xmlUrl="http://a.vn/?x=1&amp;y=2"/></opml>'.encode("utf-16-le"),
    ],
)  # fmt: skip
def test_what_is_broken_is_mended_as_far_as_it_goes(body: bytes) -> None:
    assert [one.feed_url for one in read_opml(body)] == ["http://a.vn/?x=1&y=2"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_opml"), (b"<rss/>", "not_opml"), (b"{}", "not_opml"), (b" " * (OPML_LIMIT + 1), "too_large"),
        (b"<!DOCTYPE opml [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><opml>&a;</opml>", "doctype"),
        (b"<opml>" + b"<outline>" * 300, "too_deep"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused_by_name(body: bytes, code: str) -> None:
    with pytest.raises(RejectedError) as caught:
        read_opml(body)
    assert caught.value.code == code


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_no_bytes_make_it_fail_in_another_way(body: bytes) -> None:
    named = True
    try:
        read_opml(b"<opml><outline xmlUrl='" + body)
    except RejectedError as refused:
        named = refused.code != "rejected"
    assert named
